"""What an arm saves: baseline minus arm in the same future, ledger by ledger.

Ledgers are added together only where a name says so: a gross saving is what could be cashed and
capacity released together, a net saving is that less the extra investment and with the salaries
that empty posts did not cost, before any grant.

What could be cashed has two parts. Spending that falls below what it was in the first year of the
baseline lets a budget be cut; spending that would have grown and does not is cost avoided. With s
the first year's spending, b the baseline's and a the arm's, they are min(b, s) − min(a, s) and
max(b, s) − max(a, s), which sum to b − a.
"""

import numpy as np

from simfs.analysis.outcomes import Outcomes
from simfs.engine.tally import IntArray
from simfs.scenario.costs import Ledger
from simfs.scenario.scenario import Study

SAVINGS: dict[str, tuple[Ledger, ...]] = {
    "gross_saving_pence": (Ledger.CASHABLE, Ledger.CAPACITY),
    "cashable_saving_pence": (Ledger.CASHABLE,),
    "below_start_saving_pence": (Ledger.CASHABLE,),
    "avoided_saving_pence": (Ledger.CASHABLE,),
    "capacity_saving_pence": (Ledger.CAPACITY,),
    "partner_saving_pence": (Ledger.PARTNER,),
    "net_saving_pence": (Ledger.CASHABLE, Ledger.CAPACITY, Ledger.INVESTMENT, Ledger.VACANCY),
    "net_cashable_saving_pence": (Ledger.CASHABLE, Ledger.INVESTMENT, Ledger.VACANCY),
}
# Which part of its ledgers' spending a saving is of: below what it was at the start, or above.
BELOW, ABOVE = "below_start_saving_pence", "avoided_saving_pence"

SAVING_LABELS = {
    "gross_saving_pence": "Gross saving (cashable and capacity)",
    "cashable_saving_pence": "Saving that could be cashed",
    "below_start_saving_pence": "… of it: spending below that of the first year",
    "avoided_saving_pence": "… of it: growth avoided",
    "capacity_saving_pence": "Capacity released",
    "partner_saving_pence": "Saving of partner agencies",
    "net_saving_pence": "Net saving (gross less investment, before grant)",
    "net_cashable_saving_pence": "Cashable saving less investment, before grant",
}

SUFFIXES = ("", "_pence", "_children", "_days")


def is_priced(study: Study) -> bool:
    """Whether anything has a price in any arm."""
    return any(
        arm.prices.costs or (arm.practice and arm.practice.investments) for arm in study.arms
    )


def metric_key(outcomes: Outcomes, name: str) -> str:
    """The full key of a metric written without its unit, as claims do; raises KeyError."""
    if name in {"investment", "investment_pence"}:
        return f"spend.{Ledger.INVESTMENT.value}_pence"
    for suffix in SUFFIXES:
        key = name + suffix
        if key in SAVINGS or outcomes.has(key):
            return key
    raise KeyError(f"no yearly metric or saving {name!r}")


def spend(outcomes: Outcomes, arm: str, ledgers: tuple[Ledger, ...]) -> IntArray:
    """Pence an arm spends on these ledgers together, int64[N, year]."""
    total = outcomes.of(arm, f"spend.{ledgers[0].value}_pence").copy()
    for ledger in ledgers[1:]:
        total += outcomes.of(arm, f"spend.{ledger.value}_pence")
    return total


def default_claim(study: Study) -> str | None:
    """The claim that staffing is judged by: the first that workers' time is no part of, or any.

    A child who waits takes no worker's time, so a claim that counts it is met more easily by
    leaving children without a worker.
    """
    counted = {
        key.removesuffix("_pence") for key, parts in SAVINGS.items() if Ledger.CAPACITY in parts
    }
    found = [claim.id for claim in study.claims if claim.metric not in counted]
    return next(iter(found or [claim.id for claim in study.claims]), None)


def level(outcomes: Outcomes, arm: str, key: str) -> IntArray:
    """What an arm has of a metric, or spends where the key is a saving's, int64[N, year]."""
    if key not in SAVINGS:
        return outcomes.of(arm, key)
    spent = spend(outcomes, arm, SAVINGS[key])
    if key == BELOW:
        return np.asarray(np.minimum(spent, at_the_start(outcomes, SAVINGS[key])))
    if key == ABOVE:
        return np.asarray(np.maximum(spent - at_the_start(outcomes, SAVINGS[key]), 0))
    return spent


def at_the_start(outcomes: Outcomes, ledgers: tuple[Ledger, ...]) -> IntArray:
    """What the baseline spends in its first year, for the days of each year, int64[N, year]."""
    first = spend(outcomes, outcomes.baseline, ledgers)[:, :1]
    days = np.array([end - start for _, start, end in outcomes.study.arms[0].calendar.years])
    return np.asarray(np.rint(first * (days / days[0])).astype(np.int64))


def saving(outcomes: Outcomes, arm: str, key: str) -> IntArray:
    """Baseline minus arm, future by future: a saving, or the fall of a metric, int64[N, year]."""
    return level(outcomes, outcomes.baseline, key) - level(outcomes, arm, key)
