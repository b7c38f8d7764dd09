"""What it is worth to know the gains of some options, and the axes in which to look at them."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, special

from simfs.analysis.intervals import LEVEL

FloatArray = NDArray[np.float64]

NEXT_TO_NOTHING = 1e-10  # of the largest variance


@dataclass(frozen=True, slots=True, eq=False)
class Axes:
    """Gains turned so that neither they nor their noise go together, each of variance 1.

    So nothing depends on which option is the first, nor on the size of a pound.

    Attributes:
        mean: of the gains over draws, float64[gain].
        figures: the gains of draws less their mean, turned, float64[draw, figure].
        back: from figures to gains, float64[figure, gain].
        real: share of each figure's variance that is no noise, [0, 1], float64[figure].
    """

    mean: FloatArray
    figures: FloatArray
    back: FloatArray
    real: FloatArray

    def worth(
        self, figures: FloatArray, weights: FloatArray, mean: FloatArray | None = None
    ) -> float:
        """What it is worth to know the gains that stand behind some figures.

        Args:
            figures: of each draw, float64[draw, figure].
            weights: of the draws, float64[draw]; they sum to 1.
            mean: of the gains where it is not as found, float64[gain].
        """
        if mean is None:
            return worth_of(self.mean + figures @ self.back, weights)
        return worth_of(mean + (figures - weights @ figures) @ self.back, weights)


def axes_of(means: FloatArray, noise: FloatArray, weights: FloatArray) -> Axes:
    """Axes in which the covariance of draw means is 1 and that of their noise is diagonal."""
    # from the first draw, so that equal gains have exactly no variance
    about_first = means - means[0]
    gaps = about_first - weights @ about_first
    spread = (weights[:, np.newaxis] * gaps).T @ gaps * len(means) / (len(means) - 1)
    scale = np.sqrt(np.diag(spread))
    scale[scale == 0] = 1.0
    values, vectors = linalg.eigh(spread / np.outer(scale, scale))
    kept = values > NEXT_TO_NOTHING * max(float(values[-1]), NEXT_TO_NOTHING)
    white = vectors[:, kept] / np.sqrt(values[kept]) / scale[:, np.newaxis]
    if not kept.any():  # SciPy before 1.14 refuses a matrix without rows
        return Axes(means[0], np.zeros((len(means), 0)), np.zeros((0, len(spread))), values[:0])
    shares, turned = linalg.eigh(white.T @ noise @ white)
    turn = white @ turned
    real = np.maximum(0.0, 1 - shares)
    return Axes(means[0] + weights @ about_first, gaps @ turn, (spread @ turn).T, real)


def nearest_even(means: FloatArray) -> FloatArray:
    """The mean gains within their 95% intervals that are nearest to nothing, float64[gain].

    Args:
        means: of each draw, float64[draw, gain].
    """
    found = means.mean(axis=0)
    error = means.std(axis=0, ddof=1) / math.sqrt(len(means))
    half = special.stdtrit(len(means) - 1, 0.5 + LEVEL / 2) * error
    return np.asarray(np.sign(found) * np.maximum(np.abs(found) - half, 0.0))


def worth_of(gains: FloatArray, weights: FloatArray) -> float:
    """By how much the mean of the best gain is above the best mean gain; the first gains 0."""
    best = np.maximum(gains.max(axis=1), 0.0)
    # of equal draws exactly 0, whatever rounding makes of their mean
    return max(0.0, float(weights @ best) - max(0.0, float((weights @ gains).max())))
