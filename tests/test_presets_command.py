"""Every claim under every preset: the verdicts, the files, and the command that shows them."""

import copy
import csv
import io
import os
import signal
import weakref
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from worlds import START, Table, leaving, stay, text_of

from simfs.analysis.claims import verdicts
from simfs.analysis.presets import NET_ID, UnderPreset, net_claim, under_preset
from simfs.analysis.savings import saving
from simfs.cli import main
from simfs.errors import UsageError
from simfs.experiment.future import FutureResult, run_future
from simfs.experiment.presets import Readings, judged, readings_of
from simfs.experiment.run import run
from simfs.report.dots import drawings_of
from simfs.report.presets import WIDTH, presets_csv, presets_text
from simfs.scenario.config import Preset, load, presets_of
from simfs.scenario.scenario import Study

READABLE = {"engine": "reference"}
FILES = {"presets.csv", "presets.svg", "presets.png", "config.resolved.toml"}
IN_ORDER = ["zealous", "nothing", "middling"]


def claim(key: str, words: str, **changes: Any) -> Table:
    years = {"from": "2024/25", "to": "2024/25"}
    return {"id": key, "words": words, "metric": "gross_saving", "threshold": 100_000, "unit": "£",
            "source": "paper", **years, **changes}  # fmt: skip


CLAIMS = [
    claim("gross", "Money is saved", reading="gross"),
    claim("fewer", "Ten fewer children", metric="looked_after_at_end", threshold=10,
          unit="children"),
    claim("net", "Money is saved", metric="net_saving", reading="net"),
    claim("held", "At most 40 children", metric="looked_after_at_end", against="none",
          direction="at_most", threshold=40, unit="children"),
]  # fmt: skip


def preset(ratio: float, **more: Any) -> Table:
    return {"effects": {"fewer": {"ratio": ratio, "assumption": "made up"}}, **more}


def tables() -> Table:
    """Plans that end in care or not, and a practice model whose strength the presets tell."""
    weekly = {"pounds": 1000, "basis": "child_week", "ledger": "cashable"}
    fewer = {"kind": "route", "targets": ["plan.care"], "ratio": 1, "team_share": 1,
             "ramp": {"half_months": 1, "ninety_months": 3}}  # fmt: skip
    return {
        "days": 731,
        "study": {"name": "world", "start": START, "days": 731, "baseline": "today",
                  "preset": "nothing"},
        "sources": {"paper": {"title": "A paper", "where": "a shelf"}},
        "counts": {"looked_after": {"label": "Children in care"}},
        "streams": {"referral": {"to": "plan", "per_year": 60}},
        "teams": {"team": {"posts": "unlimited"}},
        "stages": {
            "plan": {"team": "team", "stay": stay(60), "remainder": "out",
                     "routes": leaving(out=0.4, care=0.6)},
            "care": {"team": "team", "stay": stay(200), "counts": ["looked_after"],
                     "routes": leaving(out=1)},
        },
        "costs": {"care_week": weekly | {"applies_to": ["care"]}},
        "practice_models": {"new": {"go_live": START, "effects": {"fewer": fewer}}},
        "presets": {"zealous": preset(0.1, label="Believes it all"), "nothing": preset(1),
                    "middling": preset(0.7)},
        "arms": {"today": {}, "new": {"practice_model": "new"}},
        "claims": copy.deepcopy(CLAIMS),
    }  # fmt: skip


def file_of(folder: Path, name: str = "tiny.toml", **changes: Any) -> Path:
    path = folder / name
    path.write_text(text_of(**(tables() | changes)), encoding="utf-8")
    return path


def third_arm() -> Table:
    arms: Table = tables()["arms"]
    return {**arms, "other": {"practice_model": "new"}}


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> Readings:
    return readings_of(file_of(tmp_path_factory.mktemp("desk")))


@pytest.fixture(scope="module")
def found(readings: Readings) -> tuple[UnderPreset, ...]:
    return judged(readings, reps=8, **READABLE)


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_presets_come_in_the_order_of_the_file_with_words_for_people(tmp_path):
    assert presets_of(file_of(tmp_path)) == (
        Preset("zealous", "Believes it all"),
        Preset("nothing", "Nothing"),
        Preset("middling", "Middling"),
    )


def test_a_file_has_the_presets_of_the_file_that_it_extends(tmp_path):
    file_of(tmp_path)
    above = tmp_path / "above.toml"
    above.write_text('extends = "tiny.toml"\n[study]\nname = "above"\n', encoding="utf-8")
    assert [each.key for each in presets_of(above)] == IN_ORDER


def test_each_preset_gives_the_verdicts_of_a_run_with_that_preset_and_the_same_seed(tmp_path):
    path = file_of(tmp_path)
    found = judged(readings_of(path), reps=8, seed=5, **READABLE)
    assert [one.preset.key for one in found] == IN_ORDER
    for one in found:
        alone = verdicts(run(load(path, preset=one.preset.key), reps=8, seed=5, **READABLE))
        assert presets_csv([one]) == presets_csv([_with(one, alone)])


def _with(one: UnderPreset, alone: tuple[Any, ...]) -> UnderPreset:
    return UnderPreset(one.preset, one.is_default, alone, one.net, one.years, 8, 5, "reference")


def test_luck_is_the_same_under_every_preset(found):
    unchanged = {one.of("new", one.verdicts[0].claim).unchanged for one in found}
    assert len(unchanged) == 1
    means = [one.verdicts[0].mean for one in found]
    assert means[0] > means[2] > means[1]


def test_the_preset_that_the_file_names_is_its_own(found):
    assert [one.is_default for one in found] == [False, True, False]


def test_a_preset_that_changes_nothing_is_still_a_run_and_saves_nothing(found):
    nothing = found[1]
    assert (nothing.verdicts[0].mean, nothing.net[0].mean) == (0, 0)
    # none of eight futures: nought saved is no net saving
    assert nothing.net[0].coupled.value == 0


def test_a_net_saving_is_one_of_a_penny_or_more_over_all_years(readings):
    outcomes = run(readings.under[0][1], reps=8, **READABLE)
    pence = saving(outcomes, "new", "net_saving_pence").sum(axis=1)
    net = under_preset(outcomes, Preset("zealous", ""), is_default=False).net[0]
    assert net.claim == net_claim(2)
    assert net.coupled.value == np.mean(pence > 0) > 0


def test_a_study_without_prices_says_nothing_of_a_net_saving(tmp_path):
    claims = [each for each in CLAIMS if each["unit"] == "children"]
    path = file_of(tmp_path, costs={}, claims=claims)
    found = judged(readings_of(path), reps=8, **READABLE)
    assert {one.net for one in found} == {()}
    assert "net saving" not in presets_text(load(path), found)


def test_what_is_set_holds_under_every_preset(tmp_path):
    found = readings_of(file_of(tmp_path), sets=["streams.referral.per_year=30"])
    assert len(found.under) == 3
    for _, study in found.under:
        assert "per_year = 30" in study.resolved


def test_the_outcomes_of_one_run_are_gone_before_the_next_begins(readings, monkeypatch):
    held: list[weakref.ref[Any]] = []

    def watched(*words: Any, **options: Any) -> Any:
        assert [each() for each in held] == [None] * len(held)
        outcomes = run(*words, **options)
        held.append(weakref.ref(outcomes.yearly))
        return outcomes

    monkeypatch.setattr("simfs.experiment.series.run", watched)
    judged(readings, reps=8, **READABLE)
    assert len(held) == 3


def test_the_table_has_a_row_for_every_claim_arm_and_preset(tmp_path):
    found = judged(readings_of(file_of(tmp_path, arms=third_arm())), reps=8, **READABLE)
    rows = rows_of(presets_csv(found))
    told = [(row["claim"], row["arm"], row["preset"]) for row in rows]
    keys = [*(each["id"] for each in CLAIMS), NET_ID]
    arms = ("new", "other")
    assert told == [(key, arm, name) for key in keys for arm in arms for name in IN_ORDER]
    assert {row["default"] for row in rows if row["preset"] == "nothing"} == {"yes"}
    assert {row["default"] for row in rows if row["preset"] != "nothing"} == {"no"}
    assert {row["n"] for row in rows} == {"8"}


def test_the_table_says_what_the_verdicts_say(found):
    row = rows_of(presets_csv(found))[0]
    one = found[0].verdicts[0]
    assert (row["period"], row["threshold"], row["unit"]) == ("2024/25", "100000", "£")
    assert float(row["mean"]) == pytest.approx(one.mean, abs=0.5e-6)
    assert float(row["p10"]) == pytest.approx(one.p10, abs=0.5e-6)
    for key in ("expected", "outturn", "unchanged", "coupled"):
        p = getattr(one, key)
        cells = [float(row[f"p_{key}{end}"]) for end in ("", "_low", "_high")]
        assert cells == pytest.approx([p.value, p.low, p.high], abs=0.5e-6)


def test_a_claim_beyond_the_run_has_no_figures_and_a_reason(readings):
    late = replace(readings.study.claims[0], first_year=7, last_year=7)
    study = replace(readings.study, claims=(late,))
    found = judged(Readings(study, ((Preset("only", ""), study),)), reps=8, **READABLE)
    row = rows_of(presets_csv(found))[0]
    told = "not checked: the run ends with 2024/25"
    assert (row["mean"], row["p_coupled"], row["reason"]) == ("", "", told)
    assert f"\n    {told}\n" in presets_text(study, found)
    assert "beyond the run: only –" in drawings_of(study, found)[0].caption.alt


def test_the_text_shows_every_claim_under_every_preset_and_fits(readings, found):
    text = presets_text(readings.study, found)
    assert max(map(len, text.splitlines())) <= WIDTH
    above, below = text.split("at a glance")
    for words in {each["words"] for each in CLAIMS}:
        assert above.count(f"“{words}”") == 1
    # four claims, each with a line for every preset after the legend's own
    for name in IN_ORDER:
        assert above.count(f"\n    {name}") == 4
    assert sum("≥" in line or "≤" in line for line in below.splitlines()) == 4


def test_the_readings_of_one_claim_stand_together(readings, found):
    text = presets_text(readings.study, found)
    assert text.index("(gross)") < text.index("(net)") < text.index("“Ten fewer children”")


def test_the_text_marks_the_preset_that_the_file_names(readings, found):
    lines = presets_text(readings.study, found).splitlines()
    assert "  * the file's own" in lines
    assert "  nothing*  Nothing" in lines
    assert not [line for line in lines if "zealous*" in line]


def test_a_claim_against_nothing_has_dashes_for_no_change_and_coupled(readings, found):
    lines = presets_text(readings.study, found).splitlines()
    first = next(place for place, line in enumerate(lines) if "Looked after at end ≤" in line)
    assert lines[first + 2].split()[-2:] == ["–", "–"]


def test_money_children_and_shares_are_told_with_their_unit_once(readings, found):
    line = next(
        line for line in presets_text(readings.study, found).splitlines() if "    zealous" in line
    )
    assert line.count("£") == 1
    assert line.count("m (") == 1


def test_long_names_and_many_presets_fit_too(tmp_path):
    long = {f"a_reading_with_a_very_long_name_{'x' * 25}_{n}": preset(0.9) for n in range(9)}
    study = tables()["study"] | {"preset": next(iter(long))}
    path = file_of(tmp_path, presets=long, study=study, arms=third_arm())
    text = presets_text(load(path), judged(readings_of(path), reps=8, **READABLE))
    assert max(map(len, text.splitlines())) <= WIDTH
    # a glance of nine columns is told in parts, each with all claims
    assert text.count("\n  Gross saving ≥ £0.1m, 2024/25  ") > 2


def test_the_figure_says_in_words_how_likely_each_claim_is(readings, found):
    drawing = drawings_of(readings.study, found)[0]
    assert drawing.caption.key == "presets"
    assert drawing.png.startswith(b"\x89PNG")
    assert drawing.caption.alt.startswith(
        "New, coupled chance (95% interval) of Gross saving ≥ £0.1m, 2024/25: zealous "
    )
    assert "Looked after at end ≤ 40, 2024/25: zealous –, nothing –, middling –" in (
        drawing.caption.alt
    )


def test_each_of_several_arms_has_a_figure_of_its_own(tmp_path):
    path = file_of(tmp_path, arms=third_arm())
    drawn = drawings_of(load(path), judged(readings_of(path), reps=8, **READABLE))
    assert [each.caption.key for each in drawn] == ["presets-new", "presets-other"]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with a scenario file, as the current folder."""
    monkeypatch.chdir(tmp_path)
    file_of(tmp_path)
    return tmp_path


def invoked(*words: str) -> Result:
    plain = ("--engine", "reference", "--jobs", "1")
    return CliRunner().invoke(main, ["presets", *words, *plain])


def test_the_command_writes_its_folder_and_says_what_it_runs(desk):
    result = invoked("tiny.toml", "--reps", "6")
    assert result.exit_code == 2
    result = invoked("tiny.toml", "--reps", "9")
    assert result.exit_code == 0, result.output
    folder = desk / "results" / "world-presets"
    assert {path.name for path in folder.iterdir()} == FILES
    assert "9 futures are rounded up to 12: four to a draw" in result.stderr
    for number, name in enumerate(IN_ORDER, start=1):
        assert f"{number} of 3: under preset {name}" in result.stderr
    assert "Today against New, 2023/24 to 2024/25: 12 simulated futures" in result.stdout
    last = result.stdout.splitlines()[-1]
    assert last == f"Table and figures: {Path('results') / 'world-presets'}"
    resolved = (folder / "config.resolved.toml").read_text(encoding="utf-8")
    assert resolved == load(desk / "tiny.toml").resolved


def test_the_same_command_writes_the_same_bytes_quietly(desk):
    for out in ("a", "b"):
        result = invoked("tiny.toml", "--reps", "8", "--out", out, "-q")
        assert (result.exit_code, result.stderr) == (0, "")
    for name in FILES:
        assert (desk / "a" / name).read_bytes() == (desk / "b" / name).read_bytes()
    assert (desk / "a" / "presets.csv").read_bytes().startswith(b"\xef\xbb\xbfclaim,")


def test_the_files_of_an_earlier_time_are_replaced_only_when_forced(desk):
    assert invoked("tiny.toml", "--reps", "8", "--out", "a").exit_code == 0
    before = (desk / "a" / "presets.csv").read_bytes()
    (desk / "a" / "presets-old.png").touch()
    result = invoked("tiny.toml", "--reps", "8", "--out", "a", "--seed", "2")
    assert result.exit_code == 2
    assert "--force replaces them, --out names another folder" in result.stderr
    assert (desk / "a" / "presets.csv").read_bytes() == before
    result = invoked("tiny.toml", "--reps", "8", "--out", "a", "--seed", "2", "--force")
    assert result.exit_code == 0, result.output
    assert {path.name for path in (desk / "a").iterdir()} == FILES
    assert (desk / "a" / "presets.csv").read_bytes() != before


@pytest.mark.parametrize(
    ("file", "words", "told"),
    [
        ("tiny", ("--reps", "4"), "8 to 100000 (under 8 there is no interval of the mean), got 4"),
        ("tiny", ("--arm", "nwe"), "no such arm"),
        ("tiny", ("--arm", "today"), "has one arm, 'today': there is nothing to compare it with"),
        ("tiny", ("--out", "no/such"), "there is no folder no; make it first"),
        ("tiny", ("--out", "."), "is not empty and not a results folder of simfs"),
        ("tiny", ("--out", "others", "--force"), "is not empty and not a results folder of simfs"),
        ("tiny", ("--out", "run", "--force"), "holds a run of simfs; give an empty or a new"),
        ("tiny", ("--preset", "zealous"), "--preset"),
        ("tiny", ("--set", "study.preset=zealous"), "every preset of the file is run"),
        ("tiny", ("--set", "teams.taem.posts=3"), "taem"),
        ("unclaimed", (), "unclaimed.toml makes no claims: there is nothing to judge; write"),
        ("plain", (), "plain.toml has no presets: there is nothing to compare; write"),
    ],
)
def test_what_cannot_be_obeyed_is_refused_in_one_line_before_anything_runs(desk, file, words, told):
    (desk / "run" / "journal").mkdir(parents=True)
    (desk / "others").mkdir()
    (desk / "others" / "mechanisms.csv").touch()
    study = {key: value for key, value in tables()["study"].items() if key != "preset"}
    file_of(desk, "unclaimed.toml", claims=[])
    file_of(desk, "plain.toml", presets={}, study=study)
    before = sorted(desk.rglob("*"))
    result = invoked(f"{file}.toml", *words)
    assert result.exit_code == 2
    assert told in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert sorted(desk.rglob("*")) == before


def test_a_faulty_preset_is_refused_before_any_is_run(desk):
    presets = tables()["presets"] | {"faulty": preset(-2)}
    with pytest.raises(UsageError):
        readings_of(desk / "tiny.toml", sets=["study.preset=zealous"])
    file_of(desk, presets=presets)
    result = invoked("tiny.toml", "--reps", "8")
    assert result.exit_code == 2
    assert "presets.faulty" in result.stderr or "effects.fewer" in result.stderr
    assert not (desk / "results").exists()


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is a signal")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interrupted_command_keeps_nothing_and_says_so(desk, monkeypatch, name):
    def interrupted_at_6(study: Study, seed: int, future: int, engine: str) -> FutureResult:
        if future == 6 and study.preset == "nothing":
            signal.raise_signal(signal.Signals[name])
        return run_future(study, seed, future, engine)

    monkeypatch.setattr("simfs.experiment.run.run_future", interrupted_at_6)
    before = sorted(desk.rglob("*"))
    result = invoked("tiny.toml", "--reps", "8", "--out", "a")
    assert result.exit_code == 130
    assert result.stderr.splitlines()[-1].startswith("simfs: interrupted; nothing was kept")
    assert result.stdout == ""
    assert sorted(desk.rglob("*")) == before


def test_help_lists_the_command():
    told = CliRunner().invoke(main, ["--help"]).stdout
    assert "presets" in told
    assert "Judge every claim under every preset" in told
