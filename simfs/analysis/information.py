"""What it would be worth, in pounds, to know more before deciding: EVPI, EVPPI and EVSI.

Whoever decides takes the option that gains most on average. Told more first, they would sometimes
take another; what they gain by it on average is the value of the information:

- **perfect** (EVPI): every uncertain number is known; chance and drift never are.
- **partial** (EVPPI): some numbers are known, by regression of the gains on them (Strong, Oakley
  and Brennan 2014).
- **sample** (EVSI): what a study would find is known, by the same regression on its findings
  (Strong, Oakley, Brennan and Breeze 2015, "Estimating the expected value of sample information
  using the probabilistic sensitivity analysis sample").

All three take the greater of noisy figures, which lies above the greater of the true ones. The four
futures of a draw leave chance and drift in its mean, so means of draws vary too much; fitted values
vary too little, by what the regression does not know. Both are set to the variance that the
expected gains are estimated to have; for normal gains that is exact.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg

from simfs.analysis.intervals import LEVEL, draw_means, group_index, resamples
from simfs.analysis.probabilities import Groups
from simfs.analysis.surfaces import Fits, Surface, fits, surfaces_of

FloatArray = NDArray[np.float64]

RESAMPLES = 400
SHUFFLES = 200
FALSE_ALARM = 0.05  # in so many shuffles luck alone gives as much
NEXT_TO_NOTHING = 1e-10  # of the largest variance
# Names these uses of chance among others of the seed.
RESAMPLED = 0x_1F0
SHUFFLED = 0x_1F1
SAMPLED = 0x_1F2


@dataclass(frozen=True, slots=True)
class Information:
    """What some information is worth.

    Attributes:
        label: what would be known.
        pounds: its expected value, never below 0.
        low: lower end of its 95% interval.
        high: upper end.
        luck: what would seem to be worth so much by luck alone in 1 run of 20, pounds: the 95th
            percentile over shuffles, of the greatest of all that was asked for together.
        uncorrected: the value before variances are set right, pounds.
    """

    label: str
    pounds: float
    low: float
    high: float
    luck: float
    uncorrected: float

    @property
    def beyond_luck(self) -> bool:
        """Whether it is more than luck would give."""
        return self.pounds > self.luck


@dataclass(frozen=True, slots=True, eq=False)
class Gains:
    """What each option gains over the first, by draw of the uncertain numbers.

    Attributes:
        means: pounds, float64[draw, option - 1]; draws in rising order.
        cells: the same by drift within a draw, or by future where drift is off, less the draw's
            mean, float64[cell, option - 1].
        owners: draw of each cell, counted from 0, int64[cell].
    """

    means: FloatArray
    cells: FloatArray
    owners: NDArray[np.int64]

    @property
    def noise(self) -> FloatArray:
        """Covariance that chance and drift leave in each draw's mean, float64[draw, gain, gain]."""
        draws, gains = self.means.shape
        sizes = np.bincount(self.owners, minlength=draws)
        squares = np.zeros((draws, gains, gains))
        np.add.at(squares, self.owners, self.cells[:, :, np.newaxis] * self.cells[:, np.newaxis])
        return np.asarray(squares / (np.maximum(sizes - 1, 1) * sizes)[:, np.newaxis, np.newaxis])


def gains_of(payoffs: ArrayLike, groups: Groups) -> Gains:
    """What options gain over the first.

    Args:
        payoffs: pounds of every option in every future, float64[N, option], the same luck for all.
            The first may be to change nothing, with a payoff of 0.
        groups: which futures share draw and drift.
    """
    array = np.asarray(payoffs, dtype=np.float64)
    increments = array[:, 1:] - array[:, :1]
    index, _ = group_index(groups.draws)
    units, owners = increments, index
    if groups.drift:
        cells, _ = group_index(index * (int(groups.drifts.max()) + 1) + groups.drifts)
        units = draw_means(increments, cells)
        owners = np.zeros(len(units), dtype=np.int64)
        owners[cells] = index
    means = draw_means(increments, groups.draws)
    return Gains(means, units - means[owners], owners)


def perfect(gains: Gains, seed: int, label: str = "every uncertain number") -> Information:
    """The expected value of perfect information about the uncertain numbers (EVPI).

    The interval is by bootstrap over draws. Luck deals the cells to draws at random, so that no
    draw differs from another in what is expected.
    """
    draws = len(gains.means)
    noise = gains.noise
    every = _alike(draws)
    picked = [
        _known(gains.means, noise, np.bincount(row, minlength=draws) / draws)
        for block in resamples(draws, RESAMPLES, seed, RESAMPLED)
        for row in block
    ]
    pounds = _known(gains.means, noise, every)
    low, high = _ends(picked, pounds)
    chance = _chance(seed, SHUFFLED)
    units = gains.cells + gains.means[gains.owners]
    dealt = []
    for _ in range(SHUFFLES):
        mixed = units[chance.permutation(len(units))]
        means = draw_means(mixed, gains.owners)
        shuffled = Gains(means, mixed - means[gains.owners], gains.owners)
        dealt.append(_known(means, shuffled.noise, every))
    luck = float(np.quantile(dealt, 1 - FALSE_ALARM))
    return Information(label, pounds, low, high, luck, _worth(gains.means, every))


def partial(gains: Gains, numbers: Mapping[str, FloatArray], seed: int) -> tuple[Information, ...]:
    """The expected value of knowing some of the numbers (EVPPI), in the order given.

    Args:
        gains: of the options.
        numbers: by label, values of one number or of a group in each draw, float64[draw] or
            float64[draw, number]. Luck is judged over all that are asked for together, so ask for
            numbers and for groups apart.
        seed: of the run.
    """
    return sample(gains, {label: _flat(each)[np.newaxis] for label, each in numbers.items()}, seed)


def sample(gains: Gains, findings: Mapping[str, FloatArray], seed: int) -> tuple[Information, ...]:
    """The expected value of knowing what studies would find (EVSI), in the order given.

    Args:
        gains: of the options.
        findings: by label, what a study would find, float64[set, draw, statistic]: one set has
            simulated data for every draw. More sets average over the luck of the data.
        seed: of the run.
    """
    axes = _axes(gains.means, gains.noise.mean(axis=0), _alike(len(gains.means)))
    figures = axes.about_mean @ axes.turn
    order = _shuffles(len(figures), seed)
    told, most = [], np.zeros(SHUFFLES)
    for label, sets in findings.items():
        surfaces = [surfaces_of(_flat(each)) for each in sets]
        regressions = [fits(each, figures) for each in surfaces if each]
        told.append(_regressed(label, axes, regressions, seed))
        most = np.maximum(most, _by_luck(axes, [each.surfaces for each in regressions], order))
    luck = float(np.quantile(most, 1 - FALSE_ALARM))
    return tuple(replace(one, luck=luck) for one in told)


def above(found: Sequence[Information], most: Information) -> tuple[str, ...]:
    """Labels of what is told to be worth more than perfect information, which nothing can be.

    Nothing is cut: an estimate may come out above another that it cannot exceed in truth.
    """
    return tuple(one.label for one in found if one.pounds > most.pounds)


@dataclass(frozen=True, slots=True, eq=False)
class _Axes:
    """Gains turned so that neither they nor their noise go together, each of variance 1.

    So nothing depends on which option is the first, nor on the size of a pound.

    Attributes:
        mean: of the gains over draws, float64[gain].
        about_mean: gains of draws less the mean, float64[draw, gain].
        turn: from gains to figures, float64[gain, figure].
        back: from figures to gains, float64[figure, gain].
        real: share of each figure's variance that is no noise, [0, 1], float64[figure].
    """

    mean: FloatArray
    about_mean: FloatArray
    turn: FloatArray
    back: FloatArray
    real: FloatArray

    def worth(self, figures: FloatArray, weights: FloatArray) -> float:
        """What it is worth to know the gains that stand behind some figures."""
        return _worth(self.mean + figures @ self.back, weights)


def _axes(means: FloatArray, noise: FloatArray, weights: FloatArray) -> _Axes:
    """Axes in which the covariance of draw means is 1 and that of their noise is diagonal."""
    # from the first draw, so that equal gains have exactly no variance
    about_first = means - means[0]
    gaps = about_first - weights @ about_first
    spread = (weights[:, np.newaxis] * gaps).T @ gaps * len(means) / (len(means) - 1)
    scale = np.sqrt(np.diag(spread))
    scale[scale == 0] = 1.0
    values, vectors = linalg.eigh(spread / np.outer(scale, scale))
    kept = values > NEXT_TO_NOTHING * max(float(values[-1]), NEXT_TO_NOTHING)
    white = vectors[:, kept] / np.sqrt(values[kept]) / scale[:, np.newaxis]
    shares, turned = linalg.eigh(white.T @ noise @ white) if kept.any() else (values[:0], white.T)
    turn = white @ turned
    real = np.maximum(0.0, 1 - shares)
    return _Axes(means[0] + weights @ about_first, gaps, turn, (spread @ turn).T, real)


def _known(means: FloatArray, noise: FloatArray, weights: FloatArray) -> float:
    """Value of knowing every draw's expected gains, noise taken out of their variance."""
    axes = _axes(means, np.tensordot(weights, noise, axes=1), weights)
    return axes.worth(axes.about_mean @ axes.turn * np.sqrt(axes.real), weights)


def _worth(gains: FloatArray, weights: FloatArray) -> float:
    """By how much the mean of the best gain is above the best mean gain; the first gains 0."""
    best = np.maximum(gains.max(axis=1), 0.0)
    # of equal draws exactly 0, whatever rounding makes of their mean
    return max(0.0, float(weights @ best) - max(0.0, float((weights @ gains).max())))


def _regressed(label: str, axes: _Axes, regressions: Sequence[Fits], seed: int) -> Information:
    """The value by regression on each set of findings, averaged; luck is not looked at."""
    draws = len(axes.about_mean)
    if not regressions or not len(axes.real):
        return Information(label, 0.0, 0.0, 0.0, 0.0, 0.0)
    alike = _alike(draws)
    stretched, plain = [], []
    for regression in regressions:
        fitted, variances = regression.best()
        plain.append(axes.worth(fitted, alike))
        stretched.append(axes.worth(_stretched(fitted, variances), alike))
    chance = _chance(seed, SAMPLED)
    each = -(-RESAMPLES // len(regressions))
    surfaces = (surface for one in regressions for surface in one.sampled(each, chance))
    picks = (row for block in resamples(draws, RESAMPLES, seed, RESAMPLED) for row in block)
    picked = [
        axes.worth(surface, np.bincount(row, minlength=draws) / draws)
        for surface, row in zip(surfaces, picks, strict=False)
    ]
    pounds = float(np.mean(stretched))
    low, high = _ends(picked, pounds)
    return Information(label, pounds, low, high, 0.0, float(np.mean(plain)))


def _by_luck(
    axes: _Axes, sets: Sequence[tuple[Surface, ...]], order: NDArray[np.int64]
) -> FloatArray:
    """What the same regressions give where gains are dealt to draws at random, float64[shuffle]."""
    shuffles, draws = order.shape
    figures = axes.about_mean @ axes.turn
    if not sets or not figures.shape[1]:
        return np.zeros(shuffles)
    dealt = figures[order].transpose(1, 0, 2).reshape(draws, -1)
    alike, total = _alike(draws), np.zeros(shuffles)
    for surfaces in sets:
        found = _stretched(*fits(surfaces, dealt).best()).reshape(draws, shuffles, -1)
        total += [axes.worth(found[:, shuffle], alike) for shuffle in range(shuffles)]
    return total / len(sets)


def _stretched(fitted: FloatArray, variances: FloatArray) -> FloatArray:
    """Fitted figures, float64[draw, figure], with the variance that the surface itself has."""
    own = (fitted**2).mean(axis=0)
    ratio = np.divide(variances, own, out=np.zeros_like(own), where=own > 0)
    return np.asarray(fitted * np.sqrt(ratio))


def _shuffles(draws: int, seed: int) -> NDArray[np.int64]:
    """The order of the draws in every shuffle, the same whatever is asked, int64[shuffle, draw]."""
    chance = _chance(seed, SHUFFLED)
    return np.stack([chance.permutation(draws) for _ in range(SHUFFLES)])


def _ends(picked: Sequence[float], estimate: float) -> tuple[float, float]:
    """The middle 95% of what was picked, and the estimate with it."""
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(picked, [tail, 1 - tail]).tolist()
    return min(low, estimate), max(high, estimate)


def _alike(draws: int) -> FloatArray:
    return np.full(draws, 1 / draws)


def _flat(numbers: FloatArray) -> FloatArray:
    """Numbers of each draw as float64[draw, number]."""
    array = np.asarray(numbers, dtype=np.float64)
    return array[:, np.newaxis] if array.ndim == 1 else array


def _chance(seed: int, purpose: int) -> np.random.Generator:
    key = np.array([seed, purpose], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key))
