"""The tables of a scenario file that are about practice: effects, models, presets, a reform."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from simfs.scenario.form_parts import (
    Form,
    NotNegative,
    Positive,
    QuantityForm,
    QuantityIn,
    Share,
    Text,
    or_array,
)
from simfs.scenario.staff_forms import CaseloadForm, StaffingForm, TimeFreedForm, TrainingForm


class RampForm(Form):
    """How an effect builds up."""

    half_months: QuantityIn = Field(description="months to half the effect")
    ninety_months: QuantityIn = Field(description="months to nine tenths of it")
    start_months: float = Field(default=0.0, description="months from go-live to its start")


class FadeForm(Form):
    """How an effect wears off."""

    start_months: float = Field(description="months from go-live")
    half_life_years: QuantityIn = Field(description="years to lose half")


class EffectChangeForm(Form):
    """What a preset may say about an effect."""

    ratio: QuantityIn | None = Field(default=None, description="multiplier at full strength")
    reading: Literal["route", "flow"] = Field(default="route", description="what the ratio is of")
    published: QuantityIn | None = Field(default=None, description="published ratio of the flow")
    ramp: RampForm | None = Field(default=None, description="how it builds up")
    fade: FadeForm | None = Field(default=None, description="how it wears off")
    team_share: QuantityIn = Field(
        default_factory=lambda: QuantityForm(value=1.0),
        description="share that team practice carries without specialists, 0 to 1",
    )
    reference_dose: QuantityIn = Field(
        default_factory=lambda: QuantityForm(value=100.0),
        description="mean dose that the evidence's staffing delivers, percent of need-days",
    )
    dose_power: QuantityIn = Field(
        default_factory=lambda: QuantityForm(value=1.0),
        description="how strongly the rest follows the dose",
    )
    remainder: Text | None = Field(default=None, description="route that takes what is prevented")


class EffectForm(EffectChangeForm):
    """One way in which a practice model changes the pathway."""

    label: Text = Field(default="", description="words for people; from the key when left out")
    kind: Literal["route", "stream", "stay", "turnover", "recruitment", "agency"] = Field(
        description="what it multiplies"
    )
    targets: list[Text] = Field(description='"stage.route", "stream", "stage" or "workforce"')


class InvestmentForm(Form):
    """A sum that a practice model costs whatever happens."""

    label: Text = Field(default="", description="words for people; from the key when left out")
    pounds: list[float] = Field(description="pounds by financial year of the run")
    payer: Text = Field(default="council", description="who pays")
    ledger: Literal["investment", "grant"] = Field(default="investment", description="which ledger")


class PracticeForm(Form):
    """A named list of changes."""

    label: Text = Field(default="", description="words for people; from the key when left out")
    go_live: dt.date | None = Field(default=None, description="the day it starts")
    slip_months: QuantityIn = Field(
        default_factory=lambda: QuantityForm(value=0.0),
        description="months by which all effects start later than planned",
    )
    training: TrainingForm | None = Field(
        default=None, description="how staff learn it; none: everyone is trained throughout"
    )
    staffing: list[StaffingForm] = Field(default_factory=list, description="posts by date")
    staffing_late_months: NotNegative = Field(
        default=0.0, description="months by which every date of staffing comes later"
    )
    time_freed: TimeFreedForm | None = Field(
        default=None, description="time freed from recording by the practice"
    )
    caseloads: list[CaseloadForm] = Field(default_factory=list, description="limits by date")
    effects: dict[str, EffectForm] = Field(default_factory=dict, description="what it changes")
    investments: dict[str, InvestmentForm] = Field(default_factory=dict, description="sums")


class PresetForm(Form):
    """A named set of beliefs about effects."""

    label: Text = Field(default="", description="words for people; from the key when left out")
    effects: dict[str, EffectChangeForm] = Field(
        default_factory=dict, description="what to believe of each effect"
    )
    read_from: list[Text] = Field(
        default_factory=list,
        description="authorities whose own results it states; it is not back-tested on them",
    )


class ReformForm(Form):
    """A national reform, which gives every arm part of a practice model's effects."""

    practice_model: Text = Field(description="practice model whose effects it brings")
    date: dt.date = Field(description="the day it starts")
    share: QuantityIn = Field(description="share of the effects at full strength, 0 to 1")
    half_months: QuantityIn = Field(description="months to half of that share")
    ninety_months: QuantityIn = Field(description="months to nine tenths of it")


class ServiceCrisisForm(Form):
    """A service in crisis, which ends the effects of practice models and escalates families."""

    per_year: Share = Field(description="chance a year, at most once in a run")
    ratio: Positive = Field(description="what the chance of each target is multiplied by")
    months: Positive = Field(description="months for which it does so")
    targets: list[Text] = Field(description='"stage.route" of each way up')


class WalkForm(Form):
    """A walk that moves streams and routes from month to month, whatever the practice."""

    label: Text = Field(default="", description="words for people; from the key when left out")
    targets: list[Text] = Field(min_length=1, description='"stream" or "stage.route"')
    sd: QuantityIn = Field(description="standard deviation of its logarithm in the long run")
    half_life_months: QuantityIn = Field(description="months until half of a deviation is left")
    returns_to: QuantityIn = Field(
        default_factory=lambda: QuantityForm(value=1.0),
        description="multiple of the opening level that it is drawn to",
    )


class FallForm(Form):
    """How often a count falls in authorities that change nothing."""

    fall: Share = Field(gt=0, lt=1, description="by this share, or more")
    years: int = Field(ge=1, description="years over which it falls")
    chance: Share = Field(gt=0, lt=1, description="share of authorities in which it does")


class DriftTargetForm(Form):
    """How much a published count wanders with no change of practice."""

    count: Text = Field(description="published stock, such as looked_after")
    what: Literal["at_end", "starts"] = Field(
        description="children in it at the end of a year, or who start in a year"
    )
    sd: Annotated[list[Positive], BeforeValidator(or_array)] = Field(
        min_length=1, description="standard deviation of the log change over 1, 2, 3 … years"
    )
    chances: list[FallForm] = Field(default_factory=list, description="how often it falls")


class MechanismsForm(Form):
    """What the model has working; false switches a mechanism off."""

    waiting: bool = Field(default=True, description="waiting lists and crises while waiting")
    turnover: bool = Field(default=True, description="workers who leave, and empty posts")
    handovers: bool = Field(default=True, description="days added by a change of worker")
    dose: bool = Field(default=True, description="effects that depend on the specialist dose")
    caseload: bool = Field(default=True, description="the arm's own posts and time freed")
    training: bool = Field(default=True, description="courses and skill")
    route_effects: bool = Field(default=True, description="effects on routes and arrivals")
    stay_effects: bool = Field(default=True, description="effects on stays")
    workforce_effects: bool = Field(default=True, description="effects on workforces")
    slip: bool = Field(default=True, description="a later start than planned")
    fade: bool = Field(default=True, description="effects that wear off")
    reform: bool = Field(default=True, description="the national reform")
    service_crisis: bool = Field(default=True, description="a service in crisis")
    drift: bool = Field(default=True, description="the authority's own wandering")
