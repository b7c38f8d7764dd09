"""Numbers that were not moved as nobody gave them a range, and those about staff among them."""

from collections.abc import Iterator

from simfs.analysis.factors import uncertain
from simfs.experiment.sensitivity import NAME, Moved
from simfs.report.numbers import words_of
from simfs.report.tables import csv_file
from simfs.report.wording import listed
from simfs.scenario.movable import DEFAULT, LEFT_OUT
from simfs.scenario.scenario import LedgerEntry, Study

UNMOVED = f"{NAME}-unmoved"  # of the file, without its ending
HEADS = ("number", "words", "about", "value", "unit", "grade", "source", "assumption")
STAFF = ("teams", "workforces")
KINDS = {  # of numbers about staff, by a part of their path; in the order of a sentence
    "posts": "posts",
    "caseload": "caseloads",
    "vacancy": "vacancies",
    "turnover": "turnover",
    "recruitment_days": "how long a post stays vacant",
    "absence": "absence",
    "agency_share": "agency workers",
    "newly_qualified": "newly qualified workers",
    "handover_days": "hand-over",
}
WORST = "D"


def without_range(study: Study) -> tuple[LedgerEntry, ...]:
    """The numbers of the file that are in no draw, in the order of the ledger."""
    drawn, together = _with_range(study)
    return tuple(row for row in study.ledger if row.path not in drawn | together)


def unmoved_csv(study: Study) -> bytes:
    """Every number that was not moved, staff first."""
    words = words_of(study)
    rows = sorted(without_range(study), key=lambda row: not _kind(row))
    return csv_file(HEADS, (
        [row.path, words.get(row.path, ""), _kind(row), row.value, row.unit, row.grade, row.source,
         row.assumption]
        for row in rows
    ))  # fmt: skip


def unmoved_words(study: Study, found: Moved) -> str:
    """How many numbers are in no tornado."""
    drawn, together = _with_range(study)
    bare = without_range(study)
    assumed = sum(row.grade == WORST for row in bare)
    joint = f" {len(together)} are drawn together from an ensemble." if together else ""
    return (
        f"{len(drawn)} numbers have a range and were moved, as {len(found.factors)} that move by "
        f"themselves, in {found.paired} futures each.{joint} {len(bare)} numbers of the file have "
        f"none and were not, {assumed} of them assumptions of grade {WORST} ({UNMOVED}.csv): "
        "simfs claims --believe tries every number."
    )


def staff_words(study: Study) -> str:
    """Which kinds of numbers about staff were not moved, and where to ask about them; or nothing.

    What the file leaves at a default of simfs is not told: nobody wrote it down.
    """
    kinds = list(_staff_kinds(study))
    if not kinds:
        return ""
    published = (
        " It also works out again the staffing that was published, over the range of the caseload."
        if study.published_staffing
        else ""
    )
    return (
        f"Nothing here tells how many of whom should work. Of the numbers about staff these have "
        f"no range in the file and were not moved: {listed(kinds)}. The answer may hang on them "
        f"all the same: simfs staffing CONFIG varies posts, caseloads and dates.{published}"
    )


def _with_range(study: Study) -> tuple[set[str], set[str]]:
    """Paths of numbers that are drawn by themselves, and of those that an ensemble draws."""
    return (
        {one.path for arm in study.arms for one in uncertain(arm)},
        {path for arm in study.arms if arm.ensemble for path in arm.ensemble.paths},
    )


def _staff_kinds(study: Study) -> Iterator[str]:
    rows = [row for row in without_range(study) if row.assumption != DEFAULT]
    for word in KINDS.values():
        grades = [row.grade for row in rows if _kind(row) == word]
        if grades:
            assumed = grades.count(WORST)
            told = f"{assumed} of {len(grades)}" if assumed < len(grades) else "all"
            yield f"{word} ({told} grade {WORST})" if assumed else word


def _kind(row: LedgerEntry) -> str:
    """What a number about staff is about; nothing of another."""
    parts = row.path.split(".")
    about = parts[0] in STAFF or (parts[0] == "practice_models" and "staffing" in parts)
    if not about or LEFT_OUT.get(parts[-1]):
        return ""
    return next((word for key, word in KINDS.items() if key in parts[1:]), "")
