"""What a plan knows of suppliers beyond price lists: decisions, contracts, reliability. Few rows, read once a chunk."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from orders.models import PurchaseOrderLine, Status
from procurement.engine.data import SupplierTerms
from procurement.engine.terms import NOTHING, OfferTerms
from procurement.models import PlanningPolicy
from procurement.selectors import OfferInForce
from suppliers.models import ContractItem, SourcingDecision, Supplier, SupplierReliability
from suppliers.reliability import TrackRecord, TroubleCosts, unreliability, usual_of
from suppliers.terms_in_force import Decisions, Kind, contracts_in_force, decisions_in_force

HUNDRED = Decimal(100)
COSTS = ("rejected_order", "cut_line", "late_delivery")


def terms_parameters(policy: PlanningPolicy) -> dict[str, Any]:
    """What a run keeps of the policy."""
    costs = {f"{name}_costs_percent": str(getattr(policy, f"{name}_costs_percent")) for name in COSTS}
    return {
        "most_suppliers_a_line": policy.most_suppliers_a_line,
        "late_day_costs_percent": str(policy.late_day_costs_percent),
        **costs,
    }


def suppliers_terms(
    suppliers: Sequence[Supplier], *, day: date, parameters: Mapping[str, Any]
) -> tuple[SupplierTerms, ...]:
    """In the order given."""
    decisions = decisions_in_force(day=day, within=Q(pk__in=()))
    records = {row.supplier_id: row.record for row in SupplierReliability.objects.all()}
    usual = usual_of(records.values()) if records else TrackRecord()
    costs = TroubleCosts(*(Decimal(parameters.get(f"{name}_costs_percent") or 0) / HUNDRED for name in COSTS))
    found = []
    for supplier in suppliers:
        cost, words = _reliability(supplier, records.get(supplier.pk, TrackRecord()), usual, costs)
        found.append(
            SupplierTerms(
                code=supplier.code,
                name=supplier.name,
                minimum_order_value=supplier.minimum_order_value,
                delivery_fee=supplier.delivery_fee,
                free_delivery_from=supplier.free_delivery_from,
                currency=supplier.currency,
                below_minimum_costs=supplier.below_minimum_surcharge,
                standing=_decided(decisions.of_suppliers, supplier.pk),
                unreliability=cost,
                reliability=words,
            )
        )
    return tuple(found)


def _reliability(
    supplier: Supplier, record: TrackRecord, usual: TrackRecord, costs: TroubleCosts
) -> tuple[Decimal, str]:
    if supplier.unreliability_percent is not None:
        return supplier.unreliability_percent / HUNDRED, "as set by hand"
    words = f"{record.words} (few, so mostly taken as usual)" if record.is_small else record.words
    return unreliability(record, usual, costs), words


def offers_terms(offers: Sequence[OfferInForce], *, day: date) -> dict[int, OfferTerms]:
    """By offer; those without anything special are not among them."""
    if not offers:
        return {}
    products = Q(
        supplier_product__product__gte=min(offer.product for offer in offers),
        supplier_product__product__lte=max(offer.product for offer in offers),
    )
    decisions = decisions_in_force(day=day, within=products)
    contracts = contracts_in_force(day=day, within=products & ~Q(share_percent=None))
    found = {}
    nothing = not decisions.of_products and not contracts
    for offer in offers:
        if nothing and not (offer.incremental or offer.contract):
            continue  # as most are, of a hundred thousand
        terms = _offer_terms(offer, decisions, contracts.get(offer.pk))
        if terms != NOTHING:
            found[offer.pk] = terms
    return found


def _offer_terms(offer: OfferInForce, decisions: Decisions, contract: ContractItem | None) -> OfferTerms:
    decided = _decided(decisions.of_products, (offer.supplier, offer.product))
    return OfferTerms(
        blocked=decided.blocked,
        preferred=decided.preferred,
        dearer_by=decided.dearer_by,
        incremental=offer.incremental,
        contract=offer.contract,
        agreed_share=contract.share_percent / HUNDRED if contract and contract.share_percent else None,
        bought_share=_bought_share(contract) if contract else Decimal(0),
    )


def _decided(decisions: Mapping[tuple[Any, str], SourcingDecision], key: object) -> OfferTerms:
    blocked, preferred = decisions.get((key, Kind.BLOCKED)), decisions.get((key, Kind.PREFERRED))
    percent = preferred.dearer_by_percent if preferred else None
    return OfferTerms(
        blocked=blocked.words if blocked else "",
        preferred=preferred is not None,
        dearer_by=None if percent is None else percent / HUNDRED,
    )


def _bought_share(contract: ContractItem) -> Decimal:
    """Of what was ordered of the product since the contract began, drafts included; as confirmed where it was."""
    lines = PurchaseOrderLine.objects.filter(
        product=contract.supplier_product.product_id, order__created_at__date__gte=contract.valid_from
    ).exclude(order__status__in=(Status.REJECTED, Status.CANCELLED))
    ordered = Coalesce("confirmed_quantity", "quantity")
    own = Q(supplier_product__supplier=contract.supplier_product.supplier_id)
    sums = lines.aggregate(all=Sum(ordered), own=Sum(ordered, filter=own))
    return (sums["own"] or Decimal(0)) / sums["all"] if sums["all"] else Decimal(0)
