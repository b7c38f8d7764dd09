"""Erlang's formula against published values, its limits and simulated teams."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from worlds import Table, futures, leaving, program_of, stay, study_of

from simfs.analysis.erlang import Queue, fewest_posts, held_by_a_post
from simfs.analysis.queues import work_in_hand
from simfs.engine.counting import tally
from simfs.scenario.config import load

BURY = Path(__file__).parents[1] / "configs" / "bury.toml"
DAYS, WARM = 12_775, 1_825
MEAN = 60.0


@pytest.mark.parametrize(
    ("slots", "load", "chance", "waiting"),
    [
        (1, 0.8, 0.8, 3.2),  # M/M/1: the load, and its square over what is free
        (2, 1.0, 1 / 3, 1 / 3),
        # Gross and Harris, section 2.3: an eye clinic of three doctors, 8/9 of a patient waits
        (3, 2.0, 4 / 9, 8 / 9),
        (10, 8.0, 0.40918, 1.63672),
    ],
)
def test_chances_and_queues_are_those_of_the_textbooks(slots, load, chance, waiting):
    queue = Queue(slots, load)
    assert queue.chance_of_waiting == pytest.approx(chance, rel=1e-5)
    assert queue.mean_waiting == pytest.approx(waiting, rel=1e-5)


@pytest.mark.parametrize(("slots", "load", "lost"), [(10, 4.46, 0.01), (100, 84.06, 0.01)])
def test_the_loss_behind_it_is_that_of_the_telephone_tables(slots, load, lost):
    # Erlang's B of the published tables, to their two decimals of load; C = B / (1 − ρ (1 − B))
    busy = load / slots
    assert Queue(slots, load).chance_of_waiting == pytest.approx(
        lost / (1 - busy * (1 - lost)), rel=0.01
    )


def test_thousands_of_slots_are_those_of_the_recursion():
    slots, load, lost = 5_000, 4_900.0, 1.0
    for number in range(1, slots + 1):
        lost = load * lost / (number + load * lost)
    exact = lost / (1 - load / slots * (1 - lost))
    assert Queue(slots, load).chance_of_waiting == pytest.approx(exact, rel=1e-9)


def test_the_limits_are_nobody_waits_and_everybody_does():
    assert Queue(1e6, 10).chance_of_waiting == pytest.approx(0, abs=1e-300)
    assert Queue(10, 10 - 1e-9).chance_of_waiting == pytest.approx(1, abs=1e-8)
    assert Queue(10, 10).chance_of_waiting == 1
    assert Queue(10, 10).mean_waiting == math.inf
    assert Queue(10, 12).chance_of_fewer(5) == 0
    assert Queue(0, 0).chance_of_fewer(1) == 1
    assert Queue(10, 8).chance_of_fewer(0) == 0


def a_team(posts: Any, load: float, sizes: tuple[float, ...] = (1.0,), **team: Any) -> Table:
    """One stage of one team with `load` children in hand if nobody waited."""
    size = sum(number * share for number, share in enumerate(sizes, start=1))
    return {
        "days": DAYS,
        "families": {"sizes": list(sizes)},
        "streams": {"a": {"to": "work", "per_year": load / size / MEAN * 365.25}},
        "teams": {
            "team": ({"posts": posts} if posts == "unlimited" else {"posts": posts, "caseload": 4})
            | team
        },
        "stages": {"work": {"team": "team", "stay": stay(MEAN), "routes": leaving(out=1)}},
    }


def shares_of_days(tables: Table, waiting_under: int) -> np.ndarray:
    """Share of days with fewer children waiting than that, by future."""
    program = program_of(**tables)
    counted = (tally(history, program) for history in futures(program, 5, 8))
    return np.array([(one.waiting_children[0, WARM:] < waiting_under).mean() for one in counted])


def test_a_simulated_team_has_the_queue_of_the_formula():
    tables = a_team(3, 9.0)
    assert held_by_a_post(study_of(**tables).arms[0].teams[0]) == 4
    found = shares_of_days(tables, 2)
    # four standard errors of eight futures; the whole-day clock moves a stay of 60 by little
    error = 4 * found.std(ddof=1) / math.sqrt(len(found))
    assert error < 0.1, "too noisy to see what the test is for"
    assert found.mean() == pytest.approx(Queue(12, 9).chance_of_fewer(2), abs=error)


def test_families_that_come_together_wait_as_hayward_says_and_more_than_each_child_by_itself():
    tables = a_team(5, 34.0, sizes=(0.2, 0.3, 0.5), caseload=8)
    size = (0.2 * 1 + 0.3 * 4 + 0.5 * 9) / 2.3
    held = 5 * held_by_a_post(study_of(**tables).arms[0].teams[0], size)
    # a worker under the limit of 8 takes a whole family: half of z − 1 more on average
    assert held == pytest.approx(5 * (8 + (size - 1) / 2))
    found = shares_of_days(tables, 5)
    error = 4 * found.std(ddof=1) / math.sqrt(len(found))
    together = Queue(held / size, 34 / size).chance_of_fewer(5 / size)
    assert error < 0.1, "too noisy to see what the test is for"
    assert found.mean() == pytest.approx(together, abs=error)
    assert found.mean() < Queue(held, 34).chance_of_fewer(5) - error


def test_the_fewest_posts_hold_the_target_and_one_less_does_not():
    scenario = study_of(**a_team(1, 60.0)).arms[0]
    found = fewest_posts(scenario.teams[0], scenario, waiting_under=5, share=0.95)
    assert (found.to_keep_up, found.by_itself, found.together) == (15, 18, 18)
    assert Queue(18 * 4, 60).chance_of_fewer(5) >= 0.95 > Queue(17 * 4, 60).chance_of_fewer(5)
    assert "at least 15 posts to keep up" in found.words
    assert "fewer than 5 children waiting in 95% of weeks" in found.words


def test_vacancies_and_families_ask_for_more_posts_and_a_caseload_of_families_for_no_bundles():
    sizes = (0.2, 0.3, 0.5)
    bundled = study_of(**a_team(1, 60.0, sizes)).arms[0]
    in_families = study_of(**a_team(1, 60.0, sizes, unit="families")).arms[0]
    staff = {"turnover": 1.0, "recruitment_days": 365.25}  # half of the posts are empty
    vacant = study_of(**a_team(1, 60.0, workforce="staff"), workforces={"staff": staff}).arms[0]
    one, two, three = (fewest_posts(s.teams[0], s) for s in (bundled, in_families, vacant))
    assert one.to_keep_up < one.by_itself < one.together
    assert two.in_hand == pytest.approx(60 / 2.3)
    assert two.by_itself == two.together
    assert three.to_keep_up == 30


def test_what_needs_no_posts_or_has_no_target_is_refused():
    scenario = study_of(**a_team(1, 60.0)).arms[0]
    unlimited = study_of(**a_team("unlimited", 60.0) | {"days": 100}).arms[0]
    with pytest.raises(ValueError, match="unlimited"):
        fewest_posts(unlimited.teams[0], unlimited)
    for target in ({"share": 1.0}, {"share": 0.0}, {"waiting_under": 0}):
        with pytest.raises(ValueError, match="no target"):
            fewest_posts(scenario.teams[0], scenario, **target)


def test_bury_has_posts_enough_for_its_work_and_the_bounds_are_in_order():
    scenario = load(BURY).arms[0]
    team = scenario.team("safeguarding")
    found = fewest_posts(team, scenario)
    assert found.to_keep_up < found.by_itself < found.together < team.posts_on(0)
    # a worker's own work is a little less than the elapsed stays that are published
    assert 0.98 * work_in_hand(scenario, team) < found.in_hand < work_in_hand(scenario, team)
    in_care = fewest_posts(scenario.team("children_in_care"), scenario)
    assert in_care.by_itself == in_care.together  # each child is a case of its own there
