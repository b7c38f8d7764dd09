"""What each mechanism carries: a waterfall figure, a table for Excel and one for the terminal."""

import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simfs.analysis.mechanisms import Amount, Breakdown
from simfs.analysis.prices import PENCE_PER_POUND
from simfs.report.charts import Caption, Drawing
from simfs.report.figures import render
from simfs.report.tables import Value, csv_file
from simfs.report.wording import PENCE_IN_MILLION, between, millions, one_decimal, two_decimals
from simfs.scenario.scenario import Study

WIDTH = 100
LABEL = 38
CELL = 31
LETTERS_PER_INCH = 10  # of a title
MILLIONTH = 1 / PENCE_IN_MILLION  # pence in £m

# Okabe and Ito's blue, vermilion and grey; hatching tells up from down without colour.
UP, DOWN, WHOLE = "#0072b2", "#d55e00", "#4d4d4d"
WHISKER = "#111111"

JOINTLY = "Together: only jointly"
ABSENT = "not in this scenario"
WORDS = (
    "A mechanism carries the difference between the arms with everything on, less the difference "
    "without that mechanism, in the same futures. These amounts do not add up, because mechanisms "
    "act through each other: what two do only together is in the amount of both, and “together” "
    "takes off what is counted twice, or adds what no single one carries. The saving is before "
    "what the plan itself costs. Without “dose” or “skill”, effects have their published strength, "
    "as if specialists and skill were those of the evidence: these amounts are not what "
    "specialists or training bring."
)
NOTE = (
    "Bars: means of {futures} futures, the same with each mechanism on and off. Whiskers: 95% "
    "interval of the mean.\nThe amounts do not add up, because mechanisms act through each other; "
    "“together” is what they do only jointly.\n"
    "Without “dose” or “skill”, effects have their published strength: these are not what "
    "specialists or training bring."
)


@dataclass(frozen=True, slots=True)
class _Step:
    """A bar of the waterfall: from where it starts, how far it goes, in the unit of the axis."""

    label: str
    start: float
    amount: Amount
    is_whole: bool = False

    @property
    def colour(self) -> str:
        return WHOLE if self.is_whole else UP if self.amount.mean >= 0 else DOWN

    @property
    def hatch(self) -> str:
        return "///" if self.colour == DOWN else ""

    @property
    def end(self) -> float:
        return self.start + self.amount.mean


def drawings_of(study: Study, breakdowns: Sequence[Breakdown]) -> tuple[Drawing, ...]:
    """A waterfall for each arm: of its gross saving, or of what comes first without money.

    The files are called mechanisms, and with several arms mechanisms-ARM.
    """
    first: dict[str, Breakdown] = {}
    for shared in breakdowns:
        first.setdefault(shared.arm, shared)
    return tuple(
        waterfall(study, shared, f"mechanisms-{arm}" if len(first) > 1 else "mechanisms")
        for arm, shared in first.items()
    )


def waterfall(study: Study, shared: Breakdown, key: str = "mechanisms") -> Drawing:
    """What carries one difference, from nothing to the whole.

    Args:
        study: what was run.
        shared: the difference, shared out.
        key: name of the files without its ending.
    """
    steps = _steps(shared)
    width = min(max(7.6, 1.4 + 1.05 * len(steps)), 15.0)

    def draw(figure: Any) -> None:
        axis = figure.subplots()
        _bars(axis, steps)
        _levels(axis, steps)
        _amounts(axis, steps, shared.figure.is_money)
        axis.axhline(0.0, color="#333333", linewidth=1.0)
        labels = [textwrap.fill(step.label, 13, break_long_words=False) for step in steps]
        axis.set_xticks(range(len(steps)), labels, fontsize=9.0)
        axis.tick_params(axis="x", length=0)
        axis.set_ylabel("£m over all years" if shared.figure.is_money else "children fewer")
        axis.set_title(textwrap.fill(_title(study, shared), int(LETTERS_PER_INCH * width)))
        axis.margins(x=0.02, y=0.12)
        _legend(figure, axis, steps)

    note = NOTE.format(futures=f"{shared.futures:,}")
    return render(Caption(key, _title(study, shared), alt(study, shared)), (width, 4.8), draw, note)


def alt(study: Study, shared: Breakdown) -> str:
    """What the figure shows, for readers who do not see it."""
    carrying = [part for part in shared.parts if _shown(part.carried)]
    told = [f"{part.words} {_told(part.carried, shared)}" for part in carrying]
    told.append(f"together, what they do only jointly, {_told(shared.jointly, shared)}")
    return (
        f"{_title(study, shared)}. Mean and 95% interval of the mean that each carries: "
        f"{'; '.join(told)}; in all {_told(shared.whole, shared)}."
    )


def _title(study: Study, shared: Breakdown) -> str:
    years = [label for label, _, _ in study.arms[0].calendar.years]
    label = study.arm(shared.arm).label
    words = shared.figure.label[0].lower() + shared.figure.label[1:].split(" (")[0]
    period = years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}"
    if shared.figure.is_money:
        return f"{label}: what carries the {words}, {period}"
    return f"{label}: what carries the fall of {words} by the end of {years[-1]}"


def _steps(shared: Breakdown) -> list[_Step]:
    """The bars in order; a mechanism that carries nothing has none."""
    scale = MILLIONTH if shared.figure.is_money else 1.0
    carried = [(part.words, part.carried) for part in shared.parts if _shown(part.carried)]
    steps: list[_Step] = []
    at = 0.0
    for label, amount in (*carried, (JOINTLY, shared.jointly)):
        steps.append(_Step(label, at, _scaled(amount, scale)))
        at = steps[-1].end
    return [*steps, _Step("In all", 0.0, _scaled(shared.whole, scale), is_whole=True)]


def _shown(amount: Amount) -> bool:
    """Whether it is anything in any future's draw."""
    return any(value not in (None, 0.0) for value in (amount.mean, amount.low, amount.high))


def _scaled(amount: Amount, scale: float) -> Amount:
    low, high = (None if end is None else end * scale for end in (amount.low, amount.high))
    return Amount(amount.mean * scale, low, high)


def _bars(axis: Any, steps: Sequence[_Step]) -> None:
    for place, step in enumerate(steps):
        axis.bar(
            place,
            step.amount.mean,
            0.62,
            bottom=step.start,
            color=step.colour,
            alpha=0.85,
            hatch=step.hatch,
            edgecolor="white",
            linewidth=0.0,
        )
        if step.amount.low is not None and step.amount.high is not None:
            ends = np.array([step.amount.low, step.amount.high]) + step.start
            axis.plot([place] * 2, ends, color=WHISKER, linewidth=1.2, marker="_", markersize=7)


def _levels(axis: Any, steps: Sequence[_Step]) -> None:
    """A thin line from the end of each bar to the next, so that the eye can follow."""
    for place, step in enumerate(steps[:-1]):
        axis.plot([place + 0.31, place + 0.69], [step.end] * 2, color="#888888", linewidth=0.9)


def _amounts(axis: Any, steps: Sequence[_Step], is_money: bool) -> None:
    """The mean of each bar beyond its whisker, on the side that the bar goes to."""
    for place, step in enumerate(steps):
        ends = [step.amount.mean, step.amount.low, step.amount.high]
        reach = [step.start + end for end in ends if end is not None]
        up = step.amount.mean >= 0
        axis.annotate(
            two_decimals(step.amount.mean) if is_money else one_decimal(step.amount.mean),
            (place, max(reach) if up else min(reach)),
            xytext=(0, 4 if up else -4),
            textcoords="offset points",
            ha="center",
            va="bottom" if up else "top",
            fontsize=9.0,
            fontweight="bold" if step.is_whole else "normal",
        )


def _legend(figure: Any, axis: Any, steps: Sequence[_Step]) -> None:
    """What the colours say, as far as they occur; empty bars stand for them."""
    words = {UP: "adds to the difference", DOWN: "takes away from it", WHOLE: "the difference"}
    seen = {step.colour: step.hatch for step in steps}
    for colour in (colour for colour in words if colour in seen):
        axis.bar(
            0, 0, color=colour, alpha=0.85, hatch=seen[colour], edgecolor="white",
            linewidth=0.0, label=words[colour],
        )  # fmt: skip
    figure.legend(loc="outside upper right", ncols=3, fontsize=9.0)


def _told(amount: Amount, shared: Breakdown) -> str:
    return _with_interval(amount, millions if shared.figure.is_money else one_decimal)


def _with_interval(amount: Amount, write: Callable[[float], str]) -> str:
    if amount.low is None or amount.high is None:
        return write(amount.mean)
    return f"{write(amount.mean)} ({between(write(amount.low), write(amount.high))})"


def mechanisms_csv(breakdowns: Sequence[Breakdown]) -> bytes:
    """What each mechanism carries of each figure; money in pounds.

    After the mechanisms come what they do jointly and the whole difference.
    """
    heads = [
        "arm", "figure", "unit", "mechanism", "words", "carried_mean", "carried_low",
        "carried_high", "difference_without", "futures", "note",
    ]  # fmt: skip
    return csv_file(heads, (row for shared in breakdowns for row in _rows(shared)))


def _rows(shared: Breakdown) -> Iterator[list[Value]]:
    scale = 1 / PENCE_PER_POUND if shared.figure.is_money else 1.0
    first = [shared.arm, shared.figure.key, "£" if shared.figure.is_money else "children"]

    def row(key: str, words: str, amount: Amount, without: float | None, note: str) -> list[Value]:
        of_unit = _scaled(amount, scale)
        carried = [of_unit.mean, of_unit.low, of_unit.high]
        rest = None if without is None else without * scale
        return [*first, key, words, *carried, rest, shared.futures, note]

    for part in shared.parts:
        note = "" if part.present else ABSENT
        yield row(part.mechanism, part.words, part.carried, part.without, note)
    yield row("jointly", JOINTLY, shared.jointly, None, "the whole less all that is carried")
    yield row("whole", "In all", shared.whole, None, "the difference with everything on")


def mechanisms_text(study: Study, breakdowns: Sequence[Breakdown]) -> str:
    """The table for the terminal: means and 95% intervals of the mean, at most 100 columns."""
    base = study.arm(study.baseline).label
    years = [label for label, _, _ in study.arms[0].calendar.years]
    blocks: list[list[str]] = []
    for arm in dict.fromkeys(shared.arm for shared in breakdowns):
        title = f"What carries the difference between {base} and {study.arm(arm).label}"
        futures = f"{breakdowns[0].futures:,} futures"
        blocks.append(_wrapped(f"{title}: mean of {futures} (95% interval of the mean)"))
        mine = [shared for shared in breakdowns if shared.arm == arm]
        money = [shared for shared in mine if shared.figure.is_money]
        children = [shared for shared in mine if not shared.figure.is_money]
        if money:
            blocks.append(_table("£m, all years together", money))
        if children:
            blocks.append(_table(f"Children fewer at the end of {years[-1]}", children))
    return "\n".join(line for block in (*blocks, _wrapped(WORDS)) for line in (*block, ""))


def _table(unit: str, columns: Sequence[Breakdown]) -> list[str]:
    """Mechanisms down, figures across, then what they do jointly and the whole."""
    heads = [shared.figure.label.split(" (")[0] for shared in columns]
    lines = [_line(unit, heads)]
    for place, part in enumerate(columns[0].parts):
        cells = [_cell(shared.parts[place].carried, shared) for shared in columns]
        lines.append(_line(f"  {part.words}", cells if part.present else [ABSENT] * len(cells)))
    lines.append(_line(f"  {JOINTLY}", [_cell(shared.jointly, shared) for shared in columns]))
    lines.append(_line("  In all", [_cell(shared.whole, shared) for shared in columns]))
    return lines


def _cell(amount: Amount, shared: Breakdown) -> str:
    """A mean and its interval without the unit, which stands above the table."""
    if shared.figure.is_money:
        return _with_interval(_scaled(amount, MILLIONTH), two_decimals)
    return _with_interval(amount, one_decimal)


def _line(label: str, cells: Sequence[str]) -> str:
    return f"{label:<{LABEL}}" + "".join(f"{cell[: CELL - 1]:>{CELL}}" for cell in cells)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH)
