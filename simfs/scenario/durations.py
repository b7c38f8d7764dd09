"""How long things last: a mean in days, and a shape whose mean is one.

A shape is only its quantile function. Tables of it are compiled once, so an engine multiplies and
interpolates: the same family with the same luck can be followed through two practice models, and
any engine sees the same last bit.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import special

FloatArray = NDArray[np.float64]


class Shape(Protocol):
    """A positive distribution of mean one."""

    def quantile(self, u: FloatArray) -> FloatArray:
        """Quantiles at probabilities `u` in [0, 1); same shape as `u`."""
        ...

    def __hash__(self) -> int:
        """Equal shapes share their tables."""
        ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """Always the mean."""

    def quantile(self, u: FloatArray) -> FloatArray:
        return np.ones_like(u)


@dataclass(frozen=True, slots=True)
class Exponential:
    """However long it has lasted, the remaining time has the same mean."""

    def quantile(self, u: FloatArray) -> FloatArray:
        return -np.log1p(-u)


@dataclass(frozen=True, slots=True)
class Lognormal:
    """A product of many small influences.

    Attributes:
        cv: coefficient of variation (standard deviation over mean), positive.
    """

    cv: float

    def quantile(self, u: FloatArray) -> FloatArray:
        sigma = math.sqrt(math.log1p(self.cv**2))
        return np.asarray(np.exp(sigma * special.ndtri(u) - 0.5 * sigma**2))


@dataclass(frozen=True, slots=True)
class Gamma:
    """Waiting for several things in turn.

    Attributes:
        cv: coefficient of variation, positive.
    """

    cv: float

    def quantile(self, u: FloatArray) -> FloatArray:
        shape = self.cv**-2
        return np.asarray(special.gammaincinv(shape, u) / shape)


@dataclass(frozen=True, slots=True)
class Weibull:
    """Below shape 1, the longer it has lasted, the longer it will; above 1, the reverse.

    Attributes:
        shape: Weibull shape parameter, positive.
    """

    shape: float

    @staticmethod
    def of_cv(cv: float) -> "Weibull":
        """The Weibull with this coefficient of variation."""
        from scipy import optimize  # noqa: PLC0415  half a worker's start, and few need it

        def gap(shape: float) -> float:
            first, second = special.gamma(1 + 1 / shape), special.gamma(1 + 2 / shape)
            return float(second / first**2 - 1 - cv**2)

        return Weibull(float(optimize.brentq(gap, 0.05, 200.0)))

    def quantile(self, u: FloatArray) -> FloatArray:
        mean = special.gamma(1 + 1 / self.shape)
        return np.asarray((-np.log1p(-u)) ** (1 / self.shape) / mean)


@dataclass(frozen=True, slots=True)
class Uniform:
    """Evenly between two values.

    Attributes:
        half_width: half the range as a share of the mean, in [0, 1].
    """

    half_width: float

    def quantile(self, u: FloatArray) -> FloatArray:
        return 1 + self.half_width * (2 * u - 1)


@dataclass(frozen=True, slots=True)
class Triangular:
    """Between two ends with a most likely value; all three as shares of the mean.

    Attributes:
        low: least value over the mean.
        mode: most likely value over the mean.
        high: greatest value over the mean.
    """

    low: float
    mode: float
    high: float

    def quantile(self, u: FloatArray) -> FloatArray:
        width = self.high - self.low
        peak = (self.mode - self.low) / width
        from scipy import stats  # noqa: PLC0415  half a worker's start, and few need it

        return np.asarray(stats.triang.ppf(u, peak, loc=self.low, scale=width))


@dataclass(frozen=True, slots=True)
class Histogram:
    """An observed grouped distribution, even inside each group.

    Attributes:
        edges: group edges as shares of the mean, one more than `shares`, rising from 0 or above.
        shares: probability of each group, summing to one.
    """

    edges: tuple[float, ...]
    shares: tuple[float, ...]

    def quantile(self, u: FloatArray) -> FloatArray:
        cumulative = np.concatenate([[0.0], np.cumsum(self.shares)])
        return np.interp(u, cumulative / cumulative[-1], self.edges)


@dataclass(frozen=True, slots=True)
class Stay:
    """How long a case stays: whole days, at least one.

    Attributes:
        mean: days, before any effect; ignored when `until_18`.
        shape: the distribution about that mean.
        until_18: lasts to the child's 18th birthday, a date that never pauses.
    """

    mean: float
    shape: Shape
    until_18: bool = False
