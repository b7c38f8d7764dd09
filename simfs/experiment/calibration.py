"""What a scenario must be told about itself, measured on the model: work shares and the dose.

Published stays are elapsed times, waits and hand-overs included. So the share of each stay that is
work is solved on the arm with its staff: `own_work_share` = 1 − (waiting + hand-over days a visit)
÷ published mean, by fixed-point iteration on the same futures. The reference dose is what the
evidence's own staffing delivers: the planned specialist posts, seven tenths of them filled.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simfs.engine import ENGINES, count
from simfs.engine.compile import compile_scenario
from simfs.engine.draws import address_of
from simfs.engine.tally import Tally
from simfs.scenario.environment import STILL
from simfs.scenario.scenario import Scenario, Study
from simfs.scenario.workforce import Team, TeamKind

ROUNDS = 3
FILLED = 0.7  # adult posts filled at Cambridgeshire's launch: 7 of 10 (cambridgeshire-2020, 1.1.2)

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number measured on the model.

    Attributes:
        value: its mean over futures.
        error: standard error of that mean; 0 for a single future.
    """

    value: float
    error: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was solved.

    Attributes:
        own_work_share: by stage key, for the stages that wait for a worker.
        reference_dose: percent of need-days, by key path of each effect of an arm with specialists.
        futures: futures that each figure rests on.
    """

    own_work_share: dict[str, Estimate]
    reference_dose: dict[str, Estimate]
    futures: int

    def toml(self) -> str:
        """The figures as tables of a scenario file, each with its assumption."""
        solved = f"simfs calibrate, {self.futures} futures"
        lines = []
        for key, share in self.own_work_share.items():
            reason = f"published stay less waits: {solved}, standard error {share.error:.4f}"
            lines.append(f"[stages.{key}.own_work_share]")
            lines += [f"share = {share.value:.4f}", f'assumption = "{reason}"', ""]
        for effect, dose in self.reference_dose.items():
            reason = f"mean dose that planned posts, seven in ten filled, deliver: {solved}"
            lines.append(f"[{effect}.reference_dose]")
            lines += [f"value = {dose.value:.1f}", 'unit = "percent"']
            lines += [f'assumption = "{reason}, standard error {dose.error:.1f}"', ""]
        return "\n".join(lines)


def solve(
    study: Study, *, seed: int = 1, futures: int = 40, engine: str = ENGINES[0]
) -> Calibration:
    """Work shares of the baseline arm with its staff, and the dose of the evidence's staffing."""
    scenario = study.arm(study.baseline)
    shares: dict[str, Estimate] = {}
    for _ in range(ROUNDS):
        shares = _work_shares(scenario, seed, futures, engine)
        scenario = _with_shares(scenario, shares)
    doses: dict[str, Estimate] = {}
    for arm in study.arms:
        joined = any(team.kind is TeamKind.SPECIALIST and _most(team) > 0 for team in arm.teams)
        if arm.practice is not None and joined:
            dose = _dose(_part_filled(_with_shares(arm, shares)), seed, futures, engine)
            path = f"practice_models.{arm.practice.key}.effects"
            doses |= {f"{path}.{effect.key}": dose for effect in arm.practice.effects}
    return Calibration(shares, doses, futures)


def _work_shares(scenario: Scenario, seed: int, futures: int, engine: str) -> dict[str, Estimate]:
    """1 − days not worked ÷ published mean, a visit, by stage that waits for a worker."""
    program = compile_scenario(scenario, {})
    lost = np.array([_days_lost(result) for result in _tallies(scenario, seed, futures, engine)])
    return {
        stage.key: _estimate(1 - lost[:, number] / stage.stay.mean)
        for number, stage in enumerate(scenario.pathway.stages)
        if program.stages[number].holds and stage.stay is not None and not stage.stay.until_18
    }


def _days_lost(result: Tally) -> FloatArray:
    """Days a visit not worked on, by stage: children waiting over children who came."""
    entered = np.maximum(result.entry_children.sum(axis=0), 1)
    return np.asarray(result.waiting_children.sum(axis=1) / entered)


def _dose(scenario: Scenario, seed: int, futures: int, engine: str) -> Estimate:
    """Mean dose of the stays with a need that end from the third year on (or the last)."""
    doses = []
    for result in _tallies(scenario, seed, futures, engine):
        first = min(2, len(result.dose_sum) - 1)
        doses.append(result.dose_sum[first:].sum() / max(result.dose_stays[first:].sum(), 1))
    return _estimate(np.array(doses))


def _tallies(scenario: Scenario, seed: int, futures: int, engine: str) -> list[Tally]:
    program = compile_scenario(scenario, {})
    return [count(program, STILL, address_of(seed, future), engine) for future in range(futures)]


def _estimate(values: FloatArray) -> Estimate:
    error = float(values.std(ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else 0.0
    return Estimate(float(values.mean()), error)


def _with_shares(scenario: Scenario, shares: dict[str, Estimate]) -> Scenario:
    """The same scenario with other work shares."""
    stages = tuple(
        replace(stage, own_work_share=min(shares[stage.key].value, 1.0))
        if stage.key in shares
        else stage
        for stage in scenario.pathway.stages
    )
    return replace(scenario, pathway=replace(scenario.pathway, stages=stages))


def _most(team: Team) -> int:
    return max((change.posts for change in team.establishment), default=0)


def _part_filled(scenario: Scenario) -> Scenario:
    """The same scenario with seven tenths of the specialist posts filled, rounded as a whole."""
    teams = [team for team in scenario.teams if team.kind is TeamKind.SPECIALIST]
    exact = np.array([FILLED * _most(team) for team in teams])
    posts = np.floor(exact)
    # Whole posts go to the largest remainders, so the total is seven tenths of the plan's.
    for index in np.argsort(-(exact - posts), kind="stable")[: round(exact.sum() - posts.sum())]:
        posts[index] += 1
    filled = {team.key: int(count) for team, count in zip(teams, posts, strict=True)}
    return replace(
        scenario,
        teams=tuple(
            replace(
                team,
                establishment=tuple(
                    replace(change, posts=min(change.posts, filled[team.key]))
                    for change in team.establishment
                ),
            )
            if team.key in filled
            else team
            for team in scenario.teams
        ),
    )
