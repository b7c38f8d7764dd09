"""Workers with caseloads, and the lists of cases that wait for them."""

from heapq import heappop, heappush
from typing import Generic, TypeVar

from simfs.engine.program import TeamCode

ABSENT = 1 << 40  # the load of a post with nobody in it: never the least

C = TypeVar("C")


class Place(Generic[C]):
    """One case's place on a list; `case` is None once it has been taken or withdrawn."""

    __slots__ = ("case", "key")

    def __init__(self, key: tuple[int, int, int], case: C) -> None:
        self.key = key
        self.case: C | None = case

    def __lt__(self, other: "Place[C]") -> bool:
        return self.key < other.key


class WaitingList(Generic[C]):
    """Cases in order of priority, day of request and case number."""

    def __init__(self) -> None:
        self._places: list[Place[C]] = []

    def join(self, priority: int, day: int, number: int, case: C) -> Place[C]:
        """Put a case on the list; the returned place withdraws it by `place.case = None`."""
        place = Place((priority, day, number), case)
        heappush(self._places, place)
        return place

    def first(self) -> C | None:
        """The next case, left on the list; None when nobody waits."""
        places = self._places
        while places and places[0].case is None:
            heappop(places)
        return places[0].case if places else None

    def take(self) -> None:
        """Remove the case that `first` returned."""
        heappop(self._places).case = None


class Workers(Generic[C]):
    """The posts of one team: who is in post, how much each holds, and which cases.

    Attributes:
        limit: caseload that a worker may hold.
        spared: by post, what a newly qualified worker is spared of it. It counts as held already,
            so that cases go to others first.
    """

    def __init__(self, team: TeamCode) -> None:
        self.team = team
        self.limit = team.limits[0][1] if team.limits else 0
        self.spared = [0] * team.most_posts
        self._weights = [ABSENT] * team.most_posts
        self.cases: list[dict[C, None]] = [{} for _ in range(team.most_posts)]

    def least_loaded(self) -> int | None:
        """The worker with least, lowest number on a tie; None when no post is filled."""
        least = min(self._weights, default=ABSENT)
        return None if least >= ABSENT else self._weights.index(least)

    def free_for(self, size: int) -> int | None:
        """The worker who may take a case of `size` now, or None."""
        worker = self.least_loaded()
        if worker is None:
            return None
        weight = self._weights[worker]
        fits = weight < self.limit if self.team.below_limit else weight + size <= self.limit
        return worker if fits else None

    def take(self, worker: int, size: int, case: C) -> None:
        """Add a case to a worker's load."""
        self._weights[worker] += size
        self.cases[worker][case] = None

    def let_go(self, worker: int, size: int, case: C) -> None:
        """Take a case off a worker's load."""
        self._weights[worker] -= size
        del self.cases[worker][case]

    def leave(self, post: int) -> list[C]:
        """Empty a post; returns the cases that its worker held."""
        held = list(self.cases[post])
        self.cases[post] = {}
        self._weights[post] = ABSENT
        return held

    def start(self, post: int, spared: int) -> None:
        """Fill a post with a worker who holds nothing."""
        self._weights[post] = self.spared[post] = spared

    def may_hold_all(self, post: int) -> None:
        """A worker is no longer newly qualified."""
        self._weights[post] -= self.spared[post]
        self.spared[post] = 0
