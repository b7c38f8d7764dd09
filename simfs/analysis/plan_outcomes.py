"""What many plans of staffing came to, and the targets that their weeks are held against.

A plan is an arm: everything that is told of an arm beside the baseline can be told of a plan. Of
each future only some yearly metrics are kept, and of each target the weeks of the year that met
it; no weeks are kept.
"""

import operator
import re
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from simfs.analysis.measures import Metric
from simfs.analysis.outcomes import Outcomes
from simfs.errors import UsageError
from simfs.scenario.plans import Plans
from simfs.scenario.scenario import Calendar
from simfs.scenario.wording import nearest

WEEK_DAYS = 7
SHORT = {"unallocated": "unallocated_children"}
_TARGET = re.compile(
    r"\s*(?P<what>[\w.]+)\s*(?P<sign><=|>=|<|>)\s*(?P<amount>\d+(\.\d+)?)%?\s+in\s+"
    r"(?P<share>\d+(\.\d+)?)\s*%\s+of\s+weeks(\s+from\s+(?P<day>\d{4}-\d\d-\d\d))?\s*"
)
_SIGNS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


@dataclass(frozen=True, slots=True)
class Target:
    """A level of service that weeks are to meet.

    Attributes:
        words: as it was asked for.
        metric: key of the weekly metric.
        sign: "<", "<=", ">" or ">=".
        amount: in the metric's unit.
        share: of weeks that are to meet it, (0, 1).
        first_week: the first week that counts.
    """

    words: str
    metric: str
    sign: str
    amount: float
    share: float
    first_week: int

    def met(self, weekly: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Which weeks meet it, of weekly figures of its metric; one without a figure does not."""
        return np.asarray(_SIGNS[self.sign](weekly, np.float32(self.amount)))


@dataclass(frozen=True, slots=True, eq=False)
class Planned:
    """Plans of staffing that were run in the same futures.

    Attributes:
        plans: what was varied.
        numbers: which of the plans were run, in the order of their arms.
        outcomes: of the baseline, the arm as the file plans it, and the plans, in this order; with
            no weeks, and the columns ``target.N_weeks`` and ``counted.N_weeks`` of each target.
        targets: that weeks were held against.
    """

    plans: Plans
    numbers: tuple[int, ...]
    outcomes: Outcomes
    targets: tuple[Target, ...] = ()

    @property
    def arms(self) -> tuple[str, ...]:
        """Keys of the plans' arms, without the baseline and the file's own plan."""
        return self.outcomes.arms[2:]


def weeks_met(outcomes: Outcomes, arm: str, number: int) -> NDArray[np.float64]:
    """Share of weeks of each future that met a target, float64[N]; NaN where none counted."""
    met = outcomes.of(arm, f"target.{number}_weeks").sum(axis=1)
    counted = outcomes.of(arm, f"counted.{number}_weeks").sum(axis=1)
    return np.where(counted > 0, met / np.maximum(counted, 1), np.nan)


def target_metrics(targets: tuple[Target, ...]) -> tuple[Metric, ...]:
    """Yearly metrics that hold how many weeks met each target, and how many counted."""
    return tuple(
        metric
        for number, target in enumerate(targets)
        for metric in (
            Metric(f"target.{number}_weeks", f"Weeks that met: {target.words}", "weeks"),
            Metric(f"counted.{number}_weeks", f"Weeks counted: {target.words}", "weeks"),
        )
    )


def weeks_by_year(
    target: Target, weekly: NDArray[np.float32], calendar: Calendar
) -> NDArray[np.int64]:
    """Weeks that met a target and weeks that counted, int64[2, year], of float32[week].

    A week belongs to the financial year in which it ends. One without a figure, such as the days
    to allocation of a week in which nothing was allocated, does not count.
    """
    last_days = np.arange(1, calendar.weeks + 1) * WEEK_DAYS - 1
    ends = [end for _, _, end in calendar.years]
    year = np.searchsorted(ends, last_days, side="right")
    found = np.zeros((2, len(ends)), dtype=np.int64)
    counted = (np.arange(calendar.weeks) >= target.first_week) & ~np.isnan(weekly)
    np.add.at(found[0], year, counted & target.met(weekly))
    np.add.at(found[1], year, counted)
    return found


def target_of(text: str, known: tuple[Metric, ...], calendar: Calendar) -> Target:
    """The target that a text states, such as ``unallocated<5 in 95% of weeks from 2024-04-01``.

    Args:
        text: what, sign, amount, share of weeks, and the first day that counts if not all do.
        known: weekly metrics; "unallocated" is short for children without a worker in any team.
        calendar: of the run.

    Raises:
        UsageError: it cannot be read, or names no weekly metric.
    """
    parts = _TARGET.fullmatch(text)
    if parts is None:
        raise UsageError(
            f'--target {text}: write it as "unallocated<5 in 95% of weeks", with "from 2024-04-01" '
            "after it if earlier weeks do not count"
        )
    metric = SHORT.get(parts["what"], parts["what"])
    keys = [each.key for each in known]
    if metric not in keys:
        names = [*SHORT, *keys]
        raise UsageError(f"--target {text}: nothing weekly is {metric!r}{nearest(metric, names)}")
    share = float(parts["share"]) / 100
    if not 0 < share < 1:
        raise UsageError(
            f"--target {text}: the share of weeks must be above 0% and below 100%, as no plan is "
            "certain"
        )
    return Target(
        words=" ".join(text.split()),
        metric=metric,
        sign=parts["sign"],
        amount=float(parts["amount"]),
        share=share,
        first_week=_first_week(text, parts["day"], calendar),
    )


def _first_week(text: str, day: str | None, calendar: Calendar) -> int:
    if day is None:
        return 0
    try:
        first = -(-max(calendar.day_of(date.fromisoformat(day)), 0) // WEEK_DAYS)
    except ValueError:
        raise UsageError(f"--target {text}: {day} is no date") from None
    if first >= calendar.weeks:
        raise UsageError(f"--target {text}: {day} is after the last week of the run")
    return first
