"""Who is there at the start and who comes: one future's families, before any engine runs.

Computed once for a future by this one function, so that engines share it to the last bit.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from scipy import special

from simfs.engine.draws import Address, Luck, Purpose, chance_of
from simfs.engine.program import (
    DAYS_TO_18,
    NOBODY,
    FloatArray,
    IntArray,
    OpeningCode,
    OriginCode,
    Program,
)
from simfs.engine.tables import look_up
from simfs.scenario.environment import Environment

NO_BIRTHDAY = -(2**31)
LEAST = 64


class Newcomer(NamedTuple):
    """One case of a group; see Group."""

    number: int
    day: int
    size: int
    needs: list[float]
    earlier_plan: int
    remaining: int
    route: int
    birth_day: int
    first_age: int


@dataclass(frozen=True, slots=True)
class Group:
    """The cases of one origin, in order of number.

    Attributes:
        number: place in its origin, from 0.
        day: day of arrival; 0 for opening stock.
        size: children.
        needs: one uniform per need, float64[case, need], correlated within the case.
        earlier_plan: 1 where the family has had a plan before.
        remaining: days still to stay (opening stock), else −1.
        route: route in stage already decided (opening stock of care), else −1.
        birth_day: day of birth of a child in care at the start, else NO_BIRTHDAY.
        first_age: age in days on first entering care, else −1.
    """

    number: IntArray
    day: IntArray
    size: IntArray
    needs: FloatArray
    earlier_plan: IntArray
    remaining: IntArray
    route: IntArray
    birth_day: IntArray
    first_age: IntArray

    def rows(self) -> Iterator[Newcomer]:
        """The cases one by one, as plain numbers."""
        columns = (getattr(self, name).tolist() for name in self.__slots__)
        return map(Newcomer._make, zip(*columns, strict=True))


def _uniforms(luck: Luck, origin: OriginCode, count: int, place: int, purpose: int) -> FloatArray:
    return luck.block(origin.code, 0, count, place, 1, purpose)


def _families(
    program: Program, luck: Luck, origin: OriginCode, own: FloatArray
) -> tuple[IntArray, FloatArray, IntArray]:
    """Sizes, need uniforms and earlier plans of the cases whose own uniforms are given."""
    count = len(own)
    size = np.searchsorted(program.sizes, own[:, Purpose.FAMILY_SIZE & 3], side="right") + 1
    if program.stages[origin.stage].child:
        size = np.ones(count, dtype=np.int64)
    earlier = (own[:, Purpose.EARLIER_PLAN & 3] < program.earlier_plan).astype(np.int64)
    needs = np.empty((count, len(program.needs)))
    if program.needs:
        common = special.ndtri(own[:, Purpose.NEED_COMMON & 3])
        rho = program.need_correlation
        for column, need in enumerate(program.need_codes):
            alone = special.ndtri(_uniforms(luck, origin, count, need, Purpose.NEED)[:, 0])
            needs[:, column] = special.ndtr(np.sqrt(rho) * common + np.sqrt(1 - rho) * alone)
    return size.astype(np.int64), needs, earlier


def _arrival_days(
    program: Program, luck: Luck, origin: OriginCode, environment: Environment
) -> tuple[IntArray, FloatArray]:
    """Case k arrives on the first day whose cumulative rate reaches the sum of its gaps.

    Returns the days and the cases' own uniforms.
    """
    cumulative = origin.cumulative
    if origin.walk != NOBODY and environment.factors:
        factors = np.take(environment.factors[origin.walk], program.months)
        moved = np.diff(cumulative, prepend=0.0) * factors
        cumulative = np.cumsum(moved)
    total = float(cumulative[-1]) if len(cumulative) else 0.0
    # Gaps are of mean and variance one: six standard deviations more than are due hardly ever fail.
    count = int(total + 6 * np.sqrt(total)) + LEAST if total > 0 else 0
    own, sums = np.zeros((0, 4)), np.zeros(0)
    while count and (not len(sums) or sums[-1] <= total):
        own = _uniforms(luck, origin, count, 0, Purpose.ARRIVAL_GAP)
        sums = np.cumsum(look_up(program.tables[0], own[:, Purpose.ARRIVAL_GAP & 3]))
        count *= 2
    by_then = np.searchsorted(sums, cumulative, side="right")
    day = np.repeat(np.arange(len(cumulative)), np.diff(by_then, prepend=0))
    return day.astype(np.int64), own[: len(day)]


def _arrivals(program: Program, luck: Luck, origin: OriginCode, environment: Environment) -> Group:
    day, own = _arrival_days(program, luck, origin, environment)
    size, needs, earlier = _families(program, luck, origin, own)
    none = np.full(len(day), NOBODY)
    birth = np.full(len(day), NO_BIRTHDAY)
    first_age = none
    if origin.ages != NOBODY and len(day):
        place = program.stages[origin.stage].code
        u = _uniforms(luck, origin, len(day), place, Purpose.AGE)[:, Purpose.AGE & 3]
        first_age = look_up(program.tables[origin.ages], u).astype(np.int64)
        birth = day - first_age
    number = np.arange(len(day))
    return Group(number, day, size, needs, earlier, none, none, birth, first_age)


def _stock(program: Program, luck: Luck, origin: OriginCode, opening: OpeningCode) -> Group:
    """Families until the published number of children is reached, the last cut to fit."""
    own = _uniforms(luck, origin, origin.opening, 0, Purpose.ARRIVAL_GAP)
    size, needs, earlier = _families(program, luck, origin, own)
    sums = np.cumsum(size)
    count = int(np.searchsorted(sums, origin.opening)) + 1
    size = size[:count].copy()
    size[-1] -= sums[count - 1] - origin.opening
    place = program.stages[origin.stage].code
    u = _uniforms(luck, origin, count, place, Purpose.LENGTH)
    cell = np.searchsorted(opening.cumulative, u[:, Purpose.ENTRY & 3], side="right")
    limited, mean, table = opening.limited[cell], opening.mean[cell], opening.table[cell]
    length = DAYS_TO_18 - opening.age[cell]
    for number in np.unique(table[table != NOBODY]):
        of = table == number
        share = u[of, Purpose.LENGTH & 3] * limited[of] / mean[of]
        biased = mean[of] * look_up(program.biased[number], np.minimum(share, 1 - 2.0**-53))
        length[of] = np.minimum(biased, length[of]) if origin.ages != NOBODY else biased
    served = u[:, Purpose.SERVED & 3] * length
    aged = origin.ages != NOBODY
    return Group(
        number=np.arange(count),
        day=np.zeros(count, dtype=np.int64),
        size=size,
        needs=needs[:count],
        earlier_plan=earlier[:count],
        remaining=(length - served).astype(np.int64),
        route=opening.route[cell],
        birth_day=-(served + opening.age[cell]).astype(np.int64)
        if aged
        else np.full(count, NO_BIRTHDAY),
        first_age=opening.first_age[cell].astype(np.int64) if aged else np.full(count, NOBODY),
    )


def families_digest(program: Program) -> bytes:
    """What stands for all of a program that `populate` reads."""
    digest = blake2b(digest_size=16)
    digest.update(program.tables.tobytes() + program.biased.tobytes())
    digest.update(repr((program.months, program.sizes, program.earlier_plan)).encode())
    digest.update(repr((program.need_codes, program.need_correlation)).encode())
    for origin in program.origins:
        stage, opening = program.stages[origin.stage], program.openings[origin.stage]
        plain = (origin.code, origin.opening, origin.ages, origin.walk, stage.code, stage.child)
        digest.update(repr(plain).encode() + origin.cumulative.tobytes())
        if origin.opening and opening is not None:
            for name in OpeningCode.__slots__:
                digest.update(getattr(opening, name).tobytes())
    return digest.digest()


class _Last(threading.local):
    """The families that a thread asked for last."""

    asked: tuple[bytes, Environment, Address] | None = None
    groups: tuple[Group, ...] = ()


_last = _Last()


def populate(program: Program, environment: Environment, address: Address) -> tuple[Group, ...]:
    """The families of one future, a group per origin in order; the same for every engine.

    Arms that differ only in how they work share them, so they are kept until others are asked for.
    """
    asked = (program.families, environment, address)
    if _last.asked != asked:
        _last.groups = _populated(program, environment, address)
        _last.asked = asked
    return _last.groups


def _populated(program: Program, environment: Environment, address: Address) -> tuple[Group, ...]:
    luck = chance_of(address)
    groups = []
    for origin in program.origins:
        opening = program.openings[origin.stage]
        if origin.opening and opening is not None:
            groups.append(_stock(program, luck, origin, opening))
        else:
            groups.append(_arrivals(program, luck, origin, environment))
    return tuple(groups)
