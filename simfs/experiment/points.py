"""Futures of a study with some of its uncertain numbers at stated places, the others as drawn.

An arm that a point does not reach is not run again, and where a point sets prices only, the counts
that are there already are priced again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from simfs.analysis.factors import Factor, moved_values, price_paths, uncertain
from simfs.analysis.measures import Metric, measure, money, yearly_metrics
from simfs.analysis.prices import Prices
from simfs.engine import count
from simfs.engine.draws import CENTRAL, Address, address_of
from simfs.engine.drift import environment_of
from simfs.engine.program import Program
from simfs.engine.tally import IntArray, Tally
from simfs.experiment.future import Change, compiled_in, priced_in
from simfs.experiment.trials import is_only_priced
from simfs.scenario.drawn import in_draw
from simfs.scenario.quantities import Z90
from simfs.scenario.scenario import Scenario, Study

Scores = tuple[tuple[str, float], ...]  # factors by key, in order, and their scores


@dataclass(frozen=True, slots=True)
class Points:
    """Some points in some futures.

    Attributes:
        points: of each its scores; neighbours that differ in prices only share their counts.
        futures: of the run, which rise; of central points, from 0.
        central: whether numbers that a point leaves out have their central value, and each future
            a drift and a luck of its own; otherwise a future is that of the run.
    """

    points: tuple[Scores, ...]
    futures: tuple[int, ...]
    central: bool = False

    def __str__(self) -> str:
        return f"futures {', '.join(map(str, self.futures))} of {len(self.points)} points"

    def address(self, seed: int, future: int) -> Address:
        """The address of one of the futures."""
        return Address(seed, CENTRAL, future, future) if self.central else address_of(seed, future)


def played(
    study: Study, factors: Sequence[Factor], seed: int, engine: str, asked: Points
) -> tuple[Mapping[str, IntArray], ...]:
    """What the arms that each point reaches come to: int64[future, year, metric], by arm."""
    metrics = yearly_metrics(study)
    shape = (len(asked.futures), len(study.arms[0].calendar.years), len(metrics))
    out: list[dict[str, IntArray]] = [{} for _ in asked.points]
    addresses = [asked.address(seed, future) for future in asked.futures]
    for draw, places in groupby(range(shape[0]), lambda at: addresses[at].draw):
        players = [_Player(arm, factors, seed, draw, engine, metrics) for arm in study.arms]
        # all that is asked of a future follows each other, and shares its families
        for place in places:
            for rows, point in zip(out, asked.points, strict=True):
                for one in players:
                    if asked.central or one.is_reached(point):
                        filled = rows.setdefault(one.arm, np.zeros(shape, dtype=np.int64))
                        filled[place] = one.yearly(point, addresses[place])
    return tuple(out)


def only_prices(scenario: Scenario, factor: Factor) -> bool:
    """Whether a factor moves nothing in an arm but prices and sums of money."""
    mine = {one.path: one.at(Z90) for one in uncertain(scenario) if one.path in factor.paths}
    free = {one.path for one in scenario.free}
    if not all(path in free for path in mine if path not in price_paths(scenario)):
        return False
    others = {path: value for path, value in mine.items() if path in free}
    return not others or is_only_priced(scenario, in_draw(scenario, others))


@dataclass(frozen=True, slots=True, eq=False)
class _Counted:
    """An arm at a point in a future, prices aside: what was counted, and what it comes to."""

    address: Address
    tally: Tally
    yearly: IntArray


class _Player:
    """One arm in a draw; each point is compiled and priced once."""

    def __init__(
        self,
        scenario: Scenario,
        factors: Sequence[Factor],
        seed: int,
        draw: int,
        engine: str,
        metrics: tuple[Metric, ...],
    ) -> None:
        self.scenario, self.engine, self.metrics = scenario, engine, metrics
        self.arm, self.seed, self.draw = scenario.arm, seed, draw
        own = {one.path for one in uncertain(scenario)}
        self.factors = [one for one in factors if own & set(one.paths)]
        self.known = {one.key for one in self.factors}
        self.priced = {one.key for one in self.factors if only_prices(scenario, one)}
        self.programs: dict[Scores, tuple[Scenario, Program, Prices]] = {}
        self.prices: dict[Scores, tuple[Scenario, Prices]] = {}
        self.counted: dict[Scores, _Counted] = {}

    def is_reached(self, point: Scores) -> bool:
        """Whether a point moves any number of this arm."""
        return any(key in self.known for key, _ in point)

    def yearly(self, point: Scores, address: Address) -> IntArray:
        """What the arm comes to at a point in a future, int64[year, metric]."""
        mine = tuple((key, z) for key, z in point if key in self.known)
        moved = tuple((key, z) for key, z in mine if key not in self.priced)
        found = self.counted.get(moved)
        if found is None or found.address != address:
            found = self._count(moved, address)
            self.counted = {moved: found}  # neighbours differ in prices only, or not at all
        return found.yearly if moved == mine else self._priced(found, mine)

    def _change(self, scores: Scores) -> Change:
        values = moved_values(self.scenario, self.factors, dict(scores))
        return lambda drawn: drawn | values

    def _count(self, moved: Scores, address: Address) -> _Counted:
        if moved not in self.programs:
            self.programs[moved] = compiled_in(
                self.scenario, self.seed, self.draw, self._change(moved)
            )
        drawn, program, prices = self.programs[moved]
        tally = count(program, environment_of(program, address), address, self.engine)
        return _Counted(address, tally, measure(tally, drawn, prices, self.metrics)[0])

    def _priced(self, found: _Counted, scores: Scores) -> IntArray:
        """The same counts at the prices of a point."""
        if scores not in self.prices:
            self.prices[scores] = priced_in(
                self.scenario, self.seed, self.draw, self._change(scores)
            )
        told, priced = found.yearly.copy(), money(found.tally, *self.prices[scores])
        for column, metric in enumerate(self.metrics):
            if metric.key in priced:
                told[:, column] = priced[metric.key]
        return told
