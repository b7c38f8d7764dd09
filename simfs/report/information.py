"""What it would be worth to know more before deciding: a table for Excel, and sentences."""

from collections.abc import Iterator, Mapping, Sequence

from simfs.analysis.factors import Factor
from simfs.analysis.headlines import NET_CASH
from simfs.analysis.information import Information
from simfs.analysis.knowing import Known
from simfs.analysis.pilot import Pilot
from simfs.report.claims import wrapped
from simfs.report.factors import NamedFactor
from simfs.report.tables import Value, csv_file
from simfs.report.wording import between, in_sentence, listed, millions, percent, whole
from simfs.scenario.scenario import Study

NAME = "information"  # of the file, without its ending
SHOWN = 3  # numbers that are told by themselves
PENCE = 100.0
HEADS = (
    "arm", "reading", "unit", "mean_gain", "mean_gain_low", "mean_gain_high",
    "what", "known", "words", "worth", "worth_low",
    "worth_high", "worth_by_luck", "beyond_luck", "worth_uncorrected", "draws",
)  # fmt: skip
NOTHING_SHOWN = "No single number, or kind of number, is shown to be worth finding out by itself."
JUDGED = (
    "Luck is judged over the whole list at once: among many things that are worth nothing some "
    "look worth something, so that even an interval clear of zero may still be luck."
)
EVERYTHING, KIND, NUMBER, PILOT = "everything", "kind", "number", "pilot"


def information_csv(
    found: Sequence[Known], named: Mapping[str, NamedFactor], pilot: Pilot
) -> bytes:
    """The worth of knowing everything, each kind, each number, and what a pilot would show."""
    rows: list[list[Value]] = []
    for one in found:
        for what, key, words, worth in _rows(one, named, pilot):
            rows.append([
                one.arm, one.headline.key, "£", one.gain.mean, one.gain.low, one.gain.high, what,
                key, words, worth.pounds, worth.low, worth.high, worth.luck,
                "yes" if worth.beyond_luck else "no", worth.uncorrected, one.draws,
            ])  # fmt: skip
    return csv_file(HEADS, rows)


def _rows(
    one: Known, named: Mapping[str, NamedFactor], pilot: Pilot
) -> Iterator[tuple[str, str, str, Information]]:
    yield EVERYTHING, "", "every uncertain number", one.everything
    for kind, worth in one.kinds:
        yield KIND, kind.name.lower(), kind.value, worth
    for factor, worth in one.factors:
        yield NUMBER, factor.key, named[factor.key].words, worth
    if one.pilot is not None:
        yield PILOT, "", pilot_words(pilot), one.pilot


def information_text(
    study: Study, found: Sequence[Known], named: Mapping[str, NamedFactor], pilot: Pilot
) -> str:
    """What a reader sees in the terminal."""
    lines = wrapped("What it would be worth to know more before deciding, over the run")
    for one in found:
        for sentence in sentences(study, one, named, pilot):
            lines += wrapped(sentence, 2)
        lines.append("")
    return "\n".join([*lines, *wrapped(assumed(found, pilot))])


def sentences(
    study: Study, one: Known, named: Mapping[str, NamedFactor], pilot: Pilot
) -> Iterator[str]:
    """The value of information in one reading, in pounds."""
    several = len(study.arms) > 2
    label = f"{study.arm(one.arm).label}, {in_reading(one)}" if several else in_reading(one)
    yield (
        f"{label[:1].upper()}{label[1:]}: knowing every uncertain number for certain before "
        f"deciding is worth about {worth_words(one.everything)}."
    )
    clear = [(kind.value, worth) for kind, worth in one.kinds if worth.beyond_luck]
    told = [f"all about {words}, {worth_words(worth)}" for words, worth in clear]
    numbers = [(named[each.key].words, worth) for each, worth in one.factors if worth.beyond_luck]
    told += [f"“{words}”, {worth_words(worth)}" for words, worth in numbers[:SHOWN]]
    if told:
        yield f"Knowing one thing for certain is worth about: {'; '.join(told)}."
    else:
        yield NOTHING_SHOWN
    beyond = more_than_whole(one)
    if beyond:
        words = listed([f"“{named[each.key].words}”" for each in beyond])
        yield (
            f"Nothing is worth more than a whole that it is part of. Here {words} is told so: luck "
            "within the intervals, which alone are to be relied on."
        )
    if one.pilot is not None:
        yield pilot_sentence(one.pilot, pilot)


def pilot_sentence(worth: Information, pilot: Pilot) -> str:
    """What a pilot is estimated to be worth, and that it is not shown to be where luck explains it.

    >>> half_a_year = Pilot(0.2, 6)
    >>> pilot_sentence(Information("", 3e4, 0.0, 16e4, 5e4, 3e4), half_a_year)[:47]
    'Not shown to be worth it: a pilot of 6 months i'
    """
    what = pilot_words(pilot)
    if worth.beyond_luck:
        return f"{what} is worth an estimated {worth_words(worth)}, its cost not taken off."
    return (
        f"Not shown to be worth it: {in_sentence(what)}. It is put at {worth_words(worth)}, its "
        "cost not taken off, and luck alone would show as much."
    )


def more_than_whole(one: Known) -> tuple[Factor, ...]:
    """Numbers beyond luck that are told to be worth more than their kind or than everything."""
    kinds = {kind: worth.pounds for kind, worth in one.kinds}
    return tuple(
        factor
        for factor, worth in one.factors
        if worth.beyond_luck and worth.pounds > min(kinds[factor.kind], one.everything.pounds)
    )


def in_reading(one: Known) -> str:
    """Which money is counted."""
    return "in cash" if one.headline.key == NET_CASH else "with workers' time counted as money"


def gain_words(one: Known) -> str:
    """What adopting gains, with the interval of its mean."""
    gain, interval = one.gain, ""
    if gain.low is not None and gain.high is not None:
        interval = f" (95% interval of the mean {between(_pounds(gain.low), _pounds(gain.high))})"
    return f"{_pounds(gain.mean)} on average{interval}"


def pilot_words(pilot: Pilot) -> str:
    """The pilot in words."""
    months = f"{pilot.months:g} months"
    return f"A pilot of {months} in one locality with {percent(100 * pilot.share)} of all starts"


def worth_words(worth: Information) -> str:
    """An amount with its interval."""
    ends = between(_pounds(worth.low), _pounds(worth.high))
    return f"{_pounds(worth.pounds)} (95% interval {ends})"


def assumed(found: Sequence[Known], pilot: Pilot) -> str:
    """What the value of information takes for granted."""
    draws = found[0].draws
    text = (
        f"Options: to adopt the change as planned, or nothing. From {draws} draws of the uncertain "
        "numbers; chance and drift, which nobody can know beforehand, are taken out. No "
        "study is worth more than to know for certain what it is about: not what it costs beyond "
        f"the upper end of that interval. {JUDGED}"
    )
    if not found[0].counted:
        return f"{text} No effect on routes or arrivals: a pilot would have nothing to count."
    told = [f"{label.lower()} ({whole(starts)} a year)" for label, starts in found[0].counted]
    return (
        f"{text} The pilot counts, in its locality and in the rest of the authority, what each "
        f"effect acts on: {listed(told)}; both are held against {pilot.months_before:g} months "
        "before. Assumed: the locality is like the rest, staffed as in the evidence, and wanders "
        "with it; stays and posts teach nothing in so short a time. What the pilot costs, and what "
        "is lost while the others wait, is not taken off."
    )


def _pounds(pounds: float) -> str:
    return millions(pounds * PENCE)
