"""What one arm comes to beside the baseline: by financial year and by week, with bands.

Two kinds of range, never mixed up: the interval of a mean says how far the simulation may be out;
a band says where a single future may fall.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simfs.analysis.intervals import (
    QUANTILES,
    draw_means,
    mean_interval,
    quantiles,
    skew_warning,
)
from simfs.analysis.measures import Metric
from simfs.analysis.outcomes import Outcomes
from simfs.analysis.savings import SAVING_LABELS, SAVINGS, saving
from simfs.engine.tally import IntArray

FloatArray = NDArray[np.float64]

ALL_YEARS = "all years"


@dataclass(frozen=True, slots=True)
class Summary:
    """One figure over all futures.

    Attributes:
        metric: what it is; pence and days are whole in each future.
        period: financial year, or "all years".
        n: number of futures.
        mean: mean over futures.
        mean_low: lower end of the 95% interval of the mean, or None with too few futures.
        mean_high: upper end, or None.
        p02_5: with the others, where a single future falls: bands of 95%, 80% and 50%.
        p10: one future in ten is below.
        p25: one future in four is below.
        p50: the middle future.
        p75: one future in four is above.
        p90: one future in ten is above.
        p97_5: one future in forty is above.
        warning: why the interval of the mean may be too narrow, or empty.
    """

    metric: Metric
    period: str
    n: int
    mean: float
    mean_low: float | None
    mean_high: float | None
    p02_5: float
    p10: float
    p25: float
    p50: float
    p75: float
    p90: float
    p97_5: float
    warning: str


@dataclass(frozen=True, slots=True, eq=False)
class Bands:
    """Weekly figures over the futures whose weeks were kept.

    Attributes:
        name: the arm, or "baseline - arm" with their keys.
        n: number of futures.
        mean: float64[week, metric]; NaN in a week in which nothing was measured.
        mean_low: the same shape, or None with too few futures.
        mean_high: the same shape, or None.
        quantiles: float64[quantile, week, metric] at 2.5, 10, 25, 50, 75, 90 and 97.5%.
    """

    name: str
    n: int
    mean: FloatArray
    mean_low: FloatArray | None
    mean_high: FloatArray | None
    quantiles: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """An arm by itself and beside the baseline.

    Attributes:
        arm: key of the arm.
        baseline: key of the baseline.
        levels: the arm's own yearly metrics, by metric, then year.
        falls: savings, then falls of every yearly metric (baseline minus arm, same luck), by
            metric, then year, then all years together where that means something; empty for the
            baseline itself.
        weekly: the arm's weekly bands.
        weekly_falls: bands of baseline minus arm; None for the baseline itself.
        reason: why there are no intervals of means; empty when there are.
    """

    arm: str
    baseline: str
    levels: tuple[Summary, ...]
    falls: tuple[Summary, ...]
    weekly: Bands
    weekly_falls: Bands | None
    reason: str

    def fall(self, key: str, period: str) -> Summary:
        """The saving or fall of that metric and period; raises KeyError."""
        for row in self.falls:
            if row.metric.key == key and row.period == period:
                return row
        raise KeyError(f"no saving or fall {key!r} for {period!r}")


def compare(outcomes: Outcomes, arm: str) -> Comparison:
    """Compare an arm with the baseline, future by future with the same luck."""
    baseline = outcomes.baseline
    levels = [
        row
        for metric in outcomes.metrics
        for row in summarise(outcomes, metric, outcomes.years, outcomes.of(arm, metric.key))
    ]
    return Comparison(
        arm=arm,
        baseline=baseline,
        levels=tuple(levels),
        falls=() if arm == baseline else tuple(_falls(outcomes, arm)),
        weekly=weekly_bands(outcomes, arm),
        weekly_falls=None if arm == baseline else weekly_bands(outcomes, baseline, less=arm),
        reason=mean_interval(np.zeros(outcomes.futures), outcomes.draws).reason,
    )


def summarise(
    outcomes: Outcomes, metric: Metric, periods: Sequence[str], values: IntArray
) -> list[Summary]:
    """One figure of every future in a row for each period, int64[N, period]."""
    draws = outcomes.draws
    draws, n = outcomes.draws, len(values)
    means, by_draw = mean_interval(values, draws), draw_means(values, draws)
    ends: list[list[float | None]] = [
        [None] * len(periods) if end is None else end.tolist() for end in (means.low, means.high)
    ]
    skews = ["" if means.low is None else skew_warning(one) for one in by_draw.T]
    columns = (periods, means.mean.tolist(), *ends, *quantiles(values).tolist(), skews)
    return [
        Summary(metric, period, n, mean, low, high, p02_5, p10, p25, p50, p75, p90, p97_5, skew)
        for period, mean, low, high, p02_5, p10, p25, p50, p75, p90, p97_5, skew in zip(
            *columns, strict=True
        )
    ]


def weekly_bands(outcomes: Outcomes, arm: str, less: str | None = None) -> Bands:
    """Weekly bands of an arm, or of an arm less another in the same future."""
    name = arm if less is None else f"{arm} - {less}"
    _, n, weeks, metrics = outcomes.weekly.shape
    draws = outcomes.draws[:n]
    mean = np.full((weeks, metrics), np.nan)
    low, high = mean.copy(), mean.copy()
    spread = np.full((len(QUANTILES), weeks, metrics), np.nan)
    has_interval = True
    # one metric at a time: two thousand futures of five years in double precision are large
    for column in range(metrics):
        values = outcomes.weekly_of(arm, column)
        if less is not None:
            values = values - outcomes.weekly_of(less, column)
        means = mean_interval(values, draws)
        mean[:, column] = means.mean
        spread[:, :, column] = quantiles(values)
        if means.low is None or means.high is None:
            has_interval = False
        else:
            low[:, column], high[:, column] = means.low, means.high
    if not has_interval:
        return Bands(name, n, mean, None, None, spread)
    return Bands(name, n, mean, low, high, spread)


def _falls(outcomes: Outcomes, arm: str) -> list[Summary]:
    saved = [Metric(key, SAVING_LABELS[key], "pence") for key in SAVINGS]
    rows: list[Summary] = []
    for metric in (*saved, *outcomes.metrics):
        values, periods = saving(outcomes, arm, metric.key), outcomes.years
        if not metric.key.endswith("_at_end_children"):
            values = np.concatenate([values, values.sum(axis=1, keepdims=True)], axis=1)
            periods = (*periods, ALL_YEARS)
        rows += summarise(outcomes, metric, periods, values)
    return rows
