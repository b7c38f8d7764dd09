"""One Bury future, both arms and five years: simfs beside the naive SimPy version.

    python benchmarks/bury.py
    python benchmarks/bury.py --rounds 20

Rounds are interleaved in one process (simfs, naive, simfs, naive, …) and timed in CPU seconds, so
that a busy machine slows both alike. The futures that are timed are also compared: no speed is
printed unless both versions have the same mean number of children in every stage of both arms.
"""

import argparse
import gc
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, median, stdev

import naive_simpy
from scipy import stats

from simfs.engine import simulate
from simfs.engine.compile import compile_scenario, quantities_of
from simfs.engine.counting import tally
from simfs.engine.draws import CENTRAL, address_of, draw_values
from simfs.scenario.config import load
from simfs.scenario.environment import STILL
from simfs.scenario.scenario import Calendar, Study

SEED = 20231001
FALSE_ALARM = 0.001  # chance that two equal versions are called different, over all stages
CLAIM = 3.0  # times faster than the naive version


@dataclass(frozen=True, slots=True)
class Sample:
    """One future of both arms.

    Attributes:
        children: mean children by (arm, stage) over the run.
        events: how many events were recorded.
    """

    children: dict[tuple[str, str], float]
    events: int


@dataclass(frozen=True, slots=True)
class Timed:
    """A sample and the CPU seconds it took."""

    sample: Sample
    seconds: float


@dataclass(frozen=True, slots=True)
class Row:
    """One stage of one arm in both versions: means, standard error of their difference, z."""

    arm: str
    stage: str
    simfs: float
    naive: float
    error: float
    z: float


Version = Callable[[Study, int], Sample]


def by_simfs(study: Study, future: int) -> Sample:
    """Compile, simulate and tally."""
    children: dict[tuple[str, str], float] = {}
    events = 0
    for arm in study.arms:
        # A label of its own makes it a new scenario, so that nothing compiled before is used.
        scenario = replace(arm, label=f"{arm.label} {future}")
        values = draw_values(quantities_of(scenario), SEED, CENTRAL)
        program = compile_scenario(scenario, values)
        history = simulate(program, STILL, address_of(SEED, future))
        counted = tally(history, program)
        events += len(history.events)
        means = counted.stage_children.mean(axis=1)
        for stage, mean in zip(scenario.pathway.stages, means, strict=True):
            children[arm.arm, stage.key] = float(mean)
    return Sample(children, events)


def by_naive_simpy(study: Study, future: int) -> Sample:
    """Simulate and summarise; both arms from the same seed, as the tutorials do."""
    children: dict[tuple[str, str], float] = {}
    events = 0
    for scenario in study.arms:
        results = naive_simpy.simulate(scenario, SEED + future)
        events += len(results.events)
        for stage, mean in results.stage_children.items():
            children[scenario.arm, stage] = mean
    return Sample(children, events)


VERSIONS: dict[str, Version] = {"simfs": by_simfs, "naive SimPy": by_naive_simpy}


def compare(ours: Sequence[Sample], theirs: Sequence[Sample]) -> list[Row]:
    """Stage by stage, whether two versions agree; as many futures of each."""
    rows = []
    for arm, stage in ours[0].children:
        a = [sample.children[arm, stage] for sample in ours]
        b = [sample.children[arm, stage] for sample in theirs]
        error = ((stdev(a) ** 2 + stdev(b) ** 2) / len(a)) ** 0.5
        z = (fmean(a) - fmean(b)) / error
        rows.append(Row(arm, stage, fmean(a), fmean(b), error, z))
    return rows


def allowed(rows: int, futures: int) -> float:
    """The largest |z| that chance gives to equal versions, but for `FALSE_ALARM`."""
    return float(stats.t.isf(FALSE_ALARM / 2 / rows, 2 * (futures - 1)))


def shortened(study: Study, days: int) -> Study:
    """The same study for fewer days."""
    calendar = Calendar(study.arms[0].calendar.start, days)
    return replace(study, arms=tuple(replace(arm, calendar=calendar) for arm in study.arms))


def timed(version: Version, study: Study, future: int) -> Timed:
    """One future, in CPU seconds of this process."""
    gc.collect()
    start = time.process_time()
    sample = version(study, future)
    return Timed(sample, time.process_time() - start)


def peak_megabytes(version: Version, study: Study, future: int) -> float:
    """Most memory that one future holds at a time, beyond what was there before."""
    gc.collect()
    tracemalloc.start()
    version(study, future)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1e6


def print_agreement(rows: Sequence[Row], limit: float) -> bool:
    """The table of means; whether all agree."""
    print(f"{'arm':<20}{'stage':<26}{'simfs':>9}{'naive':>9}{'s.e.':>7}{'z':>7}")
    for row in rows:
        mark = "" if abs(row.z) <= limit else "  differs"
        print(
            f"{row.arm:<20}{row.stage:<26}{row.simfs:>9.2f}{row.naive:>9.2f}"
            f"{row.error:>7.2f}{row.z:>7.2f}{mark}"
        )
    largest = max(abs(row.z) for row in rows)
    spread = fmean(row.z**2 for row in rows) ** 0.5
    print(f"largest |z| {largest:.2f} (allowed {limit:.2f}), root mean square z {spread:.2f}\n")
    return largest <= limit


def print_speed(results: dict[str, list[Timed]], peaks: dict[str, float]) -> float:
    """The table of times; returns the ratio of the bests."""
    heads = ("best s", "median s", "events", "events/s", "peak MB")
    print(f"{'':<14}" + "".join(f"{head:>11}" for head in heads))
    best: dict[str, float] = {}
    for name, rounds in results.items():
        best[name] = min(r.seconds for r in rounds)
        middle = median(r.seconds for r in rounds)
        events = fmean(r.sample.events for r in rounds)
        rate = max(r.sample.events / r.seconds for r in rounds)
        print(
            f"{name:<14}{best[name]:>11.3f}{middle:>11.3f}{events:>11,.0f}{rate:>11,.0f}"
            f"{peaks[name]:>11.1f}"
        )
    ours, theirs = results.values()
    ratio = best["naive SimPy"] / best["simfs"]
    ratios = [b.seconds / a.seconds for a, b in zip(ours, theirs, strict=True)]
    print(f"\nsimfs is {ratio:.2f} times as fast by the bests,")
    print(f"{median(ratios):.2f} times by the median of {len(ratios)} rounds", end=" ")
    print(f"(from {min(ratios):.2f} to {max(ratios):.2f}); the aim is {CLAIM:g}.")
    minutes = 1_000 * median(r.seconds for r in ours) / 2 / 60
    print(f"1,000 futures in 2 processes at the median: {minutes:.1f} minutes on this machine.")
    return ratio


def main() -> int:
    """Run the rounds; 0 when the versions agree and simfs is as fast as claimed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--rounds", type=int, default=8, help="futures of each version (at least 2)"
    )
    path = Path(__file__).parents[1] / "configs" / "bury.toml"
    parser.add_argument("--config", type=Path, default=path, help="the scenario file")
    options = parser.parse_args()
    study = load(options.config)
    for version in VERSIONS.values():
        version(shortened(study, 30), 0)  # imports are not what is measured
    results: dict[str, list[Timed]] = {name: [] for name in VERSIONS}
    for future in range(options.rounds):
        for name, version in VERSIONS.items():
            results[name].append(timed(version, study, future))
    ours, theirs = ([r.sample for r in rounds] for rounds in results.values())
    rows = compare(ours, theirs)
    if not print_agreement(rows, allowed(len(rows), options.rounds)):
        print("The two versions differ; no speed is worth printing.", file=sys.stderr)
        return 1
    peaks = {name: peak_megabytes(v, study, options.rounds) for name, v in VERSIONS.items()}
    return 0 if print_speed(results, peaks) >= CLAIM else 1


if __name__ == "__main__":
    raise SystemExit(main())
