"""The size of an authority's walks, found on the model: its counts are to wander as counts do.

What is published is how counts of authorities of this size move with no change of practice
(`DriftTarget`). The model's own chance (which families come) already moves them; the walks must add
the rest. So their numbers are solved on the arm that nothing disturbs, all other numbers at their
central values, on the same futures throughout: a walk's luck is addressed, so that what is measured
is smooth in what is sought.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from simfs.engine import ENGINES, count
from simfs.engine.compile import compile_scenario
from simfs.engine.draws import address_of
from simfs.engine.drift import environment_of
from simfs.engine.program import Program
from simfs.engine.tally import Tally
from simfs.errors import UsageError
from simfs.scenario.drift_checks import LEVELS, MOST_SD, NEVER_BACK, SOONEST_BACK
from simfs.scenario.environment import Counted, DriftTarget, Walk
from simfs.scenario.quantities import Quantity
from simfs.scenario.scenario import Scenario, Study
from simfs.scenario.text import number_text, string_text, value_text

SD_SCALE = 0.1  # a standard deviation a tenth out weighs as much as
SCORE_SCALE = 0.15  # the score of a fall .15 out (3 in 100 at .15, 2 in 100 at .05), or
OWN_SCALE = 2.0  # a number seven times the file's own
STEP = 0.15  # of a logarithm, for slopes
ROUNDS = 5
CLOSE = 0.01  # relative change of the objective, or of the numbers, at which to stop
LEAST_COUNT = 0.5  # what an empty count stands for in a logarithm

FloatArray = NDArray[np.float64]
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Achieved:
    """What one target came to on the model.

    Attributes:
        target: what is wanted.
        sd: standard deviation of the log change, by year.
        falls: share of futures in which the count fell so, by fall of the target.
    """

    target: DriftTarget
    sd: tuple[float, ...]
    falls: tuple[float, ...]

    @property
    def words(self) -> str:
        """What was achieved beside what is wanted, in one line."""
        name = f"{self.target.count} {self.target.what.value}"
        said = [f"{name} {_listed(self.sd)} for {_listed(self.target.sd)}"]
        for fall, share in zip(self.target.falls, self.falls, strict=True):
            said.append(
                f"fall of {fall.share:.3g} in {fall.years} {share:.3f} for {fall.chance:.3f}"
            )
        return "; ".join(said)


@dataclass(frozen=True, slots=True)
class Sized:
    """Walks of the size that the targets ask for.

    Attributes:
        walks: with the numbers that were found, in order of key.
        errors: Monte Carlo standard error of each number that was sought, by its path.
        achieved: what the targets come to with these numbers.
        futures: that all of it rests on.
    """

    walks: tuple[Walk, ...]
    errors: Mapping[str, float]
    achieved: tuple[Achieved, ...]
    futures: int

    def toml(self) -> str:
        """The walks as tables of a scenario file, with what they achieve."""
        table = [f"# {done.words}" for done in self.achieved]
        return "\n".join([*table, "", *(line for walk in self.walks for line in self._walk(walk))])

    def _walk(self, walk: Walk) -> list[str]:
        moved = [".".join(part for part in target if part) for target in walk.targets]
        numbers = {"sd": walk.sd, "half_life_months": walk.half_life, "returns_to": walk.returns_to}
        known = {k: q for k, q in numbers.items() if q.path in self.errors}
        errors = ", ".join(f"{k} {self.errors[q.path]:.2g}" for k, q in known.items())
        reason = f"sized by simfs calibrate --drift on {self.futures} futures, standard errors"
        achieved = ". ".join(done.words for done in self.achieved)
        return [
            f"[drift.{walk.key}]",
            f"label = {string_text(walk.label)}",
            f"targets = {value_text(moved)}",
            *(f"{key} = {number_text(quantity.value)}" for key, quantity in numbers.items()),
            f"assumption = {string_text(f'{reason} {errors}: {achieved}')}",
            'grade = "C"',
            "",
        ]


def size(
    study: Study,
    *,
    seed: int = 1,
    futures: int = 400,
    engine: str = ENGINES[0],
    told: Told = lambda words: None,
) -> Sized:
    """The walks of the baseline, sized to the study's targets.

    Sought are `sd` and `half_life` of every walk, and `returns_to` of those that move routes. In
    logarithms of these numbers, the sum of squares is least of

    - ln(standard deviation ÷ wanted) ÷ SD_SCALE, for every target and year;
    - (score − normal quantile of the chance) ÷ SCORE_SCALE for every fall, where the score is
      (ln(1 − fall) − mean) ÷ standard deviation of the log change: a smooth stand-in for the share
      of futures that fall so, which has steps;
    - ln(number ÷ the file's own) ÷ OWN_SCALE, which decides what the targets leave open.

    Gauss-Newton in a trust region, with slopes by forward differences on the same futures. The
    errors are those of the solution: the sampling covariance of the misses through its slopes.

    Args:
        study: its targets, and the walks of its baseline as the first guess.
        seed: of the futures.
        futures: each has a drift of its own.
        engine: one of ENGINES.
        told: is given a line for every evaluation; there are some dozens.

    Raises:
        UsageError: there is nothing to size, or nothing to size it by.
    """
    scenario = _shortened(undisturbed(study.arm(study.baseline)), study.drift_targets)
    sought = _sought(scenario, study.drift_targets)
    problem = _Problem(scenario, study.drift_targets, sought, seed, futures, engine, told)
    lower, upper = np.log(np.array([bounds for _, bounds in sought])).T
    found = optimize.least_squares(
        problem.misses,
        problem.own,
        jac=problem.slopes,
        bounds=(lower, upper),
        ftol=CLOSE,
        xtol=CLOSE,
        max_nfev=ROUNDS,
    )
    errors = problem.errors(found.x, found.jac)
    rounded = {
        quantity.path: _rounded(math.exp(x), errors[quantity.path])
        for (quantity, _), x in zip(sought, found.x, strict=True)
    }
    changes = problem.changes(rounded)
    return Sized(
        walks=tuple(_with(walk, rounded) for walk in scenario.walks),
        errors=errors,
        achieved=tuple(map(achieved, study.drift_targets, changes)),
        futures=futures,
    )


def undisturbed(scenario: Scenario) -> Scenario:
    """The same scenario with its walks, and without what else comes from outside."""
    return replace(scenario, reform=None, service_crisis=None)


def _shortened(scenario: Scenario, targets: Sequence[DriftTarget]) -> Scenario:
    """The same scenario for the years that are looked at and no longer."""
    years = max((len(t.sd) + (t.what is Counted.STARTS) for t in targets), default=1)
    _, _, end = scenario.calendar.years[years - 1]
    return replace(scenario, calendar=replace(scenario.calendar, days=end))


def log_changes(
    scenario: Scenario,
    values: Mapping[str, float],
    targets: Sequence[DriftTarget],
    *,
    seed: int,
    futures: int,
    engine: str = ENGINES[0],
) -> tuple[FloatArray, ...]:
    """How counts change in a scenario, by target: natural logarithms, float64[future, year].

    Args:
        scenario: one arm.
        values: of its quantities by path, central where absent.
        targets: what to count.
        seed: of the futures.
        futures: each has a drift of its own.
        engine: one of ENGINES.
    """
    program = compile_scenario(scenario, values)
    rows: list[list[FloatArray]] = []
    for number in range(futures):
        address = address_of(seed, 2 * number)  # a drift is shared by two futures
        tally = count(program, environment_of(program, address), address, engine)
        rows.append([_log_change(program, scenario, tally, target) for target in targets])
    return tuple(np.stack([row[i] for row in rows]) for i in range(len(targets)))


def achieved(target: DriftTarget, changes: FloatArray) -> Achieved:
    """What a target comes to in log changes, float64[future, year]."""
    falls = [
        float((changes[:, fall.years - 1] <= math.log1p(-fall.share)).mean())
        for fall in target.falls
    ]
    return Achieved(target, tuple(changes.std(axis=0, ddof=1).tolist()), tuple(falls))


def _log_change(
    program: Program, scenario: Scenario, tally: Tally, target: DriftTarget
) -> FloatArray:
    """Log change of one count of one future, by year of the target."""
    number, years = program.counts.index(target.count), len(target.sd)
    if target.what is Counted.STARTS:
        counted = tally.starts_children[: years + 1, number].astype(float)
    else:
        members = [target.count in stage.counts for stage in scenario.pathway.stages]
        opening = sum(s.opening for s in scenario.pathway.stages if target.count in s.counts)
        ends = np.array(program.year_starts[1 : years + 1]) - 1
        counted = np.array([opening, *tally.stage_children[members][:, ends].sum(axis=0)])
    logs = np.log(np.maximum(counted, LEAST_COUNT))
    return np.asarray(logs[1:] - logs[0])


Sought = tuple[tuple[Quantity, tuple[float, float]], ...]


def _sought(scenario: Scenario, targets: Sequence[DriftTarget]) -> Sought:
    """Numbers to be found, each with its bounds; raises UsageError."""
    if not scenario.walks:
        raise UsageError("nothing to size: the baseline has no walk; add [drift.…]")
    if not targets:
        raise UsageError("nothing to size the walks by; add [[drift_targets]]")
    out: list[tuple[Quantity, tuple[float, float]]] = []
    for walk in scenario.walks:
        if walk.sd.value <= 0:
            raise UsageError(
                f"drift.{walk.key}.sd: a walk of size 0 has no direction to grow in; start at 0.1"
            )
        out += [(walk.sd, (1e-3, MOST_SD)), (walk.half_life, (SOONEST_BACK, NEVER_BACK))]
        if any(route for _, route in walk.targets):
            out.append((walk.returns_to, LEVELS))
    return tuple(out)


class _Problem:
    """The misses of the targets as a function of the logarithms of the numbers sought."""

    def __init__(
        self,
        scenario: Scenario,
        targets: Sequence[DriftTarget],
        sought: Sought,
        seed: int,
        futures: int,
        engine: str,
        told: Told,
    ) -> None:
        self.paths = [quantity.path for quantity, _ in sought]
        self.own = np.log([quantity.value for quantity, _ in sought])
        self.targets = targets
        self.told = told
        self.measured: dict[bytes, tuple[FloatArray, ...]] = {}
        self.changes: Callable[[Mapping[str, float]], tuple[FloatArray, ...]] = partial(
            log_changes, scenario, targets=targets, seed=seed, futures=futures, engine=engine
        )

    def misses(self, x: FloatArray) -> FloatArray:
        """What is squared and summed."""
        parts = [_misses(t, c) for t, c in zip(self.targets, self._at(x), strict=True)]
        return np.concatenate([*parts, (x - self.own) / OWN_SCALE])

    def slopes(self, x: FloatArray) -> FloatArray:
        """Slopes of the misses, [miss, number], by forward differences."""
        here = self.misses(x)
        return np.stack(
            [(self.misses(x + STEP * step) - here) / STEP for step in np.eye(len(x))], axis=1
        )

    def errors(self, x: FloatArray, slopes: FloatArray) -> dict[str, float]:
        """Standard error of each number, by path: how far another set of futures would move it."""
        parts = [_leverage(t, c) for t, c in zip(self.targets, self._at(x), strict=True)]
        leverage = np.concatenate(parts, axis=1)
        turned = np.linalg.solve(slopes.T @ slopes, slopes[: leverage.shape[1]].T)
        covariance = turned @ np.atleast_2d(np.cov(leverage.T)) @ turned.T / len(leverage)
        sizes = np.exp(x) * np.sqrt(np.diag(covariance))
        return dict(zip(self.paths, sizes.tolist(), strict=True))

    def _at(self, x: FloatArray) -> tuple[FloatArray, ...]:
        """Log changes with these numbers, simulated once."""
        key = x.tobytes()
        if key not in self.measured:
            values = dict(zip(self.paths, np.exp(x).tolist(), strict=True))
            self.measured[key] = self.changes(values)
            said = ", ".join(f"{value:.3g}" for value in values.values())
            self.told(f"evaluation {len(self.measured)}: {said}: objective {self._sum(x):.2f}")
        return self.measured[key]

    def _sum(self, x: FloatArray) -> float:
        return float((self.misses(x) ** 2).sum())


def _misses(target: DriftTarget, changes: FloatArray) -> FloatArray:
    """Misses of one target: of each standard deviation, then of each fall's score."""
    mean, sd = changes.mean(axis=0), changes.std(axis=0, ddof=1)
    spread = np.log(sd / np.array(target.sd)) / SD_SCALE
    scores = [
        (math.log1p(-fall.share) - mean[fall.years - 1]) / sd[fall.years - 1]
        - special.ndtri(fall.chance)
        for fall in target.falls
    ]
    return np.array([*spread, *np.array(scores) / SCORE_SCALE])


def _leverage(target: DriftTarget, changes: FloatArray) -> FloatArray:
    """What each future adds to the misses of one target, to first order, [future, miss]."""
    mean, sd = changes.mean(axis=0), changes.std(axis=0, ddof=1)
    away = (changes - mean) / sd
    widening = (away**2 - 1) / 2
    parts = list((widening / SD_SCALE).T)
    for fall in target.falls:
        year = fall.years - 1
        score = (math.log1p(-fall.share) - mean[year]) / sd[year]
        parts.append(-(away[:, year] + score * widening[:, year]) / SCORE_SCALE)
    return np.stack(parts, axis=1)


def _rounded(value: float, error: float) -> float:
    """A number to the digit in which its error begins, its own first digit at least."""
    first = [math.floor(math.log10(part)) for part in (value, error) if part > 0]
    return round(value, max(0, -min(first)))


def _with(walk: Walk, values: Mapping[str, float]) -> Walk:
    def moved(quantity: Quantity) -> Quantity:
        return replace(quantity, value=values.get(quantity.path, quantity.value))

    return replace(
        walk,
        sd=moved(walk.sd),
        half_life=moved(walk.half_life),
        returns_to=moved(walk.returns_to),
    )


def _listed(sizes: Sequence[float]) -> str:
    return " ".join(f"{size:.3f}" for size in sizes)
