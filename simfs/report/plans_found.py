"""Everything that is told of a grid of plans, asked of the analysis once."""

from collections.abc import Mapping
from dataclasses import dataclass

from simfs.analysis.frontier import (
    Best,
    Standing,
    Step,
    best,
    efficient,
    next_levels,
    standings,
    steps,
)
from simfs.analysis.intervals import LEVEL
from simfs.analysis.plan_effects import Effects, effects_of
from simfs.analysis.plan_figures import CASH, CHANCE, WAITING
from simfs.analysis.plan_outcomes import Planned
from simfs.analysis.plan_table import PlanTable, is_clear, table_of
from simfs.report.plans_words import SHOWN

NEXT = "next level of one factor"
WANTED = (CASH, CHANCE, WAITING)  # figures by which a best plan is told


@dataclass(frozen=True, slots=True, eq=False)
class PlansFound:
    """What a grid of plans came to.

    Attributes:
        table: every figure of every plan.
        effects: of what was varied, by figure; empty where not all of the grid was run.
        standings: by figure of a frontier, every plan; empty where posts have no price.
        efficient: by figure, the plans of the frontier that no mixture of others beats.
        steps: what £100,000 a year buys, along each frontier and from the plan nearest the file's.
        bests: by figure, the plan that looks best.
        alike: figures by which no plan is clearly better than another: not than the best of them,
            nor does any level of what was varied by itself make a difference clear of luck.
    """

    table: PlanTable
    effects: Mapping[str, Effects]
    standings: dict[str, tuple[Standing, ...]]
    efficient: Mapping[str, tuple[str, ...]]
    steps: dict[str, tuple[Step, ...]]
    bests: Mapping[str, Best]
    alike: frozenset[str]


def find(planned: Planned, claim_id: str | None) -> PlansFound:
    """All of it.

    Raises:
        UsageError: the study makes no such claim.
    """
    table = table_of(planned, claim_id)
    priced = table.has(table.cost)
    ranked = {key: standings(table, key) for key in (CHANCE, WAITING) if priced and table.has(key)}
    kept = {key: efficient(table, key, rows) for key, rows in ranked.items()}
    effects = {one.key: one for one in effects_of(table)}
    bests = {key: best(table, key) for key in SHOWN if table.has(key)}
    along = {key: steps(table, arms) for key, arms in kept.items()}
    return PlansFound(
        table=table,
        effects=effects,
        standings=ranked,
        efficient=kept,
        steps={**along, NEXT: next_levels(table)} if priced else {},
        bests={key: one for key, one in bests.items() if key in WANTED},
        alike=frozenset(k for k, one in bests.items() if _is_alike(table, one, k, effects.get(k))),
    )


def _is_alike(table: PlanTable, one: Best, key: str, effects: Effects | None) -> bool:
    others = len(table.rivals) - 1
    if others < 1 or len(one.like) < len(table.planned.arms) - 1:
        return False
    if effects is not None and any(each.is_clear for each in effects.main):
        return False
    strict = 1 - (1 - LEVEL) / others
    return not is_clear(table.difference(key, one.arm, level=strict))
