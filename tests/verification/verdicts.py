"""A verdict on the engine: is its mean the one of theory, and could we have seen that it is not?

A comparison passes when the exact value lies inside a t interval of the replications' mean. It
fails only when a fresh seed alarms again, on the same side. Two looks at level a, the second
one-sided, raise a false alarm with probability a x a / 2; with `COMPARISONS` of them in the suite,
a = sqrt(2 x 1e-4 / COMPARISONS) gives 1e-4 over the whole suite.

Quantities whose mean is known can steady the others: a regression on how far those `controls` fell
from their exact means takes away the noise they share (Lavenberg and Welch 1981), and the intercept
is judged instead of the mean, with a degree of freedom less for each.

An interval too wide to have seen the error that a test exists for is no pass: half a width above
`visible` x the exact value is inconclusive, and that fails the test as well.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import stats

FloatArray = NDArray[np.float64]
Measure = Callable[[int], Mapping[str, FloatArray]]

COMPARISONS = 200
SUITE_LEVEL = 1e-4
LEVEL = math.sqrt(2 * SUITE_LEVEL / COMPARISONS)
FRESH = 1_000_003  # added to the seed for the second look


class Outcome(StrEnum):
    PASS = "PASS"
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One quantity against theory.

    Attributes:
        name: what was measured.
        exact, mean: theory, and the mean of the replications.
        half_width: of the t interval of the mean.
        outcome: inconclusive where the interval is too wide, whatever the mean.
        sign: side of an alarm; 0 without one.
    """

    name: str
    exact: float
    mean: float
    half_width: float
    outcome: Outcome
    sign: int

    def __str__(self) -> str:
        return (
            f"{self.outcome} {self.name}: {self.mean:.5g} ± {self.half_width:.2g}, "
            f"exact {self.exact:.5g}"
        )


def _mean_and_error(values: FloatArray, controls: FloatArray) -> tuple[float, float, int]:
    """Mean, its standard error and degrees of freedom, at controls of zero."""
    design = np.column_stack([np.ones(len(values)), controls])
    found, *_ = np.linalg.lstsq(design, values, rcond=None)
    freedom = len(values) - design.shape[1]
    variance = ((values - design @ found) ** 2).sum() / freedom
    spread = np.linalg.pinv(design.T @ design)[0, 0]
    return float(found[0]), math.sqrt(variance * spread), freedom


def judge(
    name: str,
    values: FloatArray,
    exact: float,
    visible: float,
    controls: FloatArray | None = None,
) -> Verdict:
    """One look at one quantity: `values` are independent replications.

    Args:
        name, exact, visible: what, its exact mean, and the relative error that must be visible.
        values: float64[replication].
        controls: float64[replication, control], less their exact means.
    """
    beside = np.empty((len(values), 0)) if controls is None else controls
    mean, error, freedom = _mean_and_error(np.asarray(values, dtype=float), beside)
    half = float(stats.t.ppf(1 - LEVEL / 2, freedom)) * error
    alarm = abs(mean - exact) > half + 1e-9 * abs(exact)
    if half > visible * abs(exact):
        outcome = Outcome.INCONCLUSIVE
    else:
        outcome = Outcome.FAIL if alarm else Outcome.PASS
    sign = (1 if mean > exact else -1) if alarm else 0
    return Verdict(name, exact, mean, half, outcome, sign)


def verdicts(
    measure: Measure,
    exact: Mapping[str, float],
    seed: int,
    visible: float | Mapping[str, float],
    controls: tuple[str, ...] = (),
) -> list[Verdict]:
    """Verdicts on all quantities; an alarm stands only if a fresh seed repeats it.

    Args:
        measure: replications of every quantity, from a seed.
        exact: exact means by name.
        seed: of the first look.
        visible: relative error that must be visible, one for all or by name.
        controls: names, among those of `exact`, that steady the rest.
    """

    def look(at: int) -> dict[str, Verdict]:
        values = {name: np.asarray(found, dtype=float) for name, found in measure(at).items()}
        beside = [values[name] - exact[name] for name in controls]
        return {
            name: judge(
                name,
                values[name],
                value,
                visible if isinstance(visible, float) else visible[name],
                np.column_stack(beside) if beside and name not in controls else None,
            )
            for name, value in exact.items()
        }

    first = look(seed)
    if not any(verdict.sign for verdict in first.values()):
        return list(first.values())
    second = look(seed + FRESH)
    return [
        second[name] if verdict.sign and verdict.sign == second[name].sign else _cleared(verdict)
        for name, verdict in first.items()
    ]


def _cleared(verdict: Verdict) -> Verdict:
    if verdict.outcome is not Outcome.FAIL:
        return verdict
    return Verdict(verdict.name, verdict.exact, verdict.mean, verdict.half_width, Outcome.PASS, 0)


def confirm(
    measure: Measure,
    exact: Mapping[str, float],
    seed: int,
    visible: float | Mapping[str, float],
    controls: tuple[str, ...] = (),
) -> None:
    """Assert that every quantity agrees with theory, and that we could have seen otherwise."""
    found = verdicts(measure, exact, seed, visible, controls)
    wrong = [str(verdict) for verdict in found if verdict.outcome is not Outcome.PASS]
    assert not wrong, "; ".join(wrong)
