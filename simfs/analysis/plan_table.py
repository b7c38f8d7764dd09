"""Plans of staffing side by side: every figure with its interval, and against the file's own plan.

Differences are paired: both plans met the same families and the same luck, so that a difference is
known far better than either figure. Its interval is a t interval over draws. Of a chance few
futures may differ, or none, and then draws look surer than they are: the interval is at least as
wide as that of Agresti and Min (2005, "Simple improved confidence intervals for comparing matched
proportions", Statistics in Medicine 24: half a future is added to each of the four cells), at the
size that futures within a draw leave.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy import special

from simfs.analysis.claims import Verdict, comes_true, figures, verdict
from simfs.analysis.decomposition import correlation_within_draws
from simfs.analysis.intervals import (
    LEVEL,
    Means,
    effective_size,
    group_index,
    mean_interval,
    quantiles,
)
from simfs.analysis.mechanisms import Amount
from simfs.analysis.plan_figures import (
    CASH,
    CHANCE,
    NET,
    SHARE,
    STAFF,
    STAFF_OF_RUN,
    FloatArray,
    PlanFigure,
    told_of,
    values_by_draw,
)
from simfs.analysis.plan_outcomes import Planned
from simfs.engine.draws import DRAW_SIZE
from simfs.engine.tally import IntArray
from simfs.errors import UsageError
from simfs.scenario.claims import Claim
from simfs.scenario.plans import AS_PLANNED
from simfs.scenario.variable import Kind, Level
from simfs.scenario.wording import nearest

MONEY = (CASH, NET)
TIMING = (Kind.DATE, Kind.MONTHS)


@dataclass(frozen=True, slots=True, eq=False)
class PlanTable:
    """Every figure of every plan.

    Attributes:
        planned: the plans.
        claim: whose chance is told, or None.
        figures: in the order in which they are told.
        by_draw: by figure, one number for every draw and arm whose mean over draws is the figure,
            float64[draw, arm]; arms as in the outcomes.
        bands: of money, by figure and arm, what one future in ten is below and above.
        verdicts: by arm, every claim of the file.
        true: in which futures the claim comes true, bool[arm, N]; empty without a claim.
        claimed: what is claimed, float64[arm, N]; empty without a claim.
    """

    planned: Planned
    claim: Claim | None
    figures: tuple[PlanFigure, ...]
    by_draw: Mapping[str, FloatArray]
    bands: Mapping[str, Mapping[str, tuple[float, float]]]
    verdicts: Mapping[str, tuple[Verdict, ...]]
    true: NDArray[np.bool_]
    claimed: FloatArray

    def figure(self, key: str) -> PlanFigure:
        """The figure of that key; raises KeyError."""
        for figure in self.figures:
            if figure.key == key:
                return figure
        raise KeyError(key)

    def has(self, key: str) -> bool:
        """Whether a figure is told of, and known of every plan."""
        return key in self.by_draw and not np.isnan(self.by_draw[key][:, 1:]).any()

    def place(self, arm: str) -> int:
        """Where an arm stands; raises ValueError."""
        return self.planned.outcomes.arms.index(arm)

    def levels(self, arm: str) -> tuple[Level, ...]:
        """The levels of a plan of the grid; raises ValueError."""
        return self.planned.plans.levels[self.planned.numbers[self.planned.arms.index(arm)]]

    @property
    def rivals(self) -> tuple[str, ...]:
        """The file's own plan and the plans of the grid, without the one that is the same."""
        plans = self.planned.arms
        return (AS_PLANNED, *(arm for arm in plans if self.levels(arm) != self.own))

    @property
    def nearest(self) -> str | None:
        """The plan whose levels are nearest the file's own, factor by factor; None if not run.

        A factor of which the file has no level takes its lowest.
        """
        near = []
        for factor in self.planned.plans.factors:
            own = factor.variable.value
            near.append(
                min(factor.levels, key=lambda level: 0 if own is None else apart(level, own))
            )
        found = {self.levels(arm): arm for arm in self.planned.arms}
        return found.get(tuple(near))

    @property
    def own(self) -> tuple[Level | None, ...]:
        """The levels of the file's own plan."""
        return tuple(factor.variable.value for factor in self.planned.plans.factors)

    @property
    def cost(self) -> str:
        """The figure by which plans cost: of a year of the run where it is when that is varied."""
        kinds = {factor.variable.kind for factor in self.planned.plans.factors}
        return STAFF_OF_RUN if kinds & set(TIMING) else STAFF

    def amount(self, key: str, arm: str) -> Amount:
        """A figure of an arm and its 95% interval: of a chance Wilson's, else over draws."""
        if key == CHANCE and self.claim is not None and arm != self.planned.outcomes.baseline:
            for one in self.verdicts[arm]:
                p = one.coupled or one.outturn
                if one.claim == self.claim and p:
                    return Amount(p.value, p.low, p.high)
        means = over_draws(self.by_draw[key][:, self.place(arm)])
        return possible(amount_of(means), self.figure(key))

    def difference(
        self, key: str, arm: str, other: str = AS_PLANNED, level: float = LEVEL
    ) -> Amount:
        """A figure of an arm less that of another in the same futures."""
        one, two = self.place(arm), self.place(other)
        gaps = self.by_draw[key][:, one] - self.by_draw[key][:, two]
        found = amount_of(over_draws(gaps, level))
        if key != CHANCE or found.low is None or found.high is None:
            return found
        if np.array_equal(self.claimed[one], self.claimed[two]):
            return found  # the same plan, not merely the same count
        draws = self.planned.outcomes.draws
        low, high = paired_shares(self.true[one], self.true[two], draws, level)
        return Amount(found.mean, min(low, found.low), max(high, found.high))


def table_of(planned: Planned, claim_id: str | None = None) -> PlanTable:
    """Every figure of every plan.

    Args:
        planned: the plans.
        claim_id: whose chance is told, or None.

    Raises:
        UsageError: the study makes no such claim.
    """
    outcomes = planned.outcomes
    claim = _claim(planned, claim_id)
    arms = outcomes.arms
    told = list(told_of(planned, claim))
    judged = any(figure.key == CHANCE for figure, _ in told)
    return PlanTable(
        planned=planned,
        claim=claim if judged else None,
        figures=tuple(figure for figure, _ in told),
        by_draw={
            figure.key: np.stack([values_by_draw(of(a), outcomes.draws) for a in arms], axis=1)
            for figure, of in told
        },
        bands={
            figure.key: {a: _band(of(a)[0]) for a in arms}
            for figure, of in told
            if figure.key in MONEY
        },
        verdicts={
            a: tuple(verdict(outcomes, a, each) for each in outcomes.study.claims) for a in arms[1:]
        },
        true=np.array([comes_true(outcomes, a, claim) for a in arms if judged and claim]),
        claimed=np.array([figures(outcomes, a, claim) for a in arms if judged and claim]),
    )


def apart(one: Level, other: Level) -> int:
    """How far two levels of one factor are apart, dates in days."""
    first, second = (x.toordinal() if isinstance(x, date) else x for x in (one, other))
    return abs(first - second)


def _claim(planned: Planned, claim_id: str | None) -> Claim | None:
    if claim_id is None:
        return None
    known = {claim.id: claim for claim in planned.outcomes.study.claims}
    if claim_id not in known:
        raise UsageError(f"no claim {claim_id!r}{nearest(claim_id, list(known))}")
    return known[claim_id]


def _band(values: FloatArray) -> tuple[float, float]:
    low, high = quantiles(values, (0.1, 0.9))
    return float(low), float(high)


def over_draws(by_draw: FloatArray, level: float = LEVEL) -> Means:
    """Means and t intervals of numbers that there is one of for every draw, [draw, ...]."""
    draws = np.repeat(np.arange(len(by_draw)), DRAW_SIZE)
    return mean_interval(np.repeat(by_draw, DRAW_SIZE, axis=0), draws, level)


def scaled(amount: Amount, scale: float) -> Amount:
    """An amount times a number above nothing."""
    low, high = (None if end is None else end * scale for end in (amount.low, amount.high))
    return Amount(amount.mean * scale, low, high)


def amount_of(means: Means) -> Amount:
    """One mean with its interval."""
    low, high = (None if end is None else float(end) for end in (means.low, means.high))
    return Amount(float(means.mean), low, high)


def possible(amount: Amount, figure: PlanFigure) -> Amount:
    """An interval of what is never below nothing, nor a share above the whole."""
    if figure.unit.startswith("£") or amount.low is None or amount.high is None:
        return amount
    top = 1.0 if figure.unit == SHARE else math.inf
    return Amount(amount.mean, max(amount.low, 0.0), min(amount.high, top))


def is_clear(amount: Amount) -> bool:
    """Whether luck alone would not make it so: its interval is known and has no nought in it."""
    return amount.low is not None and amount.high is not None and amount.low * amount.high > 0


def paired_shares(
    first: NDArray[np.bool_], second: NDArray[np.bool_], draws: IntArray, level: float = LEVEL
) -> tuple[float, float]:
    """Interval of one share of futures less another of the same futures, never of no width."""
    gaps = first.astype(np.float64) - second
    # futures that all agree do not show how alike those of a draw are: then each draw counts one
    alike = correlation_within_draws(gaps, draws) if gaps.any() else 1.0
    size = effective_size(len(gaps), group_index(draws)[1], alike)
    gained, lost = ((gaps > 0).mean() * size + 0.5, (gaps < 0).mean() * size + 0.5)
    whole = size + 2
    middle = (gained - lost) / whole
    error = math.sqrt(gained + lost - (gained - lost) ** 2 / whole) / whole
    half = float(special.ndtri(0.5 + level / 2)) * error
    return float(middle - half), float(middle + half)
