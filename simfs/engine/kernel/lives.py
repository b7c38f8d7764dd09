"""A life: from coming into a stage to moving on, alone or as siblings who part."""

from typing import Any

from simfs.engine.jit import inlined
from simfs.engine.kernel.book import (
    list_case,
    note_crisis,
    note_end,
    note_entry,
    note_exit,
    note_kept,
    note_placement,
    note_release,
    note_split,
)
from simfs.engine.kernel.choices import (
    age,
    bear,
    destination,
    is_taken,
    placement,
    route_drawn,
    stay,
)
from simfs.engine.kernel.codes import (
    BY_BIRTHDAY,
    BY_CRISIS,
    BY_OPENING,
    BY_SPLIT,
    CRISES_DUE,
    ENDS_DUE,
    NEVER,
    NOBODY,
    NONE,
    ONE,
    OWN,
    STAY,
)
from simfs.engine.kernel.lists import leave_list, tie_at
from simfs.engine.kernel.luck import of_visit
from simfs.engine.kernel.records import (
    World,
    case_at,
    date_at,
    due_cell,
    move_at,
    need_cell,
    number_cell,
    ready_cell,
    route_at,
    stage_at,
    team_at,
    visit_cell,
    worker_at,
)
from simfs.engine.kernel.service import (
    ask,
    ask_specialists,
    part,
    release,
    settle,
    take,
    worker_of,
)
from simfs.engine.kernel.staff import let_go
from simfs.engine.population import NO_BIRTHDAY
from simfs.engine.program import DAYS_TO_18

FAMILY = 8  # case numbers of a family: itself and up to seven children


@inlined
def new_case(world: World) -> int:
    """A slot for a case, empty but for what every case begins with, or NOBODY when all are used."""
    slot = world.free_case
    if slot >= 0:
        world.free_case = case_at(world, slot).next_free
    elif world.used_cases < world.room_cases:
        slot = world.used_cases
        world.used_cases += 1
    else:
        world.full = 1
        return NOBODY
    case = case_at(world, slot)
    case.stage = case.last = case.route = case.bear = case.worked_from = case.placed = NOBODY
    case.known = case.here = case.active = case.worked = case.dose_days = 0
    case.request_day = case.visit = case.waited = 0
    case.ready = case.waits = case.fresh = case.handed_over = 0
    case.birth_day, case.first_age, case.eighteen = NO_BIRTHDAY, NOBODY, NEVER
    case.open = 1
    for place in range(world.n_stages):
        visits(world, slot, place).value = 0
    for column in range(world.n_needs + 1):
        tie = tie_at(world, slot, column)
        tie.worker, tie.asked = NOBODY, 0
    return int(slot)


@inlined
def visits(world: World, slot: int, place: int) -> Any:
    """How often a case has come into a stage."""
    return visit_cell(world, slot * world.n_stages + place)


@inlined
def need_of(world: World, case: Any, need: int) -> float:
    """The uniform that says how early a family's need is brought out."""
    return float(need_cell(world, case.row * world.n_needs + need).value)


@inlined
def free_case(world: World, slot: int) -> None:
    """A case is over; whatever was planned for it is void."""
    case = case_at(world, slot)
    case.open = 0
    case.stamp += 1
    case.next_free = world.free_case
    world.free_case = slot


@inlined
def know_birthday(case: Any, birth_day: int, first_age: int) -> None:
    """A child's birthday becomes known."""
    case.birth_day, case.first_age, case.eighteen = birth_day, first_age, birth_day + DAYS_TO_18


@inlined
def move(world: World, slot: int, place: int, by: int, remaining: int, route: int) -> None:
    """Let a case come to a place once what brings it there is done."""
    row = move_at(world, world.used_moves)
    row.slot, row.place, row.by, row.remaining, row.route = slot, place, by, remaining, route
    world.used_moves += 1


@inlined
def plan(world: World, kind: int, day: int, slot: int) -> None:
    """Let something happen to a case on a day, unless its stamp has changed by then."""
    if day >= world.days:
        return
    at = world.free_date
    if at >= 0:
        world.free_date = date_at(world, at).after
    elif world.used_dates < world.room_dates:
        at = world.used_dates
        world.used_dates += 1
    else:
        world.full = 1
        return
    date = date_at(world, at)
    head = due_cell(world, kind * world.days + day)
    date.slot, date.stamp, date.after = slot, case_at(world, slot).stamp, head.value
    head.value = at


@inlined
def come(world: World, slot: int, place: int, by: int, remaining: int, route: int) -> None:
    """Enter a stage, or leave the model."""
    if place < 0:
        leave_model(world, slot, place, by)
        return
    enter(world, slot, place, by)
    case, stage = case_at(world, slot), stage_at(world, place)
    case.route = NOBODY if route == NOBODY else stage.first_route + route
    if stage.holds:
        start_worked_stay(world, slot, remaining)
    else:
        length = remaining if remaining >= 0 else stay(world, case, stage)
        start_work(world, slot, length)


@inlined
def leave_model(world: World, slot: int, exit_: int, by: int) -> None:
    """Out of the model by an exit."""
    case = case_at(world, slot)
    release(world, slot)
    part(world, slot)
    case.stage = exit_
    note_exit(world, case, by)
    free_case(world, slot)


@inlined
def enter(world: World, slot: int, place: int, by: int) -> None:
    """Come into a stage; keep, leave or ask for a worker."""
    case, stage = case_at(world, slot), stage_at(world, place)
    previous = start_visit(world, slot, place)
    case.stay_u, case.route_u, case.effect_u, case.split_u = of_visit(world, case, stage, STAY)
    note_entry(world, case, previous, by)
    if worker_of(world, slot) >= 0:
        if keeps_worker(world, slot, place):
            worker = worker_at(world, worker_of(world, slot))
            note_kept(world, case, worker.team, worker.number)
        else:
            release(world, slot)
    if stage.mix != NOBODY:
        note_placement(world, case, placement(world, case, stage))
    bring_out_needs(world, case, stage)
    if not stage.specialists:
        part(world, slot)
    if stage.team >= 0 and worker_of(world, slot) < 0:
        case.request_day = world.today
        ask(world, slot, stage, by == BY_OPENING)
    elif stage.specialists and worker_of(world, slot) >= 0:
        ask_specialists(world, slot)


@inlined
def start_visit(world: World, slot: int, place: int) -> int:
    """Nothing worked, nothing waited; returns the stage before, or NOBODY."""
    case = case_at(world, slot)
    previous = case.last
    case.stage = case.last = place
    visits(world, slot, place).value += 1
    case.visit = visits(world, slot, place).value
    case.worked = case.dose_days = case.waited = 0
    case.bear = case.worked_from = NOBODY
    return int(previous)


@inlined
def bring_out_needs(world: World, case: Any, stage: Any) -> None:
    """A need that a stage finds stays known; how many specialists may meet here."""
    needs = world.n_needs
    found = 0
    for need in range(needs):
        threshold = number_cell(world, stage.thresholds + need).value
        if need_of(world, case, need) < threshold:
            case.known |= 1 << need
        found += (case.known >> need) & 1
    case.here = found if stage.specialists else 0


@inlined
def keeps_worker(world: World, slot: int, place: int) -> bool:
    """Whether a case's worker comes along into a stage."""
    team = worker_at(world, worker_of(world, slot)).team
    return bool(stage_at(world, place).team == team and team_at(world, team).continuity)


@inlined
def start_worked_stay(world: World, slot: int, remaining: int) -> None:
    """A stay that starts with a worker and pauses without one."""
    case = case_at(world, slot)
    case.left, case.handed_over = remaining, 0
    if worker_of(world, slot) < 0:
        expect_end_of_waiting(world, slot)
    elif remaining >= 0:
        start_work(world, slot, remaining)
    else:
        make_ready(world, slot)


@inlined
def make_ready(world: World, slot: int) -> None:
    """A case has a worker: its stay is drawn in step 6 of today."""
    case = case_at(world, slot)
    if world.used_ready < world.room_ready:
        ready_cell(world, world.used_ready).value = slot
        world.used_ready += 1
    else:
        world.full = 1
    case.stamp += 1
    case.ready = 1


@inlined
def start_work(world: World, slot: int, length: int) -> None:
    """The case is worked with from today until its stay, or its childhood, is over."""
    case, today = case_at(world, slot), world.today
    case.worked_from = today
    case.end_day = min(today + length, case.eighteen)
    case.stamp += 1
    plan(world, ENDS_DUE, case.end_day, slot)


@inlined
def expect_end_of_waiting(world: World, slot: int) -> None:
    """Plan what ends the wait of a case on a list: a crisis, or the 18th birthday."""
    case = case_at(world, slot)
    stage = stage_at(world, case.stage)
    case.stamp += 1
    plan(world, ENDS_DUE, case.eighteen, slot)
    if stage.crisis_mean > 0:
        day = world.today + bear(world, case, stage) - case.waited
        plan(world, CRISES_DUE, day, slot)


@inlined
def start_stay(world: World, slot: int) -> None:
    """Step 6: the stay of a case that got a worker today, or brought one, starts or goes on."""
    case = case_at(world, slot)
    stage = stage_at(world, case.stage)
    if case.left == NOBODY:
        case.left = stay(world, case, stage)
    elif case.handed_over:
        case.left += team_at(world, stage.team).handover
    # Opening stock may have nothing left; step 1 of today is over.
    case.left = max(case.left, 1)
    start_work(world, slot, case.left)


@inlined
def lose_worker(world: World, slot: int) -> None:
    """A case whose worker leaves joins the list; a stay that needs a worker pauses."""
    case = case_at(world, slot)
    stage = stage_at(world, case.stage)
    worker = worker_at(world, worker_of(world, slot))
    let_go(world, slot, OWN)
    note_release(world, case, worker.team, worker.number, ONE)
    settle(world, case)
    ask(world, slot, stage, False)
    if not stage.holds:
        return
    if case.ready:
        case.ready = 0
    elif case.worked_from != NOBODY:
        case.left = case.end_day - world.today
        case.handed_over = 1
        case.worked_from = NOBODY
    expect_end_of_waiting(world, slot)


@inlined
def finish(world: World, slot: int) -> int:
    """Write down the stay's dose, and leave any list; returns the dose."""
    case = case_at(world, slot)
    settle(world, case)
    days = case.here * case.worked
    dose = case.dose_days * 100 // days if days else 0
    note_end(world, case, dose)
    case.worked_from = NOBODY
    if tie_at(world, slot, OWN).asked:
        leave_list(world, slot, OWN)
    return int(dose)


@inlined
def move_on(world: World, slot: int) -> None:
    """End the stay and find where the case goes."""
    case = case_at(world, slot)
    stage = stage_at(world, case.stage)
    dose = finish(world, slot)
    if world.today >= case.eighteen:
        move(world, slot, world.eighteen, BY_BIRTHDAY, NOBODY, NOBODY)
        return
    by = case.route
    if by == NOBODY:
        by = route_drawn(world, case, stage, dose)
    route = route_at(world, by)
    place = destination(world, case, route.ways, route.ways_end)
    if place < 0 or stage.child or not stage_at(world, place).child:
        move(world, slot, place, by, NOBODY, NOBODY)
        return
    taken = 0
    for child in range(FAMILY):
        if (case.children >> child) & 1 and is_taken(world, case, place, child, route.share):
            taken |= 1 << child
    if case.child:  # back after a return home: nobody to part from, and the birthday is known
        if taken:
            move(world, slot, place, by, NOBODY, NOBODY)
        else:
            move(world, slot, route.otherwise, BY_SPLIT, NOBODY, NOBODY)
        return
    siblings_part(world, slot, place, taken, by)


@inlined
def siblings_part(world: World, slot: int, place: int, taken: int, by: int) -> None:
    """The children whom a route takes part; the others go the other way, together if they can."""
    case, route = case_at(world, slot), route_at(world, by)
    left, otherwise = case.children & ~taken, route.otherwise
    stay_together = left and (otherwise < 0 or not stage_at(world, otherwise).child)
    if stay_together:  # they come there before those who part come anywhere
        move(world, slot, otherwise, BY_SPLIT, NOBODY, NOBODY)
    part_ways(world, slot, place, taken, by, route.ages)
    case.children, case.size = left, number_in(left)
    if not stay_together:
        part_ways(world, slot, otherwise, left, BY_SPLIT, route.ages)
        free_case(world, slot)


@inlined
def meet_crisis(world: World, slot: int) -> None:
    """Waiting became too long: take the crisis route."""
    case = case_at(world, slot)
    stage = stage_at(world, case.stage)
    case.waited += world.today - case.wait_start
    note_crisis(world, case)
    finish(world, slot)
    place = destination(world, case, stage.crisis_ways, stage.crisis_ways_end)
    if place < 0 or stage.child or case.child or not stage_at(world, place).child:
        move(world, slot, place, BY_CRISIS, NOBODY, NOBODY)
        return
    part_ways(world, slot, place, case.children, BY_CRISIS, stage.crisis_ages)
    free_case(world, slot)


@inlined
def number_in(children: int) -> int:
    """How many children are in a set of them."""
    found = 0
    for child in range(FAMILY):
        found += (children >> child) & 1
    return found


@inlined
def part_ways(world: World, slot: int, place: int, taken: int, by: int, ages: int) -> None:
    """Children part from their family, each a case of one; a worker kept goes with them."""
    if not taken:
        return
    worker = worker_of(world, slot)
    keeps = worker >= 0 and keeps_worker(world, slot, place)
    release(world, slot)
    part(world, slot)
    note_split(world, case_at(world, slot), number_in(taken))
    for child in range(FAMILY):
        if not (taken >> child) & 1:
            continue
        own = own_child(world, slot, child)
        if own < 0:
            return
        case = case_at(world, own)
        if ages != NOBODY:
            first_age = age(world, case, place, ages)
            know_birthday(case, world.today - first_age, first_age)
        list_case(world, case, world.today, needs_ever(world, case), NONE)
        if keeps:
            case.stage = place
            take(world, own, worker)
        move(world, own, place, by, NOBODY, NOBODY)


@inlined
def own_child(world: World, slot: int, child: int) -> int:
    """One child of a family as a case of its own: its slot, or NOBODY when all are used."""
    own = new_case(world)
    if own >= 0:
        case, family = case_at(world, own), case_at(world, slot)
        case.origin, case.luck, case.subject = family.origin, family.luck, family.subject
        case.family, case.family_row, case.row = family.family, family.family_row, family.row
        case.child, case.number = child, family.number + child
        case.children, case.size = 1 << child, 1
        case.known, case.last, case.request_day = family.known, family.last, family.request_day
    return own


@inlined
def needs_ever(world: World, case: Any) -> int:
    """A bit for each need that any stage would bring out."""
    ever = 0
    for need in range(world.n_needs):
        if need_of(world, case, need) < number_cell(world, world.highest + need).value:
            ever |= 1 << need
    return ever
