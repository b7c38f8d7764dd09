"""Fitting a scenario to what was counted: one best fit, and an ensemble of fits nearly as good.

A lever multiplies some numbers of the file; its score z is standard normal before any count is
looked at. With g(z) the scenario's figures at rest, y the counts and e their standard errors, the
objective is

    J(z) = Σ ((g(z) − y) ÷ e)² + Σ z²

The best fit minimises it (Levenberg-Marquardt). A member of the ensemble minimises the same with
counts and levers moved as chance might have moved them: y + e·ξ in the place of y and ζ in the
place of 0, ξ and ζ standard normal. That is exact where g is linear (randomised maximum likelihood:
Oliver, He and Reynolds, 1996), and nearly so here.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from simfs.analysis.figures_at_rest import figures_at_rest
from simfs.errors import UsageError
from simfs.experiment.observed import Observed
from simfs.scenario import build
from simfs.scenario import forms as f
from simfs.scenario.drawn import closed, path_of, value_of, with_values
from simfs.scenario.fit import FitRow, Lever, Target
from simfs.scenario.quantities import Quantity, Spread
from simfs.scenario.scenario import Scenario
from simfs.scenario.sources import Path
from simfs.scenario.traffic import Traffic

FloatArray = NDArray[np.float64]

STEP = 0.05  # of a score, for differences
MEMBER_STEPS = 3  # of Gauss and Newton, from the best fit
MEMBERS = 32
ENSEMBLE = 0x_E5E3  # names this use of the seed
FURTHEST = 6.0  # scores; further off is no fit
DIGITS = 5  # of a fitted number
LEAST_ERROR = 0.02  # of a count, as a share of it


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """The counts that targets are compared with: value and standard error, float64[target]."""

    value: FloatArray
    error: FloatArray


def counted(
    targets: Sequence[Target], observed: Observed | None, authority: str, years: tuple[int, int]
) -> Counted:
    """Counts of the targets: the mean of the years, neighbouring years telling half as much.

    Raises:
        UsageError: a series is wanted and there are no counts of it.
    """
    values, errors = [], []
    for target in targets:
        if target.value is not None:
            values.append(target.value)
            errors.append(target.error or 1.0)
            continue
        found = _series(target, observed, authority, years)
        spread = float(np.std(found, ddof=1)) if len(found) > 1 else abs(found[0]) / 10
        values.append(float(np.mean(found)))
        least = LEAST_ERROR * abs(values[-1]) or 1e-9  # equal years are no certainty
        errors.append(target.error or max(spread / math.sqrt(len(found) / 2), least))
    return Counted(np.array(values), np.array(errors))


def _series(
    target: Target, observed: Observed | None, authority: str, years: tuple[int, int]
) -> list[float]:
    if observed is None:
        raise UsageError(f"target {target.label!r} needs counts; give them with --observed FILE")
    first, last = years
    found = observed.series(authority, target.series, last)
    over = observed.series(authority, target.over, last) if target.over else {}
    values = [
        value / over[year] if target.over else value
        for year, value in found.items()
        if year >= first and (not target.over or over.get(year))
    ]
    if not values:
        raise UsageError(
            f"{observed.name} has no {target.series!r} of {authority!r} from {first} to {last}; "
            f"add it, or take target {target.label!r} out"
        )
    return values


class Model:
    """The figures of a scenario as its levers move."""

    def __init__(
        self, form: f.FileForm, arm: str, levers: Sequence[Lever], targets: Sequence[Target]
    ) -> None:
        self.form, self.arm = form, arm
        self.levers, self.targets = tuple(levers), tuple(targets)
        self._multiples = [
            Quantity(lever.key, 1.0, "", Spread.LOGNORMAL, lever.low, lever.high)
            for lever in levers
        ]
        self._elsewhere = np.array([target.elsewhere for target in targets])

    def values(self, scores: FloatArray) -> dict[Path, float]:
        """The numbers that the levers move, at these scores."""
        found: dict[Path, float] = {}
        for lever, multiple, z in zip(self.levers, self._multiples, scores, strict=True):
            factor = multiple.at(float(np.clip(z, -FURTHEST, FURTHEST)))
            for number in lever.numbers:
                path = path_of(number)
                found[path] = _rounded(factor * value_of(self.form, path))
        return found

    def form_at(self, scores: FloatArray) -> f.FileForm:
        """The form at these scores, its shares closed."""
        values = self.values(scores)
        return closed(with_values(self.form, values), values)

    def scenario(self, scores: FloatArray) -> Scenario:
        """The scenario at these scores."""
        return build.scenario(self.arm, self.form_at(scores))

    def figures(self, scores: FloatArray) -> tuple[FloatArray, Traffic]:
        """Figures as they would be counted, float64[target], and the traffic behind them."""
        metrics = tuple(target.metric for target in self.targets)
        found, traffic = figures_at_rest(self.scenario(scores), metrics)
        return found + self._elsewhere, traffic


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A fitted scenario.

    Attributes:
        scores: of the best fit, float64[lever].
        members: of the ensemble, float64[member, lever].
        rows: how well each count was met.
        objective: J at the best fit, and as the file stood.
    """

    scores: FloatArray
    members: FloatArray
    rows: tuple[FitRow, ...]
    objective: tuple[float, float]


def best_fit(model: Model, counts: Counted) -> tuple[FloatArray, FloatArray]:
    """Scores of the best fit, float64[lever], and the slopes of the residuals there."""
    size = len(model.levers)

    def residuals(scores: FloatArray) -> FloatArray:
        figures, _ = model.figures(scores)
        return np.concatenate([(figures - counts.value) / counts.error, scores])

    def slopes(scores: FloatArray) -> FloatArray:
        # numbers are rounded, so differences need a step of their own
        here = residuals(scores)
        moved = [residuals(scores + step) - here for step in STEP * np.eye(size)]
        return np.array(moved).T / STEP

    found = optimize.least_squares(
        residuals, np.zeros(size), jac=slopes, bounds=(-FURTHEST, FURTHEST), xtol=1e-3, ftol=1e-4
    )
    return np.asarray(found.x), np.asarray(found.jac[: len(model.targets)])


def fit(
    model: Model, counts: Counted, metrics: Sequence[str], *, seed: int, members: int = MEMBERS
) -> Fit:
    """The best fit and an ensemble of them; `metrics` are the figures as the file writes them."""
    scores, slopes = best_fit(model, counts)
    found = ensemble(model, counts, scores, slopes, seed=seed, members=members)
    before, _ = model.figures(np.zeros(len(model.levers)))
    fitted, _ = model.figures(scores)
    spread = np.array([model.figures(member)[0] for member in found])
    low, high = np.quantile(spread, [0.1, 0.9], axis=0)
    rows = tuple(
        FitRow(
            target.label, metric, counts.value[i], counts.error[i], before[i], fitted[i],
            low[i], high[i],
        )
        for i, (target, metric) in enumerate(zip(model.targets, metrics, strict=True))
    )  # fmt: skip
    values = [
        float((((figures - counts.value) / counts.error) ** 2).sum() + (at**2).sum())
        for figures, at in ((fitted, scores), (before, np.zeros_like(scores)))
    ]
    return Fit(scores, found, rows, (values[0], values[1]))


def ensemble(
    model: Model,
    counts: Counted,
    scores: FloatArray,
    slopes: FloatArray,
    *,
    seed: int,
    members: int,
) -> FloatArray:
    """Scores of the members, float64[member, lever]: each the best fit of its own counts."""
    generator = np.random.Generator(np.random.Philox(key=np.array([seed, ENSEMBLE], np.uint64)))
    curvature = slopes.T @ slopes + np.eye(len(scores))
    found = []
    for _ in range(members):
        moved = counts.value + counts.error * generator.standard_normal(len(counts.value))
        centre = generator.standard_normal(len(scores))
        at = scores.copy()
        for _ in range(MEMBER_STEPS):
            figures, _ = model.figures(at)
            slope = slopes.T @ ((figures - moved) / counts.error) + (at - centre)
            at = at - np.linalg.solve(curvature, slope)
        found.append(np.clip(at, -FURTHEST, FURTHEST))
    return np.array(found)


def openings(
    model: Model, scores: FloatArray, totals: Mapping[str, float] | None = None
) -> dict[Path, float]:
    """Opening children of every stage that has some, at rest at these scores.

    A published stock keeps its total, which its stages share as they do at rest: the file's own,
    or that in `totals`, which then leaves stocks that it does not name as they are at rest. The
    largest stock goes first, and a stage that counts in two belongs to the first of them.
    """
    scenario = model.scenario(scores)
    _, traffic = model.figures(scores)
    stocked = {s.key: s for s in scenario.pathway.stages if s.opening > 0}
    found = {key: traffic.children[key] for key in stocked}
    left = set(stocked)
    for count in sorted(traffic.counts, key=lambda key: -traffic.counts[key]):
        stages = [key for key in left if count in stocked[key].counts]
        at_rest = math.fsum(found[key] for key in stages)
        published = math.fsum(stocked[key].opening for key in stages)
        if totals is not None:
            published = totals.get(count, at_rest)
        for key in stages:
            found[key] *= published / at_rest if at_rest else 1.0
        left -= set(stages)
    return {("stages", key, "opening", "children"): _rounded(n) for key, n in found.items()}
