"""Figures: what every future did, drawn so that a band cannot be mistaken for a promise.

Each figure is rendered twice, as SVG for the page and PNG for a slide. Nothing in a file depends on
when or how often it is drawn: ids come from a fixed salt and dates are left out. Matplotlib is
imported here only, and only when something is drawn.
"""

import io
import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from simfs.report.charts import (
    MARKERS,
    Band,
    Caption,
    Counts,
    Drawing,
    Mark,
    Panel,
    Series,
    WeekPanel,
    Weeks,
)
from simfs.scenario.dates import MONTHS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CLAIM_COLOUR = "#b22222"
INK = "#222222"
GRID = "#dddddd"
MARKS_ON_A_LINE = 10
PACKING = 3  # of PNG: a third faster than its default of 6, for a file 3% larger
OUTLINE = re.compile(rb'\bd="[^"]*"')
DIGITS = re.compile(rb"(?<=\.\d\d)\d+")
OUTER_WORDS = "Line: mean of the futures. Shaded: the 80% band."
WEEK_WORDS = "By week, line: mean of the futures; shaded: the 80% band."
YEAR_WORDS = "By year, dot: mean; dark: the middle half; light: the 80% band."
BAND_WORDS = "Line or dot: mean of the futures. Dark: the middle half of them. Light: the 80% band."
STYLE: dict[Any, Any] = {
    "svg.hashsalt": "simfs",
    "svg.fonttype": "path",
    "text.parse_math": False,
    # letters keep their shape at any size, and cost a tenth less to draw
    "text.hinting": "none",
    "font.family": "DejaVu Sans",
    "font.size": 10.0,
    "axes.titlesize": 11.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    # nothing is above the axes, so a title need not look for what to stand clear of
    "axes.titley": 1.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#888888",
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "legend.edgecolor": "white",
    "legend.framealpha": 0.85,
    "figure.dpi": 100.0,
    "savefig.dpi": 160.0,
}


def fans(
    caption: Caption,
    weeks: Weeks,
    arms: Sequence[Series],
    differences: Sequence[Series],
    counted: Counts | None = None,
) -> Drawing:
    """Children by arm with their bands, above the paired difference with its own.

    What was counted stands before and beside them.
    """

    def draw(figure: "Figure") -> None:
        rows = 2 if differences else 1
        axes = figure.subplots(
            rows, 1, squeeze=False, sharex=True, height_ratios=[2.2, 1.0][:rows]
        )[:, 0]
        _fan(axes[0], weeks, arms, counted=counted)
        _legend(axes[0])
        if differences:
            _fan(axes[1], weeks, differences, words=False, counted=counted)
            _difference(axes[1], differences)
        _years_below(axes[-1], weeks, counted)

    return render(caption, (7.6, 5.6 if differences else 4.0), draw)


def savings(caption: Caption, years: Sequence[str], panels: Sequence[Panel]) -> Drawing:
    """Savings by financial year, one panel a kind, against the thresholds of the claims."""

    def draw(figure: "Figure") -> None:
        axes = figure.subplots(1, len(panels), squeeze=False, sharey=True)[0]
        for axis, panel in zip(axes, panels, strict=True):
            _by_year(axis, years, panel)
            axis.set_title(panel.title)
        axes[0].set_ylabel("£m in the year")
        _legend_below(figure, axes)

    return render(caption, (max(5.2, 4.2 * len(panels)), 4.3), draw)


def net_position(caption: Caption, years: Sequence[str], series: Sequence[Series]) -> Drawing:
    """The net position since the start, year by year, with the line where money is got back."""

    def draw(figure: "Figure") -> None:
        axis = figure.subplots()
        places = np.arange(len(years) + 1)
        for line in series:
            band = _from_nothing(line.band)
            _shade(axis, places, band, line.colour)
            _mean(axis, places, band.mean, line.colour, line.label)
        _zero(axis)
        axis.set_xticks(places, ["start", *(f"end of\n{year}" for year in years)])
        axis.set_ylabel("£m since the start")
        _legend(axis)

    return render(caption, (7.6, 4.0), draw, OUTER_WORDS)


def staff(
    caption: Caption,
    weeks: Weeks,
    years: Sequence[str],
    panels: Sequence[WeekPanel | Panel],
) -> Drawing:
    """Small panels, two in a row: subjects by week, or bars by financial year."""
    rows = (len(panels) + 1) // 2

    def draw(figure: "Figure") -> None:
        axes = list(figure.subplots(rows, 2, squeeze=False).flat)
        for axis, panel in zip(axes, panels, strict=False):
            if isinstance(panel, WeekPanel):
                _by_week(axis, weeks, panel)
            else:
                _by_year(axis, years, panel)
                axis.set_ylim(bottom=0.0)
                axis.tick_params("x", labelsize=8.5)
            # a line's room for the key between title and axis
            axis.set_title(panel.title, fontsize=10.0, pad=16.0 if panel.key else 6.0)
        for axis in axes[len(panels) :]:
            axis.set_axis_off()
        # one arm alone is named too: the others may have no such staff
        _legend_below(figure, axes, least=1)

    weekly = all(isinstance(panel, WeekPanel) for panel in panels)
    note = WEEK_WORDS if weekly else f"{WEEK_WORDS} {YEAR_WORDS}"
    return render(caption, (10.0, 0.7 + 2.5 * rows), draw, note)


def headline(
    caption: Caption,
    weeks: Weeks,
    children: tuple[str, Sequence[Series]],
    years: Sequence[str],
    panel: Panel,
) -> Drawing:
    """The answer in one picture: children in care by arm, and the saving against the claims."""

    def draw(figure: "Figure") -> None:
        left, right = figure.subplots(1, 2, width_ratios=[1.25, 1.0])
        count_label, arms = children
        _fan(left, weeks, arms)
        left.set_title(count_label)
        _legend(left, loc="lower left")
        _years_below(left, weeks)
        _by_year(right, years, panel)
        right.set_title(panel.title)
        right.set_ylabel("£m in the year")
        if panel.thresholds or len(panel.series) > 1:
            # Headroom for the legend, a line for each entry.
            low, high = right.get_ylim()
            right.set_ylim(low, high + 0.08 * (len(panel.series) + 1) * (high - low))
            right.legend(loc="upper left", handlelength=1.4, fontsize=9.0)

    return render(caption, (11.0, 4.4), draw)


def render(
    caption: Caption,
    size: tuple[float, float],
    draw: Callable[["Figure"], None],
    note: str = BAND_WORDS,
) -> Drawing:
    """Draw once and save twice, with nothing in the files that changes from day to day."""
    # Matplotlib takes most of a second to import, and most commands draw nothing.
    from matplotlib import rc_context  # noqa: PLC0415
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    with rc_context(STYLE):
        figure = Figure(figsize=size, layout="constrained")
        FigureCanvasAgg(figure)
        draw(figure)
        vector, picture = io.BytesIO(), io.BytesIO()
        if note:
            figure.supxlabel(note, fontsize=8.5, color="#555555", x=0.01, ha="left")
        _leave_out_empty_labels(figure)
        # The room for words is worked out once, for both files.
        layout = figure.get_layout_engine()
        assert layout is not None
        layout.execute(figure)
        figure.set_layout_engine("none")
        # Not by savefig, which draws twice for each file to settle what is settled by now.
        words = {"Date": None, "Creator": None, "Title": caption.title}
        FigureCanvasSVG(figure).print_svg(vector, metadata=words)
        figure.set_dpi(STYLE["savefig.dpi"])
        words = {"Software": None, "Title": caption.title}
        FigureCanvasAgg(figure).print_png(
            picture, metadata=words, pil_kwargs={"compress_level": PACKING}
        )
    return Drawing(caption, _lean(vector.getvalue()), picture.getvalue())


def _lean(svg: bytes) -> bytes:
    """An SVG with hundredths of a point in its outlines, where Matplotlib writes millionths."""
    return OUTLINE.sub(lambda found: DIGITS.sub(b"", found[0]), svg)


def _leave_out_empty_labels(figure: "Figure") -> None:
    """Give axes without a name a fixed place for it: looking for one takes a tenth of the time."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if not axis.get_label_text():
                axis.set_label_coords(0.0, 0.0)


def _fan(
    axis: "Axes",
    weeks: Weeks,
    series: Sequence[Series],
    words: bool = True,
    counted: Counts | None = None,
) -> None:
    """Bands first and lines on top, so that no arm hides another's mean."""
    days = _days(weeks.dates)
    for line in series:
        _shade(axis, days, line.band, line.colour)
    for line in series:
        _mean(axis, days, line.band.mean, line.colour, line.label)
    if words:
        if counted:
            _counted(axis, weeks, counted)
        _honest_scale(axis, series, counted)
    # a little room, so that the first mark is whole
    ends = [when.toordinal() for when in counted.dates] if counted else []
    axis.set_xlim(min([days[0], *(day - 60 for day in ends)]), max([days[-1], *ends]))
    _go_live(axis, weeks, words)


def _mean(
    axis: "Axes",
    places: np.ndarray,
    values: np.ndarray,
    colour: str,
    label: str,
    width: float = 2.0,
) -> None:
    """A mean as a line, with markers in a few places that tell the arms apart without colour."""
    step = max(len(places) // MARKS_ON_A_LINE, 1)
    axis.plot(
        places, values, color=colour, label=label, linewidth=width,
        marker=MARKERS.get(colour, ""), markersize=4.5, markevery=(step // 2, step),
    )  # fmt: skip


def _counted(axis: "Axes", weeks: Weeks, counted: Counts) -> None:
    """What was counted: filled before the start, hollow after it."""
    days, values = _days(counted.dates), np.array(counted.values)
    before = days < weeks.dates[0].toordinal()
    for label, fill, line, shown in (
        ("counted before the start", INK, ":", before),
        ("counted since", "white", "", ~before),
    ):
        if shown.any():
            axis.plot(
                days[shown], values[shown], "X", color=INK, markerfacecolor=fill, markersize=7.0,
                linestyle=line, linewidth=1.0, label=label, zorder=5,
            )  # fmt: skip


def _by_week(axis: "Axes", weeks: Weeks, panel: WeekPanel) -> None:
    """Bands with their means, other means dashed or dotted; from nothing upwards."""
    days = _days(weeks.dates)
    top = panel.top
    for line in panel.series:
        band = line.band
        axis.fill_between(days, band.p10, band.p90, color=line.colour, alpha=0.16, linewidth=0)
        _mean(axis, days, band.mean, line.colour, line.label, 1.8)
        top = max(top, _highest(band.p90), _highest(band.mean))
    for curve in panel.curves:
        style = ":" if curve.dotted else "--"
        axis.plot(days, curve.values, style, color=curve.colour, linewidth=1.3)
        top = max(top, _highest(curve.values))
    axis.set_ylim(0.0, 1.12 * top)
    axis.set_xlim(days[0], days[-1])
    axis.set_ylabel(panel.unit, fontsize=9.0)
    axis.text(
        0.0, 1.01, panel.key, transform=axis.transAxes, fontsize=8.5, color="#555555", va="bottom"
    )
    _go_live(axis, weeks, words=False)
    _years_below(axis, weeks)
    axis.tick_params("x", labelsize=8.5)


def _highest(values: np.ndarray) -> float:
    """The greatest of what is known; 0 where nothing is."""
    known = values[~np.isnan(values)]
    return float(known.max()) if len(known) else 0.0


def _shade(axis: "Axes", places: np.ndarray, band: Band, colour: str) -> None:
    """The 80% band, and inside it the middle half."""
    axis.fill_between(places, band.p10, band.p90, color=colour, alpha=0.13, linewidth=0)
    axis.fill_between(places, band.p25, band.p75, color=colour, alpha=0.20, linewidth=0)
    for edge in (band.p10, band.p90):
        axis.plot(places, edge, color=colour, linewidth=0.8, alpha=0.7)


def _honest_scale(axis: "Axes", series: Sequence[Series], counted: Counts | None = None) -> None:
    """From zero, unless that leaves most of the axis empty; then the label says where it starts.

    The axis always spans at least four tenths of the highest value, so that a small change cannot
    be made to fill the picture.
    """
    known = counted.values if counted else ()
    top = max([float(line.band.p90.max()) for line in series] + [*known])
    low = min([float(line.band.p10.min()) for line in series] + [*known])
    bottom = 0.0 if low < 0.5 * top else min(low - 0.05 * top, 0.6 * top)
    axis.set_ylim(bottom, top + 0.12 * (top - bottom) if top > bottom else bottom + 1.0)
    axis.set_ylabel("children (axis does not start at 0)" if bottom > 0 else "children")


def _difference(axis: "Axes", differences: Sequence[Series]) -> None:
    _zero(axis)
    axis.set_ylabel("difference,\nchildren")
    one = len(differences) == 1
    title = differences[0].label if one else "Each less the baseline, in the same futures"
    axis.set_title(title, fontsize=9.5, fontweight="normal")


def _by_year(axis: "Axes", years: Sequence[str], panel: Panel) -> None:
    """A bar for the 80% band, a darker one for the middle half, a dot for the mean."""
    places = np.arange(len(years), dtype=float)
    step = 0.8 / len(panel.series)
    for index, line in enumerate(panel.series):
        x = places + (index - (len(panel.series) - 1) / 2) * step
        _bars(axis, x, line, min(0.34, 0.8 * step))
    for index, mark in enumerate(panel.thresholds):
        _threshold(axis, mark, named=index == 0, above=_has_room(mark, panel))
    _zero(axis)
    axis.use_sticky_edges = False
    axis.margins(y=0.10)
    axis.set_xticks(places, list(years))
    axis.set_xlim(-0.6, len(years) - 0.4)


def _has_room(mark: Mark, panel: Panel) -> bool:
    """Whether no other threshold of the year stands where the label of this one would."""
    reach = [line.band.p90.max() for line in panel.series] + [m.value for m in panel.thresholds]
    depth = [line.band.p10.min() for line in panel.series] + [0.0]
    near = 0.1 * (max(reach) - min(depth))
    return not any(
        other.at == mark.at and 0 < other.value - mark.value < near for other in panel.thresholds
    )


def _bars(axis: "Axes", x: np.ndarray, line: Series, width: float) -> None:
    outer, inner = line.band.p90 - line.band.p10, line.band.p75 - line.band.p25
    axis.bar(x, outer, width, bottom=line.band.p10, color=line.colour, alpha=0.22, linewidth=0)
    axis.bar(x, inner, width, bottom=line.band.p25, color=line.colour, alpha=0.45, linewidth=0)
    marker = MARKERS.get(line.colour, "") or "P"
    axis.plot(x, line.band.mean, marker, color=line.colour, markersize=5, label=line.label)


def _threshold(axis: "Axes", mark: Mark, named: bool, above: bool) -> None:
    assert isinstance(mark.at, int)
    axis.plot(
        [mark.at - 0.42, mark.at + 0.42],
        [mark.value] * 2,
        color=CLAIM_COLOUR,
        linewidth=2.0,
        label="claimed" if named else "_nolegend_",
    )
    axis.annotate(
        mark.label,
        (mark.at, mark.value),
        xytext=(0, 3 if above else -3),
        textcoords="offset points",
        ha="center",
        va="bottom" if above else "top",
        fontsize=8.5,
        color=CLAIM_COLOUR,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.6},
    )


def _go_live(axis: "Axes", weeks: Weeks, words: bool) -> None:
    """A dotted line on the day that practice changed, with its words where there is room."""
    for mark in weeks.go_live:
        assert isinstance(mark.at, date)
        day = float(mark.at.toordinal())
        axis.axvline(day, color="#666666", linewidth=1.0, linestyle=":")
        if words:
            axis.annotate(
                mark.label,
                (day, 1.0),
                xycoords=("data", "axes fraction"),
                xytext=(3, -3),
                textcoords="offset points",
                va="top",
                fontsize=8.5,
                color="#555555",
            )


def _zero(axis: "Axes") -> None:
    axis.axhline(0.0, color="#333333", linewidth=1.0)


def _legend(axis: "Axes", loc: Any = "best") -> None:
    if axis.get_legend_handles_labels()[1]:
        axis.legend(loc=loc, fontsize=9.0)


def _legend_below(figure: "Figure", axes: Sequence["Axes"], least: int = 2) -> None:
    """One legend for all panels, each label once; none for fewer labels than `least`."""
    found: dict[str, Any] = {}
    for axis in axes:
        for handle, label in zip(*axis.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    if len(found) >= least:
        figure.legend(found.values(), found.keys(), loc="outside upper right", ncols=len(found))


def _days(dates: Sequence[date]) -> np.ndarray:
    return np.array([when.toordinal() for when in dates], dtype=float)


def _years_below(axis: "Axes", weeks: Weeks, counted: Counts | None = None) -> None:
    """A tick at each 1 April, where a financial year begins; quarters for a short run."""
    first, last = weeks.dates[0] - timedelta(days=7), weeks.dates[-1] + timedelta(days=7)
    first = min(first, counted.dates[0]) if counted else first
    aprils = [date(y, 4, 1) for y in range(first.year, last.year + 1)]
    ticks = [when for when in aprils if first <= when <= last]
    if len(ticks) < 3:
        months = [date(y, m, 1) for y in range(first.year, last.year + 1) for m in (1, 4, 7, 10)]
        ticks = [when for when in months if first <= when <= last]
    axis.set_xticks(_days(ticks), [f"{MONTHS[when.month - 1][:3]}\n{when.year}" for when in ticks])


def _from_nothing(band: Band) -> Band:
    """The band with a first point at nothing, where every future starts."""
    return Band(
        *(np.concatenate([[0.0], x]) for x in (band.mean, band.p10, band.p25, band.p75, band.p90))
    )
