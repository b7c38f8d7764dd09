"""Rules about effects: targets that exist, numbers within what they mean, a reform, a crisis.

Each rule yields a `Problem` (the file is refused) or a text (a warning that every report repeats).
"""

import math
from collections.abc import Iterable, Iterator

from simfs.errors import Problem
from simfs.scenario import forms as f
from simfs.scenario.build_staff import posts_by_day
from simfs.scenario.names import Remark, unknown
from simfs.scenario.practice import ON_FAMILIES
from simfs.scenario.practice_forms import EffectForm, PracticeForm, ReformForm
from simfs.scenario.scenario import Calendar
from simfs.scenario.staff_checks import within

Gained = dict[tuple[str, str, int], float]


def effect_remarks(form: f.FileForm) -> Iterator[Remark]:
    """Remarks on the effects of practice models."""
    for model_key, model in form.practice_models.items():
        gained: Gained = {}
        for key, effect in model.effects.items():
            place = f"practice_models.{model_key}.effects.{key}"
            yield from _effect_numbers(place, effect, form.study.preset)
            for target in effect.targets:
                yield from _target(form, place, effect, target, gained)
        place = f"practice_models.{model_key}"
        yield from _too_much(form, f"{place}.effects", gained)
        yield from _agency(form, place, model)


def _too_much(form: f.FileForm, place: str, gained: Gained) -> Iterator[Problem]:
    """Remainders from which ratios above 1 take more than they have."""
    for (stage_key, remainder, band), extra in gained.items():
        p = _in_band(form.stages[stage_key].routes[remainder], band)
        if extra > p + 1e-12:
            yield Problem(
                place,
                f"the central ratios move {extra:.3g} from the remainder {remainder!r} of "
                f"stage {stage_key!r}, which has only {p:g}: a probability would leave "
                "[0, 1]; lower the ratio or name another remainder",
            )


def _effect_numbers(place: str, effect: EffectForm, preset: str | None) -> Iterator[Remark]:
    """Numbers of an effect within what they mean."""
    for name in ("ratio", "ramp"):
        if getattr(effect, name) is None:
            by = f"preset {preset!r} gives none" if preset else "no preset is in force"
            yield Problem(place, f"missing {name}, and {by}; add it here or in a preset")
    if effect.reading == "flow" and effect.published is None:
        yield Problem(place, 'reading = "flow" needs published = …, the ratio of the flow')
    limits = (
        ("ratio", effect.ratio, 0.0, 20.0),
        ("team_share", effect.team_share, 0.0, 1.0),
        ("reference_dose", effect.reference_dose, 1.0, 100.0),
        ("dose_power", effect.dose_power, 0.01, 20.0),
    )
    for name, number, low, high in limits:
        if number is not None and not low <= number.value <= high:
            yield Problem(
                f"{place}.{name}",
                f"must be between {low:g} and {high:g}, got {number.value:g}"
                + (f"; did you mean {number.value / 100:g}?" if number.value > high else ""),
            )
    if 0 <= effect.team_share.value <= 1:
        yield from within(f"{place}.team_share", effect.team_share, 0, 1)
    zero = effect.ratio is not None and effect.ratio.value == 0
    if zero and effect.kind not in ("route", "stream"):
        what = "a stay" if effect.kind == "stay" else "what a workforce does"
        yield Problem(f"{place}.ratio", f"{what} cannot be multiplied by 0; use a ratio above 0")
    ramp, fade = effect.ramp, effect.fade
    if ramp and not 0 < ramp.half_months.value < ramp.ninety_months.value:
        yield Problem(
            f"{place}.ramp",
            f"half_months must be above 0 and below ninety_months, got "
            f"{ramp.half_months.value:g} and {ramp.ninety_months.value:g}; swap or change them",
        )
    if fade and fade.half_life_years.value <= 0:
        yield Problem(
            f"{place}.fade.half_life_years",
            f"must be above 0, got {fade.half_life_years.value:g}; leave fade out for none",
        )


def _target(
    form: f.FileForm, place: str, effect: EffectForm, target: str, gained: Gained
) -> Iterator[Remark]:
    """A target that must exist; `gained` sums what leaves each remainder for ratios above 1."""
    spot = f"{place}.targets"
    match effect.kind:
        case "route":
            ratio = effect.ratio.value if effect.ratio else 1.0
            yield from _route_target(form, spot, target, effect.remainder, ratio, gained)
        case "stream":
            yield from unknown(spot, "stream", target, form.streams)
        case "stay":
            yield from unknown(spot, "stage", target, form.stages)
        case _:
            yield from unknown(spot, "workforce", target, form.workforces)


def _route_target(
    form: f.FileForm,
    spot: str,
    target: str,
    named: str | None,
    ratio: float,
    gained: Gained,
) -> Iterator[Remark]:
    """A route that must exist and have a remainder, the named one where its stage has it."""
    routes = [f"{key}.{name}" for key, stage in form.stages.items() for name in stage.routes]
    if target not in routes:
        yield from unknown(spot, "stage.route", target, routes)
        return
    stage_key, _, name = target.partition(".")
    stage = form.stages[stage_key]
    remainder = named if named in stage.routes else stage.remainder
    if remainder not in stage.routes or remainder == name:
        yield Problem(
            spot,
            f"{target!r} needs another route of stage {stage_key!r} as remainder; got "
            f"{remainder!r}; known: {', '.join(sorted(set(stage.routes) - {name})) or 'none'}",
        )
        return
    if ratio > 1 and remainder is not None:
        for band in range(len(stage.age_bands)):
            share = (ratio - 1) * _in_band(stage.routes[name], band)
            spot_of = (stage_key, remainder, band)
            gained[spot_of] = gained.get(spot_of, 0.0) + share


def _in_band(route: f.RouteForm, band: int) -> float:
    """A route's probability in an age band."""
    return route.p[band if band < len(route.p) else 0]


def _agency(form: f.FileForm, place: str, model: PracticeForm) -> Iterator[Problem]:
    """Effects that together would make more than every appointment an agency worker."""
    for name, workforce in form.workforces.items():
        ratios = [
            (key, effect.ratio.value)
            for key, effect in model.effects.items()
            if effect.kind == "agency" and effect.ratio and name in effect.targets
        ]
        share = workforce.agency_share.value
        raised = share * math.prod(ratio for _, ratio in ratios)
        if ratios and raised > 1 >= share:
            key, ratio = max(ratios, key=lambda item: item[1])
            yield Problem(
                f"{place}.effects.{key}.ratio",
                f"makes the agency_share {share:g} of workforce {name!r} {raised:.3g}, which is "
                f"more than every appointment; got {ratio:g}, lower it",
            )


def shared_remarks(form: f.FileForm, days: Calendar) -> Iterator[Remark]:
    """Remarks on what reaches every arm: a reform, a service in crisis."""
    if form.reform is not None:
        yield from _reform(form, form.reform, days)
    crisis = form.service_crisis
    if crisis is None:
        return
    gained: Gained = {}
    for target in crisis.targets:
        spot = "service_crisis.targets"
        yield from _route_target(form, spot, target, None, crisis.ratio, gained)
    yield from _too_much(form, "service_crisis.ratio", gained)


def _reform(form: f.FileForm, reform: ReformForm, days: Calendar) -> Iterator[Remark]:
    yield from unknown(
        "reform.practice_model", "practice model", reform.practice_model, form.practice_models
    )
    yield from within("reform.share", reform.share, 0, 1)
    if not 0 < reform.half_months.value < reform.ninety_months.value:
        yield Problem(
            "reform.half_months",
            f"must be above 0 and below ninety_months, got {reform.half_months.value:g} and "
            f"{reform.ninety_months.value:g}; swap or change them",
        )
    if days.day_of(reform.date) >= days.days:
        yield f"reform.date: {reform.date} is after the run ends"


def specialists_missing(form: f.FileForm, days: Calendar, arms: Iterable[str]) -> Iterator[Problem]:
    """Effects that rest on specialists, in an arm that never has any."""
    for arm in arms:
        name = form.arms[arm].practice_model if arm in form.arms else None
        model = form.practice_models.get(name or "")
        if model is None:
            continue
        posts = [
            posts_by_day(key, team, model, days)
            for key, team in form.teams.items()
            if team.kind == "specialist" and team.posts != "unlimited"
        ]
        if any(n > 0 and day < days.days for steps in posts for day, n in steps):
            continue
        resting = [
            key
            for key, effect in model.effects.items()
            if effect.kind in ON_FAMILIES and effect.team_share.value < 1
        ]
        late = model.staffing_late_months
        if resting:
            yield Problem(
                f"practice_models.{name}",
                f"specialists demanded by arm {arm!r}, which never has a specialist post: effects "
                f"{', '.join(resting)} rest on them; add posts to staffing"
                + (f", lower staffing_late_months from {late:g}" if late else "")
                + ", or write team_share = 1",
            )
