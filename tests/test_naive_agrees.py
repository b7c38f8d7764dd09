"""The naive SimPy version in benchmarks/ is the same model, so that its time means something."""

import importlib
import math
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from simfs.scenario.config import load
from simfs.scenario.scenario import Study

ROOT = Path(__file__).parents[1]
FUTURES = 20


@pytest.fixture
def bury(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The benchmark, whose folder is not a package."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("bury")


@cache
def study() -> Study:
    return load(ROOT / "configs" / "bury.toml")


@pytest.mark.slow
def test_the_naive_version_has_the_same_children_in_every_stage_of_both_arms(
    bury: ModuleType,
) -> None:
    # The limit is the t quantile at which equal versions would fail once in 1,000 seeds.
    ours = [bury.by_simfs(study(), future) for future in range(FUTURES)]
    naive = [bury.by_naive_simpy(study(), future) for future in range(FUTURES)]
    rows = bury.compare(ours, naive)
    assert len(rows) == 2 * len(study().arms[0].pathway.stages)
    assert max(rows, key=lambda row: abs(row.z)).z == pytest.approx(
        0, abs=bury.allowed(len(rows), FUTURES)
    )


def test_the_naive_version_loses_nobody(bury: ModuleType) -> None:
    for arm in bury.shortened(study(), 250).arms:  # past go-live on day 183
        events = bury.naive_simpy.simulate(arm, seed=7).events
        steps = {"enter": 1, "end": -1, "crisis": -1}
        inside = sum(steps.get(event.kind, 0) * event.children for event in events)
        left = sum(event.children for event in events if event.kind == "exit")
        first = {event.case: event for event in reversed(events)}
        parted = sum(event.children for event in events if event.kind == "parts")
        came = sum(event.children for event in first.values()) - parted
        assert (came, inside > 1000, left > 1000) == (inside + left, True, True)


def test_the_naive_version_refuses_a_team_that_shrinks(bury: ModuleType) -> None:
    arm = study().arms[0]
    teams = tuple(
        replace(team, caseload=((0, 18), (100, 17))) if team.key == "safeguarding" else team
        for team in arm.teams
    )
    with pytest.raises(ValueError, match="'safeguarding' shrinks"):
        bury.naive_simpy.simulate(replace(arm, teams=teams), seed=7)


def test_versions_that_differ_are_told_apart(bury: ModuleType) -> None:
    sample = bury.Sample({("before", "cin"): 10.0}, 1)
    ours = [replace(sample, children={("before", "cin"): 10.0 + k}) for k in range(4)]
    theirs = [replace(sample, children={("before", "cin"): 60.0 + k}) for k in range(4)]
    (row,) = bury.compare(ours, theirs)
    # both have variance 5/3, so the error is sqrt(2 × 5/3 ÷ 4)
    assert row.z == pytest.approx(-50 / math.sqrt(2 * 5 / 3 / 4))
    assert abs(row.z) > bury.allowed(1, 4)
