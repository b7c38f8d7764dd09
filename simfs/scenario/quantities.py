"""Numbers that are not known exactly: a central value and how far it may be out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

_FURTHEST = 9.0  # standard deviations
# The standard normal quantile at 0.9: a p10-p90 range is this many standard deviations each side.
Z90 = 1.2815515655446004


class Spread(StrEnum):
    """How an uncertain number is spread about its central value."""

    NONE = "none"
    LOGNORMAL = "lognormal"
    NORMAL = "normal"
    UNIFORM = "uniform"
    TRIANGULAR = "triangular"
    BETA = "beta"
    GAMMA = "gamma"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of a scenario that a draw may move.

    Attributes:
        path: dotted key path in the scenario file; the number's identity in every arm.
        value: the central value: the median of `lognormal`, `normal` and `beta`, the middle of
            `uniform`, the mode of `triangular`, the mean of `gamma`; the mean of all where
            `value_is_mean`.
        unit: in words, such as "£ per week".
        spread: how it varies between draws; `NONE` stays at `value`.
        low: p10 (`lognormal`, `normal`, `beta`) or lower end (`uniform`, `triangular`); equal to
            `value` for `NONE` and `gamma`.
        high: p90 or upper end.
        group: quantities of one group move together; empty for a number on its own.
        correlation: Gaussian-copula correlation with the group's common factor squared, [0, 1].
        value_is_mean: whether `value` is the mean of the draws.
        cases: of `gamma`: observed cases that a share of a Dirichlet is as sure as.
    """

    path: str
    value: float
    unit: str = ""
    spread: Spread = Spread.NONE
    low: float = math.nan
    high: float = math.nan
    group: str = ""
    correlation: float = 0.0
    value_is_mean: bool = False
    cases: float = 0.0

    def at(self, z: float) -> float:
        """The value at standard-normal score `z`.

        `lognormal`, `normal` and `beta` are split: each half passes through its own end of the
        p10-p90 range, so published asymmetric ranges are kept and the median is the central value.
        `gamma` has mean `value` and shape `value` × `cases`: shares of one Dirichlet, divided by
        their sum, are such (Devroye, Non-Uniform Random Variate Generation, 1986, XI.4). Where
        the central value is a mean (a price: sums of money follow means), all of it is scaled so
        that the mean is kept instead. `triangular` from a to b with mode c has, where u is the
        normal distribution function at z, the value a + √(u (b − a)(c − a)) while
        u (b − a) < c − a, and b − √((1 − u)(b − a)(b − c)) from there on.
        """
        drawn = self._split(z)
        return drawn * self.value / self._split_mean() if self.value_is_mean else drawn

    def _split_mean(self) -> float:
        """The mean of `_split` over standard-normal scores, by the moments of half normals."""
        match self.spread:
            case Spread.LOGNORMAL:
                up = math.log(self.high / self.value) / Z90
                down = -math.log(self.low / self.value) / Z90
                above = math.exp(up**2 / 2) * _below(up)
                return self.value * (above + math.exp(down**2 / 2) * _below(-down))
            case Spread.NORMAL:
                lean = (self.high + self.low - 2 * self.value) / Z90
                return self.value + lean / math.sqrt(2 * math.pi)
            case Spread.TRIANGULAR:
                return (self.low + self.value + self.high) / 3
            case _:
                return self.value

    def _split(self, z: float) -> float:
        match self.spread:
            case Spread.NONE:
                return self.value
            case Spread.LOGNORMAL:
                end = self.high if z > 0 else self.low
                return float(self.value * (end / self.value) ** (abs(z) / Z90))
            case Spread.NORMAL:
                end = self.high if z > 0 else self.low
                return self.value + (end - self.value) * abs(z) / Z90
            case Spread.UNIFORM:
                return self.low + (self.high - self.low) * _below(z)
            case Spread.TRIANGULAR:
                return self._triangular(z)
            case Spread.BETA:
                a, b = beta_through(self.value, self.high if z > 0 else self.low, z > 0)
                return float(special.betaincinv(a, b, _below(z)))
            case Spread.GAMMA:
                return float(special.gammaincinv(self.value * self.cases, _below(z))) / self.cases

    def _triangular(self, z: float) -> float:
        width, rise = self.high - self.low, self.value - self.low
        if _below(z) * width < rise:
            return self.low + math.sqrt(_below(z) * width * rise)
        # the chance above, not 1 less the chance below: that would lose the far tail to rounding
        return self.high - math.sqrt(_below(-z) * width * (self.high - self.value))


@lru_cache(maxsize=1024)
def beta_through(median: float, end: float, upper: bool) -> tuple[float, float]:
    """Parameters of the beta distribution with this median, and with `end` as its p90 or p10.

    For each second parameter one first parameter gives the median; the second is found by bisection
    in its logarithm.

    Raises:
        ValueError: no beta distribution is so wide or so narrow.
    """
    share = 0.9 if upper else 0.1

    def gap(log_b: float) -> float:
        b = math.exp(log_b)
        return float(special.betainc(special.btdtria(0.5, b, median), b, end)) - share

    try:
        b = math.exp(optimize.brentq(gap, math.log(0.05), math.log(1e7), xtol=1e-12))
    except ValueError:
        side = "p90" if upper else "p10"
        raise ValueError(
            f"no beta distribution has its middle at {median:g} and its {side} at {end:g}"
        ) from None
    return float(special.btdtria(0.5, b, median)), b


def mass_outside(quantity: Quantity, low: float, high: float) -> float:
    """Share of the draws of a number that fall outside [low, high]."""
    if quantity.spread is Spread.NONE:
        return 0.0 if low <= quantity.value <= high else 1.0
    return _below(_score_of(quantity, low)) + _below(-_score_of(quantity, high))


def _score_of(quantity: Quantity, value: float) -> float:
    """The score at which a number, which only rises with it, reaches a value; within [-9, 9]."""
    low, high = -_FURTHEST, _FURTHEST
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (middle, high) if quantity.at(middle) < value else (low, middle)
    return low


def _below(z: float) -> float:
    """The standard normal distribution function."""
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


@dataclass(frozen=True, slots=True)
class Correlation:
    """How closely two numbers move together: the correlation of their scores in a Gaussian copula.

    Attributes:
        first, second: key paths.
        r: in (-1, 1).
    """

    first: str
    second: str
    r: float


@dataclass(frozen=True, slots=True)
class Ensemble:
    """Values that some numbers have together; a draw takes one member, all as likely.

    Attributes:
        paths: key paths.
        members: values in the order of `paths`.
    """

    paths: tuple[str, ...]
    members: tuple[tuple[float, ...], ...]


def correlation_matrix(
    correlations: Sequence[Correlation],
) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Key paths in order, and the matrix of the correlations between them, 0 where none is given.

    It need not be positive definite: `simfs.scenario.free_checks` refuses one that is not.
    """
    paths = sorted({path for one in correlations for path in (one.first, one.second)})
    matrix = np.eye(len(paths))
    for one in correlations:
        i, j = paths.index(one.first), paths.index(one.second)
        matrix[i, j] = matrix[j, i] = one.r
    return tuple(paths), matrix


def exactly(value: float, path: str = "", unit: str = "") -> Quantity:
    """A number taken as known."""
    return Quantity(path, value, unit)
