"""Which queues grow without end, and how many workers would keep up with them."""

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from analysis_examples import (
    FIVE_YEARS,
    TWO_YEARS,
    a_scenario,
    a_study,
    a_team,
    some_outcomes,
)
from worlds import leaving, stay, study_of

from simfs.analysis.measures import weekly_metrics, yearly_metrics
from simfs.analysis.outcomes import Outcomes
from simfs.analysis.queues import growing_queues, load_days, work_in_hand
from simfs.experiment.future import run_future
from simfs.scenario.demand import Demand
from simfs.scenario.scenario import Study
from simfs.scenario.workforce import CaseloadUnit

FUTURES = 40


def outcomes_of(study: Study, futures: int = 24) -> Outcomes:
    """So many futures of one arm, by the engine that is there to be read."""
    results = [run_future(study, 3, number, "reference") for number in range(futures)]
    index = np.arange(futures)
    return Outcomes(
        study=study,
        arms=tuple(arm.arm for arm in study.arms),
        seed=3,
        futures=futures,
        draws=index // 4,
        drifts=index % 4 // 2,
        lucks=index % 4,
        yearly=np.stack([yearly for yearly, _ in results], axis=1),
        weekly=np.stack([weekly for _, weekly in results], axis=1),
        metrics=yearly_metrics(study),
        weekly_metrics=weekly_metrics(study),
        engine="reference",
    )


def overrun(posts: int) -> Study:
    """Three years of one team of ten children a worker, a hundred days each, in two stages."""
    stages = {
        "assess": {"team": "team", "stay": stay(40), "routes": leaving(plan=1)},
        "plan": {"team": "team", "stay": stay(60), "routes": leaving(out=1)},
    }
    return study_of(
        days=1096,
        streams={"a": {"to": "assess", "per_year": 1.18 * 365.25}},
        teams={"team": {"posts": posts, "caseload": 10, "label": "Duty"}},
        stages=stages,
    )


def test_a_team_that_is_short_of_workers_is_told_how_many_and_keeps_up_with_them():
    # 1.18 children a day for 40 + 60 days are 118 in hand: 11.8 workers of ten, and ten are there
    (queue,) = growing_queues(outcomes_of(overrun(10)))
    assert (queue.arm, queue.team) == ("today", "team")
    # Means over two years of a queue that comes and goes by 2.2 a day (1.18 come, 1 leaves) differ
    # by a variance of 2.2 × 365 × 2/3: 23 children, 4.7 in the mean of 24 futures, which are 0.13
    # workers (× 100 ÷ 365 ÷ 10); four of these
    assert queue.workers == pytest.approx(1.8, abs=4 * 0.13)
    assert queue.workers_low < 1.8 < queue.workers_high
    assert queue.children_a_year == pytest.approx(0.18 * 365.25, abs=4 * 4.7)
    assert queue.words.startswith("Duty: at least 2 more social workers needed to keep up")
    enough = 10 + math.ceil(queue.workers_high)
    assert growing_queues(outcomes_of(overrun(enough))) == ()


def test_families_that_do_not_fit_and_stages_of_other_teams_do_not_hide_a_queue():
    study = study_of(
        days=1096,
        families={"sizes": [0.4, 0.3, 0.3]},
        streams={"a": {"to": "first", "per_year": 500}},
        teams={
            "door": {"posts": 20, "caseload": 20},
            "long": {"posts": 10, "caseload": 8, "rule": "within_limit"},
        },
        stages={
            "first": {"team": "door", "stay": stay(10), "routes": leaving(later=0.5, out=0.5)},
            "later": {"team": "long", "stay": stay(90), "routes": leaving(out=1)},
        },
    )
    (queue,) = growing_queues(outcomes_of(study, 24))
    assert queue.team == "long"
    # 500 families of 1.9 children, half of them for 90 days: 117 children for 80 places, of which
    # a list that stops leaves up to two of eight unused: from 117/8 − 10 to 117/6 − 10
    assert 4.6 < queue.workers < 9.5


def made_up(
    growth: float, load: float, weeks: int = 208, posts: float = 30.0, spread: float = 3.0
) -> Outcomes:
    """So many more children wait each year, in every other draw `spread` more, else fewer."""
    luck = spread * (1 - 2 * (np.arange(FUTURES) // 4 % 2))[:, np.newaxis]
    slopes = growth + luck

    def by_week(arm: str, key: str) -> Any:
        values = {
            "unallocated.safeguarding": 500 + slopes * np.arange(weeks) / 52,
            "caseload.safeguarding": load,
            "posts.safeguarding": posts,
        }
        return values.get(key)

    scenario = a_scenario(calendar=FIVE_YEARS if weeks > 104 else TWO_YEARS)
    return some_outcomes(a_study((scenario,)), FUTURES, weeks=weeks, by_week=by_week)


def test_a_queue_that_is_steady_or_falls_is_not_told_of():
    assert len(growing_queues(made_up(40.0, 18.0))) == 1
    assert growing_queues(made_up(-40.0, 18.0)) == ()
    assert growing_queues(made_up(0.0, 18.0)) == ()


def test_growth_that_luck_can_explain_is_not_told_of():
    # ten draws that lie 200 from their mean: its interval is ± 2.26 × 200 ÷ √9 = 151 a year
    assert growing_queues(made_up(140.0, 18.0, spread=200.0)) == ()
    assert len(growing_queues(made_up(160.0, 18.0, spread=200.0))) == 1


def test_a_queue_beside_workers_with_room_is_no_shortage_and_one_without_workers_is():
    assert growing_queues(made_up(40.0, 12.0)) == ()
    assert len(growing_queues(made_up(40.0, 0.0, posts=0.0))) == 1


def test_no_more_workers_are_asked_for_than_hold_the_work_of_a_service_without_a_queue():
    # what a long queue adds by crises goes with the queue: half a worker is missing
    work = work_in_hand(a_scenario(), a_scenario().team("safeguarding"))
    posts = work / 18 - 0.5
    (queue,) = growing_queues(made_up(40_000.0, 18.0, posts=posts))
    assert queue.workers == queue.workers_low == pytest.approx(0.5)


def test_growth_of_less_than_half_a_caseload_a_year_is_not_worth_telling():
    assert growing_queues(made_up(7.0, 18.0)) == ()
    assert len(growing_queues(made_up(11.0, 18.0))) == 1


def test_nothing_is_said_of_less_than_two_years_or_of_too_few_futures():
    assert len(growing_queues(made_up(40.0, 18.0, weeks=104))) == 1
    assert growing_queues(made_up(40.0, 18.0, weeks=103)) == ()
    few = made_up(40.0, 18.0)
    few = dataclasses.replace(
        few, futures=4, draws=few.draws[:4], weekly=few.weekly[:, :4], yearly=few.yearly[:, :4]
    )
    assert growing_queues(few) == ()


def test_the_days_in_a_teams_hands_are_those_of_all_its_stages_until_a_child_leaves_it():
    team = a_team()
    # assessment takes 100 days, and three of ten go on to a plan of 100 days in the same team
    assert load_days(a_scenario(), team) == pytest.approx(100 + 0.3 * 100)
    # families of two children on average, in a team that counts families
    families = dataclasses.replace(team, unit=CaseloadUnit.FAMILIES)
    scenario = a_scenario()
    demand = Demand(scenario.demand.streams, sizes=(0.25, 0.5, 0.25))
    scenario = dataclasses.replace(scenario, demand=demand)
    assert load_days(scenario, families) == pytest.approx(130 / 2)


def test_the_sentence_gives_whole_workers_rounded_up():
    (queue,) = growing_queues(made_up(40.0, 18.0))
    words = dataclasses.replace(queue, workers=5.2, workers_low=4.1, workers_high=6.3).words
    assert words.startswith(
        "Safeguarding: at least 6 (5 to 7) more social workers needed to keep up"
    )
    words = dataclasses.replace(queue, workers=0.4, workers_low=0.2, workers_high=0.6).words
    assert words.startswith("Safeguarding: at least 1 more social worker needed to keep up")
