"""Two papers of one council do not claim the same, and the sums that show it."""

from dataclasses import replace
from pathlib import Path

import pytest

from simfs.analysis.arithmetic import cross_checks
from simfs.scenario.config import load

BURY = Path(__file__).parents[1] / "configs" / "bury.toml"
OURS = (
    "budget-beside-cabinet",
    "budget-after-running-cost",
    "budget-three-years",
    "budget-year-before",
    "budget-for-the-same-children",
)


@pytest.fixture(scope="module")
def bury():
    return load(BURY)


@pytest.fixture(scope="module")
def found(bury):
    return {one.key: one for one in cross_checks(bury)}


def test_the_first_three_sums_say_what_a_reader_should_not_miss(bury):
    keys = [one.key for one in cross_checks(bury)][:3]
    assert keys == ["budget-beside-cabinet", "net-of-low-gross-five-years", "multiple-year-3"]


def test_the_budget_of_year_3_is_eleven_times_what_cabinet_was_told_is_left(found):
    one = found["budget-beside-cabinet"]
    assert one.value == pytest.approx(1.175 / 0.105)
    for words in ("2025/26, taken to be year 3", "£1.175m", "£1.097m", "11.2 times the £0.105m"):
        assert words in one.words


def test_whether_the_budget_is_before_or_after_the_running_cost_is_not_said(found):
    one = found["budget-after-running-cost"]
    assert one.value == pytest.approx(1_175_000 + 992_000)
    # 2.167 ÷ 1.097 = 1.98, 2.167 ÷ 3.291 = .658
    for words in ("is not said", "£2.167m", "2.0 times", "66%"):
        assert words in one.words


def test_three_years_of_the_budget_stand_beside_their_cost_and_the_cabinets_sum(found):
    one = found["budget-three-years"]
    assert one.value == pytest.approx(587_000 + 1_175_000)
    # 1.081 + 2 × 0.992, and 4.872 − 2 × 1.097
    for words in ("£1.762m, each year's figure", "£3.065m", "£2.678m", "avoids £1.097m"):
        assert words in one.words


def test_the_budget_falls_a_year_before_savings_were_to_exceed_costs(found):
    one = found["budget-year-before"]
    assert one.value == pytest.approx(587_000 - 992_000)
    # the whole cost is charged to the reserve, not what it is above the fall
    assert "£0.992m, £0.405m more. Cabinet's paper charges that cost to a reserve" in one.words


def test_the_same_children_save_half_in_the_second_year(found):
    one = found["budget-for-the-same-children"]
    assert one.value == pytest.approx(587_000 / 26)
    # 0.587 ÷ 1.175: half a year of them, which "from year 2" may well mean
    assert "£22,577 and £45,192 a child, as if they were fewer for 50% of the first" in one.words


@pytest.mark.parametrize(
    ("left_out", "gone"),
    [
        ("budget-2025-26-level", OURS),
        ("low-net-year-3", OURS[:1]),
        ("high-gross-year-3", OURS[1:2]),
        ("budget-2023-24", OURS[2:3]),
        ("budget-2024-25", OURS[2:]),
        ("low-gross-year-3", OURS[:3]),
    ],
)
def test_a_sum_whose_claims_are_absent_is_left_out(bury, left_out, gone):
    claims = tuple(one for one in bury.claims if one.id != left_out)
    keys = {one.key for one in cross_checks(replace(bury, claims=claims))}
    assert {key for key in OURS if key not in keys} == set(gone)


def test_without_what_the_model_costs_only_the_claims_are_compared(bury):
    free = replace(bury, arms=(bury.arms[0], replace(bury.arms[0], arm="twin")))
    keys = [one.key for one in cross_checks(free) if one.key in OURS]
    assert keys == ["budget-beside-cabinet", "budget-for-the-same-children"]
