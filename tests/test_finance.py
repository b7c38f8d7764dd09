"""Who pays, who gains, and when it pays back."""

from datetime import date

import numpy as np
import pytest
from analysis_examples import (
    FIVE_YEARS,
    a_cost,
    a_practice_model,
    a_scenario,
    a_study,
    some_outcomes,
)

from simfs.analysis.finance import NET, agency_rows, finance_rows, net_position
from simfs.scenario.costs import Basis, Ledger


def a_money_study():
    costs = (
        a_cost("care", Basis.CHILD_WEEK, ("care",), 900.0),
        a_cost("court", Basis.ROUTE, (), 100.0, Ledger.PARTNER, payer="courts"),
    )
    practice = a_practice_model((89_000.0,), grant=(-140_000.0,))
    return a_study((a_scenario("before", costs), a_scenario("after", costs, practice=practice)))


def test_every_line_has_its_agency_ledger_and_year():
    def fill(arm, key):
        if key == "cost.care_pence":
            return np.tile([1_000_00, 2_000_00], (40, 1)) if arm == "before" else 700_00
        if key == "cost.court_pence":
            return 50_00 if arm == "before" else 20_00
        return 89_000_00 if (arm, key) == ("after", "investment.set_up_pence") else None

    rows = finance_rows(some_outcomes(a_money_study(), fill=fill))
    # two arms and one difference, two years, four lines
    assert len(rows) == 3 * 2 * 4
    found = {(row.arm, row.financial_year, row.line): row for row in rows}
    saved = found["before - after", "2024/25", "care"]
    assert (saved.agency, saved.ledger, saved.mean, saved.p10) == (
        "council",
        "cashable",
        1_300,
        1_300,
    )
    assert found["before - after", "2023/24", "Set-up"].mean == -89_000
    assert found["before", "2023/24", "court"].agency == "courts"
    assert found["before - after", "2023/24", "court"].p90 == 30


def test_agencies_gain_by_ledger_and_never_together():
    def fill(arm, key):
        return 100_00 if arm == "before" and key.startswith("cost.") else None

    rows = agency_rows(some_outcomes(a_money_study(), fill=fill), "after")
    first = [(row.agency, row.ledger, row.mean) for row in rows if row.financial_year == "2023/24"]
    assert first == [
        ("council", "cashable", 100),
        ("council", "grant", 0),
        ("council", "investment", 0),
        ("courts", "partner", 100),
    ]


def five_years(saved, invested=(0, 0, 0, 0, 0), n=40):
    """Outcomes with these yearly pounds saved, [n, 5] or [5], and invested."""
    pence = np.broadcast_to(np.asarray(saved, dtype=np.int64) * 100, (n, 5))

    def fill(arm, key):
        if arm == "before" and key == "spend.cashable_pence":
            return pence
        if arm == "after" and key == "spend.investment_pence":
            return np.asarray(invested) * 100
        return None

    arms = (a_scenario("before", calendar=FIVE_YEARS), a_scenario("after", calendar=FIVE_YEARS))
    return some_outcomes(a_study(arms), n, fill)


def test_the_position_runs_and_breaks_even_when_it_stays_above_nothing():
    outcomes = five_years((0, 150, 100, 100, 100), (100, 40, 30, 0, 0))
    found = net_position(outcomes, "after")
    assert [year.mean for year in found.years] == [-100, 10, 80, 180, 280]
    # 100 of the 110 that 2024/25 brings are there after ten elevenths of its 365 days
    assert found.break_even == date(2025, 2, 27)
    assert found.never.value == 0
    assert [reserve.pounds for reserve in found.reserves] == [100, 100]


def test_a_position_that_falls_back_has_not_paid_back():
    found = net_position(five_years((50, -100, 20, 20, 20)), "after")
    assert [year.mean for year in found.years] == [50, -50, -30, -10, 10]
    assert found.break_even == date(2027, 10, 1)


def test_futures_that_differ_give_a_band_of_pay_back():
    saved = np.zeros((40, 5), dtype=np.int64)
    saved[:, 0] = -10
    saved[:8, 1] = 20
    saved[8:24, 2] = 20
    found = net_position(five_years(saved), "after")
    assert found.paid_back[0.1] == date(2024, 10, 1)
    assert found.break_even == date(2025, 10, 1)
    assert found.paid_back[0.9] is None
    assert found.never.value == 0.4
    assert found.never.low < 0.4 < found.never.high
    assert found.reserve(0.80).pounds == 10


def test_a_reserve_is_the_quantile_of_the_worst_year_s_end_and_says_how_sure_it_is():
    saved = np.zeros((400, 5), dtype=np.int64)
    saved[:, 1] = -np.arange(400)
    saved[:, 2] = 1_000  # paid back later: the worst end is that of the second year
    found = net_position(five_years(saved, n=400), "after")
    for share, at in ((0.80, 319.2), (0.95, 379.05)):
        reserve = found.reserve(share)
        assert reserve.pounds == pytest.approx(at)
        assert reserve.low < at < reserve.high
    with pytest.raises(KeyError):
        found.reserve(0.5)


def test_grant_counts_only_where_it_is_named():
    def fill(arm, key):
        return -140_000_00 if (arm, key) == ("after", "spend.grant_pence") else None

    outcomes = some_outcomes(a_study(), fill=fill)
    assert net_position(outcomes, "after").years[-1].mean == 0
    with_grant = net_position(outcomes, "after", (*NET, Ledger.GRANT))
    assert with_grant.years[-1].mean == 2 * 140_000
