"""How many posts the work in hand asks for, and what they cost, beside what a paper says.

Cases in hand ÷ cases that a worker holds are the workers that must be there; ÷ the share of posts
that is filled in the long run (`simfs.scenario.renewal`) they are the posts; whole ones for each
team, or for the teams that serve one need together.

Cases in hand are those of the traffic equations at the start of the run, in the baseline: what is
there before any practice model, if nobody waited. For a specialist team they are needs: families in
the stages that specialists may join and whose adults have the need. Or they are those of simulated
futures: with drift and, in the arm of a practice model, with its effects.

Whatever a draw moves is drawn: the scenario's own numbers, and the caseload, price and chances of
needs that the file gives a range for beside the published sum. Workers in protected first months
hold less, and workers who may take a family over their limit more; neither is in it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simfs.analysis.in_hand import demand_at_rest, demands_in_runs, groups, is_counted
from simfs.analysis.intervals import quantiles
from simfs.analysis.outcomes import Outcomes
from simfs.engine.draws import draw_values
from simfs.scenario.drawn import in_draw
from simfs.scenario.published import PublishedStaffing
from simfs.scenario.renewal import filled
from simfs.scenario.scenario import Scenario, Study
from simfs.scenario.traffic import Traffic, stationary
from simfs.scenario.workforce import Team, Workforce

FloatArray = NDArray[np.float64]

DRAWS = 1_000
LIKELY = (0.1, 0.9)  # ends of an 80% band
ROUNDING = 1e-9  # a demand of 30 children is two workers of 15, not three
FOLLOWED_TO = 0.01  # children a year; far below a whole post


class Reckoned(NamedTuple):
    """What one draw comes to, over all teams of a published sum.

    Attributes:
        in_hand: cases in hand; needs of families for specialist teams.
        caseload: cases a worker.
        filled: share of posts that is filled in the long run.
        workers: workers that must be there.
        posts: whole posts for them, empty ones counted.
        added: those above the posts of the baseline's first day; below 0 where there are more.
        pounds: what the added posts cost a year, all of them paid for; 0 where there are enough.
        paid_for: posts that the published sum pays for.
        carried: cases a worker with today's posts and those that the sum pays for.
        met: share of the cases in hand that these could hold at the caseload, up to 1.
    """

    in_hand: float
    caseload: float
    filled: float
    workers: float
    posts: float
    added: float
    pounds: float
    paid_for: float
    carried: float
    met: float


@dataclass(frozen=True, slots=True)
class PostsNeeded:
    """Posts for the work in hand beside a published sum.

    Attributes:
        published: the sum.
        when: what the demand is of: empty for the start, or a financial year of simulated futures.
        arm: key of the arm whose demand it is.
        today: posts of the teams on the first day of the baseline.
        planned: posts that the practice model of the file adds to them by the end of the run.
        central: at central values, or the mean demand of the futures.
        draws: one for each draw or future.
        independent: how many of them know nothing of each other: futures share their draw.
    """

    published: PublishedStaffing
    when: str
    arm: str
    today: int
    planned: int
    central: Reckoned
    draws: tuple[Reckoned, ...]
    independent: int

    def of(self, figure: str) -> FloatArray:
        """One figure in every draw, by its name in `Reckoned`."""
        return np.array([getattr(one, figure) for one in self.draws], dtype=np.float64)

    def band(self, figure: str) -> tuple[float, float]:
        """The 80% band of a figure over draws."""
        low, high = quantiles(self.of(figure), LIKELY)
        return float(low), float(high)

    @property
    def enough(self) -> int:
        """Draws in which the published sum pays for every post that is needed."""
        return int((self.of("pounds") <= self.published.pounds).sum())

    @property
    def holds(self) -> bool:
        """Whether the published sum lies within the 80% band of what is needed."""
        low, high = self.band("pounds")
        return low <= self.published.pounds <= high


def posts_needed(study: Study, seed: int = 1, draws: int = DRAWS) -> tuple[PostsNeeded, ...]:
    """Every published sum of a study beside the posts for the demand at the start."""
    scenario = study.arms[0]
    known: dict[object, tuple[Scenario, Traffic]] = {}

    def at_rest(values: Mapping[str, float]) -> tuple[Scenario, Traffic]:
        together = scenario.ensemble.paths if scenario.ensemble else ()
        moved = tuple(values.get(path) for path in (*together, *(q.path for q in scenario.free)))
        if moved not in known:
            drawn = in_draw(scenario, values)
            known[moved] = drawn, stationary(drawn, FOLLOWED_TO)
        return known[moved]

    found = []
    for published in study.published_staffing:

        def reckoned(values: Mapping[str, float], asked: PublishedStaffing) -> Reckoned:
            drawn, traffic = at_rest(values)
            return _reckoned(asked, drawn, values, demand_at_rest(asked, drawn, traffic, values))

        central = reckoned({}, published)
        every = (_values(scenario, published, seed, draw) for draw in range(draws))
        rows = tuple(reckoned(values, published) for values in every)
        found.append(_needed(study, published, "", scenario.arm, central, rows, draws))
    return tuple(found)


def posts_needed_in_runs(outcomes: Outcomes, arm: str, year: int = -1) -> tuple[PostsNeeded, ...]:
    """The same for the demand of a financial year of simulated futures, with drift and effects.

    A sum for specialists is left out of an arm that has none for a need of theirs: nobody asks for
    them there, so the demand is not counted.

    Args:
        outcomes: futures of a study.
        arm: key of the arm.
        year: index of the financial year; the last if left out.
    """
    study, base = outcomes.study, outcomes.study.arms[0]
    found = []
    for published in study.published_staffing:
        if not is_counted(published, study.arm(arm)):
            continue
        demands = demands_in_runs(outcomes, arm, published, year)
        count = len(next(iter(demands.values())))
        by_draw = {
            int(draw): _values(base, published, outcomes.seed, int(draw))
            for draw in np.unique(outcomes.draws[:count])
        }

        def reckoned(
            demand: Mapping[str, float], values: Mapping[str, float], asked: PublishedStaffing
        ) -> Reckoned:
            moved = {key: one * asked.multiple_of(key, values) for key, one in demand.items()}
            return _reckoned(asked, base, values, moved)

        rows = tuple(
            reckoned(
                {key: float(all_[n]) for key, all_ in demands.items()}, by_draw[draw], published
            )
            for n, draw in enumerate(outcomes.draws[:count].tolist())
        )
        mean = {key: float(all_.mean()) for key, all_ in demands.items()}
        central = reckoned(mean, {}, published)
        label = outcomes.years[year]
        found.append(_needed(study, published, label, arm, central, rows, len(by_draw)))
    return tuple(found)


def _values(
    scenario: Scenario, published: PublishedStaffing, seed: int, draw: int
) -> dict[str, float]:
    """What a draw makes of the numbers that posts needed follow from, by path."""
    of_staff = (one for workforce in scenario.workforces for one in workforce.quantities)
    quantities = (*of_staff, *scenario.free, *published.quantities)
    return draw_values(quantities, seed, draw, scenario.correlations, scenario.ensemble)


def _reckoned(
    published: PublishedStaffing,
    scenario: Scenario,
    values: Mapping[str, float],
    demand: Mapping[str, float],
) -> Reckoned:
    """One draw, from the cases in hand of each group."""

    def at(number: str) -> float:
        quantity = getattr(published, number)
        return float(values.get(quantity.path, quantity.value))

    caseload, price = at("caseload"), at("post_pounds")
    of_groups = groups(published, scenario)
    shares = {key: _filled(teams, values) for key, teams in of_groups.items()}
    workers = {key: one / caseload for key, one in demand.items()}
    posts = sum(math.ceil(workers[key] / shares[key] - ROUNDING) for key in demand)
    in_hand, needed = sum(demand.values()), sum(workers.values())
    share = needed / sum(workers[key] / shares[key] for key in demand) if needed else 1.0
    today = sum(team.posts_on(0) for teams in of_groups.values() for team in teams)
    return Reckoned(
        in_hand=in_hand, caseload=caseload, filled=share, workers=needed, posts=posts,
        added=posts - today, pounds=max(posts - today, 0) * price,
        paid_for=published.pounds / price,
        carried=in_hand / ((today + published.pounds / price) * share),
        met=min((today + published.pounds / price) * share * caseload / in_hand, 1.0)
        if in_hand
        else 1.0,
    )  # fmt: skip


def _filled(teams: Sequence[Team], values: Mapping[str, float]) -> float:
    """Share of posts that is filled in the long run, mean over teams."""
    return sum(_filled_of(team.workforce, values) for team in teams) / len(teams)


def _filled_of(workforce: Workforce | None, values: Mapping[str, float]) -> float:
    if workforce is None:
        return 1.0
    names = ("turnover", "agency_share", "agency_tenure", "agency_gap", "recruitment", "vacancy")
    drawn = {
        name: replace(one, value=values.get(one.path, one.value))
        for name in names
        if (one := getattr(workforce, name)) is not None
    }
    return filled(replace(workforce, **drawn))


def _needed(
    study: Study,
    published: PublishedStaffing,
    when: str,
    arm: str,
    central: Reckoned,
    rows: tuple[Reckoned, ...],
    independent: int,
) -> PostsNeeded:
    base, end = study.arms[0], study.arms[0].calendar.days - 1
    practising = [one for one in study.arms if one.practice is not None][:1]
    today = sum(base.team(key).posts_on(0) for key in published.teams)
    then = [sum(one.team(key).posts_on(end) for key in published.teams) for one in practising]
    planned = max(then, default=today) - today
    return PostsNeeded(published, when, arm, today, planned, central, rows, independent)
