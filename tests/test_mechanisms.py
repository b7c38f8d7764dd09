"""Each mechanism can be switched off by one line; renewal theory says what staffing to expect."""

from dataclasses import replace

import pytest
from scenario_text import EVERYTHING

from simfs.scenario.config import loads
from simfs.scenario.describe import describe
from simfs.scenario.forms import FileForm
from simfs.scenario.mechanisms import MECHANISMS, study_without, without
from simfs.scenario.practice import ON_FAMILIES, ON_WORKERS, EffectKind
from simfs.scenario.quantities import Spread, exactly
from simfs.scenario.renewal import (
    agency_of_filled,
    filled,
    gap_for,
    least_vacancy,
    recruitment_days,
    without_permanent,
)
from simfs.scenario.workforce import TeamKind

FADING = EVERYTHING.replace(
    '[practice_models.together.effects.retention]\nkind = "turnover"',
    "[practice_models.together.effects.shorter]\n"
    'kind = "stay"\ntargets = ["assessment"]\n'
    'ratio = { value = 0.9, p10 = 0.8, p90 = 1, grade = "D" }\nteam_share = 0.5\n'
    "ramp = { half_months = 6, ninety_months = 24 }\n"
    "fade = { start_months = 24, half_life_years = 5 }\n\n"
    '[practice_models.together.effects.retention]\nkind = "turnover"',
).replace(
    'staffing = [{ team = "recovery", posts = 3, date = 2023-03-01 }]',
    'staffing = [{ team = "recovery", posts = 3, date = 2023-03-01 }, '
    '{ team = "safeguarding", posts = 24, date = 2023-10-01 }]',
)


@pytest.fixture(scope="module")
def study():
    return loads(FADING)


def off(study, key, arm="together"):
    return without(study.arm(arm), key, study.arm("today"))


def ratios(scenario, kinds):
    effects = [*scenario.practice.effects, *scenario.reform.effects]
    return {e.ratio.value if e.ratio.spread is Spread.NONE else e for e in effects
            if e.kind in kinds}  # fmt: skip


def test_every_mechanism_has_words_and_a_switch_that_is_on():
    switches = FileForm.model_fields["mechanisms"].annotation.model_fields
    assert list(switches) == list(MECHANISMS)
    assert all(switch.default is True for switch in switches.values())


def test_every_mechanism_of_a_scenario_with_one_of_everything_changes_it(study):
    for key in MECHANISMS:
        assert off(study, key) != study.arm("together"), key
        assert off(study, key) == without(off(study, key), key, study.arm("today")), key


@pytest.mark.parametrize("key", ["dose", "slip", "fade", "stay_effects", "workforce_effects"])
def test_a_mechanism_that_does_nothing_in_a_scenario_changes_nothing_when_it_is_off(key):
    model = "practice_models.together"
    idle = loads(EVERYTHING, sets=[f"{model}.slip_months=0", f"{model}.effects.retention.ratio=1"])
    assert study_without(idle, key).arms == idle.arms


def test_an_unknown_mechanism_is_no_mechanism(study):
    with pytest.raises(KeyError):
        off(study, "weather")


def test_without_waiting_no_social_worker_is_ever_full_and_no_wait_ends_in_a_crisis(study):
    scenario = off(study, "waiting")
    assert scenario.team("safeguarding").caseload == ((0, 1_000_000),)
    assert scenario.team("recovery").caseload == study.arm("together").team("recovery").caseload
    assert all(stage.crisis is None for stage in scenario.pathway.stages)
    # a tenth of no limit would keep the newly qualified from ever being the least loaded
    before, after = (s.team("safeguarding").workforce for s in (study.arm("together"), scenario))
    assert before.newly_qualified is not None
    assert after.newly_qualified is None


def test_without_turnover_every_post_is_always_filled(study):
    for team in off(study, "turnover").teams:
        assert (team.workforce, team.at_start) == (None, None)


def test_without_handovers_a_change_of_worker_adds_no_day(study):
    assert {team.handover_days for team in off(study, "handovers").teams} == {0}


def test_without_dose_every_effect_is_carried_by_the_teams_alone(study):
    scenario = off(study, "dose")
    shares = [e.team_share for e in (*scenario.practice.effects, *scenario.reform.effects)]
    assert {(q.value, q.spread) for q in shares} == {(1.0, Spread.NONE)}
    assert shares[-1].path == "practice_models.together.effects.shorter.team_share"


def test_without_caseload_an_arm_has_the_posts_and_limits_of_the_baseline_for_social_work(study):
    scenario, base = off(study, "caseload"), study.arm("today")
    now, before = scenario.team("safeguarding"), base.team("safeguarding")
    assert (now.establishment, now.caseload) == (before.establishment, before.caseload)
    assert scenario.team("recovery") == study.arm("together").team("recovery")
    assert study.arm("together").team("safeguarding").establishment != before.establishment


def test_waiting_and_caseload_may_be_off_together_in_either_order(study):
    base = study.arm("today")
    one = without(off(study, "waiting"), "caseload", base)
    other = without(off(study, "caseload"), "waiting", base)
    assert one == other
    assert one.team("safeguarding").caseload == ((0, 1_000_000),)


def test_without_training_everyone_is_trained_throughout(study):
    assert off(study, "training").practice.training is None


@pytest.mark.parametrize(
    ("key", "kinds"),
    [
        ("route_effects", (EffectKind.ROUTE, EffectKind.STREAM)),
        ("stay_effects", (EffectKind.STAY,)),
        ("workforce_effects", ON_WORKERS),
    ],
)
def test_without_its_effects_of_a_kind_a_practice_keeps_them_at_one(study, key, kinds):
    scenario, others = off(study, key), {*ON_FAMILIES, *ON_WORKERS} - set(kinds)
    assert ratios(scenario, kinds) == {1.0}
    assert ratios(scenario, others) == ratios(study.arm("together"), others)
    assert 1.0 not in ratios(scenario, others)
    assert [e.key for e in scenario.practice.effects] == ["fewer_removed", "retention", "shorter"]
    assert [e.key for e in scenario.effects] == ["fewer_removed", "shorter"]


def test_without_slip_or_fade_effects_start_as_planned_and_stay(study):
    slip = off(study, "slip").practice.slip
    assert (slip.value, slip.spread) == (0.0, Spread.NONE)
    assert slip.path == "practice_models.together.slip_months"
    scenario = off(study, "fade")
    assert {e.fade for e in (*scenario.practice.effects, *scenario.reform.effects)} == {None}


def test_without_reform_or_service_crisis_there_is_none(study):
    assert off(study, "reform").reform is None
    assert off(study, "service_crisis").service_crisis is None


def test_the_baseline_without_a_practice_model_may_go_without_anything(study):
    for key in MECHANISMS:
        assert off(study, key, "today").practice is None


@pytest.mark.parametrize("key", MECHANISMS)
def test_one_line_switches_a_mechanism_off_in_every_arm(study, key):
    changed = loads(FADING, sets=[f"mechanisms.{key}=false"])
    assert changed.arms == study_without(study, key).arms
    assert loads(changed.resolved) == changed
    said = f"mechanisms.{key}: {MECHANISMS[key]}: switched off in every arm"
    assert changed.warnings == (said,)
    assert said in describe(changed)


def test_an_arm_may_switch_a_mechanism_off_for_itself():
    text = FADING.replace('"teams.safeguarding.posts" = 28', '"mechanisms.turnover" = false')
    changed = loads(text)
    assert changed.arm("more_posts").team("safeguarding").workforce is None
    assert changed.arm("today").team("safeguarding").workforce is not None
    assert changed.warnings == (
        "mechanisms.turnover: Turnover and empty posts: switched off in more_posts",
    )


def test_a_switch_that_somebody_turns_in_the_resolved_file_counts():
    text = loads(FADING).resolved.replace("turnover = true  # default", "turnover = false")
    assert loads(text).arms[0].team("safeguarding").workforce is None


# Shares of posts. By hand, permanent: 4 years and 100 days empty; agency: 270 days and 30.


def workforce(study, **changes):
    given = {
        "turnover": exactly(0.25),
        "vacancy": None,
        "recruitment": exactly(100.0),
        "agency_share": exactly(0.5),
        "agency_tenure": exactly(270.0),
        "agency_gap": exactly(30.0),
    }
    given |= {k: v if v is None else exactly(v) for k, v in changes.items()}
    return replace(study.arm("today").team("safeguarding").workforce, **given)


def test_filled_posts_follow_the_alternating_renewal_process(study):
    found = workforce(study)
    # 0.5 x 270 + 0.5 x 1461 days filled, 0.5 x 30 + 0.5 x 100 empty
    assert filled(found) == pytest.approx(865.5 / 930.5)
    assert agency_of_filled(found) == pytest.approx(135 / 865.5)
    assert without_permanent(found) == pytest.approx(1 - 730.5 / 930.5)
    assert recruitment_days(found) == 100


def test_recruitment_days_that_are_solved_leave_the_vacancy_that_was_stated(study):
    found = workforce(study, vacancy=0.2)
    assert filled(found) == pytest.approx(0.8)
    # 865.5 x 0.2 / 0.8 days empty in a cycle, 15 of them after agency workers
    assert recruitment_days(found) == pytest.approx((865.5 / 4 - 15) / 0.5)


def test_the_least_vacancy_is_the_one_whose_recruitment_takes_no_time():
    least = least_vacancy(0.25, 0.5, 270.0, 30.0)
    assert least == pytest.approx(15 / 880.5)
    assert gap_for(least, 0.25, 0.5, 270.0, 30.0) == pytest.approx(0.0, abs=1e-9)


def test_posts_that_nobody_leaves_are_filled_and_agency_workers_alone_leave_their_gaps(study):
    stays = workforce(study, turnover=0.0)
    assert (filled(stays), agency_of_filled(stays), without_permanent(stays)) == (1.0, 0.0, 0.0)
    agency = workforce(study, turnover=0.0, agency_share=1.0)
    assert filled(agency) == pytest.approx(0.9)
    assert (agency_of_filled(agency), without_permanent(agency)) == (1.0, 1.0)


def test_simfs_show_tells_of_staff_training_reform_and_crisis(study):
    page = describe(study)
    team = study.arm("today").team("safeguarding")
    assert team.kind is TeamKind.SOCIAL_WORK
    assert f"{20 * filled(team.workforce):.1f} filled in the long run" in page
    for line in (
        "17.4 (12 to 24)% of permanent workers leave in a year",
        "a post is empty for 90 days",
        "a post is empty for 571 days, which leaves 20% of posts empty",
        "50% of appointments are agency workers, who stay 270 days",
        "in the long run 80.0% of posts are filled, 11.4% of those by agency workers",
        "goes live 1 October 2023, effects 0 (-2 to 6) months later than that",
        "training, seats: 30 Jun 2023 16, 31 Dec 2023 8; teams safeguarding",
        "then 4 every 6 months",
        "posts, Recovery: 0, 3 from 1 Mar 2023",
        "caseload, Safeguarding: 17, 19 from 1 Oct 2023",
        "× 0.97 on turnover of social_workers",
        "national reform from 1 April 2025: 25 (0 to 50)% of the effects",
        "× 1.5 on assessment.care for 24 months",
    ):
        assert line in page
