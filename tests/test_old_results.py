"""Results of an older or a torn run: refused by name, never half-read."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from test_cli import bytes_of, desk, simfs_says

from simfs.cli import main

__all__ = ["desk"]  # a fixture, used by name

RECORD, SCENARIO = Path("a/journal/run.json"), Path("a/journal/config.resolved.toml")
RUN = ("run", "small.toml", "--reps", "8", "--out", "a")


@pytest.fixture
def finished(desk: Path) -> Path:
    simfs_says(*RUN)
    return desk / "a"


def recorded(**changes: object) -> Callable[[], None]:
    """Something else in the record of the run."""

    def change() -> None:
        record = json.loads(RECORD.read_text(encoding="utf-8")) | changes
        RECORD.write_text(json.dumps(record), encoding="utf-8")

    return change


def another_scenario() -> None:
    text = SCENARIO.read_text(encoding="utf-8")
    SCENARIO.write_text(text.replace("per_year = 60", "per_year = 61"), encoding="utf-8")


def torn_scenario() -> None:
    SCENARIO.write_text(SCENARIO.read_text(encoding="utf-8")[:-40], encoding="utf-8")


def asked(*words: str) -> Result:
    return CliRunner().invoke(main, words)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (recorded(schema=0, simfs="0.0.1"), ("form 0, made by simfs 0.0.1", "reads form 1")),
        (recorded(schema=9), ("form 9", "run it again with --force, or install that version")),
        (recorded(simfs="0.0.1"), ("a was made by simfs 0.0.1", "run it again with --force")),
        (another_scenario, ("is not the scenario", "changed or torn since")),
        (torn_scenario, ("is not the scenario", "changed or torn since")),
        (RECORD.unlink, ("a is not a results folder of simfs",)),
        (lambda: RECORD.write_bytes(RECORD.read_bytes()[:60]), ("run.json is damaged",)),
    ],
)
def test_a_report_of_results_that_are_older_or_torn_is_refused(finished, spoil, words):
    spoil()
    before = bytes_of(finished)
    told = asked("report", "a")
    assert told.exit_code == 2
    for each in words:
        assert each in told.stderr
    assert bytes_of(finished) == before


def test_results_of_another_form_are_not_continued_but_may_be_replaced(finished):
    before = bytes_of(finished)
    recorded(schema=0)()
    told = asked(*RUN, "--resume")
    assert told.exit_code == 2
    assert "is a results folder of form 0" in told.stderr
    simfs_says(*RUN, "--force")
    assert bytes_of(finished) == before


def test_one_flipped_bit_of_a_finished_future_is_noticed_and_run_again(finished):
    before = bytes_of(finished)
    chunk = next((finished / "journal").glob("*.chunk"))
    content = bytearray(chunk.read_bytes())
    content[len(content) // 2] ^= 1
    chunk.write_bytes(bytes(content))
    told = asked("report", "a")
    assert told.exit_code == 1
    assert "of 8 futures; finish the run with --resume first" in told.stderr
    simfs_says(*RUN, "--resume")
    assert bytes_of(finished) == before


@pytest.mark.parametrize("name", ["futures.parquet", "futures.csv.gz", "manifest.json"])
def test_what_is_torn_of_the_tables_is_not_read_but_written_again(finished, name):
    before = bytes_of(finished)
    path = finished / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    simfs_says("report", "a")
    assert bytes_of(finished) == before
