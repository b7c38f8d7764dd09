"""Waiting lists: heaps of places, first the most urgent, then the longest waiting.

A skew heap (Sleator and Tarjan, "Self-adjusting heaps", SIAM Journal on Computing 15, 1986): lists
share one table of places and none has a size of its own. A place that is given up stays until it
comes to the top; its stamp tells.
"""

from typing import Any

from simfs.engine.jit import inlined
from simfs.engine.kernel.codes import NOBODY
from simfs.engine.kernel.records import World, case_at, list_cell, place_at, tie_cell


@inlined
def is_before(one: Any, two: Any) -> bool:
    """Whether one place comes first: by priority, day of request, case number."""
    if one.priority != two.priority:
        return bool(one.priority < two.priority)
    if one.day != two.day:
        return bool(one.day < two.day)
    return bool(one.number < two.number)


@inlined
def merged(world: World, one: int, two: int) -> int:
    """The top of two heaps made one."""
    top = above = NOBODY
    while one >= 0 and two >= 0:
        if is_before(place_at(world, two), place_at(world, one)):
            one, two = two, one
        if above < 0:
            top = one
        else:
            place_at(world, above).left = one
        first = place_at(world, one)
        rest = first.right
        first.right = first.left
        above, one = one, rest
    last = one if one >= 0 else two
    if above < 0:
        return last
    place_at(world, above).left = last
    return top


@inlined
def tie_at(world: World, slot: int, column: int) -> Any:
    """A case's tie to its own worker (column 0) or to the specialist of a need (1 + need)."""
    return tie_cell(world, tie_number(world, slot, column))


@inlined
def tie_number(world: World, slot: int, column: int) -> int:
    """The number that a tie has among all."""
    return int(slot * (world.n_needs + 1) + column)


@inlined
def join_list(world: World, list_: int, slot: int, column: int, priority: int, day: int) -> None:
    """Put a case on a list, for its worker (column 0) or the specialist of a need (1 + need)."""
    tie = tie_at(world, slot, column)
    tie.asked, tie.day = 1, day
    tie.stamp += 1
    at = world.free_place
    if at >= 0:
        world.free_place = place_at(world, at).left
    elif world.used_places < world.room_places:
        at = world.used_places
        world.used_places += 1
    else:
        world.full = 1
        return
    place = place_at(world, at)
    place.priority, place.day, place.number = priority, day, case_at(world, slot).number
    place.slot, place.stamp = slot, tie.stamp
    place.left = place.right = NOBODY
    list_cell(world, list_).value = merged(world, list_cell(world, list_).value, at)


@inlined
def leave_list(world: World, slot: int, column: int) -> None:
    """Give up a place on a list."""
    tie = tie_at(world, slot, column)
    tie.asked = 0
    tie.stamp += 1


@inlined
def take_first(world: World, list_: int) -> None:
    """Remove the top of a list, given up or not."""
    at = list_cell(world, list_).value
    place = place_at(world, at)
    list_cell(world, list_).value = merged(world, place.left, place.right)
    place.left = world.free_place
    world.free_place = at


@inlined
def first_waiting(world: World, list_: int, column: int) -> int:
    """The slot of the next case on a list, left there, or NOBODY."""
    while list_cell(world, list_).value >= 0:
        place = place_at(world, list_cell(world, list_).value)
        if tie_at(world, place.slot, column).stamp == place.stamp:
            return int(place.slot)
        take_first(world, list_)
    return NOBODY
