"""The two engines tell one story, event by event and count by count, from calm to drowning."""

import re
from collections.abc import Callable
from dataclasses import fields, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from agreement_worlds import programs_of, services
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from worlds import Table, busy_world, future, program_of, rows

from simfs.engine import count, simulate
from simfs.engine.compile import compile_scenario
from simfs.engine.counting import tally
from simfs.engine.draws import Address, address_of
from simfs.engine.drift import environment_of
from simfs.engine.history import (
    BY_BIRTHDAY,
    BY_CRISIS,
    BY_OPENING,
    BY_SPLIT,
    FAMILIES_PER_ORIGIN,
    History,
    Kind,
)
from simfs.engine.program import NOBODY, Program
from simfs.engine.tally import Tally
from simfs.scenario import config
from simfs.scenario.environment import STILL
from simfs.scenario.scenario import Calendar

BURY = Path(__file__).parent.parent / "configs" / "bury.toml"
CALM, OVERLOADED = 38, 21  # safeguarding posts; Bury has 34
ALIKE = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}
seeds = st.integers(0, 1000)


@pytest.fixture(scope="module")
def fast_engine() -> None:
    """Skip what needs the fast engine where its library is missing."""
    pytest.importorskip("numba", reason="the fast engine needs numba")


needs_the_fast_engine = pytest.mark.usefixtures("fast_engine")


def assert_same_counts(one: Tally, other: Tally) -> None:
    """Raise AssertionError that names the first count in which two tallies differ."""
    for field in fields(Tally):
        ours, theirs = getattr(one, field.name), getattr(other, field.name)
        kinds = [f"{array.dtype}{list(array.shape)}" for array in (ours, theirs)]
        assert kinds[0] == kinds[1], f"{field.name} is {kinds[0]} in one, {kinds[1]} in the other"
        differ = np.argwhere(ours != theirs)
        if len(differ):
            at = tuple(differ[0].tolist())
            raise AssertionError(
                f"{field.name}{list(at)} is {ours[at]} in one tally, {theirs[at]} in the other; "
                f"{len(differ)} of {ours.size} numbers differ"
            )


def assert_agreement(program: Program, address: Address) -> History:
    """Raise AssertionError unless the engines tell and count the same; returns what they tell."""
    drift = environment_of(program, address)
    history = simulate(program, drift, address, "reference")
    again = simulate(program, drift, address, "fast")
    for ours, theirs in ((history.events, again.events), (history.cases, again.cases)):
        assert (ours.dtype, ours.shape[1:]) == (theirs.dtype, theirs.shape[1:])
    history.assert_equal(again, program)
    assert history.cases.shape == again.cases.shape
    assert_same_counts(tally(history, program), count(program, drift, address, "fast"))
    return history


# Every small service


@needs_the_fast_engine
@pytest.mark.parametrize(
    "examples",
    [pytest.param(250, id="quick"), pytest.param(5000, id="all", marks=pytest.mark.slow)],
)
def test_the_engines_agree_on_every_small_service(examples: int) -> None:
    @settings(max_examples=examples, **ALIKE)
    @given(services(), seeds)
    def agree(tables: Table, seed: int) -> None:
        for program in programs_of(tables):
            assert_agreement(program, address_of(seed, 0))

    agree()


@needs_the_fast_engine
def test_a_future_does_not_depend_on_what_the_fast_engine_ran_before() -> None:
    large = program_of(1, **busy_world())
    small = program_of(0, **busy_world(rule="within_limit") | {"days": 30})

    def run(program: Program, number: int) -> bytes:
        history = simulate(program, STILL, address_of(1, number), "fast")
        counted = count(program, STILL, address_of(1, number), "fast")
        arrays = [history.events, history.cases]
        arrays += [getattr(counted, field.name) for field in fields(Tally)]
        return b"".join(array.tobytes() for array in arrays)

    first = [run(small, 0), run(large, 0), run(small, 1)]
    assert [run(small, 0), run(large, 0), run(small, 1)] == first
    assert [run(large, 0), run(small, 0), run(small, 1)] == [first[1], first[0], first[2]]


@needs_the_fast_engine
def test_a_history_is_not_written_over_by_the_next_future() -> None:
    program = program_of(**busy_world() | {"days": 200})
    history = simulate(program, STILL, address_of(1, 0), "fast")
    counted = count(program, STILL, address_of(1, 0), "fast")
    kept, known = history.events.copy(), counted.stage_children.copy()
    simulate(program, STILL, address_of(1, 1), "fast")
    count(program, STILL, address_of(1, 1), "fast")
    assert np.array_equal(history.events, kept)
    assert np.array_equal(counted.stage_children, known)


# Bury


@cache
def bury(posts: int, days: int) -> tuple[Program, ...]:
    """Both arms of Bury with so many safeguarding posts, followed for so many days."""
    study = config.load(BURY, sets=[f"teams.safeguarding.posts={posts}"])
    arms = [
        replace(arm, calendar=Calendar(arm.calendar.start, min(days, arm.calendar.days)))
        for arm in study.arms
    ]
    return tuple(compile_scenario(arm, {}) for arm in arms)


@needs_the_fast_engine
@pytest.mark.parametrize("posts", [CALM, OVERLOADED], ids=["calm", "overloaded"])
@pytest.mark.parametrize(
    ("days", "futures"),
    [
        pytest.param(730, 2, id="two years"),
        pytest.param(1830, 20, id="whole", marks=pytest.mark.slow),
    ],
)
def test_the_engines_agree_on_bury(posts: int, days: int, futures: int) -> None:
    for program in bury(posts, days):
        for number in range(futures):
            assert_agreement(program, address_of(20230401, number))


def test_bury_with_a_third_fewer_safeguarding_posts_is_overloaded() -> None:
    calm, overloaded = (
        [tally(future(program), program) for program in bury(posts, 730)]
        for posts in (CALM, OVERLOADED)
    )
    for before, after in zip(calm, overloaded, strict=True):
        assert not before.crisis_children.any()
        assert after.crisis_children.sum() > 10
        assert after.waiting_children.sum(axis=0).max() > 100


# How a difference reads


@pytest.fixture(scope="module")
def told() -> tuple[History, Program]:
    program = program_of(1, **busy_world() | {"days": 500})
    return future(program), program


def a_step_up(history: History, program: Program) -> int:
    """Row of the first entry into the stage `plan` by a route of that name, after day 30."""
    plan = [number for number, route in enumerate(program.routes) if route.key == "plan"]
    entries = (history.column("kind") == Kind.ENTER) & np.isin(history.column("detail"), plan)
    return int(np.flatnonzero(entries & (history.column("day") > 30))[0])


def test_an_entry_a_day_later_is_told_as_the_first_difference(
    told: tuple[History, Program],
) -> None:
    history, program = told
    at = a_step_up(history, program)
    day = int(history.events[at, 0])
    events = history.events.copy()
    events[at, 0] += 1
    who = r"family (opening )?\w+ \d+ enters Plan, by plan"
    words = rf"^day {day}: {who} in one history; day {day + 1}: {who} in the other$"
    with pytest.raises(AssertionError, match=words):
        history.assert_equal(replace(history, events=events), program)


def test_an_entry_left_out_is_told_against_what_comes_instead(
    told: tuple[History, Program],
) -> None:
    history, program = told
    at = a_step_up(history, program)
    day = int(history.events[at, 0])
    fewer = replace(history, events=np.delete(history.events, at, axis=0))
    words = rf"^day {day}: family .* enters Plan, by plan in one history; day \d+: .* in the other$"
    with pytest.raises(AssertionError, match=words) as raised:
        history.assert_equal(fewer, program)
    assert not re.search("; day .* enters Plan", str(raised.value))


def test_a_history_that_stops_early_is_told_so(told: tuple[History, Program]) -> None:
    history, program = told
    with pytest.raises(AssertionError, match=r"in one history; no more in the other$"):
        history.assert_equal(replace(history, events=history.events[:-1]), program)


@pytest.mark.parametrize("name", [field.name for field in fields(Tally)])
def test_a_count_that_differs_is_named_with_its_place(
    told: tuple[History, Program], name: str
) -> None:
    counted = tally(*told)
    changed = getattr(counted, name).copy()
    changed.flat[-1] += 1
    last = ", ".join(str(length - 1) for length in changed.shape)
    words = rf"^{name}\[{last}\] is -?\d+ in one tally, \d+ in the other; 1 of "
    with pytest.raises(AssertionError, match=words):
        assert_same_counts(counted, replace(counted, **{name: changed}))


def test_a_count_of_another_shape_or_type_is_named(told: tuple[History, Program]) -> None:
    counted = tally(*told)
    shorter = replace(counted, team_posts=counted.team_posts[:, 1:])
    with pytest.raises(AssertionError, match=r"team_posts is int64\[\d, 500\] in one, int64\["):
        assert_same_counts(counted, shorter)
    with pytest.raises(AssertionError, match=r"dose_sum is int64\[2\] in one, float64\[2\] in"):
        assert_same_counts(counted, replace(counted, dose_sum=counted.dose_sum.astype(float)))


# What the small services show


class Sights:
    """What one history shows of the things that engines could tell differently."""

    def __init__(self, history: History, program: Program) -> None:
        self.program = program
        self.events = rows(history)
        self.kinds = set(history.column("kind").tolist())
        self.came = {e["detail"] for e in self.events if e["kind"] == Kind.ENTER}
        self.left = {e["detail"] for e in self.events if e["kind"] == Kind.EXIT}

    def all(self) -> set[str]:
        return {Kind(kind).name for kind in self.kinds} | {
            words for words, is_seen in SIGHTS.items() if is_seen(self)
        }

    def of(self, *kinds: Kind) -> list[dict[str, int]]:
        return [event for event in self.events if event["kind"] in kinds]

    def taken_late(self) -> list[dict[str, int]]:
        """Cases that a worker takes off a list, after at least a day on it."""
        asked, late = {}, []
        for event in self.of(Kind.ENTER, Kind.WORKER):
            case = event["family"], event["child"]
            if event["kind"] == Kind.WORKER and asked.get(case, event["day"]) < event["day"]:
                late.append(event)
            asked[case] = event["day"]
        return late

    def team_of(self, event: dict[str, int], **wanted: object) -> bool:
        """Whether the team of an event has these properties."""
        team = self.program.teams[event["team"]]
        return all(getattr(team, name) == value for name, value in wanted.items())

    def parted_ways(self) -> bool:
        """Whether children parted from a family on a day when their siblings moved on too."""
        parted = {(e["day"], e["family"]) for e in self.of(Kind.SPLIT)}
        return any(
            (e["day"], e["family"]) in parted and e["detail"] == BY_SPLIT and not e["child"]
            for e in self.of(Kind.ENTER, Kind.EXIT)
        )

    def cuts(self, specialist: bool) -> set[tuple[int, int]]:
        """(team, day) on which posts go."""
        return {
            (number, day)
            for number, team in enumerate(self.program.teams)
            for (_, before), (day, posts) in zip(team.posts, team.posts[1:], strict=False)
            if posts < before and team.specialist is specialist and day < self.program.days
        }

    def staff_days(self) -> list[int]:
        """Days on which posts change, once for each team that changes."""
        return [
            day
            for team in self.program.teams
            for day, _ in team.posts[1:]
            if day < self.program.days
        ]

    def moved_between(self, same_team: bool, keeps: bool) -> bool:
        """Whether a case that had a worker entered a stage of that team, or of another one."""
        holder: dict[tuple[int, int], int] = {}
        for event in self.of(Kind.ENTER, Kind.WORKER):
            case = event["family"], event["child"]
            if event["kind"] == Kind.WORKER:
                holder[case] = event["team"]
                continue
            team = self.program.stages[event["stage"]].team
            if case in holder and NOBODY not in {team, holder[case]}:
                keeping = self.program.teams[team].continuity
                if (team == holder[case], keeping) == (same_team, keeps):
                    return True
        return False


SIGHTS: dict[str, Callable[[Sights], bool]] = {
    "a queue under below_limit": lambda s: any(
        s.team_of(e, below_limit=True, unlimited=False) for e in s.taken_late()
    ),
    "a queue under within_limit": lambda s: any(
        s.team_of(e, below_limit=False, unlimited=False) for e in s.taken_late()
    ),
    "a caseload of families": lambda s: any(s.team_of(e, by_family=True) for e in s.taken_late()),
    "a caseload of children": lambda s: any(s.team_of(e, by_family=False) for e in s.taken_late()),
    "an unlimited team": lambda s: any(s.team_of(e, unlimited=True) for e in s.of(Kind.WORKER)),
    "a stage of the same team, kept": lambda s: s.moved_between(True, True),
    "a stage of the same team, asked anew": lambda s: s.moved_between(True, False),
    "a stage of another team": lambda s: s.moved_between(False, True),
    "a hand-over": lambda s: any(e["detail"] == 1 for e in s.of(Kind.WORKER)),
    "a worker's post cut": lambda s: any(
        e["detail"] == 1 and (e["team"], e["day"]) in s.cuts(False) for e in s.of(Kind.RELEASE)
    ),
    "a specialist's post cut": lambda s: any(
        (e["team"], e["day"]) in s.cuts(True) for e in s.of(Kind.PART)
    ),
    "a hand-over because somebody left": lambda s: any(
        e["detail"] == 1 and (e["team"], e["day"]) not in s.cuts(False) for e in s.of(Kind.RELEASE)
    ),
    "an agency worker who leaves": lambda s: any(e["detail"] == 1 for e in s.of(Kind.LEAVE)),
    "a newly qualified worker": lambda s: any(e["detail"] == 2 for e in s.of(Kind.START)),
    "training": lambda s: s.program.staff.training is not None,
    "a reform": lambda s: any(any(effect.at_least) for effect in s.program.effects),
    "a service that may come into crisis": lambda s: s.program.staff.crisis is not None,
    "two teams joining for one need": lambda s: any(
        len({e["team"] for e in s.of(Kind.JOIN) if e["detail"] == need}) > 1
        for need in range(len(s.program.needs))
    ),
    "two teams changed on one day": lambda s: len(set(s.staff_days())) < len(s.staff_days()),
    "a team down to nobody and back": lambda s: any(
        0 in (posts := [n for day, n in team.posts if day < s.program.days]) and posts[-1] > 0
        for team in s.program.teams
    ),
    "a limit changed": lambda s: any(len(team.limits) > 1 for team in s.program.teams),
    "a change on the last day": lambda s: s.program.days - 1 in s.staff_days(),
    "a child parted in a crisis": lambda s: any(
        e["detail"] == BY_CRISIS and e["child"] and e["visit"] == 1 for e in s.of(Kind.ENTER)
    ),
    "siblings who go another way": lambda s: BY_SPLIT in s.came,
    "some children gone and some left": lambda s: s.parted_ways(),
    "opening stock": lambda s: BY_OPENING in s.came,
    "a family out by a crisis": lambda s: BY_CRISIS in s.left,
    "an 18th birthday": lambda s: BY_BIRTHDAY in s.left,
    "an arrival that an effect added": lambda s: any(
        e["family"] % FAMILIES_PER_ORIGIN >= FAMILIES_PER_ORIGIN // 2 for e in s.events
    ),
    "a dose": lambda s: any(e["detail"] % 1000 > 0 for e in s.of(Kind.END)),
    "a financial year that ends": lambda s: len(s.program.year_starts) > 2,
    "twenty cases on one day": lambda s: any(
        n >= 20
        for n in np.bincount([e["day"] for e in s.of(Kind.ENTER) if e["detail"] == -1] or [0])
    ),
}


def test_the_small_services_show_everything_that_engines_could_tell_differently() -> None:
    seen: set[str] = set()

    @settings(max_examples=220, **ALIKE)
    @given(services(), seeds)
    def look(tables: Table, seed: int) -> None:
        for program in programs_of(tables):
            address = address_of(seed, 0)
            history = simulate(program, environment_of(program, address), address, "reference")
            seen.update(Sights(history, program).all())

    look()
    assert {kind.name for kind in Kind} | set(SIGHTS) == seen
