"""The figures behind each drawing, as a small table beside it: by quarter or by year."""

import math
from collections.abc import Sequence

from simfs.analysis.comparison import Comparison
from simfs.analysis.finance import NetPosition
from simfs.analysis.prices import PENCE_PER_POUND
from simfs.report.charts import Band, Behind, Counts, Panel, Series, WeekPanel
from simfs.report.findings import Findings
from simfs.report.wording import DASH, between, millions, one_decimal, two_decimals, whole
from simfs.scenario.dates import day_in_short

QUARTER = 13  # weeks
BAND_NOTE = "Means over futures; under each, where 8 of 10 futures lie."
Pair = tuple[str, str]
Row = tuple[Pair, ...]


def stock_behind(
    findings: Findings,
    arms: Sequence[Series],
    differences: Sequence[Series],
    counted: Counts | None,
) -> Behind:
    """Children of a stock: what was counted, then every quarter of the run by arm."""
    base = findings.label(findings.outcomes.baseline)
    shown = (*arms, *differences)
    heads = ["Date", *(["Counted"] if counted else []), *(one.label for one in arms)]
    heads += [f"{one.label} less {base}" for one in arms[1:]][: len(differences)]
    known = dict(zip(counted.dates, counted.values, strict=True)) if counted else {}
    told = {findings.week_ends[week]: week for week in _quarters(len(findings.week_ends))}
    nothing = [(DASH, "")] * len(shown)
    rows = []
    for when in sorted({*known, *told}):
        count = [(whole(known[when]) if when in known else DASH, "")] if counted else []
        cells = [_children(one.band, told[when]) for one in shown] if when in told else nothing
        rows.append(((day_in_short(when), ""), *count, *cells))
    note = BAND_NOTE
    if counted:
        note += " What was counted is in config.resolved.toml, under history."
    return Behind(tuple(heads), tuple(rows), note, "bands.csv")


def _quarters(weeks: int) -> list[int]:
    """The last week of every quarter, and the last of all."""
    ends = list(range(QUARTER - 1, weeks, QUARTER))
    return ends if ends and ends[-1] == weeks - 1 else [*ends, weeks - 1]


def _children(band: Band, place: int) -> Pair:
    low, high = whole(band.p10[place]), whole(band.p90[place])
    return whole(band.mean[place]), between(low, high)


def saving_behind(findings: Findings, one: Comparison, panels: dict[str, str]) -> Behind:
    """Savings by financial year, a column for each panel of the drawing."""
    rows = tuple(
        (
            (year, ""),
            *(
                (millions(row.mean), between(millions(row.p10), millions(row.p90)))
                for row in (one.fall(key, year) for key in panels)
            ),
        )
        for year in findings.outcomes.years
    )
    return Behind(("Year", *panels.values()), rows, BAND_NOTE, "bands.csv")


def position_behind(positions: dict[str, NetPosition]) -> Behind:
    """Money since the start at the end of each year, a column for each line of the drawing."""
    years = [list(one.years) for one in positions.values()]
    rows = tuple(
        (
            (f"end of {at_once[0].financial_year}", ""),
            *((_pounds(one.mean), between(_pounds(one.p10), _pounds(one.p90))) for one in at_once),
        )
        for at_once in zip(*years, strict=True)
    )
    note = f"{BAND_NOTE} Futures are summed year by year before the mean is taken."
    return Behind(("Since the start", *positions), rows, note, "futures.csv.gz")


def _pounds(value: float) -> str:
    return millions(value * PENCE_PER_POUND)


def staff_behind(findings: Findings, panels: Sequence[WeekPanel | Panel]) -> Behind:
    """What each panel shows, at the end of each year, or over the year where it is drawn so."""
    ends = [
        max((w for w, when in enumerate(findings.week_ends) if when <= end), default=0)
        for end in findings.year_ends
    ]
    rows: list[Row] = []
    for panel in panels:
        by_week = isinstance(panel, WeekPanel)
        places = ends if by_week else list(range(len(ends)))
        for one in panel.series:
            cells = [_small(one.band, place) for place in places]
            rows.append(((f"{panel.title}: {one.label}", ""), *cells))
        if isinstance(panel, WeekPanel):
            names = {one.colour: one.label for one in panel.series}
            for curve in panel.curves:
                line = "dotted" if curve.dotted else "dashed"
                cells = [(_figure(curve.values[place]), "") for place in places]
                rows.append(((f"{panel.title}, {line}: {names[curve.colour]}", ""), *cells))
    note = f"{BAND_NOTE} Subjects by week are told for the last week of each year."
    return Behind(("", *findings.outcomes.years), tuple(rows), note, "bands.csv")


def _small(band: Band, place: int) -> Pair:
    mean, low, high = (_figure(x[place]) for x in (band.mean, band.p10, band.p90))
    return mean, between(low, high) if DASH not in (low, high) and low != high else ""


def _figure(value: float) -> str:
    """A figure of a panel; a dash where nothing is known."""
    if math.isnan(value):
        return DASH
    return two_decimals(value) if abs(value) < 1 else one_decimal(value)
