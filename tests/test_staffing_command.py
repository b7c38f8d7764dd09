"""The command `simfs staffing`: grids, searches, refusals, and going on after a crash."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from staffed_world import POSTS, config_of

from simfs.cli import main
from simfs.experiment.store import stored_run

GRID = ("--vary", f"{POSTS}=3:5:2", "--vary", "teams.recovery.posts=0:2:2")
PLAIN = ("--engine", "reference", "--jobs", "1", "-q")
DATA = ("plans.csv", "plans-claims.csv", "effects.csv", "frontier.csv", "steps.csv")


def staffing(config, *options):
    return CliRunner().invoke(main, ["staffing", str(config), *PLAIN, *map(str, options)])


def rows_of(path: Path):
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    return config_of(tmp_path_factory.mktemp("staffing"))


@pytest.fixture(scope="module")
def grid(config):
    folder = config.parent / "grid"
    result = staffing(config, *GRID, "--reps", 16, "--out", folder)
    assert result.exit_code == 0, result.output
    return folder, result.output


def test_a_grid_is_told_in_words_tables_figures_and_a_page(grid):
    folder, output = grid
    assert "4 plans of the staffing of New" in output
    assert "The next £100,000 a year of staff buys" in output
    assert {*DATA, "staffing.html", "manifest.json"} <= {path.name for path in folder.iterdir()}
    drawn = {path.name for path in (folder / "figures").iterdir()}
    for figure in ("net_cashable_saving", "chance", "unallocated", "days_to_allocation", "changes"):
        assert {f"staffing-{figure}.png", f"staffing-{figure}.svg"} <= drawn


def test_the_table_has_every_plan_by_its_levels(grid):
    rows = rows_of(grid[0] / "plans.csv")
    levels = [(row[POSTS], row["teams.recovery.posts"]) for row in rows]
    assert {("3", "0"), ("3", "2"), ("5", "0"), ("5", "2")} <= set(levels)


def test_the_manifest_vouches_for_every_file(grid):
    record = json.loads((grid[0] / "manifest.json").read_text(encoding="utf-8"))
    assert {*DATA, "staffing.html", "config.resolved.toml"} <= set(record["files"])


def test_a_folder_with_a_grid_is_neither_replaced_nor_taken_for_another(config, grid):
    folder, _ = grid
    again = staffing(config, *GRID, "--reps", 16, "--out", folder)
    assert again.exit_code == 2
    assert "--resume continues it" in again.output
    other = staffing(config, "--vary", f"{POSTS}=3:6", "--out", folder, "--resume")
    assert other.exit_code == 2
    assert "which cannot be resumed" in other.output
    assert rows_of(folder / "plans.csv")


def test_another_seed_is_another_grid(config, grid):
    other = staffing(config, *GRID, "--out", grid[0], "--resume", "--seed", 5)
    assert other.exit_code == 2
    assert "seed: 1 there, 5 here" in other.output


@pytest.mark.parametrize("command", ["report", "claims"])
def test_a_grid_is_no_run_of_arms_and_says_what_it_is(command, grid):
    result = CliRunner().invoke(main, [command, str(grid[0])])
    assert result.exit_code == 2
    assert "holds plans of staffing; the simfs staffing that made it" in result.output


def test_a_grid_that_is_made_longer_equals_one_that_was_so_from_the_start(config, grid):
    whole = config.parent / "whole"
    assert staffing(config, *GRID, "--reps", 24, "--seed", 7, "--out", whole).exit_code == 0
    parts = config.parent / "parts"
    assert staffing(config, *GRID, "--reps", 8, "--seed", 7, "--out", parts).exit_code == 0
    resumed = staffing(config, *GRID, "--reps", 24, "--out", parts, "--resume")
    assert resumed.exit_code == 0, resumed.output
    for name in DATA:
        assert (whole / name).read_bytes() == (parts / name).read_bytes(), name


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal there")
def test_a_grid_that_is_killed_goes_on_where_it_was(config, grid):
    whole = config.parent / "unkilled"
    assert staffing(config, *GRID, "--reps", 48, "--out", whole).exit_code == 0
    folder = config.parent / "killed"
    command = [sys.executable, "-m", "simfs", "staffing", str(config), *PLAIN, *GRID]
    command += ["--reps", "48", "--out", str(folder)]
    with subprocess.Popen(command, env=dict(os.environ)) as process:
        for _ in range(600):
            if len(list(folder.glob("journal/*.chunk"))) >= 2 or process.poll() is not None:
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    assert stored_run(folder)[1] == 48
    before = len(list(folder.glob("journal/*.chunk")))
    assert before >= 2
    assert not (folder / "plans.csv").exists()
    resumed = staffing(config, *GRID, "--out", folder, "--resume")
    assert resumed.exit_code == 0, resumed.output
    for name in DATA:
        assert (whole / name).read_bytes() == (folder / name).read_bytes(), name


def test_the_cheapest_plan_for_a_target_is_told_with_the_closed_form_beside_it(config):
    folder = config.parent / "target"
    result = staffing(
        config, "--vary", f"{POSTS}=1:12", "--target", "unallocated.social<3 in 80% of weeks",
        "--reps", 16, "--out", folder,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "The cheapest plan for" in result.output
    assert "Erlang's formula" in result.output.replace("\n", " ")
    rows = rows_of(folder / "staffing-target.csv")
    cheapest = [row for row in rows if row["cheapest"] == "yes"]
    assert len(cheapest) == 1
    assert cheapest[0]["meets_targets"] == "yes"
    assert 1 < len(rows) < 12
    again = staffing(
        config, "--vary", f"{POSTS}=1:12", "--target", "unallocated.social<3 in 80% of weeks",
        "--out", folder,
    )  # fmt: skip
    assert again.exit_code == 2
    assert "--force replaces them" in again.output


def test_the_best_plan_is_told_with_its_stated_probability(config):
    folder = config.parent / "best"
    result = staffing(
        config, "--vary", f"{POSTS}=2,9", "--best", "unallocated", "--within", 1,
        "--out", folder,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "Best by Children without a worker" in result.output
    assert "Social workers: posts 9" in result.output
    told = result.output.replace("\n", " ")
    assert "probability of at least 95%" in told
    assert "proven for figures that vary normally" in told
    rows = rows_of(folder / "staffing-best.csv")
    assert [row["best"] for row in rows] == ["no", "yes"]
    assert float(rows[0]["mean"]) > float(rows[1]["mean"]) >= 0


def test_a_dry_run_says_what_a_grid_takes_and_writes_nothing(config):
    folder = config.parent / "dry"
    result = staffing(config, *GRID, "--reps", 40, "--dry-run", "--out", folder)
    assert result.exit_code == 0, result.output
    assert "4 plans, the file's own and the baseline, 40 futures each: 240 simulations" in (
        result.output
    )
    assert "nothing was written" in result.output
    assert not folder.exists()


def test_without_anything_varied_it_tells_what_can_be(config):
    result = staffing(config)
    assert result.exit_code == 0
    assert f"  {POSTS} (now 5)" in result.output


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--vary", "teams.socail.posts=1:2"), "did you mean 'teams.social.posts'?"),
        (("--vary", f"{POSTS}=0:2"), "nobody does the work of 'Plan'"),
        (("--vary", f"{POSTS}=4:2"), "an empty range"),
        (("--vary", f"{POSTS}=1:2", "--claim", "kpt"), "did you mean 'kept'?"),
        (("--vary", f"{POSTS}=1:2", "--target", "nothing"), "write it as"),
        (("--vary", f"{POSTS}=1:2", "--best", "unallocated"), "go together"),
        (("--vary", f"{POSTS}=1:2", "--within", "5"), "go together"),
        (("--vary", f"{POSTS}=1:2", "--best", "x", "--within", "5"), "cannot be compared by it"),
        (("--vary", f"{POSTS}=1:2", "--best", "unallocated", "--within", "-5"), "above 0"),
        (("--vary", f"{POSTS}=1:2", "--best", "unallocated", "--within", "1", "--confidence", "95"),
         "did you mean 0.95?"),
        (("--vary", f"{POSTS}=1:2", "--best", "unallocated", "--within", "1", "--reps", "8"),
         "--reps must be 80 or more"),
        (("--target", "unallocated<5 in 95% of weeks"), "nothing is varied"),
        (("--vary", f"{POSTS}=1:2", "--confidence", "0.9"), "goes with --best"),
        (("--vary", f"{POSTS}=1:2", "--best", "unallocated", "--within", "1", "--claim", "kept"),
         "tells of none"),
        (("--vary", f"{POSTS}=1:2", "--target", "unallocated<5 in 95% of weeks", "--best", "x",
          "--within", "1"), "give one of the two"),
        (("--vary", f"{POSTS}=1:2", "--target", "unallocated<5 in 95% of weeks", "--resume"),
         "keeps nothing to go on with"),
        (("--vary", "teams.social.caseload=1:2", "--target", "unallocated<5 in 95% of weeks"),
         "--target finds posts"),
        (("--vary", f"{POSTS}=1:499", "--reps", 200), "are 100,200 simulations"),
        (("--vary", f"{POSTS}=1:900", "--vary", "teams.recovery.posts=0:9"), "add --yes"),
        (("--vary", f"{POSTS}=1:2", "--resume"), "holds no run to resume"),
        (("--vary", f"{POSTS}=1:2", "--target", "unallocated<5 in 9% of weeks", "--dry-run"),
         "are of a grid"),
    ],
)  # fmt: skip
def test_what_cannot_be_obeyed_is_refused_and_nothing_is_written(config, options, words):
    folder = config.parent / "refused"
    result = staffing(config, *options, "--out", folder)
    assert result.exit_code == 2, result.output
    assert words in result.output
    assert "Traceback" not in result.output
    assert not folder.exists()
