"""What walks are sized by: how counts move with no change of practice, as a file states it."""

import pytest
from scenario_text import EVERYTHING
from worlds import study_of, wandering_world

from simfs.errors import ConfigError
from simfs.scenario.config import loads
from simfs.scenario.environment import Counted, DriftTarget, Fall

GOOD = {"count": "on_plan", "what": "at_end", "sd": [0.1, 0.2],
        "chances": [{"fall": 0.1, "years": 2, "chance": 0.2}]}  # fmt: skip


def test_targets_are_read():
    targets = loads(EVERYTHING).drift_targets
    assert targets == (
        DriftTarget("looked_after", Counted.AT_END, (0.07, 0.11, 0.14), (Fall(0.073, 2, 0.15),)),
        DriftTarget("looked_after", Counted.STARTS, (0.21,)),
    )


def test_targets_stand_in_the_ledger_with_unit_and_source():
    lines = {line.path: line for line in loads(EVERYTHING).ledger}
    spread = lines["drift_targets.0.sd"]
    assert (spread.value, spread.unit) == ("0.07, 0.11, 0.14", "of the logarithm")
    assert (spread.source, spread.grade) == ("returns", "B")
    assert lines["drift_targets.0.chances.0.fall"].unit == "share"
    assert lines["drift_targets.0.chances.0.chance"].unit == "probability"


def chance(**change):
    return {"chances": [{"fall": 0.1, "years": 2, "chance": 0.2} | change]}


@pytest.mark.parametrize(
    ("change", "path", "fragment"),
    [
        ({"count": "on_plans"}, "count", "did you mean 'on_plan'"),
        ({"what": "at_start"}, "what", "at_end"),
        ({"sd": []}, "sd", "at least one"),
        ({"sd": [0.1, 0.0]}, "sd.1", "above 0"),
        ({"sd": "wide"}, "sd", "must be a number"),
        (chance(fall=7), "chances.0.fall", "did you mean 0.07"),
        (chance(fall=0.0), "chances.0.fall", "above 0"),
        (chance(fall=1.0), "chances.0.fall", "below 1"),
        (chance(chance=0.0), "chances.0.chance", "above 0"),
        (chance(chance=1.0), "chances.0.chance", "below 1"),
        (chance(years=0), "chances.0.years", "at least 1"),
        (chance(years=3), "chances.0.years", "sd has 2"),
        ({"sd": [0.1] * 5, "chances": []}, "sd", "5 whole years, got 4"),
        ({"what": "starts", "sd": [0.1] * 4}, "sd", "5 whole years, got 4"),
    ],
)
def test_a_target_that_makes_no_sense_is_refused(change, path, fragment):
    with pytest.raises(ConfigError) as caught:
        study_of(**wandering_world([GOOD | change]))
    found = [(p.path, p.message) for p in caught.value.problems]
    assert any(p == f"drift_targets.0.{path}" and fragment in m for p, m in found), found


def test_a_target_given_twice_is_refused():
    with pytest.raises(ConfigError, match="'on_plan' at_end is given twice"):
        study_of(**wandering_world([GOOD, GOOD]))


def test_a_stock_that_opens_empty_has_nothing_to_be_compared_with():
    tables = wandering_world([GOOD])
    del tables["stages"]["plan"]["opening"]
    with pytest.raises(ConfigError, match="no children at the start"):
        study_of(**tables)


def test_a_run_that_starts_in_the_middle_of_a_financial_year_has_no_published_counts():
    text = EVERYTHING.replace("start = 2023-04-01", "start = 2023-03-01", 1)
    with pytest.raises(ConfigError, match="must start on 1 April"):
        loads(text.replace("from = 2023-04-01", "from = 2023-03-01"))


def test_one_number_stands_for_an_array_of_one():
    (target,) = study_of(**wandering_world([GOOD | {"sd": 0.1, "chances": []}])).drift_targets
    assert target.sd == (0.1,)
