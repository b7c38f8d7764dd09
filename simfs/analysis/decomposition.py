"""Why futures differ: chance, ignorance of the parameters, or the authority's own drift.

A nested analysis of variance: draws differ in parameters, drifts within a draw in the authority's
wandering, lucks within a drift in which families come. Where drift is switched off, futures that
differ in drift differ in luck only, so both are pooled as chance.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from simfs.analysis.intervals import draw_means, group_index
from simfs.analysis.outcomes import Outcomes
from simfs.analysis.savings import metric_key, saving
from simfs.engine.tally import IntArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of the variance between futures; they sum to 1, or are all 0 without any variance.

    Attributes:
        chance: which families come and how long they stay.
        ignorance: parameters that are not known.
        drift: the authority's own wandering.
    """

    chance: float
    ignorance: float
    drift: float


@dataclass(frozen=True, slots=True)
class Influence:
    """How much one uncertain number decides a saving.

    Attributes:
        path: the number's key path.
        share: squared rank correlation with the draw's mean saving, [0, 1].
        rises: whether the saving rises with the number.
    """

    path: str
    share: float
    rises: bool


def shares(values: ArrayLike, draws: IntArray, drifts: IntArray, drift: bool) -> Shares | None:
    """Shares of chance, ignorance and drift in the spread of one figure over futures, [N].

    Negative estimates of a variance count as 0. None with a single draw or a single future to a
    draw: then chance and ignorance cannot be told apart.
    """
    array = _centred(values)
    index, groups = group_index(draws)
    per_draw = len(array) / groups
    if groups < 2 or len(array) <= groups:
        return None
    means = draw_means(array, draws)
    between = per_draw * float(((means - means.mean()) ** 2).sum()) / (groups - 1)
    cells, n_cells = group_index(index * (int(drifts.max()) + 1) + drifts)
    if drift and groups < n_cells < len(array):
        per_cell = len(array) / n_cells
        cell_means = draw_means(array, cells)
        luck = float(((array - cell_means[cells]) ** 2).sum()) / (len(array) - n_cells)
        gaps = cell_means[cells] - means[index]
        wander = float((gaps**2).sum()) / (n_cells - groups)
        drifting = max(0.0, (wander - luck) / per_cell)
    else:
        luck = float(((array - means[index]) ** 2).sum()) / (len(array) - groups)
        wander, drifting = luck, 0.0
    ignorance = max(0.0, (between - wander) / per_draw)
    total = luck + drifting + ignorance
    if total == 0:
        return Shares(0.0, 0.0, 0.0)
    return Shares(luck / total, ignorance / total, drifting / total)


def correlation_within_draws(values: ArrayLike, draws: IntArray) -> float:
    """Correlation ρ of two futures of one draw, by one-way analysis of variance, cut to [0, 1].

    0 where nothing varies; 1 with a single draw, whose futures are all alike in parameters.
    """
    array = _centred(values)
    index, groups = group_index(draws)
    if not array.any():
        return 0.0
    if groups < 2:
        return 1.0
    if len(array) <= groups:
        return 0.0
    per_draw = len(array) / groups
    means = draw_means(array, draws)
    between = per_draw * float(((means - means.mean()) ** 2).sum()) / (groups - 1)
    within = float(((array - means[index]) ** 2).sum()) / (len(array) - groups)
    both = between + (per_draw - 1) * within
    return min(1.0, max(0.0, (between - within) / both)) if both > 0 else 0.0


def noise_of_draw_means(
    values: ArrayLike, draws: IntArray, drifts: IntArray, drift: bool
) -> FloatArray:
    """Variance of each draw's mean that chance and drift alone would give, float64[draw].

    Each is a noisy estimate; their mean is the estimate to use. With drift, the futures of one
    drift move together, so it comes from the spread of drift means within the draw.
    """
    array = _centred(values)
    index, groups = group_index(draws)
    units, owners = array, index
    if drift:
        cells, _ = group_index(index * (int(drifts.max()) + 1) + drifts)
        units = draw_means(array, cells)
        owners = np.zeros(len(units), dtype=np.int64)
        owners[cells] = index
    means = draw_means(units, owners)
    squares = np.bincount(owners, weights=(units - means[owners]) ** 2, minlength=groups)
    sizes = np.bincount(owners, minlength=groups)
    return np.asarray(squares / np.maximum(sizes - 1, 1) / sizes)


def what_matters(
    outcomes: Outcomes, arm: str, metric: str, values: Mapping[str, FloatArray]
) -> tuple[Influence, ...]:
    """Uncertain numbers by how much of the saving over all years they decide, most first.

    Args:
        outcomes: the run.
        arm: key of an arm that is not the baseline.
        metric: a saving or a yearly metric, with or without its unit.
        values: by key path, the value in each draw of the run in rising order, float64[draw].

    Returns:
        All numbers that vary, by squared rank correlation with draw means, then by path; empty
        where nothing varies or there are fewer than three draws.
    """
    total = saving(outcomes, arm, metric_key(outcomes, metric)).sum(axis=1)
    means = draw_means(total, outcomes.draws)
    if len(means) < 3 or np.ptp(means) == 0:
        return ()
    ranked = []
    for path in sorted(values):
        drawn = np.asarray(values[path], dtype=np.float64)
        if np.ptp(drawn) == 0:
            continue
        correlation = float(stats.spearmanr(drawn, means).statistic)
        ranked.append(Influence(path, correlation**2, correlation > 0))
    return tuple(sorted(ranked, key=lambda item: -item.share))


def _centred(values: ArrayLike) -> FloatArray:
    """Values about their first, so that equal values have exactly no variance."""
    array = np.asarray(values, dtype=np.float64)
    return np.asarray(array - array[0])
