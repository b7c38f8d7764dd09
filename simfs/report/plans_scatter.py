"""What plans cost against what they buy: the frontier, and what stands behind it."""

from collections.abc import Sequence
from typing import Any

from simfs.analysis.plan_figures import Better
from simfs.analysis.plan_table import PlanTable
from simfs.report.charts import ARM_COLOURS, Behind, Caption, Drawing
from simfs.report.figures import INK, render
from simfs.report.plans_found import PlansFound
from simfs.report.plans_words import (
    UNITS,
    in_unit,
    plan_short,
    plan_words,
    short,
    told,
    with_interval,
)
from simfs.report.wording import listed
from simfs.scenario.plans import AS_PLANNED

FRONT, BEHIND, OWN = ARM_COLOURS[1], "#8a8a8a", ARM_COLOURS[2]
LETTER_DOTS, LINE_DOTS = 7.0, 16.0  # room for a letter and a line of a name, at 100 dots an inch
NOTE = (
    "Filled: beaten by no plan that costs no more. Line: nor by a mixture of two; bars: 95% "
    "interval of the mean.\nRing: beaten, perhaps by luck; cross: by more than luck. Plans share "
    "their luck, so differences are surer than bars look.\nLabels: levels of {factors}."
)


def frontier(found: PlansFound) -> Drawing:
    """Cost of posts against the chance of the claim and against waiting."""
    table = found.table
    letters = listed([f"{factor.label}" for factor in table.planned.plans.factors])

    def draw(canvas: Any) -> None:
        axes = canvas.subplots(1, len(found.standings), squeeze=False)[0]
        for axis, key in zip(axes, found.standings, strict=True):
            _scatter(axis, found, key)

    size = (6.0 * len(found.standings), 5.2)
    title = "Cost of posts against what it buys"
    caption = Caption("staffing-frontier", title, _frontier_alt(found), _frontier_behind(found))
    return render(caption, size, draw, NOTE.format(factors=letters))


def _scatter(axis: Any, found: PlansFound, key: str) -> None:
    table, figure = found.table, found.table.figure(key)
    points = {
        one.arm: (_cost(table, one.arm), in_unit(table.amount(key, one.arm).mean, figure.unit))
        for one in found.standings[key]
    }
    for one in found.standings[key]:
        x, y = points[one.arm]
        if one.arm == AS_PLANNED:
            continue
        colour = FRONT if one.on_frontier else BEHIND
        axis.plot(
            [x], [y], marker="x" if one.is_clear else "o", markersize=6.0, color=colour,
            linestyle="none", zorder=3 + one.on_frontier,
            markerfacecolor=colour if one.on_frontier else "white",
        )  # fmt: skip
    kept = found.efficient[key]
    for arm in kept:
        _bar(axis, table, key, arm, OWN if arm == AS_PLANNED else FRONT)
    axis.plot(*zip(*(points[arm] for arm in kept), strict=True), color=FRONT, linewidth=1.2)
    if AS_PLANNED not in kept:
        _bar(axis, table, key, AS_PLANNED, OWN)
    axis.plot(
        *([end] for end in points[AS_PLANNED]), marker="D", markersize=8.0, color=OWN,
        linestyle="none", zorder=5, label="the file's own plan",
    )  # fmt: skip
    axis.set_xlabel("extra cost of posts, all filled, £m a year")
    axis.set_ylabel(f"{short(figure)}, {UNITS[figure.unit]}")
    axis.set_title(short(figure))
    # room for a name and for the whole of a mark at the top
    top = 1.08 * axis.get_ylim()[1]
    # and below nought, or a mark there would be cut
    axis.set_ylim(-0.03 * top, top)
    axis.margins(x=0.08)
    # no plan stands on the better side of the frontier, so a name there hides none
    _labels(axis, table, points, kept, 7 if figure.better is Better.MORE else -14)
    axis.legend(loc="upper right", fontsize=8.5)


def _cost(table: PlanTable, arm: str) -> float:
    return in_unit(table.amount(table.cost, arm).mean, "£ a year")


def _bar(axis: Any, table: PlanTable, key: str, arm: str, colour: str) -> None:
    amount = table.amount(key, arm)
    if amount.low is None or amount.high is None:
        return
    unit = table.figure(key).unit
    ends = [in_unit(end, unit) for end in (amount.low, amount.high)]
    axis.plot([_cost(table, arm)] * 2, ends, color=colour, linewidth=1.0, alpha=0.45)


def _labels(
    axis: Any,
    table: PlanTable,
    points: dict[str, tuple[float, float]],
    kept: Sequence[str],
    above: float,
) -> None:
    """Names of the ends of the frontier, and of those between that there is room for."""
    named = [arm for arm in kept if arm != AS_PLANNED]
    taken: list[tuple[float, float, float]] = []  # left, middle height and right, in dots
    for arm in dict.fromkeys((*named[:1], *named[-1:], *named)):
        x, y = axis.transData.transform(points[arm])
        wide = LETTER_DOTS * len(plan_short(table, arm)) * axis.figure.dpi / 100
        high = LINE_DOTS * axis.figure.dpi / 100
        if any(x < right and left < x + wide and abs(y - at) < high for left, at, right in taken):
            continue
        taken.append((x, y, x + wide))
        axis.annotate(
            plan_short(table, arm), points[arm], xytext=(-2, above), textcoords="offset points",
            fontsize=8.0, color=INK,
        )  # fmt: skip


def _frontier_alt(found: PlansFound) -> str:
    told_ = []
    for key, rows in found.standings.items():
        figure = found.table.figure(key)
        kept = [
            f"{plan_words(found.table, arm)}: {with_interval(found.table, key, arm)}"
            for arm in found.efficient[key]
        ]
        on = sum(one.on_frontier for one in rows)
        told_.append(
            f"By cost of posts and {short(figure).lower()}, {on} of {len(rows)} plans are beaten "
            f"by no other; along the frontier, cheapest first: {'; '.join(kept)}."
        )
    return " ".join(told_)


def _frontier_behind(found: PlansFound) -> Behind:
    """The plans of the frontiers: cost, figure and what it is on the frontier of."""
    rows = []
    for key, standings in found.standings.items():
        name = short(found.table.figure(key))
        for one in standings:
            if one.on_frontier or one.arm == AS_PLANNED:
                mean, _, ends = with_interval(found.table, key, one.arm).partition(" (")
                cost = told(found.table.amount(found.table.cost, one.arm).mean, "£ a year", 2)
                where = "on it" if one.on_frontier else "beaten"
                rows.append(
                    (
                        (f"{name}: {plan_short(found.table, one.arm)}", ""),
                        (cost, ""), (mean, ends.rstrip(")")), (where, ""),
                    )
                )  # fmt: skip
    heads = ("Figure: plan", "Extra cost a year", "Mean", "Frontier")
    return Behind(heads, tuple(rows), "Second line: 95% interval of the mean.", "frontier.csv")
