"""What was agreed with suppliers and decided about them, beyond price lists; and how it changes what is compared.

Few offers have any, so they are kept by the offer's key (`offer_terms`), those of a whole supplier with
the supplier. Offers are compared by

    landed price * (1 + unreliability) / (1 + dearer_by)

where `unreliability` is what trouble with the supplier costs as a share of the goods' value, and `dearer_by` by how
much a preferred supplier may be dearer. A supplier preferred at any price comes before all others, and so does one that
has had less of an item than its contract says. What is blocked is never bought.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from procurement.engine.data import Market


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferTerms:
    """Of one offer, or of all of a supplier's."""

    blocked: str = ""  # why it may not be bought, in words; empty: it may
    preferred: bool = False
    dearer_by: Decimal | None = None  # share by which a preferred one may be dearer; None: at any price
    incremental: bool = False  # tiers: each unit at its own tier's price, instead of all at the highest one's
    contract: str = ""  # whose price it is, in words; empty: of the price list
    agreed_share: Decimal | None = None  # of what is bought of the item, by contract
    bought_share: Decimal = Decimal(0)  # of what was bought of it since the contract began
    # Why its supplier may not join those that have the item on a draft; empty: it may, or is one of them. It is no
    # block: items are planned by it as by any other, so that two plans in a row find the same need.
    full: str = ""

    @property
    def at_any_price(self) -> bool:
        return self.preferred and self.dearer_by is None

    @property
    def behind(self) -> bool:
        """It has had less than was agreed."""
        return self.agreed_share is not None and self.bought_share < self.agreed_share

    @property
    def ahead(self) -> str:
        """Why it comes before cheaper ones, in words that follow its name; empty if it does not."""
        if self.behind:
            return f"has had {self.bought_share:.0%} of it, and {self.agreed_share:.0%} are agreed"
        return "is preferred at any price" if self.at_any_price else ""

    def within(self, supplier: "OfferTerms") -> "OfferTerms":
        """Together with what holds for the whole supplier; the offer's own preference counts before that one's."""
        preference = self if self.preferred else supplier
        return OfferTerms(
            blocked=self.blocked or supplier.blocked,
            preferred=preference.preferred,
            dearer_by=preference.dearer_by,
            incremental=self.incremental,
            contract=self.contract,
            agreed_share=self.agreed_share,
            bought_share=self.bought_share,
            full=self.full,
        )


def no_more_than(suppliers: int) -> str:
    return f"a line goes to no more than {suppliers} supplier{'s' if suppliers > 1 else ''}"


NOTHING = OfferTerms()


def terms_of(market: "Market", k: int) -> OfferTerms:
    """Of the offer in row k."""
    return market.offer_terms.get(int(market.offers.key[k]), NOTHING).within(
        market.suppliers[market.offers.supplier[k]].standing
    )


def terms_of_each(market: "Market") -> list[OfferTerms]:
    """`terms_of` every offer: few have any of their own, the others share their supplier's. (m,)"""
    usual = [NOTHING.within(supplier.standing) for supplier in market.suppliers]
    found = [usual[supplier] for supplier in market.offers.supplier.tolist()]
    if market.offer_terms:
        for k in np.flatnonzero(np.isin(market.offers.key, list(market.offer_terms))).tolist():
            found[k] = terms_of(market, k)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """The same of all m offers, as arrays."""

    blocked: NDArray[np.bool_]  # (m,)
    at_any_price: NDArray[np.bool_]  # (m,) preferred, whatever it costs
    factor: NDArray[np.float64]  # (m,) of the landed price, when offers are compared
    incremental: NDArray[np.bool_]  # (m,)

    @classmethod
    def of(cls, market: "Market") -> "Standing":
        offers = market.offers
        known = [OfferTerms().within(supplier.standing) for supplier in market.suppliers]
        blocked, first = (
            np.array([bool(getattr(terms, name)) for terms in known], dtype=np.bool_)[offers.supplier]
            for name in ("blocked", "at_any_price")
        )
        factors = [
            float(comparison_factor(terms, supplier.unreliability))
            for terms, supplier in zip(known, market.suppliers, strict=True)
        ]
        factor = np.array(factors, dtype=np.float64)[offers.supplier]
        incremental = np.zeros(len(offers), dtype=np.bool_)
        if market.offer_terms:
            for k in np.flatnonzero(np.isin(offers.key, list(market.offer_terms))).tolist():
                terms = terms_of(market, k)
                blocked[k], first[k], incremental[k] = (
                    bool(terms.blocked),
                    terms.at_any_price,
                    terms.incremental,
                )
                factor[k] = comparison_factor(terms, market.suppliers[offers.supplier[k]].unreliability)
        return cls(blocked, first, factor, incremental)


def comparison_factor(terms: OfferTerms, unreliability: Decimal) -> Decimal:
    """What the landed price is multiplied by before offers are compared."""
    may_be_dearer = (terms.dearer_by or Decimal(0)) if terms.preferred else Decimal(0)
    return (1 + unreliability) / (1 + may_be_dearer)
