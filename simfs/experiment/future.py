"""One future of a study: the one place where compiling, simulating and measuring meet."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simfs.analysis.measures import Metric, measure, yearly_metrics
from simfs.analysis.prices import Prices, price_table
from simfs.engine import ENGINES, count, fault_of, simulate
from simfs.engine.compile import compile_scenario, values_in_draw
from simfs.engine.draws import CENTRAL, Address, address_of
from simfs.engine.drift import environment_of
from simfs.engine.history import History
from simfs.engine.program import Program
from simfs.errors import UsageError
from simfs.scenario.drawn import in_draw
from simfs.scenario.environment import STILL
from simfs.scenario.scenario import Scenario, Study

Change = Callable[[dict[str, float]], dict[str, float]]
FutureResult = tuple[NDArray[np.int64], NDArray[np.float32]]


def usable_engine(asked: str | None) -> tuple[str, str | None]:
    """The engine that was asked for, or else the first that can run here.

    Returns:
        Its name, and why the default could not be taken; None where it was.

    Raises:
        UsageError: the engine that was asked for cannot run here.
    """
    fault = fault_of(asked or ENGINES[0])
    if fault is None:
        return asked or ENGINES[0], None
    if asked:
        raise UsageError(
            f"engine {asked!r} needs numba ({fault}); install numba or use --engine {ENGINES[-1]}"
        )
    return ENGINES[-1], fault


def run_future(study: Study, seed: int, future: int, engine: str = ENGINES[0]) -> FutureResult:
    """What every arm of a study comes to in one future.

    Returns:
        yearly int64[arm, year, metric] and weekly float32[arm, week, weekly metric].
    """
    address = address_of(seed, future)
    metrics = yearly_metrics(study)  # of all arms, so that they have the same columns
    yearly, weekly = [], []
    prepared = _prepared(study.arms, seed, address.draw)
    for scenario, program, prices in prepared:
        result = count(program, environment_of(program, address), address, engine)
        by_year, by_week = measure(result, scenario, prices, metrics)
        yearly.append(by_year)
        weekly.append(by_week)
    return np.stack(yearly), np.stack(weekly)


def central_futures(
    scenarios: Sequence[Scenario],
    metrics: tuple[Metric, ...],
    seed: int,
    futures: int,
    engine: str,
) -> NDArray[np.int64]:
    """Futures of some arms that differ in luck alone: central values, and no drift.

    Returns:
        yearly int64[scenario, future, year, metric].
    """
    arms = [replace(scenario, walks=()) for scenario in scenarios]
    compiled = [compiled_in(arm, seed, CENTRAL) for arm in arms]
    # the arms of one luck follow each other, and share its families
    by_luck = [
        [
            measure(count(program, STILL, address, engine), arm, prices, metrics)[0]
            for arm, program, prices in compiled
        ]
        for address in (Address(seed, CENTRAL, 0, luck) for luck in range(futures))
    ]
    return np.array(by_luck).swapaxes(0, 1)


def trace_future(
    study: Study, arm: str, seed: int, future: int, engine: str = ENGINES[0]
) -> tuple[History, Program]:
    """Every event of one arm in one future, and the program that its codes refer to."""
    address = address_of(seed, future)
    _, program, _ = compiled_in(study.arm(arm), seed, address.draw)
    return simulate(program, environment_of(program, address), address, engine), program


# The futures of a draw follow each other and share their programs. All arms are one entry, so that
# however many there are, none is compiled twice; a draw that is done with is not kept.
@lru_cache(maxsize=1)
def _prepared(
    arms: tuple[Scenario, ...], seed: int, draw: int
) -> tuple[tuple[Scenario, Program, Prices], ...]:
    return tuple(compiled_in(scenario, seed, draw) for scenario in arms)


def compiled_in(
    scenario: Scenario, seed: int, draw: int, change: Change | None = None
) -> tuple[Scenario, Program, Prices]:
    """An arm in a draw: as it is described there, compiled, and with its prices.

    Args:
        scenario: the arm.
        seed: of the run.
        draw: which draw.
        change: what becomes of the values that the draw took, by key path; None leaves them.
    """
    values = values_in_draw(scenario, seed, draw)
    if change is not None:
        values = change(values)
    drawn = in_draw(scenario, values)
    return drawn, compile_scenario(drawn, values), price_table(drawn, values)


def priced_in(
    scenario: Scenario, seed: int, draw: int, change: Change | None = None
) -> tuple[Scenario, Prices]:
    """An arm in a draw and its prices, without its program; `change` as in `compiled_in`."""
    values = values_in_draw(scenario, seed, draw)
    if change is not None:
        values = change(values)
    drawn = in_draw(scenario, values)
    return drawn, price_table(drawn, values)
