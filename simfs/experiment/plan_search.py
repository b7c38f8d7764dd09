"""The cheapest plan that meets a target of service, found without running every plan.

Posts are taken never to harm a service: what meets the target goes on meeting it with more posts
of any team, and what fails it fails with fewer. So each plan that is run decides others: where it
meets the target, all that cost as much or more; where it fails, all that have no more posts of any
team. The next to be run is the one that is sure to decide most.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import cast

import numpy as np
from numpy.typing import NDArray

from simfs.analysis.plan_outcomes import (
    Service,
    Target,
    is_decided,
    service_of,
    target_metrics,
    weeks_met,
)
from simfs.analysis.staff_cost import posts_cost
from simfs.engine import ENGINES
from simfs.errors import UsageError
from simfs.experiment.plans import kept_metrics, run_planned_future
from simfs.experiment.run import Progress, run
from simfs.scenario.plans import Plans
from simfs.scenario.scenario import Study
from simfs.scenario.variable import Kind, Level
from simfs.scenario.workforce import TeamKind

NAME = "staffing-target"  # of the files, without their endings
FEW = 40  # futures that a plan is tried in first
IN_THIS_PROCESS = 80  # futures of one plan that are done sooner than other processes start


@dataclass(frozen=True, slots=True)
class Tried:
    """A plan that was run for a target.

    Attributes:
        number: of the plan.
        cost: pounds a year of its posts, all filled, less those of the baseline.
        service: of each target, in their order.
        met: whether every target is met.
    """

    number: int
    cost: float
    service: tuple[Service, ...]
    met: bool


@dataclass(frozen=True, slots=True)
class Found:
    """The cheapest plan that meets some targets.

    Attributes:
        plans: that were searched.
        targets: that are to be met.
        best: the cheapest plan found to meet them all, or None.
        tried: every plan that was run, in order of cost.
        neighbours: plans with one step fewer posts of one team than the best, as they were run.
        waiting: children without a worker in each team on a day, mean over the run, of the best
            plan or of the one with the most posts, by label of the team.
    """

    plans: Plans
    targets: tuple[Target, ...]
    best: Tried | None
    tried: tuple[Tried, ...]
    neighbours: tuple[Tried, ...]
    waiting: dict[str, float]

    @property
    def runs_in_order(self) -> bool:
        """Whether no plan that was run with fewer posts meets what one with more fails."""
        levels = {each.number: self.plans.levels[each.number] for each in self.tried}
        return not any(
            one.met and not other.met and _no_more(levels[one.number], levels[other.number])
            for one in self.tried
            for other in self.tried
        )


def must_be_posts(plans: Plans) -> None:
    """Refuse to search for anything but posts, with a UsageError."""
    for factor in plans.factors:
        if factor.variable.kind is not Kind.POSTS:
            raise UsageError(
                f"--target finds posts; {factor.key} is {factor.variable.kind}: give it with "
                "--set, or leave out --target and run the whole grid"
            )


def cheapest(
    plans: Plans,
    targets: tuple[Target, ...],
    *,
    reps: int,
    seed: int = 1,
    jobs: int = 1,
    engine: str = ENGINES[0],
    told: Callable[[str], None] = lambda words: None,
    progress: Progress = lambda done: None,
) -> Found:
    """The cheapest plan that meets every target, in expectation over futures.

    Args:
        plans: in which posts alone are varied.
        targets: each is met where the mean share of weeks reaches the target's.
        reps: futures that decide where fewer leave it open.
        seed: of all runs.
        jobs: worker processes.
        engine: name of the engine.
        told: told in words what is run next.
        progress: told how many plans are decided, of all.

    Raises:
        UsageError: something else than posts is varied, or the file's rules refuse a plan.
        RunError: a worker process was lost twice on the same futures.
    """
    must_be_posts(plans)
    search = _Search(plans, targets, partial(_served, targets, reps, seed, jobs, engine))
    search.progress, search.told = progress, told
    most = len(plans.levels) - 1  # the last level of every factor
    if not search.meets(most):
        return search.found(None, _waiting(plans, most, seed, engine))
    while (number := search.next()) is not None:
        search.meets(number)
    while beside := search.beside():
        search.meets(beside[0])
    best = search.best
    assert best is not None
    return search.found(best, _waiting(plans, best, seed, engine))


class _Search:
    """What is known of every plan: undecided until one that was run decides it."""

    def __init__(
        self,
        plans: Plans,
        targets: tuple[Target, ...],
        serve: Callable[[Study], tuple[Service, ...]],
    ) -> None:
        self.plans, self.targets, self.serve = plans, targets, serve
        self.levels = np.array(plans.levels, dtype=np.int64)
        base = posts_cost(plans.study.arms[0])
        self.costs = np.array(
            [posts_cost(plans.plan(n).scenario) - base for n in range(len(self.levels))]
        )
        # dearer; where posts have no price or the same, more of them
        order = np.stack([self.costs, self.levels.sum(axis=1)], axis=1)
        self.rank = np.unique(order, axis=0, return_inverse=True)[1].ravel()
        self.undecided = np.ones(len(self.levels), dtype=np.bool_)
        self.tried: dict[int, Tried] = {}
        self.told: Callable[[str], None] = lambda words: None
        self.progress: Progress = lambda done: None

    @property
    def best(self) -> int | None:
        """The cheapest plan that was run and meets the targets; of equals the first."""
        met = [each for each in self.tried.values() if each.met]
        return (
            min(met, key=lambda each: (self.rank[each.number], each.number)).number if met else None
        )

    def meets(self, number: int) -> bool:
        """Run a plan, once, and strike out what it decides."""
        if number not in self.tried:
            plan = self.plans.plan(number)
            self.told(plan.scenario.label)
            study = replace(self.plans.studied(()), arms=(plan.scenario,))
            service = self.serve(study)
            met = all(
                one.share >= target.share for one, target in zip(service, self.targets, strict=True)
            )
            self.tried[number] = Tried(number, float(self.costs[number]), service, met)
            self.undecided &= ~self._decided(number, met)
            self.progress(int((~self.undecided).sum()))
        return self.tried[number].met

    def next(self) -> int | None:
        """The undecided plan that is sure to decide most others, or None."""
        left = np.flatnonzero(self.undecided)
        if not len(left):
            return None
        sure = [
            min((self.undecided & self._decided(n, met)).sum() for met in (True, False))
            for n in left.tolist()
        ]
        return int(left[int(np.argmax(sure))])

    def below(self, number: int) -> list[int]:
        """Plans with one step fewer of one factor."""
        found = []
        for factor in range(self.levels.shape[1]):
            same = np.delete(self.levels == self.levels[number], factor, axis=1).all(axis=1)
            fewer = same & (self.levels[:, factor] < self.levels[number, factor])
            if fewer.any():
                found.append(int(np.flatnonzero(fewer)[-1]))
        return found

    def beside(self) -> list[int]:
        """Plans one step below the best that were decided without being run."""
        assert self.best is not None
        return [number for number in self.below(self.best) if number not in self.tried]

    def _decided(self, number: int, met: bool) -> NDArray[np.bool_]:
        """Which plans need not be run once this one is known."""
        if met:
            return np.asarray(self.rank >= self.rank[number])
        return np.asarray((self.levels <= self.levels[number]).all(axis=1))

    def found(self, best: int | None, waiting: dict[str, float]) -> Found:
        tried = sorted(self.tried.values(), key=lambda each: (each.cost, each.number))
        below = [] if best is None else self.below(best)
        return Found(
            plans=self.plans,
            targets=self.targets,
            best=None if best is None else self.tried[best],
            tried=tuple(tried),
            neighbours=tuple(self.tried[number] for number in below),
            waiting=waiting,
        )


def _served(
    targets: tuple[Target, ...], reps: int, seed: int, jobs: int, engine: str, study: Study
) -> tuple[Service, ...]:
    """How well the one arm of a study meets targets: in few futures if that is clear, or in all."""
    for futures in (FEW, reps) if reps > IN_THIS_PROCESS else (reps,):
        outcomes = run(
            study,
            reps=futures,
            seed=seed,
            jobs=jobs if futures > IN_THIS_PROCESS else 1,
            engine=engine,
            simulate=partial(run_planned_future, targets, engine),
            kept=(*kept_metrics(study), *target_metrics(targets)),
        )
        shares = [weeks_met(outcomes, outcomes.arms[0], number) for number in range(len(targets))]
        if all(
            is_decided(each, outcomes.draws, target.share)
            for each, target in zip(shares, targets, strict=True)
        ):
            break
    return tuple(service_of(each, outcomes.draws) for each in shares)


def _waiting(plans: Plans, number: int, seed: int, engine: str) -> dict[str, float]:
    """Children without a worker in each team on a day, mean over the run, in a few futures."""
    scenario = plans.plan(number).scenario
    outcomes = run(replace(plans.studied(()), arms=(scenario,)), reps=FEW, seed=seed, engine=engine)
    found = {}
    for team in scenario.teams:
        if team.kind is TeamKind.SOCIAL_WORK:
            column = outcomes.weekly_place(f"unallocated.{team.key}")
            found[team.label] = float(np.nanmean(outcomes.weekly_of(scenario.arm, column)))
    return found


def _no_more(ours: tuple[Level, ...], theirs: tuple[Level, ...]) -> bool:
    return all(cast(int, a) <= cast(int, b) for a, b in zip(ours, theirs, strict=True))
