"""What each uncertain number does in the company of others: a table for Excel, and text."""

from collections.abc import Sequence

from simfs.analysis.elementary import Screened
from simfs.analysis.factors import Factor
from simfs.experiment.screening import Screening
from simfs.report.claims import wrapped
from simfs.report.factors import named_factors
from simfs.report.tables import Value, csv_file
from simfs.report.wording import between, millions, one_decimal
from simfs.scenario.scenario import Study

SHOWN = 5
PENCE = 100.0
HEADS = (
    "arm", "figure", "unit", "factor", "number", "numbers", "mean", "mu_star", "mu_star_by_noise",
    "mu_star_corrected", "mu_star_low", "mu_star_high", "sigma", "sigma_corrected", "beyond_luck",
    "walks", "futures",
)  # fmt: skip
HOW = (
    "Each step of a walk moves one number, or numbers that hang together, while the others stand "
    "where the walk has left them. μ* is the mean size of what a figure changes by, per whole way "
    "from p10 to p90; σ its spread, which is large where a number acts through others or bends the "
    "figure. Both are told without what noise adds; noise alone would give the μ* beside."
)


def screening_csv(study: Study, factors: tuple[Factor, ...], found: Sequence[Screening]) -> bytes:
    """Every headline figure with every factor, largest first."""
    named = named_factors(study, factors)
    rows: list[list[Value]] = []
    for each in found:
        for one in each.factors:
            name = named[one.key]
            rows.append([
                each.arm, each.headline.key, each.headline.unit, one.key, name.words,
                len(name.factor.paths), one.mean, one.size, one.by_noise, one.corrected, one.low,
                one.high, one.spread, one.spread_corrected, "yes" if one.beyond_luck else "no",
                each.walks, each.futures,
            ])  # fmt: skip
    return csv_file(HEADS, rows)


def screening_text(study: Study, factors: tuple[Factor, ...], found: Sequence[Screening]) -> str:
    """The first figure's largest factors, each with its interval."""
    named = named_factors(study, factors)
    first = found[0]
    lines = wrapped(
        f"Numbers moved together ({first.walks} walks, {first.futures} futures a point): "
        f"{first.headline.label}"
    )
    clear = [one for one in first.factors if one.beyond_luck]
    for one in clear[:SHOWN]:
        lines += wrapped(f"{named[one.key].words}: {size_words(first, one)}", 2)
    luck = len(first.factors) - len(clear)
    lines += wrapped(f"{luck} of {len(first.factors)} cannot be told from luck", 2)
    return "\n".join([*lines, *wrapped(HOW)])


def size_words(screening: Screening, one: Screened) -> str:
    """μ* and σ without noise, and what noise alone would give."""

    def told(value: float) -> str:
        return millions(value * PENCE) if screening.headline.is_money else one_decimal(value)

    return (
        f"μ* {told(one.corrected)} (95% interval {between(told(one.low), told(one.high))}; noise "
        f"alone {told(one.by_noise)}), σ {told(one.spread_corrected)}"
    )
