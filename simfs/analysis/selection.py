"""Which of several plans is best on average, with a stated chance, in as few draws as that takes.

The procedure is KN: S.-H. Kim and B. L. Nelson, "A fully sequential procedure for
indifference-zone selection in simulation", ACM Transactions on Modeling and Computer Simulation 11
(2001), 251-273, with their constant c = 1. All plans are seen in some first draws; then one draw
at a time is added, and a plan falls as soon as it lies too far behind another that is still in.

What it promises, and no more: where the best plan is better than every other by at least `within`,
it never falls, and so is the one picked, with a probability of at least `confidence`. The proof
asks that

- what plans come to in a draw, the means of its futures, is normal. A figure that is skew in one
  plan and not in others may cost some of the probability: where the best of five plans has a skew
  of 2 upwards and its rivals 2 downwards, 95% stated were 92% found. Much more is lost where bad
  draws are rare and the first draws may show none, as of children who wait where posts are few: of
  rivals like logarithms of spread 1.3 turned round, 84% found with five plans, half with twenty.
  Two plans that differ alike in all first draws are taken to do so always;
- draws are independent of each other. Within a draw plans may be correlated, and should be: only
  the spread of their differences counts, so that paired luck needs fewer draws;
- the plans and `within` were not chosen by looking at these same draws.

Where plans are closer to the best than `within`, picking one of two is never worse than `within`
behind. Of three or more it is often said that one within `within` of the best is picked with the
same probability; for KN that has not been proven, so it is not promised (on when it can be: D. J.
Eckman and S. G. Henderson, "Fixed-confidence, fixed-tolerance guarantees for ranking-and-selection
procedures", the same Transactions 31 (2021)).

"Best" is of the mean over draws, so over everything that is uncertain: in a single future another
plan may well do better.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from simfs.analysis.intervals import FloatArray, Means, mean_interval
from simfs.errors import UsageError

FIRST_DRAWS = 20
LEAST = 2  # plans, or there is nothing to pick; first draws, or there is no spread

Observe = Callable[[Sequence[int], range], ArrayLike]
Told = Callable[[int, tuple[int, ...], int], None]


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """Which plan was picked, and what that rests on. Plans are numbered from 0.

    Attributes:
        leader: the plan with the highest mean of those that are left.
        settled: whether the leader was picked; False where draws ran out before.
        confidence: the least probability, (0.5, 1), of what `reason` says.
        within: the difference that matters, in the unit of the figure.
        draws: how many draws of each plan were used, the first ones of the run.
        eliminated_at: after how many draws each plan fell, None where it did not.
        means: of each plan over its own draws, with 95% t intervals, each for itself. They do not
            allow for draws having stopped when one plan looked best, which flatters the leader.
        behind: how much better the leader is than each plan over the draws that both have, with
            the same intervals and the same warning; 0 for the leader itself.
        reason: what may be said of the leader, in a sentence.
    """

    leader: int
    settled: bool
    confidence: float
    within: float
    draws: tuple[int, ...]
    eliminated_at: tuple[int | None, ...]
    means: Means
    behind: Means
    reason: str

    @property
    def best(self) -> int | None:
        """The plan that was picked, or None where nothing was settled."""
        return self.leader if self.settled else None

    @property
    def survivors(self) -> tuple[int, ...]:
        """The plans that did not fall; several where nothing is settled or where they are alike."""
        return tuple(plan for plan, at in enumerate(self.eliminated_at) if at is None)


def screening_constant(plans: int, confidence: float, first: int) -> float:
    """h² of Kim and Nelson: the more, the further a plan must be behind before it falls.

    h² = 2 η (n - 1) with η = ((2 α / (k - 1))^(-2 / (n - 1)) - 1) / 2 for c = 1, where k plans are
    seen in n first draws and α = 1 - confidence. α is shared by the k - 1 rivals of the best
    (Bonferroni), which holds whether or not plans have the same luck.

    >>> round(screening_constant(5, 0.95, 10), 3)
    11.429
    """
    share = 2 * (1 - confidence) / (plans - 1)
    return float((share ** (-2 / (first - 1)) - 1) * (first - 1))


def select(
    observe: Observe,
    plans: int,
    within: float,
    confidence: float,
    *,
    first: int = FIRST_DRAWS,
    most: int | None = None,
    batch: int = 1,
    told: Told = lambda draws, left, latest: None,
) -> Selection:
    """The plan with the highest mean, and how sure that is; the module says what is promised.

    Args:
        observe: asked for some plans in some draws, gives what each came to: [draw, plan], in the
            order asked, the mean of the draw's futures; larger is better. The same draw must be
            the same luck for every plan. Draws are asked for once each, in order.
        plans: how many there are, at least two.
        within: the least difference that matters, above 0, in the unit of the figure.
        confidence: the least probability of picking the best, (0.5, 1).
        first: draws of every plan before any may fall; the spread is taken from these alone.
        most: no more draws than this; None for as many as it takes.
        batch: draws asked for at a time. Each is still judged by itself, so the result is the same
            whatever the batch; draws of a plan that has fallen on the way are not used.
        told: told after each batch how many draws were judged, which plans are left, and after how
            many draws it will be over at the latest.

    Raises:
        UsageError: a number cannot be obeyed, or a plan's figure is not known in some draw.
    """
    _check(plans, within, confidence, first, most, batch)
    seen = _observed(observe, tuple(range(plans)), range(first), plans)
    race = _Race(seen, within, screening_constant(plans, confidence, first))
    blocks = [seen]
    end = math.inf if most is None else most
    while len(race.left) > 1 and race.draws < min(end, race.latest):
        told(race.draws, race.left, race.latest)
        stop = int(min(race.draws + batch, end, race.latest))
        asked = range(race.draws, stop)
        block = _observed(observe, race.left, asked, plans)
        blocks.append(race.run(block))
    told(race.draws, race.left, race.latest)
    return _selection(race, np.concatenate(blocks), within, confidence)


class _Race:
    """The plans that are still in, after so many draws.

    All is judged in sums over draws: a plan falls where r (x̄_i - x̄_l) < -r W_il(r), with
    r W_il(r) = max(0, (h² S²_il / δ - δ r) / 2), S²_il the variance of first differences.

    Attributes:
        draws: judged so far, r.
        left: plans that have not fallen, rising.
        eliminated_at: of every plan, the draws after which it fell.
        sums: of every plan that is left, over the draws judged.
        latest: the draws after which no room is left, so that only equal sums can remain.
    """

    def __init__(self, seen: FloatArray, within: float, constant: float) -> None:
        self.draws = len(seen)
        self.left = tuple(range(seen.shape[1]))
        self.eliminated_at: list[int | None] = [None] * len(self.left)
        self.sums: FloatArray = seen.sum(axis=0)
        self._within = within
        self._room: FloatArray = constant / within * _variances_of_differences(seen)
        self._screen()

    @property
    def is_over(self) -> bool:
        """Whether one plan is left, or several that have the same sum and no room to part."""
        return len(self.left) == 1 or self.draws >= self.latest

    def run(self, block: FloatArray) -> FloatArray:
        """Judge further draws [draw, plan] one by one; those used, NaN where a plan had fallen."""
        used = np.full_like(block, np.nan)
        for row, draw in enumerate(block):
            if self.is_over:
                return used[:row]
            left = list(self.left)
            used[row, left] = draw[left]
            self.sums += draw[left]
            self.draws += 1
            self._screen()
        return used

    def _screen(self) -> None:
        """Let every plan fall that lies too far behind another, all being judged together."""
        allowed = np.maximum(self._room - self._within * self.draws, 0) / 2
        stays = np.flatnonzero((self.sums[:, None] - self.sums >= -allowed).all(axis=1))
        left = tuple(self.left[place] for place in stays)
        for plan in set(self.left) - set(left):
            self.eliminated_at[plan] = self.draws
        self.left = left
        self.sums = self.sums[stays]
        self._room = self._room[stays[:, None], stays]
        self.latest = max(self.draws, math.floor(self._room.max() / self._within) + 1)


def _variances_of_differences(seen: FloatArray) -> FloatArray:
    """S² of every pair of plans over some draws [draw, plan], float64[plan, plan].

    Of the differences themselves, not by way of a covariance: what never varies has exactly none.
    """
    return np.array([(seen - plan[:, None]).var(axis=0, ddof=1) for plan in seen.T])


def _observed(observe: Observe, asked: tuple[int, ...], draws: range, plans: int) -> FloatArray:
    """What the asked-for plans came to, float64[draw, plan], NaN for the other plans."""
    found = np.asarray(observe(asked, draws), dtype=np.float64).reshape(len(draws), len(asked))
    if not np.isfinite(found).all():
        row, column = np.argwhere(~np.isfinite(found))[0]
        raise UsageError(
            f"plans cannot be compared by this figure: of plan {asked[column]} it is "
            f"{found[row, column]} in draw {draws[row]}; take one that every future has"
        )
    block = np.full((len(draws), plans), np.nan)
    block[:, list(asked)] = found
    return block


def _selection(race: _Race, values: FloatArray, within: float, confidence: float) -> Selection:
    """The end of a race; values float64[draw, plan], NaN where a plan had fallen."""
    leader = race.left[int(np.argmax(race.sums))]
    number = np.arange(len(values))
    return Selection(
        leader=leader,
        settled=race.is_over,
        confidence=confidence,
        within=within,
        draws=tuple(race.draws if at is None else at for at in race.eliminated_at),
        eliminated_at=tuple(race.eliminated_at),
        means=mean_interval(values, number),
        behind=mean_interval(values[:, [leader]] - values, number),
        reason=_reason(race, within, confidence),
    )


def _reason(race: _Race, within: float, confidence: float) -> str:
    chance = f"with a probability of at least {100 * confidence:.4g}%"
    provided = f"provided that the best is better than every other by at least {within:,.10g}"
    if len(race.left) == 1:
        return f"one plan is left after {race.draws} draws: {chance} it is the best, {provided}"
    if race.is_over:
        return (
            f"{len(race.left)} plans came to the same over {race.draws} draws, and the first of "
            f"them is named: {chance} the best is one of them, {provided}"
        )
    return (
        f"{len(race.left)} plans are left after all {race.draws} draws, and none is picked: "
        f"{chance} the best is one of them, {provided}"
    )


def _check(
    plans: int, within: float, confidence: float, first: int, most: int | None, batch: int
) -> None:
    """Refuse what cannot be obeyed, with a UsageError."""
    if plans < LEAST:
        raise UsageError(f"the best is picked of {LEAST} plans or more, got {plans}")
    if not (math.isfinite(within) and within > 0):
        raise UsageError(f"the difference that matters (within) must be above 0, got {within:g}")
    if not 0.5 < confidence < 1:
        meant = f"; did you mean {confidence / 100:g}?" if 50 < confidence < 100 else ""
        raise UsageError(
            f"the probability of picking the best must be above 0.5 and below 1, "
            f"got {confidence:g}{meant}"
        )
    if first < LEAST:
        raise UsageError(f"the first draws must be {LEAST} or more, got {first}")
    if most is not None and most < first:
        raise UsageError(f"at most {most} draws cannot hold the first {first}")
    if batch < 1:
        raise UsageError(f"draws asked for at a time must be 1 or more, got {batch}")
