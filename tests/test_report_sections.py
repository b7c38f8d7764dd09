"""The report below its first page: order, counted history, and statements true to file and run."""

import re
from dataclasses import replace
from datetime import date

import pytest
from test_first_page import graded
from test_report import outcomes_of, study

from simfs.report.behind import stock_behind
from simfs.report.charts import Caption, Counts
from simfs.report.drawings import counts_of, stock_series, weeks_of
from simfs.report.figures import fans
from simfs.report.findings import Findings, gather
from simfs.report.html import Points, Section, Table, Terms, Words
from simfs.report.page import report_page
from simfs.report.sections_statements import aqua_section, stress_section
from simfs.scenario.fit import FitRow, Published

DAYS = tuple(date(year, 3, 31) for year in range(2015, 2027))
COUNTED = Published("looked_after", "s251", DAYS, tuple(300.0 + n for n in range(len(DAYS))))


@pytest.fixture(scope="module")
def findings() -> Findings:
    """Two years from April 2023, looked-after children counted from 2015 to 2026."""
    return gather(outcomes_of(study(years=2, claims=(), history=(COUNTED,)), 40), (graded(),))


def words_of(section: Section) -> str:
    said: list[str] = []
    for part in section.parts:
        if isinstance(part, Words):
            said.append(part.text)
        elif isinstance(part, Points):
            said += part.points
        elif isinstance(part, Terms):
            said += [f"{term}: {meaning}" for term, meaning in part.terms]
    return "\n".join(said)


def test_the_page_goes_from_the_answer_to_how_it_came_about(findings):
    page = report_page(findings, ())
    ids = [page.first.id, *(section.id for section in page.sections)]
    asked = "answer children money staff matters uncertain grades assumptions left-out".split()
    asked += "method warnings reproduce stress-des aqua".split()
    assert [one for one in ids if one in asked] == [one for one in asked if one in ids]
    assert set(asked) - set(ids) <= {"matters"}


def test_counts_of_six_years_before_the_start_and_of_the_run_are_shown(findings):
    [count] = [one for one in findings.counts if one.key == "looked_after"]
    counted = counts_of(findings, count)
    assert counted.dates == DAYS[2:11]  # 2017 to 2025: the run ends before the last
    assert counted.values == tuple(302.0 + n for n in range(9))
    [other] = [one for one in findings.counts if one.key == "child_protection"]
    assert counts_of(findings, other) is None


def test_the_table_behind_a_stock_tells_counts_apart_from_futures(findings):
    [count] = [one for one in findings.counts if one.key == "looked_after"]
    arms, differences = stock_series(findings, findings.weekly_column("looked_after_children"))
    behind = stock_behind(findings, arms, differences, counts_of(findings, count))
    assert behind.heads[:2] == ("Date", "Counted")
    rows = {row[0][0]: [text for text, _ in row[1:]] for row in behind.rows}
    assert rows["31 Mar 2017"] == ["302", "–", "–", "–"]
    assert rows["31 Mar 2025"] == ["310", "–", "–", "–"]
    column = findings.weekly_column("looked_after_children")
    last = findings.comparisons[1].weekly.mean[-1, column]
    assert behind.rows[-2][3][0] == f"{last:.0f}"  # the last week ends just before the last count
    assert len(behind.rows) == 8 + 9  # quarters and counts


def test_a_count_on_the_last_day_of_a_week_stands_in_the_row_of_that_week(findings):
    arms, differences = stock_series(findings, findings.weekly_column("looked_after_children"))
    last = findings.week_ends[-1]
    behind = stock_behind(findings, arms, differences, Counts((last,), (311.0,)))
    assert [text for text, _ in behind.rows[-1]][1] == "311"
    assert behind.rows[-1][2][0] != "–"


def test_a_drawing_is_lean_and_its_letters_keep_their_size(findings):
    arms, differences = stock_series(findings, findings.weekly_column("looked_after_children"))
    drawn = fans(Caption("k", "t", "a"), weeks_of(findings), arms, differences,
                 Counts(DAYS[2:5], (1.0, 2.0, 3.0)))  # fmt: skip
    outlines = re.findall(rb'\bd="([^"]*)"', drawn.svg)
    assert outlines
    assert not any(re.search(rb"\.\d{3}", one) for one in outlines)
    # glyphs are drawn in 2048 units and made small by a factor that needs all its digits
    assert re.search(rb"scale\(0\.015625\)", drawn.svg)


def test_the_statement_of_the_model_is_filled_from_the_file_and_the_run(findings):
    said = words_of(stress_section(findings))
    for part in (
        "1.3 What is compared: Signs of Safety and Family Safeguarding",
        "2.1 Overview: A network of 4 stages, with 1 exit",
        "Family Safeguarding, from 1 October 2023; effects: fewer plans.",
        "3.2 Inputs: 2 numbers, 1 of them assumed. Effects as the preset “sceptical” states them.",
        "4.2 Run length: 731 days, 2 financial years.",
        "4.3 Runs: 40 futures of each arm, from 10 draws",
        "the seed (1)",
    ):
        assert part in said


def test_assumptions_stand_by_what_hangs_on_them_with_their_grades(findings):
    [table] = [part for part in aqua_section(findings).parts if isinstance(part, Table)]
    rows = [[cell.text for cell in row[:4]] for row in table.rows]
    # of five million pence, four hang on plans and nine tenths of one on entries
    assert ["Fewer plans", "effect", "C", "80%"] in rows
    assert ["Fewer entries", "effect", "B", "18%"] in rows
    shares = [abs(int(row[3].strip("−%"))) for row in rows]
    assert shares == sorted(shares, reverse=True)


def test_what_was_not_done_is_said_of_this_run_and_no_other(findings):
    bare = words_of(aqua_section(findings))
    assert "No back-test of this file" in bare
    assert "wandering was not switched on" in bare
    assert "No published counts" not in bare
    fitted = FitRow("Plans", "stock.plans", 200.0, 2.0, 201.0, 210.0, 198.0, 203.0)
    described = replace(findings.outcomes.study, fit=(fitted,), history=())
    outcomes = replace(findings.outcomes, study=described, drift=True)
    said = words_of(aqua_section(replace(findings, outcomes=outcomes, graded=())))
    assert "No published counts" in said
    assert "wandering was not switched on" not in said
    assert "fitted to 1 count; missed by more than 2 standard errors: Plans." in said
    assert "was not worked out in this run" in said
