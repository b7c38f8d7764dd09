"""Scenario → Program: everything an engine needs, worked out once."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np

from simfs.engine import program as code
from simfs.engine.draws import origin_code, place_code
from simfs.engine.opening import compile_opening
from simfs.engine.population import families_digest
from simfs.engine.tables import age_table, length_biased, stay_table
from simfs.scenario.demand import Stream
from simfs.scenario.durations import Exponential, Shape, Stay
from simfs.scenario.pathway import CaseUnit, Drawing, Pathway, Route, Stage, WithoutWorker
from simfs.scenario.practice import Effect, EffectKind, Ramp
from simfs.scenario.quantities import Quantity
from simfs.scenario.scenario import DAYS_PER_YEAR, Calendar, Scenario
from simfs.scenario.workforce import AllocationRule, CaseloadUnit, Team, TeamKind


class _Tables:
    """The quantile tables a scenario uses, each once."""

    def __init__(self, pathway: Pathway) -> None:
        self._numbers: dict[object, int] = {}
        self.knots: list[code.FloatArray] = []
        self.of(Exponential())  # arrivals and the waiting a case can bear
        self._mixes = {mix.key: mix for mix in pathway.age_mixes}

    def of(self, shape: Shape) -> int:
        """Number of a shape's table."""
        return self._number(shape, lambda: stay_table(shape))

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
            self._numbers[key] = len(self.knots)
            self.knots.append(make())
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
    """Numbers of the effects on each target, in order of key."""
    effects = scenario.practice.effects if scenario.practice else ()
    found: dict[tuple[str, str], tuple[int, ...]] = {}
    for number, effect in enumerate(effects):
        if effect.kind is kind:
            for target in effect.targets:
                found[target] = (*found.get(target, ()), number)
    return found


def _stage(
    stage: Stage, scenario: Scenario, places: _Places, tables: _Tables, first_route: int
) -> code.StageCode:
    mean, table, until_18 = tables.stay(stage.stay)
    teams = {team.key: number for number, team in enumerate(scenario.teams)}
    counts = {count.key: number for number, count in enumerate(scenario.pathway.counts)}
    route_keys = [route.key for route in stage.routes]
    needs = dict(stage.needs)
    shares: dict[str, float] = {}
    if stage.placements is not None:
        mix = next(mix for mix in scenario.prices.mixes if mix.key == stage.placements)
        shares = dict(mix.shares)
    crisis = stage.crisis
    bands = range(len(stage.age_bands))
    stay_effects = _targets(scenario, EffectKind.STAY)
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
        cumulative=tuple(
            _cumulative([_p(route, band) for route in stage.routes]) for band in bands
        ),
        remainder=route_keys.index(stage.remainder) if stage.remainder else code.NOBODY,
        priority=stage.priority,
        counts=tuple(counts[key] for key in stage.counts),
        limit=code.NOBODY if stage.limit_days is None else stage.limit_days,
        crisis_mean=1 / crisis.per_day if crisis is not None and crisis.per_day > 0 else 0.0,
        crisis_to=code.NOBODY if crisis is None else places.split(crisis.to),
        crisis_ages=code.NOBODY if crisis is None else tables.ages(crisis.ages),
        specialists=stage.specialists,
        thresholds=tuple(needs.get(need.key, 0.0) for need in scenario.demand.needs),
        brings_out=tuple(
            (number, needs[need.key])
            for number, need in enumerate(scenario.demand.needs)
            if needs.get(need.key, 0.0) > 0
        ),
        mix=_cumulative([shares.get(p.key, 0.0) for p in scenario.prices.placements])
        if shares
        else (),
        stay_effects=stay_effects.get((stage.key, ""), ()),
    )


def _p(route: Route, band: int) -> float:
    return route.p[band] if len(route.p) > 1 else route.p[0]


def _routes(
    stage: Stage, number: int, scenario: Scenario, places: _Places, tables: _Tables
) -> list[code.RouteCode]:
    effects = _targets(scenario, EffectKind.ROUTE)
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
            )
        )
    return rows


def _team(team: Team, scenario: Scenario) -> code.TeamCode:
    needs = {need.key: number for number, need in enumerate(scenario.demand.needs)}
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
    )


def _arrivals(stream: Stream, calendar: Calendar) -> code.FloatArray:
    """Arrivals expected by the end of each day."""
    rate = np.zeros(calendar.days)
    for day, per_year in stream.per_year:
        rate[max(day, 0) :] = per_year / DAYS_PER_YEAR
    return np.cumsum(rate)


def _origins(scenario: Scenario, places: _Places, tables: _Tables) -> list[code.OriginCode]:
    """Opening stocks in order of stage, then streams in order of key."""
    effects = _targets(scenario, EffectKind.STREAM)
    stocks = [
        code.OriginCode(
            key=stage.key,
            code=origin_code(f"opening:{stage.key}"),
            stage=places.stages[stage.key],
            opening=int(stage.opening + 0.5),
            cumulative=np.zeros(0),
            ages=tables.ages(stage.opening_ages),
            effects=(),
            drift=False,
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
            drift=stream.drift,
        )
        for stream in scenario.demand.streams
    ]
    return stocks + streams


def quantities_of(scenario: Scenario) -> tuple[Quantity, ...]:
    """Every number of a scenario that a draw may move, in order of path."""
    found: dict[str, Quantity] = {}
    for effect in scenario.practice.effects if scenario.practice else ():
        parts = [effect.ratio, effect.ramp.half, effect.ramp.ninety]
        parts += [effect.team_share, effect.reference_dose, effect.dose_power]
        parts += [effect.fade.half_life] if effect.fade else []
        found.update((part.path, part) for part in parts)
    for cost in scenario.prices.costs:
        found.update((part.path, part) for part in (cost.pounds, cost.growth))
    return tuple(found[path] for path in sorted(found))


def compile_effects(scenario: Scenario, values: Mapping[str, float]) -> tuple[code.EffectCode, ...]:
    """The effects of a scenario in one draw; `values` by quantity path."""
    if scenario.practice is None:
        return ()
    days = np.arange(scenario.calendar.days)
    trained = np.ones(len(days))
    if scenario.practice.trained:
        trained[:] = 0.0
        for cohort in scenario.practice.trained:
            trained[days >= cohort.day] += cohort.share
    return tuple(
        _effect(effect, values, days, np.minimum(trained, 1.0))
        for effect in scenario.practice.effects
    )


def _effect(
    effect: Effect, values: Mapping[str, float], days: code.IntArray, trained: code.FloatArray
) -> code.EffectCode:
    def value(quantity: Quantity) -> float:
        return values.get(quantity.path, quantity.value)

    half = value(effect.ramp.half)
    # A draw in which nine tenths came before half would have no curve; keep the two apart.
    ninety = max(value(effect.ramp.ninety), 1.05 * half)
    strength = trained * Ramp.shares(days - effect.ramp.start, half, ninety)
    if effect.fade is not None:
        faded = np.maximum(days - effect.fade.start, 0) / value(effect.fade.half_life)
        strength = strength * 0.5**faded
    share = min(max(value(effect.team_share), 0.0), 1.0)
    dose = np.arange(101) / max(value(effect.reference_dose), 1e-9)
    by_dose = share + (1 - share) * dose ** value(effect.dose_power)
    return code.EffectCode(
        key=effect.key,
        ratio=value(effect.ratio),
        by_day=tuple(float(x) for x in strength),
        by_dose=tuple(float(x) for x in by_dose),
        remainder=effect.remainder or "",
    )


@lru_cache(maxsize=32)
def _compile(scenario: Scenario) -> code.Program:
    """Everything but the effects, which change from draw to draw."""
    pathway, demand = scenario.pathway, scenario.demand
    places, tables = _Places(pathway), _Tables(pathway)
    stages: list[code.StageCode] = []
    routes: list[code.RouteCode] = []
    for number, stage in enumerate(pathway.stages):
        stages.append(_stage(stage, scenario, places, tables, len(routes)))
        routes += _routes(stage, number, scenario, places, tables)
    teams = tuple(_team(team, scenario) for team in scenario.teams)
    origins = _origins(scenario, places, tables)
    stocked = {origin.stage: origin.ages for origin in origins if origin.opening}
    knots = np.array(tables.knots)
    calendar = scenario.calendar
    start = calendar.start
    program = code.Program(
        days=calendar.days,
        year_starts=(*(first for _, first, _ in calendar.years), calendar.days),
        months=tuple(
            12 * (when.year - start.year) + when.month - start.month
            for when in map(calendar.date_of, range(calendar.days))
        ),
        tables=knots,
        biased=np.array([length_biased(table) for table in knots]),
        stages=tuple(stages),
        routes=tuple(routes),
        splits=tuple(places.splits),
        exits=tuple(places.exits),
        counts=tuple(count.key for count in pathway.counts),
        teams=teams,
        origins=tuple(origins),
        effects=(),
        openings=tuple(
            compile_opening(stage, coded, routes, knots, stocked[number])
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
        served=tuple(
            any(team.serves == number and team.most_posts > 0 for team in teams)
            for number in range(len(demand.needs))
        ),
        eighteen=-1 - places.exits[code.EIGHTEEN],
        start_ordinal=calendar.start.toordinal(),
    )
    return replace(program, families=families_digest(program))


def compile_scenario(scenario: Scenario, values: Mapping[str, float]) -> code.Program:
    """The program of one arm in one draw; `values` by quantity path, central where absent."""
    return _compile(scenario).with_effects(compile_effects(scenario, values))
