"""What a paper says that staff cost, beside the posts that the work asks for: text and a table.

Functions here return text and bytes; whoever asks prints and writes them.
"""

from collections.abc import Callable, Iterator, Sequence

from simfs.analysis.intervals import wilson
from simfs.analysis.posts_needed import PostsNeeded, Reckoned
from simfs.analysis.prices import PENCE_PER_POUND
from simfs.analysis.probabilities import Probability
from simfs.report.claims import wrapped
from simfs.report.tables import Value, csv_file
from simfs.report.wording import (
    MILLION,
    between,
    in_futures,
    listed,
    millions,
    one_decimal,
    percent,
    whole,
)
from simfs.scenario.scenario import Study
from simfs.scenario.workforce import TeamKind

Words = Callable[[float], str]

NAME = "published_plan"
HEADS = (
    "id", "reading", "words", "source", "paragraph", "teams", "demand_of", "arm", "figure",
    "what_it_is", "unit", "central", "p10", "p90", "draws",
)  # fmt: skip
FIGURES: dict[str, tuple[str, str]] = {  # figure of a draw: what it is, unit
    "in_hand": ("cases in hand; for specialists, needs of families", "cases"),
    "caseload": ("cases that a worker holds", "cases a worker"),
    "filled": ("share of posts filled in the long run", "share"),
    "workers": ("workers that must be there for the cases in hand", "workers"),
    "posts": ("whole posts for so many workers, empty ones counted", "posts"),
    "added": ("posts needed above those of the first day", "posts"),
    "pounds": ("what the added posts cost a year, paid in full", "£ a year"),
    "paid_for": ("posts that the published sum pays for", "posts"),
    "carried": (
        "cases a worker with the posts of the first day and those paid for",
        "cases a worker",
    ),
    "met": ("share of the cases in hand that these can hold at the caseload", "share"),
}
PUBLISHED, TODAY, PLANNED = "published", "today", "planned"
AT_START = "the start"
TITLE = "The published plan, re-derived"

HOW = (
    "Posts needed are the cases in hand if nobody waited (traffic equations, or the mean of a "
    "simulated year), over the caseload, over the share of posts filled in the long run; whole "
    "posts for each team, or for the teams that serve one need. Bands hold 80% of draws of the "
    "caseload, the price of a post, the chances of needs and whatever else the scenario draws. "
    "Posts are paid in full, empty ones too. Posts of the first day are the scenario's. What has "
    "no band is moved by no draw, which does not make it certain."
)


def published_plan_text(study: Study, found: Sequence[PostsNeeded]) -> str:
    """Every published sum in plain words; empty where a study has none."""
    if not found:
        return ""
    lines = [TITLE]
    for headed, told in published_plan_terms(study, found):
        lines += ["", *wrapped(headed), *wrapped(told, 2)]
    return "\n".join([*lines, "", *wrapped(HOW)])


def published_plan_terms(study: Study, found: Sequence[PostsNeeded]) -> tuple[tuple[str, str], ...]:
    """Of every published sum what the paper says, and what it comes to when re-derived."""
    return tuple((_headed(study, one), _told(study, one)) for one in found)


def published_plan_csv(found: Sequence[PostsNeeded]) -> bytes:
    """Every figure of every published sum, with its band over draws, as `published_plan.csv`."""
    return csv_file(HEADS, (row for one in found for row in _rows(one)))


def _headed(study: Study, one: PostsNeeded) -> str:
    published = one.published
    place = (
        f"{published.source}, {published.paragraph}" if published.paragraph else published.source
    )
    when = f"; demand of {one.when}, {study.arm(one.arm).label}" if one.when else ""
    reading = f" — {published.reading}" if published.reading else ""
    return f"“{published.words}” ({place}){reading}{when}."


def _told(study: Study, one: PostsNeeded) -> str:
    """What the sum pays for, what is needed, and what the sum leaves."""
    unit = _unit(study, one)
    sentences = [
        _verdict(one),
        f"The sum pays for {_with_band(one, 'paid_for', one_decimal)} posts"
        + (f"; this scenario adds {one.planned}." if one.planned else "."),
        f"There are {_with_band(one, 'in_hand', whole)} {unit} in hand, and a worker holds "
        f"{_with_band(one, 'caseload', one_decimal)}: {_with_band(one, 'posts', whole)} posts "
        f"with {percent(100 * one.central.filled)} of them filled.",
        _needs_money(one),
        _left(one, unit),
    ]
    return " ".join(sentences)


def _verdict(one: PostsNeeded) -> str:
    """Whether the sum is enough, in one sentence."""
    gap = one.central.pounds - one.published.pounds
    low, high = one.band("pounds")
    if one.published.pounds < low:
        ends = between(*(_millions(end - one.published.pounds) for end in (low, high)))
        return f"Too little: {_millions(gap)} ({ends}) a year short of what the demand asks for."
    if one.published.pounds > high:
        return "Enough: the demand asks for less at this caseload."
    return "About right: the sum lies within what the demand may ask for."


def _unit(study: Study, one: PostsNeeded) -> str:
    team = study.arms[0].team(one.published.teams[0])
    return "needs" if team.kind is TeamKind.SPECIALIST else team.unit.value


def _needs_money(one: PostsNeeded) -> str:
    had = f"{one.today} posts are there, so " if one.today else ""
    if one.central.added > 0:
        need = f"{_with_band(one, 'added', whole)} posts must be added, at "
        need += f"{_with_band(one, 'pounds', _millions)} a year"
    else:
        need = f"at central values none need be added; in the 80% band {_ends(one, 'added', whole)}"
        need += f" posts, at {_ends(one, 'pounds', _millions)} a year"
    low, _ = one.band("pounds")
    holds = "within" if one.holds else "below" if one.published.pounds < low else "above"
    sum_ = f"£{one.published.pounds / MILLION:.3f}m"
    said = f"{had}{need}; the published {sum_} lies {holds} that band"
    return f"{said[:1].upper()}{said[1:]}, and is enough in {_chance(one)}."


def _chance(one: PostsNeeded) -> str:
    """How often the sum is enough, as a natural frequency."""
    share = one.enough / len(one.draws)
    ends = wilson(share, one.independent)
    said = in_futures(Probability(share, ends.low, ends.high, one.independent))
    return said if one.when else said.replace("futures", "draws")


def _left(one: PostsNeeded, unit: str) -> str:
    """What a worker would carry with the posts that are paid for, and what goes unmet."""
    posts = "these and the posts paid for" if one.today else "the posts paid for"
    carried = _with_band(one, "carried", one_decimal)
    met = _with_band(one, "met", _at_most)
    return (
        f"With {posts}, filled as in the long run, a worker would carry {carried} {unit} to meet "
        f"them all; at the caseload {met} of them can be met."
    )


def _at_most(share: float) -> str:
    return "all" if share >= 1 else percent(100 * share)


def _millions(pounds: float) -> str:
    return millions(pounds * PENCE_PER_POUND)


def _with_band(one: PostsNeeded, figure: str, said: Words) -> str:
    """A central value with its band, or alone where both ends read the same."""
    central, ends = said(getattr(one.central, figure)), _ends(one, figure, said)
    return central if ends == central else f"{central} ({ends})"


def _ends(one: PostsNeeded, figure: str, said: Words) -> str:
    low, high = (said(end) for end in one.band(figure))
    return low if low == high else between(low, high)


def _rows(one: PostsNeeded) -> Iterator[list[Value]]:
    published = one.published
    head: list[Value] = [
        published.id, published.reading, published.words, published.source, published.paragraph,
        listed(published.teams), one.when or AT_START, one.arm,
    ]  # fmt: skip
    stated: tuple[tuple[str, str, str, float], ...] = (
        (PUBLISHED, "the published sum", "£ a year", published.pounds),
        (TODAY, "posts on the first day of the baseline", "posts", one.today),
        (PLANNED, "posts that the scenario's practice model adds", "posts", one.planned),
    )
    for figure, what, unit, value in stated:
        yield [*head, figure, what, unit, value, None, None, None]
    for figure in Reckoned._fields:
        what, unit = FIGURES[figure]
        low, high = one.band(figure)
        yield [*head, figure, what, unit, getattr(one.central, figure), low, high, len(one.draws)]
    count = len(one.draws)
    ends = wilson(one.enough / count, one.independent)
    yield [
        *head, "enough", "share of draws in which the published sum is enough; p10 and p90 hold "
        "the ends of its 95% interval", "share", one.enough / count, ends.low, ends.high, count,
    ]  # fmt: skip
