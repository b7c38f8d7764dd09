"""Practice models: a named list of changes to the base scenario."""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from simfs.scenario.quantities import Quantity


class EffectKind(StrEnum):
    """What an effect multiplies.

    `ROUTE`: chances of routes; `STREAM`: arrivals; `STAY`: mean stays. Of a workforce: `TURNOVER`:
    the rate at which permanent workers leave; `RECRUITMENT`: the rate at which posts are filled;
    `AGENCY`: the share of appointments that are agency workers.
    """

    ROUTE = "route"
    STREAM = "stream"
    STAY = "stay"
    TURNOVER = "turnover"
    RECRUITMENT = "recruitment"
    AGENCY = "agency"


ON_FAMILIES = (EffectKind.ROUTE, EffectKind.STREAM, EffectKind.STAY)
ON_WORKERS = (EffectKind.TURNOVER, EffectKind.RECRUITMENT, EffectKind.AGENCY)


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
class Course:
    """Training on a day, for as many as there are seats; negative days are before the start."""

    day: int
    seats: int


@dataclass(frozen=True, slots=True)
class Training:
    """How the workers of some teams learn the practice.

    Attributes:
        teams: keys of the teams that are trained.
        courses: in order of day. Those longest in post go first.
        rolling_days: days from one later course to the next, for starters; 0 for none.
        rolling_seats: seats of each of them.
        skill_first: share of the practice that a worker has on the day of the course, [0, 1].
        skill_days: days from there until the worker has all of it.
        reference: mean skill of the staff in the evidence, at which an effect has its published
            strength, (0, 1].
    """

    teams: tuple[str, ...]
    courses: tuple[Course, ...]
    rolling_days: int
    rolling_seats: int
    skill_first: float
    skill_days: int
    reference: Quantity


@dataclass(frozen=True, slots=True)
class Effect:
    """One way in which a practice model changes the pathway.

    Attributes:
        key: identity.
        label: words for people.
        kind: what it multiplies.
        targets: (stage key, route key) for routes; (key, "") of streams, stages or workforces
            otherwise.
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
        go_live: planned day of the run, or None when nothing starts.
        slip: days by which all ramps start later than planned (negative: earlier).
        effects: in order of key.
        training: how staff learn it; None: everyone is trained throughout.
        investments: in order of key.
    """

    key: str
    label: str
    go_live: int | None
    slip: Quantity
    effects: tuple[Effect, ...]
    training: Training | None
    investments: tuple[Investment, ...]


@dataclass(frozen=True, slots=True)
class Reform:
    """A national reform, which gives every arm part of a practice model's effects.

    An arm whose own effect is stronger on a day keeps its own.

    Attributes:
        start: day of the run.
        share: of the effects at full strength, [0, 1].
        half, ninety: days from its start to half and nine tenths of that share.
        effects: what it brings, in order of key.
    """

    start: int
    share: Quantity
    half: Quantity
    ninety: Quantity
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class ServiceCrisis:
    """A service in crisis: practice models lose their effects, and more families are escalated.

    Every arm meets it on the same day of the same future, at most once in a run.

    Attributes:
        per_year: chance a year.
        ratio: what the chance of each target is multiplied by.
        targets: (stage key, route key).
        days: how long that lasts; the effects of practice models do not come back.
    """

    per_year: float
    ratio: float
    targets: tuple[tuple[str, str], ...]
    days: int
