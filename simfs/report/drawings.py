"""Which figures a report has, and the words that go with each."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from simfs.analysis.comparison import Bands, Comparison, Summary
from simfs.analysis.finance import NetPosition
from simfs.analysis.prices import PENCE_PER_POUND
from simfs.report.behind import position_behind, saving_behind, stock_behind
from simfs.report.charts import (
    ARM_COLOURS,
    Band,
    Caption,
    Counts,
    Drawing,
    Mark,
    Panel,
    Series,
    Weeks,
)
from simfs.report.drawings_staff import colour_of, staff_drawers
from simfs.report.figures import (
    fans,
    headline,
    net_position,
    savings,
)
from simfs.report.findings import Findings, at_week, turned, weekly_band
from simfs.report.wording import (
    MILLION,
    PENCE_IN_MILLION,
    between,
    listed,
    millions,
    threshold,
    whole,
)
from simfs.scenario.claims import Against, Aggregate
from simfs.scenario.dates import day_in_words
from simfs.scenario.pathway import Count

Drawer = Callable[[], Drawing]

YEARS_BEFORE = 6  # of counts that are shown before the start
PANELS = {
    "gross_saving_pence": "Gross saving",
    "cashable_saving_pence": "Of it, cashable",
    "net_saving_pence": "Net saving (after investment)",
}


def drawings(findings: Findings) -> tuple[Drawing, ...]:
    """Every figure of the report, in the order of the page; the headline last."""
    return tuple(draw() for draw in drawers(findings))


def drawers(findings: Findings) -> tuple[Drawer, ...]:
    """A function for every figure, so that they may be drawn by several hands."""
    return tuple(_drawers(findings))


def _drawers(findings: Findings) -> Iterator[Drawer]:
    weeks = weeks_of(findings)
    for count in findings.counts:
        yield partial(_stock, findings, weeks, count)
    if findings.priced:
        for comparison in findings.compared:
            yield partial(_savings, findings, comparison)
            yield partial(_position, findings, comparison.arm)
    yield from staff_drawers(findings, weeks)
    if findings.priced and findings.compared and findings.counts:
        yield partial(_headline, findings, weeks)


def weeks_of(findings: Findings) -> Weeks:
    """The time axis, with the day on which each arm's practice goes live."""
    found: dict[int, list[str]] = {}
    for arm in findings.outcomes.arms:
        practice = findings.scenario(arm).practice
        if practice and practice.go_live is not None and practice.go_live >= 0:
            found.setdefault(practice.go_live, []).append(findings.label(arm))
    calendar = findings.scenario(findings.outcomes.baseline).calendar
    marks = []
    for day, labels in sorted(found.items()):
        when = calendar.date_of(day)
        name = f" ({listed(labels)})" if len(found) > 1 else ""
        marks.append(Mark(when, 0.0, f"go-live {day_in_words(when)}{name}"))
    return Weeks(findings.week_ends, tuple(marks))


def _change(bands: Bands, column: int) -> Band:
    """Arm minus baseline from bands of baseline minus arm: every edge changes side."""
    fall = weekly_band(bands, column)
    return Band(-fall.mean, -fall.p90, -fall.p75, -fall.p25, -fall.p10)


def _arms(findings: Findings, column: int) -> tuple[Series, ...]:
    return tuple(
        Series(
            findings.label(one.arm), weekly_band(one.weekly, column), colour_of(findings, one.arm)
        )
        for one in findings.comparisons
    )


def _stock(findings: Findings, weeks: Weeks, count: Count) -> Drawing:
    """Children in one published count, by arm, and the difference in the same futures."""
    column = findings.weekly_column(f"{count.key}_children")
    arms, differences = stock_series(findings, column)
    counted = counts_of(findings, count)
    caption = Caption(
        f"stock-{count.key}",
        count.label,
        f"{_stock_alt(findings, count, column)}{_counted_alt(counted)}",
        stock_behind(findings, arms, differences, counted),
    )
    return fans(caption, weeks, arms, differences, counted)


def stock_series(findings: Findings, column: int) -> tuple[tuple[Series, ...], tuple[Series, ...]]:
    """A weekly figure of every arm, and each arm less the baseline in the same futures."""
    base = findings.label(findings.outcomes.baseline)
    differences = tuple(
        Series(
            f"{findings.label(one.arm)} less {base}, in the same futures",
            _change(one.weekly_falls, column),
            colour_of(findings, one.arm),
        )
        for one in findings.compared
        if one.weekly_falls is not None
    )
    return _arms(findings, column), differences


def counts_of(findings: Findings, count: Count) -> Counts | None:
    """What was published of a stock in the years before the run and during it."""
    start, end = findings.week_ends[0], findings.year_ends[-1]
    found = sorted(
        (when, value)
        for one in findings.outcomes.study.history
        if one.count == count.key
        for when, value in zip(one.dates, one.values, strict=True)
        if start.year - YEARS_BEFORE <= when.year and when <= end
    )
    return Counts(*zip(*found, strict=True)) if found else None


def _counted_alt(counted: Counts | None) -> str:
    if counted is None:
        return ""
    told = [
        f"{day_in_words(when)} {whole(value)}"
        for when, value in zip(counted.dates, counted.values, strict=True)
    ]
    return f" Counted: {'; '.join(told)}."


def _stock_alt(findings: Findings, count: Count, column: int) -> str:
    dates = findings.week_ends
    parts = [f"{count.label}, {day_in_words(dates[0])} to {day_in_words(dates[-1])}."]
    for one in findings.comparisons:
        end = at_week(one.weekly, -1, column)
        parts.append(
            f"{findings.label(one.arm)}: mean {whole(one.weekly.mean[0, column])} in the first "
            f"week and {whole(end.mean)} in the last (80% band {whole(end.p10)} to "
            f"{whole(end.p90)})."
        )
        if one.weekly_falls is not None:
            fall = at_week(one.weekly_falls, -1, column)
            parts.append(
                f"Difference in the last week: mean {whole(-fall.mean)} "
                f"(80% band {between(whole(-fall.p90), whole(-fall.p10))})."
            )
    return " ".join(parts)


def _money(rows: list[Summary]) -> Band:
    """Pence by year as £m."""
    columns = [
        [getattr(row, edge) for row in rows] for edge in ("mean", "p10", "p25", "p75", "p90")
    ]
    return Band(*(np.array(column) / PENCE_IN_MILLION for column in columns))


def _panel(findings: Findings, key: str, comparisons: tuple[Comparison, ...]) -> Panel:
    years = findings.outcomes.years
    series = tuple(
        Series(
            findings.label(one.arm),
            _money([one.fall(key, year) for year in years]),
            colour_of(findings, one.arm),
        )
        for one in comparisons
    )
    return Panel(PANELS[key], series, _thresholds(findings, key))


def _thresholds(findings: Findings, key: str) -> tuple[Mark, ...]:
    """What the claims say of a saving in single years, each amount of a year once."""
    found: dict[tuple[int, float], Mark] = {}
    for claim in findings.outcomes.study.claims:
        one_year = claim.aggregate is Aggregate.AT or claim.first_year == claim.last_year
        of_this = claim.metric.removesuffix("_pence") == key.removesuffix("_pence")
        plain = claim.against is Against.BASELINE and not claim.relative
        # A claim of nothing is the zero line, which is always drawn.
        inside = claim.last_year < len(findings.outcomes.years) and claim.threshold != 0
        if one_year and of_this and plain and inside:
            at = (claim.last_year, claim.threshold)
            found[at] = Mark(claim.last_year, claim.threshold / MILLION, threshold(claim))
    return tuple(found[at] for at in sorted(found))


def _savings(findings: Findings, comparison: Comparison) -> Drawing:
    panels = [_panel(findings, key, (comparison,)) for key in PANELS]
    label = findings.label(comparison.arm)
    alt = [f"Saving of {label} by financial year."]
    for key, title in PANELS.items():
        rows = [comparison.fall(key, year) for year in findings.outcomes.years]
        told = [
            f"{row.period} {millions(row.mean)} ({between(millions(row.p10), millions(row.p90))})"
            for row in rows
        ]
        alt.append(f"{title}, mean and 80% band: {'; '.join(told)}.")
    caption = Caption(
        f"saving-{comparison.arm}",
        f"{label}: saving by financial year against what is claimed",
        " ".join(alt),
        saving_behind(findings, comparison, PANELS),
    )
    return savings(caption, findings.outcomes.years, panels)


def _running(position: NetPosition) -> Band:
    """Cumulative pounds as £m; the finance rows have no quartiles, so the inner band is empty."""
    edges = [
        [getattr(year, edge) for year in position.years] for edge in ("mean", "p10", "p50", "p90")
    ]
    mean, low, middle, high = (np.array(edge) / MILLION for edge in edges)
    return Band(mean, low, middle, middle, high)


def _position(findings: Findings, arm: str) -> Drawing:
    """Where the money stands since the start: all that is saved, and what could be cashed."""
    label = findings.label(arm)
    net, cashable = findings.positions[arm], findings.cashable_positions[arm]
    lines = {"gross saving less investment": net, "cashable saving less investment": cashable}
    series = tuple(
        Series(words, _running(one), colour)
        for (words, one), colour in zip(lines.items(), ARM_COLOURS[1:], strict=False)
    )
    last = net.years[-1]
    alt = (
        f"{label}: gross saving less investment since the start. At the end of "
        f"{last.financial_year} the mean is {millions(PENCE_PER_POUND * last.mean)} (80% band "
        f"{between(millions(PENCE_PER_POUND * last.p10), millions(PENCE_PER_POUND * last.p90))})."
    )
    title = f"{label}: net position since the start"
    caption = Caption(f"net-position-{arm}", title, alt, position_behind(lines))
    return net_position(caption, findings.outcomes.years, series)


def _headline(findings: Findings, weeks: Weeks) -> Drawing:
    """Looked-after children (or the last count) by arm, beside the gross saving."""
    counts = findings.counts
    count = next((one for one in counts if one.key == "looked_after"), counts[-1])
    column = findings.weekly_column(f"{count.key}_children")
    panel = _panel(findings, "gross_saving_pence", findings.compared)
    year = findings.outcomes.years[-1]
    told = []
    for one in findings.compared:
        change = turned(one.fall(f"{count.key}_at_end_children", year))
        band = between(whole(change.p10), whole(change.p90))
        told.append(
            f"{findings.label(one.arm)}: {count.label.lower()} at the end of {year} differ by a "
            f"mean of {whole(change.mean)} (80% band {band})."
        )
    caption = Caption("headline", findings.outcomes.study.title, " ".join(told))
    return headline(
        caption, weeks, (count.label, _arms(findings, column)), findings.outcomes.years, panel
    )
