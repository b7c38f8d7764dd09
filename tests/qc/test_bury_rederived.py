"""The Bury rates worked out again, from published counts, by another route than the scenario's.

Whoever wrote this file used the published tables and the closed table's balances, not the scenario:
published counts are typed in here once more, solved rates are solved backwards from the stocks, and
care is worked out with SciPy's own distributions.
"""

import itertools
import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate, stats

from simfs.scenario import config
from simfs.scenario.practice import ON_FAMILIES
from simfs.scenario.scenario import Study
from simfs.scenario.traffic import stationary

FloatArray = NDArray[np.float64]
YEAR = 365.25
# Bury, years ending March 2022, 2023 and 2024 (Children in need 2025, tables C1 and D3)
REFERRALS = (3370, 3239, 2534)
NO_FURTHER_ACTION = 1106
NOT_IN_NEED = 2261
PLANS_STARTED = (281, 241, 264)
# rates of section 47 enquiries per 10,000 and children (LAIT, ONS)
ENQUIRIES = (206.1 * 4.3767, 207.1 * 4.3930, 184.2 * 4.4344)
CONFERENCES = (344, 299, 310)
UNACCOMPANIED = (7, 15, 10)
# ages at entry to care 2021-25: under 1, 1-4, 5-9, 10-15, 16 and over
ENTRY_AGES = (106, 92, 95, 149, 97)


@cache
def bury() -> Study:
    return config.load(Path(__file__).parent.parent.parent / "configs" / "bury.toml")


def p(stage: str, route: str, band: int = 0) -> float:
    found = bury().arms[0].pathway.stage(stage).route(route)
    assert found is not None
    return found.p[band]


def days(stage: str) -> float:
    stay = bury().arms[0].pathway.stage(stage).stay
    assert stay is not None
    return stay.mean


def test_shares_of_referrals_are_the_pooled_counts_of_three_years():
    assert sum(REFERRALS) == 9143
    assert p("referral", "no_further_action") == round(NO_FURTHER_ACTION / sum(REFERRALS), 3)
    assessed = sum(REFERRALS) - NO_FURTHER_ACTION
    assert p("referral", "assessment") == pytest.approx(assessed / sum(REFERRALS), abs=5e-4)
    assert p("assessment", "not_in_need") == round(NOT_IN_NEED / assessed, 3)


def test_unaccompanied_children_are_the_mean_of_three_years():
    rates = {stream.key: stream.per_year[0][1] for stream in bury().arms[0].demand.streams}
    assert rates["unaccompanied"] == round(sum(UNACCOMPANIED) / 3)


def test_enquiries_and_conferences_to_a_plan():
    plans = sum(PLANS_STARTED) / 3
    assert plans == 262
    enquiries = sum(ENQUIRIES) / 3 / plans
    assert round(enquiries, 2) == pytest.approx(3.34, abs=0.011)
    assert round(sum(CONFERENCES) / 3 / plans, 2) == 1.21
    price = next(c for c in bury().arms[0].prices.costs if c.key == "section_47").pounds
    assert price.value == pytest.approx(695 * 3.34, abs=1e-6)
    assert (price.low, price.high) == (550 * 3.34, 900 * 3.34)


def test_ages_on_entering_care_add_up_to_the_published_ages():
    mixes = {mix.key: mix for mix in bury().arms[0].pathway.age_mixes}
    # 59.1 removed and 2.0 with a care order from home; 29.9 otherwise; 11 unaccompanied
    removed, voluntary = (*mixes["removed"].shares, 0.0), mixes["voluntary"].shares
    mixed = [61.1 * a + 29.9 * b for a, b in zip(removed, voluntary, strict=True)]
    mixed[4] += 11
    published = [n / sum(ENTRY_AGES) for n in ENTRY_AGES]
    assert [n / 102 for n in mixed] == pytest.approx(published, abs=1.5e-3)


def test_lengths_are_the_published_ones_in_days():
    assert days("proceedings_home") == days("care_interim") == 45 * 7
    assert days("plo") == days("plo_cp") == 22 * 7
    assert days("cin") == round(0.60 * YEAR)
    assert days("cin_down") == round(0.55 * YEAR)
    # ten months of a plan, of which .2083 go on for 22 weeks, and 3 in 243 come back to it
    whole = 200 / 240 * YEAR
    assert days("cp") == pytest.approx((whole - 0.2083 * 243 / 240 * 154) * 240 / 243, abs=0.5)


def test_spreads_are_the_published_ones():
    spreads = {
        "cin": 0.8,
        "cin_down": 0.8,
        "cin_home": 0.8,
        "plo": 0.45,
        "plo_cp": 0.45,
        "proceedings_home": 0.543,
        "care_interim": 0.543,
    }
    for stage, sigma in spreads.items():
        stay = bury().arms[0].pathway.stage(stage).stay
        assert stay is not None
        assert stay.shape.cv == pytest.approx(math.sqrt(math.expm1(sigma**2)), abs=6e-4)
    # mean 45 weeks and 23% within 26 weeks fix the spread of proceedings
    within = stats.norm.cdf((math.log(26) - (math.log(45) - 0.543**2 / 2)) / 0.543)
    assert within == pytest.approx(0.23, abs=0.003)


def test_assessments_take_what_the_north_west_s_take():
    stay = bury().arms[0].pathway.stage("assessment").stay
    assert stay is not None
    working_days = (0, 1, 10, 20, 30, 40, 45, 50, 60, 90)
    shares = (1.2, 9.4, 14.8, 15.2, 21.0, 20.2, 7.6, 5.4, 5.0)
    middles = [(a + b) / 2 for a, b in itertools.pairwise(working_days)]
    mean = 1.4 * sum(m * s for m, s in zip(middles, shares, strict=True)) / sum(shares)
    assert stay.mean == pytest.approx(mean, abs=0.5)
    edges = [stay.mean * edge for edge in stay.shape.edges]
    assert edges == pytest.approx([1.4 * n for n in working_days], rel=0.01, abs=0.1)


def test_priors_are_the_lognormals_of_the_evidence():
    practice = bury().arms[1].practice
    assert practice is not None
    priors = {
        "cp_start": (0.82, 0.16),
        "care_entry": (0.87, 0.12),
        "cp_stay": (0.93, 0.10),
        "cin_stay": (0.96, 0.10),
        "escalation": (0.88, 0.15),
    }
    on_families = {effect.key: effect for effect in practice.effects if effect.kind in ON_FAMILIES}
    assert set(on_families) == set(priors)
    for effect in on_families.values():
        median, sigma = priors[effect.key]
        ends = [median * math.exp(sigma * stats.norm.ppf(tail)) for tail in (0.1, 0.9)]
        assert effect.ratio.value == median
        assert (effect.ratio.low, effect.ratio.high) == pytest.approx(ends, abs=1e-4)
        assert effect.fade is not None
        half_life = effect.fade.half_life
        fading = [5 * math.exp(0.6 * stats.norm.ppf(tail)) * YEAR for tail in (0.1, 0.9)]
        assert (half_life.low, half_life.high) == pytest.approx(fading, rel=1e-4)


ASSESSED = 0.879 * 3048


@cache
def backwards() -> dict[str, float]:
    """Children a year into each stage, from 200, 247, 240, 79, 59 and 3,048 back to the rates."""
    cp = 240 / (1 - 0.06 * 0.2083)
    plo_cp = 0.2083 * cp
    plo, cin, down = 13.0, 230.0, 170.0
    for _ in range(200):
        home = 0.06 * (79 - 0.70 * (plo_cp + plo)) + 0.28 * (plo_cp + plo)
        down = 0.62 * cp + 0.24 * plo_cp + 0.50 * home
        # 12.4 children in need after return home are in the 247
        cin = (247 - 12.4 - down * 201 / YEAR) / (219 / YEAR)
        plo = 0.00187 * ASSESSED + 0.02 * (cin + down)
    urgent = 79 - 0.70 * (plo_cp + plo)
    return {"cp": cp, "plo_cp": plo_cp, "plo": plo, "cin": cin, "cin_down": down, "urgent": urgent}


def test_the_rates_of_assessment_follow_from_the_stocks():
    flow = backwards()
    started = 240 - 0.07 * flow["cin"] - 0.20 * flow["cin_down"]
    # rounding of the table: flows to a tenth of a child
    tolerance = 0.15 / ASSESSED
    assert p("assessment", "cp") == pytest.approx(started / ASSESSED, abs=tolerance)
    assert p("assessment", "plan_elsewhere") == pytest.approx(22 / ASSESSED, abs=tolerance)
    urgent = p("assessment", "care_interim") + p("assessment", "proceedings_home")
    assert urgent == pytest.approx(flow["urgent"] / ASSESSED, abs=tolerance)
    assert p("assessment", "care_interim") == pytest.approx(0.94 * urgent, abs=1e-12)
    # the 247 is 246.4 when returned children leave at 18
    new = flow["cin"] - 0.30 * flow["plo"]
    assert p("assessment", "cin") == pytest.approx(new / ASSESSED, abs=5 * tolerance)


def test_fifty_nine_of_seventy_nine_children_are_removed():
    flow = backwards()
    removed = (
        p("assessment", "care_interim") * ASSESSED
        + p("plo_cp", "care_interim") * flow["plo_cp"]
        + p("plo", "care_interim") * flow["plo"]
    )
    assert removed == pytest.approx(59.1, abs=0.1)


def test_new_families_are_those_who_do_not_return():
    flow = backwards()
    closed = (
        0.121 * 3048
        + (0.281 + p("assessment", "closed_other")) * ASSESSED
        + 0.86 * flow["cin"]
        + 0.71 * flow["cin_down"]
        + 0.08 * flow["cp"]
        + 0.30 * 19.9
    )
    families = {stream.key: stream.per_year[0][1] for stream in bury().arms[0].demand.streams}
    assert families["referral"] * 1.72 == pytest.approx(3048 - 0.3166 * closed, abs=2.0)


def lognormal(mean: float, cv: float) -> stats.rv_continuous:
    sigma = math.sqrt(math.log1p(cv**2))
    return stats.lognorm(sigma, scale=mean * math.exp(-(sigma**2) / 2))


def stay_to(limit: FloatArray | float, mean: float, cv: float) -> FloatArray:
    """E[min(T, limit)] of a lognormal, in closed form."""
    sigma = math.sqrt(math.log1p(cv**2))
    mu = math.log(mean) - sigma**2 / 2
    z = (np.log(limit) - mu) / sigma
    return np.asarray(mean * stats.norm.cdf(z - sigma) + limit * stats.norm.sf(z))


def removed_children() -> tuple[tuple[float, float, float], ...]:
    return ((0, 1, 0.299), (1, 5, 0.239), (5, 10, 0.223), (10, 16, 0.239))


def test_children_removed_settle_where_the_closed_form_says():
    total = 0.0
    for low, high, share in removed_children():
        if low == 0:
            mean = integrate.quad(lambda u: stay_to(18 - 0.95 * u**4, 315 / YEAR, 0.586), 0, 1)[0]
        else:
            integral = integrate.quad(lambda a: stay_to(18 - a, 315 / YEAR, 0.586), low, high)
            mean = integral[0] / (high - low)
        total += share * mean
    traffic = stationary(bury().arms[0])
    settled = traffic.children["care_interim"] / traffic.entries["care_interim"]
    # 20,000 quantiles and ages in hundredths of a year
    assert settled == pytest.approx(total, rel=1e-4)


def test_unaccompanied_children_settle_where_the_closed_form_says():
    to_18 = 18 - 16.8
    early = integrate.quad(lambda a: stay_to(18 - a, 0.6, 0.8), 16, 17.6)[0] / 1.6
    traffic = stationary(bury().arms[0])
    assert traffic.children["care_uasc"] == pytest.approx(
        11 * (0.9 * to_18 + 0.1 * early), rel=1e-4
    )


# by age at removal: care order after proceedings, then special guardianship, home, other, to 18
LONG_TERM = {
    0: (0.130, 0.108, 0.044, 0.036, 0.812),
    1: (0.316, 0.180, 0.098, 0.086, 0.636),
    5: (0.707, 0.158, 0.152, 0.129, 0.561),
    10: (0.842, 0.086, 0.243, 0.256, 0.415),
}


def years_in_long_term_care(age: FloatArray, removed_at: int) -> FloatArray:
    """Mean years of children who enter long-term care at `age`."""
    _, guardianship, home, other, to_18 = LONG_TERM[removed_at]
    early = ((guardianship, 3.9, 0.9), (home, 3.0, 0.9), (other, 2.5, 1.0))
    return sum(q * stay_to(18 - age, mean, cv) for q, mean, cv in early) + to_18 * (18 - age)


def test_long_term_care_settles_where_double_integrals_say():
    u = (np.arange(1000) + 0.5) / 1000
    proceedings = lognormal(315 / YEAR, 0.586).ppf(u)
    traffic = stationary(bury().arms[0])
    removed = traffic.entries["care_interim"]
    direct = traffic.moves["proceedings_home", "care_order"]
    children = 0.0
    for low, high, share in removed_children():
        ages = 0.95 * u**4 if low == 0 else low + (high - low) * u
        after = np.add.outer(ages, proceedings)
        held = years_in_long_term_care(after[after < 18], low).sum() / after.size
        at_once = years_in_long_term_care(ages, low).mean()
        children += share * (removed * LONG_TERM[low][0] * held + direct * at_once)
    # ages in hundredths of a year, stays by 20,000 quantiles
    assert traffic.children["care_order"] == pytest.approx(children, rel=1e-3)
