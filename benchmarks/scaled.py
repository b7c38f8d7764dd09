"""The same study under more load, for a larger council, for longer, or with a plainer staff."""

import math
from dataclasses import replace
from datetime import date
from pathlib import Path

from simfs.scenario import config
from simfs.scenario.demand import Stream
from simfs.scenario.pathway import CaseUnit
from simfs.scenario.practice import PracticeModel
from simfs.scenario.scenario import DAYS_PER_YEAR, Calendar, Scenario, Study
from simfs.scenario.workforce import AtStart, Team

# What SimPy's resources and Ciw's servers do not express; see README.md.
LIVING = ("turnover", "training", "workforce_effects", "slip", "reform", "service_crisis")


def plain(path: Path) -> Study:
    """The study of a file in which posts are always filled and effects begin on their dates.

    It is what every version can express: all of `LIVING` is switched off.
    """
    return config.load(path, sets=[f"mechanisms.{key}=false" for key in LIVING])


def scaled(study: Study, load: float = 1.0, size: float = 1.0, years: float | None = None) -> Study:
    """The study with each arm changed.

    Args:
        study: what to change.
        load: multiplies arrivals; the staff and those there at the start stay as they are.
        size: multiplies arrivals, opening stocks, posts and seats of courses.
        years: length of the run; None leaves it.
    """
    return replace(study, arms=tuple(_arm(arm, load, size, years) for arm in study.arms))


def shortened(study: Study, days: int) -> Study:
    """The same study for fewer days."""
    calendar = Calendar(study.arms[0].calendar.start, days)
    return replace(study, arms=tuple(replace(arm, calendar=calendar) for arm in study.arms))


def of_one_child(study: Study) -> Study:
    """The same study with as many children, each a family of its own.

    There a slot for each child and a caseload of children mean the same, whatever the rule.
    """
    return replace(study, arms=tuple(_of_one_child(arm) for arm in study.arms))


def _of_one_child(arm: Scenario) -> Scenario:
    demand = arm.demand
    streams = tuple(
        stream
        if arm.pathway.stage(stream.to).unit is CaseUnit.CHILD
        else _faster(stream, demand.mean_size)
        for stream in demand.streams
    )
    return replace(arm, demand=replace(demand, streams=streams, sizes=(1.0,)))


def _arm(arm: Scenario, load: float, size: float, years: float | None) -> Scenario:
    stages = tuple(replace(stage, opening=stage.opening * size) for stage in arm.pathway.stages)
    return replace(
        arm,
        calendar=arm.calendar if years is None else _calendar(arm.calendar.start, years),
        pathway=replace(arm.pathway, stages=stages),
        demand=replace(
            arm.demand,
            streams=tuple(_faster(stream, load * size) for stream in arm.demand.streams),
        ),
        teams=tuple(_team(team, size) for team in arm.teams),
        practice=arm.practice and _seated(arm.practice, size),
    )


def _calendar(start: date, years: float) -> Calendar:
    """Whole years end on the date they began on."""
    if years == int(years):
        return Calendar(start, (start.replace(year=start.year + int(years)) - start).days)
    return Calendar(start, round(years * DAYS_PER_YEAR))


def _faster(stream: Stream, factor: float) -> Stream:
    return replace(stream, per_year=tuple((day, rate * factor) for day, rate in stream.per_year))


def _team(team: Team, size: float) -> Team:
    """Posts to the nearest whole post; a team that has any keeps at least one."""
    establishment = tuple(
        replace(change, posts=_whole(change.posts, size)) for change in team.establishment
    )
    stated = team.at_start
    if stated is not None:
        stated = AtStart(math.floor(stated.vacant * size), math.floor(stated.agency * size))
    return replace(team, establishment=establishment, at_start=stated)


def _seated(practice: PracticeModel, size: float) -> PracticeModel:
    """Seats of courses as posts."""
    training = practice.training
    if training is None:
        return practice
    courses = tuple(replace(c, seats=_whole(c.seats, size)) for c in training.courses)
    seats = _whole(training.rolling_seats, size)
    return replace(practice, training=replace(training, courses=courses, rolling_seats=seats))


def _whole(number: int, size: float) -> int:
    """So many times a number, to the nearest whole; none stays none, and some at least one."""
    return max(math.floor(number * size + 0.5), min(number, 1))
