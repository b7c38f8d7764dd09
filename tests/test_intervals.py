"""Intervals, their sizes, and the shares of what varies; test_coverage has the probabilities."""

import math

import numpy as np
import pytest
from analysis_examples import a_study, some_outcomes

from simfs.analysis.decomposition import (
    Shares,
    correlation_within_draws,
    noise_of_draw_means,
    share_intervals,
    shares,
    what_matters,
)
from simfs.analysis.intervals import (
    draw_means,
    effective_size,
    mean_interval,
    quantile_interval,
    quantiles,
    resamples,
    skew_warning,
    wilson,
)


def normals(seed, *shape):
    return np.random.Generator(np.random.Philox(key=seed)).standard_normal(shape)


def futures(n):
    """Draw and drift of each of n futures."""
    index = np.arange(n)
    return index // 4, index % 4 // 2


def nested(seed, n_draws, ignorance, drift, chance, runs=()):
    """Figures [4 n_draws, *runs] with these standard deviations at each level."""
    draw = normals(seed, n_draws, *runs).repeat(4, axis=0)
    wander = normals(seed + 1, 2 * n_draws, *runs).repeat(2, axis=0)
    return ignorance * draw + drift * wander + chance * normals(seed + 2, 4 * n_draws, *runs)


def test_under_eight_futures_there_is_no_interval_and_a_reason():
    means = mean_interval(np.arange(4.0), futures(4)[0])
    assert means.mean == 1.5
    assert means.low is None
    assert means.high is None
    assert "at least 8 futures" in means.reason


def test_equal_values_have_an_interval_of_no_width():
    # 0.1 is no binary fraction: its sums are rounded, and yet nothing varies
    means = mean_interval(np.full(400, 0.1), futures(400)[0])
    assert (means.mean, means.low, means.high) == (0.1, 0.1, 0.1)


def test_what_was_not_measured_is_left_out_of_a_mean():
    values = np.ones((16, 2))
    values[:4, 0] = [np.nan, 3, 3, 3]
    values[:, 1] = np.nan
    means = mean_interval(values, futures(16)[0])
    # the first of four draws has 3, whatever its missing future
    assert means.mean[0] == 1.5
    assert math.isnan(means.mean[1])
    assert math.isnan(means.low[1])
    assert quantiles(values, (0.0, 0.5, 1.0))[:, 0].tolist() == [1, 1, 3]
    assert np.isnan(quantiles(values)[:, 1]).all()


def test_draw_means_do_not_depend_on_the_order_of_futures():
    draws = np.array([1, 0, 1, 0])
    assert draw_means(np.array([1.0, 2.0, 3.0, 4.0]), draws).tolist() == [3.0, 2.0]


def test_quantiles_are_linear_between_futures():
    values = np.arange(11.0)
    assert quantiles(values, (0.025, 0.5, 0.99)).tolist() == pytest.approx([0.25, 5.0, 9.9])
    assert quantiles(np.array([3.0]), (0.1, 0.9)).tolist() == [3.0, 3.0]


def test_wilson_agrees_with_its_published_form():
    # 8 of 10: Wilson (1927) with z = 1.96 gives 0.4902 to 0.9433
    ends = wilson(0.8, 10)
    assert (ends.low, ends.high) == pytest.approx((0.4902, 0.9433), abs=5e-5)
    assert wilson(0.0, 100).low == 0
    assert wilson(1.0, 100).high == 1


def test_the_effective_size_is_that_of_the_model():
    assert effective_size(1000, 250, 0.0) == 1000
    assert effective_size(1000, 250, 0.5) == 1000 / 2.5
    assert effective_size(1000, 250, 1.0) == 250


def test_the_interval_of_a_quantile_assumes_no_distribution():
    runs, n = 2_000, 200
    values = np.exp(normals(41, runs, n))
    truth = math.exp(-1.2815515655446004)
    found = [quantile_interval(row, 0.1, n) for row in values]
    covered = np.mean([one.low <= truth <= one.high for one in found])
    # at least 95% by construction, whatever the distribution; four standard errors of 2,000 runs
    assert covered >= 0.95 - 4 * math.sqrt(0.95 * 0.05 / runs)
    assert quantile_interval(values[0][:10], 0.1, 10) is None


def test_resamples_are_the_same_for_a_seed_and_differ_between_seeds():
    first, again, other = (
        np.concatenate(list(resamples(9, 50, seed, 1))).tolist() for seed in (5, 5, 6)
    )
    assert len(first) == 50
    assert first == again
    assert first != other


def test_a_skew_figure_with_few_draws_is_warned_of():
    assert skew_warning(np.exp(2 * normals(51, 30))) != ""
    assert skew_warning(normals(51, 300)) == ""
    assert skew_warning(np.zeros(10)) == ""


def test_shares_of_variance_are_found_at_every_level():
    values = nested(61, 20_000, ignorance=2.0, drift=1.0, chance=3.0)
    found = shares(values, *futures(len(values)), drift=True)
    # variances 4, 1 and 9 of 14; 20,000 draws know each to about 1% of the total
    assert found.ignorance == pytest.approx(4 / 14, abs=0.02)
    assert found.drift == pytest.approx(1 / 14, abs=0.02)
    assert found.chance == pytest.approx(9 / 14, abs=0.02)


def test_without_drift_its_levels_are_pooled_as_chance():
    values = nested(71, 5_000, ignorance=1.0, drift=0.0, chance=1.0)
    found = shares(values, *futures(len(values)), drift=False)
    assert found.drift == 0
    assert found.chance == pytest.approx(0.5, abs=0.03)
    assert shares(values[:4], *futures(4), drift=False) is None
    assert shares(np.ones(40), *futures(40), drift=True) == Shares(0, 0, 0)


NESTED = [  # standard deviations of ignorance, drift and chance, and whether drift is on
    pytest.param((1.0, 0.5, 2.0), True, id="all three"),
    pytest.param((1.0, 1.0, 1.0), True, id="all alike"),
    pytest.param((2.0, 0.3, 0.5), True, id="mostly ignorance"),
    pytest.param((0.0, 1.0, 2.0), True, id="no ignorance"),
    pytest.param((1.0, 0.0, 2.0), True, id="no drift though on"),
    pytest.param((0.0, 0.0, 1.0), True, id="only chance"),
    pytest.param((1.0, 0.0, 2.0), False, id="drift off"),
    pytest.param((0.0, 0.0, 1.0), False, id="off and only chance"),
]


def coverage_of_shares(spreads, drift, n_draws, runs):
    """How often the intervals of each share hold it, over so many macro-runs."""
    ignorance, wander, chance = spreads
    variances = {"ignorance": ignorance**2, "drift": wander**2, "chance": chance**2}
    total = sum(variances.values())
    held = dict.fromkeys(variances, 0)
    values = nested(111, n_draws, ignorance, wander, chance, runs=(runs,))
    for run in range(runs):
        found = share_intervals(values[:, run], *futures(4 * n_draws), drift)
        for name, variance in variances.items():
            ends = getattr(found, name)
            held[name] += ends.low - 1e-12 <= variance / total <= ends.high + 1e-12
    return {name: count / runs for name, count in held.items()}


@pytest.mark.parametrize(("spreads", "drift"), [NESTED[0], NESTED[4], NESTED[6]])
def test_the_interval_of_a_share_holds_it_as_often_as_it_says(spreads, drift):
    # measured: 94 to 95%, and 97 to 100% of a share that is 0, where only one end can miss
    least = 0.95 - 4 * math.sqrt(0.95 * 0.05 / 1_000)
    assert min(coverage_of_shares(spreads, drift, 100, 1_000).values()) >= least


@pytest.mark.slow
@pytest.mark.parametrize(("n_draws", "least"), [(25, 0.925), (50, 0.93), (250, 0.95)])
@pytest.mark.parametrize(("spreads", "drift"), NESTED)
def test_the_interval_of_a_share_holds_it_whatever_the_shares(spreads, drift, n_draws, least):
    # the fewer the draws, the less is the jackknife's own spread known: 92.5% at worst with 25
    found = coverage_of_shares(spreads, drift, n_draws, 4_000)
    assert min(found.values()) >= least - 4 * math.sqrt(0.95 * 0.05 / 4_000), found


def test_a_share_lies_in_its_interval_which_narrows_with_draws():
    values = nested(121, 1_000, ignorance=2.0, drift=1.0, chance=3.0)
    few, many = (share_intervals(values[: 4 * n], *futures(4 * n), drift=True) for n in (40, 1_000))
    found = shares(values, *futures(4_000), drift=True)
    for name in ("ignorance", "drift", "chance"):
        ends = getattr(many, name)
        assert ends.low <= getattr(found, name) <= ends.high
        assert ends.high - ends.low < 0.4 * (getattr(few, name).high - getattr(few, name).low)


def test_the_interval_of_shares_does_not_depend_on_the_order_of_futures_or_the_unit():
    values = nested(131, 50, ignorance=2.0, drift=1.0, chance=3.0)
    order = np.argsort(normals(132, 200))
    draws, drifts = futures(200)
    found = share_intervals(values, draws, drifts, drift=True)
    turned = share_intervals(7 * values[order] + 3, draws[order], drifts[order], drift=True)
    assert turned.drift.low == pytest.approx(found.drift.low)
    assert turned.chance.high == pytest.approx(found.chance.high)


def test_shares_that_cannot_be_known_have_no_interval():
    assert share_intervals(normals(141, 36), *futures(36), drift=True) is None
    assert share_intervals(np.ones(400), *futures(400), drift=True) is None
    assert share_intervals(np.arange(400) // 4, *futures(400), drift=False) is None
    # 41 futures are no whole draws
    assert share_intervals(normals(142, 41), *futures(41), drift=True) is None


def test_without_drift_its_share_is_known_to_be_nothing():
    found = share_intervals(normals(151, 400), *futures(400), drift=False)
    assert (found.drift.low, found.drift.high) == (0, 0)
    assert found.chance.low == pytest.approx(1 - found.ignorance.high)


def test_the_noise_of_a_draw_mean_is_larger_where_futures_drift_together():
    values = nested(81, 20_000, ignorance=5.0, drift=1.0, chance=2.0)
    draws, drifts = futures(len(values))
    # two drifts of variance 1 + 4/2 each: a mean of two has 1.5
    drifting = noise_of_draw_means(values, draws, drifts, drift=True).mean()
    assert drifting == pytest.approx(1.5, rel=0.05)
    # as if all four were independent: their variance within the draw over 4
    still = noise_of_draw_means(values, draws, drifts, drift=False).mean()
    assert still == pytest.approx((4 + 2 / 3) / 4, rel=0.05)


def test_correlation_within_draws_is_cut_to_its_range():
    values = nested(91, 5_000, ignorance=1.0, drift=0.0, chance=1.0)
    draws, _ = futures(len(values))
    assert correlation_within_draws(values, draws) == pytest.approx(0.5, abs=0.03)
    assert correlation_within_draws(np.ones(40), futures(40)[0]) == 0
    # all the variance within draws: the estimate is negative
    assert correlation_within_draws(np.tile([-1.0, 1.0, -1.0, 1.0], 10), futures(40)[0]) == 0
    assert correlation_within_draws(np.arange(40) // 4, futures(40)[0]) == 1


def test_the_number_that_decides_the_saving_comes_first():
    n_draws = 200
    price, other = normals(101, n_draws), normals(102, n_draws)
    noise = normals(103, 4 * n_draws)

    def fill(arm, key):
        if key != "spend.cashable_pence" or arm == "before":
            return None
        saved = 1_000 * (-price.repeat(4) + 0.3 * other.repeat(4)) + 100 * noise
        return np.rint(-saved).astype(np.int64)[:, np.newaxis] * [1, 0]

    outcomes = some_outcomes(a_study(), 4 * n_draws, fill)
    values = {"a.price": price, "b.other": other, "c.fixed": np.ones(n_draws)}
    found = what_matters(outcomes, "after", "gross_saving", values)
    assert [one.path for one in found] == ["a.price", "b.other"]
    assert found[0].share > 0.7
    assert not found[0].rises
    assert found[1].rises
    assert what_matters(some_outcomes(a_study(), 40), "after", "gross_saving", values) == ()
