"""How good forecasts were, once what happened is known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

LEAST_INSIDE = 0.8  # share of points within their 80% bands that is aimed at
MOST_ERROR = {"cp_plans_at_31_march": 0.10, "looked_after_at_31_march": 0.05}  # mean log error
LEAST_COUNT = 0.5  # of a count of none, whose logarithm is not known


@dataclass(frozen=True, slots=True)
class Point:
    """One forecast and what happened.

    Attributes:
        authority, base: whose, and the year of the 31 March from which it was made.
        arm: key of the arm, or of the arm and a preset.
        series: what was forecast.
        years: years ahead, from 1.
        start: the count of the base year.
        observed: the count that happened.
        p10, p50, p90: of the forecast.
        log_error: logarithm of the count less the mean logarithm of the forecast.
        crps: continuous ranked probability score of the logarithm (Gneiting and Raftery, 2007):
            a typical relative error, 0 for a forecast that is certain and right.
        no_change: the same score of the forecast that nothing changes.
    """

    authority: str
    base: int
    arm: str
    series: str
    years: int
    start: float
    observed: float
    p10: float
    p50: float
    p90: float
    log_error: float
    crps: float
    no_change: float

    @property
    def is_inside(self) -> bool:
        """Whether the count lies in the 80% band."""
        return self.p10 <= self.observed <= self.p90

    @property
    def width(self) -> float:
        """Ratio of the upper to the lower end of the band."""
        return self.p90 / max(self.p10, LEAST_COUNT)


def point(
    authority: str,
    base: int,
    arm: str,
    series: str,
    years: int,
    start: float,
    observed: float,
    forecast: FloatArray,
) -> Point:
    """One forecast, float64[future], and what happened."""
    logs = np.log(np.maximum(forecast, LEAST_COUNT))
    true = float(np.log(max(observed, LEAST_COUNT)))
    p10, p50, p90 = (float(end) for end in np.quantile(forecast, (0.1, 0.5, 0.9)))
    return Point(
        authority=authority,
        base=base,
        arm=arm,
        series=series,
        years=years,
        start=start,
        observed=observed,
        p10=p10,
        p50=p50,
        p90=p90,
        log_error=true - float(logs.mean()),
        crps=crps(logs, true),
        no_change=abs(true - float(np.log(max(start, LEAST_COUNT)))),
    )


def crps(forecast: FloatArray, true: float) -> float:
    """E|X − y| − E|X − X'| ÷ 2 over the futures of a forecast, without bias."""
    n = len(forecast)
    ordered = np.sort(forecast)
    ranks = 2 * np.arange(1, n + 1) - n - 1
    apart = 2 * float((ranks * ordered).sum()) / (n * (n - 1)) if n > 1 else 0.0
    return float(np.abs(forecast - true).mean()) - apart / 2


@dataclass(frozen=True, slots=True)
class Score:
    """How the forecasts of one arm did together.

    Every authority counts alike: forecasts of one authority from two years are largely about the
    same children, so their errors are averaged first.

    Attributes:
        arm: as in the points.
        points: how many.
        inside: of them, within their 80% bands.
        width: middle ratio of the ends of those bands.
        errors: mean over authorities of their mean log error, by series.
        crps: mean; `no_change` of the forecast that nothing changes.
        change: mean of the forecasts' own log change from the base year, by series.
        failures: aims that were missed, in words; empty when all were met.
    """

    arm: str
    points: int
    inside: int
    width: float
    errors: dict[str, float]
    crps: float
    no_change: float
    change: dict[str, float]
    failures: tuple[str, ...]


def score(points: Sequence[Point]) -> Score:
    """The score of one arm's points."""
    series = sorted({one.series for one in points})
    errors = {key: _by_authority([p for p in points if p.series == key]) for key in series}
    inside = sum(one.is_inside for one in points)
    failures = []
    if inside < LEAST_INSIDE * len(points):
        share = f"{100 * inside / len(points):.0f}%"
        failures.append(f"{inside} of {len(points)} points within 80% bands ({share})")
    failures += [
        f"mean log error of {key} {errors[key]:+.3f}, beyond {most:.2f}"
        for key, most in MOST_ERROR.items()
        if abs(errors.get(key, 0.0)) > most
    ]
    return Score(
        arm=points[0].arm,
        points=len(points),
        inside=inside,
        width=float(np.median([one.width for one in points])),
        errors=errors,
        crps=_mean(one.crps for one in points),
        no_change=_mean(one.no_change for one in points),
        change={
            key: _mean(
                float(np.log(max(p.p50, LEAST_COUNT) / max(p.start, LEAST_COUNT)))
                for p in points
                if p.series == key
            )
            for key in series
        },
        failures=tuple(failures),
    )


def _by_authority(points: Sequence[Point]) -> float:
    """Mean over authorities of the mean log error of each."""
    names = sorted({one.authority for one in points})
    return _mean(_mean(p.log_error for p in points if p.authority == name) for name in names)


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))
