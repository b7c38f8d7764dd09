"""Quantile tables: the only form in which an engine knows a distribution.

A table has 2,017 knots: cells of 1/1024 up to 31/32, and cells of 1/32768 beyond, so that the tail
is finer. The last knot carries the mean of its cell, the whole is scaled to its stated mean, and
knots are rounded to multiples of 2**-32, so that platforms agree to the last bit. A table ends: no
stay is longer than its last knot (for a lognormal of cv 0.95 about 22 means).
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simfs.scenario.durations import Shape
from simfs.scenario.pathway import AgeMix

FloatArray = NDArray[np.float64]

CELLS = 1024.0
COARSE = 992
TAIL_START = 31 / 32
TAIL_CELLS = 32768.0
LAST_AGE = 6573.0  # the day before an 18th birthday
KNOTS = COARSE + 1024 + 1

EDGES: FloatArray = np.concatenate(
    [np.arange(COARSE) / CELLS, TAIL_START + np.arange(1025) / TAIL_CELLS]
)
WIDTHS: FloatArray = np.diff(EDGES)


def table_mean(table: FloatArray) -> float:
    """Mean of the distribution that a table describes: piecewise uniform between knots."""
    return float((WIDTHS * (table[:-1] + table[1:])).sum() / 2)


def table_square(table: FloatArray) -> float:
    """Mean square of the distribution that a table describes."""
    low, high = table[:-1], table[1:]
    return float((WIDTHS * (low * low + low * high + high * high)).sum() / 3)


@lru_cache(maxsize=256)  # draws change means, hardly ever shapes
def stay_table(shape: Shape) -> FloatArray:
    """Knots of a shape, float64[2017], with mean one to within rounding."""
    knots = np.empty(KNOTS)
    knots[:-1] = shape.quantile(EDGES[:-1])
    # The tail cell's mean by a rule that crowds its points towards probability one.
    s = (np.arange(4096) + 0.5) / 4096
    u = np.minimum(1 - WIDTHS[-1] * s**4, 1 - 2.0**-53)
    tail = float((shape.quantile(u) * 4 * s**3).mean())
    knots[-1] = max(2 * tail - knots[-2], knots[-2])
    return np.round(knots / table_mean(knots) * 2.0**32) * 2.0**-32


def length_biased(table: FloatArray) -> FloatArray:
    """Knots of the stays found in a stock: long ones are over-represented in proportion.

    Density x f(x) / mean. A stay found in a stock has served an even share of itself (renewal
    theory: Cox, Renewal Theory, 1962, §5.4).
    """
    weight = np.concatenate([[0.0], np.cumsum(WIDTHS * (table[:-1] + table[1:]) / 2)])
    return np.asarray(np.interp(EDGES, weight / weight[-1], table))


@lru_cache(maxsize=256)
def age_table(mix: AgeMix) -> FloatArray:
    """Knots of ages in days on first entering care, float64[2017]."""
    cumulative = np.concatenate([[0.0], np.cumsum(mix.shares)])
    cumulative /= cumulative[-1]
    band = np.clip(np.searchsorted(cumulative, EDGES, side="right") - 1, 0, len(mix.shares) - 1)
    start, width = cumulative[band], np.diff(cumulative)[band]
    share = np.divide(EDGES - start, width, out=np.zeros_like(EDGES), where=width > 0)
    low, high = np.array(mix.edges[:-1])[band], np.array(mix.edges[1:])[band]
    share = np.where(low == 0, np.clip(share, 0, 1) ** mix.early, np.clip(share, 0, 1))
    # Bunched towards birth, nobody enters in the last twentieth of a first year of life.
    top = np.where((low == 0) & (mix.early > 1), low + 0.95 * (high - low), high)
    days = np.minimum((low + (top - low) * share) * 365.25, LAST_AGE)
    return np.asarray(np.round(days * 2.0**20) * 2.0**-20)


def look_up(table: FloatArray, u: FloatArray) -> FloatArray:
    """Table values at uniforms `u`, any shape; the array form of what engines do one by one."""
    coarse = u < TAIL_START
    x = np.where(coarse, u * CELLS, (u - TAIL_START) * TAIL_CELLS)
    cell = x.astype(np.int64)
    knot = np.where(coarse, cell, cell + COARSE)
    low = table[knot]
    return np.asarray(low + (table[knot + 1] - low) * (x - cell))
