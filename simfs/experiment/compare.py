"""Two scenarios, and those between them, with the same luck: what moved which claim.

Of each run only the figures of the claims are kept. The files are written together when all runs
are done.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from simfs.analysis.attribution import Attribution, attributed
from simfs.analysis.claims import FloatArray, Verdict, figures, verdict
from simfs.analysis.presets import net_claim
from simfs.analysis.savings import is_priced
from simfs.engine import ENGINES
from simfs.engine.tally import IntArray
from simfs.errors import ConfigError, UsageError
from simfs.experiment.gathering import RunFuture
from simfs.experiment.run import Progress, read_outcomes
from simfs.experiment.series import Series, Told
from simfs.experiment.store import Store
from simfs.scenario.claims import Claim
from simfs.scenario.config import load
from simfs.scenario.differences import (
    Assumption,
    Difference,
    Kind,
    assumptions,
    between,
    differences,
)
from simfs.scenario.scenario import Study

About = tuple[str, Claim]  # an arm, and what is claimed of it
Figures = dict[About, FloatArray]

NAME = "compare"  # of the files, without their endings


@dataclass(frozen=True, slots=True)
class Pair:
    """Two scenarios that are compared.

    Attributes:
        first: one of them.
        second: the other.
        differences: every place at which they differ.
        assumptions: what is simulated and differs; each is told apart from the others.
        arms: arms that both have, the baseline first.
        claims: claims that both make of the same figure, as the first makes them, and whether
            there is a net saving.
        steps: the scenarios to run between them, by the numbers of the assumptions that are
            those of the second; None where they do not go together.
    """

    first: Study
    second: Study
    differences: tuple[Difference, ...]
    assumptions: tuple[Assumption, ...]
    arms: tuple[str, ...]
    claims: tuple[Claim, ...]
    steps: dict[frozenset[int], Study | None]

    @property
    def is_paired(self) -> bool:
        """Whether their futures can be held against each other: the same years and baseline."""
        return not any(each.kind is Kind.FRAME for each in self.differences)

    @property
    def runs(self) -> int:
        """How many runs it takes."""
        return 2 + sum(study is not None for study in self.steps.values())

    @property
    def about(self) -> tuple[About, ...]:
        """Every claim of every arm that is told."""
        return tuple((arm, claim) for claim in self.claims for arm in self.arms[1:])


def study_at(path: Path) -> Study:
    """The study of a scenario file, or of a results folder whose run is whole and of this version.

    Raises:
        ConfigError: the scenario cannot be run.
        StoreError: the folder holds no run, or one whose scenario was changed afterwards.
        RunError: the run in the folder is not finished.
        UsageError: another version of simfs made it.
    """
    if not path.is_dir():
        return load(path)
    with Store.of_results(path) as store:
        return read_outcomes(store).study


def pair_of(first: Study, second: Study) -> Pair:
    """Two studies with all that lies between them."""
    found = differences(first, second)
    arms = _arms(first, second)
    moved = tuple(each for each in assumptions(found) if _concerns(each, arms))
    pair = Pair(first, second, found, moved, arms, _claims(first, second), {})
    if not pair.is_paired or len(moved) < 2:
        return pair
    count = range(len(moved))
    wanted = [frozenset({i}) for i in count] + [frozenset(count) - {i} for i in count]
    steps = {step: _between(pair, step) for step in dict.fromkeys(wanted)}
    return Pair(first, second, found, moved, arms, pair.claims, steps)


def _arms(first: Study, second: Study) -> tuple[str, ...]:
    """The baseline of the first, then arms of both that are compared with a baseline."""
    ours, theirs = ([arm.arm for arm in study.arms] for study in (first, second))
    return (ours[0], *(arm for arm in ours[1:] if arm in theirs[1:]))


def _concerns(assumption: Assumption, arms: Sequence[str]) -> bool:
    """Whether it is about anything but arms that are left out."""
    return any(each.path[0] != "arms" or each.path[1] in arms for each in assumption.differences)


def _claims(first: Study, second: Study) -> tuple[Claim, ...]:
    """Claims of the same figure in both, and the net saving where both have prices."""
    theirs = {claim.id: claim for claim in second.claims}
    found = [
        claim
        for claim in first.claims
        if claim.id in theirs and _measured(claim) == _measured(theirs[claim.id])
    ]
    years = {len(study.arms[0].calendar.years) for study in (first, second)}
    if is_priced(first) and is_priced(second) and len(years) == 1:
        found.append(net_claim(years.pop()))
    return tuple(found)


def _measured(claim: Claim) -> tuple[object, ...]:
    """What a claim's figure depends on."""
    return (
        claim.metric, claim.against, claim.relative, claim.aggregate, claim.first_year,
        claim.last_year, claim.unit,
    )  # fmt: skip


def _between(pair: Pair, step: frozenset[int]) -> Study | None:
    try:
        moved = (each for number, each in enumerate(pair.assumptions) if number in step)
        return between(pair.first, pair.second, moved, pair.arms)
    except ConfigError:
        return None


def must_meet(pair: Pair) -> None:
    """Refuse two studies of which nothing can be told side by side, with a UsageError."""
    if not pair.about:
        raise UsageError(
            f"{pair.first.name} and {pair.second.name} have no arm with a claim or prices in "
            "common: there is no figure to compare"
        )


def compared(
    pair: Pair,
    *,
    reps: int,
    seed: int = 1,
    jobs: int = 1,
    engine: str = ENGINES[0],
    simulate: RunFuture | None = None,
    told: Told = lambda words, number, of: None,
    progress: Progress = lambda done: None,
) -> tuple[Attribution, ...]:
    """What moved each claim's figure, for each arm that both have.

    Args:
        pair: what is compared.
        reps: futures of every arm in every run, rounded up to whole draws.
        seed: of all runs.
        jobs: worker processes.
        engine: name of the engine.
        simulate: runs one future in the engine's place, as in `run`.
        told: told what is run next, the number of this run from 1, and how many there are.
        progress: told how many futures of all runs together are finished.

    Raises:
        UsageError: they have nothing in common that could be compared.
        RunError: a worker process was lost twice on the same futures, or they do not fit.
    """
    must_meet(pair)
    series = Series(pair.runs, reps, seed, jobs, engine, simulate, told, progress)

    def one_run(study: Study, words: str) -> tuple[Figures, dict[About, Verdict], IntArray]:
        outcomes = series.run(study, words)
        seen = {(arm, claim): verdict(outcomes, arm, claim) for arm, claim in pair.about}
        known = [about for about, each in seen.items() if each.expected is not None]
        return {about: figures(outcomes, *about) for about in known}, seen, outcomes.draws

    first, at_first, draws = one_run(pair.first, "A as it is")
    second, at_second, _ = one_run(pair.second, "B as it is")
    count = len(pair.assumptions)
    steps: dict[frozenset[int], Figures | None] = {
        frozenset(): first,
        frozenset(range(count)): second,
    }
    for step, study in pair.steps.items():
        steps[step] = None if study is None else one_run(study, _said(pair, step))[0]
    return tuple(_attributions(pair, steps, (at_first, at_second), draws))


def _said(pair: Pair, step: frozenset[int]) -> str:
    """A scenario between the two in words."""
    if len(step) == 1:
        return f"A with {pair.assumptions[min(step)].key} of B"
    back = frozenset(range(len(pair.assumptions))) - step
    return f"B with {pair.assumptions[min(back)].key} of A"


def _attributions(
    pair: Pair,
    steps: dict[frozenset[int], Figures | None],
    verdicts: tuple[dict[About, Verdict], dict[About, Verdict]],
    draws: IntArray,
) -> Iterator[Attribution]:
    count = range(len(pair.assumptions))
    everything = frozenset(count)
    first, second = steps[frozenset()], steps[everything]
    assert first is not None
    assert second is not None
    for about in pair.about:
        both = (verdicts[0][about], verdicts[1][about])
        if not pair.is_paired or about not in first or about not in second:
            yield Attribution(*both, whole=None)
            continue

        def of(step: frozenset[int], about: About = about) -> FloatArray | None:
            found = steps[step]
            return None if found is None else found.get(about)

        yield attributed(
            both,
            (first[about], second[about]),
            [of(frozenset({number})) for number in count],
            [of(everything - {number}) for number in count],
            draws,
        )
