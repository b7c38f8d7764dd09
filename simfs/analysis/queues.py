"""Teams whose queue grows without end, and how many more workers would keep up with it.

A team that works at its limit has C children in hand, and each stays S days in its hands, so that
C ÷ S leave it a day. If more than that come, the rest waits: the queue grows by g = (coming) −
C ÷ S children a day, and goes on growing. To keep up, the team must have (C ÷ S + g) × S children
in hand, which is g × S more than now: so many divided by what a worker holds are the workers that
it lacks. S follows from the traffic equations: children in the team's hands ÷ children who come to
the team from outside it (Little's law), with each stay at the share of it that is a worker's own
work. It is of the steady state at the start: effects of a practice model on stays, and the
few days that a hand-over adds, are not in it.

A long queue makes work of its own: families come to a crisis while they wait, and come back with
more to do. That part of g goes with the queue, so no more workers are asked for than would hold the
work that there is when nobody waits (traffic equations), and the sentence says "at least": teams
need some room besides, which is for a simulation to find.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simfs.analysis.intervals import mean_interval
from simfs.analysis.outcomes import Outcomes
from simfs.analysis.prices import WEEK_DAYS
from simfs.scenario.pathway import CaseUnit, Stage, WithoutWorker
from simfs.scenario.scenario import DAYS_PER_YEAR, Scenario
from simfs.scenario.traffic import Traffic, stationary
from simfs.scenario.workforce import CaseloadUnit, Team, TeamKind

FloatArray = NDArray[np.float64]

YEAR_WEEKS = 52

# A family that does not fit stops the list, and the newly qualified hold less: a team that can
# take no more holds a little under its limit. One with room to spare has no queue that lasts.
AT_THE_LIMIT = 0.85

# Half of what one worker holds, in a year. Slower growth would take years to show in a service of
# many teams, and can as well be a stock that drifts towards a new level.
WORTH_TELLING = 0.5


@dataclass(frozen=True, slots=True)
class GrowingQueue:
    """A queue that grows without end.

    Attributes:
        arm: key of the arm.
        team: key of the team.
        label: the team in words.
        children_a_year: how much longer the queue is after a year, mean over futures.
        workers: workers in post that are missing, mean over futures.
        workers_low: lower end of its 95% interval; above 0.
        workers_high: upper end.
    """

    arm: str
    team: str
    label: str
    children_a_year: float
    workers: float
    workers_low: float
    workers_high: float

    @property
    def words(self) -> str:
        """What is missing, in whole workers: part of one would not keep up."""
        mean, low, high = (
            math.ceil(number) for number in (self.workers, self.workers_low, self.workers_high)
        )
        known = "" if low == high else f" ({low} to {high})"
        noun = "social worker" if mean == 1 and low == high else "social workers"
        return (
            f"{self.label}: at least {mean}{known} more {noun} needed to keep up; without them "
            f"{self.children_a_year:,.0f} more children wait after every year"
        )


def growing_queues(outcomes: Outcomes) -> tuple[GrowingQueue, ...]:
    """The social-work teams whose queue grows without end, by arm, then team.

    A queue is said to grow when in the last year of the run more children waited than in the year
    before, by more than luck explains (the 95% interval of the mean lies above 0), by at least
    half a worker's caseload, and the team worked at its limit. A year is 52 weeks here. Nothing is
    said of a run of less than two years, nor of fewer futures than an interval needs.
    """
    if outcomes.weeks < 2 * YEAR_WEEKS:
        return ()
    found = []
    for arm in outcomes.arms:
        scenario = outcomes.study.arm(arm)
        for team in scenario.teams:
            if _can_be_outrun(scenario, team):
                queue = _queue_of(outcomes, scenario, team)
                found += [queue] if queue else []
    return tuple(found)


def _can_be_outrun(scenario: Scenario, team: Team) -> bool:
    """Whether work waits for the team; where stays run without a worker, they end without one."""
    return (
        team.kind is TeamKind.SOCIAL_WORK
        and not team.unlimited
        and any(stage.without_worker is WithoutWorker.HOLDS for stage in stages_of(scenario, team))
    )


def stages_of(scenario: Scenario, team: Team) -> list[Stage]:
    """The stages whose cases a team holds, in order."""
    return [stage for stage in scenario.pathway.stages if stage.team == team.key]


def _queue_of(outcomes: Outcomes, scenario: Scenario, team: Team) -> GrowingQueue | None:
    """The team's queue, or None when it does not grow without end."""

    def weeks_of(kind: str) -> FloatArray:
        column = outcomes.weekly_place(f"{kind}.{team.key}")
        return outcomes.weekly_of(scenario.arm, column)[:, -2 * YEAR_WEEKS :].astype(np.float64)

    waiting = weeks_of("unallocated")
    last, before = waiting[:, YEAR_WEEKS:].mean(axis=1), waiting[:, :YEAR_WEEKS].mean(axis=1)
    growth = mean_interval(
        (last - before) / (YEAR_WEEKS * WEEK_DAYS), outcomes.draws[: len(waiting)]
    )
    # an interval that cannot be told is None, or NaN, and is above nothing
    if growth.low is None or growth.high is None or not float(growth.low) > 0:
        return None
    posts = weeks_of("posts")[:, YEAR_WEEKS:]
    held = float(np.nansum(weeks_of("caseload")[:, YEAR_WEEKS:] * posts))
    limit = _limit(outcomes, team)
    if held < AT_THE_LIMIT * limit * float(posts.sum()):
        return None
    each = held / float(posts.sum()) if posts.any() else limit
    a_year = DAYS_PER_YEAR * float(growth.mean)
    if a_year * _load_of_a_child(scenario, team) < WORTH_TELLING * limit:
        return None
    of_growth = load_days(scenario, team) / each
    short = work_in_hand(scenario, team) / limit - float(posts.mean())
    # where the work of the start would fit, what has come since is all there is to go by
    most = short if short > 0 else math.inf
    missing = (min(of_growth * float(g), most) for g in (growth.mean, growth.low, growth.high))
    return GrowingQueue(scenario.arm, team.key, team.label, a_year, *missing)


def work_in_hand(scenario: Scenario, team: Team, traffic: Traffic | None = None) -> float:
    """Caseload that the team would hold if nobody waited, by the traffic equations at the start.

    Args:
        scenario: the arm of the team.
        team: a social-work team.
        traffic: the arm's traffic at rest, where it is known already.
    """
    traffic = traffic or stationary(scenario)
    return sum(
        traffic.children[stage.key] * load_of_child(scenario, team, stage)
        for stage in stages_of(scenario, team)
    )


def load_days(scenario: Scenario, team: Team) -> float:
    """Caseload that a child brings the team, times the days that it stays in the team's hands.

    In the unit of the team's caseload: a child of a family of two is half a family.
    """
    traffic = stationary(scenario)
    stages = stages_of(scenario, team)
    keys = [stage.key for stage in stages]
    held = sum(
        traffic.children[stage.key] * stage.own_work_share * load_of_child(scenario, team, stage)
        for stage in stages
    )
    within = sum(traffic.moves.get((a, b), 0.0) for a in keys for b in keys)
    coming = sum(traffic.entries[key] for key in keys) - within
    return DAYS_PER_YEAR * held / coming if coming > 0 else 0.0


def load_of_child(scenario: Scenario, team: Team, stage: Stage) -> float:
    """What a child of a stage adds to a caseload of the team: a child, or its part of a family."""
    in_families = team.unit is CaseloadUnit.FAMILIES and stage.unit is CaseUnit.FAMILY
    return 1 / scenario.demand.mean_size if in_families else 1.0


def _load_of_a_child(scenario: Scenario, team: Team) -> float:
    return min(load_of_child(scenario, team, stage) for stage in stages_of(scenario, team))


def _limit(outcomes: Outcomes, team: Team) -> float:
    """Mean limit of a worker in the last year of the run."""
    end = outcomes.weeks * WEEK_DAYS
    first = end - YEAR_WEEKS * WEEK_DAYS
    limits = np.empty(end)
    for day, limit in team.caseload:
        limits[day:] = limit
    return float(limits[first:].mean())
