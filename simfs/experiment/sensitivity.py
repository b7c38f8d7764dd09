"""What the answer hangs on: every uncertain number moved by itself, with the luck of one run.

A number, or a group that moves as one, is put to p10, its middle and p90, all others as each draw
has them; so a number's own effect is seen and not what it is drawn with. One future of each of the
run's first draws is taken: as many draws as can be had for the price tell most of a mean.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from simfs.analysis.claims import figures
from simfs.analysis.factors import Factor, factors_of
from simfs.analysis.headlines import Headline, headline_figure, headlines
from simfs.analysis.intervals import FloatArray, draw_means
from simfs.analysis.outcomes import Outcomes
from simfs.analysis.switching import Response, Root, root_of
from simfs.analysis.tornado import Bar, Change, bars, mean_of
from simfs.engine.draws import DRAW_SIZE
from simfs.engine.tally import IntArray
from simfs.errors import UsageError
from simfs.experiment.executors import in_processes, in_this_process
from simfs.experiment.points import Points, only_prices, played
from simfs.experiment.switching import silent
from simfs.experiment.trying import Phase, some_of
from simfs.scenario.claims import Claim
from simfs.scenario.quantities import Z90
from simfs.scenario.scenario import Study

NAME = "sensitivity"  # of the files, without their endings
PAIRED = 32  # draws in which each number is moved, in a future of each
POINTS = (-Z90, 0.0, Z90)
A_FEW = 4  # futures of a task that prices them again and again

Rows = Mapping[str, IntArray]


@dataclass(frozen=True, slots=True)
class Tornado:
    """Every factor's bar for one headline figure of one arm, widest first.

    Attributes:
        arm: key of the arm.
        headline: the figure.
        as_it_is: its mean over all futures of the run, with its interval.
        bars: of every factor.
    """

    arm: str
    headline: Headline
    as_it_is: Change
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """Where a factor by itself turns a claim, between p10 and p90.

    Attributes:
        claim: the claim.
        arm: key of the arm.
        factor: what is moved.
        root: scores at which the claim's mean figure equals its threshold, with the interval.
    """

    claim: Claim
    arm: str
    factor: Factor
    root: Root


@dataclass(frozen=True, slots=True)
class Moved:
    """What came of moving every factor by itself.

    Attributes:
        factors: all that were moved.
        tornadoes: of each arm, every headline figure in order.
        turns: every claim that some factor turns between p10 and p90, by claim, arm and factor.
        paired: futures in which factors were moved.
        simulated: futures that were run for it.
    """

    factors: tuple[Factor, ...]
    tornadoes: tuple[Tornado, ...]
    turns: tuple[Turn, ...]
    paired: int
    simulated: int


def must_vary(study: Study) -> tuple[Factor, ...]:
    """The uncertain numbers of a study; a UsageError where it has none."""
    found = factors_of(study)
    if not found:
        raise UsageError(
            f"{study.name} has no number with a range: there is nothing to move; give numbers a "
            "p10 and a p90, or try every number with simfs claims --believe"
        )
    return found


def moved_one_by_one(
    outcomes: Outcomes, *, jobs: int = 1, paired: int = PAIRED, phase: Phase = silent
) -> Moved:
    """The tornado of every headline figure, and where factors turn claims.

    Args:
        outcomes: the run as it is; factors are moved in its first futures.
        jobs: worker processes.
        paired: futures in which each is moved, one of each of the first draws.
        phase: told what is done next and how many futures that takes; gives what is told of them.

    Raises:
        UsageError: no number is uncertain.
        RunError: a worker process was lost twice on the same futures.
    """
    factors = must_vary(outcomes.study)
    first = tuple(range(0, outcomes.futures, DRAW_SIZE))[:paired]  # of each draw
    some = some_of(outcomes, first)
    there = _figures(some)
    found: dict[str, list[Figures]] = {}
    points = [(one, z) for one in factors for z in POINTS]
    rows = dict(_rows(some, factors, jobs, phase))
    for one, z in points:
        yearly = np.asarray(some.yearly).copy()
        for arm, own in rows[one.key, z].items():
            yearly[outcomes.arms.index(arm)] = own
        found.setdefault(one.key, []).append(_figures(replace(some, yearly=yearly)))
    return Moved(
        factors,
        tuple(_tornadoes(outcomes, some, factors, found)),
        tuple(_turns(outcomes, some, factors, found, there)),
        some.futures,
        len(points) * some.futures,
    )


Key = tuple[str, str, str]  # headline or claim; its key; an arm
Figures = Mapping[Key, FloatArray]
HEADLINE, CLAIM = "headline", "claim"


def _rows(
    some: Outcomes, factors: Sequence[Factor], jobs: int, phase: Phase
) -> Iterator[tuple[tuple[str, float], Rows]]:
    """What each factor comes to at each point, as it is finished."""
    first = tuple((DRAW_SIZE * some.draws).tolist())
    tasks = _tasks(some.study, factors, first)
    parts: dict[tuple[str, float], list[tuple[int, Rows]]] = {}
    work = partial(played, some.study, factors, some.seed, some.engine)
    several = jobs > 1 and len(tasks) > 1
    total, done = sum(len(one.points) * len(one.futures) for one in tasks), 0
    with phase("every uncertain number at p10, its middle and p90", total) as told:
        told(0)
        for asked, found in (
            in_processes(work, tasks, jobs) if several else in_this_process(work, tasks)
        ):
            done += len(asked.points) * len(asked.futures)
            told(done)
            for ((key, z),), rows in zip(asked.points, found, strict=True):
                parts.setdefault((key, z), []).append((asked.futures[0], rows))
    for point, pieces in parts.items():
        pieces.sort(key=lambda piece: piece[0])
        yield (
            point,
            {arm: np.concatenate([rows[arm] for _, rows in pieces]) for arm in pieces[0][1]},
        )


def _tasks(study: Study, factors: Sequence[Factor], futures: tuple[int, ...]) -> list[Points]:
    """A task for each factor, and for all that set only prices a few, so that counts are shared."""
    priced = [one for one in factors if all(only_prices(arm, one) for arm in study.arms)]
    alike = tuple(((one.key, z),) for one in priced for z in POINTS)
    parts = [futures[at : at + A_FEW] for at in range(0, len(futures), A_FEW)]
    return [Points(alike, some) for some in parts if alike] + [
        Points(tuple(((one.key, z),) for z in POINTS), futures)
        for one in factors
        if one not in priced
    ]


def _figures(outcomes: Outcomes) -> dict[Key, FloatArray]:
    """Every headline figure and every claim's figure of every arm, future by future."""
    found: dict[Key, FloatArray] = {}
    for arm in outcomes.arms[1:]:
        for one in headlines(outcomes.study):
            found[HEADLINE, one.key, arm] = headline_figure(outcomes, arm, one)
        for claim in _claims(outcomes):
            found[CLAIM, claim.id, arm] = figures(outcomes, arm, claim)
    return found


def _claims(outcomes: Outcomes) -> list[Claim]:
    return [one for one in outcomes.study.claims if one.last_year < len(outcomes.years)]


def _tornadoes(
    outcomes: Outcomes,
    some: Outcomes,
    factors: Sequence[Factor],
    found: Mapping[str, Sequence[Figures]],
) -> Iterator[Tornado]:
    for arm in outcomes.arms[1:]:
        for headline in headlines(outcomes.study):
            key = (HEADLINE, headline.key, arm)
            points = {one: [point[key] for point in found[one.key]] for one in factors}
            mean = mean_of(headline_figure(outcomes, arm, headline), outcomes.draws)
            yield Tornado(arm, headline, mean, bars(points, some.draws))


def _turns(
    outcomes: Outcomes,
    some: Outcomes,
    factors: Sequence[Factor],
    found: Mapping[str, Sequence[Figures]],
    there: Figures,
) -> Iterator[Turn]:
    """Where the mean of a claim's figure, on the curve through three points, is the claim."""
    for claim in _claims(outcomes):
        for arm in outcomes.arms[1:]:
            key = (CLAIM, claim.id, arm)
            as_it_is = draw_means(figures(outcomes, arm, claim), outcomes.draws)
            for one in factors:
                gaps = [draw_means(point[key] - there[key], some.draws) for point in found[one.key]]
                response = Response(np.array(POINTS), 0.0, as_it_is, np.array(gaps))
                root = root_of(response, claim.threshold)
                if root is not None:
                    yield Turn(claim, arm, one, root)
