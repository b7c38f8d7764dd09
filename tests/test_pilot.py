"""What a pilot in one locality would show, and what it would be worth to see it."""

import math

import numpy as np
import pytest

from simfs.analysis.information import gains_of, partial, sample
from simfs.analysis.pilot import Counted, Pilot, findings, strength
from simfs.analysis.probabilities import Groups

DRAWS = 250
MONTH = 365.25 / 12


def plans_started(ratio, half=9 * MONTH, ninety=24 * MONTH, per_year=250.0, together=1.0):
    days = np.ones(len(ratio))
    return Counted("plans started", per_year, ratio, half * days, ninety * days, together)


def test_the_strength_of_a_pilot_is_the_mean_of_its_ramp():
    # power ln 9 / ln 9 = 1: t / (t + 100) on day t, by the integral over 1,000 days
    counted = plans_started(np.array([0.8]), half=100.0, ninety=900.0)
    exact = 1 - 0.1 * math.log(1 + 1000 / 100)
    # days are whole: half a day's rise of the ramp too little
    assert strength(counted, 1000 / MONTH)[0] == pytest.approx(exact, abs=0.5 / 1000)


def test_half_a_year_sees_a_tenth_of_an_effect_that_takes_nine_months_to_its_half():
    assert 0.05 < strength(plans_started(np.array([0.8])), 6)[0] < 0.15


def test_what_is_seen_is_the_effect_so_far_with_the_luck_of_families():
    # so many starts that a logarithm is normal: mean and variance by the delta method
    counted = plans_started(np.array([0.6]), per_year=40_000.0, together=2.0)
    seen = findings(Pilot(0.25, 12), [counted], sets=4000, seed=1)[:, 0, 0]
    left = 1 - 0.4 * strength(counted, 12)[0]
    means = np.array([10_000 * left, 30_000, 10_000, 30_000])
    error = math.sqrt(2.0 * (1 / means).sum())
    assert seen.mean() == pytest.approx(math.log(left), abs=4 * error / math.sqrt(4000))
    # a variance of 4,000 normal figures is known to sqrt(2 / 4,000)
    assert seen.var() == pytest.approx(error**2, rel=4 * math.sqrt(2 / 4000))


def test_a_known_share_spares_the_luck_of_the_months_before():
    counted = plans_started(np.ones(1), per_year=40_000.0)
    seen = findings(Pilot(0.25, 12, months_before=0), [counted], sets=4000, seed=1)[:, 0, 0]
    # against the locality's share, which is no part of what is looked for
    error = math.sqrt(1 / 10_000 + 1 / 30_000)
    assert seen.mean() == pytest.approx(math.log(1 / 3), abs=4 * error / math.sqrt(4000))
    assert seen.var() == pytest.approx(error**2, rel=4 * math.sqrt(2 / 4000))


def test_no_start_at_all_is_a_finding_too():
    rare = plans_started(np.full(3, 0.5), per_year=0.1)
    assert np.isfinite(findings(Pilot(0.2, 6), [rare, rare], sets=2, seed=1)).all()
    assert findings(Pilot(0.2, 6), [rare, rare], sets=2, seed=1).shape == (2, 3, 2)


@pytest.fixture(scope="module")
def decision():
    """A gain of 3 million pounds for the whole effect less what it costs, and the ratio."""
    chance = np.random.default_rng(3)
    ratio = np.exp(chance.normal(-0.25, 0.2, DRAWS))
    groups = Groups(np.repeat(np.arange(DRAWS), 4), np.tile([0, 0, 1, 1], DRAWS), drift=True)
    gain = (3e6 * (1 - ratio) - 6e5)[groups.draws] + 1e6 * chance.standard_normal(4 * DRAWS)
    return gains_of(np.column_stack([np.zeros(4 * DRAWS), gain]), groups), ratio


def test_a_pilot_of_half_a_year_is_worth_little_of_what_knowing_the_effect_is(decision):
    gains, ratio = decision
    known = partial(gains, {"ratio": ratio}, seed=1)[0]
    counted = [plans_started(ratio, together=1.9)]
    pilots = {
        "half a year": findings(Pilot(0.2, 6), counted, sets=10, seed=1),
        "five years": findings(Pilot(0.2, 60), counted, sets=10, seed=1),
        "five years of half the authority": findings(Pilot(0.5, 60), counted, sets=10, seed=1),
    }
    short, long, large = sample(gains, pilots, ratio, seed=1)
    assert known.beyond_luck
    assert short.pounds < 0.02 * known.pounds
    assert short.pounds < long.pounds < large.pounds < known.pounds
    assert long.beyond_luck


def test_the_same_pilot_of_a_quick_effect_is_worth_more(decision):
    gains, ratio = decision
    pilots = {
        "slow": findings(Pilot(0.5, 6), [plans_started(ratio)], sets=10, seed=1),
        "quick": findings(
            Pilot(0.5, 6), [plans_started(ratio, MONTH / 4, MONTH / 2)], sets=10, seed=1
        ),
    }
    slow, quick = sample(gains, pilots, ratio, seed=1)
    assert quick.beyond_luck
    assert slow.pounds < 0.2 * quick.pounds
