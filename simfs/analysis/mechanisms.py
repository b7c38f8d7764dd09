"""How much of the difference between the baseline and an arm each mechanism carries.

A study is run as it is and again without one mechanism, with the same luck. By how much the
difference falls in each future is what the mechanism carries. These amounts need not add up to
the whole: where two mechanisms act through each other, each carries what they do together, and
what is counted twice is taken off again under a heading of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from simfs.analysis.intervals import mean_interval
from simfs.analysis.outcomes import Outcomes
from simfs.analysis.savings import SAVING_LABELS, is_priced, saving
from simfs.engine.tally import IntArray
from simfs.scenario.mechanisms import MECHANISMS
from simfs.scenario.scenario import Study

MONEY = ("gross_saving",)  # what the plan pays for its posts is no mechanism's work
COUNTS = ("looked_after", "child_protection")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure whose difference between arms is shared out.

    Attributes:
        key: identity, such as ``gross_saving``.
        label: words for people.
        unit: "pence" or "children".
        metric: the saving or yearly metric that it is made of.
    """

    key: str
    label: str
    unit: str
    metric: str

    @property
    def is_money(self) -> bool:
        """Whether it is money, which is summed over years; children are counted at the end."""
        return self.unit == "pence"


@dataclass(frozen=True, slots=True)
class Amount:
    """A mean over futures, in the unit of its figure.

    Attributes:
        mean: over futures.
        low: lower end of the 95% interval of the mean, or None with too few futures.
        high: upper end, or None.
    """

    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Part:
    """What one mechanism carries.

    Attributes:
        mechanism: key of `MECHANISMS`.
        carried: the difference with everything on less that without the mechanism.
        without: mean difference without the mechanism.
        present: whether the scenario has it; one that is not there carries nothing.
    """

    mechanism: str
    carried: Amount
    without: float
    present: bool

    @property
    def words(self) -> str:
        """The mechanism for people."""
        return MECHANISMS[self.mechanism]


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The difference of one figure between the baseline and one arm, shared out.

    Attributes:
        arm: key of the arm.
        figure: what is shared out.
        futures: how many there were.
        whole: the difference with everything on, baseline less arm.
        parts: a row for every mechanism, in the order of `MECHANISMS`.
        jointly: the whole less all that is carried.
    """

    arm: str
    figure: Figure
    futures: int
    whole: Amount
    parts: tuple[Part, ...]
    jointly: Amount


def figures_of(study: Study) -> tuple[Figure, ...]:
    """The figures that a study has: savings where there are costs, and published counts."""
    found = [
        Figure(key, SAVING_LABELS[f"{key}_pence"], "pence", f"{key}_pence")
        for key in MONEY
        if is_priced(study)
    ]
    labels = {count.key: count.label for count in study.arms[0].pathway.counts}
    found += [
        Figure(f"{key}_fewer_at_end", labels[key], "children", f"{key}_at_end_children")
        for key in COUNTS
        if key in labels
    ]
    return tuple(found)


def difference(outcomes: Outcomes, arm: str, figure: Figure) -> IntArray:
    """Baseline less arm in every future, int64[N]: money over all years, children at the end."""
    by_year = saving(outcomes, arm, figure.metric)
    return by_year.sum(axis=1) if figure.is_money else by_year[:, -1]


def breakdown(
    arm: str, figure: Figure, whole: IntArray, without: Mapping[str, IntArray], draws: IntArray
) -> Breakdown:
    """Share out a difference.

    Args:
        arm: key of the arm.
        figure: what is shared out.
        whole: the difference in every future with everything on, int64[N].
        without: the same without each mechanism that the scenario has, by its key.
        draws: draw of each future, int64[N].
    """
    jointly = whole.copy()
    parts = []
    for key in MECHANISMS:
        rest = without.get(key, whole)
        jointly -= whole - rest
        left = float(mean_interval(rest, draws).mean)
        parts.append(Part(key, amount_of(whole - rest, draws), left, key in without))
    return Breakdown(
        arm, figure, len(whole), amount_of(whole, draws), tuple(parts), amount_of(jointly, draws)
    )


def amount_of(values: ArrayLike, draws: IntArray) -> Amount:
    """The mean of a figure of every future, [N], with its interval over draws."""
    means = mean_interval(np.asarray(values), draws)
    ends = (None if end is None else float(end) for end in (means.low, means.high))
    return Amount(float(means.mean), *ends)
