"""An arm beside the baseline: savings by year, bands by week."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from analysis_examples import a_scenario, a_study, some_outcomes

from simfs.analysis.comparison import ALL_YEARS, compare, weekly_bands
from simfs.analysis.savings import SAVINGS, saving
from simfs.scenario.scenario import Calendar


def normals(seed, *shape):
    return np.random.Generator(np.random.Philox(key=seed)).standard_normal(shape)


def test_an_arm_that_changes_nothing_saves_exactly_nothing():
    costs = np.rint(1e9 + 1e7 * normals(1, 40, 2)).astype(np.int64)
    outcomes = some_outcomes(
        a_study(), fill=lambda arm, key: costs if key.endswith("_pence") else None
    )
    for row in compare(outcomes, "after").falls:
        figures = (row.mean, row.mean_low, row.mean_high, row.p02_5, row.p50, row.p97_5)
        assert figures == (0, 0, 0, 0, 0, 0), row.metric.key


def test_a_saving_is_paired_in_its_own_future():
    # the arms differ by 5 pounds in every future, whatever the future
    before = np.rint(1e9 + 1e8 * normals(2, 40, 2)).astype(np.int64)

    def fill(arm, key):
        if key == "spend.cashable_pence":
            return before if arm == "before" else before - 500
        return None

    row = compare(some_outcomes(a_study(), fill=fill), "after").fall(
        "cashable_saving_pence", "2023/24"
    )
    assert (row.mean, row.mean_low, row.p02_5, row.p97_5) == (500, 500, 500, 500)


def test_years_add_up_to_all_years_and_ends_of_years_do_not():
    def fill(arm, key):
        if key in {"spend.cashable_pence", "looked_after_at_end_children"}:
            return np.tile([10, 20], (40, 1)) if arm == "before" else None
        return None

    found = compare(some_outcomes(a_study(), fill=fill), "after")
    assert found.fall("gross_saving_pence", ALL_YEARS).mean == 30
    assert found.fall("looked_after_at_end_children", "2024/25").mean == 20
    with pytest.raises(KeyError, match="all years"):
        found.fall("looked_after_at_end_children", ALL_YEARS)


def test_net_is_gross_less_the_extra_investment():
    spent = {
        "spend.cashable_pence": (100, 60),
        "spend.capacity_pence": (50, 45),
        "spend.investment_pence": (7, 20),
        "spend.partner_pence": (9, 1),
        "spend.grant_pence": (0, -5),
    }

    def fill(arm, key):
        return spent[key][arm == "after"] if key in spent else None

    outcomes = some_outcomes(a_study(), fill=fill)
    found = {key: int(saving(outcomes, "after", key)[0, 0]) for key in SAVINGS}
    assert found == {
        "gross_saving_pence": 45,
        "cashable_saving_pence": 40,
        "below_start_saving_pence": 40,
        "avoided_saving_pence": 0,
        "capacity_saving_pence": 5,
        "partner_saving_pence": 8,
        "net_saving_pence": 45 - 13,
        "net_cashable_saving_pence": 40 - 13,
    }


def test_cash_is_below_the_first_year_s_spending_or_growth_that_does_not_come():
    # the first year spends 100; then the baseline grows to 130 and the arm falls to 90
    spent = {"before": [100, 130], "after": [95, 90]}

    def fill(arm, key):
        return np.array(spent[arm]) if key == "spend.cashable_pence" else None

    calendar = Calendar(date(2024, 4, 1), 730)
    study = a_study(tuple(a_scenario(arm, calendar=calendar) for arm in spent))
    outcomes = some_outcomes(study, fill=fill)
    assert saving(outcomes, "after", "below_start_saving_pence")[0].tolist() == [5, 10]
    assert saving(outcomes, "after", "avoided_saving_pence")[0].tolist() == [0, 30]
    assert saving(outcomes, "after", "cashable_saving_pence")[0].tolist() == [5, 40]


def test_one_arm_alone_has_levels_and_no_differences():
    outcomes = some_outcomes(a_study((a_scenario("only"),)))
    found = compare(outcomes, "only")
    assert found.falls == ()
    assert found.weekly_falls is None
    assert len(found.levels) == 2 * len(outcomes.metrics)


@pytest.mark.parametrize("futures", [1, 2, 4])
def test_too_few_futures_give_no_interval_and_say_why(futures):
    found = compare(some_outcomes(a_study(), futures), "after")
    assert f"got {futures} in 1" in found.reason
    assert found.falls[0].mean_low is None
    assert found.weekly.mean_low is None


def test_weekly_bands_are_of_the_difference_in_each_future():
    outcomes = some_outcomes(a_study(), 40)
    weekly = normals(3, *outcomes.weekly.shape).astype(np.float32)
    weekly[1] = weekly[0] - 1
    # nobody allocated in one week: not a number there, in no future
    weekly[:, :, 1, 0] = np.nan
    outcomes = replace(outcomes, weekly=weekly)
    bands = compare(outcomes, "after").weekly_falls
    assert bands.name == "before - after"
    assert bands.n == 40
    assert bands.mean[0] == pytest.approx(np.ones(bands.mean.shape[1]))
    assert bands.quantiles[0, 0] == pytest.approx(bands.quantiles[6, 0], abs=1e-5)
    assert np.isnan(bands.mean[1, 0])
    assert not np.isnan(bands.mean[1, 1])


def test_bands_hold_the_share_of_futures_they_say():
    outcomes = some_outcomes(a_study(), 2_000)
    weekly = normals(4, *outcomes.weekly.shape).astype(np.float32)
    bands = weekly_bands(replace(outcomes, weekly=weekly), "before")
    fresh = normals(5, 20_000)
    inside = np.mean((fresh > bands.quantiles[1, 0, 0]) & (fresh < bands.quantiles[5, 0, 0]))
    # two quantiles of 2,000 futures and 20,000 fresh ones: standard error 0.009, times four
    assert inside == pytest.approx(0.8, abs=0.036)
