"""The tables of a scenario file that are about fitting it and testing its forecasts."""

import datetime as dt

from pydantic import Field

from simfs.scenario.form_parts import Form, NotNegative, Positive, Share, Text


class LeverForm(Form):
    """A free parameter: one multiple of some numbers of the file."""

    label: Text = Field(default="", description="words for people; from the key when left out")
    numbers: list[Text] = Field(min_length=1, description="key paths of what it multiplies")
    p10: Positive = Field(default=0.25, description="believed before: one in ten below, under 1")
    p90: Positive = Field(default=4.0, description="believed before: one in ten above, over 1")


class TargetForm(Form):
    """A figure of the scenario and the count it is to reproduce."""

    label: Text = Field(default="", description="words for people")
    metric: Text = Field(
        description="stock.COUNT, starts.COUNT, ends.COUNT, open.COUNT.FROM-TO (months), "
        "entries.STAGE or exits.EXIT"
    )
    series: Text = Field(default="", description="observed series")
    over: Text = Field(default="", description="observed series that it is a share of")
    value: NotNegative | None = Field(default=None, description="the figure, in a series' place")
    error: Positive | None = Field(default=None, description="its standard error")
    elsewhere: float = Field(default=0.0, description="counted there and not in the scenario")


class CalibrationForm(Form):
    """How the scenario is fitted to what was counted."""

    years: list[int] = Field(min_length=2, max_length=2, description="first and last year used")
    free: dict[str, LeverForm] = Field(description="free parameters")
    targets: list[TargetForm] = Field(min_length=1, description="what they are to reproduce")


class FitRowForm(Form):
    """How well a count was met; written by simfs calibrate."""

    label: Text = Field(description="words for people")
    metric: Text = Field(description="the scenario's figure")
    observed: float = Field(description="the count")
    error: NotNegative = Field(description="its standard error")
    before: float = Field(description="before the fit")
    fitted: float = Field(description="at the best fit")
    low: float = Field(description="p10 over the ensemble")
    high: float = Field(description="p90 over the ensemble")


class PublishedForm(Form):
    """What was published of one stock, for figures to show; nothing is simulated from it."""

    count: Text = Field(description="the stock")
    source: Text = Field(description="where it was published")
    dates: list[dt.date] = Field(min_length=1, description="days that were counted, rising")
    values: list[NotNegative] = Field(min_length=1, description="children on each of the days")


class CaseForm(Form):
    """One authority from one year on."""

    authority: Text = Field(description="as the observed counts name it")
    base: int = Field(description="year of the 31 March on which the forecast stands")


class BadgeForm(Form):
    """What the back-test gave; written by simfs backtest."""

    digest: Text = Field(description="of what the back-test depends on")
    cases: Text = Field(description="authorities and years")
    points: int = Field(ge=0, description="forecasts compared with what happened")
    inside: int = Field(ge=0, description="of them, within their 80% bands")
    width: float = Field(description="middle ratio of the ends of those bands")
    errors: dict[str, float] = Field(description="mean log error by series")
    placebo: dict[str, float] = Field(description="the same without a practice model")
    passed: bool = Field(description="whether every aim was met")
    rejected: list[Text] = Field(default_factory=list, description="presets that fail it")


class BacktestForm(Form):
    """How other places and years are forecast from the scenario."""

    levers: dict[str, LeverForm] = Field(description="what is scaled to a place")
    match: list[TargetForm] = Field(
        min_length=1, description="counts of the base year to reproduce"
    )
    forecast: list[Text] = Field(
        min_length=1, description="series of match that forecasts are judged by"
    )
    cases: list[CaseForm] = Field(default_factory=list, description="cases that ship")
    memory_years: int = Field(default=4, ge=1, description="past years that a level is judged by")
    reversion: dict[str, Share] = Field(
        default_factory=dict,
        description="share of its distance from its own past that a series makes up",
    )
    walks: dict[str, Text] = Field(
        default_factory=dict, description="by series of a stock: the walk that takes it back"
    )
    badge: BadgeForm | None = Field(default=None, description="what the back-test gave")
