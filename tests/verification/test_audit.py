"""The record of Bury stands up to an audit, and the audit catches faults that were put in."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import worlds
from audit import alarms, audit
from efforts import Effort, efforts
from test_unlimited import chain
from verdicts import SUITE_LEVEL

import simfs
from simfs.engine.choices import Choices
from simfs.engine.compile import compile_scenario
from simfs.engine.program import Program
from simfs.scenario.config import load

BURY = Path(simfs.__path__[0]).parent / "configs" / "bury.toml"
TESTS = 300  # at most, in one audit
# An alarm counts when a fresh seed repeats it, so a test may alarm once at the root.
LEVEL = math.sqrt(SUITE_LEVEL / TESTS)


def objections(program: Program, seed: int, count: int, honest: Program) -> set[str]:
    """What two audits of different seeds both object to."""
    first = audit(worlds.futures(program, seed, count), honest)
    assert first
    found = alarms(first, LEVEL)
    if not found:
        return found
    return found & alarms(audit(worlds.futures(program, seed + 1, count), honest), LEVEL)


@pytest.fixture(scope="module")
def busy_chain() -> Program:
    """Five stages with returns, some four thousand families."""
    return worlds.program_of(**chain(2, 2000.0, 3000))


def with_chances(program: Program, stage: str, changes: dict[str, float]) -> Program:
    """The program that an engine would follow that misread the chances of a stage."""
    number = next(n for n, code in enumerate(program.stages) if code.key == stage)
    code = program.stages[number]
    keys = [route.key for route in program.routes[code.routes[0] : code.routes[1]]]
    chances = [changes.get(key, p) for key, p in zip(keys, _chances(program, number), strict=True)]
    sums = [math.fsum(chances[: n + 1]) for n in range(len(chances))]
    assert math.isclose(sums[-1], 1)
    wrong = replace(code, cumulative=((*sums[:-1], 1.0),))
    stages = (*program.stages[:number], wrong, *program.stages[number + 1 :])
    return replace(program, stages=stages)


def _chances(program: Program, number: int) -> list[float]:
    first, end = program.stages[number].routes
    return [route.p[0] for route in program.routes[first:end]]


@efforts(0.4, 0.1)
def test_the_routes_and_stays_of_bury_are_those_of_its_file(effort: Effort) -> None:
    program = compile_scenario(load(BURY).arms[0], {})
    assert objections(program, 7, 2 * effort.times, program) == set()


def test_an_honest_record_raises_no_objection(busy_chain: Program) -> None:
    assert objections(busy_chain, 3, 1, busy_chain) == set()


def test_a_chance_of_40_percent_made_37_is_caught(busy_chain: Program) -> None:
    # "assess" leads out with 0.40, and with 0.35 to a plan.
    wrong = with_chances(busy_chain, "assess", {"out": 0.37, "plan": 0.38})
    assert "assess, band 0 by out" in objections(wrong, 4, 2, busy_chain)


def test_stays_a_tenth_longer_are_caught(
    busy_chain: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = Choices._days

    def longer(self: Choices, mean: float, table: int, u: float) -> int:
        return honest(self, 1.1 * mean, table, u)

    monkeypatch.setattr(Choices, "_days", longer)
    found = objections(busy_chain, 5, 1, busy_chain)
    assert {"stays in assess, band 0", "stays in urgent, band 0"} <= found
