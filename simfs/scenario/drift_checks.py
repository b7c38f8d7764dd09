"""Rules about the authority's drift: targets that exist, each moved once, numbers that make sense.

Each rule yields a `Problem` (the file is refused) or a text (a warning that every report repeats).
"""

from collections.abc import Iterator

from simfs.errors import Problem
from simfs.scenario import forms as f
from simfs.scenario.names import Remark, unknown
from simfs.scenario.staff_checks import within

MOST_SD = 2.0  # of a logarithm; factors are cut at a quarter and at four
NEVER_BACK = 1_200.0  # months


def drift_remarks(form: f.FileForm) -> Iterator[Remark]:
    """Remarks on the walks."""
    moved: dict[str, str] = {}
    for key, walk in form.drift.items():
        place = f"drift.{key}"
        yield from within(f"{place}.sd", walk.sd, 0, MOST_SD)
        yield from within(f"{place}.half_life_months", walk.half_life_months, 0.1, NEVER_BACK)
        yield from within(f"{place}.returns_to", walk.returns_to, 0.25, 4)
        for target in walk.targets:
            yield from _target(form, f"{place}.targets", target)
            if target in moved:
                yield Problem(
                    f"{place}.targets",
                    f"{target!r} is moved by walk {moved[target]!r} already; take it out of one",
                )
            moved[target] = key


def _target(form: f.FileForm, place: str, target: str) -> Iterator[Problem]:
    """A stream, or a route whose stage has another route as remainder."""
    routes = [f"{key}.{name}" for key, stage in form.stages.items() for name in stage.routes]
    if "." not in target or target not in routes:
        yield from unknown(place, "stream or stage.route", target, [*form.streams, *routes])
        return
    stage_key, _, name = target.partition(".")
    stage = form.stages[stage_key]
    if stage.remainder not in stage.routes or stage.remainder == name:
        yield Problem(
            place,
            f"{target!r} needs a remainder to take from and give to; add remainder = … to stage "
            f"{stage_key!r}, another of its routes",
        )
