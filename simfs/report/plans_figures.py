"""Plans of staffing as figures: heat maps of two factors or more, lines of one.

In every heat map darker is better, so that all are read alike and a grey printer loses nothing.
A cell that luck does not set apart from the file's own plan has a sign, not a colour.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simfs.analysis.mechanisms import Amount
from simfs.analysis.plan_figures import CHANCE, Better, PlanFigure
from simfs.analysis.plan_table import PlanTable, apart
from simfs.report.charts import ARM_COLOURS, Behind, Caption, Drawing
from simfs.report.figures import INK, render
from simfs.report.plans_found import PlansFound
from simfs.report.plans_scatter import frontier
from simfs.report.plans_words import (
    SHOWN,
    UNITS,
    cell,
    chance_words,
    decimals,
    in_unit,
    is_apart,
    level,
    plan_short,
    plan_words,
    short,
    told,
    with_interval,
    written,
)
from simfs.scenario.plans import AS_PLANNED, Factor
from simfs.scenario.variable import Level

ALIKE = "≈"
PALETTE = "Blues"
ROOM = (0.12, 0.45)  # of the range of figures, left at the light and the dark end of the palette
LINE, OWN = ARM_COLOURS[1:3]
MOST_MAPS = 6  # of a third factor
A_NUMBER = 0.6  # inches that a number of usual size needs in a cell
LETTERS = 34  # of a factor's label along an axis
HEAT_WORDS = (
    f"Mean over futures; darker is better. {ALIKE}: luck does not set it apart from the file's\n"
    "own plan (95%, same futures)."
)
ALIKE_WORDS = (
    "Mean over futures. By this figure no plan is clearly better than another, so all have one "
    f"shade.\n{ALIKE}: luck does not set it apart from the file's own plan (95%, same futures)."
)
FRAMED = " Framed: the file's own levels."
LINE_WORDS = (
    "Line: mean over futures; shaded: the 95% interval of that mean. Below: less the file's own "
    "plan\nin the same futures, with the interval of the difference. Dotted: the file's own level."
)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a grid of plans is laid out.

    Attributes:
        across: factor of the columns.
        down: factor of the rows, or None where one factor is varied.
        maps: factor of the small multiples, or None.
        fixed: levels at which the other factors are held.
    """

    across: int
    down: int | None
    maps: int | None
    fixed: dict[int, Level]


def drawings(found: PlansFound, keys: Sequence[str] = SHOWN) -> tuple[Drawing, ...]:
    """What plans come to, a drawing for each of these figures, then the frontier."""
    table = found.table
    at = layout(found)
    figures = [table.figure(key) for key in keys if table.has(key)]
    drawn = [
        _line(table, figure, at)
        if at.down is None
        else _maps(table, figure, at, figure.key in found.alike)
        for figure in figures
    ]
    return (*drawn, *([frontier(found)] if found.standings else []))


def layout(found: PlansFound) -> Layout:
    """Which factors are axes: those that move the figures most, the first of them across."""
    factors = found.table.planned.plans.factors
    weight = dict.fromkeys(range(len(factors)), 0.0)
    for key in SHOWN:
        if key in found.effects:
            for place, effect in enumerate(found.effects[key].main):
                weight[place] += effect.share
    order = sorted(weight, key=lambda place: -weight[place])
    across, down, maps = (*order[:3], None, None)[:3]
    if len(factors) == 2:
        across, down = 0, 1
    fixed = {place: _near(factors[place]) for place in order[3:]}
    return Layout(int(across or 0), down, maps, fixed)


def _near(factor: Factor) -> Level:
    """The level nearest the file's own, or the lowest."""
    own = factor.variable.value
    return min(factor.levels, key=lambda each: 0 if own is None else apart(each, own))


def _shown(factor: Factor) -> tuple[Level, ...]:
    """Levels that have a small map of their own: at most so many, evenly spread."""
    number = len(factor.levels)
    picked = np.unique(np.linspace(0, number - 1, min(number, MOST_MAPS)).round().astype(int))
    return tuple(factor.levels[each] for each in picked)


def _maps(table: PlanTable, figure: PlanFigure, at: Layout, alike: bool) -> Drawing:
    """A figure over two factors, or over two for each level of a third; shades if they tell."""
    factors = table.planned.plans.factors
    assert at.down is not None
    across, down = factors[at.across], factors[at.down]
    thirds: Sequence[Level | None] = (None,) if at.maps is None else _shown(factors[at.maps])
    cells = [_cells(table, at, third) for third in thirds]
    values = [_values(table, figure, each) for each in cells]
    columns = min(len(thirds), 3)
    rows = -(-len(thirds) // columns)
    wide = max(2.2 + 0.62 * len(across.levels), 3.4)
    tall = max(0.9 + 0.4 * len(down.levels), 1.8)
    size = (max(min(wide * columns, 13.0), 7.0), rows * tall + 1.5)
    # a wide grid has narrow cells
    room = (size[0] / columns - 1.4) / len(across.levels) / A_NUMBER
    known = np.concatenate([each.ravel() for each in values])
    ends = (float(np.nanmin(known)), float(np.nanmax(known)))
    if alike:
        ends = _wide(*ends, figure.better)

    def draw(canvas: Any) -> None:
        axes = canvas.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
        for number, axis in enumerate(axes.flat):
            if number >= len(thirds):
                axis.set_axis_off()
                continue
            mesh = _mesh(axis, values[number], ends, figure)
            _numbers(axis, table, figure, cells[number], mesh, 9.0 * min(room, 1.0))
            if thirds[number] is not None and at.maps is not None:
                words = f"{_clipped(factors[at.maps].label)} {level(thirds[number])}"
                axis.set_title(words, fontsize=9.5)
            _frame(axis, table, at, thirds[number])
            _axes(axis, across, down)
        canvas.suptitle(_title(figure), x=0.01, ha="left", fontsize=11.0, fontweight="bold")

    key = f"staffing-{figure.key}"
    held = (own in factor.levels for own, factor in zip(table.own, factors, strict=True))
    note = (
        (ALIKE_WORDS if alike else HEAT_WORDS)
        + FRAMED * all(held)
        + "".join(f" {factors[place].label}: {level(fixed)}." for place, fixed in at.fixed.items())
    )
    caption = Caption(key, _title(figure), _alt(table, figure), _behind(table, figure, cells))
    return render(caption, size, draw, note)


def _wide(low: float, high: float, better: Better) -> tuple[float, float]:
    """Ends so far apart that all plans have the same light shade."""
    far = 100 * max(high - low, 1.0)
    return (low - far / 20, high + far) if better is Better.MORE else (low - far, high + far / 20)


def _cells(table: PlanTable, at: Layout, third: Level | None) -> list[list[str | None]]:
    """Keys of plans by row and column; None where one was not run."""
    factors = table.planned.plans.factors
    known = {table.levels(arm): arm for arm in table.planned.arms}
    assert at.down is not None

    def levels(across: Level, down: Level) -> tuple[Level, ...]:
        chosen = dict(at.fixed) | {at.across: across, int(at.down or 0): down}
        if at.maps is not None and third is not None:
            chosen[at.maps] = third
        return tuple(chosen[place] for place in range(len(factors)))

    return [
        [known.get(levels(across, down)) for across in factors[at.across].levels]
        for down in factors[at.down].levels
    ]


def _values(table: PlanTable, figure: PlanFigure, cells: list[list[str | None]]) -> np.ndarray:
    """The figure by row and column, in the unit in which it is shown."""
    return np.array(
        [
            [
                np.nan if arm is None else in_unit(table.amount(figure.key, arm).mean, figure.unit)
                for arm in row
            ]
            for row in cells
        ]
    )


def _mesh(axis: Any, values: np.ndarray, ends: tuple[float, float], figure: PlanFigure) -> Any:
    palette = PALETTE if figure.better is Better.MORE else f"{PALETTE}_r"
    low, high = ends if ends[1] > ends[0] else (ends[0] - 1, ends[1] + 1)
    # the light end is white, which would look like no plan; on the dark end no ink can be read
    light, dark = (share * (high - low) for share in ROOM)
    more = figure.better is Better.MORE
    low, high = (low - light, high + dark) if more else (low - dark, high + light)
    rows, columns = values.shape
    mesh = axis.pcolormesh(
        np.arange(columns + 1), np.arange(rows + 1), np.ma.masked_invalid(values), cmap=palette,
        vmin=low, vmax=high, edgecolors="white", linewidth=1.0,
    )  # fmt: skip
    axis.set_facecolor("#f2f2f2")
    axis.grid(visible=False)
    return mesh


def _numbers(
    axis: Any,
    table: PlanTable,
    figure: PlanFigure,
    cells: list[list[str | None]],
    mesh: Any,
    points: float,
) -> None:
    """The number of every cell, and a sign where luck does not set it apart."""
    digits = decimals(table, figure)
    for row, arms in enumerate(cells):
        for column, arm in enumerate(arms):
            if arm is None:
                axis.text(column + 0.5, row + 0.5, "not run", ha="center", va="center", fontsize=7)
                continue
            amount = table.amount(figure.key, arm)
            text = _in_cell(amount, figure, digits)
            alike = not is_apart(table, figure.key, arm)
            colour = mesh.cmap(mesh.norm(in_unit(amount.mean, figure.unit)))
            axis.text(
                column + 0.5, row + 0.5, f"{ALIKE} {text}" if alike else text, ha="center",
                va="center", fontsize=points, color=_letters(colour),
                fontweight="normal" if alike else "bold",
            )  # fmt: skip


def _letters(ground: Sequence[float]) -> str:
    """The colour of letters that can be read on a ground, by the contrast of WCAG 2."""
    parts = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in ground[:3]]
    light = 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    return "white" if 1.05 / (light + 0.05) > (light + 0.05) / 0.066 else INK


def _in_cell(amount: Amount, figure: PlanFigure, digits: int) -> str:
    """A number for a cell; a chance in the digits of its interval, never none or certain."""
    if figure.key == CHANCE:
        return chance_words(amount).strip("~%")
    return written(amount.mean, figure.unit, digits)


def _frame(axis: Any, table: PlanTable, at: Layout, third: Level | None) -> None:
    """A frame about the cell of the file's own levels, if the grid has it."""
    factors, own = table.planned.plans.factors, table.own
    others = {place: own[place] for place in at.fixed}
    if at.down is None or others != at.fixed or (at.maps is not None and own[at.maps] != third):
        return
    if own[at.across] in factors[at.across].levels and own[at.down] in factors[at.down].levels:
        x = factors[at.across].levels.index(own[at.across])
        y = factors[at.down].levels.index(own[at.down])
        edges = ([x, x + 1, x + 1, x, x], [y, y, y + 1, y + 1, y])
        axis.plot(*edges, color=OWN, linewidth=2.5, clip_on=False, zorder=5)


def _axes(axis: Any, across: Factor, down: Factor) -> None:
    axis.set_xticks(np.arange(len(across.levels)) + 0.5, [level(x) for x in across.levels])
    axis.set_yticks(np.arange(len(down.levels)) + 0.5, [level(y) for y in down.levels])
    axis.tick_params(length=0, labelsize=8.5)
    if max(len(level(x)) for x in across.levels) > 5:
        axis.tick_params("x", rotation=35)
    axis.spines[["left", "bottom"]].set_visible(False)
    if axis.get_subplotspec().is_last_row():
        axis.set_xlabel(textwrap.fill(across.label, LETTERS), fontsize=9.0)
    if axis.get_subplotspec().is_first_col():
        axis.set_ylabel(textwrap.fill(down.label, LETTERS // 2), fontsize=9.0)


def _line(table: PlanTable, figure: PlanFigure, at: Layout) -> Drawing:
    """A figure over one factor, and below it less the file's own plan."""
    factor = table.planned.plans.factors[at.across]
    arms = sorted(table.planned.arms, key=lambda arm: factor.levels.index(table.levels(arm)[0]))
    places = np.array([_place(table.levels(arm)[0]) for arm in arms], dtype=np.float64)
    amounts = [table.amount(figure.key, arm) for arm in arms]
    gaps = [table.difference(figure.key, arm) for arm in arms]
    own = factor.variable.value

    def draw(canvas: Any) -> None:
        axes = canvas.subplots(2, 1, sharex=True, height_ratios=[1.5, 1.0])
        for axis, values in zip(axes, (amounts, gaps), strict=True):
            rows = [
                [one.mean, *(x for x in (one.low, one.high) if x is not None)] for one in values
            ]
            lines = [in_unit(1.0, figure.unit) * np.array(row) for row in zip(*rows, strict=True)]
            axis.plot(places, lines[0], color=LINE, marker="o", markersize=4.0, linewidth=1.8)
            if len(lines) == 3:
                axis.fill_between(places, lines[1], lines[2], color=LINE, alpha=0.2, linewidth=0)
            if own is not None and places[0] <= _place(own) <= places[-1]:
                axis.axvline(_place(own), color=OWN, linestyle=":", linewidth=1.8)
        axes[1].axhline(0.0, color="#888888", linewidth=0.9)
        axes[0].set_title(_title(figure))
        axes[1].set_title("less the file's own plan", fontsize=9.5, fontweight="normal")
        axes[1].set_xticks(places, [level(table.levels(arm)[0]) for arm in arms], fontsize=8.5)
        axes[1].set_xlabel(factor.label)
        unit = UNITS[figure.unit]
        axes[0].set_ylabel(unit, fontsize=9.0)
        axes[1].set_ylabel("points" if figure.unit == "share" else unit, fontsize=9.0)

    caption = Caption(
        f"staffing-{figure.key}", _title(figure), _alt(table, figure),
        _behind(table, figure, [list(arms)]),
    )  # fmt: skip
    return render(caption, (7.6, 5.0), draw, LINE_WORDS)


def _place(at: Level) -> float:
    return float(at if isinstance(at, int) else at.toordinal())


def _title(figure: PlanFigure) -> str:
    unit = UNITS[figure.unit]
    return short(figure) if unit in ("children", "days") else f"{short(figure)}, {unit}"


def _clipped(text: str, most: int = LETTERS) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _alt(table: PlanTable, figure: PlanFigure) -> str:
    """What a figure shows: its best and its worst plan, and the file's own."""
    arms = table.planned.arms
    means = {arm: table.amount(figure.key, arm).mean for arm in arms}
    low, high = min(arms, key=lambda a: means[a]), max(arms, key=lambda a: means[a])
    unlike = sum(is_apart(table, figure.key, arm) for arm in arms)
    return (
        f"{figure.label}. Of {len(arms)} plans the lowest has "
        f"{cell(table, figure, low)} ({plan_words(table, low)}), the highest "
        f"{cell(table, figure, high)} ({plan_words(table, high)}). The file's own "
        f"plan has {with_interval(table, figure.key, AS_PLANNED)}, 95% interval of the mean; "
        f"{unlike} plans differ from it by more than luck."
    )


def _behind(table: PlanTable, figure: PlanFigure, cells: Sequence[Any]) -> Behind:
    """The plans drawn, with their intervals and their differences to the file's own plan."""
    drawn = np.array(cells, dtype=object).ravel().tolist()
    digits = decimals(table, figure)
    rows = []
    for arm in (AS_PLANNED, *(arm for arm in drawn if arm is not None)):
        gap = table.difference(figure.key, arm)
        mean, _, ends = with_interval(table, figure.key, arm).partition(" (")
        less = told(gap.mean, figure.unit, digits)
        band = ""
        if gap.low is not None and gap.high is not None and arm != AS_PLANNED:
            band = f"{told(gap.low, figure.unit, digits)} to {told(gap.high, figure.unit, digits)}"
        other = ("the file's own", "") if arm == AS_PLANNED else (less, band)
        rows.append(((plan_short(table, arm), ""), (mean, ends.rstrip(")")), other))
    heads = (" · ".join(f.label for f in table.planned.plans.factors), "Mean", "Less file's plan")
    return Behind(heads, tuple(rows), "Second line: 95% interval.", "plans.csv")
