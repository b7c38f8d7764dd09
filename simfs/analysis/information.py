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

Information is worth most where options are even, and a mean gain as estimated is never nearer to
even than even: there resamples all come out too low and held the truth in 80% of runs, with 50
draws as with 200. So an interval reaches up to what resamples come to with the mean gains that are
nearest to even within their own intervals. With normal gains and 50 draws it holds 91% at even, 96%
about it, and 89% of what is worth next to nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simfs.analysis.intervals import LEVEL, draw_means, group_index, resamples
from simfs.analysis.probabilities import Groups
from simfs.analysis.surfaces import Surface, fits, surfaces_of
from simfs.analysis.worth import Axes, axes_of, nearest_even, worth_of

FloatArray = NDArray[np.float64]
Stages = tuple[tuple[Surface, ...], ...]  # each regressed on in turn

RESAMPLES = 400
SHUFFLES = 200
FALSE_ALARM = 0.05  # in so many shuffles luck alone gives as much
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

    def noise(self, weights: FloatArray) -> FloatArray:
        """Covariance that chance and drift leave in a draw's mean, on average over weighted draws.

        Args:
            weights: of the draws, float64[draw]; they sum to 1.

        Returns:
            Square pounds, float64[option - 1, option - 1].
        """
        sizes = np.bincount(self.owners, minlength=len(self.means))
        each = weights / (np.maximum(sizes - 1, 1) * sizes)
        return np.asarray((each[self.owners, np.newaxis] * self.cells).T @ self.cells)


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
    alike = _alike(draws)
    pounds = _known(gains, alike)
    even = nearest_even(gains.means)
    picked = [
        (_known(gains, weights), _known(gains, weights, even)) for weights in _picks(draws, seed)
    ]
    low, high = _ends(picked, pounds)
    chance = _chance(seed, SHUFFLED)
    units = gains.cells + gains.means[gains.owners]
    dealt = []
    for _ in range(SHUFFLES):
        mixed = units[chance.permutation(len(units))]
        means = draw_means(mixed, gains.owners)
        dealt.append(_known(Gains(means, mixed - means[gains.owners], gains.owners), alike))
    luck = float(np.quantile(dealt, 1 - FALSE_ALARM))
    return Information(label, pounds, low, high, luck, worth_of(gains.means, alike))


def partial(gains: Gains, numbers: Mapping[str, FloatArray], seed: int) -> tuple[Information, ...]:
    """The expected value of knowing some of the numbers (EVPPI), in the order given.

    Args:
        gains: of the options.
        numbers: by label, values of one number or of a group in each draw, float64[draw] or
            float64[draw, number]. Luck is judged over all that are asked for together, so ask for
            numbers and for groups apart.
        seed: of the run.
    """
    asked = {label: ((surfaces_of(each),),) for label, each in numbers.items()}
    return _by_regression(gains, asked, seed)


def sample(
    gains: Gains, findings: Mapping[str, FloatArray], numbers: FloatArray, seed: int
) -> tuple[Information, ...]:
    """The expected value of knowing what studies would find (EVSI), in the order given.

    The gains are regressed on the numbers first, and what is fitted on the findings: what the
    numbers do not decide cannot be found out, and would only blur the findings' worth. Luck is that
    of findings which have nothing to do with the draw; whether the numbers themselves are worth
    more than luck, `partial` tells.

    Args:
        gains: of the options.
        findings: by label, what a study would find, float64[set, draw, statistic]: one set has
            simulated data for every draw. More sets average over the luck of the data.
        numbers: those that the findings depend on, float64[draw] or float64[draw, number].
        seed: of the run.
    """
    known = surfaces_of(numbers)
    asked = {
        label: tuple((known, surfaces_of(each)) for each in sets)
        for label, sets in findings.items()
    }
    return _by_regression(gains, asked, seed)


def _known(gains: Gains, weights: FloatArray, mean: FloatArray | None = None) -> float:
    """Value of knowing every draw's expected gains, noise taken out of their variance."""
    axes = axes_of(gains.means, gains.noise(weights), weights)
    return axes.worth(axes.figures * np.sqrt(axes.real), weights, mean)


def _picks(draws: int, seed: int) -> Iterator[FloatArray]:
    """Weights of draws picked with replacement, again and again."""
    for block in resamples(draws, RESAMPLES, seed, RESAMPLED):
        for row in block:
            yield np.bincount(row, minlength=draws) / draws


def _by_regression(
    gains: Gains, asked: Mapping[str, Sequence[Stages]], seed: int
) -> tuple[Information, ...]:
    """Values by regression in stages, for each set of each label, with luck over all of them."""
    draws = len(gains.means)
    axes = axes_of(gains.means, gains.noise(_alike(draws)), _alike(draws))
    chance = _chance(seed, SHUFFLED)
    order = np.stack([chance.permutation(draws) for _ in range(SHUFFLES)])
    told, most = [], np.zeros(SHUFFLES)
    for label, sets in asked.items():
        varied = [stages for stages in sets if all(stages)]
        if not varied or not len(axes.real):
            told.append(Information(label, 0.0, 0.0, 0.0, 0.0, 0.0))
            continue
        told.append(_regressed(label, axes, nearest_even(gains.means), varied, seed))
        most = np.maximum(most, _by_luck(axes, varied, order))
    luck = float(np.quantile(most, 1 - FALSE_ALARM))
    return tuple(replace(one, luck=luck) for one in told)


def _regressed(
    label: str, axes: Axes, even: FloatArray, sets: Sequence[Stages], seed: int
) -> Information:
    """The value averaged over sets; luck is not looked at."""
    draws, alike = len(axes.figures), _alike(len(axes.figures))
    pounds, plain = (
        float(np.mean([axes.worth(_fitted(each, axes.figures, right), alike) for each in sets]))
        for right in (True, False)
    )
    chance = _chance(seed, SAMPLED)
    count = -(-RESAMPLES // len(sets))
    first = fits(sets[0][0], axes.figures)  # all sets begin with the same numbers
    surfaces = (
        surface
        for each in sets
        for surface in _each(_fitted(each[1:], _aside(first.sampled(count, chance))), count)
    )
    picked = [
        (axes.worth(surface, weights), axes.worth(surface, weights, even))
        for surface, weights in zip(surfaces, _picks(draws, seed), strict=False)
    ]
    low, high = _ends(picked, pounds)
    return Information(label, pounds, low, high, 0.0, plain)


def _by_luck(axes: Axes, sets: Sequence[Stages], order: NDArray[np.int64]) -> FloatArray:
    """What the last regressions give on draws dealt at random, float64[shuffle]."""
    alike = _alike(order.shape[1])
    total = np.zeros(len(order))
    for each in sets:
        dealt = _aside(_fitted(each[:-1], axes.figures)[order])
        surfaces = _each(_fitted(each[-1:], dealt), len(order))
        total += [axes.worth(surface, alike) for surface in surfaces]
    return total / len(sets)


def _fitted(stages: Stages, figures: FloatArray, right: bool = True) -> FloatArray:
    """Figures, float64[draw, figure], fitted stage by stage, with the right variance or without."""
    for surfaces in stages:
        smooth, variances = fits(surfaces, figures).best()
        figures = figures.mean(axis=0) + (_stretched(smooth, variances) if right else smooth)
    return figures


def _aside(many: FloatArray) -> FloatArray:
    """Figures many times over, [time, draw, figure], side by side: [draw, time and figure]."""
    return np.asarray(many.transpose(1, 0, 2).reshape(many.shape[1], -1))


def _each(aside: FloatArray, times: int) -> FloatArray:
    """The same back as [time, draw, figure]."""
    return np.asarray(aside.reshape(len(aside), times, -1).transpose(1, 0, 2))


def _stretched(fitted: FloatArray, variances: FloatArray) -> FloatArray:
    """Fitted figures, float64[draw, figure], with the variance that the surface itself has."""
    own = (fitted**2).mean(axis=0)
    ratio = np.divide(variances, own, out=np.zeros_like(own), where=own > 0)
    return np.asarray(fitted * np.sqrt(ratio))


def _ends(picked: Sequence[tuple[float, float]], estimate: float) -> tuple[float, float]:
    """The middle 95% of what was picked, up to what it comes to near even, and the estimate."""
    tail = (1 - LEVEL) / 2
    as_found, near_even = np.array(picked).T
    low, high = np.quantile(as_found, [tail, 1 - tail]).tolist()
    return min(low, estimate), max(high, float(np.quantile(near_even, 1 - tail)), estimate)


def _alike(draws: int) -> FloatArray:
    return np.full(draws, 1 / draws)


def _chance(seed: int, purpose: int) -> np.random.Generator:
    key = np.array([seed, purpose], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key))
