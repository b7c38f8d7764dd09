"""What chance decides for a case: how long it stays, which route it takes, where that leads."""

from typing import Any

from simfs.engine.history import Kind
from simfs.engine.jit import inlined
from simfs.engine.kernel.book import note_diverted, write
from simfs.engine.kernel.codes import (
    AGE,
    COST_BANDS,
    CRISIS,
    NEVER,
    NOBODY,
    PLACEMENT,
    REFERENCE_DOSE,
    SHARE,
    STAY,
    WAITING_TABLE,
)
from simfs.engine.kernel.luck import CHILD_BITS, days, of_visit, one, value
from simfs.engine.kernel.records import (
    World,
    drift_cell,
    effect_at,
    force_cell,
    number_cell,
    route_at,
    stage_at,
    way_at,
    whole_cell,
)


@inlined
def stay(world: World, case: Any, stage: Any) -> int:
    """How long a case stays from today, days; the route too where that comes first."""
    mean, table, until_18 = stage.stay_mean, stage.stay_table, stage.until_18
    own = 100 * case.active // case.here if case.here else 0
    if stage.route_first:
        case.route = route_drawn(world, case, stage, own)
        route = route_at(world, case.route)
        mean, table, until_18 = route.stay_mean, route.stay_table, route.until_18
    if until_18:
        return NEVER
    u = case.stay_u
    if stage.shared_stay:
        u = one(world, case, stage.code, case.visit, STAY)
    dose = dose_that_counts(world, case, stage, own)
    for place in range(stage.effects, stage.effects_end):
        mean *= multiplier(world, whole_cell(world, place).value, dose)
    return days(world, mean, table, u)


@inlined
def bear(world: World, case: Any, stage: Any) -> int:
    """Waiting days that this visit can bear, drawn once."""
    if case.bear == NOBODY:
        u = of_visit(world, case, stage, CRISIS)[CRISIS % 4]
        case.bear = days(world, stage.crisis_mean, WAITING_TABLE, u)
    return int(case.bear)


@inlined
def placement(world: World, case: Any, stage: Any) -> int:
    """Placement × 10 + band of its price, by the age on first coming into care."""
    u = of_visit(world, case, stage, PLACEMENT)
    mix = stage.mix + world.n_placements * band_of(
        world, stage.mix_edges, stage.mix_bands, case.first_age
    )
    return first_above(world, mix, u[0]) * COST_BANDS + int(u[1] * COST_BANDS)


@inlined
def first_above(world: World, at: int, u: float) -> int:
    """Place of the first running sum, of those from `at` on, that a uniform is below."""
    place = 0
    while number_cell(world, at + place).value <= u:
        place += 1
    return place


@inlined
def age(world: World, child: Any, place: int, table: int) -> int:
    """Age in days on first entering care, at the stage `place`."""
    occasion = 1 + (child.child << CHILD_BITS)
    return int(value(world, table, one(world, child, stage_at(world, place).code, occasion, AGE)))


@inlined
def is_taken(world: World, case: Any, place: int, child: int, share: float) -> bool:
    """Whether a child goes with a route that takes a share of the family's children."""
    if share >= 1:
        return True
    occasion = case.visit + (child << CHILD_BITS)
    return one(world, case, stage_at(world, place).code, occasion, SHARE) < share


@inlined
def destination(world: World, case: Any, first: int, end: int) -> int:
    """One of the places, in rows of ways, that a route leads to."""
    at = first
    while at < end - 1 and case.split_u >= way_at(world, at).reach:
        at += 1
    return int(way_at(world, at).place)


@inlined
def multiplier(world: World, effect: int, dose: int) -> float:
    """What an effect multiplies by today."""
    row = effect_at(world, effect)
    today = world.today
    strength = number_cell(world, row.by_day + today).value
    strength *= force_cell(world, row.force + today).value
    if dose != REFERENCE_DOSE:
        strength *= number_cell(world, row.by_dose + dose).value
    strength = max(min(strength, 1.0), number_cell(world, row.at_least + today).value)
    return float(1.0 - strength * (1.0 - row.ratio))


@inlined
def dose_that_counts(world: World, case: Any, stage: Any, own: int) -> int:
    """The case's own dose, none where nothing is needed, or the service's."""
    if stage.specialists:
        return own if case.here else REFERENCE_DOSE
    return 100 * world.met // world.wanted if world.wanted else REFERENCE_DOSE


@inlined
def product(world: World, route: Any, dose: int) -> float:
    """What all effects on a route multiply its chance by."""
    whole = 1.0
    for place in range(route.effects, route.effects_end):
        whole *= multiplier(world, whole_cell(world, place).value, dose)
    return whole


@inlined
def age_band(world: World, case: Any, stage: Any) -> int:
    """Band of the age that a stage's routes go by."""
    reached = case.first_age if stage.first_entry_age else world.today - case.birth_day
    return band_of(world, stage.edges, stage.bands, reached)


@inlined
def band_of(world: World, edges: int, bands: int, reached: int) -> int:
    """The last of some bands whose lower edge an age has reached; the first if it has none."""
    band = 0
    while band + 1 < bands and whole_cell(world, edges + band + 1).value <= reached:
        band += 1
    return band


@inlined
def route_drawn(world: World, case: Any, stage: Any, own: int) -> int:
    """The base route by one uniform; by a second, what effects take from it or give to it."""
    band = age_band(world, case, stage)
    sums = stage.cumulative + band * (stage.end_route - stage.first_route)
    drawn = stage.first_route + first_above(world, sums, case.route_u)
    if stage.wanders and world.drifts:
        drawn = wandered(world, case, stage, drawn, band)
    if not stage.affected:
        return int(drawn)
    dose = dose_that_counts(world, case, stage, own)
    route = route_at(world, drawn)
    if case.effect_u < product(world, route, dose):
        return gained(world, case, stage, drawn, band, dose)
    kept, effect = 1.0, NOBODY
    for place in range(route.effects, route.effects_end):
        effect = whole_cell(world, place).value
        kept *= multiplier(world, effect, dose)
        if case.effect_u >= kept:
            break
    note_diverted(world, case, effect)
    return remainder(world, case, stage, effect)


@inlined
def wandered(world: World, case: Any, stage: Any, drawn: int, band: int) -> int:
    """The base route as the authority's drift moves its chances today."""
    sums = stage.cumulative + band * (stage.end_route - stage.first_route)
    place = drawn - stage.first_route
    below = number_cell(world, sums + place - 1).value if place else 0.0
    u = (case.route_u - below) / (number_cell(world, sums + place).value - below)
    route = route_at(world, drawn)
    if route.walk != NOBODY:
        lost = u >= drift_cell(world, route.walk + world.today).value
        return int(stage.first_route + stage.remainder) if lost else drawn
    if place != stage.remainder:
        return drawn
    reached = 0.0
    chance = number_cell(world, route.p + band).value
    for number in range(stage.first_route, stage.end_route):
        other = route_at(world, number)
        factor = 1.0
        if other.walk != NOBODY:
            factor = drift_cell(world, other.walk + world.today).value
        if factor > 1:
            reached += (factor - 1) * number_cell(world, other.p + band).value / chance
            if reached > 1:
                write(world, case, Kind.CUT, NOBODY, NOBODY, number)
            if u < reached:
                return number
    return drawn


@inlined
def remainder(world: World, case: Any, stage: Any, effect: int) -> int:
    """The route of a stage that takes what an effect prevents there."""
    place = whole_cell(world, effect_at(world, effect).remainder + case.stage).value
    return int(stage.first_route + place)


@inlined
def gained(world: World, case: Any, stage: Any, drawn: int, band: int, dose: int) -> int:
    """A case drawn to the remainder may move to a route that effects raise above one."""
    reached = 0.0
    for number in range(stage.first_route, stage.end_route):
        route = route_at(world, number)
        if route.effects == route.effects_end:
            continue
        if remainder(world, case, stage, whole_cell(world, route.effects).value) != drawn:
            continue
        raised = product(world, route, dose)
        if raised > 1:
            chance = number_cell(world, route_at(world, drawn).p + band).value
            reached += (raised - 1) * number_cell(world, route.p + band).value / chance
            if reached > 1:
                write(world, case, Kind.CUT, NOBODY, NOBODY, number)
            if case.effect_u < reached:
                return number
    return drawn
