"""Numbers in the words of the page: no more digits than a simulation supports.

Money is read in millions to two decimals, children are whole, and a probability is never printed
as certain. The threshold of a claim is printed as the claim gives it.
"""

from collections.abc import Sequence

from simfs.analysis.claims import Verdict
from simfs.analysis.prices import PENCE_PER_POUND
from simfs.analysis.probabilities import Probability
from simfs.scenario.claims import Against, Aggregate, Claim, Direction

MILLION = 1e6
PENCE_IN_MILLION = PENCE_PER_POUND * MILLION
MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"


def millions(pence: float) -> str:
    """Money in millions of pounds: ``£1.10m``.

    >>> millions(109_700_000), millions(-17_700_000), millions(-4.0)
    ('£1.10m', '−£0.18m', '£0.00m')
    """
    value = round(pence / PENCE_PER_POUND / MILLION, 2)
    return f"{MINUS if value < 0 else ''}£{abs(value):.2f}m"


def whole(value: float) -> str:
    """A count of children or cases, in whole numbers: ``1,234``.

    >>> whole(349.6), whole(-12.2), whole(-0.2)
    ('350', '−12', '0')
    """
    rounded = round(value)
    return f"{MINUS if rounded < 0 else ''}{abs(rounded):,}"


def percent(value: float) -> str:
    """A share in per cent, in whole numbers: ``31%``.

    >>> percent(31.4)
    '31%'
    """
    return f"{whole(value)}%"


def one_decimal(value: float) -> str:
    """A mean to one decimal, such as a caseload.

    >>> one_decimal(17.26)
    '17.3'
    """
    rounded = round(value, 1)
    return f"{MINUS if rounded < 0 else ''}{abs(rounded):,.1f}"


def two_decimals(value: float) -> str:
    """A small rate to two decimals, such as changes of worker a year.

    >>> two_decimals(0.457), two_decimals(-0.001)
    ('0.46', '0.00')
    """
    rounded = round(value, 2)
    return f"{MINUS if rounded < 0 else ''}{abs(rounded):.2f}"


def in_sentence(words: str) -> str:
    """Words that begin with a capital, to stand within a sentence.

    >>> in_sentence("Posts that follow demand")
    'posts that follow demand'
    """
    return words[:1].lower() + words[1:]


def between(low: str, high: str) -> str:
    """The ends of a band: ``£0.10m to £0.90m``.

    >>> between("−£0.10m", "£0.90m")
    '−£0.10m to £0.90m'
    """
    return f"{low} to {high}"


def chance(p: Probability | None) -> str:
    """A probability with its interval, never certain: ``3% (2–5)``; a dash where there is none.

    >>> chance(Probability(0.03, 0.02, 0.05, 400.0)), chance(Probability(0.0, 0.0, 0.002, 2000.0))
    ('3% (2–5)', '<0.5%')
    >>> chance(Probability(0.009, 0.0, 0.031, 100.0)), chance(Probability(0.4, 0.01, 0.99, 2.0))
    ('1% (<1–3)', 'not known')
    """
    if p is None:
        return DASH
    if p.printed[0] in "<>n":
        return p.printed
    return f"{p.printed} ({percent_of(p.low)}{DASH}{percent_of(p.high)})"


def percent_of(p: float) -> str:
    """An end of the interval of a probability in per cent, without the sign, never certain.

    >>> percent_of(0.002), percent_of(0.42), percent_of(1.0)
    ('<1', '42', '>99')
    """
    if round(100 * p) < 1:
        return "<1"
    return ">99" if round(100 * p) > 99 else f"{100 * p:.0f}"


def in_futures(p: Probability) -> str:
    """A probability as a natural frequency, to stand in a sentence after "in".

    Tens where the probability is known to tens, hundreds where it is known better.

    >>> in_futures(Probability(0.031, 0.02, 0.05, 400.0))
    'about 3 of 100 futures'
    >>> in_futures(Probability(0.22, 0.1, 0.45, 40.0))
    'about 2 of 10 futures'
    >>> in_futures(Probability(0.0, 0.0, 0.088, 40.0))
    'fewer than 9 of 100 futures'
    >>> in_futures(Probability(1.0, 0.999, 1.0, 4e3))
    'more than 199 of 200 futures'
    >>> in_futures(Probability(0.4, 0.01, 0.99, 2.0))
    'a number of futures that so few cannot tell'
    """
    text = p.printed
    if text.startswith("not"):
        return "a number of futures that so few cannot tell"
    if text in {"<0.5%", ">99.5%"}:
        return f"{'fewer than 1' if text[0] == '<' else 'more than 199'} of 200 futures"
    words = {"<": "fewer than ", ">": "more than "}.get(text[0], "about ")
    percent = int(text.strip("<>about %"))
    if percent % 10 == 0:
        return f"{words}{percent // 10} of 10 futures"
    return f"{words}{percent} of 100 futures"


def amount(value: float, unit: str) -> str:
    """An amount in the unit of a claim, in the digits that a simulation supports.

    `value` is pounds, children or a share.

    >>> amount(1_234_567.0, "£"), amount(0.1234, "share"), amount(25.7, "children")
    ('£1.23m', '12%', '26')
    """
    match unit:
        case "£":
            return millions(value * PENCE_PER_POUND)
        case "share":
            rounded = round(100 * value)
            return f"{MINUS if rounded < 0 else ''}{abs(rounded)}%"
        case _:
            return whole(value)


def threshold(claim: Claim) -> str:
    """A claim's threshold in the digits of the claim: ``£1.097m``, ``26 children``, ``45%``."""
    value = claim.threshold
    match claim.unit:
        case "£":
            text = f"{abs(value) / MILLION:.3f}".rstrip("0").rstrip(".")
            return f"{MINUS if value < 0 else ''}£{text}m"
        case "share":
            return f"{100 * value:.4g}%".replace("-", MINUS)
        case unit:
            return f"{value:,.10g} {unit}".replace("-", MINUS)


def claimed(verdict: Verdict, years: Sequence[str]) -> str:
    """What is claimed, short: the figure, its threshold and its years of those of the run."""
    claim = verdict.claim
    when = verdict.period or "beyond the run"
    if claim.first_year < claim.last_year < len(years):
        when = f"{years[claim.first_year]}{DASH}{years[claim.last_year]}"
        when += " in all" if claim.aggregate is Aggregate.SUM else " on average"
    what = claim.metric.removesuffix("_pence").replace("_", " ")
    what = what[:1].upper() + what[1:]
    sign = "≥" if claim.direction is Direction.AT_LEAST else "≤"
    if claim.metric.removesuffix("_pence").endswith("_saving"):
        return f"{what} {sign} {threshold(claim)}, {when}"
    fewer = {Against.BASELINE: " fewer", Against.START: " fewer than at start", Against.NONE: ""}
    least = threshold(claim).removesuffix(" children")
    return f"{what} {sign} {least}{fewer[claim.against]}, {when}"


def side(claim: Claim) -> str:
    """Which side of the threshold is success, in words."""
    return "at least" if claim.direction is Direction.AT_LEAST else "at most"


def listed(words: Sequence[str]) -> str:
    """Words joined as in a sentence.

    >>> listed(["CIN"]), listed(["CIN", "CP", "care"])
    ('CIN', 'CIN, CP and care')
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
