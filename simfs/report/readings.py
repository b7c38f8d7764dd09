"""What is best on what is known now: in cash, with workers' time counted, and if they agree."""

from collections.abc import Iterator

from simfs.analysis.headlines import NET, NET_CASH
from simfs.experiment.sensitivity import Moved, Tornado
from simfs.report.tornado import mean_words
from simfs.scenario.scenario import Study

ONLY_TIME = (
    "The two readings disagree: adopting pays only if the time that is freed counts as money."
)
ONLY_CASH = (
    "The two readings disagree: adopting pays in cash, and no longer where workers' time counts "
    "as money."
)


def verdicts(study: Study, found: Moved, arm: str) -> Iterator[str]:
    """What is best in each reading, cash first, and a sentence where they disagree.

    Nothing where nothing has a price.
    """
    by_key = {one.headline.key: one for one in found.tornadoes if one.arm == arm}
    if NET not in by_key:
        return
    cash, both = by_key[NET_CASH], by_key[NET]
    for one in (cash, both):
        yield _verdict(study, one)
    if _pays(cash) != _pays(both):
        yield ONLY_TIME if _pays(both) else ONLY_CASH


def _verdict(study: Study, one: Tornado) -> str:
    label = study.arm(one.arm).label
    gain = one.as_it_is
    even = gain.low is None or gain.high is None or gain.low <= 0 <= gain.high
    narrowly = ", though that is hardly told from even" if even else ""
    choice = f"adopting {label}" if _pays(one) else f"not adopting {label}"
    return (
        f"{one.headline.label}: {mean_words(one)}. On what is known now {choice} is best{narrowly}."
    )


def _pays(one: Tornado) -> bool:
    """Whether adopting gains on average."""
    return one.as_it_is.mean > 0
