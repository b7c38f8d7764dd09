"""The sheets of the workbook on claims, staff and assumptions; `book_money` has the others.

Rows come from the listings that the CSV files are made of, so a figure is the same wherever it is
looked up. What is told of an arm or a team is its label, and money is in pounds.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import zip_longest

from simfs.analysis.probabilities import Probability
from simfs.report.book_charts import shown
from simfs.report.book_parts import Column, Kind, Sheet, cells_of, sheet_of
from simfs.report.findings import Findings
from simfs.report.tables import (
    NUMBER,
    Value,
    claims_listing,
    inputs_listing,
    staff_listing,
)
from simfs.report.wording import chance, claimed
from simfs.scenario.scenario import Study

CLAIMS = {
    "claim": Column("Claim", Kind.LONG_WORDS, 42),
    "short": Column("In short", Kind.LONG_WORDS, 30),
    "reading": Column("How it is read", Kind.LONG_WORDS, 22),
    "arm": Column("Way of working", Kind.LONG_WORDS, 16),
    "period": Column("Years", Kind.LONG_WORDS, 11),
    "direction": Column("Claimed is", Kind.WORDS, 9),
    "threshold": Column("Claimed", Kind.AMOUNT, 12),
    "unit": Column("Unit", Kind.WORDS, 9),
    "mean": Column("Mean", Kind.AMOUNT),
    "mean_low": Column("Interval of the mean (95%), from", Kind.AMOUNT),
    "mean_high": Column("Interval of the mean, to", Kind.AMOUNT),
    "p10": Column("Band (80%), from", Kind.AMOUNT),
    "p90": Column("Band, to", Kind.AMOUNT),
    "expected": Column("Expected: chance (95% interval)", Kind.WORDS, 16),
    "outturn": Column("Outturn: chance (95% interval)", Kind.WORDS, 16),
    "unchanged": Column("Outturn with no change: chance (95% interval)", Kind.WORDS, 16),
    "coupled": Column("Coupled: chance (95% interval)", Kind.WORDS, 16),
    "verdict": Column("Verdict", Kind.LONG_WORDS, 40),
    "p_expected": Column("Expected", Kind.CHANCE),
    "p_expected_low": Column("Expected, from", Kind.CHANCE),
    "p_expected_high": Column("Expected, to", Kind.CHANCE),
    "p_outturn": Column("Outturn", Kind.CHANCE),
    "p_outturn_low": Column("Outturn, from", Kind.CHANCE),
    "p_outturn_high": Column("Outturn, to", Kind.CHANCE),
    "p_unchanged": Column("Outturn with no change", Kind.CHANCE),
    "p_unchanged_low": Column("Outturn with no change, from", Kind.CHANCE),
    "p_unchanged_high": Column("Outturn with no change, to", Kind.CHANCE),
    "p_coupled": Column("Coupled", Kind.CHANCE),
    "p_coupled_low": Column("Coupled, from", Kind.CHANCE),
    "p_coupled_high": Column("Coupled, to", Kind.CHANCE),
    "futures_missed": Column("Futures that miss it", Kind.COUNT),
    "shortfall_mean": Column("If missed, short by, mean", Kind.AMOUNT, 14),
    "shortfall_p10": Column("Short by (80% band), from", Kind.AMOUNT, 14),
    "shortfall_p90": Column("Short by, to", Kind.AMOUNT, 14),
    "leans_on": Column("Numbers that it leans on", Kind.LONG_WORDS, 50),
    "futures": Column("Futures", Kind.COUNT),
    "effective_n": Column("Effective number of futures", Kind.NUMBER),
    "grade": Column("Grade of evidence", Kind.WORDS, 9),
}
CHANCES = ("expected", "outturn", "unchanged", "coupled")


def claims_sheet(findings: Findings) -> Sheet:
    """A row for each claim and arm."""
    listing = claims_listing(findings)
    years = findings.outcomes.years
    rows = cells_of(listing)
    # claims about what is not simulated come last, and have no verdict
    for verdict, cells in zip_longest(findings.verdicts, rows):
        cells["short"] = cells["claim"] if verdict is None else claimed(verdict, years)
        cells["arm"] = "" if verdict is None else findings.label(verdict.arm)
        cells["direction"] = str(cells["direction"]).replace("_", " ")
        for name in CHANCES:
            p: Probability | None = getattr(verdict, name, None)
            cells[name] = chance(p)
            if p is not None:
                cells[f"p_{name}"] = shown(p)
    return sheet_of(
        "Claims",
        "Every claim, what the futures say of it, and how likely it is. The columns up to the "
        "verdict are printed; chances as numbers and where each claim comes from stand to the "
        "right of it.",
        "claims.csv",
        (CLAIMS, listing.heads, rows),
        unit="unit",
        printed="coupled",
    )


STAFF = {
    "arm": Column("Way of working", Kind.WORDS, 24),
    "team": Column("Team", Kind.WORDS, 42),
    "quarter": Column("Quarter", Kind.WORDS, 12),
    "posts": Column("Workers in post", Kind.NUMBER),
    "agency": Column("Of them agency", Kind.NUMBER),
    "vacancy": Column("Empty posts", Kind.NUMBER),
    "caseload_mean": Column("Caseload", Kind.NUMBER),
    "caseload_p90": Column("Caseload, 90th percentile", Kind.NUMBER),
    "unallocated": Column("Children without a worker", Kind.NUMBER),
    "days_to_allocation": Column("Days to allocation", Kind.NUMBER),
    "days_to_allocation_median": Column("Days to allocation, median", Kind.NUMBER),
    "days_to_allocation_p90": Column("Days to allocation, 90th percentile", Kind.NUMBER),
    "breaches": Column("Children past a limit, a week", Kind.NUMBER),
    "handovers": Column("Changes of worker because one left, a week", Kind.NUMBER),
    "changes_per_case": Column("Changes of worker, per case a year", Kind.NUMBER),
}


def staff_sheet(findings: Findings) -> Sheet:
    """A row for each arm, team and quarter."""
    listing = staff_listing(findings)
    first = listing.heads.index("week")
    by_quarter: dict[tuple[str, str, str], list[Sequence[Value]]] = {}
    for row in listing.rows:
        arm, team, week = str(row[0]), str(row[1]), row[first]
        assert isinstance(week, date)
        by_quarter.setdefault((arm, team, quarter_of(week)), []).append(row[first + 1 :])
    heads = ("arm", "team", "quarter", *listing.heads[first + 1 :])
    rows = [
        dict(
            zip(
                heads,
                (
                    findings.label(arm), findings.scenario(arm).team(team).label, quarter,
                    *map(_mean, zip(*weeks, strict=True)),
                ),
                strict=True,
            )
        )
        for (arm, team, quarter), weeks in by_quarter.items()
    ]  # fmt: skip
    return sheet_of(
        "Staff",
        "Posts, caseloads and waiting by team and quarter: means of the quarter's weeks, means "
        "over futures. A quarter holds the weeks that end in it; April to June is the first. "
        "Every week is in the file, and the bands are in bands.csv.",
        "staff.csv",
        (STAFF, heads, rows),
        kept=3,
    )


def quarter_of(day: date) -> str:
    """The quarter of a financial year.

    >>> quarter_of(date(2024, 4, 1)), quarter_of(date(2024, 3, 31))
    ('2024/25 Q1', '2023/24 Q4')
    """
    first = day.year if day.month >= 4 else day.year - 1
    return f"{first}/{(first + 1) % 100:02d} Q{(day.month - 4) % 12 // 3 + 1}"


def _mean(weeks: Iterable[Value]) -> float | None:
    """The mean of what is known of some weeks, or None.

    >>> _mean([1.0, math.nan, None, 3.0]), _mean([None])
    (2.0, None)
    """
    known = [
        float(week) for week in weeks if isinstance(week, int | float) and not math.isnan(week)
    ]
    return sum(known) / len(known) if known else None


ASSUMPTIONS = {
    "path": Column("Number (its path in the scenario file)", Kind.WORDS, 54),
    "value": Column("Value", Kind.INPUT, 14),
    "unit": Column("Unit", Kind.WORDS, 18),
    "p10": Column("One in ten is below", Kind.INPUT, 10),
    "p90": Column("One in ten is above", Kind.INPUT, 10),
    "grade": Column("Grade (A published for the place, D assumed)", Kind.WORDS, 14),
    "source": Column("Source", Kind.WORDS, 26),
    "title": Column("What was read", Kind.LONG_WORDS, 50),
    "assumption": Column("Assumption", Kind.LONG_WORDS, 70),
}


def assumptions_sheet(study: Study) -> Sheet:
    """A row for each number of the scenario."""
    listing = inputs_listing(study)
    titles = {one.key: ". ".join(x for x in (one.title, one.where) if x) for one in study.sources}
    rows = cells_of(listing)
    for cells in rows:
        value = str(cells["value"])
        cells["value"] = float(value) if NUMBER.fullmatch(value) else value
        cells["title"] = titles.get(str(cells["source"]), "")
    return sheet_of(
        "Assumptions",
        "Every number of the scenario with its range, where it comes from, and the grade of that "
        "evidence; what has no source is an assumption, with its reason.",
        "inputs.csv",
        (ASSUMPTIONS, listing.heads, rows),
        unit="unit",
    )
