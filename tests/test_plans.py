"""What of an arm's staffing may be varied, and the plans that follow from it."""

from datetime import date

import pytest
from staffed_world import POSTS, study
from worlds import START, date_of

from simfs.errors import UsageError
from simfs.experiment.run import run
from simfs.scenario.config import loads
from simfs.scenario.plans import AS_PLANNED, plans_of
from simfs.scenario.variable import variables

NEW = "practice_models.new"
TRAINING = {
    "teams": ["social"], "courses": [{"date": date_of(20), "seats": 4}],
    "rolling": {"every_months": 3, "seats": 2}, "reference": 0.9,
}  # fmt: skip


def posts(scenario, team="social"):
    return [(step.day, step.posts) for step in scenario.team(team).establishment]


def test_what_can_be_varied_is_every_teams_posts_caseload_and_date_and_the_practices_dates():
    found = {one.key: one.value for one in variables(study().arm("new"))}
    assert found == {
        "teams.recovery.posts": 1,
        "teams.recovery.caseload": 5,
        "teams.recovery.date": date_of(14),
        "teams.social.posts": 5,
        "teams.social.caseload": 4,
        "teams.social.date": date_of(7),
        "teams.social_late.posts": 2,
        "teams.social_late.caseload": 9,
        "teams.social_late.date": date_of(7),
        f"{NEW}.go_live": date_of(30),
        f"{NEW}.staffing_late_months": 0,
    }


def test_an_arm_without_a_practice_model_can_have_its_teams_varied_from_the_start_of_the_run():
    plans = plans_of(study(), [f"{POSTS}=6", "teams.social.caseload=7"], "today")
    plan = plans.plan(0).scenario
    assert posts(plan) == [(0, 4), (0, 6)]
    assert plan.team("social").caseload == ((0, 7),)


def test_posts_of_a_plan_hold_from_the_day_on_which_the_practice_changes_them_to_the_end():
    plans = plans_of(study(), [f"{POSTS}=2:9", "teams.recovery.posts=0:2"])
    assert len(plans.levels) == 8 * 3
    assert plans.levels[:4] == ((2, 0), (2, 1), (2, 2), (3, 0))
    plan = plans.plan(1)
    assert posts(plan.scenario) == [(0, 4), (7, 2)]
    assert posts(plan.scenario, "recovery") == [(0, 0), (14, 1)]
    assert posts(plan.scenario, "social_late") == posts(plans.arm, "social_late")


def test_later_changes_of_the_file_give_way_to_the_plan_and_earlier_ones_stay():
    changes = [
        {"date": date_of(3), "posts": 3},
        {"date": date_of(50), "posts": 9, "caseload": 6},
    ]
    plans = plans_of(study(teams__social__changes=changes), [f"{POSTS}=5"])
    plan = plans.plan(0).scenario
    assert posts(plan) == [(0, 4), (3, 3), (7, 5)]
    assert plan.team("social").caseload == ((0, 4), (50, 6))


def test_a_date_moves_all_posts_that_the_practice_brings_a_team():
    plans = plans_of(study(), ["teams.social.date=2023-05-01:2023-09-01:2m"])
    assert plans.levels == ((date(2023, 5, 1),), (date(2023, 7, 1),), (date(2023, 9, 1),))
    assert posts(plans.plan(1).scenario) == [(0, 4), (91, 5)]


def test_dates_of_several_teams_move_each_team_alone_in_any_order():
    items = ["teams.social.date=2023-06-01", "teams.recovery.date=2023-08-01",
             "teams.social_late.posts=3"]  # fmt: skip
    for order in (items, items[::-1]):
        plan = plans_of(study(), order).plan(0).scenario
        assert posts(plan) == [(0, 4), (61, 5)]
        assert posts(plan, "recovery") == [(0, 0), (122, 1)]
        assert posts(plan, "social_late") == [(0, 2), (7, 3)]


def test_without_staffing_of_its_own_a_practice_has_its_posts_from_the_go_live_of_the_plan():
    bare = study(
        practice_models__new__staffing=[], practice_models__new__effects__fewer__team_share=1
    )
    assert posts(plans_of(bare, [f"{POSTS}=7"]).plan(0).scenario) == [(0, 4), (30, 7)]
    moved = plans_of(bare, [f"{POSTS}=7", f"{NEW}.go_live=2023-08-01"])
    assert posts(moved.plan(0).scenario) == [(0, 4), (122, 7)]


def test_where_posts_come_late_the_teams_own_changes_hold_till_then():
    changes = [{"date": date_of(30), "posts": 3}, {"date": date_of(68), "posts": 9}]
    plans = plans_of(
        study(teams__social__changes=changes), [f"{POSTS}=7", f"{NEW}.staffing_late_months=2"]
    )
    assert posts(plans.plan(0).scenario) == [(0, 4), (30, 3), (68, 7)]


def test_a_change_of_the_file_on_the_day_of_the_plan_gives_way():
    changes = [{"date": date_of(7), "posts": 9, "caseload": 9}]
    plans = plans_of(
        study(teams__social__changes=changes), [f"{POSTS}=5", "teams.social.caseload=3"]
    )
    assert posts(plans.plan(0).scenario) == [(0, 4), (7, 5)]
    assert plans.plan(0).scenario.team("social").caseload == ((0, 4), (7, 3))


def test_the_caseload_that_a_file_has_is_the_latest_of_the_practice():
    limits = [
        {"team": "social", "caseload": n, "date": date_of(day)} for n, day in ((3, 100), (6, 50))
    ]
    changed = study(practice_models__new__caseloads=limits)
    found = {one.key: one.value for one in variables(changed.arm("new"))}
    assert found["teams.social.caseload"] == 3


def test_levels_may_be_listed_in_any_order_and_months_cross_years():
    assert plans_of(study(), [f"{POSTS}=9,2,9"]).levels == ((2,), (9,))
    (factor,) = plans_of(study(), [f"{NEW}.go_live=2023-11-05:2024-03-05:2m"]).factors
    assert factor.levels == (date(2023, 11, 5), date(2024, 1, 5), date(2024, 3, 5))


def test_go_live_lateness_and_later_courses_are_those_of_the_plan():
    plans = plans_of(
        study(practice_models__new__training=TRAINING),
        [f"{NEW}.go_live=2023-06-01", f"{NEW}.staffing_late_months=2",
         f"{NEW}.training.rolling.seats=8"],
    )  # fmt: skip
    plan = plans.plan(0).scenario
    assert plan.practice.go_live == 61
    assert posts(plan) == [(0, 4), (7 + 61, 5)]
    assert plan.practice.training.rolling_seats == 8


def test_caseloads_of_a_plan_take_the_place_of_the_practices():
    limits = [{"team": "social", "caseload": 3, "date": date_of(100)}]
    changed = study(practice_models__new__caseloads=limits)
    plan = plans_of(changed, ["teams.social.caseload=5"]).plan(0).scenario
    assert plan.team("social").caseload == ((0, 4), (7, 5))


def test_a_plan_with_the_files_own_levels_comes_to_the_same_as_the_files_own_plan():
    plans = plans_of(study(), [f"{POSTS}=5", "teams.recovery.posts=1"])
    outcomes = run(plans.studied([0]), reps=8, engine="reference")
    assert outcomes.arms == ("today", AS_PLANNED, "plan_1")
    assert (outcomes.yearly[1] == outcomes.yearly[2]).all()
    assert (outcomes.yearly[0] != outcomes.yearly[2]).any()


def test_the_scenario_of_plans_says_what_is_varied_and_still_loads():
    plans = plans_of(study(), [f"{POSTS}=2:4"])
    text = plans.studied([0]).resolved
    assert text.endswith(f"# Varied in arm new:\n# {POSTS} = 2, 3, 4\n")
    assert loads(text).arms == study().arms


def test_the_beginning_of_one_teams_key_will_do():
    found = plans_of(
        study(
            teams__mental_health_practitioner={
                "kind": "specialist", "serves": "alcohol", "posts": 0, "caseload": 5,
            }
        ),
        ["teams.mental_health.posts=0:1"],
    )  # fmt: skip
    assert [factor.key for factor in found.factors] == ["teams.mental_health_practitioner.posts"]


def test_the_beginning_of_several_teams_keys_is_refused_with_them():
    team = {"kind": "specialist", "serves": "alcohol", "posts": 0, "caseload": 5}
    two = study(teams__mental_health=team, teams__mental_illness=team)
    with pytest.raises(UsageError, match="more than one team") as refusal:
        plans_of(two, ["teams.mental.posts=1"])
    assert "teams.mental_illness.posts" in str(refusal.value)
    assert "teams.social.posts" not in str(refusal.value)


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (POSTS, "write it as key=low:high:step"),
        (f"{POSTS}=", "write it as key=low:high:step"),
        ("teams.socail.posts=1:2", "cannot be varied, did you mean 'teams.social.posts'?; what"),
        ("streams.referral.per_year=1:2", "cannot be varied"),
        ("socail=1:2", "did you mean 'teams.social.posts'?"),
        ("teams.socal=1:2", "did you mean 'teams.social.posts'?"),
        (f"{POSTS}=9:2", "an empty range: 9 is above 2"),
        (f"{POSTS}=1:9:0", "a step must be 1 or more, got 0"),
        (f"{POSTS}=1:9:-2", "a step must be 1 or more, got -2"),
        (f"{POSTS}=1.5:3", "a whole number is needed, or a range such as 24:40, got '1.5'"),
        (f"{POSTS}=1:2:3:4", "write a range as low:high or low:high:step"),
        (f"{POSTS}=1,,3", "a whole number is needed, or a range such as 24:40, got ''"),
        (f"{POSTS}=1:99999", "at most 1,000"),
        (f"{POSTS}=-1:2", "cannot be below 0, got -1"),
        ("teams.social.caseload=0:2", "cannot be below 1, got 0"),
        (f"{POSTS}=0:2", "with 0 posts nobody does the work of 'Plan'"),
        (f"{NEW}.go_live=1:3", "a date such as 2024-04-01 is needed, got '1'"),
        (f"{NEW}.go_live=2023-06-01:2023-09-01:30", "the step between dates is in months"),
        (f"{NEW}.go_live=2023-05-31:2023-09-01", "begin on day 1 to 28"),
        (f"{NEW}.go_live=2023-09-01:2023-06-01", "an empty range"),
        (f"{NEW}.go_live=2023-09-01,2024-03-30", "2024-03-30 is after the run ends"),
        ("teams.social.date=2024-03-30", "2024-03-30 is after the run ends"),
        (f"{NEW}.staffing_late_months=1,12", "12 months late is after the run ends"),
        ("teams.social_late.date=2023-06-01", "nothing of the team changes on a date"),
    ],
)
def test_bad_factors_are_refused_with_what_can_be_varied(item, words):
    with pytest.raises(UsageError) as refusal:
        plans_of(study(), [item])
    assert words in str(refusal.value)
    assert "what can be varied:\n  teams.recovery.posts (now 1)  .caseload (now 5)" in str(
        refusal.value
    )


def test_more_plans_than_anybody_means_are_refused_before_they_are_listed():
    items = [f"{team}={low}:1000" for team, low in ((POSTS, 1), ("teams.recovery.posts", 1))]
    with pytest.raises(UsageError, match="1,000,000 plans; at most 10,000 are possible"):
        plans_of(study(), items)


@pytest.mark.parametrize("key", [AS_PLANNED, "plan_07"])
def test_a_baseline_with_the_key_of_a_plan_is_refused(key):
    about = {"name": "world", "start": START, "days": 364, "baseline": key}
    named = study(study=about, arms={key: {}, "new": {"practice_model": "new"}})
    with pytest.raises(UsageError, match=f"the baseline is called '{key}'"):
        plans_of(named, [f"{POSTS}=1"])


def test_what_is_switched_off_cannot_be_varied():
    off = study(
        mechanisms={"caseload": False, "training": False}, practice_models__new__training=TRAINING
    )
    for key in (POSTS, "teams.social.caseload", "teams.social.date"):
        with pytest.raises(UsageError, match=r"as mechanisms\.caseload is switched off"):
            plans_of(off, [f"{key}={'2023-06-01' if 'date' in key else 3}"])
    with pytest.raises(UsageError, match=r"as mechanisms\.training is switched off"):
        plans_of(off, [f"{NEW}.training.rolling.seats=3"])
    assert plans_of(off, ["teams.recovery.posts=3"]).plan(0).scenario.team("recovery")


def test_a_key_is_varied_once_and_an_unlimited_team_never():
    with pytest.raises(UsageError, match="is varied twice"):
        plans_of(study(), [f"{POSTS}=1", f"{POSTS}=2:3"])
    with pytest.raises(UsageError, match="nothing is varied"):
        plans_of(study(), [])
    with pytest.raises(UsageError, match="cannot be varied"):
        plans_of(study(teams__social_late={"posts": "unlimited"}), ["teams.social_late.posts=1:2"])


def test_the_arm_must_be_clear():
    three = study(arms__other={"practice_model": "new"})
    with pytest.raises(UsageError, match="name one with --arm: new, other"):
        plans_of(three, [f"{POSTS}=1:2"])
    assert plans_of(three, [f"{POSTS}=1:2"], "other").arm.arm == "other"
    with pytest.raises(UsageError, match="no such arm; did you mean 'other'"):
        plans_of(three, [f"{POSTS}=1:2"], "othr")


def test_what_the_files_own_rules_refuse_of_a_plan_is_said_with_the_plan():
    plans = plans_of(study(), [f"{POSTS}=1", "teams.social.caseload=1"])
    assert plans.plan(0).scenario.team("social").caseload[-1] == (7, 1)
    absent = study(
        teams__social__workforce="staff",
        workforces={"staff": {"turnover": 0.1, "recruitment_days": 5, "absence": 0.6}},
    )
    with pytest.raises(UsageError, match=r"cases to a worker 1: .*rounds to 0"):
        plans_of(absent, ["teams.social.caseload=1"]).plan(0)


def test_a_plan_may_have_no_specialist_at_all_and_then_effects_are_the_teams_alone():
    plans = plans_of(study(), ["teams.recovery.posts=0"])
    outcomes = run(plans.studied([0]), reps=8, engine="reference")
    assert outcomes.of("plan_1", "wanted.alcohol_days").sum() > 0
    assert outcomes.of("plan_1", "met.alcohol_days").sum() == 0
    diverted = [outcomes.of(arm, "diverted.fewer_children").sum() for arm in outcomes.arms[1:]]
    assert diverted[0] > diverted[1] > 0


MOVED = {
    "streams__referral__per_year": {"value": 100, "p10": 60, "p90": 160},
    "stages__plan__stay": {"mean": {"value": 60, "p10": 30, "p90": 90}, "unit": "days",
                           "shape": "exponential"},
    "correlations": [{"between": ["streams.referral.per_year", "stages.plan.stay.mean"],
                      "r": 0.9, "assumption": "made up"}],
    "ensemble": {"parameters": ["stages.care.stay.mean"], "members": [[5], [60]],
                 "assumption": "made up"},
}  # fmt: skip


def test_draws_move_the_numbers_of_a_plan_as_they_move_the_arms():
    plans = plans_of(study(**MOVED), [f"{POSTS}=5,9", "teams.recovery.posts=1"])
    outcomes = run(plans.studied([0, 1]), reps=16, engine="reference")
    assert (outcomes.yearly[1] == outcomes.yearly[2]).all()
    waits = outcomes.of("plan_2", "unallocated_child_days")
    assert 0 < waits.mean() < outcomes.of("plan_1", "unallocated_child_days").mean()


def test_what_an_arm_has_switched_off_is_off_in_its_plans():
    staff = {"staff": {"turnover": 2, "recruitment_days": 60}}
    off = study(teams__social__workforce="staff", workforces=staff, mechanisms={"turnover": False})
    outcomes = run(plans_of(off, [f"{POSTS}=5"]).studied([0]), reps=4, engine="reference")
    assert (outcomes.yearly[1] == outcomes.yearly[2]).all()
