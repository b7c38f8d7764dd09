"""Quantile tables against SciPy: means, moments, quantiles, and the stays found in a stock."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from simfs.engine.tables import (
    EDGES,
    KNOTS,
    LAST_AGE,
    age_table,
    length_biased,
    look_up,
    stay_table,
    table_mean,
    table_square,
)
from simfs.scenario.durations import (
    Exponential,
    Fixed,
    Gamma,
    Histogram,
    Lognormal,
    Triangular,
    Uniform,
    Weibull,
)
from simfs.scenario.pathway import AgeMix


def lognormal(cv: float) -> stats.rv_continuous:
    sigma = math.sqrt(math.log1p(cv**2))
    return stats.lognorm(sigma, scale=math.exp(-(sigma**2) / 2))


SCIPY = {
    Exponential(): stats.expon(),
    Lognormal(0.5): lognormal(0.5),
    Lognormal(1.5): lognormal(1.5),
    Gamma(0.6): stats.gamma(0.6**-2, scale=0.6**2),
    Gamma(1.4): stats.gamma(1.4**-2, scale=1.4**2),
    Weibull(0.7): stats.weibull_min(0.7, scale=1 / math.gamma(1 + 1 / 0.7)),
    Weibull(2.5): stats.weibull_min(2.5, scale=1 / math.gamma(1 + 1 / 2.5)),
    Uniform(0.8): stats.uniform(0.2, 1.6),
    Triangular(0.4, 0.9, 1.7): stats.triang(0.5 / 1.3, loc=0.4, scale=1.3),
}
SHAPES = [*SCIPY, Fixed(), Histogram((0.0, 0.5, 1.0, 2.75), (0.3, 0.4, 0.3))]

names = pytest.mark.parametrize("shape", SHAPES, ids=str)
with_scipy = pytest.mark.parametrize("shape", SCIPY, ids=str)


@names
def test_a_table_has_mean_one(shape) -> None:
    table = stay_table(shape)
    assert table.shape == (KNOTS,)
    # Knots are rounded to 2**-32, so their mean is within half of that.
    assert abs(table_mean(table) - 1) < 2.0**-33


@names
def test_a_table_never_falls_and_its_knots_are_exact_fractions(shape) -> None:
    table = stay_table(shape)
    assert (np.diff(table) >= 0).all()
    assert (table * 2.0**32 == np.round(table * 2.0**32)).all()


@with_scipy
def test_a_table_has_the_quantiles_of_scipy(shape) -> None:
    u = np.array([0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999])
    assert look_up(stay_table(shape), u) == pytest.approx(SCIPY[shape].ppf(u), rel=2e-3, abs=1e-4)


@with_scipy
def test_a_table_has_the_variance_of_scipy(shape) -> None:
    """The last cell holds the mean of the tail but not its spread: heavy tails lose a little."""
    lost = 0.02 if shape in {Lognormal(1.5), Weibull(0.7)} else 2e-3
    square = SCIPY[shape].var() + 1
    assert table_square(stay_table(shape)) == pytest.approx(square, rel=lost)


@names
def test_the_moments_of_a_table_are_those_of_its_samples(shape) -> None:
    table = stay_table(shape)
    u = (np.arange(2_000_000) + 0.5) / 2_000_000
    values = look_up(table, u)
    assert values.mean() == pytest.approx(table_mean(table), rel=1e-6)
    assert (values**2).mean() == pytest.approx(table_square(table), rel=1e-4)


@names
def test_the_stays_found_in_a_stock_have_the_mean_of_renewal_theory(shape) -> None:
    table = stay_table(shape)
    assert table_mean(length_biased(table)) == pytest.approx(table_square(table), rel=2e-3)


@pytest.mark.parametrize("shape", [Gamma(0.6), Weibull(2.5), Uniform(0.8)], ids=str)
def test_the_stays_found_in_a_stock_have_the_density_of_renewal_theory(shape) -> None:
    biased, law = length_biased(stay_table(shape)), SCIPY[shape]
    for u in (0.1, 0.5, 0.9):
        x = float(look_up(biased, np.array([u]))[0])
        below, _ = integrate.quad(lambda y: y * law.pdf(y), 0, x)
        assert below == pytest.approx(u, abs=2e-3)


@given(st.floats(2.0**-53, 1 - 2.0**-53))
def test_looking_up_stays_between_the_knots(u: float) -> None:
    table = stay_table(Lognormal(0.9))
    value = float(look_up(table, np.array([u]))[0])
    knot = int(np.searchsorted(EDGES, u, side="right")) - 1
    assert table[knot] <= value <= table[knot + 1]


def test_looking_up_the_knots_gives_the_knots() -> None:
    table = stay_table(Exponential())
    assert look_up(table, EDGES[:-1]).tolist() == table[:-1].tolist()


def test_ages_fall_in_their_bands_in_their_shares() -> None:
    mix = AgeMix(key="x", edges=(0.0, 1.0, 5.0, 16.0), shares=(0.2, 0.3, 0.5), early=1.0)
    ages = look_up(age_table(mix), (np.arange(100_000) + 0.5) / 100_000) / 365.25
    shares = np.histogram(ages, bins=mix.edges)[0] / len(ages)
    assert shares == pytest.approx(mix.shares, abs=1e-3)


def test_first_year_removals_crowd_towards_birth() -> None:
    mix = AgeMix(key="x", edges=(0.0, 1.0, 18.0), shares=(0.5, 0.5), early=4.0)
    ages = look_up(age_table(mix), (np.arange(50_000) + 0.5) / 100_000) / 365.25
    # 0.95 × E[U^4] = 0.95 / 5 of a year.
    assert ages.mean() == pytest.approx(0.19, abs=2e-3)
    assert age_table(mix).max() <= LAST_AGE
