"""Forecasts of a made-up place from a small file of counts: text, files, badge and refusals."""

import csv
import io
import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tested_world import BACKTEST, config_of, counts_of, tables
from worlds import text_of

import simfs.experiment.backtest as tested_module
from simfs.cli import main
from simfs.errors import ConfigError
from simfs.experiment.backtest import digest_of
from simfs.experiment.calibrated import write_checked
from simfs.experiment.together import check_output
from simfs.report.backtest import WIDTH
from simfs.report.trust import badge_sentence
from simfs.scenario.config import load

FILES = {"backtest.csv", "backtest.toml", "backtest.svg", "backtest.png", "config.resolved.toml"}
COLUMNS = [
    "authority", "base", "arm", "series", "years_ahead", "start", "observed", "p10", "p50", "p90",
    "inside", "log_error", "crps", "crps_no_change", "futures",
]  # fmt: skip


def invoked(*words: str) -> Result:
    plain = ("--engine", "reference", "--jobs", "1")
    return CliRunner().invoke(main, ["backtest", *words, *plain])


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a scenario file and counts beside it, as the current folder."""
    monkeypatch.chdir(tmp_path)
    config_of(tmp_path)
    counts_of(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """A back-test of the file's own case, and the folder it was made in."""
    folder = tmp_path_factory.mktemp("done")
    config_of(folder)
    counts_of(folder)
    out = str(folder / "out")
    return folder, invoked(str(folder / "tiny.toml"), "--reps", "9", "--out", out)


def rows_of(folder: Path) -> list[dict[str, str]]:
    content = (folder / "backtest.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfauthority,")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_the_command_writes_its_files_and_says_what_it_does(done):
    folder, result = done
    assert result.exit_code == 0, result.output
    assert {path.name for path in (folder / "out").iterdir()} == FILES
    assert "scaling the scenario to 1 place\n" in result.stderr
    assert "9 futures are rounded up to 12: four to a draw" in result.stderr
    assert "12 of 12 futures" in result.stderr
    assert "12 futures are few: the ends of the bands, and so the badge, are rough" in result.stderr
    assert (folder / "out" / "backtest.png").read_bytes().startswith(b"\x89PNG")
    resolved = (folder / "out" / "config.resolved.toml").read_text(encoding="utf-8")
    assert resolved == load(folder / "tiny.toml").resolved


def test_the_text_says_what_happened_beside_what_was_forecast(done):
    _, result = done
    text = result.stdout
    assert "OURTOWN from 31 March 2019; practice introduced on 1 October 2019" in text
    # the file has words for one series; simfs has its own for the other
    first = next(line for line in text.splitlines() if line.startswith("  Plans at 31 March"))
    assert first.split()[:8] == ["Plans", "at", "31", "March", "66", "2020", "66", "|"]
    assert "\n  Looked-after children  " in text
    assert "With no model introduced the forecast changes on average: " in text
    assert "Preset published_claim states results of Ourtown, and no other place is tried" in text
    assert "To have reports show it, put this in tiny.toml" in text
    assert max(map(len, text.partition("[backtest.badge]\n")[0].splitlines())) <= WIDTH


def test_every_arm_is_summed_up_and_says_why_it_failed(done):
    text = done[1].stdout
    assert "No model introduced (placebo): " in text
    assert "Preset modest, in force: " in text
    failed = text.partition("Preset published_claim: failed")[2]
    assert "failed: mean log error of looked-after children +" in failed
    assert "of the forecast that nothing changes: 0.000" in failed


def test_the_table_has_a_row_for_every_arm_series_and_year(done):
    rows = rows_of(done[0] / "out")
    assert list(rows[0]) == COLUMNS
    told = {(row["arm"], row["series"], row["years_ahead"]) for row in rows}
    assert told == {
        (arm, series, str(ahead))
        for arm in ("placebo", "modest", "published_claim")
        for series in BACKTEST["forecast"]
        for ahead in (1, 2, 3)
    }
    assert len(rows) == len(told)
    for row in rows:
        low, middle, high, observed = (float(row[k]) for k in ("p10", "p50", "p90", "observed"))
        assert low <= middle <= high
        assert row["inside"] == ("yes" if low <= observed <= high else "no")
        assert (row["authority"], row["base"], row["futures"]) == ("Ourtown", "2019", "12")


def test_the_badge_goes_back_into_the_file_and_reports_show_it(done):
    folder, result = done
    badge = (folder / "out" / "backtest.toml").read_text(encoding="utf-8")
    assert badge in result.stdout
    whole = (folder / "tiny.toml").read_text(encoding="utf-8")
    pasted = folder / "pasted.toml"
    pasted.write_text(f"{whole}\n{badge}", encoding="utf-8")
    study = load(pasted)
    assert study.badge.rejected == ("published_claim",)
    told = badge_sentence(study)
    assert told.startswith(
        f"Back-test {'passed' if study.badge.passed else 'failed'} (Ourtown from"
    )
    assert "preset published_claim fails." in told
    failed = folder / "failed.toml"
    text = pasted.read_text(encoding="utf-8").replace("passed = true", "passed = false")
    failed.write_text(text, encoding="utf-8")
    assert badge_sentence(load(failed)).startswith("Back-test failed (Ourtown from 2019)")


@pytest.mark.parametrize(
    "change",
    ["streams.referral.per_year=210", "backtest.memory_years=3", "backtest.levers.care.p10=0.5"],
)
def test_a_badge_of_another_scenario_or_another_test_is_not_believed(done, change):
    folder, _ = done
    badge = (folder / "out" / "backtest.toml").read_text(encoding="utf-8")
    whole = (folder / "tiny.toml").read_text(encoding="utf-8")
    (folder / "other.toml").write_text(f"{whole}\n{badge}", encoding="utf-8")
    assert badge_sentence(load(folder / "other.toml", sets=[change])).startswith(
        "Not back-tested as it stands"
    )


def test_a_digest_does_not_depend_on_the_badge(done):
    folder, _ = done
    badge = (folder / "out" / "backtest.toml").read_text(encoding="utf-8")
    whole = (folder / "tiny.toml").read_text(encoding="utf-8")
    (folder / "badged.toml").write_text(f"{whole}\n{badge}", encoding="utf-8")
    assert digest_of(load(folder / "badged.toml")) == digest_of(load(folder / "tiny.toml"))


def test_any_authority_of_a_small_file_is_forecast_from_before_its_go_live(desk):
    # half as many children again, and no years after the second
    counts_of(desk, "theirs.csv", "Theirton", times=1.5, years=(2019, 2020), go_live="2019-05-01")
    words = ("--observed", "theirs.csv", "--authority", "Theirton", "--preset", "published_claim")
    result = invoked("tiny.toml", *words, "--reps", "8", "-q")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "THEIRTON from 31 March 2019; practice introduced on 1 May 2019" in result.stdout
    rows = rows_of(desk / "results" / "world-backtest")
    # the preset that is to fail is in force, so it is no arm of its own
    assert {row["arm"] for row in rows} == {"placebo", "published_claim"}
    assert {row["years_ahead"] for row in rows} == {"1"}
    assert {row["start"] for row in rows} == {"99", "69"}
    assert [line.split()[1] for line in result.stdout.splitlines() if " 2021 " in line] == ["–"] * 2


def test_errors_that_cancel_are_told_place_by_place(desk):
    counts = counts_of(desk, later=1.5).read_text(encoding="utf-8")
    theirs = counts_of(desk, authority="Theirton", later=0.5).read_text(encoding="utf-8")
    (desk / "observed.csv").write_text(counts + theirs.partition("\n")[2], encoding="utf-8")
    words = ("--authority", "Ourtown", "--authority", "Theirton", "--reps", "8", "-q")
    result = invoked("tiny.toml", *words)
    assert result.exit_code == 0, result.output
    below = result.stdout.partition("Counts against the forecast of modest by place")[2]
    line = below.splitlines()[1]
    assert re.fullmatch(r"  plans at 31 March: Ourtown \d+% above, Theirton \d+% below", line)


def test_a_base_may_be_given_with_an_authority(desk):
    result = invoked("tiny.toml", "--authority", "Ourtown", "--base", "2018", "--reps", "8", "-q")
    assert result.exit_code == 0, result.output
    rows = rows_of(desk / "results" / "world-backtest")
    assert {(row["base"], row["years_ahead"]) for row in rows} == {
        ("2018", "1"), ("2018", "2"), ("2018", "3"),
    }  # fmt: skip


def test_the_same_command_writes_the_same_bytes_and_replaces_them_only_when_forced(desk):
    for out in ("a", "b"):
        assert invoked("tiny.toml", "--reps", "8", "--out", out, "-q").exit_code == 0
    for name in FILES:
        assert (desk / "a" / name).read_bytes() == (desk / "b" / name).read_bytes()
    result = invoked("tiny.toml", "--reps", "8", "--out", "a", "-q")
    assert result.exit_code == 2
    assert "--force replaces them" in result.stderr
    (desk / "a" / "backtest.toml").write_text("old", encoding="utf-8")
    result = invoked("tiny.toml", "--reps", "8", "--out", "a", "-q", "--force")
    assert result.exit_code == 0
    assert (desk / "a" / "backtest.toml").read_bytes() == (
        desk / "b" / "backtest.toml"
    ).read_bytes()


@pytest.mark.parametrize(
    ("file", "words", "told"),
    [
        ("tiny", ("--reps", "4"), "8 to 100000"),
        ("tiny", ("--observed", "none.csv"), "none.csv"),
        ("tiny", ("--authority", "Ourtwn"), "has no authority 'Ourtwn'"),
        ("tiny", ("--base", "2018"), "--base goes with --authority"),
        ("tiny", ("--base", "1800", "--authority", "Ourtown"), "1990 to 2100, got 1800"),
        ("tiny", ("--base", "2010", "--authority", "Ourtown"), "no referrals of 2010, the base"),
        ("tiny", ("--observed", "undated.csv"), "cannot be dated; add the go_live column"),
        ("tiny", ("--observed", "early.csv"), "no count after the base years (2019) to compare"),
        ("tiny", ("--out", "others", "--force"), "is not empty and not a results folder of simfs"),
        ("tiny", ("--preset", "modst"), "modst"),
        ("untested", (), "has no [backtest]: say what is scaled"),
        ("caseless", (), "has no cases in [backtest]; add some, or name one with --authority"),
        ("called", (), "'placebo' is what a back-test calls no change; rename it"),
        ("alone", (), "has no arm with a practice model that goes live"),
        ("far/tiny", (), "far/observed.csv; name the file of counts with --observed"),
    ],
)
def test_what_cannot_be_obeyed_is_refused_in_one_line_before_anything_runs(
    desk, monkeypatch, file, words, told
):
    def never(*words: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(tested_module, "Scaling", never)
    for folder in ("others", "far"):
        (desk / folder).mkdir()
    (desk / "others" / "presets.csv").touch()
    config_of(desk / "far")
    counts_of(desk, "undated.csv", go_live="")
    counts_of(desk, "early.csv", years=(2018, 2019))
    untested = {key: table for key, table in tables().items() if key != "backtest"}
    (desk / "untested.toml").write_text(text_of(**untested), encoding="utf-8")
    config_of(desk, "caseless.toml", backtest=BACKTEST | {"cases": []})
    unset = {key: value for key, value in tables()["study"].items() if key != "preset"}
    arms = {"today": {}, "placebo": {"practice_model": "new"}}
    config_of(desk, "called.toml", study=unset, presets={}, arms=arms)
    config_of(desk, "alone.toml", arms={"today": {}})
    before = sorted(desk.rglob("*"))
    result = invoked(f"{file}.toml", *words)
    assert result.exit_code == 2, result.output
    assert told in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert sorted(desk.rglob("*")) == before


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is a signal")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interrupted_command_keeps_nothing_and_says_so(desk, monkeypatch, name):
    def interrupted(*words: Any) -> None:
        signal.raise_signal(signal.Signals[name])

    monkeypatch.setattr(tested_module, "count", interrupted)
    before = sorted(desk.rglob("*"))
    result = invoked("tiny.toml", "--reps", "8", "--out", "a")
    assert result.exit_code == 130
    assert result.stderr.splitlines()[-1].startswith("simfs: interrupted; nothing was kept")
    assert result.stdout == ""
    assert sorted(desk.rglob("*")) == before


def test_help_lists_the_command():
    told = CliRunner().invoke(main, ["--help"]).stdout
    assert "Test forecasts on other places and years" in told


def test_a_badge_file_is_one_of_those_that_are_replaced_when_forced(tmp_path):
    (tmp_path / "backtest.csv").touch()
    (tmp_path / "backtest.toml").touch()
    check_output(tmp_path, "backtest", force=True)


@pytest.mark.skipif(os.name != "posix", reason="modes are those of a Unix")
def test_a_checked_file_has_the_mode_of_any_other_and_leaves_nothing_behind(tmp_path):
    before = os.umask(0o022)
    try:
        path = tmp_path / "new.toml"
        write_checked(path, config_of(tmp_path).read_text(encoding="utf-8"), False)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o644
    with pytest.raises(ConfigError):
        write_checked(path, "no = [scenario", True)
    with pytest.raises(UnicodeEncodeError):
        write_checked(path, "\ud800", True)
    assert {each.name for each in tmp_path.iterdir()} == {"new.toml", "tiny.toml"}
    assert load(path).name == "world"
