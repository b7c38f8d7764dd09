"""Teams of workers who hold caseloads."""

from dataclasses import dataclass
from enum import StrEnum


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
class Establishment:
    """How many posts a team has from a day on.

    Attributes:
        day: from this day of the run.
        posts: number of posts.
        paid_from: day from which the added posts are paid; recruitment may precede the work.
    """

    day: int
    posts: int
    paid_from: int


@dataclass(frozen=True, slots=True)
class Team:
    """A set of posts with one worker each.

    Attributes:
        key: identity.
        label: words for people.
        kind: social work or specialist.
        unit: what the caseload counts.
        establishment: posts by day, the first at day 0; empty for an unlimited team.
        caseload: (day, limit per worker from that day), the first at day 0.
        rule: who may take the next family.
        continuity: keep the worker across stages of the team, or release at each stage change.
        handover_days: days added to a stay when the case changes worker.
        serves: key of the need a specialist team works with, or None.
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

    @property
    def unlimited(self) -> bool:
        """Whether the team always has room, and costs nothing."""
        return not self.establishment
