"""The assumptions that decide the saving, in the words of the scenario."""

from dataclasses import dataclass

from simfs.analysis.influences import influences_on
from simfs.analysis.outcomes import Outcomes
from simfs.scenario.quantities import Quantity
from simfs.scenario.scenario import Scenario
from simfs.scenario.workforce import Workforce

LEFT_AT_STRENGTH = ": what is left at full strength"


@dataclass(frozen=True, slots=True)
class NamedInfluence:
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


def named_influences(
    outcomes: Outcomes, arm: str, metric: str, most: int
) -> tuple[NamedInfluence, ...]:
    """The uncertain numbers that decide a saving over the whole run, most important first."""
    words = _words(outcomes.study.arm(outcomes.baseline)) | _words(outcomes.study.arm(arm))
    return tuple(
        NamedInfluence(quantity, words.get(quantity.path, quantity.path), one.share, one.rises)
        for quantity, one in influences_on(outcomes, arm, metric, most)
    )


def _words(scenario: Scenario) -> dict[str, str]:
    """What each quantity is, in the words of the scenario, by path."""
    found: dict[str, str] = {}
    for effect in scenario.practice.effects if scenario.practice else ():
        found[effect.ratio.path] = f"{effect.label}{LEFT_AT_STRENGTH}"
        found[effect.ramp.half.path] = f"{effect.label}: time to half the effect"
        found[effect.ramp.ninety.path] = f"{effect.label}: time to nine tenths of the effect"
        found[effect.team_share.path] = f"{effect.label}: share that works without specialists"
        found[effect.reference_dose.path] = f"{effect.label}: specialist dose in the evidence"
        found[effect.dose_power.path] = f"{effect.label}: how much hangs on the dose"
        if effect.fade:
            found[effect.fade.half_life.path] = f"{effect.label}: how fast it wears off"
    for team in scenario.teams:
        if team.workforce:
            found |= _workforce_words(team.workforce)
    for cost in scenario.prices.costs:
        found[cost.pounds.path] = f"{cost.label}: price"
        found[cost.growth.path] = f"{cost.label}: growth of the price"
    return found


def _workforce_words(workforce: Workforce) -> dict[str, str]:
    told = {
        workforce.turnover.path: "permanent workers who leave in a year",
        workforce.recruitment.path: "days to fill a post",
        workforce.agency_share.path: "appointments that are agency workers",
        workforce.agency_tenure.path: "days that agency workers stay",
        workforce.agency_gap.path: "days to replace an agency worker",
    }
    if workforce.vacancy:
        told[workforce.vacancy.path] = "posts that are empty"
    return {path: f"{workforce.label}: {words}" for path, words in told.items()}
