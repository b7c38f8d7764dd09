"""The same model as an analyst writes it from the SimPy tutorials: a yardstick for speed.

A process per family, a `PriorityResource` per team with a slot for each child of its caseloads, a
request per slot and `AllOf` to wait for them, a draw from numpy's generator per decision, a monitor
that looks once a week, a list of what happened and its statistics at the end. It reads the resolved
`Scenario` and nothing of `simfs.engine`. README.md says what it cannot express.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Generator, Mapping
from statistics import NormalDist
from typing import Any

import numpy as np
import simpy
from naive_draws import chances, draw_ages, found_in_stock, multiplier, pick, unit_stay
from naive_results import Event, Results, Week, summarise
from naive_staff import Case, Life, check_expressible, slots_of
from simpy.resources.resource import PriorityRequest

from simfs.scenario.pathway import CaseUnit, Drawing, Route, Stage, WithoutWorker
from simfs.scenario.practice import Effect
from simfs.scenario.scenario import DAYS_PER_YEAR, Scenario
from simfs.scenario.workforce import Team, TeamKind

Stay = Generator[simpy.Event, Any, str | None]

COST_BANDS = 10
EIGHTEEN = "eighteen"


class Model:
    """One future of one arm.

    Args:
        scenario: the arm.
        seed: of numpy's generator.
        values: the draw of the uncertain quantities by path; central where absent.
    """

    def __init__(self, scenario: Scenario, seed: int, values: Mapping[str, float]) -> None:
        check_expressible(scenario)
        self.scenario = scenario
        self.values = values
        self.rng = np.random.default_rng(seed)
        self.env = simpy.Environment()
        self.stages = {stage.key: stage for stage in scenario.pathway.stages}
        self.mixes = {mix.key: mix for mix in scenario.pathway.age_mixes}
        self.placements = {mix.key: mix.bands for mix in scenario.prices.mixes}
        self.teams = {
            team.key: team for team in scenario.teams if team.kind is TeamKind.SOCIAL_WORK
        }
        self.workers = {key: slots_of([team], self.env) for key, team in self.teams.items()}
        # Teams that serve the same need take from one list, so they are one resource.
        serving: dict[str, list[Team]] = defaultdict(list)
        for team in scenario.teams:
            if team.serves is not None and any(change.posts for change in team.establishment):
                serving[team.serves].append(team)
        self.adult_workers = {need: slots_of(teams, self.env) for need, teams in serving.items()}
        self.wanted = self.met = 0
        self.effects: dict[tuple[str, str], list[Effect]] = defaultdict(list)
        for effect in scenario.effects:
            for target in effect.targets:
                self.effects[target].append(effect)
        self.needs = {
            stage.key: {need: NormalDist().inv_cdf(p) for need, p in stage.needs if 0 < p < 1}
            for stage in scenario.pathway.stages
        }
        self.children: Counter[str] = Counter()
        self.events: list[Event] = []
        self.weekly: list[Week] = []
        self.cases = 0

    # Staff

    def ask(self, case: Case, stage: Stage) -> None:
        """Request a slot of the stage's team for each child."""
        assert stage.team is not None
        case.team = stage.team
        workers = self.workers[stage.team]
        case.slots = [workers.request(priority=stage.priority) for _ in range(case.size)]

    def leave_team(self, case: Case) -> None:
        """Give back what was granted and withdraw what was not."""
        for request in case.slots:
            if request.triggered:
                request.resource.release(request)
            else:
                request.cancel()
        case.team, case.slots = None, []

    def ask_specialists(self, case: Case, stage: Stage) -> None:
        """Request an adult specialist for each need that has none; a place in the queue is kept."""
        if not stage.specialists:
            return
        if case.leaves is None:
            case.leaves = self.env.event()
        for need in self.needs_here(case, stage):
            if need in self.adult_workers and need not in case.specialists:
                request = self.adult_workers[need].request(priority=stage.priority)
                case.specialists[need] = request
                self.env.process(self.specialist(case, need, request, case.leaves))

    def specialist(
        self, case: Case, need: str, request: PriorityRequest, leaves: simpy.Event
    ) -> Life:
        """Join the family when there is room, and stay until it leaves."""
        self.wanted += 1
        yield request | leaves
        if request.triggered:
            self.met += 1
            self.note(case, "specialist joins", need)
            yield leaves
            request.resource.release(request)
            self.note(case, "specialist leaves", need)
            self.met -= 1
        else:
            request.cancel()
        self.wanted -= 1

    def leave_specialists(self, case: Case) -> None:
        """The family is in no stage where specialists may join."""
        if case.leaves is not None:
            case.leaves.succeed()
        case.leaves, case.specialists = None, {}

    # Who comes

    def new_case(self, size: int) -> Case:
        """A family of that size with its needs."""
        demand = self.scenario.demand
        common = self.rng.normal()
        rho = demand.need_correlation
        scores = {
            need.key: math.sqrt(rho) * common + math.sqrt(1 - rho) * self.rng.normal()
            for need in demand.needs
        }
        self.cases += 1
        return Case(self.cases, size, scores)

    def draw_size(self, stage: Stage) -> int:
        """Children of a new case."""
        if stage.unit is CaseUnit.CHILD:
            return 1
        return pick(self.scenario.demand.sizes, self.rng) + 1

    def open_stock(self, stage: Stage) -> None:
        """Start the cases that are in a stage on the first day."""
        left = int(stage.opening + 0.5)
        sizes: list[int] = []
        while left > 0:
            sizes.append(min(self.draw_size(stage), left))
            left -= sizes[-1]
        for size, (age, first_age, days, route) in zip(
            sizes, found_in_stock(stage, len(sizes), self.mixes, self.rng), strict=True
        ):
            case = self.new_case(size)
            served = self.rng.random() * days
            if stage.opening_ages is not None:
                case.birth_day, case.first_age = -math.floor(served + age), first_age
            self.env.process(self.life(case, stage.key, (math.floor(days - served), route)))

    def arrivals(self, to: str, steps: tuple[tuple[int, float], ...], ages: str | None) -> Life:
        """Cases of one stream, at the greatest rate, each let in with the share of its day."""
        greatest = max(per_year for _, per_year in steps) / DAYS_PER_YEAR
        moment = 0.0
        while greatest > 0:
            moment += self.rng.exponential(1 / greatest)
            yield self.env.timeout(math.floor(moment) - self.env.now)
            rate = [per_year for day, per_year in steps if day <= moment][-1] / DAYS_PER_YEAR
            if rate < greatest and self.rng.random() >= rate / greatest:
                continue
            case = self.new_case(self.draw_size(self.stages[to]))
            if ages is not None:
                case.first_age = float(draw_ages(self.mixes[ages], self.rng))
                case.birth_day = self.env.now - case.first_age
            self.env.process(self.life(case, to))

    # A life

    def life(
        self, case: Case, place: str | None, opening: tuple[float, Route | None] | None = None
    ) -> Life:
        """From entering `place` to leaving the model; None is a family that has parted."""
        while place is not None and place in self.stages:
            stage = self.stages[place]
            self.enter(case, stage)
            if stage.team is not None and stage.without_worker is WithoutWorker.HOLDS:
                place = yield from self.worked_stay(case, stage, opening)
            else:
                place = yield from self.running_stay(case, stage, opening)
            opening = None
        if place is not None:
            self.leave_team(case)
            self.leave_specialists(case)
            self.note(case, "exit", place)

    def enter(self, case: Case, stage: Stage) -> None:
        """Come into a stage; keep or leave the team of the last one."""
        self.children[stage.key] += case.size
        self.note(case, "enter", stage.key)
        if case.team is not None and not self.keeps_worker(case, stage):
            self.leave_team(case)
        if not stage.specialists:
            self.leave_specialists(case)
        if stage.placements is not None:
            age = case.first_age / DAYS_PER_YEAR
            bands = self.placements[stage.placements]
            shares = [mix for from_age, mix in bands if from_age <= age or from_age == 0][-1]
            kind = pick([share for _, share in shares], self.rng)
            placement = (shares[kind][0], int(self.rng.integers(COST_BANDS)))
            self.note(case, "placed", stage.key, placement)

    def keeps_worker(self, case: Case, stage: Stage) -> bool:
        """Whether the case stays with its worker in this stage."""
        return stage.team == case.team is not None and self.teams[case.team].continuity

    def worked_stay(
        self, case: Case, stage: Stage, opening: tuple[float, Route | None] | None
    ) -> Stay:
        """Wait for a worker, or for what ends the wait; then the stay."""
        asked = self.env.now
        if case.team is None:
            self.ask(case, stage)
            given = self.env.all_of(case.slots)
            patience = case.eighteen - asked
            if stage.crisis is not None and stage.crisis.per_day > 0:
                patience = min(patience, math.ceil(self.rng.exponential(1 / stage.crisis.per_day)))
            yield given | self.env.timeout(patience) if patience < math.inf else given
            if not given.triggered:
                return self.crisis(case, stage, asked)
            self.note(case, "worker", stage.key, self.env.now - asked)
        self.ask_specialists(case, stage)
        started = self.env.now
        days, route = opening or self.draw_stay(case, stage)
        yield self.env.timeout(min(days, case.eighteen - started))
        return self.move_on(case, stage, route, started)

    def running_stay(
        self, case: Case, stage: Stage, opening: tuple[float, Route | None] | None
    ) -> Stay:
        """The stay runs from entry; a worker comes when there is room."""
        started = self.env.now
        days, route = opening or self.draw_stay(case, stage)
        end = self.env.timeout(min(days, case.eighteen - started))
        if stage.team is not None and case.team is None:
            self.ask(case, stage)
            given = self.env.all_of(case.slots)
            yield given | end
            if given.triggered:
                self.note(case, "worker", stage.key, self.env.now - started)
                self.ask_specialists(case, stage)
        else:
            self.ask_specialists(case, stage)
        if not end.processed:
            yield end
        return self.move_on(case, stage, route, started)

    def crisis(self, case: Case, stage: Stage, asked: float) -> str | None:
        """The wait ended without a worker."""
        self.leave(case, stage, "crisis", self.env.now - asked)
        self.leave_team(case)
        if self.env.now >= case.eighteen or stage.crisis is None:
            return EIGHTEEN
        return self.arrive(case, stage, self.one_of(stage.crisis.to), stage.crisis.ages)

    def move_on(self, case: Case, stage: Stage, route: Route | None, started: float) -> str | None:
        """End the stay, and find where the case goes."""
        dose = self.dose_of_stay(case, stage, started)
        self.leave(case, stage, "end", dose)
        if any(not request.triggered for request in case.slots):
            self.leave_team(case)
        if self.env.now >= case.eighteen:
            return EIGHTEEN
        if route is None:
            route = self.draw_route(case, stage, dose)
        self.note(case, "route", stage.key, route.key)
        return self.arrive(case, stage, self.one_of(route.to), route.ages)

    def leave(self, case: Case, stage: Stage, kind: str, detail: object) -> None:
        """The case is no longer counted in a stage."""
        self.children[stage.key] -= case.size
        self.note(case, kind, stage.key, detail)

    def arrive(self, case: Case, stage: Stage, place: str, ages: str | None) -> str | None:
        """Where the case goes next; each child goes into care alone, with its slot."""
        enters_care = place in self.stages and self.stages[place].unit is CaseUnit.CHILD
        if stage.unit is CaseUnit.CHILD or not enters_care:
            return place
        self.note(case, "parts", stage.key, place)
        self.leave_specialists(case)
        court: dict[str, float] = {}
        for number in range(case.size):
            self.cases += 1
            child = Case(self.cases, 1, case.scores, team=case.team, court=court)
            child.slots = case.slots[number : number + 1]
            if ages is not None:
                child.first_age = float(draw_ages(self.mixes[ages], self.rng))
                child.birth_day = self.env.now - child.first_age
            self.env.process(self.life(child, place))
        return None

    def multiplier(self, effect: Effect, dose: int | None) -> float:
        """What an effect multiplies by today."""
        return multiplier(effect, self.values, self.env.now, dose)

    # What chance decides

    def one_of(self, to: str) -> str:
        """One of the places that a destination stands for."""
        places = self.scenario.pathway.destinations(to)
        if len(places) == 1:
            return places[0][0]
        return places[pick([share for _, share in places], self.rng)][0]

    def draw_stay(self, case: Case, stage: Stage) -> tuple[float, Route | None]:
        """(days, route or None): the route too where it comes first."""
        dose = self.dose_now(case, stage)
        route, stay, share = None, stage.stay, stage.own_work_share
        if stage.drawing is Drawing.ROUTE_FIRST:
            route = self.draw_route(case, stage, dose)
            stay, share = route.stay, 1.0
        assert stay is not None
        if stay.until_18:
            return math.inf, route
        mean = stay.mean * share
        for effect in self.effects.get((stage.key, ""), ()):
            mean *= self.multiplier(effect, dose)
        if stage.shared_stay:
            if stage.key not in case.court:
                case.court[stage.key] = float(unit_stay(stay.shape, self.rng))
            length = case.court[stage.key]
        else:
            length = float(unit_stay(stay.shape, self.rng))
        return max(1, math.floor(mean * length + 0.5)), route

    def band(self, case: Case, stage: Stage) -> int:
        """The age band that decides the routes."""
        if len(stage.age_bands) == 1 or case.birth_day is None:
            return 0
        first = stage.age_at == "first_entry"
        age = case.first_age if first else self.env.now - case.birth_day
        return sum(age >= math.floor(years * DAYS_PER_YEAR) for years in stage.age_bands[1:])

    def draw_route(self, case: Case, stage: Stage, dose: int | None) -> Route:
        """The route the case would take, less what effects prevent, plus what they cause."""
        p = chances(stage, self.band(case, stage))
        route = stage.routes[pick(p, self.rng)]
        u, kept = self.rng.random(), 1.0
        for effect in self.effects.get((stage.key, route.key), ()):
            kept *= self.multiplier(effect, dose)
            if u >= kept:
                self.note(case, "diverted", stage.key, effect.key)
                return self.remainder(stage, effect)
        return self.gained(stage, route, dose, p, u)

    def gained(
        self, stage: Stage, drawn: Route, dose: int | None, p: list[float], u: float
    ) -> Route:
        """A case drawn to the remainder may move to a route that effects raise above one."""
        reached = 0.0
        for route, share in zip(stage.routes, p, strict=True):
            effects = self.effects.get((stage.key, route.key), ())
            if effects and self.remainder(stage, effects[0]) is drawn:
                product = math.prod(self.multiplier(effect, dose) for effect in effects)
                if product > 1:
                    reached += (product - 1) * share / p[stage.routes.index(drawn)]
                    if u < reached:
                        return route
        return drawn

    def remainder(self, stage: Stage, effect: Effect) -> Route:
        """The route that takes what an effect prevents."""
        route = stage.route(effect.remainder or "") or stage.route(stage.remainder or "")
        assert route is not None
        return route

    def needs_here(self, case: Case, stage: Stage) -> list[str]:
        """Needs of the family that specialists may meet in this stage."""
        limits = self.needs[stage.key].items()
        return [need for need, limit in limits if case.scores[need] < limit]

    def dose_now(self, case: Case, stage: Stage) -> int | None:
        """Percent of needs met today: the family's, or the service's where none may join."""
        if not stage.specialists:
            return 100 * self.met // self.wanted if self.wanted else None
        needs = self.needs_here(case, stage)
        there = [n for n in needs if n in case.specialists and case.specialists[n].triggered]
        return 100 * len(there) // len(needs) if needs else None

    def dose_of_stay(self, case: Case, stage: Stage, started: float) -> int | None:
        """Percent of the stay's need-days on which a specialist was there."""
        if not stage.specialists:
            return self.dose_now(case, stage)
        needs, days = self.needs_here(case, stage), self.env.now - started
        if not needs or not days:
            return 0 if needs else None
        served = 0.0
        for need in needs:
            request = case.specialists.get(need)
            if request is not None and request.usage_since is not None:
                served += self.env.now - max(request.usage_since, started)
        return math.floor(100 * served / (len(needs) * days))

    # What is written down

    def note(self, case: Case, kind: str, stage: str, detail: object = None) -> None:
        """One event."""
        self.events.append(Event(self.env.now, case.number, kind, stage, case.size, detail))

    def monitor(self) -> Life:
        """Look once a week."""
        resources = self.workers | self.adult_workers
        while True:
            self.weekly.append(
                Week(
                    day=self.env.now,
                    children=dict(self.children),
                    used={key: resource.count for key, resource in resources.items()},
                    queue={key: len(resource.queue) for key, resource in resources.items()},
                )
            )
            yield self.env.timeout(7)

    def run(self) -> Results:
        """Follow everybody to the last day."""
        for stage in self.scenario.pathway.stages:
            self.open_stock(stage)
        for stream in self.scenario.demand.streams:
            self.env.process(self.arrivals(stream.to, stream.per_year, stream.ages))
        self.env.process(self.monitor())
        self.env.run(until=self.scenario.calendar.days)
        return summarise(self.scenario, self.events, self.weekly)


def simulate(scenario: Scenario, seed: int, values: Mapping[str, float] | None = None) -> Results:
    """One future of one arm."""
    return Model(scenario, seed, values or {}).run()
