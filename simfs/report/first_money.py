"""Money on the first page: what the change costs and brings, when it pays back, what to put by."""

from simfs.analysis.comparison import ALL_YEARS, Comparison
from simfs.analysis.prices import PENCE_PER_POUND
from simfs.analysis.probabilities import Groups, Probability, coupled
from simfs.analysis.savings import saving
from simfs.report.findings import Findings
from simfs.report.html import Part, Words
from simfs.report.told import Place, Sides, Told

AHEAD = Sides("ahead", "short")
CASH, BOTH = "net_cashable_saving_pence", "net_saving_pence"


def money_parts(findings: Findings, told: Told) -> list[Part]:
    """The change's cost and saving over the run, payback and reserve, for every arm."""
    parts: list[Part] = [Words("Money", "heading")]
    parts += [Words(_totals(findings, told, one)) for one in findings.compared]
    parts.append(Words("When does it pay back, and what to put aside?", "heading"))
    parts += [Words(_payback(findings, told, one)) for one in findings.compared]
    return parts


def _period(findings: Findings) -> str:
    years = findings.outcomes.years
    return years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}"


def _totals(findings: Findings, told: Told, one: Comparison) -> str:
    period = _period(findings)
    spent = -one.fall("spend.investment_pence", ALL_YEARS).mean / PENCE_PER_POUND
    saved = one.fall("cashable_saving_pence", ALL_YEARS).mean / PENCE_PER_POUND
    price_year = findings.scenario(one.arm).prices.price_year
    prices = f", at prices of {price_year}" if price_year else ""
    cost = told.pounds(Place("spent on the change, mean", one.arm, period), spent)
    cash = told.pounds(Place("saved in cash, mean", one.arm, period), saved)
    empty = one.fall("spend.vacancy_pence", ALL_YEARS).mean / PENCE_PER_POUND
    sparing = ""
    if empty > 0:
        unpaid = told.pounds(Place("salaries of empty posts, mean", one.arm, period), empty)
        sparing = f" Posts that stand empty for a time spare {unpaid} of that."
    in_cash, with_time = (_net(findings, told, one, key) for key in (CASH, BOTH))
    return (
        f"{findings.label(one.arm)} costs {cost} to bring in and run over {period}, on "
        f"average{prices}.{sparing} It {'saves' if saved >= 0 else 'adds'} {cash} "
        f"{'in' if saved >= 0 else 'to'} bills that the council pays. Together: {in_cash}. With "
        f"workers' freed time counted as money too: {with_time}. No grant is counted."
    )


def _net(findings: Findings, told: Told, one: Comparison, key: str) -> str:
    row = one.fall(key, ALL_YEARS)
    what = "in cash" if key == CASH else "with freed time"
    ends = []
    for column in ("mean", "p10", "p90"):
        pounds = getattr(row, column) / PENCE_PER_POUND
        place = Place(f"saved less spent, {what}, {column}", one.arm, _period(findings))
        ends.append((told.pounds(place, pounds), pounds))
    mean, low, high = ends
    return f"{AHEAD.of(*mean)} (in 8 of 10 futures {AHEAD.span(low, high)})"


def paid_back(findings: Findings, arm: str) -> Probability:
    """The chance that what an arm saves in cash by the end of the run covers what it costs."""
    outcomes = findings.outcomes
    groups = Groups(outcomes.draws, outcomes.drifts, outcomes.drift)
    return coupled(saving(outcomes, arm, CASH).sum(axis=1), 0.0, groups)


def _payback(findings: Findings, told: Told, one: Comparison) -> str:
    position, period = findings.cashable_positions[one.arm], _period(findings)
    chance = paid_back(findings, one.arm)
    often = told.futures(Place("paid back in cash by the end", one.arm, period), chance)
    end = told.month(Place("end of the run"), findings.year_ends[-1])
    words = f"In cash, {findings.label(one.arm)} has paid back by {end} in {often}."
    if position.break_even is not None:
        middle = told.month(
            Place("half of the futures paid back in cash", one.arm, period), position.break_even
        )
        words += f" Half of the futures have by {middle}."
    elif (first := position.paid_back[0.1]) is not None:
        early = told.month(Place("one future in ten paid back in cash", one.arm, period), first)
        words += f" The best 1 in 10 have by {early}."
    most, nearly_all = (
        told.pounds(
            Place(f"covers the lowest year's end, {100 * reserve.share:.0f}%", one.arm, period),
            reserve.pounds,
        )
        for reserve in position.reserves
    )
    price_year = findings.scenario(one.arm).prices.price_year
    prices = f", at prices of {price_year}," if price_year else ""
    about = "" if all(one.low is not None for one in position.reserves) else "about "
    return (
        f"{words} With {most} put aside at the start{prices} the money lasts to every year's end "
        f"in {about}8 of 10 futures; with {nearly_all}, in {about}19 of 20."
    )
