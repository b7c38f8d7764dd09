"""How good forecasts were: each score against what can be worked out by hand."""

import math

import numpy as np
import pytest
from scipy import stats

from simfs.analysis.forecasts import Point, crps, point, score

PLANS, LOOKED_AFTER = "cp_plans_at_31_march", "looked_after_at_31_march"


def made(authority: str = "A", series: str = PLANS, **changes: float) -> Point:
    numbers = {"observed": 100.0, "p10": 90.0, "p50": 100.0, "p90": 120.0, "log_error": 0.0,
               "crps": 0.1, "no_change": 0.2}  # fmt: skip
    return Point(authority=authority, base=2020, arm="new", series=series, years=1, start=100.0,
                 **(numbers | changes))  # fmt: skip


@pytest.mark.parametrize("true", [-1.0, 0.0, 0.4, 2.5])
def test_the_score_of_a_normal_forecast_is_its_closed_form(true):
    # Gneiting and Raftery (2007): sd (z (2 Phi(z) - 1) + 2 phi(z) - 1 / sqrt(pi))
    sd, n = 0.3, 20_001
    forecast = sd * stats.norm.ppf((np.arange(n) + 0.5) / n)
    z = true / sd
    closed = sd * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - math.pi**-0.5)
    assert crps(forecast, true) == pytest.approx(closed, abs=1e-4)


def test_the_score_is_that_of_all_pairs():
    # mean distance from 2 is (1 + 1 + 5) / 3; the pairs of 1, 3, 7 are 2, 4 and 6 apart
    assert crps(np.array([7.0, 1.0, 3.0]), 2.0) == pytest.approx(7 / 3 - 4 / 2)


def test_a_certain_forecast_scores_its_distance():
    assert crps(np.full(8, 0.5), 0.2) == pytest.approx(0.3)
    assert crps(np.array([0.5]), 0.2) == pytest.approx(0.3)


def test_a_point_compares_logarithms():
    forecast = np.array([50.0, 200.0])
    found = point("A", 2020, "new", PLANS, 2, 80.0, 120.0, forecast)
    # the mean logarithm of 50 and 200 is that of 100
    assert found.log_error == pytest.approx(math.log(1.2))
    assert found.no_change == pytest.approx(math.log(1.5))
    assert (found.p10, found.p50, found.p90) == pytest.approx((65.0, 125.0, 185.0))


def test_the_forecast_that_nothing_changes_is_as_wrong_for_a_fall_as_for_a_rise():
    forecast = np.array([50.0, 200.0])
    scores = [point("A", 2020, "new", PLANS, 2, 80.0, n, forecast).no_change for n in (40.0, 160.0)]
    assert scores == pytest.approx([math.log(2), math.log(2)])


def test_a_count_of_none_is_taken_for_half_a_child():
    found = point("A", 2020, "new", PLANS, 1, 0.0, 0.0, np.array([0.0, 2.0]))
    assert found.log_error == pytest.approx(math.log(0.5))
    assert found.no_change == 0
    assert made(p10=0.0, p90=3.0).width == 6


@pytest.mark.parametrize(
    ("observed", "inside"), [(89.9, False), (90.0, True), (120.0, True), (120.1, False)]
)
def test_a_band_holds_its_ends(observed, inside):
    assert made(observed=observed).is_inside is inside


def test_every_authority_counts_alike_however_many_its_points():
    points = [*[made("A", log_error=0.3)] * 5, made("B", log_error=-0.1)]
    assert score(points).errors == {PLANS: pytest.approx(0.1)}


def test_a_score_has_the_middle_width_and_the_mean_change_of_the_forecasts():
    points = [made(p90=width * 90.0, p50=100 * math.exp(width / 10)) for width in (1.0, 2.0, 9.0)]
    found = score(points)
    assert found.width == pytest.approx(2)
    assert found.change == {PLANS: pytest.approx(0.4)}
    assert (found.crps, found.no_change) == pytest.approx((0.1, 0.2))


def test_four_points_of_five_within_their_bands_are_enough_and_fewer_are_not():
    inside, outside = made(), made(observed=200.0)
    assert score([inside] * 4 + [outside]).failures == ()
    assert score([inside] * 3 + [outside]).failures == ("3 of 4 points within 80% bands (75%)",)


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_mean_error_beyond_what_is_aimed_at_is_a_failure_in_words(sign):
    assert score([made(log_error=sign * 0.0999)]).failures == ()
    plans = made(log_error=sign * 0.11)
    care = made(series=LOOKED_AFTER, log_error=sign * 0.06)
    assert score([plans, care]).failures == (
        f"mean log error of {PLANS} {sign * 0.11:+.3f}, beyond 0.10",
        f"mean log error of {LOOKED_AFTER} {sign * 0.06:+.3f}, beyond 0.05",
    )


def test_a_series_without_an_aim_fails_nothing():
    assert score([made(series="looked_after_started", log_error=0.9)]).failures == ()
