"""On which evidence a saving rests: each effect left out in turn, each price by its line."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from analysis_examples import a_cost, a_practice_model, a_scenario, a_study, an_effect
from worlds import START, leaving, stay, text_of

from simfs.analysis.grades import Graded, Rated, by_price, graded_saving, weaker
from simfs.experiment.grades import graded
from simfs.experiment.run import run
from simfs.report.findings import gather
from simfs.report.first_page import first_page
from simfs.report.html import Table
from simfs.report.sections_grades import grades_section, grades_sentence
from simfs.report.tables import grades_csv
from simfs.scenario.config import load, loads
from simfs.scenario.costs import Basis, Ledger
from simfs.scenario.scenario import LedgerEntry

CONFIGS = Path(__file__).parents[1] / "configs"
ENGINES = ["fast", "reference"]


def an_arrival_effect(stream, ratio, grade):
    return {
        "kind": "stream", "targets": [stream], "ratio": ratio, "team_share": 1.0, "grade": grade,
        "ramp": {"half_months": 1, "ninety_months": 2},
    }  # fmt: skip


def two_streams(
    prices=("A", "A"), effects=("C", "C"), scale=1.0, ratios=(0.7, 0.9), more_costs=(), **more
):
    """Two kinds of family that never meet, each with an effect and a price of its own."""
    costs = {
        f"{key}_week": {
            "basis": "child_week", "applies_to": [key], "pounds": scale * 100, "ledger": ledger,
            "grade": grade,
        }
        for key, ledger, grade in zip(("left", "right"), ("cashable", "capacity"), prices,
                                      strict=True)
    }  # fmt: skip
    model = {
        "go_live": START,
        "effects": {
            f"fewer_{key}": an_arrival_effect(key, ratio, grade)
            for key, ratio, grade in zip(("left", "right"), ratios, effects, strict=True)
        },
    }
    tables = {
        "days": 730,
        "streams": {key: {"to": key, "per_year": 400} for key in ("left", "right")},
        "stages": {
            key: {"stay": stay(60), "remainder": "out", "routes": leaving(out=1.0)}
            for key in ("left", "right")
        },
        "costs": costs,
        "practice_models": {"model": model},
        "arms": {"today": {}, "then": {"practice_model": "model"}},
    } | more
    tables["costs"] |= dict(more_costs)
    return loads(text_of(**tables))


def shares(found):
    return {name: round(portion.share, 6) for name, portion in found}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_saving_that_one_effect_and_one_price_carry_rests_on_the_weaker_grade(engine):
    study = two_streams(ratios=(0.7, 1.0))
    [found] = graded(study, seed=1, engine=engine)
    assert found.futures == (8 if engine == "fast" else 4)
    assert shares(found.by_grade()) == {"C": 1.0}
    assert found.whole.pounds > 10_000
    [(cause, line, grade, portion)] = found.by_both()
    assert (cause.key, cause.grade, line.key, line.grade, grade) == (
        "fewer_left", "C", "left_week", "A", "C",
    )  # fmt: skip
    assert portion.share == 1
    assert portion.share_error == 0


def test_effects_that_never_meet_carry_what_each_would_alone_and_nothing_together():
    both = graded(two_streams(), seed=1)[0]
    alone = [graded(two_streams(ratios=ratios), seed=1)[0] for ratios in ((0.7, 1), (1, 0.9))]
    carried = dict(both.by_cause())
    for place, key in enumerate(("fewer_left", "fewer_right")):
        [portion] = [p for cause, p in carried.items() if cause.key == key]
        assert portion.pounds == alone[place].whole.pounds
        assert portion.share == pytest.approx(portion.pounds / both.whole.pounds)
    assert [p.pounds for cause, p in carried.items() if not cause.key] == [0, 0]
    # three in ten against one in ten of equal streams: three quarters, to three standard errors
    left = both.by_cause()[0][1]
    assert left.share == pytest.approx(0.75, abs=3 * left.share_error)


def test_the_cross_table_adds_up_and_takes_the_weaker_grade():
    [found] = graded(two_streams(prices=("D", "A"), effects=("A", "B")), seed=1)
    assert {(c.key, line.key): g for c, line, g, _ in found.by_both()} == {
        ("fewer_left", "left_week"): "D",
        ("fewer_right", "right_week"): "B",
    }
    by_grade = dict(found.by_grade())
    assert list(by_grade) == ["D", "B"]
    assert sum(portion.share for portion in by_grade.values()) == pytest.approx(1)
    prices = dict(found.by_grade(lambda cause, line: line.grade))
    assert list(prices) == ["D", "A"]
    assert prices["A"].pounds == by_grade["B"].pounds


def test_doubling_every_price_leaves_every_share():
    once, twice = (graded(two_streams(scale=scale), seed=1)[0] for scale in (1.0, 2.0))
    assert twice.whole.pounds == pytest.approx(2 * once.whole.pounds, rel=1e-6)
    for (_, one), (_, other) in zip(once.by_cause(), twice.by_cause(), strict=True):
        assert one.share == pytest.approx(other.share, abs=1e-6)


def test_what_effects_do_only_together_is_a_row_of_its_own():
    # both on one stream leave 0.7 x 0.9 of it and save 0.37, of which 0.27 goes without the first
    # and 0.07 without the second: what either would prevent is carried by neither alone
    tables = two_streams().resolved.replace('targets = ["right"]', 'targets = ["left"]')
    [found] = graded(loads(tables), seed=1)
    *effects, together, none = [portion for _, portion in found.by_cause()]
    assert together.pounds > 0
    assert none.pounds == 0
    whole = sum(one.pounds for one in (*effects, together, none))
    assert whole == pytest.approx(found.whole.pounds)
    assert together.share == pytest.approx(0.03 / 0.37, abs=4 * together.share_error)


def test_a_reform_that_brings_an_effect_to_the_baseline_is_left_out_there_too():
    reform = {"practice_model": "model", "date": START, "share": 1.0,
              "half_months": 1, "ninety_months": 2}  # fmt: skip
    text = two_streams(reform=reform)
    [found] = graded(text, seed=1)
    # the baseline has all that the arm has: nothing is saved and nothing is carried
    assert not found.pence.any()
    assert found.whole.share is None


def test_arms_without_effects_or_studies_without_prices_are_not_asked():
    assert graded(load(CONFIGS / "minimal.toml"), seed=1) == ()
    assert graded(two_streams(costs={}), seed=1) == ()
    assert graded(two_streams(arms={"today": {}, "then": {}}), seed=1) == ()


def test_drift_is_off_and_values_are_central():
    drift = {"demand": {"targets": ["left"], "sd": 0.5, "half_life_months": 12}}
    [wandering], [still] = (
        graded(one, seed=1) for one in (two_streams(drift=drift), two_streams())
    )
    assert wandering.pence.tolist() == still.pence.tolist()


def rated(key, grade):
    return Rated(key, key.capitalize(), grade)


def test_a_cost_shows_as_a_cost_and_a_saving_not_above_nothing_has_no_shares():
    lines = (rated("care", "A"), rated("help", "D"))
    falls = np.array([[[100_00, -20_00]], [[104_00, -22_00]]])
    found = Graded("after", (rated("one", "C"),), lines, falls)
    told = dict(found.by_grade())
    assert told["D"].pounds == -21
    assert told["D"].share == pytest.approx(-21 / 81)
    assert told["C"].share == pytest.approx(102 / 81)
    assert told["C"].standard_error == pytest.approx(2)
    loss = Graded("after", (rated("one", "C"),), lines, -falls)
    assert [portion.share for _, portion in loss.by_grade()] == [None, None]


def test_a_number_without_a_grade_is_weaker_than_any():
    assert weaker(["A", "not graded", "D"]) == "not graded"


def priced_study():
    costs = (
        a_cost("care", Basis.CHILD_WEEK, ("care",), 10.0),
        a_cost("police", Basis.CHILD_WEEK, ("care",), 10.0, Ledger.PARTNER),
        a_cost("work", Basis.CHILD_WEEK, ("child_protection",), 5.0, Ledger.CAPACITY),
    )
    arms = (
        a_scenario("before", costs),
        a_scenario("after", costs, practice=a_practice_model(effects=(an_effect(),))),
    )
    ledger = (LedgerEntry("costs.care.pounds", "10", "£", None, None, "s", "", "B"),)
    return replace(a_study(arms), ledger=ledger)


def test_prices_are_of_the_lines_of_the_gross_saving_and_exact():
    police = {"basis": "child_week", "applies_to": ["left"], "pounds": 9, "ledger": "partner"}
    study = two_streams(prices=("B", ""), more_costs={"police": police})
    outcomes = run(study, reps=8)
    found = by_price(outcomes, "then")
    assert [(one.line.key, one.line.grade) for one in found] == [
        ("left_week", "B"),
        ("right_week", "not graded"),
    ]
    gross = gather(outcomes).compared[0].fall("gross_saving_pence", "all years").mean
    assert sum(one.pounds for one in found) == pytest.approx(gross / 100)
    assert sum(one.share for one in found) == pytest.approx(1)


def test_effects_carry_singly_together_and_without_any():
    study = priced_study()
    whole = np.array([[10, 4], [12, 6]])
    found = graded_saving(study, "after", whole, {"cp_start": whole - 3}, np.ones((2, 2), int))
    assert [cause.key for cause in found.causes] == ["cp_start", "", ""]
    assert found.pence[0].tolist() == [[3, 3], [6, 0], [1, 1]]
    assert (found.pence.sum(axis=1) == whole).all()


@pytest.fixture(scope="module")
def findings():
    study = two_streams(prices=("D", "A"), effects=("A", "C"))
    return gather(run(study, reps=16), graded(study, seed=1, futures=16))


def test_the_report_and_the_table_agree(findings):
    [found] = findings.graded
    rows = list(csv.DictReader(io.StringIO(grades_csv(findings).decode("utf-8-sig"))))
    assert [(row["effect"], row["cost"], row["grade"]) for row in rows] == [
        ("fewer_left", "left_week", "D"),
        ("fewer_right", "right_week", "C"),
    ]
    for row, (_, portion) in zip(rows, found.by_grade(), strict=True):
        assert float(row["pounds"]) == pytest.approx(portion.pounds, abs=0.01)
        assert float(row["share"]) == pytest.approx(portion.share, abs=1e-6)
    sentence = grades_sentence(findings, found)
    d, c = (round(100 * float(row["share"])) for row in rows)
    assert f"{d}% rests on numbers that are assumed (grade D) and {c}% on grade C" in sentence
    assert sentence in [getattr(part, "text", "") for part in grades_section(findings).parts]
    words = " ".join(first_page(findings)[0].parts[-3].points)
    assert f"about £{d} rest on figures that somebody assumed and about £{c} on" in words


def test_the_section_has_prices_effects_and_both(findings):
    tables = [part for part in grades_section(findings).parts if isinstance(part, Table)]
    prices, effects, both = [[[cell.text for cell in row] for row in t.rows] for t in tables]
    assert [row[:2] for row in prices] == [["Left week", "D"], ["Right week", "A"]]
    assert [row[1] for row in effects] == ["A", "C", "C", "–"]
    assert [row[0] for row in both] == ["D", "C"]
    assert "By grade: D" in tables[0].note


def test_without_being_asked_the_report_says_nothing_of_grades(findings):
    silent = replace(findings, graded=())
    assert grades_section(silent) is None
    assert not any(row.place.file == "grades.csv" for row in first_page(silent)[1].rows)
    assert any(row.place.file == "grades.csv" for row in first_page(findings)[1].rows)


def test_a_saving_lost_in_luck_rests_on_nothing_that_can_be_said(findings):
    [found] = findings.graded
    unclear = replace(found, pence=found.pence * np.array([1, -1] * 4)[:, None, None])
    assert "cannot be said" in grades_sentence(findings, unclear)


def test_a_scenario_without_a_grade_is_warned_of_in_one_line():
    study = two_streams(prices=("A", ""), effects=("", ""))
    [warning] = study.warnings
    assert warning.startswith("costs.right_week.pounds and 2 more: no grade of the evidence")
    assert loads(study.resolved).warnings == study.warnings
    assert two_streams().warnings == ()
