"""Random numbers by address: the generator is the published one, and addresses do not collide."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from simfs.engine.draws import (
    CENTRAL,
    SUBJECTS,
    Address,
    Luck,
    Purpose,
    address_of,
    chance_of,
    draw_values,
    origin_code,
    place_code,
    run_key,
)
from simfs.scenario.quantities import Quantity, Spread

ONES = 2**64 - 1

# Random123 (Salmon et al. 2011), kat_vectors: philox4x64, 10 rounds.
KNOWN = {
    "zeros": (
        (0, 0, 0, 0),
        (0, 0),
        (0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B),
    ),
    "ones": (
        (ONES, ONES, ONES, ONES),
        (ONES, ONES),
        (0x87B092C3013FE90B, 0x438C3C67BE8D0224, 0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0),
    ),
    "digits of pi": (
        (0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89),
        (0x452821E638D01377, 0xBE5466CF34E90C6C),
        (0xA528F45403E61D95, 0x38C72DBD566E9788, 0xA5A1610E72FD18B5, 0x57BD43B5E52B7FE6),
    ),
}


def before(counter: tuple[int, ...]) -> list[int]:
    """The counter one step earlier: the generator steps before each block."""
    whole = sum(word << 64 * i for i, word in enumerate(counter)) - 1
    return [whole >> 64 * i & ONES for i in range(4)]


@pytest.mark.parametrize("name", KNOWN)
def test_the_generator_gives_the_published_known_answers(name: str) -> None:
    counter, key, answer = KNOWN[name]
    generator = np.random.Philox(
        counter=np.array(before(counter), dtype=np.uint64), key=np.array(key, dtype=np.uint64)
    )
    assert [int(word) for word in generator.random_raw(4)] == list(answer)


def test_a_uniform_is_the_published_word_at_the_counter_that_its_address_names() -> None:
    key, first, place, occasion = (11, 22), 5, 77, 3
    origin, purpose = 9, Purpose.AGE
    counter = (first + 1, place, occasion, (purpose >> 2) + (origin << 16))
    words = np.random.Philox(
        counter=np.array(before(counter), dtype=np.uint64), key=np.array(key, dtype=np.uint64)
    ).random_raw(4)
    expected = [((int(word) >> 12) * 2 + 1) / 2**53 for word in words]
    assert Luck(key).block(origin, first, 1, place, occasion, purpose)[0].tolist() == expected
    assert Luck(key).one(origin, first, place, occasion, purpose) == expected[purpose & 3]


@given(
    origin=st.integers(0, 2**32 - 1),
    subject=st.integers(0, 2**31),
    place=st.integers(0, 2**64 - 1),
    occasion=st.integers(0, 2**35),
    purpose=st.sampled_from(Purpose),
)
@settings(max_examples=60, deadline=None)
def test_four_at_a_time_equals_a_block(
    origin: int, subject: int, place: int, occasion: int, purpose: Purpose
) -> None:
    luck = Luck((1, 2))
    block = luck.block(origin, subject, 1, place, occasion, purpose)[0].tolist()
    assert luck.four(origin, subject, place, occasion, purpose) == block


def test_a_long_block_is_its_subjects_one_by_one() -> None:
    luck = Luck((3, 4))
    count = 3 * SUBJECTS + 5
    block = luck.block(7, 10, count, 8, 1, Purpose.STAY)
    assert block.tolist() == [luck.four(7, 10 + n, 8, 1, Purpose.STAY) for n in range(count)]


def test_uniforms_are_odd_multiples_that_are_never_zero_or_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    luck = Luck((5, 6))

    class Extreme:
        state = None

        def random_raw(self, count: int) -> np.ndarray:
            return np.array([0, ONES, 4095, ONES - 4095], dtype=np.uint64)

    monkeypatch.setattr(luck, "_generator", Extreme())
    least, most, also_least, also_most = luck.block(0, 0, 1, 0, 0, 0)[0].tolist()
    assert least == also_least == 2.0**-53
    assert most == also_most == 1 - 2.0**-53


def test_uniforms_are_even_and_their_lanes_independent() -> None:
    u = Luck((7, 8)).block(1, 0, 20_000, 2, 1, Purpose.STAY)
    for lane in range(4):
        assert stats.kstest(u[:, lane], "uniform").pvalue > 1e-4
    correlation = np.corrcoef(u.T) - np.eye(4)
    assert np.abs(correlation).max() < 4.5 / np.sqrt(20_000)


def test_every_part_of_an_address_matters() -> None:
    luck = Luck((1, 1))
    base = (1, 2, 3, 4, Purpose.STAY)
    seen = {luck.one(*base)}
    for part in range(4):
        changed = list(base)
        changed[part] += 1
        seen.add(luck.one(*changed))
    seen |= {luck.one(*base[:4], purpose) for purpose in Purpose if purpose != Purpose.STAY}
    assert len(seen) == 1 + 4 + len(Purpose) - 1


def test_every_part_of_a_run_key_matters() -> None:
    keys = {
        run_key(*parts)
        for parts in [
            (1, 0, 0, "chance"), (2, 0, 0, "chance"), (1, 1, 0, "chance"), (1, 0, 1, "chance"),
            (1, 0, 0, "drift"),
        ]
    }  # fmt: skip
    assert len(keys) == 5


def test_addresses_go_four_to_a_draw_as_two_drifts_of_two_lucks() -> None:
    found = [address_of(9, future) for future in range(8)]
    assert [(a.draw, a.drift, a.luck) for a in found] == [
        (0, 0, 0), (0, 0, 1), (0, 1, 2), (0, 1, 3), (1, 0, 0), (1, 0, 1), (1, 1, 2), (1, 1, 3),
    ]  # fmt: skip
    assert len({run_key(a.seed, a.draw, a.luck, "chance") for a in found}) == 8


def test_the_luck_of_an_address_does_not_depend_on_what_was_asked_before() -> None:
    alone = chance_of(Address(1, 2, 0, 1)).one(1, 40, 5, 1, Purpose.ROUTE)
    chance_of(Address(1, 3, 0, 1)).one(1, 40, 5, 1, Purpose.ROUTE)
    again = chance_of(Address(1, 2, 0, 1))
    again.one(1, 33, 5, 1, Purpose.STAY)
    assert again.one(1, 40, 5, 1, Purpose.ROUTE) == alone


def test_codes_of_places_do_not_change() -> None:
    """They are part of what a seed means: a change would change every published run."""
    assert place_code("child_protection") == 2305628210583086268
    assert origin_code("stream:referral") == place_code("stream:referral") & 0xFFFFFFFF


def quantity(path: str, **options) -> Quantity:
    fields = {"value": 10.0, "spread": Spread.NORMAL, "low": 8.0, "high": 12.0}
    return Quantity(path=path, **{**fields, **options})


def test_the_central_draw_gives_central_values() -> None:
    assert draw_values([quantity("a")], 1, CENTRAL) == {"a": 10.0}


def test_a_drawn_quantity_has_the_stated_tenth_and_ninetieth() -> None:
    values = np.array([draw_values([quantity("a")], 1, draw)["a"] for draw in range(4_000)])
    # A share of one tenth in 4,000 draws has a standard error of 0.0047.
    assert abs((values < 8.0).mean() - 0.1) < 0.02
    assert abs((values > 12.0).mean() - 0.1) < 0.02


def test_a_draw_does_not_depend_on_which_other_quantities_there_are() -> None:
    alone = draw_values([quantity("b")], 4, 7)["b"]
    assert draw_values([quantity("a"), quantity("b")], 4, 7)["b"] == alone


def test_quantities_of_a_group_have_the_stated_correlation() -> None:
    both = [quantity(path, group="g", correlation=0.6) for path in "ab"]
    drawn = [draw_values(both, 2, draw) for draw in range(3_000)]
    found = np.corrcoef([d["a"] for d in drawn], [d["b"] for d in drawn])[0, 1]
    # Fisher: the standard error of atanh(r) is 1 / sqrt(n − 3).
    assert abs(np.arctanh(found) - np.arctanh(0.6)) < 4 / np.sqrt(2_997)
