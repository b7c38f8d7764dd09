"""Prices: what a week, an event or a post costs, who pays, and what a saving of it would be."""

from dataclasses import dataclass
from enum import StrEnum

from simfs.scenario.quantities import Quantity

NO_BLOCK = Quantity("", 0.0, "places")


class Ledger(StrEnum):
    """What spending less on a line would be. Never added together silently.

    `CASHABLE`: money that is not paid out: a place not bought, a post or an agency cover ended.
    `CAPACITY`: time or a place that is free for others and is paid for all the same. `PARTNER`:
    other agencies' money. `INVESTMENT`: what a change costs, posts in full from their date.
    `VACANCY`: salaries not paid while posts of the plan stood empty, as negative spending; no line
    of a price list is booked to it. `GRANT`: money received.
    """

    CASHABLE = "cashable"
    CAPACITY = "capacity"
    PARTNER = "partner"
    INVESTMENT = "investment"
    VACANCY = "vacancy"
    GRANT = "grant"


class Basis(StrEnum):
    """What a cost is paid for.

    `CHILD_WEEK`: a child's week in the stages; on the ledger of capacity only weeks in which the
    child has a worker or needs none, as waiting takes nobody's time. `PLACEMENT_WEEK`: a week in
    a placement type. `ENTRY`: a child's entry to the stages from outside them. `ROUTE`: a child
    taking a route. `DIVERSION`: a child that an effect sent to the remainder. `WEEK_AFTER_EXIT`: a
    week since an exit, up to 18 where the age is known. `POST_YEAR`: a year of a post of the plan,
    and of a worker whose post has ended until the worker leaves; what an empty post does not pay
    out goes to the ledger of vacancies. `AGENCY_POST_YEAR`: a year of an agency worker, for what
    one costs more. `MET_WEEK`: a week in which a specialist works on a family's need; below 0 for
    what a partner is spared.
    """

    CHILD_WEEK = "child_week"
    PLACEMENT_WEEK = "placement_week"
    ENTRY = "entry"
    ROUTE = "route"
    DIVERSION = "diversion"
    WEEK_AFTER_EXIT = "week_after_exit"
    POST_YEAR = "post_year"
    AGENCY_POST_YEAR = "agency_post_year"
    MET_WEEK = "met_week"


@dataclass(frozen=True, slots=True)
class Cost:
    """One line of the price list.

    Attributes:
        key: identity.
        label: words for people.
        basis: what is paid for.
        applies_to: stage keys (`CHILD_WEEK`, `ENTRY`), "stage.route" keys (`ROUTE`), effect keys
            (`DIVERSION`), exit keys (`WEEK_AFTER_EXIT`), placement keys (`PLACEMENT_WEEK`), needs
            (`MET_WEEK`) or team keys (`POST_YEAR`, `AGENCY_POST_YEAR`).
        pounds: price per unit of the basis, per child or post.
        per: units that share one price (1.61 children to an application).
        growth: growth of the price a year above general prices, as a share, from the price year.
        payer: who pays, such as "council", "courts and legal aid".
        ledger: what spending less would be.
        spell_cv: spread of the price between spells, as coefficient of variation; ten bands.
        block_places: places bought as a block (`PLACEMENT_WEEK`): paid for whether used or not,
            and used before others are bought; leaving one empty frees capacity, not cash.
    """

    key: str
    label: str
    basis: Basis
    applies_to: tuple[str, ...]
    pounds: Quantity
    per: float
    growth: Quantity
    payer: str
    ledger: Ledger
    spell_cv: float = 0.0
    block_places: Quantity = NO_BLOCK


@dataclass(frozen=True, slots=True)
class Placement:
    """A type of placement, such as an in-house foster home."""

    key: str
    label: str


# (lower age in years, ((key, probability), ...)), the first from 0.
AgedShares = tuple[tuple[float, tuple[tuple[str, float], ...]], ...]


@dataclass(frozen=True, slots=True)
class PlacementMix:
    """Which placement a spell gets, by the age at which the child first came into care.

    Attributes:
        key: identity.
        bands: (lower age in years, ((placement key, probability), ...)), the first from 0; the
            probabilities of a band sum to 1.
    """

    key: str
    bands: AgedShares


@dataclass(frozen=True, slots=True)
class PriceList:
    """All prices and placements of a scenario, in order of key.

    Attributes:
        price_year: the year whose prices these are, such as "2022-23".
        discount_rate: share a year by which later money counts less, above general prices; None
            where no present value is to be given.
        inflation: (financial year, growth of general prices into it, as a share), by year; a later
            year grows as the last one named. Empty: no sums in the money of each year are given.
    """

    costs: tuple[Cost, ...] = ()
    placements: tuple[Placement, ...] = ()
    mixes: tuple[PlacementMix, ...] = ()
    price_year: str = ""
    discount_rate: float | None = None
    inflation: tuple[tuple[str, float], ...] = ()
