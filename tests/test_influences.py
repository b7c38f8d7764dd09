"""Which numbers decide a figure: luck alone must not name one."""

import numpy as np
import pytest
from scipy import stats

from simfs.analysis.influences import luck_alone


@pytest.mark.parametrize(("draws", "numbers"), [(25, 45), (50, 45), (250, 45), (250, 1)])
def test_of_numbers_that_decide_nothing_luck_names_one_in_one_run_of_twenty(draws, numbers):
    rng = np.random.default_rng(draws + numbers)
    runs = 400
    named = 0
    for _ in range(runs):
        ranks = np.argsort(rng.random((numbers, draws)), axis=1)
        figure = np.arange(draws)
        centred = ranks - ranks.mean(axis=1, keepdims=True)
        r = centred @ (figure - figure.mean()) / draws / figure.var()
        named += (r**2).max() >= luck_alone(draws, numbers)
    # a binomial of 400 at 5%: at most 36 but for one time in a thousand; few are too cautious
    assert stats.binom.ppf(0.001, runs, 0.02) <= named <= stats.binom.ppf(0.999, runs, 0.06)


def test_with_two_draws_or_fewer_nothing_can_be_told():
    assert luck_alone(2, 10) == luck_alone(1, 10) == 1
