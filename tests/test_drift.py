"""The authority's own wandering: what its walks are, and what they do in both engines."""

from math import sqrt

import numpy as np
import pytest
from scenario_text import EVERYTHING
from worlds import leaving, program_of, stay, study_of

from simfs.engine import ENGINES, count, fault_of, simulate
from simfs.engine.draws import Address, address_of
from simfs.engine.drift import LEAST, MOST, environment_of
from simfs.engine.history import Kind
from simfs.errors import ConfigError
from simfs.scenario.config import loads
from simfs.scenario.environment import STILL, Environment

SD, HALF_LIFE = 0.3, 6.0
KEEP = 0.5 ** (1 / HALF_LIFE)
Z_1E5 = 4.4  # two-sided normal at about 1e-5


def world(days=3650, **walk):
    """Families who are assessed for a day, and go out, on a plan or to support."""
    moved = {"targets": ["referral", "assess.plan"], "sd": SD, "half_life_months": HALF_LIFE}
    return {
        "days": days,
        "streams": {"referral": {"to": "assess", "per_year": 3000}},
        "stages": {
            "assess": {"stay": stay(1, "fixed"), "remainder": "support",
                       "routes": leaving(out=0.5, plan=0.2, support=0.3)},
            "plan": {"stay": stay(30), "routes": leaving(out=1)},
            "support": {"stay": stay(30), "routes": leaving(out=1)},
        },
        "drift": {"own": moved | walk | {"assumption": "made up"}},
    }  # fmt: skip


def factors(program, futures=4000):
    """Factors of the first walk, float64[future, month]."""
    addresses = [Address(1, n, 0, 0) for n in range(futures)]
    return np.array([environment_of(program, address).factors[0] for address in addresses])


def test_a_walk_has_the_spread_mean_and_memory_that_are_stated():
    logs = np.log(factors(program_of(**world(days=1461))))
    n = len(logs)
    assert np.all(np.abs(logs.std(axis=0) / SD - 1) < Z_1E5 / sqrt(2 * n))
    assert np.all(np.abs(logs.mean(axis=0) + SD**2 / 2) < Z_1E5 * SD / sqrt(n))
    settled = logs + SD**2 / 2
    memory = (settled[:, 1:] * settled[:, :-1]).mean() / (settled**2).mean()
    assert memory == pytest.approx(KEEP, abs=0.01)


def test_a_walk_starts_at_one_on_average_and_goes_to_the_level_it_returns_to():
    found = factors(program_of(**world(days=2000, returns_to=2.0, sd=0.1))).mean(axis=0)
    months = np.arange(len(found)) + 1
    assert found == pytest.approx(2.0 ** (1 - KEEP**months), abs=0.02)


def test_a_walk_of_a_longer_run_begins_as_that_of_a_shorter_one():
    short, long = (program_of(**world(days=days)) for days in (400, 2000))
    address = address_of(3, 17)
    (one,), (other,) = (environment_of(p, address).factors for p in (short, long))
    assert other[: len(one)] == one


def test_lucks_of_a_drift_share_it_and_drifts_and_draws_do_not():
    program = program_of(**world(days=400))
    found = [environment_of(program, address_of(1, n)).factors for n in range(8)]
    assert found[0] == found[1]
    assert found[2] == found[3]
    assert len({found[0], found[2], found[4], found[6]}) == 4


def test_a_walk_is_cut_at_a_quarter_and_at_four():
    found = factors(program_of(**world(sd=2.0)), futures=50)
    assert found.min() == LEAST
    assert found.max() == MOST


def test_without_spread_nothing_moves_and_without_walks_there_is_no_drift():
    program = program_of(**world(sd=0))
    assert set(environment_of(program, address_of(1, 0)).factors[0]) == {1.0}
    tables = world()
    del tables["drift"]
    assert environment_of(program_of(**tables), address_of(1, 0)) is STILL


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
def test_a_factor_multiplies_arrivals_and_chances_and_the_remainder_takes_the_rest(engine, factor):
    if fault_of(engine):
        pytest.skip("this engine cannot run here")
    program = program_of(**world())
    moved = Environment(((factor,) * (program.months[-1] + 1),))
    history = simulate(program, moved, address_of(1, 0), engine)
    keys = [stage.key for stage in program.stages]
    entries = history.events[history.events[:, 3] == Kind.ENTER]
    entered = {key: int((entries[:, 4] == n).sum()) for n, key in enumerate(keys)}
    families = entered["assess"]
    due = 3000 * factor * program.days / 365.25
    assert abs(families - due) < Z_1E5 * sqrt(due)
    chances = {"plan": 0.2 * factor, "support": 0.3 - 0.2 * (factor - 1)}
    for key, p in chances.items():
        # those assessed on the last day have not moved on
        assert abs(entered[key] - families * p) < Z_1E5 * sqrt(families * p * (1 - p)) + 20


def test_a_factor_that_would_take_more_than_the_remainder_has_takes_it_all_and_is_counted():
    program = program_of(**world(days=400))
    moved = Environment(((4.0,) * (program.months[-1] + 1),))
    history = simulate(program, moved, address_of(1, 0))
    keys = [stage.key for stage in program.stages]
    assert not (history.events[:, 4] == keys.index("support")).any()
    assert (history.events[:, 3] == Kind.CUT).any()


def test_arms_share_the_drift_so_an_arm_that_changes_nothing_has_the_same_future():
    tables = world(days=800) | {"arms": {"today": {}, "same": {}}}
    study = study_of(**tables)
    one, other = (program_of(arm, **tables) for arm in range(len(study.arms)))
    address = address_of(1, 5)
    counted = [count(p, environment_of(p, address), address) for p in (one, other)]
    assert np.array_equal(counted[0].stage_children, counted[1].stage_children)
    still = count(one, STILL, address)
    assert not np.array_equal(counted[0].stage_children, still.stage_children)


def test_drift_is_switched_off_by_one_line():
    study = loads(EVERYTHING, sets=["mechanisms.drift=false"])
    assert all(not arm.walks for arm in study.arms)
    assert any("wandering" in w or "drift" in w for w in study.warnings)


@pytest.mark.parametrize(
    ("changes", "path", "fragment"),
    [
        ({"targets": ["assess.plans"]}, "drift.own.targets", "did you mean 'assess.plan'"),
        ({"targets": ["plan.out"]}, "drift.own.targets", "remainder"),
        ({"targets": ["assess.support"]}, "drift.own.targets", "remainder"),
        ({"targets": ["referral", "referral"]}, "drift.own.targets", "already"),
        ({"targets": []}, "drift.own.targets", "at least one"),
        ({"sd": 20}, "drift.own.sd", "did you mean 0.2"),
        ({"sd": -0.1}, "drift.own.sd", "between 0 and 2"),
        ({"half_life_months": 0}, "drift.own.half_life_months", "between"),
        ({"returns_to": 0}, "drift.own.returns_to", "between"),
    ],
)
def test_a_walk_that_makes_no_sense_is_refused(changes, path, fragment):
    with pytest.raises(ConfigError) as caught:
        study_of(**world(**changes))
    assert any(p.path == path and fragment in p.message for p in caught.value.problems), [
        (p.path, p.message) for p in caught.value.problems
    ]
