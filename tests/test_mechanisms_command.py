"""What each mechanism carries: the arithmetic, the files, and the command that tells it."""

import csv
import errno
import io
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from scripted import TWO_ARMS
from worlds import START, Table, leaving, stay, study_of, text_of

from simfs.analysis.intervals import mean_interval
from simfs.analysis.mechanisms import Breakdown, Figure, breakdown, difference, figures_of
from simfs.cli import main
from simfs.experiment.future import FutureResult, run_future
from simfs.experiment.mechanisms import NAME, carried, present
from simfs.experiment.run import run
from simfs.experiment.together import write_together
from simfs.report.waterfall import WIDTH, drawings_of, mechanisms_csv, mechanisms_text
from simfs.scenario.mechanisms import MECHANISMS, study_without
from simfs.scenario.scenario import Study

READABLE = {"engine": "reference"}
FILES = {"mechanisms.csv", "mechanisms.svg", "mechanisms.png", "config.resolved.toml"}
MONEY = Figure("gross_saving", "Gross saving (of all)", "pence", "gross_saving_pence")
HALF_THE_REMOVALS: Table = {"kind": "route", "targets": ["plan.care"], "ratio": 0.5}
SHORTER_CARE: Table = {"kind": "stay", "targets": ["care"], "ratio": 0.5}


def effect(**changes: Any) -> Table:
    return changes | {"team_share": 1, "ramp": {"half_months": 1, "ninety_months": 3}}


def tables(**effects: Table) -> Table:
    """Plans that end in care or not, nobody waits; one arm has effects, the other none."""
    weekly = {"pounds": 1000, "basis": "child_week", "ledger": "cashable"}
    return {
        "days": 731,
        "counts": {
            "looked_after": {"label": "Children in care"},
            "child_protection": {"label": "Plans"},
        },
        "streams": {"referral": {"to": "plan", "per_year": 60}},
        "teams": {"team": {"posts": "unlimited"}},
        "stages": {
            "plan": {"team": "team", "stay": stay(60), "remainder": "out",
                     "counts": ["child_protection"], "routes": leaving(out=0.4, care=0.6)},
            "care": {"team": "team", "stay": stay(200), "counts": ["looked_after"],
                     "routes": leaving(out=1)},
        },
        "costs": {"care_week": weekly | {"applies_to": ["care"]}},
        "practice_models": {
            "new": {
                "go_live": START,
                "effects": {key: effect(**each) for key, each in effects.items()},
            }
        },
        "arms": {"today": {}, "new": {"practice_model": "new"}},
    }  # fmt: skip


def tiny(**effects: Table) -> Study:
    return study_of(**tables(**effects))


def of(found: tuple[Breakdown, ...], key: str) -> Breakdown:
    return next(shared for shared in found if shared.figure.key == key)


def part(shared: Breakdown, key: str) -> Any:
    return next(each for each in shared.parts if each.mechanism == key)


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_an_arm_of_one_effect_on_a_route_is_carried_by_effects_on_routes_alone():
    found = carried(tiny(fewer=HALF_THE_REMOVALS), reps=8, **READABLE)
    assert [shared.figure.key for shared in found] == [
        "gross_saving", "looked_after_fewer_at_end", "child_protection_fewer_at_end"
    ]  # fmt: skip
    assert of(found, "gross_saving").whole.mean > 0
    for shared in found:
        assert part(shared, "route_effects").carried == shared.whole
        assert part(shared, "route_effects").without == 0
        others = [each for each in shared.parts if each.mechanism != "route_effects"]
        assert {each.carried.mean for each in others} == {0.0}
        assert {each.without for each in others} == {shared.whole.mean}
        assert (shared.jointly.mean, shared.jointly.low, shared.jointly.high) == (0, 0, 0)


def test_two_effects_that_act_through_each_other_leave_something_that_they_do_jointly():
    found = carried(tiny(fewer=HALF_THE_REMOVALS, shorter=SHORTER_CARE), reps=8, **READABLE)
    saved = of(found, "gross_saving")
    both = [part(saved, key).carried.mean for key in ("route_effects", "stay_effects")]
    assert min(both) > 0
    # A removal that is spared cannot be made shorter, so each takes from what the other carries.
    assert saved.jointly.mean > 0
    # Pence of eight futures are below 2^53, so sums of their means are exact but for the division.
    assert saved.jointly.mean == pytest.approx(saved.whole.mean - sum(both), rel=1e-12)


def test_a_mechanism_that_is_not_in_the_scenario_is_not_run_and_carries_exactly_nothing():
    study = tiny(fewer=HALF_THE_REMOVALS)
    ran: list[tuple[str, int, int]] = []
    found = carried(study, reps=8, **READABLE, told=lambda *words: ran.append(words))
    there = present(study)
    assert "route_effects" in there
    assert not {"waiting", "turnover", "stay_effects", "reform"} & set(there)
    assert ran[0] == ("as it is", 1, 1 + len(there))
    assert [words for words, _, _ in ran[1:]] == [f"without: {MECHANISMS[key]}" for key in there]
    for shared in found:
        assert [each.mechanism for each in shared.parts] == list(MECHANISMS)
        for each in shared.parts:
            assert each.present == (each.mechanism in there)


def test_what_is_carried_is_the_difference_less_that_without_in_the_same_futures():
    study = tiny(fewer=HALF_THE_REMOVALS, shorter=SHORTER_CARE)
    figure = figures_of(study)[0]
    whole = run(study, reps=12, seed=5, **READABLE)
    without = run(study_without(study, "stay_effects"), reps=12, seed=5, **READABLE)
    pairs = difference(whole, "new", figure) - difference(without, "new", figure)
    means = mean_interval(pairs, whole.draws)
    found = part(carried(study, reps=12, seed=5, **READABLE)[0], "stay_effects")
    assert found.carried.mean == means.mean
    assert (found.carried.low, found.carried.high) == (means.low, means.high)
    assert found.without == mean_interval(difference(without, "new", figure), whole.draws).mean


def test_intervals_are_of_paired_differences():
    draws = np.repeat(np.arange(10), 4)
    luck = np.arange(40, dtype=np.int64) ** 3  # far apart, but the same with and without
    shared = breakdown("new", MONEY, luck + 500, {"waiting": luck}, draws)
    amount = part(shared, "waiting").carried
    assert (amount.mean, amount.low, amount.high) == (500, 500, 500)
    assert shared.whole.high - shared.whole.low > 1000


def test_savings_are_of_all_years_and_children_of_the_end():
    study = tiny(fewer=HALF_THE_REMOVALS)
    outcomes = run(study, reps=8, **READABLE)
    money, children = (figures_of(study)[place] for place in (0, 1))
    spent = [outcomes.of(arm, "spend.cashable_pence").sum(axis=1) for arm in ("today", "new")]
    held = [outcomes.of(arm, "looked_after_at_end_children")[:, 1] for arm in ("today", "new")]
    assert difference(outcomes, "new", money).tolist() == (spent[0] - spent[1]).tolist()
    assert difference(outcomes, "new", children).tolist() == (held[0] - held[1]).tolist()


def test_the_table_adds_up_to_the_difference_that_it_ends_with():
    found = carried(tiny(fewer=HALF_THE_REMOVALS, shorter=SHORTER_CARE), reps=8, **READABLE)
    rows = rows_of(mechanisms_csv(found))
    assert {row["unit"] for row in rows if row["figure"].endswith("saving")} == {"£"}
    for shared in found:
        mine = [row for row in rows if row["figure"] == shared.figure.key]
        assert [row["mechanism"] for row in mine] == [*MECHANISMS, "jointly", "whole"]
        *parts, whole = [float(row["carried_mean"]) for row in mine]
        scale = 100 if shared.figure.is_money else 1
        # each of sixteen cells is rounded to the sixth digit after the point
        assert sum(parts) == pytest.approx(whole, abs=16 * 0.5e-6)
        assert whole == pytest.approx(shared.whole.mean / scale, abs=0.5e-6)
        for row in mine[: len(MECHANISMS)]:
            left = float(row["difference_without"]) + float(row["carried_mean"])
            assert left == pytest.approx(whole, abs=3 * 0.5e-6)
        assert {row["futures"] for row in mine} == {"8"}
        assert mine[0]["note"] == "not in this scenario"


def made_up() -> tuple[Study, tuple[Breakdown, ...]]:
    """A difference of £4m: routes carry 5, waiting takes away 2, and 1 is done jointly."""
    study = tiny(fewer=HALF_THE_REMOVALS)
    draws = np.repeat(np.arange(10), 4)
    whole = np.full(40, 400_000_000)
    without = {"route_effects": whole - 500_000_000, "waiting": whole + 200_000_000}
    return study, (breakdown("new", MONEY, whole, without, draws),)


def test_the_figure_says_in_words_what_each_bar_comes_to():
    study, found = made_up()
    drawing = drawings_of(study, found)[0]
    assert drawing.caption.key == "mechanisms"
    assert drawing.png.startswith(b"\x89PNG")
    assert drawing.caption.alt == (
        "New: what carries the gross saving, 2023/24 to 2024/25. Mean and 95% interval of the mean "
        "that each carries: Waiting and crises −£2.00m (−£2.00m to −£2.00m); Effects on routes "
        "£5.00m (£5.00m to £5.00m); together, what they do only jointly, £1.00m (£1.00m to "
        "£1.00m); in all £4.00m (£4.00m to £4.00m)."
    )


def test_the_figure_is_the_same_bytes_every_time():
    first, again = (drawings_of(*made_up())[0] for _ in range(2))
    assert (first.svg, first.png) == (again.svg, again.png)


def test_each_of_several_arms_has_a_figure_of_its_own():
    study, (shared,) = made_up()
    other = breakdown("today", MONEY, np.arange(40), {}, np.repeat(np.arange(10), 4))
    keys = [drawing.caption.key for drawing in drawings_of(study, (shared, other))]
    assert keys == ["mechanisms-new", "mechanisms-today"]


def test_the_text_for_the_terminal_fits_and_says_why_amounts_do_not_add_up():
    study = tiny(fewer=HALF_THE_REMOVALS)
    text = mechanisms_text(study, carried(study, reps=8, **READABLE))
    assert max(map(len, text.splitlines())) <= WIDTH
    lines = {line.split("  ")[1]: line for line in text.splitlines() if line.startswith("  ")}
    assert list(lines) == [*MECHANISMS.values(), "Together: only jointly", "In all"]
    assert lines["Waiting and crises"].endswith("  not in this scenario")
    assert "These amounts do not add up, because mechanisms act through" in text
    said = " ".join(text.split())
    assert "these amounts are not what specialists or training bring" in said


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with scenario files, as the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.toml").write_text(TWO_ARMS, encoding="utf-8")
    (tmp_path / "tiny.toml").write_text(
        text_of(**tables(fewer=HALF_THE_REMOVALS)), encoding="utf-8"
    )
    return tmp_path


def invoked(*words: str) -> Result:
    plain = ("--engine", "reference", "--jobs", "1")
    return CliRunner().invoke(main, ["mechanisms", *words, *plain])


def test_the_command_writes_its_folder_and_says_what_it_runs(desk):
    result = invoked("tiny.toml", "--reps", "8")
    assert result.exit_code == 0, result.output
    folder = desk / "results" / "world-mechanisms"
    assert {path.name for path in folder.iterdir()} == FILES
    assert "1 of " in result.stderr
    assert ": without: Effects on routes" in result.stderr
    assert result.stdout.startswith("What carries the difference between Today and New: mean of 8")
    last = result.stdout.splitlines()[-1]
    assert last == f"Table and figures: {Path('results') / 'world-mechanisms'}"
    assert len(rows_of((folder / "mechanisms.csv").read_bytes())) == 3 * (len(MECHANISMS) + 2)


def test_the_same_command_writes_the_same_bytes_quietly(desk):
    for out in ("a", "b"):
        result = invoked("tiny.toml", "--reps", "8", "--out", out, "-q")
        assert (result.exit_code, result.stderr) == (0, "")
    for name in FILES:
        assert (desk / "a" / name).read_bytes() == (desk / "b" / name).read_bytes()


def test_the_files_of_an_earlier_time_are_replaced_only_when_forced(desk):
    assert invoked("tiny.toml", "--reps", "8", "--out", "a").exit_code == 0
    before = (desk / "a" / "mechanisms.csv").read_bytes()
    (desk / "a" / "mechanisms-old.png").touch()
    result = invoked("tiny.toml", "--reps", "8", "--out", "a", "--seed", "2")
    assert result.exit_code == 2
    assert "--force replaces them, --out names another folder" in result.stderr
    assert (desk / "a" / "mechanisms.csv").read_bytes() == before
    result = invoked("tiny.toml", "--reps", "8", "--out", "a", "--seed", "2", "--force")
    assert result.exit_code == 0, result.output
    assert {path.name for path in (desk / "a").iterdir()} == FILES
    assert (desk / "a" / "mechanisms.csv").read_bytes() != before


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--reps", "4"), "8 to 100000 (under 8 there is no interval of the mean), got 4"),
        (("--arm", "nwe"), "no such arm"),
        (("--arm", "nwe"), "'new'"),
        (("--arm", "today"), "has one arm, 'today': there is nothing to compare it with"),
        (("--out", "no/such"), "there is no folder no; make it first"),
        (("--out", "tiny.toml"), "tiny.toml is a file; give a folder"),
        (("--out", ".", "--force"), "is not empty and not a results folder of simfs"),
        (("--out", "run", "--force"), "run holds a run of simfs; give an empty or a new folder"),
        (("--seed", "-1"), "--seed"),
    ],
)
def test_what_cannot_be_obeyed_is_refused_in_one_line_before_anything_runs(desk, words, told):
    (desk / "run" / "journal").mkdir(parents=True)
    before = sorted(desk.rglob("*"))
    result = invoked("tiny.toml", *words)
    assert result.exit_code == 2
    assert told in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert sorted(desk.rglob("*")) == before


def test_a_folder_that_cannot_be_written_to_is_refused_before_anything_runs(desk):
    folder = desk / "locked"
    folder.mkdir(mode=0o500)
    if os.access(folder, os.W_OK):
        # To an administrator nothing is read-only; the kernel's own folders are.
        folder = Path("/proc")
        if not folder.is_dir():
            pytest.skip("no folder here is read-only")
    result = invoked("tiny.toml", "--out", str(folder / "results"))
    assert result.exit_code == 2
    assert "results cannot be written to" in result.stderr
    assert "; use --out" in result.stderr


def test_a_study_with_neither_costs_nor_counts_has_nothing_to_share_out(desk):
    result = invoked("small.toml", "--reps", "8")
    assert result.exit_code == 2
    assert "has neither costs nor a count of looked-after children" in result.stderr
    assert not (desk / "results").exists()


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is a signal")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interrupted_command_keeps_nothing_and_says_so(desk, monkeypatch, name):
    def interrupted_at_6(study: Study, seed: int, future: int, engine: str) -> FutureResult:
        if future == 6 and study.arms != whole.arms:
            signal.raise_signal(signal.Signals[name])
        return run_future(study, seed, future, engine)

    whole = tiny(fewer=HALF_THE_REMOVALS)
    monkeypatch.setattr("simfs.experiment.run.run_future", interrupted_at_6)
    before = sorted(desk.rglob("*"))
    result = invoked("tiny.toml", "--reps", "8", "--out", "a")
    assert result.exit_code == 130
    assert "simfs: interrupted; nothing was kept" in result.stderr
    assert result.stdout == ""
    assert sorted(desk.rglob("*")) == before


def test_a_full_disk_leaves_the_folder_as_it_was(desk, monkeypatch):
    def full(path: Path, content: bytes) -> None:
        if path.suffix == ".png":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        path.write_bytes(content)

    write_together(desk / "a", NAME, {"mechanisms.csv": b"old", "mechanisms.png": b"old"})
    monkeypatch.setattr("simfs.experiment.together.write_whole", full)
    for folder in (desk / "a", desk / "b"):
        with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
            write_together(folder, NAME, {"mechanisms.csv": b"new", "mechanisms.png": b"new"})
    left = {path.name: path.read_bytes() for path in (desk / "a").iterdir()}
    assert left == {"mechanisms.csv": b"old", "mechanisms.png": b"old"}
    assert not (desk / "b").exists()


def test_help_lists_the_command():
    told = CliRunner().invoke(main, ["--help"]).stdout
    assert "mechanisms" in told
    assert "Tell what carries the answer" in told
