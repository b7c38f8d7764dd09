"""A scenario file and the study it becomes: units, defaults, changes, sources, and back again."""

import json
import math
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenario_text import EVERYTHING

import simfs
from simfs.errors import ConfigError
from simfs.scenario.config import load, loads
from simfs.scenario.durations import Exponential, Gamma, Lognormal
from simfs.scenario.locate import locate
from simfs.scenario.practice import Course, ServiceCrisis
from simfs.scenario.quantities import Quantity, Spread
from simfs.scenario.renewal import filled
from simfs.scenario.schema import json_schema
from simfs.scenario.text import string_text, value_text
from simfs.scenario.workforce import AtStart, NewlyQualified

CONFIGS = Path(__file__).parent.parent / "configs"
MINIMAL = (CONFIGS / "minimal.toml").read_text(encoding="utf-8")
MONTH = 365.25 / 12


def stay_of(text, place="stay = "):
    changed = MINIMAL.replace('stay = { mean = 45, unit = "days", shape = "exponential" }', text)
    assert changed != MINIMAL
    return loads(changed).arms[0].pathway.stage("assessment").stay


def test_the_smallest_scenario_needs_one_of_each_and_nothing_else():
    study = load(CONFIGS / "minimal.toml")
    scenario = study.arm("today")
    assert study.baseline == "today"
    assert scenario.calendar.days == 366
    assert [stage.key for stage in scenario.pathway.stages] == ["assessment"]
    assert [way.key for way in scenario.pathway.exits] == ["closed", "eighteen"]
    assert study.warnings == ()


@pytest.mark.parametrize("text", [MINIMAL, EVERYTHING], ids=["minimal", "everything"])
def test_the_resolved_file_loads_again_to_an_equal_study(text):
    study = loads(text)
    assert loads(study.resolved) == study


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_scenario_resolves_to_an_equal_study(path):
    study = load(path)
    assert loads(study.resolved) == study


def test_changes_and_preset_stand_in_the_resolved_file():
    study = loads(
        EVERYTHING,
        preset="doubtful",
        sets=["teams.safeguarding.posts=30", "study.title=As asked"],
        arms=["together"],
    )
    assert loads(study.resolved) == study
    assert study.notes == (
        "set on the command line: teams.safeguarding.posts=30, study.title=As asked",
    )
    assert [arm.arm for arm in study.arms] == ["today", "together"]
    tables = tomllib.loads(study.resolved)
    assert tables["teams"]["safeguarding"]["posts"] == 30
    assert tables["practice_models"]["together"]["effects"]["fewer_removed"]["ratio"] == {
        "value": 0.95,
        "assumption": "an example",
    }
    assert list(tables["presets"]) == ["doubtful"]


def test_a_default_is_written_out_and_marked():
    resolved = loads(MINIMAL).resolved
    assert "handover_days = 0  # default" in resolved
    assert "posts = 3\n" in resolved


def test_a_default_that_somebody_edits_in_the_resolved_file_counts():
    resolved = loads(MINIMAL).resolved.replace(
        "handover_days = 0  # default", "handover_days = 9  # default"
    )
    study = loads(resolved)
    assert study.arms[0].team("social_workers").handover_days == 9
    (line,) = [row for row in study.ledger if row.path.endswith("handover_days")]
    assert line.assumption == "an example, not a place"


def test_every_number_of_the_ledger_has_a_source_or_an_assumption():
    for line in loads(EVERYTHING).ledger:
        assert line.source or line.assumption, line


def test_the_nearest_source_wins_and_a_preset_brings_its_own():
    lines = {line.path: line for line in loads(EVERYTHING).ledger}
    assert lines["stages.care.opening.children"].source == "returns"
    assert lines["stages.care.routes.home.p"].assumption == "an example"
    ratio = lines["practice_models.together.effects.fewer_removed.ratio"]
    assert (ratio.source, ratio.grade, ratio.low, ratio.high) == ("returns", "B", 0.7, 0.9)
    assert lines["stages.care.priority"].assumption == "default of simfs"
    assert lines["costs.foster_week.pounds"].unit == "£ a week"
    assert lines["stages.care.routes.adopted.stay.mean"].unit == "months"


def test_the_order_of_a_file_changes_nothing():
    head, *tables = EVERYTHING.replace("\n[stages.care.routes", "\n\n[stages.care.routes").split(
        "\n\n["
    )
    assert head.startswith("[study]")
    shuffled = "\n\n[".join([head, *reversed(tables)])
    assert loads(shuffled).arms == loads(EVERYTHING).arms


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path):
    path = tmp_path / "windows.toml"
    path.write_bytes(b"\xef\xbb\xbf" + EVERYTHING.replace("\n", "\r\n").encode())
    assert load(path) == loads(EVERYTHING)


def test_a_file_extends_another_table_by_table(tmp_path):
    (tmp_path / "base.toml").write_text(MINIMAL, encoding="utf-8")
    (tmp_path / "top.toml").write_text(
        'extends = "base.toml"\n[study]\nname = "top"\n[teams.social_workers]\nposts = 9\n',
        encoding="utf-8",
    )
    study = load(tmp_path / "top.toml")
    team = study.arms[0].team("social_workers")
    assert (study.name, team.establishment[0].posts, team.caseload) == ("top", 9, ((0, 18),))
    assert loads(study.resolved) == study


@pytest.mark.parametrize(
    ("text", "mean"),
    [
        ('stay = { mean = 3, unit = "months", shape = "fixed" }', 3 * MONTH),
        ('stay = { mean = 2, unit = "weeks", shape = { gamma = 0.5 } }', 14),
        ('stay = { mean = 2, unit = "years", shape = { weibull = 1.6 } }', 730.5),
        ('stay = { median = 30, unit = "days", shape = { lognormal = 1.0 } }', 30 * math.sqrt(2)),
        ('stay = { uniform = [10, 30], unit = "days" }', 20),
        ('stay = { triangular = [10, 20, 60], unit = "days" }', 30),
        (
            'stay = { histogram = { edges = [0, 10, 30], shares = [0.5, 0.5] }, unit = "days" }',
            12.5,
        ),
        (
            "stay = { mean = 25, histogram = { edges = [0, 10, 30], shares = [0.5, 0.5] }, "
            'unit = "days" }',
            25,
        ),
    ],
)
def test_a_stay_keeps_its_mean_however_it_is_written(text, mean):
    stay = stay_of(text)
    assert stay.mean == pytest.approx(mean, rel=1e-12)
    # the shape has mean one: twenty thousand midpoint quantiles of these shapes are within 0.5%
    midpoints = (np.arange(20_000) + 0.5) / 20_000
    assert stay.mean * stay.shape.quantile(midpoints).mean() == pytest.approx(mean, rel=5e-3)


def test_a_lognormal_through_its_own_percentiles_is_found_again():
    made = Lognormal(0.8)
    p25, p75 = 100 * made.quantile(np.array([0.25, 0.75]))
    stay = stay_of(f'stay = {{ percentiles = {{ p25 = {p25}, p75 = {p75} }}, unit = "days" }}')
    assert stay.mean == pytest.approx(100, rel=1e-9)
    assert stay.shape.cv == pytest.approx(0.8, rel=1e-9)


def test_weibull_cv_gives_that_coefficient_of_variation():
    stay = stay_of('stay = { mean = 10, unit = "days", shape = { weibull_cv = 1.0 } }')
    assert stay.shape.shape == pytest.approx(1.0, rel=1e-9)


def test_months_of_a_ramp_become_days_with_their_range():
    text = EVERYTHING.replace(
        "half_months = 6", "half_months = { value = 6, p10 = 3, p90 = 12 }, start_months = 2"
    )
    ramp = loads(text).arm("together").practice.effects[0].ramp
    assert ramp.start == (date(2023, 10, 1) - date(2023, 4, 1)).days + round(2 * MONTH)
    assert (ramp.half.low, ramp.half.value, ramp.half.high) == pytest.approx(
        (3 * MONTH, 6 * MONTH, 12 * MONTH)
    )
    assert ramp.half.path == "practice_models.together.effects.fewer_removed.ramp.half_months"


def test_a_range_above_nothing_is_lognormal_and_across_nothing_normal():
    pounds = loads(EVERYTHING).arms[0].prices.costs[0].pounds
    assert (pounds.spread, pounds.low, pounds.high) == (Spread.LOGNORMAL, 400, 520)
    text = EVERYTHING.replace(
        "growth = 0.035", "growth = { value = 0.01, p10 = -0.01, p90 = 0.03 }"
    )
    assert loads(text).arms[0].prices.costs[0].growth.spread is Spread.NORMAL


def test_a_practice_model_changes_the_posts_of_its_own_arm_only():
    study = loads(EVERYTHING)
    levels = study.arm("together").team("recovery").establishment
    assert [(level.day, level.posts) for level in levels] == [(-31, 0), (-31, 3)]
    assert [level.posts for level in study.arm("today").team("recovery").establishment] == [0]


def test_a_workforce_is_read_in_days_and_shares_with_its_ranges():
    staff = loads(EVERYTHING).arm("today").team("safeguarding").workforce
    turnover = Quantity(
        "workforces.social_workers.turnover",
        0.174,
        "share a year",
        Spread.LOGNORMAL,
        0.12,
        0.24,
    )
    assert staff.turnover == turnover
    assert (staff.vacancy.value, staff.vacancy.path) == (0.2, "workforces.social_workers.vacancy")
    assert (staff.agency_share.value, staff.agency_tenure.value) == (0.5, 270)
    assert (staff.agency_gap.value, staff.agency_gap.path) == (
        21,
        "workforces.social_workers.agency_gap_days",
    )
    assert (staff.tenure_shape, staff.recruitment_shape) == (Exponential(), Gamma(0.5))
    assert staff.newly_qualified == NewlyQualified(0.3, 0.9, 365)
    recruitment = loads(EVERYTHING).arm("today").team("recovery").workforce.recruitment
    assert (recruitment.value, recruitment.unit) == (90, "days")
    assert recruitment.path == "workforces.practitioners.recruitment_days"


def test_a_team_without_a_workforce_has_every_post_always_filled():
    team = loads(MINIMAL).arms[0].team("social_workers")
    assert (team.workforce, team.at_start) == (None, None)


def test_posts_at_the_start_may_be_stated():
    team = loads(EVERYTHING).arm("today").team("safeguarding")
    assert team.at_start == AtStart(vacant=3, agency=4)


@pytest.mark.parametrize(
    ("absence", "freed", "limits"),
    [
        # 18 x 0.95 = 17.1 and x 1.1 = 18.8; 18 x 1 and x 1.1 = 19.8; 18 x 0.8 = 14.4, x 1.5 = 21.6
        ("0.05", "0.1", ((0, 17), (183, 19))),
        ("0", "0.1", ((0, 18), (183, 20))),
        ("0.2", "0.5", ((0, 14), (183, 22))),
    ],
)
def test_a_limit_is_net_of_absence_and_rises_with_the_time_freed(absence, freed, limits):
    text = EVERYTHING.replace("absence = 0.05", f"absence = {absence}")
    text = text.replace("share = 0.1, teams", f"share = {freed}, teams")
    study = loads(text)
    assert study.arm("together").team("safeguarding").caseload == limits
    assert study.arm("today").team("safeguarding").caseload == limits[:1]


def test_a_caseload_that_changes_is_net_of_absence_too():
    text = EVERYTHING.replace("posts = 22 }", "posts = 22, caseload = 20 }")
    team = loads(text).arm("together").team("safeguarding")
    # 18 x 0.95, x 1.1; 20 x 0.95 x 1.1
    assert team.caseload == ((0, 17), (183, 19), (366, 21))


def test_posts_added_before_the_start_are_told_from_those_there_from_the_beginning():
    text = EVERYTHING.replace("date = 2024-04-01, posts = 22", "date = 2023-03-11, posts = 22")
    team = loads(text).arm("today").team("safeguarding")
    assert [(step.day, step.posts) for step in team.establishment] == [(-21, 20), (-21, 22)]
    assert (team.posts_on(-22), team.posts_on(-21), team.posts_on(500)) == (0, 22, 22)
    text = EVERYTHING.replace("date = 2024-04-01, posts = 22", "date = 2023-04-01, posts = 22")
    team = loads(text).arm("today").team("safeguarding")
    assert [(step.day, step.posts) for step in team.establishment] == [(0, 20), (0, 22)]


def test_late_staffing_moves_every_date_of_staffing_and_nothing_else():
    study = loads(EVERYTHING, sets=["practice_models.together.staffing_late_months=6"])
    late, planned = study.arm("together"), loads(EVERYTHING).arm("together")
    assert late.team("recovery").establishment[1].day == -31 + round(6 * MONTH)
    assert late.team("safeguarding") == planned.team("safeguarding")
    assert late.practice == planned.practice


def test_effects_may_start_later_than_planned_by_an_uncertain_number_of_months():
    slip = loads(EVERYTHING).arm("together").practice.slip
    assert (slip.path, slip.unit) == ("practice_models.together.slip_months", "days")
    assert (slip.spread, slip.value) == (Spread.TRIANGULAR, 0)
    assert (slip.low, slip.high) == pytest.approx((-2 * MONTH, 6 * MONTH))
    assert loads(EVERYTHING.replace("slip_months = {", "# {")).arm("together").practice.slip == (
        Quantity("practice_models.together.slip_months", 0, "days", Spread.NONE, 0, 0)
    )


def test_training_is_read_in_days():
    training = loads(EVERYTHING).arm("together").practice.training
    assert training.teams == ("safeguarding",)
    assert training.courses == (Course(90, 16), Course(274, 8))
    assert (training.rolling_days, training.rolling_seats) == (round(6 * MONTH), 4)
    assert (training.skill_first, training.skill_days) == (0.5, 365)
    assert training.reference.value == 0.8
    assert training.reference.path == "practice_models.together.training.reference"


def test_a_reform_brings_every_arm_the_effects_on_families_of_the_model_it_names():
    study = loads(EVERYTHING)
    reform = study.arm("today").reform
    assert reform == study.arm("together").reform
    assert reform.start == 731
    assert (reform.share.path, reform.share.low, reform.share.high) == ("reform.share", 0, 0.5)
    assert (reform.half.value, reform.ninety.value) == pytest.approx((9 * MONTH, 30 * MONTH))
    (effect,) = reform.effects
    assert effect == study.arm("together").practice.effects[0]
    assert [e.key for e in study.arm("today").effects] == ["fewer_removed"]


def test_a_reform_of_nothing_is_still_built():
    text = EVERYTHING.replace(
        'share = { value = 0.25, spread = "uniform", low = 0, high = 0.5 }', "share = 0"
    )
    assert loads(text).arm("today").reform.share.value == 0


def test_a_service_crisis_is_read_in_days_and_one_without_a_chance_is_none():
    crisis = loads(EVERYTHING).arm("today").service_crisis
    assert crisis == ServiceCrisis(0.02, 1.5, (("assessment", "care"),), round(24 * MONTH))
    text = EVERYTHING.replace("per_year = 0.02", "per_year = 0")
    assert loads(text).arm("today").service_crisis is None


def test_every_number_of_the_staff_has_a_unit_in_the_ledger():
    units = {line.path: line.unit for line in loads(EVERYTHING).ledger}
    assert units["workforces.social_workers.turnover"] == "share a year"
    assert units["workforces.social_workers.newly_qualified.caseload"] == "share of a caseload"
    assert units["service_crisis.per_year"] == "chance a year"
    assert units["teams.safeguarding.caseload"] == "cases a worker"
    shapes = ("gamma", "lognormal", "mean", "per")
    bare = [p for p, u in units.items() if not u and p.startswith(("work", "reform", "practice"))]
    assert [p for p in bare if not p.endswith((*shapes, "dose_power", "pounds"))] == []


def test_an_arm_may_change_any_number_of_its_own():
    study = loads(EVERYTHING)
    assert study.arm("more_posts").team("safeguarding").establishment[0].posts == 28
    assert study.arm("today").team("safeguarding").establishment[0].posts == 20


def test_a_change_may_add_what_the_form_allows():
    study = loads(MINIMAL, sets=["families.earlier_plan=0.1"])
    (line,) = [row for row in study.ledger if row.path == "families.earlier_plan"]
    assert line.assumption == "set on the command line"
    assert loads(study.resolved) == study
    exits = loads(MINIMAL, sets=["exits.eighteen.label=Grown up"]).arms[0].pathway.exits
    assert [way.label for way in exits] == ["Closed", "Grown up"]


def test_a_change_outranks_the_preset():
    study = loads(EVERYTHING, sets=["practice_models.together.effects.fewer_removed.ratio=0.5"])
    ratio = study.arm("together").practice.effects[0].ratio
    assert (ratio.value, ratio.spread) == (0.5, Spread.NONE)
    assert loads(study.resolved) == study


def test_a_probability_given_once_holds_in_every_age_band():
    text = EVERYTHING.replace("p = [0.2, 0.4]", "p = 0.2").replace("[0.5, 0.6]", "[0.5, 0.8]")
    assert loads(text).arms[0].pathway.stage("care").route("home").p == (0.2, 0.2)


def test_a_scenario_without_arrivals_is_fine():
    text = MINIMAL.replace("per_year = 100", "per_year = 0")
    assert loads(text).arms[0].demand.streams[0].per_year == ((0, 0),)


def test_the_schema_describes_every_key_it_names():
    schema = json_schema()
    assert {"stages", "teams", "extends"} <= set(schema["properties"])
    team = schema["$defs"]["TeamForm"]["properties"]
    assert team["posts"]["description"] == 'number of posts, or "unlimited"'
    assert {"source", "assumption", "note"} <= set(team)
    assert schema["$defs"]["CostForm"]["properties"]["pounds"]["anyOf"][0] == {"type": "number"}
    json.dumps(schema)


def test_the_resolved_text_does_not_depend_on_hash_seed_time_zone_or_locale():
    code = (
        "from pathlib import Path; from simfs.scenario.config import load;"
        f"print(load(Path({str(CONFIGS / 'minimal.toml')!r})).resolved, end='')"
    )
    elsewhere = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "de_DE.UTF-8"},
        capture_output=True,
        check=True,
    )
    assert elsewhere.stdout.decode() == loads(MINIMAL).resolved


def test_no_date_is_written_with_a_directive_that_windows_lacks():
    sources = sorted(Path(simfs.__path__[0]).rglob("*.py"))
    assert len(sources) > 50
    assert [path.name for path in sources if "%-" in path.read_text(encoding="utf-8")] == []


@given(st.text())
def test_any_text_survives_being_written_and_read(text):
    assert tomllib.loads(f"v = {string_text(text)}")["v"] == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_survives_being_written_and_read(number):
    assert tomllib.loads(f"v = {value_text(number)}")["v"] == number


def test_a_key_is_found_in_headers_inline_tables_arrays_and_below_strings():
    text = (
        'a = """\n[not]\nb = 1\n"""\n'
        "[x.y] # [comment]\n"
        'p = [1, { "q.r" = "]" }]\n'
        "[[c]]\n[[c]]\nid = 'd'\n"
    )
    places = locate(text)
    assert places["x", "y"] == (5, 1)
    assert places["x", "y", "p", 1, "q.r"] == (6, 11)
    assert places["c", 1, "id"] == (9, 1)
    assert ("b",) not in places


def test_a_vacancy_that_is_set_takes_the_place_of_the_days_of_recruitment():
    study = load(CONFIGS / "bury.toml", sets=["workforces.mental_health.vacancy=0.4"])
    for scenario in study.arms:
        workforce = scenario.team("mental_health_practitioner").workforce
        assert workforce is not None
        assert filled(workforce) == pytest.approx(0.6)
    assert "recruitment_days = 210" not in study.resolved


def test_a_team_without_posts_for_a_while_is_warned_of():
    changes = "[{ date = 2024-04-01, posts = 0 }, { date = 2024-06-01, posts = 20 }]"
    study = loads(EVERYTHING, sets=[f"teams.safeguarding.changes={changes}"])
    warnings = [w for w in study.warnings if w.startswith("teams.safeguarding.changes")]
    assert len(warnings) == 1
    assert "loses its last post on 2024-04-01 and has none until 2024-06-01" in warnings[0]


def test_posts_that_a_plan_adds_come_on_top_of_whatever_the_team_has():
    for posts in (26, 34):
        study = load(CONFIGS / "bury.toml", sets=[f"teams.safeguarding.posts={posts}"])
        before, after = (arm.team("safeguarding") for arm in study.arms)
        assert (before.posts_on(0), after.posts_on(0)) == (posts, posts + 6)


def test_posts_are_given_in_total_or_as_an_addition():
    both = '[{ team = "recovery", posts = 3, add = 1, date = 2023-10-01 }]'
    with pytest.raises(ConfigError, match="either posts, in total, or add, got both"):
        loads(EVERYTHING, sets=[f"practice_models.together.staffing={both}"])


def test_a_specialist_team_that_ends_is_warned_of():
    first = '{ team = "recovery", posts = 3, date = 2023-10-01 }'
    last = '{ team = "recovery", posts = 0, date = 2025-01-01 }'
    plan = f"[{first}, {last}]"
    study = loads(EVERYTHING, sets=[f"practice_models.together.staffing={plan}"])
    assert any("'recovery' has no post from 2025-01-01 to the end" in w for w in study.warnings)
