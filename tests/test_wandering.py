"""Sizing an authority's walks, where their numbers are known beforehand."""

import tomllib
from math import log, sqrt

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import stats
from scripted import TWO_ARMS
from worlds import PLANS, study_of, wandering_world

from simfs.cli import main
from simfs.engine import ENGINES, fault_of
from simfs.errors import UsageError
from simfs.experiment.wandering import achieved, log_changes, size
from simfs.scenario.environment import Counted, DriftTarget, Fall

ENGINE = next(engine for engine in ENGINES if not fault_of(engine))
FUTURES = 100
YEARS, MONTHS = 3, 12
SD, HALF_LIFE, LEVEL = 0.25, 12.0, 1.3
FALL = 0.2
Z_1E5 = 4.4  # two-sided normal at about 1e-5


def truth():
    """Log change of starts in year 1 + k over year 1, in closed form: mean and covariance.

    To first order the logarithm of a year's mean factor is the mean of its months' logarithms,
    and that of a count of starts has the variance of a Poisson number besides.
    """
    months = np.arange(MONTHS * (YEARS + 1))
    keep = 0.5 ** (1 / HALF_LIFE)
    yearly = np.kron(np.eye(YEARS + 1), np.full(MONTHS, 1 / MONTHS))
    change = np.hstack([-np.ones((YEARS, 1)), np.eye(YEARS)])
    walk = SD**2 * keep ** np.abs(months[:, None] - months)
    level = change @ yearly @ (log(LEVEL) * (1 - keep ** (months + 1)))
    noise = change @ np.diag(np.exp([0.0, *-level]) / PLANS) @ change.T
    return level, change @ yearly @ walk @ yearly.T @ change.T + noise


TARGET = {"count": "on_plan", "what": "at_end", "sd": [0.1, 0.2]}


@pytest.fixture(scope="module")
def sized():
    mean, covariance = truth()
    sd = np.sqrt(np.diag(covariance))
    chance = float(stats.norm.cdf((log(1 - FALL) - mean[1]) / sd[1]))
    target = {"count": "on_plan", "what": "starts", "sd": sd.tolist(),
              "chances": [{"fall": FALL, "years": 2, "chance": chance}]}  # fmt: skip
    told = []
    study = study_of(**wandering_world([target]))
    found = size(study, seed=5, futures=FUTURES, engine=ENGINE, told=told.append)
    return found, study, told


def test_a_walk_that_is_known_is_found_again(sized):
    found, _, _ = sized
    (walk,) = found.walks
    for quantity, true in ((walk.sd, SD), (walk.half_life, HALF_LIFE), (walk.returns_to, LEVEL)):
        # a twentieth for the closed form's first order and the pull of the first guess
        assert abs(quantity.value - true) < Z_1E5 * found.errors[quantity.path] + true / 20
    assert found.errors["drift.own.sd"] < 0.1 * SD
    assert found.errors["drift.own.returns_to"] < 0.1 * LEVEL


def test_what_is_achieved_is_measured_with_the_numbers_that_are_printed(sized):
    found, study, _ = sized
    printed = tomllib.loads(found.toml())["drift"]["own"]
    values = {f"drift.own.{key}": printed[key] for key in ("sd", "half_life_months", "returns_to")}
    (changes,) = log_changes(
        study.arms[0], values, study.drift_targets, seed=5, futures=FUTURES, engine=ENGINE
    )
    (done,) = found.achieved
    assert achieved(study.drift_targets[0], changes) == done
    # fitted on the same futures, so only rounding and the first guess stand between them
    assert np.array(done.sd) == pytest.approx(study.drift_targets[0].sd, rel=0.07)
    assert f"on {FUTURES} futures" in printed["assumption"]
    assert done.words in printed["assumption"]


def test_the_numbers_are_rounded_to_where_their_error_begins(sized):
    found, _, _ = sized
    (walk,) = found.walks
    for quantity in (walk.sd, walk.half_life, walk.returns_to):
        digit = 10 ** np.floor(np.log10(found.errors[quantity.path]))
        assert quantity.value == pytest.approx(round(quantity.value / digit) * digit)


def test_every_evaluation_is_told_and_they_are_some_dozens(sized):
    _, _, told = sized
    assert 4 < len(told) <= 25
    assert told[-1].startswith(f"evaluation {len(told)}: ")


def test_the_tables_it_prints_stand_in_for_those_of_the_file(sized):
    found, study, _ = sized
    printed = tomllib.loads(found.toml())["drift"]["own"]
    same = study_of(
        **wandering_world(
            [], **{k: v for k, v in printed.items() if k not in ("assumption", "grade")}
        )
    )
    walk = same.arms[0].walks[0]
    assert walk.targets == study.arms[0].walks[0].targets
    assert walk.sd.value == found.walks[0].sd.value


def test_a_stock_is_counted_at_the_end_of_each_year_against_the_opening():
    # Without a walk: of N at the start each is left with chance e, and a Poisson number of mean
    # N (1 − e) has come, so the variance is N (1 − e²).
    targets = (DriftTarget("on_plan", Counted.AT_END, (0.1, 0.1, 0.1)),)
    scenario = study_of(**wandering_world([], sd=0)).arms[0]
    (changes,) = log_changes(scenario, {}, targets, seed=2, futures=200, engine=ENGINE)
    left = np.exp(-np.arange(1, YEARS + 1))
    expected = np.sqrt((1 - left**2) / PLANS)
    assert changes.shape == (200, YEARS)
    assert np.all(np.abs(changes.std(axis=0) / expected - 1) < Z_1E5 / sqrt(2 * 200))
    assert np.all(np.abs(changes.mean(axis=0)) < Z_1E5 * expected / sqrt(200) + 1 / PLANS)


def test_each_future_has_a_drift_of_its_own():
    targets = (DriftTarget("on_plan", Counted.STARTS, (0.1,)),)
    wild = study_of(**wandering_world([], sd=1.0, days=800)).arms[0]
    (changes,) = log_changes(wild, {}, targets, seed=2, futures=100, engine=ENGINE)
    together = np.corrcoef(changes[::2, 0], changes[1::2, 0])[0, 1]
    # of two that shared one, the correlation would be above 0.9: the rest is Poisson
    assert abs(together) < Z_1E5 / sqrt(50)


def test_a_fall_is_counted_from_its_share_on():
    target = DriftTarget("on_plan", Counted.STARTS, (0.1, 0.1), (Fall(0.3, 2, 0.1),))
    changes = np.array(
        [[0.0, log(0.71)], [0.1, log(0.69)], [log(0.5), 0.0], [0.2, log(0.2)], [0, -1]]
    )
    assert achieved(target, changes).falls == (0.6,)


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ({k: v for k, v in wandering_world([TARGET]).items() if k != "drift"}, r"add \[drift"),
        (wandering_world([]), r"add \[\[drift_targets\]\]"),
        (wandering_world([TARGET], sd=0), "start at 0.1"),
    ],
)
def test_nothing_can_be_sized_without_walks_targets_and_a_size_to_start_from(tables, words):
    with pytest.raises(UsageError, match=words):
        size(study_of(**tables), futures=20, engine=ENGINE)


DRIFTING = """
[counts.open]
[drift.demand]
targets = ["referral"]
sd = 0.3
half_life_months = 6
assumption = "made up"
[[drift_targets]]
count = "open"
what = "starts"
sd = 0.5
assumption = "made up"
"""


def test_calibrate_prints_walks_for_the_scenario_file(tmp_path):
    path = tmp_path / "small.toml"
    text = TWO_ARMS.replace("years = 1", "years = 2").replace(
        'team = "social_workers"\n', 'team = "social_workers"\ncounts = ["open"]\n'
    )
    path.write_text(text + DRIFTING, encoding="utf-8")
    words = ["calibrate", str(path), "--drift", "--reps", "20", "--engine", ENGINE]
    told = CliRunner().invoke(main, words)
    assert told.exit_code == 0, told.output
    assert tomllib.loads(told.stdout)["drift"]["demand"]["targets"] == ["referral"]
    assert "evaluation 1: " in told.stderr
    few = CliRunner().invoke(main, [*words[:4], "19"])
    assert few.exit_code == 2
    assert "--drift needs --reps 20 or more, got 19" in few.output
