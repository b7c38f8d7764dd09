"""Charts of the workbook, native to it: each below the last, with its table beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from simfs.report.book_charts import ENDS, KINDS_OF_CHANCE, Chart, Shape, Shown
from simfs.report.charts import ARM_COLOURS

NAME = "Charts"
TABLE = 11  # the column in which tables begin; charts end before it
WIDTH, HEIGHT = 690, 320  # pixels
ROW = 20  # pixels of a row
BAR = 9  # pixels of one bar of a claim
AROUND = 130  # pixels of title, legend and axis
SCALE = 45  # percent of its size on paper, at which chart and table are as wide as a page
PAGE = 74  # rows of a page at that scale
HEAD = 40  # points of the row with the heads of a table
WIDEST, PRINTED = 16, 10  # columns of a table, and of them on paper
# no chance is printed as certain
CHANCE = '[<0.005]"<0.5%";[>0.995]">99.5%";0%'
CODES = {"£": "£#,##0;[Red]-£#,##0", "share": CHANCE, "children": "#,##0.0"}
ON_THE_AXIS = {"£": '£0.0,,"m"', "share": "0%", "children": "#,##0"}
GREY, BLUE, ORANGE = ARM_COLOURS[:3]


@dataclass(frozen=True, slots=True)
class Tools:
    """What the library gives for drawing.

    Attributes:
        workbook: makes charts.
        words: format of words.
        first: format of the head of a table's first column.
        head: format of its other heads.
        number: gives the format of numbers written so.
        cells: names the cells of a sheet from a row and column, from 0, to a row and column.
    """

    workbook: Any
    words: Any
    first: Any
    head: Any
    number: Callable[[str], Any]
    cells: Callable[[str, int, int, int, int], str]


def add_charts(place: Any, charts: Sequence[Chart], tools: Tools) -> None:
    """Put charts and their tables on an empty sheet called Charts, from the top."""
    place.hide_gridlines(2)
    place.set_column(TABLE, TABLE, 46)
    place.set_column(TABLE + 1, TABLE + 2, 12)
    place.set_column(TABLE + 3, TABLE + WIDEST, 9)
    at, page, breaks = 0, 0, []
    for chart in charts:
        tall = max(_height(chart) // ROW, len(chart.rows) + 1) + 2
        if at + tall > page + PAGE and at > page:
            breaks.append(at)
            page = at
        _table(place, at, chart, tools)
        drawn = DRAWN[chart.shape](tools, at, chart)
        drawn.set_title({"name": chart.title[:255], "name_font": {"size": 11}, "overlay": False})
        drawn.set_size({"width": WIDTH, "height": _height(chart)})
        place.insert_chart(at, 0, drawn, {"description": chart.alt, "y_offset": 4})
        at += tall
    place.set_print_scale(SCALE)
    place.set_h_pagebreaks(breaks)
    place.print_area(0, 0, at, TABLE + PRINTED - 1)


def _height(chart: Chart) -> int:
    if chart.shape is not Shape.BARS:
        return HEIGHT
    return AROUND + BAR * (len(KINDS_OF_CHANCE) + 1) * len(chart.rows)


def _table(place: Any, top: int, chart: Chart, tools: Tools) -> None:
    """The figures behind a chart, under their heads."""
    place.set_row(top, HEAD)
    for across, head in enumerate(chart.heads):
        place.write_string(top, TABLE + across, head, tools.head if across else tools.first)
    for down, row in enumerate(chart.rows, start=top + 1):
        for across, cell in enumerate(row, start=TABLE):
            if isinstance(cell, str):
                place.write_string(down, across, cell, tools.words)
            elif isinstance(cell, Shown):
                place.write_number(down, across, cell.value, tools.number(f'"{cell.words}"'))
            elif cell is not None:
                place.write_number(down, across, cell, tools.number(CODES[chart.unit]))


def _column(tools: Tools, chart: Chart, top: int, column: int) -> str:
    """The cells of one column of a chart's table."""
    across = TABLE + column
    return tools.cells(NAME, top + 1, across, top + len(chart.rows), across)


def _series(tools: Tools, chart: Chart, top: int, column: int) -> dict[str, Any]:
    return {
        "name": [NAME, top, TABLE + column],
        "categories": _column(tools, chart, top, 0),
        "values": _column(tools, chart, top, column),
    }


def _whiskers(tools: Tools, chart: Chart, top: int, down: int) -> dict[str, Any]:
    """Lines to the ends of a range: how far it is down stands in a column, and up in the next."""
    return {
        "type": "custom",
        "minus_values": _column(tools, chart, top, down),
        "plus_values": _column(tools, chart, top, down + 1),
        "line": {"color": "#222222", "width": 1},
    }


def _columns(tools: Tools, top: int, chart: Chart) -> Any:
    drawn = tools.workbook.add_chart({"type": "column"})
    drawn.add_series(
        _series(tools, chart, top, 1)
        | {
            "fill": {"color": BLUE},
            "gap": 80,
            "y_error_bars": _whiskers(tools, chart, top, 4),
        }
    )
    drawn.set_x_axis({"label_position": "low"})
    drawn.set_y_axis(_axis(chart))
    drawn.set_legend({"none": True})
    return drawn


def _bars(tools: Tools, top: int, chart: Chart) -> Any:
    drawn = tools.workbook.add_chart({"type": "bar"})
    for place, colour in enumerate((ORANGE, GREY, BLUE)):
        whiskers = _whiskers(tools, chart, top, 1 + len(KINDS_OF_CHANCE) * len(ENDS) + 2 * place)
        drawn.add_series(
            _series(tools, chart, top, 1 + len(ENDS) * place)
            | {"fill": {"color": colour}, "gap": 40, "x_error_bars": whiskers}
        )
    # the first claim on top, and the scale below the last
    drawn.set_y_axis({"reverse": True, "num_font": {"size": 8}})
    drawn.set_x_axis(_axis(chart) | {"min": 0, "max": 1, "label_position": "high"})
    drawn.set_legend({"position": "top"})
    return drawn


def _fan(tools: Tools, top: int, chart: Chart) -> Any:
    """Bands stacked upon an area that is not seen, and the means as lines upon them."""
    drawn = tools.workbook.add_chart({"type": "area", "subtype": "stacked"})
    ground = _series(tools, chart, top, 3) | {"fill": {"none": True}, "border": {"none": True}}
    drawn.add_series(ground)
    for column, transparency in ((7, 70), (8, 40), (9, 70)):
        fill = {"color": BLUE, "transparency": transparency}
        drawn.add_series(_series(tools, chart, top, column) | {"fill": fill})
    lines = tools.workbook.add_chart({"type": "line"})
    lines.add_series(_series(tools, chart, top, 1) | {"line": {"color": BLUE, "width": 2.25}})
    if any(row[2] is not None for row in chart.rows):
        dashed = {"color": GREY, "width": 2.25, "dash_type": "dash"}
        lines.add_series(_series(tools, chart, top, 2) | {"line": dashed})
    drawn.combine(lines)
    drawn.set_y_axis(_axis(chart) | {"min": 0})
    drawn.set_legend({"position": "bottom", "delete_series": [0]})  # what is not seen
    return drawn


def _axis(chart: Chart) -> dict[str, Any]:
    return {
        "num_format": ON_THE_AXIS[chart.unit],
        "major_gridlines": {"visible": True, "line": {"color": "#DDDDDD"}},
        "name": {"£": "£m", "share": "", "children": "children"}[chart.unit],
    }


DRAWN = {Shape.COLUMNS: _columns, Shape.BARS: _bars, Shape.FAN: _fan}
