"""The page as a file: parts that hold words only, and a template that escapes every one of them.

A page is complete in itself: figures are inside it, it links to nothing outside and runs nothing.
"""

import base64
import struct
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from simfs.report.charts import Caption, Drawing
from simfs.report.wording import MINUS


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table.

    Attributes:
        text: the figure or the words.
        band: the range that goes with a figure, in a second line; or empty.
        number: whether it is set flush right.
    """

    text: str
    band: str = ""
    number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose first column names the row.

    Attributes:
        caption: above it.
        heads: of the columns.
        rows: each as long as the heads.
        note: what a reader must know to read it.
        file: the table of the results folder that holds its figures, or empty.
    """

    caption: str
    heads: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    file: str = ""
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph, one that stands out, a smaller heading or a command, as `kind` says."""

    text: str
    kind: str = "words"


@dataclass(frozen=True, slots=True)
class Points:
    """A list."""

    points: tuple[str, ...]
    kind: str = "points"


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms and what they mean."""

    terms: tuple[tuple[str, str], ...]
    kind: str = "terms"


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure inside the page.

    Attributes:
        data: the SVG file as a data address.
        alt: what it shows, for readers who do not see it.
        title: its caption.
        width: pixels on the page.
        height: pixels on the page.
        table: the figures that are drawn, or None.
        headed: whether the caption stands above it; not where the drawing has it.
    """

    data: str
    alt: str
    title: str
    width: int
    height: int
    table: Table | None = None
    headed: bool = True
    kind: str = "figure"


Part = Words | Points | Terms | Picture | Table


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    id: str
    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that the page says.

    Attributes:
        title: of the study.
        what_ran: what was simulated, in a sentence or two.
        first: the answer, on one page.
        warnings: what a reader must know before trusting it; they have a section too.
        sections: in the order of reading, after the first.
        foot: versions.
    """

    title: str
    what_ran: str
    first: Section
    warnings: tuple[str, ...]
    sections: tuple[Section, ...]
    foot: str


def picture(drawing: Drawing, *, headed: bool = True) -> Picture:
    """A drawing to stand inside the page, at the size it was drawn for."""
    # A PNG states its width and height at fixed places; it is drawn at 160 dots an inch.
    width, height = struct.unpack(">II", drawing.png[16:24])
    data = base64.b64encode(drawing.svg).decode("ascii")
    return Picture(
        data=f"data:image/svg+xml;base64,{data}",
        alt=drawing.caption.alt,
        title=drawing.caption.title,
        width=round(width * 100 / 160),
        height=round(height * 100 / 160),
        table=_drawn(drawing.caption),
        headed=headed,
    )


def _drawn(caption: Caption) -> Table | None:
    """The figures behind a drawing."""
    behind = caption.behind
    if behind is None:
        return None
    return Table(
        f"Figures drawn: {caption.title}",
        tuple(Cell(head, number=place > 0) for place, head in enumerate(behind.heads)),
        tuple(
            tuple(Cell(text, band, number=place > 0) for place, (text, band) in enumerate(row))
            for row in behind.rows
        ),
        behind.note,
        behind.file,
    )


def page_html(page: Page) -> str:
    """The page as HTML, every text in it escaped."""
    text = _template().render(page=page) + "\n"
    # A word joiner keeps a minus on the line of its sum.
    return text.replace(f"{MINUS}£", f"{MINUS}\N{WORD JOINER}£")


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("simfs.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=False,
    )
    return environment.get_template("report.html.j2")
