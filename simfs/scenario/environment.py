"""The authority's own wandering: monthly multipliers on its demand and its thresholds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Environment:
    """One future's drift, shared by the arms.

    Attributes:
        arrivals: multiplier on the rate of every drifting stream, by month of the run.

    An empty tuple is no drift. Thresholds into plans and care follow when drift is switched on.
    """

    arrivals: tuple[float, ...] = ()


STILL = Environment()
