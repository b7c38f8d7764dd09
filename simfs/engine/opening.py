"""The equilibrium of a stage's opening stock.

A case found in a stock is not a new case: long stays are over-represented (length-biased), it has
served an even share of its stay, and, in care, so are the ages and routes of long stays. Each cell
pairs an age on entry with a route; its chance is p(age) × p(route | age) × E[min(stay, time to
18)].
"""

import numpy as np

from simfs.engine.program import (
    DAYS_TO_18,
    NOBODY,
    FloatArray,
    OpeningCode,
    RouteCode,
    StageCode,
)
from simfs.engine.tables import EDGES, WIDTHS, look_up
from simfs.scenario.pathway import Stage

AGES = 128  # ages on entry, at even steps of probability
NO_LIMIT = 1e9  # days; an age that does not matter never ends a stay


def _cut_means(mean: float, table: FloatArray, limits: FloatArray) -> FloatArray:
    """E[min(stay, limit)] in days for each limit, exactly, of the distribution a table describes.

    The stays below the limit, cell by cell and to the crossing, and the limit for all beyond.
    """
    below = np.concatenate([[0.0], np.cumsum(WIDTHS * (table[:-1] + table[1:]) / 2)])
    ends = np.minimum(limits / mean, table[-1])
    knot = np.clip(np.searchsorted(table, ends, side="right") - 1, 0, len(WIDTHS) - 1)
    rise = table[knot + 1] - table[knot]
    part = np.divide(ends - table[knot], rise, out=np.ones_like(ends), where=rise > 0)
    within = WIDTHS[knot] * part
    reached = below[knot] + within * (table[knot] + ends) / 2
    beyond = np.maximum(1 - EDGES[knot] - within, 0)
    return np.asarray(mean * reached + np.minimum(limits, mean * table[-1]) * beyond)


def _stays(
    stage: Stage, coded: StageCode, routes: list[RouteCode]
) -> list[tuple[int, tuple[float, ...], float, int, bool]]:
    """(route, chance by age band, mean, table, until 18) of the stays that cases have."""
    if not coded.route_first:
        published = 0.0 if stage.stay is None else stage.stay.mean
        bands = len(coded.band_edges)
        return [(NOBODY, (1.0,) * bands, published, coded.stay_table, coded.until_18)]
    first, end = coded.routes
    return [
        (route.place, route.p, route.stay_mean, route.stay_table, route.until_18)
        for route in routes[first:end]
    ]


def compile_opening(
    stage: Stage, coded: StageCode, routes: list[RouteCode], knots: FloatArray, ages: int
) -> OpeningCode:
    """Cells of (age on entry, route) with their chances in the stock; `ages` is a table or −1."""
    if ages == NOBODY:
        first_ages = np.zeros(1)
    else:
        first_ages = look_up(knots[ages], (np.arange(AGES) + 0.5) / AGES)
    age = np.minimum(first_ages + stage.opening_after, DAYS_TO_18 - 1.0)
    limit = np.full(len(age), NO_LIMIT) if ages == NOBODY else DAYS_TO_18 - age
    banded = first_ages if coded.first_entry_age else age
    band = np.maximum(np.searchsorted(coded.band_edges, banded, side="right") - 1, 0)
    parts = []
    for route, p, mean, table, until_18 in _stays(stage, coded, routes):
        limited = limit if until_18 else _cut_means(mean, knots[table], limit)
        same = np.ones(len(age))
        number = NOBODY if until_18 else table
        chance = np.array(p)[band]
        parts.append(
            (age, first_ages, same * route, same * mean, same * number, limited, chance * limited)
        )
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    weight = np.cumsum(columns[6])
    return OpeningCode(
        age=columns[0].astype(np.float64),
        first_age=columns[1].astype(np.float64),
        route=columns[2].astype(np.int64),
        mean=columns[3].astype(np.float64),
        table=columns[4].astype(np.int64),
        limited=columns[5].astype(np.float64),
        cumulative=weight / weight[-1],
    )
