"""Who holds a post when: posts that alternate occupied and empty, whatever the families do.

An alternating renewal process, in its own equilibrium on the first day unless the start is stated
(Cox, Renewal Theory, 1962, §7). A post's luck is its own, whatever the arm, the horizon or the
number of other posts. Occupants of a post are numbered: 0 is whoever is there at the start, each
has its own four numbers, and the gap goes by the number of the occupant before it. A post that is
new, or new again, has nobody for one number, and only that number's gap counts.
"""

import math
import threading
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from simfs.engine.draws import Luck, Purpose, origin_code
from simfs.engine.program import NOBODY, FloatArray, IntArray, Program, TeamCode
from simfs.engine.tables import CELLS, COARSE, KNOTS, TAIL_CELLS, TAIL_START

Flags = NDArray[np.bool_]
Spans = tuple[tuple[float, float], ...]

BEFORE = -1  # the day of whatever happened before the first
OCCUPANTS = 32  # subjects of a post in one block of numbers
AT_ONCE = 8  # of those, looked up together
POSTS = origin_code("posts")
EVER = -math.inf
SETTINGS = 16  # arms, more than any study has
PERMANENT, AGENCY, AFTER_PERMANENT, AFTER_AGENCY = range(4)


@dataclass(frozen=True, slots=True, eq=False)
class Spells:
    """Workers in post, one row each, or the occupants of one number, one row for each post.

    Attributes:
        team, post: where.
        begin: day of the start.
        end: day of leaving; infinity: never.
        agency, newly: agency workers; the newly qualified.
        full: day on which the protection of the newly qualified ends.
        somebody: where there is an occupant at all.
    """

    team: IntArray
    post: IntArray
    begin: FloatArray
    end: FloatArray
    agency: Flags
    newly: Flags
    full: FloatArray
    somebody: Flags

    def at(self, chosen: IntArray) -> "Spells":
        """Some of the rows, in the same order."""
        return Spells(*(getattr(self, name)[chosen] for name in self.__slots__))

    @staticmethod
    def joined(parts: "list[Spells]") -> "Spells":
        """All rows of some, in order."""
        names = Spells.__slots__
        return Spells(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))


@lru_cache(maxsize=256)
def _established(steps: tuple[tuple[int, int], ...], post: int) -> Spans:
    """Days [from, to) on which the establishment has a post; the first step is from ever."""
    spans: list[tuple[float, float]] = []
    since = EVER if steps[0][1] > post else None
    for day, posts in steps[1:]:
        if posts > post and since is None:
            # Of two changes on one day only the second counts.
            again = bool(spans) and spans[-1][1] == day
            since = spans.pop()[0] if again else float(day)
        elif posts <= post and since is not None:
            spans.append((since, float(day)))
            since = None
    if since is not None:
        spans.append((since, math.inf))
    return tuple(spans)


def _after(clock: FloatArray, start: FloatArray, length: FloatArray) -> FloatArray:
    """First days on which a clock has run for `length` since `start`.

    The clock is float64[day + 1]; before day 0 it runs a day a day, and after its last it stands.
    """
    last = len(clock) - 1
    day = np.minimum(np.maximum(start, 0), last).astype(np.int64)
    since = np.where(start < 0, start, clock[day])
    target = since + length
    found = np.searchsorted(clock, target, side="left")
    return np.where(target <= 0, target, np.where(found > last, np.inf, found))


def _look_up(tables: FloatArray, number: IntArray, u: FloatArray) -> FloatArray:
    """What `look_up` gives, each from the table of its own number; shapes are broadcast."""
    coarse = u < TAIL_START
    x = np.where(coarse, u * CELLS, (u - TAIL_START) * TAIL_CELLS)
    cell = x.astype(np.int64)
    knot = np.where(coarse, cell, cell + COARSE) + number * KNOTS
    flat = tables.ravel()
    low = flat[knot]
    return np.asarray(low + (flat[knot + 1] - low) * (x - cell))


def _timed(
    clocks: list[tuple[FloatArray, slice]], start: FloatArray, length: FloatArray
) -> FloatArray:
    """Days on which each post's clock has run for `length` since `start`.

    Those that do not run a day a day are given, each with the posts that go by it.
    """
    end = start + length
    for clock, posts in clocks:
        end[posts] = _after(clock, start[posts], length[posts])
    return end


@dataclass(frozen=True, slots=True, eq=False)
class _Layout:
    """The posts of every workforce, and of each team after team.

    Attributes:
        team, post: numbers.
        added: first day on which the establishment has the post.
        cuts: place of a post here, and the days [from, to) on which it is taken away.
    """

    team: IntArray
    post: IntArray
    added: FloatArray
    cuts: tuple[tuple[int, float, float], ...]


@lru_cache(maxsize=64)
def _layout(teams: tuple[tuple[int, int, tuple[tuple[int, int], ...]], ...]) -> _Layout:
    """The posts of teams, each given as number, greatest number of posts, and posts by day."""
    rows = [
        (number, post, _established(steps, post))
        for number, most, steps in teams
        for post in range(most)
    ]
    cuts = [
        (place, gone, back)
        for place, (_, _, spans) in enumerate(rows)
        for (_, gone), (back, _) in pairwise((*spans, (math.inf, math.inf)))
    ]
    return _Layout(
        team=np.array([team for team, _, _ in rows], dtype=np.int64),
        post=np.array([post for _, post, _ in rows], dtype=np.int64),
        added=np.array([spans[0][0] for _, _, spans in rows]),
        cuts=tuple(cut for cut in cuts if cut[1] < math.inf),
    )


class _Setting:
    """What is the same in every future of a program: its posts, and the numbers of each.

    Args:
        program: one in which workforces fill posts.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        codes = program.staff.workforces
        places = [
            place
            for place, team in enumerate(program.teams)
            if team.workforce != NOBODY and team.most_posts and not team.unlimited
        ]
        places.sort(key=lambda place: program.teams[place].workforce)
        self.teams = [program.teams[place] for place in places]
        key = ((n, t.most_posts, t.posts) for n, t in zip(places, self.teams, strict=True))
        self.posts = _layout(tuple(key))
        numbers = [team.workforce for team in self.teams]
        self.workforce = np.repeat(numbers, [team.most_posts for team in self.teams])
        ends = np.searchsorted(self.workforce, np.arange(len(codes)), side="right").tolist()
        # Nothing is looked up in a clock that runs a day a day.
        even = np.arange(program.days + 1)
        each = list(zip(codes, map(slice, [0, *ends], ends), strict=False))
        self.leaving = [(c.leaving, at) for c, at in each if not np.array_equal(c.leaving, even)]
        self.hiring = [(c.hiring, at) for c, at in each if not np.array_equal(c.hiring, even)]
        phases = [(c.permanent, c.agency, c.recruitment, c.agency_gap) for c in codes]
        self.means = np.array([[phase.mean for phase in row] for row in phases])[self.workforce].T
        self.tables = np.array([[phase.table for phase in row] for row in phases])
        self.tables = self.tables[self.workforce].T
        self.shares = np.stack([code.agency_share for code in codes])
        self.temporary = bool(self.shares.any())
        self.steady = bool((self.shares == self.shares[:, :1]).all())
        self.first_shares = self.shares[self.workforce, 0]
        self.qualified = np.array([code.newly_qualified for code in codes])[self.workforce]
        self.protected = np.array([code.protected_days for code in codes])[self.workforce]
        self.weights = self._weights()
        sums = np.cumsum(self.weights, axis=0)
        self.reached = sums[:-1] / sums[-1]

    def _weights(self) -> FloatArray:
        """In what proportion posts are found in the four states, float64[state, post]."""
        rows = []
        for code in self.program.staff.workforces:
            temporary = float(code.agency_share[0])
            phases = (code.permanent, code.agency, code.recruitment, code.agency_gap)
            shares = (1 - temporary, temporary) * 2
            row = [p.mean * s if s > 0 else 0.0 for p, s in zip(phases, shares, strict=True)]
            if math.isinf(sum(row)):
                # A state without end is where every post has been for ever.
                row = [float(math.isinf(weight)) for weight in row]
            rows.append(row)
        return np.asarray(np.array(rows)[self.workforce].T)


class _Kept(threading.local):
    """Each thread's settings of the programs that it ran last."""

    def __init__(self) -> None:
        self.settings: deque[_Setting] = deque(maxlen=SETTINGS)


_kept = _Kept()


def _setting(program: Program) -> _Setting:
    """The setting of a program; the arms of a draw take turns for its futures."""
    for setting in _kept.settings:
        if setting.program is program:
            return setting
    _kept.settings.append(_Setting(program))
    return _kept.settings[-1]


class Posts:
    """The posts that workforces fill and empty, and their occupants one after the other.

    All posts go through the same steps together, each with the numbers of its own workforce.
    """

    def __init__(self, program: Program, luck: Luck) -> None:
        self.program = program
        self.luck = luck
        self.setting = _setting(program)
        self.posts = self.setting.posts

    def spells(self) -> Spells:
        """Everybody who is ever in post."""
        occupants, gap = self._first()
        found = [occupants]
        while True:
            begin = _timed(self.setting.hiring, occupants.end, gap)
            nobody = self._cut(occupants.end, begin)
            if not (begin < self.program.days).any():
                return Spells.joined(found)
            occupants, gap = self._occupants(len(found), begin, nobody)
            found.append(occupants)

    def _look_ahead(self, number: int) -> None:
        """The numbers and durations of the next occupants of every post, from `number` on.

        Eight at a time, float64[post, occupant], since hardly any post has more in a run.
        """
        chunk, first = divmod(number, OCCUPANTS)
        if first == 0:
            self._uniforms = self._block(Purpose.APPOINTMENT, OCCUPANTS, chunk)
        u = self._uniforms[:, first : first + AT_ONCE]
        self.appointment = u[:, :, Purpose.APPOINTMENT & 3]
        self.qualified = u[:, :, Purpose.NEWLY_QUALIFIED & 3] < self.setting.qualified[:, None]
        u = np.stack([u[:, :, Purpose.TENURE & 3], u[:, :, Purpose.GAP & 3]])
        self.tenures, self.gaps = self._days(u[:, None])

    def _days(self, u: FloatArray) -> FloatArray:
        """Whole days of every phase at uniforms `u`, at least one.

        float64[tenure or gap, permanent or agency, post, occupant], of which the second is one
        where nobody is an agency worker.
        """
        each = slice(None) if self.setting.temporary else slice(1)
        mean = self.setting.means.reshape(2, 2, -1, 1)[:, each]
        table = self.setting.tables.reshape(2, 2, -1, 1)[:, each]
        never = np.isinf(mean)
        days = _look_up(self.program.tables, table, u)
        whole = np.maximum(np.floor(np.where(never, 0.0, mean) * days + 0.5), 1.0)
        return np.where(never, np.inf, whole) if never.any() else whole

    def _block(self, purpose: Purpose, each: int, occasion: int) -> FloatArray:
        """Uniforms of the posts, float64[post, subject, lane], `each` subjects to a post."""
        blocks = [
            self.luck.block(POSTS, 0, each * team.most_posts, team.code, occasion, purpose)
            for team in self.setting.teams
        ]
        return np.concatenate(blocks).reshape(-1, each, 4)

    def _cut(self, end: FloatArray, begin: FloatArray) -> Flags:
        """Posts that go because they are empty on a day without them; `begin` becomes their next.

        A gap reaches from the day of leaving to the day of the next start, both included.
        """
        nobody = np.zeros(len(begin), dtype=bool)
        for place, gone, back in self.posts.cuts:
            if not nobody[place] and gone <= begin[place] and back > end[place]:
                nobody[place], begin[place] = True, back
        return nobody

    def _occupants(
        self, number: int, begin: FloatArray, nobody: Flags
    ) -> tuple[Spells, FloatArray]:
        """The occupants of one number who begin on these days, and the gaps after them."""
        column = number % AT_ONCE
        if column == 0:
            self._look_ahead(number)
        agency = (self.appointment[:, column] < self._agency_shares(begin)) & ~nobody
        end = _timed(self.setting.leaving, begin, self.tenures[PERMANENT][:, column])
        end = np.where(agency, begin + self.tenures[-1][:, column], end)
        return (
            Spells(
                team=self.posts.team,
                post=self.posts.post,
                begin=begin,
                end=np.where(nobody, begin, end),
                agency=agency,
                newly=self.qualified[:, column] & ~agency,
                full=begin + self.setting.protected,
                somebody=~nobody,
            ),
            np.where(agency, self.gaps[-1][:, column], self.gaps[PERMANENT][:, column]),
        )

    def _agency_shares(self, begin: FloatArray) -> FloatArray:
        """Chance that who begins on these days is an agency worker, by post."""
        setting = self.setting
        if setting.steady:
            return np.asarray(setting.first_shares)
        day = np.minimum(np.maximum(begin, 0), self.program.days - 1).astype(np.int64)
        return np.asarray(setting.shares[setting.workforce, day])

    def _first(self) -> tuple[Spells, FloatArray]:
        """Who is there at the start, and the gaps that follow; added posts have only a gap."""
        self._look_ahead(0)
        state, elapsed, left = self._equilibrium()
        base = self.posts.added == EVER
        agency = base & (state == AGENCY)
        somebody = agency | (base & (state == PERMANENT))
        start = np.zeros(len(base))
        end = np.where(agency, left, _timed(self.setting.leaving, start, left))
        protected = self.setting.protected
        gap = np.where(agency, self.gaps[-1][:, 0], self.gaps[PERMANENT][:, 0])
        return (
            Spells(
                team=self.posts.team,
                post=self.posts.post,
                begin=np.full(len(base), float(BEFORE)),
                end=np.where(somebody, end, np.where(base, start, self.posts.added)),
                agency=agency,
                newly=self.qualified[:, 0] & ~agency,
                full=np.floor(protected - elapsed),
                somebody=somebody,
            ),
            np.where(base & ~somebody, left, gap),
        )

    def _equilibrium(self) -> tuple[IntArray, FloatArray, FloatArray]:
        """State, days it has lasted and whole days that are left of it, of every post on day 0.

        States are found in proportion to how often and how long they come; their lengths are
        length-biased and have served an even share.
        """
        u = self._block(Purpose.POST_STATE, 1, 0)[:, 0]
        drawn = u[:, Purpose.POST_STATE & 3]
        setting = self.setting
        state = (setting.reached <= drawn).sum(axis=0)
        self._as_stated(state, drawn, setting.weights)
        mean, table = np.choose(state, setting.means), np.choose(state, setting.tables)
        never = np.isinf(mean)
        biased = _look_up(self.program.biased, table, u[:, Purpose.POST_LENGTH & 3])
        length = np.where(never, np.inf, np.where(never, 0.0, mean) * biased)
        served = u[:, Purpose.POST_SERVED & 3]
        return state, length * served, np.floor(length * (1 - served))

    def _as_stated(self, state: IntArray, drawn: FloatArray, weights: FloatArray) -> None:
        """Give posts the states that their team states, in the order of the numbers drawn."""
        gaps = weights[AFTER_PERMANENT] + weights[AFTER_AGENCY]
        first = 0
        for team in self.setting.teams:
            if team.at_start is not None:
                vacant, agency = team.at_start
                order = first + np.argsort(drawn[first : first + team.posts[0][1]], kind="stable")
                state[order] = PERMANENT
                state[order[vacant : vacant + agency]] = AGENCY
                empty = order[:vacant]
                after = self.appointment[empty, 0] * gaps[empty] < weights[AFTER_AGENCY][empty]
                state[empty] = np.where(after, AFTER_AGENCY, AFTER_PERMANENT)
            first += team.most_posts


@lru_cache(maxsize=64)
def always_filled(teams: tuple[TeamCode, ...]) -> Spells:
    """The workers of teams in which no post is ever empty."""
    rows = [
        (number, post, max(begin, BEFORE), end)
        for number, team in enumerate(teams)
        if team.workforce == NOBODY and not team.unlimited
        for post in range(team.most_posts)
        for begin, end in _established(team.posts, post)
        if begin < end
    ]
    columns = np.array(rows, dtype=np.float64).reshape(-1, 4).T
    none = np.zeros(len(rows), dtype=bool)
    return Spells(
        team=columns[0].astype(np.int64),
        post=columns[1].astype(np.int64),
        begin=columns[2],
        end=columns[3],
        agency=none,
        newly=none,
        full=columns[2],
        somebody=~none,
    )
