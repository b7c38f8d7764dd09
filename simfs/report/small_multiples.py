"""Forecasts of other places as small axes: a row for each place, a column for each series."""

from typing import Any

import numpy as np

from simfs.experiment.backtest import PLACEBO, YEARS, Result
from simfs.report.backtest import Tested, bands, name_of
from simfs.report.charts import ARM_COLOURS, Caption, Drawing
from simfs.report.figures import INK, render

PAST, NOTHING, PRACTICE = ARM_COLOURS[0], ARM_COLOURS[2], ARM_COLOURS[1]
YEARS_BEFORE = 6
ROOM = 1.12  # of the highest count, so that no line touches the top
NOTE = (
    "At 31 March of each year, or in the year that ends then. Band: eight simulated futures in ten "
    "lie in it.\nA forecast uses only what was known in its base year, where the grey line ends."
)


def drawing_of(tested: Tested, result: Result) -> Drawing:
    """History, forecast and what happened, for each case and series."""
    rows, columns = len(tested.places), len(tested.targets)
    title = f"Forecasts from what was known then, and what happened ({tested.own})"

    def draw(figure: Any) -> None:
        axes = figure.subplots(rows, columns, squeeze=False)
        for row in range(rows):
            for column in range(columns):
                _panel(axes[row][column], tested, result, row, column)
        for column, target in enumerate(tested.targets):
            axes[0][column].set_title(name_of(target), fontsize=9.5)
        for row, place in enumerate(tested.places):
            case = place.case
            axes[row][0].set_ylabel(f"{case.authority}\nfrom {case.base}", fontsize=9.5)
        handles, labels = axes[0][0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper left", ncols=len(labels), fontsize=9.0)

    size = (max(3.5 * columns, 7.0), 1.2 + 2.1 * rows)
    return render(Caption("backtest", title, _alt(tested, result)), size, draw, NOTE)


def _panel(axis: Any, tested: Tested, result: Result, row: int, column: int) -> None:
    """One series of one place."""
    place, target = tested.places[row], tested.targets[column]
    base = place.case.base
    known = tested.observed.series(place.case.authority, target.series)
    past = {y: n for y, n in known.items() if base - YEARS_BEFORE <= y <= base}
    later = {y: n for y, n in known.items() if base < y <= base + YEARS}
    start = place.starts[target.series]
    # every band begins at the count from which the forecast is made
    low, middle, high = (np.r_[start, end] for end in bands(result, row, tested.own, column))
    nothing = np.r_[start, bands(result, row, PLACEBO, column)[1]]
    ahead = np.arange(base, base + YEARS + 1)
    axis.fill_between(
        ahead, low, high, color=PRACTICE, alpha=0.22, linewidth=0, label="80% band of the forecast"
    )
    axis.plot(ahead, middle, color=PRACTICE, linewidth=1.8, label="its middle")
    axis.plot(
        ahead, nothing, color=NOTHING, linewidth=1.5, linestyle=(0, (4, 2)),
        label="middle, no model introduced",
    )  # fmt: skip
    axis.plot(list(past), list(past.values()), color=PAST, linewidth=1.5, label="counted by then")
    axis.plot(
        list(later), list(later.values()), "o", color=INK, markersize=5, label="counted later"
    )
    axis.set_ylim(0.0, ROOM * max(high.max(), nothing.max(), *known.values()))
    axis.set_xlim(base - YEARS_BEFORE - 0.3, base + YEARS + 0.3)
    axis.set_xticks(range(base - YEARS_BEFORE, base + YEARS + 1, 3))
    axis.tick_params(labelsize=8.5)


def _alt(tested: Tested, result: Result) -> str:
    """What the figure shows, for readers who do not see it."""
    score = result.scores[tested.own]
    series = ", ".join(name_of(target) for target in tested.targets)
    cases = "; ".join(f"{one.case.authority} from {one.case.base}" for one in tested.places)
    return (
        f"{series}, for {cases}: history, forecast with its 80% band, the forecast without a "
        f"practice model, and later counts, of which {score.inside} of {score.points} lie in the "
        "bands."
    )
