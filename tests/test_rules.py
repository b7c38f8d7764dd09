"""Rules of a day that are easily got wrong; both engines are held to each of them."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from worlds import (
    FIXED,
    Table,
    case_rows,
    date_of,
    leaving,
    program_of,
    rows,
    stay,
)

from simfs.engine import ENGINES, count, simulate
from simfs.engine.draws import address_of
from simfs.engine.history import BY_OPENING, BY_SPLIT, EXTRA, Kind
from simfs.engine.population import populate
from simfs.engine.program import Program
from simfs.engine.tally import Tally
from simfs.scenario.environment import STILL

Event = dict[str, int]
Case = tuple[int, int]


@pytest.fixture(params=["fast", "reference"])
def engine(request: pytest.FixtureRequest) -> str:
    """Each engine in turn; the fast one where its library is there."""
    if request.param == "fast":
        pytest.importorskip("numba", reason="the fast engine needs numba")
    return str(request.param)


def told(program: Program, engine: str) -> list[Event]:
    """The events of a future, in order."""
    return rows(simulate(program, STILL, address_of(1, 0), engine))


def counted(program: Program, engine: str) -> Tally:
    """The counts of the same future, as that engine finds them."""
    return count(program, STILL, address_of(1, 0), engine)


def sizes(program: Program, engine: str) -> dict[Case, int]:
    """Children of each case at first."""
    history = simulate(program, STILL, address_of(1, 0), engine)
    return {(case["family"], case["child"]): case["children"] for case in case_rows(history)}


def who(event: Event) -> Case:
    return event["family"], event["child"]


# Step 5: a list whose first has gone

FAMILIES = {"sizes": [0.5, 0.2, 0.3]}


def crisis_world() -> Program:
    """One worker for five children at a time; who waits is in crisis after some days."""
    return program_of(
        days=3000,
        families=FAMILIES,
        streams={"a": {"to": "work", "per_year": 60}},
        teams={"team": {"posts": 1, "caseload": 5, "rule": "within_limit"}},
        stages={"work": {"team": "team", "stay": stay(60), "routes": leaving(out=1),
                         "crisis": {"per_day": 0.1, "to": "out"}}},
    )  # fmt: skip


def specialist_world() -> Program:
    """One specialist for four children, and families who leave whether one has come or not."""
    return program_of(
        days=3000,
        families=FAMILIES,
        needs={"alcohol": {}},
        streams={"a": {"to": "work", "per_year": 200}},
        teams={
            "social": {"posts": "unlimited"},
            "recovery": {"kind": "specialist", "serves": "alcohol", "posts": 1, "caseload": 4,
                         "rule": "within_limit", "unit": "children"},
        },
        stages={"work": {"team": "social", "stay": stay(30), "specialists": True,
                         "needs": {"alcohol": 1.0}, "routes": leaving(out=1)}},
    )  # fmt: skip


class List:
    """One worker's list as the events tell it: who waits, who is held, and what happened."""

    def __init__(self, program: Program, engine: str, takes: Kind, lets_go: Kind) -> None:
        self.size = sizes(program, engine)
        self.takes, self.lets_go = takes, lets_go
        self.waiting: list[Case] = []  # all of one priority: by day, then by number
        self.held: set[Case] = set()
        self.withdrawn_first = self.let_go = self.took = False

    def dawn(self) -> None:
        self.withdrawn_first = self.let_go = self.took = False

    def note(self, event: Event) -> None:
        case = who(event)
        if event["kind"] == Kind.ENTER:
            self.waiting.append(case)
        elif event["kind"] == self.takes:
            assert case == self.waiting.pop(0)
            self.held.add(case)
            self.took = True
        elif event["kind"] == self.lets_go:
            self.held.remove(case)
            self.let_go = True
        elif event["kind"] == Kind.END and case in self.waiting:
            self.withdrawn_first |= case == self.waiting[0]
            self.waiting.remove(case)

    def first_fits(self, caseload: int) -> bool:
        """Whether the first could still be taken."""
        load = sum(self.size[case] for case in self.held)
        return bool(self.waiting) and load + self.size[self.waiting[0]] <= caseload


@pytest.mark.parametrize(
    ("world", "caseload", "takes", "lets_go"),
    [
        pytest.param(crisis_world, 5, Kind.WORKER, Kind.RELEASE, id="in a crisis"),
        pytest.param(specialist_world, 4, Kind.JOIN, Kind.PART, id="where no specialist joins"),
    ],
)
def test_who_stands_behind_the_first_is_looked_at_on_the_day_the_first_goes(
    world: Callable[[], Program], caseload: int, takes: Kind, lets_go: Kind, engine: str
) -> None:
    program = world()
    events = told(program, engine)
    there = List(program, engine, takes, lets_go)
    taken_instead = 0
    for event, after in pairwise([*events, {"day": program.days}]):
        there.note(event)
        if after["day"] > event["day"]:
            assert not there.first_fits(caseload), f"day {event['day']}: {there.waiting[0]} fits"
            taken_instead += there.withdrawn_first and there.took and not there.let_go
            there.dawn()
    # A large family at the front gave way to a small one that fitted.
    assert taken_instead > 10


# Opening stock


def opening_world(team: Table) -> Program:
    """Sixty children at the start, in stays of about two days, and nobody after them."""
    return program_of(
        days=30,
        streams={"none": {"to": "work", "per_year": 0.0}},
        teams={"team": {"caseload": 60} | team},
        stages={"work": {"team": "team", "stay": stay(2), "opening": 60, "routes": leaving(out=1)}},
    )


def worked_and_ended(program: Program, engine: str) -> list[tuple[int, int, int]]:
    """(days left at the start, worker's day, last day) of every opening case."""
    (group,) = (g for g in populate(program, STILL, address_of(1, 0)) if len(g.day))
    begun, ended = {}, {}
    for event in told(program, engine):
        if event["kind"] == Kind.WORKER:
            begun[event["family"] % 10_000_000] = event["day"]
        elif event["kind"] == Kind.END:
            ended[event["family"] % 10_000_000] = event["day"]
    return [
        (left, begun[number], ended[number]) for number, left in enumerate(group.remaining.tolist())
    ]


def test_an_opening_case_with_no_day_left_ends_the_day_after_it_gets_a_worker(engine: str) -> None:
    late = opening_world({"posts": 0, "changes": [{"date": date_of(5), "posts": 1}]})
    found = worked_and_ended(late, engine)
    assert sum(left == 0 for left, _, _ in found) > 10
    assert all(begins == 5 and ends == 5 + max(left, 1) for left, begins, ends in found)


def test_an_opening_case_with_no_day_left_and_a_worker_ends_on_day_0(engine: str) -> None:
    found = worked_and_ended(opening_world({"posts": 1}), engine)
    assert sum(left == 0 for left, _, _ in found) > 10
    assert all(begins == 0 and ends == left for left, begins, ends in found)


# Step 1: families that part


def parting_world() -> Program:
    """Three children each, of whom some go into care and the others to another stage."""
    return program_of(
        days=300,
        families={"sizes": [0.0, 0.0, 1.0]},
        age_mixes={"young": {"edges": [0, 5], "shares": [1.0]}},
        streams={"a": {"to": "plan", "per_year": 300}},
        teams={"team": {"posts": "unlimited"}},
        stages={
            "plan": {"team": "team", "stay": stay(10, FIXED), "routes": {
                "care": {"p": 1.0, "ages": "young", "share_of_children": 0.5,
                         "otherwise": "support"}}},
            "care": {"unit": "child", "team": "team", "stay": stay(30), "routes": leaving(out=1)},
            "support": {"team": "team", "stay": stay(30), "routes": leaving(out=1)},
        },
    )  # fmt: skip


def test_siblings_who_stay_behind_move_before_the_children_who_part_enter(engine: str) -> None:
    parted: dict[int, list[Event]] = {}
    for event in told(parting_world(), engine):
        if event["kind"] == Kind.SPLIT:
            parted[event["family"]] = [event]
        elif event["kind"] == Kind.ENTER and event["family"] in parted:
            parted[event["family"]].append(event)
    both = [events for events in parted.values() if events[0]["detail"] < 3]
    assert len(both) > 50
    for split, siblings, *children in both:
        assert (siblings["child"], siblings["detail"]) == (0, BY_SPLIT)
        numbers = [child["child"] for child in children]
        assert numbers == sorted(numbers)
        assert len(numbers) == split["detail"]
        assert {event["day"] for event in (siblings, *children)} == {split["day"]}


# Step 4: arrivals


def test_an_arrival_that_an_effect_adds_comes_right_after_the_one_it_is_like(engine: str) -> None:
    at_once = {"half_months": 0.01, "ninety_months": 0.02, "start_months": -600}
    program = program_of(
        1,
        days=60,
        streams={key: {"to": "work", "per_year": 1500} for key in ("a", "b")},
        teams={"team": {"posts": "unlimited"}},
        stages={"work": {"team": "team", "stay": stay(400), "routes": leaving(out=1)}},
        practice_models={"new": {"go_live": date_of(0), "effects": {
            "one": {"kind": "stream", "targets": ["a", "b"], "ratio": 1.6, "ramp": at_once}}}},
        arms={"today": {}, "new": {"practice_model": "new"}},
    )  # fmt: skip
    came = [e["family"] for e in told(program, engine) if e["kind"] == Kind.ENTER]
    added = [(before, after) for before, after in pairwise(came) if after % (2 * EXTRA) >= EXTRA]
    assert len(added) > 200
    assert all(after == before + EXTRA for before, after in added)
    # Otherwise by origin and number within a day, so that they are no mere appendix to it.
    assert len({event["day"] for event in told(program, engine)}) == 60


# Repeat plans


def plan_world() -> Program:
    """A child comes back from care to a plan in step 1, its family by a crisis in step 2."""
    return program_of(
        days=365,
        families={"sizes": [0.0, 0.0, 0.0, 1.0]},
        age_mixes={"young": {"edges": [0, 5], "shares": [1.0]}},
        counts={"child_protection": {}},
        streams={"a": {"to": "first", "per_year": 3000}},
        teams={
            "many": {"posts": "unlimited"},
            "nobody": {"posts": 0, "caseload": 1, "changes": [{"date": date_of(364), "posts": 1}]},
        },
        stages={
            "first": {"team": "many", "stay": stay(5, FIXED), "routes": {
                "care": {"p": 1.0, "ages": "young", "share_of_children": 0.25,
                         "otherwise": "watch"}}},
            "care": {"unit": "child", "stay": stay(8, FIXED), "routes": leaving(plan=1)},
            "watch": {"team": "nobody", "stay": stay(10), "routes": leaving(out=1),
                      "crisis": {"per_day": 0.1, "to": "plan"}},
            "plan": {"stay": stay(20), "counts": ["child_protection"], "routes": leaving(out=1)},
        },
    )  # fmt: skip


def repeats(starts: list[tuple[int, int, int, int]]) -> int:
    """Children who start a plan after one of their family's, of (…, family, children) in order."""
    had: set[int] = set()
    found = 0
    for *_, family, children in starts:
        found += children if family in had else 0
        had.add(family)
    return found


def test_repeat_plans_count_in_the_order_of_the_record(engine: str) -> None:
    program = plan_world()
    plan = next(n for n, stage in enumerate(program.stages) if stage.key == "plan")
    size, starts = sizes(program, engine), []
    for event in told(program, engine):
        if event["kind"] == Kind.SPLIT:
            size[who(event)] -= event["detail"]
        elif event["kind"] == Kind.ENTER and event["stage"] == plan:
            starts.append((event["day"], event["child"], event["family"], size[who(event)]))
    assert counted(program, engine).repeat_starts_children.sum() == repeats(starts)
    # By case number within a day, a family of some days would come before its child.
    assert repeats(sorted(starts)) != repeats(starts)


# A service without staff


def test_a_service_without_any_team_is_counted(engine: str) -> None:
    program = program_of(
        days=100,
        streams={"a": {"to": "away", "per_year": 500}},
        stages={"away": {"stay": stay(20), "opening": 30, "routes": leaving(out=1)}},
    )
    assert program.teams == ()
    found = counted(program, engine)
    by_day = ("team_load", "team_cases", "team_posts", "team_agency")
    by_week = ("load_p90", "allocated", "waited_days", "wait_median", "wait_p90", "handovers",
               "breaches")  # fmt: skip
    assert [getattr(found, name).shape for name in by_day] == [(0, 100)] * 4
    assert [getattr(found, name).shape for name in by_week] == [(0, 14)] * 7
    events = told(program, engine)
    came = sum(e["kind"] == Kind.ENTER and e["detail"] != BY_OPENING for e in events)
    assert found.entry_children.sum() == came
    assert found.stage_children[0, 0] > 0


def test_a_service_to_which_nobody_comes_tells_of_its_workers_alone() -> None:
    pytest.importorskip("numba")
    program = program_of(
        days=40, streams={}, teams={"social": {"posts": 1, "caseload": 2}},
        stages={"a": {"team": "social", "stay": stay(5), "routes": leaving(out=1.0)}},
    )  # fmt: skip
    one, two = (simulate(program, STILL, address_of(1, 0), engine) for engine in ENGINES)
    one.assert_equal(two, program)
    assert one.events.tolist() == [[0, -1, -1, Kind.START, -1, 0, 0, 0, 0]]
    assert len(one.cases) == 0
    assert count(program, STILL, address_of(1, 0), "fast").stage_children.sum() == 0
