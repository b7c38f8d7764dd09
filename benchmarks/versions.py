"""The versions that are timed: simfs by either engine, and the naive SimPy model."""

from collections import Counter
from dataclasses import fields
from hashlib import sha256
from typing import Any

import naive_simpy
from measure import SEED, Sample, Version
from naive_results import Results

from simfs.engine import count, fault_of, simulate
from simfs.engine.compile import compile_scenario, quantities_of
from simfs.engine.counting import tally
from simfs.engine.draws import CENTRAL, address_of, draw_values
from simfs.engine.program import Program
from simfs.engine.tally import Tally
from simfs.scenario.environment import STILL
from simfs.scenario.scenario import Study

FAST = "fast"
REFERENCE = "reference"
NAIVE = "naive SimPy"
UNCOUNTED = 1_000_000_000  # number of a future that is in no round


def programs_of(study: Study) -> tuple[Program, ...]:
    """The arms compiled, with the central value of every uncertain quantity."""
    return tuple(
        compile_scenario(arm, draw_values(quantities_of(arm), SEED, CENTRAL)) for arm in study.arms
    )


def digest(tallies: tuple[Tally, ...]) -> str:
    """A digest of every number of the tallies, with the shapes of their arrays."""
    total = sha256()
    for one in tallies:
        for field in fields(one):
            array = getattr(one, field.name)
            total.update(f"{field.name} {array.dtype} {array.shape}".encode())
            total.update(array.tobytes())
    return total.hexdigest()


def by_simfs(
    study: Study,
    engine: str,
    futures: int = 1,
    warm_years: int = 0,
    ready: bool = True,
    name: str = "",
) -> Version:
    """Populate, simulate and count, every arm; the programs are made before.

    Means are of the days after `warm_years` financial years. Where `ready`, one future has run, so
    that the kernel is compiled and its tables are long enough. The version's name is the engine's
    where no other is given. Raises ImportError where the engine cannot run.
    """
    fault = fault_of(engine)
    if fault is not None:
        raise ImportError(f"engine {engine!r}: {fault}")
    programs = programs_of(study)
    warm = study.arms[0].calendar.years[warm_years][1]
    events: dict[int, int] = {}

    def run(future: int) -> tuple[Tally, ...]:
        address = address_of(SEED, future)
        if engine == FAST:
            return tuple(count(program, STILL, address, engine) for program in programs)
        histories = [simulate(program, STILL, address, engine) for program in programs]
        events[future] = sum(len(history.events) for history in histories)
        return tuple(tally(h, program) for h, program in zip(histories, programs, strict=True))

    def sample(future: int, tallies: tuple[Tally, ...]) -> Sample:
        children = {
            (arm.arm, stage.key): float(one.stage_children[number, warm:].mean())
            for arm, one in zip(study.arms, tallies, strict=True)
            for number, stage in enumerate(arm.pathway.stages)
        }
        seen = events.pop(future, None)  # the fast engine counts without a list of events
        if seen is None:
            seen = events_of(programs, future, engine)
        return Sample(children, seen, digest(tallies))

    if ready and engine == FAST:
        run(UNCOUNTED)
    return Version(name or engine, run, sample, futures)


def events_of(programs: tuple[Program, ...], future: int, engine: str) -> int:
    """How many events the history of one future has, over the arms."""
    address = address_of(SEED, future)
    return sum(len(simulate(program, STILL, address, engine).events) for program in programs)


def by_naive_simpy(study: Study, warm_years: int = 0) -> Version:
    """Simulate and summarise; every arm from the same seed, as the tutorials do."""

    def run(future: int) -> list[Results]:
        return [naive_simpy.simulate(arm, SEED + future) for arm in study.arms]

    def sample(_: int, results: list[Results]) -> Sample:
        children: dict[tuple[str, str], float] = {}
        for arm, result in zip(study.arms, results, strict=True):
            days = arm.calendar.days - arm.calendar.years[warm_years][1]
            total: Counter[str] = Counter()
            for (year, stage), inside in result.child_days.items():
                if year >= warm_years:
                    total[stage] += inside
            children |= {(arm.arm, s.key): total[s.key] / days for s in arm.pathway.stages}
        return Sample(children, sum(len(result.events) for result in results))

    return Version(NAIVE, run, sample)


def runnable(*makers: Any) -> list[Version]:
    """The versions that can run here; why another cannot is printed."""
    versions = []
    for make in makers:
        try:
            versions.append(make())
        except ImportError as error:
            print(f"left out: {error}")
    return versions
