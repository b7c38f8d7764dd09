"""Scenario → Program: everything an engine needs, worked out once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from simfs.engine import program as code
from simfs.engine.compile_draw import (
    Draw,
    may_have_crisis,
    quantities_of,
    shapes_of,
    values_in_draw,
)
from simfs.engine.draws import origin_code, place_code
from simfs.engine.opening import compile_opening
from simfs.engine.population import families_digest
from simfs.engine.tables import age_table, length_biased, stay_table
from simfs.scenario.costs import AgedShares
from simfs.scenario.demand import Stream
from simfs.scenario.durations import Exponential, Shape, Stay
from simfs.scenario.pathway import CaseUnit, Drawing, Pathway, Route, Stage, WithoutWorker
from simfs.scenario.practice import EffectKind
from simfs.scenario.scenario import DAYS_PER_YEAR, Calendar, Scenario
from simfs.scenario.workforce import AllocationRule, CaseloadUnit, Establishment, Team, TeamKind

__all__ = ["compile_scenario", "quantities_of", "values_in_draw"]


class _Tables:
    """The quantile tables a scenario uses, each once."""

    def __init__(self, pathway: Pathway) -> None:
        self._numbers: dict[object, int] = {}
        self.shapes: dict[Shape, int] = {}
        self._knots: list[code.FloatArray] = []
        self.of(Exponential())  # arrivals, the waiting a case can bear, and a service crisis
        self._mixes = {mix.key: mix for mix in pathway.age_mixes}

    def of(self, shape: Shape) -> int:
        """Number of a shape's table."""
        number = self._number(shape, lambda: stay_table(shape))
        self.shapes[shape] = number
        return number

    def arrays(self) -> tuple[code.FloatArray, code.FloatArray]:
        """The tables so far and their length-biased form, float64[table, knot]."""
        return np.array(self._knots), np.array([length_biased(knots) for knots in self._knots])

    def ages(self, key: str | None) -> int:
        """Number of an age mix's table, or −1."""
        if key is None:
            return code.NOBODY
        return self._number(("ages", key), lambda: age_table(self._mixes[key]))

    def stay(self, stay: Stay | None) -> tuple[float, int, bool]:
        """(mean days, table number, whether it lasts to 18) of a stay."""
        if stay is None or stay.until_18:
            return 0.0, 0, stay is not None
        return stay.mean, self.of(stay.shape), False

    def _number(self, key: object, make: Callable[[], code.FloatArray]) -> int:
        if key not in self._numbers:
            self._numbers[key] = len(self._knots)
            self._knots.append(make())
        return self._numbers[key]


class _Places:
    """Numbers of stages, exits and splits; a plain destination is a split of one."""

    def __init__(self, pathway: Pathway) -> None:
        self.stages = {stage.key: number for number, stage in enumerate(pathway.stages)}
        keys = sorted({exit_.key for exit_ in pathway.exits} | {code.EIGHTEEN})
        self.exits = {key: number for number, key in enumerate(keys)}
        self._pathway = pathway
        self._numbers: dict[str, int] = {}
        self.splits: list[tuple[tuple[int, float], ...]] = []

    def place(self, key: str) -> int:
        """Destination of a stage or exit key."""
        return self.stages[key] if key in self.stages else -1 - self.exits[key]

    def split(self, to: str) -> int:
        """Number of the split that a route's `to` is."""
        if to not in self._numbers:
            self._numbers[to] = len(self.splits)
            shares = self._pathway.destinations(to)
            running = np.cumsum([share for _, share in shares])
            self.splits.append(
                tuple(
                    (self.place(key), float(sum_))
                    for (key, _), sum_ in zip(shares, running / running[-1], strict=True)
                )
            )
        return self._numbers[to]


def _cumulative(p: tuple[float, ...] | list[float]) -> tuple[float, ...]:
    """Running sums, the last exactly one, so that no uniform falls beyond."""
    sums = np.cumsum(p)
    return (*(float(value) for value in sums[:-1]), 1.0)


def _targets(scenario: Scenario, kind: EffectKind) -> dict[tuple[str, str], tuple[int, ...]]:
    """Numbers of the effects on each target, in order of key, a service crisis last."""
    pairs = [
        (target, number)
        for number, effect in enumerate(scenario.effects)
        if effect.kind is kind
        for target in effect.targets
    ]
    crisis = scenario.service_crisis
    if crisis is not None and may_have_crisis(scenario) and kind is EffectKind.ROUTE:
        pairs += [(target, len(scenario.effects)) for target in crisis.targets]
    found: dict[tuple[str, str], tuple[int, ...]] = {}
    for target, number in pairs:
        found[target] = (*found.get(target, ()), number)
    return found


def _walked(scenario: Scenario) -> dict[tuple[str, str], int]:
    """Number of the walk that moves each target."""
    return {target: number for number, walk in enumerate(scenario.walks) for target in walk.targets}


def _stage(
    stage: Stage, scenario: Scenario, places: _Places, tables: _Tables, first_route: int
) -> code.StageCode:
    mean, table, until_18 = tables.stay(stage.stay)
    teams = {team.key: number for number, team in enumerate(scenario.teams)}
    counts = {count.key: number for number, count in enumerate(scenario.pathway.counts)}
    route_keys = [route.key for route in stage.routes]
    crisis = stage.crisis
    thresholds = _thresholds(stage, scenario)
    return code.StageCode(
        key=stage.key,
        label=stage.label,
        code=place_code(stage.key),
        child=stage.unit is CaseUnit.CHILD,
        team=code.NOBODY if stage.team is None else teams[stage.team],
        holds=stage.team is not None and stage.without_worker is WithoutWorker.HOLDS,
        route_first=stage.drawing is Drawing.ROUTE_FIRST,
        shared_stay=stage.shared_stay,
        stay_mean=mean * stage.own_work_share,
        stay_table=table,
        until_18=until_18,
        band_edges=tuple(int(years * DAYS_PER_YEAR) for years in stage.age_bands),
        first_entry_age=stage.age_at == "first_entry",
        routes=(first_route, first_route + len(stage.routes)),
        cumulative=_route_chances(stage),
        remainder=route_keys.index(stage.remainder) if stage.remainder else code.NOBODY,
        priority=stage.priority,
        counts=tuple(counts[key] for key in stage.counts),
        limit=code.NOBODY if stage.limit_days is None else stage.limit_days,
        crisis_mean=1 / crisis.per_day if crisis is not None and crisis.per_day > 0 else 0.0,
        crisis_to=code.NOBODY if crisis is None else places.split(crisis.to),
        crisis_ages=code.NOBODY if crisis is None else tables.ages(crisis.ages),
        specialists=stage.specialists,
        thresholds=thresholds,
        brings_out=tuple((need, chance) for need, chance in enumerate(thresholds) if chance > 0),
        mix_edges=tuple(int(years * DAYS_PER_YEAR) for years, _ in _placements(stage, scenario)),
        mix=tuple(
            _cumulative([dict(shares).get(p.key, 0.0) for p in scenario.prices.placements])
            for _, shares in _placements(stage, scenario)
        ),
        stay_effects=_targets(scenario, EffectKind.STAY).get((stage.key, ""), ()),
    )


def _thresholds(stage: Stage, scenario: Scenario) -> tuple[float, ...]:
    """Chance of each need in a stage."""
    needs = dict(stage.needs)
    return tuple(needs.get(need.key, 0.0) for need in scenario.demand.needs)


def _route_chances(stage: Stage) -> tuple[tuple[float, ...], ...]:
    """Cumulative chances of a stage's routes, by age band."""
    bands = range(len(stage.age_bands))
    return tuple(_cumulative([_p(route, band) for route in stage.routes]) for band in bands)


def _placements(stage: Stage, scenario: Scenario) -> AgedShares:
    """Lower ages and shares of a stage's placements; empty for none."""
    mixes = {mix.key: mix.bands for mix in scenario.prices.mixes}
    return () if stage.placements is None else mixes[stage.placements]


def _p(route: Route, band: int) -> float:
    return route.p[band] if len(route.p) > 1 else route.p[0]


def _routes(
    stage: Stage, number: int, scenario: Scenario, places: _Places, tables: _Tables
) -> list[code.RouteCode]:
    effects, walked = _targets(scenario, EffectKind.ROUTE), _walked(scenario)
    rows = []
    for place, route in enumerate(stage.routes):
        mean, table, until_18 = tables.stay(route.stay)
        rows.append(
            code.RouteCode(
                stage=number,
                place=place,
                key=route.key,
                split=places.split(route.to),
                stay_mean=mean,
                stay_table=table,
                until_18=until_18,
                ages=tables.ages(route.ages),
                share=route.share_of_children,
                otherwise=places.place(route.otherwise) if route.otherwise else 0,
                effects=effects.get((stage.key, route.key), ()),
                p=tuple(_p(route, band) for band in range(len(stage.age_bands))),
                walk=walked.get((stage.key, route.key), code.NOBODY),
            )
        )
    return rows


def _team(team: Team, scenario: Scenario) -> code.TeamCode:
    needs = {need.key: number for number, need in enumerate(scenario.demand.needs)}
    workforces = [workforce.key for workforce in scenario.workforces]
    start = team.at_start
    return code.TeamCode(
        key=team.key,
        label=team.label,
        unlimited=team.unlimited,
        specialist=team.kind is TeamKind.SPECIALIST,
        by_family=team.unit is CaseloadUnit.FAMILIES,
        below_limit=team.rule is AllocationRule.BELOW_LIMIT,
        continuity=team.continuity,
        handover=team.handover_days,
        serves=code.NOBODY if team.serves is None else needs[team.serves],
        posts=tuple((change.day, change.posts) for change in team.establishment),
        limits=team.caseload,
        most_posts=max((change.posts for change in team.establishment), default=0),
        code=place_code(f"team:{team.key}"),
        workforce=workforces.index(team.workforce.key) if team.workforce else code.NOBODY,
        at_start=(start.vacant, start.agency) if start else None,
    )


def _arrivals(stream: Stream, calendar: Calendar) -> code.FloatArray:
    """Arrivals expected by the end of each day."""
    rate = np.zeros(calendar.days)
    for day, per_year in stream.per_year:
        rate[max(day, 0) :] = per_year / DAYS_PER_YEAR
    return np.cumsum(rate)


def _origins(scenario: Scenario, places: _Places, tables: _Tables) -> list[code.OriginCode]:
    """Opening stocks in order of stage, then streams in order of key."""
    effects, walked = _targets(scenario, EffectKind.STREAM), _walked(scenario)
    stocks = [
        code.OriginCode(
            key=stage.key,
            code=origin_code(f"opening:{stage.key}"),
            stage=places.stages[stage.key],
            opening=int(stage.opening + 0.5),
            cumulative=np.zeros(0),
            ages=tables.ages(stage.opening_ages),
            effects=(),
        )
        for stage in scenario.pathway.stages
        if stage.opening >= 0.5
    ]
    streams = [
        code.OriginCode(
            key=stream.key,
            code=origin_code(f"stream:{stream.key}"),
            stage=places.stages[stream.to],
            opening=0,
            cumulative=_arrivals(stream, scenario.calendar),
            ages=tables.ages(stream.ages),
            effects=effects.get((stream.key, ""), ()),
            walk=walked.get((stream.key, ""), code.NOBODY),
        )
        for stream in scenario.demand.streams
    ]
    return stocks + streams


@dataclass(frozen=True, slots=True, eq=False)
class _Compiled:
    """All of a program but its effects and staff, and the numbers of the tables of shapes."""

    program: code.Program
    tables: Mapping[Shape, int]


@lru_cache(maxsize=32)
def _compile(scenario: Scenario) -> _Compiled:
    """Everything that changes neither from draw to draw nor with the posts of a plan."""
    pathway = scenario.pathway
    places, tables = _Places(pathway), _Tables(pathway)
    stages: list[code.StageCode] = []
    routes: list[code.RouteCode] = []
    for number, stage in enumerate(pathway.stages):
        stages.append(_stage(stage, scenario, places, tables, len(routes)))
        routes += _routes(stage, number, scenario, places, tables)
    teams = tuple(_team(team, scenario) for team in scenario.teams)
    origins = tuple(_origins(scenario, places, tables))
    program = _program(scenario, tables, tuple(stages), tuple(routes), teams, origins)
    program = replace(
        program,
        splits=tuple(places.splits),
        exits=tuple(places.exits),
        eighteen=-1 - places.exits[code.EIGHTEEN],
    )
    # Tables of workers come after those of families, and arms that differ in them share families.
    families = families_digest(program)
    for workforce in scenario.workforces:
        for shape in shapes_of(workforce):
            tables.of(shape)
    knots, biased = tables.arrays()
    program = replace(program, tables=knots, biased=biased, families=families)
    return _Compiled(program, tables.shapes)


def _program(
    scenario: Scenario,
    tables: _Tables,
    stages: tuple[code.StageCode, ...],
    routes: tuple[code.RouteCode, ...],
    teams: tuple[code.TeamCode, ...],
    origins: tuple[code.OriginCode, ...],
) -> code.Program:
    """The program of what has been compiled so far, still without its ways out and its splits."""
    pathway, demand, calendar = scenario.pathway, scenario.demand, scenario.calendar
    stocked = {origin.stage: origin.ages for origin in origins if origin.opening}
    knots, biased = tables.arrays()
    return code.Program(
        days=calendar.days,
        year_starts=(*(first for _, first, _ in calendar.years), calendar.days),
        months=_months(calendar),
        tables=knots,
        biased=biased,
        stages=stages,
        routes=routes,
        splits=(),
        exits=(),
        counts=tuple(count.key for count in pathway.counts),
        teams=teams,
        origins=origins,
        effects=(),
        openings=tuple(
            compile_opening(stage, coded, list(routes), knots, stocked[number])
            if number in stocked
            else None
            for number, (stage, coded) in enumerate(zip(pathway.stages, stages, strict=True))
        ),
        needs=tuple(need.key for need in demand.needs),
        need_codes=tuple(place_code(need.key) for need in demand.needs),
        need_correlation=demand.need_correlation,
        sizes=_cumulative(demand.sizes),
        earlier_plan=demand.earlier_plan,
        placements=tuple(placement.key for placement in scenario.prices.placements),
        served=_served(teams, len(demand.needs)),
        eighteen=0,
        start_ordinal=calendar.start.toordinal(),
    )


def _months(calendar: Calendar) -> tuple[int, ...]:
    """Month of the run, by day."""
    start = calendar.start
    dates = map(calendar.date_of, range(calendar.days))
    return tuple(12 * (when.year - start.year) + when.month - start.month for when in dates)


def _served(teams: tuple[code.TeamCode, ...], needs: int) -> tuple[bool, ...]:
    """By need, whether any team ever serves it."""
    serving = {team.serves for team in teams if team.most_posts > 0}
    return tuple(need in serving for need in range(needs))


def compile_scenario(scenario: Scenario, values: Mapping[str, float]) -> code.Program:
    """The program of one arm in one draw; `values` by quantity path, central where absent."""
    compiled, draw = _compile(_of_any_size(scenario)), Draw(scenario, values)
    teams = tuple(_team(team, scenario) for team in scenario.teams)
    program = replace(
        compiled.program, teams=teams, served=_served(teams, len(scenario.demand.needs))
    )
    return program.in_draw(draw.effects(), draw.staff(compiled.tables), draw.walks())


def _of_any_size(scenario: Scenario) -> Scenario:
    """What all arms share that differ in nothing but names, posts and caseloads."""
    one_post = (Establishment(0, 1),)
    teams = tuple(
        replace(
            team,
            establishment=() if team.unlimited else one_post,
            caseload=() if team.unlimited else ((0, 1),),
            at_start=None,
        )
        for team in scenario.teams
    )
    return replace(scenario, arm="", label="", teams=teams)
