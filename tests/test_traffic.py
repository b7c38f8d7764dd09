"""The traffic equations against answers that can be had by hand."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from simfs.errors import UsageError
from simfs.scenario import config
from simfs.scenario.durations import Lognormal
from simfs.scenario.scenario import Scenario
from simfs.scenario.traffic import (
    Traffic,
    band_shares,
    route_ratios_for_flows,
    stationary,
    with_ratios,
)

BURY = Path(__file__).parent.parent / "configs" / "bury.toml"

START = """
assumption = "a test"
[study]
name = "small"
title = "Small"
start = 2023-04-01
years = 1
baseline = "as_now"
[arms.as_now]
label = "As now"
"""


def _scenario(text: str) -> Scenario:
    return config.loads(START + text).arms[0]


FAMILIES = """
[families]
sizes = [0.5, 0.5]
[counts.plans]
[exits.closed]
[exits.moved]
[streams.door]
to = "help"
per_year = 100
[stages.help]
unit = "family"
stay = { mean = 0.5, unit = "years", shape = "exponential" }
counts = ["plans"]
[stages.help.routes]
closed = { p = 0.6 }
rest = { p = 0.3 }
moved = { p = 0.1 }
[stages.rest]
unit = "family"
stay = { mean = 73.05, unit = "days", shape = "fixed" }
[stages.rest.routes]
help = { p = 1.0 }
"""

CHILDREN = """
[counts.looked_after]
[exits.home]
[age_mixes.any]
edges = [0, 18]
shares = [1.0]
[streams.door]
to = "care"
per_year = 36
ages = "any"
[stages.care]
unit = "child"
drawing = "route_first"
counts = ["looked_after"]
[stages.care.routes]
eighteen = { p = 1.0, stay = { until_18 = true } }
"""


def _children(routes: str, more: str = "") -> Traffic:
    text = CHILDREN.replace("eighteen = { p = 1.0, stay = { until_18 = true } }", routes)
    return stationary(_scenario(text + more))


def test_a_stage_holds_flow_times_mean_stay_and_returns_are_counted_again():
    traffic = stationary(_scenario(FAMILIES))
    # 100 families of 1.5 children; three in ten come back, so 150 / 0.7 visits a year
    assert traffic.entries["help"] == pytest.approx(150 / 0.7)
    assert traffic.children["help"] == pytest.approx(0.5 * 150 / 0.7)
    assert traffic.children["rest"] == pytest.approx(0.2 * 0.3 * 150 / 0.7)
    assert traffic.exits["closed"] == pytest.approx(150 * 6 / 7)
    assert traffic.counts["plans"] == traffic.children["help"]


def test_a_start_is_an_entry_from_outside_the_stock():
    traffic = stationary(_scenario(FAMILIES))
    assert traffic.starts["plans"] == pytest.approx(150 / 0.7)
    inside = FAMILIES.replace("[stages.rest]", '[stages.rest]\ncounts = ["plans"]')
    assert stationary(_scenario(inside)).starts["plans"] == pytest.approx(150)


def test_visits_and_chances_follow_the_absorbing_chain():
    traffic = stationary(_scenario(FAMILIES))
    assert traffic.visits["help"] == pytest.approx(1 / 0.7)
    assert traffic.visits["rest"] == pytest.approx(0.3 / 0.7)
    assert traffic.ever["plans"] == pytest.approx(1)
    resting = FAMILIES.replace('counts = ["plans"]', "").replace(
        "[stages.rest]", '[stages.rest]\ncounts = ["plans"]'
    )
    assert stationary(_scenario(resting)).ever["plans"] == pytest.approx(0.3)


def test_children_who_stay_to_18_stay_nine_years_if_they_come_at_any_age():
    traffic = stationary(_scenario(CHILDREN))
    assert traffic.children["care"] == pytest.approx(36 * 9, rel=1e-12)
    assert traffic.exits["eighteen"] == pytest.approx(36)
    # at age a there are all who came before: shares grow with age
    assert band_shares(traffic.ages["care"], (0, 9, 18)) == pytest.approx((0.25, 0.75), abs=1e-3)


def test_two_streams_may_enter_one_stage():
    again = '[streams.window]\nto = "care"\nper_year = 4\nages = "any"\n'
    traffic = stationary(_scenario(CHILDREN + again))
    assert traffic.entries["care"] == pytest.approx(40)
    assert traffic.starts["looked_after"] == pytest.approx(40)


def test_a_child_whose_age_is_not_given_never_turns_18():
    text = CHILDREN.replace('ages = "any"', "").replace(
        "eighteen = { p = 1.0, stay = { until_18 = true } }",
        'home = { p = 1.0, stay = { mean = 20, unit = "years", shape = "fixed" } }',
    )
    traffic = stationary(_scenario(text))
    assert traffic.children["care"] == pytest.approx(36 * 20)
    assert traffic.exits["home"] == pytest.approx(36)


def test_a_loop_may_end_at_the_18th_birthday_alone():
    circle = """
[stages.round]
unit = "child"
stay = { mean = 1, unit = "years", shape = "fixed" }
[stages.round.routes]
care = { p = 1.0 }
"""
    going = 'round = { p = 1.0, stay = { mean = 1, unit = "years", shape = "fixed" } }'
    traffic = _children(going, circle)
    assert traffic.exits["eighteen"] == pytest.approx(36)
    assert traffic.children["care"] + traffic.children["round"] == pytest.approx(36 * 9, rel=1e-3)


def test_a_stay_is_cut_at_the_18th_birthday():
    traffic = _children(
        'home = { p = 1.0, stay = { mean = 4, unit = "years", shape = { lognormal = 0.9 } } }'
    )
    years = 4 * Lognormal(0.9).quantile((np.arange(20_000) + 0.5) / 20_000)
    ages = (np.arange(180) + 0.5) / 10
    expected = np.mean([np.minimum(years, 18 - age).mean() for age in ages])
    assert traffic.children["care"] == pytest.approx(36 * expected, rel=2e-4)
    assert traffic.exits["home"] + traffic.exits["eighteen"] == pytest.approx(36)
    assert traffic.routes["care", "home"] == traffic.exits["home"]
    assert float(traffic.ages["care"].sum()) == pytest.approx(traffic.children["care"], rel=1e-3)


AGAIN = """
[stages.back]
unit = "child"
age_bands = [0, 9]
age_at = "{at}"
stay = {{ mean = 0.1, unit = "years", shape = "fixed" }}
[stages.back.routes]
home = {{ p = [1.0, 0.0] }}
care = {{ p = [0.0, 1.0] }}
"""
SIX_YEARS = 'back = { p = 1.0, stay = { mean = 6, unit = "years", shape = "fixed" } }'


def test_a_child_who_comes_back_is_older():
    traffic = _children(SIX_YEARS, AGAIN.format(at="entry"))
    # two a year come at each year of age; those under 12 leave before 18, 24 a year. Those who came
    # before 3 are under 9 then and stay at home; of the others those who came from 3 to 5.9 are
    # back in care before 12 and leave a second time.
    assert traffic.entries["back"] == pytest.approx(24 + 5.8, abs=0.05)
    assert traffic.exits["home"] == pytest.approx(6, abs=0.05)


def test_the_age_at_first_entry_is_carried():
    traffic = _children(SIX_YEARS, AGAIN.format(at="first_entry"))
    # all who first came before 9 go home, however old they are by then
    assert traffic.exits["home"] == pytest.approx(18, abs=0.05)
    assert traffic.entry_ages["back"].sum(axis=1) == pytest.approx((18, 6), abs=0.3)


def test_a_family_may_send_a_share_of_its_children():
    text = FAMILIES.replace(
        "moved = { p = 0.1 }",
        'care = { p = 0.1, ages = "any", share_of_children = 0.75, otherwise = "moved" }',
    )
    more = CHILDREN.replace('[streams.door]\nto = "care"\nper_year = 36\nages = "any"\n', "")
    traffic = stationary(_scenario(text + more))
    assert traffic.entries["care"] == pytest.approx(0.075 * 150 / 0.7)
    assert traffic.exits["moved"] == pytest.approx(0.025 * 150 / 0.7)


def _family_safeguarding() -> Scenario:
    return config.load(BURY).arm("family_safeguarding")


def test_an_effect_sends_what_it_prevents_to_its_remainder():
    arm = _family_safeguarding()
    assert arm.practice is not None
    changed = with_ratios(arm.pathway, arm.practice.effects, {"cp_start": 0.5})
    before, after = arm.pathway.stage("assessment"), changed.stage("assessment")
    lost = before.route("cp").p[0] / 2
    assert after.route("cp").p[0] == pytest.approx(lost)
    assert after.route("closed_other").p[0] == pytest.approx(
        before.route("closed_other").p[0] + lost
    )
    # where the stage has no such route, its own remainder
    assert changed.stage("cin").route("closed").p[0] == pytest.approx(0.86 + 0.035)
    for stage in changed.stages:
        assert np.sum([route.p for route in stage.routes], axis=0) == pytest.approx(1)


def test_an_effect_that_adds_takes_no_more_than_the_remainder_has():
    arm = _family_safeguarding()
    assert arm.practice is not None
    changed = with_ratios(arm.pathway, arm.practice.effects, {"escalation": 10.0})
    assert changed.stage("plo").route("cin").p[0] == 0
    assert np.sum([route.p for route in changed.stage("plo").routes]) == pytest.approx(1)


# evidence: ratios solved elsewhere for the same pathway, prevented plans becoming child in need
# plans and returned children not leaving at 18 at home; the last hundredth differs for that
@pytest.mark.parametrize(
    ("flows", "ratios"), [((0.55, 0.70), (0.564, 0.815)), ((0.69, 0.75), (0.701, 0.834))]
)
def test_published_flows_need_smaller_changes_of_routes(flows, ratios):
    arm = _family_safeguarding()
    assert arm.practice is not None
    effects = tuple(dataclasses.replace(e, remainder=None) for e in arm.practice.effects)
    arm = dataclasses.replace(arm, practice=dataclasses.replace(arm.practice, effects=effects))
    solved = route_ratios_for_flows(arm, {"cp_start": flows[0], "care_entry": flows[1]})
    assert (solved["cp_start"], solved["care_entry"]) == pytest.approx(ratios, abs=0.006)


def test_a_flow_of_an_unknown_effect_is_refused():
    with pytest.raises(UsageError, match="no effect 'magic' on routes"):
        route_ratios_for_flows(_family_safeguarding(), {"magic": 0.5})
