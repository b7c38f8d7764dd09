"""The authority's own wandering in one future, worked out before any engine runs.

Each walk is a stationary autoregression of first order, by month, in logarithms: w[0] = sd × z[0],
and with keep = 2^(−1 ÷ half-life), w[m] = keep × w[m−1] + sd × √(1 − keep²) × z[m]. Nobody knows
where in its wandering an authority stands on the opening day, so it may stand anywhere. The factor
is exp(w[m] − sd² ÷ 2 + level × (1 − keep^(m+1))): on average one at the opening, from where it goes
to the level it returns to; cut to [0.25, 4].
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
    shocks = walk.sd * special.ndtri(uniforms)
    shocks[1:] *= np.sqrt(1 - walk.keep**2)
    wandering = signal.lfilter([1.0], [1.0, -walk.keep], shocks)
    faded = walk.keep ** (np.arange(months) + 1)
    return _rounded(np.exp(wandering - walk.sd**2 / 2 + walk.level * (1 - faded)))


def _rounded(factors: FloatArray) -> tuple[float, ...]:
    cut = np.clip(factors, LEAST, MOST)
    return tuple((np.round(cut * STEPS) / STEPS).tolist())
