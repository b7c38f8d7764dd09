"""What a process costs besides its futures: imports, programs, compiling, memory.

    python benchmarks/compile_time.py

Each row is a process of its own: the fast engine with an empty cache of compiled code, the same
again with what the first left there, the reference engine, and naive SimPy with the posts always
filled.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from measure import config, processor_seconds
from scaled import plain
from versions import FAST, NAIVE, REFERENCE, by_naive_simpy, by_simfs

from simfs.engine import fault_of
from simfs.scenario.config import load

CACHE = "NUMBA_CACHE_DIR"


def peak_megabytes() -> float:
    """Most memory this process has held; of a system that does not tell, not a number."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would tell of the parent too
        lines = status.read_text(encoding="utf-8").splitlines()
        peak = next(line for line in lines if line.startswith("VmHWM"))
        return int(peak.split()[1]) / 1e3
    try:
        import resource  # noqa: PLC0415  not on Windows
    except ImportError:
        return float("nan")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def one_process(name: str, path: Path, futures: int) -> dict[str, float]:
    """Run some futures of a version, and tell CPU seconds and memory on the way."""
    imported = time.process_time()
    study = plain(path) if name == NAIVE else load(path)
    loaded = time.process_time()
    version = by_naive_simpy(study) if name == NAIVE else by_simfs(study, name, ready=False)
    made = time.process_time()
    before = peak_megabytes()
    times = [processor_seconds(partial(version.run, number)) for number in range(futures)]
    return {
        "imports": imported,
        "load": loaded - imported,
        "programs": made - loaded,
        "first": times[0],
        "next": min(times[1:]),
        "before": before,
        "after": peak_megabytes(),
    }


def in_new_process(name: str, path: Path, futures: int, cache: str) -> dict[str, float]:
    """The same in a process of its own, with its own cache of compiled code."""
    command = [sys.executable, __file__, "--child", name, "--config", str(path)]
    done = subprocess.run(
        [*command, "--futures", str(futures)],
        env={**os.environ, CACHE: cache},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def print_row(label: str, futures: int, told: dict[str, float]) -> None:
    """One process."""
    extra = max(told["first"] - told["next"], 0.0)
    print(
        f"{label:<22}{told['imports']:>9.2f}{told['load']:>8.2f}{told['programs']:>10.2f}"
        f"{told['first']:>8.2f}{told['next']:>8.3f}{extra:>10.2f}{futures:>9}"
        f"{told['before']:>9.0f}{told['after']:>9.0f}",
        flush=True,
    )


def main() -> int:
    """Print a row per process."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--futures", type=int, default=100, help="of each engine")
    parser.add_argument("--naive-futures", type=int, default=10, help="of naive SimPy")
    parser.add_argument("--config", type=Path, default=config("bury.toml"), help="scenario file")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(one_process(options.child, options.config, options.futures)))
        return 0
    heads = ("imports", "load", "programs", "first", "next", "compile", "futures", "MB", "MB peak")
    widths = (9, 8, 10, 8, 8, 10, 9, 9, 9)
    head = "".join(f"{word:>{width}}" for word, width in zip(heads, widths, strict=True))
    print(f"{'CPU seconds':<22}{head}")
    fault = fault_of(FAST)
    rows = [("fast, nothing cached", FAST), ("fast, cached", FAST)] if fault is None else []
    if fault is not None:
        print(f"left out: {fault}")
    with tempfile.TemporaryDirectory() as cache:
        for label, name in [*rows, (REFERENCE, REFERENCE), (NAIVE, NAIVE)]:
            futures = options.naive_futures if name == NAIVE else options.futures
            print_row(label, futures, in_new_process(name, options.config, futures, cache))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
