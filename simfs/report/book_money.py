"""The sheets of the workbook on money and by year: finance, what a plan is worth, and bands."""

from simfs.analysis.measures import Metric
from simfs.analysis.prices import PENCE_PER_POUND
from simfs.report.book_charts import shown
from simfs.report.book_parts import Cell, Column, Kind, Sheet, cells_of, sheet_of
from simfs.report.findings import Findings
from simfs.report.tables import Listing, finance_listing, money_listing, yearly_listing

FINANCE = {
    "arm": Column("Spent under, or saved by", Kind.WORDS, 44),
    "financial_year": Column("Financial year", Kind.WORDS, 10),
    "agency": Column("Agency", Kind.WORDS, 14),
    "ledger": Column("Ledger", Kind.WORDS, 13),
    "line": Column("Line", Kind.WORDS, 44),
    "mean": Column("Mean", Kind.AMOUNT, 14),
    "p10": Column("Band (80%), from", Kind.AMOUNT, 14),
    "p50": Column("Middle future", Kind.AMOUNT, 14),
    "p90": Column("Band (80%), to", Kind.AMOUNT, 14),
}


def finance_sheet(findings: Findings) -> Sheet:
    """A row for each arm or saving, year and cost line."""
    listing = finance_listing(findings)
    rows = _with_arms_in_words(findings, listing)
    price_year = findings.scenario(findings.outcomes.baseline).prices.price_year
    return sheet_of(
        "Finance by year",
        "Pounds of every cost line by financial year: what each way of working spends, and what "
        "is saved in the same futures (a minus is a cost). Ledgers are kept apart: capacity is "
        "workers' time, and partners keep what they save. Bands of lines and of years do not add "
        f"up.{f' Prices of {price_year}.' if price_year else ''}",
        "finance.csv",
        (FINANCE, listing.heads, rows),
    )


WORTH = {
    "arm": Column("Way of working", Kind.WORDS, 30),
    "reading": Column("What counts as money", Kind.WORDS, 18),
    "figure": Column("Figure", Kind.WORDS, 38),
    "period": Column("Financial year", Kind.WORDS, 12),
    "prices": Column("Prices", Kind.WORDS, 18),
    "unit": Column("Unit", Kind.WORDS, 9),
    "value": Column("Mean, or the figure", Kind.AMOUNT, 14),
    "value_low": Column("Interval (95%), from", Kind.AMOUNT, 14),
    "value_high": Column("Interval, to", Kind.AMOUNT, 14),
    "p10": Column("Band (80%), from", Kind.AMOUNT, 14),
    "p20": Column("8 in 10 reach", Kind.AMOUNT, 14),
    "p50": Column("Middle future", Kind.AMOUNT, 14),
    "p80": Column("2 in 10 reach", Kind.AMOUNT, 14),
    "p90": Column("Band (80%), to", Kind.AMOUNT, 14),
    "p10_low": Column("Start of the band (95%), from", Kind.AMOUNT, 14),
    "p10_high": Column("Start of the band, to", Kind.AMOUNT, 14),
    "p90_low": Column("End of the band (95%), from", Kind.AMOUNT, 14),
    "p90_high": Column("End of the band, to", Kind.AMOUNT, 14),
}


def worth_sheet(findings: Findings) -> Sheet:
    """A row for each figure of merit: by year, in two price bases, then of the whole run."""
    listing = money_listing(findings)
    rows = _with_arms_in_words(findings, listing)
    chances = [merit.chance for merits in findings.merits.values() for merit in merits]
    for cells, p in zip(rows, chances, strict=True):
        if p is not None:
            cells["value"] = shown(p)
    return sheet_of(
        "Worth and plan",
        "What each plan is worth by two readings (gross: cash and workers' time; cash alone): "
        "saving, outlay and net by year in constant prices and in the money of the year, net "
        "present value, return, payback and reserves. For a date the middle future stands under "
        "“Middle future”; an empty one is not within the run.",
        "money.csv",
        (WORTH, listing.heads, rows),
        unit="unit",
        kept=3,
        printed="p90",
    )


BANDS = {
    "arm": Column("Way of working, or difference", Kind.WORDS, 44),
    "what": Column("Figure", Kind.WORDS, 50),
    "unit": Column("Unit", Kind.WORDS, 12),
    "date": Column("Year that ends on", Kind.DATE, 12),
    "mean": Column("Mean", Kind.AMOUNT, 14),
    "mean_low": Column("Interval of the mean (95%), from", Kind.AMOUNT, 14),
    "mean_high": Column("Interval of the mean, to", Kind.AMOUNT, 14),
    "p10": Column("Band (80%), from", Kind.AMOUNT, 14),
    "p50": Column("Middle future", Kind.AMOUNT, 14),
    "p90": Column("Band (80%), to", Kind.AMOUNT, 14),
    "p02_5": Column("Band (95%), from", Kind.AMOUNT, 14),
    "p25": Column("Band (50%), from", Kind.AMOUNT, 14),
    "p75": Column("Band (50%), to", Kind.AMOUNT, 14),
    "p97_5": Column("Band (95%), to", Kind.AMOUNT, 14),
    "n": Column("Futures", Kind.COUNT, 9),
    "metric": Column("Name in bands.csv", Kind.WORDS, 40),
}


def bands_sheet(findings: Findings) -> Sheet:
    """A row for each arm or difference, figure and financial year."""
    listing = yearly_listing(findings)
    rows, metrics = _with_arms_in_words(findings, listing), _metrics(findings)
    for cells in rows:
        metric = metrics[str(cells["metric"])]
        cells["what"], cells["unit"] = metric.label, metric.unit
        if metric.unit == "pence":
            cells["unit"] = "£"
            for head in listing.heads[4:]:
                cells[head] = _pounds(cells[head])
    return sheet_of(
        "Bands",
        "Every figure by financial year, of each way of working and of the difference between "
        "them: mean, interval of the mean and bands; up to the 80% band they are printed. Money is "
        "in pounds here and in pence in the file, which also has every week.",
        "bands.csv",
        (BANDS, listing.heads, rows),
        unit="unit",
        kept=2,
        printed="p90",
    )


def _metrics(findings: Findings) -> dict[str, Metric]:
    """Every yearly figure by its key, savings too."""
    rows = (row for one in findings.comparisons for row in (*one.levels, *one.falls))
    return {row.metric.key: row.metric for row in rows}


def _pounds(pence: Cell) -> Cell:
    return pence / PENCE_PER_POUND if isinstance(pence, int | float) else pence


def _with_arms_in_words(findings: Findings, listing: Listing) -> list[dict[str, Cell]]:
    """The rows of a listing, each with what it is about in words."""
    baseline = findings.outcomes.baseline
    base = findings.label(baseline)
    found = {arm: findings.label(arm) for arm in findings.outcomes.arms}
    for one in findings.compared:
        found[f"{baseline} - {one.arm}"] = f"{base} less {findings.label(one.arm)}"
    rows = cells_of(listing)
    for cells in rows:
        cells["arm"] = found.get(str(cells["arm"]), cells["arm"])
    return rows
