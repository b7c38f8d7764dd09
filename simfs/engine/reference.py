"""The reference engine: families as SimPy processes; being obviously right is its job.

A family's process reads like the service: it enters a stage, asks for a worker, is worked with for
its stay, and moves on. SimPy's clock holds the day, and its event priority holds the order within
a day: step × 2**44 + case number, so the rules of a day (simfs.engine) are the order of its heap.
"""

import gc
from collections.abc import Callable, Generator

import simpy

from simfs.engine.cases import Book, Case
from simfs.engine.choices import Choices
from simfs.engine.draws import Address, Purpose, chance_of
from simfs.engine.history import (
    BY_ARRIVAL,
    BY_BIRTHDAY,
    BY_CRISIS,
    BY_OPENING,
    BY_SPLIT,
    EXTRA,
    FAMILIES_PER_ORIGIN,
    NEEDS_IN_DETAIL,
    History,
    Kind,
)
from simfs.engine.population import Group, Newcomer, populate
from simfs.engine.program import NOBODY, Program, StageCode
from simfs.engine.roster import roster_of
from simfs.engine.service import ARRIVALS, CRISES, DAWN, ENDS, STAYS, Service
from simfs.scenario.environment import Environment

GONE = None  # a family all of whose children have become cases of their own

WORKER_LEFT, IN_CRISIS, TURNED_18 = "worker left", "crisis", "18"

Life = Generator[simpy.Event, None, None]
Stay = Generator[simpy.Event, None, tuple[int | None, int]]


class Moment(simpy.Event):
    """A moment of a day: an event that happens in the order of the rules of a day."""

    def at(self, day: int, order: int) -> "Moment":
        """Let it happen on `day`, in the step and by the case number in `order`."""
        self._ok = True
        self._value = None
        self.env.schedule(self, order, day - self.env.now)  # type: ignore[arg-type]
        return self


class Future:
    """One future of one arm while it runs."""

    def __init__(self, program: Program, environment: Environment, address: Address) -> None:
        self.program = program
        self.groups = populate(program, environment, address)
        self.luck = chance_of(address)
        self.env = simpy.Environment()
        self.today = 0
        self.book = Book()
        roster = roster_of(program, address)
        self.service = Service(program, roster, self, self.book, self._allocated, self._worker_left)
        self.choices = Choices(
            program, self.luck, self, self.service, self.book, roster.force, environment
        )
        self.processes: dict[Case, simpy.Process] = {}
        self.ends: dict[Case, Moment] = {}
        self.ready: dict[Case, None] = {}
        self.highest = program.highest

    def run(self) -> History:
        """Follow everybody to the last day."""
        self.env.process(self._dawns())
        origins = zip(self.program.origins, self.groups, strict=True)
        for number, (origin, group) in enumerate(origins):
            if origin.opening:
                self._open(number, group)
            else:
                self.env.process(self._arrivals(number, group))
        self.env.run(until=self.program.days)
        return self.book.close()

    def plan(self, day: int, order: int, act: Callable[[], None]) -> None:
        """Do something on a day, in the step and by the number in `order`."""
        moment = Moment(self.env).at(day, order)
        assert moment.callbacks is not None
        moment.callbacks.append(lambda _: act())

    def _dawns(self) -> Life:
        """Each day begins, before its first step."""
        for day in range(1, self.program.days):
            yield Moment(self.env).at(day, DAWN)
            self.today = day

    # Who comes

    def _open(self, origin: int, group: Group) -> None:
        """Start the cases that are there at the start; each is dealt to a worker as it starts."""
        for row in group.rows():
            self._begin(self._newcomer(origin, row), BY_OPENING, (row.remaining, row.route))

    def _arrivals(self, number: int, group: Group) -> Life:
        """Families of one stream, each on its day; an effect on the stream thins or adds."""
        origin = self.program.origins[number]
        place = self.program.stages[origin.stage].code
        for row in group.rows():
            k = row.number
            yield Moment(self.env).at(row.day, ARRIVALS + number * FAMILIES_PER_ORIGIN + k)
            multiple = 1.0
            for effect in origin.effects:
                multiple *= self.choices.multiplier(effect, None)
            if multiple < 1 and self.luck.one(origin.code, k, place, 0, Purpose.EFFECT) >= multiple:
                kept_out = self._newcomer(number, row)
                kept_out.stage = origin.stage
                self.book.note(self.today, kept_out, Kind.TURNED_AWAY, origin.effects[0])
                continue
            self._begin(self._newcomer(number, row), BY_ARRIVAL)
            if multiple > 1:
                u = self.luck.one(origin.code, k, place, 0, Purpose.EXTRA_ARRIVAL)
                if u < multiple - 1:
                    extra = self._newcomer(number, row._replace(number=k + EXTRA))
                    self._begin(extra, BY_ARRIVAL)

    def _newcomer(self, number: int, row: Newcomer) -> Case:
        """A case of an origin, with its children, needs and birthday."""
        origin = self.program.origins[number]
        children = tuple(range(1, row.size + 1))
        case = Case(number, origin.code, row.number, children, row.needs)
        if self.program.stages[origin.stage].child:
            case = case.own_child(1)
        case.birth_day, case.first_age = row.birth_day, row.first_age
        self._list(case, row.day, row.earlier_plan)
        return case

    def _list(self, case: Case, day: int, earlier_plan: int) -> None:
        ever = 0
        for need, u in enumerate(case.needs):
            if u < self.highest[need]:
                ever += 1 << need
        self.book.write_case(
            (case.family, case.child, case.origin, case.subject, day, ever, case.size,
             case.birth_day, earlier_plan)
        )  # fmt: skip

    def _begin(self, case: Case, by: int, opening: tuple[int, int] = (NOBODY, NOBODY)) -> None:
        stage = self.program.origins[case.origin].stage
        self.processes[case] = self.env.process(self._life(case, stage, by, opening))

    # A life

    def _life(self, case: Case, place: int | None, by: int, opening: tuple[int, int]) -> Life:
        """From entering `place` to leaving the model; `opening` is (remaining days, route)."""
        remaining, route = opening
        while place is not GONE and place >= 0:
            stage = self.program.stages[place]
            self._enter(case, stage, place, by)
            case.route = route
            stay = self._worked_stay if stage.holds else self._running_stay
            place, by = yield from stay(case, stage, remaining)
            remaining = route = NOBODY
        if place is not GONE:
            self.service.release(case)
            self.service.part(case)
            case.stage = place
            self.book.note(self.today, case, Kind.EXIT, by)
        del self.processes[case]
        self.ends.pop(case, None)

    def _enter(self, case: Case, stage: StageCode, place: int, by: int) -> None:
        """Come into a stage; keep, leave or ask for a worker."""
        service, today = self.service, self.today
        case.enter(place)
        case.uniforms = self.choices.of_visit(case, stage, Purpose.STAY)
        self.book.note(today, case, Kind.ENTER, by)
        if case.worker >= 0:
            if self._keeps_worker(case, place):
                post = (case.team, case.worker)
                self.book.note_worker(today, case, Kind.KEPT, post, 0)
            else:
                service.release(case)
        if stage.mix:
            self.book.note(today, case, Kind.PLACED, self.choices.placement(case, stage))
        for need, limit in stage.brings_out:
            if case.needs[need] < limit:
                case.known |= 1 << need
        case.here = case.known.bit_count() if stage.specialists else 0
        if not stage.specialists:
            service.part(case)
        if stage.team >= 0 and case.worker < 0:
            case.request_day = today
            service.ask(case, stage, deal=by == BY_OPENING)
        elif stage.specialists and case.worker >= 0:
            service.ask_specialists(case)

    def _worked_stay(self, case: Case, stage: StageCode, remaining: int) -> Stay:
        """A stay that starts with a worker and pauses without one."""
        case.left = remaining
        case.handed_over = False
        under_way = remaining >= 0
        while True:
            end = self.ends[case] = Moment(self.env)
            if case.worker < 0:
                self._expect_end_of_waiting(case, stage)
            elif under_way:
                self._work(case)
            else:
                self._ready(case)
            under_way = False
            try:
                yield end
                return self._move_on(case, stage)
            except simpy.Interrupt as interrupt:
                if interrupt.cause == IN_CRISIS:
                    return self._crisis(case, stage)
                if interrupt.cause == TURNED_18:
                    return self._move_on(case, stage)

    def _running_stay(self, case: Case, stage: StageCode, remaining: int) -> Stay:
        """A stay that runs from entry, whatever the staffing."""
        days = remaining if remaining >= 0 else self.choices.stay(case, stage)
        case.worked_from = self.today
        end = min(self.today + days, case.eighteen)
        yield Moment(self.env).at(end, ENDS + case.number)
        return self._move_on(case, stage)

    def _ready(self, case: Case) -> None:
        """A case has a worker: its stay is drawn in step 6 of today."""
        if not self.ready:
            self.plan(self.today, STAYS, self._draw_stays)
        self.ready[case] = None

    def _draw_stays(self) -> None:
        """Step 6: the stays of cases that got a worker today, or brought one, start."""
        ready = sorted(self.ready, key=lambda case: case.number)
        self.ready.clear()
        for case in ready:
            stage = self.program.stages[case.stage]
            if case.left == NOBODY:
                case.left = self.choices.stay(case, stage)
            elif case.handed_over:
                case.left += self.program.teams[stage.team].handover
            # Opening stock may have nothing left; step 1 of today is over.
            case.left = max(case.left, 1)
            self._work(case)

    def _work(self, case: Case) -> None:
        """The case is worked with from today until what is left of its stay is over."""
        case.worked_from = self.today
        case.end_day = min(self.today + case.left, case.eighteen)
        self.ends[case].at(case.end_day, ENDS + case.number)

    def _allocated(self, case: Case) -> None:
        """A waiting case has got a worker; a stay that runs has been running."""
        if self.program.stages[case.stage].holds:
            self._ready(case)

    def _worker_left(self, case: Case) -> None:
        """A stay that needs a worker pauses; one that runs goes on."""
        if not self.program.stages[case.stage].holds:
            return
        if case in self.ready:
            del self.ready[case]
        elif case.worked_from != NOBODY:
            case.left = case.end_day - self.today
            case.handed_over = True
            case.worked_from = NOBODY
        self.processes[case].interrupt(WORKER_LEFT)

    def _expect_end_of_waiting(self, case: Case, stage: StageCode) -> None:
        """Plan what ends the wait of a case on a list: a crisis, or the 18th birthday."""
        waiting = case.place

        def interrupt(cause: str) -> None:
            if case.place is waiting:
                case.waited += self.today - case.wait_start
                self.processes[case].interrupt(cause)

        if case.eighteen < self.program.days:
            self.plan(case.eighteen, ENDS + case.number, lambda: interrupt(TURNED_18))
        if stage.crisis_mean > 0:
            day = self.today + self.choices.bear(case, stage) - case.waited
            if day < self.program.days:
                self.plan(day, CRISES + case.number, lambda: interrupt(IN_CRISIS))

    # Moving on

    def _move_on(self, case: Case, stage: StageCode) -> tuple[int | None, int]:
        """End the stay and find where the case goes."""
        self._end(case)
        if self.today >= case.eighteen:
            return self.program.eighteen, BY_BIRTHDAY
        route = self.choices.route(case, stage)
        place = self.choices.destination(case, route.split)
        by = stage.routes[0] + route.place
        if place < 0 or stage.child or not self.program.stages[place].child:
            return place, by
        taken = [c for c in case.children if self.choices.is_taken(case, place, c, route.share)]
        if case.child:  # back after a return home: nobody to part from, and the birthday is known
            return (place, by) if taken else (route.otherwise, BY_SPLIT)
        self._part(case, place, taken, by, route.ages)
        return self._others(case, taken, route.otherwise, route.ages)

    def _crisis(self, case: Case, stage: StageCode) -> tuple[int | None, int]:
        """Take the crisis route."""
        self.book.note(self.today, case, Kind.CRISIS, case.waited)
        self._end(case)
        place = self.choices.destination(case, stage.crisis_to)
        if place < 0 or stage.child or case.child or not self.program.stages[place].child:
            return place, BY_CRISIS
        self._part(case, place, list(case.children), BY_CRISIS, stage.crisis_ages)
        return GONE, BY_CRISIS

    def _end(self, case: Case) -> None:
        """Write down the stay's dose, and leave any list."""
        case.settle(self.today)
        self.book.note(self.today, case, Kind.END, NEEDS_IN_DETAIL * case.here + case.dose)
        case.worked_from = NOBODY
        self.service.withdraw(case)

    def _keeps_worker(self, case: Case, place: int) -> bool:
        team = self.program.stages[place].team
        return team == case.team and self.program.teams[team].continuity

    def _part(self, case: Case, place: int, children: list[int], by: int, ages: int) -> None:
        """Children part from their family, each a case of one; a worker kept goes with them."""
        if not children:
            return
        keeps = case.worker >= 0 and self._keeps_worker(case, place)
        post = (case.team, case.worker)
        self.service.release(case)
        self.service.part(case)
        self.book.note(self.today, case, Kind.SPLIT, len(children))
        for child in children:
            own = case.own_child(child)
            if ages != NOBODY:
                own.first_age = self.choices.age(own, place, ages)
                own.birth_day = self.today - own.first_age
            self._list(own, self.today, 0)
            if keeps:
                own.stage = place
                self.service.take(own, *post)
            life = self._life(own, place, by, (NOBODY, NOBODY))
            self.processes[own] = self.env.process(life)

    def _others(
        self, case: Case, taken: list[int], otherwise: int, ages: int
    ) -> tuple[int | None, int]:
        """The children whom a route does not take go the other way, together if they can."""
        left = tuple(child for child in case.children if child not in taken)
        if not left:
            return GONE, BY_SPLIT
        case.children, case.size = left, len(left)
        if otherwise >= 0 and self.program.stages[otherwise].child:
            self._part(case, otherwise, list(left), BY_SPLIT, ages)
            return GONE, BY_SPLIT
        return otherwise, BY_SPLIT


def simulate(program: Program, environment: Environment, address: Address) -> History:
    """One future of one arm; see `simfs.engine.simulate`."""
    collecting = gc.isenabled()
    # Looking for cyclic garbage while a future runs costs a quarter of its time and finds little.
    gc.disable()
    try:
        return Future(program, environment, address).run()
    finally:
        if collecting:
            gc.enable()
