"""Practice models: a named list of changes to the base scenario."""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from simfs.scenario.quantities import Quantity


class EffectKind(StrEnum):
    """What an effect multiplies: chances of routes, arrivals of streams, or mean stays."""

    ROUTE = "route"
    STREAM = "stream"
    STAY = "stay"


class Reading(StrEnum):
    """Whether a published ratio is of the route itself, or of the flow that all effects leave."""

    ROUTE = "route"
    FLOW = "flow"


@dataclass(frozen=True, slots=True)
class Ramp:
    """How an effect builds up: log-logistic, zero at its start, exact at two stated points.

    The curve is 1 / (1 + (t / half)^-k) with k = ln 9 / ln(ninety / half).

    Attributes:
        start: day of the run on which it starts (may be negative).
        half: days from there to half the effect.
        ninety: days from there to nine tenths; greater than `half`.
    """

    start: int
    half: Quantity
    ninety: Quantity

    @staticmethod
    def shares(days: NDArray[np.int64], half: float, ninety: float) -> NDArray[np.float64]:
        """Shares of the full effect so many `days` after the start; 0 before. Same shape."""
        power = math.log(9) / math.log(ninety / half)
        since = np.maximum(days, 0) / half
        return np.asarray(since**power / (1 + since**power))


@dataclass(frozen=True, slots=True)
class Fade:
    """How an effect wears off.

    Attributes:
        start: day of the run from which it decays.
        half_life: days.
    """

    start: int
    half_life: Quantity


@dataclass(frozen=True, slots=True)
class Cohort:
    """Staff trained on a day, as a share of all who are to be trained."""

    day: int
    share: float


@dataclass(frozen=True, slots=True)
class Effect:
    """One way in which a practice model changes the pathway.

    Attributes:
        key: identity.
        label: words for people.
        kind: what it multiplies.
        targets: (stage key, route key) for routes; (stream key, "") or (stage key, "") otherwise.
        ratio: multiplier at full strength (on the route itself, whatever the reading).
        published: the published ratio when `reading` is `FLOW`; equal to `ratio.value` otherwise.
        reading: what the published ratio is of.
        ramp: how it builds up.
        fade: how it wears off, or None.
        team_share: w, the share that team practice carries without specialists, [0, 1].
        reference_dose: mean dose (percent of need-days) that the evidence's staffing delivers.
        dose_power: γ, how strongly the rest follows the dose.
        remainder: route that takes what is prevented, where the stage has it; None: the stage's.
    """

    key: str
    label: str
    kind: EffectKind
    targets: tuple[tuple[str, str], ...]
    ratio: Quantity
    published: float
    reading: Reading
    ramp: Ramp
    fade: Fade | None
    team_share: Quantity
    reference_dose: Quantity
    dose_power: Quantity
    remainder: str | None = None


@dataclass(frozen=True, slots=True)
class Investment:
    """A sum that a practice model costs whatever happens.

    Attributes:
        key: identity.
        label: words for people.
        pounds: by financial year of the run, in order; missing years are nothing.
        payer: who pays, such as "council".
        ledger: "investment", or "grant" (negative pounds: money received).
    """

    key: str
    label: str
    pounds: tuple[float, ...]
    payer: str
    ledger: str


@dataclass(frozen=True, slots=True)
class PracticeModel:
    """A named list of changes; an empty one changes nothing.

    Attributes:
        key: identity.
        label: words for people.
        go_live: day of the run, or None when nothing starts.
        effects: in order of key.
        trained: cohorts in order of day; empty: everyone is trained throughout.
        investments: in order of key.
    """

    key: str
    label: str
    go_live: int | None
    effects: tuple[Effect, ...]
    trained: tuple[Cohort, ...]
    investments: tuple[Investment, ...]
