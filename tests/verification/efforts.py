"""How hard a comparison looks: quick in every run, thorough under the `slow` mark."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest


@dataclass(frozen=True, slots=True)
class Effort:
    """How many times the quick replications, and the relative error that must be visible."""

    times: int
    visible: float


def efforts(
    quick: float, thorough: float, names: str = "", sets: Sequence[tuple[Any, ...]] = ((),)
) -> pytest.MarkDecorator:
    """Run the first set of parameters quickly, and all of them thoroughly under `slow`.

    Args:
        quick, thorough: relative error that must be visible; it costs its inverse square.
        names, sets: of the parameters, as for `pytest.mark.parametrize`.
    """
    light, heavy = Effort(1, quick), Effort(round((quick / thorough) ** 2), thorough)
    label = ["-".join(str(value) for value in values) for values in sets]
    runs = [pytest.param(light, *sets[0], id=f"quick-{label[0]}")]
    runs += [
        pytest.param(heavy, *values, id=f"thorough-{name}", marks=pytest.mark.slow)
        for values, name in zip(sets, label, strict=True)
    ]
    return pytest.mark.parametrize(",".join(["effort", *filter(None, [names])]), runs)
