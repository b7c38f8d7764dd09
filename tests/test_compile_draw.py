"""Scenario to Program: effects, a reform, a crisis, and how workers come, learn and go."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from worlds import busy_world, study_of

from simfs.engine.compile import compile_scenario, quantities_of
from simfs.engine.draws import place_code
from simfs.engine.program import NOBODY, Program
from simfs.engine.tables import stay_table
from simfs.scenario.durations import Exponential, Gamma, Weibull
from simfs.scenario.practice import (
    Course,
    Effect,
    EffectKind,
    Fade,
    PracticeModel,
    Ramp,
    Reform,
    ServiceCrisis,
    Training,
)
from simfs.scenario.quantities import exactly
from simfs.scenario.scenario import DAYS_PER_YEAR, Scenario
from simfs.scenario.workforce import AtStart, Establishment, NewlyQualified, Workforce

BEFORE, AFTER = study_of(**busy_world()).arms


def workforce(key: str = "social", **changes: Any) -> Workforce:
    """A sixth leave in a year; three appointments in ten are agency workers, for 120 days."""
    path = f"workforces.{key}"
    plain: dict[str, Any] = {
        "key": key,
        "label": key,
        "turnover": exactly(1 / 6, f"{path}.turnover"),
        "tenure_shape": Weibull(1.3),
        "recruitment": exactly(90.0, f"{path}.recruitment_days"),
        "recruitment_shape": Gamma(0.7),
        "vacancy": None,
        "agency_share": exactly(0.3, f"{path}.agency_share"),
        "agency_tenure": exactly(120.0, f"{path}.agency_days"),
        "agency_shape": Exponential(),
        "agency_gap": exactly(10.0, f"{path}.agency_gap_days"),
        "agency_gap_shape": Gamma(0.7),
        "newly_qualified": None,
    }
    return Workforce(**plain | changes)


def with_staff(scenario: Scenario, team_key: str = "social", **changes: Any) -> Scenario:
    """The scenario with one team changed."""
    teams = (replace(t, **changes) if t.key == team_key else t for t in scenario.teams)
    return replace(scenario, teams=tuple(teams))


def practice(**changes: Any) -> Scenario:
    """The arm with the practice model, changed."""
    assert AFTER.practice is not None
    return replace(AFTER, practice=replace(AFTER.practice, **changes))


def own(scenario: Scenario = AFTER) -> PracticeModel:
    assert scenario.practice is not None
    return scenario.practice


def on_workers(kind: EffectKind, ratio: float) -> Effect:
    """An effect on the workforce, all at once on day 400."""
    path = f"practice_models.new.effects.{kind}"
    ramp = Ramp(400, exactly(1e-3, f"{path}.half"), exactly(2e-3, f"{path}.ninety"))
    model = own().effects[0]
    return replace(
        model, key=str(kind), kind=kind, targets=(("social", ""),), ratio=exactly(ratio), ramp=ramp
    )


def ramp_of(scenario: Scenario, start: int, half: float, ninety: float) -> Any:
    return Ramp.shares(np.arange(scenario.calendar.days) - start, half, ninety)


def by_key(program: Program) -> dict[str, Any]:
    return {effect.key: effect for effect in program.effects}


# Effects and what else moves them


def test_an_effect_is_ramp_times_fade_and_nothing_else():
    first = own().effects[0]
    faded = replace(first, fade=Fade(900, exactly(200.0)))
    effects = compile_scenario(practice(effects=(faded, *own().effects[1:])), {}).effects
    half, ninety = first.ramp.half.value, first.ramp.ninety.value
    late = np.maximum(np.arange(AFTER.calendar.days) - 900, 0)
    expected = ramp_of(AFTER, 200, half, ninety) * 0.5 ** (late / 200)
    assert effects[0].by_day == pytest.approx(expected)
    assert {effect.force for effect in effects} == {0}
    assert {share for effect in effects for share in effect.at_least} == {0.0}


def test_a_slip_moves_ramps_and_fades_by_whole_days():
    first = replace(own().effects[0], fade=Fade(900, exactly(200.0)))
    model = practice(effects=(first,))
    slip = own().slip.path
    on_time = compile_scenario(model, {}).effects[0].by_day
    late = compile_scenario(model, {slip: 29.6}).effects[0].by_day
    assert late[30:] == on_time[:-30]
    assert set(late[:230]) == {0.0}


def test_a_reform_gives_its_share_to_an_arm_without_a_practice_model():
    share, half, ninety = exactly(0.5, "reform.share"), exactly(100.0), exactly(300.0)
    reform = Reform(300, share, half, ninety, own().effects[:1])
    bare = compile_scenario(replace(BEFORE, reform=reform), {}).effects
    assert [effect.key for effect in bare] == [own().effects[0].key]
    assert set(bare[0].by_day) == {0.0}
    expected = 0.5 * ramp_of(BEFORE, 300, 100.0, 300.0)
    assert bare[0].at_least == pytest.approx(expected)
    both = compile_scenario(replace(AFTER, reform=reform), {}).effects
    assert both[0].at_least == bare[0].at_least
    assert both[0].by_day == compile_scenario(AFTER, {}).effects[0].by_day
    assert set(both[1].at_least) == {0.0}


def test_effects_of_a_reform_act_on_their_targets():
    reform = Reform(300, exactly(0.5), exactly(100.0), exactly(300.0), own().effects)
    bare = compile_scenario(replace(BEFORE, reform=reform), {})
    full = compile_scenario(AFTER, {})
    assert [route.effects for route in bare.routes] == [route.effects for route in full.routes]
    assert any(route.effects for route in bare.routes)


def test_effects_are_numbered_as_in_the_scenario_and_those_on_workers_are_not_among_them():
    model = practice(effects=(on_workers(EffectKind.AGENCY, 0.5), *own().effects))
    program = compile_scenario(with_staff(model, workforce=workforce()), {})
    plain = compile_scenario(AFTER, {})
    assert [e.key for e in program.effects] == [e.key for e in model.effects]
    assert [route.effects for route in program.routes] == [r.effects for r in plain.routes]


def test_a_service_crisis_is_the_last_effect():
    crisis = ServiceCrisis(0.05, 1.5, (("plan", "care"),), 300)
    program = compile_scenario(replace(AFTER, service_crisis=crisis), {})
    last = program.effects[-1]
    assert (last.key, last.ratio, last.force) == ("service_crisis", 1.5, 1)
    assert set(last.by_day) == {1.0}
    care = next(r for r in program.routes if r.key == "care")
    assert care.effects == (0, len(AFTER.effects))
    assert program.staff.crisis is not None
    assert program.staff.crisis.mean == pytest.approx(20 * DAYS_PER_YEAR)
    assert program.staff.crisis.days == 300


def test_a_crisis_without_a_chance_is_none():
    crisis = ServiceCrisis(0.0, 1.5, (("plan", "care"),), 300)
    program = compile_scenario(replace(AFTER, service_crisis=crisis), {})
    assert program.staff.crisis is None
    assert len(program.effects) == len(AFTER.effects)


# Workforces


def test_teams_have_the_numbers_of_their_workforces_in_order_of_key():
    whole = with_staff(AFTER, workforce=workforce("zeal"), at_start=AtStart(1, 2))
    whole = with_staff(whole, "safety", workforce=workforce("adults"))
    program = compile_scenario(whole, {})
    teams = {team.key: team for team in program.teams}
    assert {key: team.workforce for key, team in teams.items()} == {
        "recovery": NOBODY,
        "safety": 0,
        "social": 1,
    }
    assert teams["social"].at_start == (1, 2)
    assert teams["safety"].at_start is None
    assert teams["social"].code == place_code("team:social")


def test_posts_before_the_start_keep_their_days():
    steps = (Establishment(-60, 0), Establishment(-60, 3), Establishment(20, 5))
    program = compile_scenario(with_staff(AFTER, establishment=steps), {})
    social = next(team for team in program.teams if team.key == "social")
    assert social.posts == ((-60, 0), (-60, 3), (20, 5))
    assert social.most_posts == 5


def test_means_are_of_the_draw_and_shapes_are_tables_of_the_program():
    program = compile_scenario(
        with_staff(AFTER, workforce=workforce()),
        {"workforces.social.turnover": 0.25, "workforces.social.agency_share": 1.3},
    )
    (code,) = program.staff.workforces
    assert code.permanent.mean == pytest.approx(4 * DAYS_PER_YEAR)
    assert (code.recruitment.mean, code.agency.mean, code.agency_gap.mean) == (90, 120, 10)
    assert (program.tables[code.permanent.table] == stay_table(Weibull(1.3))).all()
    assert (program.tables[code.recruitment.table] == stay_table(Gamma(0.7))).all()
    assert code.agency_gap.table == code.recruitment.table
    assert set(code.agency_share) == {1.0}
    assert (code.leaving == np.arange(AFTER.calendar.days + 1)).all()
    assert (code.hiring == code.leaving).all()


def test_where_nobody_leaves_tenures_never_end():
    stable = workforce(turnover=exactly(0.0), vacancy=exactly(0.1))
    (code,) = compile_scenario(with_staff(AFTER, workforce=stable), {}).staff.workforces
    assert math.isinf(code.permanent.mean)
    assert code.recruitment.mean == 90


def test_recruitment_follows_from_a_vacancy():
    vacant = workforce(vacancy=exactly(0.2, "workforces.social.vacancy"))
    scenario = with_staff(AFTER, workforce=vacant)
    for values, vacancy in (({}, 0.2), ({"workforces.social.vacancy": 0.05}, 0.05)):
        (code,) = compile_scenario(scenario, values).staff.workforces
        filled = 0.7 * code.permanent.mean + 0.3 * code.agency.mean
        empty = 0.7 * code.recruitment.mean + 0.3 * code.agency_gap.mean
        assert empty / (filled + empty) == pytest.approx(vacancy)


def test_a_gap_in_a_draw_is_at_least_a_day():
    vacant = workforce(vacancy=exactly(0.0, "workforces.social.vacancy"))
    (code,) = compile_scenario(with_staff(AFTER, workforce=vacant), {}).staff.workforces
    assert code.recruitment.mean == 1


def test_the_newly_qualified_are_spared_what_is_not_their_caseload():
    new = workforce(newly_qualified=NewlyQualified(0.25, 0.75, 365))
    (code,) = compile_scenario(with_staff(AFTER, workforce=new), {}).staff.workforces
    assert (code.newly_qualified, code.protected_share, code.protected_days) == (0.25, 0.25, 365)


def test_effects_on_workers_change_clocks_and_shares_from_their_day_on():
    kinds = {EffectKind.TURNOVER: 0.5, EffectKind.RECRUITMENT: 1.5, EffectKind.AGENCY: 0.0}
    effects = tuple(on_workers(kind, ratio) for kind, ratio in kinds.items())
    scenario = with_staff(practice(effects=effects), workforce=workforce())
    (code,) = compile_scenario(scenario, {}).staff.workforces
    # A thousandth of a day after its start the ramp is half way: a day later it is all but whole.
    assert code.leaving[[0, 400, 500]] == pytest.approx([0, 400, 450.5], abs=0.01)
    assert code.hiring[[0, 400, 500]] == pytest.approx([0, 400, 549.5], abs=0.01)
    assert code.agency_share[[0, 400, 401]] == pytest.approx([0.3, 0.3, 0.0], abs=1e-4)


def test_effects_on_another_workforce_change_nothing():
    effects = (replace(on_workers(EffectKind.TURNOVER, 0.5), targets=(("others", ""),)),)
    scenario = with_staff(practice(effects=effects), workforce=workforce())
    (code,) = compile_scenario(scenario, {}).staff.workforces
    assert (code.leaving == np.arange(AFTER.calendar.days + 1)).all()


def test_arms_with_other_workers_have_the_same_families():
    staffed = compile_scenario(with_staff(AFTER, workforce=workforce()), {})
    plain = compile_scenario(AFTER, {})
    assert staffed.families == plain.families
    assert len(staffed.tables) == len(staffed.biased) > len(plain.tables)
    assert (staffed.tables[: len(plain.tables)] == plain.tables).all()


def test_rolling_courses_follow_the_last_until_the_run_ends():
    courses = (Course(-30, 16), Course(60, 16))
    training = Training(("social",), courses, 500, 4, 0.5, 365, exactly(0.8, "t.reference"))
    code = compile_scenario(practice(training=training), {"t.reference": 0.6}).staff.training
    assert code is not None
    assert code.courses == ((-30, 16), (60, 16), (560, 4), (1060, 4))
    assert [AFTER.teams[number].key for number in code.teams] == ["social"]
    assert (code.skill_first, code.skill_days, code.reference) == (0.5, 365, 0.6)


def test_every_number_that_a_draw_may_move_is_named_once():
    training = Training(("social",), (), 0, 0, 1.0, 0, exactly(0.8, "t.reference"))
    quantities = {name: exactly(1.0, f"reform.{name}") for name in ("share", "half", "ninety")}
    scenario = with_staff(
        practice(
            training=training,
            effects=(*own().effects, on_workers(EffectKind.AGENCY, 0.5)),
        ),
        workforce=workforce(),
    )
    scenario = replace(scenario, reform=Reform(300, **quantities, effects=own().effects))
    paths = [quantity.path for quantity in quantities_of(scenario)]
    assert paths == sorted(set(paths))
    added = {"t.reference", "reform.share", "reform.half", "reform.ninety", own().slip.path}
    added |= {f"workforces.social.{name}" for name in ("turnover", "agency_share")}
    added |= {"workforces.social.recruitment_days", "practice_models.new.effects.agency.half"}
    assert added <= set(paths)
