"""The uncertain numbers of a study, put together where they move together.

Numbers of a group with correlation one have one score in every draw, so they are one factor: how
far each is from its middle says nothing that the others do not say too. A factor is moved by its
score z, a standard normal quantile: −1.28 puts all its numbers at p10, 0 at their middle and 1.28
at p90. Numbers that an ensemble draws together have no range of their own and are no factors.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from simfs.engine.compile import quantities_of
from simfs.scenario.practice import Effect, EffectKind
from simfs.scenario.quantities import Quantity, Spread
from simfs.scenario.scenario import Scenario, Study

ON_WORKERS = (EffectKind.TURNOVER, EffectKind.RECRUITMENT, EffectKind.AGENCY)


class FactorKind(StrEnum):
    """What uncertain numbers are about."""

    EFFECTS = "strength of the effects"
    TIMING = "how soon effects come and how long they last"
    STAFF = "staff"
    PRICES = "prices"
    DRIFT = "the authority's own drift"
    REFORM = "national reform"
    OTHER = "families, routes and stays"


@dataclass(frozen=True, slots=True)
class Factor:
    """Uncertain numbers that move as one.

    Attributes:
        key: the key path of a number by itself, or the name of a group.
        paths: key paths of its numbers, in order.
        kind: what it is about.
        group: the group that its numbers are in, correlated or moving as one; or empty.
    """

    key: str
    paths: tuple[str, ...]
    kind: FactorKind
    group: str = ""


def factors_of(study: Study, *, tied: bool = False) -> tuple[Factor, ...]:
    """Every uncertain number of any arm, in order of path.

    Args:
        study: as loaded.
        tied: put together also what is correlated by less than one, so that what is left moves
            independently of each other, as screening needs.
    """
    members: dict[str, list[Quantity]] = {}
    kinds: dict[str, FactorKind] = {}
    for scenario in study.arms:
        kinds |= _kinds(scenario)
        paired = _paired(scenario)
        for one in uncertain(scenario):
            as_one = one.group and (tied or one.correlation == 1)
            key = f"group {one.group}" if as_one else one.path
            if tied and not as_one:
                key = paired.get(one.path, key)
            found = members.setdefault(key, [])
            if all(one.path != other.path for other in found):
                found.append(one)
    return tuple(
        Factor(
            key if len(found) > 1 else found[0].path,
            tuple(sorted(one.path for one in found)),
            kinds.get(found[0].path, FactorKind.OTHER),
            found[0].group,
        )
        for key, found in sorted(members.items(), key=lambda item: item[1][0].path)
    )


def uncertain(scenario: Scenario) -> Iterator[Quantity]:
    """The numbers of an arm that have a distribution of their own."""
    return (one for one in quantities_of(scenario) if one.spread is not Spread.NONE)


def moved_values(
    scenario: Scenario, factors: Iterable[Factor], scores: Mapping[str, float]
) -> dict[str, float]:
    """Values of an arm's numbers, by path, with some factors at these scores."""
    wanted = {path: scores[one.key] for one in factors if one.key in scores for path in one.paths}
    return {one.path: one.at(wanted[one.path]) for one in uncertain(scenario) if one.path in wanted}


def _paired(scenario: Scenario) -> dict[str, str]:
    """For each number of a correlation matrix, the first of those it hangs together with."""
    root: dict[str, str] = {}

    def first(path: str) -> str:
        while root.setdefault(path, path) != path:
            path = root[path]
        return path

    for one in scenario.correlations:
        ends = sorted((first(one.first), first(one.second)))
        root[ends[1]] = ends[0]
    return {path: f"with {first(path)}" for path in list(root)}


def _kinds(scenario: Scenario) -> dict[str, FactorKind]:
    """What each number of an arm that a draw may move is about, by path."""
    practice, reform = scenario.practice, scenario.reform
    found: dict[str, FactorKind] = {}
    for effect in (*(practice.effects if practice else ()), *(reform.effects if reform else ())):
        found |= _kinds_of(effect)
    if practice is not None:
        found[practice.slip.path] = FactorKind.TIMING
        if practice.training:
            found[practice.training.reference.path] = FactorKind.STAFF
    if reform is not None:
        found |= {one.path: FactorKind.REFORM for one in (reform.share, reform.half, reform.ninety)}
    for walk in scenario.walks:
        for one in (walk.sd, walk.half_life, walk.returns_to):
            found[one.path] = FactorKind.DRIFT
    for workforce in scenario.workforces:
        found |= {one.path: FactorKind.STAFF for one in workforce.quantities}
    for free in scenario.free:
        top = free.path.split(".")[0]
        staff = {"teams": FactorKind.STAFF, "workforces": FactorKind.STAFF}
        found.setdefault(free.path, staff.get(top, FactorKind.OTHER))
        if top == "costs" or ".investments." in free.path:
            found[free.path] = FactorKind.PRICES
    for path in price_paths(scenario):
        found[path] = FactorKind.PRICES
    return found


def _kinds_of(effect: Effect) -> dict[str, FactorKind]:
    strength = FactorKind.STAFF if effect.kind in ON_WORKERS else FactorKind.EFFECTS
    found = {
        one.path: strength
        for one in (effect.ratio, effect.team_share, effect.reference_dose, effect.dose_power)
    }
    found |= {one.path: FactorKind.TIMING for one in (effect.ramp.half, effect.ramp.ninety)}
    if effect.fade:
        found[effect.fade.half_life.path] = FactorKind.TIMING
    return found


def price_paths(scenario: Scenario) -> frozenset[str]:
    """Key paths of the numbers of a price list that a draw may move."""
    return frozenset(
        one.path
        for cost in scenario.prices.costs
        for one in (cost.pounds, cost.growth, cost.block_places)
    )
