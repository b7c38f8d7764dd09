"""Main effects and interactions over a full grid, on constructions with known parts."""

import itertools

import numpy as np
import pytest
from plan_examples import a_table, chances, factor

from simfs.analysis.plan_effects import effects, effects_of, is_full, parts_of
from simfs.analysis.plan_figures import CASH

ROWS, COLUMNS = np.array([1.0, 2.0, 6.0]), np.array([10.0, 20.0])
TWO = (factor(levels=(1, 2, 3)), factor("teams.care.posts", (1, 2)))
THREE = (*TWO, factor("teams.assessment.posts", (4, 5)))


def told(grid, factors, luck=0.0, draws=10, numbers=None, seed=5):
    """Effects of a grid of means, with luck of its own for every plan and draw."""
    noise = chances(seed).normal(0, 1, (draws, grid.size)) * luck
    values = grid.reshape(1, -1) + noise
    order = range(grid.size) if numbers is None else numbers
    return effects(a_table({CASH: values[:, list(order)]}, factors, tuple(order)), CASH)


def means(effect):
    return [amount.mean for amount in effect.amounts]


def test_of_a_sum_nothing_is_done_together():
    found = told(ROWS[:, None] + COLUMNS, TWO)
    assert found.mean.mean == pytest.approx(18.0)
    assert means(found.main[0]) == pytest.approx([-2, -1, 3])
    assert means(found.main[1]) == pytest.approx([-5, 5])
    assert means(found.pairs[0]) == [0] * 6
    assert not found.pairs[0].is_clear
    # mean squares 14/3 and 25
    assert found.main[0].share == pytest.approx(14 / 3 / (14 / 3 + 25))
    assert found.main[1].share == pytest.approx(25 / (14 / 3 + 25))
    assert found.luck == 0


def test_what_rounding_leaves_of_a_sum_is_nothing():
    found = told(0.1 * ROWS[:, None] + COLUMNS / 3, TWO)
    assert means(found.pairs[0]) == [0] * 6
    assert not found.pairs[0].is_clear


def test_of_a_product_the_interaction_is_the_product_of_the_distances():
    found = told(ROWS[:, None] * COLUMNS, TWO)
    assert means(found.main[0]) == pytest.approx((ROWS - 3) * 15)
    assert means(found.main[1]) == pytest.approx((COLUMNS - 15) * 3)
    assert means(found.pairs[0]) == pytest.approx(np.outer(ROWS - 3, COLUMNS - 15).ravel())
    assert found.pairs[0].levels == ((1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2))
    shares = [effect.share for effect in (*found.main, *found.pairs)]
    assert sum(shares) == pytest.approx(1)


def test_what_three_do_together_is_the_rest():
    grid = (ROWS - 3)[:, None, None] * (COLUMNS - 15)[:, None] * np.array([-1.0, 1.0])
    found = told(grid, THREE)
    assert found.rest == pytest.approx(1)
    assert all(effect.share == 0 for effect in (*found.main, *found.pairs))


def test_parts_sum_to_the_grid():
    grid = chances(1).normal(0, 1, (4, 3, 2, 2))
    parts = parts_of(grid)
    assert len(parts) == 8
    whole = np.zeros_like(grid)
    for these, part in parts.items():
        shape = [4, *(grid.shape[1 + each] if each in these else 1 for each in range(3))]
        whole = whole + part.reshape(shape)
    assert whole == pytest.approx(grid)


def test_effects_are_those_of_a_linear_model_with_levels_that_sum_to_nothing():
    grid = chances(2).normal(0, 1, (3, 2, 2))
    found = told(grid, THREE)
    contrasts = [np.vstack([np.eye(n - 1), -np.ones(n - 1)]) for n in grid.shape]
    wanted = [these for size in (1, 2, 3) for these in itertools.combinations(range(3), size)]
    columns, names = [np.ones(grid.size)], [()]
    places = np.array(list(np.ndindex(grid.shape)))
    for these in wanted:
        block = np.ones((grid.size, 1))
        for each in these:
            block = np.einsum("ni,nj->nij", block, contrasts[each][places[:, each]])
            block = block.reshape(grid.size, -1)
        columns += list(block.T)
        names += [these] * block.shape[1]
    fitted = np.linalg.lstsq(np.array(columns).T, grid.ravel(), rcond=None)[0]
    for place, effect in enumerate(found.main):
        known = contrasts[place] @ fitted[[name == (place,) for name in names]]
        assert means(effect) == pytest.approx(known)
    for these, effect in zip(((0, 1), (0, 2), (1, 2)), found.pairs, strict=True):
        inner = fitted[[name == these for name in names]]
        known = np.kron(contrasts[these[0]], contrasts[these[1]]) @ inner
        assert means(effect) == pytest.approx(known)


def test_luck_that_all_plans_share_is_in_no_effect():
    shared = chances(4).normal(0, 100, (10, 1))
    grid = (ROWS[:, None] + COLUMNS).reshape(1, -1) + shared
    found = effects(a_table({CASH: grid}, TWO), CASH)
    amount = found.main[0].amounts[2]
    assert (amount.low, amount.high) == pytest.approx((3, 3))
    assert found.mean.high - found.mean.low > 50


def test_luck_alone_is_told_as_luck():
    # twenty runs of 15 draws: by Bonferroni at most one of twenty effects looks clear, and of 60
    # no more than 3 + 4 × 1.7
    clear, luck = 0, []
    for seed in range(20):
        found = told(np.zeros((3, 2)), TWO, luck=1.0, draws=15, seed=seed)
        clear += sum(effect.is_clear for effect in (*found.main, *found.pairs))
        luck.append(found.luck)
    assert clear <= 9
    assert np.mean(luck) > 0.7


def test_luck_is_taken_off_the_shares():
    # columns do nothing; without taking luck off they would share 1/6 ÷ (14/3 + ...) on average
    shares = [
        told(10 * ROWS[:, None] + 0 * COLUMNS, TWO, luck=8.0, draws=8, seed=seed).main[1].share
        for seed in range(60)
    ]
    assert np.mean(shares) < 0.01
    assert np.median(shares) == 0


def test_an_effect_that_luck_does_not_make_is_clear():
    found = told(ROWS[:, None] + 0 * COLUMNS, TWO, luck=0.5)
    assert found.main[0].is_clear
    assert not found.main[1].is_clear
    assert found.main[0].span == pytest.approx(5, abs=1.5)


def test_plans_run_in_any_order_are_put_in_their_place():
    grid = ROWS[:, None] * COLUMNS
    moved = told(grid, TWO, numbers=(5, 0, 3, 1, 4, 2))
    assert means(moved.main[0]) == pytest.approx(means(told(grid, TWO).main[0]))
    assert means(moved.pairs[0]) == pytest.approx(means(told(grid, TWO).pairs[0]))


def test_a_grid_with_a_plan_missing_has_no_effects():
    table = a_table({CASH: np.ones((10, 5))}, TWO, numbers=(0, 1, 2, 3, 4))
    assert not is_full(table)
    assert effects_of(table) == ()
