"""What many plans of staffing came to, and the targets that their weeks are held against.

A plan is an arm: everything that is told of an arm beside the baseline can be told of a plan. Of
each future only some yearly metrics are kept, of each social-work team the children who wait,
summed over the weeks of a year, and of each target the weeks of the year that met it; no weeks are
kept.

A few futures decide of a plan only what rare bad futures could not turn round. The share of weeks
is skew: a plan may meet a target in every week of ten draws and hardly ever in one of ten that did
not show. A 99% interval of ten draws' mean found every third plan that fails to meet it; a kind of
draw that n did not show may be as common as 1 − 0.01^(1/n), and is taken to be as bad as can be.
"""

import operator
import re
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from simfs.analysis.intervals import FloatArray, Means, mean_interval, wilson
from simfs.analysis.measures import Metric
from simfs.analysis.outcomes import Outcomes
from simfs.engine.tally import IntArray
from simfs.errors import UsageError
from simfs.scenario.plans import Plans
from simfs.scenario.scenario import Calendar, Study
from simfs.scenario.wording import nearest
from simfs.scenario.workforce import TeamKind

WEEK_DAYS = 7
SURE = 0.99  # level at which few futures decide
SHORT = {"unallocated": "unallocated_children"}
_TARGET = re.compile(
    r"\s*(?P<what>[\w.]+)\s*(?P<sign><=|>=|<|>)\s*(?P<amount>\d+(\.\d+)?)%?\s+in\s+"
    r"(?P<share>\d+(\.\d+)?)\s*%(\s+of(\s+the)?\s+weeks)?(\s+from\s+(?P<day>\d{4}-\d\d-\d\d))?\s*"
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


@dataclass(frozen=True, slots=True)
class Service:
    """How well a plan meets a target.

    Attributes:
        share: of weeks that meet it, mean over futures.
        low: lower end of the 95% interval of that mean.
        high: upper end.
        futures: that were run.
    """

    share: float
    low: float
    high: float
    futures: int


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


def is_decided(shares: FloatArray, draws: IntArray, wanted: float) -> bool:
    """Whether these futures tell for sure on which side of `wanted` the mean share lies.

    Args:
        shares: of weeks that meet a target in each future, float64[N], each in [0, 1].
        draws: draw of each future.
        wanted: share of weeks, (0, 1).
    """
    low, high = _ends(mean_interval(shares, draws, SURE))
    unseen = 1 - (1 - SURE) ** (1 / len(np.unique(draws)))
    return bool(low * (1 - unseen) > wanted or high + (1 - high) * unseen < wanted)


def service_of(shares: FloatArray, draws: IntArray) -> Service:
    """How well shares of weeks, one for each future, meet a target."""
    means = mean_interval(shares, draws)
    low, high = _ends(means)
    share = float(means.mean)
    if share in {0.0, 1.0}:  # draws that are all alike look surer than they are
        alike = wilson(share, len(np.unique(draws)))
        low, high = alike.low, alike.high
    return Service(share, max(low, 0.0), min(high, 1.0), len(shares))


def _ends(means: Means) -> tuple[float, float]:
    if means.low is None or means.high is None:
        raise UsageError(means.reason)
    return float(means.low), float(means.high)


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
    year = year_of_weeks(calendar)
    found = np.zeros((2, len(calendar.years)), dtype=np.int64)
    counted = (np.arange(calendar.weeks) >= target.first_week) & ~np.isnan(weekly)
    np.add.at(found[0], year, counted & target.met(weekly))
    np.add.at(found[1], year, counted)
    return found


def year_of_weeks(calendar: Calendar) -> NDArray[np.int64]:
    """Place of the financial year in which each whole week ends, int64[week]."""
    last_days = np.arange(1, calendar.weeks + 1) * WEEK_DAYS - 1
    return np.searchsorted([end for _, _, end in calendar.years], last_days, side="right")


def waiting_metrics(study: Study) -> tuple[Metric, ...]:
    """Yearly metrics that hold how many children wait for each social-work team, week by week."""
    return tuple(
        Metric(
            f"waiting.{team.key}_weeks",
            f"{team.label}: children without a worker, sum of weeks",
            "children",
        )
        for team in study.arms[0].teams
        if team.kind is TeamKind.SOCIAL_WORK
    )


def waiting_by_year(weekly: NDArray[np.float32], calendar: Calendar) -> NDArray[np.int64]:
    """Children who wait, summed over the weeks that end in each year, int64[arm, year].

    Args:
        weekly: children who wait for one team at the end of each week, float32[arm, week].
        calendar: of the run.
    """
    of_year = year_of_weeks(calendar)[:, np.newaxis] == np.arange(len(calendar.years))
    return np.asarray(np.rint(weekly).astype(np.int64) @ of_year.astype(np.int64))


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
            f'--target {text}: write it as "unallocated.TEAM<5 in 95% of weeks" (or "unallocated<5 '
            'in …" for all teams), with "from 2024-04-01" after it if earlier weeks do not count'
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
