"""With nothing changed, Bury's stocks stay where they start: a bend would be read as a saving."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from simfs.engine import count
from simfs.engine.compile import compile_scenario
from simfs.engine.draws import address_of
from simfs.experiment.future import usable_engine
from simfs.scenario.config import load
from simfs.scenario.environment import STILL
from simfs.scenario.scenario import Study

BURY = Path(__file__).parents[2] / "configs" / "bury.toml"
FUTURES = 600
DRIFT = 0.01  # of the starting stock
WATCHED = ("child_in_need", "child_protection", "looked_after")


def undisturbed() -> Study:
    """Bury with its turnover, vacancies and hand-overs, and without a national reform."""
    return load(BURY, sets=["mechanisms.reform=false"])


def mean_stocks(futures: int) -> np.ndarray:
    """Children in each watched stock, averaged over five years; shape [future, stock]."""
    scenario = undisturbed().arms[0]
    program = compile_scenario(scenario, {})
    engine, _ = usable_engine(None)
    rows = []
    for future in range(futures):
        result = count(program, STILL, address_of(7, future), engine)
        stages = enumerate(program.stages)
        members = {key: [] for key in WATCHED}
        for number, stage in stages:
            for stock in stage.counts:
                members.get(program.counts[stock], []).append(number)
        rows.append([result.stage_children[members[key]].sum(axis=0).mean() for key in WATCHED])
    return np.array(rows)


@pytest.mark.slow
def test_the_baseline_with_its_staff_drifts_less_than_a_hundredth_in_five_years():
    scenario = undisturbed().arms[0]
    assert all(team.workforce for team in scenario.teams if team.posts_on(0))
    start = [
        sum(stage.opening for stage in scenario.pathway.stages if key in stage.counts)
        for key in WATCHED
    ]
    stocks = mean_stocks(FUTURES)
    error = stocks.std(axis=0, ddof=1) / np.sqrt(FUTURES)
    # Two-sided at 1e-4 over the three stocks; the drift allowed is beyond that error.
    reach = stats.t.ppf(1 - 1e-4 / (2 * len(WATCHED)), FUTURES - 1) * error
    drift = np.abs(stocks.mean(axis=0) - start)
    assert np.all(reach / start < DRIFT), "too few futures to see a drift"
    assert np.all(drift <= DRIFT * np.array(start) + reach), dict(
        zip(WATCHED, drift / start, strict=True)
    )
