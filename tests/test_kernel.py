"""The kernel's parts, each against a few lines of plain Python."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from threading import Barrier
from typing import Any

import numpy as np
import pytest

pytest.importorskip("numba", reason="the fast engine needs numba")

from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import busy_world, program_of

from simfs.engine import fast
from simfs.engine.draws import Luck, address_of
from simfs.engine.jit import inlined
from simfs.engine.kernel import records
from simfs.engine.kernel.book import high_load
from simfs.engine.kernel.codes import EMPTY
from simfs.engine.kernel.lists import first_waiting, join_list, leave_list, take_first
from simfs.engine.kernel.luck import four, value
from simfs.engine.kernel.order import sort
from simfs.engine.kernel.records import team_at
from simfs.engine.kernel.staff import (
    empty_post,
    hold,
    least_loaded,
    let_go,
    spare_no_longer,
    start_post,
)
from simfs.engine.program import NOBODY, Program
from simfs.engine.tables import KNOTS, TAIL_START, look_up
from simfs.scenario.environment import STILL

MANY = {"deadline": None, "derandomize": True}


class Tables:
    """A world and the tables it refers to, which must live as long as it does."""

    def __init__(self, **tables: np.ndarray) -> None:
        self.tables = tables
        self.world = np.zeros(1, dtype=records.WORLD)
        for name, table in tables.items():
            self.world[name] = table.ctypes.data

    def __getattr__(self, name: str) -> np.ndarray:
        return self.tables[name]


# Luck


@inlined
def all_fours(worlds: Any, addresses: Any, codes: Any, out: Any) -> None:
    for at in range(len(codes)):
        subject, origin, occasion, purpose = addresses[at]
        found = four(worlds[0], subject, origin, codes[at], occasion, purpose)
        out[at, 0], out[at, 1], out[at, 2], out[at, 3] = found


def test_the_kernel_has_the_same_luck_at_every_address() -> None:
    chance = np.random.default_rng(1)
    # 0 and the highest, the ends of the blocks in which the other side computes, and any.
    subjects = [0, 30, 31, 32, 9_999_999, 2**40 - 1, 2**62, *chance.integers(0, 2**62, 993)]
    count = len(subjects)
    addresses = np.stack([
        np.array(subjects),
        chance.choice([0, 1, 2**32 - 1, 0xCA5A8263], count),
        chance.choice([0, 1, 77, 2**32 - 1], count) + (chance.integers(0, 8, count) << 32),
        chance.choice([0, 1, 2, 3, 4, 28, 1023, 2**18 - 1], count),
    ], axis=1)  # fmt: skip
    codes = chance.integers(0, 2**64, count, dtype=np.uint64)
    codes[:2] = 0, 2**64 - 1
    for key in ((0, 0), (2**64 - 1, 2**64 - 1), (0x9E3779B97F4A7C15, 12345)):
        luck, world = Luck(key), Tables()
        world.world["key_0"], world.world["key_1"] = key
        found = np.zeros((count, 4))
        all_fours(world.world, addresses, codes, found)
        expected = [
            luck.four(origin, subject, code, occasion, purpose)
            for (subject, origin, occasion, purpose), code in zip(
                addresses.tolist(), codes.tolist(), strict=True
            )
        ]
        assert found.tolist() == expected


@inlined
def all_values(worlds: Any, table: int, uniforms: Any, out: Any) -> None:
    for at in range(len(uniforms)):
        out[at] = value(worlds[0], table, uniforms[at])


def test_the_kernel_reads_quantile_tables_as_arrays_are_read() -> None:
    chance = np.random.default_rng(2)
    knots = np.sort(chance.exponential(size=(3, KNOTS)), axis=1)
    world = Tables(knots=knots)
    edges = [2.0**-53, TAIL_START, np.nextafter(TAIL_START, 0), 1 - 2.0**-15, 1 - 2.0**-53]
    uniforms = np.concatenate([edges, np.arange(1, 1024) / 1024, chance.random(5000)])
    for table in range(3):
        found = np.zeros(len(uniforms))
        all_values(world.world, table, uniforms, found)
        assert found.tolist() == look_up(knots[table], uniforms).tolist()


# Order


@inlined
def sort_first(worlds: Any, count: int) -> None:
    sort(worlds[0], count)


def in_order(numbers: list[int], count: int) -> list[int]:
    world = Tables(sorted=np.array([*numbers, 0], dtype=np.int64))
    sort_first(world.world, count)
    return world.sorted.tolist()[:-1]


@given(st.lists(st.integers(-5, 5) | st.integers(-(2**63), 2**63 - 1), max_size=200))
@settings(**MANY)
def test_numbers_are_put_in_order(numbers: list[int]) -> None:
    assert in_order(numbers, len(numbers)) == sorted(numbers)


@pytest.mark.parametrize("count", [0, 1, 2, 4, 5, 13, 14, 2000])
def test_only_the_first_numbers_are_put_in_order_however_many(count: int) -> None:
    numbers = np.random.default_rng(count).integers(0, count + 1, count + 3).tolist()
    assert in_order(numbers, count) == sorted(numbers[:count]) + numbers[count:]


def test_numbers_that_fall_are_put_in_order() -> None:
    assert in_order(list(range(2000, 0, -1)), 2000) == list(range(1, 2001))


# Waiting lists

SLOTS, COLUMNS, LISTS = 12, 2, 3
JOIN, LEAVE, TAKE = range(3)


@inlined
def play_lists(worlds: Any, moves: Any, out: Any) -> None:
    world = worlds[0]
    for at in range(len(moves)):
        what, list_, slot, priority, day = moves[at]
        # The last list is of places for a specialist.
        column = np.int64(list_ == LISTS - 1)
        if what == JOIN:
            join_list(world, list_, slot, column, priority, day)
        elif what == LEAVE:
            leave_list(world, slot, column)
        else:
            out[at] = first_waiting(world, list_, column)
            if out[at] >= 0:
                take_first(world, list_)
                leave_list(world, out[at], column)


def empty_lists(room: int) -> Tables:
    cases = np.zeros(SLOTS, dtype=records.CASE)
    # Slots are used again, so their order is not that of case numbers.
    cases["number"] = [7, 3, 11, 0, 5, 9, 1, 10, 2, 8, 4, 6]
    world = Tables(
        cases=cases,
        ties=np.zeros((SLOTS, COLUMNS), dtype=records.TIE),
        places=np.zeros(max(room, 1), dtype=records.PLACE),
        lists=np.full(LISTS, NOBODY),
    )
    world.world["n_needs"], world.world["room_places"] = COLUMNS - 1, room
    world.world["free_place"] = NOBODY
    return world


def nth(things: list[Any], n: int) -> Any:
    return things[n % len(things)]


Wish = tuple[int, int, int, int, int]
wishes = st.tuples(
    st.sampled_from([JOIN, JOIN, LEAVE, TAKE]), st.integers(0, LISTS - 1),
    st.integers(0, 99), st.integers(1, 2), st.integers(0, 1),
)  # fmt: skip


@given(st.lists(wishes, min_size=20, max_size=120))
@settings(**MANY)
def test_a_list_gives_the_most_urgent_then_the_longest_waiting_then_the_lowest_number(
    wanted: list[Wish],
) -> None:
    world = empty_lists(len(wanted))
    number = world.cases["number"].tolist()
    lists: list[dict[int, tuple[int, int, int]]] = [{} for _ in range(LISTS)]
    moves, expected = [], []
    for what, list_, any_, priority, day in wanted:
        waiting = lists[list_]
        # A case stands on one list at a time for its own worker, and on another for a specialist.
        others = lists[:-1] if list_ < LISTS - 1 else lists[-1:]
        free = [slot for slot in range(SLOTS) if not any(slot in there for there in others)]
        slot, found = 0, NOBODY
        if what == JOIN:
            if not free:
                continue
            slot = nth(free, any_)
            waiting[slot] = (priority, day, number[slot])
        elif what == LEAVE:
            if not waiting:
                continue
            slot = nth(sorted(waiting), any_)
            del waiting[slot]
        elif waiting:
            found = min(waiting, key=waiting.__getitem__)
            del waiting[found]
        moves.append((what, list_, slot, priority, day))
        expected.append(found)
    out = np.full(len(moves), NOBODY)
    play_lists(world.world, np.array(moves, dtype=np.int64).reshape(-1, 5), out)
    assert out.tolist() == expected
    assert not world.world["full"][0]


def test_cases_of_one_priority_and_day_are_taken_by_number() -> None:
    world = empty_lists(SLOTS)
    joins = [(JOIN, 1, slot, 2, 5) for slot in range(SLOTS)]
    out = np.full(2 * SLOTS, NOBODY)
    play_lists(world.world, np.array(joins + [(TAKE, 1, 0, 0, 0)] * SLOTS), out)
    assert world.cases["number"][out[SLOTS:]].tolist() == list(range(SLOTS))


def test_a_place_is_used_again_and_a_table_without_one_is_full() -> None:
    world = empty_lists(3)
    turns = [(what, 0, slot, 1, 0) for slot in range(SLOTS) for what in (JOIN, TAKE)]
    out = np.full(len(turns), NOBODY)
    play_lists(world.world, np.array(turns), out)
    assert out[1::2].tolist() == list(range(SLOTS))
    assert world.world["used_places"][0] == 1
    play_lists(world.world, np.array([(JOIN, 0, slot, 1, 0) for slot in range(3)]), out)
    assert not world.world["full"][0]
    play_lists(world.world, np.array([(JOIN, 1, 3, 1, 0)]), out)
    assert world.world["full"][0]


# Staff

HOLD, LET_GO, START, QUIT, SPARE_NO_LONGER = range(5)
FIRST = 3  # workers of another team come before


@inlined
def play_staff(worlds: Any, moves: Any, least: Any) -> None:
    world = worlds[0]
    team = team_at(world, 1)
    for at in range(len(moves)):
        what, worker, slot, spared = moves[at]
        if what == HOLD:
            hold(world, slot, np.int64(0), worker)
        elif what == LET_GO:
            let_go(world, slot, np.int64(0))
        elif what == START:
            start_post(world, team, worker, np.int64(spared == 0), spared)
        elif what == SPARE_NO_LONGER:
            spare_no_longer(world, team, worker)
        else:
            empty_post(world, team, worker)
        least[at] = least_loaded(world, team)


def staff_of(posts: int, by_family: bool) -> Tables:
    leaves = 1 << (posts - 1).bit_length()
    cases = np.zeros(SLOTS, dtype=records.CASE)
    cases["size"] = np.arange(SLOTS) % 7 + 1
    ties = np.zeros((SLOTS, 1), dtype=records.TIE)
    ties["worker"] = NOBODY
    teams = np.zeros(2, dtype=records.TEAM)
    teams["first_worker"], teams["leaves"], teams["tree"] = (0, FIRST), (4, leaves), (0, 8)
    teams["by_family"] = by_family
    workers = np.zeros(FIRST + posts, dtype=records.WORKER)
    workers["team"] = [0] * FIRST + [1] * posts
    workers["number"] = [*range(FIRST), *range(posts)]
    workers["first_held"] = NOBODY
    return Tables(
        cases=cases, ties=ties, teams=teams, workers=workers, tree=np.full(8 + 2 * leaves, EMPTY)
    )


def held(world: Tables, worker: int) -> set[int]:
    """The slots of the cases that a worker is tied to."""
    found, at = set(), int(world.workers["first_held"][worker])
    while at >= 0:
        assert at not in found, "a list of cases that never ends"
        found.add(at)
        at = int(world.ties["after"][at, 0])
    return found


@given(
    st.integers(1, 9),
    st.booleans(),
    st.lists(
        st.tuples(
            st.sampled_from([START, HOLD, HOLD, LET_GO, QUIT, SPARE_NO_LONGER]),
            st.integers(0, 99),
            st.integers(0, 99),
        ),
        min_size=20,
        max_size=120,
    ),
)  # fmt: skip
@settings(**MANY)
def test_the_least_loaded_worker_is_known_and_the_lowest_number_on_a_tie(
    posts: int, by_family: bool, wanted: list[tuple[int, int, int]]
) -> None:
    world = staff_of(posts, by_family)
    cases: dict[int, set[int]] = {}  # of whoever is in post
    spared: dict[int, int] = {}  # of the newly qualified; the others come from an agency
    agency: set[int] = set()
    moves, expected = [], []

    def load(worker: int) -> int:
        held = sum(1 if by_family else slot % 7 + 1 for slot in cases[worker])
        return held + spared.get(worker, 0)

    def note(what: int, worker: int, slot: int, keeps: int = 0) -> None:
        moves.append((what, worker, slot, keeps))
        expected.append(min(cases, key=lambda one: (load(one), one), default=NOBODY))

    for what, one, other in wanted:
        empty = [worker for worker in range(FIRST, FIRST + posts) if worker not in cases]
        busy = [worker for worker in cases if cases[worker]]
        free = [slot for slot in range(SLOTS) if not any(slot in own for own in cases.values())]
        if what == START and empty:
            worker = nth(empty, one)
            cases[worker], spared[worker] = set(), other % 4
            agency = agency | {worker} if other % 4 == 0 else agency
            note(START, worker, 0, other % 4)
        elif what == HOLD and cases and free:
            worker, slot = nth(sorted(cases), one), nth(free, other)
            cases[worker].add(slot)
            note(HOLD, worker, slot)
        elif what == LET_GO and busy:
            worker = nth(sorted(busy), one)
            slot = nth(sorted(cases[worker]), other)
            cases[worker].remove(slot)
            note(LET_GO, worker, slot)
        elif what == QUIT and cases:
            # Whoever has left is let go of case by case, and is never the least loaded.
            worker = nth(sorted(cases), one)
            left = cases.pop(worker)
            agency.discard(worker)
            note(QUIT, worker, 0)
            for slot in sorted(left):
                note(LET_GO, worker, slot)
        elif what == SPARE_NO_LONGER and cases:
            worker = nth(sorted(cases), one)
            spared[worker] = 0
            note(SPARE_NO_LONGER, worker, 0)
    least = np.full(len(moves), NOBODY)
    play_staff(world.world, np.array(moves, dtype=np.int64).reshape(-1, 4), least)
    assert least.tolist() == expected
    assert {worker: held(world, worker) for worker in cases} == cases
    assert world.teams["in_post"][1] == len(cases)
    assert world.teams["agency"][1] == len(agency)


@inlined
def load_of_nine_in_ten(worlds: Any, guess: int) -> int:
    return high_load(worlds[0], team_at(worlds[0], 1), guess)


@given(st.lists(st.integers(0, 4) | st.integers(0, 500), max_size=60), st.integers(0, 500))
@settings(**MANY)
def test_nine_workers_in_ten_do_not_exceed_the_high_load_wherever_it_is_first_sought(
    loads: list[int], guess: int
) -> None:
    world = staff_of(max(2 * len(loads), 1), by_family=False)
    # An empty post before every worker, with a load, high or low, that must not count.
    world.workers["load"] = 1000 * (np.arange(len(world.workers["load"])) // 2 % 2)
    world.workers["load"][FIRST + 1 :: 2] = loads
    world.workers["in_post"][FIRST + 1 :: 2] = 1
    world.teams["in_post"], world.teams["posts"] = len(loads), 2 * len(loads)
    rank = -(-9 * len(loads) // 10)
    expected = sorted(loads)[rank - 1] if loads else 0
    assert load_of_nine_in_ten(world.world, guess) == expected


# Workspaces


def told(program: Program, number: int) -> list[bytes]:
    """Everything that the fast engine tells of a future."""
    history = fast.simulate(program, STILL, address_of(1, number))
    counted = fast.count(program, STILL, address_of(1, number))
    arrays = [history.events, history.cases]
    return [
        array.tobytes()
        for array in [*arrays, *(getattr(counted, field.name) for field in fields(counted))]
    ]


def test_a_workspace_that_is_too_small_is_doubled_and_the_future_stays_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    programs = [program_of(1, **busy_world(rule=rule)) for rule in ("below_limit", "within_limit")]
    expected = [told(program, 0) for program in programs]
    monkeypatch.setattr(fast, "ROOM", 1)
    monkeypatch.setattr(fast, "_kept", fast._Kept())
    assert [told(program, 0) for program in programs] == expected
    workspace = fast._kept.workspace
    assert workspace is not None
    assert workspace.room >= 2**6


def test_two_threads_run_different_programs_as_each_runs_alone() -> None:
    # Alike in shape, so that a workspace of one would suit the other.
    programs = [program_of(1, **busy_world(rule=rule)) for rule in ("below_limit", "within_limit")]
    together = Barrier(2, timeout=60)

    def run(program: Program) -> list[list[bytes]]:
        found = []
        for number in range(15):
            together.wait()
            found.append(told(program, number))
        return found

    alone = [[told(program, number) for number in range(15)] for program in programs]
    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(run, programs)) == alone


def test_a_table_that_is_laid_out_otherwise_is_refused() -> None:
    row = records.WHOLE
    assert fast._address("level", np.zeros(3, dtype=np.int64), row) > 0
    for wrong in (np.zeros(3), np.zeros(3, dtype=np.int32), np.zeros((3, 4), dtype=np.int64)[:, 1]):
        with pytest.raises(RuntimeError, match="'level' is not laid out"):
            fast._address("level", wrong, row)
