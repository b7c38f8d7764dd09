"""What the claims come to when one reading of the evidence is believed."""

from dataclasses import dataclass

from simfs.analysis.claims import Verdict, verdict, verdicts
from simfs.analysis.outcomes import Outcomes
from simfs.analysis.prices import PENCE_PER_POUND
from simfs.analysis.savings import is_priced
from simfs.scenario.claims import Against, Aggregate, Claim, Direction
from simfs.scenario.config import Preset

NET_ID = "net saving above 0"  # with spaces, which no claim of a file may have


@dataclass(frozen=True, slots=True)
class UnderPreset:
    """The verdicts of one run, made under one preset.

    Attributes:
        preset: whose strength of the effects was believed.
        is_default: whether it is the file's own.
        verdicts: every claim for every arm but the baseline, in the order of the file.
        net: whether there is a net saving over all years, by arm; empty without prices.
        years: labels of the financial years.
        futures: of each arm.
        seed: of the run.
        engine: name of the engine.
    """

    preset: Preset
    is_default: bool
    verdicts: tuple[Verdict, ...]
    net: tuple[Verdict, ...]
    years: tuple[str, ...]
    futures: int
    seed: int
    engine: str

    @property
    def arms(self) -> tuple[str, ...]:
        """Keys of the arms that claims are made of."""
        return tuple(dict.fromkeys(one.arm for one in self.verdicts))

    def of(self, arm: str, claim: Claim) -> Verdict:
        """The verdict of a claim for an arm; raises KeyError."""
        for one in (*self.verdicts, *self.net):
            if one.arm == arm and one.claim == claim:
                return one
        raise KeyError(f"no claim {claim.id!r} for arm {arm!r}")


def under_preset(outcomes: Outcomes, preset: Preset, *, is_default: bool) -> UnderPreset:
    """Judge every claim, and the net saving, by the outcomes of one run."""
    net: tuple[Verdict, ...] = ()
    if is_priced(outcomes.study):
        claim = net_claim(len(outcomes.years))
        net = tuple(verdict(outcomes, arm, claim) for arm in outcomes.arms[1:])
    return UnderPreset(
        preset=preset,
        is_default=is_default,
        verdicts=verdicts(outcomes),
        net=net,
        years=outcomes.years,
        futures=outcomes.futures,
        seed=outcomes.seed,
        engine=outcomes.engine,
    )


def net_claim(years: int) -> Claim:
    """That an arm saves more than its investment over all years together: by a penny or more."""
    return Claim(
        id=NET_ID,
        words="Over all years together there is a net saving",
        source="",
        paragraph="",
        metric="net_saving",
        against=Against.BASELINE,
        relative=False,
        aggregate=Aggregate.SUM,
        first_year=0,
        last_year=years - 1,
        direction=Direction.AT_LEAST,
        threshold=1 / PENCE_PER_POUND,
        unit="£",
        reading="gross saving less investment, before grant; no published claim",
        grade="",
    )
