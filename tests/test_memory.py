"""Memory does not grow with the number of futures: all that grows is on disk."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from simfs.analysis.measures import weekly_metrics, yearly_metrics
from simfs.experiment.future import FutureResult
from simfs.scenario.config import load
from simfs.scenario.scenario import Study

BURY = Path(__file__).parents[1] / "configs" / "bury.toml"
MORE = 1.20  # of the memory of 5,000 futures, whatever the number

NUMBERS: list[FutureResult] = []

SCRIPT = """
import json, resource, sys, time
from pathlib import Path
from test_memory import BURY, like_bury
from simfs.experiment.run import identity_of, run
from simfs.experiment.store import Store
from simfs.experiment.tables import write_futures
from simfs.report.findings import gather
from simfs.report.tables import bands_csv, claims_csv, finance_csv, staff_csv
from simfs.scenario.config import load

def tables(folder):
    found = gather(outcomes)
    for write in (bands_csv, claims_csv, finance_csv, staff_csv):
        (folder / f"{write.__name__}.csv").write_bytes(write(found))

study, futures, jobs, clock = load(BURY), int(sys.argv[1]), int(sys.argv[2]), time.process_time
marks = [clock()]
with Store.for_run(Path("r"), identity_of(study, 1), study.resolved, futures) as store:
    outcomes = run(study, reps=futures, jobs=jobs, folder=store, simulate=like_bury)
    marks.append(clock())
    store.publish([lambda folder: write_futures(outcomes, folder)])
    marks.append(clock())
    store.publish([tables])
    marks.append(clock())
whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
print(json.dumps({
    "kB": [resource.getrusage(who).ru_maxrss for who in whose],
    "files": len(list(Path("r/journal").iterdir())),
    "cpu": [round(b - a, 1) for a, b in zip(marks, marks[1:])],
}))
"""


def like_bury(study: Study, seed: int, future: int) -> FutureResult:
    """Numbers of Bury's shapes, made up in no time; another scale and order in each future."""
    if not NUMBERS:
        rng, calendar, arms = np.random.default_rng(7), study.arms[0].calendar, len(study.arms)
        by_year = (arms, len(calendar.years), len(yearly_metrics(study)))
        by_week = (arms, calendar.weeks, len(weekly_metrics(study)))
        NUMBERS.append(
            (rng.integers(0, 10**8, by_year), rng.gamma(9, 2, by_week).astype(np.float32))
        )
    yearly, weekly = NUMBERS[0]
    turned = np.roll(yearly, future % 113, axis=2) + np.int64(7919 * future % 100_003)
    return turned, weekly + np.float32(future % 31)


def memory_of(folder: Path, futures: int, jobs: int = 1) -> dict[str, list[int]]:
    """What a run of so many futures took, its tables written."""
    folder.mkdir()
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    told = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(futures), str(jobs)],
        check=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(told.stdout)


def test_the_made_up_futures_have_the_shapes_of_bury():
    study = load(BURY)
    yearly, weekly = like_bury(study, 1, 3)
    assert yearly.shape == (2, 5, len(yearly_metrics(study)))
    assert weekly.shape[:2] == (2, 261)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is told in other units elsewhere")
def test_four_times_as_many_futures_take_no_more_memory(tmp_path):
    few = memory_of(tmp_path / "few", 5_000)
    many = memory_of(tmp_path / "many", 20_000)
    assert many["kB"][0] < MORE * few["kB"][0]
