"""What is fitted to what: levers on a scenario's numbers, and the counts they are to reproduce."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Lever:
    """A free parameter: one multiple of some numbers of the file, 1 as they stand.

    Attributes:
        key: identity.
        label: words for people.
        numbers: key paths of what it multiplies.
        low: p10 of what is believed of the multiple before any count is looked at.
        high: p90; `low` and `high` spread it as a split lognormal about 1.
    """

    key: str
    label: str
    numbers: tuple[str, ...]
    low: float
    high: float


class Figure(StrEnum):
    """What of a scenario is compared with a count; from the traffic equations, so at rest.

    `STOCK`: children in a published stock. `STARTS` and `ENDS`: children a year who enter or leave
    it; at rest they are as many. `OPEN`: share of a stock that has been in it for a span of months.
    `ENTRIES`: children a year who enter a stage. `EXITS`: children a year who leave by an exit.
    """

    STOCK = "stock"
    STARTS = "starts"
    ENDS = "ends"
    OPEN = "open"
    ENTRIES = "entries"
    EXITS = "exits"


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure of a scenario.

    Attributes:
        figure: what kind.
        of: key of the stock, stage or exit.
        months: span [from, to) of `OPEN`; (0, 0) otherwise.
    """

    figure: Figure
    of: str
    months: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Target:
    """A figure and the count it is to reproduce.

    Attributes:
        label: words for people.
        metric: the scenario's figure.
        series: name of the observed series, or empty where `value` is given.
        over: series that the observed one is a share of, or empty.
        value: the figure itself, or None.
        error: its standard error, or None: from the spread of the years.
        elsewhere: what the count includes and the scenario does not.
    """

    label: str
    metric: Metric
    series: str
    over: str
    value: float | None
    error: float | None
    elsewhere: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How a scenario is fitted: `years` are the first and the last whose counts are used."""

    years: tuple[int, int]
    levers: tuple[Lever, ...]
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class FitRow:
    """How well one count was met, once a scenario was fitted.

    Attributes:
        label: words for people.
        metric: as the file writes it.
        observed: the count.
        error: its standard error.
        before: the scenario's figure before the fit.
        fitted: at the best fit.
        low: p10 over the ensemble.
        high: p90.
    """

    label: str
    metric: str
    observed: float
    error: float
    before: float
    fitted: float
    low: float
    high: float

    @property
    def gap(self) -> float:
        """Fitted less observed, in standard errors of the count."""
        return (self.fitted - self.observed) / self.error if self.error else 0.0


@dataclass(frozen=True, slots=True)
class Published:
    """What one source published of a stock, for figures to show beside the simulated ones.

    Nothing is simulated or fitted from it.

    Attributes:
        count: key of the stock.
        source: key of the source.
        dates: days that were counted, rising.
        values: children on each.
    """

    count: str
    source: str
    dates: tuple[date, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A back-test: one authority from one year on.

    Attributes:
        authority: as the observed counts name it.
        base: year of the 31 March on which the forecast stands.
    """

    authority: str
    base: int


@dataclass(frozen=True, slots=True)
class Backtest:
    """How other places and years are forecast from a scenario.

    Attributes:
        levers: what is scaled to a place.
        match: the counts of the base year that they are to reproduce.
        forecast: series that forecasts are judged by.
        cases: that ship with the scenario.
        memory: years of past counts that a level is judged by.
        reversion: share of its distance from its own past that a count makes up, by series: of a
            flow at once, of a stock by the walk that is named.
        walks: by series of a stock, key of the walk that carries its return.
    """

    levers: tuple[Lever, ...]
    match: tuple[Target, ...]
    forecast: tuple[str, ...]
    cases: tuple[Case, ...]
    memory: int
    reversion: tuple[tuple[str, float], ...]
    walks: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Badge:
    """What a back-test of a scenario gave, for every report to show.

    Attributes:
        digest: of what the back-test depends on; another digest is another scenario.
        cases: authorities and years, in words.
        points: forecasts that were compared with what happened.
        inside: of them, within their 80% bands.
        width: middle ratio of the upper to the lower end of those bands.
        errors: mean log error (observed less forecast) by series, in words of the series.
        placebo: the same of the forecasts in which no practice model was introduced.
        passed: whether every aim was met.
        rejected: presets that the back-test rejects.
    """

    digest: str
    cases: str
    points: int
    inside: int
    width: float
    errors: tuple[tuple[str, float], ...]
    placebo: tuple[tuple[str, float], ...]
    passed: bool
    rejected: tuple[str, ...]
