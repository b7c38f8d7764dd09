"""What it would be worth to know more before deciding whether to adopt an arm, from one run.

There are two options: to change nothing, which gains nothing, and to adopt the arm as planned,
which gains what it saves less what it costs over the run, before grant: in cash, and in a second
reading with workers' time counted as money. Known could be every uncertain number, those of a kind,
one by itself, or what a pilot in one locality would show; what the pilot costs, and what is lost
while it lasts, is not taken off.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from simfs.analysis.decomposition import DRAWS_FOR_SHARES
from simfs.analysis.factors import Factor, FactorKind, factors_of
from simfs.analysis.headlines import NET, NET_CASH, Headline, headline_figure, headlines
from simfs.analysis.influences import drawn_numbers
from simfs.analysis.information import Gains, Information, gains_of, partial, perfect, sample
from simfs.analysis.outcomes import Outcomes
from simfs.analysis.pilot import Counted, FloatArray, Pilot, findings
from simfs.analysis.probabilities import Groups
from simfs.analysis.tornado import Change, mean_of
from simfs.scenario.practice import Effect, EffectKind
from simfs.scenario.quantities import Quantity
from simfs.scenario.scenario import Scenario
from simfs.scenario.traffic import stationary

PILOTS = 20  # simulated of each draw
PILOT = "pilot"
Values = Mapping[str, FloatArray]


@dataclass(frozen=True, slots=True)
class Known:
    """The value of information for one arm in one reading.

    Attributes:
        arm: key of the arm.
        headline: what is gained by adopting it.
        gain: its mean over the run with its interval, pounds: adopting is best, as far as is known,
            where the mean is above 0.
        everything: worth of knowing every uncertain number.
        kinds: of knowing all numbers of a kind, most first.
        factors: of knowing a number, or numbers that move as one, most first.
        pilot: of seeing what the pilot would show; None where there is nothing to count.
        counted: what the pilot counts, and how many start in the whole authority in a year.
        draws: of the uncertain numbers that it rests on.
    """

    arm: str
    headline: Headline
    gain: Change
    everything: Information
    kinds: tuple[tuple[FactorKind, Information], ...]
    factors: tuple[tuple[Factor, Information], ...]
    pilot: Information | None
    counted: tuple[tuple[str, float], ...]
    draws: int


def why_unknown(outcomes: Outcomes) -> str:
    """Why the value of information cannot be told, in words; empty where it can."""
    keys = {one.key for one in headlines(outcomes.study)}
    if NET not in keys:
        return "nothing has a price, so nothing that is known has a value in pounds"
    draws = len(set(outcomes.draws.tolist()))
    if draws < DRAWS_FOR_SHARES:
        return f"{draws} draws of the uncertain numbers are too few; {DRAWS_FOR_SHARES} are needed"
    return ""


def known(outcomes: Outcomes, pilot: Pilot) -> tuple[Known, ...]:
    """Every arm in cash, and with freed time counted as money.

    Args:
        outcomes: the run, of which `why_unknown` says nothing.
        pilot: where and how long.
    """
    readings = [one for one in headlines(outcomes.study) if one.key in (NET, NET_CASH)]
    return tuple(
        one for arm in outcomes.arms[1:] for one in _of_arm(outcomes, arm, pilot, readings)
    )


def _of_arm(
    outcomes: Outcomes, arm: str, pilot: Pilot, readings: list[Headline]
) -> Iterator[Known]:
    drawn = drawn_numbers(outcomes, arm)
    varied = {path: each for path, each in drawn.values.items() if np.ptp(each) > 0}
    factors = [one for one in factors_of(outcomes.study) if one.paths[0] in varied]
    counted = counted_in(outcomes, arm, varied, drawn.draws)
    about = [path for effect in _flows(outcomes.study.arm(arm)) for path in _paths(effect)]
    learnt = [varied[path] for path in dict.fromkeys(about) if path in varied]
    groups = Groups(outcomes.draws, outcomes.drifts, outcomes.drift)
    for headline in readings:
        gain = headline_figure(outcomes, arm, headline)
        gains = gains_of(np.stack([np.zeros_like(gain), gain], axis=1), groups)
        yield Known(
            arm,
            headline,
            mean_of(gain, outcomes.draws),
            perfect(gains, outcomes.seed),
            _of_kinds(gains, factors, varied, outcomes.seed),
            _of_factors(gains, factors, varied, outcomes.seed),
            _of_pilot(gains, pilot, counted, learnt, outcomes.seed) if learnt else None,
            tuple((one.label, one.per_year) for one in counted),
            drawn.draws,
        )


def _of_kinds(
    gains: Gains, factors: list[Factor], values: Values, seed: int
) -> tuple[tuple[FactorKind, Information], ...]:
    mine = {
        kind.value: np.stack([values[one.paths[0]] for one in factors if one.kind is kind], axis=1)
        for kind in dict.fromkeys(one.kind for one in factors)
    }
    found = [(FactorKind(one.label), one) for one in partial(gains, mine, seed)]
    return tuple(sorted(found, key=lambda each: -each[1].pounds))


def _of_factors(
    gains: Gains, factors: list[Factor], values: Values, seed: int
) -> tuple[tuple[Factor, Information], ...]:
    by_key = {one.key: one for one in factors}
    # of numbers that move as one, the first tells all
    mine = {one.key: values[one.paths[0]] for one in factors}
    found = [(by_key[one.label], one) for one in partial(gains, mine, seed)]
    return tuple(sorted(found, key=lambda each: -each[1].pounds))


def _of_pilot(
    gains: Gains, pilot: Pilot, counted: list[Counted], learnt: list[FloatArray], seed: int
) -> Information:
    found = findings(pilot, counted, PILOTS, seed)
    return sample(gains, {PILOT: found}, np.stack(learnt, axis=1), seed)[0]


# What a pilot counts


def counted_in(outcomes: Outcomes, arm: str, values: Values, draws: int) -> list[Counted]:
    """What each effect on routes and arrivals acts on, counted as it starts.

    Without the practice as many start as at rest in the baseline. Children of a family start
    together, so a count varies more than one of families would.
    """
    effects = _flows(outcomes.study.arm(arm))
    if not effects:
        return []
    baseline = outcomes.study.arm(outcomes.baseline)
    routes = stationary(baseline).routes
    sizes = baseline.demand.sizes
    squares = sum(n * n * p for n, p in enumerate(sizes, start=1))

    def drawn(quantity: Quantity) -> FloatArray:
        return values.get(quantity.path, np.full(draws, quantity.value))

    return [
        Counted(
            effect.label,
            _starts(baseline, effect, routes),
            drawn(effect.ratio),
            drawn(effect.ramp.half),
            # as an engine keeps the two apart
            np.maximum(drawn(effect.ramp.ninety), 1.05 * drawn(effect.ramp.half)),
            squares / baseline.demand.mean_size,
        )
        for effect in effects
    ]


def _flows(scenario: Scenario) -> list[Effect]:
    """The effects of an arm's practice whose results can be counted as they start."""
    kinds = (EffectKind.ROUTE, EffectKind.STREAM)
    practice = scenario.practice
    return [one for one in practice.effects if one.kind in kinds] if practice else []


def _paths(effect: Effect) -> tuple[str, ...]:
    return effect.ratio.path, effect.ramp.half.path, effect.ramp.ninety.path


def _starts(baseline: Scenario, effect: Effect, routes: Mapping[tuple[str, str], float]) -> float:
    """Children a year that an effect acts on."""
    if effect.kind is EffectKind.ROUTE:
        return sum(routes.get(target, 0.0) for target in effect.targets)
    keys = {key for key, _ in effect.targets}
    rates = (one.per_year[0][1] for one in baseline.demand.streams if one.key in keys)
    return sum(rates) * baseline.demand.mean_size
