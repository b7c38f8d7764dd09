"""The workbook, read back by another library, and opened by another program where one is there."""

import csv
import io
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from test_report import claim, outcomes_of, study

from simfs.report.book import book_of
from simfs.report.book_money import BANDS, FINANCE, WORTH
from simfs.report.book_sheets import CLAIMS, STAFF
from simfs.report.excel import LONGEST, NUMBER, PENCE, POUNDS, SHARE, xlsx_file
from simfs.report.findings import Findings, gather
from simfs.report.tables import bands_csv, claims_csv, finance_csv, money_csv, staff_csv
from simfs.scenario.scenario import LedgerEntry, Source

HOSTILE = "=HYPERLINK(0)&<b>\N{HOUSE BUILDING}"
CLAIM = "Gross saving of £1.097m"
TABLES = ["Claims", "Finance by year", "Worth and plan", "Bands", "Staff", "Assumptions"]


def ledger(path: str, value: str, unit: str, source: str = "", **more: Any) -> LedgerEntry:
    given = {"low": None, "high": None, "assumption": "", "grade": "D"} | more
    return LedgerEntry(path=path, value=value, unit=unit, source=source, **given)


@pytest.fixture(scope="module")
def findings() -> Findings:
    """A run whose names would be formulas, links or too long for a cell."""
    described = study(
        title=f"{HOSTILE} & co",
        claims=(
            claim("low-gross", "gross_saving", 1.097e6, "£", CLAIM),
            claim("high-gross", "gross_saving", 9e9, "£", HOSTILE),
            claim("cp-45", "child_protection_at_end", 0.45, "share", "-45%", relative=True),
            claim("cla-26", "looked_after_at_end", 26.0, "children", "26 fewer" * 10_000),
            claim("late", "gross_saving", 1.0, "£", "@late", first_year=9, last_year=9),
        ),
        ledger=(
            ledger("costs.care.pounds", "1200.5", "£", "s251", low=960.0, high=1560.0),
            ledger("stages.cin.routes.closed.p", "0.0853", "probability", assumption="+5"),
            ledger("teams.safeguarding.shares", "0.5, 0.5", "share", assumption="https://a.b/c"),
        ),
        sources=(Source("s251", "=Section 251", "a shelf"),),
    )
    base, other = described.arms
    arms = (base, replace(other, label=HOSTILE))
    return gather(outcomes_of(replace(described, arms=arms)))


@pytest.fixture(scope="module")
def content(findings: Findings) -> bytes:
    return xlsx_file(book_of(findings))


@pytest.fixture(scope="module")
def book(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def table(book: Any, name: str, columns: dict[str, Any]) -> list[dict[str, Any]]:
    """The cells of a sheet by the name that their column has in the CSV file."""
    head, *rows = book[name].iter_rows()
    assert [cell.value for cell in head] == [column.head for column in columns.values()]
    return [dict(zip(columns, row, strict=True)) for row in rows]


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def figure(text: str) -> float | None:
    return float(text) if text else None


def test_the_sheets_stand_in_the_order_in_which_they_are_read(book):
    assert book.sheetnames == ["Read me", *TABLES, "Charts"]


def test_the_first_sheet_says_what_ran_and_how_to_read_it(book, findings):
    told = {row[0].value: row[1].value for row in book["Read me"].iter_rows(min_row=2)}
    assert told["What ran"].startswith(f"Signs of Safety and {HOSTILE}, 2023/24 to 2027/28: 40")
    assert "Eight of ten futures fall inside the 80% band" in told["Band"]
    assert set(TABLES) < set(told)
    assert "File: claims.csv." in told["Claims"]
    assert findings.outcomes.study.warnings[0] in told.values()
    assert "The supply of placements" in told


def test_the_figures_of_claims_are_those_of_the_file(book, findings):
    wanted, found = rows_of(claims_csv(findings)), table(book, "Claims", SEEN_CLAIMS)
    assert len(wanted) == len(found) == 5
    numbers = [key for key in wanted[0] if key.startswith(("p_", "mean", "p10", "p90"))]
    for row, cells in zip(wanted, found, strict=True):
        for key in (*numbers, "threshold", "futures", "effective_n"):
            assert cells[key].value == figure(row[key]), (row["id"], key)


SEEN_CLAIMS = CLAIMS | {
    key: type("Head", (), {"head": key.replace("_", " ").capitalize()})
    for key in ("id", "source", "paragraph", "metric", "against", "from", "to", "reason")
}


def test_the_figures_of_finance_are_those_of_the_file(book, findings):
    wanted, found = rows_of(finance_csv(findings)), table(book, "Finance by year", FINANCE)
    for row, cells in zip(wanted, found, strict=True):
        for key in ("mean", "p10", "p50", "p90"):
            assert cells[key].value == figure(row[key])
            assert cells[key].number_format == POUNDS
    assert {cells["arm"].value for cells in found} == {
        "Signs of Safety", HOSTILE, f"Signs of Safety less {HOSTILE}",
    }  # fmt: skip


def test_bands_hold_the_years_of_the_file_with_pence_as_pounds(book, findings):
    weekly = {metric.key for metric in findings.outcomes.weekly_metrics}
    wanted = [row for row in rows_of(bands_csv(findings)) if row["metric"] not in weekly]
    found = table(book, "Bands", BANDS)
    for row, cells in zip(wanted, found, strict=True):
        money = row["metric"].endswith("_pence")
        assert (cells["unit"].value == "£") is money
        assert cells["metric"].value == row["metric"]
        assert cells["date"].value.date() == date.fromisoformat(row["date"])
        assert cells["n"].value == 40
        for key in ("mean", "mean_low", "p02_5", "p50", "p97_5"):
            assert cells[key].value == pytest.approx(
                float(row[key]) / (100 if money else 1), abs=1e-6
            )
            assert cells[key].number_format == (POUNDS if money else NUMBER)


def test_a_quarter_of_a_team_is_the_mean_of_its_weeks(book, findings):
    weeks = [
        float(row["caseload_mean"])
        for row in rows_of(staff_csv(findings))
        if (row["arm"], row["team"]) == ("signs_of_safety", "safeguarding")
        and "2024-01-01" <= row["week"] <= "2024-03-31"
    ]
    assert len(weeks) == 13
    cells = next(
        row
        for row in table(book, "Staff", STAFF)
        if [row[key].value for key in ("arm", "team", "quarter")]
        == ["Signs of Safety", "Safeguarding", "2023/24 Q4"]
    )
    assert cells["caseload_mean"].value == pytest.approx(sum(weeks) / 13, abs=1e-5)


def test_what_is_not_known_is_an_empty_cell(book):
    rows = table(book, "Staff", STAFF)
    specialists = [row for row in rows if row["team"].value.startswith("Domestic")]
    assert specialists
    assert {row["unallocated"].value for row in specialists} == {None}
    late = table(book, "Claims", SEEN_CLAIMS)[4]
    assert (late["mean"].value, late["p_coupled"].value) == (None, None)


def test_numbers_are_written_in_their_unit(book):
    low, _, plans, children, _ = table(book, "Claims", SEEN_CLAIMS)
    shown = [cells["threshold"].number_format for cells in (low, plans, children)]
    assert shown == [POUNDS, SHARE, NUMBER]
    head, *rows = book["Assumptions"].iter_rows(max_col=5)
    assert head[1].value == "Value"
    assert [row[1].value for row in rows] == [1200.5, 0.0853, "0.5, 0.5"]
    assert [row[1].number_format for row in rows[:2]] == [PENCE, "0.0###%"]
    assert (rows[0][3].value, rows[0][3].number_format) == (960, PENCE)


def test_no_chance_is_shown_as_certain(book, findings):
    never = findings.verdicts[1].coupled
    assert never.value == 0
    cells = table(book, "Claims", SEEN_CLAIMS)[1]
    assert cells["p_coupled"].number_format == f'"{never.printed}"'
    assert cells["coupled"].value == never.printed
    assert cells["p_coupled_low"].number_format.startswith('[<0.005]"<0.5%"')
    codes = {
        cell.number_format
        for row in book["Charts"].iter_rows()
        for cell in row
        if isinstance(cell.value, int | float) and cell.number_format.endswith("%")
    }
    assert codes <= {'[<0.005]"<0.5%";[>0.995]">99.5%";0%'}


def test_words_are_words_whatever_they_begin_with(book):
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}  # no formula, no error
    assert not [cell for cell in cells if cell.hyperlink]
    hostile = table(book, "Claims", SEEN_CLAIMS)[1]["claim"]
    assert hostile.value == HOSTILE
    assert hostile.quotePrefix
    assert not table(book, "Claims", SEEN_CLAIMS)[0]["claim"].quotePrefix


def test_words_too_long_for_a_cell_are_cut(book):
    words = table(book, "Claims", SEEN_CLAIMS)[3]["claim"].value
    assert len(words) == LONGEST
    assert words.endswith("…")


@pytest.mark.parametrize("name", TABLES)
def test_a_table_keeps_its_head_in_sight_and_on_every_page(book, name):
    sheet = book[name]
    assert sheet.freeze_panes[1:] == "2"
    assert sheet.auto_filter.ref == f"A1:{sheet.cell(sheet.max_row, sheet.max_column).coordinate}"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.page_setup.fitToHeight == 0  # as many pages as it takes; across, one is the rule
    assert all(sheet.column_dimensions[letter].width >= 8 for letter in "ABCD")


def test_charts_are_native_and_say_what_they_show(content):
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        charts = [name for name in parts.namelist() if name.startswith("xl/charts/chart")]
        drawing = parts.read("xl/drawings/drawing1.xml").decode()
        bars = parts.read("xl/charts/chart1.xml").decode()
    assert len(charts) == 1 + 3 + 4  # of claims, of savings and of children
    assert drawing.count("descr=") == len(charts)
    assert "Columns of the mean gross saving of each financial year, with the 80% band" in drawing
    assert '<c:barDir val="bar"/>' in bars
    assert "Charts!$M$2:$M$5" in bars


def test_the_file_holds_no_date_of_the_day(content):
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert parts.read("docProps/core.xml").decode().count("1980-01-01T00:00:00Z") == 2
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_single_arm_without_claims_or_money_has_no_sheets_for_them():
    alone = study(claims=(), priced=False)
    content = xlsx_file(book_of(gather(outcomes_of(replace(alone, arms=alone.arms[:1]), 8))))
    names = openpyxl.load_workbook(io.BytesIO(content)).sheetnames
    assert names == ["Read me", "Bands", "Staff", "Assumptions", "Charts"]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not here")
def test_another_program_opens_it_and_shows_the_same(content, tmp_path):
    (tmp_path / "results.xlsx").write_bytes(content)
    every_sheet = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1"
    for kind in ("pdf", every_sheet):
        subprocess.run(
            ["soffice", f"-env:UserInstallation={(tmp_path / 'own').as_uri()}", "--headless",
             "--convert-to", kind, "--outdir", str(tmp_path), str(tmp_path / "results.xlsx")],
            check=True, capture_output=True, timeout=180,
        )  # fmt: skip
    assert (tmp_path / "results.pdf").read_bytes().startswith(b"%PDF")
    rows = rows_of((tmp_path / "results-Claims.csv").read_bytes())
    assert [row["Claim"] for row in rows[:3]] == [CLAIM, HOSTILE, "-45%"]
    assert rows[0]["Claimed"] == "£1,097,000"
    assert rows[1]["Coupled"].startswith("<")
    told = {path.stem.removeprefix("results-") for path in Path(tmp_path).glob("results-*.csv")}
    assert told == {"Read me", *TABLES, "Charts"}


def test_the_worth_of_a_plan_is_that_of_the_file_and_a_date_is_a_date(book, findings):
    wanted, found = rows_of(money_csv(findings)), table(book, "Worth and plan", WORTH)
    assert len(wanted) == len(found) > 40
    for row, cells in zip(wanted, found, strict=True):
        for key in ("value", "value_low", "value_high", "p20", "p50", "p90", "p90_high"):
            told = cells[key].value
            if isinstance(told, datetime):
                assert row["unit"] == "date"
                assert told.date().isoformat() == row[key]
            else:
                assert told == figure(row[key]), (row["figure"], key)
    units = {cells["unit"].value for cells in found}
    assert {"£", "date", "share"} <= units <= {"£", "date", "share", "£ for £1"}
