"""Grids of plans with known answers: what each plan comes to is a function of its levels."""

import itertools
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
from analysis_examples import Basis, Ledger, a_cost, a_scenario, a_study, a_team, some_outcomes

from simfs.analysis.plan_figures import CASH, CHANCE, STAFF, WAITING, Better, PlanFigure
from simfs.analysis.plan_outcomes import Planned, target_metrics, waiting_metrics
from simfs.analysis.plan_table import PlanTable
from simfs.scenario.plans import AS_PLANNED, Factor, Plans
from simfs.scenario.variable import Kind, Variable

DAYS = (366, 365)  # of the two financial years
A_POST = 50_000  # pounds a year


def factor(key="teams.safeguarding.posts", levels=(1, 2, 3), own=2, kind=Kind.POSTS, label=None):
    return Factor(Variable(key, label or key.split(".")[1], kind, own), tuple(levels))


def plans_over(factors, study=None):
    """All combinations of the levels of some factors."""
    combined = tuple(itertools.product(*(each.levels for each in factors)))
    return Plans(study or a_study(), tuple(factors), combined)


def a_planned(
    factors, fill, futures=40, claims=(), numbers=None, posts=None, others=(), needs=(), targets=()
):
    """A grid that was run: `fill(levels, key) -> int[N, year]`, levels None for the baseline.

    Args:
        factors: what is varied.
        fill: pence, children and days; nothing where it gives None.
        futures: of every plan.
        claims: of the study.
        numbers: which plans were run; all by default.
        posts: posts by levels, each of which costs `A_POST` a year; the first level by default.
        others: teams beside the one that is priced.
        needs: keys of needs.
        targets: of weeks.
    """
    price = a_cost("posts", Basis.POST_YEAR, ("safeguarding",), A_POST, Ledger.INVESTMENT)
    posts = posts or (lambda levels: levels[0])
    own = tuple(each.variable.value for each in factors)

    def scenario(arm, number):
        teams = (a_team(posts=((0, number),)), *others)
        return a_scenario(arm, costs=(price,), teams=teams, needs=needs)

    base = (scenario("before", 1), scenario("after", posts(own)))
    study = a_study(base, claims)
    plans = plans_over(factors, study)
    numbers = tuple(range(len(plans.levels))) if numbers is None else tuple(numbers)
    chosen = [plans.levels[number] for number in numbers]
    arms = [base[0], replace(base[1], arm=AS_PLANNED)]
    arms += [scenario(f"plan_{n + 1}", posts(plans.levels[n])) for n in numbers]
    levels = dict(zip((arm.arm for arm in arms), (None, own, *chosen), strict=True))

    def filled(arm, key):
        if key == "established.safeguarding_days":
            number = 1 if levels[arm] is None else posts(levels[arm])
            return np.tile(np.array(DAYS) * number, (futures, 1))
        return fill(levels[arm], key)

    outcomes = some_outcomes(replace(study, arms=tuple(arms)), futures, filled)
    held = (*waiting_metrics(study), *target_metrics(targets))
    nobody = np.zeros((futures, len(DAYS)), dtype=np.int64)
    told = [[filled(arm.arm, metric.key) for metric in held] for arm in arms]
    columns = np.array([[nobody if each is None else each for each in row] for row in told])
    yearly = np.concatenate([outcomes.yearly, np.moveaxis(columns, 1, -1)], axis=-1)
    outcomes = replace(outcomes, yearly=yearly, metrics=(*outcomes.metrics, *held))
    return Planned(plans, numbers, outcomes, tuple(targets))


def a_table(by_draw, factors=(), numbers=None):
    """A table of plans from what each draw has of them, {figure: float[draw, plan]}.

    The file's own plan is as the first plan; costs are given as any other figure.
    """
    number = next(iter(by_draw.values())).shape[1]
    factors = factors or (factor(levels=range(number), own=-1),)
    plans = plans_over(factors)
    arms = ("before", AS_PLANNED, *(f"plan_{n + 1}" for n in range(number)))
    numbers = tuple(range(number)) if numbers is None else numbers
    outcomes = SimpleNamespace(arms=arms, baseline="before")
    planned = SimpleNamespace(plans=plans, numbers=numbers, outcomes=outcomes, arms=arms[2:])
    figures = {
        CASH: PlanFigure(CASH, "Cash", "£", Better.MORE),
        CHANCE: PlanFigure(CHANCE, "Chance", "share", Better.MORE),
        STAFF: PlanFigure(STAFF, "Cost of posts", "£ a year", Better.LESS),
        WAITING: PlanFigure(WAITING, "Waiting", "children", Better.LESS),
    }
    wide = {
        key: np.concatenate([np.zeros((len(values), 1)), values[:, :1], values], axis=1)
        for key, values in by_draw.items()
    }
    return PlanTable(
        planned=planned,
        claim=None,
        figures=tuple(figures[key] for key in by_draw),
        by_draw=wide,
        bands={},
        verdicts={},
        true=np.array([]),
        claimed=np.array([]),
    )


def chances(seed):
    return np.random.Generator(np.random.Philox(key=seed))
