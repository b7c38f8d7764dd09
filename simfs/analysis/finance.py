"""Who pays and who gains: by financial year, agency, ledger and line; and when it pays back."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from simfs.analysis.decomposition import correlation_within_draws
from simfs.analysis.intervals import (
    effective_size,
    group_index,
    quantile_interval,
    quantiles,
)
from simfs.analysis.measures import parts_of
from simfs.analysis.outcomes import Outcomes
from simfs.analysis.prices import PENCE_PER_POUND
from simfs.analysis.probabilities import Groups, Probability, coupled
from simfs.analysis.savings import SAVINGS, spend
from simfs.engine.tally import IntArray
from simfs.scenario.costs import Ledger
from simfs.scenario.scenario import Calendar

FloatArray = NDArray[np.float64]

# What the council's own position counts: partners' savings are theirs.
NET = SAVINGS["net_saving_pence"]
NET_CASHABLE = SAVINGS["net_cashable_saving_pence"]


RESERVES = (0.80, 0.95)
PAID_BACK = (0.1, 0.2, 0.5, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class FinanceRow:
    """Pounds of one cost line in one financial year.

    Attributes:
        arm: key of the arm (what it spends), or "baseline - arm" (what is saved, same luck).
        financial_year: label, such as "2023/24".
        agency: who pays.
        ledger: what spending less would be.
        line: the line's label.
        mean: pounds, mean over futures.
        p10: pounds; one future in ten is below.
        p50: pounds; the middle future.
        p90: pounds; one future in ten is above.
    """

    arm: str
    financial_year: str
    agency: str
    ledger: str
    line: str
    mean: float
    p10: float
    p50: float
    p90: float


@dataclass(frozen=True, slots=True)
class Position:
    """Money saved less money invested since the start, at the end of one financial year.

    Attributes:
        financial_year: label.
        mean: pounds, mean over futures.
        p10: pounds; one future in ten is below.
        p50: pounds; the middle future.
        p90: pounds; one future in ten is above.
    """

    financial_year: str
    mean: float
    p10: float
    p50: float
    p90: float


@dataclass(frozen=True, slots=True)
class Reserve:
    """Money to put by so that the worst year's end is covered.

    Attributes:
        share: share of futures in which it is enough.
        pounds: the reserve, at least 0.
        low: lower end of its 95% interval, or None with too few futures.
        high: upper end, or None.
    """

    share: float
    pounds: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class NetPosition:
    """How an arm's money runs against the baseline's.

    Attributes:
        arm: key of the arm.
        years: cumulative position by financial year.
        paid_back: by share of futures, the day by which so many have paid back and stay so, money
            taken to flow evenly within a year; None where they have not within the run.
        never: chance of not having paid back by the end of the run.
        reserves: what covers the worst year's end, at each of `RESERVES`.
    """

    arm: str
    years: tuple[Position, ...]
    paid_back: dict[float, date | None]
    never: Probability
    reserves: tuple[Reserve, ...]

    @property
    def break_even(self) -> date | None:
        """The day by which the middle future has paid back, or None."""
        return self.paid_back[0.5]

    def reserve(self, share: float) -> Reserve:
        """The reserve that is enough in this share of futures; raises KeyError."""
        for each in self.reserves:
            if each.share == share:
                return each
        raise KeyError(f"no reserve for {share:g} of futures")


@dataclass(frozen=True, slots=True)
class _MoneyLine:
    metric: str
    agency: str
    ledger: str
    label: str


def finance_rows(outcomes: Outcomes) -> tuple[FinanceRow, ...]:
    """What every arm spends, and what every other arm saves, line by line.

    By arm, then financial year, then agency, ledger and line in alphabetical order.
    """
    rows: list[FinanceRow] = []
    lines = _lines(outcomes)
    baseline = outcomes.baseline
    for arm in outcomes.arms:
        spent = ((line, outcomes.of(arm, line.metric)) for line in lines)
        rows += _rows(outcomes, arm, spent)
    for arm in outcomes.arms[1:]:
        saved = ((line, _saved(outcomes, arm, line)) for line in lines)
        rows += _rows(outcomes, f"{baseline} - {arm}", saved)
    return tuple(rows)


def agency_rows(outcomes: Outcomes, arm: str) -> tuple[FinanceRow, ...]:
    """What each agency saves on each ledger when an arm replaces the baseline, by year.

    Lines are summed within an agency and a ledger, never across; `line` is empty.
    """
    parts = groupby(_lines(outcomes), key=lambda line: (line.agency, line.ledger))
    totals = (
        (
            _MoneyLine("", agency, ledger, ""),
            reduce(np.add, (_saved(outcomes, arm, line) for line in lines)),
        )
        for (agency, ledger), lines in parts
    )
    return tuple(_rows(outcomes, f"{outcomes.baseline} - {arm}", totals))


def net_position(
    outcomes: Outcomes,
    arm: str,
    ledgers: tuple[Ledger, ...] = NET,
    level: FloatArray | float = 1.0,
) -> NetPosition:
    """Cumulative saving less investment of an arm against the baseline, with its band.

    Args:
        outcomes: the run.
        arm: key of the arm.
        ledgers: what is added together; name `Ledger.GRANT` too for the position after grant.
        level: general prices of each year over those of the price year, float64[year], for sums in
            the money of each year; constant prices without.
    """
    saved = spend(outcomes, outcomes.baseline, ledgers) - spend(outcomes, arm, ledgers)
    running = np.cumsum(saved / PENCE_PER_POUND * level, axis=1)
    calendar = outcomes.study.arms[0].calendar
    days = _days_to_payback(running, [end for _, _, end in calendar.years])
    low, middle, high = quantiles(running, (0.1, 0.5, 0.9))
    never = np.isinf(days)
    groups = Groups(outcomes.draws, outcomes.drifts, outcomes.drift)
    return NetPosition(
        arm=arm,
        years=tuple(
            Position(label, float(mean), float(low[y]), float(middle[y]), float(high[y]))
            for y, (label, mean) in enumerate(
                zip(outcomes.years, running.mean(axis=0), strict=True)
            )
        ),
        paid_back={share: _reached(calendar, days, share) for share in PAID_BACK},
        never=coupled(never, 1.0, groups),
        reserves=_reserves(np.maximum(-running.min(axis=1), 0.0), outcomes.draws),
    )


def _reserves(worst: FloatArray, draws: IntArray) -> tuple[Reserve, ...]:
    """Quantiles of the worst year's end with their intervals, at each of `RESERVES`."""
    size = independent(worst, draws)
    found = []
    for share, pounds in zip(RESERVES, quantiles(worst, RESERVES), strict=True):
        ends = quantile_interval(worst, share, size)
        low, high = (None, None) if ends is None else (ends.low, ends.high)
        found.append(Reserve(share, float(pounds), low, high))
    return tuple(found)


def independent(values: FloatArray, draws: IntArray) -> float:
    """Independent futures that a figure of every future, [N], stands for."""
    correlation = correlation_within_draws(values, draws)
    return effective_size(len(values), group_index(draws)[1], correlation)


def _days_to_payback(running: FloatArray, ends: list[int]) -> FloatArray:
    """Day from which each future's position is never below nought again, float64[N].

    Infinity where it is below at the end. Between the ends of years the position moves evenly.
    """
    below = np.concatenate([np.zeros((len(running), 1)), running], axis=1)
    turns = np.array([0, *ends])
    last = below.shape[1] - 1 - np.argmax((below < 0)[:, ::-1], axis=1)
    ever = (below < 0).any(axis=1)
    never = ever & (last == below.shape[1] - 1)
    before = np.minimum(last, below.shape[1] - 2)
    rows = np.arange(len(running))
    rise = below[rows, before + 1] - below[rows, before]
    part = np.divide(-below[rows, before], rise, out=np.zeros_like(rise), where=rise > 0)
    days = turns[before] + part * (turns[before + 1] - turns[before])
    return np.where(never, np.inf, np.where(ever, days, 0.0))


def _reached(calendar: Calendar, days: FloatArray, share: float) -> date | None:
    """The date by which a share of futures has paid back, or None."""
    day = np.sort(days)[max(math.ceil(share * len(days)) - 1, 0)]
    return None if np.isinf(day) else calendar.date_of(math.ceil(day))


def _lines(outcomes: Outcomes) -> tuple[_MoneyLine, ...]:
    """Every cost line and investment of any arm, in alphabetical order."""
    found: dict[str, _MoneyLine] = {}
    for scenario in outcomes.study.arms:
        for cost in scenario.prices.costs:
            key = f"cost.{cost.key}_pence"
            found[key] = _MoneyLine(key, cost.payer, cost.ledger.value, cost.label)
            for part, label, ledger in parts_of(cost):
                key = f"{part}.{cost.key}_pence"
                found[key] = _MoneyLine(key, cost.payer, ledger.value, label)
        for item in scenario.practice.investments if scenario.practice else ():
            key = f"investment.{item.key}_pence"
            found[key] = _MoneyLine(key, item.payer, item.ledger, item.label)
    return tuple(sorted(found.values(), key=lambda row: (row.agency, row.ledger, row.label)))


def _saved(outcomes: Outcomes, arm: str, line: _MoneyLine) -> IntArray:
    """Pence of a line that an arm saves, int64[N, year]."""
    return outcomes.of(outcomes.baseline, line.metric) - outcomes.of(arm, line.metric)


def _rows(
    outcomes: Outcomes, name: str, lines: Iterable[tuple[_MoneyLine, IntArray]]
) -> list[FinanceRow]:
    """Rows by year, then line; of the lines, one at a time is in memory."""
    by_year: list[list[FinanceRow]] = [[] for _ in outcomes.years]
    for line, pence in lines:
        for year, label in enumerate(outcomes.years):
            pounds = pence[:, year] / PENCE_PER_POUND
            band = [float(value) for value in quantiles(pounds, (0.1, 0.5, 0.9))]
            mean = float(pounds.mean())
            row = FinanceRow(name, label, line.agency, line.ledger, line.label, mean, *band)
            by_year[year].append(row)
    return [row for rows in by_year for row in rows]
