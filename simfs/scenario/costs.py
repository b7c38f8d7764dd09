"""Prices: what a week, an event or a post costs, who pays, and what a saving of it would be."""

from dataclasses import dataclass
from enum import StrEnum

from simfs.scenario.quantities import Quantity


class Ledger(StrEnum):
    """What spending less on a line would be. Never added together silently."""

    CASHABLE = "cashable"
    CAPACITY = "capacity"
    PARTNER = "partner"
    INVESTMENT = "investment"
    GRANT = "grant"


class Basis(StrEnum):
    """What a cost is paid for.

    `CHILD_WEEK`: a child's week in the stages. `PLACEMENT_WEEK`: a week in a placement type.
    `ENTRY`: a child's entry to the stages from outside them. `ROUTE`: a child taking a route.
    `DIVERSION`: a child that an effect sent to the remainder. `WEEK_AFTER_EXIT`: a week since an
    exit, up to 18 where the age is known. `POST_YEAR`: a year of somebody in post; an empty post
    costs nothing. `AGENCY_POST_YEAR`: the same of agency workers only, for what they cost more.
    """

    CHILD_WEEK = "child_week"
    PLACEMENT_WEEK = "placement_week"
    ENTRY = "entry"
    ROUTE = "route"
    DIVERSION = "diversion"
    WEEK_AFTER_EXIT = "week_after_exit"
    POST_YEAR = "post_year"
    AGENCY_POST_YEAR = "agency_post_year"


@dataclass(frozen=True, slots=True)
class Cost:
    """One line of the price list.

    Attributes:
        key: identity.
        label: words for people.
        basis: what is paid for.
        applies_to: stage keys (`CHILD_WEEK`, `ENTRY`), "stage.route" keys (`ROUTE`), effect keys
            (`DIVERSION`), exit keys (`WEEK_AFTER_EXIT`), placement keys (`PLACEMENT_WEEK`) or team
            keys (`POST_YEAR`, `AGENCY_POST_YEAR`).
        pounds: price per unit of the basis, per child or post.
        per: units that share one price (1.61 children to an application).
        growth: growth of the price a year, as a share, from the price year; 0 is constant prices.
        payer: who pays, such as "council", "courts and legal aid".
        ledger: what spending less would be.
        spell_cv: spread of the price between spells, as coefficient of variation; ten bands.
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


@dataclass(frozen=True, slots=True)
class Placement:
    """A type of placement, such as an in-house foster home."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class PlacementMix:
    """Which placement a spell gets.

    Attributes:
        key: identity.
        shares: (placement key, probability); sum to 1.
    """

    key: str
    shares: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class PriceList:
    """All prices and placements of a scenario, in order of key.

    Attributes:
        price_year: the year whose prices these are, such as "2022-23".
    """

    costs: tuple[Cost, ...] = ()
    placements: tuple[Placement, ...] = ()
    mixes: tuple[PlacementMix, ...] = ()
    price_year: str = ""
