"""Many futures: the same numbers whatever the machinery, and nothing finished is ever lost."""

import os
import subprocess
import sys
from dataclasses import replace
from functools import partial
from itertools import count, islice
from pathlib import Path

import numpy as np
import pytest
from scripted import (
    doubled,
    faulty_at_12,
    interrupted_at_20,
    killed_at_12,
    killed_once_at_12,
    lose_the_fast_engine,
    must_not_run,
    needs_kill,
    refused_at_12,
    scripted,
    small_study,
)

from simfs.analysis.outcomes import Outcomes
from simfs.engine.compile import compile_scenario
from simfs.engine.program import Program
from simfs.errors import RunError, UsageError
from simfs.experiment import future as one_future
from simfs.experiment import gathering
from simfs.experiment.executors import in_processes
from simfs.experiment.future import run_future, usable_engine
from simfs.experiment.gathering import Futures, Gathered, run_chunk
from simfs.experiment.run import estimate, identity_of, run, stored_outcomes, whole_draws
from simfs.experiment.store import Store
from simfs.experiment.tables import write_futures
from simfs.scenario.scenario import Scenario

TABLES = ("futures.csv.gz", "futures.parquet", "columns.csv")


def store_for(folder: Path, futures: int = 32, *, seed: int = 1, resume: bool = False) -> Store:
    study = small_study()
    return Store.for_run(folder, identity_of(study, seed), study.resolved, futures, resume=resume)


def tables_of(outcomes: Outcomes, folder: Path) -> list[bytes]:
    folder.mkdir()
    write_futures(outcomes, folder)
    return [(folder / name).read_bytes() for name in TABLES]


def yearly_of(outcomes: Outcomes) -> np.ndarray:
    """All yearly numbers [metric, arm, future, year], wherever they are kept."""
    return np.array([[outcomes.of(arm, m.key) for arm in outcomes.arms] for m in outcomes.metrics])


def weekly_of(outcomes: Outcomes) -> np.ndarray:
    """All weekly numbers [metric, arm, future, week], wherever they are kept."""
    columns = range(len(outcomes.weekly_metrics))
    return np.array([[outcomes.weekly_of(arm, c) for arm in outcomes.arms] for c in columns])


def same(one: Outcomes, other: Outcomes) -> bool:
    return yearly_of(one).tobytes() == yearly_of(other).tobytes() and (
        weekly_of(one).tobytes() == weekly_of(other).tobytes()
    )


def test_futures_fall_into_their_places():
    study = small_study()
    outcomes = run(study, reps=12, seed=3, simulate=scripted)
    yearly, weekly = scripted(study, 3, 7)
    assert outcomes.arms == ("today", "more_staff")
    assert np.array_equal(outcomes.yearly[:, 7], yearly)
    assert np.array_equal(outcomes.weekly[:, 7], weekly)
    assert (outcomes.draws[7], outcomes.drifts[7], outcomes.lucks[7]) == (1, 1, 3)


def test_the_number_of_futures_is_rounded_up_to_whole_draws():
    assert [whole_draws(reps) for reps in (1, 4, 5, 200)] == [4, 4, 8, 200]
    assert run(small_study(), reps=5, simulate=scripted).futures == 8


def test_one_process_and_two_write_the_same_bytes(tmp_path):
    study = small_study()
    alone = run(study, reps=20, jobs=1, engine="reference")
    together = run(study, reps=20, jobs=2, engine="reference")
    assert same(alone, together)
    assert tables_of(alone, tmp_path / "1") == tables_of(together, tmp_path / "2")


def test_the_first_eight_futures_of_sixteen_are_a_run_of_eight():
    study = small_study()
    eight, sixteen = (run(study, reps=reps, engine="reference") for reps in (8, 16))
    assert np.array_equal(sixteen.yearly[:, :8], eight.yearly)
    assert sixteen.weekly[:, :8].tobytes() == eight.weekly.tobytes()
    assert not np.array_equal(sixteen.yearly[:, 8:], eight.yearly)


def test_future_731_alone_is_future_731_of_many():
    study = small_study()
    by_reference = partial(run_future, engine="reference")
    yearly, weekly = by_reference(study, 1, 731)
    for neighbour in (730, 12, 729):
        by_reference(study, 1, neighbour)
    again = by_reference(study, 1, 731)
    assert np.array_equal(yearly, again[0])
    assert weekly.tobytes() == again[1].tobytes()
    chunk = run_chunk(study, 1, by_reference, Futures(728, 732)).chunk
    assert np.array_equal(chunk.yearly[3], yearly)


def test_many_arms_are_compiled_once_for_the_four_futures_of_a_draw(monkeypatch):
    study = small_study()
    arms = tuple(replace(study.arms[0], arm=f"arm_{n:02d}") for n in range(70))
    compiled: list[str] = []

    def counted(scenario: Scenario, values: object) -> Program:
        compiled.append(scenario.arm)
        return compile_scenario(scenario, values)

    monkeypatch.setattr(one_future, "compile_scenario", counted)
    for future in range(400, 404):
        run_future(replace(study, arms=arms), 1, future, "reference")
    assert sorted(compiled) == [scenario.arm for scenario in arms]


def test_a_run_that_does_not_fit_in_memory_says_so():
    with pytest.raises(RunError, match="do not fit in memory"):
        run(small_study(), reps=2**60, simulate=must_not_run)


def test_a_run_that_does_not_fit_on_the_disk_says_so(tmp_path):
    with (
        store_for(tmp_path / "r", 2**60) as folder,
        pytest.raises(RunError, match="do not fit on the disk"),
    ):
        run(small_study(), reps=2**60, simulate=must_not_run, folder=folder)


def test_weekly_tables_are_kept_for_the_first_futures_only(tmp_path, monkeypatch):
    monkeypatch.setattr(gathering, "WEEKLY_FUTURES", 12)
    with store_for(tmp_path / "r") as folder:
        outcomes = run(small_study(), reps=32, simulate=scripted, folder=folder)
        again = run(small_study(), reps=32, simulate=must_not_run, folder=folder)
    assert outcomes.weekly.shape[1] == 12
    assert outcomes.yearly.shape[1] == 32
    assert same(outcomes, again)


def test_numbers_on_disk_are_those_in_memory(tmp_path):
    in_memory = run(small_study(), reps=32, simulate=scripted)
    with store_for(tmp_path / "r") as folder:
        on_disk = run(small_study(), reps=32, simulate=scripted, folder=folder)
        assert on_disk.yearly.shape == in_memory.yearly.shape
        assert on_disk.weekly.shape == in_memory.weekly.shape
        assert same(on_disk, in_memory)
        part = slice(5, 9)
        for metric in in_memory.metrics:
            here, there = (one.of("today", metric.key, part) for one in (in_memory, on_disk))
            assert here.tolist() == there.tolist()


def test_numbers_on_disk_leave_no_file_behind(tmp_path):
    with store_for(tmp_path / "r") as folder:
        run(small_study(), reps=32, simulate=scripted, folder=folder)
    names = {path.name for path in (tmp_path / "r" / "journal").iterdir()}
    assert {name for name in names if not name.endswith(".chunk")} == {
        "run.json", "config.resolved.toml"
    }  # fmt: skip


def test_chunks_grow_until_they_are_worth_their_files():
    gathered = Gathered(small_study(), 100_000, None)
    sizes = []
    for task in gathered.tasks(workers=2):
        sizes.append(task.end - task.first)
        finished = run_chunk(small_study(), 1, scripted, task)
        gathered.finish(replace(finished, seconds=0.030))
        if task.end >= 1_000:
            break
    assert sizes[0] == 4
    # 2 seconds hold 66 futures of 30 ms: whole draws, and no more than 64
    assert set(sizes[1:]) == {64}


def test_chunks_of_slow_futures_are_single_draws():
    gathered = Gathered(small_study(), 100_000, None)
    tasks = gathered.tasks(workers=2)
    gathered.finish(replace(run_chunk(small_study(), 1, scripted, next(tasks)), seconds=2.6))
    assert next(tasks) == Futures(4, 8)


def test_the_last_chunks_are_small_so_that_all_workers_end_together():
    gathered = Gathered(small_study(), 400, None)
    tasks = []
    for task in gathered.tasks(workers=2):
        tasks.append(task)
        gathered.finish(replace(run_chunk(small_study(), 1, scripted, task), seconds=0.001))
    assert tasks[-1] == Futures(396, 400)
    assert max(task.end - task.first for task in tasks) > 4
    assert [task.first for task in tasks[1:]] == [task.end for task in tasks[:-1]]
    assert {task.first % 4 for task in tasks} == {0}


def test_a_run_resumes_over_chunks_of_another_size(tmp_path):
    study = small_study()
    with store_for(tmp_path / "r") as folder:
        for futures in (Futures(0, 12), Futures(14, 17), Futures(20, 28)):
            folder.keep(run_chunk(study, 1, scripted, futures).chunk)
        resumed = run(study, reps=32, simulate=scripted, folder=folder)
        assert same(resumed, run(study, reps=32, simulate=must_not_run, folder=folder))
    assert same(resumed, run(study, reps=32, simulate=scripted))


def test_chunks_that_overlap_are_counted_once(tmp_path):
    study = small_study()
    with store_for(tmp_path / "r") as folder:
        for futures in (Futures(0, 12), Futures(8, 16)):
            folder.keep(run_chunk(study, 1, scripted, futures).chunk)
        told: list[int] = []
        whole = run(study, reps=32, simulate=scripted, folder=folder, progress=told.append)
    assert told[0] == 16
    assert same(whole, run(study, reps=32, simulate=scripted))


def test_tasks_without_number_are_taken_as_workers_are_free_for_them():
    done = in_processes(doubled, count(), 2)
    found = [result for _, result in islice(done, 6)]
    done.close()
    assert len(set(found)) == 6


def test_what_the_journal_holds_is_not_run_again(tmp_path):
    with store_for(tmp_path / "r") as folder:
        first = run(small_study(), reps=32, simulate=scripted, folder=folder)
        again = run(small_study(), reps=32, simulate=must_not_run, folder=folder)
        assert same(first, again)
        assert same(first, stored_outcomes(small_study(), folder))


def test_a_run_is_extended_to_what_the_longer_run_would_have_been(tmp_path):
    with store_for(tmp_path / "r") as folder:
        run(small_study(), reps=12, simulate=scripted, folder=folder)
        longer = run(small_study(), reps=32, simulate=scripted, folder=folder)
    assert same(longer, run(small_study(), reps=32, simulate=scripted))


def test_a_shorter_run_takes_the_first_of_what_is_kept(tmp_path):
    with store_for(tmp_path / "r") as folder:
        run(small_study(), reps=32, simulate=scripted, folder=folder)
        shorter = run(small_study(), reps=12, simulate=must_not_run, folder=folder)
    assert same(shorter, run(small_study(), reps=12, simulate=scripted))


def test_an_interrupt_keeps_what_is_finished(tmp_path):
    with store_for(tmp_path / "r") as folder:
        with pytest.raises(KeyboardInterrupt):
            run(small_study(), reps=32, simulate=interrupted_at_20, folder=folder)
        assert [chunk.first for chunk in folder.kept()] == [0, 4, 8, 12, 16]
        resumed = run(small_study(), reps=32, simulate=scripted, folder=folder)
    assert same(resumed, run(small_study(), reps=32, simulate=scripted))


def test_an_unfinished_run_has_no_outcomes_yet(tmp_path):
    with store_for(tmp_path / "r") as folder:
        run(small_study(), reps=8, simulate=scripted, folder=folder)
        with pytest.raises(RunError, match="holds 8 of 32 futures; finish the run with --resume"):
            stored_outcomes(small_study(), folder)


@needs_kill
def test_a_killed_run_resumes_to_the_bytes_of_an_undisturbed_one(tmp_path):
    script = (
        "from pathlib import Path; from test_run import *;"
        "run(small_study(), reps=32, simulate=killed_at_12, folder=store_for(Path('r')))"
    )
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    killed = subprocess.run(
        [sys.executable, "-c", script],
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert killed.returncode == -9
    with store_for(tmp_path / "r", resume=True) as folder:  # the lock went with its owner
        assert [chunk.first for chunk in folder.kept()] == [0, 4, 8]
        resumed = run(small_study(), reps=32, simulate=scripted, folder=folder)
    undisturbed = run(small_study(), reps=32, simulate=scripted)
    assert tables_of(resumed, tmp_path / "1") == tables_of(undisturbed, tmp_path / "2")


@needs_kill
def test_work_lost_with_a_worker_is_done_again(tmp_path, monkeypatch):
    monkeypatch.setenv("SIMFS_TEST_MARKER", str(tmp_path / "died"))
    outcomes = run(small_study(), reps=32, jobs=2, simulate=killed_once_at_12)
    assert (tmp_path / "died").exists()
    assert same(outcomes, run(small_study(), reps=32, simulate=scripted))


@needs_kill
def test_work_that_loses_two_workers_ends_the_run_and_keeps_the_rest(tmp_path):
    with store_for(tmp_path / "r") as folder:
        with pytest.raises(RunError, match=r"lost 2 times on futures 12 to 15 \(exit code -9\)"):
            run(small_study(), reps=32, jobs=2, simulate=killed_at_12, folder=folder)
        assert 0 in [chunk.first for chunk in folder.kept()]


@needs_kill
def test_no_worker_not_even_the_first_sees_an_interrupt_while_it_starts(tmp_path):
    script = (
        "from scripted import interrupts_held; from simfs.experiment.executors import in_processes;"
        "print(sorted(in_processes(interrupts_held, (1, 2), 2)))"
    )
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    told = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert told.stdout == "[(1, True), (2, True)]\n"


def test_a_refusal_in_a_worker_is_told_in_its_own_words():
    with pytest.raises(RunError, match="future 12 cannot be"):
        run(small_study(), reps=32, jobs=2, simulate=refused_at_12)


def test_a_fault_in_a_worker_keeps_its_traceback():
    with pytest.raises(RuntimeError, match="ZeroDivisionError: a fault in future 12"):
        run(small_study(), reps=32, jobs=2, simulate=faulty_at_12)


def test_progress_counts_what_was_kept_before(tmp_path):
    told: list[int] = []
    with store_for(tmp_path / "r") as folder:
        run(small_study(), reps=8, simulate=scripted, folder=folder)
        run(small_study(), reps=24, simulate=scripted, folder=folder, progress=told.append)
    assert told == [8, 12, 16, 20, 24]


@pytest.mark.parametrize(
    "numbers",
    [
        {"reps": 0},
        {"reps": -1},
        {"reps": 4, "seed": -1},
        {"reps": 4, "seed": 2**63},
        {"reps": 4, "jobs": 0},
    ],
)
def test_impossible_numbers_are_refused_before_anything_runs(numbers):
    with pytest.raises(UsageError):
        run(small_study(), simulate=must_not_run, **numbers)


def test_an_estimate_counts_simulations_and_bytes():
    study = small_study()
    yearly, weekly = scripted(study, 1, 0)
    needs = estimate(study, reps=1_000_000, seed=1, jobs=2, simulate=scripted)
    assert needs.simulations == 2_000_000
    assert needs.disk_bytes == 3_000_000 * yearly.nbytes + 2 * 2000 * weekly.nbytes


def test_both_engines_give_the_bytes_of_the_other_under_their_own_name():
    study = small_study()
    fast, reference = (run(study, reps=4, engine=name) for name in ("fast", "reference"))
    assert (fast.engine, reference.engine) == ("fast", "reference")
    assert same(fast, reference)


def test_an_engine_that_cannot_run_is_replaced_unless_it_was_asked_for(monkeypatch):
    lose_the_fast_engine(monkeypatch)
    engine, fault = usable_engine(None)
    assert engine == "reference"
    assert "simfs.engine.fast" in fault
    assert usable_engine("reference") == ("reference", None)
    with pytest.raises(UsageError, match=r"engine 'fast' needs numba .* --engine reference$"):
        usable_engine("fast")


def test_a_run_is_itself_by_scenario_arms_seed_and_engine():
    study = small_study()
    here = identity_of(study, 1)
    assert identity_of(study, 2) != here
    assert identity_of(study, 1, "reference") != here
    assert identity_of(replace(study, resolved=study.resolved + "\n# other"), 1) != here
    assert identity_of(small_study(arms=["more_staff"]), 1) == identity_of(
        small_study(arms=["more_staff"]), 1
    )
