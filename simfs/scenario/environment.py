"""The authority's own wandering: walks that move its demand and its thresholds month by month."""

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Environment:
    """One future's drift, shared by the arms.

    Attributes:
        factors: what the targets of each walk are multiplied by, by walk in order of key, then by
            month of the run; empty for no drift.
    """

    factors: tuple[tuple[float, ...], ...] = ()


STILL = Environment()
