"""A scenario at another place: what is known there, and what of the file moves with it."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from tested_world import AT_REST, GO_LIVE, config_of, counts_of

from simfs.engine.compile import compile_scenario
from simfs.errors import UsageError
from simfs.experiment.observed import Observed, read_observed
from simfs.experiment.places import Scaling, base_year, place_of, series_of
from simfs.scenario.config import load
from simfs.scenario.fit import Case

PLANS = "cp_plans_at_31_march"


def observed_of(go_live: date | None = GO_LIVE, **series: dict[int, float]) -> Observed:
    known = {name: {2018: float(n), 2019: float(n)} for name, n in AT_REST.items()} | series
    return Observed("counts.csv", {"Ourtown": known}, {"Ourtown": go_live} if go_live else {})


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return load(config_of(tmp_path_factory.mktemp("desk")))


@pytest.mark.parametrize(
    ("go_live", "year"),
    [
        (date(2019, 10, 1), 2019),
        (date(2019, 4, 1), 2019),
        (date(2019, 3, 31), 2018),
        (date(2019, 1, 1), 2018),
    ],
)
def test_a_forecast_stands_on_the_last_31_march_before_go_live(go_live, year):
    assert base_year(observed_of(go_live), "Ourtown") == year


def test_without_go_live_the_practice_cannot_be_dated_and_no_base_helps(study):
    for refused in (
        lambda: base_year(observed_of(None), "Ourtown"),
        lambda: place_of(study.backtest, observed_of(None), Case("Ourtown", 2019)),
    ):
        with pytest.raises(UsageError, match="cannot be dated; add the go_live column") as told:
            refused()
        assert "--base" not in str(told.value)


def test_an_authority_that_is_not_known_is_refused_with_the_nearest(study):
    for refused in (
        lambda: base_year(observed_of(), "Ourtwn"),
        lambda: place_of(study.backtest, observed_of(), Case("Ourtwn", 2019)),
    ):
        with pytest.raises(UsageError, match=r"has no authority 'Ourtwn'.*Ourtown"):
            refused()


def test_a_base_year_without_a_count_is_refused_with_the_years_there_are(study):
    observed = observed_of(referrals={2017: 200, 2018: 190, 2020: 180})
    with pytest.raises(UsageError, match=r"no referrals of 2019, .* up to it: 2017, 2018$"):
        place_of(study.backtest, observed, Case("Ourtown", 2019))


def test_a_count_of_nothing_in_the_base_year_is_refused(study):
    observed = observed_of(referrals={2019: 0})
    with pytest.raises(UsageError, match="referrals of 2019 is 0; a forecast needs a count above"):
        place_of(study.backtest, observed, Case("Ourtown", 2019))


def with_reversion(folder, **reversion):
    return replace(load(config_of(folder)).backtest, reversion=tuple(reversion.items()))


def test_a_flow_makes_up_part_of_its_distance_from_its_past_and_a_stock_is_drawn_back(tmp_path):
    plan = with_reversion(tmp_path, referrals=0.5, **{PLANS: 0.5})
    # 4 in 9 of the base year's in every year that is remembered: half of that distance is 2 in 3
    series = {"referrals": {2016: 9.0, 2017: 100.0, 2018: 100.0, 2019: 225.0, 2020: 7.0},
              PLANS: {2017: 40.0, 2018: 40.0, 2019: 90.0, 2020: 7.0}}  # fmt: skip
    place = place_of(plan, observed_of(**series), Case("Ourtown", 2019))
    assert place.starts["referrals"] == 225
    assert place.expected["referrals"] == pytest.approx(150)
    assert place.returns["referrals"] == 1
    assert place.expected[PLANS] == place.starts[PLANS] == 90
    assert place.returns[PLANS] == pytest.approx(2 / 3)


def test_a_place_without_a_past_is_taken_as_it_stands(tmp_path):
    plan = with_reversion(tmp_path, referrals=0.5)
    place = place_of(plan, observed_of(referrals={2019: 225.0}), Case("Ourtown", 2019))
    assert place.expected["referrals"] == 225


def test_nothing_after_the_base_year_changes_a_forecast(study, tmp_path):
    places = [
        place_of(study.backtest, read_observed(counts_of(tmp_path, later=n)), Case("Ourtown", 2019))
        for n in (1.0, 0.1)
    ]
    assert places[0].starts == places[1].starts
    assert places[0].expected == places[1].expected


@pytest.fixture(scope="module")
def twice(study, tmp_path_factory):
    """The scenario scaled to a place twice as large."""
    counts = read_observed(counts_of(tmp_path_factory.mktemp("twice"), times=2))
    place = place_of(study.backtest, counts, Case("Ourtown", 2019))
    return Scaling(study, study.backtest, place, 3)


def test_the_scaled_scenario_is_at_rest_at_the_counts(twice):
    assert np.abs(list(twice.misses.values())).max() < 0.02


def test_a_run_begins_the_day_after_the_base_year_with_the_counts_of_that_day(study, twice):
    scenario = twice.scenario(study, "today")
    assert scenario.calendar.start == date(2019, 4, 1)
    assert len(compile_scenario(scenario, {}).year_starts) == 4
    opening = {stage.key: stage.opening for stage in scenario.pathway.stages}
    assert opening["plan"] == pytest.approx(2 * AT_REST[PLANS], abs=0.5)
    assert opening["care"] == pytest.approx(2 * AT_REST["looked_after_at_31_march"], abs=0.5)


def test_posts_grow_with_the_children_that_a_team_holds(study, twice):
    team = twice.scenario(study, "new").teams[0]
    assert [change.posts for change in study.arm("new").teams[0].establishment] == [10, 13]
    assert [change.posts for change in team.establishment] == [20, 26]


def test_every_date_of_the_practice_moves_with_go_live(study, twice):
    scenario = twice.scenario(study, "new")
    go_live = (GO_LIVE - date(2019, 4, 1)).days
    assert scenario.practice.go_live == go_live
    # 31 days after go-live, as in the file, where that is the first day
    assert study.arm("new").teams[0].establishment[1].day == 31
    assert scenario.teams[0].establishment[1].day == go_live + 31


def test_forecasts_are_judged_by_the_series_that_the_file_names(study):
    assert [one.series for one in series_of(study.backtest)] == [PLANS, "looked_after_at_31_march"]
