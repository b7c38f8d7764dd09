"""How far a figure swings when one uncertain number goes from p10 to p90, the others as drawn.

The three points of a number, p10, its middle and p90, are run with the same luck, so their
differences are known far better than the figure. A swing is told from luck by a t test over draws
of the largest of its three differences, and over all numbers of a list by Holm's steps (1979, "A
simple sequentially rejective multiple test procedure"), at 5%: of numbers that do nothing, one list
in twenty shows any.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from scipy import special

from simfs.analysis.factors import Factor
from simfs.analysis.intervals import FloatArray, draw_means, mean_interval
from simfs.engine.tally import IntArray

FALSE_ALARM = 0.05
PAIRS = ((0, 1), (1, 2), (0, 2))  # of the points p10, middle and p90


@dataclass(frozen=True, slots=True)
class Change:
    """A mean, or by how much it differs, and its 95% interval, or None with too few futures."""

    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Bar:
    """One factor of a tornado.

    Attributes:
        factor: what is moved.
        at_low: by how much the mean figure differs from that at the middle, at p10.
        at_high: the same at p90.
        swing: the largest of the three means less the smallest.
        chance: of a swing as large by luck alone, of this factor by itself, at most.
        beyond_luck: whether it is more than luck would show in a list of so many.
    """

    factor: Factor
    at_low: Change
    at_high: Change
    swing: float
    chance: float
    beyond_luck: bool = False


def bars(points: Mapping[Factor, Sequence[FloatArray]], draws: IntArray) -> tuple[Bar, ...]:
    """The bars of all factors, widest first.

    Args:
        points: of each factor the figure at p10, the middle and p90, in the same futures,
            float64[N] each.
        draws: draw of each future.
    """
    found = sorted(
        (_bar(factor, figures, draws) for factor, figures in points.items()),
        key=lambda one: one.chance,
    )
    held = True  # Holm: each step holds while all before it do
    told = []
    for place, one in enumerate(found):
        held = held and one.chance <= FALSE_ALARM / (len(found) - place)
        told.append(replace(one, beyond_luck=held))
    return tuple(sorted(told, key=lambda one: (-one.swing, one.factor.key)))


def _bar(factor: Factor, points: Sequence[FloatArray], draws: IntArray) -> Bar:
    gaps = [points[b] - points[a] for a, b in PAIRS]
    widest = max(gaps, key=lambda gap: abs(float(gap.mean())))
    return Bar(
        factor,
        mean_of(points[0] - points[1], draws),
        mean_of(points[2] - points[1], draws),
        abs(float(widest.mean())),
        min(len(PAIRS) * _by_luck(draw_means(widest, draws)), 1.0),
    )


def together(some: Sequence[Bar]) -> float:
    """The swing of several factors as if each moved by itself: the root of their squares' sum."""
    return math.sqrt(sum(one.swing**2 for one in some))


def mean_of(values: FloatArray, draws: IntArray) -> Change:
    """The mean of a figure, float64[N], with its interval."""
    found = mean_interval(values, draws)
    ends = (None if end is None else float(end) for end in (found.low, found.high))
    return Change(float(found.mean), *ends)


def _by_luck(by_draw: FloatArray) -> float:
    """The chance of a mean over draws as far from nought, were nought the truth (t, two-sided)."""
    freedom = len(by_draw) - 1
    if freedom < 1 or not by_draw.any():
        return 1.0
    error = float(by_draw.std(ddof=1)) / math.sqrt(len(by_draw))
    if error == 0:
        return 0.0
    return 2 * float(special.stdtr(freedom, -abs(float(by_draw.mean())) / error))
