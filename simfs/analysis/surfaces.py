"""What a figure comes to on average where some numbers are known: regression with few assumptions.

A Gaussian process (Strong, Oakley and Brennan 2014, "Estimating multiparameter partial expected
value of perfect information from a probabilistic sensitivity analysis sample", the second of their
two ways), with a squared exponential kernel in the standardised numbers. A long length gives nearly
straight lines and planes, a short one curves; lengths, and the share of the figure's variance that
the numbers decide, are weighed by the restricted likelihood on a grid. Nothing but the mean is left
unpenalised, so numbers that decide nothing get a share near 0 however many they are.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, special

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LENGTHS = (1.0, 2.0, 4.0, 8.0)  # in standard deviations of one number
# Shares tried: dense at both ends, as a number may decide next to nothing, or all there is.
SHARES = special.expit(np.linspace(math.log(1e-5), math.log(1e6), 52))[:, np.newaxis]
MOST_FUNCTIONS = 120
LEAST_OF_KERNEL = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """The functions of some numbers that a regression may use, of one length.

    Attributes:
        functions: orthonormal and of mean nought, float64[draw, function].
        variances: of each function's coefficient where the surface has the variance 1 over the
            draws, float64[function].
    """

    functions: FloatArray
    variances: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Fits:
    """Figures regressed on the same numbers.

    Attributes:
        surfaces: one for each length.
        figures: about their means, float64[draw, figure].
        inside: coefficients of the figures by surface, each float64[function, figure].
        likelihood: logarithm of the restricted likelihood, float64[surface, share, figure].
        spread: variance of figure and noise together at each, same shape.
    """

    surfaces: tuple[Surface, ...]
    figures: FloatArray
    inside: tuple[FloatArray, ...]
    likelihood: FloatArray
    spread: FloatArray

    def best(self) -> tuple[FloatArray, FloatArray]:
        """The likeliest surface of each figure: its mean, float64[draw, figure], and its variance.

        The mean over what the data leave open is smoother than the surface itself, whose variance
        over draws, float64[figure], is larger by what is not known of it.
        """
        figures = self.figures.shape[1]
        place = self.likelihood.reshape(-1, figures).argmax(axis=0)
        lengths, shares = np.divmod(place, len(SHARES))
        fitted, variances = np.zeros_like(self.figures), np.zeros(figures)
        for length, surface in enumerate(self.surfaces):
            here = np.flatnonzero(lengths == length)
            mean, variance = self._coefficients(length, shares[here], here)
            fitted[:, here] = surface.functions @ mean
            variances[here] = ((mean**2).sum(axis=0) + variance.sum(axis=0)) / len(fitted)
        return fitted, variances

    def sampled(self, count: int, chance: np.random.Generator) -> FloatArray:
        """Surfaces as likely as the data leave them, float64[count, draw, figure].

        Lengths count alike beforehand, and every share from 0 to 1 as much as any other. How far
        a figure's mean may be out is part of it.
        """
        draws, figures = self.figures.shape
        found = np.empty((count, draws, figures))
        for figure in range(figures):
            weights = np.exp(self.likelihood[:, :, figure] - self.likelihood[:, :, figure].max())
            weights *= (SHARES * (1 - SHARES))[:, 0]
            picked = chance.choice(weights.size, size=count, p=weights.ravel() / weights.sum())
            lengths, shares = np.divmod(picked, len(SHARES))
            noise = self.spread[lengths, shares, figure] * (1 - SHARES[shares, 0]) / draws
            means = np.sqrt(noise) * chance.standard_normal(count)
            for length, surface in enumerate(self.surfaces):
                here = np.flatnonzero(lengths == length)
                mean, variance = self._coefficients(
                    length, shares[here], np.full(len(here), figure)
                )
                luck = chance.standard_normal(mean.shape) * np.sqrt(variance)
                found[here, :, figure] = (surface.functions @ (mean + luck) + means[here]).T
        return found

    def _coefficients(
        self, length: int, shares: IntArray, figures: IntArray
    ) -> tuple[FloatArray, FloatArray]:
        """Mean and variance of coefficients of figures at shares, float64[function, figure]."""
        share = SHARES[shares, 0]
        signal = self.surfaces[length].variances[:, np.newaxis] * share
        kept = signal / (signal + 1 - share)
        noise = self.spread[length, shares, figures] * (1 - share)
        return kept * self.inside[length][:, figures], kept * noise


def surfaces_of(numbers: FloatArray) -> tuple[Surface, ...]:
    """The surfaces over a number or some, float64[draw] or [draw, number]; none of a constant."""
    numbers = numbers.reshape(len(numbers), -1)
    moving = numbers[:, np.ptp(numbers, axis=0) > 0]
    if not moving.shape[1]:
        return ()
    standard = (moving - moving.mean(axis=0)) / moving.std(axis=0)
    # two points are further apart the more numbers there are
    standard /= math.sqrt(moving.shape[1])
    return tuple(_surface(standard / length) for length in LENGTHS)


def fits(surfaces: tuple[Surface, ...], figures: FloatArray) -> Fits:
    """Some figures, float64[draw, figure], on the surfaces over the same draws."""
    centred = figures - figures.mean(axis=0)
    inside = tuple(surface.functions.T @ centred for surface in surfaces)
    found = [
        _restricted(surface.variances, part, centred)
        for surface, part in zip(surfaces, inside, strict=True)
    ]
    likelihood, spread = (np.stack(part) for part in zip(*found, strict=True))
    return Fits(surfaces, centred, inside, likelihood, spread)


def _restricted(
    variances: FloatArray, inside: FloatArray, centred: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Restricted log likelihood and spread at every share, float64[share, figure] each."""
    freedom = len(centred) - 1
    outside = np.maximum((centred**2).sum(axis=0) - (inside**2).sum(axis=0), 0.0)
    expected = SHARES * variances + 1 - SHARES
    squares = (1 / expected) @ inside**2 + outside / (1 - SHARES)
    spread = np.maximum(squares, np.finfo(np.float64).tiny) / freedom
    logs = np.log(expected).sum(axis=1, keepdims=True)
    logs += (freedom - len(variances)) * np.log(1 - SHARES)
    return -(freedom * np.log(spread) + logs) / 2, spread


def _surface(points: FloatArray) -> Surface:
    """Functions of a squared exponential kernel of length 1 over some points, [draw, number]."""
    factor = _factor(points)
    functions, scales, _ = linalg.svd(factor - factor.mean(axis=0), full_matrices=False)
    kept = scales**2 > LEAST_OF_KERNEL * scales[0] ** 2
    squares = scales[kept] ** 2
    return Surface(functions[:, kept], squares * len(points) / squares.sum())


def _factor(points: FloatArray) -> FloatArray:
    """Incomplete Cholesky factor of the kernel, the point least explained first, [draw, rank].

    Source: Fine and Scheinberg (2001), "Efficient SVM training using low-rank kernel
    representations". The kernel itself, draws by draws, is never made.
    """
    left = np.ones(len(points))
    columns = np.empty((min(MOST_FUNCTIONS, len(points)), len(points)))
    for rank in range(len(columns)):
        pivot = int(left.argmax())
        if left[pivot] < LEAST_OF_KERNEL:
            columns = columns[:rank]
            break
        kernel = np.exp(-((points - points[pivot]) ** 2).sum(axis=1) / 2)
        kernel -= columns[:rank, pivot] @ columns[:rank]
        columns[rank] = kernel / math.sqrt(left[pivot])
        left = np.maximum(left - columns[rank] ** 2, 0.0)
    return np.asarray(columns.T)
