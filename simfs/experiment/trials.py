"""A study with one number another, in some of its futures: with the same luck, only what changes.

An arm that the number does not reach is not run again, and one whose prices alone it moves is
priced again from the counts of its families, which no price can change.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby

import numpy as np

from simfs.analysis.measures import Metric, measure, money, yearly_metrics
from simfs.analysis.prices import Prices
from simfs.engine import count
from simfs.engine.draws import DRAW_SIZE, address_of
from simfs.engine.drift import environment_of
from simfs.engine.program import Program
from simfs.engine.tally import IntArray, Tally
from simfs.experiment.future import Change, compiled_in, priced_in
from simfs.scenario.moved import moved
from simfs.scenario.practice import EffectKind
from simfs.scenario.scenario import Scenario, Study

TOGETHER = ""  # in place of a key path: every effect on routes and arrivals, in step
ON_ROUTES = (EffectKind.ROUTE, EffectKind.STREAM)


@dataclass(frozen=True, slots=True)
class Trial:
    """One number at another value.

    Attributes:
        path: its key path in the ledger; or `TOGETHER`.
        value: what it is; of all effects together, from −1 (none) by way of 0 (as the evidence has
            them) to 1 (at full strength they prevent all they act on).
    """

    path: str
    value: float


@dataclass(frozen=True, slots=True)
class Trials:
    """Some trials in some futures, which rise."""

    trials: tuple[Trial, ...]
    futures: tuple[int, ...]

    def __str__(self) -> str:
        what = ", ".join(f"{one.path or 'all effects'} = {one.value:g}" for one in self.trials)
        return f"futures {', '.join(map(str, self.futures))} of {what}"


@dataclass(frozen=True, slots=True, eq=False)
class _Ready:
    """A changed arm in a draw; no program where that of the arm as it is does."""

    scenario: Scenario
    prices: Prices
    program: Program | None


def tried(
    study: Study, seed: int, engine: str, asked: Trials
) -> tuple[Mapping[str, IntArray], ...]:
    """What the arms that each trial changes come to: int64[future, year, metric], by arm."""
    metrics = yearly_metrics(study)
    every = [dict(_changed(study, trial)) for trial in asked.trials]
    shape = (len(asked.futures), len(study.arms[0].calendar.years), len(metrics))
    out = [{arm: np.zeros(shape, dtype=np.int64) for arm in arms} for arms in every]
    for draw, places in groupby(range(shape[0]), lambda at: asked.futures[at] // DRAW_SIZE):
        told = _InDraw(study, seed, draw, engine)
        ready = [{arm: told.ready(*changed) for arm, changed in arms.items()} for arms in every]
        for place in places:
            for arms, rows in zip(ready, out, strict=True):
                for arm, one in arms.items():
                    rows[arm][place] = told.yearly(one, asked.futures[place], metrics)
    return tuple(out)


def effects_on_routes(scenario: Scenario) -> tuple[str, ...]:
    """Key paths of the ratios of every effect on routes and arrivals that an arm has."""
    return tuple(one.ratio.path for one in scenario.effects if one.kind in ON_ROUTES)


def is_only_priced(scenario: Scenario, other: Scenario) -> bool:
    """Whether two forms of an arm differ in prices and sums of money alone."""
    prices = replace(other.prices, costs=scenario.prices.costs)
    practice = other.practice
    if practice is not None and scenario.practice is not None:
        practice = replace(practice, investments=scenario.practice.investments)
    return scenario == replace(other, prices=prices, practice=practice)


class _InDraw:
    """The futures of one draw: counts of the arms as they are are made once, when asked for."""

    def __init__(self, study: Study, seed: int, draw: int, engine: str) -> None:
        self.study, self.seed, self.draw, self.engine = study, seed, draw, engine
        self.arms: dict[str, tuple[Scenario, Program, Prices]] = {}
        self.counts: dict[tuple[str, int], tuple[Tally, IntArray]] = {}

    def ready(self, scenario: Scenario, change: Change | None) -> _Ready:
        """A changed arm, compiled; not where only its prices change."""
        if change is None and is_only_priced(scenario, self.study.arm(scenario.arm)):
            return _Ready(*priced_in(scenario, self.seed, self.draw), None)
        drawn, program, prices = compiled_in(scenario, self.seed, self.draw, change)
        return _Ready(drawn, prices, program)

    def yearly(self, one: _Ready, future: int, metrics: tuple[Metric, ...]) -> IntArray:
        """What a changed arm comes to in a future, int64[year, metric]."""
        if one.program is not None:
            tally = self._count(one.program, future)
            return measure(tally, one.scenario, one.prices, metrics)[0]
        tally, yearly = self._as_it_is(one.scenario.arm, future, metrics)
        told, priced = yearly.copy(), money(tally, one.scenario, one.prices)
        for column, metric in enumerate(metrics):
            if metric.key in priced:
                told[:, column] = priced[metric.key]
        return told

    def _as_it_is(
        self, arm: str, future: int, metrics: tuple[Metric, ...]
    ) -> tuple[Tally, IntArray]:
        """The counts of an arm as it is, and what they come to."""
        if arm not in self.arms:
            self.arms[arm] = compiled_in(self.study.arm(arm), self.seed, self.draw)
        if (arm, future) not in self.counts:
            drawn, program, prices = self.arms[arm]
            tally = self._count(program, future)
            self.counts[arm, future] = tally, measure(tally, drawn, prices, metrics)[0]
        return self.counts[arm, future]

    def _count(self, program: Program, future: int) -> Tally:
        address = address_of(self.seed, future)
        return count(program, environment_of(program, address), address, self.engine)


def _changed(study: Study, trial: Trial) -> Iterator[tuple[str, tuple[Scenario, Change | None]]]:
    """The arms that a trial changes, as they are then, and what becomes of a draw's values."""
    if trial.path == TOGETHER:
        for scenario in study.arms:
            if paths := effects_on_routes(scenario):
                yield scenario.arm, (scenario, partial(_in_step, trial.value, paths))
        return
    for scenario, other in zip(study.arms, moved(study, trial.path, trial.value).arms, strict=True):
        if other != scenario:
            yield other.arm, (other, None)


def _in_step(strength: float, paths: tuple[str, ...], values: dict[str, float]) -> dict[str, float]:
    """A draw's values with the ratios of effects nearer to none (1) or to all prevented (0)."""
    return values | {
        path: values[path] * (1 - strength)
        if strength >= 0
        else values[path] - strength * (1 - values[path])
        for path in paths
    }
