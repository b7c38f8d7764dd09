"""The section of the page about staff: posts, work, specialists, and queues that grow."""

from simfs.report.charts import MeanBand
from simfs.report.findings import Findings
from simfs.report.html import Cell, Part, Points, Section, Table, Words, picture
from simfs.report.sections import Shown, by_arm, heads
from simfs.report.wording import DASH, between, one_decimal, percent, two_decimals, whole
from simfs.scenario.workforce import TeamKind

# Columns of the two tables by team: heading, figure, and how it is written.
POSTS = (
    ("Posts", "established", "one"),
    ("In post", "posts", "one"),
    ("Agency, of those in post", "agency", "percent"),
    ("Empty", "empty", "percent"),
    ("Without a permanent worker", "not_permanent", "percent"),
)
WORK = (
    ("Caseload of a worker", "caseload", "one"),
    ("90th percentile of workers", "caseload_p90", "one"),
    ("Children without a worker", "unallocated", "whole"),
    ("Days to allocation, mean", "waits", "one"),
    ("Median", "days_to_allocation_median", "one"),
    ("90th percentile of cases", "days_to_allocation_p90", "one"),
    ("Workers lost, per case a year", "changes", "two"),
    ("Children past a limit", "breaches", "whole"),
)
WRITTEN = {"one": one_decimal, "two": two_decimals, "whole": whole, "percent": percent}


def staff_section(findings: Findings, shown: Shown) -> Section:
    """Posts, caseloads, waiting and specialists, by team and arm."""
    year = findings.outcomes.years[-1]
    parts: list[Part] = []
    if findings.queues:
        parts += [
            Words("Queues that grow without end", "heading"),
            Points(findings.queue_words()),
            Words(
                "Numbers of workers in post, with the 95% interval of the mean: what it takes to "
                "stop the queue growing, at the caseload that workers carry in the last year of "
                "the run. It takes more to clear the queue, and more posts where some are empty."
            ),
        ]
    if findings.teams():
        parts += [
            _by_team(
                findings,
                "Posts over the whole run: mean and 80% band over futures",
                POSTS,
                "Empty: posts in which nobody works. Without a permanent worker: empty, or held "
                "by an agency worker, as the published vacancy rate counts them (1 less permanent "
                "workers in post ÷ posts). Every week is in staff.csv.",
            ),
            _by_team(
                findings,
                f"Work in the last year of the run ({year}): mean and 80% band over futures",
                WORK,
                "Caseloads, children without a worker, the median and the 90th percentile are "
                "means of the year's weeks. Workers lost: changes of worker because one left, for "
                "a case that has a worker all year; moves from team to team are not counted. A "
                "case is a family, or in care one child. Every week is in staff.csv.",
            ),
        ]
    parts += _waiting(findings, year)
    parts += _doses(findings, year)
    keys = [f"staff-{team.key}" for team in findings.teams(TeamKind.SOCIAL_WORK)]
    pictures = [picture(shown[key]) for key in (*keys, "specialists") if key in shown]
    if pictures:
        parts.append(
            Words(
                "In the figures, a mean can lie outside its band: a few futures with a long queue "
                "lift it above what nine of ten futures see."
            )
        )
    parts += pictures
    return Section("staff", "Staff and waiting", tuple(parts))


def _by_team(
    findings: Findings, caption: str, columns: tuple[tuple[str, str, str], ...], note: str
) -> Table:
    """Figures of each team by arm."""
    rows = []
    for team in findings.teams():
        for arm in findings.outcomes.arms:
            told = findings.staff.get((arm, team.key), {})
            if not any(told.get(kind) and told[kind].mean for kind in ("established", "posts")):
                continue  # an arm that has no such workers
            cells = [_cell(told.get(kind), written) for _, kind, written in columns]
            rows.append((Cell(team.label), Cell(findings.label(arm)), *cells))
    words = (head for head, _, _ in columns)
    return Table(caption, (Cell("Team"), *heads("Arm", *words)), tuple(rows), note)


def _cell(told: MeanBand | None, written: str) -> Cell:
    """A mean above its band; a dash where nothing is known."""
    if told is None:
        return Cell(DASH, number=True)
    mean, low, high = (WRITTEN[written](value) for value in (told.mean, told.p10, told.p90))
    return Cell(mean, between(low, high) if low != high else "", number=True)


def _waiting(findings: Findings, year: str) -> list[Part]:
    wanted = ("unallocated_child_days", "crises_children", "repeat_plans_children")
    rows = [
        (metric.label, metric.key)
        for metric in findings.outcomes.metrics
        if metric.key in wanted or metric.key.startswith("breaches.")
    ]
    return [by_arm(findings, f"Waiting, crises and limits in {year}: mean and 80% band", rows)]


def _doses(findings: Findings, year: str) -> list[Part]:
    """Needs met by discipline, and over all stays of the run."""
    needs = findings.scenario(findings.outcomes.baseline).demand.needs
    parts: list[Part] = []
    if any(findings.doses_by_need.values()):
        arms = findings.outcomes.arms
        parts.append(
            Table(
                f"Days with a need on which a specialist was there for it, {year}: "
                "mean and 80% band",
                heads("Need", *(findings.label(arm) for arm in arms)),
                tuple(
                    (
                        Cell(need.label),
                        *(
                            _cell(findings.doses_by_need[arm].get(need.key), "percent")
                            for arm in arms
                        ),
                    )
                    for need in needs
                ),
                f"{DASH}: the arm has no such specialists. Every week is in dose.csv.",
            )
        )
    return parts + [
        Words(
            f"{findings.label(arm)}: over the run, specialists were present on {dose.mean:.0f}% of "
            f"the days of stays with a need (80% band {dose.p10:.0f}% to {dose.p90:.0f}%)."
        )
        for arm, dose in findings.doses.items()
        if dose is not None
    ]
