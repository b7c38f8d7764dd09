"""Two rules that recur in every table: a name must exist, and shares must sum to one."""

import math
from collections.abc import Iterable, Iterator, Mapping

from simfs.errors import Problem
from simfs.scenario.wording import nearest

# What a rule yields: a problem refuses the file, a text is a warning.
Remark = Problem | str
SUM_TOLERANCE = 1e-9


def unknown(place: str, what: str, name: str | None, known: Iterable[str]) -> Iterator[Problem]:
    """A problem where `name` is given and not known."""
    if name is not None and name not in known:
        yield Problem(place, f"unknown {what} {name!r}{nearest(name, sorted(known))}")


def sums_to_one(place: str, shares: Mapping[str, float] | Iterable[float]) -> Iterator[Problem]:
    """A problem where shares do not sum to one; they are never rescaled."""
    if isinstance(shares, Mapping):
        parts = [f"{key} {share:g}" for key, share in shares.items()]
        total = math.fsum(shares.values())
    else:
        listed = list(shares)
        parts = [f"{share:g}" for share in listed]
        total = math.fsum(listed)
    if abs(total - 1) > SUM_TOLERANCE:
        yield Problem(
            place,
            f"must sum to 1, got {total:.10g} ({', '.join(parts) or 'nothing'}); "
            f"change a share by {1 - total:+.10g}",
        )
