"""How each published claim fares: what it says, what the futures say, and how likely it is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simfs.analysis.arithmetic import opening_children
from simfs.analysis.intervals import mean_interval, quantiles
from simfs.analysis.outcomes import Outcomes
from simfs.analysis.prices import PENCE_PER_POUND
from simfs.analysis.probabilities import (
    Groups,
    Probability,
    coupled,
    expected,
    outturn,
)
from simfs.analysis.savings import BELOW, SAVINGS, at_the_start, level, metric_key
from simfs.analysis.shortfalls import Shortfall, shortfall
from simfs.engine.tally import IntArray
from simfs.scenario.claims import Against, Aggregate, Claim, Direction

FloatArray = NDArray[np.float64]

# Pence: a claim to save nothing is met by a loss that would be printed as £0.00m.
TOO_SMALL_TO_PRINT = 500 * PENCE_PER_POUND

EVEN = 0.5  # an expected probability below it fails a claim

# Words for a probability from each cut point up to the next.
LIKELIHOODS: tuple[tuple[float, str], ...] = (
    (0.95, "very likely"),
    (0.70, "likely"),
    (0.30, "could go either way"),
    (0.05, "unlikely"),
    (0.00, "very unlikely"),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One claim about one arm, checked.

    Figures are of what is claimed: the saving or fall (baseline or start minus arm), or the
    metric itself for a claim against nothing. They are in the claim's unit: pounds, children, or
    a share of the mean of what it compares with.

    Attributes:
        claim: the claim.
        arm: key of the arm.
        period: financial year or years, such as "2023/24 to 2027/28".
        futures: number of futures.
        mean: over futures; NaN where not checked, as `p10` and `p90`.
        mean_low: lower end of the 95% interval of the mean, or None.
        mean_high: upper end, or None.
        p10: one future in ten is below.
        p90: one future in ten is above.
        expected: chance that the expected saving reaches the claim, or None where not checked.
        outturn: chance that the arm comes out as claimed against a fixed budget, or None.
        unchanged: the same chance of the baseline, in which nothing changed: how much of the
            outturn is prices and luck; None where nothing is compared.
        coupled: chance that the two arms of a future differ as claimed; None against nothing.
        effective_n: independent futures that the intervals of the last two stand on.
        words: the verdict, without figures of money.
        reason: why a figure is missing, or empty.
        shortfall: by how much the futures that miss the claim miss it, or None where none does or
            nothing was checked.
    """

    claim: Claim
    arm: str
    period: str
    futures: int
    mean: float
    mean_low: float | None
    mean_high: float | None
    p10: float
    p90: float
    expected: Probability | None
    outturn: Probability | None
    unchanged: Probability | None
    coupled: Probability | None
    effective_n: float
    words: str
    reason: str
    shortfall: Shortfall | None = None

    @property
    def fails(self) -> bool:
        """Whether it is less likely than not that the saving to be expected reaches the claim.

        The expected probability stands below one half; a claim that the run could not check, since
        it ends before the claim's years, fails too: nothing speaks for it.
        """
        return self.expected is None or self.expected.value < EVEN


@dataclass(frozen=True, slots=True, eq=False)
class _Sides:
    """A claim's two sides in the metric's own unit: what the arm has, and what it compares with.

    Attributes:
        arm: float64[N], signed so that less is what is claimed.
        other: float64[N].
        mean: mean of `other`, which a relative claim is a share of.
        budget: the fixed figure of an outturn: `mean`, unless the claim gives one.
        known: what an outturn is counted from: of a fall below the first year's spending that
            spending, which the accounts hold by then, with a budget of nought; else nought.
    """

    arm: FloatArray
    other: FloatArray
    mean: float
    budget: float
    known: FloatArray | float = 0.0


def verdicts(outcomes: Outcomes) -> tuple[Verdict, ...]:
    """Every claim for every arm but the baseline, in the order of the file, then of the arms."""
    return tuple(
        verdict(outcomes, arm, claim)
        for claim in outcomes.study.claims
        for arm in outcomes.arms
        if arm != outcomes.baseline
    )


def verdict(outcomes: Outcomes, arm: str, claim: Claim) -> Verdict:
    """One claim for one arm; raises KeyError when nothing is measured by its metric's name."""
    labels = outcomes.years
    if claim.last_year >= len(labels):
        return _not_checked(outcomes, arm, claim, f"not checked: the run ends with {labels[-1]}")
    key = metric_key(outcomes, claim.metric)
    sides = _sides(outcomes, arm, claim, key)
    shown = _shown(sides, claim, key)
    means = mean_interval(shown, outcomes.draws)
    p10, p90 = quantiles(shown, (0.1, 0.9))
    chances = _probabilities(outcomes, claim, key, sides)
    p_expected, p_outturn, p_unchanged, p_coupled = chances
    return Verdict(
        claim=claim,
        arm=arm,
        period=_period(claim, labels),
        futures=len(shown),
        mean=float(means.mean),
        mean_low=None if means.low is None else float(means.low),
        mean_high=None if means.high is None else float(means.high),
        p10=float(p10),
        p90=float(p90),
        expected=p_expected,
        outturn=p_outturn,
        unchanged=p_unchanged,
        coupled=p_coupled,
        effective_n=min(p.effective_n for p in (p_outturn, p_coupled or p_outturn)),
        words=_words(p_coupled or p_outturn, len(shown), "the difference" if p_coupled else "it"),
        reason=means.reason,
        shortfall=_shortfall(claim, key, sides, shown),
    )


def figures(outcomes: Outcomes, arm: str, claim: Claim) -> FloatArray:
    """What is claimed of an arm, future by future: float64[N], in the claim's unit.

    Raises:
        KeyError: nothing is measured by its metric's name, or the run ends before its years.
    """
    if claim.last_year >= len(outcomes.years):
        raise KeyError(f"the run ends before the years of claim {claim.id!r}")
    key = metric_key(outcomes, claim.metric)
    return _shown(_sides(outcomes, arm, claim, key), claim, key)


def comes_true(outcomes: Outcomes, arm: str, claim: Claim) -> NDArray[np.bool_]:
    """In which futures a claim comes true of an arm, bool[N].

    As `Verdict.coupled` counts them; of a claim against nothing, which has none, as `outturn` does.

    Raises:
        KeyError: nothing is measured by its metric's name, or the run ends before its years.
    """
    if claim.last_year >= len(outcomes.years):
        raise KeyError(f"the run ends before the years of claim {claim.id!r}")
    key = metric_key(outcomes, claim.metric)
    sides = _sides(outcomes, arm, claim, key)
    sign, reach = _sign(claim), _reach(claim, key, sides)
    if claim.against is Against.NONE:
        return np.asarray(sign * (sides.arm - sides.known) <= sign * sides.budget - reach)
    return np.asarray(sign * (sides.other - sides.arm) >= reach)


def _shown(sides: _Sides, claim: Claim, key: str) -> FloatArray:
    """What is claimed, future by future, in the claim's unit."""
    saving = sides.other - sides.arm
    scale = sides.mean if claim.relative else _per_unit(key)
    return saving / scale if scale else np.zeros_like(saving)


def _shortfall(claim: Claim, key: str, sides: _Sides, shown: FloatArray) -> Shortfall | None:
    """By how much a claim is missed by the futures that miss it, as `coupled` counts them."""
    sign = _sign(claim)
    missed = sign * (sides.other - sides.arm) < _reach(claim, key, sides)
    return shortfall(sign * (claim.threshold - shown[missed]))


def _sign(claim: Claim) -> float:
    """1 where more is success, −1 where less is."""
    return 1.0 if claim.direction is Direction.AT_LEAST else -1.0


def _reach(claim: Claim, key: str, sides: _Sides) -> float:
    """What a saving with the claim's sign must come to, in the metric's own unit."""
    amount = claim.threshold * (sides.mean if claim.relative else _per_unit(key))
    if not key.endswith("_pence"):
        return _sign(claim) * amount
    # 4.872 million pounds in pence is no exact product of binary fractions
    amount = float(round(amount))
    return _sign(claim) * amount - (TOO_SMALL_TO_PRINT if amount == 0 else 0)


def likelihood(probability: float) -> str:
    """The word for a probability on the fixed scale `LIKELIHOODS`."""
    return next(word for least, word in LIKELIHOODS if probability >= least)


def _probabilities(
    outcomes: Outcomes, claim: Claim, key: str, sides: _Sides
) -> tuple[Probability, Probability, Probability | None, Probability | None]:
    """Expected, outturn, unchanged and coupled; signs are turned for a claim of "at most"."""
    saving = sides.other - sides.arm
    sign, reach = _sign(claim), _reach(claim, key, sides)
    groups = Groups(outcomes.draws, outcomes.drifts, outcomes.drift)
    together = unchanged = None
    if claim.against is not Against.NONE:
        together = coupled(sign * saving, reach, groups)
        before = _aggregate(level(outcomes, outcomes.baseline, key), claim) - sides.known
        unchanged = outturn(sign * before, sign * sides.budget, reach, groups)
    return (
        expected(sign * saving, reach, groups, outcomes.seed),
        outturn(sign * (sides.arm - sides.known), sign * sides.budget, reach, groups),
        unchanged,
        together,
    )


def _per_unit(key: str) -> float:
    """Units of the metric in one unit of a claim: pence in a pound."""
    return float(PENCE_PER_POUND) if key.endswith("_pence") else 1.0


def _period(claim: Claim, labels: tuple[str, ...]) -> str:
    """The financial year of a claim, or the first and the last."""
    last = labels[claim.last_year]
    if claim.aggregate is Aggregate.AT or claim.first_year == claim.last_year:
        return last
    return f"{labels[claim.first_year]} to {last}"


def _words(probability: Probability, futures: int, what: str) -> str:
    """The verdict in words; where the interval reaches over a cut point, both words."""
    words = [word for _, word in LIKELIHOODS]
    first = words.index(likelihood(probability.high))
    last = words.index(likelihood(probability.low))
    if last - first > 1:
        told = "too few futures to say"
    elif last > first:
        told = f"{words[first]} or {words[last]}"
    else:
        told = words[first]
    hits = round(probability.value * futures)
    return (
        f"{told}: in {hits or 'none'} of {futures:,} simulated futures {what} comes out as claimed"
    )


def _not_checked(outcomes: Outcomes, arm: str, claim: Claim, why: str) -> Verdict:
    nothing = float("nan")
    return Verdict(
        claim, arm, "", outcomes.futures, nothing, None, None, nothing, nothing,
        None, None, None, None, 0.0, why, why,
    )  # fmt: skip


def _sides(outcomes: Outcomes, arm: str, claim: Claim, key: str) -> _Sides:
    """What a claim compares, future by future.

    Against nothing, the metric itself counts as what is saved, so the arm's side is turned.
    A saving is always against something: of a claim against nothing, the baseline.
    """
    values = _aggregate(level(outcomes, arm, key), claim)
    if claim.against is Against.NONE and key not in SAVINGS:
        return _Sides(-values, np.zeros_like(values), 0.0, 0.0)
    if claim.against is Against.START:
        other = _start(outcomes, arm, claim, key)
    else:
        other = _aggregate(level(outcomes, outcomes.baseline, key), claim)
    mean = float(mean_interval(other, outcomes.draws).mean)
    if key == BELOW and claim.budget is None:
        known = _aggregate(at_the_start(outcomes, SAVINGS[key]), claim)
        return _Sides(values, other, mean, 0.0, known)
    budget = mean if claim.budget is None else claim.budget * PENCE_PER_POUND
    return _Sides(values, other, mean, budget)


def _start(outcomes: Outcomes, arm: str, claim: Claim, key: str) -> FloatArray:
    """What the arm started from, put together over as many years as the claim's.

    A stock starts from the opening stock. A flow or a cost starts from the first year of the run;
    a claim about that very year starts from the same year of the baseline, which nothing changed.
    """
    years = claim.last_year - claim.first_year + 1 if claim.aggregate is Aggregate.SUM else 1
    ending = "_at_end_children"
    if key.endswith(ending):
        stock = opening_children(outcomes.study.arm(arm), key.removesuffix(ending))
        return np.full(outcomes.futures, years * stock)
    whose = outcomes.baseline if claim.last_year == 0 else arm
    return np.asarray(years * level(outcomes, whose, key)[:, 0], dtype=np.float64)


def _aggregate(values: IntArray, claim: Claim) -> FloatArray:
    """One figure for each future from its years: [N, year] to [N]."""
    chosen = values[:, claim.first_year : claim.last_year + 1]
    match claim.aggregate:
        case Aggregate.AT:
            return values[:, claim.last_year].astype(np.float64)
        case Aggregate.SUM:
            return np.asarray(chosen.sum(axis=1), dtype=np.float64)
        case Aggregate.MEAN:
            return np.asarray(chosen.mean(axis=1), dtype=np.float64)
