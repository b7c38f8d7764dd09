"""The scenario file as it may be written: tables, keys, units and the values each key may take.

Strict: nothing is coerced, an unknown key is an error, and a whole number is accepted where a
fraction belongs. `source`, `assumption`, `grade`, `note` and `defaults` may stand in any table and
are taken off before a table comes here (`simfs.scenario.sources`).
"""

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from simfs.scenario.fit_forms import BacktestForm, CalibrationForm, FitRowForm, PublishedForm
from simfs.scenario.form_parts import (
    Form,
    Grade,
    Key,
    NotNegative,
    Positive,
    QuantityForm,
    QuantityIn,
    Share,
    StayForm,
    Text,
    is_number,
    or_array,
    table_of,
)
from simfs.scenario.practice_forms import (
    DriftTargetForm,
    MechanismsForm,
    PracticeForm,
    PresetForm,
    ReformForm,
    ServiceCrisisForm,
    WalkForm,
)
from simfs.scenario.staff_forms import PublishedStaffingForm, TeamForm, WorkforceForm

DIRICHLET = "shares are drawn, as sure as if read off so many cases"


class StudyForm(Form):
    """What is studied, from when and for how long."""

    name: Text = Field(description="name of the results folder: a-z, 0-9, _ and -, up to 64")
    title: Text = Field(default="", description="words for people")
    start: dt.date = Field(description="first day, such as 2023-04-01")
    years: int | None = Field(default=None, description="length in whole years (or give days)")
    days: int | None = Field(default=None, description="length in days (or give years)")
    baseline: Text | None = Field(default=None, description="arm the others are compared with")
    preset: Text | None = Field(default=None, description="preset of effects in force")
    price_year: Text = Field(default="", description='year of the prices, such as "2022-23"')
    notes: list[Text] = Field(default_factory=list, description="what was changed for this run")


class SourceForm(Form):
    """Something that was read."""

    title: Text = Field(description="title of the document or data")
    where: Text = Field(default="", description="where it was found, and when")


class LabelForm(Form):
    """Words for people."""

    label: Text = Field(default="", description="words for people; from the key when left out")


class SplitForm(Form):
    """A destination that is one of several, by fixed shares."""

    shares: dict[str, Share] = Field(description="share of each stage or exit; sum to 1")
    dirichlet: Positive | None = Field(default=None, description=DIRICHLET)


class AgeMixForm(Form):
    """Ages on first entry to care."""

    edges: list[NotNegative] = Field(description="years; one more than shares, rising")
    shares: list[Share] = Field(description="share of each band; sum to 1")
    early: Positive = Field(default=1.0, description="power of the uniform in a band starting at 0")


class FamiliesForm(Form):
    """Sizes and histories of new families."""

    sizes: list[Share] = Field(
        default_factory=lambda: [1.0], description="chance of 1, 2, 3 … children; sum to 1"
    )
    earlier_plan: Share = Field(
        default=0.0, description="chance of an earlier child protection plan"
    )
    dirichlet: Positive | None = Field(default=None, description=DIRICHLET)


class NeedsForm(Form):
    """Adult needs: their correlation, and one sub-table for each."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, LabelForm]

    correlation: float = Field(
        default=0.0, ge=0, lt=1, description="copula correlation between two needs of a family"
    )


class StepForm(Form):
    """A level from a date on."""

    from_: dt.date | None = Field(default=None, alias="from", description="first day of this level")
    value: float = Field(ge=0, description="cases a year")


def _as_steps(value: object) -> object:
    return [{"value": value}] if is_number(value) else value


class StreamForm(Form):
    """A source of new cases."""

    label: Text = Field(default="", description="words for people; from the key when left out")
    to: Text = Field(description="stage that cases enter")
    per_year: Annotated[list[StepForm], BeforeValidator(_as_steps)] = Field(
        description="families (children for a child stage) a year; or steps with from and value"
    )
    ages: Text | None = Field(default=None, description="age mix, for a child stage")


class AgedSharesForm(Form):
    """Shares of placements of children who first came into care from an age on."""

    from_age: NotNegative = Field(description="years at first coming into care")
    shares: dict[str, Share] = Field(description="share of each placement; sum to 1")


class PlacementMixForm(Form):
    """Which placement a spell gets."""

    shares: dict[str, Share] = Field(
        default_factory=dict, description="share of each placement; sum to 1"
    )
    by_age: list[AgedSharesForm] = Field(
        default_factory=list, description="instead of shares: shares from each age on"
    )
    dirichlet: Positive | None = Field(default=None, description=DIRICHLET)


class RouteForm(Form):
    """One way out of a stage."""

    label: Text = Field(default="", description="words for people; from the key when left out")
    to: Text | None = Field(
        default=None, description="stage, exit or split; the route's key if left out"
    )
    p: Annotated[list[Share], BeforeValidator(or_array)] = Field(
        min_length=1, description="probability, or one per age band"
    )
    stay: StayForm | None = Field(
        default=None, description="the route's own stay (route_first only)"
    )
    ages: Text | None = Field(default=None, description="age mix of children who first enter care")
    share_of_children: Share = Field(
        default=1.0, description="share of a family's children that go"
    )
    otherwise: Text | None = Field(default=None, description="where the other children go")


class CrisisForm(Form):
    """What waiting without a worker may do."""

    per_day: Share = Field(description="chance a day of waiting")
    to: Text = Field(description="stage, exit or split")
    ages: Text | None = Field(default=None, description="age mix of children who first enter care")


class OpeningForm(Form):
    """Children in a stage at the start."""

    children: NotNegative = Field(description="children")


class WorkShareForm(Form):
    """The share of a published mean stay that is work, not waiting or handing over."""

    share: float = Field(gt=0, le=1, description="share, solved by simfs calibrate")


class StageForm(Form):
    """A place in the service that a case stays in for some days."""

    label: Text = Field(default="", description="words for people; from the key when left out")
    unit: Literal["family", "child"] = Field(default="family", description="what moves through it")
    team: Text | None = Field(default=None, description="team that must hold the case")
    drawing: Literal["stay_first", "route_first"] = Field(
        default="stay_first", description="which is drawn first"
    )
    stay: StayForm | None = Field(default=None, description="how long (stay_first only)")
    own_work_share: Annotated[WorkShareForm, table_of("share")] = Field(
        default_factory=lambda: WorkShareForm(share=1.0), description="work in the published stay"
    )
    shared_stay: bool = Field(default=False, description="siblings share one stay (one court case)")
    age_bands: list[NotNegative] = Field(
        default_factory=lambda: [0.0], description="lower edges in years of the bands of p"
    )
    age_at: Literal["entry", "first_entry"] = Field(default="entry", description="which age counts")
    routes: dict[str, RouteForm] = Field(description="ways out; p sums to 1 in each band")
    remainder: Text | None = Field(
        default=None, description="route that takes what effects prevent"
    )
    dirichlet: Positive | None = Field(default=None, description=DIRICHLET)
    priority: int = Field(default=5, ge=1, le=9, description="1 is most urgent")
    counts: list[Text] = Field(default_factory=list, description="published stocks it is in")
    limit_days: int | None = Field(default=None, ge=1, description="statutory limit in days")
    without_worker: Literal["holds", "runs"] | None = Field(
        default=None, description="whether the stay waits for a worker; holds if it has a team"
    )
    specialists: bool = Field(default=False, description="whether adult specialists may join")
    placements: Text | None = Field(default=None, description="placement mix")
    opening: Annotated[OpeningForm, table_of("children")] = Field(
        default_factory=lambda: OpeningForm(children=0.0), description="children at the start"
    )
    opening_ages: Text | None = Field(default=None, description="age mix of children at the start")
    opening_after: NotNegative = Field(
        default=0.0, description="mean days from first entering care to entering this stage"
    )
    crisis: CrisisForm | None = Field(default=None, description="what waiting may do")
    needs: dict[str, Share] = Field(default_factory=dict, description="chance of each need here")


class CostForm(Form):
    """One line of the price list."""

    label: Text = Field(default="", description="words for people; from the key when left out")
    basis: Literal[
        "child_week",
        "placement_week",
        "entry",
        "route",
        "diversion",
        "week_after_exit",
        "post_year",
        "agency_post_year",
        "met_week",
    ] = Field(description="what is paid for")
    applies_to: list[Text] = Field(
        description="stages, routes, effects, exits, placements, teams or needs"
    )
    pounds: QuantityIn = Field(description="pounds per unit of the basis")
    per: Positive = Field(default=1.0, description="units that share one price")
    growth: QuantityIn = Field(
        default_factory=lambda: QuantityForm(value=0.0),
        description="growth of the price a year above general prices, as a share (0.02 is 2%)",
    )
    payer: Text = Field(default="council", description="who pays")
    ledger: Literal["cashable", "capacity", "partner", "investment", "grant"] = Field(
        description="what spending less would be"
    )
    spell_cv: NotNegative = Field(
        default=0.0, description="spread of the price between spells, as cv"
    )
    block_places: QuantityIn = Field(
        default_factory=lambda: QuantityForm(value=0.0),
        description="places bought as a block, paid for whether used or not (placement_week)",
    )


class MoneyForm(Form):
    """How money of different years is compared."""

    discount_rate: float | None = Field(
        default=None, description="share a year by which later money counts less (0.035 is 3.5%)"
    )
    inflation: dict[str, float] = Field(
        default_factory=dict,
        description="growth of general prices into each financial year, as a share",
    )


class ArmForm(Form):
    """One of the things compared."""

    label: Text = Field(default="", description="words for people; from the key when left out")
    practice_model: Text | None = Field(
        default=None, description="practice model; none changes nothing"
    )
    set: dict[str, Any] = Field(
        default_factory=dict, description='changes by dotted path, "teams.x.posts" = 28'
    )


class CorrelationForm(Form):
    """How closely two numbers that are drawn move together."""

    between: list[Text] = Field(min_length=2, max_length=2, description="two key paths")
    r: float = Field(gt=-1, lt=1, description="correlation of their scores (Gaussian copula)")


class EnsembleForm(Form):
    """Numbers that a draw takes together, such as `simfs calibrate` finds."""

    parameters: list[Text] = Field(min_length=1, description="key paths")
    members: list[list[float]] = Field(min_length=1, description="values in that order")


def _whole_pounds(value: object) -> object:
    if isinstance(value, str) and value.strip().lower() in ("£k", "£m", "£bn", "£000", "£000s"):
        raise ValueError(
            f'thresholds are in pounds, got unit {value!r}; write unit = "£" and the threshold in '
            "full: £1.097m is 1097000"
        )
    return value


class ClaimForm(Form):
    """One published claim."""

    id: Key = Field(description="identity")
    words: Text = Field(description="the claim in plain words")
    source: Text = Field(default="", description="key of the source")
    paragraph: Text = Field(default="", description="where in the source")
    metric: Text | None = Field(
        default=None,
        description="what is claimed about, such as gross_saving (or give not_modelled)",
    )
    not_modelled: Text | None = Field(
        default=None, description="why nothing in the model can test the claim, in words"
    )
    against: Literal["baseline", "start", "none"] = Field(
        default="baseline", description="compared with"
    )
    relative: bool = Field(default=False, description="a share of what it compares with")
    aggregate: Literal["at", "sum", "mean"] = Field(
        default="at", description="how years are put together"
    )
    from_: Text | None = Field(
        default=None, alias="from", description='first financial year, such as "2025/26"'
    )
    to: Text | None = Field(default=None, description="last financial year")
    direction: Literal["at_least", "at_most"] = Field(
        default="at_least", description="success side"
    )
    threshold: float = Field(description="pounds, children or share")
    unit: Annotated[Literal["£", "children", "share"], BeforeValidator(_whole_pounds)] = Field(
        description="unit of the threshold"
    )
    reading: Text = Field(default="", description="which reading of an ambiguous claim")
    grade: Grade = Field(default="", description="evidence grade, A to D")
    budget: NotNegative | None = Field(
        default=None, description="fixed budget for the outturn, pounds"
    )


class FileForm(Form):
    """A whole scenario file."""

    study: StudyForm = Field(description="what is studied")
    sources: dict[str, SourceForm] = Field(default_factory=dict, description="what was read")
    counts: dict[str, LabelForm] = Field(default_factory=dict, description="published stocks")
    exits: dict[str, LabelForm] = Field(default_factory=dict, description="ways out of the model")
    splits: dict[str, SplitForm] = Field(default_factory=dict, description="shared destinations")
    age_mixes: dict[str, AgeMixForm] = Field(default_factory=dict, description="ages on entry")
    families: FamiliesForm = Field(default_factory=FamiliesForm, description="new families")
    needs: NeedsForm = Field(
        default_factory=lambda: NeedsForm.model_validate({}), description="adult needs"
    )
    streams: dict[str, StreamForm] = Field(description="sources of new cases")
    placements: dict[str, LabelForm] = Field(default_factory=dict, description="placement types")
    placement_mixes: dict[str, PlacementMixForm] = Field(
        default_factory=dict, description="which placement a spell gets"
    )
    workforces: dict[str, WorkforceForm] = Field(
        default_factory=dict, description="how workers come and go"
    )
    teams: dict[str, TeamForm] = Field(default_factory=dict, description="who does the work")
    stages: dict[str, StageForm] = Field(description="the pathway")
    costs: dict[str, CostForm] = Field(default_factory=dict, description="the price list")
    money: MoneyForm = Field(
        default_factory=MoneyForm, description="how money of different years is compared"
    )
    practice_models: dict[str, PracticeForm] = Field(
        default_factory=dict, description="named lists of changes"
    )
    reform: ReformForm | None = Field(default=None, description="a national reform in every arm")
    service_crisis: ServiceCrisisForm | None = Field(
        default=None, description="a service in crisis, in every arm on the same day"
    )
    drift: dict[str, WalkForm] = Field(
        default_factory=dict, description="the authority's own wandering, in every arm alike"
    )
    correlations: list[CorrelationForm] = Field(
        default_factory=list, description="numbers that move together"
    )
    ensemble: EnsembleForm | None = Field(
        default=None, description="numbers that a draw takes together"
    )
    calibration: CalibrationForm | None = Field(
        default=None, description="how the scenario is fitted to counts"
    )
    fit: list[FitRowForm] = Field(default_factory=list, description="how well it fits them")
    history: list[PublishedForm] = Field(
        default_factory=list, description="what was published, for figures to show"
    )
    published_staffing: list[PublishedStaffingForm] = Field(
        default_factory=list, description="what papers say that staff cost, to be re-derived"
    )
    backtest: BacktestForm | None = Field(
        default=None, description="how its forecasts are tested on other places and years"
    )
    drift_targets: list[DriftTargetForm] = Field(
        default_factory=list, description="what the walks of drift are sized by"
    )
    mechanisms: MechanismsForm = Field(
        default_factory=MechanismsForm, description="what works; false switches it off"
    )
    presets: dict[str, PresetForm] = Field(default_factory=dict, description="beliefs")
    arms: dict[str, ArmForm] = Field(description="what is compared")
    claims: list[ClaimForm] = Field(default_factory=list, description="what documents say")
