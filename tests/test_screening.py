"""Elementary effects of figures that chance blurs: right on functions that are known."""

import sys

import numpy as np
import pytest
from SALib.analyze import morris

from simfs.analysis.elementary import _freedom, effects, screened
from simfs.errors import UsageError
from simfs.experiment.screening import LEVELS, must_have_salib, walks_of

SLOPES = np.array([8.0, -6.0, 0.0, 0.0])


def linear(walks):
    return walks @ SLOPES


def bent(walks):
    """One that is straight, one that bends back, one that does nothing, a pair."""
    x = walks - 0.5
    return 8 * x[..., 0] + 20 * x[..., 1] ** 2 + 6 * x[..., 0] * x[..., 3]


def blurred(function, noise, *, walks=200, futures=8, seed=1):
    """The effects of a function with noise in every point and future: [factor, walk, future]."""
    plan = walks_of(4, walks, seed)
    exact = function(plan)[..., np.newaxis]
    chance = np.random.default_rng(seed)
    return effects(plan, exact + noise * chance.normal(size=(*exact.shape[:2], futures)))


def all_of(tables):
    return [screened(str(n), table, len(tables)) for n, table in enumerate(tables)]


def test_without_noise_effects_are_those_of_salib():
    plan = walks_of(4, 20, 5)
    problem = {"num_vars": 4, "names": list("abcd"), "bounds": [[0, 1]] * 4}
    theirs = morris.analyze(problem, plan.reshape(-1, 4), bent(plan).ravel(), num_levels=LEVELS)
    ours = all_of(effects(plan, np.repeat(bent(plan)[..., np.newaxis], 3, axis=2)))
    assert [one.mean for one in ours] == pytest.approx(list(theirs["mu"]))
    assert [one.size for one in ours] == pytest.approx(list(theirs["mu_star"]))
    assert [one.spread for one in ours] == pytest.approx(list(theirs["sigma"]))


def test_without_noise_nothing_is_taken_off():
    for one in all_of(effects(plan := walks_of(4, 6, 2), np.repeat(bent(plan)[..., None], 4, 2))):
        assert one.corrected == pytest.approx(one.size)
        assert one.spread_corrected == pytest.approx(one.spread)
        assert one.by_noise == pytest.approx(0, abs=1e-9)


def test_noise_is_taken_out_of_sizes_and_spreads_of_a_straight_function():
    # noise 3 in each point: an effect is out by 3 √2 ÷ ⅔ ÷ √8 = 2.25 in eight futures
    first, second, third, _ = all_of(blurred(linear, 3.0))
    assert first.size == pytest.approx(8, abs=0.65)
    assert third.by_noise == pytest.approx(2.25 * np.sqrt(2 / np.pi), rel=0.05)
    assert third.size == pytest.approx(third.by_noise, rel=0.15)
    assert third.spread == pytest.approx(2.25, rel=0.15)
    # four standard errors: 2.25 ÷ √200 = 0.16 each
    assert first.corrected == pytest.approx(8, abs=0.65)
    assert second.corrected == pytest.approx(6, abs=0.75)
    assert third.corrected == pytest.approx(0, abs=0.65)
    assert third.spread_corrected < 1.0


def test_an_irrelevant_factor_is_no_more_than_luck_and_the_others_are_more():
    told = all_of(blurred(linear, 3.0))
    assert [one.beyond_luck for one in told] == [True, True, False, False]


def test_a_factor_that_bends_back_keeps_its_size_and_its_spread():
    exact = all_of(blurred(bent, 0.0))
    told = all_of(blurred(bent, 3.0))
    assert abs(told[1].mean) < 1.0 < told[1].corrected
    assert told[1].corrected == pytest.approx(exact[1].size, rel=0.2)
    assert told[1].spread_corrected == pytest.approx(exact[1].spread, rel=0.15)
    assert told[1].beyond_luck


def test_luck_shows_a_factor_in_one_screening_of_twenty():
    alarms = sum(
        any(one.beyond_luck for one in all_of(blurred(lambda walks: 0 * walks[..., 0], 1.0,
                                                      walks=10, seed=seed)))
        for seed in range(200)
    )  # fmt: skip
    # 5% of 200 is 10, with a standard error of 3.1: four of these
    assert alarms <= 22


def test_the_interval_holds_the_size_as_often_as_it_says():
    inside = 0
    for seed in range(200):
        one = screened("0", blurred(linear, 3.0, walks=10, seed=seed)[0], 4)
        inside += one.low <= 8 <= one.high
    # at least 95% of 200, less four standard errors of 3.1
    assert inside >= 178


def test_what_a_future_does_to_all_walks_alike_is_in_the_interval_and_in_no_spread():
    plan = walks_of(4, 10, 3)
    tilt = np.random.default_rng(3).normal(size=8)
    figures = linear(plan)[..., np.newaxis] + plan[..., :1] * tilt
    first = screened("0", effects(plan, figures)[0], 4)
    assert first.spread == pytest.approx(0, abs=1e-9)
    assert first.high - first.low == pytest.approx(2 * 2.365 * tilt.std(ddof=1) / 8**0.5, rel=1e-3)


def test_without_salib_the_way_out_is_told_in_a_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "SALib.sample", None)
    with pytest.raises(UsageError, match=r"install simfs\[analysis\]"):
        must_have_salib()


def test_noise_that_differs_between_walks_is_no_spread_of_walks():
    # 40 lists of 40 factors that do nothing: with equal degrees of freedom 22 showed one
    luck, shown = np.random.default_rng(2), 0
    for _ in range(40):
        scale = np.exp(luck.normal(0, 0.7, (40, 10, 1)))
        tables = scale * luck.normal(size=(40, 10, 8))
        shown += any(screened("idle", table, 40).beyond_luck for table in tables)
    assert shown <= 16


def test_with_the_same_noise_in_all_walks_the_spread_is_judged_as_ever():
    # every walk has the same sum of squares, so none is noisier: 9 and 63 degrees of freedom
    signs = np.array([np.roll([1.0, -1.0] * 4, walk) for walk in range(10)])
    assert _freedom(signs) == pytest.approx((9.0, 63.0))
