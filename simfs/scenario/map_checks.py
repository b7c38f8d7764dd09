"""Rules for the map: every route leads somewhere, every loop has a way out, ages where needed."""

from collections.abc import Iterator, Mapping

import numpy as np

from simfs.errors import Problem
from simfs.scenario import forms as f
from simfs.scenario.names import Remark, sums_to_one, unknown

MOST_VISITS = 1000
Steps = Mapping[str, Mapping[str, float]]


def map_remarks(form: f.FileForm) -> Iterator[Remark]:
    """Every rule of the map; the graph is looked at only when its names are right."""
    problems = list(_names(form))
    yield from problems
    for key, stage in form.stages.items():
        yield from _stage(form, key, stage)
    if not problems:
        steps = {key: _steps(form, stage) for key, stage in form.stages.items()}
        yield from _loops(form, steps)
        yield from _unreachable(form, steps)
        yield from _falling_needs(form, steps)


def _names(form: f.FileForm) -> Iterator[Problem]:
    """Names that destinations use: known, and of one thing only."""
    places = {*form.stages, *form.exits}
    targets = {*places, *form.splits}
    for key in sorted(set(form.stages) & set(form.exits)):
        yield Problem(f"exits.{key}", f"{key!r} is a stage as well; rename one of them")
    for key, split in form.splits.items():
        if key in places:
            yield Problem(f"splits.{key}", f"{key!r} is a stage or an exit as well; rename one")
        for name in split.shares:
            yield from unknown(f"splits.{key}.shares.{name}", "stage or exit", name, places)
    for key, stage in form.stages.items():
        for name, route in stage.routes.items():
            place = f"stages.{key}.routes.{name}"
            yield from unknown(f"{place}.to", "stage", route.to, targets)
            yield from unknown(f"{place}.otherwise", "stage or exit", route.otherwise, places)
        if stage.crisis:
            yield from unknown(f"stages.{key}.crisis.to", "stage", stage.crisis.to, targets)
    for key, stream in form.streams.items():
        if stream.to not in form.stages:
            # said with the stream; here it only stops the look at the graph
            yield from unknown(f"streams.{key}.to", "stage", stream.to, form.stages)


def _ends(form: f.FileForm, to: str | None) -> Mapping[str, float]:
    """Where a destination leads: stage or exit, with shares."""
    if to in form.splits:
        return form.splits[str(to)].shares
    return {str(to): 1.0}


def _reaches_child(form: f.FileForm, to: str | None) -> bool:
    """Whether a destination may be a child-unit stage."""
    return any(end in form.stages and form.stages[end].unit == "child" for end in _ends(form, to))


def _steps(form: f.FileForm, stage: f.StageForm) -> dict[str, float]:
    """Chance of each next stage or exit, bands averaged; ways of crisis as good as zero."""
    out: dict[str, float] = {}
    for route in stage.routes.values():
        p = sum(route.p) / len(route.p)
        for end, share in _ends(form, route.to).items():
            if p * share > 0:
                out[end] = out.get(end, 0.0) + p * share
        if route.otherwise is not None and p > 0 and route.share_of_children < 1:
            out.setdefault(route.otherwise, 0.0)
    if stage.crisis is not None and stage.crisis.per_day > 0:
        for end in _ends(form, stage.crisis.to):
            out.setdefault(end, 0.0)
    return out


def _stage(form: f.FileForm, key: str, stage: f.StageForm) -> Iterator[Remark]:
    place = f"stages.{key}"
    yield from unknown(f"{place}.team", "team", stage.team, form.teams)
    yield from unknown(f"{place}.remainder", "route", stage.remainder, stage.routes)
    yield from unknown(
        f"{place}.placements", "placement mix", stage.placements, form.placement_mixes
    )
    yield from unknown(f"{place}.opening_ages", "age mix", stage.opening_ages, form.age_mixes)
    for count in stage.counts:
        yield from unknown(f"{place}.counts", "count", count, form.counts)
    for need in stage.needs:
        yield from unknown(
            f"{place}.needs.{need}", "need", need, form.needs.__pydantic_extra__ or {}
        )
    team = form.teams.get(stage.team or "")
    if team is not None and team.kind == "specialist":
        yield Problem(
            f"{place}.team", f"{stage.team!r} is a specialist team; a social-work team holds cases"
        )
    if stage.without_worker == "holds" and stage.team is None:
        yield Problem(
            f"{place}.without_worker",
            '"holds" waits for a worker and the stage has no team; add team = "…" or use "runs"',
        )
    if stage.crisis is not None and stage.team is None:
        yield Problem(f"{place}.crisis", 'needs a team to wait for; add team = "…"')
    if stage.unit == "child" and stage.opening.children > 0 and stage.opening_ages is None:
        yield Problem(place, "children at the start need ages; add opening_ages = an age mix")
    yield from _bands(place, stage)
    yield from _ages(form, place, stage)


def _bands(place: str, stage: f.StageForm) -> Iterator[Remark]:
    """Probabilities of each age band sum to one."""
    bands = stage.age_bands
    if not bands or bands[0] != 0 or bands != sorted(set(bands)):
        yield Problem(f"{place}.age_bands", f"must rise from 0, got {bands}; write [0, 5, 10], say")
        return
    for name, route in stage.routes.items():
        if len(route.p) not in (1, len(bands)):
            yield Problem(
                f"{place}.routes.{name}.p",
                f"needs one number, or one for each of the {len(bands)} age bands, "
                f"got {len(route.p)}",
            )
            return
    for index, edge in enumerate(bands):
        shares = {name: r.p[index if len(r.p) > 1 else 0] for name, r in stage.routes.items()}
        for problem in sums_to_one(f"{place}.routes", shares):
            band = f"age band from {edge:g}: " if len(bands) > 1 else ""
            yield Problem(problem.path, band + problem.message)


def _ages(form: f.FileForm, place: str, stage: f.StageForm) -> Iterator[Remark]:
    """Ways from families into child stages say the ages, and where the others go."""
    ways = [(f"{place}.routes.{name}", r.to, r.ages) for name, r in stage.routes.items()]
    if stage.crisis is not None:
        ways.append((f"{place}.crisis", stage.crisis.to, stage.crisis.ages))
    for spot, to, ages in ways:
        yield from unknown(f"{spot}.ages", "age mix", ages, form.age_mixes)
        if stage.unit == "family" and ages is None and _reaches_child(form, to):
            yield Problem(spot, f"leads to children in {to!r} and has no ages; add an age mix")
    for name, route in stage.routes.items():
        spot = f"{place}.routes.{name}"
        if route.share_of_children < 1 and route.otherwise is None:
            yield Problem(
                spot,
                f"share_of_children is {route.share_of_children:g}; say where the others go: "
                'add otherwise = "…"',
            )
        if _reaches_child(form, route.otherwise) and stage.unit == "family":
            yield Problem(
                f"{spot}.otherwise", "the others stay a family; name a family stage or an exit"
            )


def _loops(form: f.FileForm, steps: Steps) -> Iterator[Remark]:
    """Loops without a way out are refused; loops that turn too often are warned of."""
    # a child leaves every stage at 18, so a child stage is never without a way out
    out = {key for key, stage in form.stages.items() if stage.unit == "child"}
    grown = True
    while grown:
        more = {
            k for k in steps if k not in out and any(e in form.exits or e in out for e in steps[k])
        }
        out |= more
        grown = bool(more)
    shut = [key for key in steps if key not in out]
    inner = [key for key in shut if any(end in shut for end in steps[key])]
    if inner:
        cycle = [inner[0]]
        while cycle.count(cycle[-1]) < 2:
            cycle.append(next(end for end in steps[cycle[-1]] if end in inner))
        cycle = cycle[cycle.index(cycle[-1]) :]
        yield Problem(
            f"stages.{cycle[0]}.routes",
            f"a loop with no exit: {' → '.join(cycle)}; give one of them a route to an exit "
            f"({', '.join(sorted(form.exits))})",
        )
        return
    order = sorted(steps)
    moves = np.array([[steps[a].get(b, 0.0) for b in order] for a in order])
    try:
        visits = np.linalg.inv(np.eye(len(order)) - moves).diagonal()
    except np.linalg.LinAlgError:
        return
    for key, n in zip(order, visits, strict=True):
        if n > MOST_VISITS:
            yield f"stages.{key}: a case comes here {n:,.0f} times on average: is a loop too tight?"


def _depths(form: f.FileForm, steps: Steps) -> dict[str, str | None]:
    """Every stage that can be reached, with the stage it is first reached from."""
    first: dict[str, str | None] = {stream.to: None for stream in form.streams.values()}
    queue = list(first)
    for key in queue:
        for end in steps[key]:
            if end in steps and end not in first:
                first[end] = key
                queue.append(end)
    return first


def _unreachable(form: f.FileForm, steps: Steps) -> Iterator[Remark]:
    reached = set(_depths(form, steps))
    opened = [key for key, stage in form.stages.items() if stage.opening.children > 0]
    for key in opened:
        reached.add(key)
        opened += [end for end in steps[key] if end in steps and end not in reached]
        reached.update(end for end in steps[key] if end in steps)
    for key in form.stages:
        if key not in reached:
            yield f"stages.{key}: no stream and no route leads here"


def _falling_needs(form: f.FileForm, steps: Steps) -> Iterator[Remark]:
    """Thresholds only rise on the way in: a lower chance further in changes nothing."""
    for key, before in _depths(form, steps).items():
        if before is None:
            continue
        for need, chance in form.stages[key].needs.items():
            earlier = form.stages[before].needs.get(need, 0.0)
            if chance < earlier:
                yield (
                    f"stages.{key}.needs.{need}: {chance:g} is below the {earlier:g} of "
                    f"{before!r}, which leads to it; needs only rise, so it acts as {earlier:g}"
                )
