"""The tables of a scenario file that are about staff: workforces, teams, dated changes."""

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from simfs.scenario.form_parts import (
    Form,
    Key,
    NotNegative,
    Positive,
    QuantityForm,
    QuantityIn,
    Shape,
    Share,
    Text,
    is_number,
)


class NewlyQualifiedForm(Form):
    """Permanent workers in their first months after qualifying."""

    share: Share = Field(description="share of permanent appointments who are newly qualified")
    caseload: float = Field(gt=0, le=1, description="share of a full caseload that they hold")
    months: NotNegative = Field(description="months for which their caseload is protected")


class WorkforceForm(Form):
    """How the workers of some teams come and go."""

    label: Text = Field(default="", description="words for people; from the key when left out")
    turnover: QuantityIn = Field(
        description="share of permanent workers leaving a year, 0 to 5; 0: nobody leaves"
    )
    tenure_shape: Shape = Field(default="exponential", description="shape of permanent tenures")
    recruitment_days: QuantityIn | None = Field(
        default=None,
        description="mean days a post is empty after a permanent worker, or when new "
        "(or give vacancy)",
    )
    recruitment_shape: Shape = Field(default="exponential", description="shape of those days")
    vacancy: QuantityIn | None = Field(
        default=None,
        description="share of posts with nobody in them in the long run, agency cover not counted "
        "as vacant (or give recruitment_days)",
    )
    agency_share: QuantityIn = Field(
        default_factory=lambda: QuantityForm(value=0.0),
        description="share of appointments that are agency workers, 0 to 1",
    )
    agency_days: QuantityIn | None = Field(
        default=None, description="mean days that an agency worker stays"
    )
    agency_shape: Shape = Field(default="exponential", description="shape of agency tenures")
    agency_gap_days: QuantityIn = Field(
        default_factory=lambda: QuantityForm(value=0.0),
        description="mean days a post is empty after an agency worker",
    )
    agency_gap_shape: Shape = Field(default="exponential", description="shape of those days")
    absence: float = Field(
        default=0.0, ge=0, lt=1, description="share of days absent; caseload limits are net of it"
    )
    newly_qualified: NewlyQualifiedForm | None = Field(
        default=None, description="protected caseloads of the newly qualified"
    )


class AtStartForm(Form):
    """Posts at the start, where they are stated."""

    vacant: int = Field(default=0, ge=0, description="empty posts")
    agency: int = Field(default=0, ge=0, description="posts held by agency workers")


class ChangeForm(Form):
    """A dated change of a team."""

    date: dt.date = Field(description="first day; may lie before the start")
    posts: int | None = Field(default=None, ge=0, description="posts from that date, in total")
    caseload: int | None = Field(
        default=None, ge=1, description="cases a worker may hold from that date"
    )


def _posts(value: object) -> object:
    if value == "unlimited" or (isinstance(value, int) and is_number(value) and value >= 0):
        return value
    raise ValueError(f'posts must be a whole number from 0, or "unlimited", got {value!r}')


class TeamForm(Form):
    """A set of posts with one worker each."""

    label: Text = Field(default="", description="words for people; from the key when left out")
    kind: Literal["social_work", "specialist"] = Field(
        default="social_work", description="what it does"
    )
    unit: Literal["children", "families"] | None = Field(
        default=None,
        description="what the caseload counts; families for specialists, else children",
    )
    posts: Annotated[
        Any,
        PlainValidator(_posts),
        WithJsonSchema({"oneOf": [{"type": "integer", "minimum": 0}, {"const": "unlimited"}]}),
    ] = Field(description='number of posts, or "unlimited"')
    caseload: int | None = Field(
        default=None, ge=1, description="cases a worker may hold, before absence"
    )
    rule: Literal["below_limit", "within_limit"] = Field(
        default="below_limit", description="who may take the next family"
    )
    continuity: bool = Field(default=True, description="keep the worker across stages of the team")
    handover_days: int = Field(
        default=0, ge=0, le=366, description="days added by a change of worker"
    )
    serves: Text | None = Field(default=None, description="need that a specialist team works with")
    workforce: Text | None = Field(
        default=None, description="how its workers come and go; none: every post always filled"
    )
    at_start: AtStartForm | None = Field(
        default=None, description="posts at the start; the workforce's equilibrium if left out"
    )
    changes: list[ChangeForm] = Field(default_factory=list, description="dated changes")


class StaffingForm(Form):
    """Posts of a team from a date on."""

    team: Text = Field(description="team")
    posts: int | None = Field(
        default=None, ge=0, description="posts from that date, in total (or give add)"
    )
    add: int | None = Field(
        default=None, ge=1, description="posts added on that date to those that the team has"
    )
    date: dt.date = Field(description="first day; may lie before the start")

    @model_validator(mode="after")
    def _one_of_two(self) -> "StaffingForm":
        if (self.posts is None) == (self.add is None):
            given = "neither" if self.posts is None else "both"
            raise ValueError(f"needs either posts, in total, or add, got {given}; give one")
        return self


class CaseloadForm(Form):
    """Caseload of a team from a date on."""

    team: Text = Field(description="team")
    caseload: int = Field(ge=1, description="cases a worker may hold from that date")
    date: dt.date = Field(description="first day; may lie before the start")


class TimeFreedForm(Form):
    """Time freed from recording, as the caseload that it is worth."""

    share: Share = Field(description="share that it adds to caseload limits")
    teams: list[Text] = Field(description="teams whose workers have it")
    date: dt.date = Field(description="first day")


class CourseForm(Form):
    """Training on a day."""

    date: dt.date = Field(description="day of the course; may lie before the start")
    seats: int = Field(ge=1, description="workers it has room for")


class RollingForm(Form):
    """Later courses for those who start."""

    every_months: float = Field(gt=0, description="months from one course to the next")
    seats: int = Field(ge=1, description="workers each has room for")


class TrainingForm(Form):
    """How the workers of some teams learn a practice."""

    teams: list[Text] = Field(min_length=1, description="teams whose workers are trained")
    courses: list[CourseForm] = Field(min_length=1, description="dated courses")
    rolling: RollingForm | None = Field(
        default=None, description="later courses for those who start"
    )
    skill_first: Share = Field(
        default=1.0, description="share of the practice that a worker has on the day of the course"
    )
    skill_months: NotNegative = Field(
        default=0.0, description="months from the course until a worker has all of it"
    )
    reference: QuantityIn = Field(
        default_factory=lambda: QuantityForm(value=1.0),
        description="mean skill of the evidence's staff, at which effects are as published, "
        "above 0 to 1",
    )


class PublishedStaffingForm(Form):
    """What a paper says that some staff cost, to be held against the work that there is."""

    id: Key = Field(description="identity")
    words: Text = Field(description="what is published, in plain words")
    source: Text = Field(description="key of the source")
    paragraph: Text = Field(default="", description="where in the source")
    reading: Text = Field(default="", description="which reading of what it leaves open")
    teams: list[Text] = Field(min_length=1, description="teams whose posts the sum adds")
    pounds: Positive = Field(description="the sum, pounds a year")
    post_pounds: QuantityIn = Field(description="what one post costs, pounds a year")
    caseload: QuantityIn = Field(
        description="cases that a worker holds, in the unit of the teams' caseloads"
    )
    need_multiples: dict[str, QuantityIn] = Field(
        default_factory=dict,
        description="of specialist teams: how many times the chances of a need may be, by need",
    )
