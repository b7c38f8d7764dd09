"""What one future came to: children, days, cases and pence by financial year and by week.

A measure is a pure function of a tally, the scenario and its prices. Yearly measures are whole
numbers; weekly ones are for charts and staffing, as float32. A week of allocations and
hand-overs belongs to the financial year in which it ends, the last days that fill no week to none.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simfs.analysis.prices import WEEK_DAYS, Line, Prices
from simfs.engine.tally import IntArray, Tally
from simfs.scenario.costs import Basis, Cost, Ledger
from simfs.scenario.quantities import Spread
from simfs.scenario.scenario import DAYS_PER_YEAR, Scenario, Study
from simfs.scenario.workforce import Team, TeamKind

FloatArray32 = NDArray[np.float32]
Weekly = Mapping[str, NDArray[np.generic]]

LOST = "changes of worker because one left"

LEDGER_LABELS = {
    Ledger.CASHABLE: "Spend that could be cashed",
    Ledger.CAPACITY: "Capacity in use",
    Ledger.PARTNER: "Spend of partner agencies",
    Ledger.INVESTMENT: "Investment",
    Ledger.VACANCY: "Salaries not paid while posts were empty (negative)",
    Ledger.GRANT: "Grant (negative: received)",
}


@dataclass(frozen=True, slots=True)
class Metric:
    """Something measured of every future.

    Attributes:
        key: identity, such as ``looked_after_at_end_children``.
        label: words for people.
        unit: "children", "families", "cases", "posts", "percent", "pence", "days", "child-days",
            "case-days", "post-days", "need-days" or "changes a year".
    """

    key: str
    label: str
    unit: str


def yearly_metrics(described: Scenario | Study) -> tuple[Metric, ...]:
    """Yearly metrics of a scenario, or all that any arm of a study has; each is int64."""
    arms = described.arms if isinstance(described, Study) else (described,)
    found = {
        metric.key: metric
        for group in (_children_metrics, _work_metrics, _money_metrics)
        for arm in arms
        for metric in group(arm)
    }
    return tuple(found.values())


def weekly_metrics(described: Scenario | Study) -> tuple[Metric, ...]:
    """Weekly metrics of a scenario, the same for all arms of a study; each is float32."""
    scenario = described.arms[0] if isinstance(described, Study) else described
    rows = [
        Metric(f"{count.key}_children", count.label, "children")
        for count in scenario.pathway.counts
    ]
    rows.append(Metric("unallocated_children", "Children without a worker", "children"))
    rows += [metric for team in scenario.teams for metric in _weekly_team_metrics(team)]
    return (
        *rows,
        *(
            Metric(f"dose.{need.key}", f"{need.label}: needs that have a specialist", "percent")
            for need in scenario.demand.needs
        ),
    )


def measure(
    tally: Tally,
    scenario: Scenario,
    prices: Prices,
    metrics: tuple[Metric, ...] | None = None,
) -> tuple[IntArray, FloatArray32]:
    """Measures of one future.

    Args:
        tally: the future.
        scenario: the arm.
        prices: the arm's prices in the future's draw.
        metrics: yearly metrics wanted, in order: a study's, so that arms have the same columns; an
            effect or a cost that this arm lacks is 0. The scenario's own by default.

    Returns:
        int64[year, metric] and float32[week, weekly metric], in the orders of `yearly_metrics` and
        `weekly_metrics`.
    """
    wanted = yearly_metrics(scenario) if metrics is None else metrics
    years = len(scenario.calendar.years)
    found = _yearly_children(tally, scenario) | _yearly_work(tally, scenario)
    found |= _yearly_money(tally, scenario, prices)
    table = np.zeros((years, len(wanted)), dtype=np.int64)
    for column, metric in enumerate(wanted):
        if metric.key in found:
            table[:, column] = found[metric.key]
    return table, _weekly(tally, scenario)


def money(tally: Tally, scenario: Scenario, prices: Prices) -> dict[str, IntArray]:
    """Pence of every line, investment and ledger by financial year, by key of the yearly metric."""
    return _yearly_money(tally, scenario, prices)


def _weekly_team_metrics(team: Team) -> list[Metric]:
    """What is told of a team each week; of specialists only what they have."""
    name, key, unit = team.label, team.key, team.unit.value
    rows = [
        Metric(f"posts.{key}", f"{name}: workers in post", "posts"),
        Metric(f"agency.{key}", f"{name}: agency workers", "posts"),
        Metric(f"vacancy.{key}", f"{name}: empty posts", "posts"),
        Metric(f"caseload.{key}", f"{name}: mean caseload", unit),
        Metric(f"caseload_p90.{key}", f"{name}: caseload, 90th percentile", unit),
    ]
    if team.kind is TeamKind.SPECIALIST:
        return rows
    wait = f"{name}: days to allocation"
    return [
        *rows,
        Metric(f"unallocated.{key}", f"{name}: children waiting", "children"),
        Metric(f"days_to_allocation.{key}", wait, "days"),
        Metric(f"days_to_allocation_median.{key}", f"{wait}, median", "days"),
        Metric(f"days_to_allocation_p90.{key}", f"{wait}, 90th percentile", "days"),
        Metric(f"breaches.{key}", f"{name}: children past a limit", "children"),
        Metric(f"handovers.{key}", f"{name}: {LOST}", "cases"),
        Metric(f"changes_per_case.{key}", f"{name}: {LOST}, per case", "changes a year"),
    ]


def _children_metrics(scenario: Scenario) -> list[Metric]:
    rows: list[Metric] = []
    for count in scenario.pathway.counts:
        rows += [
            Metric(f"{count.key}_at_end_children", f"{count.label} at the end", "children"),
            Metric(f"{count.key}_child_days", f"{count.label}: child-days", "child-days"),
            Metric(f"{count.key}_starts_children", f"{count.label}: starts", "children"),
        ]
    rows += [
        Metric("unallocated_child_days", "Child-days without a worker", "child-days"),
        Metric("crises_children", "Children in crisis while waiting", "children"),
        Metric("repeat_plans_children", "Plans in families with an earlier plan", "children"),
    ]
    rows += [
        Metric(f"exits.{exit_.key}_children", f"Left: {exit_.label}", "children")
        for exit_ in scenario.pathway.exits
    ]
    return rows + [
        Metric(f"breaches.{stage.key}_children", f"{stage.label}: past the limit", "children")
        for stage in scenario.pathway.stages
        if stage.limit_days is not None
    ]


def _work_metrics(scenario: Scenario) -> list[Metric]:
    rows = [
        Metric(f"diverted.{effect.key}_children", f"Diverted: {effect.label}", "children")
        for effect in scenario.effects
    ]
    rows += [metric for team in scenario.teams for metric in _yearly_team_metrics(team)]
    for need in scenario.demand.needs:
        rows += [
            Metric(f"wanted.{need.key}_days", f"{need.label}: days with the need", "need-days"),
            Metric(f"met.{need.key}_days", f"{need.label}: with a specialist", "need-days"),
        ]
    return [
        *rows,
        Metric("dose_sum", "Specialist dose, summed over stays with a need", "percent"),
        Metric("dose_stays", "Stays with a need that ended", "cases"),
    ]


def _yearly_team_metrics(team: Team) -> list[Metric]:
    name, key = team.label, team.key
    rows = [
        Metric(f"posts.{key}_days", f"{name}: days in post", "post-days"),
        Metric(f"agency.{key}_days", f"{name}: days in post, agency workers", "post-days"),
        Metric(f"established.{key}_days", f"{name}: days of established posts", "post-days"),
    ]
    if team.kind is TeamKind.SPECIALIST:
        return rows
    return [
        *rows,
        Metric(f"handovers.{key}_cases", f"{name}: {LOST}", "cases"),
        Metric(f"cases.{key}_days", f"{name}: cases held, by the day", "case-days"),
        Metric(f"allocated.{key}_cases", f"{name}: cases first allocated", "cases"),
        Metric(f"waited.{key}_days", f"{name}: days that they had waited", "days"),
    ]


def _money_metrics(scenario: Scenario) -> list[Metric]:
    rows = [Metric(f"cost.{cost.key}_pence", cost.label, "pence") for cost in scenario.prices.costs]
    rows += [
        Metric(f"{part}.{cost.key}_pence", label, "pence")
        for cost in scenario.prices.costs
        for part, label, _ in parts_of(cost)
    ]
    if scenario.practice:
        rows += [
            Metric(f"investment.{item.key}_pence", item.label, "pence")
            for item in scenario.practice.investments
        ]
    return rows + [
        Metric(f"spend.{ledger.value}_pence", label, "pence")
        for ledger, label in LEDGER_LABELS.items()
    ]


def _by_year(days: IntArray, scenario: Scenario) -> IntArray:
    """Sums over the days of each financial year: [row, day] to [year, row]."""
    starts = [first for _, first, _ in scenario.calendar.years]
    return np.asarray(np.add.reduceat(days, starts, axis=1).T)


def _counted(scenario: Scenario) -> IntArray:
    """Which stages each count counts: 0 or 1, [count, stage]."""
    return np.array(
        [
            [count.key in stage.counts for stage in scenario.pathway.stages]
            for count in scenario.pathway.counts
        ],
        dtype=np.int64,
    ).reshape(len(scenario.pathway.counts), len(scenario.pathway.stages))


def _yearly_children(tally: Tally, scenario: Scenario) -> dict[str, IntArray]:
    pathway = scenario.pathway
    counted = _counted(scenario)
    last_days = [end - 1 for _, _, end in scenario.calendar.years]
    at_end = counted @ tally.stage_children[:, last_days]
    child_days = counted @ _by_year(tally.stage_children, scenario).T
    found: dict[str, IntArray] = {}
    for i, count in enumerate(pathway.counts):
        found[f"{count.key}_at_end_children"] = at_end[i]
        found[f"{count.key}_child_days"] = child_days[i]
        found[f"{count.key}_starts_children"] = tally.starts_children[:, i]
    found["unallocated_child_days"] = _by_year(tally.waiting_children, scenario).sum(axis=1)
    found["crises_children"] = tally.crisis_children.sum(axis=1)
    found["repeat_plans_children"] = tally.repeat_starts_children
    for i, exit_ in enumerate(pathway.exits):
        found[f"exits.{exit_.key}_children"] = tally.exit_children[:, i]
    for i, stage in enumerate(pathway.stages):
        found[f"breaches.{stage.key}_children"] = tally.breach_children[:, i]
    return found


def _yearly_work(tally: Tally, scenario: Scenario) -> dict[str, IntArray]:
    found: dict[str, IntArray] = {"dose_sum": tally.dose_sum, "dose_stays": tally.dose_stays}
    for i, effect in enumerate(scenario.effects):
        found[f"diverted.{effect.key}_children"] = tally.diverted_children[:, i]
    found |= _yearly_teams(tally, scenario)
    for kind, days in (("wanted", tally.needs_wanted), ("met", tally.needs_met)):
        by_year = _by_year(days, scenario)
        for i, need in enumerate(scenario.demand.needs):
            found[f"{kind}.{need.key}_days"] = by_year[:, i]
    return found


def _yearly_teams(tally: Tally, scenario: Scenario) -> dict[str, IntArray]:
    days = {
        "posts": tally.team_posts,
        "agency": tally.team_agency,
        "established": _established(scenario),
        "cases": tally.team_cases,
    }
    found: dict[str, IntArray] = {}
    for kind, by_day in days.items():
        by_year = _by_year(by_day, scenario)
        for i, team in enumerate(scenario.teams):
            found[f"{kind}.{team.key}_days"] = by_year[:, i]
    ends = [end for _, _, end in scenario.calendar.years]
    year_of_week = np.searchsorted(ends, _last_days(scenario), side="right")
    weeks = {
        "handovers.{}_cases": tally.handovers,
        "allocated.{}_cases": tally.allocated,
        "waited.{}_days": tally.waited_days,
    }
    for key, by_week in weeks.items():
        summed = np.zeros((len(ends), len(scenario.teams)), dtype=np.int64)
        np.add.at(summed, year_of_week, by_week.T)
        for i, team in enumerate(scenario.teams):
            found[key.format(team.key)] = summed[:, i]
    return found


def _established(scenario: Scenario) -> IntArray:
    """Posts of the establishment, [team, day]; none where a team is unlimited."""
    posts = np.zeros((len(scenario.teams), scenario.calendar.days), dtype=np.int64)
    for row, team in zip(posts, scenario.teams, strict=True):
        for step in team.establishment:
            row[max(step.day, 0) :] = step.posts
    return posts


def parts_of(cost: Cost) -> tuple[tuple[str, str, Ledger], ...]:
    """What of a cost line is booked apart: (first part of the metric's key, label, ledger)."""
    if cost.basis is Basis.POST_YEAR:
        return (("empty", f"{cost.label}: not paid while empty", Ledger.VACANCY),)
    if cost.block_places.value or cost.block_places.spread is not Spread.NONE:
        return (("block", f"{cost.label}: block places in use", Ledger.CAPACITY),)
    return ()


def gross_metrics(cost: Cost) -> tuple[str, ...]:
    """Keys of the metrics that a line of the gross saving is made of."""
    blocks = (part for part, _, ledger in parts_of(cost) if ledger is Ledger.CAPACITY)
    return tuple(f"{part}.{cost.key}_pence" for part in ("cost", *blocks))


def _yearly_money(tally: Tally, scenario: Scenario, prices: Prices) -> dict[str, IntArray]:
    years = len(scenario.calendar.years)
    kept = np.maximum(_established(scenario), tally.team_posts)
    days = {
        Basis.CHILD_WEEK: _by_year(tally.stage_children, scenario),
        Basis.POST_YEAR: _by_year(kept, scenario),
        Basis.AGENCY_POST_YEAR: _by_year(tally.team_agency, scenario),
        Basis.MET_WEEK: _by_year(tally.needs_met, scenario),
    }
    # a child without a worker takes nobody's time
    with_worker = tally.stage_children - tally.waiting_children
    of_time = days | {Basis.CHILD_WEEK: _by_year(with_worker, scenario)}
    empty = _by_year(kept - tally.team_posts, scenario)
    spend = {ledger: np.zeros(years, dtype=np.int64) for ledger in Ledger}
    found: dict[str, IntArray] = {}
    for line in prices.lines:
        pence = _pence(line, tally, of_time if line.ledger is Ledger.CAPACITY else days)
        if line.basis is Basis.POST_YEAR:
            unpaid = -_whole(empty[:, line.cells].sum(axis=1) * line.pence[:, 0])
            found[f"empty.{line.key}_pence"] = unpaid
            spend[Ledger.VACANCY] += unpaid
        elif line.block_days.any():
            used, pence = _block(line, tally, pence)
            found[f"block.{line.key}_pence"] = used
            spend[Ledger.CAPACITY] += used
        found[f"cost.{line.key}_pence"] = pence
        spend[line.ledger] += pence
    for key, ledger, pence in prices.investments:
        found[f"investment.{key}_pence"] = pence
        spend[ledger] += pence
    return found | {f"spend.{ledger.value}_pence": pence for ledger, pence in spend.items()}


def _block(line: Line, tally: Tally, pence: IntArray) -> tuple[IntArray, IntArray]:
    """What of a placement line is block places in use, and what is paid out, by financial year.

    A block is paid for in full at the mean price, and used before places are bought one by one, so
    a place fewer is cash only above the block. Judged over a year, not day by day: a year that is
    above the block on some days and below on others is taken at its mean.
    """
    days = tally.placement_days[:, line.cells, :].sum(axis=(1, 2))
    share = np.minimum(line.block_days / np.maximum(days, 1), 1.0)
    used = _whole(pence * share)
    return used, pence - used + _whole(line.block_days * line.pence.mean(axis=1))


def _whole(pence: NDArray[np.float64]) -> IntArray:
    return np.rint(pence).astype(np.int64)


def _pence(line: Line, tally: Tally, days: Mapping[Basis, IntArray]) -> IntArray:
    """Whole pence of a line by financial year; `days` are [year, row] where days are paid for."""
    if line.basis is Basis.PLACEMENT_WEEK:
        cells = tally.placement_days[:, line.cells, :] * line.pence[:, np.newaxis, :]
        return np.asarray(np.rint(cells).astype(np.int64).sum(axis=(1, 2)))
    units = days[line.basis][:, line.cells] if line.basis in days else _events(line, tally)
    pence: IntArray = np.rint(units.sum(axis=1) * line.pence[:, 0]).astype(np.int64)
    return pence


def _events(line: Line, tally: Tally) -> IntArray:
    """Children, or their days since an exit, that a line pays for: [year, cell]."""
    cells = line.cells
    match line.basis:
        case Basis.WEEK_AFTER_EXIT:
            return tally.exit_days[:, cells]
        case Basis.ROUTE:
            return tally.route_children[:, cells[:, 0], cells[:, 1]]
        case Basis.DIVERSION:
            return tally.diverted_children[:, cells]
        case _:
            moves, crises = line.inside, line.crises
            inside = tally.route_children[:, moves[:, 0], moves[:, 1]]
            left = [tally.entry_children[:, cells], -inside, -tally.crisis_children[:, crises]]
            return np.asarray(np.concatenate(left, axis=1))


def _last_days(scenario: Scenario) -> IntArray:
    """The last day of each week."""
    return np.arange(scenario.calendar.weeks) * WEEK_DAYS + WEEK_DAYS - 1


def _weekly(tally: Tally, scenario: Scenario) -> FloatArray32:
    """Float32[week, weekly metric]: stocks at the end of the week, events in it.

    What cannot be told is NaN: days to allocation in a week in which nobody was allocated (a
    standstill is no short wait), caseloads while nobody of the team is in post, changes of worker
    while there are no cases, and the dose of a need that nobody has or that no specialist of the
    arm ever serves.
    """
    last_days = _last_days(scenario)
    waiting = tally.waiting_children[:, last_days]
    stocks = _counted(scenario) @ tally.stage_children[:, last_days]
    found: dict[str, NDArray[np.generic]] = {
        f"{count.key}_children": stocks[i] for i, count in enumerate(scenario.pathway.counts)
    }
    found["unallocated_children"] = waiting.sum(axis=0)
    for team in scenario.teams:
        of_team = [stage.team == team.key for stage in scenario.pathway.stages]
        found[f"unallocated.{team.key}"] = waiting[of_team].sum(axis=0)
    found |= _weekly_posts(tally, scenario, last_days)
    found |= _weekly_work(tally, scenario)
    found |= _weekly_dose(tally, scenario)
    rows = [found[metric.key] for metric in weekly_metrics(scenario)]
    return np.stack(rows, axis=1).astype(np.float32)


def _weekly_posts(tally: Tally, scenario: Scenario, last_days: IntArray) -> Weekly:
    """Who is in post at the end of the week, and how much they hold."""
    posts = tally.team_posts[:, last_days]
    rows = {
        "posts": posts,
        "agency": tally.team_agency[:, last_days],
        "vacancy": np.maximum(_established(scenario)[:, last_days] - posts, 0),
        "caseload": over(tally.team_load[:, last_days], posts),
        "caseload_p90": np.where(posts == 0, np.nan, tally.load_p90),
    }
    return _by_team(rows, scenario)


def _weekly_work(tally: Tally, scenario: Scenario) -> Weekly:
    """How long allocation took, and what happened to cases in the week."""
    case_days = _by_week(tally.team_cases)
    rows = {
        "days_to_allocation": over(tally.waited_days, tally.allocated),
        "days_to_allocation_median": np.where(tally.wait_median < 0, np.nan, tally.wait_median),
        "days_to_allocation_p90": np.where(tally.wait_p90 < 0, np.nan, tally.wait_p90),
        "breaches": tally.breaches,
        "handovers": tally.handovers,
        "changes_per_case": DAYS_PER_YEAR * over(tally.handovers, case_days),
    }
    return _by_team(rows, scenario)


def _weekly_dose(tally: Tally, scenario: Scenario) -> Weekly:
    """Percent of days with each need on which a specialist was there for it."""
    dose = 100 * over(_by_week(tally.needs_met), _by_week(tally.needs_wanted))
    return {
        f"dose.{need.key}": dose[i]
        if is_served(scenario, need.key)
        else np.full_like(dose[i], np.nan)
        for i, need in enumerate(scenario.demand.needs)
    }


def is_served(scenario: Scenario, need: str) -> bool:
    """Whether an arm ever has a specialist's post for a need, filled or not."""
    return any(
        team.unlimited or any(step.posts > 0 for step in team.establishment)
        for team in scenario.teams
        if team.serves == need
    )


def _by_team(rows: Mapping[str, NDArray[np.generic]], scenario: Scenario) -> Weekly:
    """Rows [team, week] of each kind by key of the metric."""
    return {
        f"{kind}.{team.key}": row[i]
        for kind, row in rows.items()
        for i, team in enumerate(scenario.teams)
    }


def _by_week(days: IntArray) -> IntArray:
    """Sums over the days of each whole week: [row, day] to [row, week]."""
    rows, length = days.shape
    weeks = length // WEEK_DAYS
    summed: IntArray = days[:, : weeks * WEEK_DAYS].reshape(rows, weeks, WEEK_DAYS).sum(axis=2)
    return summed


def over(above: NDArray[np.generic], below: NDArray[np.generic]) -> NDArray[np.float64]:
    """One number over another, NaN where the other is 0."""
    top, bottom = np.asarray(above, dtype=np.float64), np.asarray(below, dtype=np.float64)
    return np.where(bottom == 0, np.nan, top / np.where(bottom == 0, 1.0, bottom))
