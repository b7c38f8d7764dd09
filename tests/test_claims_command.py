"""`simfs claims`: the text, the files, the exit code, and the folders it refuses."""

import copy
import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from analysis_examples import a_claim, a_study, some_outcomes
from click.testing import CliRunner, Result
from worlds import START, Table, leaving, stay, text_of

from simfs.analysis.claims import figures, verdict, verdicts
from simfs.cli import main
from simfs.report.claims import WIDTH, claims_text, shortfall_words
from simfs.report.influences import leanings
from simfs.scenario.claims import Against, Direction


def claim(key: str, words: str, **changes: Any) -> Table:
    years = {"from": "2024/25", "to": "2024/25"}
    return {"id": key, "words": words, "metric": "gross_saving", "threshold": 40_000, "unit": "£",
            "source": "paper", "grade": "D", **years, **changes}  # fmt: skip


CLAIMS = [
    claim("gross", "Money is saved"),
    claim("fewer", "Three fewer children", metric="looked_after_at_end", threshold=3,
          unit="children"),
    claim("held", "At most 10 children", metric="looked_after_at_end", against="none",
          direction="at_most", threshold=10, unit="children"),
]  # fmt: skip


def tables() -> Table:
    """Plans that end in care or not, and a practice model that keeps children out of it."""
    weekly = {"pounds": 1000, "basis": "child_week", "ledger": "cashable"}
    fewer = {"kind": "route", "targets": ["plan.care"], "team_share": 1,
             "ratio": {"value": 0.6, "p10": 0.3, "p90": 0.9},
             "ramp": {"half_months": 1, "ninety_months": 3}}  # fmt: skip
    return {
        "days": 731,
        "study": {"name": "world", "start": START, "days": 731, "baseline": "today"},
        "sources": {"paper": {"title": "A paper", "where": "a shelf"}},
        "counts": {"looked_after": {"label": "Children in care"}},
        "streams": {"referral": {"to": "plan", "per_year": 20}},
        "teams": {"team": {"posts": "unlimited"}},
        "stages": {
            "plan": {"team": "team", "stay": stay(60), "remainder": "out",
                     "routes": leaving(out=0.4, care=0.6)},
            "care": {"team": "team", "stay": stay(200), "counts": ["looked_after"],
                     "routes": leaving(out=1)},
        },
        "costs": {"care_week": weekly | {"applies_to": ["care"]}},
        "practice_models": {"new": {"go_live": START, "effects": {"fewer": fewer}}},
        "arms": {"today": {}, "new": {"practice_model": "new"}},
        "claims": copy.deepcopy(CLAIMS),
    }  # fmt: skip


def file_of(folder: Path, name: str = "tiny.toml", **changes: Any) -> Path:
    path = folder / name
    path.write_text(text_of(**(tables() | changes)), encoding="utf-8")
    return path


def savings(thousands):
    """Outcomes of one claim in which each future saves so many thousands of pounds a year."""

    def fill(arm, key):
        spend = {"before": 1_000_000 + 0 * thousands, "after": 1_000_000 - thousands}[arm]
        return (spend * 100_000)[:, None] if key == "spend.cashable_pence" else None

    return some_outcomes(a_study(), len(thousands), fill)


def test_a_shortfall_is_of_the_futures_that_miss_and_mirrored_for_at_most():
    outcomes = savings(np.arange(1, 41))
    least = verdict(outcomes, "after", a_claim(threshold=30_500.0))
    assert (least.shortfall.futures, least.shortfall.mean) == (30, pytest.approx(15_000))
    assert least.shortfall.p10 < least.shortfall.mean < least.shortfall.p90
    most = a_claim(threshold=30_500.0, direction=Direction.AT_MOST)
    over = verdict(outcomes, "after", most)
    assert (over.shortfall.futures, over.shortfall.mean) == (10, pytest.approx(5_000))
    assert "over on average (80% band" in shortfall_words(over)


def test_futures_that_miss_are_those_that_the_coupled_chance_leaves_out():
    outcomes = savings(np.arange(1, 41))
    for threshold in (0.0, 1_000.0, 12_345.0, 40_000.0, 99_000.0):
        one = verdict(outcomes, "after", a_claim(threshold=threshold))
        missed = one.shortfall.futures if one.shortfall else 0
        assert missed == pytest.approx(40 * (1 - one.coupled.value))


def test_few_futures_that_miss_have_a_mean_and_no_band():
    one = verdict(savings(np.arange(1, 41)), "after", a_claim(threshold=5_000.0))
    assert (one.shortfall.futures, one.shortfall.p10, one.shortfall.p90) == (4, None, None)
    assert "too few for a band" in shortfall_words(one)
    none = verdict(savings(np.arange(1, 41)), "after", a_claim(threshold=500.0))
    assert none.shortfall is None
    assert "none of 40 futures misses it" in shortfall_words(none)


def test_the_figure_of_a_claim_is_what_its_mean_is_of():
    outcomes = savings(np.arange(1, 41))
    one = a_claim(threshold=0.5, relative=True, unit="share", against=Against.BASELINE)
    figure = figures(outcomes, "after", one)
    # 1 to 40 thousand pounds of the thousand million that the baseline spends
    assert figure.tolist() == pytest.approx([n / 1e6 for n in range(1, 41)], rel=1e-9)
    assert verdict(outcomes, "after", one).mean == pytest.approx(figure.mean())
    with pytest.raises(KeyError):
        figures(outcomes, "after", a_claim(last_year=7))


def test_a_claim_fails_under_one_half_and_where_it_cannot_be_checked():
    outcomes = savings(np.arange(1, 41))
    assert not verdict(outcomes, "after", a_claim(threshold=10_000.0)).fails
    assert verdict(outcomes, "after", a_claim(threshold=30_000.0)).fails
    assert verdict(outcomes, "after", a_claim(last_year=7)).fails


def test_too_few_draws_name_no_number_that_a_claim_leans_on():
    outcomes = some_outcomes(a_study(claims=(a_claim(threshold=1.0),)), 24)
    assert leanings(outcomes, 3) == {}
    text = claims_text(outcomes, verdicts(outcomes), {})
    assert "6 draws of the uncertain numbers are too few" in text


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with a scenario file, as the current folder."""
    monkeypatch.chdir(tmp_path)
    file_of(tmp_path)
    return tmp_path


def invoked(*words: str, plain: bool = True) -> Result:
    options = ("--engine", "reference", "--jobs", "1") if plain else ()
    return CliRunner().invoke(main, ["claims", *words, *options])


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    folder = tmp_path_factory.mktemp("told")
    return folder, invoked(str(file_of(folder)), "--reps", "97", "--out", str(folder / "out"))


def test_each_claim_is_told_with_its_source_chances_shortfall_and_what_it_leans_on(told):
    folder, result = told
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines()[:-1])) <= WIDTH
    for each in CLAIMS:
        assert f"“{each['words']}”" in result.stdout
    assert "A paper; grade D" in result.stdout
    assert result.stdout.count("   If missed   ") == len(CLAIMS)
    assert "Fewer: what is left at full strength (grade none, " in result.stdout
    assert "1 of 3 claims fails (expected chance under one half, or not checked): fewer." in (
        result.stdout
    )
    assert {path.name for path in (folder / "out").iterdir()} == {
        "claims.csv", "config.resolved.toml"
    }  # fmt: skip


def test_the_table_has_the_shortfall_and_what_each_claim_leans_on(told):
    folder, _ = told
    content = (folder / "out" / "claims.csv").read_text(encoding="utf-8-sig")
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(content))}
    missed = int(rows["fewer"]["futures_missed"])
    assert missed == round(100 * (1 - float(rows["fewer"]["p_coupled"])))
    assert float(rows["fewer"]["shortfall_p10"]) <= float(rows["fewer"]["shortfall_mean"])
    assert rows["held"]["futures_missed"] == "0"
    assert rows["held"]["shortfall_mean"] == ""
    assert rows["gross"]["leans_on"] == "practice_models.new.effects.fewer.ratio"


def test_strict_makes_a_failing_claim_an_exit_code(desk):
    assert invoked("tiny.toml", "--reps", "8").exit_code == 0
    result = invoked("tiny.toml", "--reps", "8", "--strict", "--force")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith("simfs: 1 of 3 claims fails (expected chance")
    file_of(desk, "modest.toml", claims=[CLAIMS[2]])
    assert invoked("modest.toml", "--reps", "8", "--strict", "--out", "b").exit_code == 0


@pytest.mark.parametrize(
    ("source", "words", "said"),
    [
        ("nowhere", (), "nowhere"),
        ("empty", (), "empty is not a results folder of simfs"),
        ("tiny.toml", ("--reps", "4"), "8 to 100000"),
        ("tiny.toml", ("--arm", "today"), "has one arm, 'today'"),
        ("unclaimed.toml", (), "unclaimed.toml makes no claims: there is nothing to judge"),
    ],
)
def test_what_cannot_be_judged_is_refused_before_anything_runs(desk, source, words, said):
    (desk / "empty").mkdir()
    file_of(desk, "unclaimed.toml", claims=[])
    before = sorted(desk.rglob("*"))
    plain = source.endswith(".toml")
    result = invoked(source, *words, plain=plain)
    assert result.exit_code == 2
    assert said in result.stderr
    assert sorted(desk.rglob("*")) == before


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder in which somebody asked what to believe."""
    folder = tmp_path_factory.mktemp("finished")
    words = ["run", str(file_of(folder)), "--reps", "8", "--out", str(folder / "run"), "-q"]
    CliRunner().invoke(main, [*words, "--engine", "reference", "--jobs", "1"])
    result = invoked(str(folder / "run"), "--believe", "-q", "--jobs", "1", plain=False)
    assert result.exit_code == 0, result.output
    return folder / "run"


def copied(finished: Path, folder: Path) -> Path:
    for path in sorted(finished.rglob("*")):
        there = folder / "run" / path.relative_to(finished)
        there.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            there.write_bytes(path.read_bytes())
    return folder / "run"


def test_a_results_folder_is_judged_by_its_own_futures_and_keeps_its_files(finished, desk):
    folder = copied(finished, desk)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    result = invoked("run", plain=False)
    assert result.exit_code == 0, result.output
    assert "8 simulated futures of each" in result.stdout
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "words", [("--reps", "8"), ("--set", "study.years=2"), ("--out", "x"), ("--seed", "3")]
)
def test_a_results_folder_takes_no_option_that_would_change_its_run(finished, words):
    result = invoked(str(finished), *words, plain=False)
    assert result.exit_code == 2
    assert f"a results folder holds its run: {words[0]} is for scenario files" in result.stderr


def test_the_report_shows_what_one_would_have_to_believe_and_keeps_the_table(finished, desk):
    folder = copied(finished, desk)
    table = (folder / "switching.csv").read_bytes()
    result = CliRunner().invoke(main, ["report", "run"])
    assert result.exit_code == 0, result.output
    assert (folder / "switching.csv").read_bytes() == table
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "What you would have to believe" in page
    assert "needs " in page


def test_a_table_that_was_changed_is_refused_by_name(finished, desk):
    folder = copied(finished, desk)
    table = folder / "switching.csv"
    table.write_bytes(table.read_bytes().replace(b"turns", b"tunrs"))
    page = (folder / "report.html").read_bytes()
    result = CliRunner().invoke(main, ["report", "run"])
    assert result.exit_code == 2
    assert f"{Path('run') / 'switching.csv'} is not the file that simfs wrote" in result.stderr
    assert (folder / "report.html").read_bytes() == page


def test_a_table_that_the_manifest_does_not_name_is_no_part_of_the_report(finished, desk):
    folder = copied(finished, desk)
    manifest = folder / "manifest.json"
    record = json.loads(manifest.read_text(encoding="utf-8"))
    del record["files"]["switching.csv"]
    manifest.write_text(json.dumps(record), encoding="utf-8")
    assert CliRunner().invoke(main, ["report", "run"]).exit_code == 0
    assert "What you would have to believe" not in (folder / "report.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("journal/config.resolved.toml", "is not the scenario that the run in run was made from"),
        ("journal/run.json", "is damaged"),
    ],
)
def test_a_torn_folder_is_refused_by_name(finished, desk, file, said):
    path = copied(finished, desk) / file
    path.write_bytes(path.read_bytes()[:-40])
    result = invoked("run", plain=False)
    assert result.exit_code == 2
    assert said in result.stderr
    assert path.name in result.stderr


def test_a_run_that_is_not_finished_is_refused_by_name(finished, desk):
    folder = copied(finished, desk)
    chunk = next((folder / "journal").glob("*.chunk"))
    chunk.unlink()
    result = invoked("run", plain=False)
    assert result.exit_code == 1
    assert "run holds " in result.stderr
    assert "finish the run with --resume first" in result.stderr
