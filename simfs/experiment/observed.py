"""Published counts by authority and year, read from a small CSV file.

Columns: ``authority``, ``year`` (of the 31 March that ends it), ``series``, ``value``, and
optionally ``go_live`` (the day an authority introduced the practice, the same in all its rows) and
``source``. Others are left alone.
"""

import csv
import io
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from simfs.errors import ConfigError, Problem, UsageError
from simfs.scenario import text
from simfs.scenario.wording import nearest

COLUMNS = ("authority", "year", "series", "value")
GO_LIVE = "go_live"
FIRST_YEAR, LAST_YEAR = 1990, 2100
SHOWN = 20  # problems; a file with a wrong column has one in every row


@dataclass(frozen=True, slots=True)
class Observed:
    """What was counted.

    Attributes:
        name: of the file.
        counts: by authority, then series, then year.
        go_live: by authority, where the file says.
    """

    name: str
    counts: Mapping[str, Mapping[str, Mapping[int, float]]]
    go_live: Mapping[str, date]

    def series(self, authority: str, series: str, last: int | None = None) -> dict[int, float]:
        """Counts of one series by year, up to and including `last`; empty where there are none.

        Raises:
            UsageError: no such authority.
        """
        self.check(authority)
        found = self.counts[authority].get(series, {})
        return {year: found[year] for year in sorted(found) if last is None or year <= last}

    def check(self, authority: str) -> None:
        """Refuse an authority that the file does not have, with a UsageError."""
        if authority not in self.counts:
            known = sorted(self.counts)
            raise UsageError(
                f"{self.name} has no authority {authority!r}{nearest(authority, known)}"
            )


def read_observed(path: Path) -> Observed:
    """The counts of a file.

    Raises:
        ConfigError: with every problem of the file, by line.
    """
    rows = list(_rows(text.read(path), str(path)))
    header = [_column(name) for name in (rows[0][1] if rows else [])]
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        found = ", ".join(header) or "none"
        message = f"missing column{'s' * (len(missing) > 1)}; found: {found}"
        problems = [Problem(name, message, 1) for name in missing]
        raise ConfigError(str(path), problems)
    twice = [name for name in (*COLUMNS, GO_LIVE) if header.count(name) > 1]
    if twice:
        problems = [Problem(name, "is a column twice; keep one", 1) for name in twice]
        raise ConfigError(str(path), problems)
    table = _Table(header)
    problems = [problem for line, row in rows[1:] for problem in table.add(line, row)]
    if not table.counts and not problems:
        problems = [Problem("value", "no row has a count; add at least one", 1)]
    if problems:
        more = len(problems) - SHOWN
        kept = problems[:SHOWN]
        if more > 0:
            kept.append(Problem("file", f"and {more} more such problems", None))
        raise ConfigError(str(path), kept)
    return Observed(str(path), table.counts, table.go_live)


def _rows(told: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Rows, each with the line that it begins in: a cell in quotes may have several lines."""
    reader = csv.reader(io.StringIO(told, newline=None))
    line = 1
    try:
        for row in reader:
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        message = f"cannot be read as CSV ({error}); is a double quote never closed?"
        raise ConfigError(name, [Problem("row", message, line)]) from None


def _column(told: str) -> str:
    """The name of a column, however it is written."""
    name = told.strip().lower().replace("-", "_").replace(" ", "_")
    return GO_LIVE if name == "go_live_date" else name


class _Table:
    """The rows of a file as they are read."""

    def __init__(self, header: list[str]) -> None:
        self.header = header
        self.counts: dict[str, dict[str, dict[int, float]]] = {}
        self.go_live: dict[str, date] = {}
        self._lines: dict[tuple[str, str, int], int] = {}

    def add(self, line: int, row: list[str]) -> Iterator[Problem]:
        """Take a row in; its problems."""
        if not any(cell.strip() for cell in row):
            return
        if len(row) != len(self.header):
            yield Problem(
                "row",
                f"has {len(row)} cells and the heading {len(self.header)}; put text with commas in "
                "double quotes",
                line,
            )
            return
        cells = dict(zip(self.header, (cell.strip() for cell in row), strict=True))
        year, value = _year(cells["year"]), _count(cells["value"])
        for name, parsed in (("year", year), ("value", value)):
            if isinstance(parsed, str):
                yield Problem(name, parsed, line)
        for name in ("authority", "series"):
            if not cells[name]:
                yield Problem(name, "is empty; name it", line)
        yield from self._day(line, cells)
        if isinstance(year, int) and isinstance(value, float):
            yield from self._counted(line, cells, year, value)

    def _counted(
        self, line: int, cells: Mapping[str, str], year: int, value: float
    ) -> Iterator[Problem]:
        place = (cells["authority"], cells["series"], year)
        if place in self._lines:
            yield Problem(
                "year",
                f"{place[0]}, {place[1]}, {year} is given twice, in line {self._lines[place]} and "
                "here; keep one",
                line,
            )
            return
        self._lines[place] = line
        self.counts.setdefault(place[0], {}).setdefault(place[1], {})[year] = value

    def _day(self, line: int, cells: Mapping[str, str]) -> Iterator[Problem]:
        told = cells.get(GO_LIVE, "")
        if not told:
            return
        try:
            day = date.fromisoformat(told)
        except ValueError:
            yield Problem(GO_LIVE, f"must be a date such as 2023-10-01, got {told!r}", line)
            return
        if self.go_live.setdefault(cells["authority"], day) != day:
            known = self.go_live[cells["authority"]]
            yield Problem(
                GO_LIVE, f"{cells['authority']} has {known} in an earlier row; keep one", line
            )


def _year(told: str) -> int | str:
    """A year, or what is wrong with it."""
    if told.isdecimal() and FIRST_YEAR <= int(told) <= LAST_YEAR:
        return int(told)
    return (
        f"must be the year of a 31 March, {FIRST_YEAR} to {LAST_YEAR}, got {told!r}; "
        "2017/18 is 2018"
    )


def _count(told: str) -> float | str:
    """A count, or what is wrong with it."""
    try:
        value = float(told)
    except ValueError:
        value = math.nan
    if math.isfinite(value) and value >= 0 and "_" not in told:
        return value
    return (
        f"must be a number, 0 or above, got {told!r}; write 1200 and not 1,200, and leave the row "
        "out where a count is suppressed"
    )
