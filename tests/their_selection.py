"""KN as sim-tools has it, fed with draws that are given, remembering when each plan fell."""

from typing import Any

import numpy as np
from sim_tools.ovs.indifference_zone import KN


class Draws:
    """Hands each design its draws [draw, design] one by one."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values
        self.asked = [0] * values.shape[1]

    def register_observer(self, observer: Any) -> None:
        self.observer = observer

    def simulate(self, design: int) -> None:
        self.observer.feedback(self, design, self.values[self.asked[design], design])
        self.asked[design] += 1


class KNAsItStands(KN):
    """Their procedure, untouched. It sees one draw more after its last decision, and uses none."""

    def __init__(self, values: np.ndarray, within: float, alpha: float, first: int) -> None:
        super().__init__(Draws(values), values.shape[1], within, alpha, n_0=first)
        self.fell: dict[int, int] = {}

    def _screening(self) -> None:
        before = set(self._contenders.tolist())
        super()._screening()
        for design in before - set(self._contenders.tolist()):
            self.fell[design] = self._r

    def race(self) -> tuple[int, dict[int, int]]:
        """Who was left, and after how many draws each of the others fell."""
        (winner,) = self.solve()
        return int(winner), self.fell


class KNLookedUp(KNAsItStands):
    """The same with the spread of every pair found in its place.

    sim-tools 1.3 keeps the spreads of pairs in a list without the diagonal, and always looks in
    place i (k - 1) + l - 1. For l < i that is another pair's: of three designs or more, some are
    screened by a spread that is not their own.
    """

    def _limit_to_distance_from_sample_means(self, design_i: int, design_l: int) -> float:
        place = design_l + 1 if design_l < design_i else design_l
        return float(super()._limit_to_distance_from_sample_means(design_i, place))
