"""The staff side of a future: lists, allocation, specialists, and posts that come and go."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from simfs.engine.caseloads import WaitingList, Workers
from simfs.engine.cases import Book, Case
from simfs.engine.history import Kind
from simfs.engine.program import NOBODY, Program, StageCode
from simfs.engine.roster import Move, Movement, Roster

STEP = 1 << 44  # more than any case number: the room of one step in a day's order
DAWN = 2  # after what SimPy does at once, before the first step
ENDS, CRISES, POSTS, ARRIVALS, ALLOCATION, STAYS = (step * STEP for step in range(1, 7))
SPECIALISTS_AFTER = 1_000  # specialist teams are dealt with after every social-work team


class Clock(Protocol):
    """What day of the run it is, and a way to have something done later."""

    today: int

    def plan(self, day: int, order: int, act: Callable[[], None]) -> None:
        """Do something on a day, in the step and by the number in `order`."""
        ...


class Service:
    """Teams, their lists and their specialists.

    Args:
        program: the compiled arm.
        roster: who comes and goes.
        clock: the day, and how to plan.
        book: where events are written.
        tell_allocated: called when a waiting case has got a worker.
        tell_left: called when the worker of a case has left.
    """

    def __init__(
        self,
        program: Program,
        roster: Roster,
        clock: Clock,
        book: Book,
        tell_allocated: Callable[[Case], None],
        tell_left: Callable[[Case], None],
    ) -> None:
        self.program = program
        self.clock = clock
        self.book = book
        self.tell_allocated = tell_allocated
        self.tell_left = tell_left
        self.workers: list[Workers[Case]] = [Workers(team) for team in program.teams]
        self.need_lists: list[WaitingList[Case]] = [WaitingList() for _ in program.needs]
        # Teams that serve the same need take from one list.
        self.lists: list[WaitingList[Case]] = [
            self.need_lists[team.serves] if team.specialist else WaitingList()
            for team in program.teams
        ]
        self.serving = [
            [number for number, team in enumerate(program.teams) if team.serves == need]
            for need in range(len(program.needs))
        ]
        self.specialised = program.specialised
        self._looked_at = [NOBODY] * len(program.teams)
        self._wanted = self._met = 0
        for order, move in enumerate(roster.rows()):
            if move.day < 0:
                self._move(move)
            else:
                clock.plan(move.day, POSTS + order, partial(self._move, move))

    @property
    def dose(self) -> int | None:
        """Percent of the needs asked for that are met today, over all cases; None without any."""
        return 100 * self._met // self._wanted if self._wanted else None

    # Social workers

    def ask(self, case: Case, stage: StageCode, deal: bool = False) -> None:
        """Ask the stage's team for a worker; opening stock is dealt out over the limit."""
        team = stage.team
        if self.program.teams[team].unlimited:
            self.take(case, team, 0)
            return
        case.wait_start = self.clock.today
        worker = self.workers[team].least_loaded() if deal else None
        if worker is not None:
            self.take(case, team, worker)
            return
        case.place = self.lists[team].join(stage.priority, case.request_day, case.number, case)
        self._expect_round(team, self.clock.today)

    def withdraw(self, case: Case) -> None:
        """Leave the list of a team."""
        if case.place is not None:
            case.place.case = None
            case.place = None

    def take(self, case: Case, team: int, worker: int) -> None:
        """A worker takes a case, and specialists are asked for."""
        if not self.program.teams[team].unlimited:
            self.workers[team].take(worker, self._size(case, team), case)
        case.team, case.worker = team, worker
        again = int(case.worked > 0)
        self.book.note_worker(self.clock.today, case, Kind.WORKER, (team, worker), again)
        if self.program.stages[case.stage].specialists:
            self.ask_specialists(case)

    def release(self, case: Case) -> None:
        """The case leaves its worker."""
        if case.worker < 0:
            return
        team, worker = case.team, case.worker
        if not self.program.teams[team].unlimited:
            self.workers[team].let_go(worker, self._size(case, team), case)
        self.book.note_worker(self.clock.today, case, Kind.RELEASE, (team, worker), 0)
        case.team = case.worker = NOBODY

    # Specialists

    def ask_specialists(self, case: Case) -> None:
        """Ask for a specialist for each need that has none; a place on a list is kept."""
        if not self.specialised:
            return
        case.active = 0
        for need in range(len(case.needs)):
            if not case.known >> need & 1:
                continue
            if need in case.specialists:
                case.active += 1
            elif need not in case.asked:
                self._wanted += 1
                self.book.note(self.clock.today, case, Kind.ASK, need)
                self._ask_specialist(case, need, self.clock.today)

    def part(self, case: Case) -> None:
        """Leave stages where specialists may join: they go, and places on lists are given up."""
        if not case.asked and not case.specialists:
            return
        self._wanted -= len(case.asked) + len(case.specialists)
        self._met -= len(case.specialists)
        for need in sorted({*case.asked, *case.specialists}):
            if need in case.asked:
                case.asked[need][1].case = None
            else:
                team, worker, _ = case.specialists[need]
                self.workers[team].let_go(worker, self._size(case, team), case)
                self.book.note_worker(self.clock.today, case, Kind.PART, (team, worker), need)
            self.book.note(self.clock.today, case, Kind.DROP, need)
        case.asked.clear()
        case.specialists.clear()
        case.active = 0

    def _ask_specialist(self, case: Case, need: int, day: int) -> None:
        priority = self.program.stages[case.stage].priority
        case.asked[need] = (day, self.need_lists[need].join(priority, day, case.number, case))
        for team in self.serving[need]:
            self._expect_round(team, self.clock.today)

    def _join(self, case: Case, team: int, worker: int) -> None:
        """A specialist joins a case; the case's worker stays."""
        need = self.program.teams[team].serves
        day, _ = case.asked.pop(need)
        self.workers[team].take(worker, self._size(case, team), case)
        case.settle(self.clock.today)
        case.specialists[need] = (team, worker, day)
        case.active += 1
        self._met += 1
        self.book.note_worker(self.clock.today, case, Kind.JOIN, (team, worker), need)

    # Step 5: allocation

    def _size(self, case: Case, team: int) -> int:
        return 1 if self.program.teams[team].by_family else case.size

    def _expect_round(self, team: int, day: int) -> None:
        """Have the team's list looked at in step 5 of a day, once."""
        if self._looked_at[team] < day:
            self._looked_at[team] = day
            late = SPECIALISTS_AFTER if self.program.teams[team].specialist else 0
            self.clock.plan(day, ALLOCATION + late + team, partial(self._round, team))

    def _round(self, team: int) -> None:
        """Take cases from the top of the list until one does not fit, which waits for tomorrow."""
        workers, waiting = self.workers[team], self.lists[team]
        while (case := waiting.first()) is not None:
            worker = workers.free_for(self._size(case, team))
            if worker is None:
                self._expect_round(team, self.clock.today + 1)
                return
            waiting.take()
            if workers.team.specialist:
                self._join(case, team, worker)
            else:
                case.place = None
                case.waited += self.clock.today - case.wait_start
                self.take(case, team, worker)
                self.tell_allocated(case)

    # Step 3: posts

    def _move(self, move: Movement) -> None:
        """A worker leaves, starts or may hold a full caseload, or all of a team may hold more."""
        workers, post = self.workers[move.team], move.post
        if move.move == Move.LIMIT:
            workers.limit = move.value
        elif move.move == Move.FULL:
            workers.may_hold_all(post)
        elif move.move == Move.START:
            self.book.note_post(max(move.day, 0), Kind.START, move)
            workers.start(post, move.value)
        else:
            self.book.note_post(move.day, Kind.LEAVE, move)
            lose = self._lose_specialist if workers.team.specialist else self._lose_worker
            for case in sorted(workers.leave(post), key=lambda case: case.number):
                lose(case, move.team, post)

    def _lose_worker(self, case: Case, team: int, worker: int) -> None:
        """A case whose worker leaves joins the list with its first day of request."""
        self.book.note_worker(self.clock.today, case, Kind.RELEASE, (team, worker), 1)
        case.team = case.worker = NOBODY
        case.settle(self.clock.today)
        self.ask(case, self.program.stages[case.stage])
        self.tell_left(case)

    def _lose_specialist(self, case: Case, team: int, worker: int) -> None:
        """A case whose specialist leaves joins the need's list with its first day of request."""
        need = self.program.teams[team].serves
        case.settle(self.clock.today)
        _, _, day = case.specialists.pop(need)
        case.active -= 1
        self._met -= 1
        self.book.note_worker(self.clock.today, case, Kind.PART, (team, worker), need)
        self._ask_specialist(case, need, day)
