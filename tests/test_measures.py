"""From tallies to children, days and whole pence."""

import math
from dataclasses import replace
from datetime import date

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
from simfs.analysis.prices import band_factors, planned_pence, price_table
from simfs.scenario.costs import Basis, Ledger
from simfs.scenario.practice import Reform, ServiceCrisis
from simfs.scenario.quantities import Spread, exactly
from simfs.scenario.scenario import Calendar
from simfs.scenario.workforce import Establishment, TeamKind


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
        a_cost("agency", Basis.AGENCY_POST_YEAR, ("safeguarding",), 21_000 * factor),
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


def test_a_child_without_a_worker_takes_nobody_s_time_but_what_is_paid_out_is_paid():
    costs = (
        a_cost("work", Basis.CHILD_WEEK, ("child_protection",), 230.0, Ledger.CAPACITY),
        a_cost("help", Basis.CHILD_WEEK, ("child_protection",), 70.0),
    )
    scenario = a_scenario(costs=costs)
    tally = an_empty_tally(scenario)
    tally.stage_children[2, :7] = 3
    tally.waiting_children[2, :7] = 2
    found = yearly(scenario, tally)
    assert found["cost.work_pence"] == [230_00, 0]
    assert found["cost.help_pence"] == [3 * 70_00, 0]


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


def test_posts_filled_all_year_cost_their_price_in_a_leap_year_and_in_another():
    # 2023/24 has 366 days
    costs = (a_cost("posts", Basis.POST_YEAR, ("team",), 655_000.0, Ledger.INVESTMENT, per=14.0),)
    scenario = a_scenario(costs=costs, calendar=FIVE_YEARS, teams=(a_team("team", ((0, 14),)),))
    tally = an_empty_tally(scenario)
    tally.team_posts[:] = 14
    assert yearly(scenario, tally)["cost.posts_pence"] == [65_500_000] * 5


def test_a_post_is_paid_in_full_and_what_it_does_not_cost_while_empty_stands_apart():
    costs = (
        a_cost("posts", Basis.POST_YEAR, ("team",), 36_500.0),
        a_cost("premium", Basis.AGENCY_POST_YEAR, ("team",), 3_650.0),
    )
    teams = (a_team("team", ((0, 10),)), a_team("town", ((0, 10),)))
    scenario = a_scenario(costs=costs, teams=teams)
    tally = an_empty_tally(scenario)
    # in the second year, of 365 days: three in post on 20 days, two of them agency on 10
    tally.team_posts[0, 400:420] = 3
    tally.team_agency[0, 410:420] = 2
    tally.team_posts[1] = 10
    found = yearly(scenario, tally)
    assert found["cost.posts_pence"] == [3650 * 100_00, 3650 * 100_00]
    assert found["empty.posts_pence"] == [-3650 * 100_00, -3590 * 100_00]
    assert found["spend.vacancy_pence"] == found["empty.posts_pence"]
    assert found["cost.premium_pence"] == [0, 20 * 10_00]


def test_a_partner_is_spared_a_sum_for_every_week_in_which_a_need_is_met():
    costs = (a_cost("spared", Basis.MET_WEEK, ("alcohol",), -14.0, Ledger.PARTNER, payer="police"),)
    scenario = a_scenario(costs=costs, needs=("alcohol", "violence"))
    tally = an_empty_tally(scenario)
    tally.needs_met[0, 366:373] = 5  # five families, the first week of the second year
    tally.needs_met[1, 366:373] = 100
    found = yearly(scenario, tally)
    assert found["cost.spared_pence"] == [0, -70_00]
    assert found["spend.partner_pence"] == [0, -70_00]


def test_a_post_is_saved_only_when_its_worker_has_left():
    costs = (a_cost("posts", Basis.POST_YEAR, ("team",), 36_500.0),)
    scenario = a_scenario(costs=costs, teams=(a_team("team", ((0, 10), (366, 8))),))
    tally = an_empty_tally(scenario)
    # the second year: ten at work for 100 days after two posts have ended
    tally.team_posts[:] = 10
    tally.team_posts[:, 466:] = 8
    found = yearly(scenario, tally)
    assert found["cost.posts_pence"] == [3650 * 100_00, (365 * 8 + 100 * 2) * 100_00]
    assert found["empty.posts_pence"] == [0, 0]


def test_a_block_that_may_be_none_or_some_has_a_line_of_its_own():
    some = replace(exactly(0.0, "block"), spread=Spread.TRIANGULAR, low=0.0, high=10.0)
    cost = a_cost("home", Basis.PLACEMENT_WEEK, ("home",), 700.0, block_places=some)
    keys = [metric.key for metric in yearly_metrics(a_scenario(costs=(cost,)))]
    # or what a draw books as capacity would be on a ledger and on no line
    assert "block.home_pence" in keys


def test_a_place_of_a_block_is_paid_for_and_leaving_it_empty_frees_capacity_not_cash():
    def spent(children, block):
        costs = (
            a_cost("home", Basis.PLACEMENT_WEEK, ("home",), 700.0, block_places=exactly(block)),
        )
        scenario = a_scenario(costs=costs)
        tally = an_empty_tally(scenario)
        tally.placement_days[:, 1, 0] = [366 * children, 365 * children]
        found = yearly(scenario, tally)
        return found["spend.cashable_pence"], found["spend.capacity_pence"]

    assert spent(10, 0.0) == ([3660 * 100_00, 3650 * 100_00], [0, 0])
    # six of ten places are a block: four are bought, and six are in use
    assert spent(10, 6.0) == ([3660 * 100_00, 3650 * 100_00], [2196 * 100_00, 2190 * 100_00])
    # five children fewer: four places less are cash, one more only stands empty
    cash, in_use = spent(5, 6.0)
    assert cash == [2196 * 100_00, 2190 * 100_00]
    assert in_use == [1830 * 100_00, 1825 * 100_00]


def test_planned_posts_cost_as_much_as_if_every_post_were_filled_from_its_day():
    costs = (a_cost("posts", Basis.POST_YEAR, ("team",), 36_500.0),)
    teams = (a_team("team", ((-50, 2), (500, 3))),)
    scenario = a_scenario(costs=costs, teams=teams)
    (line,) = price_table(scenario, {}).lines
    # the year of 366 days is paid in full; then 365 days of two posts and 231 of one more
    assert planned_pence(line, scenario).tolist() == [73_000_00, 73_000_00 + 231 * 100_00]


def test_a_team_without_limit_costs_nothing():
    costs = (a_cost("posts", Basis.POST_YEAR, ("safeguarding",), 50_000.0),)
    scenario = a_scenario(costs=costs, teams=(a_team(posts=()),))
    tally = a_tally_of_numbers(scenario)
    assert yearly(scenario, tally)["cost.posts_pence"] == [0, 0]


def test_spend_is_the_sum_of_its_lines_by_ledger():
    practice = a_practice_model((71_000.0, 10.5), grant=(-140_000.0,), effects=(an_effect(),))
    scenario = a_scenario(costs=every_basis(), practice=practice)
    found = yearly(scenario, a_tally_of_numbers(scenario))
    for ledger, lines in {
        "cashable": ("foster", "home", "route", "allowance", "agency"),
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


def weekly(scenario, tally):
    _, table = measure(tally, scenario, price_table(scenario, {}))
    return {metric.key: table[:, i] for i, metric in enumerate(weekly_metrics(scenario))}


def test_a_week_is_seven_days_and_a_standstill_is_no_short_wait():
    scenario = a_scenario()
    tally = an_empty_tally(scenario)
    tally.stage_children[2] = np.arange(731)
    tally.waiting_children[0] = 2
    tally.team_posts[0] = 30
    tally.team_load[0] = 450
    tally.allocated[0, 1], tally.waited_days[0, 1] = 4, 10
    tally.wait_median[0, 1], tally.wait_p90[0, 1] = 0, 7
    found = weekly(scenario, tally)
    assert {row.shape for row in found.values()} == {(104,)}
    assert {row.dtype for row in found.values()} == {np.dtype(np.float32)}
    assert found["child_protection_children"][:2].tolist() == [6, 13]
    assert found["caseload.safeguarding"][0] == 15
    assert found["unallocated.safeguarding"][0] == 2
    waits = [
        found[f"days_to_allocation{which}.safeguarding"][:2] for which in ("", "_median", "_p90")
    ]
    assert [wait[1] for wait in waits] == [2.5, 0, 7]
    assert all(math.isnan(wait[0]) for wait in waits)


def test_a_caseload_cannot_be_told_while_nobody_of_the_team_is_in_post():
    scenario = a_scenario()
    tally = an_empty_tally(scenario)
    tally.team_posts[0, 7:] = 2
    tally.team_load[0, 14:] = 30
    tally.load_p90[0, 2:] = 18
    found = weekly(scenario, tally)
    for kind, known in (("caseload", [0, 15]), ("caseload_p90", [0, 18])):
        first, *rest = found[f"{kind}.safeguarding"][:3].tolist()
        assert math.isnan(first)
        assert rest == known


def test_an_empty_post_is_one_of_the_establishment_of_that_day_with_nobody_in_it():
    scenario = a_scenario(teams=(a_team(posts=((0, 10), (14, 6))),))
    tally = an_empty_tally(scenario)
    tally.team_posts[0] = 7
    tally.team_agency[0] = 3
    found = weekly(scenario, tally)
    # with six posts from day 14 on, the seventh worker is one too many and no post is empty
    assert found["vacancy.safeguarding"][:3].tolist() == [3, 3, 0]
    assert found["agency.safeguarding"][0] == 3
    by_year = yearly(scenario, tally)
    assert by_year["established.safeguarding_days"] == [14 * 10 + 352 * 6, 365 * 6]
    assert by_year["posts.safeguarding_days"] == [366 * 7, 365 * 7]
    assert by_year["agency.safeguarding_days"] == [366 * 3, 365 * 3]


def test_changes_of_worker_are_those_of_a_case_held_for_a_year():
    scenario = a_scenario()
    tally = an_empty_tally(scenario)
    tally.team_cases[0, 7:14] = 50
    tally.handovers[0, 1] = 2
    rate = weekly(scenario, tally)["changes_per_case.safeguarding"]
    assert rate[1] == pytest.approx(2 / 50 * 365.25 / 7)
    assert math.isnan(rate[0])


def test_a_week_of_changes_belongs_to_the_year_in_which_it_ends():
    scenario = a_scenario()
    tally = an_empty_tally(scenario)
    # week 51 ends on day 363; week 52 on day 370, in the year that begins on day 366
    tally.handovers[0, 51:53] = [5, 8]
    tally.team_cases[0, 365:367] = 20
    found = yearly(scenario, tally)
    assert found["handovers.safeguarding_cases"] == [5, 8]
    assert found["cases.safeguarding_days"] == [20, 20]
    # from 4 April the week ends on day 363, the first of the second year
    scenario = a_scenario(calendar=Calendar(date(2023, 4, 4), 731))
    tally = an_empty_tally(scenario)
    tally.handovers[0, 51] = 5
    assert yearly(scenario, tally)["handovers.safeguarding_cases"] == [0, 5, 0]


def test_the_dose_of_a_need_is_of_days_with_it_and_of_arms_with_a_post_for_it():
    specialist = a_team("recovery", ((0, 0), (183, 4)), TeamKind.SPECIALIST, serves="drugs")
    none = replace(specialist, establishment=(Establishment(0, 0),))
    needs = ("drugs", "mind")
    with_posts, without = (a_scenario(teams=(team,), needs=needs) for team in (specialist, none))
    tally = an_empty_tally(with_posts)
    tally.needs_wanted[:, 7:14] = 10
    tally.needs_met[0, 10:14] = 5
    dose = weekly(with_posts, tally)["dose.drugs"]
    assert dose[1] == pytest.approx(100 * 20 / 70)
    assert math.isnan(dose[0])
    # wanted because a reform's effect asks for the dose: no such arm has a specialist to speak of
    assert np.isnan(weekly(without, tally)["dose.drugs"]).all()
    assert np.isnan(weekly(with_posts, tally)["dose.mind"]).all()
    found = yearly(with_posts, tally)
    assert (found["wanted.drugs_days"], found["met.drugs_days"]) == ([70, 0], [20, 0])


def test_a_specialist_team_tells_nothing_of_waiting_or_changes():
    specialist = a_team("recovery", kind=TeamKind.SPECIALIST, serves="drugs")
    scenario = a_scenario(teams=(specialist, a_team()), needs=("drugs",))
    kinds = {
        team: {m.key.split(".")[0] for m in weekly_metrics(scenario) if m.key.endswith(f".{team}")}
        for team in ("recovery", "safeguarding")
    }
    assert kinds["recovery"] == {"posts", "agency", "vacancy", "caseload", "caseload_p90"}
    assert len(kinds["safeguarding"] - kinds["recovery"]) == 7


def test_a_reform_diverts_in_every_arm_and_a_crisis_in_none():
    reform = Reform(366, exactly(0.4), exactly(200.0), exactly(600.0), (an_effect(),))
    crisis = ServiceCrisis(0.1, 1.5, (("assessment", "child_protection"),), 90)
    costs = (a_cost("diverted", Basis.DIVERSION, ("cp_start",), 1.0),)
    scenario = replace(a_scenario(costs=costs), reform=reform, service_crisis=crisis)
    tally = replace(an_empty_tally(scenario), diverted_children=np.array([[3, 100], [4, 100]]))
    found = yearly(scenario, tally)
    assert found["diverted.cp_start_children"] == [3, 4]
    assert found["cost.diverted_pence"] == [300, 400]
