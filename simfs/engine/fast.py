"""The fast engine: the rules of a day as one compiled function; the reference engine's bytes.

A future runs in a workspace that is used again for the next. It has no bound that a scenario
could break: a table that turns out too short is doubled, and the future is run again.
"""

import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np

from simfs.engine.draws import Address, run_key
from simfs.engine.history import CASE_COLUMNS, EVENT_COLUMNS, History
from simfs.engine.kernel import records
from simfs.engine.kernel.days import SLOTS, run_days
from simfs.engine.kernel.plan import Plan, columns_of, plan_of
from simfs.engine.kernel.records import Rows
from simfs.engine.population import Group, populate
from simfs.engine.program import COST_BANDS, NOBODY, FloatArray, IntArray, Program
from simfs.engine.roster import roster_of
from simfs.engine.tally import Tally
from simfs.scenario.environment import Environment

PLANS = 32  # arms of a study, or two arms without each effect in turn; one more costs time
ROOM = 1 << 13  # cases at a time that a workspace begins with
MOVES = 32  # more than the children of a family that parts twice, and what is left of it


@dataclass(frozen=True, slots=True)
class _Workspace:
    """The tables that a future fills and the next uses again.

    Attributes:
        room: cases at a time that there is room for.
    """

    room: int
    cases: Rows
    visits: IntArray
    ties: Rows
    places: Rows
    dates: Rows
    moves: Rows
    ready: IntArray
    sorted: IntArray


class _Kept(threading.local):
    """Each thread's own workspace, and the plans of the programs that it ran last."""

    def __init__(self) -> None:
        self.workspace: _Workspace | None = None
        self.plans: deque[Plan] = deque(maxlen=PLANS)


_kept = _Kept()


def simulate(program: Program, environment: Environment, address: Address) -> History:
    """One future of one arm; see `simfs.engine.simulate`."""
    counted = _Future(program, environment, address)
    # The first run only tells how long the history is.
    recorded = _Future(
        program,
        environment,
        address,
        events=int(counted.world["used_events"][0]),
        cases=int(counted.world["used_listed"][0]),
    )
    return History(recorded.events, recorded.cases)


def count(program: Program, environment: Environment, address: Address) -> Tally:
    """The tally of one future of one arm, counted while it runs."""
    return _Future(program, environment, address).tally()


def is_compiled() -> bool:
    """Whether the engine was compiled before and kept."""
    return run_days.is_there()


def make_ready() -> None:
    """Compile the engine, or load what was kept, without running it."""
    run_days.make_ready(np.zeros(1, dtype=records.WORLD))


class _Future:
    """One future of one arm: its tables, and the run that fills them.

    Args:
        program: the compiled arm.
        environment: the authority's own drift.
        address: which future.
        events, cases: rows of the history to write down; none when only counting.
    """

    def __init__(
        self,
        program: Program,
        environment: Environment,
        address: Address,
        events: int = 0,
        cases: int = 0,
    ) -> None:
        self.program, self.plan = program, _plan(program)
        self.newcomers, self.needs = _newcomers(populate(program, environment, address))
        self.roster = roster_of(program, address)
        self.drift = _by_day(program, environment)
        self.key = run_key(address.seed, address.draw, address.luck, "chance")
        self.events = np.zeros((events, len(EVENT_COLUMNS)), dtype=np.int64)
        self.cases = np.zeros((cases, len(CASE_COLUMNS)), dtype=np.int64)
        self._run()

    def _run(self) -> None:
        """Run until no table is too short."""
        room = ROOM
        while True:
            workspace = _workspace(self.program, room)
            self.world = self.plan.world.copy()
            tables = self._tables(workspace)
            for name, row in records.TABLES.items():
                self.world[name] = _address(name, tables[name], row)
            run_days(self.world)
            if not self.world["full"][0]:
                return
            room = 2 * workspace.room
            if room > SLOTS:
                raise RuntimeError(f"more than {SLOTS // 2:,} cases at a time")

    def _tables(self, workspace: "_Workspace") -> dict[str, Rows]:
        """Every table before the first day, by name; they must outlive the run."""
        program, plan, world = self.program, self.plan, self.world
        opening = np.array([origin.opening > 0 for origin in program.origins], dtype=bool)
        is_opening = opening[self.newcomers["origin"]]
        streams = np.flatnonzero(~is_opening)
        world["key_0"], world["key_1"] = self.key
        world["n_opening"] = int(is_opening.sum())
        world["n_newcomers"], world["n_order"] = len(self.newcomers), len(streams)
        world["n_roster"] = len(self.roster.moves)
        world["drifts"] = len(self.drift) > 0
        world["room_events"], world["room_listed"] = len(self.events), len(self.cases)
        for name in ("cases", "places", "dates", "ready"):
            world[f"room_{name}"] = len(getattr(workspace, name))
        years = len(program.year_starts) - 1
        self.by_day = np.zeros((program.days, int(world["day_width"][0])), dtype=np.int64)
        self.by_week = np.zeros((program.days // 7, int(world["week_width"][0])), dtype=np.int64)
        self.by_year = np.zeros((years, int(world["year_width"][0])), dtype=np.int64)
        fixed = ("stages", "routes", "ways", "effects", "origins", "whole", "numbers",
                 "year_of")  # fmt: skip
        used_again = ("cases", "visits", "ties", "places", "dates", "moves", "ready", "sorted")
        return {
            **{name: getattr(plan, name) for name in fixed},
            **{name: getattr(workspace, name) for name in used_again},
            "knots": program.tables,
            "roster": self.roster.moves.view(records.MOVEMENT),
            "force": self.roster.force,
            "drift": self.drift,
            "newcomers": self.newcomers,
            "needs": self.needs,
            "order": streams[np.argsort(self.newcomers["day"][streams], kind="stable")],
            "teams": plan.teams.copy(),
            "workers": plan.workers.copy(),
            "tree": plan.tree.copy(),
            "lists": np.full(len(program.teams) + len(program.needs), NOBODY, dtype=np.int64),
            "due": np.full(2 * program.days, NOBODY, dtype=np.int64),
            "had_plan": np.zeros(2 * len(self.newcomers), dtype=np.int64),
            "waits": np.zeros(len(program.teams) * program.days, dtype=np.int64),
            "level": np.zeros(plan.levels, dtype=np.int64),
            "by_day": self.by_day,
            "by_week": self.by_week,
            "by_year": self.by_year,
            "events": self.events.view(records.EVENT),
            "listed": self.cases.view(records.LISTED),
        }

    def tally(self) -> Tally:
        """The counts of the future, in the order that Tally has them."""
        program = self.program
        stages, years = len(program.stages), len(self.by_year)
        found: dict[str, IntArray] = {}
        for period, sizes in columns_of(program).items():
            table = {"day": self.by_day.T, "week": self.by_week.T, "year": self.by_year}[period]
            for name, size in sizes.items():
                begins = int(self.world[name][0])
                part = slice(begins, begins + size)
                found[name] = table[:, part] if period == "year" else table[part]
        placed = found["placement_days"]
        found["placement_days"] = placed.reshape(years, len(program.placements), COST_BANDS)
        longest = int(self.world["longest_route"][0])
        found["route_children"] = found["route_children"].reshape(years, stages, longest)
        for name in ("repeat_starts_children", "dose_sum", "dose_stays"):
            found[name] = found[name][:, 0]
        return Tally(**found)


def _address(name: str, table: Rows, row: "np.dtype[Any]") -> int:
    """Where a table lies; the kernel trusts it, and would tear up a table laid out otherwise."""
    fields: Any = row.fields or {}
    plain = next(iter(fields.values()))[0] if len(fields) == 1 else row
    if table.dtype not in (row, plain) or not table.flags.c_contiguous:
        raise RuntimeError(f"table {name!r} is not laid out as the kernel reads it: {table.dtype}")
    return int(table.ctypes.data)


def _by_day(program: Program, environment: Environment) -> FloatArray:
    """What chances are multiplied by, float64[walk, day]; no row without drift."""
    months = np.asarray(program.months, dtype=np.int64)
    return np.array([np.take(row, months) for row in environment.factors], dtype=np.float64)


def _plan(program: Program) -> Plan:
    """The tables of a program; the arms of a draw take turns for its four futures."""
    for plan in _kept.plans:
        if plan.program is program:
            return plan
    _kept.plans.append(plan_of(program))
    return _kept.plans[-1]


def _workspace(program: Program, room: int) -> _Workspace:
    """This thread's workspace, if it suits the program and has room; or a new one."""
    stages, ties = len(program.stages), len(program.needs) + 1
    there = _kept.workspace
    if there is not None and there.room >= room:
        if there.visits.shape[1] == stages and there.ties.shape[1] == ties:
            return there
        room = there.room
    made = _Workspace(
        room=room,
        cases=np.zeros(room, dtype=records.CASE),
        visits=np.zeros((room, stages), dtype=np.int64),
        ties=np.zeros((room, ties), dtype=records.TIE),
        places=np.zeros(4 * room, dtype=records.PLACE),
        dates=np.zeros(4 * room, dtype=records.DATE),
        moves=np.zeros(MOVES, dtype=records.MOVE),
        ready=np.zeros(2 * room, dtype=np.int64),
        sorted=np.zeros(4 * room, dtype=np.int64),
    )
    _kept.workspace = made
    return made


def _newcomers(groups: tuple[Group, ...]) -> tuple[Rows, FloatArray]:
    """Everybody who is there or comes, in order of origin and number, and their needs."""
    if not groups:
        return np.zeros(0, dtype=records.NEWCOMER), np.zeros(0)
    lengths = [len(group.day) for group in groups]
    rows = np.zeros(sum(lengths), dtype=records.NEWCOMER)
    rows["origin"] = np.repeat(np.arange(len(groups)), lengths)
    for name in records.NEWCOMER.names or ():
        if name != "origin":
            rows[name] = np.concatenate([getattr(group, name) for group in groups])
    return rows, np.concatenate([group.needs for group in groups])
