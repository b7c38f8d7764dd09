"""Figures of merit against sums by hand."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from analysis_examples import FIVE_YEARS, a_scenario, a_study, some_outcomes

from simfs.analysis.merit import CUTS, discount_factors, general_prices, merit, merits
from simfs.scenario.costs import PriceList


def a_plan(cash=0, capacity=0, invested=0, empty=0, grant=0, n=40, prices=None):
    """Outcomes in which an arm saves and spends these pounds in each of five years."""
    pounds = {
        ("before", "spend.cashable_pence"): cash,
        ("before", "spend.capacity_pence"): capacity,
        ("after", "spend.investment_pence"): invested,
        ("after", "spend.vacancy_pence"): -np.asarray(empty),
        ("after", "spend.grant_pence"): -np.asarray(grant),
    }

    def fill(arm, key):
        found = pounds.get((arm, key))
        return None if found is None else np.asarray(found) * 100

    money = prices or PriceList(price_year="2022-23", discount_rate=0.035)
    arms = [
        replace(a_scenario(arm, calendar=FIVE_YEARS), prices=money) for arm in ("before", "after")
    ]
    return some_outcomes(a_study(tuple(arms)), n, fill)


def test_a_present_value_counts_the_first_year_in_full_and_later_ones_less():
    rows = merits(a_plan(cash=(0, 0, 0, 0, 1_000), invested=(100, 0, 0, 0, 0)), "after")
    found = merit(rows, "cash", "net present value")
    assert found.value == pytest.approx(1_000 / 1.035**4 - 100)
    assert found.unit == "£"
    assert merit(rows, "cash", "return on £1").value == pytest.approx(10 / 1.035**4)
    assert merit(rows, "cash", "net present value above £0").chance.value == 1


def test_discount_factors_are_those_of_the_green_book():
    assert discount_factors(0.035, 3) == pytest.approx([1, 0.9662, 0.9335], abs=5e-5)


def test_the_two_readings_differ_by_capacity_and_share_the_outlay():
    rows = merits(a_plan(cash=30, capacity=70, invested=50, empty=20), "after")
    assert merit(rows, "gross", "net", "2024/25").value == 100 - 30
    assert merit(rows, "cash", "net", "2024/25").value == 30 - 30
    assert merit(rows, "gross", "outlay", "2024/25").value == 30
    assert merit(rows, "gross", "net so far", "2027/28").value == 5 * 70


def test_a_grant_counts_only_in_rows_that_name_it():
    rows = merits(
        a_plan(cash=(0, 0, 100, 100, 100), invested=(150, 0, 0, 0, 0), grant=(60, 0, 0, 0, 0)),
        "after",
    )
    assert merit(rows, "cash", "reserve, 80% sure").value == 150
    assert merit(rows, "cash", "reserve, 80% sure after grant").value == 90
    assert merit(rows, "cash", "paid back").dates[2] == date(2026, 10, 1)
    assert merit(rows, "cash", "paid back after grant").dates[2] < date(2026, 10, 1)
    assert not any("grant" in row.figure for row in merits(a_plan(cash=1), "after"))


def test_the_band_of_a_year_is_over_futures_and_the_interval_over_draws():
    saved = np.zeros((400, 5), dtype=np.int64)
    saved[:, 2] = np.arange(400)
    found = merit(merits(a_plan(cash=saved, n=400), "after"), "cash", "saving", "2025/26")
    assert found.cuts == pytest.approx([399 * cut for cut in CUTS])
    assert found.value == pytest.approx(199.5)
    assert found.low < 199.5 < found.high


def test_money_of_the_year_is_constant_prices_times_general_prices():
    listed = PriceList(
        price_year="2022-23",
        inflation=(("2023-24", 0.10), ("2024-25", 0.20)),
    )
    years = tuple(f"{year}/{year % 100 + 1}" for year in range(2023, 2028))
    # the last growth named goes on
    assert general_prices(listed, years) == pytest.approx(
        [1.1, 1.1 * 1.2, 1.1 * 1.2**2, 1.1 * 1.2**3, 1.1 * 1.2**4]
    )
    rows = merits(a_plan(cash=100, prices=listed), "after")
    of_the_year = [row for row in rows if row.prices == "money of the year"]
    net = next(
        r
        for r in of_the_year
        if (r.reading, r.figure, r.period) == ("cash", "net so far", "2024/25")
    )
    assert net.value == pytest.approx(110 + 132)
    # no rate, no present value
    assert not any("present" in row.figure for row in rows)


def test_a_reserve_is_told_too_in_the_pounds_that_will_be_drawn():
    listed = PriceList(price_year="2022-23", inflation=(("2023-24", 0.10), ("2024-25", 0.20)))
    rows = merits(
        a_plan(cash=(0, 0, 300, 0, 0), invested=(100, 50, 0, 0, 0), prices=listed), "after"
    )
    told = {(row.figure, row.prices): row.value for row in rows if row.reading == "cash"}
    assert told["reserve, 80% sure", "2022-23"] == 150
    assert told["reserve, 80% sure", "money of the year"] == pytest.approx(110 + 66)
    # whoever asks without naming prices is told of constant ones
    assert merit(rows, "cash", "reserve, 80% sure").value == 150


def test_the_price_year_itself_is_worth_one_and_a_run_from_before_it_has_no_money_of_the_year():
    listed = PriceList(price_year="2024-25", inflation=(("2025-26", 0.5),))
    assert general_prices(listed, ("2024/25", "2025/26")).tolist() == [1, 1.5]
    rows = merits(a_plan(cash=1, prices=listed), "after")
    assert {row.prices for row in rows} == {"2024-25"}


def test_a_plan_that_never_pays_says_so_with_its_chance():
    rows = merits(a_plan(cash=1, invested=2), "after")
    assert merit(rows, "cash", "paid back").dates == (None,) * 5
    assert merit(rows, "cash", "not paid back within the run").chance.value == 1
    with pytest.raises(KeyError):
        merit(rows, "cash", "no such figure")
