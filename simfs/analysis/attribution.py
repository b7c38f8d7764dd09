"""Which of the assumptions in which two scenarios differ moved a claim's figure, and by how much.

Each assumption is changed alone from the first scenario to the second, and again as the last,
when all others are changed already, future by future with the same luck. Where assumptions act
through each other these two differ, and what each order leaves is told as done together, so that
parts and remainder are the whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from simfs.analysis.claims import FloatArray, Verdict
from simfs.analysis.mechanisms import Amount, amount_of
from simfs.engine.tally import IntArray


@dataclass(frozen=True, slots=True)
class Share:
    """What one assumption moves, in the claim's unit.

    Attributes:
        alone: when it is changed first; None where it cannot be changed alone.
        last: when it is changed last; None where the others cannot be changed without it.
    """

    alone: Amount | None
    last: Amount | None


@dataclass(frozen=True, slots=True)
class Attribution:
    """What moved one claim's figure between two scenarios.

    Attributes:
        first: the claim in the first scenario.
        second: the same claim of the same arm in the second.
        whole: second less first; None where futures cannot be paired.
        shares: of each assumption, in their order; empty where nothing is attributed.
        together: what the shares leave of the whole.
    """

    first: Verdict
    second: Verdict
    whole: Amount | None
    shares: tuple[Share, ...] = ()
    together: Share = Share(None, None)


def attributed(
    verdicts: tuple[Verdict, Verdict],
    ends: tuple[FloatArray, FloatArray],
    alone: Sequence[FloatArray | None],
    last: Sequence[FloatArray | None],
    draws: IntArray,
) -> Attribution:
    """Share out the difference of one claim's figure.

    Args:
        verdicts: in the first and in the second scenario.
        ends: the figure in every future of both, float64[N].
        alone: the same of the first with each assumption changed; None where that is refused.
        last: the same of the second with each assumption changed back.
        draws: draw of each future, int64[N].
    """
    before, after = ends
    whole = after - before
    firsts = [None if figure is None else figure - before for figure in alone]
    lasts = [None if figure is None else after - figure for figure in last]
    return Attribution(
        *verdicts,
        whole=amount_of(whole, draws),
        shares=tuple(
            Share(*(None if part is None else amount_of(part, draws) for part in pair))
            for pair in zip(firsts, lasts, strict=True)
        ),
        together=Share(*(amount_of(_left(whole, parts), draws) for parts in (firsts, lasts))),
    )


def _left(whole: FloatArray, parts: Sequence[FloatArray | None]) -> FloatArray:
    left = whole.copy()
    for part in parts:
        if part is not None:
            left -= part
    return left
