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
from simfs.engine.tables import WIDTHS, look_up
from simfs.scenario.pathway import Stage

AGES = 128  # ages on entry, at even steps of probability
NO_LIMIT = 1e9  # days; an age that does not matter never ends a stay


def _cut_mean(mean: float, table: FloatArray, limit: float) -> float:
    """E[min(stay, limit)] in days, of the distribution a table describes."""
    cut = np.minimum(mean * table, limit)
    return float((WIDTHS * (cut[:-1] + cut[1:])).sum() / 2)


def _stays(
    stage: Stage, coded: StageCode, routes: list[RouteCode], band: int
) -> list[tuple[int, float, float, int, bool]]:
    """(route, chance, mean, table, until 18) of the stays that cases of an age band have."""
    if not coded.route_first:
        published = 0.0 if stage.stay is None else stage.stay.mean
        return [(NOBODY, 1.0, published, coded.stay_table, coded.until_18)]
    first, end = coded.routes
    return [
        (route.place, route.p[band], route.stay_mean, route.stay_table, route.until_18)
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
    rows: list[tuple[float, float, int, float, int, float, float]] = []
    for first_age in first_ages:
        age = min(first_age + stage.opening_after, DAYS_TO_18 - 1.0)
        limit = NO_LIMIT if ages == NOBODY else DAYS_TO_18 - age
        banded = first_age if coded.first_entry_age else age
        band = int(np.searchsorted(coded.band_edges, banded, side="right")) - 1
        for route, p, mean, table, until_18 in _stays(stage, coded, routes, max(band, 0)):
            limited = limit if until_18 else _cut_mean(mean, knots[table], limit)
            number = NOBODY if until_18 else table
            rows.append((age, first_age, route, mean, number, limited, p * limited))
    columns = [np.array(column) for column in zip(*rows, strict=True)]
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
