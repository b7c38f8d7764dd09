"""What one future came to: children, days, cases and pence by financial year and by week.

A measure is a pure function of a tally, the scenario and its prices. Yearly measures are whole
numbers; weekly ones are for charts and staffing, as float32.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simfs.analysis.prices import WEEK_DAYS, Line, Prices
from simfs.engine.tally import IntArray, Tally
from simfs.scenario.costs import Basis, Ledger
from simfs.scenario.scenario import Scenario, Study
from simfs.scenario.workforce import TeamKind

FloatArray32 = NDArray[np.float32]

LEDGER_LABELS = {
    Ledger.CASHABLE: "Spend that could be cashed",
    Ledger.CAPACITY: "Capacity in use",
    Ledger.PARTNER: "Spend of partner agencies",
    Ledger.INVESTMENT: "Investment",
    Ledger.GRANT: "Grant (negative: received)",
}


@dataclass(frozen=True, slots=True)
class Metric:
    """Something measured of every future.

    Attributes:
        key: identity, such as ``looked_after_at_end_children``.
        label: words for people.
        unit: "children", "child-days", "pence", "cases", "percent", "posts", "post-days" or "days".
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
    for team in scenario.teams:
        name, key = team.label, team.key
        rows += [
            Metric(f"caseload.{key}", f"{name}: mean caseload", team.unit.value),
            Metric(f"caseload_p90.{key}", f"{name}: caseload, 90th percentile", team.unit.value),
            Metric(f"days_to_allocation.{key}", f"{name}: days to allocation", "days"),
            Metric(f"posts.{key}", f"{name}: workers in post", "posts"),
            Metric(f"handovers.{key}", f"{name}: changes of worker", "cases"),
        ]
        if team.kind is TeamKind.SOCIAL_WORK:
            rows.append(Metric(f"unallocated.{key}", f"{name}: children waiting", "children"))
    return tuple(rows)


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
    effects = scenario.practice.effects if scenario.practice else ()
    rows = [
        Metric(f"diverted.{effect.key}_children", f"Diverted: {effect.label}", "children")
        for effect in effects
    ]
    rows += [
        Metric(f"posts.{team.key}_days", f"{team.label}: days in post", "post-days")
        for team in scenario.teams
    ]
    return [
        *rows,
        Metric("dose_sum", "Specialist dose, summed over stays with a need", "percent"),
        Metric("dose_stays", "Stays with a need that ended", "cases"),
    ]


def _money_metrics(scenario: Scenario) -> list[Metric]:
    rows = [Metric(f"cost.{cost.key}_pence", cost.label, "pence") for cost in scenario.prices.costs]
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
    effects = scenario.practice.effects if scenario.practice else ()
    for i, effect in enumerate(effects):
        found[f"diverted.{effect.key}_children"] = tally.diverted_children[:, i]
    post_days = _by_year(tally.team_posts, scenario)
    for i, team in enumerate(scenario.teams):
        found[f"posts.{team.key}_days"] = post_days[:, i]
    return found


def _yearly_money(tally: Tally, scenario: Scenario, prices: Prices) -> dict[str, IntArray]:
    years = len(scenario.calendar.years)
    child_days = _by_year(tally.stage_children, scenario)
    spend = {ledger: np.zeros(years, dtype=np.int64) for ledger in Ledger}
    found: dict[str, IntArray] = {}
    for line in prices.lines:
        pence = _pence(line, tally, child_days)
        found[f"cost.{line.key}_pence"] = pence
        spend[line.ledger] += pence
    for key, ledger, pence in prices.investments:
        found[f"investment.{key}_pence"] = pence
        spend[ledger] += pence
    return found | {f"spend.{ledger.value}_pence": pence for ledger, pence in spend.items()}


def _pence(line: Line, tally: Tally, child_days: IntArray) -> IntArray:
    """Whole pence of a line by financial year."""
    if line.basis is Basis.POST_YEAR:
        return line.pence[:, 0].astype(np.int64)
    if line.basis is Basis.PLACEMENT_WEEK:
        cells = tally.placement_days[:, line.cells, :] * line.pence[:, np.newaxis, :]
        return np.asarray(np.rint(cells).astype(np.int64).sum(axis=(1, 2)))
    return np.rint(_units(line, tally, child_days) * line.pence[:, 0]).astype(np.int64)


def _units(line: Line, tally: Tally, child_days: IntArray) -> IntArray:
    """Days or events that a line pays for, by financial year."""
    cells = line.cells
    match line.basis:
        case Basis.CHILD_WEEK:
            units = child_days[:, cells]
        case Basis.WEEK_AFTER_EXIT:
            units = tally.exit_days[:, cells]
        case Basis.ROUTE:
            units = tally.route_children[:, cells[:, 0], cells[:, 1]]
        case Basis.DIVERSION:
            units = tally.diverted_children[:, cells]
        case _:
            moves, crises = line.inside, line.crises
            inside = tally.route_children[:, moves[:, 0], moves[:, 1]].sum(axis=1)
            inside = inside + tally.crisis_children[:, crises].sum(axis=1)
            total: IntArray = tally.entry_children[:, cells].sum(axis=1) - inside
            return total
    summed: IntArray = units.sum(axis=1)
    return summed


def _weekly(tally: Tally, scenario: Scenario) -> FloatArray32:
    """Float32[week, weekly metric]: stocks at the end of the week, events in it.

    Days to allocation are NaN in a week in which nobody was allocated: a standstill is no short
    wait. Caseload is 0 while nobody is in post.
    """
    last_days = np.arange(scenario.calendar.weeks) * WEEK_DAYS + WEEK_DAYS - 1
    waiting = tally.waiting_children[:, last_days]
    rows: list[NDArray[np.generic]] = list(_counted(scenario) @ tally.stage_children[:, last_days])
    rows.append(waiting.sum(axis=0))
    posts = tally.team_posts[:, last_days]
    load = tally.team_load[:, last_days] / np.maximum(posts, 1) * (posts > 0)
    nobody = tally.allocated == 0
    wait = np.where(nobody, np.nan, tally.waited_days / np.where(nobody, 1, tally.allocated))
    for i, team in enumerate(scenario.teams):
        rows += [load[i], tally.load_p90[i], wait[i], posts[i], tally.handovers[i]]
        if team.kind is TeamKind.SOCIAL_WORK:
            of_team = [stage.team == team.key for stage in scenario.pathway.stages]
            rows.append(waiting[of_team].sum(axis=0))
    return np.stack(rows, axis=1).astype(np.float32)
