"""What share of posts is filled in the long run, and by whom.

A post goes round in cycles: somebody is appointed, stays, leaves, and the post is empty until the
next appointment. With probability a that is an agency worker, who stays Ta days on average and
leaves a gap of Ga; else a permanent worker, who stays Tp and leaves a gap of Gp. By the
renewal-reward theorem the long-run share of time in any state is the mean time a cycle spends in it
over the mean cycle, whatever the shapes (D. R. Cox, Renewal Theory, Methuen, 1962, chapters 4, 7):

    filled  = (a Ta + (1 − a) Tp) / (a (Ta + Ga) + (1 − a) (Tp + Gp))

All at central values and with no effects on the workforce.
"""

import math

from simfs.scenario.scenario import DAYS_PER_YEAR
from simfs.scenario.workforce import Workforce

MOST_VACANT = 0.99  # beyond it hardly anybody ever works, and there is no recruitment to solve for


def recruitment_days(workforce: Workforce) -> float:
    """Mean days that a post is empty after a permanent worker: as stated, or from the vacancy."""
    if workforce.vacancy is None:
        return workforce.recruitment.value
    return gap_for(
        workforce.vacancy.value,
        workforce.turnover.value,
        workforce.agency_share.value,
        workforce.agency_tenure.value,
        workforce.agency_gap.value,
    )


def gap_for(
    vacancy: float, turnover: float, agency_share: float, agency_days: float, agency_gap: float
) -> float:
    """The mean gap after permanent workers that leaves a stated share of posts empty.

    With v empty and 1 − v filled, a cycle is empty for v ÷ (1 − v) of its filled days; what
    agency gaps do not use of that is left to the others: below 0 where they use more.

    Args:
        vacancy: share of posts empty in the long run, [0, 1).
        turnover: share of permanent workers leaving a year, above 0.
        agency_share: share of appointments that are agency workers, [0, 1).
        agency_days: their mean tenure.
        agency_gap: mean days a post is empty after them.
    """
    permanent = 1 - agency_share
    filled = _filled_days(turnover, agency_share, agency_days)
    return (filled * vacancy / (1 - vacancy) - agency_share * agency_gap) / permanent


def least_vacancy(
    turnover: float, agency_share: float, agency_days: float, agency_gap: float
) -> float:
    """The share of posts that gaps after agency workers alone leave empty."""
    empty = agency_share * agency_gap
    filled = _filled_days(turnover, agency_share, agency_days)
    return empty / (filled + empty) if empty else 0.0


def filled(workforce: Workforce) -> float:
    """Share of posts that somebody holds in the long run, [0, 1]."""
    share = workforce.agency_share.value
    days = _filled_days(workforce.turnover.value, share, workforce.agency_tenure.value)
    if math.isinf(days):
        return 1.0
    empty = share * workforce.agency_gap.value + (1 - share) * recruitment_days(workforce)
    return days / (days + empty)


def agency_of_filled(workforce: Workforce) -> float:
    """Share of filled posts that an agency worker holds in the long run, [0, 1]."""
    share, tenure = workforce.agency_share.value, workforce.agency_tenure.value
    return share * tenure / _filled_days(workforce.turnover.value, share, tenure)


def without_permanent(workforce: Workforce) -> float:
    """Share of posts without a permanent holder, agency cover included: a published vacancy."""
    return 1 - filled(workforce) * (1 - agency_of_filled(workforce))


def _filled_days(turnover: float, agency_share: float, agency_days: float) -> float:
    """Mean days of a cycle in which the post is filled; infinite where a holder never leaves."""
    if agency_share == 1:
        return agency_days
    permanent = DAYS_PER_YEAR / turnover if turnover > 0 else math.inf
    return agency_share * agency_days + (1 - agency_share) * permanent
