"""What simfs promises of the Bury scenario, held on the real engine."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simfs.experiment.future import run_future
from simfs.scenario.config import load
from simfs.scenario.scenario import Calendar, Scenario, Study

BURY = Path(__file__).parents[1] / "configs" / "bury.toml"

# Bury's yearly figures, by number of futures, on one kind of machine (elsewhere the last bit of a
# power may differ). They change only with a commit whose subject ends [RESULTS].
GOLDEN = {
    4: "2aec82916193468d1adf16220b25f53fb0b76a785da05b684dc801e7259e54e9",
    20: "896084fa89cccbb24e66ce9c7f6492e2cb6b3c901ec680b1ca58da53a07cb0de",
}


@pytest.fixture(scope="module")
def bury() -> Study:
    return load(BURY)


def shortened(scenario: Scenario, days: int) -> Scenario:
    """The same scenario over fewer days."""
    return replace(scenario, calendar=Calendar(scenario.calendar.start, days))


def twin_study(bury: Study) -> Study:
    """The baseline beside an arm whose practice model is an empty list of changes."""
    baseline = shortened(bury.arms[0], 1000)  # with a year of the reform
    practice = bury.arms[1].practice
    assert practice is not None
    empty = replace(practice, key="nothing", effects=(), training=None, investments=())
    twin = replace(baseline, arm="nothing", label="Nothing changes", practice=empty)
    return replace(bury, arms=(baseline, twin), claims=())


def test_an_arm_with_an_empty_list_of_changes_saves_nothing_in_every_future(bury):
    study = twin_study(bury)
    for future in range(4):
        yearly, weekly = run_future(study, 1, future)
        assert np.array_equal(yearly[0], yearly[1])
        assert np.array_equal(weekly[0], weekly[1], equal_nan=True)


def test_an_arm_with_a_change_does_not_pass_for_an_empty_one(bury):
    study = twin_study(bury)
    arm = shortened(bury.arms[1], 1000)
    yearly, _ = run_future(replace(study, arms=(study.arms[0], arm)), 1, 0)
    assert not np.array_equal(yearly[0], yearly[1])


def test_a_future_does_not_depend_on_which_were_run_before_it(bury):
    study = replace(bury, arms=tuple(shortened(arm, 366) for arm in bury.arms))
    alone, _ = run_future(study, 1, 731)
    run_future(study, 1, 3)
    run_future(study, 2, 731)
    again, _ = run_future(study, 1, 731)
    assert np.array_equal(alone, again)


@pytest.mark.parametrize("futures", [4, pytest.param(20, marks=pytest.mark.slow)])
def test_the_golden_futures_of_bury_have_not_moved(bury, futures):
    digest = hashlib.sha256()
    for future in range(futures):
        yearly, _ = run_future(bury, 1, future)
        digest.update(np.ascontiguousarray(yearly, dtype="<i8").tobytes())
    assert digest.hexdigest() == GOLDEN[futures]
