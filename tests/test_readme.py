"""The README tells the truth."""

import re
from pathlib import Path

from click.testing import CliRunner

from simfs.cli import main
from simfs.scenario.config import load

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands(language: str) -> list[str]:
    """The commands of the README's code blocks in one language."""
    return re.findall(rf"```{language}\n(.+?)\n```", README, flags=re.DOTALL)


def test_ci_runs_the_very_test_command_of_the_readme():
    _, test = commands("sh")
    assert test in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_the_windows_form_does_the_same_as_the_other():
    for posix, windows in zip(commands("sh"), commands("bat"), strict=True):
        translated = posix.replace("python3 -m venv", "py -3 -m venv")
        translated = translated.replace(".venv/bin/python", ".venv\\Scripts\\python")
        assert translated.replace("configs/", "configs\\") == windows


def test_every_file_that_the_readme_names_is_there():
    named = re.findall(r"`((?:configs|notebooks|benchmarks|docs)/[\w./-]*)`", README)
    named += re.findall(r"\]\((docs/[\w.-]+)\)", README)
    named += ["ARCHITECTURE.md", "CHANGELOG.md"]
    missing = [name for name in named if not (ROOT / name).exists()]
    assert not missing
    assert len(named) > 4


def test_every_command_and_option_that_the_readme_names_exists():
    lines = re.findall(r"`simfs ([^`]+)`", README)
    assert len(lines) > 6
    for line in lines:
        verb, *rest = line.split()
        told = CliRunner().invoke(main, [verb, "--help"])
        assert told.exit_code == 0, line
        for option in (word for word in rest if word.startswith("--")):
            assert option in told.output, line


def test_the_scenario_files_that_the_readme_names_are_valid():
    for name in sorted(set(re.findall(r"configs/\w+\.toml", README))):
        told = CliRunner().invoke(main, ["check", str(ROOT / name)])
        assert told.exit_code == 0, told.output


def test_the_example_of_numbers_that_are_not_known_is_a_scenario_that_draws_them(tmp_path):
    (example,) = re.findall(r"```toml\n(.+?)```", README, flags=re.DOTALL)
    (tmp_path / "bury.toml").write_bytes((ROOT / "configs" / "bury.toml").read_bytes())
    file = tmp_path / "mine.toml"
    file.write_text(example, encoding="utf-8")
    arm = load(file).arms[0]
    assert len(arm.free) == 2
    assert arm.correlations


def test_nothing_in_the_readme_is_still_to_be_filled_in():
    assert not re.findall(r"\b(?:HEADLINE|SPENT|SUITE|STAFFING)\b", README)
