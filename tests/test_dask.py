"""A Dask cluster does the same work to the same bytes; it is checked before anything is written."""

import os
import socket
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner
from scripted import doubled, faulty_at_12, refused_at_12, scripted, small_study

import simfs
from simfs.cli import main
from simfs.errors import RunError, UsageError
from simfs.experiment.run import identity_of, run
from simfs.experiment.store import Store

distributed = pytest.importorskip("distributed")

from simfs.experiment.cluster import AHEAD, cluster_at  # noqa: E402

MINIMAL = str(Path(__file__).parents[1] / "configs" / "minimal.toml")
RUN = ("run", MINIMAL, "--reps", "12", "--engine", "reference", "-q")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Two worker processes of one thread each, which find the tests' own modules."""
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    with (
        pytest.MonkeyPatch.context() as patch,
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0",
            env={"PYTHONPATH": path},
        ) as cluster,
    ):  # fmt: skip
        patch.setenv("PYTHONPATH", path)
        yield cluster.scheduler_address


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file that must be equal between equal runs."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("log.jsonl", ".lock") and path.suffix != ".chunk"
    }


def test_a_cluster_writes_the_bytes_of_one_process(address, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for words in (("--out", "a", "--jobs", "1"), ("--out", "b", "--dask", address)):
        result = CliRunner().invoke(main, [*RUN, *words])
        assert result.exit_code == 0, result.output
    assert files_of(tmp_path / "a") == files_of(tmp_path / "b")
    assert "futures.parquet" in files_of(tmp_path / "b")


def test_an_address_where_nobody_answers_is_refused_within_seconds(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        began = time.monotonic()
        result = CliRunner().invoke(main, [*RUN, "--dask", address])
    assert time.monotonic() - began < 20
    assert result.exit_code == 2
    assert result.stderr.startswith(f"simfs: --dask {address}: no Dask scheduler answers there")
    assert len(result.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", ["nowhere", "tcp://", "ftp://127.0.0.1:1", ""])
def test_what_is_no_address_is_refused(words):
    with (
        pytest.raises(UsageError, match=r"--dask .*no Dask scheduler answers there"),
        cluster_at(words),
    ):
        pass


def test_a_cluster_without_workers_is_refused():
    with distributed.LocalCluster(n_workers=0, dashboard_address=":0") as empty:
        with pytest.raises(UsageError, match="the scheduler has no workers"):
            with cluster_at(empty.scheduler_address):
                pass


def test_workers_with_another_simfs_are_refused(address, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(simfs, "__version__", "99.0")
    result = CliRunner().invoke(main, [*RUN, "--dask", address])
    assert result.exit_code == 2
    assert "has simfs " in result.stderr
    assert "and this is simfs 99.0; install the same version there" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_no_more_tasks_are_under_way_than_keep_the_workers_busy(address):
    taken: list[int] = []

    def tasks() -> Iterator[int]:
        for task in range(40):
            taken.append(task)
            yield task

    with cluster_at(address) as cluster:
        assert cluster.workers == 2
        done = cluster.carry_out(doubled, tasks())
        assert next(done) in {(task, 2 * task) for task in range(40)}
        assert len(taken) == AHEAD * 2
        assert sorted(result for _, result in done)[-1] == 78


def test_a_refusal_in_the_cluster_is_told_in_its_own_words(address):
    with cluster_at(address) as cluster:
        with pytest.raises(RunError, match="future 12 cannot be"):
            run(small_study(), reps=32, cluster=cluster, simulate=refused_at_12)
        with pytest.raises(RuntimeError, match="ZeroDivisionError: a fault in future 12"):
            run(small_study(), reps=32, cluster=cluster, simulate=faulty_at_12)


def test_an_interrupt_keeps_what_the_cluster_finished(address, tmp_path):
    study = small_study()

    def press_at_8(done: int) -> None:
        if done >= 8:
            raise KeyboardInterrupt

    with Store.for_run(tmp_path / "r", identity_of(study, 1), study.resolved, 32) as folder:
        with cluster_at(address) as cluster:
            through = partial(
                run, study, reps=32, folder=folder, cluster=cluster, simulate=scripted
            )
            with pytest.raises(KeyboardInterrupt):
                through(progress=press_at_8)
            assert sum(chunk.end - chunk.first for chunk in folder.kept()) == 8
            assert through().futures == 32
