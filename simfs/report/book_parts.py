"""A sheet of the workbook before it is written: columns with words, and a cell for each of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from simfs.report.book_charts import Shown
from simfs.report.tables import Listing, Value, as_written


class Kind(StrEnum):
    """How the cells of a column are shown; a word of any kind is shown as it is."""

    WORDS = "words"
    LONG_WORDS = "long words"
    AMOUNT = "amount"  # in the unit that the row names; without one, in pounds
    INPUT = "input"  # a number of the scenario, with all its digits
    CHANCE = "chance"
    NUMBER = "number"
    COUNT = "count"
    DATE = "date"


Cell = Value | Shown


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet.

    Attributes:
        head: its words.
        kind: what is in it.
        width: in letters.
    """

    head: str
    kind: Kind = Kind.NUMBER
    width: int = 12


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of the workbook.

    Attributes:
        name: on its tab, at most 31 letters.
        about: what it holds.
        file: the CSV file that has the same figures.
        columns: from the left.
        rows: a cell for each column.
        unit: which column names the unit of the amounts beside it, or None for pounds.
        kept: columns that stay in sight.
        printed: columns that go on paper, or None for all.
    """

    name: str
    about: str
    file: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    unit: int | None = None
    kept: int = 1
    printed: int | None = None


Filled = tuple[Mapping[str, Column], Sequence[str], Sequence[Mapping[str, Cell]]]


def cells_of(listing: Listing) -> list[dict[str, Cell]]:
    """The rows of a table, each value by the head of its column; they may be added to."""
    return [dict(zip(listing.heads, row, strict=True)) for row in listing.rows]


def sheet_of(
    name: str,
    about: str,
    file: str,
    filled: Filled,
    *,
    unit: str = "",
    kept: int = 1,
    printed: str = "",
) -> Sheet:
    """A sheet of the known columns in their order; what a listing has besides comes after them."""
    known, heads, rows = filled
    others = {
        head: Column(head.replace("_", " ").capitalize(), Kind.WORDS)
        for head in heads
        if head not in known
    }
    columns = {**known, **others}
    keys = list(columns)
    return Sheet(
        name=name,
        about=about,
        file=file,
        columns=tuple(columns.values()),
        rows=tuple(tuple(_told(row.get(key)) for key in keys) for row in rows),
        unit=keys.index(unit) if unit else None,
        kept=kept,
        printed=keys.index(printed) + 1 if printed else None,
    )


def _told(cell: Cell) -> Cell:
    """A number as the files have it, so that they can be compared; nothing for unknown."""
    return as_written(cell) if isinstance(cell, int | float) else cell
