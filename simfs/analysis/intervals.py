"""How far a figure may be out because only so many futures were simulated.

Futures of one draw share their parameters, so they are not independent: intervals are taken over
draws, or at a size that is smaller by the correlation within a draw. All intervals are 95% unless
told otherwise.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from simfs.engine.tally import IntArray

FloatArray = NDArray[np.float64]

LEVEL = 0.95
FUTURES_FOR_AN_INTERVAL = 8
QUANTILES = (0.025, 0.10, 0.25, 0.50, 0.75, 0.90, 0.975)

# At most so many numbers in one block of resamples: memory stays flat for a million futures.
BLOCK = 500_000


@dataclass(frozen=True, slots=True)
class Interval:
    """Two ends, both included, in the unit of the figure."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Means:
    """Means and their t intervals.

    Attributes:
        mean: any shape; NaN where nothing was measured.
        low: same shape, or None when there are too few futures.
        high: same shape, or None.
        reason: why there is no interval, in words; empty when there is one.
    """

    mean: FloatArray
    low: FloatArray | None
    high: FloatArray | None
    reason: str


def group_index(draws: IntArray) -> tuple[IntArray, int]:
    """Draws numbered 0, 1, 2 ... in rising order, and how many there are."""
    if _is_rising(draws):
        index = np.zeros(len(draws), dtype=np.int64)
        np.cumsum(draws[1:] != draws[:-1], out=index[1:])
        return index, int(index[-1]) + 1
    found, index = np.unique(draws, return_inverse=True)
    return index.astype(np.int64), len(found)


def draw_means(values: ArrayLike, draws: IntArray) -> FloatArray:
    """Mean of each draw's futures, ignoring NaN: values [N, ...] to [draw, ...].

    A draw in which nothing was measured has NaN.
    """
    array = np.asarray(values, dtype=np.float64)
    if not _is_rising(draws):
        order = np.argsort(draws, kind="stable")
        array, draws = array[order], draws[order]
    changes = np.flatnonzero(draws[1:] != draws[:-1]) + 1
    starts = np.concatenate([[0], changes])
    unknown = np.isnan(array)
    if not unknown.any():
        sizes = np.concatenate([changes, [len(draws)]]) - starts
        sums = np.add.reduceat(array, starts, axis=0)
        return np.asarray(sums / sizes.reshape(-1, *[1] * (array.ndim - 1)))
    sums = np.add.reduceat(np.where(unknown, 0.0, array), starts, axis=0)
    sizes = np.add.reduceat((~unknown).astype(np.int64), starts, axis=0)
    return np.where(sizes > 0, sums / np.maximum(sizes, 1), np.nan)


def _is_rising(draws: IntArray) -> bool:
    """Whether futures stand in the order of their draws, as those of a run do: no need to sort."""
    return len(draws) > 0 and bool((draws[1:] >= draws[:-1]).all())


def mean_interval(values: ArrayLike, draws: IntArray, level: float = LEVEL) -> Means:
    """Mean over futures with a t interval over draw means; values [N, ...].

    Under 8 futures there are at most two draws, whose spread says nothing: no interval, and why.
    A mean over all draws weighs each draw alike.
    """
    array = np.asarray(values, dtype=np.float64)
    by_draw = draw_means(array, draws)
    known = ~np.isnan(by_draw)
    groups = known.sum(axis=0)
    # moving the origin keeps equal values equal, so no spread is exactly no spread
    origin = np.where(known[0], by_draw[0], 0.0)
    moved = np.where(known, by_draw - origin, 0.0)
    mean = np.where(groups > 0, origin + moved.sum(axis=0) / np.maximum(groups, 1), np.nan)
    if len(array) < FUTURES_FOR_AN_INTERVAL or len(by_draw) < 2:
        reason = (
            f"no interval of the mean: it needs at least {FUTURES_FOR_AN_INTERVAL} futures "
            f"in two draws, got {len(array)} in {len(by_draw)}"
        )
        return Means(mean, None, None, reason)
    gaps = np.where(known, by_draw - mean, 0.0)
    enough = groups > 1
    freedom = np.where(enough, groups - 1, 1)
    error = np.sqrt((gaps**2).sum(axis=0) / freedom / np.maximum(groups, 1))
    half = np.where(enough, special.stdtrit(freedom, 0.5 + level / 2) * error, np.nan)
    return Means(mean, mean - half, mean + half, "")


def effective_size(futures: int, draws: int, correlation: float) -> float:
    """Independent futures that would tell as much: N / (1 + (m - 1) ρ), m futures to a draw."""
    per_draw = futures / draws
    return futures / (1 + max(per_draw - 1, 0.0) * min(max(correlation, 0.0), 1.0))


def wilson(share: float, size: float, level: float = LEVEL) -> Interval:
    """Wilson's interval of a probability estimated as `share` of `size` (effective) futures."""
    z = float(special.ndtri(0.5 + level / 2))
    centre = (share + z**2 / (2 * size)) / (1 + z**2 / size)
    inside = share * (1 - share) / size + z**2 / (4 * size**2)
    half = z * math.sqrt(inside) / (1 + z**2 / size)
    low = 0.0 if share == 0 else max(0.0, centre - half)
    high = 1.0 if share == 1 else min(1.0, centre + half)
    return Interval(low, high)


def quantiles(values: ArrayLike, shares: tuple[float, ...] = QUANTILES) -> FloatArray:
    """Quantiles over the first axis, ignoring NaN: values [N, ...] to [share, ...].

    Linear between order statistics (type 7); NaN where nothing was measured.
    """
    # futures last: a sort along contiguous memory is several times faster
    ordered = np.sort(np.ascontiguousarray(np.moveaxis(np.asarray(values), 0, -1)), axis=-1)
    known = ordered.shape[-1] - np.isnan(ordered).sum(axis=-1, keepdims=True)
    last = np.maximum(known - 1, 0)
    place = last * np.asarray(shares)
    below = np.floor(place).astype(np.int64)
    low, high = (
        np.take_along_axis(ordered, rank, axis=-1).astype(np.float64)
        for rank in (below, np.minimum(below + 1, last))
    )
    return np.moveaxis(low + (high - low) * (place - below), -1, 0)


def quantile_interval(
    values: ArrayLike, share: float, size: float, level: float = LEVEL
) -> Interval | None:
    """Interval of a quantile that assumes no distribution, from order statistics.

    Args:
        values: [N].
        share: which quantile, (0, 1).
        size: effective number of futures, at most N.
        level: coverage, at least.

    Returns:
        The interval, or None when the futures are too few for one at this level.
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    whole = max(int(size), 1)
    below, above = _ranks(whole, share, level)
    if below < 1 or above > whole:
        return None
    scale = len(ordered) / whole
    first = max(math.floor(below * scale), 1)
    last = min(math.ceil(above * scale), len(ordered))
    return Interval(float(ordered[first - 1]), float(ordered[last - 1]))


@lru_cache(maxsize=4096)
def _ranks(whole: int, share: float, level: float) -> tuple[int, int]:
    """Order statistics, from 1, between which a quantile lies with at least this confidence."""
    tail = (1 - level) / 2
    return _least(tail, whole, share), _least(1 - tail, whole, share) + 1


def _least(chance: float, whole: int, share: float) -> int:
    """The least k for which a binomial count of `whole` is at most k with this chance or more."""
    near = max(math.ceil(float(special.bdtrik(chance, whole, share))) - 1, 0)
    return near if special.bdtr(near, whole, share) >= chance else near + 1


def skew_warning(by_draw: FloatArray) -> str:
    """Why the interval of a mean may be too narrow for so skew a figure, or nothing.

    Cochran's rule: a 95% interval is fair from 25 times the squared skewness of draw means.
    """
    gaps = by_draw - by_draw[0]
    gaps = gaps - gaps.mean()
    variance = float((gaps**2).mean())
    if variance == 0:
        return ""
    skewness = float((gaps**3).mean()) / variance**1.5
    needed = math.ceil(25 * skewness**2)
    if len(by_draw) >= needed:
        return ""
    return f"skew figure: its interval needs about {needed} draws and has {len(by_draw)}"


def resamples(draws: int, count: int, seed: int, purpose: int) -> Iterator[IntArray]:
    """Draws picked with replacement, in blocks int64[resamples, draws] that add up to `count`.

    Philox with the key (seed, purpose): the same for every run of the same seed.
    """
    key = np.array([seed, purpose], dtype=np.uint64)
    generator = np.random.Generator(np.random.Philox(key=key))
    block = max(1, BLOCK // draws)
    for start in range(0, count, block):
        yield generator.integers(0, draws, size=(min(block, count - start), draws))
