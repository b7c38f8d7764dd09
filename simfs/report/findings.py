"""Everything a report says, asked of the analysis once, so that every page tells the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np

from simfs.analysis.arithmetic import cross_checks
from simfs.analysis.claims import Verdict, verdicts
from simfs.analysis.comparison import Bands, Comparison, Summary, compare
from simfs.analysis.finance import NET_CASHABLE, FinanceRow, NetPosition, finance_rows, net_position
from simfs.analysis.grades import Graded
from simfs.analysis.influences import drawn_numbers
from simfs.analysis.intervals import quantiles
from simfs.analysis.measures import is_served
from simfs.analysis.merit import Merit, merits
from simfs.analysis.outcomes import Outcomes
from simfs.analysis.prices import WEEK_DAYS
from simfs.analysis.queues import GrowingQueue, growing_queues
from simfs.analysis.sums import CrossCheck
from simfs.report.charts import Band, MeanBand
from simfs.report.influences import NamedInfluence, leanings, named_influences
from simfs.report.staffing import doses_of, staff_of, weeks_of
from simfs.scenario.pathway import Count
from simfs.scenario.scenario import Scenario
from simfs.scenario.workforce import Team, TeamKind

INFLUENCES_SHOWN = 8
LEANINGS_SHOWN = 3
# The published stocks in the order of the pathway; others follow in alphabetical order.
ALONG_THE_PATHWAY = (
    "child_in_need",
    "child_protection",
    "pre_proceedings",
    "proceedings",
    "looked_after",
)


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What a run found.

    Attributes:
        outcomes: the run.
        comparisons: every arm, baseline first.
        verdicts: every claim for every arm but the baseline.
        finance: every cost line by arm and year; empty without prices.
        positions: by arm, the cumulative net position; empty without prices.
        cashable_positions: by arm, the same of what could be cashed alone.
        merits: by arm, what the plan is worth and when it is paid back; empty without prices.
        leanings: by claim and arm, the numbers that decide the claim's own figure.
        switching: rows of the table of what one would have to believe, if somebody asked for it.
        doses: by arm, per cent of the days with a need that had a specialist; None without any.
        doses_by_need: by arm, then need, the same in the last year; no need without specialists.
        staff: by arm and team, what `staffing` tells of it; under an empty key the social-work
            teams together. Teams without limit are left out.
        arithmetic: what the claims' own sums show.
        influences: by arm, the numbers that decide its saving.
        queues: teams whose queue grows without end.
        graded: by arm, the evidence on which its saving rests; empty where nobody asked.
    """

    outcomes: Outcomes
    comparisons: tuple[Comparison, ...]
    verdicts: tuple[Verdict, ...]
    finance: tuple[FinanceRow, ...]
    positions: dict[str, NetPosition]
    cashable_positions: dict[str, NetPosition]
    merits: dict[str, tuple[Merit, ...]]
    doses: dict[str, MeanBand | None]
    doses_by_need: dict[str, dict[str, MeanBand]]
    staff: dict[tuple[str, str], dict[str, MeanBand]]
    arithmetic: tuple[CrossCheck, ...] = ()
    influences: Mapping[str, tuple[NamedInfluence, ...]] = field(default_factory=dict)
    queues: tuple[GrowingQueue, ...] = ()
    graded: tuple[Graded, ...] = ()
    leanings: Mapping[tuple[str, str], tuple[NamedInfluence, ...]] = field(default_factory=dict)
    switching: tuple[Mapping[str, str], ...] = ()

    @property
    def compared(self) -> tuple[Comparison, ...]:
        """The arms that are compared with the baseline."""
        return self.comparisons[1:]

    @property
    def priced(self) -> bool:
        """Whether any money is spent in any arm."""
        return bool(self.finance)

    @property
    def week_ends(self) -> tuple[date, ...]:
        """The last day of each week."""
        calendar = self.outcomes.study.arms[0].calendar
        return tuple(
            calendar.date_of(WEEK_DAYS * (week + 1) - 1) for week in range(self.outcomes.weeks)
        )

    @property
    def year_ends(self) -> tuple[date, ...]:
        """The last day of each financial year of the run."""
        calendar = self.outcomes.study.arms[0].calendar
        return tuple(calendar.start + timedelta(days=end - 1) for _, _, end in calendar.years)

    @property
    def counts(self) -> tuple[Count, ...]:
        """The published stocks, in the order of the pathway."""
        places = {key: place for place, key in enumerate(ALONG_THE_PATHWAY)}
        counts = self.outcomes.study.arms[0].pathway.counts
        return tuple(sorted(counts, key=lambda one: (places.get(one.key, len(places)), one.key)))

    def scenario(self, arm: str) -> Scenario:
        """The arm as it was run."""
        return self.outcomes.study.arm(arm)

    def label(self, arm: str) -> str:
        """The arm in words."""
        return self.scenario(arm).label or arm

    def weekly_column(self, key: str) -> int:
        """Where a weekly metric stands; raises KeyError."""
        return self.outcomes.weekly_place(key)

    def teams(self, kind: TeamKind | None = None) -> tuple[Team, ...]:
        """Teams with a limited number of workers, of a kind or of both."""
        return tuple(
            team
            for team in self.scenario(self.outcomes.baseline).teams
            if not team.unlimited and kind in (None, team.kind)
        )

    def queue_words(self) -> tuple[str, ...]:
        """A sentence for each queue that grows without end."""
        return tuple(f"{self.label(one.arm)}, {one.words}." for one in self.queues)


def gather(outcomes: Outcomes, graded: tuple[Graded, ...] = ()) -> Findings:
    """Ask the analysis everything that a report needs.

    Args:
        outcomes: the run.
        graded: what further futures, at central values, told of the evidence behind the saving.
    """
    return replace(weighed(measured(outcomes)), graded=graded)


def measured(outcomes: Outcomes) -> Findings:
    """What the futures come to, which is all that figures need; the rest is still empty."""
    others = outcomes.arms[1:]
    finance = finance_rows(outcomes)
    return Findings(
        outcomes=outcomes,
        comparisons=tuple(compare(outcomes, arm) for arm in outcomes.arms),
        verdicts=verdicts(outcomes),
        finance=finance,
        positions={arm: net_position(outcomes, arm) for arm in others} if finance else {},
        cashable_positions=(
            {arm: net_position(outcomes, arm, NET_CASHABLE) for arm in others} if finance else {}
        ),
        merits={arm: merits(outcomes, arm) for arm in others} if finance else {},
        doses={arm: _dose(outcomes, arm) for arm in outcomes.arms},
        doses_by_need={arm: doses_of(outcomes, arm) for arm in outcomes.arms},
        staff=_staff(outcomes),
    )


def weighed(findings: Findings) -> Findings:
    """The same with what decides a saving, the claims' own sums, and queues that never end."""
    outcomes = findings.outcomes
    metric = "gross_saving" if findings.priced else outcomes.metrics[0].key
    drawn = {arm: drawn_numbers(outcomes, arm) for arm in outcomes.arms[1:]}
    return replace(
        findings,
        arithmetic=cross_checks(outcomes.study) if outcomes.study.claims else (),
        influences={
            arm: named_influences(outcomes, arm, metric, INFLUENCES_SHOWN, numbers)
            for arm, numbers in drawn.items()
        },
        queues=growing_queues(outcomes),
        leanings=leanings(outcomes, LEANINGS_SHOWN, drawn),
    )


def _staff(outcomes: Outcomes) -> dict[tuple[str, str], dict[str, MeanBand]]:
    found = {}
    for arm in outcomes.arms:
        limited = [team for team in outcomes.study.arm(arm).teams if not team.unlimited]
        for team in limited:
            told = staff_of(outcomes, arm, (team,)) | weeks_of(outcomes, arm, team)
            found[arm, team.key] = told
        together = [team for team in limited if team.kind is TeamKind.SOCIAL_WORK]
        if together:
            found[arm, ""] = staff_of(outcomes, arm, together)
    return found


def level_of(comparison: Comparison, key: str, period: str) -> Summary:
    """An arm's own figure of a financial year; raises KeyError."""
    for row in comparison.levels:
        if row.metric.key == key and row.period == period:
            return row
    raise KeyError(f"no yearly metric {key!r} for {period!r}")


def at_week(bands: Bands, week: int, column: int) -> MeanBand:
    """One weekly figure at one week."""
    return MeanBand(
        float(bands.mean[week, column]),
        float(bands.quantiles[1, week, column]),
        float(bands.quantiles[5, week, column]),
    )


def weekly_band(bands: Bands, column: int) -> Band:
    """A weekly figure over futures, week by week."""
    cut = bands.quantiles[:, :, column]
    return Band(bands.mean[:, column], cut[1], cut[2], cut[4], cut[5])


def turned(row: Summary) -> MeanBand:
    """A fall (baseline minus arm) as a change (arm minus baseline)."""
    return MeanBand(-row.mean, -row.p90, -row.p10)


def _dose(outcomes: Outcomes, arm: str) -> MeanBand | None:
    """Specialist dose over the whole run, future by future, in per cent of days with a need."""
    scenario = outcomes.study.arm(arm)
    stays = outcomes.of(arm, "dose_stays").sum(axis=1)
    served = any(is_served(scenario, need.key) for need in scenario.demand.needs)
    if not served or not stays.any():
        return None
    dose = outcomes.of(arm, "dose_sum").sum(axis=1) / np.where(stays == 0, 1, stays)
    dose = dose[stays > 0]
    p10, p90 = quantiles(dose, (0.10, 0.90))
    return MeanBand(float(dose.mean()), float(p10), float(p90))
