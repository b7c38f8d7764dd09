"""Figures about staff: one for each social-work team, and one for specialists and what they do."""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from simfs.analysis.measures import is_served
from simfs.report.behind import staff_behind
from simfs.report.charts import (
    ARM_COLOURS,
    Caption,
    Curve,
    Drawing,
    Panel,
    Series,
    WeekPanel,
    Weeks,
)
from simfs.report.figures import staff
from simfs.report.findings import Findings, at_week, weekly_band
from simfs.report.staffing import band_by_year, breaches_by_year, changes_by_year
from simfs.report.wording import between, one_decimal, whole
from simfs.scenario.workforce import Team, TeamKind

Panels = list[WeekPanel | Panel]


def staff_drawers(findings: Findings, weeks: Weeks) -> Iterator[Callable[[], Drawing]]:
    """A figure for each social-work team with posts, then one for the specialists."""
    for team in findings.teams(TeamKind.SOCIAL_WORK):
        yield partial(_team, findings, weeks, team)
    panels = _specialist_panels(findings)
    if panels:
        yield partial(_specialists, findings, weeks, panels)


def _team(findings: Findings, weeks: Weeks, team: Team) -> Drawing:
    panels = _team_panels(findings, team)
    caption = Caption(
        f"staff-{team.key}",
        f"{team.label}: posts, caseloads and waiting",
        _alt(findings, team),
        staff_behind(findings, panels),
    )
    return staff(caption, weeks, findings.outcomes.years, panels)


def _specialists(findings: Findings, weeks: Weeks, panels: Panels) -> Drawing:
    caption = Caption(
        "specialists",
        "Specialists: posts filled and needs met",
        _specialist_alt(findings),
        staff_behind(findings, panels),
    )
    return staff(caption, weeks, findings.outcomes.years, panels)


def _team_panels(findings: Findings, team: Team) -> Panels:
    unit = f"{team.unit.value} a worker"
    panels: Panels = [
        _posts(findings, team, "Posts filled", findings.outcomes.arms),
        WeekPanel(
            "Caseload",
            "line: mean of the workers; dashed: 90th percentile of them",
            unit,
            _bands(findings, f"caseload.{team.key}"),
            _means(findings, f"caseload_p90.{team.key}"),
        ),
        WeekPanel(
            "Children without a worker",
            "at the end of the week",
            "children",
            _bands(findings, f"unallocated.{team.key}"),
        ),
        WeekPanel(
            "Days to allocation",
            "line: median of the week's cases; dashed: 90th percentile of them",
            "days",
            _bands(findings, f"days_to_allocation_median.{team.key}"),
            _means(findings, f"days_to_allocation_p90.{team.key}"),
        ),
        Panel(
            "Changes of worker because one left, per case a year",
            tuple(
                Series(
                    findings.label(arm),
                    band_by_year(changes_by_year(findings.outcomes, arm, (team,))),
                    colour_of(findings, arm),
                )
                for arm in findings.outcomes.arms
            ),
        ),
    ]
    past = {
        arm: breaches_by_year(findings.outcomes, arm, (team,)) for arm in findings.outcomes.arms
    }
    series = tuple(
        Series(findings.label(arm), band_by_year(values), colour_of(findings, arm))
        for arm, values in past.items()
        if values is not None
    )
    if not series:
        return panels
    return [*panels, Panel("Past a limit, a year (children who came in the run)", series)]


def _specialist_panels(findings: Findings) -> Panels:
    every = findings.scenario(findings.outcomes.baseline).demand.needs
    served = {
        arm: [need for need in every if is_served(findings.scenario(arm), need.key)]
        for arm in findings.outcomes.arms
    }
    arms = [arm for arm, needs in served.items() if needs]
    needs = [need for need in every if any(need in served[arm] for arm in arms)]
    panels: Panels = [
        WeekPanel(
            f"{need.label}: needs met",
            "share of the days with the need on which a specialist was there",
            "%",
            _bands(findings, f"dose.{need.key}", arms),
        )
        for need in needs
    ]
    return panels + [
        _posts(findings, team, team.label, arms)
        for team in findings.teams(TeamKind.SPECIALIST)
        if any(findings.staff[arm, team.key]["established"].mean > 0 for arm in arms)
    ]


def _posts(findings: Findings, team: Team, title: str, arms: Sequence[str]) -> WeekPanel:
    """Workers in post, of the posts that there are, and agency workers among them."""
    return WeekPanel(
        title,
        "line: in post; dashed: established posts; dotted: agency workers",
        "posts",
        _bands(findings, f"posts.{team.key}", arms),
        (
            *(
                Curve(_established(findings, arm, team.key), colour_of(findings, arm))
                for arm in arms
            ),
            *_means(findings, f"agency.{team.key}", arms, dotted=True),
        ),
    )


def _established(findings: Findings, arm: str, key: str) -> np.ndarray:
    """Posts of the establishment at the end of each week."""
    team = findings.scenario(arm).team(key)
    calendar = findings.scenario(arm).calendar
    return np.array([float(team.posts_on(calendar.day_of(when))) for when in findings.week_ends])


def colour_of(findings: Findings, arm: str) -> str:
    """The colour of an arm in every figure."""
    return ARM_COLOURS[findings.outcomes.arms.index(arm) % len(ARM_COLOURS)]


def _bands(findings: Findings, key: str, arms: Sequence[str] | None = None) -> tuple[Series, ...]:
    """A weekly figure of some arms, or of all."""
    column = findings.weekly_column(key)
    return tuple(
        Series(
            findings.label(one.arm), weekly_band(one.weekly, column), colour_of(findings, one.arm)
        )
        for one in findings.comparisons
        if arms is None or one.arm in arms
    )


def _means(
    findings: Findings, key: str, arms: Sequence[str] | None = None, dotted: bool = False
) -> tuple[Curve, ...]:
    column = findings.weekly_column(key)
    return tuple(
        Curve(one.weekly.mean[:, column], colour_of(findings, one.arm), dotted)
        for one in findings.comparisons
        if arms is None or one.arm in arms
    )


def _alt(findings: Findings, team: Team) -> str:
    """Posts, caseloads and waiting of a team in the last week, by arm."""
    told = [f"{team.label}: posts, caseloads, waiting and changes of worker by arm."]
    for one in findings.comparisons:
        posts, load, waiting = (
            at_week(one.weekly, -1, findings.weekly_column(f"{kind}.{team.key}"))
            for kind in ("posts", "caseload", "unallocated")
        )
        carried = f", {one_decimal(load.mean)} {team.unit.value} a worker"
        told.append(
            f"{findings.label(one.arm)}: in the last week {one_decimal(posts.mean)} workers in "
            f"post{'' if math.isnan(load.mean) else carried} and "
            f"{whole(waiting.mean)} children without one (80% band "
            f"{between(whole(waiting.p10), whole(waiting.p90))})."
        )
    return " ".join(told)


def _specialist_alt(findings: Findings) -> str:
    """Needs met in the last financial year, by arm."""
    year = findings.outcomes.years[-1]
    needs = {
        need.key: need.label for need in findings.scenario(findings.outcomes.baseline).demand.needs
    }
    told = [f"Days with a need that had a specialist for it, in {year}."]
    for arm, doses in findings.doses_by_need.items():
        words = "; ".join(
            f"{needs[key]} {whole(one.mean)}% ({between(whole(one.p10), whole(one.p90))})"
            for key, one in doses.items()
        )
        told.append(f"{findings.label(arm)}: {words or 'no specialists'}.")
    return " ".join(told)
