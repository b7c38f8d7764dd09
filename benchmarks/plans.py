"""What a plan of a staffing grid costs beside a plan that is run by itself.

    python benchmarks/plans.py
    python benchmarks/plans.py --plans 40

A grid simulates the baseline once for all plans, makes the families of a future once, and compiles
the map once; a plan by itself pays for its baseline, its families and its map. Both come to the
same numbers, or no ratio is printed. CPU seconds of this process, interleaved; the best round.
"""

import argparse
from functools import partial

import numpy as np
from measure import SEED, config, processor_seconds

from simfs.engine.draws import DRAW_SIZE
from simfs.experiment.plans import run_planned_future
from simfs.scenario.config import load
from simfs.scenario.plans import plans_of
from simfs.scenario.scenario import Study

AIM = 1.5  # times as many plans in the same time
ROUNDS = 3


def draw_of(study: Study, draw: int) -> np.ndarray:
    """What the plans of a study come to in the futures of a draw, int64[future, plan, …]."""
    futures = range(draw * DRAW_SIZE, (draw + 1) * DRAW_SIZE)
    return np.stack(
        [run_planned_future((), "fast", study, SEED, future)[0][2:] for future in futures]
    )


def main() -> int:
    """Print milliseconds of a plan's future both ways, and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plans", type=int, default=20, help="in the grid [default: 20]")
    count = parser.parse_args().plans
    plans = plans_of(load(config("bury.toml")), [f"teams.safeguarding.posts=20:{19 + count}"])
    together = plans.studied(range(count))
    singles = [plans.studied([number]) for number in range(count)]
    grid = draw_of(together, 0)
    one = np.concatenate([draw_of(single, 0) for single in singles], axis=1)
    if not (grid == one).all():
        print("the grid and the plans by themselves do not come to the same")
        return 1
    seconds: dict[str, list[float]] = {"grid": [], "alone": []}
    for number in range(1, ROUNDS + 1):
        seconds["grid"].append(processor_seconds(partial(draw_of, together, number)))
        seconds["alone"].append(
            processor_seconds(lambda at=number: [draw_of(single, at) for single in singles])
        )
    each = {name: 1000 * min(found) / count / DRAW_SIZE for name, found in seconds.items()}
    ratio = each["alone"] / each["grid"]
    print(
        f"{count} plans, ms of CPU for a plan's future: in a grid {each['grid']:.1f}, "
        f"each by itself {each['alone']:.1f}; {ratio:.1f} times as many plans (aim {AIM})"
    )
    return 0 if ratio >= AIM else 1


if __name__ == "__main__":
    raise SystemExit(main())
