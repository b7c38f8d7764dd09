"""What it is worth to know more: against normal cases with exact answers and published examples."""

import math

import numpy as np
import pytest
from scipy import special, stats
from scipy.stats import qmc

from simfs.analysis.information import gains_of, partial, perfect, sample
from simfs.analysis.probabilities import Groups
from simfs.analysis.worth import nearest_even


def loss(mean, spread):
    """Unit normal loss: what it is worth to know a normal gain over nothing, exactly."""
    if spread == 0:
        return 0.0
    u = abs(mean) / spread
    return spread * (stats.norm.pdf(u) - u * stats.norm.sf(u))


def futures_of(gains, noise=0.0, chance=None):
    """Payoffs of doing nothing and of options, [draw, option]; four futures to a draw."""
    gains = gains.reshape(len(gains), -1)
    draws, options = gains.shape
    groups = Groups(np.repeat(np.arange(draws), 4), np.tile([0, 0, 1, 1], draws), drift=True)
    payoffs = gains[groups.draws]
    if noise:
        # all options share the wandering and the families, so most of the luck is common to them
        wandering = np.repeat(chance.standard_normal((2 * draws, 1)), 2, axis=0)
        payoffs = payoffs + noise / 2 * wandering
        payoffs = payoffs + noise * chance.standard_normal((4 * draws, 1))
        payoffs = payoffs + noise / 4 * chance.standard_normal((4 * draws, options))
    return gains_of(np.column_stack([np.zeros(4 * draws), payoffs]), groups)


def spread_evenly(numbers, power=10):
    """Standard normal numbers, 2**power draws, [draw, number]: their moments are nearly exact."""
    return qmc.MultivariateNormalQMC(np.zeros(numbers), rng=np.random.default_rng(7)).random(
        2**power
    )


def test_perfect_information_about_a_normal_gain_is_worth_the_unit_normal_loss():
    # every draw at its own quantile and no noise: 1,000 midpoints, exact to 1 in 1,000
    quantiles = stats.norm.ppf((np.arange(1000) + 0.5) / 1000)
    found = perfect(futures_of(0.3 + quantiles), seed=1)
    assert found.pounds == pytest.approx(loss(0.3, 1.0), rel=1e-3)
    assert found.low < found.pounds < found.high
    assert found.beyond_luck


def test_the_interval_reaches_what_it_would_be_worth_if_options_were_even():
    # 50 draws, mean 0.25 and spread 1: the mean's own interval, 0.25 ± 0.28, holds nought, where
    # information is worth 0.40, and the spread may be a fifth larger (97.5% of resamples)
    quantiles = stats.norm.ppf((np.arange(50) + 0.5) / 50)
    found = perfect(futures_of(0.25 + quantiles), seed=1)
    assert found.low < loss(0.25, 1.0) < found.high
    assert found.high == pytest.approx(loss(0.0, 1.19), rel=0.03)
    assert nearest_even(np.array([[1.0], [3.0]])) == pytest.approx(0.0)
    assert nearest_even(2 + quantiles[:, np.newaxis]) == pytest.approx(2 - 0.278, abs=0.01)


def test_luck_within_draws_is_taken_out_of_the_value_of_perfect_information():
    chance = np.random.default_rng(3)
    runs = [
        perfect(futures_of(0.2 + chance.standard_normal(250), 2.0, chance), seed=run)
        for run in range(10)
    ]
    pounds = np.array([run.pounds for run in runs])
    plain = np.array([run.uncorrected for run in runs])
    # four standard errors of a mean of 10 runs
    errors = [4 * each.std(ddof=1) / math.sqrt(len(runs)) for each in (pounds, plain)]
    assert pounds.mean() == pytest.approx(loss(0.2, 1.0), abs=errors[0])
    # two drifts of variance 1 and four futures of 4.25, and the variance 1 between draws
    noisy = math.sqrt(1 + 1 / 2 + 4.25 / 4)
    assert plain.mean() == pytest.approx(loss(0.2, noisy), abs=errors[1])
    assert plain.mean() - errors[1] > loss(0.2, 1.0)


def test_futures_of_one_drift_are_one_witness_of_the_noise():
    payoffs = np.array([[0, 0], [0, 2], [0, 4], [0, 6]])
    one_draw, drifts = np.zeros(4, dtype=np.int64), np.array([0, 0, 1, 1])
    weights = np.ones(1)
    # means of drifts 1 and 5: variance 8, halved in their mean
    drifting = gains_of(payoffs, Groups(one_draw, drifts, drift=True))
    assert drifting.noise(weights) == pytest.approx(4.0)
    # four futures: variance 20 / 3, a quarter of it in their mean
    still = gains_of(payoffs, Groups(one_draw, drifts, drift=False))
    assert still.noise(weights) == pytest.approx(5 / 3)


def test_three_options_have_the_exact_value_of_a_bivariate_normal():
    # of gains with mean 0, E max(0, X, Y) = (s(X) + s(Y) + s(X - Y)) / sqrt(8 pi), by symmetry
    turn = np.linalg.cholesky([[1.0, 0.84], [0.84, 1.96]])
    gains = spread_evenly(2) @ turn.T
    exact = (1.0 + 1.4 + math.sqrt(1.0 + 1.96 - 2 * 0.84)) / math.sqrt(8 * math.pi)
    assert perfect(futures_of(gains), seed=1).pounds == pytest.approx(exact, rel=0.01)


def test_the_order_of_the_options_and_the_size_of_a_pound_change_nothing():
    chance = np.random.default_rng(4)
    numbers = chance.standard_normal((100, 2))
    groups = Groups(np.repeat(np.arange(100), 4), np.tile([0, 0, 1, 1], 100), drift=True)
    expected = np.column_stack([np.zeros(100), numbers[:, 0], 0.2 + 0.9 * numbers.sum(axis=1)])
    payoffs = expected[groups.draws] + 0.5 * chance.standard_normal((400, 3))
    as_they_are, turned, doubled = (
        (perfect(gains, 1), *partial(gains, {"first": numbers[:, 0], "both": numbers}, 1))
        for gains in (
            gains_of(payoffs, groups),
            gains_of(payoffs[:, ::-1], groups),
            gains_of(2 * payoffs, groups),
        )
    )
    for one, other, twice in zip(as_they_are, turned, doubled, strict=True):
        assert other.pounds == pytest.approx(one.pounds, rel=1e-6)
        for part in ("pounds", "low", "high", "luck", "uncorrected"):
            assert getattr(twice, part) == pytest.approx(2 * getattr(one, part), rel=1e-9)


def test_a_plan_that_changes_nothing_adds_nothing():
    chance = np.random.default_rng(5)
    gain = 0.1 + chance.standard_normal(100)
    alone = futures_of(gain)
    beside = futures_of(np.column_stack([gain, np.zeros(100), gain]))
    assert perfect(beside, 1).pounds == pytest.approx(perfect(alone, 1).pounds, rel=1e-9)
    nothing = futures_of(np.zeros(100))
    assert perfect(nothing, 1).pounds == 0
    assert partial(nothing, {"gain": gain}, 1)[0].pounds == 0
    assert partial(alone, {"constant": np.ones(100)}, 1)[0].high == 0


def test_numbers_that_go_together_tell_of_one_another():
    # gain 0.5 + X + Y with correlation 0.6: knowing X leaves a mean of 0.5 + 1.6 X
    turn = np.linalg.cholesky([[1.0, 0.6], [0.6, 1.0]])
    numbers = spread_evenly(2) @ turn.T
    gains = futures_of(0.5 + numbers.sum(axis=1))
    one, both = partial(gains, {"one": numbers[:, 0], "both": numbers}, seed=1)
    assert one.pounds == pytest.approx(loss(0.5, 1.6), rel=0.01)
    assert both.pounds == pytest.approx(loss(0.5, math.sqrt(3.2)), rel=0.01)


def test_a_bent_answer_is_followed():
    # gain cos(2 X) - 0.2 + Y / 2: knowing X leaves cos(2 X) - 0.2, with a mean below 0
    numbers = spread_evenly(2)
    gains = futures_of(np.cos(2 * numbers[:, 0]) - 0.2 + numbers[:, 1] / 2)
    x = stats.norm.ppf((np.arange(100_000) + 0.5) / 100_000)
    exact = np.maximum(np.cos(2 * x) - 0.2, 0).mean()
    found = partial(gains, {"number": numbers[:, 0]}, seed=1)[0]
    # at most four standard errors of a mean of 1,024 draws of Y / 2
    assert found.pounds == pytest.approx(exact, abs=4 * 0.5 / 32)
    assert found.low < exact < found.high


def test_fits_to_few_draws_are_given_the_variance_of_what_they_fit():
    chance = np.random.default_rng(15)
    found = []
    for run in range(40):
        numbers = chance.standard_normal((48, 6))
        gains = futures_of(0.2 + numbers @ [1, 0.5, 0.5, 0, 0, 0], 2.0, chance)
        found.append(partial(gains, {"all": numbers}, run)[0])
    pounds = np.array([one.pounds for one in found])
    plain = np.array([one.uncorrected for one in found])
    exact = loss(0.2, math.sqrt(1.5))
    # four standard errors of a mean of 40 runs
    assert pounds.mean() == pytest.approx(exact, abs=4 * pounds.std(ddof=1) / math.sqrt(40))
    assert abs(pounds.mean() - exact) < abs(plain.mean() - exact)
    assert (plain <= pounds).all()


def test_a_number_that_decides_nothing_is_worth_no_more_than_luck():
    chance = np.random.default_rng(2)
    numbers = chance.standard_normal((250, 2))
    gains = futures_of(0.2 + numbers[:, 0], 2.0, chance)
    one, other = partial(gains, {"one": numbers[:, 0], "other": numbers[:, 1]}, seed=1)
    assert one.beyond_luck
    assert not other.beyond_luck
    assert other.pounds < 0.1 * one.pounds
    assert one.luck == other.luck


def test_a_group_is_worth_no_less_than_its_members_within_the_error():
    chance = np.random.default_rng(6)
    numbers = chance.standard_normal((250, 6))
    gains = futures_of(0.2 + numbers @ [1, 0.5, 0.3, 0, 0, 0], 2.0, chance)
    members = partial(gains, {str(each): numbers[:, each] for each in range(6)}, seed=1)
    group = partial(gains, {"all": numbers}, seed=1)[0]
    assert group.high > max(one.pounds for one in members)
    assert group.low < loss(0.2, math.sqrt(1.34)) < group.high


def test_observations_are_worth_what_the_spread_of_the_later_belief_is():
    # gain 0.3 + X + Y; k observations of X with standard deviation 2 leave a belief about X
    # that will have the variance k / (k + 4)
    numbers = spread_evenly(2)
    gains = futures_of(0.3 + numbers.sum(axis=1))
    chance = np.random.default_rng(9)
    studies = {
        str(k): numbers[:, 0] + 2 / math.sqrt(k) * chance.standard_normal((8, 1024))
        for k in (1, 4, 100)
    }
    found = sample(gains, studies, numbers[:, 0], seed=1)
    for k, one in zip((1, 4, 100), found, strict=True):
        # a set of 1,024 draws finds a variance to 2 in 32; eight are averaged
        assert one.pounds == pytest.approx(
            loss(0.3, math.sqrt(k / (k + 4))), rel=4 / math.sqrt(8 * 1024)
        )


def test_a_study_that_finds_the_number_itself_is_worth_as_much_as_the_number():
    chance = np.random.default_rng(16)
    number = chance.standard_normal(250)
    gains = futures_of(0.1 + number, 2.0, chance)
    known = partial(gains, {"number": number}, seed=1)[0]
    found = sample(gains, {"number": number[np.newaxis, :, np.newaxis]}, number, seed=1)[0]
    # the second regression has no noise to remove, only its own grid of shares
    for part in ("pounds", "low", "high"):
        assert getattr(found, part) == pytest.approx(getattr(known, part), rel=0.02)


def test_findings_that_have_nothing_to_do_with_the_numbers_are_luck():
    chance = np.random.default_rng(10)
    numbers = chance.standard_normal(250)
    gains = futures_of(numbers, 1.0, chance)
    idle = {"idle": chance.standard_normal((4, 250, 2))}
    found = sample(gains, idle, numbers, seed=1)[0]
    assert not found.beyond_luck
    assert found.pounds < 0.02 * partial(gains, {"numbers": numbers}, seed=1)[0].pounds


def test_the_textbook_example_of_two_normal_numbers_comes_out():
    # Heath, Kunst and Jackson (2024), "Value of Information for Health Economic Evaluations";
    # the example of the vignette of their package voi: a benefit of N(1, 1) less a cost of
    # N(0, 2). It prints from 10,000 draws: EVPI 0.4798 exactly; EVPPI 0.0821 and 0.3903; EVSI of
    # 10 and 100 observations with standard deviation 1: 0.0708 and 0.0818.
    normal = spread_evenly(2, power=11)
    benefit, cost = 1 + normal[:, 0], 2 * normal[:, 1]
    gains = futures_of(benefit - cost)
    assert perfect(gains, seed=1).pounds == pytest.approx(0.4798107, rel=0.005)
    told = partial(gains, {"benefit": benefit, "cost": cost}, seed=1)
    # 10,000 draws of a loss whose standard deviation is at most 0.25 of the benefit, 0.8 of the
    # cost: four standard errors of what is printed
    assert told[0].pounds == pytest.approx(0.0821, abs=4 * 0.25 / 100)
    assert told[1].pounds == pytest.approx(0.3903, abs=4 * 0.8 / 100)
    chance = np.random.default_rng(11)
    studies = {
        str(k): benefit + chance.standard_normal((4, len(benefit))) / math.sqrt(k)
        for k in (10, 100)
    }
    found = sample(gains, studies, benefit, seed=1)
    assert found[0].pounds == pytest.approx(0.0708, abs=4 * 0.25 / 100)
    assert found[1].pounds == pytest.approx(0.0818, abs=4 * 0.25 / 100)


def ades_model(draws, chance):
    """Four uncertain numbers, and the gain of the new treatment over the standard one, $.

    Ades, Lu and Claxton (2004), "Expected value of sample information calculations in medical
    decision modeling", Medical Decision Making 24: 207-227. Numbers as in the code that goes with
    Kunst et al. (2020), "Computing the expected value of sample information efficiently", Value
    in Health 23: 734-742 (github.com/convoigroup/EVSIExample).
    """
    event = chance.beta(15, 85, draws)
    side_effect = chance.beta(3, 9, draws)
    treated = special.expit(special.logit(event) + chance.normal(-1.5, math.sqrt(1 / 3), draws))
    quality = special.expit(chance.normal(0.6, math.sqrt(1 / 6), draws))
    loss_of_event = 75_000 * 30 * (1 - quality) / 2 + 200_000
    gain = (event - treated) * loss_of_event - 175_000 * side_effect - 15_000
    return side_effect, gain


def ades_without_side_effects():
    """Mean gain of the same where the treatment has no side effects, $: exact by quadrature."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    weights = weights / weights.sum()
    quality = weights @ special.expit(0.6 + nodes * math.sqrt(1 / 6))
    event = stats.beta.ppf((np.arange(5000) + 0.5) / 5000, 15, 85)[:, np.newaxis]
    treated = special.expit(special.logit(event) - 1.5 + nodes * math.sqrt(1 / 3)).mean(axis=0)
    spared = 0.15 - weights @ treated
    return spared * (75_000 * 30 * (1 - quality) / 2 + 200_000) - 15_000


def test_the_textbook_study_of_side_effects_comes_out():
    chance = np.random.default_rng(12)
    side_effect, gain = ades_model(2000, chance)
    gains = futures_of(gain)
    # after x of 60 patients Beta(3, 9) has become Beta(3 + x, 69 - x), with the mean (3 + x) / 72
    x = np.arange(61)
    chances = stats.betabinom.pmf(x, 60, 3, 9)
    later = ades_without_side_effects() - 175_000 * (3 + x) / 72
    exact = chances @ np.maximum(later, 0) - max(chances @ later, 0)
    studies = {"60 patients": chance.binomial(60, side_effect, (4, 2000)) / 60}
    found = sample(gains, studies, side_effect, seed=1)[0]
    # the interval is nearly four standard errors wide
    assert found.low < exact < found.high
    assert found.pounds == pytest.approx(exact, abs=found.high - found.low)
    assert found.high - found.low < exact


# Mean and standard deviation of 19 numbers of two treatments: cost of the drug, share admitted,
# days in hospital, cost of a day (of both); share responding, utility and years of it; share with
# side effects, utility and years of these. After Brennan, Kharroubi, O'Hagan and Chilcott (2007),
# "Calculating partial expected value of perfect information via Monte Carlo sampling algorithms".
NINETEEN = np.array(
    [
        *[(1000, 1), (0.10, 0.02), (5.2, 1), (400, 200), (0.7, 0.1), (0.3, 0.1), (3, 0.5)],
        *[(0.25, 0.10), (-0.1, 0.02), (0.5, 0.2), (1500, 1), (0.08, 0.02), (6.1, 1), (0.8, 0.1)],
        *[(0.3, 0.05), (3, 1), (0.20, 0.05), (-0.1, 0.02), (0.5, 0.2)],
    ]
)


def test_groups_of_nineteen_numbers_have_the_values_of_the_published_model():
    # responses and years of both treatments have the correlation 0.6, as in Strong, Oakley and
    # Brennan (2014), case study 1. Exact values: of a million draws of the numbers known, with the
    # exact moments of the others given these (products of three normals); to 2 pounds.
    exact = {(5, 14): 248, (7, 16): 537, (5, 6, 14, 15): 844, (2, 3, 4, 12, 13): 0}
    correlations = np.eye(19)
    correlations[np.ix_([4, 6, 13, 15], [4, 6, 13, 15])] += 0.6 * (1 - np.eye(4))
    normal = np.random.default_rng(13).standard_normal((1000, 19))
    t = NINETEEN[:, 0] + NINETEEN[:, 1] * (normal @ np.linalg.cholesky(correlations).T)
    known = (None, *t.T)  # numbered from 1, as published
    first, second = (
        10_000
        * (known[a] * known[a + 1] * known[a + 2] + known[a + 3] * known[a + 4] * known[a + 5])
        - known[b]
        - known[b + 1] * known[b + 2] * known[4]
        for a, b in ((5, 1), (14, 11))
    )
    gains = futures_of(second - first)
    numbers = {str(group): t[:, [each - 1 for each in group]] for group in exact}
    for one, value in zip(partial(gains, numbers, seed=1), exact.values(), strict=True):
        assert one.low <= value <= one.high
        assert one.pounds == pytest.approx(value, abs=max(one.high - one.low, 20))
        assert one.beyond_luck == (value > 0)


@pytest.mark.slow
def test_intervals_cover_and_luck_alone_seldom_names_a_number():
    chance = np.random.default_rng(14)
    weights = np.array([1, 0.5, *[0] * 8])
    exact = {"every": loss(0.2, math.hypot(1, 0.5)), "0": loss(0.2, 1), "1": loss(0.2, 0.5)}
    covered, alarms, runs = dict.fromkeys(exact, 0), 0, 200
    for run in range(runs):
        numbers = chance.standard_normal((250, 10))
        gains = futures_of(0.2 + numbers @ weights, 2.0, chance)
        told = partial(gains, {str(each): numbers[:, each] for each in range(10)}, run)
        for one in (perfect(gains, run, "every"), *told[:2]):
            covered[one.label] += one.low <= exact[one.label] <= one.high
        alarms += any(one.beyond_luck for one in told[2:])
    # intervals of 95% and alarms in 1 run of 20, less or more four standard errors of 200 runs
    error = 4 * math.sqrt(0.05 * 0.95 / runs)
    assert min(covered.values()) / runs > 0.95 - error
    assert alarms / runs < 0.05 + error
