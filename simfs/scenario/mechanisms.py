"""What the model has working, and the same scenario with one of it switched off.

Switched off, a mechanism is at the value at which it does nothing; what is measured stays the same,
so that two runs can be set side by side with the same luck.
"""

from collections.abc import Callable, Collection
from dataclasses import replace

from simfs.scenario.practice import (
    ON_WORKERS,
    Effect,
    EffectKind,
)
from simfs.scenario.quantities import Quantity, Spread, exactly
from simfs.scenario.scenario import Scenario, Study
from simfs.scenario.workforce import Team, TeamKind

MECHANISMS = {
    "waiting": "Waiting and crises",
    "turnover": "Turnover and empty posts",
    "handovers": "Hand-overs",
    "dose": "Dose other than the evidence's",
    "caseload": "Caseload: posts and time freed",
    "training": "Skill other than the evidence's",
    "route_effects": "Effects on routes",
    "stay_effects": "Effects on stays",
    "workforce_effects": "Effects on recruitment and retention",
    "slip": "Go-live earlier or later",
    "fade": "Effects that wear off",
    "reform": "National reform",
    "service_crisis": "Service in crisis",
    "drift": "The authority's own drift",
}
NO_LIMIT = ((0, 1_000_000),)  # so much room that nobody waits for it

Change = Callable[[Scenario, Scenario], Scenario]


def without(scenario: Scenario, key: str, baseline: Scenario) -> Scenario:
    """The scenario with one mechanism switched off.

    Args:
        scenario: an arm.
        key: of `MECHANISMS`; another raises KeyError.
        baseline: the arm whose posts and caseloads the arm has without its own.
    """
    return replace(_OFF[key](scenario, baseline), off=(*scenario.off, (key, baseline)))


def study_without(study: Study, key: str) -> Study:
    """The study with one mechanism switched off in every arm; raises KeyError."""
    baseline = study.arm(study.baseline)
    return replace(study, arms=tuple(without(arm, key, baseline) for arm in study.arms))


def effects_of(scenario: Scenario) -> tuple[Effect, ...]:
    """Every effect that the practice model of an arm has, in order of key."""
    return scenario.practice.effects if scenario.practice else ()


def without_effects(scenario: Scenario, keys: Collection[str]) -> Scenario:
    """The scenario with these effects multiplying by one, whoever brings them."""
    return _on_effects(scenario, lambda effect: _at_rest(effect) if effect.key in keys else effect)


def _at_rest(effect: Effect) -> Effect:
    return replace(effect, ratio=_at(1.0, effect.ratio), published=1.0)


def _social_work(scenario: Scenario, change: Callable[[Team], Team]) -> Scenario:
    """The scenario with its social-work teams changed."""
    return replace(
        scenario,
        teams=tuple(
            change(team) if team.kind is TeamKind.SOCIAL_WORK else team for team in scenario.teams
        ),
    )


def _on_effects(scenario: Scenario, change: Callable[[Effect], Effect]) -> Scenario:
    """The scenario with the effects of its practice model and of a reform changed."""
    practice, reform = scenario.practice, scenario.reform
    return replace(
        scenario,
        practice=practice and replace(practice, effects=tuple(map(change, practice.effects))),
        reform=reform and replace(reform, effects=tuple(map(change, reform.effects))),
    )


def _at(value: float, quantity: Quantity) -> Quantity:
    """The quantity, known to have this value; itself where it has."""
    known = quantity.spread is Spread.NONE and quantity.value == value
    return quantity if known else exactly(value, quantity.path, quantity.unit)


def _idle(*kinds: EffectKind) -> Change:
    """Effects of these kinds multiply by one."""

    def change(effect: Effect) -> Effect:
        if effect.kind not in kinds:
            return effect
        return _at_rest(effect)

    return lambda scenario, _: _on_effects(scenario, change)


def _waiting(scenario: Scenario, _: Scenario) -> Scenario:
    pathway = scenario.pathway
    stages = tuple(replace(stage, crisis=None) for stage in pathway.stages)

    def change(team: Team) -> Team:
        if team.unlimited:
            return team
        # a share of no limit is still no limit: nobody is spared anything
        staff = team.workforce and replace(team.workforce, newly_qualified=None)
        return replace(team, caseload=NO_LIMIT, workforce=staff)

    return _social_work(replace(scenario, pathway=replace(pathway, stages=stages)), change)


def _turnover(scenario: Scenario, _: Scenario) -> Scenario:
    teams = tuple(replace(team, workforce=None, at_start=None) for team in scenario.teams)
    return replace(scenario, teams=teams)


def _handovers(scenario: Scenario, _: Scenario) -> Scenario:
    return replace(scenario, teams=tuple(replace(team, handover_days=0) for team in scenario.teams))


def _dose(scenario: Scenario, _: Scenario) -> Scenario:
    return _on_effects(
        scenario, lambda effect: replace(effect, team_share=_at(1.0, effect.team_share))
    )


def _caseload(scenario: Scenario, baseline: Scenario) -> Scenario:
    def change(team: Team) -> Team:
        before = baseline.team(team.key)
        # where waiting is off as well it stays off
        limits = team.caseload if team.caseload == NO_LIMIT else before.caseload
        return replace(team, establishment=before.establishment, caseload=limits)

    return _social_work(scenario, change)


def _training(scenario: Scenario, _: Scenario) -> Scenario:
    practice = scenario.practice
    return replace(scenario, practice=practice and replace(practice, training=None))


def _slip(scenario: Scenario, _: Scenario) -> Scenario:
    practice = scenario.practice
    return replace(scenario, practice=practice and replace(practice, slip=_at(0.0, practice.slip)))


_OFF: dict[str, Change] = {
    "waiting": _waiting,
    "turnover": _turnover,
    "handovers": _handovers,
    "dose": _dose,
    "caseload": _caseload,
    "training": _training,
    "route_effects": _idle(EffectKind.ROUTE, EffectKind.STREAM),
    "stay_effects": _idle(EffectKind.STAY),
    "workforce_effects": _idle(*ON_WORKERS),
    "slip": _slip,
    "fade": lambda scenario, _: _on_effects(scenario, lambda effect: replace(effect, fade=None)),
    "reform": lambda scenario, _: replace(scenario, reform=None),
    "service_crisis": lambda scenario, _: replace(scenario, service_crisis=None),
    "drift": lambda scenario, _: replace(scenario, walks=()),
}
