"""What a report says for and against believing it: the back-test and the fit of the start."""

from dataclasses import replace

import pytest
from scenario_text import EVERYTHING

from simfs.experiment.backtest import digest_of
from simfs.report.html import Table
from simfs.report.trust import badge_sentence, trust_section
from simfs.scenario.config import loads
from simfs.scenario.fit import Badge, FitRow

SERIES = "cp_plans_at_31_march"


@pytest.fixture(scope="module")
def study():
    return loads(EVERYTHING)


def badge(study, **changes):
    fields = {
        "digest": digest_of(study),
        "cases": "Hertfordshire from 2014; Bury from 2023",
        "points": 33,
        "inside": 31,
        "width": 1.86,
        "errors": ((SERIES, -0.046),),
        "placebo": ((SERIES, -0.134),),
        "passed": True,
        "rejected": ("published_claim",),
    }
    return Badge(**fields | changes)


def test_a_file_without_a_back_test_is_said_to_have_none(study):
    assert badge_sentence(study).startswith("Not back-tested:")
    assert trust_section(study) is None


def test_the_badge_tells_points_width_errors_and_what_is_rejected(study):
    told = badge_sentence(replace(study, badge=badge(study)))
    for part in (
        "Back-test passed (Hertfordshire from 2014; Bury from 2023)",
        "31 of 33 later counts lay within the 80% bands (94%)",
        "1.9 times their lower ends",
        "4% below it for child protection plans",
        "which may make up for each other",
        "On places whose results it does not itself state, preset published_claim fails.",
    ):
        assert part in told
    failed = badge_sentence(replace(study, badge=badge(study, passed=False, rejected=())))
    assert "Back-test failed" in failed
    assert "itself state" not in failed


@pytest.mark.parametrize(
    "change",
    [
        "drift.demand.sd=0.3",
        "stages.assessment.stay.mean=41",
        "practice_models.together.effects.fewer_removed.ratio=0.7",
    ],
)
def test_a_badge_is_of_the_numbers_it_was_made_with(study, change):
    moved = loads(EVERYTHING, sets=[change])
    told = badge_sentence(replace(moved, badge=badge(study)))
    assert told.startswith("Not back-tested as it stands")


def test_staffing_keeps_the_badge(study):
    moved = loads(EVERYTHING, sets=["teams.safeguarding.caseload=17"])
    assert "Back-test passed" in badge_sentence(replace(moved, badge=badge(study)))


def test_the_section_holds_the_placebo_and_every_count_and_names_the_far_ones(study):
    rows = (
        FitRow("Plans", "stock.plans", 200.0, 2.0, 201.0, 200.5, 198.0, 203.0),
        FitRow("Share", "open.plans.0-3", 0.33, 0.01, 0.29, 0.29, 0.27, 0.29),
    )
    section = trust_section(replace(study, badge=badge(study), fit=rows))
    tables = [part for part in section.parts if isinstance(part, Table)]
    assert [cell.text for cell in tables[0].rows[0]] == [
        "child protection plans", "−4%", "−13%",
    ]  # fmt: skip
    cells = [[cell.text for cell in row] for row in tables[1].rows]
    assert cells == [["Plans", "200", "201", "200"], ["Share", "0.33", "0.29", "0.29"]]
    assert "Missed by more than 2 standard errors: Share" in tables[1].note
