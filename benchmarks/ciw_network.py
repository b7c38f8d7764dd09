"""The queue scenario as a Ciw user writes it: a node per stage, its servers, a routing matrix.

Times are whole days, as in simfs: an arrival happens on the day its moment falls in, and a stay is
rounded and lasts at least a day.
"""

import math
import random
from typing import Any

import ciw

from simfs.scenario import durations as d
from simfs.scenario.pathway import CaseUnit, Stage, WithoutWorker
from simfs.scenario.scenario import DAYS_PER_YEAR, Scenario
from simfs.scenario.workforce import CaseloadUnit

if not ciw.__version__.startswith("3."):
    raise ImportError(f"these benchmarks are written for Ciw 3.x, not {ciw.__version__}")


class Arrivals(ciw.dists.Distribution):
    """Gaps between the days of a Poisson stream; several may come on one day."""

    def __init__(self, per_day: float) -> None:
        self.per_day = per_day
        self.moment = 0.0
        self.day = 0

    def sample(self, t: float | None = None, ind: Any = None) -> float:
        """Days to the next arrival."""
        self.moment += random.expovariate(self.per_day)
        gap = math.floor(self.moment) - self.day
        self.day += gap
        return float(gap)


class Lognormal(ciw.dists.Distribution):
    """A lognormal stay in whole days."""

    def __init__(self, mean_days: float, cv: float) -> None:
        self.sigma = math.sqrt(math.log1p(cv**2))
        self.mu = math.log(mean_days) - self.sigma**2 / 2

    def sample(self, t: float | None = None, ind: Any = None) -> float:
        """Days."""
        return whole_days(random.lognormvariate(self.mu, self.sigma))


class Gamma(ciw.dists.Distribution):
    """A gamma stay in whole days."""

    def __init__(self, mean_days: float, cv: float) -> None:
        self.shape = cv**-2
        self.scale = mean_days / self.shape

    def sample(self, t: float | None = None, ind: Any = None) -> float:
        """Days."""
        return whole_days(random.gammavariate(self.shape, self.scale))


def whole_days(days: float) -> float:
    """To the nearest day, at least one."""
    return float(max(1, math.floor(days + 0.5)))


def check_expressible(scenario: Scenario) -> None:
    """Refuse what a network of stages with servers of their own cannot stand for."""
    teams = [stage.team for stage in scenario.pathway.stages if stage.team is not None]
    faults = {
        "a practice model": scenario.practice is not None,
        "several children": len(scenario.demand.sizes) > 1,
        "opening stocks": any(stage.opening >= 0.5 for stage in scenario.pathway.stages),
        "splits": bool(scenario.pathway.splits),
        "a team of several stages": len(teams) > len(set(teams)),
        "a stage that is not a plain queue": not all(map(_plain, scenario.pathway.stages)),
        "arrivals that change": any(len(s.per_year) > 1 for s in scenario.demand.streams),
        "turnover": any(team.workforce is not None for team in scenario.teams),
        "a national reform": scenario.reform is not None,
        "a service in crisis": scenario.service_crisis is not None,
        "posts or caseloads that change": any(
            len(team.establishment) > 1
            or len(team.caseload) > 1
            or team.unit is not CaseloadUnit.FAMILIES
            for team in scenario.teams
        ),
    }
    found = [words for words, is_so in faults.items() if is_so]
    if found:
        raise ValueError(f"the Ciw version does not express {', '.join(found)}")


def _plain(stage: Stage) -> bool:
    """Whether a stage is a queue with servers, or a delay without any."""
    waits = stage.team is None or stage.without_worker is WithoutWorker.HOLDS
    return stage.unit is CaseUnit.FAMILY and stage.crisis is None and waits


def _stay(stage: Stage) -> ciw.dists.Distribution:
    match stage.stay:
        case d.Stay(mean, d.Lognormal(cv)):
            return Lognormal(mean, cv)
        case d.Stay(mean, d.Gamma(cv)):
            return Gamma(mean, cv)
    raise ValueError(f"stage {stage.key!r}: the Ciw version has lognormal and gamma stays only")


def _share(stage: Stage, to: Stage) -> float:
    """Of those who leave a stage, how many go to another."""
    return math.fsum(route.p[0] for route in stage.routes if route.to == to.key)


def network(scenario: Scenario) -> Any:
    """The stages as nodes, in the order of the pathway."""
    check_expressible(scenario)
    stages = scenario.pathway.stages
    servers = {team.key: team.posts_on(0) * team.caseload[0][1] for team in scenario.teams}
    rates = {stream.to: stream.per_year[0][1] / DAYS_PER_YEAR for stream in scenario.demand.streams}
    return ciw.create_network(
        arrival_distributions=[
            Arrivals(rates[stage.key]) if stage.key in rates else None for stage in stages
        ],
        service_distributions=[_stay(stage) for stage in stages],
        number_of_servers=[
            math.inf if stage.team is None else servers[stage.team] for stage in stages
        ],
        routing=[[_share(stage, to) for to in stages] for stage in stages],
    )


def simulate(scenario: Scenario, seed: int) -> list[Any]:
    """The records of one future: a stay each, those that had not ended at the last included."""
    ciw.seed(seed)
    simulation = ciw.Simulation(network(scenario))
    simulation.simulate_until_max_time(scenario.calendar.days)
    records: list[Any] = simulation.get_all_records(include_incomplete=True)
    return records


def mean_families(scenario: Scenario, records: list[Any], first_day: int) -> dict[str, float]:
    """Mean families in each stage from a day on to the end."""
    days = scenario.calendar.days
    inside = dict.fromkeys((stage.key for stage in scenario.pathway.stages), 0.0)
    keys = list(inside)
    for record in records:
        end = days if record.record_type == "incomplete" else record.exit_date
        inside[keys[record.node - 1]] += max(0.0, end - max(record.arrival_date, first_day))
    return {key: total / (days - first_day) for key, total in inside.items()}
