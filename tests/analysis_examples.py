"""Small studies, tallies and outcomes with round numbers, for the tests of analysis."""

from dataclasses import replace
from datetime import date

import numpy as np

from simfs.analysis.measures import Metric, weekly_metrics, yearly_metrics
from simfs.analysis.outcomes import Outcomes
from simfs.engine.tally import Tally
from simfs.scenario.claims import Against, Aggregate, Claim, Direction
from simfs.scenario.costs import Basis, Cost, Ledger, Placement, PriceList
from simfs.scenario.demand import Demand, Need, Stream
from simfs.scenario.durations import Exponential, Stay
from simfs.scenario.pathway import (
    CaseUnit,
    Count,
    Crisis,
    Drawing,
    Exit,
    Pathway,
    Route,
    Stage,
    WithoutWorker,
)
from simfs.scenario.practice import Effect, EffectKind, Investment, PracticeModel, Ramp, Reading
from simfs.scenario.quantities import exactly
from simfs.scenario.scenario import Calendar, Scenario, Study
from simfs.scenario.workforce import AllocationRule, CaseloadUnit, Establishment, Team, TeamKind

FIVE_YEARS = Calendar(date(2023, 4, 1), 1827)
TWO_YEARS = Calendar(date(2023, 4, 1), 731)


def a_stage(key, routes, counts=(), opening=0.0, team=None, crisis=None, limit_days=None):
    return Stage(
        key=key,
        label=key.replace("_", " ").capitalize(),
        unit=CaseUnit.FAMILY,
        team=team,
        drawing=Drawing.STAY_FIRST,
        stay=Stay(100.0, Exponential()),
        own_work_share=1.0,
        shared_stay=False,
        age_bands=(0.0,),
        age_at="entry",
        routes=tuple(Route(to, to, to, (p,)) for to, p in routes),
        remainder=None,
        priority=5,
        counts=counts,
        limit_days=limit_days,
        crisis=crisis,
        specialists=False,
        without_worker=WithoutWorker.RUNS if team is None else WithoutWorker.HOLDS,
        needs=(),
        placements=None,
        opening=opening,
    )


def a_pathway():
    """Stages assessment, care, child_protection; exits closed, eighteen."""
    return Pathway(
        stages=(
            a_stage(
                "assessment", (("child_protection", 0.3), ("closed", 0.7)), team="safeguarding"
            ),
            a_stage("care", (("eighteen", 1.0),), ("looked_after",), opening=349),
            a_stage(
                "child_protection",
                (("care", 0.1), ("closed", 0.9)),
                ("child_protection",),
                opening=200,
                team="safeguarding",
                crisis=Crisis(0.001, "care"),
                limit_days=182,
            ),
        ),
        exits=(Exit("closed", "Closed"), Exit("eighteen", "Turned 18")),
        splits=(),
        counts=(
            Count("child_protection", "Child protection plans"),
            Count("looked_after", "Looked-after children"),
        ),
        age_mixes=(),
    )


def a_team(key="safeguarding", posts=((0, 32),), kind=TeamKind.SOCIAL_WORK, serves=None):
    return Team(
        key=key,
        label=key.capitalize(),
        kind=kind,
        unit=CaseloadUnit.CHILDREN,
        establishment=tuple(Establishment(*step) for step in posts),
        caseload=((0, 18),),
        rule=AllocationRule.BELOW_LIMIT,
        continuity=True,
        handover_days=0,
        serves=serves,
    )


def a_cost(key, basis, applies_to, pounds, ledger=Ledger.CASHABLE, **fields):
    values = {"per": 1.0, "growth": exactly(0.0), "payer": "council", "spell_cv": 0.0} | fields
    return Cost(
        key=key,
        label=key,
        basis=basis,
        applies_to=applies_to,
        pounds=exactly(pounds, f"costs.{key}.pounds"),
        ledger=ledger,
        **values,
    )


def a_scenario(arm="before", costs=(), calendar=TWO_YEARS, practice=None, teams=None, needs=()):
    return Scenario(
        arm=arm,
        label=arm,
        calendar=calendar,
        pathway=a_pathway(),
        demand=Demand(
            streams=(Stream("referral", "Referrals", "assessment", ((0, 100.0),)),),
            needs=tuple(Need(key, key.capitalize()) for key in needs),
        ),
        teams=(a_team(),) if teams is None else teams,
        practice=practice,
        prices=PriceList(
            costs=costs,
            placements=(Placement("foster", "Foster"), Placement("home", "Home")),
            price_year="2022-23",
        ),
    )


def a_practice_model(pounds=(89_000.0,), grant=(), effects=()):
    investments = (Investment("set_up", "Set-up", pounds, "council", "investment"),)
    if grant:
        investments = (Investment("grant", "Grant", grant, "council", "grant"), *investments)
    return PracticeModel("model", "Model", 183, exactly(0.0), effects, None, investments)


def an_effect(key="cp_start"):
    one = exactly(1.0)
    return Effect(
        key=key,
        label="Fewer plans",
        kind=EffectKind.ROUTE,
        targets=(("assessment", "child_protection"),),
        ratio=exactly(0.8),
        published=0.8,
        reading=Reading.ROUTE,
        ramp=Ramp(183, exactly(200.0), exactly(600.0)),
        fade=None,
        team_share=one,
        reference_dose=exactly(40.0),
        dose_power=one,
    )


def an_empty_tally(scenario):
    calendar, pathway = scenario.calendar, scenario.pathway
    years, days, weeks = len(calendar.years), calendar.days, calendar.weeks
    stages, teams = len(pathway.stages), len(scenario.teams)
    needs, effects = len(scenario.demand.needs), len(scenario.effects)
    routes = max(len(stage.routes) for stage in pathway.stages)
    exits = len(pathway.exits)

    def zeros(*shape):
        return np.zeros(shape, dtype=np.int64)

    return Tally(
        stage_children=zeros(stages, days),
        waiting_children=zeros(stages, days),
        placement_days=zeros(years, len(scenario.prices.placements), 10),
        route_children=zeros(years, stages, routes),
        crisis_children=zeros(years, stages),
        starts_children=zeros(years, len(pathway.counts)),
        repeat_starts_children=zeros(years),
        entry_children=zeros(years, stages),
        diverted_children=zeros(years, effects),
        exit_days=zeros(years, exits),
        exit_children=zeros(years, exits),
        breach_children=zeros(years, stages),
        team_load=zeros(teams, days),
        team_cases=zeros(teams, days),
        team_posts=zeros(teams, days),
        team_agency=zeros(teams, days),
        load_p90=zeros(teams, weeks),
        allocated=zeros(teams, weeks),
        waited_days=zeros(teams, weeks),
        wait_median=np.full((teams, weeks), -1),
        wait_p90=np.full((teams, weeks), -1),
        handovers=zeros(teams, weeks),
        breaches=zeros(teams, weeks),
        handover_children=zeros(years, stages),
        needs_wanted=zeros(needs, days),
        needs_met=zeros(needs, days),
        dose_sum=zeros(years),
        dose_stays=zeros(years),
    )


def a_tally_of_numbers(scenario, seed=1):
    """A tally with a different number in every cell, within what days and children allow."""
    numbers = np.random.Generator(np.random.Philox(key=seed))
    empty = an_empty_tally(scenario)
    return Tally(
        **{
            name: numbers.integers(50, 60, size=getattr(empty, name).shape)
            for name in Tally.__slots__
        }
    )


def a_claim(metric="gross_saving", threshold=0.0, **fields):
    claim = Claim(
        id="claim",
        words="words",
        source="paper",
        paragraph="1",
        metric=metric,
        against=Against.BASELINE,
        relative=False,
        aggregate=Aggregate.AT,
        first_year=0,
        last_year=0,
        direction=Direction.AT_LEAST,
        threshold=threshold,
        unit="£",
        reading="",
        grade="D",
    )
    return replace(claim, **fields)


def a_study(arms=None, claims=()):
    arms = arms or (a_scenario("before"), a_scenario("after"))
    return Study("study", "Study", arms[0].arm, arms, claims, "", (), (), (), "")


def some_outcomes(study, futures=40, fill=None, drift=False, seed=7, weeks=3, by_week=None):
    """Outcomes with `fill(arm, key) -> int[N, year]` and `by_week(arm, key) -> float[N, week]`.

    All is zero where they give None.
    """
    metrics: tuple[Metric, ...] = yearly_metrics(study)
    weekly = weekly_metrics(study)
    index = np.arange(futures)
    years = len(study.arms[0].calendar.years)
    yearly = np.zeros((len(study.arms), futures, years, len(metrics)), dtype=np.int64)
    for a, scenario in enumerate(study.arms):
        for m, metric in enumerate(metrics):
            values = fill(scenario.arm, metric.key) if fill else None
            if values is not None:
                yearly[a, :, :, m] = values
    by_weeks = np.zeros((len(study.arms), futures, weeks, len(weekly)), dtype=np.float32)
    for a, scenario in enumerate(study.arms):
        for m, metric in enumerate(weekly):
            values = by_week(scenario.arm, metric.key) if by_week else None
            if values is not None:
                by_weeks[a, :, :, m] = values
    return Outcomes(
        study=study,
        arms=tuple(scenario.arm for scenario in study.arms),
        seed=seed,
        futures=futures,
        draws=index // 4,
        drifts=index % 4 // 2,
        lucks=index % 4,
        yearly=yearly,
        weekly=by_weeks,
        metrics=metrics,
        weekly_metrics=weekly,
        engine="scripted",
        drift=drift,
    )


__all__ = [name for name in dir() if name.startswith(("a_", "an_", "some_"))] + [
    "FIVE_YEARS",
    "TWO_YEARS",
    "Basis",
    "Ledger",
]
