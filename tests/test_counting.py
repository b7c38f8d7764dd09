"""History → Tally: against histories told by hand, and against a slow count of a busy service."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from worlds import (
    Table,
    busy_world,
    case_rows,
    cramped_worlds,
    future,
    leaving,
    program_of,
    rows,
    stay,
)

from simfs.engine.counting import tally
from simfs.engine.history import BY_ARRIVAL, BY_OPENING, OF_POSTS, History, Kind
from simfs.engine.population import NO_BIRTHDAY
from simfs.engine.program import DAYS_TO_18, NOBODY, Program
from simfs.engine.tally import Tally

DAYS = 400

Key = tuple[int, int]


@pytest.fixture(scope="module")
def small() -> Program:
    """Two stages, one team, and more exits than stages."""
    return program_of(
        days=DAYS,
        exits={"out": {}, "home": {}, "moved": {}},
        counts={"child_protection": {}},
        streams={"a": {"to": "assess", "per_year": 0.0}},
        teams={"team": {"posts": 1, "caseload": 9}},
        stages={
            "assess": {"team": "team", "stay": stay(40), "routes": leaving(plan=0.5, out=0.5),
                       "limit_days": 20},
            "plan": {"team": "team", "stay": stay(40), "counts": ["child_protection"],
                     "routes": leaving(home=0.5, moved=0.5)},
        },
    )  # fmt: skip


def told(program: Program, *events: tuple[int, ...], sizes: tuple[int, ...]) -> History:
    """Families of the one stream; an event is (day, family, kind, stage, worker, detail).

    The one worker starts first and never leaves.
    """
    table = [(0, NOBODY, NOBODY, Kind.START, NOBODY, 0, 0, 0, 0)]
    table += [
        (day, family, 0, kind, stage, 1, NOBODY if worker < 0 else 0, worker, detail)
        for day, family, kind, stage, worker, detail in events
    ]
    cases = [
        (family, 0, 0, family, 0, 0, size, NO_BIRTHDAY, 0) for family, size in enumerate(sizes)
    ]
    assert len(program.origins) == 1
    return History(np.array(table, dtype=np.int64), np.array(cases, dtype=np.int64))


def a_life(program: Program) -> History:
    """Three children: wait 5 days, assessed to day 35, a plan under the same worker, out."""
    plan = next(n for n, route in enumerate(program.routes) if route.key == "plan")
    home = next(n for n, route in enumerate(program.routes) if route.key == "home")
    left = -1 - program.exits.index("home")
    return told(
        program,
        (10, 0, Kind.ENTER, 0, -1, BY_ARRIVAL),
        (15, 0, Kind.WORKER, 0, 0, 0),
        (35, 0, Kind.END, 0, -1, 2050),
        (35, 0, Kind.ENTER, 1, -1, plan),
        (35, 0, Kind.KEPT, 1, 0, 0),
        (380, 0, Kind.END, 1, -1, 0),
        (380, 0, Kind.RELEASE, 1, 0, 0),
        (380, 0, Kind.EXIT, left, -1, home),
        sizes=(3,),
    )


def test_one_life_told_by_hand_is_counted_right(small: Program) -> None:
    counted = tally(a_life(small), small)
    day = np.arange(DAYS)
    assert (counted.stage_children[0] == 3 * ((day >= 10) & (day < 35))).all()
    assert (counted.stage_children[1] == 3 * ((day >= 35) & (day < 380))).all()
    assert (counted.waiting_children[0] == 3 * ((day >= 10) & (day < 15))).all()
    assert not counted.waiting_children[1].any()
    assert (counted.team_load[0] == 3 * ((day >= 15) & (day < 380))).all()
    assert (counted.team_cases[0] == ((day >= 15) & (day < 380))).all()
    assert (counted.team_posts == 1).all()
    assert not counted.team_agency.any()
    assert counted.wait_median[0, 15 // 7] == counted.wait_p90[0, 15 // 7] == 5
    assert (np.delete(counted.wait_p90, 15 // 7) == -1).all()
    # 20 days are passed on day 30.
    assert np.flatnonzero(counted.breaches[0]).tolist() == [30 // 7]
    assert counted.breaches.sum() == 3
    assert not counted.handover_children.any()
    assert counted.entry_children.tolist() == [[3, 3], [0, 0]]
    assert counted.starts_children.tolist() == [[3], [0]]
    home = small.exits.index("home")
    assert counted.exit_children[:, home].tolist() == [0, 3]
    assert counted.exit_days[:, home].tolist() == [0, 3 * (DAYS - 380)]
    assert counted.exit_children.sum() == 3
    assert counted.allocated[0, 15 // 7] == 1
    assert counted.waited_days[0, 15 // 7] == 5
    assert counted.allocated.sum() == 1
    assert counted.dose_sum.tolist() == [50, 0]
    assert counted.dose_stays.tolist() == [1, 0]


def test_a_limit_passed_is_counted_in_the_year_it_was_passed(small: Program) -> None:
    # Came on day 10 with 20 days: passed on day 30, since the stay ended on day 35.
    assert tally(a_life(small), small).breach_children.tolist() == [[3, 0], [0, 0]]


def test_a_stay_that_ends_on_its_limit_does_not_pass_it(small: Program) -> None:
    history = told(
        small,
        (10, 0, Kind.ENTER, 0, -1, BY_ARRIVAL),
        (30, 0, Kind.END, 0, -1, 0),
        sizes=(2,),
    )
    assert tally(history, small).breach_children.sum() == 0


def test_routes_are_counted_by_the_route_in_the_end(small: Program) -> None:
    counted = tally(a_life(small), small)
    first = small.stages[0].routes[0]
    plan = next(n for n, route in enumerate(small.routes) if route.key == "plan") - first
    assert counted.route_children[0, 0, plan] == 3
    assert counted.route_children.sum() == 6


def test_a_family_that_had_a_plan_starts_a_repeat_plan(small: Program) -> None:
    history = a_life(small)
    assert tally(history, small).repeat_starts_children.tolist() == [0, 0]
    cases = history.cases.copy()
    cases[0, -1] = 1
    assert tally(History(history.events, cases), small).repeat_starts_children.tolist() == [3, 0]


def test_exits_that_outnumber_stages_are_no_stages(small: Program) -> None:
    assert len(small.exits) > len(small.stages)
    assert tally(a_life(small), small).waiting_children.sum() == 15


def test_an_empty_future_counts_nothing(small: Program) -> None:
    counted = tally(future(small), small)
    of_none = {"team_posts": 1, "wait_median": -1, "wait_p90": -1}
    for name in Tally.__slots__:
        assert (getattr(counted, name) == of_none.get(name, 0)).all(), name


# A slow count


class SlowCount:
    """The same numbers day by day and case by case, from the words of `Tally` alone."""

    def __init__(self, history: History, program: Program) -> None:
        self.program = program
        days, stages, teams = program.days, len(program.stages), len(program.teams)
        self.stage_children = np.zeros((stages, days), dtype=np.int64)
        self.waiting_children = np.zeros((stages, days), dtype=np.int64)
        self.team_load = np.zeros((teams, days), dtype=np.int64)
        self.team_cases, self.team_posts, self.team_agency = (
            np.zeros_like(self.team_load) for _ in range(3)
        )
        self.needs_wanted = np.zeros((len(program.needs), days), dtype=np.int64)
        self.needs_met = np.zeros_like(self.needs_wanted)
        self.worker_load = np.zeros((teams, 20, days), dtype=np.int64)
        self.entry_children = np.zeros((self._year(days - 1) + 1, stages), dtype=np.int64)
        self.crisis_children = np.zeros_like(self.entry_children)
        self.exit_children = np.zeros(
            (len(self.entry_children), len(program.exits)), dtype=np.int64
        )
        self.exit_days = np.zeros_like(self.exit_children)
        self.handovers = np.zeros((teams, days // 7), dtype=np.int64)
        self.allocated = np.zeros_like(self.handovers)
        self.waited_days = np.zeros_like(self.handovers)
        self.starts_children = np.zeros(
            (len(self.entry_children), len(program.counts)), dtype=np.int64
        )
        self._fill(history)

    def _year(self, day: int) -> int:
        return max(n for n, start in enumerate(self.program.year_starts[:-1]) if start <= day)

    def _fill(self, history: History) -> None:
        self.cases = {(c["family"], c["child"]): c for c in case_rows(history)}
        self.size = {case: row["children"] for case, row in self.cases.items()}
        self.since: Table = {}
        self.waiting: Table = {}
        self.held: Table = {}
        self.last_stage: Table = {}
        self.fresh: Table = {}
        for event in rows(history):
            case, kind = (event["family"], event["child"]), Kind(event["kind"])
            if kind in OF_POSTS:
                self._post(event, 1 if kind is Kind.START else -1)
            elif kind in {Kind.ASK, Kind.DROP}:
                self.needs_wanted[event["detail"], event["day"] :] += 1 if kind is Kind.ASK else -1
            elif kind in {Kind.WORKER, Kind.JOIN, Kind.RELEASE, Kind.PART}:
                self._worker(event, case, kind)
            else:
                self._move(event, case, kind)
        for case, (start, place) in self.since.items():
            self._wait(case, self.program.days)
            self.stage_children[place, start:] += self.size[case]
        for held_still in self.held.values():
            self._hold(held_still, self.program.days)

    def _post(self, event: Table, by: int) -> None:
        self.team_posts[event["team"], event["day"] :] += by
        self.team_agency[event["team"], event["day"] :] += by * (event["detail"] == 1)

    def _move(self, event: Table, case: Key, kind: Kind) -> None:
        day, stage = event["day"], event["stage"]
        if kind is Kind.ENTER:
            self.since[case] = (day, stage)
            self.fresh[case] = day
            self._enter(event, case)
            if self.program.stages[stage].team != NOBODY:
                self.waiting[case] = day
        elif kind is Kind.KEPT:
            self.waiting.pop(case, None)
        elif kind is Kind.CRISIS:
            self.crisis_children[self._year(day), stage] += self.size[case]
        elif kind is Kind.END:
            self._wait(case, day)
            start, place = self.since.pop(case)
            self.last_stage[case] = place
            self.stage_children[place, start:day] += self.size[case]
        elif kind is Kind.SPLIT:
            for child in range(1, 9):
                self.last_stage.setdefault((case[0], child), self.last_stage[case])
            self.size[case] -= event["detail"]
        elif kind is Kind.EXIT:
            self._leave(event, case)

    def _worker(self, event: Table, case: Key, kind: Kind) -> None:
        day, post = event["day"], (event["team"], event["worker"])
        need = event["detail"] if kind in {Kind.JOIN, Kind.PART} else None
        if need is not None:
            self.needs_met[need, day:] += 1 if kind is Kind.JOIN else -1
        if kind in {Kind.WORKER, Kind.JOIN}:
            self.held[case, need] = (day, post, self.size[case])
        else:
            self._hold(self.held.pop((case, need)), day)
        if kind is Kind.WORKER:
            self._allocate(event, case)
            self._wait(case, day)
        elif kind is Kind.RELEASE and event["detail"]:
            self.waiting[case] = day

    def _enter(self, event: Table, case: Key) -> None:
        if event["detail"] == BY_OPENING:
            return
        year, size = self._year(event["day"]), self.size[case]
        self.entry_children[year, event["stage"]] += size
        before = self._counts_before(case)
        for count in self.program.stages[event["stage"]].counts:
            if count not in before:
                self.starts_children[year, count] += size

    def _counts_before(self, case: Key) -> tuple[int, ...]:
        return self.program.stages[self.last_stage[case]].counts if case in self.last_stage else ()

    def _allocate(self, event: Table, case: Key) -> None:
        week = event["day"] // 7
        if week >= self.allocated.shape[1]:
            return
        if event["detail"] == 1:
            self.handovers[event["team"], week] += 1
        elif case in self.fresh:
            self.allocated[event["team"], week] += 1
            self.waited_days[event["team"], week] += event["day"] - self.fresh.pop(case)

    def _wait(self, case: Key, day: int) -> None:
        if case in self.waiting and case in self.since:
            start = self.waiting.pop(case)
            self.waiting_children[self.since[case][1], start:day] += self.size[case]

    def _hold(self, held: Table, day: int) -> None:
        start, (team, worker), size = held
        weight = 1 if self.program.teams[team].by_family else size
        self.team_load[team, start:day] += weight
        self.team_cases[team, start:day] += 1
        self.worker_load[team, worker, start:day] += weight

    def _leave(self, event: Table, case: Key) -> None:
        exit_, day, size = -1 - event["stage"], event["day"], self.size[case]
        self.exit_children[self._year(day), exit_] += size
        end = self.program.days
        birth = self.cases[case]["birth_day"]
        if birth != NO_BIRTHDAY:
            end = min(end, birth + DAYS_TO_18)
        for since_day in range(day, end):
            self.exit_days[self._year(since_day), exit_] += size


@pytest.fixture(scope="module", params=[0, 1], ids=["today", "new"])
def busy(request: pytest.FixtureRequest) -> tuple[Tally, SlowCount, Program]:
    tables = busy_world(continuity=bool(request.param))
    # One team's workers come and go; the others' posts are always filled.
    tables["workforces"] = {"staff": {"turnover": 1.5, "recruitment_days": 40, "agency_share": 0.7,
                                      "agency_days": 90, "agency_gap_days": 10}}  # fmt: skip
    tables["teams"]["safety"]["workforce"] = "staff"
    program = program_of(request.param, **tables)
    history = future(program, seed=4)
    return tally(history, program), SlowCount(history, program), program


COUNTED = (
    "stage_children", "waiting_children", "team_load", "entry_children", "crisis_children",
    "exit_children", "exit_days", "handovers", "allocated", "waited_days", "starts_children",
    "team_cases", "team_posts", "team_agency", "needs_wanted", "needs_met",
)  # fmt: skip


@pytest.mark.parametrize("name", COUNTED)
def test_a_busy_service_is_counted_as_a_slow_count_counts_it(
    busy: tuple[Tally, SlowCount, Program], name: str
) -> None:
    counted, slow, _ = busy
    assert getattr(slow, name).any()
    assert np.array_equal(getattr(counted, name), getattr(slow, name))


@given(cramped_worlds(), st.integers(0, 1), st.integers(0, 1000))
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_a_cramped_service_is_counted_as_a_slow_count_counts_it(
    tables: Table, arm: int, seed: int
) -> None:
    program = program_of(arm, **tables)
    history = future(program, seed)
    counted, slow = tally(history, program), SlowCount(history, program)
    for name in COUNTED:
        assert np.array_equal(getattr(counted, name), getattr(slow, name)), name


def test_the_load_of_nine_workers_in_ten_is_ranked_over_posts_filled(
    busy: tuple[Tally, SlowCount, Program],
) -> None:
    counted, slow, program = busy
    for team, code in enumerate(program.teams):
        for week in range(0, program.days // 7, 13):
            day = 7 * week + 6
            if code.workforce == NOBODY:
                posts = [number for from_, number in code.posts if from_ <= day][-1]
                assert slow.team_posts[team, day] == posts
            # Whoever is in no post holds nothing, and stands before those who hold least.
            posts = slow.team_posts[team, day]
            loads = sorted(slow.worker_load[team, :, day])[-posts:] if posts else [0]
            assert counted.load_p90[team, week] == loads[max(-(-9 * posts // 10) - 1, 0)]


def test_looked_after_days_by_placement_are_the_days_of_the_stage(
    busy: tuple[Tally, SlowCount, Program],
) -> None:
    counted, _, program = busy
    care = next(n for n, stage in enumerate(program.stages) if stage.key == "care")
    assert counted.placement_days.sum() == counted.stage_children[care].sum()
    shares = counted.placement_days.sum(axis=(0, 2)) / counted.placement_days.sum()
    # home is first in order of key; some 150 spells of unequal length.
    assert shares == pytest.approx([0.4, 0.6], abs=0.2)
