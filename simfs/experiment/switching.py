"""What one would have to believe: for each claim, the value of every number at which it turns.

Cost is held down in four ways. All claims share the runs of a number. Numbers are screened first: a
few futures with the number at either end of its possible range, and only those that may bring some
claim to its threshold are looked at further, at most `MOST_NUMBERS`, those first that may turn most
claims. Prices are set again without any new run (`simfs.experiment.trials`). And between the values
that were run the curve is interpolated; it is run anew at a root until it foretells what comes out
well within the interval, at most `ROUNDS` times.
"""

import math
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import numpy as np

from simfs.analysis.intervals import quantiles
from simfs.analysis.outcomes import Outcomes
from simfs.analysis.switching import Needed, Root, needed, root_of
from simfs.errors import UsageError
from simfs.experiment.run import Progress
from simfs.experiment.trials import TOGETHER, Trial
from simfs.experiment.trying import FEWER, Key, Phase, Trying
from simfs.scenario.claims import Claim
from simfs.scenario.movable import Movable, Unmoved, movable

NAME = "switching"  # of the file, without its ending
FEWEST = 8  # futures; below these there is no interval of a mean
MOST_NUMBERS = 40
ROUNDS = 2
STRENGTHS = (-1.0, -0.5, 0.35, 0.7, 1.0)


@dataclass(frozen=True, slots=True)
class Switch:
    """One claim, and one number moved by itself.

    Attributes:
        claim: the claim.
        arm: key of the arm.
        number: the number.
        as_it_is: the claim's expected figure with every number as it is, in the claim's unit.
        at_low: the same with the number at the least value tried.
        at_high: and at the largest.
        root: where the claim turns, or None where no value tried does it.
        futures: that the values of the number were tried in.
        settled: False where the screening could not rule the number out, and it was not looked at
            further.
    """

    claim: Claim
    arm: str
    number: Movable
    as_it_is: float
    at_low: float
    at_high: float
    root: Root | None
    futures: int
    settled: bool


@dataclass(frozen=True, slots=True)
class InStep:
    """One claim, and every effect on routes and arrivals made stronger or weaker in step.

    Attributes:
        claim: the claim.
        arm: key of the arm.
        needed: by how many fewer children start to be looked after in a year where the claim is
            reached; `at` is the strength, from −1 (no effect) by way of 0 (as the evidence has
            them) to 1 (all prevented). None where it is reached nowhere between.
        evidence: the same with the effects as they are: mean, p10 and p90 over futures.
        most: the same where the effects prevent all that they act on.
        as_it_is: the claim's expected figure with the effects as they are, in its unit.
        at_none: with no such effect.
        at_most: where they prevent all.
    """

    claim: Claim
    arm: str
    needed: Needed | None
    evidence: tuple[float, float, float]
    most: float
    as_it_is: float
    at_none: float
    at_most: float


@dataclass(frozen=True, slots=True)
class Believed:
    """What one would have to believe for each claim of a run.

    Attributes:
        switches: of each claim and arm, every number that may be moved.
        unmoved: numbers that were not moved, and why.
        in_step: of each claim and arm; empty without effects on routes or looked-after children.
        futures: that the expected figures as they are rest on.
        paired: that the values of a number were tried in.
        simulated: futures that were run for it, of all trials together.
    """

    switches: tuple[Switch, ...]
    unmoved: tuple[Unmoved, ...]
    in_step: tuple[InStep, ...]
    futures: int
    paired: int
    simulated: int


def silent(words: str, futures: int) -> AbstractContextManager[Progress]:
    """A phase of which nothing is told."""
    return nullcontext(lambda done: None)


def believed(outcomes: Outcomes, *, jobs: int = 1, phase: Phase = silent) -> Believed:
    """The switching value of every number for every claim of a run, and the effects in step.

    Args:
        outcomes: the run as it is; trials share the luck of its first futures.
        jobs: worker processes.
        phase: told what is done next and how many futures that takes; gives what is told of them.

    Raises:
        UsageError: there are too few futures for an interval.
        RunError: a worker process was lost twice on the same futures.
    """
    if outcomes.futures < FEWEST:
        raise UsageError(
            f"{outcomes.futures} futures are too few for the interval of a mean; run {FEWEST} or "
            "more"
        )
    numbers, unmoved = movable(outcomes.study)
    trying = Trying(outcomes, jobs, phase)
    priced = [one for one in numbers if trying.is_only_priced(one)]
    strengths = [Trial(TOGETHER, at) for at in STRENGTHS] if trying.has_entries else []
    trying.run(
        "prices, and all effects in step",
        strengths,
        [trial for one in priced for trial in trying.prices(one)],
    )
    others = [one for one in numbers if one not in priced]
    trying.screen(others)
    hopeful = trying.promising(others)
    chosen = hopeful[:MOST_NUMBERS]
    trying.run(
        "numbers that may turn a claim", [trial for one in chosen for trial in trying.towards(one)]
    )
    _nearer(trying, chosen)
    left = {
        (one.path, key)
        for one in hopeful[MOST_NUMBERS:]
        for key in trying.keys
        if trying.may_turn(one, key)
    }
    return Believed(
        switches=tuple(_switch(trying, one, key, left) for key in trying.keys for one in numbers),
        unmoved=unmoved,
        in_step=tuple(_in_step(trying)) if strengths else (),
        futures=outcomes.futures,
        paired=trying.paired,
        simulated=trying.simulated,
    )


def _nearer(trying: Trying, chosen: list[Movable]) -> None:
    """Run numbers at the roots of claims until their curves are known there."""
    unsettled = chosen
    for step in range(1, ROUNDS + 1):
        wanted = [(one, trial) for one in unsettled if (trial := trying.next_of(one))]
        if not wanted:
            return
        trying.run(f"values at which claims turn, round {step}", [trial for _, trial in wanted])
        unsettled = [one for one, trial in wanted if not trying.foretells(one, trial)]


def _switch(trying: Trying, number: Movable, key: Key, left: set[tuple[str, Key]]) -> Switch:
    at_low, few = trying.at(number, number.low, key)
    at_high, many = trying.at(number, number.high, key)
    root = root_of(trying.response(number, key), trying.threshold(key))
    return Switch(
        claim=trying.claims[key[1]],
        arm=key[2],
        number=number,
        as_it_is=float(trying.whole[key].mean()),
        at_low=at_low,
        at_high=at_high,
        root=_in_whole(root, number.value) if root and number.whole else root,
        futures=trying.paired if root else min(few, many),
        settled=(number.path, key) not in left,
    )


def _in_whole(root: Root, here: float) -> Root:
    """A root of a number that must be whole: the first beyond it, and ends rounded outwards."""
    beyond = math.ceil(root.value) if root.value > here else math.floor(root.value)
    return Root(
        float(beyond),
        None if root.low is None else float(math.floor(root.low)),
        None if root.high is None else float(math.ceil(root.high)),
    )


def _in_step(trying: Trying) -> Iterator[InStep]:
    for key in trying.keys:
        fewer = (FEWER, key[1], key[2])
        claimed, entries = trying.in_step(key), trying.in_step(fewer)
        p10, p90 = quantiles(trying.whole[fewer], (0.1, 0.9))
        yield InStep(
            claim=trying.claims[key[1]],
            arm=key[2],
            needed=needed(claimed, entries, trying.threshold(key)),
            evidence=(float(np.mean(trying.whole[fewer])), float(p10), float(p90)),
            most=float(entries.means[-1]),
            as_it_is=float(claimed.as_it_is.mean()),
            at_none=float(claimed.means[0]),
            at_most=float(claimed.means[-1]),
        )
