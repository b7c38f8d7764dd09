"""Everything that people read, written into a results folder: each file complete or not at all."""

from collections.abc import Iterator
from pathlib import Path

from simfs.analysis.outcomes import Outcomes
from simfs.experiment.files import write_whole
from simfs.experiment.parquet import parquet_of_csv
from simfs.report.aside import Drawn
from simfs.report.book import book_of
from simfs.report.charts import files_of
from simfs.report.drawings import drawings
from simfs.report.excel import xlsx_file
from simfs.report.findings import Findings, gather
from simfs.report.first_page import answer_csv
from simfs.report.html import page_html
from simfs.report.page import report_page
from simfs.report.tables import (
    bands_csv,
    claims_csv,
    dose_csv,
    finance_csv,
    grades_csv,
    inputs_csv,
    money_csv,
    staff_csv,
)


def write_report(
    outcomes: Outcomes,
    folder: Path,
    findings: Findings | None = None,
    drawn: Drawn | None = None,
) -> tuple[Path, ...]:
    """Write the tables, the figures and the page of a run.

    Args:
        outcomes: the run.
        folder: results folder, made when it is not there; files of the same names are replaced.
        findings: what `gather` made of the run, when it was asked already.
        drawn: gives the figures, where they are being drawn already (`simfs.report.aside`).

    Returns:
        The files, in the order of writing; the page is the last.
    """
    found = gather(outcomes) if findings is None else findings
    written = []
    for name, content in _files(found, drawn or (lambda: drawings(found))):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
        written.append(path)
    return tuple(written)


def _files(findings: Findings, drawn: Drawn) -> Iterator[tuple[str, bytes]]:
    """Names and contents; tables that would be empty for want of claims or money are left out."""
    study = findings.outcomes.study
    yield "config.resolved.toml", study.resolved.encode()
    yield "answer.csv", answer_csv(findings)
    yield "inputs.csv", inputs_csv(study)
    bands = bands_csv(findings)
    yield "bands.csv", bands
    yield "bands.parquet", parquet_of_csv(bands)
    if findings.verdicts or study.untested:
        yield "claims.csv", claims_csv(findings)
    if findings.finance:
        yield "finance.csv", finance_csv(findings)
        yield "money.csv", money_csv(findings)
    if findings.graded:
        yield "grades.csv", grades_csv(findings)
    yield "staff.csv", staff_csv(findings)
    if study.arms[0].demand.needs:
        yield "dose.csv", dose_csv(findings)
    yield "results.xlsx", xlsx_file(book_of(findings))
    figures = drawn()
    for name, content in files_of(figures).items():
        yield f"figures/{name}", content
    yield "report.html", page_html(report_page(findings, figures)).encode()
