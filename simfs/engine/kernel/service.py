"""The staff side: asking, allocation, specialists, and posts that come and go."""

from typing import Any

from simfs.engine.history import Kind
from simfs.engine.jit import inlined
from simfs.engine.kernel.book import note_need, note_release, note_specialist, note_worker
from simfs.engine.kernel.codes import NOBODY, NONE, ONE, OWN
from simfs.engine.kernel.lists import first_waiting, join_list, leave_list, take_first, tie_at
from simfs.engine.kernel.records import World, case_at, stage_at, team_at, whole_cell, worker_at
from simfs.engine.kernel.staff import hold, least_loaded, let_go, room_for, size_for


@inlined
def worker_of(world: World, slot: int) -> int:
    """A case's own worker, or NOBODY."""
    return int(tie_at(world, slot, OWN).worker)


@inlined
def ask(world: World, slot: int, stage: Any, is_dealt: bool) -> None:
    """Ask the stage's team for a worker; opening stock is dealt out over the limit."""
    team, case = team_at(world, stage.team), case_at(world, slot)
    worker = NOBODY
    if team.unlimited:
        worker = team.first_worker
    else:
        case.wait_start = world.today
        if is_dealt:
            worker = least_loaded(world, team)
    if worker >= 0:
        take(world, slot, worker)
    else:
        join_list(world, team.list, slot, OWN, stage.priority, case.request_day)


@inlined
def take(world: World, slot: int, worker: int) -> None:
    """A worker takes a case, and specialists are asked for."""
    case, row = case_at(world, slot), worker_at(world, worker)
    hold(world, slot, OWN, worker)
    note_worker(world, case, row.team, row.number, ONE if case.worked > 0 else NONE)
    if stage_at(world, case.stage).specialists:
        ask_specialists(world, slot)


@inlined
def release(world: World, slot: int) -> None:
    """The case leaves its worker, if it has one."""
    worker = worker_of(world, slot)
    if worker >= 0:
        row = worker_at(world, worker)
        let_go(world, slot, OWN)
        note_release(world, case_at(world, slot), row.team, row.number, NONE)


@inlined
def ask_specialists(world: World, slot: int) -> None:
    """Ask for a specialist for each need that has none; a place on a list is kept."""
    case = case_at(world, slot)
    if not world.specialised:
        return
    case.active = 0
    for need in range(world.n_needs):
        if not (case.known >> need) & 1:
            continue
        tie = tie_at(world, slot, 1 + need)
        if tie.worker >= 0:
            case.active += 1
        elif not tie.asked:
            world.wanted += 1
            note_need(world, case, Kind.ASK, need)
            ask_specialist(world, slot, need, world.today)


@inlined
def ask_specialist(world: World, slot: int, need: int, day: int) -> None:
    """Join the list of a need, with the priority of the stage the case is in."""
    if not whole_cell(world, world.served + need).value:
        tie_at(world, slot, 1 + need).asked = 1  # nobody will ever look at that list
        return
    priority = stage_at(world, case_at(world, slot).stage).priority
    join_list(world, world.n_teams + need, slot, 1 + need, priority, day)


@inlined
def part(world: World, slot: int) -> None:
    """Leave stages where specialists may join: they go, and places on lists are given up."""
    case = case_at(world, slot)
    for need in range(world.n_needs):
        tie = tie_at(world, slot, 1 + need)
        if tie.asked:
            leave_list(world, slot, 1 + need)
        elif tie.worker >= 0:
            row = worker_at(world, tie.worker)
            let_go(world, slot, 1 + need)
            note_specialist(world, case, Kind.PART, row.team, row.number, need)
            world.met -= 1
        else:
            continue
        world.wanted -= 1
        note_need(world, case, Kind.DROP, need)
    case.active = 0


@inlined
def settle(world: World, case: Any) -> None:
    """Count the work done since it was last counted, up to but not including today."""
    if case.worked_from != NOBODY:
        days = world.today - case.worked_from
        case.worked += days
        case.dose_days += days * case.active
        case.worked_from = world.today


@inlined
def next_allocated(world: World, team: Any) -> int:
    """Take the first case of a team's list, if it fits: its slot, or NOBODY."""
    column = 1 + team.serves if team.specialist else OWN
    slot = first_waiting(world, team.list, column)
    if slot < 0:
        return NOBODY
    worker = room_for(world, team, size_for(team, case_at(world, slot)))
    if worker < 0:
        return NOBODY
    take_first(world, team.list)
    leave_list(world, slot, column)
    if team.specialist:
        join(world, slot, team.serves, worker)
    else:
        case = case_at(world, slot)
        case.waited += world.today - case.wait_start
        take(world, slot, worker)
    return slot


@inlined
def join(world: World, slot: int, need: int, worker: int) -> None:
    """A specialist joins a case; the case's own worker stays."""
    case, row = case_at(world, slot), worker_at(world, worker)
    hold(world, slot, 1 + need, worker)
    settle(world, case)
    case.active += 1
    world.met += 1
    note_specialist(world, case, Kind.JOIN, row.team, row.number, need)


@inlined
def lose_specialist(world: World, slot: int, need: int) -> None:
    """A case whose specialist leaves joins the need's list with its first day of request."""
    case, tie = case_at(world, slot), tie_at(world, slot, 1 + need)
    row = worker_at(world, tie.worker)
    settle(world, case)
    let_go(world, slot, 1 + need)
    case.active -= 1
    world.met -= 1
    note_specialist(world, case, Kind.PART, row.team, row.number, need)
    ask_specialist(world, slot, need, tie.day)
