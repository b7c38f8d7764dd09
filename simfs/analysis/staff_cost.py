"""What the posts of an arm cost in a year, by the price list alone."""

from simfs.scenario.costs import Basis
from simfs.scenario.scenario import Scenario


def without_price(scenario: Scenario) -> tuple[str, ...]:
    """Keys of the teams whose posts have no price."""
    priced = {
        team
        for cost in scenario.prices.costs
        if cost.basis is Basis.POST_YEAR
        for team in cost.applies_to
    }
    return tuple(team.key for team in scenario.teams if team.key not in priced)


def posts_cost(scenario: Scenario) -> float:
    """Pounds a year of every post that the arm has on its last day, all filled.

    At the central prices of the price year; teams without a price of posts count nothing.
    """
    last = scenario.calendar.days - 1
    return sum(
        cost.pounds.value / cost.per * scenario.team(team).posts_on(last)
        for cost in scenario.prices.costs
        if cost.basis is Basis.POST_YEAR
        for team in cost.applies_to
    )
