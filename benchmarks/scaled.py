"""The same study under more load, for a larger council, or for longer."""

import math
from dataclasses import replace
from datetime import date

from simfs.scenario.demand import Stream
from simfs.scenario.pathway import CaseUnit
from simfs.scenario.scenario import DAYS_PER_YEAR, Calendar, Scenario, Study
from simfs.scenario.workforce import Team


def scaled(study: Study, load: float = 1.0, size: float = 1.0, years: float | None = None) -> Study:
    """The study with each arm changed.

    Args:
        study: what to change.
        load: multiplies arrivals; the staff and those there at the start stay as they are.
        size: multiplies arrivals, opening stocks and posts.
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
        replace(change, posts=max(math.floor(change.posts * size + 0.5), min(change.posts, 1)))
        for change in team.establishment
    )
    return replace(team, establishment=establishment)
