"""From tallies to children, days and whole pence."""

import math

import numpy as np
import pytest
from analysis_examples import (
    FIVE_YEARS,
    a_cost,
    a_practice_model,
    a_scenario,
    a_study,
    a_tally_of_numbers,
    a_team,
    an_effect,
    an_empty_tally,
)
from scipy import integrate, stats

from simfs.analysis.measures import measure, weekly_metrics, yearly_metrics
from simfs.analysis.prices import band_factors, paid_post_days, price_table
from simfs.scenario.costs import Basis, Ledger
from simfs.scenario.quantities import exactly


def yearly(scenario, tally, metrics=None):
    table, _ = measure(tally, scenario, price_table(scenario, {}), metrics)
    keys = [metric.key for metric in (metrics or yearly_metrics(scenario))]
    return {key: table[:, i].tolist() for i, key in enumerate(keys)}


def every_basis(factor=1.0):
    return (
        a_cost("plan", Basis.CHILD_WEEK, ("child_protection",), 230 * factor, Ledger.CAPACITY),
        a_cost("foster", Basis.PLACEMENT_WEEK, ("foster",), 650 * factor, spell_cv=0.15),
        a_cost("home", Basis.PLACEMENT_WEEK, ("home",), 4745 * factor, spell_cv=0.7),
        a_cost("entry", Basis.ENTRY, ("assessment",), 600 * factor, Ledger.CAPACITY),
        a_cost("route", Basis.ROUTE, ("assessment.child_protection",), 695 * factor, per=1.61),
        a_cost("diverted", Basis.DIVERSION, ("cp_start",), 50 * factor, Ledger.PARTNER),
        a_cost("allowance", Basis.WEEK_AFTER_EXIT, ("closed",), 165 * factor),
        a_cost("posts", Basis.POST_YEAR, ("safeguarding",), 56_167 * factor, Ledger.INVESTMENT),
    )


def test_a_week_of_one_child_costs_the_price_of_a_week():
    costs = (a_cost("plan", Basis.CHILD_WEEK, ("child_protection",), 230.0),)
    scenario = a_scenario(costs=costs)
    tally = an_empty_tally(scenario)
    tally.stage_children[2, :7] = 1
    assert yearly(scenario, tally)["cost.plan_pence"] == [23_000, 0]
    tally.stage_children[2, :7] = 0
    tally.stage_children[2, 0] = 1
    assert yearly(scenario, tally)["cost.plan_pence"] == [round(23_000 / 7), 0]


def test_half_a_penny_goes_to_the_even_penny():
    costs = (a_cost("entry", Basis.ENTRY, ("assessment",), 0.005),)
    scenario = a_scenario(costs=costs)
    tally = an_empty_tally(scenario)
    tally.entry_children[:, 0] = [1, 3]
    assert yearly(scenario, tally)["cost.entry_pence"] == [0, 2]


def test_the_year_after_the_price_year_has_one_year_of_growth():
    costs = (a_cost("entry", Basis.ENTRY, ("assessment",), 100.0, growth=exactly(0.1)),)
    scenario = a_scenario(costs=costs)
    tally = an_empty_tally(scenario)
    tally.entry_children[:, 0] = 1
    # prices of 2022-23 in 2023/24 and 2024/25
    assert yearly(scenario, tally)["cost.entry_pence"] == [11_000, 12_100]


def test_a_drawn_price_stands_in_for_the_central_one():
    scenario = a_scenario(costs=(a_cost("entry", Basis.ENTRY, ("assessment",), 100.0),))
    tally = an_empty_tally(scenario)
    tally.entry_children[:, 0] = 1
    prices = price_table(scenario, {"costs.entry.pounds": 250.0})
    table, _ = measure(tally, scenario, prices)
    keys = [metric.key for metric in yearly_metrics(scenario)]
    assert table[:, keys.index("cost.entry_pence")].tolist() == [25_000, 25_000]


def test_moves_between_the_stages_of_a_line_are_no_entries_from_outside():
    costs = (a_cost("court", Basis.ENTRY, ("care", "child_protection"), 1.0, per=2.0),)
    scenario = a_scenario(costs=costs)
    tally = an_empty_tally(scenario)
    tally.entry_children[0] = [0, 30, 50]
    # child protection to care: by its first route, and by crisis
    tally.route_children[0, 2, 0] = 7
    tally.crisis_children[0, 2] = 3
    assert yearly(scenario, tally)["cost.court_pence"] == [(80 - 10) * 50, 0]


@pytest.mark.parametrize("cv", [0.05, 0.15, 0.35, 0.499, 0.5, 0.795, 2.0])
def test_ten_bands_average_to_the_price_exactly(cv):
    assert math.fsum(band_factors(cv)) == pytest.approx(10, abs=1e-12)
    assert list(band_factors(cv)) == sorted(band_factors(cv))


@pytest.mark.parametrize(
    ("cv", "shape"),
    [
        (0.35, stats.gamma(0.35**-2, scale=0.35**2)),
        (
            0.795,
            stats.lognorm(
                math.sqrt(math.log1p(0.795**2)), scale=math.exp(-math.log1p(0.795**2) / 2)
            ),
        ),
    ],
)
def test_a_band_is_the_mean_of_its_tenth(cv, shape):
    for band in (0, 4, 9):
        # the last tenth has no end; its tail beyond 1 - 1e-12 weighs less than the tolerance
        mean, _ = integrate.quad(
            shape.ppf, band / 10, min((band + 1) / 10, 1 - 1e-12), epsabs=1e-9, limit=200
        )
        assert band_factors(cv)[band] == pytest.approx(10 * mean, rel=1e-6)


def test_a_whole_year_of_fourteen_posts_costs_the_sum_of_the_papers():
    # recruited before they work, paid from the first day of a year of 366 days
    posts = ((0, 0, 0), (183, 14, 0))
    costs = (a_cost("posts", Basis.POST_YEAR, ("team",), 655_000.0, Ledger.INVESTMENT, per=14.0),)
    scenario = a_scenario(costs=costs, calendar=FIVE_YEARS, teams=(a_team("team", posts),))
    tally = an_empty_tally(scenario)
    assert yearly(scenario, tally)["cost.posts_pence"] == [65_500_000] * 5


def test_added_posts_are_paid_from_their_day_and_removed_posts_until_theirs():
    team = a_team(posts=((0, 10, 0), (100, 12, 90), (200, 9, 200)))
    # ten all year, two from day 90, three fewer from day 200
    assert paid_post_days(team, 0, 366) == 10 * 366 + 2 * (366 - 90) - 3 * (366 - 200)
    assert paid_post_days(team, 366, 731) == 9 * 365


def test_a_team_without_limit_costs_nothing():
    costs = (a_cost("posts", Basis.POST_YEAR, ("safeguarding",), 50_000.0),)
    scenario = a_scenario(costs=costs, teams=(a_team(posts=()),))
    assert yearly(scenario, an_empty_tally(scenario))["cost.posts_pence"] == [0, 0]


def test_spend_is_the_sum_of_its_lines_by_ledger():
    practice = a_practice_model((71_000.0, 10.5), grant=(-140_000.0,), effects=(an_effect(),))
    scenario = a_scenario(costs=every_basis(), practice=practice)
    found = yearly(scenario, a_tally_of_numbers(scenario))
    for ledger, lines in {
        "cashable": ("foster", "home", "route", "allowance"),
        "capacity": ("plan", "entry"),
        "partner": ("diverted",),
    }.items():
        total = np.sum([found[f"cost.{line}_pence"] for line in lines], axis=0)
        assert found[f"spend.{ledger}_pence"] == total.tolist()
    posts = found["cost.posts_pence"]
    assert found["spend.investment_pence"] == [posts[0] + 7_100_000, posts[1] + 1_050]
    assert found["spend.grant_pence"] == [-14_000_000, 0]


def test_doubling_all_unit_costs_doubles_every_pound_to_the_penny():
    plain, doubled = (
        a_scenario(costs=every_basis(factor), practice=a_practice_model((), (), (an_effect(),)))
        for factor in (1.0, 2.0)
    )
    tally = a_tally_of_numbers(plain)
    once, twice = yearly(plain, tally), yearly(doubled, tally)
    for cost in plain.prices.costs:
        gaps = np.subtract(
            twice[f"cost.{cost.key}_pence"], np.multiply(2, once[f"cost.{cost.key}_pence"])
        )
        # |round(2x) - 2 round(x)| <= 1 in each cell that is rounded
        cells = 10 if cost.basis is Basis.PLACEMENT_WEEK else 1
        assert np.abs(gaps).max() <= cells


def test_doubling_prices_of_whole_pence_a_day_doubles_exactly():
    found = []
    for factor in (1.0, 2.0):
        costs = (a_cost("plan", Basis.CHILD_WEEK, ("child_protection",), 231.0 * factor),)
        scenario = a_scenario(costs=costs)
        found.append(yearly(scenario, a_tally_of_numbers(scenario))["cost.plan_pence"])
    assert found[1] == [2 * pence for pence in found[0]]


def test_stocks_are_of_the_last_day_and_child_days_of_every_day_of_a_year():
    scenario = a_scenario()
    tally = an_empty_tally(scenario)
    tally.stage_children[1] = np.arange(731)
    found = yearly(scenario, tally)
    assert found["looked_after_at_end_children"] == [365, 730]
    assert found["looked_after_child_days"] == [sum(range(366)), sum(range(366, 731))]
    assert found["child_protection_at_end_children"] == [0, 0]


def test_arms_of_a_study_have_the_same_columns():
    practice = a_practice_model(effects=(an_effect(),))
    study = a_study((a_scenario("before"), a_scenario("after", practice=practice)))
    metrics = yearly_metrics(study)
    assert len({metric.key for metric in metrics}) == len(metrics)
    before, after = (
        yearly(arm, a_tally_of_numbers(arm), metrics) for arm in (study.arms[0], study.arms[1])
    )
    assert before["diverted.cp_start_children"] == [0, 0]
    assert min(after["diverted.cp_start_children"]) >= 50
    assert after["investment.set_up_pence"] == [8_900_000, 0]


def test_a_week_is_seven_days_and_a_standstill_is_no_short_wait():
    scenario = a_scenario()
    tally = an_empty_tally(scenario)
    tally.stage_children[2] = np.arange(731)
    tally.waiting_children[0] = 2
    tally.team_posts[0] = 30
    tally.team_load[0] = 450
    tally.allocated[0, 1], tally.waited_days[0, 1] = 4, 10
    _, weekly = measure(tally, scenario, price_table(scenario, {}))
    column = {metric.key: i for i, metric in enumerate(weekly_metrics(scenario))}
    assert weekly.shape == (104, len(column))
    assert weekly.dtype == np.float32
    assert weekly[:2, column["child_protection_children"]].tolist() == [6, 13]
    assert weekly[0, column["caseload.safeguarding"]] == 15
    assert weekly[0, column["unallocated.safeguarding"]] == 2
    wait = weekly[:, column["days_to_allocation.safeguarding"]]
    assert wait[1] == 2.5
    assert math.isnan(wait[0])
