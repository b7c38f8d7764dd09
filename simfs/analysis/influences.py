"""Which uncertain numbers decide a saving: what the draws took, against what each draw saved."""

import numpy as np

from simfs.analysis.decomposition import Influence, what_matters
from simfs.analysis.outcomes import Outcomes
from simfs.engine.compile import quantities_of, values_in_draw
from simfs.engine.draws import draw_values
from simfs.scenario.quantities import Quantity, exactly
from simfs.scenario.scenario import Scenario

LEAST_SHARE = 0.02  # a squared rank correlation below this cannot be told from luck


def influences_on(
    outcomes: Outcomes, arm: str, metric: str, most: int
) -> tuple[tuple[Quantity, Influence], ...]:
    """The uncertain numbers that decide a saving over the whole run, most important first.

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
    found = what_matters(outcomes, arm, metric, values)
    # With few draws, chance alone correlates: the mean square is one over their number less one.
    least = max(LEAST_SHARE, 4 / max(len(draws) - 1, 1))
    return tuple((quantities[one.path], one) for one in found[:most] if one.share >= least)


def _drawn_in(scenario: Scenario) -> tuple[Quantity, ...]:
    """Every number that a draw moves, those of an ensemble included."""
    together = scenario.ensemble.paths if scenario.ensemble else ()
    return (*quantities_of(scenario), *(exactly(float("nan"), path) for path in together))
