"""Claims about what is not simulated: told in every output, judged in none."""

import csv
import io

import pytest
from click.testing import CliRunner
from scenario_text import EVERYTHING
from test_report import claims, outcomes_of, study

from simfs.cli import main
from simfs.errors import ConfigError
from simfs.report.book_sheets import claims_sheet
from simfs.report.claims import claims_text
from simfs.report.findings import gather
from simfs.report.html import Words, page_html
from simfs.report.page import report_page
from simfs.report.sections import claims_section
from simfs.report.summary import summary_text
from simfs.report.tables import claims_csv
from simfs.report.write import write_report
from simfs.scenario.claims import UntestedClaim
from simfs.scenario.config import loads

WHY = "the model has no police call-outs"
POLICE = f"""
[[claims]]
id = "police"
words = "A quarter fewer police call-outs"
source = "returns"
paragraph = "6.3"
not_modelled = "{WHY}"
threshold = 0.255
unit = "share"
"""
TOLD = f"“A quarter fewer police call-outs”: not simulated: {WHY}"


def findings_of(described):
    return gather(outcomes_of(described))


@pytest.fixture(scope="module")
def police() -> UntestedClaim:
    (claim,) = loads(EVERYTHING + POLICE).untested
    return claim


@pytest.fixture(scope="module")
def beside_others(police):
    return findings_of(study(untested=(police,)))


@pytest.fixture(scope="module")
def alone(police):
    return findings_of(study(claims=(), untested=(police,)))


def test_a_claim_that_is_not_modelled_needs_no_metric_and_no_years():
    described = loads(EVERYTHING + POLICE)
    assert [claim.id for claim in described.claims] == ["fewer-children"]
    (claim,) = described.untested
    assert (claim.told, claim.paragraph, claim.threshold) == (TOLD, "6.3", 0.255)
    assert loads(described.resolved) == described


@pytest.mark.parametrize(
    ("old", "new", "path", "fragments"),
    [
        (f'"{WHY}"', '" "', "claims.1.not_modelled", ("is empty", "say why")),
        ("not_modelled", 'metric = "crises"\nnot_modelled', "claims.1.metric",
         ("'crises'", "take one out")),
        ("not_modelled", 'from = "2024/25"\nnot_modelled', "claims.1.from",
         ("'2024/25'", "take one out")),
        (f'not_modelled = "{WHY}"\n', "", "claims.1.metric", ("missing", "not_modelled = ")),
        (f'not_modelled = "{WHY}"\n', 'metric = "crises"\nrelative = true\nfrom = "2024/25"\n',
         "claims.1.to", ("missing", "its last financial year")),
    ],
)  # fmt: skip
def test_a_claim_says_what_is_simulated_or_why_nothing_is(old, new, path, fragments):
    with pytest.raises(ConfigError) as caught:
        loads(EVERYTHING + POLICE.replace(old, new))
    found = {problem.path: problem.message for problem in caught.value.problems}
    for fragment in fragments:
        assert fragment in found[path]


def test_the_table_of_claims_has_a_row_of_it_without_figures(beside_others):
    rows = list(csv.DictReader(io.StringIO(claims_csv(beside_others).decode("utf-8-sig"))))
    assert len(rows) == len(claims()) + 1
    last = {key: value for key, value in rows[-1].items() if value}
    assert last == {
        "id": "police",
        "claim": "A quarter fewer police call-outs",
        "source": "returns",
        "paragraph": "6.3",
        "threshold": "0.255",
        "unit": "share",
        "verdict": f"not simulated: {WHY}",
        "reason": WHY,
    }


@pytest.mark.parametrize("which", ["beside_others", "alone"])
def test_the_terminal_the_answer_and_the_section_of_claims_tell_of_it(which, request):
    findings = request.getfixturevalue(which)
    assert TOLD in " ".join(summary_text(findings).split())
    page = report_page(findings, ())
    told = [part.text for part in page.first.parts if isinstance(part, Words)]
    assert "1 claim cannot be judged: what it is about is not played." in told
    assert f"{TOLD} (returns, 6.3)." in page_html(page)
    section = claims_section(findings)
    assert section is not None
    assert section.title == "Claims"


def test_a_study_of_nothing_else_has_its_table_of_claims_all_the_same(alone, tmp_path):
    write_report(alone.outcomes, tmp_path, alone, lambda: ())
    assert WHY in (tmp_path / "claims.csv").read_text(encoding="utf-8-sig")


def test_a_check_tells_of_it(tmp_path):
    path = tmp_path / "one.toml"
    path.write_text(EVERYTHING + POLICE, encoding="utf-8")
    told = CliRunner().invoke(main, ["check", str(path)])
    assert told.exit_code == 0
    assert "1 claim," in told.output
    assert TOLD in told.output


def test_the_terminal_tells_of_it_after_the_claims_that_are_judged(beside_others):
    outcomes, found = beside_others.outcomes, beside_others.verdicts
    text = " ".join(claims_text(outcomes, found, {}).split())
    assert text.index(found[-1].words.split(":")[0]) < text.index(TOLD) < text.index("claims fail")


@pytest.mark.parametrize("verb", ["claims", "presets"])
def test_where_no_claim_can_be_judged_the_refusal_names_those_that_are_made(verb, tmp_path):
    path = tmp_path / "one.toml"
    path.write_text(EVERYTHING.partition("[[claims]]")[0] + POLICE, encoding="utf-8")
    told = CliRunner().invoke(main, [verb, str(path)])
    assert told.exit_code == 2
    assert "makes no claim that can be judged" in told.stderr
    assert TOLD in told.stderr


def test_the_workbook_lists_it_after_the_others_with_a_dash_for_its_chances(beside_others, alone):
    for findings in (beside_others, alone):
        sheet = claims_sheet(findings)
        cells = dict(zip((column.head for column in sheet.columns), sheet.rows[-1], strict=True))
        assert "A quarter fewer police call-outs" in cells.values()
        assert any(WHY in str(cell) for cell in cells.values())
        assert len(sheet.rows) == len(findings.verdicts) + 1
