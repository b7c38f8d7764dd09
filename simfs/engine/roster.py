"""The workers of one future, worked out once for any engine: who works when, and how well.

The moves are the whole of what an engine needs to know of it; `simfs.engine.posts` says how posts
are filled and emptied.
"""

import math
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from simfs.engine.draws import Address, Luck, Purpose, chance_of, origin_code, run_key
from simfs.engine.posts import BEFORE, Posts, Spells, always_filled
from simfs.engine.program import NOBODY, FloatArray, IntArray, Program, TrainingCode
from simfs.engine.tables import look_up

ROSTERS = 32  # arms that are kept; one more only costs time
CRISIS = origin_code("service_crisis")


class Move(IntEnum):
    """What happens to a post or a team, in the order within a day.

    `FULL`: the protection of a newly qualified worker ends. `LIMIT`: a team's caseload limit
    changes; its post is −1.
    """

    LEAVE = 0
    START = 1
    FULL = 2
    LIMIT = 3


class Movement(NamedTuple):
    """One move of a roster as plain numbers."""

    day: int
    move: int
    team: int
    post: int
    agency: int
    newly: int
    value: int


ROSTER_COLUMNS = Movement._fields


@dataclass(frozen=True, slots=True, eq=False)
class Roster:
    """The workers of one future.

    Attributes:
        moves: int64[move, column] in the order in which they happen: by day, then kind of move,
            team and post. Day −1: in post before the first day. `agency` and `newly` are of the
            worker who starts or leaves; `value` is the caseload that one who starts is spared, in
            the team's unit, or a new limit.
        force: float64[2, day], what effects are multiplied by: row 0 those of a practice model
            (skill of the staff; none from a service crisis on), row 1 those of a service crisis.
    """

    moves: IntArray
    force: FloatArray

    def rows(self) -> Iterator[Movement]:
        """The moves one by one."""
        return map(Movement._make, self.moves.tolist())


def _fill_and_empty(program: Program) -> bool:
    """Whether any post is ever empty by chance."""
    return any(
        team.workforce != NOBODY and team.most_posts and not team.unlimited
        for team in program.teams
    )


def _spells(program: Program, luck: Luck) -> Spells:
    """Everybody in post on some day of the run, in order of start, team and post."""
    parts = [always_filled(program.teams)]
    if _fill_and_empty(program):
        parts.append(Posts(program, luck).spells())
    every = Spells.joined(parts)
    seen = every.somebody & (every.begin < program.days) & (every.end >= 0)
    chosen = np.flatnonzero(seen)
    begin = np.maximum(every.begin[chosen], BEFORE)
    order = np.lexsort((every.post[chosen], every.team[chosen], begin))
    spells = every.at(chosen[order])
    return replace(
        spells,
        begin=begin[order],
        end=np.minimum(spells.end, program.days),
        # Whose protection ended before the first day is one of the others by then.
        newly=spells.newly & (spells.full >= 0),
    )


def _spared(program: Program, spells: Spells) -> IntArray:
    """Units of the caseload that each worker is spared at the start, rounded half to even."""
    spared = np.zeros(len(spells.team), dtype=np.int64)
    newly = np.flatnonzero(spells.newly)
    team, begin = spells.team[newly], np.maximum(spells.begin[newly], 0)
    for number in set(team.tolist()):
        code = program.teams[number]
        days, limits = np.array(code.limits, dtype=np.int64).T
        share = program.staff.workforces[code.workforce].protected_share
        here = np.flatnonzero(team == number)
        since = np.searchsorted(days, begin[here], side="right") - 1
        spared[newly[here]] = np.rint(limits * share)[since]
    return spared


def _moves(program: Program, spells: Spells) -> IntArray:
    """int64[move, column] in the order in which they happen."""
    starts = np.empty((len(spells.team), len(ROSTER_COLUMNS)), dtype=np.int64)
    columns = (spells.begin, Move.START, spells.team, spells.post, spells.agency, spells.newly)
    for place, column in enumerate((*columns, _spared(program, spells))):
        starts[:, place] = np.asarray(column)
    leaving = np.flatnonzero(spells.end < program.days)
    leaves = starts[leaving]
    leaves[:, 0], leaves[:, 1], leaves[:, 6] = spells.end[leaving], Move.LEAVE, 0
    protected = np.flatnonzero(spells.newly & (spells.full < spells.end))
    ends = starts[protected]
    ends[:, 0], ends[:, 1], ends[:, 4:] = spells.full[protected], Move.FULL, 0
    limits = [
        (day, Move.LIMIT, number, NOBODY, 0, 0, limit)
        for number, team in enumerate(program.teams)
        if not team.unlimited
        for day, limit in team.limits[1:]
        if 0 <= day < program.days
    ]
    changes = np.array(limits, dtype=np.int64).reshape(-1, len(ROSTER_COLUMNS))
    moves = np.concatenate([leaves, starts, ends, changes])
    day, move, team, post = moves.T[:4]
    return moves[np.lexsort((post, team, move, day))]


def _trained_days(training: TrainingCode, spells: Spells) -> FloatArray:
    """Day of each worker's course, infinity for none; those longest in post go first."""
    days = [math.inf] * len(spells.team)
    begins, ends = spells.begin.tolist(), spells.end.tolist()
    waiting: deque[int] = deque()
    came = 0
    for day, seats in training.courses:
        today, free = max(day, BEFORE), seats
        while came < len(begins) and begins[came] <= today:
            waiting.append(came)
            came += 1
        while waiting and free:
            place = waiting.popleft()
            if ends[place] > today:
                days[place] = day
                free -= 1
    return np.array(days)


def _summed(
    days: int, up: IntArray, down: IntArray, by: tuple[IntArray, IntArray] | None = None
) -> FloatArray:
    """Running sums of what comes on days `up` and goes on days `down`: one each, or `by` so much.

    float64[day], of days that may go two beyond the last.
    """
    amounts = (np.ones(len(up)), np.ones(len(down))) if by is None else by
    steps = np.concatenate([amounts[0], -amounts[1]])
    return np.cumsum(np.bincount(np.concatenate([up, down]), steps, days + 2))


def _strength(program: Program, training: TrainingCode, every: Spells) -> FloatArray:
    """Mean skill of the workers in post at the end of each day ÷ that of the evidence.

    Sums of whole days throughout, so that nothing is left over when the last has gone.
    """
    teams = [number for number in training.teams if not program.teams[number].unlimited]
    if not any(program.teams[number].most_posts for number in teams):
        return np.ones(program.days)
    learns = np.zeros(len(program.teams), dtype=bool)
    learns[teams] = True
    spells = every.at(np.flatnonzero(learns[every.team]))
    days, whole = program.days, training.skill_days
    begin, end = np.maximum(spells.begin, 0).astype(np.int64), spells.end.astype(np.int64)
    day = _trained_days(training, spells)
    trained = np.flatnonzero(day < days)
    course, last = day[trained].astype(np.int64), end[trained]
    first = np.maximum(course, 0)
    in_post = _summed(days, begin, end)
    counted = _summed(days, first, last)
    # Days since the course, up to those that make it whole: known on the first day, one more on
    # each later day, and as many gone as were there the day before the worker leaves.
    stops = np.maximum(np.minimum(course + whole + 1, last), first + 1)
    known = np.minimum(first - course, whole)
    lost = np.minimum(np.maximum(last - 1, first) - course, whole)
    since = _summed(days, first, last, (known, lost))
    since += np.cumsum(_summed(days, first + 1, stops))
    learnt = since / whole if whole else counted
    skill = training.skill_first * counted + (1 - training.skill_first) * learnt
    mean = np.divide(skill, in_post, out=np.zeros_like(skill), where=in_post > 0)
    return np.asarray(mean[:days] / training.reference)


@lru_cache(maxsize=256)
def _crisis_luck(seed: int, draw: int, drift: int) -> float:
    """The uniform of the service crisis: of the drift's level, which arms and lucks share."""
    luck = Luck(run_key(seed, draw, drift, "drift"))
    purpose = Purpose.SERVICE_CRISIS
    return float(luck.block(CRISIS, 0, 1, 0, 0, purpose)[0, purpose & 3])


def _force(program: Program, spells: Spells, address: Address) -> FloatArray:
    """float64[2, day]; see Roster."""
    force = np.zeros((2, program.days))
    staff = program.staff
    force[0] = 1.0 if staff.training is None else _strength(program, staff.training, spells)
    if staff.crisis is not None:
        u = np.array([_crisis_luck(address.seed, address.draw, address.drift)])
        day = int(staff.crisis.mean * look_up(program.tables[0], u)[0])
        force[0, day:] = 0.0
        force[1, day : day + staff.crisis.days] = 1.0
    return force


class _Kept(threading.local):
    """The roster that a thread asked for last, and those that are the same in every future."""

    def __init__(self) -> None:
        self.program: Program | None = None
        self.address: Address | None = None
        self.roster: Roster | None = None
        self.always: deque[tuple[Program, Roster]] = deque(maxlen=ROSTERS)


_kept = _Kept()


def roster_of(program: Program, address: Address) -> Roster:
    """The workers of one future of one arm; the same for every engine.

    Kept until another is asked for, because an engine may ask twice.
    """
    for known, roster in _kept.always:
        if known is program:
            return roster
    if _kept.roster is None or _kept.program is not program or _kept.address != address:
        spells = _spells(program, chance_of(address))
        _kept.roster = Roster(_moves(program, spells), _force(program, spells, address))
        _kept.program, _kept.address = program, address
        if program.staff.crisis is None and not _fill_and_empty(program):
            _kept.always.append((program, _kept.roster))
    return _kept.roster
