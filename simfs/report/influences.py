"""The assumptions that decide the saving, in the words of the scenario."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from simfs.analysis.claims import figures
from simfs.analysis.decomposition import DRAWS_FOR_SHARES, Influence, ranked
from simfs.analysis.influences import DrawnNumbers, drawn_numbers, influences_on
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
        grade: of the evidence behind the number, A to D, or empty.
    """

    quantity: Quantity
    words: str
    share: float
    rises: bool
    grade: str = ""


def named_influences(
    outcomes: Outcomes, arm: str, metric: str, most: int, numbers: DrawnNumbers | None = None
) -> tuple[NamedInfluence, ...]:
    """The uncertain numbers that decide a saving over the whole run, most important first.

    `numbers` are those of the arm, where they were looked up already.
    """
    return _named(outcomes, arm, influences_on(outcomes, arm, metric, most, numbers))


def leanings(
    outcomes: Outcomes, most: int, drawn: Mapping[str, DrawnNumbers] | None = None
) -> dict[tuple[str, str], tuple[NamedInfluence, ...]]:
    """What each claim leans on: the uncertain numbers that move its figure most, by id and arm.

    Numbers that always move together are told once. With fewer draws than `DRAWS_FOR_SHARES` no
    claim has any, as chance alone would name some; nor has one that the run cannot check.
    """
    if len(set(outcomes.draws.tolist())) < DRAWS_FOR_SHARES:
        return {}
    found = {}
    claims = [c for c in outcomes.study.claims if c.last_year < len(outcomes.years)]
    for arm in outcomes.arms[1:] if claims else ():
        numbers = drawn[arm] if drawn else drawn_numbers(outcomes, arm)
        for claim in claims:
            figure = figures(outcomes, arm, claim)
            told = ranked(figure, outcomes.draws, numbers.values)
            deciding = numbers.clear_of_luck(told, most, apart=True)
            found[claim.id, arm] = _named(outcomes, arm, deciding)
    return found


def _named(
    outcomes: Outcomes, arm: str, found: Iterable[tuple[Quantity, Influence]]
) -> tuple[NamedInfluence, ...]:
    words = number_words(outcomes.study.arm(outcomes.baseline))
    words |= number_words(outcomes.study.arm(arm))
    grades = {row.path: row.grade for row in outcomes.study.ledger}
    return tuple(
        NamedInfluence(
            quantity,
            words.get(quantity.path, quantity.path),
            one.share,
            one.rises,
            grades.get(quantity.path, ""),
        )
        for quantity, one in found
    )


def number_words(scenario: Scenario) -> dict[str, str]:
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
    if scenario.practice:
        practice = scenario.practice
        found[practice.slip.path] = f"{practice.label}: months that go-live comes later"
        if practice.training:
            found[practice.training.reference.path] = f"{practice.label}: skill in the evidence"
    if scenario.reform:
        found[scenario.reform.share.path] = "National reform: share of the effects that it brings"
        found[scenario.reform.half.path] = "National reform: time to half of its effect"
        found[scenario.reform.ninety.path] = "National reform: time to nine tenths of its effect"
    for walk in scenario.walks:
        found[walk.sd.path] = f"{walk.label}: how far it wanders"
        found[walk.half_life.path] = f"{walk.label}: how long a deviation lasts"
        found[walk.returns_to.path] = f"{walk.label}: level that it is drawn to"
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
