"""Numbers of a study moved one by one, and by how much each claim's figure changes with them."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial

import numpy as np

from simfs.analysis.claims import figures
from simfs.analysis.intervals import draw_means
from simfs.analysis.outcomes import Outcomes
from simfs.analysis.savings import saving
from simfs.analysis.switching import FloatArray, Response, crossing_of
from simfs.engine.compile import quantities_of
from simfs.engine.draws import DRAW_SIZE
from simfs.engine.tally import IntArray
from simfs.experiment.executors import in_processes, in_this_process
from simfs.experiment.run import Progress
from simfs.experiment.trials import (
    TOGETHER,
    Trial,
    Trials,
    effects_on_routes,
    is_only_priced,
    tried,
)
from simfs.scenario.claims import Aggregate, Claim
from simfs.scenario.movable import Movable
from simfs.scenario.moved import moved
from simfs.scenario.quantities import Spread
from simfs.scenario.scenario import Study

PAIRED = 32  # futures of each trial that is looked at, at most
SCREENED = (0, 2, 4, 6)  # futures of each end in screening: two draws of two drifts
SCREEN_ERRORS = 2.0  # standard errors that a screened end is given beyond its mean
# a curve that foretells a new run to this share of its half interval is known well enough
FORETOLD = 0.25
LEAST_STEP = 0.02  # of a range: a root this near to a run needs no other
ENTRIES = "looked_after"  # the count whose starts a claim is put in

Key = tuple[str, str, str]  # what of a claim: its figure or its entries; its id; an arm
Figures = Mapping[Key, FloatArray]
Phase = Callable[[str, int], AbstractContextManager[Progress]]
Rows = Mapping[str, IntArray]

FIGURE, FEWER = "figure", "fewer"


class Trying:
    """Trials with the luck of a run's first futures, and what they came to.

    Attributes:
        outcomes: the run, as it is.
        claims: those that it can check, by id.
        paired: futures of each trial that is looked at.
        simulated: futures of all trials so far.
    """

    def __init__(self, outcomes: Outcomes, jobs: int, phase: Phase) -> None:
        self.outcomes, self.jobs, self.phase = outcomes, jobs, phase
        self.claims = {
            claim.id: claim
            for claim in outcomes.study.claims
            if claim.last_year < len(outcomes.years)
        }
        self.paired = min(PAIRED, outcomes.futures)
        self.simulated = 0
        self._futures = tuple(range(self.paired))
        self._some = {each: some_of(outcomes, each) for each in {SCREENED, self._futures}}
        self._there = {each: self._figures(some) for each, some in self._some.items()}
        self.whole = self._figures(outcomes)
        self._changes: dict[str, dict[float, Figures]] = {}
        self._screened: dict[Trial, Figures] = {}
        self._drawn = _drawn(outcomes.study)
        self._foretold: dict[Trial, dict[Key, tuple[float, float]]] = {}

    @property
    def keys(self) -> tuple[Key, ...]:
        """Every claim's figure for every arm, in the order of the file."""
        arms = self.outcomes.arms[1:]
        return tuple((FIGURE, claim, arm) for claim in self.claims for arm in arms)

    @property
    def has_entries(self) -> bool:
        """Whether effects can be put in step, and what they do be told in children."""
        routes = any(effects_on_routes(arm) for arm in self.outcomes.study.arms)
        return routes and self.outcomes.has(f"{ENTRIES}_starts_children")

    def threshold(self, key: Key) -> float:
        """What is claimed."""
        return self.claims[key[1]].threshold

    # What to run of a number

    def is_only_priced(self, number: Movable) -> bool:
        """Whether a number moves nothing but money."""
        study = self.outcomes.study
        there = moved(study, number.path, number.high).arms
        return all(is_only_priced(a, b) for a, b in zip(study.arms, there, strict=True))

    def prices(self, number: Movable) -> list[Trial]:
        """A number of money at both ends of its range; where its effect is bent, also between."""
        between = [] if number.path.endswith(".pounds") else [number.value]
        return [Trial(number.path, at) for at in (number.low, *between, number.high)]

    def towards(self, number: Movable) -> list[Trial]:
        """A number at the ends that may turn a claim, and known to be what it is if it is drawn."""
        ends = [
            end
            for end in (number.low, number.high)
            if end != number.value and any(self._may_turn(number, end, key) for key in self.keys)
        ]
        known = [number.value] if self._is_drawn(number) else []
        return [Trial(number.path, at) for at in dict.fromkeys([*known, *ends])]

    def _is_drawn(self, number: Movable) -> bool:
        return number.path.rpartition(".set.")[2] in self._drawn

    def next_of(self, number: Movable) -> Trial | None:
        """The root of a claim furthest from any run of a number; None where all are near one."""
        ran = [*self._changes.get(number.path, {}), number.value]
        furthest, wanted = LEAST_STEP, None
        for key in self.keys:
            root = crossing_of(self.response(number, key), self.threshold(key))
            if root is not None:
                at = float(round(root)) if number.whole else root
                away = min(abs(at - value) for value in ran) / (number.high - number.low)
                if away > furthest:
                    furthest, wanted = away, at
        if wanted is None:
            return None
        trial = Trial(number.path, wanted)
        self._foretold[trial] = {
            key: self.response(number, key).foretold(wanted) for key in self.keys
        }
        return trial

    def foretells(self, number: Movable, trial: Trial) -> bool:
        """Whether the curves of a number foretold what a run of it has come to."""
        for key, (mean, half) in self._foretold[trial].items():
            response = self.response(number, key)
            there = float(response.means[list(response.knots).index(trial.value)])
            if abs(there - mean) > FORETOLD * half:
                return False
        return True

    # Running

    def screen(self, numbers: Sequence[Movable]) -> None:
        """Each number at both ends in a few futures."""
        trials = [Trial(one.path, end) for one in numbers for end in (one.low, one.high)]
        tasks = [Trials((trial,), SCREENED) for trial in dict.fromkeys(trials)]
        for asked, rows in self._done("both ends of every number, in a few futures", tasks):
            self._screened[asked.trials[0]] = self._change(asked.trials[0], rows[0], SCREENED)

    def run(self, words: str, trials: Sequence[Trial], priced: Sequence[Trial] = ()) -> None:
        """Trials in all paired futures; of what only sets prices, all in one task of a draw."""
        tasks = [Trials((one,), self._futures) for one in dict.fromkeys(trials)]
        if priced:
            draws = [self._futures[at : at + DRAW_SIZE] for at in range(0, self.paired, DRAW_SIZE)]
            tasks = [*(Trials(tuple(priced), draw) for draw in draws), *tasks]
        parts: dict[Trial, dict[int, Rows]] = {}
        left = dict.fromkeys([*trials, *priced], self.paired)
        for asked, rows in self._done(words, tasks):
            for trial, of_arms in zip(asked.trials, rows, strict=True):
                parts.setdefault(trial, {})[asked.futures[0]] = of_arms
                left[trial] -= len(asked.futures)
                if not left[trial]:
                    change = self._change(trial, _joined(parts.pop(trial)), self._futures)
                    self._changes.setdefault(trial.path, {})[trial.value] = change

    def _done(
        self, words: str, tasks: Sequence[Trials]
    ) -> Iterator[tuple[Trials, tuple[Rows, ...]]]:
        """Carry tasks out, and tell how many futures are done."""
        if not tasks:
            return
        work = partial(tried, self.outcomes.study, self.outcomes.seed, self.outcomes.engine)
        several = self.jobs > 1 and len(tasks) > 1
        done = 0
        with self.phase(words, sum(len(task.futures) for task in tasks)) as told:
            told(0)
            for asked, rows in (
                in_processes(work, tasks, self.jobs) if several else in_this_process(work, tasks)
            ):
                done += len(asked.futures)
                told(done)
                yield asked, rows
        self.simulated += done

    def _change(self, trial: Trial, rows: Rows, futures: tuple[int, ...]) -> Figures:
        """By how much each figure changes in each future."""
        some, study = self._some[futures], self.outcomes.study
        there = np.asarray(some.yearly)
        yearly = np.stack([rows.get(arm, there[a]) for a, arm in enumerate(some.arms)])
        if trial.path != TOGETHER:
            study = moved(study, trial.path, trial.value)
        found = self._figures(replace(some, study=study, yearly=yearly))
        return {key: figure - self._there[futures][key] for key, figure in found.items()}

    def _figures(self, outcomes: Outcomes) -> dict[Key, FloatArray]:
        """Every claim's figure, and how many fewer children start to be looked after in a year."""
        found: dict[Key, FloatArray] = {}
        for arm in outcomes.arms[1:]:
            fewer = None
            if self.has_entries:
                fewer = saving(outcomes, arm, f"{ENTRIES}_starts_children")
            for claim in self.claims.values():
                found[FIGURE, claim.id, arm] = figures(outcomes, arm, claim)
                if fewer is not None:
                    found[FEWER, claim.id, arm] = fewer[:, _years_of(claim)].mean(axis=1)
        return found

    # What came of it

    def promising(self, numbers: Sequence[Movable]) -> list[Movable]:
        """Numbers of which an end may bring some claim to its threshold; most claims first."""
        hopes = {one.path: sum(self.may_turn(one, key) for key in self.keys) for one in numbers}
        ordered = sorted(numbers, key=lambda one: (-hopes[one.path], one.path))
        return [one for one in ordered if hopes[one.path]]

    def may_turn(self, number: Movable, key: Key) -> bool:
        """Whether a number at an end of its range may bring a claim to its threshold."""
        return any(self._may_turn(number, end, key) for end in (number.low, number.high))

    def _may_turn(self, number: Movable, end: float, key: Key) -> bool:
        gap = float(self.whole[key].mean()) - self.threshold(key)
        change = self._screened[Trial(number.path, end)][key]
        # futures of a draw are alike, so the error is more than of so many futures
        error = SCREEN_ERRORS * float(change.std(ddof=1)) * math.sqrt(2 / len(change))
        return bool(change.any()) and math.copysign(1, gap) * (gap + change.mean()) <= error

    def response(self, number: Movable, key: Key) -> Response:
        """How a figure answers to a number, at every value that was run in all paired futures."""
        found = self._changes.get(number.path, {})
        return self._response(found, number.value, key, is_knot=not self._is_drawn(number))

    def in_step(self, key: Key) -> Response:
        """How a figure answers to the effects in step; 0 is as they are."""
        return self._response(self._changes[TOGETHER], 0.0, key, is_knot=True)

    def _response(
        self, found: Mapping[float, Figures], here: float, key: Key, *, is_knot: bool
    ) -> Response:
        """The response at what was run, and where nothing changes if nothing does `here`."""
        draws = self.outcomes.draws
        change = {at: draw_means(c[key], draws[: self.paired]) for at, c in found.items()}
        if is_knot:
            change[here] = np.zeros(-(-self.paired // DRAW_SIZE))
        knots = sorted(change)
        as_it_is = draw_means(self.whole[key], draws)
        return Response(np.array(knots), here, as_it_is, np.array([change[at] for at in knots]))

    def at(self, number: Movable, end: float, key: Key) -> tuple[float, int]:
        """The expected figure with a number at an end, and the futures tried for it."""
        if end in self._changes.get(number.path, {}):
            response = self.response(number, key)
            return float(response.means[list(response.knots).index(end)]), self.paired
        change = self._screened[Trial(number.path, end)][key]
        return float(self.whole[key].mean() + change.mean()), len(change)


def some_of(outcomes: Outcomes, futures: tuple[int, ...]) -> Outcomes:
    """Some of the first futures of a run, in memory."""
    places = np.array(futures)
    first = slice(0, futures[-1] + 1)
    yearly = np.stack(
        [
            np.stack(
                [outcomes.of(arm, one.key, first)[places] for one in outcomes.metrics], axis=-1
            )
            for arm in outcomes.arms
        ]
    )
    return replace(
        outcomes,
        futures=len(futures),
        draws=outcomes.draws[places],
        drifts=outcomes.drifts[places],
        lucks=outcomes.lucks[places],
        yearly=yearly,
        weekly=np.zeros((len(outcomes.arms), 0, 0, 0), dtype=np.float32),
    )


def _drawn(study: Study) -> set[str]:
    """Key paths of every number that a draw moves."""
    found: set[str] = set()
    for arm in study.arms:
        found |= {one.path for one in quantities_of(arm) if one.spread is not Spread.NONE}
        found |= set(arm.ensemble.paths) if arm.ensemble else set()
    return found


def _years_of(claim: Claim) -> slice:
    """The years of a claim; that of one at the end of a period is the last."""
    first = claim.last_year if claim.aggregate is Aggregate.AT else claim.first_year
    return slice(first, claim.last_year + 1)


def _joined(parts: Mapping[int, Rows]) -> Rows:
    """Parts of futures put together in order, by arm."""
    ordered = [parts[first] for first in sorted(parts)]
    return {arm: np.concatenate([part[arm] for part in ordered]) for arm in ordered[0]}
