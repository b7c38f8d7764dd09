"""The section of the page about money: ledgers kept apart, each with its band."""

from simfs.analysis.comparison import ALL_YEARS, Comparison, Summary
from simfs.analysis.finance import FinanceRow, NetPosition, agency_rows
from simfs.analysis.prices import PENCE_PER_POUND
from simfs.report.findings import Findings, turned
from simfs.report.html import Cell, Part, Section, Table, Words, picture
from simfs.report.sections import Shown, heads
from simfs.report.wording import between, millions
from simfs.scenario.costs import Ledger
from simfs.scenario.dates import month_in_words

# Columns of the table by year: heading, metric, and whether it is shown as the arm's extra cost.
COLUMNS = (
    ("Cashable", "cashable_saving_pence", False),
    ("Capacity", "capacity_saving_pence", False),
    ("Gross: the two together", "gross_saving_pence", False),
    ("Investment", "spend.investment_pence", True),
    ("Net: gross less investment", "net_saving_pence", False),
    ("Cashable less investment", "net_cashable_saving_pence", False),
)
APART = (Ledger.PARTNER.value, Ledger.GRANT.value)


def money_section(findings: Findings, shown: Shown) -> Section | None:
    """Savings by financial year, who pays and who gains, and when it pays back."""
    if not findings.priced or not findings.compared:
        return None
    price_year = findings.scenario(findings.outcomes.baseline).prices.price_year
    prices = f"Prices of {price_year}. " if price_year else ""
    base = findings.label(findings.outcomes.baseline)
    parts: list[Part] = [
        Words(
            f"Savings are what {base} would have cost in the same future less what the other arm "
            f"costs; a minus is a cost. {prices}Capacity is workers' time and becomes "
            "money only when a post is given up."
        )
    ]
    for one in findings.compared:
        parts += _arm_parts(findings, one, shown)
    return Section("money", "Money by financial year", tuple(parts))


def _arm_parts(findings: Findings, one: Comparison, shown: Shown) -> list[Part]:
    label = findings.label(one.arm)
    parts: list[Part] = [_by_year(findings, one)]
    if f"saving-{one.arm}" in shown:
        parts.append(picture(shown[f"saving-{one.arm}"]))
    apart = _apart(findings, one)
    if apart is not None:
        parts.append(apart)
    parts.append(
        Words(
            f"{label}. Gross saving less investment: {_payback(findings.positions[one.arm])} "
            f"Cashable saving less investment: {_payback(findings.cashable_positions[one.arm])}"
        )
    )
    if f"net-position-{one.arm}" in shown:
        parts.append(picture(shown[f"net-position-{one.arm}"]))
    return parts


def _by_year(findings: Findings, one: Comparison) -> Table:
    periods = (*findings.outcomes.years, ALL_YEARS)
    return Table(
        f"{findings.label(one.arm)}: saving by financial year, mean and 80% band",
        heads("Year", *(head for head, _, _ in COLUMNS)),
        tuple(
            (
                Cell(period.capitalize()),
                *(_pence(one.fall(key, period), extra) for _, key, extra in COLUMNS),
            )
            for period in periods
        ),
        "Bands of years do not add up to the band of all years: bad and good years even out. The "
        "interval of each mean is in bands.csv.",
    )


def _pence(row: Summary, extra: bool) -> Cell:
    """Pence as £m; `extra` turns a fall of spending into what is spent more."""
    shown = turned(row) if extra else row
    band = between(millions(shown.p10), millions(shown.p90))
    return Cell(millions(shown.mean), band, number=True)


def _apart(findings: Findings, one: Comparison) -> Table | None:
    """What partners save and what is granted: in no figure above."""
    rows = [row for row in agency_rows(findings.outcomes, one.arm) if row.ledger in APART]
    if not rows:
        return None
    years = findings.outcomes.years
    lines = list(dict.fromkeys((row.agency, row.ledger) for row in rows))
    found = {(row.agency, row.ledger, row.financial_year): row for row in rows}
    return Table(
        f"{findings.label(one.arm)}: partners' savings and grant, in no figure above",
        heads("Who gains", *years),
        tuple(
            (
                Cell(f"{agency} ({ledger})"),
                *(_pounds(found[agency, ledger, year]) for year in years),
            )
            for agency, ledger in lines
        ),
        "Partners keep what they save; it does not meet the council's bill.",
    )


def _pounds(row: FinanceRow) -> Cell:
    band = between(millions(PENCE_PER_POUND * row.p10), millions(PENCE_PER_POUND * row.p90))
    return Cell(millions(PENCE_PER_POUND * row.mean), band, number=True)


def _payback(position: NetPosition) -> str:
    """When the money is back, and what has to be put by until then."""
    last = position.years[-1]
    mean, p10, p90, reserve = (
        millions(PENCE_PER_POUND * pounds)
        for pounds in (last.mean, last.p10, last.p90, position.reserve_p90)
    )
    if position.break_even is None:
        early = position.break_even_early
        paid = "the middle future is not paid back within the run" + (
            f", the best tenth by {month_in_words(early)}." if early else ", nor is the best tenth."
        )
    else:
        early, late = position.break_even_early, position.break_even_late
        assert early is not None
        worst = f"by {month_in_words(late)}" if late else "not within the run"
        paid = (
            f"the middle future is paid back by {month_in_words(position.break_even)}, the best "
            f"tenth by {month_in_words(early)}, nine of ten {worst}."
        )
    return (
        f"{paid} The position at the end of {last.financial_year} is {mean} (80% band "
        f"{between(p10, p90)}); a reserve of {reserve} is enough in nine futures of ten."
    )
