"""The traffic equations: the flows and stocks a pathway settles at when nothing waits.

Children entering a stage are those who arrive there and those whom other stages send there; in a
steady state the two balance, and a stage holds flow times mean stay. Families have no age, so their
part is one linear system. A child on the way through care has a birthday: its chances depend on
age, every stay is cut at 18, and a child who comes back is older. That part follows flows by age,
on a grid of hundredths of a year, round the loops until nothing is left to follow.

Stays are elapsed times, as published; `own_work_share`, crises and practice models play no part.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from scipy import optimize, signal

from simfs.errors import UsageError
from simfs.scenario.durations import FloatArray, Stay
from simfs.scenario.pathway import AgeMix, CaseUnit, Pathway, Route, Stage
from simfs.scenario.practice import Effect, EffectKind
from simfs.scenario.scenario import DAYS_PER_YEAR, Scenario

ADULT_YEARS = 18
CELLS_PER_YEAR = 100
_CELLS = ADULT_YEARS * CELLS_PER_YEAR
_AGES = (np.arange(_CELLS) + 0.5) / CELLS_PER_YEAR
_FOLLOWED_TO = 1e-9  # children a year still travelling when the rest is ignored
_EIGHTEEN = "eighteen"


@dataclass(frozen=True, slots=True)
class Traffic:
    """The steady state of a pathway with all the staff it needs.

    Attributes:
        entries: children a year entering each stage.
        children: children in each stage.
        counts: children in each published stock.
        starts: children a year entering each published stock from outside it.
        routes: children a year taking each (stage, route); for a route cut off by the 18th
            birthday only those who take it before.
        moves: children a year going from each stage to each stage or exit, (from, to).
        exits: children a year leaving the model by each exit.
        visits: expected visits to each stage of a child of a new family.
        ever: chance that a child of a new family is ever counted in each published stock; past a
            child-unit stage by the average ages there.
        ages: children in each child-unit stage by age now, float64[1,800], cells of 1/100 year.
        entry_ages: children a year entering each child-unit stage, float64[class, 1,800]: by class
            of age at first entry to care, and by age on entering the stage.
        classes: lower edges of those classes, years: the bands that go by age at first entry.
    """

    entries: Mapping[str, float]
    children: Mapping[str, float]
    counts: Mapping[str, float]
    starts: Mapping[str, float]
    routes: Mapping[tuple[str, str], float]
    moves: Mapping[tuple[str, str], float]
    exits: Mapping[str, float]
    visits: Mapping[str, float]
    ever: Mapping[str, float]
    ages: Mapping[str, FloatArray]
    entry_ages: Mapping[str, FloatArray]
    classes: tuple[float, ...]


def stationary(scenario: Scenario, followed_to: float = _FOLLOWED_TO) -> Traffic:
    """The steady state at the arrival rates of the scenario's first day.

    Args:
        scenario: an arm.
        followed_to: children a year still going round through care when the rest is left out.
    """
    pathway = scenario.pathway
    arrivals, mixes = _arrivals(scenario)
    entries = _ageless_entries(pathway, arrivals)
    ledger = _Ledger(pathway)
    into_care: dict[str, FloatArray] = {}
    for key, mix, children in mixes:
        into_care[key] = into_care.get(key, 0.0) + ledger.grid(mix, children)
    for stage in pathway.stages:
        _follow_ageless(ledger, stage, entries[stage.key], into_care)
    ledger.follow_children(into_care, followed_to)
    return _totals(scenario, ledger, arrivals)


def band_shares(ages: FloatArray, edges: tuple[float, ...]) -> tuple[float, ...]:
    """Shares of children by age band; `ages` has cells of 1/100 year, `edges` are in years."""
    at = [round(edge * CELLS_PER_YEAR) for edge in edges]
    total = float(ages.sum())
    return tuple(float(ages[low:high].sum()) / total for low, high in pairwise(at))


def with_ratios(
    pathway: Pathway, effects: tuple[Effect, ...], ratios: Mapping[str, float]
) -> Pathway:
    """The pathway with the named route effects at full strength.

    What an effect takes from a route goes to its remainder; what it adds comes from there.

    Args:
        pathway: the map before.
        effects: of which those that are in `ratios` and act on routes are applied, in order.
        ratios: multiplier by effect key.
    """
    stages = {stage.key: stage for stage in pathway.stages}
    for effect in effects:
        if effect.kind is EffectKind.ROUTE and effect.key in ratios:
            for stage_key, route_key in effect.targets:
                stages[stage_key] = _shifted(
                    stages[stage_key], route_key, effect.remainder, ratios[effect.key]
                )
    return dataclasses.replace(pathway, stages=tuple(stages[s.key] for s in pathway.stages))


def route_ratios_for_flows(scenario: Scenario, wanted: Mapping[str, float]) -> dict[str, float]:
    """The ratios on routes that give stated ratios of flows.

    Fewer plans already mean fewer removals, so a published fall of a flow needs a smaller change
    of the route itself. Effects that are not named stay without effect.

    Args:
        scenario: an arm with a practice model or a reform.
        wanted: ratio of the flow through an effect's targets, by effect key.

    Raises:
        UsageError: no such effect on routes, or no ratios give these flows.
    """
    effects = {effect.key: effect for effect in scenario.effects}
    for key in wanted:
        if key not in effects or effects[key].kind is not EffectKind.ROUTE:
            raise UsageError(f"arm {scenario.arm!r} has no effect {key!r} on routes")
    keys = sorted(wanted)
    base = _flows_through(scenario, [effects[key] for key in keys])

    def gap(log_ratios: FloatArray) -> FloatArray:
        ratios = dict(zip(keys, np.exp(log_ratios).tolist(), strict=True))
        pathway = with_ratios(scenario.pathway, tuple(effects.values()), ratios)
        changed = dataclasses.replace(scenario, pathway=pathway)
        flows = _flows_through(changed, [effects[key] for key in keys])
        return np.asarray(np.log(flows / base) - np.log([wanted[key] for key in keys]))

    found = optimize.root(gap, np.log([wanted[key] for key in keys]), tol=1e-7)
    if not found.success:
        raise UsageError(f"no ratios on routes give the flows {dict(wanted)}: {found.message}")
    return dict(zip(keys, np.exp(found.x).tolist(), strict=True))


def _flows_through(scenario: Scenario, effects: list[Effect]) -> FloatArray:
    """Children a year through the targets of each effect."""
    routes = stationary(scenario).routes
    return np.array([sum(routes[target] for target in effect.targets) for effect in effects])


def _shifted(stage: Stage, route_key: str, remainder: str | None, ratio: float) -> Stage:
    """The stage with one route's chances multiplied and the difference taken by the remainder."""
    taker = remainder if remainder and stage.route(remainder) else stage.remainder
    rest = stage.route(taker) if taker else None
    route = stage.route(route_key)
    if rest is None or route is None:
        raise UsageError(f"stage {stage.key!r} has no route {route_key!r} with a remainder")
    # no more can be added than the remainder has
    change = tuple(min(p * (ratio - 1), r) for p, r in zip(route.p, rest.p, strict=True))
    moved = {route.key: 1.0, rest.key: -1.0}
    return dataclasses.replace(
        stage,
        routes=tuple(
            dataclasses.replace(
                r, p=tuple(p + moved[r.key] * c for p, c in zip(r.p, change, strict=True))
            )
            if r.key in moved
            else r
            for r in stage.routes
        ),
    )


def _arrivals(scenario: Scenario) -> tuple[dict[str, float], list[tuple[str, AgeMix, float]]]:
    """Children a year arriving without an age, and (stage, ages, children) arriving with one."""
    mixes = {mix.key: mix for mix in scenario.pathway.age_mixes}
    ageless: dict[str, float] = defaultdict(float)
    aged: list[tuple[str, AgeMix, float]] = []
    for stream in scenario.demand.streams:
        _, rate = stream.per_year[0]
        if scenario.pathway.stage(stream.to).unit is CaseUnit.FAMILY:
            ageless[stream.to] += rate * scenario.demand.mean_size
        elif stream.ages is None:
            ageless[stream.to] += rate
        else:
            aged.append((stream.to, mixes[stream.ages], rate))
    return ageless, aged


def _legs(pathway: Pathway, route: Route) -> list[tuple[str, float]]:
    """Where the children of a route go: (stage or exit key, share)."""
    legs = [(to, share * route.share_of_children) for to, share in pathway.destinations(route.to)]
    if route.otherwise is not None:
        legs += [
            (to, share * (1 - route.share_of_children))
            for to, share in pathway.destinations(route.otherwise)
        ]
    return legs


def _ageless_legs(pathway: Pathway, stage: Stage) -> list[tuple[str, float]]:
    """Where a stage sends those who get no birthday on the way: (stage key, chance)."""
    children = {s.key for s in pathway.stages if s.unit is CaseUnit.CHILD}
    return [
        (to, route.p[0] * share)
        for route in stage.routes
        for to, share in _legs(pathway, route)
        if route.ages is None or to not in children
    ]


def _ageless_entries(pathway: Pathway, arrivals: Mapping[str, float]) -> dict[str, float]:
    """Children a year entering each stage without a birthday: arrivals + what stages send."""
    legs = {stage.key: _ageless_legs(pathway, stage) for stage in pathway.stages}
    # only what they reach: a loop that children leave at 18 alone would have no solution
    reached = [key for key, n in arrivals.items() if n > 0]
    for key in reached:
        reached += [
            to for to, chance in legs[key] if chance > 0 and to in legs and to not in reached
        ]
    index = {key: i for i, key in enumerate(dict.fromkeys(reached))}
    balance = np.eye(len(index))
    for key, column in index.items():
        for to, chance in legs[key]:
            if to in index:
                balance[index[to], column] -= chance
    entering = np.linalg.solve(balance, [arrivals.get(key, 0.0) for key in index])
    found = {key: float(entering[i]) for key, i in index.items()}
    return {stage.key: found.get(stage.key, 0.0) for stage in pathway.stages}


def _follow_ageless(
    ledger: "_Ledger", stage: Stage, entering: float, into_care: dict[str, FloatArray]
) -> None:
    """Books who passes a stage without a birthday, and collects whom it sends on with one."""
    days = 0.0
    for route in stage.routes:
        stay = route.stay or stage.stay
        days += route.p[0] * (stay.mean if stay and not stay.until_18 else 0.0)
        flow = entering * route.p[0]
        ledger.routes[stage.key, route.key] += flow
        for to, share in _legs(ledger.pathway, route):
            ledger.moves[stage.key, to] += flow * share
            if to in ledger.child_stages and route.ages is not None:
                grid = ledger.grid(ledger.mixes[route.ages], flow * share)
                into_care[to] = into_care.get(to, 0.0) + grid
    ledger.entries[stage.key] += entering
    ledger.children[stage.key] += entering * days / DAYS_PER_YEAR


class _Ledger:
    """Running totals while flows are followed; arrays of flows are [class, age cell]."""

    def __init__(self, pathway: Pathway) -> None:
        self.pathway = pathway
        self.mixes = {mix.key: mix for mix in pathway.age_mixes}
        self.child_stages = {s.key: s for s in pathway.stages if s.unit is CaseUnit.CHILD}
        edges = {0.0}
        for stage in self.child_stages.values():
            if stage.age_at == "first_entry":
                edges.update(stage.age_bands)
        self.classes = tuple(sorted(edges))
        self.entries: dict[str, float] = defaultdict(float)
        self.children: dict[str, float] = defaultdict(float)
        self.routes: dict[tuple[str, str], float] = defaultdict(float)
        self.moves: dict[tuple[str, str], float] = defaultdict(float)
        self.ages: dict[str, FloatArray] = {}
        self.entry_ages: dict[str, FloatArray] = {}

    def grid(self, mix: AgeMix, children: float) -> FloatArray:
        """A year's first entries to care by class and age."""
        shares = np.diff(_age_distribution(mix))
        flow = np.zeros((len(self.classes), _CELLS))
        flow[np.searchsorted(self.classes, _AGES, side="right") - 1, np.arange(_CELLS)] = shares
        return np.asarray(children * flow)

    def follow_children(self, entering: dict[str, FloatArray], followed_to: float) -> None:
        """Sends children round the child-unit stages until hardly any is left on the way."""
        while sum(float(flow.sum()) for flow in entering.values()) > followed_to:
            onward: dict[str, FloatArray] = {}
            for key, flow in entering.items():
                for to, leaving in self._through(self.child_stages[key], flow):
                    self.moves[key, to] += float(leaving.sum())
                    if to in self.child_stages:
                        onward[to] = onward.get(to, 0.0) + leaving
            entering = onward

    def _through(self, stage: Stage, flow: FloatArray) -> list[tuple[str, FloatArray]]:
        """Books one passage through a stage; returns what leaves it before 18, by destination."""
        key, total = stage.key, float(flow.sum())
        self.entries[key] += total
        ages = self.ages.setdefault(key, np.zeros(_CELLS))
        self.entry_ages[key] = self.entry_ages.get(key, 0.0) + flow
        legs: list[tuple[str, FloatArray]] = []
        gone = 0.0
        for route in stage.routes:
            stay = route.stay or stage.stay
            assert stay is not None  # the loader refuses a route without either
            taking = flow * self._chances(stage, route)
            self.children[key] += float((taking * _held(stay)).sum())
            ages += signal.fftconvolve(taking.sum(axis=0), _surviving(stay))[:_CELLS]
            leaving = signal.fftconvolve(taking, _leaving(stay)[np.newaxis], axes=1)[:, :_CELLS]
            leaving = np.maximum(leaving, 0.0)  # rounding of the transform
            self.routes[key, route.key] += float(leaving.sum())
            gone += float(leaving.sum())
            legs += [(to, leaving * share) for to, share in _legs(self.pathway, route)]
        self.moves[key, _EIGHTEEN] += total - gone
        return legs

    def _chances(self, stage: Stage, route: Route) -> FloatArray:
        """Chance of a route by class and age cell, float64 that broadcasts to [class, cell]."""
        if stage.age_at == "first_entry":
            band = np.searchsorted(stage.age_bands, self.classes, side="right") - 1
            return np.asarray(route.p)[band][:, np.newaxis]
        band = np.searchsorted(stage.age_bands, _AGES, side="right") - 1
        return np.asarray(route.p)[band][np.newaxis]


def _age_distribution(mix: AgeMix) -> FloatArray:
    """Chance of first entry below each edge of the age grid, float64[1,801]."""
    edges = np.arange(_CELLS + 1) / CELLS_PER_YEAR
    below = np.zeros(_CELLS + 1)
    for low, high, share in zip(mix.edges[:-1], mix.edges[1:], mix.shares, strict=True):
        early = low == 0 and mix.early > 1
        # 0.95: nobody is taken on the day before a first birthday, as in an engine's table
        width = (high - low) * (0.95 if early else 1.0)
        within = np.clip((edges - low) / width, 0.0, 1.0)
        below += share * (within ** (1 / mix.early) if low == 0 else within)
    return below


@lru_cache(maxsize=256)
def _years(stay: Stay) -> FloatArray:
    """20,000 equally likely stays in years, rising."""
    u = (np.arange(20_000) + 0.5) / 20_000
    return np.sort(stay.mean * stay.shape.quantile(u)) / DAYS_PER_YEAR


@lru_cache(maxsize=256)
def _limited(stay: Stay, offset: float) -> FloatArray:
    """Mean of the stay cut after 0, 1, 2 ... cells less `offset` of a cell: years, [1,801]."""
    limits = np.maximum((np.arange(_CELLS + 1) - offset) / CELLS_PER_YEAR, 0.0)
    if stay.until_18:
        return limits
    years = _years(stay)
    ended = np.searchsorted(years, limits, side="right")
    summed = np.concatenate([[0.0], np.cumsum(years)])
    return np.asarray((summed[ended] + limits * (len(years) - ended)) / len(years))


def _held(stay: Stay) -> FloatArray:
    """Mean years in the stage, cut at 18, by age at entry, float64[1,800]."""
    return _limited(stay, 0.5)[:0:-1]


def _surviving(stay: Stay) -> FloatArray:
    """Years spent in each hundredth of a year since entry, float64[1,800]."""
    return np.diff(_limited(stay, 0.0))


@lru_cache(maxsize=256)
def _leaving(stay: Stay) -> FloatArray:
    """Chance of leaving in each hundredth of a year since entry; the mean is kept, [1,800]."""
    chances = np.zeros(_CELLS)
    if not stay.until_18:
        cells = _years(stay) * CELLS_PER_YEAR
        whole = np.floor(cells).astype(int)
        for at, weight in ((whole, 1 - (cells - whole)), (whole + 1, cells - whole)):
            inside = at < _CELLS
            np.add.at(chances, at[inside], weight[inside] / len(cells))
    return chances


def _totals(scenario: Scenario, ledger: _Ledger, arrivals: Mapping[str, float]) -> Traffic:
    """What was booked, added up as it is published."""
    pathway = scenario.pathway
    members = {
        count.key: frozenset(s.key for s in pathway.stages if count.key in s.counts)
        for count in pathway.counts
    }
    exits = {way.key: 0.0 for way in pathway.exits} | {_EIGHTEEN: 0.0}
    for (_, to), flow in ledger.moves.items():
        if to in exits:
            exits[to] += flow
    keys = tuple(stage.key for stage in pathway.stages)
    starts: dict[str, float] = {}
    for count, inside in members.items():
        arriving = sum(
            ledger.entries[key] - sum(ledger.moves.get((o, key), 0.0) for o in keys)
            for key in inside
        )
        crossing = sum(
            flow for (a, b), flow in ledger.moves.items() if b in inside and a not in inside
        )
        starts[count] = arriving + crossing
    visits, ever = _absorbed(keys, ledger, arrivals, members)
    return Traffic(
        entries=dict(ledger.entries),
        children=dict(ledger.children),
        counts={c: sum(ledger.children[key] for key in inside) for c, inside in members.items()},
        starts=starts,
        routes=dict(ledger.routes),
        moves=dict(ledger.moves),
        exits=exits,
        visits=visits,
        ever=ever,
        ages=ledger.ages,
        entry_ages=ledger.entry_ages,
        classes=ledger.classes,
    )


def _absorbed(
    keys: tuple[str, ...],
    ledger: _Ledger,
    arrivals: Mapping[str, float],
    members: Mapping[str, frozenset[str]],
) -> tuple[dict[str, float], dict[str, float]]:
    """Expected visits and chances of ever being counted, of a child of a new family."""
    chances = np.array(
        [
            [ledger.moves.get((a, b), 0.0) / max(ledger.entries[a], 1e-300) for b in keys]
            for a in keys
        ]
    )
    new = np.array([arrivals.get(key, 0.0) for key in keys])
    new = new / max(float(new.sum()), 1e-300)
    visits = np.linalg.solve(np.eye(len(keys)) - chances.T, new)
    ever: dict[str, float] = {}
    for count, inside in members.items():
        counted = np.array([key in inside for key in keys])
        # once counted, always counted: the chance is 1 in the stock, and flows through elsewhere
        balance = np.eye(len(keys)) - np.where(counted[:, np.newaxis], 0.0, chances)
        ever[count] = float(new @ np.linalg.solve(balance, counted.astype(float)))
    return dict(zip(keys, visits.tolist(), strict=True)), ever
