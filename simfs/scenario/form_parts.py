"""The parts that the tables of a scenario file are made of: shares, quantities, stays."""

import math
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)

from simfs.scenario.quantities import beta_through
from simfs.scenario.scenario import DAYS_PER_YEAR

UNIT_DAYS = {"days": 1.0, "weeks": 7.0, "months": DAYS_PER_YEAR / 12, "years": DAYS_PER_YEAR}
SHAPES = ("exponential", "fixed", "lognormal", "gamma", "weibull", "weibull_cv")
BOUNDED = ("uniform", "triangular")
KEY_PATTERN = r"^[A-Za-z0-9_-]{1,64}$"


class Form(BaseModel):
    """A table of the file: only the keys it names."""

    model_config = ConfigDict(
        strict=True, extra="forbid", allow_inf_nan=False, validate_by_name=False, frozen=True
    )


def is_number(value: object) -> bool:
    """Whether TOML wrote a number; `true` is none, though Python counts with it."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def table_of(key: str) -> BeforeValidator:
    """A bare number stands for a table with only this key."""
    return BeforeValidator(lambda value: {key: value} if is_number(value) else value)


def or_array(value: object) -> object:
    """A bare number stands for an array of one."""
    return [value] if is_number(value) else value


Key = Annotated[str, Field(pattern=KEY_PATTERN)]
Text = str
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Grade = Literal["A", "B", "C", "D", ""]


class QuantityForm(Form):
    """A number that may not be known exactly: the value and how far it may be out."""

    value: float = Field(description="the central value")
    unit: Text | None = Field(default=None, description="unit in words")
    spread: Literal["lognormal", "normal", "uniform", "triangular", "beta"] | None = Field(
        default=None,
        description="how it is spread; lognormal if all numbers are above 0, else normal; "
        "beta for a probability",
    )
    p10: float | None = Field(default=None, description="one in ten below (not for ends)")
    p90: float | None = Field(default=None, description="one in ten above (not for ends)")
    low: float | None = Field(default=None, description="lower end (uniform, triangular)")
    high: float | None = Field(default=None, description="upper end (uniform, triangular)")
    group: Text | None = Field(default=None, description="numbers of one group move together")
    correlation: Share | None = Field(default=None, description="how closely they do, 0 to 1")

    @model_validator(mode="after")
    def _a_range_holds_its_value(self) -> "QuantityForm":
        bounded = self.spread in BOUNDED
        low, high = (self.low, self.high) if bounded else (self.p10, self.p90)
        names = ("low", "high") if bounded else ("p10", "p90")
        stray = (self.p10, self.p90) if bounded else (self.low, self.high)
        if any(end is not None for end in stray):
            raise ValueError(
                "p10 and p90 go with lognormal, normal or beta, low and high with uniform or "
                "triangular"
            )
        if low is None and high is None and self.spread is None:
            return self
        if low is None or high is None:
            raise ValueError(f"a spread needs both {names[0]} and {names[1]}")
        if low > high:
            raise ValueError(
                f"{names[0]} {low:g} is above {names[1]} {high:g}; swap them, lowest first"
            )
        if not low <= self.value <= high:
            raise ValueError(
                f"value {self.value:g} must lie between {names[0]} {low:g} and {names[1]} {high:g}"
            )
        if self.spread == "lognormal" and low <= 0:
            raise ValueError('a lognormal spread needs numbers above 0; use spread = "normal"')
        if self.spread == "beta":
            _check_beta(self.value, low, high)
        return self

    @property
    def ends(self) -> tuple[float, float]:
        """The two ends of its range as written; the value twice where it has none."""
        low, high = (self.low, self.high) if self.spread in BOUNDED else (self.p10, self.p90)
        return self.value if low is None else low, self.value if high is None else high


def _check_beta(value: float, low: float, high: float) -> None:
    """Refuse what no beta distribution fits."""
    if not 0 < low < value < high < 1:
        raise ValueError(
            f"a beta spread needs 0 < p10 < value < p90 < 1, got {low:g}, {value:g}, {high:g}"
        )
    beta_through(value, low, False)
    beta_through(value, high, True)


QuantityIn = Annotated[QuantityForm, table_of("value")]


def _check_shape(value: object) -> object:
    """A shape is "exponential", "fixed" or a table with one key and one positive number."""
    if isinstance(value, str) and value in SHAPES[:2]:
        return value
    if isinstance(value, dict) and len(value) == 1:
        name, number = next(iter(value.items()))
        if name in SHAPES[2:] and is_number(number) and 0 < number < math.inf:
            return value
        if name in SHAPES[2:]:
            raise ValueError(f"shape {name} needs a finite number above 0, got {number!r}")
    raise ValueError(
        f'unknown shape {value!r}; write "exponential", "fixed" or one of '
        + ", ".join(f"{{ {name} = number }}" for name in SHAPES[2:])
    )


Shape = Annotated[
    Any,
    PlainValidator(_check_shape),
    WithJsonSchema(
        {
            "oneOf": [
                {"enum": list(SHAPES[:2])},
                *(
                    {
                        "type": "object",
                        "properties": {name: {"type": "number", "exclusiveMinimum": 0}},
                        "required": [name],
                        "additionalProperties": False,
                    }
                    for name in SHAPES[2:]
                ),
            ]
        }
    ),
]


class HistogramForm(Form):
    """An observed grouped distribution."""

    edges: list[NotNegative] = Field(description="group edges, one more than shares, rising")
    shares: list[Share] = Field(description="share of each group; sum to 1")


class StayForm(Form):
    """How long a case stays: exactly one of its ways, such as mean or percentiles."""

    mean: float | None = Field(
        default=None, description="mean, in `unit`; with `shape` or `histogram`"
    )
    median: float | None = Field(default=None, description="median, in `unit`; with `shape`")
    shape: Shape | None = Field(default=None, description="the distribution about the mean")
    histogram: HistogramForm | None = Field(default=None, description="observed groups, in `unit`")
    percentiles: dict[str, float] | None = Field(
        default=None, description="two or more of p5 to p95, in `unit`: a lognormal is fitted"
    )
    uniform: list[float] | None = Field(default=None, description="[low, high], in `unit`")
    triangular: list[float] | None = Field(default=None, description="[low, mode, high], in `unit`")
    until_18: bool | None = Field(default=None, description="lasts to the child's 18th birthday")
    unit: Literal["days", "weeks", "months", "years"] | None = Field(
        default=None, description="unit of the numbers"
    )
