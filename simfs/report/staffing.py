"""Figures about staff that no single metric tells: shares, rates and a year's mean of weeks."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simfs.analysis.intervals import quantiles
from simfs.analysis.measures import is_served, over
from simfs.analysis.outcomes import Outcomes
from simfs.analysis.queues import YEAR_WEEKS
from simfs.report.charts import Band, MeanBand
from simfs.scenario.scenario import DAYS_PER_YEAR
from simfs.scenario.workforce import Team, TeamKind

FloatArray = NDArray[np.float64]

# Told of each team as the mean of the last year's weeks.
OF_WEEKS = (
    "caseload",
    "caseload_p90",
    "unallocated",
    "days_to_allocation_median",
    "days_to_allocation_p90",
)


def staff_of(outcomes: Outcomes, arm: str, teams: Sequence[Team]) -> dict[str, MeanBand]:
    """What is told of some teams of an arm together, over futures; nothing of what is not known.

    Over the whole run: `established` and `posts` (a mean of the days), `agency` (percent of those
    in post), `empty` and `not_permanent` (percent of the establishment; the second counts posts
    that agency workers hold as empty, as the published vacancy rate does). In the last financial
    year: `waits` (mean days to allocation), `changes` (of worker because one left, per case a
    year) and `breaches` (children past a limit).
    """
    days = outcomes.study.arm(arm).calendar.days
    posts, agency, established = (
        _summed(outcomes, arm, f"{kind}.{{}}_days", teams).sum(axis=1)
        for kind in ("posts", "agency", "established")
    )
    found = {
        "established": established / days,
        "posts": posts / days,
        "agency": 100 * over(agency, posts),
        "empty": 100 * np.maximum(1 - over(posts, established), 0),
        "not_permanent": 100 * np.maximum(1 - over(posts - agency, established), 0),
    }
    if all(team.kind is TeamKind.SOCIAL_WORK for team in teams):
        allocated, waited = (
            _summed(outcomes, arm, key, teams)[:, -1]
            for key in ("allocated.{}_cases", "waited.{}_days")
        )
        found["waits"] = over(waited, allocated)
        found["changes"] = changes_by_year(outcomes, arm, teams)[:, -1]
        by_year = breaches_by_year(outcomes, arm, teams)
        if by_year is not None:
            found["breaches"] = by_year[:, -1]
    bands = {kind: _band_of(values) for kind, values in found.items()}
    return {kind: band for kind, band in bands.items() if band is not None}


def weeks_of(outcomes: Outcomes, arm: str, team: Team) -> dict[str, MeanBand]:
    """Weekly figures of a team as means over the last year of the run; see `OF_WEEKS`."""
    found = {}
    for kind in OF_WEEKS:
        try:
            column = outcomes.weekly_place(f"{kind}.{team.key}")
        except KeyError:
            continue
        weeks = outcomes.weekly_of(arm, column)[:, -YEAR_WEEKS:].astype(np.float64)
        known = ~np.isnan(weeks)
        band = _band_of(over(np.where(known, weeks, 0.0).sum(axis=1), known.sum(axis=1)))
        if band is not None:
            found[kind] = band
    return found


def doses_of(outcomes: Outcomes, arm: str) -> dict[str, MeanBand]:
    """By need, percent of its days in the last financial year on which a specialist was there."""
    scenario = outcomes.study.arm(arm)
    found = {}
    for need in scenario.demand.needs:
        met, wanted = (
            outcomes.of(arm, f"{kind}.{need.key}_days")[:, -1] for kind in ("met", "wanted")
        )
        band = _band_of(100 * over(met, wanted))
        if band is not None and is_served(scenario, need.key):
            found[need.key] = band
    return found


def changes_by_year(outcomes: Outcomes, arm: str, teams: Sequence[Team]) -> FloatArray:
    """Workers whom a case held for a year would lose, [future, financial year]."""
    changes = _summed(outcomes, arm, "handovers.{}_cases", teams)
    return DAYS_PER_YEAR * over(changes, _summed(outcomes, arm, "cases.{}_days", teams))


def breaches_by_year(outcomes: Outcomes, arm: str, teams: Sequence[Team]) -> FloatArray | None:
    """Children past a limit of the teams' stages, [future, financial year]; None without limits."""
    keys = {team.key for team in teams}
    limited = [
        outcomes.of(arm, f"breaches.{stage.key}_children")
        for stage in outcomes.study.arm(arm).pathway.stages
        if stage.limit_days is not None and stage.team in keys
    ]
    return np.sum(limited, axis=0, dtype=np.float64) if limited else None


def band_by_year(values: FloatArray) -> Band:
    """A figure [future, year] as a band by year."""
    known = ~np.isnan(values)
    mean = over(np.where(known, values, 0.0).sum(axis=0), known.sum(axis=0))
    return Band(mean, *quantiles(values, (0.10, 0.25, 0.75, 0.90)))


def _summed(outcomes: Outcomes, arm: str, key: str, teams: Sequence[Team]) -> FloatArray:
    rows = [outcomes.of(arm, key.format(team.key)) for team in teams]
    return np.asarray(np.sum(rows, axis=0), dtype=np.float64)


def _band_of(values: FloatArray) -> MeanBand | None:
    """Mean and 80% band of the futures in which there is anything to tell."""
    known = values[~np.isnan(values)]
    if not len(known):
        return None
    p10, p90 = quantiles(known, (0.10, 0.90))
    return MeanBand(float(known.mean()), float(p10), float(p90))
