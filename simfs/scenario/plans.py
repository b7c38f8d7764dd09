"""Plans: combinations of levels of what is varied in an arm's staffing (`--vary KEY=LEVELS`)."""

import difflib
import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from simfs.errors import UsageError
from simfs.scenario.build_parts import MONTH_DAYS
from simfs.scenario.levels import levels_of
from simfs.scenario.scenario import Scenario, Study
from simfs.scenario.variable import (
    Kind,
    Level,
    Levels,
    Variable,
    is_moved_by_date,
    variables,
    varied,
)
from simfs.scenario.wording import nearest
from simfs.scenario.workforce import TeamKind

MOST_PLANS = 10_000  # each is an arm, built when it is run; more were not meant
AS_PLANNED = "as_planned"
PLAN = "plan_"  # and a number: the key of a plan


@dataclass(frozen=True, slots=True)
class Factor:
    """Something of an arm's staffing that is varied.

    Attributes:
        variable: what it is.
        levels: rising, each once.
    """

    variable: Variable
    levels: tuple[Level, ...]

    @property
    def key(self) -> str:
        """Its key path."""
        return self.variable.key

    @property
    def label(self) -> str:
        """Words for people."""
        return self.variable.label


@dataclass(frozen=True, slots=True)
class Plan:
    """One combination of levels.

    Attributes:
        key: identity among the plans, and key of the arm that it becomes.
        levels: of every factor, in their order.
        scenario: the arm with these levels.
    """

    key: str
    levels: tuple[Level, ...]
    scenario: Scenario


@dataclass(frozen=True, slots=True)
class Plans:
    """All combinations of the levels of some factors.

    Attributes:
        study: the baseline, and the arm whose staffing is varied as the file has it.
        factors: in the order in which they were asked for.
        levels: of every plan, the last factor changing fastest.
    """

    study: Study
    factors: tuple[Factor, ...]
    levels: tuple[tuple[Level, ...], ...]

    @property
    def arm(self) -> Scenario:
        """The arm whose staffing is varied, as the file has it."""
        return self.study.arms[-1]

    def plan(self, number: int) -> Plan:
        """One of the plans, from 0.

        Raises:
            UsageError: the file's own rules refuse it.
        """
        levels = self.levels[number]
        key = f"{PLAN}{number + 1:0{len(str(len(self.levels)))}}"
        found, problems = varied(self.arm, self._by_key(levels))
        if problems:
            first = problems[0]
            raise UsageError(f"{self.words(levels)}: {first.path}: {first.message}")
        return Plan(key, levels, replace(found, arm=key, label=self.words(levels)))

    def studied(self, numbers: Sequence[int]) -> Study:
        """A study of the baseline, the arm as planned, and some of the plans, in this order."""
        planned = replace(self.arm, arm=AS_PLANNED, label=f"{self.arm.label}, as planned")
        arms = (self.study.arms[0], planned, *(self.plan(each).scenario for each in numbers))
        return replace(self.study, arms=arms, resolved=self.study.resolved + self._as_comment())

    def _as_comment(self) -> str:
        """What is varied, as lines that a scenario file may end with."""
        rows = [f"# {factor.key} = {', '.join(map(str, factor.levels))}" for factor in self.factors]
        return "\n".join(["", f"# Varied in arm {self.arm.arm}:", *rows, ""])

    def words(self, levels: Sequence[Level]) -> str:
        """A combination in words."""
        return ", ".join(
            f"{factor.label} {level}" for factor, level in zip(self.factors, levels, strict=True)
        )

    def _by_key(self, levels: Sequence[Level]) -> Levels:
        return {factor.key: at for factor, at in zip(self.factors, levels, strict=True)}


def plans_of(study: Study, items: Sequence[str], arm: str | None = None) -> Plans:
    """The plans that some ``KEY=LEVELS`` ask for.

    Args:
        study: as loaded.
        items: as given on the command line, each of another key.
        arm: whose staffing is varied; may be left out where only one arm is no baseline, and is
            the baseline itself where there is no other.

    Raises:
        UsageError: a key that cannot be varied, levels that are none, that come after the run or
            that change nothing (a mechanism may be off), a plan that leaves a stage with work
            without a worker, or too many plans; says what can be varied.
    """
    _must_not_be_called_a_plan(study.baseline)
    scenario = arm_of(study, arm)
    known = variables(scenario)
    factors: list[Factor] = []
    for item in items:
        key, equals, text = item.partition("=")
        if not equals or not text.strip():
            raise _refused(f"--vary {item}: write it as key=low:high:step", known)
        variable = _variable(item, key.strip(), known)
        if any(factor.variable == variable for factor in factors):
            raise _refused(f"--vary {item}: {variable.key} is varied twice; give it once", known)
        factors.append(Factor(variable, _levels(item, variable, text.strip(), known)))
    if not factors:
        raise _refused("nothing is varied: give --vary KEY=LEVELS at least once", known)
    for factor in factors:
        _must_have_workers(scenario, factor, known)
        _must_be_switched_on(scenario, factor, known)
        _must_come_in_the_run(scenario, factor, known)
        _must_move_something(scenario, factor, factors, known)
    number = math.prod(len(factor.levels) for factor in factors)
    if number > MOST_PLANS:
        raise UsageError(f"{number:,} plans; at most {MOST_PLANS:,} are possible: vary less")
    levels = tuple(itertools.product(*(factor.levels for factor in factors)))
    kept = replace(study, arms=tuple(dict.fromkeys((study.arms[0], scenario))))
    return Plans(kept, tuple(factors), levels)


def arm_of(study: Study, arm: str | None) -> Scenario:
    """The arm whose staffing is varied; raises UsageError where it is not clear which."""
    others = [scenario.arm for scenario in study.arms[1:]]
    if arm is not None:
        known = [scenario.arm for scenario in study.arms]
        if arm not in known:
            raise UsageError(f"--arm {arm}: no such arm{nearest(arm, known)}")
        return study.arm(arm)
    if len(others) > 1:
        raise UsageError(
            f"{study.name} has more than one arm whose staffing could be varied; name one with "
            f"--arm: {', '.join(others)}"
        )
    return study.arms[-1]


def _variable(item: str, key: str, known: Sequence[Variable]) -> Variable:
    """What a key names; the beginning of one team's key will do, if no other begins so."""
    found = [one for one in known if one.key == key]
    if not found:
        parts = key.split(".")
        if len(parts) == 3 and parts[0] == "teams":
            found = [
                one
                for one in known
                if one.key.startswith(f"teams.{parts[1]}_") and one.key.endswith(f".{parts[2]}")
            ]
    if len(found) == 1:
        return found[0]
    if found:
        raise _refused(f"--vary {item}: {key!r} begins the key of more than one team", found)
    near = _nearest(key, known)
    hint = f", did you mean {near!r}?" if near else ""
    raise _refused(f"--vary {item}: {key!r} cannot be varied{hint}", known)


def _nearest(key: str, known: Sequence[Variable]) -> str | None:
    """The key that may have been meant; of a team named by itself its posts."""
    keys = {one.key: one.key for one in known}
    posts = [one.key for one in known if one.kind is Kind.POSTS]
    keys |= {".".join(each.split(".")[:2]): each for each in posts}
    keys |= {each.split(".")[1]: each for each in posts}
    near = difflib.get_close_matches(key, list(keys), n=1)
    return keys[near[0]] if near else None


def _refused(words: str, known: Sequence[Variable]) -> UsageError:
    return UsageError("\n".join([f"{words}; what can be varied:", *_told(known)]))


def told_variables(scenario: Scenario) -> list[str]:
    """What can be varied in an arm, a line for each team and for all else."""
    return _told(variables(scenario))


def _told(known: Sequence[Variable]) -> list[str]:
    lines: dict[str, list[str]] = {}
    for one in known:
        parts = one.key.split(".")
        place = ".".join(parts[:2]) if parts[0] == "teams" else one.key
        now = "not given" if one.value is None else f"now {one.value}"
        first = place not in lines
        lines.setdefault(place, []).append(f"{one.key if first else f'.{parts[-1]}'} ({now})")
    return [f"  {'  '.join(parts)}" for parts in lines.values()]


def _levels(
    item: str, variable: Variable, text: str, known: Sequence[Variable]
) -> tuple[Level, ...]:
    """The levels that a text names, rising."""
    try:
        found = levels_of(variable, text)
    except ValueError as error:
        raise _refused(f"--vary {item}: {error}", known) from None
    if variable.least is not None and isinstance(found[0], int) and found[0] < variable.least:
        raise _refused(
            f"--vary {item}: {variable.label} cannot be below {variable.least}, got {found[0]}",
            known,
        )
    return found


def _must_have_workers(scenario: Scenario, factor: Factor, known: Sequence[Variable]) -> None:
    """Refuse a plan with no worker for a stage with work."""
    if factor.variable.kind is not Kind.POSTS or factor.levels[0] != 0:
        return
    team = factor.key.split(".")[1]
    users = [stage.label for stage in scenario.pathway.stages if stage.team == team]
    if users:
        raise _refused(
            f"--vary {factor.key}: with 0 posts nobody does the work of {users[0]!r}; "
            "begin at 1 or more",
            known,
        )


def _must_come_in_the_run(scenario: Scenario, factor: Factor, known: Sequence[Variable]) -> None:
    """Refuse a date or a lateness by which a plan brings nothing before the run ends."""
    last, calendar = factor.levels[-1], scenario.calendar
    if isinstance(last, date):
        too_late = calendar.day_of(last) >= calendar.days
    else:
        too_late = factor.variable.kind is Kind.MONTHS and last * MONTH_DAYS >= calendar.days
    if too_late:
        words = last if isinstance(last, date) else f"{last} months late"
        raise _refused(f"--vary {factor.key}: {words} is after the run ends", known)


def _must_be_switched_on(scenario: Scenario, factor: Factor, known: Sequence[Variable]) -> None:
    """Refuse to vary what a mechanism that is switched off would have moved."""
    top, name, *_ = factor.key.split(".")
    social = top == "teams" and scenario.team(name).kind is TeamKind.SOCIAL_WORK
    needed = (
        "caseload" if social else "training" if factor.variable.kind is Kind.SEATS else "nothing"
    )
    if needed in {key for key, _ in scenario.off}:
        raise _refused(
            f"--vary {factor.key}: it moves nothing, as mechanisms.{needed} is switched off", known
        )


def _must_move_something(
    scenario: Scenario, factor: Factor, factors: Sequence[Factor], known: Sequence[Variable]
) -> None:
    """Refuse dates from which nothing of a team is any different."""
    place, _, part = factor.key.rpartition(".")
    if not place.startswith("teams.") or part != "date":
        return
    others = {f"{place}.posts", f"{place}.caseload"} & {other.key for other in factors}
    if not others and not is_moved_by_date(scenario, place.removeprefix("teams.")):
        raise _refused(
            f"--vary {factor.key}: nothing of the team changes on a date; vary its posts or "
            "caseload too",
            known,
        )


def _must_not_be_called_a_plan(baseline: str) -> None:
    """Refuse a baseline whose key one of the plans will have."""
    if baseline == AS_PLANNED or re.fullmatch(rf"{PLAN}\d+", baseline):
        raise UsageError(
            f"the baseline is called {baseline!r}, as one of the plans will be; rename that arm"
        )
