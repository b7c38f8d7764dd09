"""Bury's workforce: what the Department for Education counted in it, the baseline arm has too."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from simfs.engine.compile import compile_scenario
from simfs.engine.draws import address_of
from simfs.engine.roster import Move, roster_of
from simfs.scenario import config
from simfs.scenario.renewal import agency_of_filled, filled, without_permanent
from simfs.scenario.scenario import Scenario

FILE = Path(__file__).parent.parent / "configs" / "bury.toml"
TEAMS = ("assessment", "children_in_care", "safeguarding")
# Children's social work workforce, 30 September 2017 to 2025, percent
TURNOVER = (12.3, 16.7, 17.7, 8.8, 22.1, 21.5, 17.1, 26.2, 14.5)
VACANCY = (12.5, 24.7, 26.1, 20.4, 31.0, 47.9, 30.7, 31.5, 25.4)
AGENCY = (5.6, 15.0, 14.0, 23.1, 30.4, 27.5, 34.3, 31.5, 24.2)
ABSENCE = (4.3, 4.8, 4.0, 0.7, 2.5, 3.3, 7.5, 4.0, 3.0)
FUTURES = 1500
ERROR = 1e-4 / 3  # of a false alarm, over the three figures


@cache
def baseline() -> Scenario:
    return config.load(FILE).arms[0]


@cache
def returns() -> np.ndarray:
    """Turnover, vacancy and agency percent as the return counts them, [future, figure]."""
    scenario = baseline()
    program = compile_scenario(scenario, {})
    numbers = [n for n, team in enumerate(scenario.teams) if team.key in TEAMS]
    posts = sum(scenario.team(key).posts_on(0) for key in TEAMS)
    days = program.days
    rows = []
    for future in range(FUTURES):
        moves = roster_of(program, address_of(1, future)).moves
        day, move, team, _, agency = moves.T[:5]
        mine = np.isin(team, numbers) & (move <= Move.START)
        sign = np.where(move == Move.START, 1, -1)
        in_post, held = (
            np.cumsum(np.bincount(np.maximum(day[chosen], 0), sign[chosen], days))
            for chosen in (mine, mine & (agency == 1))
        )
        permanent = in_post - held
        left = (mine & (move == Move.LEAVE) & (agency == 0)).sum()
        rows.append(
            [
                left / permanent.sum() * 365.25,  # leavers of a year ÷ permanent workers in post
                1 - permanent.mean() / posts,  # a vacancy is a post without a permanent worker
                held.mean() / in_post.mean(),
            ]
        )
    return 100 * np.array(rows)


@pytest.mark.parametrize(
    ("figure", "published"),
    [
        pytest.param(0, TURNOVER, id="turnover"),
        pytest.param(1, VACANCY, id="vacancy"),
        pytest.param(2, AGENCY, id="agency"),
    ],
)
def test_the_baseline_has_the_published_mean_of(figure, published):
    found = returns()[:, figure]
    error = found.std(ddof=1) / np.sqrt(FUTURES) * stats.t.ppf(1 - ERROR / 2, FUTURES - 1)
    # Half of a point in the last digit that the solved numbers are written with, and no more.
    rounding = {0: 0.05, 1: 0.15, 2: 0.15}[figure]
    assert error < 0.5, "too few futures to see half a point"
    assert found.mean() == pytest.approx(np.mean(published), abs=error + rounding)


def test_the_closed_form_of_the_workforce_is_the_published_one():
    workforce = baseline().team("safeguarding").workforce
    assert workforce is not None
    assert 100 * workforce.turnover.value == pytest.approx(np.mean(TURNOVER), abs=0.05)
    assert 100 * without_permanent(workforce) == pytest.approx(np.mean(VACANCY), abs=0.1)
    assert 100 * agency_of_filled(workforce) == pytest.approx(np.mean(AGENCY), abs=0.1)
    assert filled(workforce) == pytest.approx(0.936, abs=1e-3)


def test_as_many_work_as_the_published_caseload_needs():
    for key, at_work in (("assessment", 22), ("safeguarding", 32), ("children_in_care", 19)):
        team = baseline().team(key)
        assert team.workforce is not None
        assert round(team.posts_on(0) * filled(team.workforce)) == at_work
        assert team.caseload == ((0, round(19 * (1 - np.mean(ABSENCE) / 100))),)


def test_seven_in_ten_adult_practitioners_are_in_post_at_go_live_as_at_cambridgeshire_s_launch():
    arm = config.load(FILE).arm("family_safeguarding")
    program = compile_scenario(arm, {})
    assert arm.practice is not None
    assert arm.practice.go_live is not None
    specialists = [n for n, team in enumerate(program.teams) if team.specialist]
    counts = []
    for future in range(FUTURES):
        moves = roster_of(program, address_of(1, future)).moves
        day, move, team = moves.T[:3]
        by_then = np.isin(team, specialists) & (day <= arm.practice.go_live)
        counts.append(
            (by_then & (move == Move.START)).sum() - (by_then & (move == Move.LEAVE)).sum()
        )
    error = np.std(counts, ddof=1) / np.sqrt(FUTURES) * stats.t.ppf(1 - ERROR / 2, FUTURES - 1)
    # The recruitment days are written to the nearest ten: that moves the share by .03 at most.
    assert np.mean(counts) / 14 == pytest.approx(0.7, abs=error / 14 + 0.03)
