"""What each thing that is varied does to a figure by itself, and what two of them do together.

Over the full grid, with y the figure of a plan: the main effect of a level is the mean of the plans
that have it less the mean of all; the interaction of two levels is the mean of the plans that have
both, less both main effects and the mean of all. Levels of a factor, and rows and columns of an
interaction, sum to nothing. Each is worked out draw by draw, so that its interval is paired.

The variation of the grid is the sum of squares about its mean, which main effects, interactions of
two and what three or more do together share without rest. Luck adds to every square: so much is
taken off as the spread between draws says, and what is left may be nothing.
"""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from simfs.analysis.intervals import LEVEL, Means
from simfs.analysis.mechanisms import Amount
from simfs.analysis.plan_figures import FloatArray
from simfs.analysis.plan_table import PlanTable, amount_of, is_clear, over_draws
from simfs.scenario.plans import Factor
from simfs.scenario.variable import Level

ROUNDING = 1e-9  # of the largest figure


@dataclass(frozen=True, slots=True)
class Effect:
    """What levels of some factors do to a figure, beyond what fewer of them do.

    Attributes:
        factors: one for a main effect, two for an interaction.
        levels: of these factors, one combination for each amount.
        amounts: in the unit of the figure, with 95% intervals of the mean.
        share: of the grid's variation, luck taken off; [0, 1].
        is_clear: whether some amount has an interval without nought in it, at a level at which
            luck alone would have one among all of them in one case of twenty (Bonferroni).
    """

    factors: tuple[Factor, ...]
    levels: tuple[tuple[Level, ...], ...]
    amounts: tuple[Amount, ...]
    share: float
    is_clear: bool

    @property
    def span(self) -> float:
        """The highest amount less the lowest."""
        means = [amount.mean for amount in self.amounts]
        return max(means) - min(means)


@dataclass(frozen=True, slots=True)
class Effects:
    """What was varied, and one figure.

    Attributes:
        key: of the figure.
        mean: of all plans of the grid, with its interval.
        main: of every factor, in order.
        pairs: of every two factors, in order.
        rest: share of the variation that three or more factors make together.
        luck: share of the variation, as the grid has it, that luck makes.
    """

    key: str
    mean: Amount
    main: tuple[Effect, ...]
    pairs: tuple[Effect, ...]
    rest: float
    luck: float


def is_full(table: PlanTable) -> bool:
    """Whether every plan of the grid was run: without the rest, effects cannot be told apart."""
    planned = table.planned
    return sorted(planned.numbers) == list(range(len(planned.plans.levels)))


def effects_of(table: PlanTable) -> tuple[Effects, ...]:
    """Effects on every figure that is known of all plans; nothing unless the grid is full."""
    if not is_full(table):
        return ()
    return tuple(effects(table, figure.key) for figure in table.figures if table.has(figure.key))


def effects(table: PlanTable, key: str) -> Effects:
    """Effects on one figure over the full grid."""
    planned = table.planned
    factors = planned.plans.factors
    shape = tuple(len(factor.levels) for factor in factors)
    places = np.argsort(planned.numbers)
    grid = table.by_draw[key][:, 2:][:, places].reshape(-1, *shape)
    parts = parts_of(grid)
    total = grid.mean(axis=0)
    raw = float(((total - total.mean()) ** 2).mean())
    squares = {these: _square(part) for these, part in parts.items() if these}
    found = {these: max(square - noise, 0.0) for these, (square, noise) in squares.items()}
    sum_of = sum(found.values())
    told = {
        these: _effect(factors, these, parts[these], found[these] / sum_of if sum_of else 0.0)
        for these in found
        if len(these) <= 2
    }
    return Effects(
        key=key,
        mean=amount_of(over_draws(grid.reshape(len(grid), -1).mean(axis=1))),
        main=tuple(effect for these, effect in told.items() if len(these) == 1),
        pairs=tuple(effect for these, effect in told.items() if len(these) == 2),
        rest=sum(v for these, v in found.items() if len(these) > 2) / sum_of if sum_of else 0.0,
        luck=min(sum(noise for _, noise in squares.values()) / raw, 1.0) if raw else 0.0,
    )


def parts_of(grid: FloatArray) -> Mapping[tuple[int, ...], FloatArray]:
    """A grid [draw, level, level ...] as a sum of parts, by the factors that each is of.

    Each part is [draw, level ...] of its own factors alone; the empty one is the mean of all.
    """
    factors = range(grid.ndim - 1)
    found: dict[tuple[int, ...], FloatArray] = {}
    scale = np.abs(grid).max()
    for size in range(grid.ndim):
        for these in itertools.combinations(factors, size):
            others = tuple(1 + each for each in factors if each not in these)
            part = grid.mean(axis=others, keepdims=True)
            for fewer, known in found.items():
                if set(fewer) < set(these):
                    part = part - _spread_out(known, fewer, grid.ndim)
            # what is left of equal numbers by rounding is nothing
            part = np.where(np.abs(part) < ROUNDING * scale, 0.0, part)
            found[these] = part.reshape(len(grid), *(grid.shape[1 + each] for each in these))
    return found


def _spread_out(part: FloatArray, these: tuple[int, ...], dimensions: int) -> FloatArray:
    """A part with an axis of one for each factor that it is not of."""
    sizes = dict(zip(these, part.shape[1:], strict=True))
    return part.reshape(len(part), *(sizes.get(each, 1) for each in range(dimensions - 1)))


def _square(part: FloatArray) -> tuple[float, float]:
    """The mean square of a part over the plans, and how much of it luck adds."""
    draws = len(part)
    square = float((part.mean(axis=0) ** 2).mean())
    if draws < 2:
        return square, 0.0
    return square, float((part.var(axis=0, ddof=1) / draws).mean())


def _effect(
    factors: tuple[Factor, ...], these: tuple[int, ...], part: FloatArray, share: float
) -> Effect:
    chosen = tuple(factors[each] for each in these)
    by_draw = part.reshape(len(part), -1)
    means = over_draws(by_draw)
    strict = over_draws(by_draw, 1 - (1 - LEVEL) / by_draw.shape[1])
    return Effect(
        factors=chosen,
        levels=tuple(itertools.product(*(factor.levels for factor in chosen))),
        amounts=tuple(_each(means)),
        share=share,
        is_clear=any(is_clear(amount) for amount in _each(strict)),
    )


def _each(means: Means) -> Iterator[Amount]:
    for place, mean in enumerate(means.mean):
        if means.low is None or means.high is None:
            yield Amount(float(mean), None, None)
        else:
            yield Amount(float(mean), float(means.low[place]), float(means.high[place]))
