"""The Bury scenario: what it starts from, what it settles at, and what it says about sources."""

import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from simfs.engine.compile import compile_scenario
from simfs.scenario import config
from simfs.scenario.costs import Basis, Ledger
from simfs.scenario.describe import describe
from simfs.scenario.practice import Reading
from simfs.scenario.scenario import Scenario, Study
from simfs.scenario.traffic import Traffic, band_shares, route_ratios_for_flows, stationary
from simfs.scenario.workforce import TeamKind

FILE = Path(__file__).parent.parent / "configs" / "bury.toml"
SPECIALISTS = {
    "domestic_abuse_officer": 2,
    "domestic_abuse_practitioner": 3,
    "mental_health_practitioner": 5,
    "recovery_worker": 4,
}


@cache
def bury(preset: str = "sceptical") -> Study:
    return config.load(FILE, preset=preset)


@cache
def as_before() -> Scenario:
    return bury().arm("signs_of_safety")


@cache
def settled() -> Traffic:
    return stationary(as_before())


def opening(count: str) -> float:
    return sum(s.opening for s in as_before().pathway.stages if count in s.counts)


def test_bury_starts_from_the_published_stocks():
    assert opening("child_protection") == pytest.approx(200, abs=0.05)
    assert opening("child_in_need") == pytest.approx(247, abs=0.15)
    assert opening("looked_after") == pytest.approx(349, abs=0.15)
    assert as_before().pathway.stage("care_uasc").opening == 13


@pytest.mark.parametrize(
    ("count", "published"),
    [("child_protection", 200), ("child_in_need", 247), ("looked_after", 351.2)],
)
def test_bury_settles_within_one_percent_of_the_published_stocks(count, published):
    assert settled().counts[count] == pytest.approx(published, rel=0.01)
    assert settled().counts[count] == pytest.approx(opening(count), rel=0.01)


def test_bury_settles_at_the_flows_of_the_closed_table():
    traffic = settled()
    assert traffic.entries["referral"] == pytest.approx(3048, rel=5e-4)
    assert traffic.starts["child_protection"] == pytest.approx(240, rel=5e-4)
    assert traffic.starts["proceedings"] == pytest.approx(79, rel=5e-4)
    assert traffic.entries["care_interim"] == pytest.approx(59.1, rel=5e-4)
    assert traffic.starts["pre_proceedings"] == pytest.approx(63.7, rel=2e-3)
    assert traffic.counts["pre_proceedings"] == pytest.approx(26.9, rel=2e-3)
    assert traffic.counts["proceedings"] == pytest.approx(68.1, rel=2e-3)
    # published 102; here children at home after care leave at 18, so 0.9 fewer return
    assert traffic.starts["looked_after"] == pytest.approx(102, rel=0.01)


def test_children_leave_care_in_the_published_ways():
    pathway = as_before().pathway
    care = {stage.key for stage in pathway.stages if "looked_after" in stage.counts}
    ways: dict[str, float] = defaultdict(float)
    for (stage, key), flow in settled().routes.items():
        route = pathway.stage(stage).route(key)
        if stage in care and route is not None and route.to not in care:
            ways[route.to] += flow
    ways["eighteen"] += sum(settled().moves.get((stage, "eighteen"), 0.0) for stage in care)
    total = sum(ways.values())
    published = {
        "eighteen": 0.374,
        "home": 0.244,
        "special_guardianship": 0.148,
        "adoption": 0.102,
        "child_arrangements": 0.040,
        "other": 0.092,
    }
    assert {way: flow / total for way, flow in ways.items()} == pytest.approx(published, abs=0.004)
    assert total == pytest.approx(settled().starts["looked_after"], rel=1e-6)


def test_the_ages_of_looked_after_children_are_those_of_the_table():
    care = [s.key for s in as_before().pathway.stages if "looked_after" in s.counts]
    ages = sum(settled().ages[key] for key in care)
    shares = band_shares(ages, (0, 1, 5, 10, 16, 18))
    assert shares == pytest.approx((0.041, 0.149, 0.219, 0.397, 0.194), abs=0.006)


def test_every_opening_stock_is_near_where_its_stage_settles():
    for stage in as_before().pathway.stages:
        # within two children, or two percent of a large stock
        gap = abs(settled().children[stage.key] - stage.opening)
        assert gap < max(2.0, 0.02 * stage.opening), stage.key


def test_the_ages_at_the_start_are_those_of_children_who_enter_each_stage():
    pathway, traffic = as_before().pathway, settled()
    mixes = {mix.key: mix for mix in pathway.age_mixes}
    edges = (0, 1, 5, 10, 16, 18)
    for key, mix in (("care_s20", "opening_care_s20"), ("cin_home", "opening_cin_home")):
        entering = band_shares(traffic.entry_ages[key].sum(axis=0), edges)
        assert mixes[mix].shares == pytest.approx(entering, abs=0.0015)
    by_first_entry = traffic.entry_ages["care_order"].sum(axis=1)
    shares = by_first_entry / by_first_entry.sum()
    assert mixes["opening_care_order"].shares == pytest.approx(shares, abs=0.0015)
    young = traffic.entry_ages["care_adoption"].sum(axis=1)
    assert mixes["opening_adoption"].shares == pytest.approx(young[:2] / young.sum(), abs=0.0015)


def test_the_children_of_long_term_care_first_came_as_long_ago_as_the_traffic_says():
    pathway, traffic = as_before().pathway, settled()
    middles = (np.arange(1800) + 0.5) / 100
    # first entries by band: babies at 0.95 u^4, mean 0.19; the others in the middle of their band
    first = np.array([0.19, 3.0, 7.5, 13.0])
    for key in ("care_order", "care_order_after_adoption", "care_adoption"):
        entering = traffic.entry_ages[key]
        years = (entering.sum(axis=0) @ middles - entering.sum(axis=1) @ first) / entering.sum()
        assert pathway.stage(key).opening_after == pytest.approx(365.25 * years, abs=10)


def test_one_new_child_in_twenty_six_is_ever_looked_after():
    assert settled().ever["looked_after"] == pytest.approx(0.0387, abs=5e-4)


def test_every_team_can_carry_its_work():
    for team in as_before().teams:
        if team.kind is TeamKind.SOCIAL_WORK:
            stages = [s.key for s in as_before().pathway.stages if s.team == team.key]
            work = sum(settled().children[key] for key in stages)
            assert work < team.establishment[0].posts * team.caseload[0][1], team.key


def test_family_safeguarding_adds_fourteen_practitioners_and_six_safeguarding_posts():
    arm = bury().arm("family_safeguarding")
    assert {t.key: t.establishment[-1].posts for t in arm.teams if t.serves} == SPECIALISTS
    safeguarding = arm.team("safeguarding")
    before = as_before().team("safeguarding")
    assert safeguarding.posts_on(0) == 40
    assert before.establishment[-1].posts == before.posts_on(0) == 34


def yearly_investment(year: int) -> float:
    """Pounds that Family Safeguarding costs more than the arm before it, at central prices."""
    arm = bury().arm("family_safeguarding")
    assert arm.practice is not None
    total = sum(
        sum_.pounds[year] if year < len(sum_.pounds) else 0.0
        for sum_ in arm.practice.investments
        if sum_.ledger == "investment"
    )
    for cost in arm.prices.costs:
        if cost.ledger is Ledger.INVESTMENT and cost.basis is Basis.POST_YEAR:
            added = sum(
                arm.team(key).establishment[-1].posts - arm.team(key).establishment[0].posts
                for key in cost.applies_to
            )
            total += cost.pounds.value * added / cost.per
    return total


def test_the_investment_is_the_council_s_own_to_the_pound():
    assert yearly_investment(0) == 1_081_000
    assert yearly_investment(1) == 992_000
    practice = bury().arm("family_safeguarding").practice
    assert practice is not None
    grant = [sum_ for sum_ in practice.investments if sum_.ledger == "grant"]
    assert [sum_.pounds for sum_ in grant] == [(-140_000.0,)]


def test_courses_of_sixteen_have_a_seat_for_nearly_every_planned_post_by_go_live():
    arm = bury().arm("family_safeguarding")
    assert arm.practice is not None
    assert arm.practice.go_live is not None
    training = arm.practice.training
    assert training is not None
    assert [course.seats for course in training.courses] == [16, 16, 16]
    assert max(course.day for course in training.courses) < arm.practice.go_live
    posts = sum(arm.team(key).posts_on(0) for key in training.teams)
    assert 48 <= posts <= 48 + training.rolling_seats


def test_a_week_of_a_looked_after_child_costs_about_926_pounds():
    """By the published shares of placements, which the mixes by age add up to in the stock."""
    prices = defaultdict(float)
    for cost in as_before().prices.costs:
        if cost.basis is Basis.PLACEMENT_WEEK:
            prices[cost.applies_to[0]] += cost.pounds.value
    stock = stock_by_first_age((0, 5, 10, 16))
    bands = next(mix.bands for mix in as_before().prices.mixes if mix.key == "care")
    mean = sum(
        children * share * prices[key]
        for children, (_, shares) in zip(stock, bands, strict=True)
        for key, share in shares
    )
    assert mean / sum(stock) == pytest.approx(926, abs=2)


def test_the_placements_of_the_stock_are_the_published_ones_whatever_the_pattern_by_age():
    stock = stock_by_first_age((0, 5, 10, 16))
    bands = next(mix.bands for mix in as_before().prices.mixes if mix.key == "care")
    found = defaultdict(float)
    for children, (_, shares) in zip(stock, bands, strict=True):
        for key, share in shares:
            found[key] += children * share / sum(stock)
    published = {
        "in_house_foster": 0.22, "agency_foster": 0.24, "kinship": 0.21, "children_home": 0.07,
        "semi_independent": 0.09, "with_parents": 0.11, "other_placement": 0.06,
    }  # fmt: skip
    assert dict(found) == pytest.approx(published, abs=0.002)


def stock_by_first_age(edges):
    """Children in the stages of the mix `care` at the start, by age on first coming into care."""
    scenario = as_before()
    program = compile_scenario(scenario, {})
    stock = np.zeros(len(edges))
    for stage, opening in zip(scenario.pathway.stages, program.openings, strict=True):
        if stage.placements == "care" and opening is not None:
            chance = np.diff(opening.cumulative, prepend=0.0)
            band = np.searchsorted(np.array(edges) * 365.25, opening.first_age, side="right") - 1
            stock += stage.opening * np.bincount(band, chance, len(edges))
    return stock


def test_the_sceptical_preset_is_the_default_and_warns_of_one_early_course():
    assert bury().preset == "sceptical"
    (warning,) = bury().warnings
    assert "the course of 2023-02-28 is before the run starts" in warning


@pytest.mark.parametrize("preset", ["pooled_comparison", "published_claim"])
def test_a_preset_of_flows_has_the_ratios_on_routes_that_give_them(preset):
    arm = bury(preset).arm("family_safeguarding")
    assert arm.practice is not None
    flows = {e.key: e for e in arm.practice.effects if e.reading is Reading.FLOW}
    solved = route_ratios_for_flows(arm, {key: e.published for key, e in flows.items()})
    assert set(solved) == {"cp_start", "care_entry"}
    assert {key: e.ratio.value for key, e in flows.items()} == pytest.approx(solved, abs=6e-4)


@pytest.mark.parametrize("preset", ["pooled_comparison", "pooled_solved", "published_claim"])
def test_only_the_sceptical_preset_changes_stays_or_escalation(preset):
    practice = bury(preset).arm("family_safeguarding").practice
    assert practice is not None
    for effect in practice.effects:
        if effect.key in ("cin_stay", "cp_stay", "escalation"):
            assert effect.ratio.value == 1
            assert effect.fade is None


def test_unaccompanied_children_are_exempt_from_every_effect():
    practice = bury().arm("family_safeguarding").practice
    assert practice is not None
    targets = {target for effect in practice.effects for target in effect.targets}
    assert not any(stage == "care_uasc" or route == "care_uasc" for stage, route in targets)


def test_entry_to_care_is_every_other_way_in():
    pathway = as_before().pathway
    care = {stage.key for stage in pathway.stages if "looked_after" in stage.counts}
    ways = {
        (stage.key, route.key)
        for stage in pathway.stages
        if stage.key not in care
        for route in stage.routes
        if route.to in care
    }
    practice = bury().arm("family_safeguarding").practice
    assert practice is not None
    effect = next(effect for effect in practice.effects if effect.key == "care_entry")
    assert set(effect.targets) == ways


def test_claims_have_names_of_their_own_and_both_readings_where_two_are_possible():
    claims = bury().claims
    assert len({claim.id for claim in claims}) == len(claims)
    readings: dict[str, set[str]] = defaultdict(set)
    for claim in claims:
        readings[claim.words].add(claim.reading)
    assert len(readings["26 fewer looked-after children from year 2"]) == 3
    assert len(readings["Up to 45% fewer child protection plans"]) == 3
    assert len(readings["The budget falls by £1.175m in 2025/26"]) == 4


def test_the_claims_are_the_sums_of_the_council_s_papers():
    pounds = {claim.threshold for claim in bury().claims if claim.unit == "£"}
    assert pounds == {
        0,
        105_000,
        587_000,
        1_097_000,
        1_175_000,
        1_762_000,
        2_300_000,
        3_291_000,
        4_872_000,
        14_615_000,
    }


def test_every_number_has_a_grade_and_a_source_or_a_reason():
    for entry in bury().ledger:
        assert entry.source or entry.assumption, entry.path
        if entry.assumption != "default of simfs" and "constant 2022-23" not in entry.assumption:
            assert entry.grade in ("A", "B", "C", "D"), entry.path


def test_every_source_of_the_file_is_used():
    used = {
        entry.source
        for preset in ("sceptical", "pooled_comparison")
        for entry in bury(preset).ledger
    }
    used |= {claim.source for claim in bury().claims}
    # what walks are sized by is no number of the model, so it is not in the ledger
    used |= set(re.findall(r'source = "([^"]+)"', bury().resolved))
    assert {source.key for source in bury().sources} <= used


def test_the_page_shows_stocks_workers_changes_and_sources():
    page = describe(bury())
    assert (
        "Child protection plans                        240.0       200.0      200.0   -0.0%" in page
    )
    row = "Safeguarding      520 children        18    28.9     34  31.8 filled in the long run"
    assert row in page
    assert "unstable" not in page
    assert "posts, Safeguarding: 34, 40 from 1 Apr 2023" in page
    assert "in the long run 93.6% of posts are filled, 22.8% of those by agency workers" in page
    assert "× 0.82 (0.668 to 1.01) on assessment.cp, cin.cp, cin_down.cp" in page
    line = next(line for line in page.splitlines() if line.startswith("splits.closed.shares.c"))
    assert "= 0.6834" in line
    assert "[C] assumed: solved" in line


def test_the_page_says_when_a_team_cannot_keep_up():
    study = config.load(FILE, sets=["teams.safeguarding.posts=26"])
    page = describe(study)
    # 520 children for 26 x .936 x 18 = 438 places, and 478 a year enter the team from outside:
    # 478 x 82/520 / 12
    assert "unstable: the queue grows by about 6 children a month" in page
