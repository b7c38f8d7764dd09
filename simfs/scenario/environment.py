"""The authority's own wandering: walks that move its demand and its thresholds month by month."""

from dataclasses import dataclass
from enum import StrEnum

from simfs.scenario.quantities import Quantity


@dataclass(frozen=True, slots=True)
class Walk:
    """A mean-reverting walk of what some streams and routes are multiplied by.

    On average it is one on the opening day; all arms share it.

    Attributes:
        key: identity.
        label: words for people.
        targets: (stream key, "") of arrivals, (stage key, route key) of chances.
        sd: standard deviation of its logarithm in the long run.
        half_life: months after which half of a deviation is left.
        returns_to: multiple of the opening level that it is drawn to.
    """

    key: str
    label: str
    targets: tuple[tuple[str, str], ...]
    sd: Quantity
    half_life: Quantity
    returns_to: Quantity


class Counted(StrEnum):
    """What of a published stock is counted."""

    AT_END = "at_end"
    STARTS = "starts"


@dataclass(frozen=True, slots=True)
class Fall:
    """How often a count falls in authorities that change nothing.

    Attributes:
        share: by which it falls, or by more, (0, 1).
        years: over which it does.
        chance: share of authorities whose count falls so, (0, 1).
    """

    share: float
    years: int
    chance: float


@dataclass(frozen=True, slots=True)
class DriftTarget:
    """How much a published count wanders in authorities of this size; walks are sized by it.

    Attributes:
        count: key of the published stock.
        what: children in it at the end of a year, against those at the opening; or children who
            start in a year, against those who start in the first.
        sd: standard deviation of the logarithm of that ratio over 1, 2, 3 … years.
        falls: how often the count falls.
    """

    count: str
    what: Counted
    sd: tuple[float, ...]
    falls: tuple[Fall, ...] = ()


@dataclass(frozen=True, slots=True)
class Environment:
    """One future's drift, shared by the arms.

    Attributes:
        factors: what the targets of each walk are multiplied by, by walk in order of key, then by
            month of the run; empty for no drift.
    """

    factors: tuple[tuple[float, ...], ...] = ()


STILL = Environment()
