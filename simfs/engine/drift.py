"""The authority's own wandering in one future, worked out before any engine runs.

Each walk is an autoregression of first order, by month, in logarithms: with keep = 2^(−1 ÷
half-life), w[m] = level + (w[m−1] − level) × keep + sd × √(1 − keep²) × z[m], from w = 0 before the
first month. The factor is exp(w[m] − variance[m] ÷ 2), so that on average it only moves from one
to the level it returns to, cut to [0.25, 4].
"""

import numpy as np
from scipy import signal, special

from simfs.engine.draws import Address, Luck, Purpose, run_key
from simfs.engine.program import FloatArray, Program, WalkCode
from simfs.scenario.environment import STILL, Environment

LEAST, MOST = 0.25, 4.0
STEPS = 2.0**24  # factors are rounded to this fineness, so that platforms agree


def environment_of(program: Program, address: Address) -> Environment:
    """The drift of one future: the same in every arm that has the same walks."""
    if not program.walks:
        return STILL
    months = program.months[-1] + 1 if program.months else 0
    luck = Luck(run_key(address.seed, address.draw, address.drift, "drift"))
    return Environment(tuple(_factors(walk, luck, months) for walk in program.walks))


def _factors(walk: WalkCode, luck: Luck, months: int) -> tuple[float, ...]:
    """One walk's factors by month."""
    if not months:
        return ()
    uniforms = luck.block(0, 0, months, walk.code, 0, Purpose.DRIFT)[:, Purpose.DRIFT & 3]
    shocks = walk.sd * np.sqrt(1 - walk.keep**2) * special.ndtri(uniforms)
    faded = walk.keep ** (np.arange(months) + 1)
    wandering = signal.lfilter([1.0], [1.0, -walk.keep], shocks)
    variance = walk.sd**2 * (1 - faded**2)
    return _rounded(np.exp(walk.level * (1 - faded) + wandering - variance / 2))


def _rounded(factors: FloatArray) -> tuple[float, ...]:
    cut = np.clip(factors, LEAST, MOST)
    return tuple((np.round(cut * STEPS) / STEPS).tolist())
