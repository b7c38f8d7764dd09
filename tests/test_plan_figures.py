"""What plans of staffing come to: every figure a ratio of sums, paired with the file's own plan."""

import numpy as np
import pytest
from analysis_examples import Against, TeamKind, a_claim, a_team
from plan_examples import A_POST, a_planned, chances, factor
from scipy import stats

from simfs.analysis.claims import comes_true, verdict
from simfs.analysis.plan_figures import (
    CASH,
    CHANCE,
    CHANGES,
    DAYS,
    SPECIALIST,
    STAFF,
    STAFF_OF_RUN,
    WAITING,
    values_by_draw,
)
from simfs.analysis.plan_outcomes import Target
from simfs.analysis.plan_table import (
    amount_of,
    is_clear,
    over_draws,
    paired_shares,
    table_of,
)
from simfs.errors import UsageError
from simfs.scenario.plans import AS_PLANNED
from simfs.scenario.variable import Kind

N = 40
LUCK = np.rint(chances(3).normal(0, 1e6, (N, 2))).astype(np.int64)  # pence


def fill(levels, key):
    """Each post more saves £1,000 over two years on top of luck that all plans share."""
    posts = 0 if levels is None else levels[0]
    match key:
        case "spend.cashable_pence":
            return LUCK * (levels is not None) - np.array([40_000, 60_000]) * posts
        case "unallocated_child_days":
            return np.tile([731 * (5 - posts), 731], (N, 1))
        case "waited.safeguarding_days":
            return np.tile([100, 200], (N, 1)) * (5 - posts)
        case "allocated.safeguarding_cases":
            return np.tile([10, 30], (N, 1))
        case "handovers.safeguarding_cases":
            return np.tile([4, 6], (N, 1))
        case "cases.safeguarding_days":
            return np.tile([3_652, 3_653], (N, 1))
    return None


@pytest.fixture(scope="module")
def planned():
    claims = (
        a_claim("net_cashable_saving", 400.0, id="of-saving"),
        a_claim("net_cashable_saving", 0.0, id="nothing", against=Against.NONE),
        a_claim("gross_saving", 1.0, id="later", last_year=7),
    )
    return a_planned([factor(levels=(1, 2, 3), own=2)], fill, claims=claims)


@pytest.fixture(scope="module")
def table(planned):
    return table_of(planned, "of-saving")


def test_a_saving_is_that_of_the_whole_run_in_pounds(table):
    expected = 3 * 1_000 - LUCK.sum(axis=1).mean() / 100
    assert table.amount(CASH, "plan_3").mean == pytest.approx(expected)


def test_luck_that_plans_share_is_not_in_their_difference(table):
    told = table.difference(CASH, "plan_3")
    assert (told.mean, told.low, told.high) == pytest.approx((1_000, 1_000, 1_000))
    level = table.amount(CASH, "plan_3")
    assert level.high - level.low > 1_000


def test_a_plan_with_the_files_own_levels_differs_from_it_by_nothing(table):
    for figure in table.figures:
        told = table.difference(figure.key, "plan_2", AS_PLANNED)
        assert (told.mean, told.low, told.high) == (0, 0, 0), figure.key
    assert table.rivals == (AS_PLANNED, "plan_1", "plan_3")
    assert table.nearest == "plan_2"


def test_posts_cost_their_price_for_a_year_however_long_it_is(table):
    for key in (STAFF, STAFF_OF_RUN):
        told = table.amount(key, "plan_3")
        assert (told.mean, told.low, told.high) == pytest.approx((2 * A_POST,) * 3)


def test_the_cost_is_of_a_year_of_the_run_where_dates_are_varied():
    late = factor("practice_models.model.staffing_late_months", (0, 6), 0, Kind.MONTHS)
    assert table_of(a_planned([factor(), late], fill)).cost == STAFF_OF_RUN
    assert table_of(a_planned([factor()], fill)).cost == STAFF


def test_waiting_is_children_on_a_day(table):
    assert table.amount(WAITING, "plan_1").mean == pytest.approx((731 * 4 + 731) / 731)


def test_waits_and_changes_are_ratios_of_sums(table):
    assert table.amount(DAYS, "plan_1").mean == pytest.approx(300 * 4 / 40)
    assert table.amount(CHANGES, "plan_1").mean == pytest.approx(10 / 7_305 * 365.25)


def test_one_team_alone_is_told_once(table):
    assert [f.key for f in table.figures if f.key.startswith((DAYS, CHANGES))] == [DAYS, CHANGES]


def test_a_chance_is_the_coupled_one_of_the_claim(table, planned):
    outcomes = planned.outcomes
    for arm in (AS_PLANNED, *planned.arms):
        told = verdict(outcomes, arm, outcomes.study.claims[0]).coupled
        assert table.amount(CHANCE, arm).mean == told.value
        assert comes_true(outcomes, arm, outcomes.study.claims[0]).mean() == told.value
        assert (table.amount(CHANCE, arm).low, table.amount(CHANCE, arm).high) == (
            told.low,
            told.high,
        )


def test_a_claim_against_nothing_comes_true_as_its_outturn_does(planned):
    outcomes = planned.outcomes
    for amount in (731 * 3 - 1, 731 * 3, 731 * 3 + 1):
        claim = a_claim("unallocated_child", amount, against=Against.NONE, unit="days")
        told = verdict(outcomes, AS_PLANNED, claim)
        assert told.coupled is None
        assert comes_true(outcomes, AS_PLANNED, claim).mean() == told.outturn.value
        assert told.outturn.value == (amount <= 731 * 3)


def test_a_claim_beyond_the_run_has_no_chance_and_an_unknown_one_is_refused(planned):
    assert not table_of(planned, "later").has(CHANCE)
    with pytest.raises(UsageError, match="no claim 'of-savin'; did you mean 'of-saving'"):
        table_of(planned, "of-savin")


def test_needs_met_and_weeks_that_meet_a_target_are_shares():
    def told(levels, key):
        posts = 0 if levels is None else levels[0]
        amounts = {
            "met.drink_days": [10 * posts, 20 * posts], "wanted.drink_days": [100, 200],
            "met.mind_days": [0, 0], "wanted.mind_days": [300, 0],
            "target.0_weeks": [10 * posts, 10], "counted.0_weeks": [40, 50],
        }  # fmt: skip
        return np.tile(amounts[key], (N, 1)) if key in amounts else None

    recovery = a_team("recovery", kind=TeamKind.SPECIALIST, serves="drink")
    target = Target("unallocated<5 in 95% of weeks", "unallocated_children", "<", 5.0, 0.95, 0)
    varied = factor("teams.recovery.posts", (1, 2), 1)
    table = table_of(
        a_planned([varied], told, others=(recovery,), needs=("drink", "mind"), targets=(target,))
    )
    assert table.amount(SPECIALIST, "plan_2").mean == pytest.approx(60 / 600)
    assert table.amount(f"{SPECIALIST}.drink", "plan_2").mean == pytest.approx(60 / 300)
    assert not table.has(f"{SPECIALIST}.mind")
    assert table.amount("target.0", "plan_2").mean == pytest.approx(30 / 90)
    assert table.difference("target.0", "plan_2").mean == pytest.approx(10 / 90)


def test_a_ratio_by_draw_has_the_ratio_as_its_mean():
    luck = chances(1)
    above, below = luck.uniform(1, 9, N), luck.uniform(1, 9, N)
    by_draw = values_by_draw((above, below), np.arange(N) // 4)
    assert by_draw.mean() == pytest.approx(above.sum() / below.sum(), rel=1e-12)


def test_a_ratio_of_nothing_is_not_known():
    assert np.isnan(values_by_draw((np.zeros(N), np.zeros(N)), np.arange(N) // 4)).all()


def test_the_interval_of_a_ratio_holds_it_as_often_as_it_says():
    # 600 runs of 25 draws; 95% less four standard errors of the count, and a little for the
    # delta method, which knows the ratio's curve only to the first order
    luck, held = chances(2), 0
    for _ in range(600):
        level = np.repeat(luck.gamma(4.0, 0.25, 25), 4)
        below = luck.poisson(40 * level).astype(float)
        above = luck.poisson(120 * level * np.repeat(luck.gamma(9.0, 1 / 9, 25), 4)).astype(float)
        told = amount_of(over_draws(values_by_draw((above, below), np.arange(100) // 4)))
        held += told.low <= 3.0 <= told.high
    assert 0.90 <= held / 600 <= 0.98


def test_paired_shares_follow_agresti_and_min():
    # 14 futures of 100 only the first reaches, 4 only the second; a draw each, so no correlation
    first, second = np.zeros(100, dtype=bool), np.zeros(100, dtype=bool)
    first[:14], second[14:18] = True, True
    middle = (14.5 - 4.5) / 102
    error = np.sqrt((14.5 + 4.5) - (14.5 - 4.5) ** 2 / 102) / 102
    half = stats.norm.ppf(0.975) * error
    assert paired_shares(first, second, np.arange(100)) == pytest.approx(
        (middle - half, middle + half)
    )


def test_where_all_futures_agree_each_draw_counts_one():
    # a draw in 50 of which all four futures gain: 25 draws show none in 6 cases of 10, and an
    # interval at 100 futures would not reach 2%
    same = np.ones(100, dtype=bool)
    low, high = paired_shares(same, same, np.arange(100) // 4)
    assert (-low, high) == pytest.approx(2 * (stats.norm.ppf(0.975) / 27,))
    assert high > 0.02


def test_futures_that_all_agree_do_not_make_a_chance_certain(table):
    # every future misses so high a claim in both plans, though their savings differ
    never = table_of(a_planned([factor()], fill, claims=(a_claim("net_saving", 1e9),)), "claim")
    told = never.difference(CHANCE, "plan_3")
    assert told.mean == 0
    assert told.low < -0.01
    assert told.high > 0.01
    assert not is_clear(told)


def test_with_too_few_futures_there_is_no_interval():
    few = table_of(a_planned([factor()], lambda levels, key: None, futures=4))
    assert few.amount(CASH, "plan_1").low is None
    assert few.difference(CASH, "plan_1").low is None
