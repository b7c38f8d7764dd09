"""What a paper says that some staff cost, to be held against the work that there is."""

from collections.abc import Mapping
from dataclasses import dataclass

from simfs.scenario.quantities import Quantity


@dataclass(frozen=True, slots=True)
class PublishedStaffing:
    """A sum for the posts of some teams, and what the demand is mapped to posts by.

    Nothing is simulated from it.

    Attributes:
        id: identity, such as ``adult-practitioners``.
        words: what is published, in plain words.
        source: key of the source.
        paragraph: where in the source.
        reading: which reading of what it leaves open; empty if there is one.
        teams: keys of the teams whose posts the sum adds.
        pounds: the sum, a year.
        post_pounds: what one post costs, pounds a year.
        caseload: cases that a worker holds, in the unit of the teams' caseloads.
        need_multiples: (need, multiple of the chances of the need), for specialist teams.
    """

    id: str
    words: str
    source: str
    paragraph: str
    reading: str
    teams: tuple[str, ...]
    pounds: float
    post_pounds: Quantity
    caseload: Quantity
    need_multiples: tuple[tuple[str, Quantity], ...] = ()

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """Its numbers that a draw may move."""
        return (self.post_pounds, self.caseload, *(one for _, one in self.need_multiples))

    def multiple_of(self, need: str, values: Mapping[str, float]) -> float:
        """How many times the chances of a need are, in a draw; 1 where nothing is said of it."""
        one = dict(self.need_multiples).get(need)
        return values.get(one.path, one.value) if one else 1.0
