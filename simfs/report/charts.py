"""What a figure shows, before anything is drawn: bands, lines and the words that go with them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np

# Okabe and Ito's palette keeps these apart for the common forms of colour blindness; in grey they
# come close to each other, so every arm has a marker of its own as well, the baseline none.
ARM_COLOURS = ("#4d4d4d", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00")
MARKERS = dict(zip(ARM_COLOURS, ("", "o", "s", "^", "D", "v"), strict=True))


@dataclass(frozen=True, slots=True)
class MeanBand:
    """A mean over futures and its 80% band."""

    mean: float
    p10: float
    p90: float


@dataclass(frozen=True, slots=True)
class Band:
    """Where futures fall, period by period: each an array over periods, in the unit of the axis.

    Attributes:
        mean: mean over futures.
        p10: a tenth of futures lie below.
        p25: a quarter lie below.
        p75: a quarter lie above.
        p90: a tenth lie above.
    """

    mean: np.ndarray
    p10: np.ndarray
    p25: np.ndarray
    p75: np.ndarray
    p90: np.ndarray


@dataclass(frozen=True, slots=True)
class Series:
    """One arm's band, with its words and its colour."""

    label: str
    band: Band
    colour: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that a figure points at: a day that practice changed, or a claim's threshold.

    Attributes:
        at: the date, or the index of a financial year.
        value: a threshold in £m; nothing for a date.
        label: words for people.
    """

    at: date | int
    value: float
    label: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What was really counted, day by day; some of it after the start of the run."""

    dates: tuple[date, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """One axis of bars by financial year."""

    title: str
    series: tuple[Series, ...]
    thresholds: tuple[Mark, ...] = ()
    key: str = ""


@dataclass(frozen=True, slots=True)
class Curve:
    """One arm's means over futures by week, as a second line beside its band.

    Attributes:
        values: by week.
        colour: of the arm.
        dotted: dotted instead of dashed.
    """

    values: np.ndarray
    colour: str
    dotted: bool = False


@dataclass(frozen=True, slots=True)
class WeekPanel:
    """One small axis by week: bands of the arms, and other means beside them.

    Attributes:
        title: what it shows.
        key: what its lines are.
        unit: words on the axis.
        series: by arm.
        curves: by arm.
        top: least upper end of the axis.
    """

    title: str
    key: str
    unit: str
    series: tuple[Series, ...]
    curves: tuple[Curve, ...] = ()
    top: float = 1.0


@dataclass(frozen=True, slots=True)
class Weeks:
    """The time axis of a figure.

    Attributes:
        dates: last day of each week.
        go_live: days on which an arm's practice changes.
    """

    dates: tuple[date, ...]
    go_live: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Behind:
    """The figures that are drawn, as a small table.

    Attributes:
        heads: of the columns, the first over names of rows.
        rows: of each cell its figure and, or empty, its band.
        note: what a reader must know to read it.
        file: the table of the results folder that holds them all.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[tuple[str, str], ...], ...]
    note: str
    file: str


@dataclass(frozen=True, slots=True)
class Caption:
    """The words that go with a figure.

    Attributes:
        key: file name without its ending.
        title: heading on the page.
        alt: what the figure shows, for readers who do not see it.
        behind: the figures that are drawn, or None.
    """

    key: str
    title: str
    alt: str
    behind: Behind | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished figure.

    Attributes:
        caption: its words.
        svg: bytes of the vector file.
        png: bytes of the picture.
    """

    caption: Caption
    svg: bytes
    png: bytes


def files_of(drawings: Iterable[Drawing]) -> dict[str, bytes]:
    """The files of finished figures by name: each as SVG and as PNG."""
    return {
        f"{drawing.caption.key}.{ending}": content
        for drawing in drawings
        for ending, content in (("svg", drawing.svg), ("png", drawing.png))
    }
