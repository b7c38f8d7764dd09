"""What is told of every plan of staffing: money, chances, waiting and workers, in one list.

Every figure is one sum over futures divided by another, such as days waited by cases allocated; a
mean is a sum divided by their number. Each is written as one number for every draw, whose mean is
the figure itself and whose spread is that of the figure (the delta method: with R = A ÷ B over all
draws, a draw counts R + (a − R b) ÷ the mean of b). So differences between plans, effects of what
was varied and slopes along a frontier are all means over draws, paired in the same futures.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import numpy as np
from numpy.typing import NDArray

from simfs.analysis.claims import comes_true
from simfs.analysis.intervals import draw_means
from simfs.analysis.measures import over
from simfs.analysis.outcomes import Outcomes
from simfs.analysis.plan_outcomes import Planned
from simfs.analysis.prices import PENCE_PER_POUND, price_table
from simfs.analysis.savings import is_priced, saving
from simfs.engine.tally import IntArray
from simfs.scenario.claims import Claim
from simfs.scenario.costs import Basis
from simfs.scenario.scenario import DAYS_PER_YEAR, Calendar
from simfs.scenario.workforce import Team, TeamKind

FloatArray = NDArray[np.float64]
Sums = tuple[FloatArray, FloatArray]  # of each future what is divided, and by what
Of = Callable[[str], Sums]  # of an arm

NET, CASH, CHANCE = "net_saving", "net_cashable_saving", "chance"
STAFF, STAFF_OF_RUN = "staff_cost", "staff_cost_of_run"
WAITING, DAYS, CHANGES, SPECIALIST = "unallocated", "days_to_allocation", "changes", "specialist"

POUNDS, POUNDS_A_YEAR, SHARE = "£", "£ a year", "share"
LEAST_FULL_YEAR = 365  # days


class Better(StrEnum):
    """Which way of a figure is wanted."""

    MORE = "more"
    LESS = "less"


@dataclass(frozen=True, slots=True)
class PlanFigure:
    """Something that is told of every plan.

    Attributes:
        key: identity, such as ``net_cashable_saving``.
        label: words for people.
        unit: "£", "£ a year", "share", "children", "days" or "changes a year".
        better: which way is wanted.
    """

    key: str
    label: str
    unit: str
    better: Better


def told_of(planned: Planned, claim: Claim | None) -> Iterator[tuple[PlanFigure, Of]]:
    """Every figure of a grid, in the order in which they are told, and what it is a ratio of.

    Args:
        planned: the plans.
        claim: whose chance is told, or None; left out where the run ends before its years.
    """
    outcomes = planned.outcomes
    if is_priced(outcomes.study):
        yield from _money(outcomes)
    if claim is not None and claim.last_year < len(outcomes.years):
        words = f"Chance that it comes true: {claim.words}"
        yield PlanFigure(CHANCE, words, SHARE, Better.MORE), partial(_chance, outcomes, claim)
    words = "Children without a worker, mean of all days"
    waiting = partial(_waiting, outcomes)
    yield PlanFigure(WAITING, words, "children", Better.LESS), waiting
    yield from _waiting_by_team(outcomes)
    yield from _of_teams(planned)
    yield from _of_needs(planned)
    for number, target in enumerate(planned.targets):
        words = f"Share of weeks that meet: {target.words}"
        figure = PlanFigure(f"target.{number}", words, SHARE, Better.MORE)
        yield figure, partial(_target, outcomes, number)


def values_by_draw(sums: Sums, draws: IntArray) -> FloatArray:
    """A ratio of sums as one number for every draw, whose mean is the ratio, float64[draw].

    All NaN where there is nothing to divide by in any future.
    """
    above, below = (draw_means(each, draws) for each in sums)
    mean = below.mean()
    ratio = float(over(above.mean(), mean))
    return np.asarray(ratio + (above - ratio * below) / (mean or 1.0))


def last_full_year(calendar: Calendar) -> int:
    """The last financial year that the run holds in full, or the last where it holds none."""
    days = [end - start for _, start, end in calendar.years]
    full = [year for year, length in enumerate(days) if length >= LEAST_FULL_YEAR]
    return full[-1] if full else len(days) - 1


def _money(outcomes: Outcomes) -> Iterator[tuple[PlanFigure, Of]]:
    for key, words in (
        (CASH, "Cashable saving less cost of the plan, over the run, before grant"),
        (NET, "Net saving, workers' time counted as money, over the run, before grant"),
    ):
        yield PlanFigure(key, words, POUNDS, Better.MORE), partial(_saving, outcomes, key)
    if any(cost.basis is Basis.POST_YEAR for a in outcomes.study.arms for cost in a.prices.costs):
        year = last_full_year(outcomes.study.arms[0].calendar)
        words = f"Extra cost of posts a year, every post filled, in {outcomes.years[year]}"
        found = PlanFigure(STAFF, words, POUNDS_A_YEAR, Better.LESS)
        yield found, partial(_staff, outcomes, slice(year, year + 1))
        words = "Extra cost of posts a year, every post filled, mean of the whole run"
        found = PlanFigure(STAFF_OF_RUN, words, POUNDS_A_YEAR, Better.LESS)
        yield found, partial(_staff, outcomes, slice(None))


def _waiting_by_team(outcomes: Outcomes) -> Iterator[tuple[PlanFigure, Of]]:
    """Who waits for which social-work team, if there are several."""
    teams = [t for t in outcomes.study.arms[0].teams if t.kind is TeamKind.SOCIAL_WORK]
    for team in teams if len(teams) > 1 else ():
        words = f"Children without a worker: {team.label}"
        found = PlanFigure(f"{WAITING}.{team.key}", words, "children", Better.LESS)
        yield found, partial(_waiting_for, outcomes, team.key)


def _of_teams(planned: Planned) -> Iterator[tuple[PlanFigure, Of]]:
    """Waits and changes of worker in all social-work teams together, then in those varied."""
    outcomes = planned.outcomes
    teams = [team for team in planned.plans.arm.teams if team.kind is TeamKind.SOCIAL_WORK]
    if not teams:
        return
    groups: list[tuple[str, str, Sequence[Team]]] = [("", "all social-work teams", teams)]
    if len(teams) > 1:
        groups += [(f".{t.key}", t.label, [t]) for t in teams if t.key in _varied_teams(planned)]
    for ending, label, group in groups:
        words = f"Days to allocation, of those allocated: {label}"
        found = PlanFigure(f"{DAYS}{ending}", words, "days", Better.LESS)
        yield found, partial(_days, outcomes, group)
        words = f"Changes of worker per case and year: {label}"
        found = PlanFigure(f"{CHANGES}{ending}", words, "changes a year", Better.LESS)
        yield found, partial(_changes, outcomes, group)


def _of_needs(planned: Planned) -> Iterator[tuple[PlanFigure, Of]]:
    """Days with a need on which a specialist was there: all needs, then those of varied teams."""
    outcomes = planned.outcomes
    needs = planned.plans.arm.demand.needs
    served = {t.serves for t in planned.plans.arm.teams if t.key in _varied_teams(planned)}
    if not any(team.serves for team in planned.plans.arm.teams):
        return
    groups: list[tuple[str, str, Sequence[str]]] = [("", "all needs", [n.key for n in needs])]
    if len(needs) > 1:
        groups += [(f".{need.key}", need.label, [need.key]) for need in needs if need.key in served]
    for ending, label, group in groups:
        words = f"Days with a need that have a specialist: {label}"
        found = PlanFigure(f"{SPECIALIST}{ending}", words, SHARE, Better.MORE)
        yield found, partial(_met, outcomes, group)


def _varied_teams(planned: Planned) -> set[str]:
    parts = [factor.key.split(".") for factor in planned.plans.factors]
    return {each[1] for each in parts if each[0] == "teams"}


def _mean(values: NDArray[np.generic]) -> Sums:
    found = values.astype(np.float64)
    return found, np.ones_like(found)


def _saving(outcomes: Outcomes, key: str, arm: str) -> Sums:
    return _mean(saving(outcomes, arm, f"{key}_pence").sum(axis=1) / PENCE_PER_POUND)


def _staff(outcomes: Outcomes, years: slice, arm: str) -> Sums:
    """Pounds a year by which an arm's posts cost more than the baseline's."""
    extra = post_pence(outcomes, arm) - post_pence(outcomes, outcomes.baseline)
    days = [end - start for _, start, end in outcomes.study.arms[0].calendar.years][years]
    # a financial year of 365 or 366 days is a year
    length = sum(1.0 if each >= LEAST_FULL_YEAR else each / DAYS_PER_YEAR for each in days)
    pounds = float(extra[years].sum()) / PENCE_PER_POUND / length
    return _mean(np.full(outcomes.futures, pounds))


def post_pence(outcomes: Outcomes, arm: str, of: Sequence[str] | None = None) -> FloatArray:
    """What an arm's establishment costs with every post filled, at central prices, float64[year].

    Args:
        outcomes: of the arms.
        arm: key of the arm.
        of: keys of the teams whose posts count; all by default.

    Neither what empty posts save nor workers who stay when their post has ended are in it: those
    are in the savings, future by future.
    """
    scenario = outcomes.study.arm(arm)
    found = np.zeros(len(outcomes.years))
    for line in price_table(scenario, {}).lines:
        if line.basis is Basis.POST_YEAR:
            for team in (scenario.teams[int(place)].key for place in line.cells):
                if of is None or team in of:
                    days = outcomes.of(arm, f"established.{team}_days")
                    found += days[0] * line.pence[:, 0]
    return found


def _chance(outcomes: Outcomes, claim: Claim, arm: str) -> Sums:
    return _mean(comes_true(outcomes, arm, claim))


def _waiting(outcomes: Outcomes, arm: str) -> Sums:
    days = outcomes.study.arms[0].calendar.days
    return _mean(outcomes.of(arm, "unallocated_child_days").sum(axis=1) / days)


def _waiting_for(outcomes: Outcomes, team: str, arm: str) -> Sums:
    weeks = outcomes.study.arms[0].calendar.weeks
    return _mean(outcomes.of(arm, f"waiting.{team}_weeks").sum(axis=1) / weeks)


def _days(outcomes: Outcomes, teams: Sequence[Team], arm: str) -> Sums:
    keys = [team.key for team in teams]
    return (
        _summed(outcomes, arm, "waited.{}_days", keys),
        _summed(outcomes, arm, "allocated.{}_cases", keys),
    )


def _changes(outcomes: Outcomes, teams: Sequence[Team], arm: str) -> Sums:
    keys = [team.key for team in teams]
    changes = _summed(outcomes, arm, "handovers.{}_cases", keys)
    return DAYS_PER_YEAR * changes, _summed(outcomes, arm, "cases.{}_days", keys)


def _met(outcomes: Outcomes, needs: Sequence[str], arm: str) -> Sums:
    return (
        _summed(outcomes, arm, "met.{}_days", needs),
        _summed(outcomes, arm, "wanted.{}_days", needs),
    )


def _target(outcomes: Outcomes, number: int, arm: str) -> Sums:
    return (
        _summed(outcomes, arm, "target.{}_weeks", [str(number)]),
        _summed(outcomes, arm, "counted.{}_weeks", [str(number)]),
    )


def _summed(outcomes: Outcomes, arm: str, key: str, names: Sequence[str]) -> FloatArray:
    """A yearly metric of several teams or needs, over the run, float64[N]."""
    rows = [outcomes.of(arm, key.format(name)).sum(axis=1) for name in names]
    return np.asarray(np.sum(rows, axis=0), dtype=np.float64)
