"""Whether the claims agree with each other: sums that need no simulation.

The sums are written for the claims of Bury: they look claims up by the identities that
`configs/bury.toml` gives them, such as ``low-gross-five-years``. Every figure comes from the
study's own claims, staffing, prices and opening stocks; a sum whose claims are not in the study is
left out, so a study with other identities has no such sums.
"""

import numpy as np

from simfs.analysis.between_papers import between_papers
from simfs.analysis.prices import PENCE_PER_POUND, planned_pence, price_table
from simfs.analysis.sums import MILLION, CrossCheck, exact_millions
from simfs.engine.tally import IntArray
from simfs.scenario.claims import Claim
from simfs.scenario.costs import Basis, Ledger
from simfs.scenario.scenario import DAYS_PER_YEAR, Scenario, Study

AGREES_WITHIN_POUNDS = 1_500.0


def cross_checks(study: Study) -> tuple[CrossCheck, ...]:
    """What the claims' own arithmetic shows, for the first arm that costs something to change."""
    claims = {claim.id: claim for claim in study.claims}
    net: list[CrossCheck] = []
    in_a_year: list[CrossCheck] = []
    costs: list[float] = []
    for arm in study.arms[1:]:
        extra = extra_investment(study.arms[0], arm)
        if extra.any():
            net, in_a_year = _net_over_years(claims, arm, extra), _net_in_a_year(claims, extra)
            costs = [float(pence) / PENCE_PER_POUND for pence in extra]
            break
    years = [label for label, _, _ in study.arms[0].calendar.years]
    papers, multiples = between_papers(claims, years, costs), _multiples(claims)
    # The three that a reader should not miss come first: a screen has room for no more.
    return (
        *papers[:1],
        *net[:1],
        *multiples[:1],
        *papers[1:],
        *multiples[1:],
        *net[1:],
        *in_a_year,
        *_children(claims, study.arms[0]),
        *_price_of_a_child(claims),
    )


def extra_investment(baseline: Scenario, arm: Scenario) -> IntArray:
    """Whole pence that an arm invests beyond the baseline by financial year, before grant.

    Posts by their paid plan and sums that are due whatever happens; at central prices.
    """
    return _planned_investment(arm) - _planned_investment(baseline)


def opening_children(scenario: Scenario, count: str) -> float:
    """Children in a published count at the start."""
    return sum(stage.opening for stage in scenario.pathway.stages if count in stage.counts)


def _planned_investment(scenario: Scenario) -> IntArray:
    """Pence by year as papers plan them: every post filled from its date."""
    prices = price_table(scenario, {})
    total = np.zeros(len(scenario.calendar.years), dtype=np.int64)
    for line in prices.lines:
        if line.basis is Basis.POST_YEAR and line.ledger is Ledger.INVESTMENT:
            total += planned_pence(line, scenario)
    for _, ledger, pence in prices.investments:
        if ledger is Ledger.INVESTMENT:
            total += pence
    return total


def _net_over_years(claims: dict[str, Claim], arm: Scenario, extra: IntArray) -> list[CrossCheck]:
    rows = []
    for key in ("low-gross-five-years", "high-gross-five-years"):
        claim = claims.get(key)
        if claim is None or claim.last_year >= len(extra):
            continue
        years = extra[claim.first_year : claim.last_year + 1] / PENCE_PER_POUND
        net = claim.threshold - float(years.sum())
        labels = [label for label, _, _ in arm.calendar.years]
        parts = " + ".join(f"{pounds / MILLION:.3f}" for pounds in years)
        words = (
            f"Savings of {exact_millions(claim.threshold)} over {labels[claim.first_year]} to "
            f"{labels[claim.last_year]}, less the investment of the same papers "
            f"({parts} = {exact_millions(float(years.sum()))}), leave {exact_millions(net)} before "
            "grant."
        )
        rows.append(CrossCheck(f"net-of-{key}", words, net, "£"))
    return rows


def _net_in_a_year(claims: dict[str, Claim], extra: IntArray) -> list[CrossCheck]:
    rows = []
    for case in ("low", "high"):
        gross, net = claims.get(f"{case}-gross-year-3"), claims.get(f"{case}-net-year-3")
        if gross is None or net is None or net.last_year >= len(extra):
            continue
        cost = float(extra[net.last_year]) / PENCE_PER_POUND
        left = gross.threshold - cost
        same = abs(left - net.threshold) <= AGREES_WITHIN_POUNDS
        verb = "agrees with" if same else "differs from"
        words = (
            f"{exact_millions(gross.threshold)} a year less the investment of "
            f"{exact_millions(cost)} a year is {exact_millions(left)}, which {verb} the net figure "
            f"claimed, {exact_millions(net.threshold)}."
        )
        rows.append(CrossCheck(f"net-of-{case}-gross-year-3", words, left, "£"))
    return rows


def _multiples(claims: dict[str, Claim]) -> list[CrossCheck]:
    rows = []
    for period in ("year-3", "five-years"):
        low, high = claims.get(f"low-gross-{period}"), claims.get(f"high-gross-{period}")
        if low is None or high is None or low.threshold == 0:
            continue
        ratio = high.threshold / low.threshold
        words = (
            f"The higher figure, {exact_millions(high.threshold)}, is {ratio:.3f} times the "
            f"lower, {exact_millions(low.threshold)}"
        )
        whole = abs(ratio - round(ratio)) < 5e-4
        words += ": a multiple of one estimate, not a range of outcomes." if whole else "."
        rows.append(CrossCheck(f"multiple-{period}", words, ratio, "times"))
    return rows


def _children(claims: dict[str, Claim], start: Scenario) -> list[CrossCheck]:
    """Percentages claimed against numbers of children claimed."""
    fewer = claims.get("looked-after-26-today") or claims.get("looked-after-26-otherwise")
    if fewer is None:
        return []
    stock = opening_children(start, fewer.metric.removesuffix("_at_end"))
    if stock == 0:
        return []
    share = fewer.threshold / stock
    words = (
        f"{fewer.threshold:g} fewer looked-after children is {100 * share:.1f}% of the "
        f"{stock:.0f} at the start"
    )
    care, plans = claims.get("care-30-looked-after-today"), claims.get("plans-45-open-today")
    if care is not None:
        words += (
            f"; the {100 * care.threshold:.0f}% named in the same papers would be "
            f"{care.threshold * stock:.0f}"
        )
    if plans is not None:
        open_plans = opening_children(start, plans.metric.removesuffix("_at_end"))
        words += (
            f", and {100 * plans.threshold:.0f}% fewer plans {plans.threshold * open_plans:.0f} "
            f"of {open_plans:.0f}"
        )
    return [CrossCheck("looked-after-share", words + ".", share, "share")]


def _price_of_a_child(claims: dict[str, Claim]) -> list[CrossCheck]:
    budget = claims.get("budget-2025-26-level")
    fewer = claims.get("looked-after-26-today") or claims.get("looked-after-26-otherwise")
    if budget is None or fewer is None or fewer.threshold == 0:
        return []
    pounds = budget.threshold / fewer.threshold
    words = (
        f"{exact_millions(budget.threshold)} a year for {fewer.threshold:g} fewer looked-after "
        f"children is £{pounds:,.0f} a child and year, "
        f"£{pounds * 7 / DAYS_PER_YEAR:,.0f} a week."
    )
    return [CrossCheck("price-of-a-child", words, pounds, "£")]
