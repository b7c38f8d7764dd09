"""Time per event as the queue, the council and the horizon grow: it should stay where it is.

    python benchmarks/growth.py
    python benchmarks/growth.py --others      # naive SimPy and Ciw too, one future each

Load multiplies arrivals and leaves the staff; size multiplies arrivals, opening stocks and posts.
Bury's posts are always filled, as in `bury.py`, but in the table of staff: Bury as shipped.
Every row runs the same futures in every round, and its best round counts. Time per event is always
by the events that simfs has, so that versions are comparable.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from ciw_queue import CIW, SCENARIO, by_ciw
from measure import SEED, Version, config, processor_seconds
from scaled import plain, scaled
from versions import (
    FAST,
    NAIVE,
    REFERENCE,
    by_naive_simpy,
    by_simfs,
    events_of,
    programs_of,
    runnable,
)

from simfs.engine import count, fault_of
from simfs.engine.draws import address_of
from simfs.scenario.config import load
from simfs.scenario.environment import STILL
from simfs.scenario.scenario import Study

LOADS = (1.0, 0.8, 1.2, 1.4, 1.6)  # the first of each is what the others are compared with
SIZES = (1.0, 0.25, 0.5, 2.0, 4.0, 20.0)
YEARS = (5.0, 1.0, 2.5, 10.0)
MOST_GROWTH = 2.0  # time per event over that of the first row; a list gone through would be 20
OTHERS_UP_TO = {NAIVE: 4.0, CIW: 2.0}  # times the size; beyond it they take minutes


@dataclass(frozen=True, slots=True)
class Case:
    """One row of a table: a study, and how far along the row is."""

    label: str
    factor: float
    study: Study


@dataclass(frozen=True, slots=True)
class Measured:
    """What a row comes to: means over its futures, both arms together."""

    events: float
    seconds: float
    waiting: float

    @property
    def per_event(self) -> float:
        """Microseconds."""
        return 1e6 * self.seconds / self.events


Table = tuple[str, list[Case]]


def tables() -> dict[str, Table]:
    """The tables by key: a title, and the rows, the one to compare with first."""
    shipped, queue = load(config("bury.toml")), load(SCENARIO)
    bury = plain(config("bury.toml"))

    def rows(word: str, factors: Sequence[float], change: Callable[[float], Study]) -> list[Case]:
        return [Case(f"{word} {factor:g}", factor, change(factor)) for factor in factors]

    return {
        "load": ("Bury, arrivals ×", rows("load", LOADS, lambda x: scaled(bury, load=x))),
        "size": ("Bury, a council ×", rows("size", SIZES, lambda x: scaled(bury, size=x))),
        "staff-size": (
            "Bury, with staff ×",
            rows("staff", SIZES, lambda x: scaled(shipped, size=x)),
        ),
        "years": ("Bury, years", rows("years", YEARS, lambda x: scaled(bury, years=x))),
        "queue-load": ("Queues, arrivals ×", rows("load", LOADS, lambda x: scaled(queue, load=x))),
        "queue-size": ("Queues, servers ×", rows("size", SIZES, lambda x: scaled(queue, size=x))),
    }


def waiting_at_end(study: Study, engine: str, future: int) -> int:
    """Children without a worker on the last day, over the arms."""
    address = address_of(SEED, future)
    tallies = (count(program, STILL, address, engine) for program in programs_of(study))
    return sum(int(one.waiting_children[:, -1].sum()) for one in tallies)


def measured(cases: Sequence[Case], engine: str, rounds: int, futures: int) -> list[Measured]:
    """Every case in interleaved rounds."""
    versions = [by_simfs(case.study, engine) for case in cases]
    numbers = range(futures)

    def all_futures(version: Version) -> None:
        for number in numbers:
            version.run(number)

    best = [float("inf")] * len(cases)
    for _ in range(rounds):
        for place, version in enumerate(versions):
            seconds = processor_seconds(partial(all_futures, version)) / futures
            best[place] = min(best[place], seconds)
    return [
        Measured(
            events=sum(events_of(programs_of(c.study), n, engine) for n in numbers) / futures,
            seconds=seconds,
            waiting=sum(waiting_at_end(c.study, engine, n) for n in numbers) / futures,
        )
        for c, seconds in zip(cases, best, strict=True)
    ]


def print_table(table: Table, rows: Sequence[Measured], others: bool) -> bool:
    """One table in the order of its factors; whether time per event stays where it is."""
    title, cases = table
    first = rows[0].per_event
    print(
        f"\n{title:<20}{'events':>12}{'ms':>10}{'µs/event':>10}{'ratio':>8}{'waiting':>10}", end=""
    )
    print("".join(f"{name + ' µs':>16}" for name in (NAIVE, CIW)) if others else "")
    flat = True
    for case, row in sorted(zip(cases, rows, strict=True), key=lambda pair: pair[0].factor):
        grown = row.per_event > MOST_GROWTH * first and case.factor > cases[0].factor
        flat = flat and not grown
        print(
            f"{case.factor:<20g}{row.events:>12,.0f}{1e3 * row.seconds:>10,.1f}"
            f"{row.per_event:>10.3f}{row.per_event / first:>8.2f}{row.waiting:>10,.0f}"
            f"{columns_of_others(case, row.events) if others else ''}{'  grows' if grown else ''}"
        )
    return flat


def columns_of_others(case: Case, events: float) -> str:
    """Microseconds per event of simfs that the other versions take, one future each."""
    told = ""
    sized = case.label.startswith("size")
    living = any(team.workforce is not None for arm in case.study.arms for team in arm.teams)
    for name, make in ((NAIVE, by_naive_simpy), (CIW, by_ciw)):
        expressible = not living and (name == NAIVE or len(case.study.arms) == 1)
        within = not sized or case.factor <= OTHERS_UP_TO[name]
        made = runnable(partial(make, case.study)) if expressible and within else []
        told += "".join(f"{per_event(version, events):>16.1f}" for version in made) or f"{'':>16}"
    return told


def per_event(version: Version, events: float) -> float:
    """Microseconds per event of one future."""
    return 1e6 * processor_seconds(lambda: version.run(0)) / events


def print_large_council(rows: Sequence[Measured]) -> None:
    """The last row of the sizes, in words."""
    seconds = rows[-1].seconds
    print(
        f"\nA council {SIZES[-1]:g} times Bury's size: one future of both arms and five years in "
        f"{seconds:.2f} s, 1,000 futures in {1_000 * seconds / 60:.1f} minutes of one process."
    )


def main() -> int:
    """Print the tables; 0 when time per event does not grow in any."""
    every = tables()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", nargs="+", choices=every, default=list(every))
    parser.add_argument("--rounds", type=int, default=5, help="best of so many")
    parser.add_argument("--futures", type=int, default=2, help="in a round of a row")
    parser.add_argument("--engine", choices=(FAST, REFERENCE), default=FAST)
    parser.add_argument("--others", action="store_true", help="naive SimPy and Ciw too")
    options = parser.parse_args()
    fault = fault_of(options.engine)
    if fault is not None:
        print(f"left out: {fault}")
        return 1
    flat = True
    for key in options.tables:
        rows = measured(every[key][1], options.engine, options.rounds, options.futures)
        flat = print_table(every[key], rows, options.others) and flat
        if key == "size":
            print_large_council(rows)
    return 0 if flat else 1


if __name__ == "__main__":
    raise SystemExit(main())
