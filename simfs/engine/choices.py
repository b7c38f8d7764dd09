"""What chance decides for a case: how long it stays, which route it takes, where that leads.

Only + − × ÷ and comparisons on addressed uniforms and compiled tables, so that engines agree to the
last bit.
"""

from bisect import bisect_right

from simfs.engine.cases import CHILD, NEVER, Book, Case
from simfs.engine.draws import Luck, Purpose
from simfs.engine.history import Kind
from simfs.engine.program import (
    COST_BANDS,
    NOBODY,
    FloatArray,
    Program,
    RouteCode,
    StageCode,
)
from simfs.engine.service import Clock, Service
from simfs.engine.tables import CELLS, COARSE, TAIL_CELLS, TAIL_START
from simfs.scenario.environment import Environment

WAITING_TABLE = 0  # the exponential: every program's first table


class Choices:
    """The draws of one future; see `simfs.engine.draws` for their addresses."""

    def __init__(
        self,
        program: Program,
        luck: Luck,
        clock: Clock,
        service: Service,
        book: Book,
        force: FloatArray,
        environment: Environment,
    ) -> None:
        self.program = program
        self.luck = luck
        self.clock = clock
        self.service = service
        self.book = book
        self._force: list[list[float]] = force.tolist()
        self._factors = environment.factors
        self._tables: list[list[float]] = [table.tolist() for table in program.tables]
        self._affected = {route.stage for route in program.routes if route.effects}
        self._wandering = {
            route.stage for route in program.routes if route.walk != NOBODY and self._factors
        }

    def of_visit(self, case: Case, stage: StageCode, purpose: Purpose) -> list[float]:
        """The four uniforms of a purpose's block for this visit."""
        occasion = case.visit + case.occasion
        return self.luck.four(case.luck, case.subject, stage.code, occasion, purpose)

    def stay(self, case: Case, stage: StageCode) -> int:
        """How long the case stays from today, days; the route too where that comes first."""
        mean, table, until_18 = stage.stay_mean, stage.stay_table, stage.until_18
        own = 100 * case.active // case.here if case.here else 0
        if stage.route_first:
            route = self._route(case, stage, own)
            case.route = route.place
            mean, table, until_18 = route.stay_mean, route.stay_table, route.until_18
        if until_18:
            return NEVER
        u = case.uniforms[0]
        if stage.shared_stay:
            u = self.luck.one(case.luck, case.subject, stage.code, case.visit, Purpose.STAY)
        for effect in stage.stay_effects:
            mean *= self.multiplier(effect, self._dose(case, stage, own))
        return self._days(mean, table, u)

    def bear(self, case: Case, stage: StageCode) -> int:
        """Waiting days that this visit can bear, drawn once."""
        if case.bear == NOBODY:
            u = self.of_visit(case, stage, Purpose.CRISIS)[Purpose.CRISIS & 3]
            case.bear = self._days(stage.crisis_mean, WAITING_TABLE, u)
        return case.bear

    def placement(self, case: Case, stage: StageCode) -> int:
        """Placement × 10 + band of its price, by the age on first coming into care."""
        u = self.of_visit(case, stage, Purpose.PLACEMENT)
        mix = stage.mix[max(bisect_right(stage.mix_edges, case.first_age) - 1, 0)]
        return bisect_right(mix, u[0]) * COST_BANDS + int(u[1] * COST_BANDS)

    def age(self, case: Case, place: int, table: int) -> int:
        """Age in days on first entering care, at the stage `place`."""
        code = self.program.stages[place].code
        u = self.luck.one(case.luck, case.subject, code, 1 + case.occasion, Purpose.AGE)
        return int(self._value(table, u))

    def is_taken(self, case: Case, place: int, child: int, share: float) -> bool:
        """Whether a child goes with a route that takes a share of the family's children."""
        if share >= 1:
            return True
        code, occasion = self.program.stages[place].code, case.visit + child * CHILD
        return self.luck.one(case.luck, case.subject, code, occasion, Purpose.SHARE) < share

    def route(self, case: Case, stage: StageCode) -> RouteCode:
        """The route by which a stay that ends today leads on."""
        if case.route != NOBODY:
            return self.program.routes[stage.routes[0] + case.route]
        return self._route(case, stage, case.dose)

    def destination(self, case: Case, split: int) -> int:
        """One of the places a route leads to."""
        places = self.program.splits[split]
        if len(places) == 1:
            return places[0][0]
        u = case.uniforms[3]
        return next(place for place, reach in places if u < reach)

    def multiplier(self, effect: int, dose: int | None) -> float:
        """What an effect multiplies by today; a dose of None stands for the reference dose."""
        code = self.program.effects[effect]
        today = self.clock.today
        strength = code.by_day[today] * self._force[code.force][today]
        if dose is not None:
            strength *= code.by_dose[dose]
        return 1.0 - max(min(strength, 1.0), code.at_least[today]) * (1.0 - code.ratio)

    def _value(self, table: int, u: float) -> float:
        """A quantile table at a uniform."""
        knots = self._tables[table]
        if u < TAIL_START:
            x = u * CELLS
            cell = knot = int(x)
        else:
            x = (u - TAIL_START) * TAIL_CELLS
            cell = int(x)
            knot = cell + COARSE
        low = knots[knot]
        return low + (knots[knot + 1] - low) * (x - cell)

    def _days(self, mean: float, table: int, u: float) -> int:
        days = int(mean * self._value(table, u) + 0.5)
        return days if days >= 1 else 1

    def _dose(self, case: Case, stage: StageCode, own: int) -> int | None:
        """The dose that counts: the case's own, none needed (None), or the service's."""
        if stage.specialists:
            return own if case.here else None
        return self.service.dose

    def _product(self, route: RouteCode, dose: int | None) -> float:
        """What all effects on a route multiply its chance by."""
        product = 1.0
        for effect in route.effects:
            product *= self.multiplier(effect, dose)
        return product

    def _band(self, case: Case, stage: StageCode) -> int:
        if len(stage.band_edges) == 1:
            return 0
        age = case.first_age if stage.first_entry_age else self.clock.today - case.birth_day
        return max(bisect_right(stage.band_edges, age) - 1, 0)

    def _route(self, case: Case, stage: StageCode, own: int) -> RouteCode:
        """The base route by one uniform; by a second, what effects take from it or give to it."""
        first = stage.routes[0]
        cumulative = stage.cumulative[self._band(case, stage)]
        route = self.program.routes[first + bisect_right(cumulative, case.uniforms[1])]
        if case.stage in self._wandering:
            route = self._wandered(case, stage, route)
        if case.stage not in self._affected:
            return route
        dose = self._dose(case, stage, own)
        u = case.uniforms[2]
        if u < self._product(route, dose):
            return self._gained(case, stage, route, dose)
        kept = 1.0
        for effect in route.effects:
            kept *= self.multiplier(effect, dose)
            if u >= kept:
                break
        self.book.note(self.clock.today, case, Kind.DIVERTED, effect)
        return self.program.routes[first + self._remainder(stage, effect)]

    def _wandered(self, case: Case, stage: StageCode, drawn: RouteCode) -> RouteCode:
        """The base route as the authority's drift moves its chances today.

        Where in its interval the route's own uniform fell decides: what a walk takes from a route
        goes to the stage's remainder, what it gives comes from there.
        """
        first, end = stage.routes
        band = self._band(case, stage)
        cumulative = stage.cumulative[band]
        below = cumulative[drawn.place - 1] if drawn.place else 0.0
        u = (case.uniforms[1] - below) / (cumulative[drawn.place] - below)
        if drawn.walk != NOBODY:
            lost = u >= self._factor(drawn)
            return self.program.routes[first + stage.remainder] if lost else drawn
        if drawn.place != stage.remainder:
            return drawn
        reached = 0.0
        for route in self.program.routes[first:end]:
            factor = self._factor(route) if route.walk != NOBODY else 1.0
            if factor > 1:
                reached += (factor - 1) * route.p[band] / drawn.p[band]
                if reached > 1:
                    self.book.note(self.clock.today, case, Kind.CUT, first + route.place)
                if u < reached:
                    return route
        return drawn

    def _factor(self, route: RouteCode) -> float:
        """What a walk multiplies the chance of its route by this month."""
        return self._factors[route.walk][self.program.months[self.clock.today]]

    def _remainder(self, stage: StageCode, effect: int) -> int:
        return self.program.remainder(stage, self.program.effects[effect])

    def _gained(
        self, case: Case, stage: StageCode, drawn: RouteCode, dose: int | None
    ) -> RouteCode:
        """A case drawn to the remainder may move to a route that effects raise above one."""
        first, end = stage.routes
        u, band, reached = case.uniforms[2], self._band(case, stage), 0.0
        for route in self.program.routes[first:end]:
            if not route.effects or self._remainder(stage, route.effects[0]) != drawn.place:
                continue
            product = self._product(route, dose)
            if product > 1:
                reached += (product - 1) * route.p[band] / drawn.p[band]
                if reached > 1:
                    self.book.note(self.clock.today, case, Kind.CUT, first + route.place)
                if u < reached:
                    return route
        return drawn
