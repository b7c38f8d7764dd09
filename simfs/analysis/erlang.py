"""How many posts a team needs so that few children wait, in closed form: beside a search, a check.

A team that can hold c cases, to which work comes by chance at a steady rate, is the queue M/M/c.
With a cases in hand if nobody waited, the chance that a case has to wait is Erlang's second
formula, C(c, a), and so many or more wait with the chance C(c, a) × (a ÷ c)^n (A. K. Erlang, 1917;
D. Gross and C. M. Harris, Fundamentals of Queueing Theory, section 2.3). What comes follows from
the traffic equations at the start; what is in hand counts a worker's own work alone. A worker who
is just under the limit may take a whole family (`below_limit`), so that on average a little more
than the limit can be held: half of what a family has beyond one child.

Three answers, each needing more posts than the one before:

- to keep up: as many as hold the work that there is; with fewer the queue grows without end.
- each child by itself: Erlang's formula for slots of one child.
- families together: brothers and sisters come and leave as one, which makes the work in hand
  vary z times as much, z being the mean square of a family's children over their mean. Erlang's
  formula for bundles of z children is Hayward's approximation (A. A. Fredericks, Congestion in
  blocking systems, Bell System Technical Journal 59, 1980).

In simulated teams of five to twelve workers with 8 or 18 children each, whose posts are always
filled, the last is out by about two hundredths of weeks. All leave out what makes queues longer:
posts that stand empty by turns (only their long-run share is in), cases handed over, protected
caseloads, demand that wanders, effects of a practice model. So they bound from below what a search
by simulation finds. Stays that vary less than exponential ones, crises and cases that end without
a worker make queues a little shorter than told here: a simulated team may then do with a post less
than the last answer.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from simfs.analysis.queues import load_of_child, stages_of
from simfs.scenario.pathway import CaseUnit
from simfs.scenario.renewal import filled
from simfs.scenario.scenario import Scenario
from simfs.scenario.traffic import Traffic, stationary
from simfs.scenario.workforce import AllocationRule, CaseloadUnit, Team

MOST_POSTS = 2**24  # a search ends there; a share of 1 is met by none


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue M/M/c at rest: c slots, and the load, which is arrivals times mean stay.

    Attributes:
        slots: cases that can be held at once; need not be whole.
        load: cases in hand if nobody waited. At `slots` or above, the queue grows without end.
    """

    slots: float
    load: float

    @property
    def busy(self) -> float:
        """Share of the slots in use, [0, 1]."""
        return min(self.load / self.slots, 1.0) if self.slots > 0 else 1.0

    @property
    def chance_of_waiting(self) -> float:
        """Chance that a case has to wait, [0, 1]: Erlang's C.

        By way of Erlang's B, the chance that all slots are in use where nobody can wait, as a
        ratio of gamma functions: good for any number of slots, whole or not, without a sum.
        """
        if self.load <= 0:
            return 0.0
        if self.load >= self.slots:
            return 1.0
        log_all = special.xlogy(self.slots, self.load) - self.load - special.gammaln(self.slots + 1)
        lost = math.exp(log_all) / float(special.gammaincc(self.slots + 1, self.load))
        return float(lost / ((1 - self.busy) + self.busy * lost))

    @property
    def mean_waiting(self) -> float:
        """Mean number of cases that wait; infinite where the queue grows."""
        if self.load >= self.slots:
            return math.inf if self.load > 0 else 0.0
        return self.chance_of_waiting * self.busy / (1 - self.busy)

    def chance_of_fewer(self, waiting: float) -> float:
        """Chance that fewer than `waiting` cases wait, [0, 1]; part of a case is interpolated."""
        if waiting <= 0:
            return 0.0
        return float(1 - self.chance_of_waiting * self.busy**waiting)


@dataclass(frozen=True, slots=True)
class FewestPosts:
    """The fewest posts of a team that hold a service target, in closed form.

    Attributes:
        team: key of the team.
        label: the team in words.
        waiting_under: the target: fewer children than that without a worker,
        share: in this share of weeks, in (0, 1).
        in_hand: caseload if nobody waited, by the traffic equations.
        held: caseload that a post holds on average, vacancies counted.
        to_keep_up: posts with which the queue does not grow.
        by_itself: posts by Erlang's formula, every child by itself.
        together: posts with families that come and leave as one.
    """

    team: str
    label: str
    waiting_under: float
    share: float
    in_hand: float
    held: float
    to_keep_up: int
    by_itself: int
    together: int

    @property
    def words(self) -> str:
        """The three answers and what they leave out, in a sentence or two."""
        return (
            f"{self.label}: closed forms ask for at least {self.to_keep_up:,} posts to keep up "
            f"with the work, {self.by_itself:,} for fewer than {self.waiting_under:g} children "
            f"waiting in {100 * self.share:g}% of weeks if each child came by itself, and "
            f"{self.together:,} if brothers and sisters come together (Erlang's formula; "
            f"{self.in_hand:,.0f} in hand, {self.held:.1f} to a post with vacancies). Posts that "
            "stand empty by turns, hand-overs and demand that wanders are left out, so a search "
            "by simulation should find about as many or more; fewer where the practice lessens the "
            "work, which is left out too."
        )


def fewest_posts(
    team: Team, scenario: Scenario, waiting_under: float = 5, share: float = 0.95
) -> FewestPosts:
    """The closed-form bounds on a team's posts for a service target.

    Args:
        team: a team with posts, whose limit is the last that is in force.
        scenario: the arm that it belongs to.
        waiting_under: fewer children than that are to be without a worker.
        share: in this share of weeks, in (0, 1).

    Raises:
        ValueError: the team is unlimited, or the target is none.
    """
    if team.unlimited:
        raise ValueError(f"team {team.key!r} is unlimited, and needs no posts")
    if not (0 < share < 1 and waiting_under > 0):
        raise ValueError(f"no target: fewer than {waiting_under:g} in {share:g} of weeks")
    traffic = stationary(scenario)
    load, size = _own_work(team, scenario, traffic)
    held = held_by_a_post(team, size)
    # in a caseload of families, what waits is told in families too
    under = waiting_under * _load_of_waiting(team, scenario)

    def least(bundle: float) -> int:
        def holds(posts: int) -> bool:
            queue = Queue(posts * held / bundle, load / bundle)
            return queue.chance_of_fewer(under / bundle) >= share

        return _least(holds)

    return FewestPosts(
        team=team.key,
        label=team.label,
        waiting_under=waiting_under,
        share=share,
        in_hand=load,
        held=held,
        to_keep_up=_least(lambda posts: posts * held >= load),
        by_itself=least(1.0),
        together=least(size),
    )


def held_by_a_post(team: Team, size: float = 1.0) -> float:
    """Caseload that an established post of a team holds on average, at its last limit.

    Args:
        team: a team with posts.
        size: mean square of a case's caseload over its mean; 1 where each case counts one.
    """
    _, limit = team.caseload[-1]
    beyond = (size - 1) / 2 if team.rule is AllocationRule.BELOW_LIMIT else 0.0
    return (limit + beyond) * (filled(team.workforce) if team.workforce else 1.0)


def _own_work(team: Team, scenario: Scenario, traffic: Traffic) -> tuple[float, float]:
    """Caseload in hand if nobody waited, and its mean square a case over its mean."""
    sizes = np.arange(1, len(scenario.demand.sizes) + 1)
    shares = np.asarray(scenario.demand.sizes)
    of_family = float((sizes**2 * shares).sum() / (sizes * shares).sum())
    load = squares = 0.0
    for stage in stages_of(scenario, team):
        children = traffic.children[stage.key] * stage.own_work_share
        held = children * load_of_child(scenario, team, stage)
        together = stage.unit is CaseUnit.FAMILY and team.unit is CaseloadUnit.CHILDREN
        load += held
        squares += held * (of_family if together else 1.0)
    return load, squares / load if load > 0 else 1.0


def _load_of_waiting(team: Team, scenario: Scenario) -> float:
    """What a child that waits adds to a caseload of the team, at most."""
    return max((load_of_child(scenario, team, s) for s in stages_of(scenario, team)), default=1.0)


def _least(holds: Callable[[int], bool]) -> int:
    """The least whole number, from 0, from which on `holds` is true; it must stay true."""
    if holds(0):
        return 0
    high = 1
    while not holds(high):
        if high >= MOST_POSTS:
            raise ValueError("no number of posts meets the target")
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high
