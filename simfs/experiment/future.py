"""One future of a study: the one place where compiling, simulating, tallying and measuring meet."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simfs.analysis.measures import measure, yearly_metrics
from simfs.analysis.prices import Prices, price_table
from simfs.engine import simulate
from simfs.engine.compile import compile_scenario, quantities_of
from simfs.engine.counting import tally
from simfs.engine.draws import address_of, draw_values
from simfs.engine.history import History
from simfs.engine.program import Program
from simfs.scenario.environment import STILL
from simfs.scenario.scenario import Scenario, Study

FutureResult = tuple[NDArray[np.int64], NDArray[np.float32]]


def run_future(study: Study, seed: int, future: int) -> FutureResult:
    """What every arm of a study comes to in one future.

    Returns:
        yearly int64[arm, year, metric] and weekly float32[arm, week, weekly metric].
    """
    address = address_of(seed, future)
    metrics = yearly_metrics(study)  # of all arms, so that they have the same columns
    yearly, weekly = [], []
    prepared = _prepared(study.arms, seed, address.draw)
    for scenario, (program, prices) in zip(study.arms, prepared, strict=True):
        result = tally(simulate(program, STILL, address), program)
        by_year, by_week = measure(result, scenario, prices, metrics)
        yearly.append(by_year)
        weekly.append(by_week)
    return np.stack(yearly), np.stack(weekly)


def trace_future(study: Study, arm: str, seed: int, future: int) -> tuple[History, Program]:
    """Every event of one arm in one future, and the program that its codes refer to."""
    address = address_of(seed, future)
    program, _ = _compiled(study.arm(arm), seed, address.draw)
    return simulate(program, STILL, address), program


# The futures of a draw follow each other and share their programs. All arms are one entry, so that
# however many there are, none is compiled twice; a draw that is done with is not kept.
@lru_cache(maxsize=1)
def _prepared(
    arms: tuple[Scenario, ...], seed: int, draw: int
) -> tuple[tuple[Program, Prices], ...]:
    return tuple(_compiled(scenario, seed, draw) for scenario in arms)


def _compiled(scenario: Scenario, seed: int, draw: int) -> tuple[Program, Prices]:
    values = draw_values(quantities_of(scenario), seed, draw)
    return compile_scenario(scenario, values), price_table(scenario, values)
