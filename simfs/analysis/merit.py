"""Figures of merit: what a plan is worth, when it is paid back, and what to put by until then.

Two readings of one saving, never mixed: `gross` counts workers' time and places set free as money,
`cash` only what is not paid out. Each is set against the outlay: what the plan invests beyond the
baseline, less salaries that its empty posts did not cost. Grants count only where a name says so.

Sums are in constant prices unless a row says "money of the year", which is those times general
prices. A present value discounts constant prices by the study's rate, the first financial year not
at all (HM Treasury, The Green Book: 3.5% a year above general prices).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from simfs.analysis.finance import NetPosition, independent, net_position
from simfs.analysis.intervals import Interval, mean_interval, quantile_interval, quantiles
from simfs.analysis.outcomes import Outcomes
from simfs.analysis.prices import PENCE_PER_POUND, first_calendar_year
from simfs.analysis.probabilities import Groups, Probability, coupled
from simfs.analysis.savings import spend
from simfs.scenario.costs import Ledger, PriceList

FloatArray = NDArray[np.float64]

READINGS: dict[str, tuple[Ledger, ...]] = {
    "gross": (Ledger.CASHABLE, Ledger.CAPACITY),
    "cash": (Ledger.CASHABLE,),
}
OUTLAY = (Ledger.INVESTMENT, Ledger.VACANCY)
CUTS = (0.1, 0.2, 0.5, 0.8, 0.9)
WHOLE_RUN = "all years"
MONEY_OF_THE_YEAR = "money of the year"


@dataclass(frozen=True, slots=True)
class Merit:
    """One figure of merit of one arm against the baseline.

    Attributes:
        arm: key of the arm.
        reading: "gross" or "cash".
        figure: what it is, such as "net".
        period: financial year, or "all years".
        prices: year of the prices, or "money of the year".
        unit: "£", "£ for £1", "share" or "date".
        value: its mean; of a reserve the quantile, of a share the share; None of a date.
        low: lower end of the 95% interval of `value`, or None.
        high: upper end, or None.
        cuts: quantiles over futures at 10, 20, 50, 80 and 90%, in the unit, or empty.
        ends: 95% intervals of the first and the last of them; None with too few futures.
        dates: of a date the day by which so many futures have reached it, None where it is not
            within the run; else empty.
        chance: of a share the probability that it is, else None.
    """

    arm: str
    reading: str
    figure: str
    period: str
    prices: str
    unit: str
    value: float | None
    low: float | None
    high: float | None
    cuts: tuple[float, ...] = ()
    ends: tuple[Interval | None, Interval | None] = (None, None)
    dates: tuple[date | None, ...] = ()
    chance: Probability | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Money:
    """Pounds of one arm and one reading in constant prices, float64[N, year]."""

    outcomes: Outcomes
    arm: str
    reading: str
    saving: FloatArray
    outlay: FloatArray
    prices: str


def merits(outcomes: Outcomes, arm: str) -> tuple[Merit, ...]:
    """Every figure of merit of an arm: by year first, then of the whole run."""
    listed = outcomes.study.arm(arm).prices
    outlay = -_saved(outcomes, arm, OUTLAY)
    rows: list[Merit] = []
    for reading, ledgers in READINGS.items():
        saving = _saved(outcomes, arm, ledgers)
        later: list[Merit] = []
        money = _Money(outcomes, arm, reading, saving, outlay, listed.price_year)
        rows += _by_year(money, np.ones(len(outcomes.years)), listed.price_year)
        if _has_general_prices(listed, outcomes.years):
            level = general_prices(listed, outcomes.years)
            rows += _by_year(money, level, MONEY_OF_THE_YEAR)
            dear = net_position(outcomes, arm, (*ledgers, *OUTLAY), level)
            later = list(_reserves(money, dear, MONEY_OF_THE_YEAR))
        rows += _present_value(money, listed.discount_rate)
        rows += _payback(money, net_position(outcomes, arm, (*ledgers, *OUTLAY)), "")
        rows += later
        if _saved(outcomes, arm, (Ledger.GRANT,)).any():
            granted = net_position(outcomes, arm, (*ledgers, *OUTLAY, Ledger.GRANT))
            rows += _payback(money, granted, " after grant")
    return tuple(rows)


def merit(rows: Iterable[Merit], reading: str, figure: str, period: str = WHOLE_RUN) -> Merit:
    """The first row of a reading, figure and period, in constant prices; raises KeyError."""
    for row in rows:
        if (row.reading, row.figure, row.period) == (reading, figure, period):
            return row
    raise KeyError(f"no {reading} {figure!r} for {period!r}")


def _has_general_prices(listed: PriceList, years: tuple[str, ...]) -> bool:
    """Whether general prices are known from the price year on to every year of the run."""
    first = first_calendar_year(years[0])
    return bool(listed.inflation) and first_calendar_year(listed.price_year) <= first


def general_prices(listed: PriceList, years: tuple[str, ...]) -> FloatArray:
    """General prices of each financial year over those of the price year, float64[year].

    A year without a growth of its own takes that of the last named before it. No year is before
    the price year.
    """
    named = {first_calendar_year(label): growth for label, growth in listed.inflation}
    first = first_calendar_year(listed.price_year)
    level, growth, found = 1.0, 0.0, {first: 1.0}
    for year in range(first + 1, first_calendar_year(years[-1]) + 1):
        growth = named.get(year, growth)
        level *= 1 + growth
        found[year] = level
    return np.array([found[first_calendar_year(label)] for label in years])


def discount_factors(rate: float, years: int) -> FloatArray:
    """What a pound of each financial year is worth in the first, float64[year]."""
    return np.asarray((1 + rate) ** -np.arange(years, dtype=np.float64))


def _saved(outcomes: Outcomes, arm: str, ledgers: tuple[Ledger, ...]) -> FloatArray:
    """Pounds saved on some ledgers, float64[N, year]."""
    saved = spend(outcomes, outcomes.baseline, ledgers) - spend(outcomes, arm, ledgers)
    return np.asarray(saved / PENCE_PER_POUND)


def _by_year(money: _Money, level: FloatArray, prices: str) -> Iterator[Merit]:
    """Saving, outlay, net and running net of every year, at a level of general prices."""
    saving, outlay = money.saving * level, money.outlay * level
    tables = {
        "saving": saving,
        "outlay": outlay,
        "net": saving - outlay,
        "net so far": np.cumsum(saving - outlay, axis=1),
    }
    for figure, pounds in tables.items():
        for year, label in enumerate(money.outcomes.years):
            yield _summed_up(money, figure, label, prices, pounds[:, year])


def _present_value(money: _Money, rate: float | None) -> Iterator[Merit]:
    """The net present value, its chance of being above nothing, and the return on the outlay."""
    if rate is None:
        return
    factors = discount_factors(rate, len(money.outcomes.years))
    saving, outlay = money.saving @ factors, money.outlay @ factors
    yield _summed_up(money, "net present value", WHOLE_RUN, money.prices, saving - outlay)
    groups = Groups(money.outcomes.draws, money.outcomes.drifts, money.outcomes.drift)
    chance = coupled(saving - outlay, 0.0, groups)
    yield _share(money, "net present value above £0", chance)
    if (outlay > 0).all():
        gain = saving / outlay
        yield _summed_up(money, "return on £1", WHOLE_RUN, money.prices, gain, "£ for £1")


def _payback(money: _Money, found: NetPosition, when: str) -> Iterator[Merit]:
    """When it is paid back, how often it is not, and reserves that are enough until then."""
    yield Merit(
        money.arm, money.reading, f"paid back{when}", WHOLE_RUN, money.prices, "date",
        None, None, None, dates=tuple(found.paid_back[cut] for cut in CUTS),
    )  # fmt: skip
    yield _share(money, f"not paid back within the run{when}", found.never)
    yield from _reserves(money, found, money.prices, when)


def _reserves(money: _Money, found: NetPosition, prices: str, when: str = "") -> Iterator[Merit]:
    """What to put by: in constant prices, or the pounds that will be drawn in each year."""
    for reserve in found.reserves:
        yield Merit(
            money.arm, money.reading, f"reserve, {100 * reserve.share:.0f}% sure{when}", WHOLE_RUN,
            prices, "£", reserve.pounds, reserve.low, reserve.high,
        )  # fmt: skip


def _summed_up(
    money: _Money, figure: str, period: str, prices: str, values: FloatArray, unit: str = "£"
) -> Merit:
    means = mean_interval(values, money.outcomes.draws)
    low, high = (None if end is None else float(end) for end in (means.low, means.high))
    draws = money.outcomes.draws
    size = independent(values, draws)
    first, last = (quantile_interval(values, share, size) for share in (CUTS[0], CUTS[-1]))
    return Merit(
        money.arm, money.reading, figure, period, prices, unit, float(means.mean), low, high,
        cuts=tuple(float(cut) for cut in quantiles(values, CUTS)),
        ends=(first, last),
    )  # fmt: skip


def _share(money: _Money, figure: str, chance: Probability) -> Merit:
    return Merit(
        money.arm, money.reading, figure, WHOLE_RUN, money.prices, "share",
        chance.value, chance.low, chance.high, chance=chance,
    )  # fmt: skip
