"""The days of a future, one after the other, each by the rules of a day (see simfs.engine)."""

from typing import Any

from simfs.engine.history import EXTRA, FAMILIES_PER_ORIGIN, Kind
from simfs.engine.jit import constant, inlined, kept
from simfs.engine.kernel.book import (
    close_day,
    count_breach,
    list_case,
    note_post,
    open_day,
    write,
)
from simfs.engine.kernel.choices import multiplier
from simfs.engine.kernel.codes import (
    BY_ARRIVAL,
    BY_OPENING,
    CRISES_DUE,
    EFFECT,
    ENDS_DUE,
    EXTRA_ARRIVAL,
    NOBODY,
    NONE,
    REFERENCE_DOSE,
)
from simfs.engine.kernel.lives import (
    FAMILY,
    come,
    free_case,
    know_birthday,
    lose_worker,
    make_ready,
    meet_crisis,
    move,
    move_on,
    needs_ever,
    new_case,
    start_stay,
)
from simfs.engine.kernel.luck import one
from simfs.engine.kernel.order import sort
from simfs.engine.kernel.records import (
    Rows,
    World,
    case_at,
    date_at,
    due_cell,
    had_plan_cell,
    move_at,
    movement_at,
    newcomer_at,
    order_cell,
    origin_at,
    ready_cell,
    sorted_cell,
    stage_at,
    team_at,
    tie_cell,
    whole_cell,
    worker_at,
)
from simfs.engine.kernel.service import lose_specialist, next_allocated
from simfs.engine.kernel.staff import empty_post, spare_no_longer, start_post
from simfs.engine.population import NO_BIRTHDAY
from simfs.engine.roster import Move

SLOT_BITS = 24  # of a number that sorts by case number and tells the slot
SLOTS = 1 << SLOT_BITS
EXTRA_NUMBERS = constant(EXTRA)


OPENING, ENDS, CRISES, POSTS, ARRIVALS, ALLOCATION = range(6)


@kept
def run_days(worlds: Rows) -> None:
    """One future from the opening stock to the last day.

    `worlds` has one row, as `simfs.engine.fast` lays it out. Its `full` is set, and the run given
    up, when a table is too short.
    """
    world = worlds[0]
    open_posts(world)
    for day in range(world.days):
        open_day(world, day)
        for step in range(OPENING, ALLOCATION):
            if step == POSTS:
                change_posts(world)
                continue
            for at in range(agenda(world, step)):
                act(world, step, at)
                settle_moves(world)
        allocate(world)
        start_stays(world)
        close_day(world)
        if world.full:
            return
    count_late_stays(world)


@inlined
def agenda(world: World, step: int) -> int:
    """How many cases a step of today has to do with; those of steps 1 and 2 are sorted."""
    if step == OPENING:
        return int(world.n_opening) if world.today == 0 else 0
    if step == ENDS:
        return due(world, ENDS_DUE)
    if step == CRISES:
        return due(world, CRISES_DUE)
    return arrivals_today(world)


@inlined
def act(world: World, step: int, at: int) -> None:
    """What a step does to one case of its agenda."""
    if step == OPENING:
        open_case(world, at)
    elif step == ENDS:
        move_on(world, sorted_cell(world, at).value % SLOTS)
    elif step == CRISES:
        meet_crisis(world, sorted_cell(world, at).value % SLOTS)
    else:
        arrive(world)


@inlined
def settle_moves(world: World) -> None:
    """Everybody who is about to come somewhere comes, in the order in which they were moved."""
    for at in range(world.used_moves):
        row = move_at(world, at)
        come(world, row.slot, row.place, row.by, row.remaining, row.route)
    world.used_moves = 0


@inlined
def open_case(world: World, row: int) -> None:
    """A case that is there at the start; it is dealt to a worker as it comes."""
    newcomer = newcomer_at(world, row)
    slot = newcomer_case(world, row, NONE)
    if slot >= 0:
        stage = origin_at(world, newcomer.origin).stage
        move(world, slot, stage, BY_OPENING, newcomer.remaining, newcomer.route)


@inlined
def due(world: World, kind: int) -> int:
    """Sort those with something due today by case number; how many they are."""
    found = 0
    at = due_cell(world, kind * world.days + world.today).value
    while at >= 0:
        date = date_at(world, at)
        if case_at(world, date.slot).stamp == date.stamp:
            sorted_cell(world, found).value = case_at(world, date.slot).number * SLOTS + date.slot
            found += 1
        rest = date.after
        date.after = world.free_date
        world.free_date = at
        at = rest
    sort(world, found)
    return found


@inlined
def open_posts(world: World) -> None:
    """Those who are in post before the first day take up their posts."""
    while world.rostered < world.n_roster and movement_at(world, world.rostered).day < 0:
        take_up(world, movement_at(world, world.rostered))
        world.rostered += 1


@inlined
def change_posts(world: World) -> None:
    """Step 3: posts, in the order of the roster."""
    while world.rostered < world.n_roster and movement_at(world, world.rostered).day == world.today:
        movement = movement_at(world, world.rostered)
        world.rostered += 1
        team = team_at(world, movement.team)
        worker = team.first_worker + movement.post
        if movement.move == Move.LEAVE:
            note_post(world, Kind.LEAVE, movement)
            empty_post(world, team, worker)
            lose_cases(world, team, worker)
        elif movement.move == Move.START:
            take_up(world, movement)
        elif movement.move == Move.FULL:
            spare_no_longer(world, team, worker)
        else:
            team.limit = movement.value


@inlined
def take_up(world: World, movement: Any) -> None:
    """A worker takes up a post."""
    team = team_at(world, movement.team)
    note_post(world, Kind.START, movement)
    worker = team.first_worker + movement.post
    start_post(world, team, worker, movement.agency, movement.value)


@inlined
def lose_cases(world: World, team: Any, worker: int) -> None:
    """The cases of a worker who has left, by case number."""
    columns = world.n_needs + 1
    found = 0
    at = worker_at(world, worker).first_held
    while at >= 0:
        slot = at // columns
        sorted_cell(world, found).value = case_at(world, slot).number * SLOTS + slot
        found += 1
        at = tie_cell(world, at).after
    sort(world, found)
    for place in range(found):
        slot = sorted_cell(world, place).value % SLOTS
        if team.specialist:
            lose_specialist(world, slot, team.serves)
        else:
            lose_worker(world, slot)


@inlined
def arrivals_today(world: World) -> int:
    """How many families come today, from the next on."""
    at = world.arrived
    while at < world.n_order and newcomer_at(world, order_cell(world, at).value).day == world.today:
        at += 1
    return int(at - world.arrived)


@inlined
def arrive(world: World) -> None:
    """The next family comes; an effect on its stream may keep it out, or bring another like it."""
    row = order_cell(world, world.arrived).value
    world.arrived += 1
    origin = origin_at(world, newcomer_at(world, row).origin)
    multiple = 1.0
    for place in range(origin.effects, origin.effects_end):
        multiple *= multiplier(world, whole_cell(world, place).value, REFERENCE_DOSE)
    slot = newcomer_case(world, row, NONE)
    if slot < 0:
        return
    case, code = case_at(world, slot), stage_at(world, origin.stage).code
    if multiple < 1 and one(world, case, code, NONE, EFFECT) >= multiple:
        case.stage = origin.stage
        write(
            world, case, Kind.TURNED_AWAY, NOBODY, NOBODY, whole_cell(world, origin.effects).value
        )
        free_case(world, slot)
        return
    move(world, slot, origin.stage, BY_ARRIVAL, NOBODY, NOBODY)
    if multiple > 1 and one(world, case, code, NONE, EXTRA_ARRIVAL) < multiple - 1:
        extra = newcomer_case(world, row, EXTRA_NUMBERS)
        if extra >= 0:
            move(world, extra, origin.stage, BY_ARRIVAL, NOBODY, NOBODY)


@inlined
def newcomer_case(world: World, row: int, extra: int) -> int:
    """A case of an origin, with its children, needs and birthday: its slot, or NOBODY."""
    newcomer = newcomer_at(world, row)
    origin = origin_at(world, newcomer.origin)
    slot = new_case(world)
    if slot < 0:
        return NOBODY
    case = case_at(world, slot)
    case.origin, case.luck, case.subject = newcomer.origin, origin.code, newcomer.number + extra
    case.family = newcomer.origin * FAMILIES_PER_ORIGIN + case.subject
    case.row = row
    case.family_row = row + world.n_newcomers if extra else row
    had_plan_cell(world, case.family_row).value = newcomer.earlier_plan
    case.child = stage_at(world, origin.stage).child
    case.number = case.family * FAMILY + case.child
    case.size = newcomer.size
    # Children are numbered from 1; a family's are bits 1 to its size.
    case.children = 2 if case.child else (2 << newcomer.size) - 2
    if newcomer.birth_day != NO_BIRTHDAY:
        know_birthday(case, newcomer.birth_day, newcomer.first_age)
    list_case(world, case, newcomer.day, needs_ever(world, case), newcomer.earlier_plan)
    return slot


@inlined
def allocate(world: World) -> None:
    """Step 5: social-work teams, then specialist teams, each until a case does not fit."""
    for specialist in range(2):
        for number in range(world.n_teams):
            team = team_at(world, number)
            if team.specialist != specialist or team.unlimited:
                continue
            slot = next_allocated(world, team)
            while slot >= 0:
                if not specialist and stage_at(world, case_at(world, slot).stage).holds:
                    make_ready(world, slot)
                slot = next_allocated(world, team)


@inlined
def start_stays(world: World) -> None:
    """Step 6: the stays of cases that got a worker today, or brought one, by case number."""
    found = 0
    for at in range(world.used_ready):
        slot = ready_cell(world, at).value
        if case_at(world, slot).ready:
            case_at(world, slot).ready = 0
            sorted_cell(world, found).value = case_at(world, slot).number * SLOTS + slot
            found += 1
    world.used_ready = 0
    sort(world, found)
    for at in range(found):
        start_stay(world, sorted_cell(world, at).value % SLOTS)


@inlined
def count_late_stays(world: World) -> None:
    """Stays that go on after the last day may have passed their limit too."""
    for slot in range(world.used_cases):
        if case_at(world, slot).open:
            count_breach(world, case_at(world, slot), world.days)
