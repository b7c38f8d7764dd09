"""On numbers of which evidence grade a saving rests: by effect, by price, and by both at once.

A study is run at its central values as it is, without each effect in turn, and without any, with
the same luck. By how much the saving on a cost line falls without an effect is what the effect
carries there. What effects carry singly need not add up to what they carry together: the rest is a
row of its own, and so is what remains without any effect, such as posts that change what work
costs. Every pound has an effect and a price, and is no better known than the weaker of the two.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simfs.analysis.measures import gross_metrics
from simfs.analysis.outcomes import Outcomes
from simfs.analysis.prices import PENCE_PER_POUND
from simfs.analysis.savings import SAVINGS
from simfs.engine.tally import IntArray
from simfs.scenario.costs import Cost
from simfs.scenario.mechanisms import effects_of
from simfs.scenario.practice import Effect
from simfs.scenario.scenario import Scenario, Study

FloatArray = NDArray[np.float64]

NOT_GRADED = "not graded"
GRADES = ("A", "B", "C", "D", NOT_GRADED)  # each weaker than the one before
GROSS = SAVINGS["gross_saving_pence"]
# Of a total within so many standard errors of nothing, a share is no number.
CLEAR_OF_NOTHING = 3


@dataclass(frozen=True, slots=True)
class Rated:
    """Something that a saving rests on, and how well its number is known.

    Attributes:
        key: of the effect or the cost line; empty for what no single effect carries.
        label: words for people.
        grade: one of `GRADES`; empty where no number is behind it.
    """

    key: str
    label: str
    grade: str


@dataclass(frozen=True, slots=True)
class Portion:
    """Part of a saving, in pounds over all years.

    Attributes:
        pounds: mean over futures; negative where it costs.
        standard_error: of the mean; NaN with a single future.
        share: of the whole saving, or None where that is not clearly above nothing.
        share_error: standard error of the share, or None.
    """

    pounds: float
    standard_error: float
    share: float | None
    share_error: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Graded:
    """The central gross saving of one arm, shared out.

    Attributes:
        arm: key of the arm.
        causes: effects in order of key, then what they only do together, then what needs none.
        lines: cost lines that a gross saving is made of, in the order of the price list.
        pence: saving over all years, int64[future, cause, line]; adds up to the whole.
    """

    arm: str
    causes: tuple[Rated, ...]
    lines: tuple[Rated, ...]
    pence: IntArray

    @property
    def futures(self) -> int:
        """How many central futures it stands on."""
        return len(self.pence)

    @property
    def whole(self) -> Portion:
        """The whole saving."""
        return self._portion(np.ones(self.pence.shape[1:], dtype=np.bool_))

    def by_cause(self) -> tuple[tuple[Rated, Portion], ...]:
        """What each effect carries, and what no single one does; rows add up to the whole."""
        return tuple(
            (cause, self._portion(self._only(row, None))) for row, cause in enumerate(self.causes)
        )

    def by_both(self) -> tuple[tuple[Rated, Rated, str, Portion], ...]:
        """Every cause and line that come together: the weaker of their grades, and how much."""
        return tuple(
            (cause, line, self.grade(cause, line), self._portion(self._only(row, column)))
            for row, cause in enumerate(self.causes)
            for column, line in enumerate(self.lines)
            if self.pence[:, row, column].any()
        )

    def by_grade(
        self, grade_of: Callable[[Rated, Rated], str] | None = None
    ) -> tuple[tuple[str, Portion], ...]:
        """How much rests on each grade, weakest first; by the weaker of effect and price."""
        named = grade_of or self.grade
        grades = np.array([[named(cause, line) for line in self.lines] for cause in self.causes])
        present = [grade for grade in (*reversed(GRADES), "") if (grades == grade).any()]
        found = ((grade, self._portion(grades == grade)) for grade in present)
        return tuple((grade, portion) for grade, portion in found if portion.pounds)

    @staticmethod
    def grade(cause: Rated, line: Rated) -> str:
        """The weaker of the grades of an effect and a price."""
        return weaker((cause.grade, line.grade))

    def _only(self, row: int, column: int | None) -> NDArray[np.bool_]:
        chosen = np.zeros(self.pence.shape[1:], dtype=np.bool_)
        chosen[row, slice(None) if column is None else column] = True
        return chosen

    def _portion(self, chosen: NDArray[np.bool_]) -> Portion:
        whole = self.pence.sum(axis=(1, 2)) / PENCE_PER_POUND
        part = self.pence[:, chosen].sum(axis=1) / PENCE_PER_POUND
        mean, error = float(part.mean()), _standard_error(part)
        total, unsure = float(whole.mean()), _standard_error(whole)
        if not total > CLEAR_OF_NOTHING * unsure:
            return Portion(mean, error, None, None)
        share = mean / total
        return Portion(mean, error, share, _standard_error(part - share * whole) / total)


@dataclass(frozen=True, slots=True)
class PricedLine:
    """What is saved on one cost line over all years, in the futures of a run.

    Attributes:
        line: the cost line and the grade of its pounds.
        pounds: mean over futures; negative where more is spent.
        share: of the gross saving, or None where its mean is not above nothing.
    """

    line: Rated
    pounds: float
    share: float | None


def weaker(grades: Sequence[str]) -> str:
    """The weakest of some grades; empty ones are of nothing.

    >>> weaker(("C", "A")), weaker(("", "B")), weaker(("D", "not graded")), weaker(())
    ('C', 'B', 'not graded', '')
    """
    return max((grade for grade in grades if grade), key=GRADES.index, default="")


def by_price(outcomes: Outcomes, arm: str) -> tuple[PricedLine, ...]:
    """What an arm saves on each line of its gross saving, most first; exact, no line left out."""
    costs = gross_costs(outcomes.study.arm(outcomes.baseline), outcomes.study.arm(arm))
    saved = {
        line: sum(float(_saved(outcomes, arm, key).mean()) for key in gross_metrics(cost))
        / PENCE_PER_POUND
        for cost, line in zip(costs, rated_lines(outcomes.study, arm), strict=True)
    }
    total = sum(saved.values())
    return tuple(
        PricedLine(line, pounds, pounds / total if total > 0 else None)
        for line, pounds in sorted(saved.items(), key=lambda item: -item[1])
    )


def _saved(outcomes: Outcomes, arm: str, key: str) -> IntArray:
    fall = outcomes.of(outcomes.baseline, key) - outcomes.of(arm, key)
    return np.asarray(fall.sum(axis=1))


def rated_lines(study: Study, arm: str) -> tuple[Rated, ...]:
    """Cost lines of the gross saving of an arm, with the grades of their pounds."""
    grades = _grades_of(study)
    return tuple(
        Rated(cost.key, cost.label or cost.key, grades.get(cost.pounds.path, NOT_GRADED))
        for cost in gross_costs(study.arm(study.baseline), study.arm(arm))
    )


def gross_costs(*arms: Scenario) -> tuple[Cost, ...]:
    """Cost lines that a gross saving is made of, each once, in the order of the price lists."""
    found = {cost.key: cost for arm in arms for cost in arm.prices.costs if cost.ledger in GROSS}
    return tuple(found.values())


def graded_saving(
    study: Study, arm: str, whole: IntArray, without: Mapping[str, IntArray], none: IntArray
) -> Graded:
    """Share out the saving of an arm.

    Args:
        study: what was run.
        arm: key of the arm.
        whole: pence saved over all years on each line of `rated_lines`, int64[future, line].
        without: the same without each effect of the arm, by its key.
        none: the same without any effect.
    """
    effects = effects_of(study.arm(arm))
    singly = [whole - without[effect.key] for effect in effects]
    together = whole - none - sum(singly)
    rated = tuple(_rated(effect, _grades_of(study)) for effect in effects)
    causes = (
        *rated,
        Rated("", "Effects together, beside what each does", weaker([one.grade for one in rated])),
        Rated("", "Without any effect: posts and their costs", ""),
    )
    return Graded(arm, causes, rated_lines(study, arm), np.stack([*singly, together, none], axis=1))


def _rated(effect: Effect, grades: Mapping[str, str]) -> Rated:
    grade = grades.get(effect.ratio.path, NOT_GRADED)
    return Rated(effect.key, effect.label or effect.key, grade)


def _grades_of(study: Study) -> dict[str, str]:
    """Grades by path of the number."""
    return {row.path: row.grade or NOT_GRADED for row in study.ledger}


def _standard_error(values: FloatArray) -> float:
    if len(values) < 2:
        return float("nan")
    return float(values.std(ddof=1)) / float(np.sqrt(len(values)))
