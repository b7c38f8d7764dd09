"""What a pilot in one locality would show, in every draw of the uncertain numbers.

The locality starts the practice, the rest of the authority goes on as it was, and both count what
starts in the months of the pilot. What is looked at is the logarithm of how many times as many
starts the locality has as the rest, each against its own count of the months before. An effect that
builds up slowly shows little of itself in half a year, and a locality has few starts: so a pilot
may teach hardly anything, and what it would is found, not assumed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simfs.scenario.practice import Ramp

FloatArray = NDArray[np.float64]

DAYS_IN_A_YEAR = 365.25
MONTHS_IN_A_YEAR = 12
PILOTED = 0x_1F3  # names this use of chance among others of the seed
HALF_A_COUNT = 0.5  # added to every count, so that no start at all has a logarithm (Haldane 1956)


@dataclass(frozen=True, slots=True)
class Pilot:
    """The practice in one locality for some months.

    Attributes:
        share: of the authority's starts that are the locality's, (0, 1).
        months: for which it is watched, from the day on which the practice starts there.
        months_before: of counts in locality and rest that the pilot is held against. 0 where the
            locality's share is known as it is, which no authority knows.
    """

    share: float
    months: float
    months_before: float = 12.0


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Something that is counted as it starts, and the practice's effect on it in every draw.

    Attributes:
        label: such as "child protection plans started".
        per_year: starts a year in the whole authority without the practice.
        ratio: starts with the whole effect to starts without, float64[draw].
        half_days: days from the start to half the effect, float64[draw].
        ninety_days: days to nine tenths, float64[draw]; greater.
        together: by how much the variance of a count is above its mean, since the children of a
            family start together: mean square of their number by its mean, at least 1.
    """

    label: str
    per_year: float
    ratio: FloatArray
    half_days: FloatArray
    ninety_days: FloatArray
    together: float = 1.0


def strength(counted: Counted, months: float) -> FloatArray:
    """Mean share of the whole effect over the months from its start, float64[draw]."""
    days = np.arange(round(months * DAYS_IN_A_YEAR / MONTHS_IN_A_YEAR))
    ramps = zip(counted.half_days.tolist(), counted.ninety_days.tolist(), strict=True)
    return np.array([Ramp.shares(days, half, ninety).mean() for half, ninety in ramps])


def findings(pilot: Pilot, outcomes: Sequence[Counted], sets: int, seed: int) -> FloatArray:
    """What the pilot would find, once for every draw in every set.

    Args:
        pilot: where and how long.
        outcomes: what is counted.
        sets: how many pilots to simulate in each draw.
        seed: of the run.

    Returns:
        Logarithms of the locality's rate to that of the rest, float64[set, draw, outcome].
    """
    key = np.array([seed, PILOTED], dtype=np.uint64)
    chance = np.random.Generator(np.random.Philox(key=key))
    found = [_ratio_seen(pilot, counted, sets, chance) for counted in outcomes]
    return np.stack(found, axis=-1)


def _ratio_seen(
    pilot: Pilot, counted: Counted, sets: int, chance: np.random.Generator
) -> FloatArray:
    """Logarithm of the rate ratio of one outcome, float64[set, draw]."""
    during = counted.per_year * pilot.months / MONTHS_IN_A_YEAR
    left = 1 - strength(counted, pilot.months) * (1 - counted.ratio)
    shape = (sets, len(left))
    here = _logs_of_counts(pilot.share * during * left, counted.together, shape, chance)
    there = _logs_of_counts((1 - pilot.share) * during, counted.together, shape, chance)
    before = counted.per_year * pilot.months_before / MONTHS_IN_A_YEAR
    if before == 0:
        return here - there
    here -= _logs_of_counts(pilot.share * before, counted.together, shape, chance)
    there -= _logs_of_counts((1 - pilot.share) * before, counted.together, shape, chance)
    return here - there


def _logs_of_counts(
    mean: float | FloatArray,
    together: float,
    shape: tuple[int, int],
    chance: np.random.Generator,
) -> FloatArray:
    """Logarithms of counts of a mean whose variance is `together` times it: groups of that size."""
    groups = chance.poisson(np.broadcast_to(np.asarray(mean) / together, shape))
    return np.asarray(np.log(together * (groups + HALF_A_COUNT)))
