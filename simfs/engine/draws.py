"""Every random number is a pure function of its address.

The generator is counter-based (Philox 4x64, ten rounds), so a number is looked up, not drawn: the
key names the run, the counter names who, where, which time and what for. Two arms therefore share
their luck by construction, and future 731 alone is future 731 of a thousand.

Key: 128 bits of BLAKE2b over (seed, draw, level, scope). Counter, four words of 64 bits: the
subject's number in its origin; the hash of the place's key; occasion + 2**32 × child; four
purposes to a block + 2**16 × the origin's 32-bit code. The n-th occupant of a post is subject
32 × post + (n mod 32) at its team's place, with n ÷ 32, rounded down, as occasion; what a post is
at the start is subject post.
"""

import math
import struct
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from simfs.scenario.quantities import (
    Correlation,
    Ensemble,
    Quantity,
    Spread,
    correlation_matrix,
)

FloatArray = NDArray[np.float64]

DRAW_SIZE = 4  # futures to a draw: two drifts of two lucks
CENTRAL = -1  # the draw in which every quantity has its central value
SUBJECTS = 32  # subjects computed together; neighbours in an origin are usually asked for in turn


class Purpose(IntEnum):
    """What a number is for. Codes are never reused; four share a block of the generator."""

    STAY = 0
    ROUTE = 1
    EFFECT = 2
    SPLIT = 3
    PLACEMENT = 4
    COST_BAND = 5
    CRISIS = 6
    AGE = 7
    SHARE = 8
    ARRIVAL_GAP = 12
    FAMILY_SIZE = 13
    EARLIER_PLAN = 14
    NEED_COMMON = 15
    NEED = 16
    LENGTH = 20
    SERVED = 21
    ENTRY = 22
    PARAMETER = 24
    EXTRA_ARRIVAL = 28
    APPOINTMENT = 32
    TENURE = 33
    GAP = 34
    NEWLY_QUALIFIED = 35
    POST_STATE = 36
    POST_LENGTH = 37
    POST_SERVED = 38
    SERVICE_CRISIS = 40
    DRIFT = 44


@dataclass(frozen=True, slots=True)
class Address:
    """One future: which seed, draw of the parameters, drift and luck."""

    seed: int
    draw: int
    drift: int
    luck: int


def address_of(seed: int, future: int) -> Address:
    """The address of a future: four to a draw, as two drifts of two lucks.

    >>> address_of(1, 731)
    Address(seed=1, draw=182, drift=1, luck=3)
    """
    place = future % DRAW_SIZE
    return Address(seed, future // DRAW_SIZE, place // 2, place)


def place_code(key: str) -> int:
    """64 bits that stand for a stage, team, stream, need or parameter, whatever its order."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "little")


def origin_code(key: str) -> int:
    """32 bits that stand for where families come from: a stream, or a stage's opening stock."""
    return place_code(key) & 0xFFFFFFFF


def run_key(seed: int, draw: int, level: int, scope: str) -> tuple[int, int]:
    """The generator's key for one scope ("chance", "drift", "parameters") of one future."""
    packed = struct.pack("<qqq", seed, draw, level) + scope.encode()
    first, second = struct.unpack("<QQ", blake2b(packed, digest_size=16).digest())
    return first, second


class Luck:
    """The uniforms of one run key, looked up by address and kept once computed.

    Uniforms are exact odd multiples of 2**-53 in (0, 1), so never 0 or 1.
    """

    def __init__(self, key: tuple[int, int]) -> None:
        self._generator = np.random.Philox(key=np.array(key, dtype=np.uint64))
        self._counter = np.zeros(4, dtype=np.uint64)
        # One state dictionary, rewritten in place: making a generator costs ten times a look-up.
        self._state: Any = {
            "bit_generator": "Philox",
            "state": {"counter": self._counter, "key": np.array(key, dtype=np.uint64)},
            "buffer": np.zeros(4, dtype=np.uint64),
            "buffer_pos": 4,
            "has_uint32": 0,
            "uinteger": 0,
        }
        self._known: dict[tuple[int, int, int, int], FloatArray] = {}

    def block(
        self, origin: int, first: int, count: int, place: int, occasion: int, purpose: int
    ) -> FloatArray:
        """Uniforms of `count` subjects from `first`; shape [subject, lane of four purposes]."""
        # The generator steps its counter before each block: subject n has counter word n + 1.
        self._counter[:] = (first, place, occasion, (purpose >> 2) + (origin << 16))
        self._generator.state = self._state
        raw = self._generator.random_raw(4 * count)
        raw >>= np.uint64(12)
        uniforms: FloatArray = raw.astype(np.float64)
        uniforms *= 2.0**-52
        uniforms += 2.0**-53
        return uniforms.reshape(count, 4)

    def four(
        self, origin: int, subject: int, place: int, occasion: int, purpose: int
    ) -> list[float]:
        """The four uniforms of the block that `purpose` is in; `occasion` includes the child."""
        fetch = (subject >> 5, place, occasion, (purpose >> 2) + (origin << 16))
        known = self._known.get(fetch)
        if known is None:
            first = subject & ~(SUBJECTS - 1)
            known = self.block(origin, first, SUBJECTS, place, occasion, purpose)
            self._known[fetch] = known
        four: list[float] = known[subject & (SUBJECTS - 1)].tolist()
        return four

    def one(self, origin: int, subject: int, place: int, occasion: int, purpose: int) -> float:
        """The uniform at one address."""
        return self.four(origin, subject, place, occasion, purpose)[purpose & 3]


class _Last(threading.local):
    """The luck that a thread asked for last."""

    address: Address | None = None
    luck: Luck | None = None


_last = _Last()


def chance_of(address: Address) -> Luck:
    """The luck of a future's families; the arms of one future share what is computed."""
    if _last.luck is None or _last.address != address:
        _last.address = address
        _last.luck = Luck(run_key(address.seed, address.draw, address.luck, "chance"))
    return _last.luck


def draw_values(
    quantities: Iterable[Quantity],
    seed: int,
    draw: int,
    correlations: Sequence[Correlation] = (),
    ensemble: Ensemble | None = None,
) -> dict[str, float]:
    """The value of every uncertain quantity in one draw, by path; `CENTRAL` gives central values.

    Quantities of a group share a Gaussian factor: their scores have the stated correlation. Those
    named in `correlations` have theirs through the Cholesky factor of the whole matrix, in order
    of path. Of an ensemble one member is taken, and in the central draw none.
    """
    luck = Luck(run_key(seed, draw, 0, "parameters"))

    def score(key: str) -> float:
        return float(special.ndtri(luck.one(0, 0, place_code(key), 0, Purpose.PARAMETER)))

    joint = _joint_scores(correlations, score) if draw != CENTRAL else {}
    values: dict[str, float] = {}
    if ensemble is not None and draw != CENTRAL:
        u = luck.one(0, 0, place_code("ensemble"), 0, Purpose.PARAMETER)
        member = ensemble.members[int(u * len(ensemble.members))]
        values |= dict(zip(ensemble.paths, member, strict=True))
    for quantity in quantities:
        if draw == CENTRAL or quantity.spread is Spread.NONE:
            values.setdefault(quantity.path, quantity.value)
            continue
        z = joint[quantity.path] if quantity.path in joint else score(quantity.path)
        if quantity.group:
            common = score(f"group:{quantity.group}")
            share = quantity.correlation
            z = math.sqrt(share) * common + math.sqrt(1 - share) * z
        values[quantity.path] = quantity.at(z)
    return values


def _joint_scores(
    correlations: Sequence[Correlation], score: Callable[[str], float]
) -> dict[str, float]:
    """The correlated scores of the numbers that are named, by path."""
    if not correlations:
        return {}
    paths, matrix = correlation_matrix(correlations)
    own = np.array([score(path) for path in paths])
    joint = np.linalg.cholesky(matrix) @ own
    return dict(zip(paths, joint.tolist(), strict=True))
