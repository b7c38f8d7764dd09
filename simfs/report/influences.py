"""The assumptions that decide the saving, in words: what moved in the draws, and what followed."""

from dataclasses import dataclass

import numpy as np

from simfs.analysis.decomposition import what_matters
from simfs.analysis.outcomes import Outcomes
from simfs.engine.compile import quantities_of
from simfs.engine.draws import draw_values
from simfs.scenario.quantities import Quantity
from simfs.scenario.scenario import Scenario

LEAST_SHARE = 0.02  # a squared rank correlation below this cannot be told from luck


@dataclass(frozen=True, slots=True)
class Influence:
    """One uncertain number and how much of the saving it decides.

    Attributes:
        quantity: the number.
        words: what it is.
        share: squared rank correlation with a draw's mean saving, [0, 1].
        rises: whether the saving rises with it.
    """

    quantity: Quantity
    words: str
    share: float
    rises: bool


def influences_on(outcomes: Outcomes, arm: str, metric: str, most: int) -> tuple[Influence, ...]:
    """The uncertain numbers that decide a saving over the whole run, most important first.

    The values of each draw are looked up again from their addresses, so they need not be stored.
    """
    described = (outcomes.study.arm(outcomes.baseline), outcomes.study.arm(arm))
    quantities = {q.path: q for scenario in described for q in quantities_of(scenario)}
    draws = np.unique(outcomes.draws)
    drawn = [draw_values(quantities.values(), outcomes.seed, int(draw)) for draw in draws]
    values = {path: np.array([one[path] for one in drawn]) for path in quantities}
    words = _words(described[0]) | _words(described[1])
    found = what_matters(outcomes, arm, metric, values)
    # With few draws, chance alone correlates: the mean square is one over their number less one.
    least = max(LEAST_SHARE, 4 / max(len(draws) - 1, 1))
    return tuple(
        Influence(quantities[one.path], words.get(one.path, one.path), one.share, one.rises)
        for one in found[:most]
        if one.share >= least
    )


def _words(scenario: Scenario) -> dict[str, str]:
    """What each quantity is, in the words of the scenario, by path."""
    found: dict[str, str] = {}
    for effect in scenario.practice.effects if scenario.practice else ():
        found[effect.ratio.path] = f"{effect.label}: what is left at full strength"
        found[effect.ramp.half.path] = f"{effect.label}: time to half the effect"
        found[effect.ramp.ninety.path] = f"{effect.label}: time to nine tenths of the effect"
        found[effect.team_share.path] = f"{effect.label}: share that works without specialists"
        found[effect.reference_dose.path] = f"{effect.label}: specialist dose in the evidence"
        found[effect.dose_power.path] = f"{effect.label}: how much hangs on the dose"
        if effect.fade:
            found[effect.fade.half_life.path] = f"{effect.label}: how fast it wears off"
    for cost in scenario.prices.costs:
        found[cost.pounds.path] = f"{cost.label}: price"
        found[cost.growth.path] = f"{cost.label}: growth of the price"
    return found
