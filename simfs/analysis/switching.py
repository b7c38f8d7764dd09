"""Where a claim turns: the value of one number at which the claim's expected figure is the claim.

The figure is known as it is from all draws of a run, and with the number at a few other values, the
knots, from the first of these draws, with the same luck: so the change is known far better than the
level, and the level from all draws. Between knots the mean is a monotone curve
(piecewise cubic Hermite: Fritsch and Carlson 1980, "Monotone piecewise cubic interpolation"), and
the root on it is found in a bracket by Brent's method.

The interval of a root holds every value at which the claim lies within the 95% interval of the mean
figure (Fieller 1954, "Some problems in interval estimation"). It covers the true root exactly as
often as the interval of the mean covers the mean there; where the figure hardly answers to the
number, an end lies beyond what was tried and is not given.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import interpolate, optimize, special

from simfs.analysis.intervals import LEVEL

FloatArray = NDArray[np.float64]
Curve = Callable[[FloatArray], FloatArray]

SAME = 1e-6  # a multiple to so much of the figure: pence are rounded
STEPS = 32  # between two knots, at which a crossing is looked for


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """How the mean of a figure answers to one number.

    Attributes:
        knots: values of the number, rising, float64[K]; the number as it is among them.
        here: the number as it is.
        as_it_is: mean figure of each draw with the number as it is, float64[M].
        change: by how much each of the first m draws differs at each knot, float64[K, m].
    """

    knots: FloatArray
    here: float
    as_it_is: FloatArray
    change: FloatArray

    @property
    def means(self) -> FloatArray:
        """The expected figure at each knot, float64[K]."""
        return np.array([_estimate(self.as_it_is, change)[0] for change in self.change])

    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """The 95% interval of the expected figure at each knot, float64[K] each."""
        found = np.array([_estimate(self.as_it_is, change) for change in self.change])
        return found[:, 0] - found[:, 1], found[:, 0] + found[:, 1]

    def foretold(self, value: float) -> tuple[float, float]:
        """The expected figure at a value between knots, and half its 95% interval."""
        mean = float(_curve(self.knots, self.means)(np.asarray(value)))
        return mean, _estimate(self.as_it_is, self._change_at(value))[1]

    def _change_at(self, value: float) -> FloatArray:
        """By how much each draw differs at a value between knots, float64[m]."""
        return _curve(self.knots, self.change)(np.asarray(value))


def _estimate(x: FloatArray, change: FloatArray) -> tuple[float, float]:
    """Mean of x + change, of which x is known for M draws and the change for the first m.

    The mean of x plus that of the change has the variance s²(x)/M + s²(d)/m + 2 s(x, d)/M. Where
    x + change is a multiple of x, as a saving is of the one price behind it, it is that multiple of
    the mean of x, exactly.

    Returns:
        The mean, and half its 95% interval.
    """
    many, few = len(x), len(change)
    some = x[:few]
    y = some + change
    if few == many or not change.any():
        whole = y if few == many else x
        return float(whole.mean()), _t(many - 1) * math.sqrt(whole.var(ddof=1) / many)
    slope = float(some @ y / (some @ some)) if some.any() else 0.0
    if np.allclose(y, slope * some, rtol=SAME, atol=SAME * float(np.abs(some).max())):
        return slope * float(x.mean()), _t(many - 1) * abs(slope) * math.sqrt(x.var(ddof=1) / many)
    variance = x.var(ddof=1) / many + change.var(ddof=1) / few
    variance += 2 * float(np.cov(some, change)[0, 1]) / many
    return float(x.mean() + change.mean()), _t(few - 1) * math.sqrt(max(variance, 0.0))


def _t(freedom: int) -> float:
    return float(special.stdtrit(freedom, 0.5 + LEVEL / 2))


@dataclass(frozen=True, slots=True)
class Root:
    """A value of a number at which the expected figure equals a claim.

    Attributes:
        value: the root nearest to the number as it is.
        low: lower end of its 95% interval, or None where that lies beyond what was tried.
        high: upper end, or None.
    """

    value: float
    low: float | None
    high: float | None


def crossing_of(response: Response, threshold: float) -> float | None:
    """The value nearest to the number as it is at which the expected figure equals a threshold.

    None where it does so at no value between the first knot and the last.
    """
    heights = response.means - threshold
    if len(heights) < 2 or (heights > 0).all() or (heights < 0).all():
        # a monotone curve through the knots leaves their range nowhere
        return None
    found = _crossings(_curve(response.knots, heights), _grid(response.knots))
    return min(found, key=lambda at: abs(at - response.here))


def root_of(response: Response, threshold: float) -> Root | None:
    """The same with its interval."""
    value = crossing_of(response, threshold)
    if value is None:
        return None
    grid = _grid(response.knots)
    below, above = response.bounds()
    low, high = (_curve(response.knots, end - threshold) for end in (below, above))

    def inside(at: FloatArray) -> FloatArray:
        """Above nought where the interval holds the claim: the lesser of its two gaps."""
        return np.asarray(np.minimum(-low(at), high(at)))

    return Root(
        value,
        _end(inside, grid[grid < value][::-1], value),
        _end(inside, grid[grid > value], value),
    )


def _curve(knots: FloatArray, values: FloatArray) -> Curve:
    """The monotone curve through some points, [K] or [K, n]."""
    return cast(Curve, interpolate.PchipInterpolator(knots, values))


def _crossings(curve: Curve, grid: FloatArray) -> list[float]:
    """Every value at which a curve is nought."""
    heights = curve(grid)
    turns = np.flatnonzero(heights[:-1] * heights[1:] < 0)
    found = [float(at) for at in grid[heights == 0]]
    return found + [_nought(curve, float(grid[i]), float(grid[i + 1])) for i in turns.tolist()]


def _end(inside: Curve, away: FloatArray, value: float) -> float | None:
    """How far from a root the interval still holds the claim; None where to the end of `away`."""
    outside = np.flatnonzero(inside(away) < 0) if len(away) else np.array([], dtype=np.int64)
    if not len(outside):
        return None
    last = float(away[outside[0] - 1]) if outside[0] else value
    if float(inside(np.asarray(last))) <= 0:
        return last
    return _nought(inside, last, float(away[outside[0]]))


def _nought(curve: Curve, first: float, last: float) -> float:
    """Where a curve that changes its sign between two values is nought."""
    return float(optimize.brentq(lambda at: float(curve(np.asarray(at))), first, last))


def _grid(knots: FloatArray) -> FloatArray:
    """The knots and some values between them."""
    parts = np.linspace(knots[:-1], knots[1:], STEPS, endpoint=False).T
    return np.append(parts.ravel(), knots[-1])


@dataclass(frozen=True, slots=True)
class Needed:
    """How much of one figure goes with another's reaching a threshold.

    Attributes:
        at: the value of the number between them at which the threshold is reached.
        amount: the other figure there.
        low: lower end of its 95% interval.
        high: upper end.
    """

    at: float
    amount: float
    low: float
    high: float


def needed(claimed: Response, other: Response, threshold: float) -> Needed | None:
    """What the other figure is where the claimed one reaches a threshold, with the same knots.

    The amount is other(root), and the root moves with the claimed figure; to first order, the
    error of the amount is that of other − (other' ÷ claimed') × claimed at the root (delta method),
    a figure of each draw like any other. None where no value tried reaches the threshold, or the
    claimed figure does not answer there.
    """
    root = root_of(claimed, threshold)
    if root is None:
        return None
    at = root.value
    step = (claimed.knots[-1] - claimed.knots[0]) / 200
    ends = np.clip([at - step, at + step], claimed.knots[0], claimed.knots[-1])
    rises = [float(np.diff(_curve(one.knots, one.means)(ends))[0]) for one in (claimed, other)]
    if rises[0] == 0:
        return None
    slope = rises[1] / rises[0]
    there = [one._change_at(at) for one in (claimed, other)]
    half = _estimate(other.as_it_is - slope * claimed.as_it_is, there[1] - slope * there[0])[1]
    amount = float(_curve(other.knots, other.means)(np.asarray(at)))
    return Needed(at, amount, amount - half, amount + half)
