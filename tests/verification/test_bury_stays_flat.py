"""With nothing changed, Bury's stocks stay where they start: a bend would be read as a saving."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from simfs.engine import simulate
from simfs.engine.compile import compile_scenario
from simfs.engine.counting import tally
from simfs.engine.draws import address_of
from simfs.scenario.config import load
from simfs.scenario.environment import STILL

BURY = Path(__file__).parents[2] / "configs" / "bury.toml"
FUTURES = 150
DRIFT = 0.01  # of the starting stock
WATCHED = ("child_in_need", "child_protection", "looked_after")


def mean_stocks(futures: int) -> np.ndarray:
    """Children in each watched stock, averaged over five years; shape [future, stock]."""
    scenario = load(BURY).arms[0]
    program = compile_scenario(scenario, {})
    rows = []
    for future in range(futures):
        result = tally(simulate(program, STILL, address_of(7, future)), program)
        stages = enumerate(program.stages)
        members = {key: [] for key in WATCHED}
        for number, stage in stages:
            for count in stage.counts:
                members.get(program.counts[count], []).append(number)
        rows.append([result.stage_children[members[key]].sum(axis=0).mean() for key in WATCHED])
    return np.array(rows)


@pytest.mark.slow
def test_the_baseline_with_its_staff_drifts_less_than_a_hundredth_in_five_years():
    scenario = load(BURY).arms[0]
    start = [
        sum(stage.opening for stage in scenario.pathway.stages if key in stage.counts)
        for key in WATCHED
    ]
    stocks = mean_stocks(FUTURES)
    error = stocks.std(axis=0, ddof=1) / np.sqrt(FUTURES)
    # Two-sided at 1e-4 over the three stocks; the drift allowed is beyond that error.
    reach = stats.t.ppf(1 - 1e-4 / (2 * len(WATCHED)), FUTURES - 1) * error
    drift = np.abs(stocks.mean(axis=0) - start)
    assert np.all(reach / start < 2 * DRIFT), "too few futures to see a drift"
    assert np.all(drift <= DRIFT * np.array(start) + reach), dict(
        zip(WATCHED, drift / start, strict=True)
    )
