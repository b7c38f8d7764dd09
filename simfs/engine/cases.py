"""A family, or a child on its own, while an engine follows it; and the book of what happens."""

import numpy as np

from simfs.engine.caseloads import Place
from simfs.engine.history import (
    CASE_COLUMNS,
    EVENT_COLUMNS,
    FAMILIES_PER_ORIGIN,
    History,
    Kind,
)
from simfs.engine.population import NO_BIRTHDAY
from simfs.engine.program import DAYS_TO_18, NOBODY
from simfs.engine.roster import Movement

CHILD = 1 << 32  # the child's part of an occasion
NEVER = 1 << 40


class Case:
    """One case and where it stands.

    Attributes:
        number: family × 8 + child; the case number of the rules of a day.
        luck, subject, occasion: the parts of its random addresses that never change.
        children: numbers of its children; `size` is how many.
        needs: one uniform per need; `known` is a bit for each need that a stage has brought out,
            and is never lost again.
        birth_day, first_age: of a child who has been in care; days.
        stage, visit, visits: where it is, for the n-th time.
        team, worker: who has it.
        request_day, place: since when it asks for a worker; its place on a list, if it waits.
        wait_start, waited, bear: waiting of this visit, days, and what it can bear.
        asked: needs it waits to have met: day asked, place on the list.
        specialists: needs that are met: team, worker, day asked.
        here, active: needs that specialists may meet in this stage, and those met today.
        worked_from, worked, dose_days: work of this stay; from a day not yet counted.
        left, end_day, handed_over: days left of a stay that needs a worker, −1 until it is drawn;
            the day it ends while it is worked with; whether it has lost a worker.
        route: the route decided at entry, or −1.
        uniforms: this visit's uniforms for stay, route, effect and split.
    """

    __slots__ = (
        "active",
        "asked",
        "bear",
        "birth_day",
        "child",
        "children",
        "dose_days",
        "end_day",
        "family",
        "first_age",
        "handed_over",
        "here",
        "known",
        "left",
        "luck",
        "needs",
        "number",
        "occasion",
        "origin",
        "place",
        "request_day",
        "route",
        "size",
        "specialists",
        "stage",
        "subject",
        "team",
        "uniforms",
        "visit",
        "visits",
        "wait_start",
        "waited",
        "worked",
        "worked_from",
        "worker",
    )

    def __init__(
        self, origin: int, luck: int, subject: int, children: tuple[int, ...], needs: list[float]
    ) -> None:
        self.origin = origin
        self.luck = luck
        self.subject = subject
        self.family = origin * FAMILIES_PER_ORIGIN + subject
        self.child = 0
        self.number = self.family * 8
        self.occasion = 0
        self.children = children
        self.size = len(children)
        self.needs = needs
        self.birth_day = NO_BIRTHDAY
        self.first_age = NOBODY
        self.visits: dict[int, int] = {}
        self.stage = self.team = self.worker = self.route = self.bear = self.worked_from = NOBODY
        self.visit = self.request_day = self.wait_start = self.waited = 0
        self.known = 0
        self.here = self.active = self.worked = self.dose_days = 0
        self.left = self.end_day = NOBODY
        self.handed_over = False
        self.place: Place[Case] | None = None
        self.asked: dict[int, tuple[int, Place[Case]]] = {}
        self.specialists: dict[int, tuple[int, int, int]] = {}
        self.uniforms: list[float] = []

    def own_child(self, child: int) -> "Case":
        """One child of this family as a case of its own."""
        case = Case(self.origin, self.luck, self.subject, (child,), self.needs)
        case.child = child
        case.occasion = child * CHILD
        case.number = self.number + child
        case.known = self.known
        case.request_day = self.request_day
        return case

    @property
    def eighteen(self) -> int:
        """Day of the 18th birthday; NEVER for a family."""
        return NEVER if self.birth_day == NO_BIRTHDAY else self.birth_day + DAYS_TO_18

    def enter(self, stage: int) -> None:
        """Start a visit: nothing worked, nothing waited."""
        self.stage = stage
        self.visit = self.visits[stage] = self.visits.get(stage, 0) + 1
        self.worked = self.dose_days = self.waited = 0
        self.bear = self.worked_from = self.route = NOBODY

    def settle(self, today: int) -> None:
        """Count the work done since it was last counted, up to but not including today."""
        if self.worked_from != NOBODY:
            days = today - self.worked_from
            self.worked += days
            self.dose_days += days * self.active
            self.worked_from = today

    @property
    def dose(self) -> int:
        """Percent of need-days of this stay on which a specialist was there."""
        days = self.here * self.worked
        return self.dose_days * 100 // days if days else 0


class Book:
    """The two tables of a history while they are written."""

    def __init__(self) -> None:
        # Flat lists of numbers that exist anyway: an event costs no more than its place here.
        self._events: list[int] = []
        self._cases: list[int] = []
        self.write = self._events.extend
        self.write_case = self._cases.extend

    def note(self, day: int, case: Case, kind: Kind, detail: int) -> None:
        """One event that concerns no worker."""
        self.write(
            (day, case.family, case.child, kind, case.stage, case.visit, NOBODY, NOBODY, detail)
        )

    def note_worker(
        self, day: int, case: Case, kind: Kind, post: tuple[int, int], detail: int
    ) -> None:
        """One event of a case and a (team, worker)."""
        self.write((day, case.family, case.child, kind, case.stage, case.visit, *post, detail))

    def note_post(self, day: int, kind: Kind, move: Movement) -> None:
        """One event of a post."""
        who = move.agency + 2 * move.newly
        self.write((day, NOBODY, NOBODY, kind, NOBODY, 0, move.team, move.post, who))

    def close(self) -> History:
        """The history as arrays."""
        events = np.array(self._events, dtype=np.int64).reshape(-1, len(EVENT_COLUMNS))
        cases = np.array(self._cases, dtype=np.int64).reshape(-1, len(CASE_COLUMNS))
        return History(events, cases)
