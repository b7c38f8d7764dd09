"""The workbook's charts, before any is drawn: each a small table, and how it is to be shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from simfs.analysis.claims import Verdict
from simfs.analysis.comparison import Comparison, Summary
from simfs.analysis.prices import PENCE_PER_POUND
from simfs.analysis.probabilities import Probability
from simfs.report.drawings import PANELS
from simfs.report.findings import Findings, level_of
from simfs.report.tables import as_written
from simfs.report.wording import between, chance, claimed, millions, whole
from simfs.scenario.pathway import Count


class Shown(NamedTuple):
    """A number that is not to be read off with more digits than it has: 0 of 40 is no 0%."""

    value: float
    words: str


Row = tuple[str | float | Shown | None, ...]


class Shape(StrEnum):
    """How a chart shows its table.

    COLUMNS: year, mean, the ends of its band, and how far it is down and up to them. BARS: words,
    each kind of chance with the ends of its interval, and after all of them how far it is down and
    up to these. FAN: year, mean, mean of the baseline or None, then the 10th, 25th, 75th and 90th
    percentile, and how far it is from each to the next.
    """

    COLUMNS = "columns"
    BARS = "bars"
    FAN = "fan"


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart beside the table that it is drawn from.

    Attributes:
        shape: how.
        title: what it shows.
        alt: what there is to see, for readers who do not see it.
        unit: "£", "share" or "children".
        heads: of the table.
        rows: a category and its figures.
    """

    shape: Shape
    title: str
    alt: str
    unit: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]


def charts_of(findings: Findings) -> Iterator[Chart]:
    """Claims, then savings, then children of every arm that is compared, or of the only one."""
    for one in findings.compared:
        told = [each for each in findings.verdicts if each.arm == one.arm and each.expected]
        if told:
            yield _claims(findings, one, told)
    for one in findings.compared if findings.priced else ():
        yield from (_saving(findings, one, key, words) for key, words in PANELS.items())
    for one in findings.compared or findings.comparisons:
        yield from (_stock(findings, one, count) for count in findings.counts)


KINDS_OF_CHANCE = ("expected", "outturn", "coupled")
ENDS = ("", ", from", ", to")
REACH = (", down", ", up")


def _claims(findings: Findings, one: Comparison, told: list[Verdict]) -> Chart:
    years = findings.outcomes.years
    rows = []
    for verdict in told:
        chances = [getattr(verdict, kind) for kind in KINDS_OF_CHANCE]
        ends = [cell for p in chances for cell in _ends(p)]
        reach = [cell for p in chances for cell in (_reach(p.value, p.low, p.high) if p else NONE)]
        rows.append((claimed(verdict, years), *ends, *reach))
    heads = [
        f"{kind.capitalize()}{end}"
        for after in (ENDS, REACH)
        for kind in KINDS_OF_CHANCE
        for end in after
    ]
    label = findings.label(one.arm)
    likeliest = "; ".join(
        f"{claimed(each, years)}: {chance(each.coupled or each.outturn)}" for each in told
    )
    return Chart(
        shape=Shape.BARS,
        title=f"{label}: how likely each claim is, with 95% intervals",
        alt=f"Bars of the chance of each claim. Coupled, or outturn where nothing is compared: "
        f"{likeliest}.",
        unit="share",
        heads=("Claim", *heads),
        rows=tuple(rows),
    )


NONE: Row = (None, None)


def shown(p: Probability) -> float | Shown | None:
    """A chance as a number, in words where it would look certain or is not known."""
    return Shown(p.value, p.printed) if p.printed[0] in "<>n" else as_written(p.value)


def _ends(p: Probability | None) -> Row:
    return (shown(p), as_written(p.low), as_written(p.high)) if p else (None, None, None)


def _reach(middle: float, low: float, high: float) -> Row:
    """How far it is from the middle of a range down and up to its ends."""
    return tuple(map(as_written, (max(middle - low, 0.0), max(high - middle, 0.0))))


def _saving(findings: Findings, one: Comparison, key: str, words: str) -> Chart:
    found = [one.fall(key, year) for year in findings.outcomes.years]
    told = "; ".join(
        f"{row.period} {millions(row.mean)} ({between(millions(row.p10), millions(row.p90))})"
        for row in found
    )
    return Chart(
        shape=Shape.COLUMNS,
        title=f"{findings.label(one.arm)}: {words.lower()} by year, mean and 80% band",
        alt=f"Columns of the mean {words.lower()} of each financial year, with the 80% band as a "
        f"line: {told}.",
        unit="£",
        heads=("Year", "Mean", "Band (80%), from", "Band, to", "Down", "Up"),
        rows=tuple((row.period, *_pounds(row)) for row in found),
    )


def _pounds(row: Summary) -> Row:
    mean, low, high = (each / PENCE_PER_POUND for each in (row.mean, row.p10, row.p90))
    return (*map(as_written, (mean, low, high)), *_reach(mean, low, high))


def _stock(findings: Findings, one: Comparison, count: Count) -> Chart:
    key, years = f"{count.key}_at_end_children", findings.outcomes.years
    found = [level_of(one, key, year) for year in years]
    base = findings.comparisons[0]
    others: list[Summary | None] = [None] * len(years)
    if one.arm != base.arm:
        others = [level_of(base, key, year) for year in years]
    label = findings.label(one.arm)
    told = "; ".join(
        f"{row.period} {whole(row.mean)} ({between(whole(row.p10), whole(row.p90))})"
        for row in found
    )
    beside = f", and the mean of {findings.label(base.arm)} as a line" if others[0] else ""
    return Chart(
        shape=Shape.FAN,
        title=f"{count.label} at the end of the year: {label}",
        alt=f"A fan of the 50% and 80% bands about the mean of {label}{beside}. Mean and 80% "
        f"band: {told}.",
        unit="children",
        heads=(
            "Year", f"Mean, {label}", f"Mean, {findings.label(base.arm)}" if others[0] else "",
            "10th percentile", "25th percentile", "75th percentile", "90th percentile",
            "10th to 25th", "25th to 75th", "75th to 90th",
        ),
        rows=tuple(map(_fan_row, found, others)),
    )  # fmt: skip


def _fan_row(row: Summary, other: Summary | None) -> Row:
    cuts = (row.p10, row.p25, row.p75, row.p90)
    gaps = (row.p25 - row.p10, row.p75 - row.p25, row.p90 - row.p75)
    mean = None if other is None else as_written(other.mean)
    return (row.period, as_written(row.mean), mean, *map(as_written, (*cuts, *gaps)))
