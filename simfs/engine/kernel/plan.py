"""Program → the kernel's fixed tables, and the staff as they stand before the first day."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from simfs.engine.kernel import records
from simfs.engine.kernel.codes import EMPTY
from simfs.engine.kernel.records import Rows
from simfs.engine.program import COST_BANDS, NOBODY, FloatArray, IntArray, Program, StageCode
from simfs.engine.tally import REPEATED


class _Lists:
    """Lists of numbers one after the other; a list is known by where it begins."""

    def __init__(self) -> None:
        self.whole: list[int] = []
        self.numbers: list[FloatArray] = []
        self.length = 0

    def add(self, values: Iterable[int]) -> int:
        """Where a list of whole numbers begins."""
        begins = len(self.whole)
        self.whole += values
        return begins

    def add_numbers(self, values: Iterable[float]) -> int:
        """Where a list of other numbers begins."""
        begins = self.length
        self.numbers.append(np.array(list(values), dtype=np.float64))
        self.length += len(self.numbers[-1])
        return begins

    def ends(self, values: tuple[int, ...]) -> tuple[int, int]:
        """Where a list of whole numbers begins and ends."""
        begins = self.add(values)
        return begins, begins + len(values)


@dataclass(frozen=True, slots=True)
class Plan:
    """A program as tables; see `simfs.engine.kernel.records`.

    Attributes:
        world: the row that a run begins with; its tables' addresses are not yet known.
        levels: how many levels there are.
    """

    program: Program
    stages: Rows
    routes: Rows
    ways: Rows
    effects: Rows
    origins: Rows
    whole: IntArray
    numbers: FloatArray
    year_of: IntArray
    teams: Rows
    workers: Rows
    tree: IntArray
    world: Rows
    levels: int


def plan_of(program: Program) -> Plan:
    """The tables of a program."""
    lists = _Lists()
    ways, starts = _ways(program)
    teams, workers, tree = _staff(program)
    stages, routes = _stages(program, lists, starts), _routes(program, lists, starts)
    effects, origins = _effects(program, lists), _origins(program, lists)
    world = np.zeros(1, dtype=records.WORLD)
    _filled(world, {
        "days": program.days,
        "weeks": program.days // 7,
        "n_stages": len(program.stages),
        "n_teams": len(program.teams),
        "n_needs": len(program.needs),
        "n_counts": len(program.counts),
        "n_placements": len(program.placements),
        "longest_route": _longest(program),
        "earlier_plan_count": NOBODY,
        "eighteen": program.eighteen,
        "specialised": program.specialised,
        "served": lists.add(int(served) for served in program.served),
        "highest": lists.add_numbers(program.highest),
        "year_ends": lists.add(program.year_starts[1:]),
        "free_case": NOBODY,
        "free_place": NOBODY,
        "free_date": NOBODY,
    })  # fmt: skip
    if REPEATED in program.counts:
        world["earlier_plan_count"] = program.counts.index(REPEATED)
    levels = _place_columns(world, program)
    return Plan(
        program=program,
        stages=stages,
        routes=routes,
        ways=ways,
        effects=effects,
        origins=origins,
        whole=np.array(lists.whole, dtype=np.int64),
        numbers=np.concatenate([*lists.numbers, np.zeros(1)]),
        year_of=np.searchsorted(program.year_starts, np.arange(program.days), side="right") - 1,
        teams=teams,
        workers=workers,
        tree=tree,
        world=world,
        levels=levels,
    )


def _longest(program: Program) -> int:
    """Routes of the stage with most."""
    return max((stage.routes[1] - stage.routes[0] for stage in program.stages), default=0)


def _ways(program: Program) -> tuple[Rows, list[tuple[int, int]]]:
    """The rows of every split, and where each split begins and ends."""
    rows = [way for split in program.splits for way in split]
    ends = np.cumsum([len(split) for split in program.splits]).tolist()
    return np.array(rows, dtype=records.WAY), list(zip([0, *ends], ends, strict=False))


def _filled(row: Rows, values: dict[str, object]) -> None:
    for name, value in values.items():
        row[name] = value


def _stages(program: Program, lists: _Lists, starts: list[tuple[int, int]]) -> Rows:
    rows = np.zeros(len(program.stages), dtype=records.STAGE)
    for row, stage in zip(rows, program.stages, strict=True):
        _filled(row, _of_stage(stage, program, lists, starts))
    return rows


def _of_stage(
    stage: StageCode, program: Program, lists: _Lists, starts: list[tuple[int, int]]
) -> dict[str, object]:
    first, end = stage.routes
    crisis = starts[stage.crisis_to] if stage.crisis_to != NOBODY else (NOBODY, NOBODY)
    effects, effects_end = lists.ends(stage.stay_effects)
    plain = (
        "code", "child", "team", "holds", "route_first", "shared_stay", "stay_mean", "stay_table",
        "until_18", "first_entry_age", "priority", "limit", "crisis_mean",
        "crisis_ages", "specialists", "remainder",
    )  # fmt: skip
    return {name: getattr(stage, name) for name in plain} | {
        "bands": len(stage.band_edges),
        "edges": lists.add(stage.band_edges),
        "first_route": first,
        "end_route": end,
        "cumulative": lists.add_numbers([c for band in stage.cumulative for c in band]),
        "crisis_ways": crisis[0],
        "crisis_ways_end": crisis[1],
        "thresholds": lists.add_numbers(stage.thresholds),
        "mix": lists.add_numbers([c for band in stage.mix for c in band]) if stage.mix else NOBODY,
        "mix_edges": lists.add(stage.mix_edges),
        "mix_bands": len(stage.mix_edges),
        "effects": effects,
        "effects_end": effects_end,
        "affected": any(route.effects for route in program.routes[first:end]),
        "wanders": any(route.walk != NOBODY for route in program.routes[first:end]),
        "counts": lists.add(int(c in stage.counts) for c in range(len(program.counts))),
    }


def _routes(program: Program, lists: _Lists, starts: list[tuple[int, int]]) -> Rows:
    rows = np.zeros(len(program.routes), dtype=records.ROUTE)
    plain = ("stage", "place", "stay_mean", "stay_table", "until_18", "ages", "share", "otherwise")
    for row, route in zip(rows, program.routes, strict=True):
        values: dict[str, object] = {name: getattr(route, name) for name in plain}
        values["ways"], values["ways_end"] = starts[route.split]
        values["effects"], values["effects_end"] = lists.ends(route.effects)
        values["p"] = lists.add_numbers(route.p)
        values["walk"] = NOBODY if route.walk == NOBODY else route.walk * program.days
        _filled(row, values)
    return rows


def _effects(program: Program, lists: _Lists) -> Rows:
    rows = np.zeros(len(program.effects), dtype=records.EFFECT)
    for row, effect in zip(rows, program.effects, strict=True):
        _filled(row, {
            "ratio": effect.ratio,
            "by_day": lists.add_numbers(effect.by_day),
            "by_dose": lists.add_numbers(effect.by_dose),
            "remainder": lists.add(program.remainder(stage, effect) for stage in program.stages),
            "at_least": lists.add_numbers(effect.at_least),
            "force": effect.force * program.days,
        })  # fmt: skip
    return rows


def _origins(program: Program, lists: _Lists) -> Rows:
    rows = np.zeros(len(program.origins), dtype=records.ORIGIN)
    for row, origin in zip(rows, program.origins, strict=True):
        effects, effects_end = lists.ends(origin.effects)
        _filled(row, {
            "code": origin.code,
            "stage": origin.stage,
            "effects": effects,
            "effects_end": effects_end,
        })  # fmt: skip
    return rows


def _staff(program: Program) -> tuple[Rows, Rows, IntArray]:
    """Teams, their posts, and for each team the tournament of who holds least; nobody in post."""
    teams = np.zeros(len(program.teams), dtype=records.TEAM)
    workers: list[tuple[int, ...]] = []
    leaves_of: list[int] = []
    plain = ("unlimited", "specialist", "by_family", "below_limit", "continuity", "handover",
             "serves")  # fmt: skip
    for number, (row, team) in enumerate(zip(teams, program.teams, strict=True)):
        leaves = 1 << max(team.most_posts - 1, 0).bit_length()
        _filled(row, {name: getattr(team, name) for name in plain})
        _filled(row, {
            "list": len(program.teams) + team.serves if team.specialist else number,
            "first_worker": len(workers),
            "limit": team.limits[0][1] if team.limits else 0,
            "posts": team.most_posts,
            "tree": 2 * sum(leaves_of),
            "leaves": leaves,
        })  # fmt: skip
        leaves_of.append(leaves)
        rows = range(max(team.most_posts, 1))
        workers += [(number, post, 0, 0, 0, 0, NOBODY) for post in rows]
    tree = np.full(2 * sum(leaves_of), EMPTY, dtype=np.int64)
    return teams, np.array(workers, dtype=records.WORKER), tree


def columns_of(program: Program) -> dict[str, dict[str, int]]:
    """How many columns each count has, by what it is counted by."""
    stages, teams, needs = len(program.stages), len(program.teams), len(program.needs)
    cells, exits = len(program.placements) * COST_BANDS, len(program.exits)
    return {
        "day": {
            "stage_children": stages, "waiting_children": stages, "team_load": teams,
            "team_cases": teams, "team_posts": teams, "team_agency": teams,
            "needs_wanted": needs, "needs_met": needs,
        },
        "week": dict.fromkeys(records.WEEKS.split(), teams),
        "year": {
            "placement_days": cells, "route_children": stages * _longest(program),
            "crisis_children": stages, "handover_children": stages,
            "starts_children": len(program.counts),
            "repeat_starts_children": 1, "entry_children": stages,
            "diverted_children": len(program.effects), "exit_days": exits,
            "exit_children": exits, "breach_children": stages, "dose_sum": 1, "dose_stays": 1,
        },
    }  # fmt: skip


def _place_columns(world: Rows, program: Program) -> int:
    """Set where each count begins and how many columns there are; returns the number of levels."""
    for period, sizes in columns_of(program).items():
        begins = 0
        for name, size in sizes.items():
            world[name] = begins
            begins += size
        world[f"{period}_width"] = begins
    # Placements have levels, which count by year.
    world["placement_now"] = world["day_width"]
    return int(world["day_width"][0]) + len(program.placements) * COST_BANDS
