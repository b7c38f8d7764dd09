"""Tornado figures: how far each uncertain number, by itself, swings a headline figure."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from simfs.analysis.tornado import Bar, Change, together
from simfs.experiment.sensitivity import NAME, Moved, Tornado
from simfs.report.charts import Behind, Caption, Drawing
from simfs.report.factors import NamedFactor
from simfs.report.figures import render
from simfs.report.wording import between, millions, one_decimal
from simfs.scenario.scenario import Study

SHOWN = 12  # bars by themselves; the others are one
STEP = 0.40  # inches from one bar to the next
AROUND = 1.6  # inches of title, legend, axis and note
WIDTH = 9.2
LETTERS = 54  # of a label's line
PENCE = 100.0
PER_MILLION = 1e-6

# Okabe and Ito's blue and vermilion; hatching tells them apart without colour.
AT_P10, AT_P90, OTHERS = "#d55e00", "#0072b2", "#8a8a8a"
HATCH = "///"
WHISKER = "#111111"
NOTE = (
    "Each number is moved by itself, all others as drawn, in {futures} futures with the same luck: "
    "by how much the mean differs from that\nwith the number at its middle. Whiskers: 95% interval "
    "of that mean. Pale: no more than luck would show among {factors} numbers."
)
NOTE_OTHERS = (
    " The last bar:\nthe others, added as independent errors are (root of the sum of squares)."
)
OTHER_WORDS = "{count} others together"


def drawings_of(
    study: Study, found: Moved, named: Mapping[str, NamedFactor]
) -> tuple[Drawing, ...]:
    """A tornado for each arm and headline figure."""
    return tuple(tornado(study, found, one, named) for one in found.tornadoes)


def tornado_key(study: Study, one: Tornado) -> str:
    """The name of a tornado's files, without their endings."""
    arm = f"-{one.arm}" if len(study.arms) > 2 else ""
    return f"{NAME}{arm}-{one.headline.key}"


def tornado(study: Study, found: Moved, one: Tornado, named: Mapping[str, NamedFactor]) -> Drawing:
    """The widest bars of one figure, one below the other."""
    bars, rest = shown_of(one)
    count = len(bars) + bool(rest)

    def draw(figure: Any) -> None:
        axis = figure.subplots()
        scale = PER_MILLION if one.headline.is_money else 1.0
        for place, bar in enumerate(bars):
            _bar(axis, place, bar, scale)
        labels = [_label(named[bar.factor.key]) for bar in bars]
        if rest:
            half = together(rest) / 2 * scale
            axis.barh(len(bars), 2 * half, 0.55, left=-half, color=OTHERS, alpha=0.6)
            labels.append(OTHER_WORDS.format(count=len(rest)))
        axis.axvline(0.0, color="#333333", linewidth=1.0)
        axis.set_yticks(range(count), labels, fontsize=8.5)
        axis.set_ylim(count - 0.4, -0.6)
        axis.tick_params(axis="y", length=0)
        axis.grid(visible=False, axis="y")
        axis.grid(visible=True, axis="x")
        axis.margins(x=0.04)
        unit = "£m" if one.headline.is_money else "children"
        axis.set_xlabel(f"{unit}, added to the figure or taken from it")
        figure.suptitle(
            textwrap.fill(title(study, one), 92), x=0.01, ha="left", fontsize=11.0,
            fontweight="bold",
        )  # fmt: skip
        _legend(axis)

    note = NOTE.format(futures=found.paired, factors=len(found.factors))
    note += NOTE_OTHERS if rest else ""
    caption = Caption(
        tornado_key(study, one), title(study, one), alt(study, one, named),
        behind(one, named),
    )  # fmt: skip
    return render(caption, (WIDTH, AROUND + count * STEP), draw, note)


def shown_of(one: Tornado) -> tuple[tuple[Bar, ...], tuple[Bar, ...]]:
    """The bars that are drawn by themselves, and the others that do anything."""
    moving = [bar for bar in one.bars if bar.swing]
    return tuple(moving[:SHOWN]), tuple(moving[SHOWN:])


def title(study: Study, one: Tornado) -> str:
    """What a tornado is of."""
    return f"{study.arm(one.arm).label}: what swings the {_in_title(one.headline.label)}"


def alt(study: Study, one: Tornado, named: Mapping[str, NamedFactor]) -> str:
    """What the figure shows, for readers who do not see it."""
    told = [
        f"{named[bar.factor.key].words}, {change_words(one, bar.at_low)} at p10 and "
        f"{change_words(one, bar.at_high)} at p90"
        for bar in shown_of(one)[0]
    ]
    return f"{title(study, one)}. Change of the mean, widest first: {'; '.join(told)}."


def behind(one: Tornado, named: Mapping[str, NamedFactor]) -> Behind:
    """The figures of a tornado as a small table."""
    rows = tuple(
        (
            (named[bar.factor.key].words, named[bar.factor.key].range_words),
            (change_words(one, bar.at_low), interval_words(one, bar.at_low)),
            (change_words(one, bar.at_high), interval_words(one, bar.at_high)),
            (amount(one, bar.swing), "" if bar.beyond_luck else "no more than luck"),
        )
        for bar in shown_of(one)[0]
    )
    heads = ("Number (p10 to p90)", "At p10", "At p90", "Swing")
    note = "Change of the mean against the number at its middle, and its 95% interval."
    return Behind(heads, rows, note, f"{NAME}.csv")


def amount(one: Tornado, value: float) -> str:
    """An amount of a tornado's figure in words."""
    return millions(value * PENCE) if one.headline.is_money else one_decimal(value)


def mean_words(one: Tornado) -> str:
    """The figure as it is, with the interval of its mean."""
    ends = interval_words(one, one.as_it_is)
    interval = f" (95% interval of the mean {ends})" if ends else ""
    return f"{amount(one, one.as_it_is.mean)} on average{interval}"


def change_words(one: Tornado, change: Change) -> str:
    """A change with its sign."""
    text = amount(one, change.mean)
    return f"+{text}" if change.mean > 0 and any(c in text for c in "123456789") else text


def interval_words(one: Tornado, change: Change) -> str:
    """The 95% interval of a change, or nothing."""
    if change.low is None or change.high is None:
        return ""
    return between(amount(one, change.low), amount(one, change.high))


def _in_title(label: str) -> str:
    """A label within a sentence; that of a count becomes a fall."""
    if ", fewer at" in label:
        what, _, when = label.partition(", fewer at")
        return f"fall of {what[:1].lower()}{what[1:]} by{when}"
    return f"{label[:1].lower()}{label[1:]}"


def _label(named: NamedFactor) -> str:
    """A factor's words and range, in two lines at most."""
    words = textwrap.shorten(named.words, 2 * LETTERS - 22, placeholder=" …")
    return textwrap.fill(f"{words} ({named.range_words})", LETTERS)


def _bar(axis: Any, place: int, bar: Bar, scale: float) -> None:
    """Both ends of a factor; where they lie on one side, the longer is drawn first."""
    ends: Sequence[tuple[Change, str, str]] = (
        (bar.at_low, AT_P10, HATCH),
        (bar.at_high, AT_P90, ""),
    )
    for change, colour, hatch in sorted(ends, key=lambda end: -abs(end[0].mean)):
        axis.barh(
            place, change.mean * scale, 0.62, color=colour, hatch=hatch, edgecolor="white",
            linewidth=0.0, alpha=0.9 if bar.beyond_luck else 0.35,
        )  # fmt: skip
    for change, off in ((bar.at_low, -0.1), (bar.at_high, 0.1)):
        if change.low is not None and change.high is not None:
            span = np.array([change.low, change.high]) * scale
            axis.plot(
                span, [place + off] * 2, color=WHISKER, linewidth=1.0, marker="|", markersize=5,
                alpha=1.0 if bar.beyond_luck else 0.5,
            )  # fmt: skip


def _legend(axis: Any) -> None:
    """Which end a colour stands for; empty bars stand for them."""
    for colour, hatch, words in ((AT_P10, HATCH, "number at p10"), (AT_P90, "", "number at p90")):
        axis.barh(
            0, 0, color=colour, hatch=hatch, edgecolor="white", linewidth=0.0, alpha=0.9,
            label=words,
        )  # fmt: skip
    axis.legend(loc="lower right", fontsize=9.0)  # a tornado leaves its lower corners free
