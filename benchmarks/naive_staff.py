"""Families, and the slots of teams that stand for the caseloads of their workers."""

import math
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import simpy
from naive_draws import DAYS_TO_18
from simpy.resources.resource import PriorityRequest

from simfs.scenario.practice import EffectKind
from simfs.scenario.quantities import Quantity, Spread
from simfs.scenario.scenario import Scenario
from simfs.scenario.workforce import Team

Life = Generator[simpy.Event, Any, None]
FIRST = -1  # priority before any family's


@dataclass(slots=True)
class Case:
    """A family, or one child in care."""

    number: int
    size: int
    scores: dict[str, float]  # a standard normal score per need
    birth_day: float | None = None
    first_age: float = 0.0
    team: str | None = None
    slots: list[PriorityRequest] = field(default_factory=list)
    specialists: dict[str, PriorityRequest] = field(default_factory=dict)
    leaves: simpy.Event | None = None  # happens when the specialists are no longer wanted
    court: dict[str, float] = field(default_factory=dict)  # stays that siblings share

    @property
    def eighteen(self) -> float:
        """Day of the 18th birthday; never for a family."""
        return math.inf if self.birth_day is None else self.birth_day + DAYS_TO_18


def check_expressible(scenario: Scenario) -> None:
    """Refuse a scenario that a pool of slots cannot stand for; see README.md."""
    practice = scenario.practice
    unknown = {
        "turnover": any(team.workforce is not None for team in scenario.teams),
        "training": practice is not None and practice.training is not None,
        "a late start": practice is not None and not _nought(practice.slip),
        "a national reform": scenario.reform is not None,
        "a service in crisis": scenario.service_crisis is not None,
    }
    found = [words for words, is_so in unknown.items() if is_so]
    if found:
        raise ValueError(f"the naive version does not know {', '.join(found)}")
    for team in scenario.teams:
        posts = [change.posts for change in team.establishment]
        limits = [limit for _, limit in team.caseload]
        if posts != sorted(posts) or limits != sorted(limits):
            raise ValueError(f"team {team.key!r} shrinks, and a slot has no worker to leave")
    for stage in scenario.pathway.stages:
        if any(route.share_of_children < 1 for route in stage.routes):
            raise ValueError(f"stage {stage.key!r}: routes must take all children of a family")
    for effect in scenario.effects:
        if effect.kind is EffectKind.STREAM:
            raise ValueError(f"effect {effect.key!r} acts on a stream; only routes and stays here")


def _nought(quantity: Quantity) -> bool:
    """Whether it is nought in every draw."""
    return quantity.spread is Spread.NONE and quantity.value == 0


def slots_of(teams: list[Team], env: simpy.Environment) -> simpy.PriorityResource:
    """The slots of some teams at their fullest, and a process for those not there yet."""
    if any(team.unlimited for team in teams):
        return simpy.PriorityResource(env, math.inf)  # type: ignore[arg-type]
    # Posts of before the first day are there on it.
    days = sorted(
        {0}
        | {max(change.day, 0) for team in teams for change in team.establishment}
        | {day for team in teams for day, _ in team.caseload}
    )
    slots = [sum(_slots_on(team, day) for team in teams) for day in days]
    resource = simpy.PriorityResource(env, max(slots))
    for day, now, later in zip(days[1:], slots, slots[1:], strict=False):
        env.process(_not_yet(resource, later - now, day, env))
    return resource


def _slots_on(team: Team, day: int) -> int:
    """Posts × caseload on a day."""
    return team.posts_on(day) * [limit for since, limit in team.caseload if since <= day][-1]


def _not_yet(
    resource: simpy.PriorityResource, slots: int, until: int, env: simpy.Environment
) -> Life:
    """Hold the slots of posts that start on a later day."""
    requests = [resource.request(priority=FIRST) for _ in range(slots)]
    yield env.all_of(requests)
    yield env.timeout(until)
    for request in requests:
        resource.release(request)
