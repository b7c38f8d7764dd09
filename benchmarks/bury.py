"""One Bury future, both arms and five years: the two engines of simfs beside naive SimPy.

    python benchmarks/bury.py
    python benchmarks/bury.py --overload
    python benchmarks/bury.py --staff       # what a living workforce costs, both engines

The naive version has no like of staff who come and go, training, a late start and a national
reform, so they are switched off but with `--staff`. No speed is printed unless the engines count
the same futures to the same bytes, and the naive version has the same mean number of children in
every stage of both arms.
"""

import argparse
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import fmean

from measure import (
    Aim,
    Results,
    Version,
    config,
    differ,
    interleaved,
    print_agreement,
    print_equality,
    print_ratios,
    print_times,
    processor_seconds,
    ratio_of_bests,
    samples_of,
)
from scaled import of_one_child, plain, scaled, shortened
from versions import FAST, NAIVE, REFERENCE, by_naive_simpy, by_simfs, programs_of, runnable

from simfs.scenario.config import load
from simfs.scenario.scenario import Study

OVERLOAD = 1.6  # of the arrivals; staff are busy for 0.8 of their caseloads, so 1.3 times that
AIMS = (
    Aim(FAST, NAIVE, 100.0),
    Aim(FAST, REFERENCE, 15.0),
    Aim(REFERENCE, NAIVE, 3.0),
)
FAST_SHIPPED = "fast, staff"
REFERENCE_SHIPPED = "ref., staff"
STAFF_AIMS = (Aim(FAST_SHIPPED, REFERENCE_SHIPPED, 15.0),)
MOST_COST = 1.3  # of a future with staff who come and go, over one with the posts always filled


def versions(study: Study, futures: int) -> list[Version]:
    """The versions that can run here, in the order of a round."""
    return runnable(
        partial(by_simfs, study, FAST, futures),
        partial(by_simfs, study, REFERENCE),
        partial(by_naive_simpy, study),
    )


def staff_versions(shipped: Study, study: Study, futures: int) -> list[Version]:
    """The engines on the study as shipped, beside the fast one on the plain one."""
    return runnable(
        partial(by_simfs, study, FAST, futures),
        partial(by_simfs, shipped, FAST, futures, name=FAST_SHIPPED),
        partial(by_simfs, shipped, REFERENCE, name=REFERENCE_SHIPPED),
    )


def compare_staff(shipped: Study, study: Study, rounds: int, futures: int) -> int:
    """What a living workforce costs; 0 when the engines agree and the aims are reached."""
    for warm_up in staff_versions(shortened(shipped, 30), shortened(study, 30), 1):
        warm_up.run(0)
    results = interleaved(staff_versions(shipped, study, futures), rounds)
    if FAST not in results:
        return 1
    if not print_equality(results, FAST_SHIPPED, REFERENCE_SHIPPED):
        return differ()
    print_times(results)
    reached = print_ratios(results, STAFF_AIMS)
    cost = ratio_of_bests(results, FAST, FAST_SHIPPED)
    plain_events, events = (
        fmean(sample.events for sample in samples_of(results[name]))
        for name in (FAST, FAST_SHIPPED)
    )
    print(
        f"\nStaff who come and go, training and reform: {cost:.2f} times the time of a future "
        f"(at most {MOST_COST:g}), {events / plain_events:.2f} times the events."
    )
    return 0 if reached and cost <= MOST_COST else 1


def compile_seconds(study: Study) -> float:
    """CPU seconds to make the programs of the arms, at best of three."""
    times = []
    for attempt in range(3):
        # A label of its own makes it a new scenario, so that nothing made before is used.
        arms = tuple(replace(arm, label=f"{arm.label} {attempt}") for arm in study.arms)
        fresh = replace(study, arms=arms)
        times.append(processor_seconds(partial(programs_of, fresh)))
    return min(times)


def print_with_compiling(results: Results, seconds: float) -> None:
    """What a run of one single future takes, the programs made for it."""
    best = {name: min(turn.seconds for turn in turns) for name, turns in results.items()}
    print(f"\nA run makes its programs once: {1e3 * seconds:.0f} ms, not in the times above.")
    if FAST in best:
        others = [name for name in best if name != FAST]
        ratios = {
            name: (best[name] + (seconds if name == REFERENCE else 0)) / (best[FAST] + seconds)
            for name in others
        }
        told = ", ".join(f"{ratio:.1f} times {name}" for name, ratio in ratios.items())
        print(f"A run of one single future, programs included: {told}.")
        minutes = 1_000 * best[FAST] / 60
        print(f"1,000 futures of both arms, one process, at the best: {minutes:.2f} minutes.")


def main() -> int:
    """Run the rounds; 0 when the versions agree and every aim is reached."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, help="at least 2; 8, and 5 in overload")
    parser.add_argument("--futures", type=int, default=10, help="of the fast engine in a round")
    parser.add_argument("--overload", action="store_true", help=f"arrivals times {OVERLOAD}")
    parser.add_argument("--staff", action="store_true", help="as shipped, not beside naive SimPy")
    parser.add_argument("--config", type=Path, default=config("bury.toml"), help="scenario file")
    options = parser.parse_args()
    study = plain(options.config)
    rounds = options.rounds or (5 if options.overload else 8)
    if options.staff:
        return compare_staff(load(options.config), study, rounds, options.futures)
    if options.overload:
        study = of_one_child(scaled(study, load=OVERLOAD))
    for warm_up in versions(shortened(study, 30), 1):
        warm_up.run(0)  # imports are not what is measured
    results = interleaved(versions(study, options.futures), rounds)
    if FAST in results and not print_equality(results, FAST, REFERENCE):
        return differ()
    quick = FAST if FAST in results else REFERENCE
    if not print_agreement(results, quick, NAIVE, every=True):
        return differ()
    print_times(results)
    reached = print_ratios(results, AIMS)
    print_with_compiling(results, compile_seconds(study))
    return 0 if reached and FAST in results else 1


if __name__ == "__main__":
    raise SystemExit(main())
