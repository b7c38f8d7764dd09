"""Exact results that the engine must reproduce: queues, chains, and stays in whole days."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from simfs.engine.program import Program
from simfs.engine.tables import EDGES

FloatArray = NDArray[np.float64]


# Stays in whole days


def longer_than(table: FloatArray, mean: float, longest: int) -> FloatArray:
    """P(stay > j) for j in [0, longest): the stay is max(1, floor(mean x T + 1/2)).

    It exceeds j >= 1 when mean x T + 1/2 >= j + 1; the table is linear between its knots.
    """
    days = np.arange(longest)
    out = 1.0 - np.interp((days + 0.5) / mean, table, EDGES, left=0.0, right=1.0)
    # Equal knots (a fixed stay) jump: below the least knot nothing is lost, from it on all is.
    out[(days + 0.5) / mean > table[-1]] = 0.0
    out[(days + 0.5) / mean <= table[0]] = 1.0
    out[0] = 1.0
    return np.asarray(out)


def whole_day_moments(table: FloatArray, mean: float) -> tuple[float, float]:
    """E[S] and E[S^2] of a stay in whole days."""
    longest = int(mean * table[-1]) + 3
    beyond = longer_than(table, mean, longest)
    days = np.arange(longest)
    return float(beyond.sum()), float(((2 * days + 1) * beyond).sum())


def stage_moments(program: Program, stage: int = 0) -> tuple[float, float]:
    """E[S] and E[S^2] of a stage's stay in whole days."""
    code = program.stages[stage]
    return whole_day_moments(program.tables[code.stay_table], code.stay_mean)


# Queues


def erlang_c(servers: int, load: float) -> float:
    """Chance that an arrival waits in M/M/c; `load` is arrivals x mean service."""
    terms = [load**k / math.factorial(k) for k in range(servers)]
    last = load**servers / math.factorial(servers) * servers / (servers - load)
    return last / (sum(terms) + last)


def erlang_c_wait(servers: int, rate: float, mean: float) -> float:
    """Mean wait in M/M/c."""
    load = rate * mean
    return erlang_c(servers, load) * mean / (servers - load)


def birth_death(rate: float, deaths: Sequence[float]) -> FloatArray:
    """Stationary law of a birth-death chain; deaths[n - 1] is the rate from n to n - 1."""
    weights = np.cumprod([1.0, *(rate / death for death in deaths)])
    return weights / weights.sum()


def from_empty(rate: float, mean: float, servers: int, days: int) -> list[FloatArray]:
    """Laws of the number in M/M/c at the times 0, 1, ... `days` after it starts empty."""
    states = 60
    generator = np.diag(np.full(states - 1, rate), 1)
    generator += np.diag([min(n, servers) / mean for n in range(1, states)], -1)
    generator -= np.diag(generator.sum(axis=1))
    step = linalg.expm(generator)
    laws = [np.eye(states)[0]]
    for _ in range(days):
        laws.append(laws[-1] @ step)
    return laws


def queue_of(law: FloatArray, servers: int) -> tuple[float, float]:
    """Mean number waiting and mean number in service."""
    number = np.arange(len(law))
    return (
        float((np.maximum(number - servers, 0) * law).sum()),
        float((np.minimum(number, servers) * law).sum()),
    )


def pollaczek_khinchine(rate: float, first: float, second: float) -> float:
    """Mean wait in M/G/1.

    The whole-day clock keeps it exactly. With A the work that comes in a day, the work found each
    morning obeys V' = max(V + A - 1, 0), so E[V] = (E[A^2] - rho) / (2 (1 - rho)); a case also
    waits for those of its own day before it, rho / 2. With E[A^2] = rate E[S^2] + rho^2 the sum
    is rate E[S^2] / (2 (1 - rho)), in the moments of whole-day stays.
    """
    return rate * second / (2 * (1 - rate * first))


def cobham(rates: Sequence[float], moments: Sequence[tuple[float, float]]) -> list[float]:
    """Mean waits by priority, most urgent first, non-preemptive (Cobham 1954)."""
    residual = sum(rate * second for rate, (_, second) in zip(rates, moments, strict=True)) / 2
    waits, before = [], 0.0
    for rate, (first, _) in zip(rates, moments, strict=True):
        after = before + rate * first
        waits.append(residual / ((1 - before) * (1 - after)))
        before = after
    return waits


# Chains


def visits(moves: FloatArray, start: int) -> FloatArray:
    """Expected visits to each stage of an absorbing chain, (I - P)^-1."""
    return np.asarray(np.linalg.inv(np.eye(len(moves)) - moves)[start])


def ever(moves: FloatArray, start: int, goal: int) -> float:
    """Chance of ever being in `goal`: expected visits over expected visits once there."""
    return float(visits(moves, start)[goal] / visits(moves, goal)[goal])


def total_moments(
    moves: FloatArray, first: FloatArray, second: FloatArray, start: int
) -> tuple[float, float]:
    """E[C] and E[C^2] of the sum C of a cost per visit, whose moments are by stage.

    c = first + P c; q = second + 2 first (P c) + P q, since the cost of a visit is independent of
    where it leads.
    """
    inverse = np.linalg.inv(np.eye(len(moves)) - moves)
    cost = inverse @ first
    square = inverse @ (second + 2 * first * (moves @ cost))
    return float(cost[start]), float(square[start])
