"""What happened: two tables of integers, in the order of the rules of a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from simfs.engine.program import NOBODY, IntArray, Program, exit_number, is_exit

EVENT_COLUMNS = (
    "day", "family", "child", "kind", "stage", "visit", "team", "worker", "detail",
)  # fmt: skip
CASE_COLUMNS = (
    "family", "child", "origin", "number", "arrival_day", "needs", "children", "birth_day",
    "earlier_plan",
)  # fmt: skip

FAMILIES_PER_ORIGIN = 10_000_000
EXTRA = FAMILIES_PER_ORIGIN // 2  # numbers of the arrivals that an effect above one adds
NEEDS_IN_DETAIL = 1_000


class Kind(IntEnum):
    """What an event records, and what its `detail` means.

    `ENTER`: a case enters a stage; detail is the route's number, or `BY_ARRIVAL`, `BY_OPENING`,
    `BY_CRISIS`, `BY_SPLIT`, `BY_BIRTHDAY`. `PLACED`: placement × 10 + cost band. `WORKER`: a worker
    takes the case; detail 1 on hand-over. `KEPT`: the case brings its worker into the stage.
    `RELEASE`: the worker lets it go; detail 1 when the worker left. `END`: the stay ends; detail is
    1000 × needs + dose. `CRISIS`: waiting became too long; detail is days waited. `DIVERTED`: an
    effect sent the case to the remainder; detail is the effect. `CUT`: gained chances were cut at
    one; detail is the route. `JOIN` and `PART`: a specialist; detail is the need. `EXIT`: a case
    leaves; the stage is −1 − exit, the detail as of `ENTER`. `SPLIT`: children part from their
    family; detail is how many. `TURNED_AWAY`: an effect on a stream kept the case out; detail is
    the effect. `ASK` and `DROP`: a case begins and ceases to want a specialist for a need; detail
    is the need. `START` and `LEAVE`: a worker takes up or leaves a post, and there is no family;
    detail is 1 for an agency worker, 2 for one newly qualified, 0 for others.
    """

    ENTER = 1
    PLACED = 2
    WORKER = 3
    RELEASE = 4
    END = 5
    CRISIS = 6
    DIVERTED = 7
    CUT = 8
    JOIN = 9
    PART = 10
    EXIT = 11
    SPLIT = 12
    TURNED_AWAY = 13
    KEPT = 14
    ASK = 15
    DROP = 16
    START = 17
    LEAVE = 18


OF_POSTS = (Kind.START, Kind.LEAVE)

BY_ARRIVAL = -1
BY_OPENING = -2
BY_CRISIS = -3
BY_SPLIT = -4
BY_BIRTHDAY = -5

_WORDS = {
    Kind.ENTER: "enters",
    Kind.PLACED: "is placed",
    Kind.WORKER: "gets a worker",
    Kind.RELEASE: "leaves its worker",
    Kind.END: "ends its stay",
    Kind.CRISIS: "comes to a crisis while waiting",
    Kind.DIVERTED: "is diverted",
    Kind.CUT: "meets a cut chance",
    Kind.JOIN: "is joined by a specialist",
    Kind.PART: "is left by a specialist",
    Kind.EXIT: "leaves",
    Kind.SPLIT: "splits into children",
    Kind.TURNED_AWAY: "is kept out",
    Kind.KEPT: "keeps its worker",
    Kind.ASK: "wants a specialist",
    Kind.DROP: "wants a specialist no longer",
    Kind.START: "starts",
    Kind.LEAVE: "leaves",
}


_CAME_BY = {
    BY_ARRIVAL: "arrival",
    BY_OPENING: "opening stock",
    BY_CRISIS: "crisis",
    BY_SPLIT: "siblings part",
    BY_BIRTHDAY: "18th birthday",
}


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """One future of one arm.

    Attributes:
        events: int64[event, column], columns as EVENT_COLUMNS.
        cases: int64[case, column], columns as CASE_COLUMNS; a child that splits off is a case.
    """

    events: NDArray[np.int64]
    cases: NDArray[np.int64]

    def column(self, name: str) -> IntArray:
        """One column of the events."""
        return self.events[:, EVENT_COLUMNS.index(name)]

    def case_column(self, name: str) -> IntArray:
        """One column of the cases."""
        return self.cases[:, CASE_COLUMNS.index(name)]

    def assert_equal(self, other: "History", program: Program) -> None:
        """Raise AssertionError that tells the first difference in words."""
        both = min(len(self.events), len(other.events))
        differ = np.nonzero((self.events[:both] != other.events[:both]).any(axis=1))[0]
        if len(differ) or len(self.events) != len(other.events):
            at = int(differ[0]) if len(differ) else both
            one, two = (
                describe(history.events[at], program) if at < len(history.events) else "no more"
                for history in (self, other)
            )
            raise AssertionError(f"{one} in one history; {two} in the other")
        if not np.array_equal(self.cases, other.cases):
            raise AssertionError("the events are equal, but the cases differ")

    def table(self, program: Program) -> dict[str, list[object]]:
        """The events in words, a list per column, for a CSV file."""
        columns: dict[str, list[object]] = {
            name: [] for name in (
                "day", "date", "family", "child", "event", "stage", "visit", "team", "worker",
                "detail",
            )
        }  # fmt: skip
        for row in self._rows(program):
            for name, value in zip(columns, row, strict=True):
                columns[name].append(value)
        return columns

    def _rows(self, program: Program) -> Iterator[tuple[object, ...]]:
        for event in self.events:
            day, family, child, kind, stage, visit, team, worker, detail = map(int, event)
            yield (
                day,
                date.fromordinal(program.start_ordinal + day).isoformat(),
                family_words(family, program),
                child if child > 0 else "",
                _WORDS[Kind(kind)],
                "" if kind in OF_POSTS else place_words(stage, program),
                visit,
                program.teams[team].label if team != NOBODY else "",
                worker if worker != NOBODY else "",
                _detail_words(Kind(kind), detail, program),
            )


def family_words(family: int, program: Program) -> str:
    """A family's name: where it came from and its number there; empty for none."""
    if family == NOBODY:
        return ""
    origin, number = divmod(family, FAMILIES_PER_ORIGIN)
    came = program.origins[origin]
    return f"{'opening ' if came.opening else ''}{came.key} {number}"


def place_words(place: int, program: Program) -> str:
    """The label of a stage, or the key of an exit."""
    return program.exits[exit_number(place)] if is_exit(place) else program.stages[place].label


def describe(event: IntArray, program: Program) -> str:
    """One event as a sentence: "day 425: family referral 562 enters Child protection"."""
    day, family, child, kind, stage, _, team, worker, detail = map(int, event)
    if kind in OF_POSTS:
        words = f"day {day}: worker {worker} of {program.teams[team].label} {_WORDS[Kind(kind)]}"
        extra = _detail_words(Kind(kind), detail, program)
        return f"{words}, {extra}" if extra else words
    who = f"family {family_words(family, program)}" + (f" child {child}" if child else "")
    words = f"day {day}: {who} {_WORDS[Kind(kind)]}"
    place = place_words(stage, program)
    words += f" {place}" if kind in {Kind.ENTER, Kind.EXIT} else f" ({place})"
    words += f", worker {worker}" if worker != NOBODY else ""
    extra = _detail_words(Kind(kind), detail, program)
    return f"{words}, {extra}" if extra else words


def _detail_words(kind: Kind, detail: int, program: Program) -> str:
    match kind:
        case Kind.ENTER | Kind.EXIT:
            return _CAME_BY.get(detail) or f"by {program.routes[detail].key}"
        case Kind.PLACED:
            return f"{program.placements[detail // 10]}, cost band {detail % 10}"
        case Kind.END:
            needs, dose = divmod(detail, NEEDS_IN_DETAIL)
            return f"dose {dose}% of {needs} needs" if needs else ""
        case Kind.DIVERTED | Kind.TURNED_AWAY:
            return program.effects[detail].key
        case Kind.JOIN | Kind.PART | Kind.ASK | Kind.DROP:
            return program.needs[detail]
        case Kind.START | Kind.LEAVE:
            return ("", "agency", "newly qualified")[detail]
        case Kind.CRISIS:
            return f"after {detail} days"
        case Kind.CUT:
            return program.routes[detail].key
        case Kind.WORKER:
            return "hand-over" if detail else ""
        case Kind.RELEASE:
            return "the worker left" if detail else ""
        case Kind.SPLIT:
            return f"{detail} children"
        case Kind.KEPT:
            return ""
