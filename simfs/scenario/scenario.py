"""A complete description of what is simulated in one arm, with nothing left implicit."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from simfs.scenario.claims import Claim, UntestedClaim
from simfs.scenario.costs import PriceList
from simfs.scenario.demand import Demand
from simfs.scenario.environment import DriftTarget, Walk
from simfs.scenario.fit import Backtest, Badge, Calibration, FitRow, Published
from simfs.scenario.pathway import Pathway
from simfs.scenario.practice import (
    ON_FAMILIES,
    Effect,
    PracticeModel,
    Reform,
    ServiceCrisis,
)
from simfs.scenario.published import PublishedStaffing
from simfs.scenario.quantities import Correlation, Ensemble, Quantity
from simfs.scenario.workforce import Team, Workforce

DAYS_PER_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days of a run and the financial years they fall in.

    Attributes:
        start: date of day 0.
        days: days simulated; [0, days).
    """

    start: date
    days: int

    def date_of(self, day: int) -> date:
        """The date of a day of the run."""
        return self.start + timedelta(days=day)

    def day_of(self, when: date) -> int:
        """The day of the run of a date; negative before the start."""
        return (when - self.start).days

    @property
    def years(self) -> tuple[tuple[str, int, int], ...]:
        """(label such as "2023/24", first day, end day), half-open, April to March."""
        return _financial_years(self)

    @property
    def weeks(self) -> int:
        """Whole weeks; the last days that fill no week are in no week."""
        return self.days // 7


@lru_cache(maxsize=32)
def _financial_years(calendar: Calendar) -> tuple[tuple[str, int, int], ...]:
    rows: list[tuple[str, int, int]] = []
    first = 0
    while first < calendar.days:
        when = calendar.date_of(first)
        april = when.year if when >= date(when.year, 4, 1) else when.year - 1
        end = min(calendar.day_of(date(april + 1, 4, 1)), calendar.days)
        rows.append((f"{april}/{(april + 1) % 100:02d}", first, end))
        first = end
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One arm, resolved.

    Attributes:
        arm: identity of the arm.
        label: words for people.
        calendar: start and length.
        pathway: the map.
        demand: who comes.
        teams: in order of key.
        practice: the practice model's changes; None changes nothing.
        prices: the price list.
        reform: a national reform that reaches every arm, or None.
        service_crisis: what may befall the service in every arm, or None.
        walks: the authority's own drift, in order of key.
        free: numbers of the pathway, demand and staff that a draw moves, in order of path.
        correlations: between numbers that a draw moves.
        ensemble: numbers that a draw takes together, or None.
        blueprint: what the scenario is built from again in a draw (`simfs.scenario.drawn`).
        off: mechanisms that were switched off, with the baseline they were compared with.
    """

    arm: str
    label: str
    calendar: Calendar
    pathway: Pathway
    demand: Demand
    teams: tuple[Team, ...]
    practice: PracticeModel | None
    prices: PriceList
    reform: Reform | None = None
    service_crisis: ServiceCrisis | None = None
    walks: tuple[Walk, ...] = ()
    free: tuple[Quantity, ...] = ()
    correlations: tuple[Correlation, ...] = ()
    ensemble: Ensemble | None = None
    blueprint: object = field(default=None, compare=False, repr=False)
    off: "tuple[tuple[str, Scenario], ...]" = field(default=(), compare=False, repr=False)

    @property
    def effects(self) -> tuple[Effect, ...]:
        """Effects on families, of the practice model and of a reform, in order of key."""
        brought = self.reform.effects if self.reform else ()
        own = self.practice.effects if self.practice else ()
        found = {e.key: e for e in (*brought, *own) if e.kind in ON_FAMILIES}
        return tuple(found[key] for key in sorted(found))

    @property
    def workforces(self) -> tuple[Workforce, ...]:
        """Every workforce of its teams once, in order of key."""
        found = {team.workforce.key: team.workforce for team in self.teams if team.workforce}
        return tuple(found[key] for key in sorted(found))

    def team(self, key: str) -> Team:
        """The team of that key; raises KeyError."""
        for team in self.teams:
            if team.key == key:
                return team
        raise KeyError(key)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """Where one number of a scenario comes from.

    Attributes:
        path: dotted key path.
        value: as written.
        unit: in words, or empty.
        low: p10 or lower end, or None.
        high: p90 or upper end, or None.
        source: key of a source, or empty.
        assumption: the reason, or empty. One of the two is always given.
        grade: A (published for the place) to D (assumed), or empty.
    """

    path: str
    value: str
    unit: str
    low: float | None
    high: float | None
    source: str
    assumption: str
    grade: str


@dataclass(frozen=True, slots=True)
class Source:
    """Something that was read: a document or a data file."""

    key: str
    title: str
    where: str


@dataclass(frozen=True, slots=True)
class Study:
    """Everything one run needs: arms that share a pathway, claims about them, and sources.

    Attributes:
        name: identity and name of the results folder.
        title: words for people.
        baseline: key of the arm that others are compared with.
        arms: baseline first, the others in order of key.
        claims: that can be judged, in the order of the file.
        preset: name of the preset of effects in force, or empty.
        ledger: every number with its source or assumption, in order of path.
        sources: in order of key.
        warnings: what a reader must know before trusting the run, in plain words.
        resolved: the complete scenario as TOML text, from which the same study loads again.
        notes: what was changed for this run.
        calibration: how it is fitted to counts, or None.
        fit: how well it fits them; empty where it was never fitted.
        backtest: how its forecasts are tested, or None.
        badge: what such a test gave, or None.
        read_from: authorities whose own results the preset in force states.
        drift_targets: how much counts are to wander, in the order of the file.
        history: what was published of the stocks, in the order of the file.
        untested: claims about what is not simulated, in the order of the file.
        published_staffing: what papers say that staff cost, in the order of the file.
    """

    name: str
    title: str
    baseline: str
    arms: tuple[Scenario, ...]
    claims: tuple[Claim, ...]
    preset: str
    ledger: tuple[LedgerEntry, ...]
    sources: tuple[Source, ...]
    warnings: tuple[str, ...]
    resolved: str
    notes: tuple[str, ...] = ()
    calibration: Calibration | None = None
    fit: tuple[FitRow, ...] = ()
    backtest: Backtest | None = None
    badge: Badge | None = None
    read_from: tuple[str, ...] = ()
    drift_targets: tuple[DriftTarget, ...] = ()
    history: tuple[Published, ...] = ()
    untested: tuple[UntestedClaim, ...] = ()
    published_staffing: tuple[PublishedStaffing, ...] = ()

    def arm(self, key: str) -> Scenario:
        """The arm of that key; raises KeyError."""
        for arm in self.arms:
            if arm.arm == key:
                return arm
        raise KeyError(key)
