"""Two scenarios held against each other: what differs, what moved which claim, and the command."""

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from test_presets_command import claim, file_of, tables
from worlds import Table, leaving, stay, text_of

from simfs.analysis.attribution import Attribution
from simfs.cli import main
from simfs.errors import UsageError
from simfs.experiment.compare import Pair, compared, must_meet, pair_of, study_at
from simfs.experiment.run import identity_of, run
from simfs.experiment.store import Store
from simfs.report.compare import WIDTH, compare_csv, compare_text, differences_csv
from simfs.scenario.config import loads
from simfs.scenario.differences import Kind, assumptions, between, differences
from simfs.scenario.scenario import Study

READABLE = {"engine": "reference"}
NAMES = ("a.toml", "b.toml")
CLAIMS = [claim("gross", "Money is saved"), claim("kept", "Fewer", metric="looked_after_at_end",
                                                  threshold=10, unit="children")]  # fmt: skip
POLICE = {"pounds": 50, "basis": "child_week", "ledger": "partner", "payer": "police",
          "applies_to": ["plan"]}  # fmt: skip
COUNTED = [{"count": "looked_after", "source": "paper", "dates": [date(2023, 3, 31)],
            "values": [12]}]  # fmt: skip


def world(**changes: Any) -> Table:
    """Plans that end in care or not, an arm in which half as many do, and a price that is alone."""
    whole = tables() | {"claims": CLAIMS}
    whole["practice_models"]["new"]["effects"]["fewer"]["ratio"] = 0.5
    del whole["presets"], whole["study"]["preset"]
    whole["costs"]["police"] = dict(POLICE)
    whole["costs"]["care_week"]["pounds"] = 700  # whole pounds a day: no pence are rounded
    for path, value in changes.items():
        at = whole
        *above, last = path.split("__")
        for key in above:
            at = at.setdefault(key, {})
        at[last] = value
    return whole


def study(**changes: Any) -> Study:
    return loads(text_of(**world(**changes)))


def pair(**changes: Any) -> Pair:
    return pair_of(study(), study(**changes))


DEARER = {"costs__care_week__pounds": 1400}
MORE = {"streams__referral__per_year": 90}
POLICE_TOO = {"costs__police__pounds": 100}


@pytest.fixture(scope="module")
def two() -> tuple[Pair, tuple[Attribution, ...]]:
    """A price and the number of families, which act through each other, and a price apart."""
    both = pair(**DEARER, **MORE, **POLICE_TOO)
    return both, compared(both, reps=8, **READABLE)


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def keys(found: Pair) -> list[str]:
    return [each.key for each in found.assumptions]


def test_a_doubled_price_carries_the_whole_difference_and_another_exactly_nothing():
    both = pair(**DEARER, **POLICE_TOO)
    assert keys(both) == ["costs.care_week.pounds", "costs.police.pounds"]
    gross, children, net = compared(both, reps=8, **READABLE)
    for one in (gross, net):
        price, police = one.shares
        assert one.second.mean == 2 * one.first.mean
        assert one.whole.mean == one.first.mean > 0
        assert price.alone == price.last == one.whole
        for nothing in (police.alone, police.last, one.together.alone, one.together.last):
            assert (nothing.mean, nothing.low, nothing.high) == (0, 0, 0)
    assert children.first == children.second
    assert {(share.alone.mean, share.last.mean) for share in children.shares} == {(0, 0)}


def test_what_assumptions_do_through_each_other_is_told_as_together(two):
    gross = two[1][0]
    for order in ("alone", "last"):
        parts = [getattr(share, order).mean for share in gross.shares]
        together = getattr(gross.together, order).mean
        assert sum(parts) + together == pytest.approx(gross.whole.mean, rel=1e-12)
        assert abs(together) > 0
    # families who are more save more at the dearer price: that is in neither alone
    assert gross.together.alone.mean > 0 > gross.together.last.mean


def test_every_step_has_the_same_luck(two):
    both, found = two
    more = between(both.first, both.second, both.assumptions[:1], both.arms)
    net = compared(pair_of(both.first, more), reps=8, **READABLE)[-1]
    assert net.whole == found[-1].shares[0].alone


def test_all_assumptions_together_make_the_second_scenario_and_none_the_first():
    later = world(
        **DEARER,
        teams__team={"posts": 4, "caseload": 9},
        stages__plan__routes=leaving(out=0.5, care=0.3, rest=0.2),
        stages__rest={"team": "team", "stay": stay(30), "routes": leaving(out=1)},
        stages__care__limit_days=700,
        arms__new={"practice_model": "new", "set": {"teams.team.posts": 5}, "assumption": "x"},
    )
    first, second = study(), loads(text_of(**later))
    both = pair_of(first, second)
    assert "the pathway and its teams" in keys(both)
    assert between(first, second, both.assumptions, both.arms).arms == second.arms
    assert between(second, first, both.assumptions, both.arms).arms == second.arms
    assert between(first, second, (), both.arms).arms == first.arms


def test_a_default_of_one_file_that_the_other_changes_is_a_difference():
    assert keys(pair(teams__team={"posts": 4, "handover_days": 9, "caseload": 9})) == [
        "teams.team.*"
    ]
    second = study(stages__plan__priority=2)
    assert keys(pair_of(study(), second)) == ["stages.plan.priority"]
    assert between(study(), second, assumptions(differences(study(), second)), ("today", "new")) \
        .arms == second.arms  # fmt: skip


def test_shares_of_a_whole_move_together():
    both = pair(stages__plan__routes=leaving(out=0.5, care=0.5))
    assert keys(both) == ["stages.plan.routes.*"]
    assert [each.key for each in both.assumptions[0].differences] == [
        "stages.plan.routes.out.p", "stages.plan.routes.care.p",
    ]  # fmt: skip


def test_many_differences_are_told_by_table_and_none_is_lost():
    costs = {f"cost_{n}": POLICE | {"pounds": n} for n in range(1, 15)}
    dearer = {key: cost | {"pounds": 2 * cost["pounds"]} for key, cost in costs.items()}
    first = study(costs={**costs, "care_week": tables()["costs"]["care_week"]})
    second = study(costs={**dearer, "care_week": tables()["costs"]["care_week"]}, **MORE)
    both = pair_of(first, second)
    assert keys(both) == ["streams.*", "costs.*"]
    moved = [each for group in both.assumptions for each in group.differences]
    assert len(moved) == len(both.differences) == 15
    assert len(rows_of(differences_csv(both))) == 15


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"study__title": "Another"}, Kind.WORDS),
        ({"stages__care__label": "In care"}, Kind.WORDS),
        ({"stages__care__note": "looked up"}, Kind.WORDS),
        ({"claims": [CLAIMS[0] | {"threshold": 5}, CLAIMS[1]]}, Kind.ASKED),
        ({"claims": CLAIMS[:1]}, Kind.ASKED),
        ({"history": COUNTED}, Kind.ASKED),
    ],
)
def test_what_no_simulation_reads_is_told_and_is_no_assumption(changes, kind):
    both = pair(**changes)
    assert {each.kind for each in both.differences} == {kind}
    assert (both.assumptions, both.is_paired) == ((), True)


def test_files_with_a_preset_in_force_and_counts_of_their_own_have_every_step_between_them():
    first, second = tables(), tables() | {"history": COUNTED}
    second["streams"]["referral"]["per_year"] = 90
    second["costs"]["care_week"]["pounds"] = 1400
    both = pair_of(loads(text_of(**first)), loads(text_of(**second)))
    assert keys(both) == ["streams.referral.per_year", "costs.care_week.pounds"]
    assert (both.runs, None in both.steps.values()) == (4, False)


def test_an_assumption_that_cannot_be_changed_alone_leaves_its_part_to_the_rest():
    staff = {"turnover": 0.2, "recruitment_days": 90}
    team = {"posts": 4, "caseload": 9, "workforce": "staff"}
    first = study(teams__team={"posts": 4, "caseload": 9})
    both = pair_of(first, study(workforces={"staff": staff}, teams__team=team, **DEARER))
    gross = compared(both, reps=8, **READABLE)[0]
    shares = dict(zip(keys(both), gross.shares, strict=True))
    assert len(shares) == 3
    workforce, posts = shares["workforces.staff"], shares["teams.team.*"]
    price = shares["costs.care_week.pounds"]
    assert (posts.alone, workforce.last) == (None, None)
    known = workforce.alone.mean + price.alone.mean
    assert known + gross.together.alone.mean == pytest.approx(gross.whole.mean, rel=1e-12)
    assert "not by itself" in compare_text(both, [gross], NAMES)
    notes = {row["part"]: row["note"] for row in rows_of(compare_csv(both, [gross]))}
    assert notes["teams.team.*"] == "cannot be changed without others"


def test_other_years_are_told_side_by_side_and_not_attributed():
    both = pair_of(study(), study(study__days=1096, **DEARER))
    assert (both.is_paired, both.runs) == (False, 2)
    found = compared(both, reps=8, **READABLE)
    assert {one.whole for one in found} == {None}
    text = compare_text(both, found, NAMES)
    assert "Not the same years or baseline" in text.replace("\n", " ")
    assert "B less A," not in text


def test_an_arm_that_only_one_has_is_left_out_and_said():
    arms = tables()["arms"] | {"other": {"practice_model": "new"}}
    both = pair(arms=arms, **DEARER)
    assert both.arms == ("today", "new")
    assert [each.key for each in both.differences if each.kind is Kind.ARMS] == ["arms.other"]
    assert keys(both) == ["costs.care_week.pounds"]


def test_nothing_in_common_is_refused():
    with pytest.raises(UsageError, match="no arm with a claim or prices in common"):
        must_meet(pair_of(study(), study(claims=[], costs={})))


def test_the_text_names_every_assumption_and_fits(two):
    text = compare_text(*two, NAMES)
    assert max(map(len, text.splitlines())) <= WIDTH
    for number, key in enumerate(keys(two[0]), start=1):
        assert f"\n  [{number}] {key}\n" in text
    assert "A: 700 £; assumed: made up" in text
    assert "moved by exactly nothing: [3]" in text
    assert text.count("\n    together ") == 3


def test_the_table_adds_up(two):
    rows = [row for row in rows_of(compare_csv(*two)) if row["claim"] == "gross"]
    assert [row["part"] for row in rows] == ["B less A", *keys(two[0]), "together"]
    for order in ("first_mean", "last_mean"):
        whole, *parts = [float(row[order]) for row in rows]
        assert sum(parts) == pytest.approx(whole, abs=1e-5)
    assert float(rows[0]["b_mean"]) - float(rows[0]["a_mean"]) == pytest.approx(
        float(rows[0]["first_mean"]), abs=1e-5
    )
    assert {row["futures"] for row in rows} == {"8"}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, changes in (("a.toml", {}), ("b.toml", DEARER)):
        (tmp_path / name).write_text(text_of(**world(**changes)), encoding="utf-8")
    return tmp_path


def results(folder: Path) -> Path:
    """A whole run of the first scenario, without the files for readers."""
    first = study()
    with Store.for_run(folder, identity_of(first, 1, "reference"), first.resolved, 8) as store:
        run(first, reps=8, folder=store, **READABLE)
    return folder


def invoked(*words: str) -> Result:
    return CliRunner().invoke(
        main, ["compare", *words, "--engine", "reference", "--jobs", "1", "--reps", "8"]
    )


def test_the_command_writes_its_tables_and_says_what_it_runs(desk):
    result = invoked("a.toml", "b.toml")
    assert result.exit_code == 0, result.output
    folder = Path("results") / "world-compare"
    assert {path.name for path in folder.iterdir()} == {"compare.csv", "compare-differences.csv"}
    assert "1 of 2: A as it is" in result.stderr
    assert "all of it is [1] costs.care_week.pounds" in result.stdout
    assert result.stdout.splitlines()[-1] == f"Tables: {folder}"
    again = invoked("a.toml", "b.toml")
    assert again.exit_code == 2
    assert "--force replaces them" in again.stderr


def test_the_same_scenario_twice_is_said_and_nothing_is_run(desk, monkeypatch):
    monkeypatch.setattr("simfs.experiment.series.run", None)
    before = sorted(desk.rglob("*"))
    result = invoked("a.toml", "a.toml")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "A and B hold the same numbers" in result.stdout
    assert sorted(desk.rglob("*")) == before


def test_results_stand_for_the_scenario_that_made_them(desk):
    assert study_at(results(desk / "run")).resolved == study().resolved
    assert "hold the same numbers" in invoked("run", "a.toml").stdout


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("older", "run was made by simfs 0.0.1, and this is"),
        ("torn", "run holds 4 of 8 futures"),
        ("changed", "is not the scenario that the run in run was made from"),
        ("damaged", "run.json is damaged"),
        ("none", "run is not a results folder of simfs"),
    ],
)
def test_results_that_are_not_whole_are_refused_by_name(desk, fault, told):
    journal = results(desk / "run") / "journal"
    record = journal / "run.json"
    match fault:
        case "older":
            old = json.loads(record.read_text(encoding="utf-8")) | {"simfs": "0.0.1"}
            record.write_text(json.dumps(old), encoding="utf-8")
        case "torn":
            sorted(journal.glob("*.chunk"))[-1].unlink()
        case "changed":
            path = journal / "config.resolved.toml"
            changed = path.read_text(encoding="utf-8").replace("pounds = 700", "pounds = 701")
            path.write_text(changed, encoding="utf-8")
        case "damaged":
            record.write_text("{", encoding="utf-8")
        case "none":
            record.unlink()
    result = invoked("run", "b.toml")
    assert result.exit_code == 2 or (fault == "torn" and result.exit_code == 1)
    assert told in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not (desk / "results").exists()


def test_a_file_that_cannot_be_run_is_refused_as_everywhere(desk):
    file_of(desk, "faulty.toml", study={"name": "x"})
    result = invoked("a.toml", "faulty.toml")
    assert result.exit_code == 2
    assert result.stderr.startswith("faulty.toml")
