"""Where a claim turns: exact roots, intervals that cover, and numbers moved by themselves."""

import math

import numpy as np
import pytest
from analysis_examples import some_outcomes
from test_claims_command import file_of, tables

from simfs.analysis.claims import figures
from simfs.analysis.switching import Response, crossing_of, needed, root_of
from simfs.errors import UsageError
from simfs.experiment.run import run
from simfs.experiment.switching import believed
from simfs.experiment.trials import Trial, Trials, tried
from simfs.report.switching import (
    IN_STEP,
    NOT_SETTLED,
    TURNS,
    switching_csv,
    switching_rows,
    switching_text,
)
from simfs.scenario.config import load
from simfs.scenario.movable import movable
from simfs.scenario.moved import faults, form_of, moved

READABLE = {"engine": "reference"}


def numbers(seed):
    return np.random.Generator(np.random.Philox(key=seed))


def a_line(seed, many=40, few=40, slope_spread=0.3):
    """Draws of 1 + (v − 2) on average: the root of 3 is exactly 4."""
    luck = numbers(seed)
    as_it_is = luck.normal(1, 0.5, many)
    slopes = luck.normal(1, slope_spread, few)
    knots = np.array([0.0, 2.0, 3.0, 6.0])
    return Response(knots, 2.0, as_it_is, np.outer(knots - 2, slopes))


def test_the_root_of_a_multiple_is_known_exactly():
    # doubling a price doubles a saving: 10 becomes 25 at two and a half times the price
    saving = np.array([8.0, 9.0, 11.0, 12.0, 7.0, 13.0])
    knots = np.array([0.0, 4.0])
    price = Response(knots, 1.0, saving, np.outer(knots - 1, saving[:3]))
    assert crossing_of(price, 25.0) == pytest.approx(2.5, rel=1e-12)
    assert price.means.tolist() == pytest.approx([0.0, 40.0])


def test_the_interval_of_a_root_is_where_the_interval_of_the_mean_holds_the_claim():
    response = a_line(1)
    root = root_of(response, 3.0)
    below, above = (np.interp([root.low, root.high], response.knots, end)
                    for end in response.bounds())  # fmt: skip
    # the curve through the ends is monotone, not straight: near, not equal
    assert [above[0], below[1]] == pytest.approx([3.0, 3.0], abs=0.1)
    assert root.low < root.value < root.high


@pytest.mark.parametrize(("many", "few"), [(40, 40), (50, 8)])
def test_intervals_of_roots_cover_the_true_root_as_often_as_they_say(many, few):
    runs = 400
    roots = [root_of(a_line(seed, many, few), 3.0) for seed in range(runs)]
    hits = sum(
        (root.low or -math.inf) <= 4 <= (math.inf if root.high is None else root.high)
        for root in roots
        if root
    )
    # 95%, four standard errors of a share of 400; with few draws the interval is a little wide
    assert 0.95 - 0.044 <= hits / runs <= 0.995


def test_what_is_needed_of_another_figure_is_covered_too():
    runs, hits = 400, 0
    for seed in range(runs):
        claimed = a_line(seed)
        luck = numbers(seed + 10_000)
        # 5.5 as it is, and three for each unit of the number: 11.5 where the claim is reached
        own = luck.normal(5, 1, 40) + 0.5 * claimed.as_it_is
        change = 3 * claimed.change + np.outer(claimed.knots - 2, luck.normal(0, 0.3, 40))
        found = needed(claimed, Response(claimed.knots, 2.0, own, change), 3.0)
        hits += found.low <= 11.5 <= found.high
    assert 0.95 - 0.044 <= hits / runs <= 0.95 + 0.044


def test_a_claim_that_no_value_reaches_has_no_root_and_a_flat_figure_no_ends():
    assert root_of(a_line(1), 30.0) is None
    knots = np.array([0.0, 1.0])
    flat = Response(knots, 0.0, numbers(3).normal(1, 1, 20), np.array([[0.0] * 20, [1e-3] * 20]))
    root = root_of(flat, float(flat.as_it_is.mean()) + 5e-4)
    assert (root.value, root.low, root.high) == (pytest.approx(0.5), None, None)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return load(file_of(tmp_path_factory.mktemp("desk")))


def test_a_route_takes_from_the_remainder_and_its_shares_still_sum_to_one(study):
    there = moved(study, "stages.plan.routes.care.p", 0.2)
    for arm in there.arms:
        plan = next(stage for stage in arm.pathway.stages if stage.key == "plan")
        assert {route.key: route.p for route in plan.routes} == {
            "care": (0.2,), "out": (0.8,)
        }  # fmt: skip


def test_a_number_that_is_drawn_is_known_once_it_is_moved(study):
    path = "practice_models.new.effects.fewer.ratio"
    effect = moved(study, path, 0.4).arm("new").practice.effects[0]
    assert (effect.ratio.value, effect.ratio.low, effect.ratio.high) == (0.4, 0.4, 0.4)
    assert moved(study, path, 0.4).arm("today") == study.arm("today")


def test_a_value_that_the_rules_of_the_file_refuse_is_told_with_the_rule(study):
    assert "0" in faults(study, "stages.care.stay.mean", -1.0)
    assert faults(study, "stages.care.stay.mean", 300.0) == ""


def test_every_number_of_the_ledger_is_either_moved_or_told_why_not(study):
    found, left = movable(study)
    told = [*(one.path for one in found), *(one.row.path for one in left)]
    assert sorted(told) == sorted(row.path for row in study.ledger)
    reasons = {one.row.path: one.reason for one in left}
    assert "only share of its table" in reasons["stages.care.routes.out.p"]
    assert reasons["claims.0.threshold"] == "a claim, not an assumption"
    ranges = {one.path: (one.low, one.high) for one in found}
    assert ranges["stages.plan.routes.care.p"] == (0.0, 1.0)
    assert ranges["streams.referral.per_year"] == (5.0, 80.0)


@pytest.mark.parametrize(
    ("pounds", "ends"),
    [
        ({"value": 1000, "spread": "uniform", "low": 500, "high": 1500}, (600, 1400)),
        # a triangle from 0 to 2,000: one in ten lies under √(.1 × 2,000 × 1,000)
        ({"value": 1000, "spread": "triangular", "low": 0, "high": 2000}, (447.2, 1552.8)),
        ({"value": 1000, "p10": 800, "p90": 1300}, (800, 1300)),
    ],
)
def test_what_is_called_p10_and_p90_is_no_end_of_a_range(tmp_path, pounds, ends):
    costs = tables()["costs"]
    costs["care_week"] |= {"pounds": pounds}
    [one] = [x for x in movable(load(file_of(tmp_path, costs=costs)))[0]
             if x.path == "costs.care_week.pounds"]  # fmt: skip
    assert (one.likely_low, one.likely_high) == pytest.approx(ends, abs=0.1)


def test_a_number_of_one_arm_alone_moves_that_arm(tmp_path):
    arms = tables()["arms"]
    arms["new"] = {
        **arms["new"],
        "set": {"streams.referral": {"to": "plan", "per_year": 15, "assumption": "made up"}},
    }
    study = load(file_of(tmp_path, arms=arms))
    base = moved(study, "streams.referral.per_year", 30.0)
    assert [form_of(arm).streams["referral"].per_year[0].value for arm in base.arms] == [30, 15]


def test_prices_set_again_are_those_of_a_run_with_that_price(study):
    path = "costs.care_week.pounds"
    told = tried(study, 1, "reference", Trials((Trial(path, 700.0),), (0, 1)))[0]
    alone = run(moved(study, path, 700.0), reps=4, **READABLE)
    for arm in study.arms:
        assert (told[arm.arm] == alone.yearly[alone.arms.index(arm.arm), :2]).all()


@pytest.fixture(scope="module")
def outcomes(study):
    return run(study, reps=8, **READABLE)


@pytest.fixture(scope="module")
def rows(outcomes):
    return switching_rows(switching_csv(believed(outcomes), outcomes.study))


def row_of(rows, claim, path):
    return next(row for row in rows if (row["claim"], row["path"]) == (claim, path))


def test_a_price_turns_a_claim_where_the_saving_it_makes_is_the_claim(rows, outcomes):
    row = row_of(rows, "gross", "costs.care_week.pounds")
    assert row["state"] == TURNS
    # the only price, and known: the saving is so many weeks times it
    assert float(row["turns_at"]) == pytest.approx(1000 * 40_000 / float(row["expected"]), rel=1e-5)
    assert float(row["expected_at_from"]) == pytest.approx(0, abs=1e-6)


def test_a_run_at_the_root_gives_the_claim(rows, outcomes):
    row = row_of(rows, "gross", "stages.plan.routes.care.p")
    there = run(moved(outcomes.study, row["path"], float(row["turns_at"])), reps=8, **READABLE)
    # interpolated between runs, to a quarter of an interval that two draws leave wide
    assert figures(there, "new", there.study.claims[0]).mean() == pytest.approx(40_000, rel=0.2)


def test_a_claim_against_nothing_turns_at_a_number_of_its_own_arm(rows):
    row = row_of(rows, "held", "streams.referral.per_year")
    assert row["state"] == TURNS
    assert float(row["turns_at"]) > 20


def test_the_effects_in_step_say_how_many_fewer_children_a_claim_needs(rows, study):
    row = next(row for row in rows if (row["claim"], row["state"]) == ("gross", IN_STEP))
    assert (
        float(row["fewer_needed_low"]) < float(row["fewer_needed"]) < float(row["fewer_as_it_is"])
    )
    assert -1 < float(row["turns_at"]) < 0
    text = switching_text(study, rows)
    assert "£0.04m in 2024/25 needs " in text
    assert "the evidence supports " in text
    assert "is reached even with no effect on routes at all" in text
    assert max(map(len, text.splitlines())) <= 96


def test_the_table_is_the_same_from_any_number_of_processes(outcomes, monkeypatch):
    def few(study):
        found, left = movable(study)
        return [one for one in found if one.path.startswith("costs.")], left

    monkeypatch.setattr("simfs.experiment.switching.movable", few)
    alone, several = (
        switching_csv(believed(outcomes, jobs=jobs), outcomes.study) for jobs in (1, 2)
    )
    assert alone == several


def test_a_table_of_other_columns_is_not_read():
    with pytest.raises(ValueError, match="its columns are not those of this version"):
        switching_rows(b"claim,arm\n")


def test_too_few_futures_for_an_interval_are_refused(study):
    with pytest.raises(UsageError, match="4 futures are too few for the interval of a mean"):
        believed(some_outcomes(study, 4))


def test_a_number_that_the_cap_leaves_aside_is_told(outcomes, monkeypatch):
    monkeypatch.setattr("simfs.experiment.switching.MOST_NUMBERS", 0)
    monkeypatch.setattr("simfs.experiment.switching.movable", lambda study: (
        [one for one in movable(study)[0] if one.path == "streams.referral.per_year"], ()
    ))  # fmt: skip
    rows = switching_rows(switching_csv(believed(outcomes), outcomes.study))
    assert row_of(rows, "gross", "streams.referral.per_year")["state"] == NOT_SETTLED
    assert "1 more might, and were not looked at" in switching_text(outcomes.study, rows)
