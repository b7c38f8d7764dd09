"""Published counts read from a small CSV file, and every way in which it may be wrong."""

from datetime import date
from pathlib import Path

import pytest

from simfs.errors import ConfigError, UsageError
from simfs.experiment.observed import SHOWN, Observed, read_observed

HEAD = "authority,year,series,value,go_live"


def file_of(folder: Path, *rows: str, head: str = HEAD) -> Path:
    path = folder / "counts.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def refused(path: Path) -> list[tuple[str, int | None, str]]:
    with pytest.raises(ConfigError) as caught:
        read_observed(path)
    return [(each.path, each.line, each.message) for each in caught.value.problems]


def test_counts_are_known_by_authority_series_and_year(tmp_path):
    rows = ("Anywhere,2020,plans,120,2021-05-01", "Anywhere,2019,plans,100.5,2021-05-01")
    found = read_observed(file_of(tmp_path, *rows))
    assert found.series("Anywhere", "plans") == {2019: 100.5, 2020: 120.0}
    assert found.series("Anywhere", "plans", last=2019) == {2019: 100.5}
    assert found.series("Anywhere", "referrals") == {}
    assert found.go_live == {"Anywhere": date(2021, 5, 1)}


def test_what_excel_writes_is_read(tmp_path):
    path = tmp_path / "counts.csv"
    rows = "Authority,Year,Series,Value,Go-live date\r\nAnywhere,2020,plans,7,2021-05-01\r\n\r\n"
    path.write_bytes(b"\xef\xbb\xbf" + rows.encode())
    assert read_observed(path) == Observed(
        str(path), {"Anywhere": {"plans": {2020: 7.0}}}, {"Anywhere": date(2021, 5, 1)}
    )


def test_only_four_columns_are_needed_in_any_order_and_others_are_left_alone(tmp_path):
    path = file_of(
        tmp_path, '3,"a, b",plans,2020,Anywhere', head="value,note,series,year,authority"
    )
    found = read_observed(path)
    assert found.counts == {"Anywhere": {"plans": {2020: 3.0}}}
    assert found.go_live == {}


def test_every_missing_column_is_named_with_those_that_are_there(tmp_path):
    assert refused(file_of(tmp_path, "Anywhere,2020", head="authority,date")) == [
        ("year", 1, "missing columns; found: authority, date"),
        ("series", 1, "missing columns; found: authority, date"),
        ("value", 1, "missing columns; found: authority, date"),
    ]


def test_a_column_that_is_there_twice_is_refused(tmp_path):
    path = file_of(tmp_path, "Anywhere,2020,plans,3,4", head="authority,year,series,value,Value")
    assert refused(path) == [("value", 1, "is a column twice; keep one")]


def test_a_problem_is_told_with_its_line_though_a_cell_above_has_two(tmp_path):
    path = file_of(tmp_path, '"Any\nwhere",2020,plans,3,', "Anywhere,2020,plans,x,")
    ((place, line, _),) = refused(path)
    assert (place, line) == ("value", 4)


@pytest.mark.parametrize(
    "told", ["about 120", "c", "[x]", "1,200", "1_200", "-3", "inf", "nan", ""]
)
def test_a_count_that_is_no_number_is_refused_with_the_way_out(tmp_path, told):
    ((place, line, message),) = refused(file_of(tmp_path, f'Anywhere,2020,plans,"{told}",'))
    assert (place, line) == ("value", 2)
    assert message == (
        f"must be a number, 0 or above, got {told!r}; write 1200 and not 1,200, and leave the row "
        "out where a count is suppressed"
    )


@pytest.mark.parametrize("told", ["2017/18", "201718", "18", "2020.0", "1989", "2101", ""])
def test_a_year_is_that_of_a_31_march(tmp_path, told):
    ((place, line, message),) = refused(file_of(tmp_path, f"Anywhere,{told},plans,3,"))
    assert (place, line) == ("year", 2)
    assert f"got {told!r}; 2017/18 is 2018" in message


def test_a_year_that_is_given_twice_is_refused_with_both_lines(tmp_path):
    rows = ("Anywhere,2020,plans,3,", "Anywhere,2021,plans,3,", "Anywhere,2020,plans,4,")
    assert refused(file_of(tmp_path, *rows)) == [
        ("year", 4, "Anywhere, plans, 2020 is given twice, in line 2 and here; keep one")
    ]


@pytest.mark.parametrize("told", ["01/10/2023", "2023-13-01", "October 2023"])
def test_a_day_of_go_live_that_is_no_date_is_refused(tmp_path, told):
    assert refused(file_of(tmp_path, f"Anywhere,2020,plans,3,{told}")) == [
        ("go_live", 2, f"must be a date such as 2023-10-01, got {told!r}")
    ]


def test_an_authority_has_one_day_of_go_live(tmp_path):
    rows = (
        "Anywhere,2020,plans,3,2021-05-01",
        "Elsewhere,2020,plans,3,2022-05-01",
        "Anywhere,2021,plans,3,2021-06-01",
    )
    assert refused(file_of(tmp_path, *rows)) == [
        ("go_live", 4, "Anywhere has 2021-05-01 in an earlier row; keep one")
    ]


def test_a_row_with_too_many_cells_says_what_commas_want(tmp_path):
    ((place, line, message),) = refused(file_of(tmp_path, "Anywhere,2020,plans,1,200,2021-05-01"))
    assert (place, line) == ("row", 2)
    assert message.startswith("has 6 cells and the heading 5; put text with commas in double")


def test_an_authority_or_series_without_a_name_is_refused(tmp_path):
    told = refused(file_of(tmp_path, ",2020,plans,3,", "Anywhere,2020,,3,"))
    assert told == [
        ("authority", 2, "is empty; name it"),
        ("series", 3, "is empty; name it"),
    ]


@pytest.mark.parametrize("rows", [(), ("", ",,,,")])
def test_a_file_without_rows_is_refused(tmp_path, rows):
    assert refused(file_of(tmp_path, *rows)) == [
        ("value", 1, "no row has a count; add at least one")
    ]


def test_an_empty_file_has_no_columns(tmp_path):
    path = tmp_path / "counts.csv"
    path.write_bytes(b"")
    assert {message for _, _, message in refused(path)} == {"missing columns; found: none"}


def test_a_file_that_is_not_utf_8_is_refused_in_words(tmp_path):
    path = tmp_path / "counts.csv"
    path.write_bytes(f"{HEAD}\nCaf\xe9,2020,plans,3,\n".encode("latin-1"))
    with pytest.raises(ConfigError, match="UTF-8"):
        read_observed(path)


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.csv"):
        read_observed(tmp_path / "none.csv")


def test_all_problems_are_told_at_once_with_their_lines(tmp_path):
    told = refused(file_of(tmp_path, "Anywhere,20,plans,x,1 May", "Anywhere,2020,plans,3"))
    assert [(place, line) for place, line, _ in told] == [
        ("year", 2), ("value", 2), ("go_live", 2), ("row", 3),
    ]  # fmt: skip


def test_no_more_than_twenty_problems_are_told_one_by_one(tmp_path):
    told = refused(file_of(tmp_path, *(f"Anywhere,{2000 + n},plans,x," for n in range(SHOWN + 5))))
    assert len(told) == SHOWN + 1
    assert told[-1] == ("file", None, "and 5 more such problems")


def test_an_unknown_authority_is_refused_with_the_nearest(tmp_path):
    found = read_observed(file_of(tmp_path, "Anywhere,2020,plans,3,"))
    with pytest.raises(UsageError, match=r"has no authority 'Anywere'.*Anywhere"):
        found.series("Anywere", "plans")
