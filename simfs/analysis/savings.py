"""What an arm saves: baseline minus arm in the same future, ledger by ledger.

Ledgers are added together only where a name says so: a gross saving is what could be cashed and
capacity released together, a net saving is that less the extra investment, before any grant.
"""

from simfs.analysis.outcomes import Outcomes
from simfs.engine.tally import IntArray
from simfs.scenario.costs import Ledger
from simfs.scenario.scenario import Study

SAVINGS: dict[str, tuple[Ledger, ...]] = {
    "gross_saving_pence": (Ledger.CASHABLE, Ledger.CAPACITY),
    "cashable_saving_pence": (Ledger.CASHABLE,),
    "capacity_saving_pence": (Ledger.CAPACITY,),
    "partner_saving_pence": (Ledger.PARTNER,),
    "net_saving_pence": (Ledger.CASHABLE, Ledger.CAPACITY, Ledger.INVESTMENT),
    "net_cashable_saving_pence": (Ledger.CASHABLE, Ledger.INVESTMENT),
}

SAVING_LABELS = {
    "gross_saving_pence": "Gross saving (cashable and capacity)",
    "cashable_saving_pence": "Saving that could be cashed",
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


def level(outcomes: Outcomes, arm: str, key: str) -> IntArray:
    """What an arm has of a metric, or spends where the key is a saving's, int64[N, year]."""
    if key in SAVINGS:
        return spend(outcomes, arm, SAVINGS[key])
    return outcomes.of(arm, key)


def saving(outcomes: Outcomes, arm: str, key: str) -> IntArray:
    """Baseline minus arm, future by future: a saving, or the fall of a metric, int64[N, year]."""
    return level(outcomes, outcomes.baseline, key) - level(outcomes, arm, key)
