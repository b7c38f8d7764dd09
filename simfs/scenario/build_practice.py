"""Practice models, a national reform and a service in crisis, in days of the run.

Everything here may assume a form that has passed `simfs.scenario.checks`.
"""

from simfs.scenario import forms as f
from simfs.scenario.build_parts import MONTH_DAYS, YEAR_DAYS, in_order, quantity
from simfs.scenario.environment import Walk
from simfs.scenario.practice import (
    ON_FAMILIES,
    Course,
    Effect,
    EffectKind,
    Fade,
    Investment,
    PracticeModel,
    Ramp,
    Reading,
    Reform,
    ServiceCrisis,
    Training,
)
from simfs.scenario.practice_forms import EffectForm, PracticeForm
from simfs.scenario.scenario import Calendar
from simfs.scenario.staff_forms import TrainingForm


def _split_target(text: str) -> tuple[str, str]:
    """(stage, route) of "stage.route"; a name without a point has no second part."""
    first, _, second = text.partition(".")
    return first, second


def _target(text: str, kind: str) -> tuple[str, str]:
    return _split_target(text) if kind == "route" else (text, "")


def _effect(path: str, key: str, form: EffectForm, go_live: int) -> Effect:
    assert form.ratio is not None
    assert form.ramp is not None
    ramp, fade = form.ramp, form.fade
    return Effect(
        key=key,
        label=form.label,
        kind=EffectKind(form.kind),
        targets=tuple(_target(text, form.kind) for text in form.targets),
        ratio=quantity(form.ratio, f"{path}.ratio"),
        published=form.published.value if form.published else form.ratio.value,
        reading=Reading(form.reading),
        ramp=Ramp(
            start=go_live + round(ramp.start_months * MONTH_DAYS),
            half=quantity(ramp.half_months, f"{path}.ramp.half_months", "days", MONTH_DAYS),
            ninety=quantity(ramp.ninety_months, f"{path}.ramp.ninety_months", "days", MONTH_DAYS),
        ),
        fade=Fade(
            start=go_live + round(fade.start_months * MONTH_DAYS),
            half_life=quantity(
                fade.half_life_years, f"{path}.fade.half_life_years", "days", YEAR_DAYS
            ),
        )
        if fade
        else None,
        team_share=quantity(form.team_share, f"{path}.team_share", "share"),
        reference_dose=quantity(form.reference_dose, f"{path}.reference_dose", "percent"),
        dose_power=quantity(form.dose_power, f"{path}.dose_power"),
        remainder=form.remainder,
    )


def _training(path: str, form: TrainingForm, days: Calendar) -> Training:
    rolling = form.rolling
    return Training(
        teams=tuple(sorted(set(form.teams))),
        courses=tuple(
            Course(day, seats)
            for day, seats in sorted((days.day_of(c.date), c.seats) for c in form.courses)
        ),
        # a course that comes round every few hours would never end
        rolling_days=max(round(rolling.every_months * MONTH_DAYS), 1) if rolling else 0,
        rolling_seats=rolling.seats if rolling else 0,
        skill_first=form.skill_first,
        skill_days=round(form.skill_months * MONTH_DAYS),
        reference=quantity(form.reference, f"{path}.reference", "share"),
    )


def practice(key: str, form: PracticeForm, days: Calendar) -> PracticeModel:
    """The practice model of an arm."""
    go_live = days.day_of(form.go_live) if form.go_live else None
    path = f"practice_models.{key}"
    return PracticeModel(
        key=key,
        label=form.label,
        go_live=go_live,
        slip=quantity(form.slip_months, f"{path}.slip_months", "days", MONTH_DAYS),
        effects=tuple(
            _effect(f"{path}.effects.{name}", name, effect, go_live or 0)
            for name, effect in in_order(form.effects)
        ),
        training=_training(f"{path}.training", form.training, days) if form.training else None,
        investments=tuple(
            Investment(name, item.label, tuple(item.pounds), item.payer, item.ledger)
            for name, item in in_order(form.investments)
        ),
    )


def reform(form: f.FileForm, days: Calendar) -> Reform | None:
    """The national reform, with the effects on families of the practice model that it names."""
    stated = form.reform
    if stated is None:
        return None
    key = stated.practice_model
    effects = practice(key, form.practice_models[key], days).effects
    return Reform(
        start=days.day_of(stated.date),
        share=quantity(stated.share, "reform.share", "share"),
        half=quantity(stated.half_months, "reform.half_months", "days", MONTH_DAYS),
        ninety=quantity(stated.ninety_months, "reform.ninety_months", "days", MONTH_DAYS),
        effects=tuple(effect for effect in effects if effect.kind in ON_FAMILIES),
    )


def walks(form: f.FileForm) -> tuple[Walk, ...]:
    """The authority's drift, in order of key."""
    return tuple(
        Walk(
            key=key,
            label=walk.label,
            targets=tuple(sorted(_split_target(text) for text in walk.targets)),
            sd=quantity(walk.sd, f"drift.{key}.sd"),
            half_life=quantity(walk.half_life_months, f"drift.{key}.half_life_months", "months"),
            returns_to=quantity(walk.returns_to, f"drift.{key}.returns_to"),
        )
        for key, walk in in_order(form.drift)
    )


def service_crisis(form: f.FileForm) -> ServiceCrisis | None:
    """What may befall the service; None where its chance is nothing."""
    stated = form.service_crisis
    if stated is None or stated.per_year == 0:
        return None
    return ServiceCrisis(
        per_year=stated.per_year,
        ratio=stated.ratio,
        targets=tuple(_target(text, "route") for text in stated.targets),
        days=max(round(stated.months * MONTH_DAYS), 1),
    )
