"""The kernel's uniforms: the generator of simfs.engine.draws, written out for the compiler.

Philox 4x64, ten rounds: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2,
3", SC'11. The counter's words are as in simfs.engine.draws; tests compare the two.
"""

from typing import Any

import numpy as np

from simfs.engine.jit import high_word, inlined
from simfs.engine.kernel.records import World, knot_cell
from simfs.engine.tables import CELLS, COARSE, KNOTS, TAIL_CELLS, TAIL_START

Four = tuple[float, float, float, float]

MULTIPLIER_0 = np.uint64(0xD2E7470EE14C6C93)
MULTIPLIER_1 = np.uint64(0xCA5A826395121157)
STEP_0 = np.uint64(0x9E3779B97F4A7C15)
STEP_1 = np.uint64(0xBB67AE8584CAA73B)
ROUNDS = 10
UNUSED_BITS = np.uint64(12)
PURPOSES_IN_BLOCK = 4
ORIGIN_BITS = 16
CHILD_BITS = 32


@inlined
def four(world: World, subject: int, origin: int, code: Any, occasion: int, purpose: int) -> Four:
    """The four uniforms of the block that a purpose is in."""
    key_0, key_1 = world.key_0, world.key_1
    # The library's generator steps its counter before each block.
    word_0, word_1 = np.uint64(subject + 1), np.uint64(code)
    word_2 = np.uint64(occasion)
    word_3 = np.uint64(purpose // PURPOSES_IN_BLOCK + (origin << ORIGIN_BITS))
    for _ in range(ROUNDS):
        high_0, low_0 = high_word(MULTIPLIER_0, word_0), MULTIPLIER_0 * word_0
        high_1, low_1 = high_word(MULTIPLIER_1, word_2), MULTIPLIER_1 * word_2
        word_0, word_1 = high_1 ^ word_1 ^ key_0, low_1
        word_2, word_3 = high_0 ^ word_3 ^ key_1, low_0
        key_0, key_1 = key_0 + STEP_0, key_1 + STEP_1
    return uniform(word_0), uniform(word_1), uniform(word_2), uniform(word_3)


@inlined
def uniform(word: Any) -> float:
    """An odd multiple of 2**-53 in (0, 1), of the word's upper 52 bits."""
    return np.float64(np.int64(word >> UNUSED_BITS)) * 2.0**-52 + 2.0**-53


@inlined
def one(world: World, case: Any, code: Any, occasion: int, purpose: int) -> float:
    """The uniform at one address of a case's luck."""
    return four(world, case.subject, case.luck, code, occasion, purpose)[
        purpose % PURPOSES_IN_BLOCK
    ]


@inlined
def of_visit(world: World, case: Any, stage: Any, purpose: int) -> Four:
    """The four uniforms of a purpose's block for the visit a case is on."""
    occasion = case.visit + (case.child << CHILD_BITS)
    return four(world, case.subject, case.luck, stage.code, occasion, purpose)


@inlined
def value(world: World, table: int, u: float) -> float:
    """A quantile table at a uniform."""
    if u < TAIL_START:
        x = u * CELLS
        cell = int(x)
        knot = cell
    else:
        x = (u - TAIL_START) * TAIL_CELLS
        cell = int(x)
        knot = cell + COARSE
    at = table * KNOTS + knot
    low = knot_cell(world, at).value
    return float(low + (knot_cell(world, at + 1).value - low) * (x - cell))


@inlined
def days(world: World, mean: float, table: int, u: float) -> int:
    """A stay of a mean and a table at a uniform: whole days, at least one."""
    return max(int(mean * value(world, table, u) + 0.5), 1)
