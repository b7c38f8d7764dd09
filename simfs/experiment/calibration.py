"""What a scenario must be told about itself, measured on the model: work shares and the dose.

Published stays are elapsed times, waits and hand-overs included. So the share of each stay that is
work is solved on the arm with its staff: `own_work_share` = 1 − (waiting + hand-over days) ÷ days
in the stage, by fixed-point iteration on the same futures. The reference dose is what the
evidence's own staffing delivers: the planned specialist posts, seven tenths of them filled. The
reference of training is the mean skill that the planned courses give to staff who come and go as
these do.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simfs.engine import ENGINES, count
from simfs.engine.compile import compile_scenario
from simfs.engine.draws import address_of
from simfs.engine.roster import roster_of
from simfs.engine.tally import Tally
from simfs.scenario.environment import STILL
from simfs.scenario.practice import ON_FAMILIES
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
        reference_skill: share of the practice, by key path of each arm's training.
        futures: futures that each figure rests on.
    """

    own_work_share: dict[str, Estimate]
    reference_dose: dict[str, Estimate]
    reference_skill: dict[str, Estimate]
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
        for training, skill in self.reference_skill.items():
            reason = f"mean skill that the planned courses give to these staff: {solved}"
            lines.append(f"[{training}.reference]")
            lines += [f"value = {skill.value:.3f}", 'unit = "share"']
            lines += [f'assumption = "{reason}, standard error {skill.error:.4f}"', ""]
        return "\n".join(lines)


def solve(
    study: Study, *, seed: int = 1, futures: int = 40, engine: str = ENGINES[0]
) -> Calibration:
    """Work shares of the baseline arm with its staff, and the dose of the evidence's staffing."""
    scenario = _undisturbed(study.arm(study.baseline))
    shares: dict[str, Estimate] = {}
    for _ in range(ROUNDS):
        shares = _work_shares(scenario, seed, futures, engine)
        scenario = _with_shares(scenario, shares)
    doses: dict[str, Estimate] = {}
    skills: dict[str, Estimate] = {}
    for arm in study.arms:
        if arm.practice is None:
            continue
        path = f"practice_models.{arm.practice.key}"
        if any(team.kind is TeamKind.SPECIALIST and _most(team) > 0 for team in arm.teams):
            planned = _part_filled(_with_shares(_undisturbed(arm), shares))
            dose = _dose(planned, seed, futures, engine)
            own = [effect for effect in arm.practice.effects if effect.kind in ON_FAMILIES]
            doses |= {f"{path}.effects.{effect.key}": dose for effect in own}
        if arm.practice.training is not None:
            skills[f"{path}.training"] = _skill(_undisturbed(arm), seed, futures)
    return Calibration(shares, doses, skills, futures)


def _undisturbed(scenario: Scenario) -> Scenario:
    """The same scenario without what comes from outside."""
    return replace(scenario, reform=None, service_crisis=None)


def _work_shares(scenario: Scenario, seed: int, futures: int, engine: str) -> dict[str, Estimate]:
    """Share of the days in a stage that are worked on, by stage that waits for a worker."""
    program = compile_scenario(scenario, {})
    handover = [program.teams[s.team].handover if s.team >= 0 else 0 for s in program.stages]
    lost = np.array(
        [_share_lost(result, handover) for result in _tallies(scenario, seed, futures, engine)]
    )
    return {
        stage.key: _estimate(1 - lost[:, number])
        for number, stage in enumerate(scenario.pathway.stages)
        if program.stages[number].holds and stage.stay is not None and not stage.stay.until_18
    }


def _share_lost(result: Tally, handover: list[int]) -> FloatArray:
    """Share of the child-days in each stage that went by waiting or in handing over."""
    lost = result.waiting_children.sum(axis=1) + result.handover_children.sum(axis=0) * handover
    return np.asarray(lost / np.maximum(result.stage_children.sum(axis=1), 1))


def _skill(scenario: Scenario, seed: int, futures: int) -> Estimate:
    """Mean skill of the staff from the third year on (or over the last)."""
    program = compile_scenario(scenario, {})
    training = program.staff.training
    assert training is not None
    starts = program.year_starts[:-1]
    first = starts[min(2, len(starts) - 1)]
    rosters = [roster_of(program, address_of(seed, future)) for future in range(futures)]
    means = [roster.force[0, first:].mean() * training.reference for roster in rosters]
    return _estimate(np.array(means))


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
    """The same scenario with seven tenths of the specialist posts, all filled; whole posts."""
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
                workforce=None,
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
