"""What the workbook holds, before any of it is written: a sheet to read first, tables, charts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simfs.report.book_charts import Chart, charts_of
from simfs.report.book_money import bands_sheet, finance_sheet, worth_sheet
from simfs.report.book_parts import Sheet
from simfs.report.book_sheets import assumptions_sheet, claims_sheet, staff_sheet
from simfs.report.explanations import LEFT_OUT, PROBABILITIES, READING
from simfs.report.findings import Findings
from simfs.report.page import versions, warnings_of, what_ran
from simfs.report.trust import badge_sentence


@dataclass(frozen=True, slots=True)
class Book:
    """A whole workbook.

    Attributes:
        title: of the study.
        subject: what ran.
        read_me: headings and what stands under them; no words make the heading one of a part.
        sheets: in the order of their tabs.
        charts: on a sheet of their own, each with its table.
    """

    title: str
    subject: str
    read_me: tuple[tuple[str, str], ...]
    sheets: tuple[Sheet, ...]
    charts: tuple[Chart, ...]


def book_of(findings: Findings) -> Book:
    """The workbook of a run; sheets that would be empty are left out."""
    study = findings.outcomes.study
    found = (
        claims_sheet(findings),
        finance_sheet(findings),
        worth_sheet(findings),
        bands_sheet(findings),
        staff_sheet(findings),
        assumptions_sheet(study),
    )
    sheets = tuple(sheet for sheet in found if sheet.rows)
    charts = tuple(charts_of(findings))
    return Book(
        title=study.title or study.name,
        subject=what_ran(findings),
        read_me=tuple(_read_me(findings, sheets, charts)),
        sheets=sheets,
        charts=charts,
    )


def _read_me(
    findings: Findings, sheets: Sequence[Sheet], charts: Sequence[Chart]
) -> Iterator[tuple[str, str]]:
    study = findings.outcomes.study
    yield (
        "What this is",
        "The figures behind the report (report.html), for calculations of your own. Every figure "
        "is a number and none is a formula. Figures are means over simulated futures, and each "
        "stands beside its range; none is a forecast of one year's accounts. Money is in pounds.",
    )
    yield "What ran", what_ran(findings)
    yield "Tested", badge_sentence(study)
    yield "Made by", versions()
    yield "Sheets", ""
    for sheet in sheets:
        yield sheet.name, f"{sheet.about} File: {sheet.file}."
    if charts:
        yield (
            "Charts",
            "Claims, savings and children by year, each beside the table that it is drawn from.",
        )
    yield "How to read a figure", ""
    yield from READING
    yield from PROBABILITIES
    warnings = warnings_of(findings)
    if warnings:
        yield "Warnings", ""
        yield from ((f"{number}", words) for number, words in enumerate(warnings, start=1))
    yield "What the model leaves out", ""
    yield from LEFT_OUT
