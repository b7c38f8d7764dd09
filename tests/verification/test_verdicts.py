"""The verdicts themselves: what they let through, what they stop, and how often they are wrong."""

import numpy as np
import pytest
from verdicts import COMPARISONS, LEVEL, SUITE_LEVEL, Outcome, confirm, judge, verdicts


def normal(mean, sd, count=400):
    def measure(seed):
        return {"x": np.random.default_rng(seed).normal(mean, sd, count)}

    return measure


def test_an_exact_value_inside_the_interval_passes():
    confirm(normal(10.0, 1.0), {"x": 10.0}, seed=1, visible=0.03)


def test_an_error_that_the_test_exists_for_fails():
    with pytest.raises(AssertionError, match=r"FAIL x: 10\.\d+ ± .*, exact 9.5"):
        confirm(normal(10.0, 1.0), {"x": 9.5}, seed=1, visible=0.03)


def test_a_sample_too_noisy_to_have_seen_the_error_is_no_pass():
    with pytest.raises(AssertionError, match="INCONCLUSIVE x"):
        confirm(normal(10.0, 5.0), {"x": 10.0}, seed=1, visible=0.03)


def test_an_alarm_that_a_fresh_seed_does_not_repeat_is_cleared():
    def only_once(seed):
        return {"x": np.random.default_rng(seed).normal(10.5 if seed == 1 else 10, 1, 400)}

    assert [v.outcome for v in verdicts(only_once, {"x": 10.0}, 1, 0.03)] == [Outcome.PASS]


def test_an_alarm_that_a_fresh_seed_repeats_on_the_other_side_is_cleared():
    def either_side(seed):
        return {"x": np.random.default_rng(seed).normal(10.5 if seed == 1 else 9.5, 1, 400)}

    assert [v.outcome for v in verdicts(either_side, {"x": 10.0}, 1, 0.03)] == [Outcome.PASS]


def test_one_look_alarms_at_its_level():
    values = np.random.default_rng(7).normal(10.0, 1.0, (4_000, 30))
    alarms = sum(judge("x", row, 10.0, 1.0).sign != 0 for row in values)
    assert abs(alarms / 4_000 - LEVEL) < 4 * np.sqrt(LEVEL / 4_000)


def test_the_levels_of_two_looks_add_up_to_the_level_of_the_suite():
    assert pytest.approx(SUITE_LEVEL) == COMPARISONS * LEVEL * LEVEL / 2


def test_a_constant_that_is_exact_passes():
    assert judge("x", np.full(5, 3.0), 3.0, 0.01).outcome is Outcome.PASS


def with_control(mean):
    def measure(seed):
        random = np.random.default_rng(seed)
        common = random.normal(0, 1, 400)
        return {"x": random.normal(mean, 0.1, 400) + common, "known": 3 + common}

    return measure


def test_a_known_quantity_steadies_another():
    exact = {"x": 10.0, "known": 3.0}
    alone, _ = verdicts(with_control(10.0), exact, 1, 1.0)
    beside, _ = verdicts(with_control(10.0), exact, 1, 1.0, controls=("known",))
    assert beside.half_width < 0.2 * alone.half_width
    assert beside.outcome is Outcome.PASS


def test_a_control_does_not_hide_an_error():
    found, _ = verdicts(with_control(10.1), {"x": 10.0, "known": 3.0}, 1, 1.0, controls=("known",))
    assert found.outcome is Outcome.FAIL
