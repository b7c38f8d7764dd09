"""From the checked form of a file to the scenario of one arm: units become days, dates become days.

Everything here may assume a form that has passed `simfs.scenario.checks`.
"""

import math
from dataclasses import replace

import numpy as np
from scipy import special

from simfs.scenario import build_practice as practices
from simfs.scenario import build_staff as staffing
from simfs.scenario import durations as d
from simfs.scenario import form_parts as parts
from simfs.scenario import forms as f
from simfs.scenario.build_parts import YEAR_DAYS, calendar, in_order, quantity, shape_of
from simfs.scenario.claims import Against, Aggregate, Claim, Direction, UntestedClaim
from simfs.scenario.costs import Basis, Cost, Ledger, Placement, PlacementMix, PriceList
from simfs.scenario.demand import Demand, Need, Stream
from simfs.scenario.environment import Counted, DriftTarget, Fall
from simfs.scenario.pathway import (
    AgeMix,
    CaseUnit,
    Count,
    Crisis,
    Drawing,
    Exit,
    Pathway,
    Route,
    Split,
    Stage,
    WithoutWorker,
)
from simfs.scenario.practice_forms import DriftTargetForm
from simfs.scenario.scenario import Calendar, Scenario


def _fitted_lognormal(percentiles: dict[str, float]) -> tuple[float, d.Shape]:
    """Mean and shape of the lognormal through the percentiles, least squares in logs."""
    points = sorted((int(key[1:]) / 100, value) for key, value in percentiles.items())
    z = special.ndtri(np.array([u for u, _ in points]))
    logs = np.log(np.array([value for _, value in points]))
    sigma = float(((z - z.mean()) * (logs - logs.mean())).sum() / ((z - z.mean()) ** 2).sum())
    mean = math.exp(float(logs.mean()) - sigma * float(z.mean()) + sigma**2 / 2)
    return mean, d.Lognormal(math.sqrt(math.expm1(sigma**2)))


def _histogram(form: parts.HistogramForm) -> tuple[float, d.Shape]:
    """Mean of a grouped distribution and its shape about that mean."""
    middles = [(a + b) / 2 for a, b in zip(form.edges, form.edges[1:], strict=False)]
    mean = math.fsum(m * p for m, p in zip(middles, form.shares, strict=True))
    return mean, d.Histogram(tuple(e / mean for e in form.edges), tuple(form.shares))


def stay(form: parts.StayForm) -> d.Stay:
    """A stay in days, whichever way the file writes it."""
    if form.until_18:
        return d.Stay(18 * YEAR_DAYS, d.Fixed(), until_18=True)
    shape: d.Shape
    if form.histogram is not None:
        mean, shape = _histogram(form.histogram)
        mean = mean if form.mean is None else form.mean
    elif form.percentiles is not None:
        mean, shape = _fitted_lognormal(form.percentiles)
    elif form.uniform is not None:
        low, high = form.uniform
        mean = (low + high) / 2
        shape = d.Uniform((high - low) / 2 / mean)
    elif form.triangular is not None:
        mean = math.fsum(form.triangular) / 3
        shape = d.Triangular(*(end / mean for end in form.triangular))
    elif form.median is not None:
        shape = shape_of(form.shape)
        mean = form.median / float(shape.quantile(np.array([0.5]))[0])
    else:
        mean, shape = form.mean or 0.0, shape_of(form.shape)
    return d.Stay(mean * parts.UNIT_DAYS[form.unit or "days"], shape)


def _route(key: str, form: f.RouteForm, bands: int) -> Route:
    return Route(
        key=key,
        label=form.label,
        to=form.to or key,
        p=tuple(form.p) if len(form.p) > 1 else tuple(form.p) * bands,
        stay=stay(form.stay) if form.stay else None,
        ages=form.ages,
        share_of_children=form.share_of_children,
        otherwise=form.otherwise,
    )


def _stage(key: str, form: f.StageForm) -> Stage:
    crisis = form.crisis
    return Stage(
        key=key,
        label=form.label,
        unit=CaseUnit(form.unit),
        team=form.team,
        drawing=Drawing(form.drawing),
        stay=stay(form.stay) if form.stay else None,
        own_work_share=form.own_work_share.share,
        shared_stay=form.shared_stay,
        age_bands=tuple(form.age_bands),
        age_at=form.age_at,
        routes=tuple(
            _route(name, route, len(form.age_bands)) for name, route in in_order(form.routes)
        ),
        remainder=form.remainder,
        priority=form.priority,
        counts=tuple(sorted(form.counts)),
        limit_days=form.limit_days,
        crisis=Crisis(crisis.per_day, crisis.to, crisis.ages) if crisis else None,
        specialists=form.specialists,
        without_worker=WithoutWorker(form.without_worker or ("holds" if form.team else "runs")),
        needs=tuple(in_order(form.needs)),
        placements=form.placements,
        opening=form.opening.children,
        opening_ages=form.opening_ages,
        opening_after=form.opening_after,
    )


def pathway(form: f.FileForm) -> Pathway:
    """The map of the service."""
    mixes = in_order(form.age_mixes)
    return Pathway(
        stages=tuple(_stage(key, stage) for key, stage in in_order(form.stages)),
        exits=tuple(Exit(key, item.label) for key, item in in_order(form.exits)),
        splits=tuple(
            Split(key, tuple(in_order(split.shares))) for key, split in in_order(form.splits)
        ),
        counts=tuple(Count(key, item.label) for key, item in in_order(form.counts)),
        age_mixes=tuple(AgeMix(k, tuple(m.edges), tuple(m.shares), m.early) for k, m in mixes),
    )


def demand(form: f.FileForm, days: Calendar) -> Demand:
    """Who comes."""
    needs = form.needs.__pydantic_extra__ or {}
    return Demand(
        streams=tuple(
            Stream(
                key=key,
                label=stream.label,
                to=stream.to,
                per_year=tuple(
                    (days.day_of(step.from_) if step.from_ else 0, step.value)
                    for step in stream.per_year
                ),
                ages=stream.ages,
            )
            for key, stream in in_order(form.streams)
        ),
        sizes=tuple(form.families.sizes),
        earlier_plan=form.families.earlier_plan,
        needs=tuple(Need(key, need.label) for key, need in in_order(needs)),
        need_correlation=form.needs.correlation,
    )


def prices(form: f.FileForm) -> PriceList:
    """The price list."""
    return PriceList(
        costs=tuple(
            Cost(
                key=key,
                label=cost.label,
                basis=Basis(cost.basis),
                applies_to=tuple(sorted(cost.applies_to)),
                pounds=replace(
                    quantity(cost.pounds, f"costs.{key}.pounds", "£"), value_is_mean=True
                ),
                per=cost.per,
                growth=quantity(cost.growth, f"costs.{key}.growth", "share a year"),
                payer=cost.payer,
                ledger=Ledger(cost.ledger),
                spell_cv=cost.spell_cv,
                block_places=quantity(cost.block_places, f"costs.{key}.block_places", "places"),
            )
            for key, cost in in_order(form.costs)
        ),
        placements=tuple(Placement(key, item.label) for key, item in in_order(form.placements)),
        mixes=tuple(_placement_mix(key, mix) for key, mix in in_order(form.placement_mixes)),
        price_year=form.study.price_year,
        discount_rate=form.money.discount_rate,
        inflation=tuple(in_order(form.money.inflation)),
    )


def _placement_mix(key: str, form: f.PlacementMixForm) -> PlacementMix:
    aged = tuple((band.from_age, tuple(in_order(band.shares))) for band in form.by_age)
    return PlacementMix(key, aged or ((0.0, tuple(in_order(form.shares))),))


def scenario(arm: str, form: f.FileForm) -> Scenario:
    """One arm, resolved."""
    days = calendar(form.study)
    name = form.arms[arm].practice_model
    model = form.practice_models[name] if name else None
    staff = staffing.workforces(form)
    return Scenario(
        arm=arm,
        label=form.arms[arm].label,
        calendar=days,
        pathway=pathway(form),
        demand=demand(form, days),
        teams=tuple(
            staffing.team(key, team, model, form, staff) for key, team in in_order(form.teams)
        ),
        practice=practices.practice(name, model, days) if name and model else None,
        prices=prices(form),
        reform=practices.reform(form, days),
        service_crisis=practices.service_crisis(form),
        walks=practices.walks(form),
    )


def drift_target(form: DriftTargetForm) -> DriftTarget:
    """What walks are sized by."""
    falls = tuple(Fall(each.fall, each.years, each.chance) for each in form.chances)
    return DriftTarget(form.count, Counted(form.what), tuple(form.sd), falls)


def claim(form: f.ClaimForm, days: Calendar) -> Claim:
    """A claim with its years as indexes into the run's financial years."""
    labels = [label for label, _, _ in days.years]
    assert form.metric is not None
    assert form.from_ is not None
    assert form.to is not None
    return Claim(
        id=form.id,
        words=form.words,
        source=form.source,
        paragraph=form.paragraph,
        metric=form.metric,
        against=Against(form.against),
        relative=form.relative,
        aggregate=Aggregate(form.aggregate),
        first_year=labels.index(form.from_),
        last_year=labels.index(form.to),
        direction=Direction(form.direction),
        threshold=form.threshold,
        unit=form.unit,
        reading=form.reading,
        grade=form.grade,
        budget=form.budget,
    )


def untested(form: f.ClaimForm, why: str) -> UntestedClaim:
    """A claim about what is not simulated, and why it is not."""
    return UntestedClaim(
        id=form.id,
        words=form.words,
        source=form.source,
        paragraph=form.paragraph,
        threshold=form.threshold,
        unit=form.unit,
        reading=form.reading,
        grade=form.grade,
        why=why,
    )
