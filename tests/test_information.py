"""What it is worth to know more: against normal cases with exact answers and published examples."""

import math

import numpy as np
import pytest
from scipy import stats

from simfs.analysis.information import gains_of, partial, perfect
from simfs.analysis.probabilities import Groups


def loss(mean, spread):
    """Unit normal loss: what it is worth to know a normal gain over nothing, exactly."""
    if spread == 0:
        return 0.0
    u = abs(mean) / spread
    return spread * (stats.norm.pdf(u) - u * stats.norm.sf(u))


def futures_of(gains, noise, chance):
    """Payoffs of doing nothing and of an option, four futures to a draw, two to a drift."""
    draws = len(gains)
    groups = Groups(np.repeat(np.arange(draws), 4), np.tile([0, 0, 1, 1], draws), drift=True)
    payoffs = gains[groups.draws] + noise * chance.standard_normal(4 * draws)
    return np.column_stack([np.zeros(4 * draws), payoffs]), groups


def test_perfect_information_about_a_normal_gain_is_worth_the_unit_normal_loss():
    # every draw at its own quantile and no noise: 1,000 midpoints, exact to 1 in 1,000
    quantiles = stats.norm.ppf((np.arange(1000) + 0.5) / 1000)
    payoffs, groups = futures_of(0.3 + quantiles, 0.0, np.random.default_rng(1))
    found = perfect(gains_of(payoffs, groups), seed=1)
    assert found.pounds == pytest.approx(loss(0.3, 1.0), rel=1e-3)
    assert found.low < found.pounds < found.high
    assert found.beyond_luck


def test_a_number_that_decides_nothing_is_worth_no_more_than_luck():
    chance = np.random.default_rng(2)
    numbers = chance.standard_normal((250, 2))
    payoffs, groups = futures_of(0.2 + numbers[:, 0], 2.0, chance)
    gains = gains_of(payoffs, groups)
    one, other = partial(gains, {"one": numbers[:, 0], "other": numbers[:, 1]}, seed=1)
    assert one.beyond_luck
    assert not other.beyond_luck
    assert other.pounds < 0.1 * one.pounds
    assert math.isclose(one.luck, other.luck)
