"""Why a line is bought where it is: from the item's own reason, its levels and the quotes that were compared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from procurement.engine.explain import CHEAPEST, at_level, doubted, sentence
from procurement.engine.needs import Needs, Reason
from procurement.engine.params import PlanningParams
from procurement.engine.sourcing import Choice, Quote
from procurement.engine.terms import OfferTerms, terms_of_each
from suppliers.packing import plain, plain_price

HARDLY = Decimal("0.0005")  # of a price: less is not told in percent


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _cheapest_of(chosen: Quote, quotes: Iterable[Quote]) -> str:
    """Unless another one asks less delivered, and lost by what it has or by what trouble with it costs."""
    price, compared = chosen.landed_price or Decimal(0), chosen.compared_price or Decimal(0)
    able = [quote for quote in quotes if not quote.obstacle and quote.landed_price is not None]
    cheaper = [quote for quote in able if (quote.landed_price or Decimal(0)) < price]
    if any((quote.compared_price or Decimal(0)) < compared for quote in cheaper):
        return "has more of it than cheaper ones, and nobody may be asked after it"
    return "cheapest with what unreliable deliveries cost" if cheaper else CHEAPEST


@dataclass(frozen=True, slots=True, eq=False)
class LineExplainer:
    needs: Needs
    params: PlanningParams
    _own_terms: Sequence[OfferTerms] = field(init=False)  # of each offer

    def __post_init__(self) -> None:
        object.__setattr__(self, "_own_terms", terms_of_each(self.needs))

    def line(self, item: Reason, levels: Mapping[int, Reason], choice: Choice) -> Reason:
        """`item`: its reason; `levels`: by the offer's key, what was told of its level."""
        chosen, keys = choice.chosen, self.needs.offers.key
        reason = {
            **at_level(item, levels[int(keys[chosen.level_of])], choice.ordered_before),
            # Stock runs out when it does, whoever delivers: quotes say by how much each comes too late for that day.
            **({"need_by": item["need_by"]} if "need_by" in item else {}),
            "rounding": [{"from": plain(s.start), "to": plain(s.end), "why": s.why} for s in chosen.steps],
            "quantity": plain(chosen.quantity),
            "quotes": self.quotes(choice.quotes, chosen),
        }
        # When it arrives and how much there may be of it goes by who delivers, not by whose level is filled.
        own = levels[int(keys[chosen.offer])]
        for what in ("delivery", "limits"):
            reason.pop(what, None)
            if what in own:
                reason[what] = own[what]
        doubted(reason, self.needs.offer_caveats.get(int(keys[chosen.offer]), ()))
        return {**reason, "sentence": sentence(reason)}

    def quotes(self, quotes: tuple[Quote, ...], chosen: Quote | None = None) -> list[Reason]:
        told = [self._quote(quote, chosen) for quote in quotes]
        for quote, said in zip(quotes, told, strict=True):
            if said["why"] == CHEAPEST:
                said["why"] = _cheapest_of(quote, quotes)
        return told

    def _quote(self, quote: Quote, chosen: Quote | None) -> Reason:
        offers = self.needs.offers
        terms = self.needs.suppliers[offers.supplier[quote.offer]]
        return {
            "supplier": terms.code,
            "supplier_name": terms.name,
            "supplier_sku": offers.supplier_sku[quote.offer],
            "needed": plain(quote.needed),
            "quantity": plain(quote.quantity),
            "tier_from": _text(quote.tier_from),
            "unit_price": _text(quote.unit_price),
            "currency": offers.currency[quote.offer],
            "landed_price": _text(quote.landed_price),
            "lead_time_days": int(offers.lead_time_days[quote.offer]),
            "stock_on_offer": _text(quote.on_offer),
            "chosen": quote is chosen,
            "why": self._verdict(quote, chosen),
            **self._rate(offers.currency[quote.offer]),
            **self._terms(quote),
            **self._arrival(quote),
        }

    def _arrival(self, quote: Quote) -> Reason:
        """Only where it is not simply the lead time, or comes after the stock is expected to have run out."""
        arrival = int(self.needs.arrival_days[quote.offer])
        late = arrival - float(self.needs.need_by_days[self.needs.offers.item[quote.offer]])
        told: Reason = {}
        if arrival != int(self.needs.offers.lead_time_days[quote.offer]):
            told["arrival_days"] = arrival
        if late > 0:
            told["late_by_days"] = int(late)
            if cost := int(late) * self.params.late_cost_a_day:
                told["late_costs_percent"] = plain((100 * cost).quantize(Decimal("0.01")))
        return told

    def _rate(self, currency: str) -> Reason:
        """Only where the price had to be counted in another currency, as it is written for every quote."""
        rate = self.needs.rates.get(currency)
        if rate is None or currency == self.params.currency:
            return {}
        told = {"value": plain(rate.value), "date": rate.date.isoformat(), "source": rate.source}
        return {"landed_currency": self.params.currency, "rate": {**told, "words": str(rate)}}

    def _terms(self, quote: Quote) -> Reason:
        """Only what is out of the ordinary."""
        terms = self._own_terms[quote.offer]
        supplier = self.needs.suppliers[self.needs.offers.supplier[quote.offer]]
        told: Reason = {}
        if terms.contract:
            told["contract"] = terms.contract
        if terms.incremental:
            told["tiers"] = "incremental"
        if supplier.unreliability:
            percent = plain((supplier.unreliability * 100).quantize(Decimal("0.01")))
            told["reliability"] = {"cost_percent": percent, "words": supplier.reliability}
        if quote.compared_price != quote.landed_price:
            told["compared_price"] = _text(quote.compared_price)
        return told

    def _verdict(self, quote: Quote, chosen: Quote | None) -> str:
        """Why this quote won or lost."""
        if quote.obstacle or chosen is None:
            return quote.obstacle
        if quote is chosen:
            return self._merit(chosen)
        if quote.landed_price is None or chosen.landed_price is None:
            return "no price known"
        dearer = quote.landed_price - chosen.landed_price
        if not dearer:
            return self._same_price(quote, chosen)
        if dearer < 0:
            return (
                f"{-dearer / chosen.landed_price:.1%} cheaper delivered, but {self._drawback(quote, chosen)}"
            )
        if not chosen.landed_price:
            return f"dearer by {plain_price(dearer)} a unit"
        share = dearer / chosen.landed_price
        return f"{share:.1%} dearer delivered" if share >= HARDLY else "hardly dearer delivered"

    def _same_price(self, quote: Quote, chosen: Quote) -> str:
        slower = int(self.needs.arrival_days[quote.offer] - self.needs.arrival_days[chosen.offer])
        if slower > 0:
            return "same price, slower"
        if (
            quote.lost_to
            or quote.compared_price != chosen.compared_price
            or (chosen.ahead and not quote.ahead)
        ):
            return f"same price delivered, but {self._drawback(quote, chosen)}"
        return "same price, quicker" if slower else "same price and lead time"

    def _merit(self, chosen: Quote) -> str:
        """Why this one, whatever the others are."""
        if chosen.merit:
            alone = f"{chosen.dearer_by:.1%} dearer" if chosen.dearer_by > 0 else "not the first choice"
            return f"{alone} by itself, but {chosen.merit}"
        terms = self._own_terms[chosen.offer]
        if chosen.ahead:
            return f"it {chosen.ahead}"
        if terms.preferred and terms.dearer_by:
            return f"preferred, up to {terms.dearer_by:.1%} dearer"
        return CHEAPEST

    def _drawback(self, quote: Quote, chosen: Quote) -> str:
        """Why a cheaper one lost."""
        if quote.lost_to:
            return f"the chosen one {quote.lost_to}"
        supplier = self.needs.suppliers[self.needs.offers.supplier[quote.offer]]
        if chosen.ahead and not quote.ahead:
            return f"the chosen one {chosen.ahead}"
        if quote.quantity < quote.needed and quote.limit:
            return f"only {plain(quote.quantity)} of it fit: {quote.limit.words}"
        if quote.quantity < quote.needed:
            return f"it has only {plain(quote.quantity)}"
        if self._own_terms[chosen.offer].preferred:
            return "the chosen one is preferred"
        return f"less reliable: {supplier.reliability}" if supplier.reliability else "less reliable"
