"""What the command line refuses: exit code 2, one clear line, nothing written."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from scripted import TWO_ARMS, lose_the_fast_engine, needs_links

from simfs.cli import main
from simfs.scenario import config

READABLE = ("--engine", "reference")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with one scenario file, as the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.toml").write_text(TWO_ARMS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def locked(desk: Path) -> Path:
    """A folder in which nothing can be written."""
    folder = desk / "locked"
    folder.mkdir(mode=0o500)
    if os.access(folder, os.W_OK):
        # To an administrator nothing is read-only; the kernel's own folders are.
        folder = Path("/proc")
        if not folder.is_dir():
            pytest.skip("no folder here is read-only")
    return folder


def refused(desk: Path, *words: str, code: int = 2) -> str:
    """The one line that a command is refused with."""
    before = sorted(desk.rglob("*"))
    result: Result = CliRunner().invoke(main, words)
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert sorted(desk.rglob("*")) == before, "something was written"
    return result.stderr.strip()


@pytest.mark.parametrize(
    ("reps", "words"),
    [
        ("0", "must be a whole number, 1 to 1000000000, got 0"),
        ("-1", "must be a whole number, 1 to 1000000000, got -1"),
        (str(10**9 + 1), "1 to 1000000000, got 1000000001"),
        (str(10**12), "1 to 1000000000, got 1000000000000"),
        (str(10**20), "1 to 1000000000, got 100000000000000000000"),
        ("1.5", "'1.5' is not a valid integer"),
        ("many", "'many' is not a valid integer"),
    ],
)
def test_an_impossible_number_of_futures(desk, reps, words):
    for command in (("run", "--yes"), ("calibrate",)):
        assert words in refused(desk, *command, "small.toml", "--reps", reps)


def test_a_great_many_futures_are_estimated_and_want_a_yes(desk):
    line = refused(desk, "run", "small.toml", "--reps", "1000000000", "--jobs", "2", *READABLE)
    assert line.startswith("simfs: 1,000,000,000 futures of 2 arms would take about ")
    assert "days" in line
    assert "GB of disk" in line
    assert line.endswith("add --yes")


@pytest.mark.parametrize("seed", ["-1", str(2**63), "x"])
def test_a_seed_out_of_range(desk, seed):
    assert "--seed" in refused(desk, "run", "small.toml", "--seed", seed)


@pytest.mark.parametrize("jobs", ["0", "-2", "all", "1.5"])
def test_an_impossible_number_of_processes(desk, jobs):
    words = refused(desk, "run", "small.toml", "--jobs", jobs)
    assert f"must be 1 or more, or auto, got '{jobs}'" in words


def test_an_output_folder_that_is_a_file(desk):
    assert "small.toml is a file; give a folder" in refused(
        desk, "run", "small.toml", "--out", "small.toml"
    )


def test_the_root_of_the_disk(desk):
    assert "root of the disk" in refused(desk, "run", "small.toml", "--out", desk.anchor)


def test_an_output_folder_that_holds_other_things(desk):
    words = refused(desk, "run", "small.toml", "--out", ".", "--force")
    assert "not empty and not a results folder of simfs (it holds 'small.toml')" in words


def test_an_output_folder_without_a_parent(desk):
    words = refused(desk, "run", "small.toml", "--out", "no/such")
    assert "there is no folder no; make it first" in words


@needs_links
def test_an_output_folder_that_is_a_link_elsewhere(desk):
    (desk / "real").mkdir()
    (desk / "link").symlink_to(desk / "real")
    assert "is a link to" in refused(desk, "run", "small.toml", "--out", "link")


@pytest.mark.parametrize("name", ["NUL", "a\tb", "x" * 300, "aux.results"])
def test_an_odd_name_for_the_output_folder(desk, name):
    refused(desk, "run", "small.toml", "--out", name)


def test_a_folder_that_cannot_be_written_to(desk, locked):
    words = refused(desk, "run", "small.toml", "--out", str(locked / "results"))
    assert "cannot be written to" in words


def test_a_folder_that_cannot_be_entered(desk, monkeypatch):
    looked = Path.is_dir

    def denied(path: Path) -> bool:
        if path.name == "shut":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return looked(path)

    monkeypatch.setattr(Path, "is_dir", denied)
    line = refused(desk, "run", "small.toml", "--out", "shut/results", code=1)
    assert line == "simfs: shut: Permission denied"


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_trace_to_where_nothing_can_be_written(desk, locked, kind):
    path = locked / f"t.{kind}"
    words = ("trace", "small.toml", "--future", "0", "--out", str(path), *READABLE)
    assert str(path) in refused(desk, *words, code=1)


def test_a_fault_that_names_no_file_is_told_by_its_reason(desk, monkeypatch):
    def fails(*words: object, **options: object) -> None:
        raise OSError("the disk is on fire")

    monkeypatch.setattr(config, "load", fails)
    assert refused(desk, "check", "small.toml", code=1) == "simfs: the disk is on fire"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full")
def test_an_output_that_takes_nothing(desk):
    with Path("/dev/full").open("wb") as full:
        told = subprocess.run(
            [sys.executable, "-m", "simfs", "check", "small.toml"],
            env={**os.environ, "PYTHONUNBUFFERED": ""},
            check=False,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert told.stderr == f"simfs: standard output: {os.strerror(errno.ENOSPC)}\n"
    assert told.returncode == 1


def test_force_and_resume_together(desk):
    assert "give one of the two" in refused(desk, "run", "small.toml", "--force", "--resume")


def test_resuming_where_there_is_no_run(desk):
    words = refused(desk, "run", "small.toml", "--resume", "--out", "new")
    assert "holds no run to resume" in words


@pytest.mark.parametrize("command", ["run", "show"])
def test_an_arm_that_is_not_there_is_answered_with_the_nearest(desk, command):
    words = refused(desk, command, "small.toml", "--arm", "more_stuff")
    assert "more_staff" in words


@pytest.mark.parametrize("command", ["run", "check", "show"])
def test_a_preset_that_is_not_there(desk, command):
    assert "hopeful" in refused(desk, command, "small.toml", "--preset", "hopeful")


@pytest.mark.parametrize("command", ["run", "check", "show"])
def test_a_number_that_is_not_there_is_answered_with_the_nearest(desk, command):
    words = refused(desk, command, "small.toml", "--set", "teams.social_workers.post=3")
    assert "posts" in words


@pytest.mark.parametrize("command", ["run", "check", "show"])
def test_a_scenario_file_that_is_not_there(desk, command):
    assert "small.toml" in refused(desk, command, "smal.toml")


@pytest.mark.parametrize("command", ["run", "check", "show"])
def test_a_folder_in_place_of_a_scenario_file(desk, command):
    assert "is a folder" in refused(desk, command, ".")


def test_an_engine_that_is_not_there(desk):
    words = refused(desk, "run", "small.toml", "--engine", "referense")
    assert "did you mean 'reference'?" in words


@pytest.mark.parametrize(
    "words",
    [
        ("run", "small.toml"),
        ("run", "small.toml", "--dry-run"),
        ("trace", "small.toml", "--future", "0", "--out", "t.csv"),
        ("calibrate", "small.toml"),
    ],
)
def test_an_engine_that_was_asked_for_and_cannot_run(desk, monkeypatch, words):
    lose_the_fast_engine(monkeypatch)
    line = refused(desk, *words, "--engine", "fast")
    assert line.startswith("simfs: engine 'fast' needs numba (")
    assert line.endswith("); install numba or use --engine reference")


def test_a_cluster_without_the_library_for_it(desk, monkeypatch):
    monkeypatch.delitem(sys.modules, "simfs.experiment.cluster", raising=False)
    monkeypatch.setitem(sys.modules, "distributed", None)
    line = refused(desk, "run", "small.toml", *READABLE, "--dask", "tcp://127.0.0.1:1")
    assert line.startswith("simfs: --dask needs distributed; install simfs[dask]")


@pytest.mark.parametrize("future", ["-1", str(2**63), "99999999999999999999"])
def test_a_future_out_of_range(desk, future):
    words = refused(desk, "trace", "small.toml", "--future", future, "--out", "t.csv")
    assert f"must be a whole number, 0 to {2**63 - 1}, got {future}" in words


def test_a_trace_into_a_file_that_is_there(desk):
    (desk / "t.csv").write_text("mine", encoding="utf-8")
    words = refused(desk, "trace", "small.toml", "--future", "0", "--out", "t.csv")
    assert "t.csv exists; --force replaces a file" in words


def test_a_trace_of_an_unknown_kind(desk):
    words = refused(desk, "trace", "small.toml", "--future", "0", "--out", "t.xlsx")
    assert "must end in .csv or .parquet" in words


def test_a_trace_of_an_arm_that_is_not_there(desk):
    words = refused(desk, "trace", "small.toml", "--future", "0", "--out", "t.csv", "--arm", "x")
    assert "no arm 'x'; known are more_staff, today" in words


def test_a_report_of_a_folder_that_holds_no_run(desk):
    assert "not a results folder of simfs" in refused(desk, "report", ".")
    assert "not a results folder of simfs" in refused(desk, "report", "nowhere")
    assert "not a results folder of simfs" in refused(desk, "report", "small.toml")


@pytest.mark.parametrize("option", ["-q", "--no-color"])
def test_a_report_takes_no_option_that_would_do_nothing(desk, option):
    assert option in refused(desk, "report", ".", option)


def test_a_command_that_is_not_there_is_answered_with_the_nearest(desk):
    assert "no command 'chek'; did you mean 'check'?" in refused(desk, "chek", "small.toml")


def test_an_option_that_is_not_there(desk):
    assert "--rep" in refused(desk, "run", "small.toml", "--rep", "4")
