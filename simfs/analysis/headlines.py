"""The headline figures of a run: what the first page of a report tells of an arm.

They are what the plan saves less what it costs over the whole run, in cash and with workers' time
counted as money; what it saves, gross and in cash, in the last year that a claim of a gross saving
names by itself; and by how many children each published count is lower at the end of the run.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simfs.analysis.outcomes import Outcomes
from simfs.analysis.prices import PENCE_PER_POUND
from simfs.analysis.savings import SAVINGS, is_priced, saving
from simfs.scenario.scenario import Study

FloatArray = NDArray[np.float64]

GROSS, CASH = "gross_saving", "cashable_saving"
NET, NET_CASH = "net_saving", "net_cashable_saving"


@dataclass(frozen=True, slots=True)
class Headline:
    """One figure of an arm against the baseline, in the same future: a saving, or a fall.

    Attributes:
        key: short name, as in the tables.
        label: words for people.
        metric: a saving or a yearly metric, by its full key.
        first_year: index of the first financial year that is added up.
        last_year: index of the last.
        unit: £ or children.
    """

    key: str
    label: str
    metric: str
    first_year: int
    last_year: int
    unit: str

    @property
    def is_money(self) -> bool:
        """Whether it is in pounds."""
        return self.metric in SAVINGS


def headlines(study: Study) -> tuple[Headline, ...]:
    """The headline figures of a study, money first; counts in the order of the pathway."""
    years = [label for label, _, _ in study.arms[0].calendar.years]
    end = len(years) - 1
    found: list[Headline] = []
    if is_priced(study):
        year = _claimed_year(study, end)
        whole = years[0] if end == 0 else f"{years[0]} to {years[end]}"
        found += [
            _money(NET_CASH, f"Net saving in cash, {whole}", 0, end),
            _money(NET, f"Net saving, workers' time counted, {whole}", 0, end),
            _money(GROSS, f"Gross saving in {years[year]}", year, year),
            _money(CASH, f"Saving in cash in {years[year]}", year, year),
        ]
    for count in study.arms[0].pathway.counts:
        label = f"{count.label}, fewer at the end of {years[end]}"
        metric = f"{count.key}_at_end_children"
        found.append(Headline(count.key, label, metric, end, end, "children"))
    return tuple(found)


def headline_figure(outcomes: Outcomes, arm: str, headline: Headline) -> FloatArray:
    """A headline figure of an arm future by future, float64[N], in pounds or children."""
    years = slice(headline.first_year, headline.last_year + 1)
    total = saving(outcomes, arm, headline.metric)[:, years].sum(axis=1)
    return np.asarray(total / PENCE_PER_POUND if headline.is_money else total, dtype=np.float64)


def _money(name: str, label: str, first: int, last: int) -> Headline:
    return Headline(name, label, f"{name}_pence", first, last, "£")


def _claimed_year(study: Study, end: int) -> int:
    """The last single year of which a gross saving is claimed; without such a claim the last."""
    years = [
        claim.last_year
        for claim in study.claims
        if claim.metric.removesuffix("_pence") == GROSS and claim.last_year <= end
        and (claim.aggregate == "at" or claim.first_year == claim.last_year)
    ]  # fmt: skip
    return max(years, default=end)
