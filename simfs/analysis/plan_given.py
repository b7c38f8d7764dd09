"""What all plans of a grid have alike: teams whose posts no plan changes, and other new posts."""

from collections.abc import Mapping
from dataclasses import dataclass

from simfs.analysis.plan_figures import last_full_year, post_pence
from simfs.analysis.plan_outcomes import Planned
from simfs.analysis.prices import PENCE_PER_POUND
from simfs.scenario.plans import AS_PLANNED
from simfs.scenario.workforce import Team, TeamKind


@dataclass(frozen=True, slots=True)
class Given:
    """Posts that every plan has alike and the baseline has not.

    Attributes:
        more: by label of the team, posts beyond the baseline's on the last day.
        pounds: a year that they cost, every post filled, in the last full year of the run; None
            where some have no price.
    """

    more: Mapping[str, int]
    pounds: float | None


def given(planned: Planned) -> Given:
    """The other posts that come with every plan."""
    outcomes = planned.outcomes
    now = outcomes.study.arm(outcomes.baseline)
    last = now.calendar.days - 1
    more, pence, is_priced = {}, 0.0, True
    year = last_full_year(now.calendar)
    for team in outcomes.study.arm(AS_PLANNED).teams:
        extra = team.posts_on(last) - now.team(team.key).posts_on(last)
        if team.unlimited or not extra or _ends(planned, team) != {team.posts_on(last)}:
            continue
        more[team.label] = extra
        costs = [post_pence(outcomes, a, (team.key,)) for a in (AS_PLANNED, outcomes.baseline)]
        is_priced = is_priced and bool(costs[0].any() or costs[1].any())
        pence += float((costs[0] - costs[1])[year])
    return Given(more, pence / PENCE_PER_POUND if is_priced else None)


def not_changed(planned: Planned) -> tuple[Team, ...]:
    """Social-work teams whose posts are the same in every plan, day by day."""
    study = planned.outcomes.study
    return tuple(
        team
        for team in study.arm(AS_PLANNED).teams
        if team.kind is TeamKind.SOCIAL_WORK
        and all(
            study.arm(a).team(team.key).establishment == team.establishment for a in planned.arms
        )
    )


def _ends(planned: Planned, team: Team) -> set[int]:
    """Posts of a team on the last day, of all plans."""
    arms = [planned.outcomes.study.arm(arm) for arm in planned.arms]
    return {arm.team(team.key).posts_on(arm.calendar.days - 1) for arm in arms}
