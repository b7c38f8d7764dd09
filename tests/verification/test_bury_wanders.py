"""With nothing changed, Bury's counts move from year to year as those of places like it do."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from simfs.experiment.future import usable_engine
from simfs.experiment.wandering import achieved, log_changes, undisturbed
from simfs.scenario.config import load

BURY = Path(__file__).parents[2] / "configs" / "bury.toml"
FUTURES, SEED = 600, 1913
SD_OUT = 0.15  # of the published standard deviation
CHANCE_OUT = 0.04
SCORE_OUT = 0.25  # 5 points in 100 at a chance of .15, 3 at .065, 1 at .015
ALPHA = 1e-3  # that any of the figures of one kind is refused by chance alone
FIGURES = {"sd": 9, "chance": 4}


@pytest.fixture(scope="module")
def measured():
    study = load(BURY)
    engine, _ = usable_engine(None)
    changes = log_changes(
        undisturbed(study.arm(study.baseline)),
        {},
        study.drift_targets,
        seed=SEED,
        futures=FUTURES,
        engine=engine,
    )
    return study.drift_targets, changes


@pytest.mark.slow
def test_every_published_standard_deviation_is_met_within_15_percent(measured):
    targets, changes = measured
    assert sum(len(target.sd) for target in targets) == FIGURES["sd"]
    # What is allowed is allowed of the model; a sample may be out by its own error besides.
    score = stats.norm.ppf(1 - ALPHA / (2 * FIGURES["sd"]))
    for target, logs in zip(targets, changes, strict=True):
        kurtosis = stats.kurtosis(logs, axis=0, fisher=False)
        reach = score * np.sqrt((kurtosis - 1) / (4 * FUTURES))
        out = np.log(np.array(achieved(target, logs).sd) / np.array(target.sd))
        assert np.all(reach < SD_OUT), "too few futures to see a miss"
        assert np.all(np.abs(out) <= np.log1p(SD_OUT) + reach), (target.count, target.what, out)


@pytest.mark.slow
def test_counts_fall_about_as_often_as_in_authorities_that_change_nothing(measured):
    score = stats.norm.ppf(1 - ALPHA / (2 * FIGURES["chance"]))
    seen = 0
    for target, logs in zip(*measured, strict=True):
        for fall, share in zip(target.falls, achieved(target, logs).falls, strict=True):
            reach = score * np.sqrt(fall.chance * (1 - fall.chance) / FUTURES)
            assert abs(share - fall.chance) <= CHANCE_OUT + reach, (target.count, fall, share)
            seen += 1
    assert seen == FIGURES["chance"]


@pytest.mark.slow
def test_a_fall_is_as_many_standard_deviations_away_as_its_chance_says(measured):
    # Sharper than the share of futures, which has its own luck of few: without walks this fails.
    score = stats.norm.ppf(1 - ALPHA / (2 * FIGURES["chance"]))
    for target, logs in zip(*measured, strict=True):
        for fall in target.falls:
            change = logs[:, fall.years - 1]
            away = (np.log1p(-fall.share) - change.mean()) / change.std(ddof=1)
            reach = score * np.sqrt((1 + away**2 / 2) / FUTURES)
            out = away - stats.norm.ppf(fall.chance)
            assert abs(out) <= SCORE_OUT + reach, (target.count, fall, out)
