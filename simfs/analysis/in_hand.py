"""Cases in hand for the teams of a published sum: at rest at the start, or in simulated futures.

A need once found stays with a family, and thresholds differ by stage, so the share of a stage's
families with a need is the mean of the highest threshold that they have passed, followed round the
pathway as a chain.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from simfs.analysis.measures import is_served
from simfs.analysis.outcomes import Outcomes
from simfs.analysis.queues import load_of_child, work_in_hand
from simfs.scenario.published import PublishedStaffing
from simfs.scenario.scenario import Scenario
from simfs.scenario.traffic import Traffic
from simfs.scenario.workforce import Team, TeamKind

FloatArray = NDArray[np.float64]


def demand_at_rest(
    published: PublishedStaffing,
    scenario: Scenario,
    traffic: Traffic,
    values: Mapping[str, float],
) -> dict[str, float]:
    """Cases in hand if nobody waited, by key of a team, or of the need that teams serve."""
    found: dict[str, float] = {}
    for key, teams in groups(published, scenario).items():
        if teams[0].kind is TeamKind.SOCIAL_WORK:
            found[key] = work_in_hand(scenario, teams[0], traffic)
        else:
            multiple = published.multiple_of(key, values)
            shares = shares_with_need(scenario, traffic, key, multiple)
            found[key] = sum(
                traffic.children[stage.key]
                * load_of_child(scenario, teams[0], stage)
                * shares[stage.key]
                for stage in scenario.pathway.stages
                if stage.specialists
            )
    return found


def groups(published: PublishedStaffing, scenario: Scenario) -> dict[str, list[Team]]:
    """The teams of a sum by what they share: specialist teams their need, others nothing."""
    found: dict[str, list[Team]] = {}
    for key in published.teams:
        team = scenario.team(key)
        found.setdefault(team.serves or key, []).append(team)
    return found


def is_counted(published: PublishedStaffing, scenario: Scenario) -> bool:
    """Whether an arm's futures count these cases: needs are asked for where there are posts."""
    return all(
        teams[0].kind is TeamKind.SOCIAL_WORK or is_served(scenario, key)
        for key, teams in groups(published, scenario).items()
    )


def shares_with_need(
    scenario: Scenario, traffic: Traffic, need: str, multiple: float = 1.0
) -> dict[str, float]:
    """Share of the cases of each stage whose adults have a need that was found, by stage.

    Args:
        scenario: an arm.
        traffic: its traffic at rest.
        need: key of the need.
        multiple: of every threshold, which is cut at 1.
    """
    stages = scenario.pathway.stages
    least = [min(dict(stage.needs).get(need, 0.0) * multiple, 1.0) for stage in stages]
    levels = sorted(set(least))
    moves = np.array(
        [
            [
                traffic.moves.get((one.key, to.key), 0.0) / max(traffic.entries[one.key], 1e-300)
                for to in stages
            ]
            for one in stages
        ]
    )
    entries = np.array([traffic.entries[stage.key] for stage in stages])
    new = entries - moves.T @ entries  # those who come from outside, needs not found yet
    found: FloatArray = np.zeros(len(stages))
    # of the entries to a stage, those whose highest threshold so far is at most a level
    below: FloatArray = np.zeros(len(stages))
    for level in levels:
        inside = np.array([one <= level for one in least])
        chain = np.where(inside[np.newaxis], moves, 0.0)
        reached = np.asarray(
            np.linalg.solve(np.eye(len(stages)) - chain.T, np.where(inside, new, 0.0)),
            dtype=np.float64,
        )
        found = found + level * (reached - below)
        below = reached
    return {
        stage.key: float(found[i] / entries[i]) if entries[i] > 0 else 0.0
        for i, stage in enumerate(stages)
    }


def demands_in_runs(
    outcomes: Outcomes, arm: str, published: PublishedStaffing, year: int
) -> dict[str, FloatArray]:
    """Cases in hand in a year of each future, float64[n], by team or need."""
    scenario = outcomes.study.arm(arm)
    _, first, end = scenario.calendar.years[year]
    return {
        key: outcomes.of(arm, f"wanted.{key}_days")[:, year] / (end - first)
        if teams[0].kind is TeamKind.SPECIALIST
        else _held_and_waiting(outcomes, arm, teams[0], first // 7, end // 7)
        for key, teams in groups(published, scenario).items()
    }


def _held_and_waiting(outcomes: Outcomes, arm: str, team: Team, first: int, end: int) -> FloatArray:
    """Children that a team holds, and who wait for it, as a mean of weeks [first, end)."""

    def weeks(kind: str) -> FloatArray:
        column = outcomes.weekly_place(f"{kind}.{team.key}")
        return outcomes.weekly_of(arm, column)[:, first:end].astype(np.float64)

    held = np.nan_to_num(weeks("caseload")) * weeks("posts")
    return np.asarray((held + weeks("unallocated")).mean(axis=1))
