"""Teams of workers who hold caseloads, and the coming and going of those workers."""

from dataclasses import dataclass
from enum import StrEnum

from simfs.scenario.durations import Shape
from simfs.scenario.quantities import Quantity


class TeamKind(StrEnum):
    """Social-work teams hold cases; specialist teams join them."""

    SOCIAL_WORK = "social_work"
    SPECIALIST = "specialist"


class CaseloadUnit(StrEnum):
    """What a caseload is counted in."""

    CHILDREN = "children"
    FAMILIES = "families"


class AllocationRule(StrEnum):
    """Who may take the next family.

    `WITHIN_LIMIT`: the whole family must fit under the limit. `BELOW_LIMIT`: any worker under the
    limit may take it, as services do.
    """

    WITHIN_LIMIT = "within_limit"
    BELOW_LIMIT = "below_limit"


@dataclass(frozen=True, slots=True)
class NewlyQualified:
    """Permanent workers in their first months after qualifying, whose caseload is protected.

    Attributes:
        share: of permanent appointments who are newly qualified, [0, 1].
        caseload: share of a full caseload that they hold, (0, 1].
        days: how long their caseload is protected.
    """

    share: float
    caseload: float
    days: int


@dataclass(frozen=True, slots=True)
class Workforce:
    """How the workers of some teams come and go: each post alternates occupied and empty.

    Attributes:
        key: identity.
        label: words for people.
        turnover: share of permanent workers who leave in a year; 0: nobody ever leaves. The mean
            tenure is a year ÷ turnover.
        tenure_shape: of permanent tenures.
        recruitment: mean days that a post is empty after a permanent worker, or when it is new;
            unused where `vacancy` is given.
        recruitment_shape: of those days.
        vacancy: share of posts that are empty in the long run, from which the recruitment days
            follow; None where they are given.
        agency_share: share of appointments that are agency workers, [0, 1].
        agency_tenure: mean days that an agency worker stays.
        agency_shape: of agency tenures.
        agency_gap: mean days that a post is empty after an agency worker.
        agency_gap_shape: of those days.
        newly_qualified: protected caseloads, or None.
    """

    key: str
    label: str
    turnover: Quantity
    tenure_shape: Shape
    recruitment: Quantity
    recruitment_shape: Shape
    vacancy: Quantity | None
    agency_share: Quantity
    agency_tenure: Quantity
    agency_shape: Shape
    agency_gap: Quantity
    agency_gap_shape: Shape
    newly_qualified: NewlyQualified | None

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """Its numbers that a draw may move."""
        always = (self.turnover, self.agency_share, self.agency_tenure, self.agency_gap)
        return (*always, self.recruitment if self.vacancy is None else self.vacancy)


@dataclass(frozen=True, slots=True)
class AtStart:
    """Posts at the start, where they are stated and not left to the workforce's equilibrium.

    Attributes:
        vacant: empty posts.
        agency: posts that an agency worker holds.
    """

    vacant: int
    agency: int


@dataclass(frozen=True, slots=True)
class Establishment:
    """How many posts a team has from a day on.

    Attributes:
        day: from this day of the run; negative before its start.
        posts: number of posts.
    """

    day: int
    posts: int


@dataclass(frozen=True, slots=True)
class Team:
    """A set of posts with one worker each.

    Attributes:
        key: identity.
        label: words for people.
        kind: social work or specialist.
        unit: what the caseload counts.
        establishment: posts by day, the first on the first day; empty for an unlimited team.
        caseload: (day, limit per worker from that day), the first at day 0; net of absence, and
            with what time freed from recording adds.
        rule: who may take the next family.
        continuity: keep the worker across stages of the team, or release at each stage change.
        handover_days: days added to a stay when the case changes worker.
        serves: key of the need a specialist team works with, or None.
        workforce: how its workers come and go; None: every post is always filled.
        at_start: posts at the start; None: as the workforce's equilibrium has them.
    """

    key: str
    label: str
    kind: TeamKind
    unit: CaseloadUnit
    establishment: tuple[Establishment, ...]
    caseload: tuple[tuple[int, int], ...]
    rule: AllocationRule
    continuity: bool
    handover_days: int
    serves: str | None
    workforce: Workforce | None = None
    at_start: AtStart | None = None

    @property
    def unlimited(self) -> bool:
        """Whether the team always has room, and costs nothing."""
        return not self.establishment

    def posts_on(self, day: int) -> int:
        """Posts of the establishment on a day of the run."""
        return next((step.posts for step in reversed(self.establishment) if step.day <= day), 0)
