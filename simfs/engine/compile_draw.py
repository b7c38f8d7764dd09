"""What a draw moves: effects, and how workers come, learn and go; worked out once for a draw."""

import math
from collections.abc import Mapping

import numpy as np

from simfs.engine import program as code
from simfs.engine.draws import draw_values, place_code
from simfs.scenario.durations import Shape
from simfs.scenario.practice import Effect, EffectKind, PracticeModel, Ramp, Reform, Training
from simfs.scenario.quantities import Quantity
from simfs.scenario.renewal import MOST_VACANT, gap_for
from simfs.scenario.scenario import DAYS_PER_YEAR, Scenario
from simfs.scenario.workforce import Workforce

CRISIS_KEY = "service_crisis"
CRISIS_FORCE = 1  # row of the roster's `force`


def shapes_of(workforce: Workforce) -> tuple[Shape, ...]:
    """Shapes of the states that a workforce's posts are in."""
    tenures = (workforce.tenure_shape, workforce.agency_shape)
    return (*tenures, workforce.recruitment_shape, workforce.agency_gap_shape)


def may_have_crisis(scenario: Scenario) -> bool:
    """Whether a service crisis can come at all."""
    return scenario.service_crisis is not None and scenario.service_crisis.per_year > 0


def quantities_of(scenario: Scenario) -> tuple[Quantity, ...]:
    """Every number of a scenario that a draw may move, each once, in order of path."""
    parts: list[Quantity] = []
    practice, reform = scenario.practice, scenario.reform
    effects = (*(practice.effects if practice else ()), *(reform.effects if reform else ()))
    for effect in effects:
        parts += [effect.ratio, effect.ramp.half, effect.ramp.ninety]
        parts += [effect.team_share, effect.reference_dose, effect.dose_power]
        parts += [effect.fade.half_life] if effect.fade else []
    if practice is not None:
        parts += [practice.slip]
        parts += [practice.training.reference] if practice.training else []
    if reform is not None:
        parts += [reform.share, reform.half, reform.ninety]
    for walk in scenario.walks:
        parts += [walk.sd, walk.half_life, walk.returns_to]
    for workforce in scenario.workforces:
        parts += workforce.quantities
    for cost in scenario.prices.costs:
        parts += [cost.pounds, cost.growth, cost.block_places]
    parts += scenario.free
    found = {part.path: part for part in parts}
    return tuple(found[path] for path in sorted(found))


def values_in_draw(scenario: Scenario, seed: int, draw: int) -> dict[str, float]:
    """The value of every number of a scenario that a draw moves, by path."""
    return draw_values(
        quantities_of(scenario), seed, draw, scenario.correlations, scenario.ensemble
    )


class Draw:
    """A scenario in one draw.

    Args:
        scenario: one arm.
        values: of quantities by path; those that are missing have their central value.
    """

    def __init__(self, scenario: Scenario, values: Mapping[str, float]) -> None:
        self.scenario = scenario
        self.values = values
        self.days = np.arange(scenario.calendar.days)

    def value(self, quantity: Quantity) -> float:
        """The value of a quantity in this draw."""
        return self.values.get(quantity.path, quantity.value)

    def share(self, quantity: Quantity) -> float:
        """The value of a share, within [0, 1] however far the draw reaches."""
        return min(max(self.value(quantity), 0.0), 1.0)

    # Effects

    def effects(self) -> tuple[code.EffectCode, ...]:
        """The effects on families in the scenario's order, and a service crisis as the last."""
        practice = self.scenario.practice
        own = {effect.key for effect in practice.effects} if practice else set()
        found = [
            self._effect(effect, practice if effect.key in own else None)
            for effect in self.scenario.effects
        ]
        crisis = self.scenario.service_crisis
        if crisis is not None and may_have_crisis(self.scenario):
            found.append(
                code.EffectCode(
                    key=CRISIS_KEY,
                    ratio=crisis.ratio,
                    by_day=(1.0,) * len(self.days),
                    by_dose=(1.0,) * 101,
                    remainder="",
                    at_least=(0.0,) * len(self.days),
                    force=CRISIS_FORCE,
                )
            )
        return tuple(found)

    def _effect(self, effect: Effect, practice: PracticeModel | None) -> code.EffectCode:
        """One effect on families; without `practice` only a reform brings it."""
        none = np.zeros(len(self.days))
        by_day = none if practice is None else self._built_up(effect, practice)
        share = self.share(effect.team_share)
        dose = np.arange(101) / max(self.value(effect.reference_dose), 1e-9)
        by_dose = share + (1 - share) * dose ** self.value(effect.dose_power)
        reform = self.scenario.reform
        reformed = reform is not None and any(effect.key == other.key for other in reform.effects)
        at_least = self._reformed(reform) if reform is not None and reformed else none
        return code.EffectCode(
            key=effect.key,
            ratio=self.value(effect.ratio),
            by_day=tuple(by_day.tolist()),
            by_dose=tuple(by_dose.tolist()),
            remainder=effect.remainder or "",
            at_least=tuple(at_least.tolist()),
        )

    def _built_up(self, effect: Effect, practice: PracticeModel) -> code.FloatArray:
        """Ramp × fade by day, later by the practice model's slip."""
        slip = round(self.value(practice.slip))
        strength = self._ramp(effect.ramp.start + slip, effect.ramp.half, effect.ramp.ninety)
        if effect.fade is not None:
            days = np.maximum(self.days - effect.fade.start - slip, 0)
            strength = strength * 0.5 ** (days / self.value(effect.fade.half_life))
        return strength

    def _reformed(self, reform: Reform) -> code.FloatArray:
        share = self.share(reform.share)
        return share * self._ramp(reform.start, reform.half, reform.ninety)

    def _ramp(self, start: int, half: Quantity, ninety: Quantity) -> code.FloatArray:
        first = self.value(half)
        # A draw in which nine tenths came before half would have no curve; keep the two apart.
        return Ramp.shares(self.days - start, first, max(self.value(ninety), 1.05 * first))

    # Drift

    def walks(self) -> tuple[code.WalkCode, ...]:
        """The authority's drift."""
        return tuple(
            code.WalkCode(
                code=place_code(f"drift:{walk.key}"),
                sd=max(self.value(walk.sd), 0.0),
                keep=0.5 ** (1 / max(self.value(walk.half_life), 1e-9)),
                level=math.log(max(self.value(walk.returns_to), 1e-9)),
            )
            for walk in self.scenario.walks
        )

    # Staff

    def staff(self, tables: Mapping[Shape, int]) -> code.StaffCode:
        """How workers come, learn and go; `tables` has the number of each shape's table."""
        practice, crisis = self.scenario.practice, self.scenario.service_crisis
        training = practice.training if practice else None
        return code.StaffCode(
            workforces=tuple(
                self._workforce(workforce, tables) for workforce in self.scenario.workforces
            ),
            training=self._training(training) if training else None,
            crisis=code.CrisisCode(DAYS_PER_YEAR / crisis.per_year, crisis.days)
            if crisis is not None and may_have_crisis(self.scenario)
            else None,
        )

    def _workforce(self, workforce: Workforce, tables: Mapping[Shape, int]) -> code.WorkforceCode:
        turnover = max(self.value(workforce.turnover), 0.0)
        agency_share = self.share(workforce.agency_share)
        # Phases are whole days and at least one, so no mean is less.
        tenure = max(self.value(workforce.agency_tenure), 1.0)
        gap = max(self.value(workforce.agency_gap), 1.0)
        recruitment = self._recruitment(workforce, turnover, agency_share, tenure, gap)
        new = workforce.newly_qualified
        return code.WorkforceCode(
            permanent=code.PhaseCode(
                DAYS_PER_YEAR / turnover if turnover else math.inf, tables[workforce.tenure_shape]
            ),
            agency=code.PhaseCode(tenure, tables[workforce.agency_shape]),
            recruitment=code.PhaseCode(recruitment, tables[workforce.recruitment_shape]),
            agency_gap=code.PhaseCode(gap, tables[workforce.agency_gap_shape]),
            agency_share=np.clip(
                agency_share * self._on_workers(workforce, EffectKind.AGENCY), 0.0, 1.0
            ),
            leaving=_running(self._on_workers(workforce, EffectKind.TURNOVER)),
            hiring=_running(self._on_workers(workforce, EffectKind.RECRUITMENT)),
            newly_qualified=new.share if new else 0.0,
            protected_share=1 - new.caseload if new else 0.0,
            protected_days=new.days if new else 0,
        )

    def _recruitment(
        self, workforce: Workforce, turnover: float, agency_share: float, tenure: float, gap: float
    ) -> float:
        """Mean days that a post is empty after a permanent worker: as stated, or from the vacancy.

        Where nobody permanent ever leaves, or there is nobody permanent, nothing can be solved.
        """
        days = self.value(workforce.recruitment)
        if workforce.vacancy is not None and turnover > 0 and agency_share < 1:
            vacancy = min(max(self.value(workforce.vacancy), 0.0), MOST_VACANT)
            days = gap_for(vacancy, turnover, agency_share, tenure, gap)
        return max(days, 1.0)

    def _on_workers(self, workforce: Workforce, kind: EffectKind) -> code.FloatArray:
        """What the practice model's effects of a kind multiply a workforce's rate by, by day."""
        factor = np.ones(len(self.days))
        practice = self.scenario.practice
        for effect in practice.effects if practice else ():
            if practice and effect.kind is kind and (workforce.key, "") in effect.targets:
                strength = np.clip(self._built_up(effect, practice), 0.0, 1.0)
                factor *= np.maximum(1 - strength * (1 - self.value(effect.ratio)), 0.0)
        return factor

    def _training(self, training: Training) -> code.TrainingCode:
        numbers = {team.key: number for number, team in enumerate(self.scenario.teams)}
        return code.TrainingCode(
            teams=tuple(sorted(numbers[key] for key in training.teams)),
            courses=_courses(training, len(self.days)),
            skill_first=training.skill_first,
            skill_days=training.skill_days,
            reference=min(max(self.value(training.reference), 1e-9), 1.0),
        )


def _courses(training: Training, days: int) -> tuple[tuple[int, int], ...]:
    """(day, seats) of the courses within the run: those that are stated, then those for starters.

    Rolling courses follow the last stated one; without any, the first day of the run.
    """
    courses = [(course.day, course.seats) for course in training.courses]
    if training.rolling_days > 0:
        last = max((day for day, _ in courses), default=0)
        later = range(last + training.rolling_days, days, training.rolling_days)
        courses += [(day, training.rolling_seats) for day in later]
    return tuple(sorted(course for course in courses if course[0] < days))


def _running(rate: code.FloatArray) -> code.FloatArray:
    """What a daily rate comes to by the end of each day, float64[day + 1] from 0."""
    return np.concatenate([[0.0], np.cumsum(rate)])
