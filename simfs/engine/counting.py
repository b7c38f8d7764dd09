"""History → Tally: one future's events counted, in whole numbers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simfs.engine.history import (
    BY_OPENING,
    CASE_COLUMNS,
    EVENT_COLUMNS,
    NEEDS_IN_DETAIL,
    OF_POSTS,
    History,
    Kind,
)
from simfs.engine.population import NO_BIRTHDAY
from simfs.engine.program import COST_BANDS, DAYS_TO_18, NOBODY, Program
from simfs.engine.tally import HIGH_LOAD, MIDDLE, REPEATED, IntArray, Tally

Mask = NDArray[np.bool_]
AGENCY = 1  # detail of the events of a post that an agency worker holds
MOST_HELD = 1 << 40  # above the load of anybody in post


@dataclass(frozen=True, slots=True)
class Events:
    """The events of a history case by case, each case in order of time, with what it is worth.

    Attributes:
        day, kind, stage, team, worker, detail, family: columns of the events.
        case: family × 8 + child.
        size: children in the case when it happened.
        place: in the record of all cases.
    """

    day: IntArray
    kind: IntArray
    stage: IntArray
    team: IntArray
    worker: IntArray
    detail: IntArray
    family: IntArray
    case: IntArray
    size: IntArray
    place: IntArray

    def where(self, chosen: Mask) -> "Events":
        """Some of the events, in the same order."""
        at = np.flatnonzero(chosen)
        return Events(*(getattr(self, name)[at] for name in self.__slots__))

    def of(self, *kinds: Kind) -> Mask:
        """Which of the events are of these kinds."""
        wanted = np.zeros(len(Kind) + 1, dtype=bool)
        wanted[list(kinds)] = True
        return np.asarray(wanted[self.kind])

    def next_day(self, end: int) -> IntArray:
        """Day of the next event of the same case, or `end`."""
        day = np.full(len(self.day), end, dtype=np.int64)
        same = self.case[1:] == self.case[:-1]
        day[:-1][same] = self.day[1:][same]
        return day


def _by_case(history: History) -> Events:
    columns = dict(zip(EVENT_COLUMNS, np.ascontiguousarray(history.events.T), strict=True))
    cases = dict(zip(CASE_COLUMNS, history.cases.T, strict=True))
    number = columns["family"] * 8 + columns["child"]
    order = np.argsort(number, kind="stable")
    number = number[order]
    known = cases["family"] * 8 + cases["child"]
    by_number = np.argsort(known, kind="stable")
    found = np.searchsorted(known[by_number], number)
    # Posts have no case: a row beyond the last, of nobody, stands for it.
    listed = np.append(known[by_number], NOBODY)[found] == number
    size = np.where(listed, np.append(cases["children"][by_number], 0)[found], 0)
    kind, detail = columns["kind"][order], columns["detail"][order]
    # Children who have parted from their family no longer count in it.
    parted = np.cumsum(np.where(kind == Kind.SPLIT, detail, 0))
    first = np.concatenate([[True], number[1:] != number[:-1]]) if len(number) else listed
    before = np.concatenate([[0], parted[:-1]])[first] if len(number) else parted
    size = size - (parted - np.repeat(before, np.diff(np.append(np.nonzero(first)[0], len(first)))))
    size = np.where(kind == Kind.SPLIT, detail, size)
    return Events(
        day=columns["day"][order],
        kind=kind,
        stage=columns["stage"][order],
        team=columns["team"][order],
        worker=columns["worker"][order],
        detail=detail,
        family=columns["family"][order],
        case=number,
        size=size,
        place=order,
    )


class _Counter:
    """Counts of one program: sums into arrays over years, weeks and days."""

    def __init__(self, program: Program) -> None:
        self.days = program.days
        self.weeks = program.days // 7
        self.year_starts = np.array(program.year_starts)
        self.years = len(program.year_starts) - 1

    def by_year(self, day: IntArray, index: IntArray, size: int, weight: IntArray) -> IntArray:
        """Sums of `weight`, int64[year, size]."""
        year = np.searchsorted(self.year_starts, day, side="right") - 1
        return self._sums(year * size + index, self.years * size, weight).reshape(-1, size)

    def by_week(self, day: IntArray, index: IntArray, size: int, weight: IntArray) -> IntArray:
        """Sums of `weight`, int64[size, week]; days after the last whole week are left out."""
        inside = day < 7 * self.weeks
        place = index[inside] * self.weeks + day[inside] // 7
        return self._sums(place, size * self.weeks, weight[inside]).reshape(size, self.weeks)

    def ranked_by_week(
        self, day: IntArray, index: IntArray, size: int, value: IntArray, share: float
    ) -> IntArray:
        """The least value that a share of those of a week do not exceed, int64[size, week]; or −1.

        The values are whole and not negative.
        """
        inside = day < 7 * self.weeks
        place = index[inside] * self.weeks + day[inside] // 7
        order = np.lexsort((value[inside], place))
        found = np.bincount(place, minlength=size * self.weeks)
        last = np.cumsum(found)
        at = last - found + np.ceil(share * found).astype(np.int64) - 1
        ranked = np.append(value[inside][order], -1)[np.where(found > 0, at, -1)]
        return np.asarray(ranked.reshape(size, self.weeks))

    def present(
        self, start: IntArray, end: IntArray, index: IntArray, size: int, weight: IntArray
    ) -> IntArray:
        """What is there at the end of each day of spells [start, end), int64[size, day]."""
        width = self.days + 1
        steps = self._sums(index * width + start, size * width, weight)
        steps -= self._sums(index * width + np.minimum(end, self.days), size * width, weight)
        return np.cumsum(steps.reshape(size, width), axis=1)[:, :-1]

    def spell_days(
        self, start: IntArray, end: IntArray, index: IntArray, size: int, weight: IntArray
    ) -> IntArray:
        """Weighted days of spells [start, end) by year, int64[year, size]."""
        rows = []
        for first, last in zip(self.year_starts[:-1], self.year_starts[1:], strict=True):
            days = np.clip(np.minimum(end, last) - np.maximum(start, first), 0, None)
            rows.append(self._sums(index, size, weight * days))
        return np.array(rows)

    @staticmethod
    def _sums(place: IntArray, size: int, weight: IntArray) -> IntArray:
        # Weights are whole and far below 2**53, so the float sums of bincount are exact.
        return np.bincount(place, weight, size).astype(np.int64)


def _waiting(events: Events, program: Program) -> Mask:
    """Which of the events make a case wait for a worker."""
    asks = np.array([stage.team != NOBODY for stage in program.stages])
    enters = (events.kind == Kind.ENTER) & asks[np.maximum(events.stage, 0)]  # exits are below 0
    return np.asarray(enters | ((events.kind == Kind.RELEASE) & (events.detail == 1)))


def _previous_stage(entries: Events, program: Program) -> IntArray:
    """The stage that each entry came from, −1 for none."""
    origin = np.array([route.stage for route in program.routes], dtype=np.int64)
    previous = np.full(len(entries.day), NOBODY, dtype=np.int64)
    same = np.zeros(len(entries.day), dtype=bool)
    same[1:] = entries.case[1:] == entries.case[:-1]
    previous[same] = entries.stage[:-1][same[1:]]
    by_route = entries.detail >= 0
    previous[by_route] = origin[entries.detail[by_route]]
    # A child that parted in a crisis came from where its family was last.
    orphan = ~same & ~by_route & (entries.case % 8 > 0)
    parents = np.searchsorted(entries.case, entries.family[orphan] * 8, side="right") - 1
    of_family = (parents >= 0) & (entries.case[parents] == entries.family[orphan] * 8)
    previous[orphan] = np.where(of_family, entries.stage[parents], NOBODY)
    return previous


def _starts(
    entries: Events, history: History, program: Program, counter: _Counter
) -> tuple[IntArray, IntArray]:
    """Children entering each published stock from outside it, and repeat plans, by year."""
    member = np.zeros((len(program.stages) + 1, len(program.counts)), dtype=bool)
    for number, stage in enumerate(program.stages):
        member[number, list(stage.counts)] = True
    previous = _previous_stage(entries, program)
    new = entries.detail != BY_OPENING
    starts = np.zeros((counter.years, len(program.counts)), dtype=np.int64)
    repeats = np.zeros(counter.years, dtype=np.int64)
    nothing = np.zeros(len(entries.day), dtype=np.int64)
    for count, key in enumerate(program.counts):
        inside = member[entries.stage, count]
        starting = new & inside & ~member[previous, count]
        weight = np.where(starting, entries.size, 0)
        starts[:, count] = counter.by_year(entries.day, nothing, 1, weight)[:, 0]
        if key == REPEATED:
            before = _had_plan(entries, inside, history)
            weight = np.where(starting & before, entries.size, 0)
            repeats = counter.by_year(entries.day, nothing, 1, weight)[:, 0]
    return starts, repeats


def _had_plan(entries: Events, inside: Mask, history: History) -> Mask:
    """Whether the family of each entry had a plan before it."""
    order = np.lexsort((entries.place, entries.family))
    plans = np.cumsum(inside[order])
    family = entries.family[order]
    first = np.ones(len(family), dtype=bool)
    first[1:] = family[1:] != family[:-1]
    base = np.maximum.accumulate(np.where(first, plans - inside[order], 0))
    before = np.empty(len(order), dtype=bool)
    before[order] = plans - inside[order] - base > 0
    had = history.case_column("family")[history.case_column("earlier_plan") == 1]
    return before | np.isin(entries.family, had)


def _loads(events: Events, program: Program, counter: _Counter) -> dict[str, IntArray]:
    """What each team holds by day, and the 90th percentile over its workers by week."""
    moves = events.where(events.of(Kind.WORKER, Kind.RELEASE, Kind.JOIN, Kind.PART))
    sign = np.where(moves.of(Kind.WORKER, Kind.JOIN), 1, -1)
    by_family = np.array([team.by_family for team in program.teams])
    weight = np.where(by_family[moves.team], 1, moves.size) * sign
    teams, most = len(program.teams), _most_posts(program)
    worker = np.minimum(np.maximum(moves.worker, 0), most - 1)
    never = np.full(len(moves.day), counter.days, dtype=np.int64)
    loads = counter.present(moves.day, never, moves.team * most + worker, teams * most, weight)
    return {
        "team_load": loads.reshape(teams, most, counter.days).sum(axis=1),
        "team_cases": counter.present(moves.day, never, moves.team, teams, sign),
        **_posts(events, program, counter, loads),
    }


def _most_posts(program: Program) -> int:
    """Posts of the largest team, or one."""
    return max((team.most_posts for team in program.teams), default=0) or 1


def _posts(
    events: Events, program: Program, counter: _Counter, loads: IntArray
) -> dict[str, IntArray]:
    """Workers in post by day, and the high load of those in post at the end of each week."""
    moves = events.where(events.of(*OF_POSTS))
    sign = np.where(moves.kind == Kind.START, 1, -1)
    never = np.full(len(moves.day), counter.days, dtype=np.int64)
    teams, most = len(program.teams), _most_posts(program)
    place = moves.team * most + moves.worker
    filled = counter.present(moves.day, never, place, teams * most, sign)
    agency = sign * (moves.detail == AGENCY)
    week_ends = slice(6, 7 * counter.weeks, 7)
    in_post = filled[:, week_ends].reshape(teams, most, counter.weeks)
    found = in_post.sum(axis=1)
    held = np.where(in_post == 1, loads[:, week_ends].reshape(in_post.shape), MOST_HELD)
    rank = np.maximum(np.ceil(HIGH_LOAD * found).astype(np.int64) - 1, 0)
    ranked = np.take_along_axis(np.sort(held, axis=1), rank[:, np.newaxis, :], axis=1)[:, 0, :]
    return {
        "team_posts": filled.reshape(teams, most, counter.days).sum(axis=1),
        "team_agency": counter.present(moves.day, never, moves.team, teams, agency),
        "load_p90": np.where(found > 0, ranked, 0),
    }


def _needs(events: Events, program: Program, counter: _Counter) -> dict[str, IntArray]:
    """Cases that want a specialist for each need, and those that have one, by day."""
    found = {}
    for name, begins, ends in (
        ("needs_wanted", Kind.ASK, Kind.DROP),
        ("needs_met", Kind.JOIN, Kind.PART),
    ):
        moves = events.where(events.of(begins, ends))
        never = np.full(len(moves.day), counter.days, dtype=np.int64)
        sign = np.where(moves.kind == begins, 1, -1)
        found[name] = counter.present(moves.day, never, moves.detail, len(program.needs), sign)
    return found


def _allocations(events: Events, program: Program, counter: _Counter) -> dict[str, IntArray]:
    """Cases first allocated and how long they had waited, and changes of worker."""
    chosen = events.where(events.of(Kind.ENTER, Kind.WORKER))
    taken = chosen.kind == Kind.WORKER
    follows = np.zeros(len(taken), dtype=bool)
    follows[1:] = (chosen.kind[:-1] == Kind.ENTER) & (chosen.case[1:] == chosen.case[:-1])
    first = taken & follows & (chosen.detail == 0)  # one kept at entry is handed over later
    since = np.zeros(len(taken), dtype=np.int64)
    since[1:] = chosen.day[1:] - chosen.day[:-1]
    teams = len(program.teams)
    one = np.ones(int(first.sum()), dtype=np.int64)
    day, team = chosen.day[first], chosen.team[first]
    again = chosen.where(taken & (chosen.detail == 1))
    return {
        "allocated": counter.by_week(day, team, teams, one),
        "waited_days": counter.by_week(day, team, teams, since[first]),
        "wait_median": counter.ranked_by_week(day, team, teams, since[first], MIDDLE),
        "wait_p90": counter.ranked_by_week(day, team, teams, since[first], HIGH_LOAD),
        "handovers": counter.by_week(again.day, again.team, teams, np.ones_like(again.day)),
        "handover_children": counter.by_year(
            again.day, again.stage, len(program.stages), again.size
        ),
    }


def _exits(
    events: Events, history: History, program: Program, counter: _Counter
) -> tuple[IntArray, IntArray]:
    """Children leaving by each exit, and their days since then up to 18, by year."""
    out = events.where(events.kind == Kind.EXIT)
    exit_ = -1 - out.stage
    size = len(program.exits)
    children = counter.by_year(out.day, exit_, size, out.size)
    born = history.case_column("birth_day")
    number = history.case_column("family") * 8 + history.case_column("child")
    order = np.argsort(number)
    birth = born[order][np.searchsorted(number[order], out.case)]
    until = np.where(birth == NO_BIRTHDAY, counter.days, birth + DAYS_TO_18)
    until = np.minimum(until, counter.days)
    return children, counter.spell_days(out.day, until, exit_, size, out.size)


def _stocks(events: Events, program: Program, counter: _Counter) -> dict[str, IntArray]:
    """Children in each stage, and of those waiting for a worker, at the end of each day."""
    stages = len(program.stages)
    spells = events.where(events.of(Kind.ENTER, Kind.END))
    entered = spells.kind == Kind.ENTER
    inside, end = spells.where(entered), spells.next_day(program.days)[entered]
    turns = events.where(_waiting(events, program) | events.of(Kind.WORKER, Kind.KEPT, Kind.END))
    begins = _waiting(turns, program)
    waits, wait_end = turns.where(begins), turns.next_day(program.days)[begins]
    return {
        "stage_children": counter.present(inside.day, end, inside.stage, stages, inside.size),
        "waiting_children": counter.present(waits.day, wait_end, waits.stage, stages, waits.size),
        **_breaches(inside, end, program, counter),
    }


def _breaches(
    inside: Events, end: IntArray, program: Program, counter: _Counter
) -> dict[str, IntArray]:
    """Children whose stay passes the statutory limit, when it does; opening stock apart."""
    limit = np.array([stage.limit for stage in program.stages])[inside.stage]
    due = inside.day + limit
    new = inside.detail != BY_OPENING
    late = new & (limit >= 0) & (end > due) & (due < program.days)
    stages, teams = len(program.stages), len(program.teams)
    team = np.array([stage.team for stage in program.stages])[inside.stage]
    held = late & (team != NOBODY)
    return {
        "breach_children": counter.by_year(
            due[late], inside.stage[late], stages, inside.size[late]
        ),
        "breaches": counter.by_week(due[held], team[held], teams, inside.size[held]),
    }


def _placements(events: Events, program: Program, counter: _Counter) -> IntArray:
    """Child-days by year, placement and band of price."""
    spells = events.where(events.of(Kind.PLACED, Kind.END))
    begins = spells.kind == Kind.PLACED
    placed, end = spells.where(begins), spells.next_day(program.days)[begins]
    cells = max(len(program.placements), 1) * COST_BANDS
    days = counter.spell_days(placed.day, end, placed.detail, cells, placed.size)
    return days.reshape(counter.years, -1, COST_BANDS)[:, : len(program.placements)]


def _moves(events: Events, program: Program, counter: _Counter) -> dict[str, IntArray]:
    """Children by route taken, by crisis, by stage entered, and sent elsewhere by effects."""
    stages = len(program.stages)
    width = max((stage.routes[1] - stage.routes[0] for stage in program.stages), default=0)
    place = np.array([route.stage * width + route.place for route in program.routes])
    moved = events.where(events.of(Kind.ENTER, Kind.EXIT) & (events.detail >= 0))
    new = events.where((events.kind == Kind.ENTER) & (events.detail != BY_OPENING))
    crises = events.where(events.of(Kind.CRISIS))
    sent = events.where(events.of(Kind.DIVERTED))
    effects = len(program.effects)
    return {
        "route_children": counter.by_year(
            moved.day, place[moved.detail], stages * width, moved.size
        ).reshape(counter.years, stages, width),
        "crisis_children": counter.by_year(crises.day, crises.stage, stages, crises.size),
        "entry_children": counter.by_year(new.day, new.stage, stages, new.size),
        "diverted_children": counter.by_year(sent.day, sent.detail, max(effects, 1), sent.size)[
            :, :effects
        ],
    }


def _doses(events: Events, counter: _Counter) -> dict[str, IntArray]:
    """Doses of the stays with a need that ended, summed, and how many they were."""
    ended = events.where((events.kind == Kind.END) & (events.detail >= NEEDS_IN_DETAIL))
    nothing = np.zeros(len(ended.day), dtype=np.int64)
    dose = ended.detail % NEEDS_IN_DETAIL
    return {
        "dose_sum": counter.by_year(ended.day, nothing, 1, dose)[:, 0],
        "dose_stays": counter.by_year(ended.day, nothing, 1, np.ones_like(nothing))[:, 0],
    }


def tally(history: History, program: Program) -> Tally:
    """Everything kept of a future, counted from its events."""
    counter = _Counter(program)
    events = _by_case(history)
    entries = events.where(events.of(Kind.ENTER))
    starts, repeats = _starts(entries, history, program, counter)
    exit_children, exit_days = _exits(events, history, program, counter)
    return Tally(
        **_stocks(events, program, counter),
        **_moves(events, program, counter),
        **_doses(events, counter),
        **_loads(events, program, counter),
        **_needs(events, program, counter),
        **_allocations(events, program, counter),
        placement_days=_placements(events, program, counter),
        starts_children=starts,
        repeat_starts_children=repeats,
        exit_days=exit_days,
        exit_children=exit_children,
    )
