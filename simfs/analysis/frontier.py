"""Which plans are worth looking at: those that no other beats at once on cost and on what it buys.

A plan is dominated by one that costs no more and does at least as well, one of the two strictly.
Figures are means over futures, so luck may put a plan on the frontier or behind it: of each plan
that is dominated stands whether the difference is clear of luck, and of each step along the
frontier the paired interval of what it buys.

The plan with the best figure among many looks better than it is, because luck helped to choose it.
So its figure is told in draws that did not help: for each fifth of them the plan is chosen by the
other four. (Chosen by all draws but one at a time, what is told hangs together more than its spread
shows: of 20 equal plans in 50 draws 95% intervals held 85%; by fifths they hold 92 to 94%.)
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simfs.analysis.intervals import LEVEL, wilson
from simfs.analysis.mechanisms import Amount
from simfs.analysis.plan_figures import CASH, CHANCE, NET, WAITING, Better
from simfs.analysis.plan_table import PlanTable, amount_of, is_clear, over_draws, possible, scaled
from simfs.engine.draws import DRAW_SIZE

A_STEP = 100_000.0  # pounds a year
FOLDS = 5
BOUGHT = (CASH, NET, CHANCE, WAITING)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a plan stands by cost and one other figure.

    Attributes:
        arm: key of the plan.
        beaten_by: the plan that beats it most surely, or None on the frontier.
        gap: that plan's figure less this one's, with a 95% interval that allows for all pairs of
            plans; None on the frontier.
        is_clear: whether luck alone would not make that gap; it makes any in one grid of
            twenty whose plans are all equal.
    """

    arm: str
    beaten_by: str | None
    gap: Amount | None
    is_clear: bool

    @property
    def on_frontier(self) -> bool:
        """Whether no plan beats it."""
        return self.beaten_by is None


@dataclass(frozen=True, slots=True)
class Step:
    """What the next £100,000 a year of staff buys between two plans.

    Attributes:
        start: key of the cheaper plan.
        end: key of the dearer.
        cost: pounds a year between them.
        bought: by figure, the change for each £100,000 a year, with its paired 95% interval.
    """

    start: str
    end: str
    cost: float
    bought: dict[str, Amount]


@dataclass(frozen=True, slots=True)
class Best:
    """The plan with the best figure.

    Attributes:
        arm: key of the plan.
        looks: its figure, in the draws that chose it.
        honest: the figure to be expected of a plan so chosen, in draws that did not choose it.
        like: plans that luck does not set apart from it, at a level that allows for their number.
    """

    arm: str
    looks: Amount
    honest: Amount
    like: tuple[str, ...]


def standings(table: PlanTable, key: str) -> tuple[Standing, ...]:
    """The file's own plan and every other by cost and one other figure; cheapest first.

    Of several plans that are equal in both, all are on the frontier.
    """
    arms = table.rivals
    costs = {arm: _mean(table, table.cost, arm) for arm in arms}
    goods = {arm: _good(table, key) * _mean(table, key, arm) for arm in arms}
    # whoever counts the plans that are beaten looks at every pair (Bonferroni)
    level = 1 - (1 - LEVEL) / max(math.comb(len(arms), 2), 1)
    found = []
    for arm in sorted(arms, key=lambda each: (costs[each], -goods[each])):
        cheaper = [each for each in arms if each != arm and costs[each] <= costs[arm]]
        better = [
            each
            for each in cheaper
            if goods[each] >= goods[arm] and (costs[each] < costs[arm] or goods[each] > goods[arm])
        ]
        gaps = {each: table.difference(key, each, arm, level) for each in better}
        found.append(_standing(arm, gaps, costs, _good(table, key)))
    return tuple(found)


def _standing(
    arm: str, gaps: Mapping[str, Amount], costs: Mapping[str, float], good: float
) -> Standing:
    """Behind the plan that beats it most surely, if any does."""
    if not gaps:
        return Standing(arm, None, None, is_clear=False)

    def sureness(each: str) -> float:
        gap = gaps[each]
        ends = [good * end for end in (gap.low, gap.high) if end is not None]
        return min(ends, default=good * gap.mean)

    by = max(gaps, key=sureness)
    known = gaps[by].low is not None
    # exactly as good in every future, and cheaper, is no luck either
    clear = known and (sureness(by) > 0 or (sureness(by) == 0 and costs[by] < costs[arm]))
    return Standing(arm, by, gaps[by], clear)


def efficient(table: PlanTable, key: str, found: Sequence[Standing]) -> tuple[str, ...]:
    """The plans of the frontier that no mixture of two others beats, cheapest first.

    Each £100,000 from one to the next buys less than the one before (extended dominance), so that
    no step looks good only because the plan before it is poor. Of equal plans the first is told.
    """
    hull: list[str] = []
    points = {
        s.arm: (_mean(table, table.cost, s.arm), _good(table, key) * _mean(table, key, s.arm))
        for s in found
        if s.on_frontier
    }
    for arm, (cost, good) in points.items():
        if hull and points[hull[-1]] == (cost, good):
            continue
        while len(hull) > 1:
            (cost_0, good_0), (cost_1, good_1) = points[hull[-2]], points[hull[-1]]
            if (good - good_1) * (cost_1 - cost_0) < (good_1 - good_0) * (cost - cost_1):
                break
            hull.pop()
        hull.append(arm)
    return tuple(hull)


def steps(table: PlanTable, arms: Sequence[str]) -> tuple[Step, ...]:
    """What each step from one plan to the next dearer buys; plans of equal cost are passed over."""
    found = (step_of(table, start, end) for start, end in itertools.pairwise(arms))
    return tuple(step for step in found if step is not None)


def step_of(table: PlanTable, start: str, end: str) -> Step | None:
    """What £100,000 a year more buys from one plan to a dearer; None if it costs no more."""
    cost = _mean(table, table.cost, end) - _mean(table, table.cost, start)
    if cost <= 0:
        return None
    bought = {
        key: scaled(table.difference(key, end, start), A_STEP / cost)
        for key in BOUGHT
        if table.has(key)
    }
    return Step(start, end, cost, bought)


def next_levels(table: PlanTable) -> tuple[Step, ...]:
    """What £100,000 a year buys if spent on the next level of one factor, all else as it is.

    Each step begins at the plan nearest the file's own; where that has the highest level it leads
    to it. A factor whose level does not move the cost has none.
    """
    planned = table.planned
    if table.nearest is None or not table.has(table.cost):
        return ()
    known = {table.levels(arm): arm for arm in planned.arms}
    at = table.levels(table.nearest)
    found = []
    for place, factor in enumerate(planned.plans.factors):
        here = min(factor.levels.index(at[place]), len(factor.levels) - 2)
        if here < 0:
            continue
        arms = [
            known.get((*at[:place], level, *at[place + 1 :]))
            for level in factor.levels[here : here + 2]
        ]
        step = step_of(table, arms[0], arms[1]) if arms[0] and arms[1] else None
        if step is not None:
            found.append(step)
    return tuple(found)


def best(table: PlanTable, key: str) -> Best:
    """The plan of the grid whose figure is best, and what to expect of it."""
    arms = table.planned.arms
    values = _good(table, key) * table.by_draw[key][:, 2:]
    draws = len(values)
    chosen = int(values.mean(axis=0).argmax())
    arm = arms[chosen]
    strict = 1 - (1 - LEVEL) / max(len(arms) - 1, 1)
    like = tuple(
        other
        for other in arms
        if other != arm and not is_clear(table.difference(key, other, arm, strict))
    )
    if draws < 2:
        return Best(arm, table.amount(key, arm), Amount(float("nan"), None, None), like)
    folds = np.arange(draws) % FOLDS
    by_others = [values[folds != one].mean(axis=0).argmax() for one in np.unique(folds)]
    unseen = _good(table, key) * values[np.arange(draws), np.take(by_others, folds)]
    honest = possible(amount_of(over_draws(unseen)), table.figure(key))
    if key == CHANCE and honest.low is not None and honest.high is not None:
        # draws that all agree do not make it certain: no narrower than of so many futures
        least = wilson(honest.mean, draws * DRAW_SIZE)
        low, high = min(honest.low, least.low), max(honest.high, least.high)
        honest = Amount(honest.mean, low, high)
    return Best(arm, table.amount(key, arm), honest, like)


def _mean(table: PlanTable, key: str, arm: str) -> float:
    return float(table.by_draw[key][:, table.place(arm)].mean())


def _good(table: PlanTable, key: str) -> float:
    """1 where more of a figure is better, −1 where less is."""
    return 1.0 if table.figure(key).better is Better.MORE else -1.0
