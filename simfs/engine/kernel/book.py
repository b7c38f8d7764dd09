"""What the kernel writes down: every event once, and what a tally counts of it.

An event becomes a row of the history if there is room for one (none when only counting), and moves
the counts that `simfs.engine.counting.tally` would find in it. Levels are what there is now; at the
end of a day they become that day's row.
"""

from math import ceil
from typing import Any

from simfs.engine.history import NEEDS_IN_DETAIL, Kind
from simfs.engine.jit import inlined
from simfs.engine.kernel.codes import BY_OPENING, COST_BANDS, NOBODY, NONE, ONE
from simfs.engine.kernel.records import (
    World,
    by_day_cell,
    by_week_cell,
    by_year_cell,
    event_at,
    had_plan_cell,
    level_cell,
    listed_at,
    route_at,
    stage_at,
    team_at,
    waits_cell,
    whole_cell,
    worker_at,
    year_of_cell,
)
from simfs.engine.population import NO_BIRTHDAY
from simfs.engine.tally import HIGH_LOAD, MIDDLE

WEEK = 7


@inlined
def write(world: World, case: Any, kind: int, team: int, worker: int, detail: int) -> None:
    """A row of the history's events."""
    if world.used_events < world.room_events:
        row = event_at(world, world.used_events)
        row.day, row.family, row.child, row.kind = world.today, case.family, case.child, kind
        row.stage, row.visit, row.team, row.worker = case.stage, case.visit, team, worker
        row.detail = detail
    world.used_events += 1


@inlined
def note_post(world: World, kind: int, movement: Any) -> None:
    """A row of the history's events for a post that is taken up or left."""
    if world.used_events < world.room_events:
        row = event_at(world, world.used_events)
        row.day, row.family, row.child, row.kind = world.today, NOBODY, NOBODY, kind
        row.stage, row.visit, row.team, row.worker = NOBODY, NONE, movement.team, movement.post
        row.detail = movement.agency + 2 * movement.newly
    world.used_events += 1


@inlined
def list_case(world: World, case: Any, day: int, ever: int, earlier_plan: int) -> None:
    """A row of the history's cases; `ever` has a bit for each need that any stage would find."""
    if world.used_listed < world.room_listed:
        row = listed_at(world, world.used_listed)
        row.family, row.child, row.origin = case.family, case.child, case.origin
        row.number, row.arrival_day, row.needs, row.children = case.subject, day, ever, case.size
        row.birth_day, row.earlier_plan = case.birth_day, earlier_plan
    world.used_listed += 1


@inlined
def open_day(world: World, day: int) -> None:
    """A day begins; where its year and its week are counted."""
    world.today = day
    world.this_year = year_of_cell(world, day).value * world.year_width
    world.this_week = day // WEEK * world.week_width


@inlined
def in_year(world: World, year: int, column: int) -> Any:
    """What is counted in a financial year, by column."""
    return by_year_cell(world, year * world.year_width + column)


@inlined
def in_week(world: World, week: int, column: int) -> Any:
    """What is counted in a week, by column."""
    return by_week_cell(world, week * world.week_width + column)


@inlined
def add_in_year(world: World, column: int, amount: int) -> None:
    """Count something in the financial year of today."""
    by_year_cell(world, world.this_year + column).value += amount


@inlined
def add_in_week(world: World, column: int, amount: int) -> None:
    """Count something in the week of today; days after the last whole week are left out."""
    if world.today < WEEK * world.weeks:
        by_week_cell(world, world.this_week + column).value += amount


@inlined
def note_entry(world: World, case: Any, previous: int, by: int) -> None:
    """A case enters a stage; a family's own plan is remembered for the next."""
    write(world, case, Kind.ENTER, NOBODY, NOBODY, by)
    stage = stage_at(world, case.stage)
    case.entered, case.opened, case.fresh = world.today, by == BY_OPENING, 1
    level_cell(world, world.stage_children + case.stage).value += case.size
    if by != BY_OPENING:
        add_in_year(world, world.entry_children + case.stage, case.size)
    for count in range(world.n_counts):
        inside = whole_cell(world, stage.counts + count).value
        if not inside:
            continue
        if by != BY_OPENING and not (
            previous >= 0 and whole_cell(world, stage_at(world, previous).counts + count).value
        ):
            add_in_year(world, world.starts_children + count, case.size)
            if count == world.earlier_plan_count and had_plan_cell(world, case.family_row).value:
                add_in_year(world, world.repeat_starts_children, case.size)
        if count == world.earlier_plan_count:
            had_plan_cell(world, case.family_row).value = 1
    note_route(world, case, by)
    if stage.team != NOBODY:
        start_waiting(world, case)


@inlined
def note_route(world: World, case: Any, by: int) -> None:
    """The route that a case came by, if it came by one."""
    if by >= 0:
        route = route_at(world, by)
        place = route.stage * world.longest_route + route.place
        add_in_year(world, world.route_children + place, case.size)


@inlined
def start_waiting(world: World, case: Any) -> None:
    """From here on a case's children count as waiting for a worker."""
    case.waits = 1
    level_cell(world, world.waiting_children + case.stage).value += case.size


@inlined
def stop_waiting(world: World, case: Any) -> None:
    """A case's children no longer count as waiting, if they did."""
    if case.waits:
        case.waits = 0
        level_cell(world, world.waiting_children + case.stage).value -= case.size


@inlined
def note_worker(world: World, case: Any, team: int, worker: int, again: int) -> None:
    """A worker takes a case."""
    write(world, case, Kind.WORKER, team, worker, again)
    stop_waiting(world, case)
    add_load(world, case, team, ONE)
    if again:
        add_in_week(world, world.handovers + team, ONE)
        add_in_year(world, world.handover_children + case.stage, case.size)
    elif case.fresh:
        note_wait(world, team, world.today - case.entered)
    case.fresh = 0


@inlined
def note_wait(world: World, team: int, waited: int) -> None:
    """A case that its stage's team had to allocate has been allocated, for the first time."""
    add_in_week(world, world.allocated + team, ONE)
    add_in_week(world, world.waited_days + team, waited)
    row = team_at(world, team)
    row.longest_wait = max(row.longest_wait, waited)
    waits_cell(world, team * world.days + waited).value += 1


@inlined
def note_kept(world: World, case: Any, team: int, worker: int) -> None:
    """A case brings its worker into a stage."""
    write(world, case, Kind.KEPT, team, worker, NONE)
    stop_waiting(world, case)


@inlined
def note_release(world: World, case: Any, team: int, worker: int, left: int) -> None:
    """A worker lets a case go, or has left."""
    write(world, case, Kind.RELEASE, team, worker, left)
    add_load(world, case, team, -ONE)
    if left:
        start_waiting(world, case)


@inlined
def note_specialist(world: World, case: Any, kind: int, team: int, worker: int, need: int) -> None:
    """A specialist joins a case (Kind.JOIN) or leaves it (Kind.PART)."""
    write(world, case, kind, team, worker, need)
    sign = ONE if kind == Kind.JOIN else -ONE
    add_load(world, case, team, sign)
    level_cell(world, world.needs_met + need).value += sign


@inlined
def note_need(world: World, case: Any, kind: int, need: int) -> None:
    """A case begins (Kind.ASK) or ceases (Kind.DROP) to want a specialist for a need."""
    write(world, case, kind, NOBODY, NOBODY, need)
    level_cell(world, world.needs_wanted + need).value += ONE if kind == Kind.ASK else -ONE


@inlined
def add_load(world: World, case: Any, team: int, sign: int) -> None:
    """What a team holds, in its own unit and in cases."""
    size = 1 if team_at(world, team).by_family else case.size
    level_cell(world, world.team_load + team).value += sign * size
    level_cell(world, world.team_cases + team).value += sign


@inlined
def note_placement(world: World, case: Any, placement: int) -> None:
    """A child is placed; placement × 10 + cost band."""
    write(world, case, Kind.PLACED, NOBODY, NOBODY, placement)
    case.placed = placement
    level_cell(world, world.placement_now + placement).value += case.size


@inlined
def note_end(world: World, case: Any, dose: int) -> None:
    """A stay ends."""
    write(world, case, Kind.END, NOBODY, NOBODY, NEEDS_IN_DETAIL * case.here + dose)
    if case.here:
        add_in_year(world, world.dose_sum, dose)
        add_in_year(world, world.dose_stays, ONE)
    level_cell(world, world.stage_children + case.stage).value -= case.size
    stop_waiting(world, case)
    if case.placed != NOBODY:
        level_cell(world, world.placement_now + case.placed).value -= case.size
        case.placed = NOBODY
    count_breach(world, case, world.today)


@inlined
def count_breach(world: World, case: Any, end: int) -> None:
    """A stay that passed the statutory limit counts in the year it did; opening stock apart."""
    stage = stage_at(world, case.stage)
    due = case.entered + stage.limit
    if stage.limit < 0 or due >= end or case.opened:
        return
    column = world.breach_children + case.stage
    in_year(world, year_of_cell(world, due).value, column).value += case.size
    if stage.team != NOBODY and due // WEEK < world.weeks:
        in_week(world, due // WEEK, world.breaches + stage.team).value += case.size


@inlined
def note_crisis(world: World, case: Any) -> None:
    """Waiting became too long."""
    write(world, case, Kind.CRISIS, NOBODY, NOBODY, case.waited)
    add_in_year(world, world.crisis_children + case.stage, case.size)


@inlined
def note_split(world: World, case: Any, children: int) -> None:
    """Children part from their family."""
    write(world, case, Kind.SPLIT, NOBODY, NOBODY, children)


@inlined
def note_diverted(world: World, case: Any, effect: int) -> None:
    """An effect sends a case to the remainder."""
    write(world, case, Kind.DIVERTED, NOBODY, NOBODY, effect)
    add_in_year(world, world.diverted_children + effect, case.size)


@inlined
def note_exit(world: World, case: Any, by: int) -> None:
    """A case leaves the model; what it costs from then on ends with childhood, if that is known."""
    write(world, case, Kind.EXIT, NOBODY, NOBODY, by)
    exit_ = -1 - case.stage
    add_in_year(world, world.exit_children + exit_, case.size)
    note_route(world, case, by)
    until = world.days if case.birth_day == NO_BIRTHDAY else min(case.eighteen, world.days)
    day = world.today
    while day < until:
        year = year_of_cell(world, day).value
        end = min(until, whole_cell(world, world.year_ends + year).value)
        in_year(world, year, world.exit_days + exit_).value += (end - day) * case.size
        day = end


@inlined
def close_day(world: World) -> None:
    """Today's levels become its row; placements count by financial year."""
    for number in range(world.n_teams):
        team = team_at(world, number)
        level_cell(world, world.team_posts + number).value = team.in_post
        level_cell(world, world.team_agency + number).value = team.agency
    begins = world.today * world.day_width
    for column in range(world.day_width):
        by_day_cell(world, begins + column).value = level_cell(world, column).value
    for cell in range(world.n_placements * COST_BANDS):
        placed = level_cell(world, world.placement_now + cell).value
        add_in_year(world, world.placement_days + cell, placed)
    if world.today % WEEK == WEEK - 1:
        close_week(world, world.today // WEEK)


@inlined
def close_week(world: World, week: int) -> None:
    """What is told of the week that ends today: high loads, and days to allocation."""
    for number in range(world.n_teams):
        team = team_at(world, number)
        guess = in_week(world, max(week - 1, 0), world.load_p90 + number).value
        in_week(world, week, world.load_p90 + number).value = high_load(world, team, guess)
        found = in_week(world, week, world.allocated + number).value
        median, high = -1, -1
        seen = 0
        for waited in range(team.longest_wait + 1):
            cell = waits_cell(world, number * world.days + waited)
            seen += cell.value
            cell.value = 0
            if median < 0 < seen and seen >= ceil(MIDDLE * found):
                median = waited
            if high < 0 < seen and seen >= ceil(HIGH_LOAD * found):
                high = waited
        team.longest_wait = 0
        in_week(world, week, world.wait_median + number).value = median
        in_week(world, week, world.wait_p90 + number).value = high


@inlined
def high_load(world: World, team: Any, guess: int) -> int:
    """The load that nine workers in ten do not exceed; sought from what it was a week ago."""
    rank = ceil(HIGH_LOAD * team.in_post)
    load = guess
    while True:
        below = within = 0
        for post in range(team.first_worker, team.first_worker + team.posts):
            row = worker_at(world, post)
            below += row.in_post and row.load < load
            within += row.in_post and row.load <= load
        if within < rank:
            load += 1
        elif below >= rank and load > 0:
            load -= 1
        else:
            return load
