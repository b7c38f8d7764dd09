"""Numbers that are not known exactly: a central value and how far it may be out."""

import math
from dataclasses import dataclass
from enum import StrEnum

# The standard normal quantile at 0.9: a p10-p90 range is this many standard deviations each side.
Z90 = 1.2815515655446004


class Spread(StrEnum):
    """How an uncertain number is spread about its central value."""

    NONE = "none"
    LOGNORMAL = "lognormal"
    NORMAL = "normal"
    UNIFORM = "uniform"
    TRIANGULAR = "triangular"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of a scenario that a draw may move.

    Attributes:
        path: dotted key path in the scenario file; the number's identity in every arm.
        value: the central value: the median of `lognormal` and `normal`, the middle of `uniform`,
            the mode of `triangular`; the mean of all where `value_is_mean`.
        unit: in words, such as "£ per week".
        spread: how it varies between draws; `NONE` stays at `value`.
        low: p10 (`lognormal`, `normal`) or lower end (`uniform`, `triangular`); equal to `value`
            for `NONE`.
        high: p90 or upper end.
        group: quantities of one group move together; empty for a number on its own.
        correlation: Gaussian-copula correlation with the group's common factor squared, [0, 1].
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

    def at(self, z: float) -> float:
        """The value at standard-normal score `z`.

        `lognormal` and `normal` are split: each half passes through its own end of the p10-p90
        range, so published asymmetric ranges are kept and the median is the central value. Where
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

    def _triangular(self, z: float) -> float:
        width, rise = self.high - self.low, self.value - self.low
        if _below(z) * width < rise:
            return self.low + math.sqrt(_below(z) * width * rise)
        # the chance above, not 1 less the chance below: that would lose the far tail to rounding
        return self.high - math.sqrt(_below(-z) * width * (self.high - self.value))


def _below(z: float) -> float:
    """The standard normal distribution function."""
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def exactly(value: float, path: str = "", unit: str = "") -> Quantity:
    """A number taken as known."""
    return Quantity(path, value, unit)
