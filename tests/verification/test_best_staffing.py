"""The best of some staffing plans, picked from simulations whose best is known by theory.

One team of caseload 1, empty at the start, with exponential stays: the number of families in it and
waiting has the law of M/M/c from empty, by matrix exponential. So the mean cost of two years, posts
and weeks in the service, is exact for every number of posts but for the whole-day clock, which
makes it 0.4% dearer for the queue of five posts, and less for others.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import theory
from numpy.typing import NDArray
from scipy import stats
from worlds import leaving, stay, study_of

from simfs.analysis.measures import yearly_metrics
from simfs.analysis.selection import Selection, select
from simfs.engine.draws import DRAW_SIZE
from simfs.experiment.future import run_future
from simfs.scenario.scenario import Study

POSTS = (5, 6, 7)
BEST = POSTS.index(6)
DAYS, YEAR = 731, 365.25
STAY, RATE = 30.0, 4 / 30
POST_POUNDS, WEEK_POUNDS = 50_000, 1_225
WITHIN = 25_000  # pounds over two years; five posts are hardly more than that dearer than six
CONFIDENCE = 0.9


@pytest.fixture(scope="module")
def study() -> Study:
    cashable = {"ledger": "cashable"}
    return study_of(
        days=DAYS,
        streams={"a": {"to": "work", "per_year": RATE * YEAR}},
        teams={"team": {"posts": POSTS[0], "caseload": 1}},
        stages={"work": {"team": "team", "stay": stay(STAY), "routes": leaving(out=1)}},
        costs={
            "week": {"pounds": WEEK_POUNDS, "basis": "child_week", "applies_to": ["work"]}
            | cashable,
            "post": {"pounds": POST_POUNDS, "basis": "post_year", "applies_to": ["team"]}
            | cashable,
        },
        arms={"today": {}}
        | {
            f"posts_{posts}": {"set": {"teams.team.posts": posts}, "assumption": "made up"}
            for posts in POSTS[1:]
        },
    )


def exact_cost(posts: int) -> float:
    """Mean pounds in two years: of posts, and of all who are in the service or wait for it."""
    laws = theory.from_empty(RATE, STAY, posts, DAYS)[1:]
    weeks = sum(sum(theory.queue_of(law, posts)) for law in laws) / 7
    return posts * POST_POUNDS * DAYS / YEAR + weeks * WEEK_POUNDS


def picked(study: Study, seed: int) -> Selection:
    """What is picked of the arms by the mean of each draw's futures."""
    column = [metric.key for metric in yearly_metrics(study)].index("spend.cashable_pence")

    def observe(plans: Sequence[int], draws: range) -> NDArray[np.float64]:
        asked = replace(study, arms=tuple(study.arms[plan] for plan in plans))
        numbers = range(draws.start * DRAW_SIZE, draws.stop * DRAW_SIZE)
        pence = np.array([run_future(asked, seed, n)[0][:, :, column].sum(axis=1) for n in numbers])
        return -pence.reshape(len(draws), DRAW_SIZE, len(plans)).mean(axis=1) / 100

    return select(observe, len(POSTS), WITHIN, CONFIDENCE)


def test_the_plan_that_is_best_by_theory_is_picked(study: Study) -> None:
    costs = [exact_cost(posts) for posts in POSTS]
    ahead = sorted(costs)[1] - costs[BEST]
    assert min(costs) == costs[BEST]
    assert WITHIN < ahead < 1.05 * WITHIN
    found = picked(study, 1)
    assert found.best == BEST
    # four standard errors of each plan's own draws, and what the whole-day clock adds
    for cost, mean, low in zip(costs, found.means.mean, found.means.low, strict=True):
        assert -mean == pytest.approx(cost, abs=2 * (mean - low) + 0.004 * cost)


@pytest.mark.slow
def test_the_plan_that_is_best_by_theory_is_picked_as_often_as_stated(study: Study) -> None:
    runs = 150
    found = [picked(study, seed) for seed in range(runs)]
    right = sum(one.best == BEST for one in found)
    used = np.array([one.draws for one in found])
    print(f"{right} of {runs}; draws {used.mean(axis=0)}, at most {used.max()}")
    # below this once in 100,000 times, where the stated probability holds
    assert right >= stats.binom.ppf(1e-5, runs, CONFIDENCE)
