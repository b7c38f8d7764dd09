"""How much is missing where a claim is missed: what a budget that believed it would lack."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simfs.analysis.intervals import quantiles

FUTURES_FOR_A_BAND = 10  # under these, one in ten at either end is nobody


@dataclass(frozen=True, slots=True)
class Shortfall:
    """By how much the futures that miss a claim miss it, in the claim's unit.

    Attributes:
        futures: how many miss it.
        mean: over those; at least 0.
        p10: one in ten of those misses by less; None where they are too few to say.
        p90: one in ten of those misses by more, or None.
    """

    futures: int
    mean: float
    p10: float | None
    p90: float | None


def shortfall(missing: NDArray[np.float64]) -> Shortfall | None:
    """The shortfall of the futures that miss a claim, or None where none does.

    Args:
        missing: what each of them lacks, float64[n].
    """
    if not len(missing):
        return None
    p10 = p90 = None
    if len(missing) >= FUTURES_FOR_A_BAND:
        p10, p90 = (float(end) for end in quantiles(missing, (0.1, 0.9)))
    return Shortfall(len(missing), float(missing.mean()), p10, p90)
