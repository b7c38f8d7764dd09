"""A scenario file that stands on another: what it takes over, and what it may not name."""

from pathlib import Path

import pytest
from scenario_text import EVERYTHING
from scripted import needs_links

from simfs.errors import ConfigError, UsageError
from simfs.scenario.config import load, loads

CLAIM = """
[[claims]]
id = "{id}"
words = "ten fewer"
metric = "looked_after_at_end"
from = "2023/24"
to = "2023/24"
threshold = 10
unit = "children"
assumption = "an example"
"""


def written(folder: Path, top: str, base: str = EVERYTHING) -> Path:
    (folder / "base.toml").write_text(base, encoding="utf-8")
    path = folder / "top.toml"
    path.write_text(top, encoding="utf-8")
    return path


def test_claims_of_its_own_take_the_place_of_all_the_base_s(tmp_path):
    top = 'extends = "base.toml"\n' + CLAIM.format(id="ours")
    study = load(written(tmp_path, top, EVERYTHING + CLAIM.format(id="theirs")))
    assert [claim.id for claim in study.claims] == ["ours"]


def test_a_file_without_claims_has_those_of_its_base(tmp_path):
    study = load(written(tmp_path, 'extends = "base.toml"\n'))
    assert study.claims == loads(EVERYTHING).claims


def test_what_is_left_out_is_not_taken_over(tmp_path):
    top = 'extends = "base.toml"\nleave_out = ["claims", "reform", "presets.doubtful"]\n'
    study = load(written(tmp_path, top))
    assert study.claims == ()
    assert study.arms[0].reform is None
    assert "doubtful" not in study.resolved


def test_the_resolved_scenario_needs_no_base(tmp_path):
    study = load(written(tmp_path, 'extends = "base.toml"\nleave_out = ["reform"]\n'))
    (tmp_path / "base.toml").unlink()
    assert loads(study.resolved) == study
    assert "extends" not in study.resolved
    assert "leave_out" not in study.resolved


def test_a_number_of_another_origin_loses_what_the_base_said_of_it(tmp_path):
    base = EVERYTHING.replace(
        'opening = { children = 349, source = "returns" }',
        'opening = { children = 349, source = "returns", note = "of 2023", grade = "A" }',
    )
    top = (
        'extends = "base.toml"\n[stages.care]\n'
        'opening = { children = 100, assumption = "counted by hand", grade = "D" }\n'
    )
    study = load(written(tmp_path, top, base))
    line = next(one for one in study.ledger if one.path == "stages.care.opening.children")
    assert (line.value, line.source, line.grade) == ("100", "", "D")
    assert line.assumption == "counted by hand"
    assert "of 2023" not in study.resolved


def test_a_fault_in_a_claim_is_placed_in_the_file_that_makes_the_claim(tmp_path):
    top = 'extends = "base.toml"\n' + CLAIM.format(id="ours").replace("words =", "worts =")
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, top))
    lines = [problem.text("top.toml") for problem in caught.value.problems]
    assert len(lines) == 2  # the wrong key, and the one that is missing
    assert not any("base.toml" in line for line in lines)


@pytest.mark.parametrize(
    ("words", "path", "fragments"),
    [
        ('extends = "bas.toml"', "extends", ("no file 'bas.toml'", "did you mean 'base.toml'?")),
        ('extends = "../base.toml"', "extends", ("'../base.toml'", "put a copy of it there")),
        ('extends = "below/../base.toml"', "extends", ("in the folder of this one or below",)),
        ('extends = "/etc/base.toml"', "extends", ("in the folder of this one or below",)),
        ("extends = 'C:\\base.toml'", "extends", ("in the folder of this one or below",)),
        ('extends = "a\\u0000b.toml"', "extends", ("'a\\x00b.toml'", "a file name in quotes")),
        ('extends = ""', "extends", ("''", "a file name in quotes")),
        ("extends = 3", "extends", ("got 3", "a file name in quotes")),
        ('extends = "top.toml"', "extends", ("top.toml → top.toml", "take one extends out")),
        ('extends = "results"', "extends", ("no file 'results'",)),
        ('leave_out = ["claims"]', "leave_out", ("goes with extends", "add extends")),
        ('extends = "base.toml"\nleave_out = "claims"', "leave_out", ("'claims'", "in quotes")),
        ('extends = "base.toml"\nleave_out = ["claim"]', "leave_out.0",
         ("base.toml has no 'claim'", "did you mean 'claims'?")),
        ('extends = "base.toml"\nleave_out = ["claims", "study.names"]', "leave_out.1",
         ("has no 'names' there", "did you mean 'name'?")),
        ('extends = "base.toml"\nleave_out = ["study.name.first"]', "leave_out.0",
         ("has no 'name' there",)),
    ],
)  # fmt: skip
def test_words_about_another_file_that_cannot_be_followed_are_refused(
    tmp_path, words, path, fragments
):
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, f"# a place\n{words}\n"))
    (problem,) = caught.value.problems
    assert problem.path == path
    assert problem.line == 2 + path.startswith("leave_out.") or "leave_out =" in words
    for fragment in fragments:
        assert fragment in problem.message


def test_a_scenario_does_not_stand_on_the_results_of_a_run(tmp_path):
    for name, beside in (("config.resolved.toml", "else"), ("base.toml", "manifest.json")):
        folder = tmp_path / name / "results"
        folder.mkdir(parents=True)
        (folder / name).write_text(EVERYTHING, encoding="utf-8")
        (folder / beside).write_text("{}", encoding="utf-8")
        path = folder.parent / "top.toml"
        path.write_text(f'extends = "results/{name}"\n', encoding="utf-8")
        with pytest.raises(ConfigError, match=r"with the results of a run.*; extend the scenario"):
            load(path)


@needs_links
def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    (tmp_path / "elsewhere.toml").write_text(EVERYTHING, encoding="utf-8")
    home = tmp_path / "home"
    home.mkdir()
    (home / "base.toml").symlink_to(tmp_path / "elsewhere.toml")
    (home / "top.toml").write_text('extends = "base.toml"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="in the folder of this one or below it"):
        load(home / "top.toml")


def test_a_fault_in_the_words_of_a_base_names_the_base(tmp_path):
    (tmp_path / "middle.toml").write_text('extends = "gone.toml"\n', encoding="utf-8")
    (tmp_path / "top.toml").write_text('extends = "middle.toml"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"middle\.toml:1:1: extends: there is no file 'gone"):
        load(tmp_path / "top.toml")


def test_a_change_from_the_command_line_cannot_bring_a_base_in():
    with pytest.raises((ConfigError, UsageError)):
        loads(EVERYTHING, sets=["extends=base.toml"])
