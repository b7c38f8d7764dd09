"""Who works when: posts against renewal theory, dated establishments, training and a crisis."""

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from simfs.engine.draws import Address, address_of, place_code
from simfs.engine.posts import _established, _look_up
from simfs.engine.program import (
    NOBODY,
    CrisisCode,
    FloatArray,
    PhaseCode,
    Program,
    StaffCode,
    TeamCode,
    TrainingCode,
    WorkforceCode,
)
from simfs.engine.roster import Move, Movement, Roster, roster_of
from simfs.engine.tables import length_biased, look_up, stay_table
from simfs.scenario.durations import Exponential, Fixed, Gamma, Lognormal, Weibull
from simfs.scenario.scenario import DAYS_PER_YEAR

DAYS = 1461
SHAPES = (Exponential(), Gamma(0.5), Fixed(), Weibull(1.4), Lognormal(0.8))
EXPONENTIAL, GAMMA, FIXED = range(3)
TABLES = np.array([stay_table(shape) for shape in SHAPES])
BIASED = np.array([length_biased(table) for table in TABLES])
LEVEL = 1e-4  # chance that a right programme fails one test, shared by what it looks at
FUTURES = 60
MANY = 200  # posts, each with its own luck, so that a future is a sample of 200


def workforce(days: int = DAYS, shape: int = EXPONENTIAL, **changes: Any) -> WorkforceCode:
    """Permanent 500 days, then 50 empty; three appointments in ten agency: 120 days, then 20."""
    plain: dict[str, Any] = {
        "permanent": PhaseCode(500.0, shape),
        "agency": PhaseCode(120.0, shape),
        "recruitment": PhaseCode(50.0, shape),
        "agency_gap": PhaseCode(20.0, shape),
        "agency_share": np.full(days, 0.3),
        "leaving": np.arange(days + 1.0),
        "hiring": np.arange(days + 1.0),
        "newly_qualified": 0.0,
        "protected_share": 0.0,
        "protected_days": 0,
    }
    return WorkforceCode(**plain | changes)


def team(key: str = "social", *posts: tuple[int, int], **changes: Any) -> TeamCode:
    plain: dict[str, Any] = {
        "key": key, "label": key, "unlimited": False, "specialist": False, "by_family": False,
        "below_limit": True, "continuity": True, "handover": 0, "serves": NOBODY,
        "posts": posts, "limits": ((0, 18),), "most_posts": max((n for _, n in posts), default=0),
        "code": place_code(f"team:{key}"), "workforce": 0,
    }  # fmt: skip
    return TeamCode(**plain | changes)


def program_of(*teams: TeamCode, days: int = DAYS, **staff: Any) -> Program:
    return Program(
        days=days, year_starts=(0, days), months=(0,) * days, tables=TABLES, biased=BIASED,
        stages=(), routes=(), splits=(), exits=(), counts=(), teams=teams, origins=(), effects=(),
        openings=(), needs=(), need_codes=(), need_correlation=0.0, sizes=(1.0,), earlier_plan=0.0,
        placements=(), served=(), eighteen=-1, start_ordinal=0, staff=StaffCode(**staff),
    )  # fmt: skip


def of_one(code: WorkforceCode, *posts: tuple[int, int], **changes: Any) -> Program:
    return program_of(team("social", *posts, **changes), workforces=(code,))


def rosters(program: Program, futures: int = FUTURES) -> list[Roster]:
    return [roster_of(program, address_of(1, number)) for number in range(futures)]


def in_post(roster: Roster, days: int = DAYS, agency: int | None = None) -> FloatArray:
    """Workers in post at the end of each day, or those of them who are (not) agency workers."""
    change = np.zeros(days + 1)
    for row in roster.rows():
        if row.move in (Move.START, Move.LEAVE) and agency in (None, row.agency):
            change[row.day + 1] += 1 if row.move == Move.START else -1
    return np.cumsum(change)[1:]


def spells(roster: Roster) -> list[tuple[int, int, int, int]]:
    """(team, post, start, leave) in order of team, post and start; leaving after the run: −1."""
    found: list[list[int]] = []
    held: dict[tuple[int, int], list[int]] = {}
    for row in roster.rows():
        place = (row.team, row.post)
        if row.move == Move.START:
            assert place not in held, "two workers in one post"
            held[place] = [*place, row.day, -1]
            found.append(held[place])
        elif row.move == Move.LEAVE:
            held.pop(place)[3] = row.day
    return sorted((t, p, start, leave) for t, p, start, leave in found)


def starts(roster: Roster) -> list[Movement]:
    return [row for row in roster.rows() if row.move == Move.START]


def whole_mean(phase: PhaseCode) -> float:
    """Mean of a phase in whole days and at least one, from its table."""
    u = (np.arange(2**17) + 0.5) / 2**17
    days = np.floor(phase.mean * look_up(TABLES[phase.table], u) + 0.5)
    return float(np.maximum(days, 1).mean())


def shares(code: WorkforceCode, whole: bool) -> tuple[float, float]:
    """Long-run share of posts filled, and held by agency workers (renewal-reward theorem)."""
    a = float(code.agency_share[0])
    phases = (code.permanent, code.agency, code.recruitment, code.agency_gap)
    means = [whole_mean(phase) if whole else phase.mean for phase in phases]
    days = [weight * mean for weight, mean in zip((1 - a, a, 1 - a, a), means, strict=True)]
    return (days[0] + days[1]) / sum(days), days[1] / sum(days)


def assert_mean(sample: Any, expected: Any, bias: float = 0.0) -> None:
    """Futures [future, ...] have this mean, by t intervals that together fail once in 10,000."""
    sample = np.asarray(sample, dtype=float)
    looks = sample[0].size
    width = stats.t.isf(LEVEL / 2 / looks, len(sample) - 1)
    error = sample.std(axis=0, ddof=1) / math.sqrt(len(sample))
    assert np.all(np.abs(sample.mean(axis=0) - expected) <= width * error + bias)


@pytest.mark.parametrize("shape", range(len(SHAPES)))
def test_posts_are_filled_as_renewal_theory_has_it_on_every_day(shape):
    code = workforce(shape=shape)
    found = rosters(of_one(code, (0, MANY)))
    for agency, exact, rounded in zip(
        (None, 1), shares(code, whole=False), shares(code, whole=True), strict=True
    ):
        # The start follows the means, later days those in whole days; twice the difference bounds
        # what lies between, which for these means is below a thousandth.
        bias = 2 * abs(exact - rounded)
        assert bias < 1e-3
        sample = [in_post(roster, agency=agency) / MANY for roster in found]
        assert_mean(sample, exact, bias)


def leavers_and_due(program: Program, turnover: float) -> FloatArray:
    """Permanent leavers of each future, less those that the turnover makes of those in post."""
    rows = []
    for roster in rosters(program):
        left = sum(row.move == Move.LEAVE and not row.agency for row in roster.rows())
        rows.append(left - turnover * in_post(roster, agency=0).sum() / DAYS_PER_YEAR)
    return np.array(rows)


def test_permanent_workers_leave_at_the_rate_of_the_turnover():
    turnover = DAYS_PER_YEAR / 500
    program = of_one(workforce(shape=GAMMA), (0, MANY))
    # Those who may leave on a day are those of the evening before, counted one day late here: not
    # a worker's day in 500 where the number in post is steady.
    assert_mean(leavers_and_due(program, turnover)[:, None], 0.0, bias=0.1)


def test_half_the_turnover_is_half_the_leavers():
    # However long an exponential tenure has lasted, so half the rate is half at every moment.
    code = workforce(leaving=np.arange(DAYS + 1.0) / 2)
    program = of_one(code, (0, MANY))
    # Posts go from 9 in 10 filled to 19 in 20: ten workers counted a day too many.
    assert_mean(leavers_and_due(program, DAYS_PER_YEAR / 1000)[:, None], 0.0, bias=0.1)


@pytest.mark.parametrize("speed", [1, 2])
def test_added_posts_fill_as_an_exponential_gap_does(speed):
    code = workforce(
        permanent=PhaseCode(math.inf, EXPONENTIAL),
        agency_share=np.zeros(DAYS),
        hiring=speed * np.arange(DAYS + 1.0),
    )
    found = rosters(of_one(code, (0, 0), (100, MANY)))
    filled = np.sum([in_post(roster) for roster in found], axis=0)
    for after in (1, 5, 20, 50, 150):
        # A gap of x is the nearest whole number of days: filled by day t where x < speed × t + 1/2.
        expected = 1 - math.exp(-(speed * after + 0.5) / 50)
        exact = stats.binomtest(int(filled[100 + after]), FUTURES * MANY, expected)
        assert exact.pvalue > LEVEL / 5
    assert all(not in_post(roster)[:100].any() for roster in found)


def test_posts_added_before_the_start_may_be_filled_by_then():
    code = workforce(permanent=PhaseCode(math.inf, EXPONENTIAL), agency_share=np.zeros(DAYS))
    found = rosters(of_one(code, (-60, 0), (-60, MANY)))
    # Day −1 is 59 days later, and is told as the state before the first day.
    before = [sum(row.day == -1 for row in starts(roster)) / MANY for roster in found]
    assert_mean(np.array(before)[:, None], 1 - math.exp(-59.5 / 50), bias=1e-5)


def test_somebody_may_have_left_before_the_first_day():
    phases = {
        "permanent": PhaseCode(30.0, FIXED),
        "recruitment": PhaseCode(20.0, FIXED),
        "agency_share": np.zeros(DAYS),
    }
    roster = roster_of(of_one(workforce(**phases), (-60, 0), (-60, 1)), address_of(1, 0))
    # In post from day −40 to −10, then from day 10.
    assert spells(roster)[0] == (0, 0, 10, 40)
    assert in_post(roster)[:10].sum() == 0
    # Twice the turnover counts from day 0 on.
    faster = workforce(**phases, leaving=2 * np.arange(DAYS + 1.0))
    roster = roster_of(of_one(faster, (-60, 0), (-60, 1)), address_of(1, 0))
    assert spells(roster)[0] == (0, 0, 10, 25)


def test_posts_at_the_start_are_as_stated():
    program = of_one(workforce(), (0, 20), at_start=(5, 7))
    for roster in rosters(program):
        before = [row for row in starts(roster) if row.day == -1]
        assert len(before) == 15
        assert sum(row.agency for row in before) == 7


def test_posts_that_nobody_leaves_are_all_held_by_permanent_workers():
    code = workforce(permanent=PhaseCode(math.inf, EXPONENTIAL))
    roster = roster_of(of_one(code, (0, 30)), address_of(1, 0))
    assert roster.moves.tolist() == [[-1, Move.START, 0, post, 0, 0, 0] for post in range(30)]


def test_each_post_is_looked_up_in_its_own_table():
    u = (np.arange(2000) + 0.5) / 2000
    number = np.arange(len(SHAPES))[:, None]
    assert (_look_up(TABLES, number, u) == [look_up(table, u) for table in TABLES]).all()


# What a post's luck does not depend on


def test_a_longer_run_begins_as_a_shorter_one():
    short = roster_of(
        program_of(team("social", (0, 30), (200, 40)), days=700, workforces=(workforce(700),)),
        address_of(1, 3),
    )
    whole = roster_of(of_one(workforce(), (0, 30), (200, 40)), address_of(1, 3))
    assert short.moves.tolist() == [row for row in whole.moves.tolist() if row[0] < 700]
    assert len(short.moves) > 60


def test_more_posts_and_other_teams_change_nothing_for_a_post():
    address = address_of(1, 3)
    alone = roster_of(of_one(workforce(), (0, 30), (200, 40)), address)
    others = program_of(
        team("assessment", (0, 9)), team("social", (0, 35), (200, 60)), workforces=(workforce(),)
    )
    among = spells(roster_of(others, address))
    # Posts 30 to 34 are there from the start in one and added in the other.
    same = [*range(30), *range(35, 40)]
    mine = [row[1:] for row in spells(alone) if row[1] in same]
    assert mine == [row[1:] for row in among if row[0] == 1 and row[1] in same]
    assert len(mine) > 60


def test_the_arms_of_a_future_share_the_luck_of_every_post():
    # Where posts are filled half as fast, the same people come for the same time, later.
    slow = workforce(hiring=np.arange(DAYS + 1.0) / 2)
    one, two = (
        spells(roster_of(of_one(code, (0, 40)), address_of(1, 5))) for code in (workforce(), slow)
    )

    def tenures(rows: list[tuple[int, int, int, int]], post: int) -> list[int]:
        return [end - start for _, p, start, end in rows if p == post and start >= 0 <= end]

    seen = 0
    for post in range(40):
        if {p for _, p, start, _ in one if start == -1} & {post}:
            fast, late = tenures(one, post), tenures(two, post)
            assert late == fast[: len(late)]
            seen += len(late)
    assert seen > 30


# Establishments that change


def test_a_cut_takes_posts_when_they_are_next_empty():
    address = address_of(2, 0)
    kept = spells(roster_of(of_one(workforce(), (0, 40)), address))
    cut = spells(roster_of(of_one(workforce(), (0, 40), (400, 25)), address))
    # Who was there on the day stays until leaving; nobody else starts.
    assert cut == [row for row in kept if row[1] < 25 or row[2] < 400]
    assert any(row[1] >= 25 and row[3] > 400 for row in cut)
    assert any(row[1] >= 25 and row[2] >= 400 for row in kept)


def test_a_post_that_is_established_again_is_new():
    fixed = {
        "permanent": PhaseCode(100.0, FIXED),
        "recruitment": PhaseCode(30.0, FIXED),
        "agency_share": np.zeros(DAYS),
    }
    program = of_one(workforce(**fixed), (0, 0), (0, 1), (50, 0), (200, 1), (1000, 0))
    # Filled on day 30 and there until 130, cut by then; new on day 200.
    assert spells(roster_of(program, address_of(1, 0)))[:2] == [(0, 0, 30, 130), (0, 0, 230, 330)]
    again = spells(roster_of(program, address_of(1, 0)))
    assert all(start < 1000 for _, _, start, _ in again)


def test_a_post_cut_on_the_day_of_an_appointment_is_not_filled():
    fixed = {"recruitment": PhaseCode(30.0, FIXED), "agency_share": np.zeros(DAYS)}
    for day, filled in ((30, 0), (31, 1)):
        program = of_one(workforce(**fixed), (0, 0), (0, 1), (day, 0))
        assert len(starts(roster_of(program, address_of(1, 0)))) == filled


def test_an_establishment_changed_twice_on_a_day_has_the_second_number():
    assert _established(((0, 5), (10, 3), (10, 5)), 4) == ((-math.inf, math.inf),)


def test_posts_without_a_workforce_are_always_filled():
    program = program_of(
        team("social", (-20, 3), (-10, 2), (10, 1), (20, 3), workforce=NOBODY,
             limits=((0, 18), (15, 16), (2000, 12))),
        team("none", workforce=NOBODY, unlimited=True, limits=()),
    )  # fmt: skip
    assert roster_of(program, address_of(1, 0)).moves.tolist() == [
        [-1, Move.START, 0, 0, 0, 0, 0],
        [-1, Move.START, 0, 1, 0, 0, 0],
        [10, Move.LEAVE, 0, 1, 0, 0, 0],
        [15, Move.LIMIT, 0, NOBODY, 0, 0, 16],
        [20, Move.START, 0, 1, 0, 0, 0],
        [20, Move.START, 0, 2, 0, 0, 0],
    ]


def test_moves_happen_by_day_then_leavers_before_starters():
    code = workforce(newly_qualified=0.5, protected_share=0.25, protected_days=200)
    teams = (team("a", (0, 30)), team("b", (0, 30), limits=((0, 18), (300, 15))))
    roster = roster_of(program_of(*teams, workforces=(code,)), address_of(1, 0))
    places = [row[:4] for row in roster.rows()]
    assert places == sorted(places)
    assert {row.move for row in roster.rows()} == set(Move)


# Who is appointed


def test_an_agency_effect_changes_who_is_appointed_from_its_day_on():
    share = np.where(np.arange(DAYS) < 500, 0.5, 0.0)
    found = rosters(of_one(workforce(agency_share=share), (0, MANY)))
    early = [[row.agency for row in starts(r) if 0 <= row.day < 500] for r in found]
    late = [row.agency for roster in found for row in starts(roster) if row.day >= 500]
    assert_mean(np.array([sum(row) - 0.5 * len(row) for row in early])[:, None], 0.0)
    assert late
    assert not any(late)


def test_the_newly_qualified_are_spared_until_their_protection_ends():
    code = workforce(newly_qualified=0.4, protected_share=0.25, protected_days=180)
    limits = ((0, 18), (600, 12))
    roster = roster_of(of_one(code, (0, 150), limits=limits), address_of(1, 0))
    ends = {(row.post, row.day) for row in roster.rows() if row.move == Move.FULL}
    leaves = {(post, start): leave for _, post, start, leave in spells(roster)}
    new = [row for row in starts(roster) if row.newly]
    assert not any(row.agency for row in new)
    assert {row.value for row in starts(roster) if not row.newly} == {0}
    for row in (row for row in new if row.day >= 0):
        assert row.value == (round(18 / 4) if row.day < 600 else 3)
        leave = leaves[row.post, row.day]
        stays = (leave == -1 or leave > row.day + 180) and row.day + 180 < DAYS
        assert ((row.post, row.day + 180) in ends) == stays
    assert all(
        0 <= min(day for post, day in ends if post == row.post) < 180
        for row in new
        if row.day == -1 and not 0 <= leaves[row.post, -1] < 180
    )


def test_those_newly_qualified_at_the_start_are_in_proportion():
    # An exponential tenure has lasted less than 180 days with chance 1 − exp(−180/500).
    code = workforce(newly_qualified=0.4, protected_share=0.5, protected_days=180)
    found = rosters(of_one(code, (0, MANY)))
    rows = [[row for row in starts(roster) if row.day == -1 and not row.agency] for roster in found]
    expected = 0.4 * (1 - math.exp(-180 / 500))
    sample = [sum(row.newly for row in before) - expected * len(before) for before in rows]
    assert_mean(np.array(sample)[:, None], 0.0)


# Training


def trained(*teams: TeamCode, days: int = 60, **changes: Any) -> FloatArray:
    plain: dict[str, Any] = {
        "teams": (0,), "courses": ((10, 2), (20, 2)), "skill_first": 0.4, "skill_days": 10,
        "reference": 1.0,
    }  # fmt: skip
    training = TrainingCode(**plain | changes)
    codes = (workforce(days),)
    program = program_of(*teams, days=days, workforces=codes, training=training)
    return roster_of(program, address_of(1, 0)).force[0]


def test_skill_begins_on_the_day_of_the_course_and_grows_until_it_is_whole():
    force = trained(team("social", (0, 3), workforce=NOBODY))
    # Two of three on day 10, the third on day 20.
    assert force[9] == 0
    assert force[[10, 15, 20, 25, 30, 59]] == pytest.approx(
        [2 * 0.4 / 3, 2 * 0.7 / 3, (2 + 0.4) / 3, (2 + 0.7) / 3, 1, 1], abs=1e-12
    )


def test_skill_is_measured_against_that_of_the_evidence():
    force = trained(team("social", (0, 3), workforce=NOBODY), reference=0.5)
    assert force[[0, 20, 30]] == pytest.approx([0, 2 * 2.4 / 3, 2], abs=1e-12)


def test_courses_before_the_start_have_grown_by_then():
    force = trained(team("social", (0, 2), workforce=NOBODY), courses=((-4, 2),))
    assert force[[0, 3, 6]] == pytest.approx([0.4 + 0.6 * 0.4, 0.4 + 0.6 * 0.7, 1], abs=1e-12)


def test_starters_wait_for_the_next_course():
    posts = team("social", (0, 2), (15, 3), workforce=NOBODY)
    force = trained(posts, courses=((10, 9), (30, 9)), skill_first=1.0, skill_days=0)
    assert force[[14, 15, 29, 30]] == pytest.approx([1, 2 / 3, 2 / 3, 1], abs=1e-12)


def test_skill_goes_with_the_worker_who_has_it():
    posts = team("social", (0, 2), (15, 1), (25, 2), workforce=NOBODY)
    force = trained(posts, courses=((10, 9),), skill_first=1.0, skill_days=0)
    assert force[[14, 15, 25]] == pytest.approx([1, 1, 1 / 2], abs=1e-12)
    assert force[:10].tolist() == [0.0] * 10


def test_those_who_have_left_take_no_seat():
    teams = (
        team("a", (0, 2), (5, 1), workforce=NOBODY),
        team("b", (0, 2), workforce=NOBODY),
    )
    force = trained(*teams, teams=(0, 1), courses=((10, 2),), skill_first=1.0, skill_days=0)
    assert force[[9, 10, 59]] == pytest.approx([0, 2 / 3, 2 / 3], abs=1e-12)


def test_a_worker_who_leaves_while_learning_takes_what_was_learnt():
    posts = team("social", (0, 3), (13, 2), (30, 1), workforce=NOBODY)
    force = trained(posts, courses=((10, 9),))
    assert force[[12, 13, 30]] == pytest.approx([0.4 + 0.6 * 0.2, 0.4 + 0.6 * 0.3, 1], abs=1e-12)


def test_a_course_never_has_more_than_its_seats():
    courses = tuple((day, 6) for day in range(30, DAYS, 90))
    training = TrainingCode((0, 1), courses, 1.0, 0, 1.0)
    teams = (team("a", (0, 30)), team("b", (0, 20), (400, 40)), team("c", (0, 9)))
    program = program_of(*teams, workforces=(workforce(),), training=training)
    for roster in rosters(program, 10):
        rows = [row for row in roster.rows() if row.team < 2]
        staff = in_post(replace_moves(roster, rows))
        counted = roster.force[0] * staff
        assert np.abs(counted - np.round(counted)).max() < 1e-9
        rise = np.diff(np.round(counted), prepend=0)
        assert rise[[day for day, _ in courses]].max() == 6
        assert np.delete(rise, [day for day, _ in courses]).max() <= 0


def replace_moves(roster: Roster, rows: list[Movement]) -> Roster:
    return Roster(np.array(rows, dtype=np.int64), roster.force)


def test_turnover_carries_skill_away():
    def last(mean: float) -> FloatArray:
        training = TrainingCode((0,), ((0, MANY),), 1.0, 0, 1.0)
        code = workforce(permanent=PhaseCode(mean, EXPONENTIAL), agency_share=np.zeros(DAYS))
        program = program_of(team("a", (0, MANY)), workforces=(code,), training=training)
        return np.array([[roster.force[0, 1000]] for roster in rosters(program)])

    # Of those in post on a day, those of day 0 are exp(−1000 ÷ mean) × share in post ÷ the same.
    assert_mean(last(1000.0), math.exp(-1), bias=1e-3)
    assert_mean(last(250.0), math.exp(-4), bias=1e-3)


def test_without_training_or_without_posts_everybody_is_trained():
    assert (roster_of(of_one(workforce(), (0, 3)), address_of(1, 0)).force[0] == 1).all()
    assert (trained(team("none", unlimited=True, workforce=NOBODY, limits=())) == 1).all()


# A service in crisis


def test_a_crisis_takes_the_practice_away_for_good_and_lasts_its_days():
    program = program_of(
        team("a", (0, 3)), workforces=(workforce(),), crisis=CrisisCode(400.0, 100)
    )
    force = roster_of(program, address_of(1, 1)).force
    day = int(np.argmax(force[1]))
    assert 0 < day < DAYS - 100
    assert force[0].tolist() == [1.0] * day + [0.0] * (DAYS - day)
    assert force[1].tolist() == [0.0] * day + [1.0] * 100 + [0.0] * (DAYS - day - 100)


def test_a_crisis_comes_on_the_same_day_in_every_arm_and_to_every_luck():
    one = program_of(team("a", (0, 3)), workforces=(workforce(),), crisis=CrisisCode(400.0, 100))
    two = program_of(team("b", (0, 5)), workforces=(workforce(),), crisis=CrisisCode(400.0, 100))
    rows = [
        roster_of(program, Address(1, 4, 1, luck)).force[1].tolist()
        for program in (one, two)
        for luck in (2, 3)
    ]
    assert rows[1:] == rows[:1] * 3
    assert roster_of(one, Address(1, 4, 0, 0)).force[1].tolist() != rows[0]


def test_a_crisis_has_come_by_the_end_with_its_chance():
    program = program_of(team("a", (0, 1)), workforces=(workforce(),), crisis=CrisisCode(DAYS, 1))
    came = [roster_of(program, Address(1, n, 0, 0)).force[1].any() for n in range(1000)]
    assert stats.binomtest(sum(came), 1000, 1 - math.exp(-1)).pvalue > LEVEL
