"""Workers and what they hold; each team's least-loaded worker is known at any time.

A team's `tree` is a tournament of its posts: a leaf for each, load × POSTS + number, above every
two the smaller, so that the least load wins, and the lower number on a tie. What a newly qualified
worker is spared counts there as load. A change costs at most
the height of the tree, whatever the size of the team.
"""

from typing import Any

from simfs.engine.jit import inlined
from simfs.engine.kernel.codes import EMPTY, NOBODY, POSTS
from simfs.engine.kernel.lists import tie_at, tie_number
from simfs.engine.kernel.records import World, case_at, team_at, tie_cell, tree_cell, worker_at


@inlined
def least_loaded(world: World, team: Any) -> int:
    """The worker of a team who holds least, or NOBODY."""
    least = tree_cell(world, team.tree + 1).value
    return int(team.first_worker + least % POSTS) if least < EMPTY else NOBODY


@inlined
def room_for(world: World, team: Any, size: int) -> int:
    """The worker who may take a case of a size now, or NOBODY."""
    worker = least_loaded(world, team)
    if worker < 0:
        return NOBODY
    load = weight_of(worker_at(world, worker))
    if team.below_limit:
        return worker if load < team.limit else NOBODY
    return worker if load + size <= team.limit else NOBODY


@inlined
def weight_of(row: Any) -> int:
    """What a worker holds, and is spared."""
    return int(row.load + row.spared)


@inlined
def size_for(team: Any, case: Any) -> int:
    """What a case adds to a load."""
    return 1 if team.by_family else int(case.size)


@inlined
def replay(world: World, team: Any, worker: int) -> None:
    """Play a team's tournament again from one worker's leaf, as far up as it changes anything."""
    row = worker_at(world, worker)
    at = team.leaves + row.number
    weight = weight_of(row) * POSTS + row.number
    tree_cell(world, team.tree + at).value = weight if row.in_post else EMPTY
    while at > 1:
        at //= 2
        below = team.tree + 2 * at
        least = min(tree_cell(world, below).value, tree_cell(world, below + 1).value)
        node = tree_cell(world, team.tree + at)
        if node.value == least:
            return
        node.value = least


@inlined
def hold(world: World, slot: int, column: int, worker: int) -> None:
    """A worker takes a case, as its own or as specialist."""
    row = worker_at(world, worker)
    team = team_at(world, row.team)
    tie = tie_at(world, slot, column)
    tie.worker = worker
    tie.before, tie.after = NOBODY, row.first_held
    if row.first_held >= 0:
        tie_cell(world, row.first_held).before = tie_number(world, slot, column)
    row.first_held = tie_number(world, slot, column)
    row.load += size_for(team, case_at(world, slot))
    if not team.unlimited:
        replay(world, team, worker)


@inlined
def let_go(world: World, slot: int, column: int) -> None:
    """A case leaves a worker's load."""
    tie = tie_at(world, slot, column)
    row = worker_at(world, tie.worker)
    team = team_at(world, row.team)
    if tie.before >= 0:
        tie_cell(world, tie.before).after = tie.after
    else:
        row.first_held = tie.after
    if tie.after >= 0:
        tie_cell(world, tie.after).before = tie.before
    row.load -= size_for(team, case_at(world, slot))
    if not team.unlimited:
        replay(world, team, tie.worker)
    tie.worker = NOBODY


@inlined
def start_post(world: World, team: Any, worker: int, agency: int, spared: int) -> None:
    """A post is filled by somebody who holds nothing."""
    row = worker_at(world, worker)
    row.in_post, row.agency, row.load, row.spared = 1, agency, 0, spared
    team.in_post += 1
    team.agency += agency
    replay(world, team, worker)


@inlined
def empty_post(world: World, team: Any, worker: int) -> None:
    """A worker leaves; whatever is still tied to them must be let go of."""
    row = worker_at(world, worker)
    team.in_post -= 1
    team.agency -= row.agency
    row.in_post = 0
    replay(world, team, worker)


@inlined
def spare_no_longer(world: World, team: Any, worker: int) -> None:
    """A worker is no longer newly qualified."""
    worker_at(world, worker).spared = 0
    replay(world, team, worker)
