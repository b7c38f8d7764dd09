"""Bury's file, made to forecast places that introduced the practice: what happened lies inside."""

from pathlib import Path

import pytest

from simfs.experiment.backtest import TO_BE_REJECTED, plan_of, run_backtest, to_be_rejected
from simfs.experiment.future import usable_engine
from simfs.experiment.observed import read_observed
from simfs.options import processors
from simfs.scenario.config import load

CONFIGS = Path(__file__).parents[2] / "configs"
FUTURES, SEED = 400, 1
LEAST_INSIDE = 0.80
WIDEST = 2.5  # upper end of a band over its lower: a band that holds everything says nothing
OUT = {"cp_plans_at_31_march": 0.10, "looked_after_at_31_march": 0.05}


@pytest.fixture(scope="module")
def found():
    study = load(CONFIGS / "bury.toml")
    engine, _ = usable_engine(None)
    result = run_backtest(
        study,
        to_be_rejected(CONFIGS / "bury.toml", study),
        read_observed(CONFIGS / "observed.csv"),
        plan_of(study).cases,
        reps=FUTURES,
        seed=SEED,
        jobs=processors(),
        engine=engine,
    )
    return study, result


@pytest.mark.slow
def test_eight_later_counts_in_ten_lie_in_their_bands_and_the_bands_are_narrow(found):
    study, result = found
    own = result.scores[study.preset]
    assert own.points == 33
    assert own.inside >= LEAST_INSIDE * own.points
    assert own.width < WIDEST


@pytest.mark.slow
@pytest.mark.parametrize("series", OUT)
def test_forecasts_lean_to_neither_side(found, series):
    study, result = found
    assert abs(result.scores[study.preset].errors[series]) <= OUT[series]


@pytest.mark.slow
def test_the_preset_in_force_passes_and_the_published_claim_is_rejected(found):
    study, result = found
    assert not result.scores[study.preset].failures
    assert result.scores[TO_BE_REJECTED].failures
    assert result.badge.passed
    assert result.badge.rejected == (TO_BE_REJECTED,)
