"""Stages, routes and the stays between them: the map of the service."""

from dataclasses import dataclass
from enum import StrEnum

from simfs.scenario.durations import Stay


class CaseUnit(StrEnum):
    """What moves through a stage: a sibling group, or one child."""

    FAMILY = "family"
    CHILD = "child"


class Drawing(StrEnum):
    """Which is drawn first: the stay (route on the day it ends) or the route (at entry)."""

    STAY_FIRST = "stay_first"
    ROUTE_FIRST = "route_first"


class WithoutWorker(StrEnum):
    """What a stay does while no worker has the case: wait (`HOLDS`) or go on (`RUNS`)."""

    HOLDS = "holds"
    RUNS = "runs"


@dataclass(frozen=True, slots=True)
class Count:
    """A published stock: the stages whose children it counts say so.

    Attributes:
        key: identity, such as ``child_protection``.
        label: words for people.
    """

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Exit:
    """A way out of the model."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Split:
    """A destination that is one of several places, by fixed shares.

    Attributes:
        key: identity.
        shares: (stage or exit key, probability); sum to 1.
    """

    key: str
    shares: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class AgeMix:
    """Ages on first entry to care: bands and their shares.

    Attributes:
        key: identity.
        edges: years, one more than `shares`; a band is [edge, next edge).
        shares: probability of each band, summing to 1.
        early: power of the uniform in a band starting at 0 (4: most enter within weeks of birth).
    """

    key: str
    edges: tuple[float, ...]
    shares: tuple[float, ...]
    early: float = 1.0


@dataclass(frozen=True, slots=True)
class Route:
    """One way out of a stage.

    Attributes:
        key: identity within its stage.
        label: words for people.
        to: key of a stage, an exit or a split.
        p: probability, one per age band of the stage (length 1 where age does not matter).
        stay: the route's own stay (`route_first` stages only).
        ages: key of the age mix of children who first enter care this way, or None.
        share_of_children: share of a family's children that take a route into a child-unit stage.
        otherwise: stage or exit for the other children when `share_of_children` < 1.
    """

    key: str
    label: str
    to: str
    p: tuple[float, ...]
    stay: Stay | None = None
    ages: str | None = None
    share_of_children: float = 1.0
    otherwise: str | None = None


@dataclass(frozen=True, slots=True)
class Crisis:
    """What waiting without a worker may do.

    Attributes:
        per_day: chance a day, small; a visit bears about 1/per_day waiting days on average.
        to: stage, exit or split that a case in crisis goes to.
        ages: age mix of children who first enter care this way, or None.
    """

    per_day: float
    to: str
    ages: str | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """A place in the service that a case stays in for some days.

    Attributes:
        key: identity; changing it makes a new scenario.
        label: words for people.
        unit: family or child.
        team: key of the team that must hold the case, or None.
        drawing: whether the stay or the route is drawn first.
        stay: the stay (`stay_first`), or None (`route_first`: each route has its own).
        own_work_share: share of the published mean stay that is work, the rest being waits.
        shared_stay: siblings draw their stay from one address (one court case).
        age_bands: lower edges in years of the bands that `Route.p` is given by; (0,) for one band.
        age_at: "entry" (age on entering the stage) or "first_entry" (age on first entering care).
        routes: ways out; each band's probabilities sum to 1.
        remainder: key of the route that takes what an effect prevents.
        priority: 1 is most urgent; decides the order of allocation.
        counts: keys of the published stocks the stage belongs to.
        limit_days: statutory limit, or None; breaches are counted.
        crisis: what waiting may do, or None.
        specialists: whether adult specialists may join here.
        without_worker: whether the stay waits for a worker.
        needs: (need key, chance of it here); the chance only rises on the way in.
        placements: key of the placement mix, or None where no placement is bought.
        opening: children in the stage at the start.
        opening_ages: key of the age mix, on entering the stage less `opening_after`, of the
            children in it at the start; None where ages do not matter.
        opening_after: mean days between first entering care and entering this stage.
    """

    key: str
    label: str
    unit: CaseUnit
    team: str | None
    drawing: Drawing
    stay: Stay | None
    own_work_share: float
    shared_stay: bool
    age_bands: tuple[float, ...]
    age_at: str
    routes: tuple[Route, ...]
    remainder: str | None
    priority: int
    counts: tuple[str, ...]
    limit_days: int | None
    crisis: Crisis | None
    specialists: bool
    without_worker: WithoutWorker
    needs: tuple[tuple[str, float], ...]
    placements: str | None
    opening: float
    opening_ages: str | None = None
    opening_after: float = 0.0

    def route(self, key: str) -> Route | None:
        """The route of that key, or None."""
        return next((route for route in self.routes if route.key == key), None)


@dataclass(frozen=True, slots=True)
class Pathway:
    """The whole map: stages, ways out, and what the published stocks count.

    All tuples are in alphabetical order of key, so the order of a file changes nothing.
    """

    stages: tuple[Stage, ...]
    exits: tuple[Exit, ...]
    splits: tuple[Split, ...]
    counts: tuple[Count, ...]
    age_mixes: tuple[AgeMix, ...]

    def stage(self, key: str) -> Stage:
        """The stage of that key; raises KeyError."""
        for stage in self.stages:
            if stage.key == key:
                return stage
        raise KeyError(key)

    def destinations(self, to: str) -> tuple[tuple[str, float], ...]:
        """Where a route's `to` leads: (stage or exit key, probability)."""
        for split in self.splits:
            if split.key == to:
                return split.shares
        return ((to, 1.0),)
