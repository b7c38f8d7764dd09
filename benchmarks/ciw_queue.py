"""What Ciw can express, five years: simfs, naive SimPy and Ciw 3.x on the scenario of queue.toml.

    pip install "ciw>=3,<4"
    python benchmarks/ciw_queue.py

No speed is printed unless the engines of simfs count the same futures to the same bytes, and all
versions have the same mean number of families in every stage after the first two years.
"""

import argparse
from functools import partial
from pathlib import Path
from typing import Any

from measure import (
    SEED,
    Aim,
    Sample,
    Version,
    differ,
    interleaved,
    print_agreement,
    print_equality,
    print_ratios,
    print_times,
)
from scaled import scaled, shortened
from versions import FAST, NAIVE, REFERENCE, by_naive_simpy, by_simfs, runnable

from simfs.scenario.config import load
from simfs.scenario.scenario import Study

CIW = "Ciw"
SCENARIO = Path(__file__).parent / "queue.toml"
WARM_YEARS = 2  # nobody is there at the start; the longest stages take this long to fill
EVENTS_OF_A_RECORD = 3  # arrival, start and end of a stay
AIMS = (
    Aim(FAST, CIW, 400.0),
    Aim(FAST, NAIVE, 100.0),
    Aim(FAST, REFERENCE, 15.0),
)


def by_ciw(study: Study, warm_years: int = 0) -> Version:
    """Simulate and collect the records. Raises ImportError where Ciw 3.x is not installed."""
    try:
        import ciw_network  # noqa: PLC0415  Ciw is no dependency of the project
    except ImportError as error:
        raise ImportError(f'Ciw ({error}): pip install "ciw>=3,<4"') from error
    (arm,) = study.arms
    first_day = arm.calendar.years[warm_years][1]

    def run(future: int) -> list[Any]:
        return ciw_network.simulate(arm, SEED + future)

    def sample(_: int, records: list[Any]) -> Sample:
        means = ciw_network.mean_families(arm, records, first_day)
        children = {(arm.arm, stage): mean for stage, mean in means.items()}
        return Sample(children, EVENTS_OF_A_RECORD * len(records))

    return Version(CIW, run, sample)


def versions(study: Study, futures: int, warm_years: int) -> list[Version]:
    """The versions that can run here, in the order of a round."""
    return runnable(
        partial(by_simfs, study, FAST, futures, warm_years),
        partial(by_simfs, study, REFERENCE, 1, warm_years),
        partial(by_naive_simpy, study, warm_years),
        partial(by_ciw, study, warm_years),
    )


def main() -> int:
    """Run the rounds; 0 when the versions agree and every aim is reached."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=8, help="rounds, at least 2")
    parser.add_argument("--futures", type=int, default=10, help="of the fast engine in a round")
    parser.add_argument("--load", type=float, default=1.0, help="multiplies the arrivals")
    options = parser.parse_args()
    study = scaled(load(SCENARIO), load=options.load)
    for warm_up in versions(shortened(study, 30), 1, 0):
        warm_up.run(0)  # imports are not what is measured
    results = interleaved(versions(study, options.futures, WARM_YEARS), options.rounds)
    if FAST in results and not print_equality(results, FAST, REFERENCE):
        return differ()
    quick = FAST if FAST in results else REFERENCE
    others = [name for name in (NAIVE, CIW) if name in results]
    agreements = [print_agreement(results, quick, name, every=True) for name in others]
    if not all(agreements):
        return differ()
    print_times(results)
    reached = print_ratios(results, AIMS)
    return 0 if reached and FAST in results and CIW in results else 1


if __name__ == "__main__":
    raise SystemExit(main())
