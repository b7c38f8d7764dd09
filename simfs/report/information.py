"""What it would be worth to know more before deciding: a table for Excel, and sentences."""

from collections.abc import Iterator, Mapping, Sequence

from simfs.analysis.factors import Factor
from simfs.analysis.information import Information
from simfs.analysis.knowing import Known
from simfs.analysis.pilot import Pilot
from simfs.report.claims import wrapped
from simfs.report.factors import NamedFactor
from simfs.report.tables import Value, csv_file
from simfs.report.wording import between, listed, millions, percent, whole
from simfs.scenario.scenario import Study

NAME = "information"  # of the file, without its ending
SHOWN = 3  # numbers that are told by themselves
PENCE = 100.0
HEADS = (
    "arm", "reading", "unit", "mean_gain", "mean_gain_low", "mean_gain_high",
    "what", "known", "words", "worth", "worth_low",
    "worth_high", "worth_by_luck", "beyond_luck", "worth_uncorrected", "draws",
)  # fmt: skip
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
    label = study.arm(one.arm).label
    reading = one.headline.label.split(",")[0].lower()
    gain = one.gain
    even = gain.low is None or gain.high is None or gain.low <= 0 <= gain.high
    narrowly = ", though that is hardly told from even" if even else ""
    choice = f"adopting {label}" if one.gain.mean > 0 else "not adopting it"
    yield (
        f"{label}, {reading}: {gain_words(one)}, so on what is known now {choice} is "
        f"best{narrowly}. Knowing every uncertain number for certain before deciding is worth "
        f"about {worth_words(one.everything)}."
    )
    clear = [(kind.value, worth) for kind, worth in one.kinds if worth.beyond_luck]
    told = [f"all about {words}, {worth_words(worth)}" for words, worth in clear]
    numbers = [(named[each.key].words, worth) for each, worth in one.factors if worth.beyond_luck]
    told += [f"“{words}”, {worth_words(worth)}" for words, worth in numbers[:SHOWN]]
    if told:
        yield f"Knowing one thing for certain is worth about: {'; '.join(told)}."
    else:
        yield "Of no kind and no number by itself is it more than luck would show."
    beyond = more_than_whole(one)
    if beyond:
        words = listed([f"“{named[each.key].words}”" for each in beyond])
        yield (
            f"Nothing is worth more than a whole that it is part of. Here {words} is told so: luck "
            "within the intervals, which alone are to be relied on."
        )
    if one.pilot is not None:
        luck = "" if one.pilot.beyond_luck else ", no more than luck would show"
        worth = worth_words(one.pilot)
        yield f"{pilot_words(pilot)} is worth {worth}{luck}, its cost not taken off."


def more_than_whole(one: Known) -> tuple[Factor, ...]:
    """Numbers beyond luck that are told to be worth more than their kind or than everything."""
    kinds = {kind: worth.pounds for kind, worth in one.kinds}
    return tuple(
        factor
        for factor, worth in one.factors
        if worth.beyond_luck and worth.pounds > min(kinds[factor.kind], one.everything.pounds)
    )


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
        "the upper end of that interval."
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
