"""What the naive version draws: stays, ages, opening stocks and the strength of effects."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simfs.scenario import durations as d
from simfs.scenario.pathway import AgeMix, Drawing, Route, Stage
from simfs.scenario.practice import Effect, Ramp
from simfs.scenario.quantities import Quantity
from simfs.scenario.scenario import DAYS_PER_YEAR

DAYS_TO_18 = 6574
CANDIDATES = 5_000  # stays from which an opening stock is picked, long ones more often


def unit_stay(shape: d.Shape, rng: np.random.Generator, size: int | None = None) -> Any:
    """A draw of mean one, or an array of them."""
    match shape:
        case d.Exponential():
            return rng.exponential(1.0, size)
        case d.Lognormal(cv):
            sigma = math.sqrt(math.log1p(cv**2))
            return rng.lognormal(-(sigma**2) / 2, sigma, size)
        case d.Gamma(cv):
            return rng.gamma(cv**-2, cv**2, size)
        case d.Weibull(power):
            return rng.weibull(power, size) / math.gamma(1 + 1 / power)
        case d.Uniform(half):
            return rng.uniform(1 - half, 1 + half, size)
        case d.Triangular(low, mode, high):
            return rng.triangular(low, mode, high, size)
        case d.Histogram(edges, shares):
            group = rng.choice(len(shares), p=np.array(shares) / sum(shares), size=size)
            return rng.uniform(np.array(edges)[group], np.array(edges)[group + 1])
        case _:
            return 1.0 if size is None else np.ones(size)


def draw_ages(mix: AgeMix, rng: np.random.Generator, size: int | None = None) -> Any:
    """Ages in days on first entering care: one, or an array of them."""
    band = rng.choice(len(mix.shares), p=np.array(mix.shares) / sum(mix.shares), size=size)
    low, high = np.array(mix.edges)[band], np.array(mix.edges)[band + 1]
    u = rng.random(size)
    # Most removals of babies are within weeks of birth, and none on the eve of a first birthday.
    baby = (low == 0) & (mix.early > 1)
    years = low + (np.where(baby, 0.95 * high, high) - low) * np.where(baby, u**mix.early, u)
    return np.floor(np.minimum(years * DAYS_PER_YEAR, DAYS_TO_18 - 1))


def pick(shares: Sequence[float], rng: np.random.Generator) -> int:
    """Which of some shares that sum to one; the way numpy's manual shows."""
    return int(rng.choice(len(shares), p=shares))


def chances(stage: Stage, band: int) -> list[float]:
    """Chances of the stage's routes at an age band."""
    return [route.p[band] if len(route.p) > 1 else route.p[0] for route in stage.routes]


def found_in_stock(
    stage: Stage, count: int, mixes: Mapping[str, AgeMix], rng: np.random.Generator
) -> list[tuple[float, float, float, Route | None]]:
    """(age on entry, first age, whole stay, route) of cases found in a stock.

    Of stays drawn as new cases have them, a stock holds each in proportion to its length.
    """
    aged = stage.opening_ages is not None
    first_age = np.zeros(CANDIDATES)
    if stage.opening_ages is not None:
        first_age = draw_ages(mixes[stage.opening_ages], rng, CANDIDATES)
    age = np.minimum(first_age + stage.opening_after, DAYS_TO_18 - 1)
    if stage.drawing is Drawing.ROUTE_FIRST:
        route, length = _routed(stage, first_age if stage.age_at == "first_entry" else age, rng)
    else:
        route, length = None, _lengths(stage.stay, CANDIDATES, rng)
    if aged:
        length = np.minimum(length, DAYS_TO_18 - age)
    picked = rng.choice(CANDIDATES, p=length / length.sum(), size=count)
    return [
        (
            float(age[k]),
            float(first_age[k]),
            float(length[k]),
            None if route is None else stage.routes[route[k]],
        )
        for k in picked
    ]


def _routed(
    stage: Stage, age: NDArray[np.float64], rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Routes by age band, and the stays of those routes."""
    band = np.searchsorted(stage.age_bands, age / DAYS_PER_YEAR, side="right") - 1
    route = np.empty(CANDIDATES, dtype=np.int64)
    length = np.empty(CANDIDATES)
    for number in range(len(stage.age_bands)):
        here = band == number
        p = chances(stage, number)
        route[here] = rng.choice(len(p), p=p, size=int(here.sum()))
    for number, way in enumerate(stage.routes):
        here = route == number
        length[here] = _lengths(way.stay, int(here.sum()), rng)
    return route, length


def _lengths(stay: d.Stay | None, size: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Stays in days, not yet cut at the 18th birthday."""
    assert stay is not None
    if stay.until_18:
        return np.full(size, float(DAYS_TO_18))
    return np.asarray(stay.mean * unit_stay(stay.shape, rng, size))


def multiplier(
    effect: Effect, values: Mapping[str, float], today: float, dose: int | None
) -> float:
    """What an effect multiplies by on a day; a dose of None stands for the reference dose."""

    def value(quantity: Quantity) -> float:
        return values.get(quantity.path, quantity.value)

    half = value(effect.ramp.half)
    ninety = max(value(effect.ramp.ninety), 1.05 * half)
    strength = float(Ramp.shares(np.array(today - effect.ramp.start), half, ninety))
    if effect.fade is not None:
        strength *= 0.5 ** (max(today - effect.fade.start, 0) / value(effect.fade.half_life))
    if dose is not None:
        team = min(max(value(effect.team_share), 0.0), 1.0)
        relative = dose / max(value(effect.reference_dose), 1e-9)
        strength *= team + (1 - team) * relative ** value(effect.dose_power)
    return 1 - min(strength, 1.0) * (1 - value(effect.ratio))
