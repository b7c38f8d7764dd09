"""The workbook as a file: the one place that knows the library for it.

Equal books make equal bytes: no date of the day is written, and the library gives every part of
the file the same time. Words are written as words whatever they begin with.
"""

import io
import math
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_range_formula

from simfs.report.book import Book
from simfs.report.book_charts import Shown
from simfs.report.book_parts import Cell, Column, Kind, Sheet
from simfs.report.excel_charts import CHANCE, Tools, add_charts
from simfs.report.tables import FORMULA_STARTS

LONGEST = 32_767  # letters of a cell, as UTF-16 counts them
LONGEST_HEADING = 200  # letters of what is printed on every page, and of properties
MADE = datetime(1980, 1, 1)  # the same in every file; the date of a run is in its log
# the library would make formulas, links and numbers of words that look like them
AS_THEY_ARE = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
A4 = 9
IN_WORDS = (Kind.WORDS, Kind.LONG_WORDS)
LINE, TALLEST = 13.5, 409  # points of a line of text, and of the tallest row

POUNDS = "£#,##0;[Red]-£#,##0"
PENCE = "£#,##0.00;[Red]-£#,##0.00"
SHARE = "0.0%;[Red]-0.0%"
INPUT_SHARE = "0.0###%"
NUMBER = "#,##0.0;[Red]-#,##0.0"
COUNT = "#,##0"
DAY = "d mmm yyyy"


class _Formats:
    """The formats of a workbook, each made when it is first wanted."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def __call__(self, **properties: Any) -> Any:
        key = tuple(properties.items())
        if key not in self._made:
            given = {"font_name": "Calibri", "font_size": 10, "valign": "top"} | properties
            self._made[key] = self._workbook.add_format(given)
        return self._made[key]

    def words(self, text: str, *, wrapped: bool) -> Any:
        """Of words; those that begin like a formula stay words when somebody edits them."""
        quoted = {"quote_prefix": True} if text.startswith(FORMULA_STARTS) else {}
        return self(text_wrap=wrapped, indent=1, **quoted)

    def number(self, code: str) -> Any:
        """Of a number."""
        return self(num_format=code)


def xlsx_file(book: Book) -> bytes:
    """A workbook as the bytes of an .xlsx file."""
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, AS_THEY_ARE)
    formats = _Formats(workbook)
    workbook.set_properties(
        {
            "title": _short(book.title),
            "subject": _short(book.subject),
            "author": "simfs",
            "created": MADE,
        }
    )
    _read_me(workbook, formats, book)
    for sheet in book.sheets:
        _table(workbook, formats, book, sheet)
    if book.charts:
        place = _worksheet(workbook, "Charts", book)
        first = formats(bold=True)
        head = formats(bold=True, text_wrap=True, align="right")
        tools = Tools(workbook, formats(), first, head, formats.number, xl_range_formula)
        add_charts(place, book.charts, tools)
    workbook.close()
    return stream.getvalue()


def _worksheet(workbook: Any, name: str, book: Book) -> Any:
    """An empty sheet that prints across the width of a page, with its name and number."""
    place = workbook.add_worksheet(name)
    place.set_landscape()
    place.set_paper(A4)
    place.fit_to_pages(1, 0)
    place.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    # an ampersand begins an instruction there
    title = _short(book.title).replace("&", "&&")
    place.set_footer(f"&L{title}&C&A&R&P of &N")
    return place


def _read_me(workbook: Any, formats: _Formats, book: Book) -> None:
    place = _worksheet(workbook, "Read me", book)
    place.hide_gridlines(2)
    place.set_column(0, 0, 30)
    place.set_column(1, 1, 110)
    _words(place, 0, 0, book.title, formats(bold=True, font_size=16))
    head, label = formats(bold=True, font_size=12, bottom=1), formats(bold=True, text_wrap=True)
    for row, (heading, words) in enumerate(book.read_me, start=2):
        _words(place, row, 0, heading, label if words else head)
        _words(place, row, 1, words, formats.words(words, wrapped=True))
        _make_room(place, row, ((heading, 28), (words, 118)))


def _table(workbook: Any, formats: _Formats, book: Book, sheet: Sheet) -> None:
    """A table from the first cell on, with its head in sight and on every page."""
    place = _worksheet(workbook, sheet.name, book)
    for at, column in enumerate(sheet.columns):
        place.set_column(at, at, column.width)
        side = {"indent": 1} if column.kind in IN_WORDS else {"align": "right"}
        head = formats(bold=True, text_wrap=True, bg_color="#DDE6EE", bottom=1, **side)
        _words(place, 0, at, column.head, head)
    _make_room(place, 0, [(column.head, column.width - 2) for column in sheet.columns])
    long = [at for at, column in enumerate(sheet.columns) if column.kind is Kind.LONG_WORDS]
    for at, row in enumerate(sheet.rows, start=1):
        if long:
            _make_room(place, at, [(str(row[i] or ""), sheet.columns[i].width - 1) for i in long])
        unit = "£" if sheet.unit is None else str(row[sheet.unit])
        for across, (cell, column) in enumerate(zip(row, sheet.columns, strict=True)):
            _cell(place, at, across, cell, column, unit, formats)
    last, width = len(sheet.rows), len(sheet.columns)
    place.freeze_panes(1, sheet.kept)
    place.autofilter(0, 0, last, width - 1)
    place.repeat_rows(0)
    place.print_area(0, 0, last, (sheet.printed or width) - 1)


def _make_room(place: Any, row: int, texts: Iterable[tuple[str, int]]) -> None:
    """Make a row as high as its texts need in columns this wide, for who does not do it himself."""
    lines = max(math.ceil(len(text) / width) for text, width in texts)
    if lines > 1:
        place.set_row(row, min(LINE * lines, TALLEST))


def _cell(
    place: Any, row: int, at: int, cell: Cell, column: Column, unit: str, formats: _Formats
) -> None:
    match cell:
        case None | "":
            pass
        case str():
            wrapped = column.kind is Kind.LONG_WORDS
            _words(place, row, at, cell, formats.words(cell, wrapped=wrapped))
        case date():
            place.write_datetime(row, at, cell, formats.number(DAY))
        case Shown(value, words):
            place.write_number(row, at, value, formats.number(f'"{words}"'))
        case _:
            place.write_number(row, at, cell, formats.number(code_of(column.kind, unit)))


def code_of(kind: Kind, unit: str) -> str:
    """How a number of this kind and unit is shown, as the spreadsheet writes it.

    >>> code_of(Kind.AMOUNT, "children"), code_of(Kind.CHANCE, "")[-2:]
    ('#,##0.0;[Red]-#,##0.0', '0%')
    """
    match kind, unit:
        case Kind.CHANCE, _:
            return CHANCE
        case Kind.COUNT, _:
            return COUNT
        case Kind.AMOUNT, "£":
            return POUNDS
        case Kind.AMOUNT, "share":
            return SHARE
        case (Kind.INPUT, "£") | (Kind.AMOUNT, "£ for £1"):
            return PENCE
        case Kind.INPUT, str() if unit.startswith(("share", "probability")):
            return INPUT_SHARE
        case Kind.INPUT, _:
            return "General"
        case _:
            return NUMBER


def _words(place: Any, row: int, at: int, text: str, shape: Any) -> None:
    if text:
        place.write_string(row, at, fitting(text), shape)


def fitting(text: str, most: int = LONGEST) -> str:
    """Text cut to what a cell takes.

    >>> fitting("plans", 4), len(fitting("🏠" * 20_000))
    ('pla…', 16384)
    """
    if len(text) * 2 <= most or _letters(text) <= most:
        return text
    kept, left = [], most - 1
    for letter, size in zip(text, _sizes(text), strict=True):
        left -= size
        if left < 0:
            break
        kept.append(letter)
    return f"{''.join(kept)}…"


def _letters(text: str) -> int:
    return sum(_sizes(text))


def _sizes(text: Iterable[str]) -> Iterator[int]:
    """Two for a letter that UTF-16 writes as two."""
    return (1 + (ord(letter) > 0xFFFF) for letter in text)


def _short(text: str) -> str:
    return fitting(text, LONGEST_HEADING)
