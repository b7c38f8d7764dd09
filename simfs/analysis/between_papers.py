"""Whether two papers about one plan claim the same: sums that need no simulation.

Bury's Cabinet was told in July 2022 what the model saves and costs; a budget paper of early 2023
takes money out of the budget for it. The claims are looked up by the identities that
`configs/bury.toml` gives them; a sum whose claims are not in the study is left out.
"""

from collections.abc import Iterator, Mapping, Sequence

from simfs.analysis.sums import CrossCheck, exact_millions
from simfs.scenario.claims import Claim

BUDGET = ("budget-2023-24", "budget-2024-25", "budget-2025-26-level")
FEWER = ("looked-after-26-today", "looked-after-26-otherwise")


def between_papers(
    claims: Mapping[str, Claim], years: Sequence[str], costs: Sequence[float]
) -> tuple[CrossCheck, ...]:
    """Where the two papers differ, the plainest first.

    Args:
        claims: by identity.
        years: labels of the financial years of the run.
        costs: pounds that the model costs beyond the baseline by year, before grant; empty where
            nobody knows.
    """
    last = claims.get(BUDGET[-1])
    if last is None or last.last_year >= len(years):
        return ()
    rows = [*_same_year(claims, years, last)]
    if last.last_year < len(costs):
        rows += _running_cost(claims, costs, last)
        rows += _three_years(claims, years, costs, last)
        rows += _year_before(claims, years, costs)
    return (*rows, *_children(claims, years, last))


def _same_year(
    claims: Mapping[str, Claim], years: Sequence[str], budget: Claim
) -> Iterator[CrossCheck]:
    """The budget's figure beside the lowest gross and net ones of the same year."""
    gross, net = claims.get("low-gross-year-3"), claims.get("low-net-year-3")
    if gross is None or net is None or net.threshold <= 0:
        return
    if not gross.last_year == net.last_year == budget.last_year:
        return
    ratio = budget.threshold / net.threshold
    words = (
        f"The two papers claim different things for {years[budget.last_year]}, taken to be year "
        f"{budget.last_year + 1}: the budget falls by {exact_millions(budget.threshold)}, "
        f"{ratio:.1f} times the {exact_millions(net.threshold)} that Cabinet was told is left, at "
        f"the lowest, of {exact_millions(gross.threshold)} avoided once the costs are met."
    )
    yield CrossCheck("budget-beside-cabinet", words, ratio, "times")


def _running_cost(
    claims: Mapping[str, Claim], costs: Sequence[float], budget: Claim
) -> Iterator[CrossCheck]:
    """What would have to be saved if the budget's figure is after the model's running cost."""
    low, high = claims.get("low-gross-year-3"), claims.get("high-gross-year-3")
    if low is None or high is None or low.threshold <= 0 or high.threshold <= 0:
        return
    running = costs[budget.last_year]
    needed = budget.threshold + running
    words = (
        f"Whether that {exact_millions(budget.threshold)} is before or after the running cost of "
        f"{exact_millions(running)} is not said; after it, {exact_millions(needed)} must be saved: "
        f"{needed / low.threshold:.1f} times Cabinet's lowest figure and "
        f"{100 * needed / high.threshold:.0f}% of its highest."
    )
    yield CrossCheck("budget-after-running-cost", words, needed, "£")


def _three_years(
    claims: Mapping[str, Claim], years: Sequence[str], costs: Sequence[float], budget: Claim
) -> Iterator[CrossCheck]:
    """The budget's years together, beside their cost and what Cabinet was told of them."""
    falls = [claims[key].threshold for key in BUDGET if key in claims]
    low, long = claims.get("low-gross-year-3"), claims.get("low-gross-five-years")
    if len(falls) < len(BUDGET) or low is None or long is None or long.last_year >= len(years):
        return
    total = sum(falls)
    cost = sum(costs[long.first_year : budget.last_year + 1])
    left = long.threshold - (long.last_year - budget.last_year) * low.threshold
    words = (
        f"Over {years[long.first_year]} to {years[budget.last_year]} the budget paper takes out "
        f"{exact_millions(total)}, each year's figure read as that year's fall, and the model "
        f"costs {exact_millions(cost)} before grant; "
        f"Cabinet's lowest {exact_millions(long.threshold)} over {years[long.first_year]} to "
        f"{years[long.last_year]} leaves {exact_millions(left)} for the same years, if each later "
        f"one avoids {exact_millions(low.threshold)}."
    )
    yield CrossCheck("budget-three-years", words, total, "£")


def _year_before(
    claims: Mapping[str, Claim], years: Sequence[str], costs: Sequence[float]
) -> Iterator[CrossCheck]:
    """A fall of the budget in a year in which the model costs more than that."""
    early = claims.get(BUDGET[1])
    if early is None or early.threshold >= costs[early.last_year]:
        return
    short = early.threshold - costs[early.last_year]
    words = (
        f"In {years[early.last_year]} the budget falls by {exact_millions(early.threshold)} while "
        f"the model costs {exact_millions(costs[early.last_year])}, {exact_millions(-short)} more. "
        "Cabinet's paper charges that cost to a reserve at first; savings were to exceed it from "
        "year 3."
    )
    yield CrossCheck("budget-year-before", words, short, "£")


def _children(
    claims: Mapping[str, Claim], years: Sequence[str], budget: Claim
) -> Iterator[CrossCheck]:
    """The same children, for part of a year at first."""
    early = claims.get(BUDGET[1])
    fewer = next((claims[key] for key in FEWER if key in claims), None)
    if early is None or fewer is None or fewer.threshold <= 0:
        return
    if budget.threshold <= 0:
        return
    first, then = (one.threshold / fewer.threshold for one in (early, budget))
    words = (
        f"{fewer.threshold:g} fewer looked-after children all through year 2 would save as much in "
        f"{years[early.last_year]} as in {years[budget.last_year]}; the budget paper books "
        f"{exact_millions(early.threshold)} and {exact_millions(budget.threshold)}, £{first:,.0f} "
        f"and £{then:,.0f} a child, as if they were fewer for {100 * first / then:.0f}% of the "
        "first of these years."
    )
    yield CrossCheck("budget-for-the-same-children", words, first, "£")
