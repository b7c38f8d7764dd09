"""The section of the page about money: ledgers kept apart, each with its band."""

from collections.abc import Iterator
from datetime import date

from simfs.analysis.comparison import ALL_YEARS, Comparison, Summary
from simfs.analysis.finance import FinanceRow, agency_rows
from simfs.analysis.merit import MONEY_OF_THE_YEAR, READINGS, WHOLE_RUN, Merit, merit
from simfs.analysis.prices import PENCE_PER_POUND
from simfs.report.findings import Findings, turned
from simfs.report.html import Cell, Part, Section, Table, Words, picture
from simfs.report.sections import Shown, heads
from simfs.report.wording import DASH, MINUS, between, chance, millions
from simfs.scenario.costs import Ledger
from simfs.scenario.dates import month_in_words

# Rows of the table by year: words, metric, and whether it is shown as the arm's extra cost.
ROWS = (
    ("Could be cashed", "cashable_saving_pence", False),
    ("… spending below that of the first year", "below_start_saving_pence", False),
    ("… growth avoided", "avoided_saving_pence", False),
    ("Capacity released", "capacity_saving_pence", False),
    ("Gross: cash and capacity", "gross_saving_pence", False),
    ("Investment, every post filled", "spend.investment_pence", True),
    ("… less salaries of posts that stood empty", "spend.vacancy_pence", False),
    ("Net: gross less investment", "net_saving_pence", False),
    ("Cash less investment", "net_cashable_saving_pence", False),
)
READING_WORDS = {"gross": "Cash and capacity", "cash": "Cash alone"}


def money_section(findings: Findings, shown: Shown) -> Section | None:
    """Savings by financial year, what they are worth, who pays and who gains."""
    if not findings.priced or not findings.compared:
        return None
    price_year = findings.scenario(findings.outcomes.baseline).prices.price_year
    prices = f"Prices of {price_year}. " if price_year else ""
    base = findings.label(findings.outcomes.baseline)
    parts: list[Part] = [
        Words(
            f"Savings are what {base} would have cost in the same future less what the other arm "
            f"costs; a minus is a cost. {prices}Cash is money not paid out. Capacity is workers' "
            "time, and places paid for whether used or not: it becomes money only when a post or a "
            "contract is given up. Of the cash, only spending that falls below that of the first "
            "year lets a budget be cut; the rest is growth that does not come."
        )
    ]
    for one in findings.compared:
        parts += _arm_parts(findings, one, shown)
    return Section("money", "Money by financial year", tuple(parts))


def _arm_parts(findings: Findings, one: Comparison, shown: Shown) -> Iterator[Part]:
    yield _by_year(findings, one)
    largest = _largest(findings, one)
    if largest:
        yield Words(largest)
    if f"saving-{one.arm}" in shown:
        yield picture(shown[f"saving-{one.arm}"])
    yield _worth(findings, one.arm)
    if f"net-position-{one.arm}" in shown:
        yield picture(shown[f"net-position-{one.arm}"])
    plan = _medium_term(findings, one.arm)
    if plan is not None:
        yield plan
    yield _agencies(findings, one)


def _by_year(findings: Findings, one: Comparison) -> Table:
    periods = (*findings.outcomes.years, ALL_YEARS)
    return Table(
        f"{findings.label(one.arm)}: saving by financial year, mean and 80% band",
        heads("Saving", *(period.capitalize() for period in periods)),
        tuple(
            (Cell(words), *(_pence(one.fall(key, period), extra) for period in periods))
            for words, key, extra in ROWS
        ),
        "Bands of years do not add up to the band of all years: bad and good years even out. A "
        "post that stands empty pays no salary, which brings payback forward without helping a "
        "family. The interval of each mean is there too; every cost line is in finance.csv.",
        "bands.csv",
    )


def _largest(findings: Findings, one: Comparison) -> str:
    """The cost line that carries most of the cash saving of all years, if there is any."""
    name, cash = f"{one.baseline} - {one.arm}", Ledger.CASHABLE.value
    saved: dict[str, float] = {}
    for row in findings.finance:
        if (row.arm, row.ledger) == (name, cash):
            saved[row.line] = saved.get(row.line, 0.0) + row.mean
    total = sum(saved.values())
    if total <= 0:
        return ""
    line = max(saved, key=lambda each: saved[each])
    return (
        f"Of the cash saved over all years, on average {_pounds(saved[line])} of "
        f"{_pounds(total)} is on one line: {line[0].lower() + line[1:]}."
    )


def _pence(row: Summary, extra: bool) -> Cell:
    """Pence as £m; `extra` turns a fall of spending into what is spent more."""
    shown = turned(row) if extra else row
    band = between(millions(shown.p10), millions(shown.p90))
    return Cell(millions(shown.mean), band, number=True)


def _worth(findings: Findings, arm: str) -> Table:
    """What the plan is worth over the run, when it is paid back and what to put by."""
    rows = findings.merits[arm]
    listed: list[tuple[Cell, ...]] = []
    for figure, period in dict.fromkeys((m.figure, m.period) for m in rows):
        if period == WHOLE_RUN:
            cells = tuple(_merit_cell(merit(rows, reading, figure)) for reading in READINGS)
            listed.append((Cell(figure[0].upper() + figure[1:]), *cells))
    rate = findings.scenario(arm).prices.discount_rate
    discounted = (
        f"Present values count money of later years less, by {100 * rate:g}% a year above general "
        "prices (the Green Book's rate), the first year in full. "
        if rate is not None
        else ""
    )
    return Table(
        f"{findings.label(arm)}: what it is worth over all years",
        heads("Figure", *READING_WORDS.values()),
        tuple(listed),
        f"{discounted}A figure is a mean with its 80% band, a date that of the middle future with "
        "the best and worst tenth, a reserve what covers the worst year's end in so many futures "
        "with the 95% interval of that sum, left out where futures are too few for it.",
        "money.csv",
    )


def _merit_cell(row: Merit) -> Cell:
    if row.dates:
        early, _, middle, _, late = row.dates
        return Cell(_month(middle), between(_month(early), _month(late)), number=True)
    if row.chance is not None:
        return Cell(chance(row.chance), number=True)
    ends = (row.cuts[0], row.cuts[-1]) if row.cuts else (row.low, row.high)
    shown = _each_pound if row.unit == "£ for £1" else _pounds
    band = "" if None in ends else between(*map(shown, ends))
    return Cell(shown(row.value), band, number=True)


def _month(day: date | None) -> str:
    return month_in_words(day) if day else "not within the run"


def _each_pound(pounds: float | None) -> str:
    if pounds is None:
        return DASH
    return f"{MINUS if pounds < 0 else ''}£{abs(pounds):.2f}"


def _pounds(pounds: float | None) -> str:
    return DASH if pounds is None else millions(PENCE_PER_POUND * pounds)


def _medium_term(findings: Findings, arm: str) -> Table | None:
    """The lines of a medium-term financial plan: a careful, a middle and a hopeful figure."""
    rows = [row for row in findings.merits[arm] if row.prices == MONEY_OF_THE_YEAR]
    if not rows:
        return None
    years = findings.outcomes.years
    found = {(row.reading, row.figure, row.period): row for row in rows}
    words = {"saving": "saving", "net": "saving less investment", "net so far": "the same, so far"}
    return Table(
        f"{findings.label(arm)}: for a medium-term financial plan, in the money of each year",
        heads("Line", *years),
        tuple(
            (
                Cell(f"{READING_WORDS[reading]}: {told}, {name}"),
                *(
                    Cell(_pounds(found[reading, figure, year].cuts[cut]), number=True)
                    for year in years
                ),
            )
            for reading in READINGS
            for figure, told in words.items()
            for name, cut in (("8 in 10 reach it", 1), ("middle", 2), ("2 in 10 reach it", 3))
        ),
        "Eight, five and two in ten simulated futures reach the figure (P20, P50 and P80), each "
        "year by itself: fewer reach it in every year. A plan that is to hold takes the first of "
        f"the three. {_put_by(rows)}",
        "money.csv",
    )


def _put_by(rows: list[Merit]) -> str:
    """Reserves in the pounds that will be drawn, for the reading in cash."""
    found = [row for row in rows if (row.reading, row.period) == ("cash", WHOLE_RUN)]
    told = ", ".join(
        f"{row.figure.removeprefix('reserve, ')} {_pounds(row.value)}" for row in found
    )
    return f"To cover the worst year's end in cash, in the money of each year: {told}."


def _agencies(findings: Findings, one: Comparison) -> Table:
    """Who pays and who gains, agency by agency and ledger by ledger."""
    rows = agency_rows(findings.outcomes, one.arm)
    years = findings.outcomes.years
    lines = list(dict.fromkeys((row.agency, row.ledger) for row in rows))
    found = {(row.agency, row.ledger, row.financial_year): row for row in rows}
    return Table(
        f"{findings.label(one.arm)}: who pays and who gains, mean and 80% band",
        heads("Agency and ledger", *years),
        tuple(
            (
                Cell(f"{agency} ({ledger})"),
                *(_banded(found[agency, ledger, year]) for year in years),
            )
            for agency, ledger in lines
        ),
        "Ledgers are never added together silently. Partners keep what they save; it does not meet "
        "the council's bill. Grant is in no other figure of this section but those that name it.",
        "finance.csv",
    )


def _banded(row: FinanceRow) -> Cell:
    return Cell(_pounds(row.mean), between(_pounds(row.p10), _pounds(row.p90)), number=True)
