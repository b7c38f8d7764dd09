"""From a price list to pence: what a unit of each cost line costs in each financial year.

Pounds become whole pence once, for each cost line, financial year, placement and band: units times
price, rounded half to even. Everything after that is a sum of integers, so no order of adding and
no number of processes changes a result. Rounding is why doubling every price doubles a total only
to within a penny for each such cell where the price is no whole number of pence for the units.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special

from simfs.engine.tally import IntArray
from simfs.scenario.costs import Basis, Cost, Ledger
from simfs.scenario.pathway import Pathway
from simfs.scenario.quantities import Quantity
from simfs.scenario.scenario import Scenario

FloatArray = NDArray[np.float64]

BANDS = 10
PENCE_PER_POUND = 100
WEEK_DAYS = 7

# A gamma is thin-tailed; from this spread on, prices between spells look lognormal.
LOGNORMAL_FROM_CV = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One cost line, ready to multiply.

    Attributes:
        key: the cost's key.
        basis: what is paid for.
        ledger: what spending less would be.
        cells: rows of the tally that are paid for: indices of stages, placements, effects or
            exits or teams, or pairs (stage, route); shape [cells] or [cells, 2].
        inside: pairs (stage, route) of moves between the stages of an `ENTRY` line, [moves, 2].
        crises: stages whose crisis leads into the stages of an `ENTRY` line, [stages].
        pence: pence per child, day or event, [year, band]; one band where the spell has no price
            of its own. A day in post costs its share of the days of its financial year.
        block_days: child-days of places bought as a block by financial year, [year].
    """

    key: str
    basis: Basis
    ledger: Ledger
    cells: IntArray
    inside: IntArray
    crises: IntArray
    pence: FloatArray
    block_days: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """All lines of one arm at one draw of its prices.

    Attributes:
        lines: in the order of the price list.
        investments: (key, ledger, whole pence by financial year) of the practice model.
    """

    lines: tuple[Line, ...]
    investments: tuple[tuple[str, Ledger, IntArray], ...]


def price_table(scenario: Scenario, values: Mapping[str, float]) -> Prices:
    """Prices of an arm where uncertain numbers have `values` (by path), others their own."""
    lines = tuple(_line(cost, scenario, values) for cost in scenario.prices.costs)
    years = len(scenario.calendar.years)
    investments = scenario.practice.investments if scenario.practice else ()
    return Prices(
        lines,
        tuple(
            (item.key, Ledger(item.ledger), _whole_pence(item.pounds, years))
            for item in investments
        ),
    )


@lru_cache(maxsize=64)
def band_factors(cv: float) -> tuple[float, ...]:
    """Mean of each tenth of a distribution of mean 1 and this coefficient of variation.

    Gamma, or lognormal from a coefficient of variation of 0.5. The ten average to 1 exactly, so a
    spread between spells never moves an expected cost.
    """
    if cv == 0:
        return (1.0,) * BANDS
    shares = np.arange(1, BANDS) / BANDS
    if cv < LOGNORMAL_FROM_CV:
        shape = cv**-2
        below = special.gammainc(shape + 1, special.gammaincinv(shape, shares))
    else:
        sigma = math.sqrt(math.log1p(cv**2))
        below = special.ndtr(special.ndtri(shares) - sigma)
    factors = np.diff(np.concatenate([[0.0], below, [1.0]]))
    return tuple(float(factor) for factor in factors / factors.mean())


def planned_pence(line: Line, scenario: Scenario) -> IntArray:
    """Whole pence by financial year of a `POST_YEAR` line with all posts always filled."""
    days = [
        sum(scenario.teams[team].posts_on(day) for team in line.cells for day in range(first, end))
        for _, first, end in scenario.calendar.years
    ]
    return np.rint(np.array(days) * line.pence[:, 0]).astype(np.int64)


def first_calendar_year(label: str) -> int:
    """The calendar year in which a financial year such as "2022-23" or "2022/23" begins."""
    return int(label[:4])


def days_of_financial_year(label: str) -> int:
    """365 or 366: the days from 1 April to 31 March of that financial year."""
    april = first_calendar_year(label)
    return (date(april + 1, 4, 1) - date(april, 4, 1)).days


def _at(quantity: Quantity, values: Mapping[str, float]) -> float:
    return values.get(quantity.path, quantity.value) if quantity.path else quantity.value


def _whole_pence(pounds: tuple[float, ...], years: int) -> IntArray:
    pence = np.zeros(years, dtype=np.int64)
    for year, amount in enumerate(pounds[:years]):
        pence[year] = round(amount * PENCE_PER_POUND)
    return pence


def _line(cost: Cost, scenario: Scenario, values: Mapping[str, float]) -> Line:
    labels = [label for label, _, _ in scenario.calendar.years]
    base = first_calendar_year(scenario.prices.price_year or labels[0])
    growth = 1 + _at(cost.growth, values)
    pounds = _at(cost.pounds, values) / cost.per
    yearly = np.array([pounds * growth ** (first_calendar_year(y) - base) for y in labels])
    pence = PENCE_PER_POUND * yearly[:, np.newaxis]
    match cost.basis:
        case Basis.CHILD_WEEK | Basis.WEEK_AFTER_EXIT | Basis.MET_WEEK:
            pence = pence / WEEK_DAYS
        case Basis.PLACEMENT_WEEK:
            pence = pence / WEEK_DAYS * np.array(band_factors(cost.spell_cv))
        case Basis.POST_YEAR | Basis.AGENCY_POST_YEAR:
            days = [days_of_financial_year(label) for label in labels]
            pence = pence / np.array(days)[:, np.newaxis]
        case Basis.ENTRY | Basis.ROUTE | Basis.DIVERSION:
            pass
    inside, crises = _moves_inside(cost, scenario.pathway)
    days_in_run = np.array([end - first for _, first, end in scenario.calendar.years])
    return Line(
        key=cost.key,
        basis=cost.basis,
        ledger=cost.ledger,
        cells=_cells(cost, scenario),
        inside=inside,
        crises=crises,
        pence=pence,
        block_days=_at(cost.block_places, values) * days_in_run,
    )


def _cells(cost: Cost, scenario: Scenario) -> IntArray:
    pathway = scenario.pathway
    match cost.basis:
        case Basis.CHILD_WEEK | Basis.ENTRY:
            keys = [stage.key for stage in pathway.stages]
        case Basis.PLACEMENT_WEEK:
            keys = [placement.key for placement in scenario.prices.placements]
        case Basis.WEEK_AFTER_EXIT:
            keys = [exit_.key for exit_ in pathway.exits]
        case Basis.MET_WEEK:
            keys = [need.key for need in scenario.demand.needs]
        case Basis.DIVERSION:
            # an arm without the effect diverts nobody
            keys = [effect.key for effect in scenario.effects]
        case Basis.ROUTE:
            return _route_cells(cost.applies_to, pathway)
        case Basis.POST_YEAR | Basis.AGENCY_POST_YEAR:
            # nobody counts the workers of a team without limit
            keys = ["" if team.unlimited else team.key for team in scenario.teams]
    return np.array([i for i, key in enumerate(keys) if key in cost.applies_to], dtype=np.int64)


def _route_cells(targets: tuple[str, ...], pathway: Pathway) -> IntArray:
    pairs = [
        (s, r)
        for s, stage in enumerate(pathway.stages)
        for r, route in enumerate(stage.routes)
        if f"{stage.key}.{route.key}" in targets
    ]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _moves_inside(cost: Cost, pathway: Pathway) -> tuple[IntArray, IntArray]:
    """Moves between the stages of an `ENTRY` line, which are no entry from outside them.

    Known only where every child that moves stays inside: a split, or a route that only some of a
    family's children take, counts as an entry.
    """
    pairs: list[tuple[int, int]] = []
    crises: list[int] = []
    inside = cost.applies_to if cost.basis is Basis.ENTRY else ()
    for s, stage in enumerate(pathway.stages):
        if stage.key not in inside:
            continue
        for r, route in enumerate(stage.routes):
            whole = route.share_of_children == 1 or route.otherwise in inside
            if route.to in inside and whole:
                pairs.append((s, r))
        if stage.crisis and stage.crisis.to in inside:
            crises.append(s)
    return (
        np.array(pairs, dtype=np.int64).reshape(-1, 2),
        np.array(crises, dtype=np.int64),
    )
