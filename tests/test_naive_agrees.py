"""The naive SimPy version in benchmarks/ is the same model, so that its time means something."""

import math
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest

from simfs.engine import fault_of
from simfs.engine.tally import Tally
from simfs.scenario.config import load
from simfs.scenario.scenario import Study

ROOT = Path(__file__).parents[1]
BURY = ROOT / "configs" / "bury.toml"
FUTURES = 20
MODULES = ("measure", "scaled", "versions", "naive_simpy", "naive_staff")


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The modules of the benchmarks, whose folder is not a package."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return SimpleNamespace(**{name: import_module(name) for name in MODULES})


@cache
def study() -> Study:
    """Bury with the posts always filled; for tests that have `bench`."""
    return import_module("scaled").plain(BURY)


def agreement(bench: SimpleNamespace, scenario: Study, warm_years: int = 0) -> tuple[int, float]:
    """How many means of simfs and the naive version are compared, and the largest |z| of them.

    It is a share of the t quantile at which equal versions would fail once in 1,000 seeds.
    """
    engine = "fast" if fault_of("fast") is None else "reference"
    both = (
        bench.versions.by_simfs(scenario, engine, warm_years=warm_years),
        bench.versions.by_naive_simpy(scenario, warm_years),
    )
    ours, naive = (
        [version.sample(number, version.run(number)) for number in range(FUTURES)]
        for version in both
    )
    rows = bench.measure.compare(ours, naive)
    limit = bench.measure.allowed(len(rows), FUTURES, FUTURES)
    return len(rows), bench.measure.largest_z(rows) / limit


@pytest.mark.slow
def test_the_naive_version_has_the_same_children_in_every_stage_of_both_arms(
    bench: SimpleNamespace,
) -> None:
    means, largest = agreement(bench, study())
    assert means == 2 * len(study().arms[0].pathway.stages)
    assert largest <= 1


@pytest.mark.slow
def test_the_naive_version_has_the_same_families_in_every_queue(bench: SimpleNamespace) -> None:
    means, largest = agreement(bench, load(ROOT / "benchmarks" / "queue.toml"), warm_years=2)
    assert means == 7
    assert largest <= 1


def test_the_naive_version_loses_nobody(bench: SimpleNamespace) -> None:
    for arm in bench.scaled.shortened(study(), 250).arms:  # past go-live on day 183
        events = bench.naive_simpy.simulate(arm, seed=7).events
        steps = {"enter": 1, "end": -1, "crisis": -1}
        inside = sum(steps.get(event.kind, 0) * event.children for event in events)
        left = sum(event.children for event in events if event.kind == "exit")
        first = {event.case: event for event in reversed(events)}
        parted = sum(event.children for event in events if event.kind == "parts")
        came = sum(event.children for event in first.values()) - parted
        assert (came, inside > 1000, left > 1000) == (inside + left, True, True)


def test_the_naive_version_refuses_a_team_that_shrinks(bench: SimpleNamespace) -> None:
    arm = study().arms[0]
    teams = tuple(
        replace(team, caseload=((0, 18), (100, 17))) if team.key == "safeguarding" else team
        for team in arm.teams
    )
    with pytest.raises(ValueError, match="'safeguarding' shrinks"):
        bench.naive_simpy.simulate(replace(arm, teams=teams), seed=7)


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ("turnover", "turnover"),
        ("training", "training"),
        ("slip", "a late start"),
        ("reform", "a national reform"),
        ("service_crisis", "a service in crisis"),
    ],
)
def test_the_naive_version_refuses_what_it_does_not_know(
    bench: SimpleNamespace, kept: str, words: str
) -> None:
    off = [f"mechanisms.{key}=false" for key in bench.scaled.LIVING if key != kept]
    happens = ["service_crisis.per_year=0.1"] if kept == "service_crisis" else []
    arm = load(BURY, sets=[*off, *happens]).arms[1]
    with pytest.raises(ValueError, match=f"does not know {words}$"):
        bench.naive_simpy.simulate(arm, seed=7)


def test_the_plain_study_has_nothing_that_the_naive_version_does_not_know(
    bench: SimpleNamespace,
) -> None:
    shipped = load(BURY)
    assert all(team.workforce is not None for arm in shipped.arms for team in arm.teams)
    assert shipped.arms[0].reform is not None
    for arm in study().arms:
        bench.naive_staff.check_expressible(arm)


def test_posts_of_before_the_start_are_there_on_the_first_day(bench: SimpleNamespace) -> None:
    arm = study().arms[1]
    assert [step.day for step in arm.team("recovery_worker").establishment] == [-31, -31]
    env = bench.naive_staff.simpy.Environment()
    held = {
        key: bench.naive_staff.slots_of([arm.team(key)], env)
        for key in ("recovery_worker", "safeguarding")
    }
    env.run(until=1)
    slots = {key: (pool.capacity, pool.count) for key, pool in held.items()}
    # 4 × 15 from the first day; 40 × 19, of which 40 are spared by time freed from day 183 on
    assert slots == {"recovery_worker": (60, 0), "safeguarding": (760, 40)}
    env.run(until=184)
    assert held["safeguarding"].count == 0


def sample(bench: SimpleNamespace, children: float, digest: str = "") -> object:
    return bench.measure.Sample({("before", "cin"): children}, 1, digest)


def test_versions_that_differ_are_told_apart(bench: SimpleNamespace) -> None:
    ours = [sample(bench, 10.0 + k) for k in range(4)]
    theirs = [sample(bench, 60.0 + k) for k in range(4)]
    (row,) = bench.measure.compare(ours, theirs)
    # both have variance 5/3, so the error is sqrt(2 × 5/3 ÷ 4)
    assert row.z == pytest.approx(-50 / math.sqrt(2 * 5 / 3 / 4))
    assert abs(row.z) > bench.measure.allowed(1, 4, 4)


def test_more_futures_of_one_version_sharpen_the_comparison(bench: SimpleNamespace) -> None:
    ours = [sample(bench, 10.0 + k) for k in (-1, 1)] * 8
    theirs = [sample(bench, 11.0 + k) for k in (-1, 1)] * 2
    (row,) = bench.measure.compare(ours, theirs)
    # sums of squares 16 and 4 over 18 degrees of freedom, 16 and 4 futures
    assert row.error == pytest.approx(math.sqrt(20 / 18 * (1 / 16 + 1 / 4)))


def test_a_stage_that_never_varies_may_not_differ_at_all(bench: SimpleNamespace) -> None:
    ours = [sample(bench, 10.0)] * 3
    theirs = [sample(bench, 10.5)] * 3
    assert [row.z for row in bench.measure.compare(ours, ours)] == [0.0]
    assert [row.z for row in bench.measure.compare(ours, theirs)] == [math.inf]


def test_a_future_counted_differently_is_named(bench: SimpleNamespace) -> None:
    turn = bench.measure.Turn
    a, b, c, d, x = (sample(bench, 10.0, digest) for digest in "abcdx")
    ours = [turn(1.0, {0: a, 1: b}), turn(1.0, {2: c, 3: d})]
    theirs = [turn(9.0, {0: a}), turn(9.0, {2: x})]
    assert bench.measure.unequal(ours, theirs) == [2]
    with pytest.raises(ValueError, match="no future in common"):
        bench.measure.unequal(ours[:1], theirs[1:])


def test_a_tally_that_differs_by_one_anywhere_has_another_digest(bench: SimpleNamespace) -> None:
    short = bench.scaled.shortened(study(), 30)
    version = bench.versions.by_simfs(short, "reference")
    tallies = version.run(0)
    known = bench.versions.digest(tallies)
    assert known == bench.versions.digest(version.run(0))
    for name in Tally.__slots__:
        array = getattr(tallies[1], name)
        if array.size:
            changed = array.copy()
            changed.flat[-1] += 1
            other = (tallies[0], replace(tallies[1], **{name: changed}))
            assert bench.versions.digest(other) != known, name


def test_a_council_of_twice_the_size_has_twice_the_families_and_posts(
    bench: SimpleNamespace,
) -> None:
    one, two = study().arms[1], bench.scaled.scaled(study(), size=2).arms[1]
    assert [s.opening for s in two.pathway.stages] == [2 * s.opening for s in one.pathway.stages]
    assert [s.per_year for s in two.demand.streams] == [((0, 2477.0),), ((0, 22.0),)]
    for before, after in zip(one.teams, two.teams, strict=True):
        assert [c.posts for c in after.establishment] == [2 * c.posts for c in before.establishment]
    smaller = bench.scaled.scaled(study(), size=0.2).arms[1]
    assert [c.posts for c in smaller.team("domestic_abuse_officer").establishment] == [0, 1]


def test_a_council_of_twice_the_size_has_twice_the_seats_in_courses(
    bench: SimpleNamespace,
) -> None:
    shipped = load(BURY)
    one, two = (
        arms[1].practice for arms in (shipped.arms, bench.scaled.scaled(shipped, size=2).arms)
    )
    seats, doubled = ([c.seats for c in p.training.courses] for p in (one, two))
    assert seats == [16, 16, 16]
    assert doubled == [32, 32, 32]
    assert two.training.rolling_seats == 2 * one.training.rolling_seats == 32


def test_families_of_one_child_bring_as_many_children(bench: SimpleNamespace) -> None:
    one, alone = study().arms[0], bench.scaled.of_one_child(study()).arms[0]
    rates = {stream.key: stream.per_year[0][1] for stream in alone.demand.streams}
    assert alone.demand.sizes == (1.0,)
    assert rates == {
        "referral": pytest.approx(1238.5 * one.demand.mean_size),
        "unaccompanied": 11.0,  # children come alone already
    }


def test_ten_years_end_on_the_date_they_began(bench: SimpleNamespace) -> None:
    (long, _) = bench.scaled.scaled(study(), years=10).arms
    assert long.calendar.date_of(long.calendar.days) == study().arms[0].calendar.start.replace(
        year=2033
    )
