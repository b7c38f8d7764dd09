"""What the benchmarks have in common: interleaved rounds, agreement before speed, and ratios.

A version is one way to run a study. Each round runs every version once, timed in CPU seconds of
this process, so that a busy machine slows all alike; a version that is done in milliseconds runs
several futures in its turn, and its time is divided by their number.
"""

import gc
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from statistics import fmean, median, variance
from typing import Any

from scipy import stats

SEED = 20231001
FALSE_ALARM = 0.001  # chance that two equal versions are called different, over all stages


@dataclass(frozen=True, slots=True)
class Sample:
    """What one future comes to.

    Attributes:
        children: mean children by (arm, stage) over the days that are compared.
        events: how many events the version had.
        digest: of everything counted, where the version counts as simfs does; else empty.
    """

    children: dict[tuple[str, str], float]
    events: int
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """One way to run a study.

    Attributes:
        name: for tables.
        run: one future, by its number; this is what is timed.
        sample: what came of it, from the future's number and what `run` returned; not timed.
        futures: how many futures a round times together.
    """

    name: str
    run: Callable[[int], Any]
    sample: Callable[[int, Any], Sample]
    futures: int = 1


@dataclass(frozen=True, slots=True)
class Turn:
    """One version's part of a round: CPU seconds per future, and the futures by number."""

    seconds: float
    samples: dict[int, Sample]


@dataclass(frozen=True, slots=True)
class Row:
    """One stage of one arm in two versions: means, standard error of their difference, z."""

    arm: str
    stage: str
    ours: float
    theirs: float
    error: float
    z: float


@dataclass(frozen=True, slots=True)
class Aim:
    """How many times as fast one version is to be as another."""

    fast: str
    slow: str
    times: float


Results = dict[str, list[Turn]]


def processor_seconds(work: Callable[[], object]) -> float:
    """CPU seconds of this process that some work takes."""
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def turn(version: Version, first: int) -> Turn:
    """The futures of one round of a version, from number `first`."""
    numbers = range(first, first + version.futures)
    raw: list[Any] = []
    seconds = processor_seconds(lambda: raw.extend(version.run(number) for number in numbers))
    samples = {n: version.sample(n, came) for n, came in zip(numbers, raw, strict=True)}
    return Turn(seconds / version.futures, samples)


def interleaved(versions: Sequence[Version], rounds: int) -> Results:
    """Round by round, every version's turn. Versions with one seed share their first future."""
    most = max(version.futures for version in versions)
    results: Results = {version.name: [] for version in versions}
    for number in range(rounds):
        for version in versions:
            results[version.name].append(turn(version, number * most))
    return results


def samples_of(turns: Sequence[Turn]) -> list[Sample]:
    """Every future of a version."""
    return [sample for one in turns for sample in one.samples.values()]


def compare(ours: Sequence[Sample], theirs: Sequence[Sample]) -> list[Row]:
    """Stage by stage, whether two versions agree: Student's t of two groups of futures."""
    rows = []
    n, m = len(ours), len(theirs)
    for arm, stage in ours[0].children:
        a = [sample.children[arm, stage] for sample in ours]
        b = [sample.children[arm, stage] for sample in theirs]
        pooled = ((n - 1) * variance(a) + (m - 1) * variance(b)) / (n + m - 2)
        error = (pooled * (1 / n + 1 / m)) ** 0.5
        gap = fmean(a) - fmean(b)
        # a stage that is the same in every future has no error, and may not differ at all
        z = gap / error if error else (inf if gap else 0.0)
        rows.append(Row(arm, stage, fmean(a), fmean(b), error, z))
    return rows


def allowed(rows: int, ours: int, theirs: int) -> float:
    """The largest |z| that chance gives to equal versions, but for `FALSE_ALARM`."""
    return float(stats.t.isf(FALSE_ALARM / 2 / rows, ours + theirs - 2))


def largest_z(rows: Sequence[Row]) -> float:
    """How far the two versions are apart where they are furthest."""
    return max(abs(row.z) for row in rows)


def unequal(ours: Sequence[Turn], theirs: Sequence[Turn]) -> list[int]:
    """The futures that both versions ran and did not count alike, to the byte."""
    one = {n: sample.digest for turn in ours for n, sample in turn.samples.items()}
    two = {n: sample.digest for turn in theirs for n, sample in turn.samples.items()}
    both = sorted(one.keys() & two.keys())
    if not both:
        raise ValueError("the two versions have no future in common")
    return [number for number in both if one[number] != two[number]]


def print_equality(results: Results, one: str, two: str) -> bool:
    """Whether two engines of simfs counted the same futures to the same bytes."""
    differ = unequal(results[one], results[two])
    if differ:
        print(f"{one} and {two} differ in futures {differ}")
    else:
        print(f"{one} and {two}: {len(results[two])} futures, tallies equal to the byte")
    return not differ


def print_agreement(results: Results, one: str, two: str, every: bool) -> bool:
    """The means of two versions, of every stage or only the largest |z|; whether all agree."""
    ours, theirs = samples_of(results[one]), samples_of(results[two])
    rows = compare(ours, theirs)
    limit = allowed(len(rows), len(ours), len(theirs))
    if every:
        print(f"\n{'mean children':<46}{one:>11}{two:>13}{'s.e.':>8}{'z':>7}")
    for row in rows:
        differs = abs(row.z) > limit
        if every or differs:
            print(
                f"{row.arm:<20}{row.stage:<26}{row.ours:>11.2f}{row.theirs:>13.2f}"
                f"{row.error:>8.2f}{row.z:>7.2f}{'  differs' if differs else ''}"
            )
    spread = fmean(row.z**2 for row in rows) ** 0.5
    print(
        f"{one} ({len(ours)} futures) and {two} ({len(theirs)}): largest |z| "
        f"{largest_z(rows):.2f} of {len(rows)} means (allowed {limit:.2f}), "
        f"root mean square z {spread:.2f}"
    )
    return largest_z(rows) <= limit


def print_times(results: Results) -> None:
    """Seconds per future and events per second of each version."""
    heads = ("best ms", "median ms", "events", "events/s", "futures")
    print(f"\n{'one future':<14}" + "".join(f"{head:>12}" for head in heads))
    for name, turns in results.items():
        best = min(one.seconds for one in turns)
        middle = median(one.seconds for one in turns)
        samples = samples_of(turns)
        events = fmean(sample.events for sample in samples)
        print(
            f"{name:<14}{1e3 * best:>12,.2f}{1e3 * middle:>12,.2f}{events:>12,.0f}"
            f"{events / best:>12,.0f}{len(samples):>12}"
        )


def ratio_of_bests(results: Results, fast: str, slow: str) -> float:
    """How many times as fast one version is, each at its best."""
    best = {name: min(one.seconds for one in results[name]) for name in (fast, slow)}
    return best[slow] / best[fast]


def print_ratios(results: Results, aims: Sequence[Aim]) -> bool:
    """The ratios with their aims; whether the bests reach every aim."""
    print(f"\n{'times as fast':<30}{'bests':>9}{'median':>9}{'from':>9}{'to':>9}{'aim':>8}")
    reached = True
    for aim in aims:
        if aim.fast not in results or aim.slow not in results:
            continue
        bests = ratio_of_bests(results, aim.fast, aim.slow)
        pairs = zip(results[aim.fast], results[aim.slow], strict=True)
        ratios = [slow.seconds / fast.seconds for fast, slow in pairs]
        told = "" if bests >= aim.times else "  not reached"
        print(
            f"{aim.fast + ' : ' + aim.slow:<30}{bests:>9.1f}{median(ratios):>9.1f}"
            f"{min(ratios):>9.1f}{max(ratios):>9.1f}{aim.times:>8g}{told}"
        )
        reached = reached and bests >= aim.times
    return reached


def differ(message: str = "The versions differ; no speed is worth printing.") -> int:
    """Say so; the exit code of a benchmark whose versions differ."""
    print(message, file=sys.stderr)
    return 1


def config(name: str) -> Path:
    """A scenario file of the project."""
    return Path(__file__).parents[1] / "configs" / name
