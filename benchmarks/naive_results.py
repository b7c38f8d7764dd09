"""What the naive version writes down, and its statistics at the end."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from statistics import fmean
from typing import Any, NamedTuple

from simfs.scenario.scenario import Scenario


class Event(NamedTuple):
    """One thing that happened to a family or a child."""

    day: float
    case: int
    kind: str
    stage: str
    children: int
    detail: Any


class Week(NamedTuple):
    """What the monitor saw: children by stage, and slots in use and asked for by team."""

    day: float
    children: dict[str, int]
    used: dict[str, int]
    queue: dict[str, int]


@dataclass(frozen=True, slots=True)
class Results:
    """One future of one arm.

    Attributes:
        events: in the order they happened.
        weekly: what the monitor saw.
        stage_children: mean children in each stage over the run.
        child_days, entries: by (year, stage); `routes` by (year, stage, route), children.
        placement_days: by (year, placement, cost band), child-days.
        waited: mean days that a family waited for a worker, by team.
        dose: mean dose of the stays that had a need, percent.
    """

    events: list[Event]
    weekly: list[Week]
    stage_children: dict[str, float]
    child_days: Counter[tuple[int, str]]
    entries: Counter[tuple[int, str]]
    routes: Counter[tuple[int, str, str]]
    placement_days: Counter[tuple[int, str, int]]
    waited: dict[str, float]
    dose: float


def summarise(scenario: Scenario, events: list[Event], weekly: list[Week]) -> Results:
    """The statistics of a run, from the list of what happened."""
    days, years = scenario.calendar.days, scenario.calendar.years
    specialised = {stage.key for stage in scenario.pathway.stages if stage.specialists}
    team_of = {stage.key: stage.team for stage in scenario.pathway.stages}
    year_of = [number for number, (_, first, end) in enumerate(years) for _ in range(first, end)]
    child_days: Counter[tuple[int, str]] = Counter()
    entries: Counter[tuple[int, str]] = Counter()
    routes: Counter[tuple[int, str, str]] = Counter()
    placement_days: Counter[tuple[int, str, int]] = Counter()
    waited: dict[str, list[float]] = defaultdict(list)
    doses: list[int] = []
    entered: dict[int, Event] = {}
    placed: dict[int, Event] = {}

    def close(case: int, day: float) -> None:
        """Count the days of a case's stay by year."""
        start, placement = entered.pop(case), placed.pop(case, None)
        for year, (_, first, end) in enumerate(years):
            inside = int(min(day, end) - max(start.day, first)) * start.children
            if inside > 0:
                child_days[year, start.stage] += inside
                if placement is not None:
                    placement_days[year, *placement.detail] += inside

    for event in events:
        year = year_of[int(event.day)]
        match event.kind:
            case "enter":
                entered[event.case] = event
                entries[year, event.stage] += event.children
            case "placed":
                placed[event.case] = event
            case "worker":
                waited[team_of[event.stage] or ""].append(event.detail)
            case "route":
                routes[year, event.stage, event.detail] += event.children
            case "end" | "crisis":
                close(event.case, event.day)
                if event.kind == "end" and event.stage in specialised and event.detail is not None:
                    doses.append(event.detail)
    for number in list(entered):
        close(number, days)
    stage_children: Counter[str] = Counter()
    for (_, stage), total in child_days.items():
        stage_children[stage] += total
    return Results(
        events=events,
        weekly=weekly,
        stage_children={key: stage_children[key] / days for key in team_of},
        child_days=child_days,
        entries=entries,
        routes=routes,
        placement_days=placement_days,
        waited={team: fmean(days) for team, days in waited.items()},
        dose=fmean(doses) if doses else 0.0,
    )
