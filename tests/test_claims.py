"""Three ways to ask how likely a claim is, and what the claims' own arithmetic says."""

import math

import numpy as np
import pytest
from analysis_examples import (
    FIVE_YEARS,
    a_claim,
    a_cost,
    a_practice_model,
    a_scenario,
    a_study,
    a_team,
    some_outcomes,
)

from simfs.analysis.arithmetic import cross_checks
from simfs.analysis.claims import likelihood, verdict, verdicts
from simfs.analysis.probabilities import Groups, coupled, expected, outturn, printed
from simfs.scenario.claims import Against, Aggregate, Direction
from simfs.scenario.costs import Basis, Ledger

N_DRAWS = 10_000
INDEX = np.arange(4 * N_DRAWS)
GROUPS = Groups(INDEX // 4, INDEX % 4 // 2, drift=True)


def phi(z):
    return 0.5 * math.erfc(-z / math.sqrt(2))


def normals(seed, n):
    return np.random.Generator(np.random.Philox(key=seed)).standard_normal(n)


def levels(seed, ignorance, drift, chance):
    return (
        ignorance * normals(seed, N_DRAWS).repeat(4)
        + drift * normals(seed + 1, 2 * N_DRAWS).repeat(2)
        + chance * normals(seed + 2, 4 * N_DRAWS)
    )


# Savings about 10 with standard deviations 1 (ignorance), 0.5 (drift), 2 (chance).
SAVING = 10 + levels(1, 1.0, 0.5, 2.0)
# What moves both arms alike cancels in the saving, not in the cost.
BASELINE = 100 + levels(5, 2.0, 1.0, 3.0)
ARM = BASELINE - SAVING


def within(share, n):
    """Four standard errors of a share of n."""
    return 4 * math.sqrt(share * (1 - share) / n)


@pytest.mark.parametrize("claim", [9.0, 10.0, 11.5])
def test_the_expected_probability_is_of_the_draws_own_means(claim):
    found = expected(SAVING, claim, GROUPS, seed=1)
    truth = phi(10 - claim)
    # the draws' share, and the shrinking factor known to about 2% of a standard deviation
    assert found.value == pytest.approx(truth, abs=within(truth, N_DRAWS) + 0.01)
    assert found.low <= found.value <= found.high
    # without shrinking, chance and drift would widen the spread of draw means from 1 to 1.5
    assert claim == 10.0 or abs(phi((10 - claim) / 1.46) - truth) > 0.05


@pytest.mark.parametrize("claim", [8.0, 10.0, 13.0])
def test_the_coupled_probability_is_of_the_saving_of_a_future(claim):
    truth = phi((10 - claim) / math.sqrt(1 + 0.25 + 4))
    found = coupled(SAVING, claim, GROUPS)
    assert found.value == pytest.approx(truth, abs=2 * within(truth, 4 * N_DRAWS))
    assert found.low < truth < found.high


@pytest.mark.parametrize("claim", [6.0, 10.0, 16.0])
def test_the_outturn_probability_is_of_the_arm_alone_against_a_fixed_budget(claim):
    # cost about 90 with the variances of both: 1 + 4, 0.25 + 1, 4 + 9
    truth = phi((10 - claim) / math.sqrt(5 + 1.25 + 13))
    found = outturn(ARM, 100.0, claim, GROUPS)
    assert found.value == pytest.approx(truth, abs=2 * within(truth, 4 * N_DRAWS))
    assert found.low < truth < found.high


def test_nothing_but_chance_leaves_one_expected_saving():
    # draw means of pure chance still spread; pulled to the grand mean, no draw reaches half of
    # that spread above it, up to what the estimated variances leave
    pure = 10 + normals(9, 4 * N_DRAWS)
    groups = Groups(GROUPS.draws, GROUPS.drifts, drift=False)
    assert expected(pure, 10.25, groups, seed=1).value < 0.06
    assert coupled(pure, 10.25, groups).value == pytest.approx(phi(-0.25), abs=0.01)


def test_no_saving_is_exactly_none_and_nobody_warns():
    groups = Groups(INDEX[:40] // 4, INDEX[:40] % 4 // 2, drift=True)
    zero = np.zeros(40)
    assert expected(zero, 0.0, groups, seed=1).value == 1
    assert coupled(zero, 0.0, groups).value == 1
    assert coupled(zero, 1.0, groups).value == 0
    assert expected(zero, 1.0, groups, seed=1).value == 0
    assert expected(zero, 1.0, groups, seed=1).high > 0


def test_one_draw_tells_nothing_of_what_is_not_known():
    groups = Groups(INDEX[:4] // 4, INDEX[:4] % 4 // 2, drift=True)
    found = expected(np.array([1.0, 2.0, 3.0, 4.0]), 2.0, groups, seed=1)
    assert (found.low, found.high) == (0.0, 1.0)
    assert found.printed == "not known"


@pytest.mark.parametrize(
    ("value", "low", "high", "words"),
    [
        (0.0, 0.0, 0.004, "<0.5%"),
        (0.0, 0.0, 0.081, "<9%"),
        (0.002, 0.001, 0.009, "<1%"),
        (1.0, 0.9962, 1.0, ">99.5%"),
        (1.0, 0.912, 1.0, ">91%"),
        (0.0062, 0.005, 0.02, "1%"),
        (0.994, 0.98, 0.9949, "99%"),
        (0.123, 0.1, 0.15, "12%"),
        (0.123, 0.05, 0.2, "about 10%"),
        (0.48, 0.3, 0.66, "about 50%"),
        (0.02, 0.0, 0.12, "about 2%"),
        (0.5, 0.02, 0.98, "not known"),
    ],
)
def test_a_probability_is_printed_in_the_digits_it_supports(value, low, high, words):
    assert printed(value, low, high) == words


def test_every_probability_has_one_word():
    assert [likelihood(p) for p in (0, 0.049, 0.05, 0.3, 0.7, 0.95, 1)] == [
        "very unlikely",
        "very unlikely",
        "unlikely",
        "could go either way",
        "likely",
        "very likely",
        "very likely",
    ]


def spending(before, after, key="spend.cashable_pence"):
    """Outcomes of two years in which the arms spend these sums, [N, year]."""

    def fill(arm, metric):
        return {"before": before, "after": after}[arm] if metric == key else None

    return fill


def rows(*years, n=40):
    return np.tile(np.array(years, dtype=np.int64), (n, 1))


def test_a_claim_in_pounds_is_checked_in_pence():
    fill = spending(rows(500_000_00, 600_000_00), rows(400_000_00, 300_000_00))
    outcomes = some_outcomes(a_study(), fill=fill)
    found = verdict(outcomes, "after", a_claim("gross_saving", 100_000.0))
    assert (found.mean, found.p10, found.p90) == (100_000, 100_000, 100_000)
    assert found.coupled.value == found.outturn.value == found.expected.value == 1
    missed = verdict(outcomes, "after", a_claim("gross_saving", 100_000.01))
    assert missed.coupled.value == missed.outturn.value == missed.expected.value == 0
    # 0 of 40 leaves up to 9%, which is over the cut point of 5%
    assert missed.words.startswith("unlikely or very unlikely: in none of 40 simulated futures")


def test_years_are_summed_averaged_or_taken_as_they_end():
    fill = spending(rows(500_00, 600_00), rows(400_00, 300_00))
    outcomes = some_outcomes(a_study(), fill=fill)
    means = {
        how: verdict(
            outcomes, "after", a_claim("cashable_saving", 1, aggregate=how, last_year=1)
        ).mean
        for how in Aggregate
    }
    assert means == {Aggregate.AT: 300, Aggregate.SUM: 400, Aggregate.MEAN: 200}


def test_at_most_asks_for_the_other_side():
    fill = spending(rows(500_00, 0), rows(400_00, 0))
    outcomes = some_outcomes(a_study(), fill=fill)
    most = [
        verdict(
            outcomes, "after", a_claim("gross_saving", pounds, direction=Direction.AT_MOST)
        ).coupled.value
        for pounds in (99.0, 100.0, 101.0)
    ]
    assert most == [0, 1, 1]
    budget = verdict(
        outcomes, "after", a_claim("gross_saving", 99.0, direction=Direction.AT_MOST)
    ).outturn.value
    assert budget == 0


def test_a_given_budget_decides_the_outturn_alone():
    fill = spending(rows(500_00, 0), rows(400_00, 0))
    outcomes = some_outcomes(a_study(), fill=fill)
    found = verdict(outcomes, "after", a_claim("gross_saving", 100.0, budget=450.0))
    assert found.outturn.value == 0
    assert found.coupled.value == 1


def test_a_share_is_of_the_mean_of_the_baseline():
    key = "child_protection_starts_children"
    outcomes = some_outcomes(a_study(), fill=spending(rows(200, 200), rows(110, 120), key))
    claim = a_claim("child_protection_starts", 0.45, relative=True, unit="share")
    assert verdict(outcomes, "after", claim).mean == pytest.approx(0.45)
    assert verdict(outcomes, "after", claim).outturn.value == 1
    later = a_claim("child_protection_starts", 0.45, relative=True, last_year=1)
    assert verdict(outcomes, "after", later).mean == pytest.approx(0.40)
    assert verdict(outcomes, "after", later).coupled.value == 0


def test_a_claim_against_the_start_is_about_the_arm_and_its_opening_stock():
    key = "looked_after_at_end_children"
    # the example opens with 349; the baseline grows, the arm falls by 20
    outcomes = some_outcomes(a_study(), fill=spending(rows(400, 400), rows(340, 329), key))
    claim = a_claim("looked_after_at_end", 20, against=Against.START, last_year=1, unit="children")
    found = verdict(outcomes, "after", claim)
    assert found.mean == 20
    assert found.outturn.value == 1
    otherwise = a_claim("looked_after_at_end", 20, last_year=1, unit="children")
    assert verdict(outcomes, "after", otherwise).mean == 71


def test_a_flow_starts_from_the_first_year():
    key = "looked_after_starts_children"
    outcomes = some_outcomes(a_study(), fill=spending(rows(90, 90), rows(80, 60), key))
    claim = a_claim("looked_after_starts", 20, against=Against.START, last_year=1)
    assert verdict(outcomes, "after", claim).mean == 20
    first = a_claim("looked_after_starts", 10, against=Against.START)
    assert verdict(outcomes, "after", first).mean == 10


def test_a_claim_against_nothing_is_about_the_metric_itself():
    key = "crises_children"
    outcomes = some_outcomes(a_study(), fill=spending(rows(9, 9), rows(5, 5), key))
    claim = a_claim("crises", 5, against=Against.NONE, direction=Direction.AT_MOST)
    found = verdict(outcomes, "after", claim)
    assert found.mean == 5
    assert found.outturn.value == found.expected.value == 1
    assert found.coupled is None
    more = a_claim("crises", 6, against=Against.NONE)
    assert verdict(outcomes, "after", more).outturn.value == 0


def test_investment_is_taken_off_a_net_saving_and_grant_is_not_added():
    def fill(arm, key):
        spent = {
            ("before", "spend.cashable_pence"): 900_00,
            ("after", "spend.cashable_pence"): 600_00,
            ("before", "spend.capacity_pence"): 50_00,
            ("after", "spend.investment_pence"): 120_00,
            ("after", "spend.grant_pence"): -70_00,
            ("before", "spend.partner_pence"): 10_00,
        }
        return spent.get((arm, key))

    outcomes = some_outcomes(a_study(), fill=fill)
    means = {
        metric: verdict(outcomes, "after", a_claim(metric)).mean
        for metric in ("gross_saving", "net_saving", "net_cashable_saving", "partner_saving")
    }
    assert means == {
        "gross_saving": 350,
        "net_saving": 230,
        "net_cashable_saving": 180,
        "partner_saving": 10,
    }


def test_verdicts_are_for_every_claim_and_every_arm_but_the_baseline():
    arms = (a_scenario("before"), a_scenario("after"), a_scenario("other"))
    claims = (a_claim(), a_claim("looked_after_at_end", last_year=4))
    found = verdicts(some_outcomes(a_study(arms, claims)))
    assert [(one.claim.metric, one.arm) for one in found] == [
        ("gross_saving", "after"),
        ("gross_saving", "other"),
        ("looked_after_at_end", "after"),
        ("looked_after_at_end", "other"),
    ]
    assert found[2].outturn is None
    assert "the run ends with 2024/25" in found[2].words
    assert verdicts(some_outcomes(a_study((a_scenario("before"),), claims))) == ()


def test_four_futures_give_a_verdict_without_an_interval_of_the_mean():
    outcomes = some_outcomes(a_study(claims=(a_claim(),)), futures=4)
    (found,) = verdicts(outcomes)
    assert found.mean == 0
    assert found.mean_low is None
    assert "at least 8 futures" in found.reason


def test_a_metric_that_is_not_measured_is_named():
    with pytest.raises(KeyError, match="no yearly metric or saving 'happiness'"):
        verdict(some_outcomes(a_study()), "after", a_claim("happiness"))


def published_study():
    """The posts, sums and claims of the council's papers, and nothing else."""
    posts = ((-31, 0), (-31, 14))
    extra = ((0, 32), (0, 38))
    costs = (
        a_cost("adult", Basis.POST_YEAR, ("adult",), 655_000.0, Ledger.INVESTMENT, per=14.0),
        a_cost("social", Basis.POST_YEAR, ("social",), 337_000.0, Ledger.INVESTMENT, per=6.0),
    )
    before = a_scenario(
        "before",
        costs,
        FIVE_YEARS,
        teams=(a_team("adult", ((0, 0),)), a_team("social", extra[:1])),
    )
    after = a_scenario(
        "after",
        costs,
        FIVE_YEARS,
        a_practice_model((89_000.0,), grant=(-140_000.0,)),
        teams=(a_team("adult", posts), a_team("social", extra)),
    )
    years = {"aggregate": Aggregate.SUM, "last_year": 4}
    claims = (
        a_claim("gross_saving", 1_097_000, id="low-gross-year-3", last_year=2),
        a_claim("gross_saving", 3_291_000, id="high-gross-year-3", last_year=2),
        a_claim("gross_saving", 4_872_000, id="low-gross-five-years", **years),
        a_claim("gross_saving", 14_615_000, id="high-gross-five-years", **years),
        a_claim("net_saving", 105_000, id="low-net-year-3", last_year=2),
        a_claim("net_saving", 2_300_000, id="high-net-year-3", last_year=2),
        a_claim("looked_after_at_end", 26, id="looked-after-26-today", last_year=1),
        a_claim("looked_after_at_end", 0.3, id="care-30-looked-after-today", relative=True),
        a_claim("child_protection_at_end", 0.45, id="plans-45-open-today", relative=True),
        a_claim("cashable_saving", 1_175_000, id="budget-2025-26-level", last_year=2),
    )
    return a_study((before, after), claims)


def test_the_published_figures_are_added_up():
    found = {finding.key: finding for finding in cross_checks(published_study())}
    # 4.872 - (1.081 + 4 x 0.992), in pounds
    assert found["net-of-low-gross-five-years"].value == pytest.approx(-177_000)
    assert "1.081 + 0.992 + 0.992 + 0.992 + 0.992 = £5.049m" in (
        found["net-of-low-gross-five-years"].words
    )
    assert "−£0.177m before grant" in found["net-of-low-gross-five-years"].words
    assert found["net-of-low-gross-year-3"].value == pytest.approx(105_000)
    assert found["net-of-high-gross-year-3"].value == pytest.approx(2_299_000)
    assert "agrees with" in found["net-of-high-gross-year-3"].words
    assert found["multiple-year-3"].value == pytest.approx(3.0)
    assert "a multiple of one estimate" in found["multiple-five-years"].words
    assert found["looked-after-share"].value == pytest.approx(26 / 349)
    assert "7.4% of the 349" in found["looked-after-share"].words
    assert "90 of 200" in found["looked-after-share"].words
    assert found["price-of-a-child"].value == pytest.approx(45_192, abs=1)


def test_sums_whose_claims_are_absent_are_left_out():
    study = published_study()
    assert cross_checks(a_study(study.arms, ())) == ()
    # a run of two years that invests: no sum of year 3 or of five years can be made
    after = a_scenario("after", practice=a_practice_model())
    short = a_study((a_scenario("before"), after), study.claims)
    assert {finding.key for finding in cross_checks(short)} == {
        "multiple-year-3",
        "multiple-five-years",
        "looked-after-share",
        "price-of-a-child",
    }


def noisy(mean, spread, seed, n=40):
    """Sums of a first year that differ between futures, and nothing in the second; [N, year]."""
    first = np.round(mean + spread * normals(seed, n)).astype(np.int64)
    return np.stack([first, np.zeros_like(first)], axis=1)


def test_the_words_are_about_the_difference_and_not_about_prices_and_luck():
    before = noisy(500_000_00, 400_000_00, seed=3)
    fill = spending(before, before - 1_000_00)
    outcomes = some_outcomes(a_study(), fill=fill)
    found = verdict(outcomes, "after", a_claim("gross_saving", 100_000.0))
    assert found.outturn.value > 0.2  # luck alone brings the cost under the budget that often
    assert found.words.startswith("unlikely or very unlikely: in none of 40")


def test_the_outturn_stands_beside_the_same_chance_with_no_change():
    before = noisy(500_000_00, 400_000_00, seed=3)
    outcomes = some_outcomes(a_study(), fill=spending(before, before))
    found = verdict(outcomes, "after", a_claim("gross_saving", 100_000.0))
    assert found.unchanged == found.outturn
    helped = some_outcomes(a_study(), fill=spending(before, before - 300_000_00))
    better = verdict(helped, "after", a_claim("gross_saving", 100_000.0))
    assert better.unchanged == found.outturn
    assert better.outturn.value > better.unchanged.value


def test_a_fall_below_the_first_year_comes_out_against_that_year_s_own_spending():
    # prices nobody knows move all years of a future alike; no future falls, or all do by a tenth
    flat = noisy(500_000_00, 400_000_00, seed=3)[:, :1].repeat(2, axis=1)
    fallen = flat - [0, 100_000_00]
    claim = a_claim("below_start_saving", 50_000.0, last_year=1)
    none = verdict(some_outcomes(a_study(), fill=spending(flat, flat)), "after", claim)
    assert none.outturn.value == none.unchanged.value == 0
    some = verdict(some_outcomes(a_study(), fill=spending(flat, fallen)), "after", claim)
    assert (some.outturn.value, some.unchanged.value) == (1, 0)
    # what falls without the change falls in the accounts too, and is no saving of the change
    both = verdict(some_outcomes(a_study(), fill=spending(fallen, fallen)), "after", claim)
    assert (both.outturn.value, both.unchanged.value, both.coupled.value) == (1, 1, 0)


def test_a_claim_to_save_nothing_is_met_by_a_loss_too_small_to_print():
    fill = spending(rows(500_00, 0), rows(540_00, 0))
    outcomes = some_outcomes(a_study(), fill=fill)
    found = verdict(outcomes, "after", a_claim("gross_saving", 0.0))
    assert found.expected.value == found.coupled.value == 1
    fill = spending(rows(500_00, 0), rows(1_540_00, 0))
    missed = verdict(some_outcomes(a_study(), fill=fill), "after", a_claim("gross_saving", 0.0))
    assert missed.expected.value == missed.coupled.value == 0
