"""Colours of the figures, as colour-blind readers see them and as a grey printer prints them."""

from itertools import combinations

import numpy as np
import pytest

from simfs.report.charts import ARM_COLOURS, MARKERS
from simfs.report.figures import CLAIM_COLOUR

# Machado, Oliveira and Fernandes (2009), full severity, on linear RGB
SIGHTS = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
    "all colours": np.eye(3).tolist(),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = TO_XYZ.sum(axis=1)
# CIE 1976 difference: about 2 can just be seen side by side; lines lie apart
CLEARLY_APART = 15.0


def linear(colour: str) -> np.ndarray:
    """Red, green and blue as light, [0, 1]."""
    value = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(light: np.ndarray) -> np.ndarray:
    """Lightness and two hues, in which equal steps look equal."""
    scaled = TO_XYZ @ light / WHITE
    root = np.where(scaled > (6 / 29) ** 3, np.cbrt(scaled), scaled * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def apart(one: str, other: str, sight: str) -> float:
    first, second = (
        lab(np.clip(np.array(SIGHTS[sight]) @ linear(colour), 0, 1)) for colour in (one, other)
    )
    return float(np.linalg.norm(first - second))


def test_black_and_white_are_a_hundred_apart():
    assert apart("#000000", "#ffffff", "all colours") == pytest.approx(100, abs=0.1)


def test_red_and_green_are_near_for_those_who_see_no_green():
    # the test would be worth nothing if it saw what such readers do not
    assert apart("#b00000", "#5a6e00", "all colours") > 3 * apart(
        "#b00000", "#5a6e00", "deuteranopia"
    )


@pytest.mark.parametrize("sight", SIGHTS)
def test_arms_of_a_figure_are_told_apart_by_every_reader(sight):
    for one, other in combinations(ARM_COLOURS[:4], 2):
        assert apart(one, other, sight) > CLEARLY_APART, (one, other)


@pytest.mark.parametrize("sight", SIGHTS)
def test_what_is_claimed_is_told_from_the_bars_it_stands_beside(sight):
    for colour in ARM_COLOURS[1:3]:
        assert apart(CLAIM_COLOUR, colour, sight) > CLEARLY_APART, colour


def test_in_grey_print_every_arm_has_a_mark_of_its_own():
    assert tuple(MARKERS) == ARM_COLOURS
    assert len(set(MARKERS.values())) == len(ARM_COLOURS)


def test_lines_are_dark_enough_on_white_paper():
    # 3 to 1, as WCAG 1.4.11 asks of what has to be seen in a figure
    for colour in ARM_COLOURS[:4]:
        light = float((TO_XYZ @ linear(colour))[1])
        assert 1.05 / (light + 0.05) >= 3, colour
