"""What the command line refuses: exit code 2, one clear line, nothing written."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from scripted import TWO_ARMS

from simfs.cli import main


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with one scenario file, as the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.toml").write_text(TWO_ARMS)
    return tmp_path


def refused(desk: Path, *words: str) -> str:
    """The one line that a command is refused with."""
    before = sorted(desk.rglob("*"))
    result: Result = CliRunner().invoke(main, words)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert sorted(desk.rglob("*")) == before, "something was written"
    return result.stderr.strip()


@pytest.mark.parametrize(
    ("reps", "words"),
    [
        ("0", "must be a whole number, 1 or more, got 0"),
        ("-1", "must be a whole number, 1 or more, got -1"),
        ("1.5", "'1.5' is not a valid integer"),
        ("many", "'many' is not a valid integer"),
    ],
)
def test_an_impossible_number_of_futures(desk, reps, words):
    assert words in refused(desk, "run", "small.toml", "--reps", reps)


def test_a_great_many_futures_are_estimated_and_want_a_yes(desk):
    line = refused(desk, "run", "small.toml", "--reps", "1000000000", "--jobs", "2")
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


def test_an_output_folder_that_is_a_link_elsewhere(desk):
    (desk / "real").mkdir()
    (desk / "link").symlink_to(desk / "real")
    assert "is a link to" in refused(desk, "run", "small.toml", "--out", "link")


@pytest.mark.parametrize("name", ["NUL", "a\tb", "x" * 300, "aux.results"])
def test_an_odd_name_for_the_output_folder(desk, name):
    refused(desk, "run", "small.toml", "--out", name)


def test_a_folder_that_cannot_be_written_to(desk):
    locked = desk / "locked"
    locked.mkdir(mode=0o500)
    if os.access(locked, os.W_OK):
        # To an administrator nothing is read-only; the kernel's own folders are.
        locked = Path("/proc")
        if not locked.is_dir():
            pytest.skip("no folder here is read-only")
    words = refused(desk, "run", "small.toml", "--out", str(locked / "results"))
    assert "cannot be written to" in words


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


def test_a_future_before_the_first(desk):
    words = refused(desk, "trace", "small.toml", "--future", "-1", "--out", "t.csv")
    assert "must be a whole number, 0 or more, got -1" in words


def test_a_trace_into_a_file_that_is_there(desk):
    (desk / "t.csv").write_text("mine")
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


def test_a_command_that_is_not_there_is_answered_with_the_nearest(desk):
    assert "no command 'chek'; did you mean 'check'?" in refused(desk, "chek", "small.toml")


def test_an_option_that_is_not_there(desk):
    assert "--rep" in refused(desk, "run", "small.toml", "--rep", "4")
