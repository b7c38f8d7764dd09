"""A scenario in words: the text of `simfs show`.

The first section fits the whole service on a page or two: stages with their stays, teams and
routes, the stocks they settle at beside the stocks they start from, the workers that takes beside
the posts there are, and what each practice model changes. The second is the ledger: every number
with where it comes from.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from simfs.scenario import durations as d
from simfs.scenario.dates import day_in_words
from simfs.scenario.describe_practice import (
    by_day,
    effect_lines,
    every_arm,
    slip,
    training,
    workforces,
)
from simfs.scenario.pathway import CaseUnit, Drawing, Route, Stage
from simfs.scenario.practice import PracticeModel
from simfs.scenario.renewal import filled
from simfs.scenario.scenario import DAYS_PER_YEAR, LedgerEntry, Scenario, Study
from simfs.scenario.traffic import Traffic, stationary
from simfs.scenario.workforce import CaseloadUnit, Team, TeamKind


def describe(study: Study) -> str:
    """The resolved scenario in plain text: the service first, then the ledger of sources."""
    base = study.arm(study.baseline)
    traffic = stationary(base)
    parts = [
        _heading(study),
        _section("Stages", _stages(base, study.ledger)),
        _section("Stocks", _stocks(base, traffic)),
        _section("Workers", _workers(base, traffic)),
    ]
    if staff := workforces(base):
        parts.append(_section("Workforces", staff))
    if shared := every_arm(base):
        parts.append(_section("In every arm", shared))
    for arm in study.arms:
        if arm.practice is not None:
            parts.append(_section(arm.label, _changes(base, arm, arm.practice)))
    parts.append(_section("Sources and assumptions", _ledger(study)))
    return "\n\n".join(parts) + "\n"


def _section(title: str, lines: Iterable[str]) -> str:
    return "\n".join([title, "=" * len(title), *lines])


def _columns(rows: Sequence[Sequence[str]], right: frozenset[int] = frozenset()) -> list[str]:
    """Rows as aligned text; columns in `right` are right-aligned, the last is not padded."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(
            text.rjust(width) if i in right else text.ljust(width)
            for i, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _heading(study: Study) -> str:
    base = study.arm(study.baseline)
    end = base.calendar.date_of(base.calendar.days - 1)
    arms = ", ".join(f"{arm.label} ({arm.arm})" for arm in study.arms)
    period = f"{day_in_words(base.calendar.start)} to {day_in_words(end)}"
    lines = [study.title, f"{study.name}: {period}; arms: {arms}"]
    if study.preset:
        lines.append(f"preset of effects: {study.preset}")
    return "\n".join([*lines, *(f"warning: {text}" for text in study.warnings)])


def _shape(shape: d.Shape) -> str:
    match shape:
        case d.Fixed():
            return "fixed"
        case d.Exponential():
            return "exponential"
        case d.Lognormal(cv):
            return f"lognormal, cv {cv:.3g}"
        case d.Gamma(cv):
            return f"gamma, cv {cv:.3g}"
        case d.Weibull(shape=power):
            return f"Weibull, shape {power:.3g}"
        case d.Uniform():
            return "uniform"
        case d.Triangular():
            return "triangular"
        case _:
            return "as observed"


def _stay(stay: d.Stay | None) -> str:
    if stay is None:
        return "by route"
    if stay.until_18:
        return "to the 18th birthday"
    return f"{_days(stay.mean)} ({_shape(stay.shape)})"


def _days(days: float) -> str:
    if days >= 2 * DAYS_PER_YEAR:
        return f"{days / DAYS_PER_YEAR:.3g} years"
    return f"{days:.4g} day{'' if days == 1 else 's'}"


def _percent(route: Route) -> str:
    return "/".join(f"{100 * p:.3g}" for p in route.p) + "%"


def _stages(scenario: Scenario, ledger: Sequence[LedgerEntry]) -> list[str]:
    lines: list[str] = []
    for stage in _in_reading_order(scenario):
        team = f"team {stage.team}" if stage.team else "no team"
        facts = [stage.unit.value, team, f"stay {_stay(stage.stay)}"]
        if stage.own_work_share != 1:
            facts.append(f"{100 * stage.own_work_share:.0f}% of it work")
        if stage.limit_days is not None:
            facts.append(f"limit {_days(stage.limit_days)}")
        if stage.counts:
            facts.append(f"counts as {', '.join(stage.counts)}")
        lines.append(f"{stage.label} ({stage.key}): {'; '.join(facts)}")
        lines += _columns([_route(stage, route) for route in stage.routes], frozenset({1}))
        lines.append(f"    {_origins(stage.key, ledger)}")
    return lines


def _in_reading_order(scenario: Scenario) -> list[Stage]:
    """Stages as cases meet them, from the front door on; families' before children's."""
    pathway = scenario.pathway
    families_first = sorted(
        scenario.demand.streams, key=lambda stream: pathway.stage(stream.to).unit is CaseUnit.CHILD
    )
    waiting = [stream.to for stream in families_first]
    stages = {stage.key: stage for stage in pathway.stages}
    order: list[Stage] = []
    while waiting or stages:
        key = waiting.pop(0) if waiting else next(iter(stages))
        stage = stages.pop(key, None)
        if stage is not None:
            order.append(stage)
            waiting += [to for route in stage.routes for to, _ in pathway.destinations(route.to)]
    return sorted(order, key=lambda stage: stage.unit is CaseUnit.CHILD)


def _route(stage: Stage, route: Route) -> tuple[str, str, str]:
    bands = len(stage.age_bands) > 1
    notes = [f"ages from {'/'.join(f'{edge:g}' for edge in stage.age_bands)}" if bands else ""]
    if stage.drawing is Drawing.ROUTE_FIRST:
        notes.append(_stay(route.stay))
    notes.append("takes what is prevented" if route.key == stage.remainder else "")
    said = "; ".join(note for note in notes if note)
    to = route.to if route.to == route.key else f"{route.key}: {route.to}"
    return f"    to {to}", _percent(route), said


def _origins(stage: str, ledger: Sequence[LedgerEntry]) -> str:
    """Where a stage's numbers come from, in short."""
    entries = [entry for entry in ledger if entry.path.startswith(f"stages.{stage}.")]
    named = Counter(entry.source for entry in entries if entry.source)
    assumed = sum(1 for entry in entries if not entry.source)
    parts = [f"{key} {count}" for key, count in sorted(named.items())]
    return f"numbers from: {', '.join([*parts, f'assumptions {assumed}'])}"


def _stocks(scenario: Scenario, traffic: Traffic) -> list[str]:
    """Stationary and opening stocks; a gap is a bend that could be read as a saving."""
    rows: list[tuple[str, ...]] = [("children", "a year in", "settles at", "starts at", "gap")]
    for count in scenario.pathway.counts:
        opening = sum(s.opening for s in scenario.pathway.stages if count.key in s.counts)
        flows = (traffic.starts[count.key], traffic.counts[count.key])
        rows.append(
            (count.label, *(f"{n:.1f}" for n in (*flows, opening)), _gap(flows[1], opening))
        )
    rows.append(("of which, by stage:", "", "", "", ""))
    for stage in _in_reading_order(scenario):
        flows = (traffic.entries.get(stage.key, 0.0), traffic.children.get(stage.key, 0.0))
        numbers = (f"{n:.1f}" for n in (*flows, stage.opening))
        rows.append((f"  {stage.label}", *numbers, _gap(flows[1], stage.opening)))
    return _columns(rows, frozenset({1, 2, 3, 4}))


def _gap(settles: float, opening: float) -> str:
    return f"{100 * (settles / opening - 1):+.1f}%" if opening else "starts empty"


def _workers(scenario: Scenario, traffic: Traffic) -> list[str]:
    rows: list[tuple[str, ...]] = [("team", "work", "caseload", "needed", "posts", "")]
    for team in scenario.teams:
        if team.kind is TeamKind.SOCIAL_WORK:
            rows.append(_worker_row(scenario, team, traffic))
    lines = _columns(rows, frozenset({1, 2, 3, 4}))
    specialists = [team for team in scenario.teams if team.kind is TeamKind.SPECIALIST]
    if any(team.posts_on(0) for team in specialists):
        lines.append(_coverage(scenario, traffic))
    return lines


def _worker_row(scenario: Scenario, team: Team, traffic: Traffic) -> tuple[str, ...]:
    """Work in hand, caseload, workers needed by plain division, posts, and what follows."""
    inside = {stage.key for stage in scenario.pathway.stages if stage.team == team.key}
    size = scenario.demand.mean_size if team.unit is CaseloadUnit.FAMILIES else 1.0
    work = sum(traffic.children.get(key, 0.0) for key in inside) / size
    said = f"{work:.0f} {team.unit.value}"
    if team.unlimited:
        return team.label, said, "", "", "unlimited", ""
    caseload, posts = team.caseload[0][1], team.posts_on(0)
    held = posts * filled(team.workforce) if team.workforce else float(posts)
    verdict = f"{held:.1f} filled in the long run" if team.workforce else ""
    if work > held * caseload:
        entering = sum(traffic.entries[key] - _moved_within(traffic, key, inside) for key in inside)
        growth = entering * (1 - held * caseload / work) / 12
        unstable = f"unstable: the queue grows by about {growth:.0f} children a month"
        verdict = f"{verdict}; {unstable}" if verdict else unstable
    return team.label, said, str(caseload), f"{work / caseload:.1f}", str(posts), verdict


def _moved_within(traffic: Traffic, key: str, inside: set[str]) -> float:
    """Children a year entering a stage from the same team's other stages."""
    return sum(traffic.moves.get((origin, key), 0.0) for origin in inside)


def _needs(scenario: Scenario, traffic: Traffic) -> tuple[float, float]:
    """Families at a time where specialists may join, and their needs that a team serves."""
    served = {team.serves for team in scenario.teams if team.serves}
    families = needs = 0.0
    for stage in scenario.pathway.stages:
        if stage.specialists:
            size = scenario.demand.mean_size if stage.unit is CaseUnit.FAMILY else 1.0
            here = traffic.children.get(stage.key, 0.0) / size
            families += here
            needs += here * sum(chance for need, chance in stage.needs if need in served)
    return families, needs


def _coverage(scenario: Scenario, traffic: Traffic) -> str:
    """Specialist places at the end of the run beside the needs that they could meet."""
    families, needs = _needs(scenario, traffic)
    posts = places = 0
    for team in scenario.teams:
        if team.kind is TeamKind.SPECIALIST and not team.unlimited:
            posts += team.establishment[-1].posts
            places += team.establishment[-1].posts * team.caseload[-1][1]
    return (
        f"adult specialists: {posts} posts, {places} places, for {families:.0f} families "
        f"with {needs:.0f} needs: at most {100 * places / max(needs, 1e-9):.0f}% of needs"
    )


def _changes(base: Scenario, arm: Scenario, model: PracticeModel) -> list[str]:
    """What an arm changes: posts, training, effects and sums."""
    days = arm.calendar
    live = "never" if model.go_live is None else day_in_words(days.date_of(model.go_live))
    lines = [f"practice model {model.label}; goes live {live}{slip(model)}"]
    if model.training is not None:
        lines += training(model.training, days)
    for team in arm.teams:
        before = base.team(team.key)
        if team.establishment != before.establishment:
            posts = [(step.day, step.posts) for step in team.establishment]
            lines.append(f"posts, {team.label}: {by_day(posts, days)}")
        if team.caseload != before.caseload:
            lines.append(f"caseload, {team.label}: {by_day(team.caseload, days)}")
    if any(team.serves and not team.unlimited for team in arm.teams):
        lines.append(_coverage(arm, stationary(arm)))
    for effect in model.effects:
        lines += effect_lines(effect, model.go_live or 0)
    for sum_ in model.investments:
        years = ", ".join(f"£{pounds:,.0f}" for pounds in sum_.pounds)
        lines.append(f"{sum_.ledger}: {sum_.label}, {sum_.payer}, by year {years}")
    return lines


def _ledger(study: Study) -> list[str]:
    """Sources with how many numbers rest on each, then every number."""
    used = Counter(entry.source for entry in study.ledger if entry.source)
    lines = [f"{source.key} ({used[source.key]}): {source.title}" for source in study.sources]
    lines.append(f"assumptions: {sum(1 for e in study.ledger if e.assumption)}")
    return [*lines, "", *(_entry(entry) for entry in study.ledger)]


def _entry(entry: LedgerEntry) -> str:
    """One number: path, value, range, grade, source or reason."""
    value = f"{entry.value} {entry.unit}".strip()
    if entry.low is not None and entry.high is not None:
        value += f" ({entry.low:g} to {entry.high:g})"
    grade = f" [{entry.grade}]" if entry.grade else ""
    why = entry.source or f"assumed: {entry.assumption}"
    return f"{entry.path} = {value}{grade} {why}"
