"""Tables as CSV, for people who will open them in Excel and add their own columns.

UTF-8 with a byte-order mark, so that Excel shows £; text that Excel would take for a formula is
escaped, numbers are not, so a negative saving stays a number. Money is in pounds, but in pence
where the name of a metric says so.
"""

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import NamedTuple

import numpy as np

from simfs.analysis.claims import Verdict
from simfs.analysis.merit import Merit
from simfs.analysis.outcomes import Outcomes
from simfs.report.findings import Findings, at_week
from simfs.report.influences import NamedInfluence
from simfs.scenario.claims import UntestedClaim
from simfs.scenario.scenario import Study

Value = str | int | float | date | None
Leanings = Mapping[tuple[str, str], tuple[NamedInfluence, ...]]

NO_LEANINGS: Leanings = {}


class Listing(NamedTuple):
    """A table for calculations: the heads of its columns, and a value for each of them in a row."""

    heads: tuple[str, ...]
    rows: Iterable[Sequence[Value]]


FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?")


def escaped(text: str) -> str:
    """Text that a spreadsheet shows as it is; a number in words stays a number.

    >>> escaped("=1+1"), escaped("-0.5"), escaped("- see note"), escaped("plans")
    ("'=1+1", '-0.5', "'- see note", 'plans')
    """
    if text.startswith(FORMULA_STARTS) and not NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def csv_file(heads: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """A whole CSV file.

    >>> csv_file(["metric", "mean"], [["=net", -12.5], ["gross", None]]).splitlines()[1:]
    [b"'=net,-12.5", b'gross,']
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([escaped(head) for head in heads])
    writer.writerows([_written(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def inputs_csv(study: Study) -> bytes:
    """`inputs_listing` as a file."""
    return csv_file(*inputs_listing(study))


def inputs_listing(study: Study) -> Listing:
    """Every number of the scenario and where it comes from."""
    heads = ("path", "value", "unit", "p10", "p90", "source", "assumption", "grade")
    rows = [
        [row.path, row.value, row.unit, row.low, row.high, row.source, row.assumption, row.grade]
        for row in study.ledger
    ]
    return Listing(heads, rows)


def bands_csv(findings: Findings) -> bytes:
    """Means, their intervals and bands: weekly figures, then those of each financial year.

    A figure is in the unit that its metric's name ends with; a year's date is its last day.
    """
    yearly = yearly_listing(findings)
    return csv_file(yearly.heads, chain(_weekly_rows(findings), yearly.rows))


CUTS = ("p02_5", "p10", "p25", "p50", "p75", "p90", "p97_5")


def yearly_listing(findings: Findings) -> Listing:
    """Means, their intervals and bands of every arm and difference by financial year."""
    heads = ("arm", "metric", "date", "n", "mean", "mean_low", "mean_high", *CUTS)
    return Listing(heads, _yearly_rows(findings))


def _weekly_rows(findings: Findings) -> Iterator[Sequence[Value]]:
    dates = [when.isoformat() for when in findings.week_ends]
    metrics = findings.outcomes.weekly_metrics
    kept = [one.weekly for one in findings.comparisons]
    kept += [one.weekly_falls for one in findings.compared if one.weekly_falls is not None]
    for bands in kept:
        unknown = np.full_like(bands.mean, np.nan)
        ends = [unknown if end is None else end for end in (bands.mean_low, bands.mean_high)]
        figures = np.stack([bands.mean, *ends, *bands.quantiles], axis=-1)
        for column, metric in enumerate(metrics):
            # as plain numbers, which are written several times faster than NumPy's
            for date_, row in zip(dates, figures[:, column].tolist(), strict=True):
                yield [bands.name, metric.key, date_, bands.n, *row]


def _yearly_rows(findings: Findings) -> Iterator[Sequence[Value]]:
    ends = dict(zip(findings.outcomes.years, findings.year_ends, strict=True))
    for one in findings.comparisons:
        for name, rows in ((one.arm, one.levels), (f"{one.baseline} - {one.arm}", one.falls)):
            for row in rows:
                if row.period in ends:
                    means = [row.mean, row.mean_low, row.mean_high]
                    band = [getattr(row, cut) for cut in CUTS]
                    yield [name, row.metric.key, ends[row.period], row.n, *means, *band]


def claims_csv(findings: Findings) -> bytes:
    """`claims_listing` as a file."""
    return csv_file(*claims_listing(findings))


def claims_listing(findings: Findings) -> Listing:
    """Every claim, its figures in its own unit, and its three probabilities with intervals."""
    return claims_rows(findings.verdicts, findings.outcomes, findings.leanings)


def claims_rows(
    verdicts: Iterable[Verdict], outcomes: Outcomes, leanings: Leanings = NO_LEANINGS
) -> Listing:
    """The same of verdicts on a run, with what each claim leans on; then what none is given of."""
    heads = (
        "id", "arm", "claim", "reading", "source", "paragraph", "metric", "period", "direction",
        "threshold", "unit", "futures", "mean", "mean_low", "mean_high", "p10", "p90", "against",
        "from", "to", "p_expected", "p_expected_low", "p_expected_high", "p_outturn",
        "p_outturn_low", "p_outturn_high", "p_unchanged", "p_unchanged_low",
        "p_unchanged_high", "p_coupled", "p_coupled_low", "p_coupled_high",
        "effective_n", "grade", "verdict", "reason", "futures_missed", "shortfall_mean",
        "shortfall_p10", "shortfall_p90", "leans_on",
    )  # fmt: skip
    rows = [
        [*_claim_row(one, outcomes.years), *_if_missed(one), _leans_on(leanings, one)]
        for one in verdicts
    ]
    rows += [_untested_row(one, len(heads)) for one in outcomes.study.untested]
    return Listing(heads, rows)


def _claim_row(verdict: Verdict, years: Sequence[str]) -> list[Value]:
    claim = verdict.claim
    row: list[Value] = [
        claim.id, verdict.arm, claim.words, claim.reading, claim.source, claim.paragraph,
        claim.metric, verdict.period, claim.direction.value, claim.threshold, claim.unit,
        verdict.futures, verdict.mean, verdict.mean_low, verdict.mean_high, verdict.p10,
        verdict.p90, claim.against.value, _year(years, claim.first_year),
        _year(years, claim.last_year),
    ]  # fmt: skip
    for p in (verdict.expected, verdict.outturn, verdict.unchanged, verdict.coupled):
        row += [None, None, None] if p is None else [p.value, p.low, p.high]
    return [*row, verdict.effective_n, claim.grade, verdict.words, verdict.reason]


def _untested_row(claim: UntestedClaim, columns: int) -> list[Value]:
    """A claim about what is not simulated: what it says, and why it has no figures."""
    row: list[Value] = [
        claim.id, "", claim.words, claim.reading, claim.source, claim.paragraph, "", "", "",
        claim.threshold, claim.unit,
    ]  # fmt: skip
    end: list[Value] = [claim.grade, claim.verdict, claim.why, *[None] * 5]
    return [*row, *[None] * (columns - len(row) - len(end)), *end]


def _if_missed(verdict: Verdict) -> list[Value]:
    """How many futures miss a claim and by how much; no futures where it was not checked."""
    short = verdict.shortfall
    if short is None:
        return [None if verdict.expected is None else 0, None, None, None]
    return [short.futures, short.mean, short.p10, short.p90]


def _leans_on(leanings: Leanings, verdict: Verdict) -> str:
    """Key paths of the numbers that decide a claim's figure, the most important first."""
    return "; ".join(one.quantity.path for one in leanings.get((verdict.claim.id, verdict.arm), ()))


def _year(years: Sequence[str], place: int) -> str:
    """The label of a financial year, or nothing beyond the run."""
    return years[place] if place < len(years) else ""


def finance_csv(findings: Findings) -> bytes:
    """`finance_listing` as a file."""
    return csv_file(*finance_listing(findings))


def finance_listing(findings: Findings) -> Listing:
    """Pounds of every cost line by arm and financial year, and what is saved on it."""
    heads = (
        "arm", "financial_year", "agency", "ledger", "line", "mean", "p10", "p50", "p90"
    )  # fmt: skip
    rows: Iterable[list[Value]] = (
        [
            row.arm, row.financial_year, row.agency, row.ledger, row.line,
            *(round(value, 2) for value in (row.mean, row.p10, row.p50, row.p90)),
        ]
        for row in findings.finance
    )  # fmt: skip
    return Listing(heads, rows)


def money_csv(findings: Findings) -> bytes:
    """`money_listing` as a file."""
    return csv_file(*money_listing(findings))


def money_listing(findings: Findings) -> Listing:
    """Figures of merit: what each plan is worth, by two readings of what counts as money.

    `value` is a mean with its 95% interval, or what the figure names; `p10` to `p90` are the band
    over futures, with the 95% intervals of its ends. Dates are the day by which so many futures
    have got there, empty for not within the run.
    """
    heads = (
        "arm", "reading", "figure", "period", "prices", "unit", "value", "value_low", "value_high",
        "p10", "p20", "p50", "p80", "p90", "p10_low", "p10_high", "p90_low", "p90_high",
    )  # fmt: skip
    rows = [_merit_row(row) for rows in findings.merits.values() for row in rows]
    return Listing(heads, rows)


def _merit_row(row: Merit) -> list[Value]:
    digits = 2 if row.unit == "£" else 6
    figures = [None if n is None else round(n, digits) for n in (row.value, row.low, row.high)]
    cuts: list[Value] = list(row.dates) or [round(cut, digits) for cut in row.cuts]
    ends: list[Value] = []
    for end in row.ends:
        ends += [None, None] if end is None else [round(end.low, digits), round(end.high, digits)]
    named = [row.arm, row.reading, row.figure, row.period, row.prices, row.unit]
    return [*named, *figures, *(cuts or [None] * 5), *ends]


def grades_csv(findings: Findings) -> bytes:
    """What each effect carries of each line of the central gross saving, and how well it is known.

    Pounds over all years. A row without an effect is what effects do only together or what needs
    none, as `cause` says.
    """
    heads = [
        "arm", "cause", "effect", "effect_grade", "cost", "cost_grade", "grade", "futures",
        "pounds", "standard_error", "share", "share_error",
    ]  # fmt: skip
    rows: list[list[Value]] = [
        [
            graded.arm, cause.label, cause.key, cause.grade, line.key, line.grade, grade,
            graded.futures, round(part.pounds, 2), round(part.standard_error, 2), part.share,
            part.share_error,
        ]
        for graded in findings.graded
        for cause, line, grade, part in graded.by_both()
    ]  # fmt: skip
    return csv_file(heads, rows)


def staff_csv(findings: Findings) -> bytes:
    """`staff_listing` as a file."""
    return csv_file(*staff_listing(findings))


def staff_listing(findings: Findings) -> Listing:
    """Posts, caseloads and waiting by team, means over futures; a week is its last day."""
    columns = (
        "posts", "agency", "vacancy", "caseload", "caseload_p90", "unallocated",
        "days_to_allocation", "days_to_allocation_median", "days_to_allocation_p90", "breaches",
        "handovers", "changes_per_case",
    )  # fmt: skip
    named = ["caseload_mean" if column == "caseload" else column for column in columns]
    places = {metric.key: i for i, metric in enumerate(findings.outcomes.weekly_metrics)}
    rows: list[list[Value]] = []
    for one in findings.comparisons:
        for team in findings.scenario(one.arm).teams:
            found = [places.get(f"{name}.{team.key}") for name in columns]
            for week, date_ in enumerate(findings.week_ends):
                means = [None if c is None else float(one.weekly.mean[week, c]) for c in found]
                rows.append([one.arm, team.key, date_, *means])
    return Listing(("arm", "team", "week", *named), rows)


def dose_csv(findings: Findings) -> bytes:
    """Percent of days with a need that had a specialist for it; a week is its last day."""
    rows: list[list[Value]] = []
    for one in findings.comparisons:
        for need in findings.scenario(one.arm).demand.needs:
            column = findings.weekly_column(f"dose.{need.key}")
            for week, date_ in enumerate(findings.week_ends):
                told = at_week(one.weekly, week, column)
                rows.append([one.arm, need.key, date_, told.mean, told.p10, told.p90])
    return csv_file(["arm", "need", "week", "mean", "p10", "p90"], rows)


def as_written(value: float) -> float | None:
    """A number as a file has it, so that every table tells the same; None for unknown."""
    text = _number(value)
    return float(text) if text else None


def _written(value: Value) -> str:
    """A value as it stands in a file: at most six digits after the point, nothing for unknown."""
    # most first: a table of weeks has half a million numbers
    if isinstance(value, float | int):
        return _number(value)
    if value is None:
        return ""
    return escaped(value) if isinstance(value, str) else value.isoformat()


def _number(value: float) -> str:
    # the same letters as below at a third of the time; fifteen digits are exact, and no exponent
    if 0.001 <= abs(value) < 1e9:
        return f"{value:.6f}".rstrip("0").rstrip(".")
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else ""
    rounded = round(float(value), 6)
    whole = int(rounded)
    return str(whole) if rounded == whole else str(rounded)
