"""Unlimited staff: stage counts, visits, days, money and savings have exact laws.

Stays are in whole days and arrivals are counted by day, and the expected values are those of the
whole-day clock, so nothing here is approximate but the sample.
"""

import numpy as np
import theory
from efforts import Effort, efforts
from verdicts import confirm
from worlds import Table, date_of, futures, leaving, program_of, stay, study_of

from simfs.analysis.measures import measure as measures_of
from simfs.analysis.measures import yearly_metrics
from simfs.analysis.prices import price_table
from simfs.engine.compile import compile_scenario
from simfs.engine.counting import tally
from simfs.engine.history import Kind
from simfs.engine.program import Program

YEAR = 365.25
SHAPES: dict[str, Table] = {
    "even": stay(120, "fixed"),
    "exponential": stay(150),
    "gamma": stay(80, {"gamma": 0.6}),
    "lognormal": stay(100, {"lognormal": 1.1}),
    "uniform": {"uniform": [20, 200], "unit": "days"},
    "weibull": stay(3, {"weibull": 0.8}),
}
CURVES = {
    "constant": [(0, 60.0)],
    "step": [(0, 40.0), (250, 110.0)],
    "ramp": [(30 * k, 30.0 + 8.0 * k) for k in range(20)],
}


# Counts: M/G/infinity and M(t)/G/infinity


def stages_side_by_side(curve: str, days: int) -> Program:
    """A stage for each shape, each with a stream of its own."""
    rates = [{"from": date_of(day), "value": value} for day, value in CURVES[curve]]
    return program_of(
        days=days,
        streams={name: {"to": name, "per_year": rates} for name in SHAPES},
        teams={"team": {"posts": "unlimited"}},
        stages={
            name: {"team": "team", "stay": form, "routes": leaving(out=1)}
            for name, form in SHAPES.items()
        },
    )


def expected_count(program: Program, stage: int, day: int) -> float:
    """Mean number in a stage at the end of a day: arrivals x chance that each is still there."""
    code = program.stages[stage]
    origin = next(origin for origin in program.origins if origin.stage == stage)
    arrivals = np.diff(origin.cumulative, prepend=0.0)[: day + 1]
    table = program.tables[code.stay_table]
    return float((arrivals * theory.longer_than(table, code.stay_mean, day + 1)[::-1]).sum())


@efforts(0.06, 0.02, "curve, seed", [("step", 101), ("constant", 102), ("ramp", 103)])
def test_counts_with_unlimited_staff_have_the_means_of_any_stay_and_any_arrivals(
    curve: str, seed: int, effort: Effort
) -> None:
    days = (99, 300, 599)
    program = stages_side_by_side(curve, 600)
    names = sorted(SHAPES)
    assert [stage.key for stage in program.stages] == names

    def measure(at: int) -> dict[str, np.ndarray]:
        counts = np.array(
            [tally(h, program).stage_children[:, days] for h in futures(program, at, 20 * times)]
        )
        every = counts[:, :-1].reshape(len(counts), -1)
        return {f"day {day}": counts[:, :, i].sum(axis=1) for i, day in enumerate(days)} | {
            "all": every.sum(axis=1)
        }

    times = effort.times
    exact = {
        f"day {day}": sum(expected_count(program, stage, day) for stage in range(len(names)))
        for day in days
    }
    stages = range(len(names) - 1)
    exact["all"] = sum(expected_count(program, stage, day) for stage in stages for day in days)
    confirm(measure, exact, seed, 3 * effort.visible)


@efforts(0.3, 0.1, "curve, seed", [("ramp", 111), ("step", 112)])
def test_counts_with_unlimited_staff_are_poisson(curve: str, seed: int, effort: Effort) -> None:
    """Variance over mean is one, and so is the chance of what is expected of a Poisson count."""
    program = stages_side_by_side(curve, 500)
    means = np.array([expected_count(program, stage, 499) for stage in range(len(SHAPES))])

    def measure(at: int) -> dict[str, np.ndarray]:
        counts = np.array(
            [
                tally(history, program).stage_children[:, 499]
                for history in futures(program, at, 60 * effort.times)
            ]
        )
        return {"variance over mean": ((counts - means) ** 2 / means).mean(axis=1)}

    confirm(measure, {"variance over mean": 1.0}, seed, 1.5 * effort.visible)


# Chains: visits, P(ever in care), days

MOVES = np.array(
    [
        [0.0, 0.0, 0.35, 0.25, 0.0],  # assess: to plan, support
        [0.0, 0.0, 0.0, 0.55, 0.0],  # care: home to support
        [0.0, 0.2, 0.0, 0.45, 0.1],  # plan: to care, support, step-up
        [0.15, 0.0, 0.1, 0.0, 0.0],  # support: re-referral, plan
        [0.0, 0.5, 0.25, 0.0, 0.0],  # urgent: to care, plan
    ]
)
PLACES = ("assess", "care", "plan", "support", "urgent")
LENGTHS: tuple[Table, ...] = (
    stay(30, {"lognormal": 0.7}),
    stay(220, {"gamma": 1.0}),
    stay(90, {"weibull": 1.5}),
    stay(60),
    stay(14, "fixed"),
)


def chain(years_of_arrivals: int, per_year: float, days: int, streams: int = 1) -> Table:
    """Five stages with step-up, step-down, home and return, and unlimited staff."""
    stages: Table = {}
    for name, row, length in zip(PLACES, MOVES, LENGTHS, strict=True):
        out = round(1 - float(row.sum()), 12)
        moves = {to: float(p) for to, p in zip(PLACES, row, strict=True) if p}
        stages[name] = {"team": "team", "stay": length, "routes": leaving(**moves, out=out)}
    end = round(YEAR * years_of_arrivals)
    rates = [{"from": date_of(0), "value": per_year}, {"from": date_of(end), "value": 0.0}]
    return {
        "days": days,
        "streams": {f"s{k:02d}": {"to": "assess", "per_year": rates} for k in range(streams)},
        "teams": {"team": {"posts": "unlimited"}},
        "stages": stages,
    }


def spells(history, program: Program) -> tuple[np.ndarray, np.ndarray]:
    """Visits and days by family and stage, float64[family, stage]."""
    column = history.column
    _, family = np.unique(column("family"), return_inverse=True)
    count, stages = family.max() + 1, len(program.stages)
    visits, days = np.zeros((count, stages)), np.zeros((count, stages))
    entered, ended = column("kind") == Kind.ENTER, column("kind") == Kind.END
    np.add.at(visits, (family[entered], column("stage")[entered]), 1)
    np.add.at(days, (family[entered], column("stage")[entered]), -column("day")[entered])
    np.add.at(days, (family[ended], column("stage")[ended]), column("day")[ended])
    return visits, days


@efforts(0.12, 0.03, "seed", [(121,), (122,)])
def test_visits_days_and_the_chance_of_ever_being_in_care_are_those_of_the_chain(
    seed: int, effort: Effort
) -> None:
    program = program_of(**chain(2, 1000.0, 7000))
    assert tuple(stage.key for stage in program.stages) == PLACES
    means = np.array([theory.stage_moments(program, stage)[0] for stage in range(len(PLACES))])

    def measure(at: int) -> dict[str, np.ndarray]:
        pairs = [spells(history, program) for history in futures(program, at, effort.times)]
        visits = np.concatenate([pair[0] for pair in pairs])
        days = np.concatenate([pair[1] for pair in pairs])
        return (
            {f"visits {name}": visits[:, i] for i, name in enumerate(PLACES)}
            | {f"days {name}": days[:, i] for i, name in enumerate(PLACES)}
            | {"ever in care": visits[:, 1] > 0}
        )

    visits = theory.visits(MOVES, 0)
    exact = {f"visits {name}": visits[i] for i, name in enumerate(PLACES)}
    exact |= {f"days {name}": visits[i] * means[i] for i, name in enumerate(PLACES)}
    exact["ever in care"] = theory.ever(MOVES, 0, 1)
    wide = {
        name: effort.visible * (4 if "urgent" in name or "care" in name else 2.5) for name in exact
    }
    wide["visits assess"] = effort.visible
    confirm(measure, exact, seed, wide)


# Money: compound Poisson


def priced(streams: int) -> Table:
    tables = chain(1, 25.0, 4018, streams)
    return tables | {
        "costs": {
            "care_week": {"basis": "child_week", "applies_to": ["care"], "pounds": 1400.0,
                          "payer": "council", "ledger": "cashable"},
            "plan_week": {"basis": "child_week", "applies_to": ["plan"], "pounds": 210.0,
                          "payer": "council", "ledger": "capacity"},
            "assessment": {"basis": "entry", "applies_to": ["assess"], "pounds": 350.0,
                           "payer": "council", "ledger": "capacity"},
        }
    }  # fmt: skip


def cost_moments(program: Program) -> tuple[float, float]:
    """E[C] and E[C^2] of one family's pounds."""
    moments = np.array([theory.stage_moments(program, stage) for stage in range(len(PLACES))])
    week, entry = np.array([0, 200.0, 30.0, 0, 0]), np.array([350.0, 0, 0, 0, 0])
    first = week * moments[:, 0] + entry
    second = week**2 * moments[:, 1] + 2 * week * entry * moments[:, 0] + entry**2
    return theory.total_moments(MOVES, first, second, 0)


@efforts(0.3, 0.06, "seed", [(131,), (132,)])
def test_total_cost_has_the_mean_and_the_variance_of_a_compound_poisson(
    seed: int, effort: Effort
) -> None:
    """Each run has 40 streams alike, so 40 totals: arrivals x E[C], and arrivals x E[C^2]."""
    streams = 40
    program = program_of(**priced(streams))
    arrivals = float(program.origins[0].cumulative[-1])
    cost, square = cost_moments(program)
    mean, variance = arrivals * cost, arrivals * square

    def measure(at: int) -> dict[str, np.ndarray]:
        totals = []
        for history in futures(program, at, 8 * effort.times):
            column = history.column
            pounds = np.zeros(streams)
            weekly = np.array([0, 200.0, 30.0, 0, 0])[np.maximum(column("stage"), 0)]
            origin = column("family") // 10_000_000
            entered, ended = column("kind") == Kind.ENTER, column("kind") == Kind.END
            fee = np.where(entered & (column("stage") == 0), 350.0, 0.0)
            moved = (ended.astype(float) - entered) * weekly * column("day") + fee
            np.add.at(pounds, origin, moved)
            totals.append(pounds)
        total = np.concatenate(totals)
        return {"mean": total, "variance": (total - mean) ** 2}

    confirm(
        measure,
        {"mean": mean, "variance": variance},
        seed,
        {"mean": effort.visible / 2, "variance": 2 * effort.visible},
    )


def test_the_pounds_of_the_measures_are_the_days_and_entries_times_their_prices() -> None:
    study = study_of(**priced(4))
    scenario = study.arms[0]
    program = compile_scenario(scenario, {})
    prices = price_table(scenario, {})
    names = [metric.key for metric in yearly_metrics(scenario)]
    (history,) = futures(program, 5, 1)
    yearly, _ = measures_of(tally(history, program), scenario, prices)
    visits, days = spells(history, program)
    total = days[:, 1].sum() * 200 + days[:, 2].sum() * 30 + visits[:, 0].sum() * 350
    pence = sum(
        int(yearly[:, names.index(name)].sum())
        for name in names
        if name.startswith("cost.") and name.endswith("_pence")
    )
    assert total > 0
    # Pence are whole by line and year: half a penny each.
    assert abs(pence - 100 * total) <= 0.5 * 3 * len(yearly) + 1e-6


# Two arms: the exact saving


def two_arms(per_year: float) -> Table:
    at_once = {"half_months": 0.01, "ninety_months": 0.02, "start_months": -600}
    tables = chain(2, per_year, 7000)
    tables["stages"]["plan"]["remainder"] = "support"
    tables["practice_models"] = {
        "new": {
            "go_live": date_of(0),
            "effects": {
                "fewer": {"kind": "route", "targets": ["plan.care"], "ratio": 0.6,
                          "ramp": at_once},
                "shorter": {"kind": "stay", "targets": ["care"], "ratio": 0.8, "ramp": at_once},
            },
        }
    }  # fmt: skip
    tables["arms"] = {"today": {}, "new": {"practice_model": "new"}}
    return tables


@efforts(0.2, 0.05, "seed", [(141,), (142,)])
def test_a_route_and_a_stay_that_change_save_exactly_what_theory_says(
    seed: int, effort: Effort
) -> None:
    study = study_of(**two_arms(500.0))
    before, after = (compile_scenario(arm, {}) for arm in study.arms)
    strength = after.effects[0].by_day
    assert min(strength) > 1 - 1e-9
    changed = MOVES.copy()
    changed[2, 1] *= 0.6
    changed[2, 3] += 0.4 * MOVES[2, 1]
    base = [theory.stage_moments(before, stage)[0] for stage in range(len(PLACES))]
    short = list(base)
    code = before.stages[1]
    short[1], _ = theory.whole_day_moments(before.tables[code.stay_table], 0.8 * code.stay_mean)
    was = theory.visits(MOVES, 0) * base
    becomes = theory.visits(changed, 0) * short

    def measure(at: int) -> dict[str, np.ndarray]:
        # The same families come to both arms, so the saving is known family by family.
        pairs = zip(
            futures(before, at, 4 * effort.times), futures(after, at, 4 * effort.times), strict=True
        )
        saved = np.concatenate(
            [spells(one, before)[1] - spells(two, after)[1] for one, two in pairs]
        )
        return {"care days saved": saved[:, 1], "support days added": -saved[:, 3]}

    exact = {
        "care days saved": float(was[1] - becomes[1]),
        "support days added": float(becomes[3] - was[3]),
    }
    wide = {"care days saved": 1.5 * effort.visible, "support days added": 4 * effort.visible}
    confirm(measure, exact, seed, wide)


# The start


def stock(days: int) -> Program:
    """Each shape in equilibrium: the opening stock is arrivals x mean stay."""
    means = {"even": 120, "exponential": 150, "gamma": 80, "lognormal": 100, "uniform": 110}
    return program_of(
        days=days,
        streams={name: {"to": name, "per_year": YEAR * 60 / means[name]} for name in means},
        teams={"team": {"posts": "unlimited"}},
        stages={
            name: {"team": "team", "stay": SHAPES[name], "routes": leaving(out=1), "opening": 60}
            for name in means
        },
    )


@efforts(0.05, 0.01, "seed", [(151,), (152,)])
def test_a_stock_in_equilibrium_stays_flat_for_five_years(seed: int, effort: Effort) -> None:
    program = stock(1826)
    days = (0, 30, 60, 120, 365, 1825)

    def measure(at: int) -> dict[str, np.ndarray]:
        counts = np.array(
            [
                tally(history, program).stage_children[:, days]
                for history in futures(program, at, 10 * effort.times)
            ]
        ).sum(axis=1)
        return {f"day {day}": counts[:, i] for i, day in enumerate(days)}

    confirm(measure, {f"day {day}": 300.0 for day in days}, seed, 1.8 * effort.visible)
