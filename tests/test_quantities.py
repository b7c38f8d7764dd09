"""Uncertain numbers: their ranges are kept, and of a price the mean."""

import numpy as np
import pytest
from scipy import special

from simfs.scenario.quantities import Z90, Quantity, Spread

# Midpoints of a million equal steps of probability: the mean is good to about 1e-5.
SCORES = special.ndtri((np.arange(1_000_000) + 0.5) / 1_000_000)


def price(spread: Spread, low: float, high: float) -> Quantity:
    return Quantity("costs.x.pounds", 1000.0, "£", spread, low, high, value_is_mean=True)


def test_a_number_passes_through_its_published_range():
    number = Quantity("x", 1000.0, "", Spread.LOGNORMAL, 400.0, 3300.0)
    assert number.at(-Z90) == pytest.approx(400)
    assert number.at(0.0) == pytest.approx(1000)
    assert number.at(Z90) == pytest.approx(3300)


@pytest.mark.parametrize(
    ("spread", "low", "high"),
    [
        (Spread.LOGNORMAL, 400.0, 3300.0),
        (Spread.LOGNORMAL, 900.0, 1100.0),
        (Spread.NORMAL, 700.0, 1600.0),
        (Spread.UNIFORM, 800.0, 1200.0),
        (Spread.TRIANGULAR, 800.0, 1600.0),
    ],
)
def test_the_mean_of_an_uncertain_price_is_the_price(spread, low, high):
    quantity = price(spread, low, high)
    mean = np.mean([quantity.at(float(z)) for z in SCORES[::50]])
    assert mean == pytest.approx(1000, rel=3e-3)


def test_a_skew_number_that_is_no_price_has_its_value_in_the_middle_not_as_its_mean():
    number = Quantity("x", 1000.0, "", Spread.LOGNORMAL, 400.0, 3300.0)
    mean = np.mean([number.at(float(z)) for z in SCORES[::50]])
    assert mean > 1400


def test_a_triangular_number_has_its_value_as_its_mode_and_stays_between_its_ends():
    number = Quantity("x", 0.0, "months", Spread.TRIANGULAR, -4.0, 6.0)
    drawn = np.array([number.at(float(z)) for z in SCORES[::50]])
    # mean (a + b + c) / 3 and variance (a² + b² + c² - ab - ac - bc) / 18
    assert drawn.mean() == pytest.approx(2 / 3, abs=1e-3)
    assert drawn.var() == pytest.approx((16 + 36 + 24) / 18, rel=1e-3)
    assert (drawn < 0).mean() == pytest.approx(0.4, abs=1e-4)
    assert (number.at(-40.0), number.at(40.0)) == (-4.0, 6.0)
    assert number.at(special.ndtri(0.4)) == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize(("low", "high"), [(0.0, 6.0), (-4.0, 0.0), (0.0, 0.0)])
def test_a_triangular_number_may_have_its_mode_at_an_end(low, high):
    number = Quantity("x", 0.0, "", Spread.TRIANGULAR, low, high)
    drawn = np.array([number.at(float(z)) for z in SCORES[::50]])
    assert drawn.mean() == pytest.approx((low + high) / 3, abs=1e-3)
    assert (low <= drawn).all()
    assert (drawn <= high).all()
