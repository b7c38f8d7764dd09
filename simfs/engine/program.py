"""The compiled scenario: flat arrays that an engine reads, and nothing else.

Stages, routes, exits, teams, needs, effects and origins are numbers in alphabetical order of key.
A destination is a stage number, or −1 − exit number.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

NOBODY = -1
EIGHTEEN = "eighteen"
DAYS_TO_18 = 6574  # 18 × 365.25, rounded down
COST_BANDS = 10


def is_exit(place: int) -> bool:
    """Whether a destination is a way out of the model."""
    return place < 0


def exit_number(place: int) -> int:
    """The exit that a destination below zero stands for."""
    return -1 - place


@dataclass(frozen=True, slots=True)
class StageCode:
    """One stage as numbers.

    Attributes:
        key, label: as in the scenario.
        code: 64-bit place of its random numbers.
        child: whether cases are single children.
        team: number, or −1.
        holds: whether the stay waits for a worker.
        route_first: whether the route is drawn at entry.
        shared_stay: whether siblings share the uniform of the stay.
        stay_mean, stay_table, until_18: own stay (`route_first`: unused); days; table number.
        band_edges: lower edges of age bands, days.
        first_entry_age: bands by age on first entering care.
        routes: numbers of the first route and one past the last.
        cumulative: cumulative probabilities, [band][route in stage].
        remainder: route in stage, or −1.
        priority: 1 is most urgent.
        counts: numbers of the published stocks.
        limit: statutory days, or −1.
        crisis_mean, crisis_to, crisis_ages: mean waiting days borne, split number, age table; or 0.
        specialists: whether specialists may join.
        thresholds: chance of each need, by need; `brings_out` the needs that are not zero.
        mix_edges: lower edges of the ages at which chances of placements change, days.
        mix: cumulative chances of placements, [age][placement]; empty for none.
        stay_effects: numbers of the effects on the stay.
    """

    key: str
    label: str
    code: int
    child: bool
    team: int
    holds: bool
    route_first: bool
    shared_stay: bool
    stay_mean: float
    stay_table: int
    until_18: bool
    band_edges: tuple[int, ...]
    first_entry_age: bool
    routes: tuple[int, int]
    cumulative: tuple[tuple[float, ...], ...]
    remainder: int
    priority: int
    counts: tuple[int, ...]
    limit: int
    crisis_mean: float
    crisis_to: int
    crisis_ages: int
    specialists: bool
    thresholds: tuple[float, ...]
    brings_out: tuple[tuple[int, float], ...]
    mix_edges: tuple[int, ...]
    mix: tuple[tuple[float, ...], ...]
    stay_effects: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RouteCode:
    """One route as numbers; `place` is its number in its stage.

    Attributes:
        stage, place, key: where it is.
        split: number of the destination's split.
        stay_mean, stay_table, until_18: own stay of a `route_first` stage's route.
        ages: age table of children who first enter care this way, or −1.
        share: share of a family's children that take it.
        otherwise: destination of the others.
        effects: numbers of the effects on its chance.
        p: probability by age band.
        walk: number of the walk that moves its chance, or −1.
    """

    stage: int
    place: int
    key: str
    split: int
    stay_mean: float
    stay_table: int
    until_18: bool
    ages: int
    share: float
    otherwise: int
    effects: tuple[int, ...]
    p: tuple[float, ...]
    walk: int = NOBODY


@dataclass(frozen=True, slots=True)
class TeamCode:
    """One team as numbers.

    Attributes:
        key, label: as in the scenario.
        unlimited: always has room.
        specialist: joins cases instead of holding them.
        by_family: the caseload counts families.
        below_limit: any worker under the limit may take the next family.
        continuity: the worker is kept across the team's stages.
        handover: days added to a stay that changes worker.
        serves: need number, or −1.
        posts: (day, posts from that day); days before the start are negative.
        limits: (day, caseload limit from that day).
        most_posts: greatest number of posts ever.
        code: 64-bit place of its random numbers.
        workforce: number, or −1 where every post is always filled.
        at_start: (empty posts, posts held by agency workers) at the start, or None for the
            workforce's equilibrium.
    """

    key: str
    label: str
    unlimited: bool
    specialist: bool
    by_family: bool
    below_limit: bool
    continuity: bool
    handover: int
    serves: int
    posts: tuple[tuple[int, int], ...]
    limits: tuple[tuple[int, int], ...]
    most_posts: int
    code: int = 0
    workforce: int = NOBODY
    at_start: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class PhaseCode:
    """How long one state of a post lasts: mean days, and the number of its quantile table.

    A mean of infinity is a state that never ends.
    """

    mean: float
    table: int


@dataclass(frozen=True, slots=True, eq=False)
class WorkforceCode:
    """One workforce as numbers, in one draw.

    Attributes:
        permanent, agency: tenures.
        recruitment, agency_gap: how long a post is empty after either; a new post: the first.
        agency_share: chance that an appointment is an agency worker, by day, float64[day].
        leaving: permanent tenure used up by the end of each day, float64[day + 1] from 0 at the
            start of day 0: the day itself where nothing speeds it up or slows it down.
        hiring: the same of the days that posts are empty.
        newly_qualified: share of permanent appointments who are.
        protected_share: share of a full caseload that they are spared.
        protected_days: for how long.
    """

    permanent: PhaseCode
    agency: PhaseCode
    recruitment: PhaseCode
    agency_gap: PhaseCode
    agency_share: FloatArray
    leaving: FloatArray
    hiring: FloatArray
    newly_qualified: float
    protected_share: float
    protected_days: int


@dataclass(frozen=True, slots=True)
class TrainingCode:
    """How staff learn, as numbers, in one draw.

    Attributes:
        teams: numbers.
        courses: (day, seats) in order of day, those for starters included.
        skill_first, skill_days: skill on the day of the course, and days until it is whole.
        reference: mean skill at which effects have their published strength.
    """

    teams: tuple[int, ...]
    courses: tuple[tuple[int, int], ...]
    skill_first: float
    skill_days: int
    reference: float


@dataclass(frozen=True, slots=True)
class CrisisCode:
    """A service in crisis: mean days until it comes, and how long the worst of it lasts."""

    mean: float
    days: int


@dataclass(frozen=True, slots=True)
class StaffCode:
    """What decides in one draw who works when and how well: see the classes of its parts."""

    workforces: tuple[WorkforceCode, ...] = ()
    training: TrainingCode | None = None
    crisis: CrisisCode | None = None


@dataclass(frozen=True, slots=True)
class OriginCode:
    """Where cases come from: a stage's opening stock, or a stream.

    Attributes:
        key: stage key or stream key.
        code: 32-bit origin of random numbers.
        stage: stage number entered.
        opening: children in the stock at the start; 0 for a stream.
        cumulative: arrivals expected by the end of each day, float64[day]; empty for stock.
        ages: age table, or −1.
        effects: numbers of the effects on the stream.
        walk: number of the walk that moves the stream, or −1.
    """

    key: str
    code: int
    stage: int
    opening: int
    cumulative: FloatArray
    ages: int
    effects: tuple[int, ...]
    walk: int = NOBODY


@dataclass(frozen=True, slots=True)
class EffectCode:
    """One effect as numbers, in one draw.

    A program has the effects of its scenario in their order, and last that of a service crisis
    where one can come.

    Attributes:
        key: as in the scenario.
        ratio: multiplier at full strength.
        by_day: ramp × fade, float per day.
        by_dose: w + (1 − w)(dose ÷ reference)^γ for doses 0-100.
        remainder: key of the route that takes what is prevented, or empty for the stage's.
        at_least: strength that a reform gives whatever the practice, float per day.
        force: row of the roster's `force` that `by_day` is multiplied by.
    """

    key: str
    ratio: float
    by_day: tuple[float, ...]
    by_dose: tuple[float, ...]
    remainder: str
    at_least: tuple[float, ...]
    force: int = 0


@dataclass(frozen=True, slots=True)
class WalkCode:
    """One walk of the authority's drift as numbers, in one draw; see `simfs.engine.drift`.

    Attributes:
        code: 64-bit place of its random numbers.
        sd: standard deviation of its logarithm in the long run.
        keep: share of a deviation that is left after a month.
        level: logarithm of what it returns to.
    """

    code: int
    sd: float
    keep: float
    level: float


@dataclass(frozen=True, slots=True)
class OpeningCode:
    """The equilibrium of one stage's stock: which entry ages and routes are found in it.

    Attributes:
        age: age on entering the stage, days, by cell.
        first_age: age on first entering care, days, by cell.
        route: route in stage, by cell (−1 where the route is drawn at the end).
        mean: mean of the whole stay, days, by cell.
        table: length-biased table, by cell (−1: to the 18th birthday).
        limited: expected stay cut at the 18th birthday, days, by cell.
        cumulative: cumulative chance of the cells.
    """

    age: FloatArray
    first_age: FloatArray
    route: IntArray
    mean: FloatArray
    table: IntArray
    limited: FloatArray
    cumulative: FloatArray


@dataclass(frozen=True, slots=True)
class Program:
    """A scenario compiled for engines; see the classes of its parts.

    Attributes:
        days: days simulated, [0, days).
        year_starts: first day of each financial year, and `days` at the end.
        months: month of the run, by day.
        tables: quantile tables, float64[table, knot]; stays have mean one, ages are in days.
        biased: length-biased form of the same tables.
        splits: per split, (destination, cumulative chance) in turn.
        sizes: cumulative chances of 1, 2, ... children.
        openings: by stage; None where nothing is stocked.
        served: by need, whether any team ever serves it.
        staff: what decides who works when, in one draw.
        walks: the authority's drift, in one draw.
        families: stands for all that says who is there and who comes; programs in which it is
            equal have the same families.
    """

    days: int
    year_starts: tuple[int, ...]
    months: tuple[int, ...]
    tables: FloatArray
    biased: FloatArray
    stages: tuple[StageCode, ...]
    routes: tuple[RouteCode, ...]
    splits: tuple[tuple[tuple[int, float], ...], ...]
    exits: tuple[str, ...]
    counts: tuple[str, ...]
    teams: tuple[TeamCode, ...]
    origins: tuple[OriginCode, ...]
    effects: tuple[EffectCode, ...]
    openings: tuple[OpeningCode | None, ...]
    needs: tuple[str, ...]
    need_codes: tuple[int, ...]
    need_correlation: float
    sizes: tuple[float, ...]
    earlier_plan: float
    placements: tuple[str, ...]
    served: tuple[bool, ...]
    eighteen: int
    start_ordinal: int
    families: bytes = b""
    staff: StaffCode = StaffCode()
    walks: tuple[WalkCode, ...] = ()

    def remainder(self, stage: StageCode, effect: EffectCode) -> int:
        """Place in a stage of the route that takes what an effect prevents there."""
        first, end = stage.routes
        for route in self.routes[first:end]:
            if route.key == effect.remainder:
                return route.place
        return stage.remainder

    @property
    def specialised(self) -> bool:
        """Whether a specialist or a dose can matter; where neither can, nobody asks."""
        return any(self.served) or any(any(e.by_day) for e in self.effects if e.force == 0)

    @property
    def highest(self) -> tuple[float, ...]:
        """By need, the highest chance of any stage."""
        return tuple(
            max(stage.thresholds[need] for stage in self.stages) for need in range(len(self.needs))
        )

    def in_draw(
        self, effects: tuple[EffectCode, ...], staff: StaffCode, walks: tuple[WalkCode, ...]
    ) -> "Program":
        """The same program in another draw."""
        return replace(self, effects=effects, staff=staff, walks=walks)
