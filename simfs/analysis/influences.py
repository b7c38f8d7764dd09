"""Which uncertain numbers decide a figure: what the draws took, against what each draw came to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from simfs.analysis.decomposition import Influence, what_matters
from simfs.analysis.outcomes import Outcomes
from simfs.engine.compile import quantities_of, values_in_draw
from simfs.engine.draws import draw_values
from simfs.scenario.quantities import Quantity, exactly
from simfs.scenario.scenario import Scenario

LEAST_SHARE = 0.02  # of the variance; less is not worth a line, however sure
FALSE_ALARM = 0.05  # in so many runs luck alone puts some number on the list


@dataclass(frozen=True, slots=True, eq=False)
class DrawnNumbers:
    """The uncertain numbers of an arm and of the baseline, and what each draw took.

    Attributes:
        quantities: by key path.
        values: by key path, float64[draw], draws in rising order.
        draws: how many draws there were.
    """

    quantities: Mapping[str, Quantity]
    values: Mapping[str, NDArray[np.float64]]
    draws: int

    def clear_of_luck(
        self, found: Sequence[Influence], most: int, *, apart: bool = False
    ) -> tuple[tuple[Quantity, Influence], ...]:
        """The most important of some influences that can be told from luck.

        Args:
            found: in order of importance.
            most: at most so many.
            apart: of numbers that always move together, a group of correlation 1, tell one.
        """
        least = max(LEAST_SHARE, luck_alone(self.draws, len(self.quantities)))
        told: dict[str, tuple[Quantity, Influence]] = {}
        for one in found:
            quantity = self.quantities[one.path]
            moves_as_one = apart and quantity.group and quantity.correlation == 1
            if one.share >= least:
                told.setdefault(quantity.group if moves_as_one else one.path, (quantity, one))
        return tuple(told.values())[:most]


def luck_alone(draws: int, numbers: int) -> float:
    """The squared rank correlation that luck gives the most of so many numbers in 1 run of 20.

    By the t distribution of Spearman's correlation, each number tested at 5% over their number
    (Bonferroni): of 45 numbers that decide nothing, the largest reaches 0.20 in 50 draws.
    """
    freedom = draws - 2
    if freedom < 1:
        return 1.0
    t = float(special.stdtrit(freedom, 1 - FALSE_ALARM / (2 * max(numbers, 1))))
    return t**2 / (t**2 + freedom)


def drawn_numbers(outcomes: Outcomes, arm: str) -> DrawnNumbers:
    """What the draws of a run took, for an arm and the baseline.

    The values of each draw are looked up again from their addresses, so they need not be stored.
    """
    described = (outcomes.study.arm(outcomes.baseline), outcomes.study.arm(arm))
    quantities = {q.path: q for scenario in described for q in _drawn_in(scenario)}
    own = {q.path for q in _drawn_in(described[1])}
    alone = [q for q in quantities.values() if q.path not in own]
    draws = np.unique(outcomes.draws)
    values = {path: np.empty(len(draws)) for path in quantities}
    for place, draw in enumerate(draws.tolist()):
        # arms share what a draw takes, so the arm's own numbers and what only the baseline has
        for path, value in draw_values(alone, outcomes.seed, draw).items():
            values[path][place] = value
        for path, value in values_in_draw(described[1], outcomes.seed, draw).items():
            values[path][place] = value
    return DrawnNumbers(quantities, values, len(draws))


def influences_on(
    outcomes: Outcomes, arm: str, metric: str, most: int, numbers: DrawnNumbers | None = None
) -> tuple[tuple[Quantity, Influence], ...]:
    """The uncertain numbers that decide a saving over the whole run, most important first.

    `numbers` are those of the arm, where they were looked up already.
    """
    numbers = numbers or drawn_numbers(outcomes, arm)
    found = what_matters(outcomes, arm, metric, numbers.values)
    return numbers.clear_of_luck(found, most)


def _drawn_in(scenario: Scenario) -> tuple[Quantity, ...]:
    """Every number that a draw moves, those of an ensemble included."""
    together = scenario.ensemble.paths if scenario.ensemble else ()
    return (*quantities_of(scenario), *(exactly(float("nan"), path) for path in together))
