"""How likely a claim is, asked in three ways that must not be mixed up.

With S the saving of a future (baseline minus arm, with the same luck) and c the claim:

- **expected**: over draws of the parameters, the chance that the saving expected in that draw
  reaches c; drift and chance are averaged out.
- **outturn**: the chance that the arm's own cost comes out at or under a fixed budget less c.
- **coupled**: the chance that S itself reaches c; nobody will ever see both arms of one future.

For a claim of "at most", all signs are turned.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simfs.analysis.decomposition import correlation_within_draws, noise_of_draw_means
from simfs.analysis.intervals import (
    FUTURES_FOR_AN_INTERVAL,
    LEVEL,
    draw_means,
    effective_size,
    group_index,
    resamples,
    wilson,
)
from simfs.engine.tally import IntArray

FloatArray = NDArray[np.float64]

RESAMPLES = 400
# Names the bootstrap among other uses of the seed.
BOOTSTRAP = 0x_B007

LEAST_PRINTED = 0.005
WIDE = 0.10
VERY_WIDE = 0.30
UNKNOWN = 0.90


@dataclass(frozen=True, slots=True)
class Probability:
    """An estimated probability.

    Attributes:
        value: the estimate, [0, 1].
        low: lower end of its 95% interval.
        high: upper end.
        effective_n: independent futures (or draws) that the interval stands on.
    """

    value: float
    low: float
    high: float
    effective_n: float

    @property
    def printed(self) -> str:
        """The probability in as many digits as its interval supports."""
        return printed(self.value, self.low, self.high)


@dataclass(frozen=True, slots=True)
class Groups:
    """Which futures share what.

    Attributes:
        draws: draw of each future, int64[N].
        drifts: drift of each future within its draw, int64[N].
        drift: whether drift was switched on.
    """

    draws: IntArray
    drifts: IntArray
    drift: bool


def expected(saving: ArrayLike, claim: float, groups: Groups, seed: int) -> Probability:
    """Chance over draws that the draw's expected saving is at least `claim`.

    Draw means spread too widely, because four futures leave chance and drift in them; they are
    pulled towards the grand mean by sqrt(max(0, 1 - noise variance / variance of draw means)).

    The interval is the wider of two at either end. The bootstrap over draws, each resample pulled
    by its own factor, knows that the factor is not known, but falls to 90% in the tails, where few
    draws are counted. Wilson's is right there, at a size whose variance is halfway between that
    of so many draws known for certain and the bootstrap's. Simulated with all three uncertainties,
    together they cover 95 to 97% in the middle and up to 100% in the tails, from ten draws on.
    Under 8 futures the interval is everything.
    """
    array = np.asarray(saving, dtype=np.float64)
    origin = array[0]
    means = draw_means(array - origin, groups.draws)
    noise = noise_of_draw_means(array, groups.draws, groups.drifts, groups.drift)
    n_draws = len(means)
    everything = np.arange(n_draws, dtype=np.int64)[np.newaxis]
    value = float(_share_reached(means, noise, claim - origin, everything)[0])
    if len(array) < FUTURES_FOR_AN_INTERVAL or n_draws < 2:
        return Probability(value, 0.0, 1.0, float(n_draws))
    picked = np.concatenate(
        [
            _share_reached(means, noise, claim - origin, block)
            for block in resamples(n_draws, RESAMPLES, seed, BOOTSTRAP)
        ]
    )
    tail = (1 - LEVEL) / 2
    low, high = (float(end) for end in np.quantile(picked, [tail, 1 - tail]))
    size = _halfway_size(picked, n_draws)
    ends = wilson(value, size)
    return Probability(value, min(low, ends.low), max(high, ends.high), size)


def _halfway_size(picked: FloatArray, n_draws: int) -> float:
    """Independent draws whose share varies halfway between that of all draws and the resamples'."""
    mean, variance = float(picked.mean()), float(picked.var())
    if variance == 0:
        return float(n_draws)
    implied = min(max(mean * (1 - mean) / variance, 1.0), float(n_draws))
    return 2 / (1 / n_draws + 1 / implied)


def outturn(costs: ArrayLike, budget: float, claim: float, groups: Groups) -> Probability:
    """Chance that the arm's cost is at most `budget - claim`, the budget being fixed.

    Where the budget is the mean of the run's own baseline it moves with the costs, and the interval
    is wider than it need be: simulated, it covers 98 to 99%.
    """
    array = np.asarray(costs, dtype=np.float64)
    return _share(array <= budget - claim, array, groups.draws)


def coupled(saving: ArrayLike, claim: float, groups: Groups) -> Probability:
    """Chance that the saving of a future, with the same luck in both arms, is at least `claim`."""
    array = np.asarray(saving, dtype=np.float64)
    return _share(array >= claim, array, groups.draws)


def printed(value: float, low: float, high: float) -> str:
    """A probability for people: whole per cent, or fewer digits where the interval is wide.

    Never 0% or 100%: a bound stands in their place. An interval of 10 points or more gives the
    nearest 5%, one of 30 points or more the nearest 10%, one of 90 points or more "not known".
    """
    if high - low >= UNKNOWN:
        return "not known"
    if value < LEAST_PRINTED:
        return "<0.5%" if high < LEAST_PRINTED else f"<{math.ceil(100 * high)}%"
    if value > 1 - LEAST_PRINTED:
        return ">99.5%" if low > 1 - LEAST_PRINTED else f">{math.floor(100 * low)}%"
    width = high - low
    step = 1 if width < WIDE else 5 if width < VERY_WIDE else 10
    whole = step * round(100 * value / step)
    if whole in {0, 100}:
        whole = min(max(round(100 * value), 1), 99)
    return f"{whole}%" if step == 1 else f"about {whole}%"


def _share_reached(
    means: FloatArray, noise: FloatArray, claim: float, picks: IntArray
) -> FloatArray:
    """Share of picked draws whose shrunken mean reaches the claim, for each row of `picks`."""
    picked = means[picks]
    grand = picked.mean(axis=1, keepdims=True)
    gaps = picked - grand
    spread = (gaps**2).sum(axis=1) / max(picks.shape[1] - 1, 1)
    chance = noise[picks].mean(axis=1)
    ratio = np.divide(chance, spread, out=np.ones_like(chance), where=spread > 0)
    factor = np.sqrt(np.maximum(0.0, 1 - ratio))
    return np.asarray((grand + factor[:, np.newaxis] * gaps >= claim).mean(axis=1))


def _share(success: NDArray[np.bool_], amounts: FloatArray, draws: IntArray) -> Probability:
    """A share of futures with Wilson's interval at the effective size.

    ρ is the larger of the amount's own and the success's: when nearly all futures agree, the
    success alone would look independent, and the interval too sure.
    """
    share = int(success.sum()) / len(success)
    correlation = max(
        correlation_within_draws(amounts, draws), correlation_within_draws(success, draws)
    )
    size = effective_size(len(success), group_index(draws)[1], correlation)
    ends = wilson(share, size)
    return Probability(share, ends.low, ends.high, size)
