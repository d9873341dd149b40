"""Products, and suppliers' offers and price lists. What a row leaves empty is not touched.

A new list of prices replaces the one in force, which is kept with the time it ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils import timezone

from procurement.services.record_writers.base import Group, Target, Written
from procurement.services.record_writers.row_changes import Table, values_before
from procurement.sources.base import CatalogueRecord, RowError
from suppliers.models import PriceQuote, PriceTier, Product, Supplier, SupplierProduct

OFFER_FIELDS = ("pack_size", "minimum_quantity", "lead_time_days", "stock", "currency", "incremental")


@dataclass(slots=True)
class OfferRows:
    """All rows of one supplier's offer of one item."""

    supplier: Supplier
    first: CatalogueRecord
    tiers: dict[Decimal, Decimal] = field(default_factory=dict)

    @property
    def supplier_sku(self) -> str:
        return self.first.supplier_sku or self.first.sku


class CatalogueWriter:
    """Counts are of products and of offers; an offer with its price list is one."""

    batch = 500

    def __init__(self, target: Target) -> None:
        self._target = target
        self._suppliers = {supplier.code: supplier for supplier in Supplier.objects.all()}

    def key(self, record: CatalogueRecord) -> str:
        return record.sku

    def write(self, groups: Sequence[Group]) -> Written:
        written = Written()
        offers: list[OfferRows] = []
        products = []
        of_groups = Product.objects.filter(sku__in=[group[0].sku for group in groups])
        known = {p.sku: p for p in self._target.stored(of_groups)}
        for group in groups:
            product, stored = self._product(group[0], known.get(group[0].sku)), known.get(group[0].sku)
            differs = stored is None or _values(stored) != _values(product)
            written.count(known=stored is not None, differs=differs)
            if differs:
                products.append(product)
                self._target.changes.note(Table.PRODUCT, product, values_before(Table.PRODUCT, stored))
            else:
                self._target.changes.same(Table.PRODUCT, product)
            offers += self._offers(group, written)
        if not self._target.dry_run:
            Product.objects.bulk_create(
                products,
                update_conflicts=True,
                unique_fields=["sku"],
                update_fields=["name", "unit", "barcode"],
            )
            known = {p.sku: p for p in of_groups.all()}
        self._write_offers(offers, known, written)
        return written

    def _product(self, record: CatalogueRecord, stored: Product | None) -> Product:
        return Product(
            sku=record.sku,
            name=record.description,
            unit=record.unit or (stored.unit if stored else "C62"),
            barcode=record.barcode if record.barcode is not None else (stored.barcode if stored else ""),
        )

    def _offers(self, group: Group, written: Written) -> list[OfferRows]:
        first: CatalogueRecord = group[0]
        offers: dict[tuple[str, str], OfferRows] = {}
        for row in group:
            error = self._row_error(row, first)
            code = row.supplier or (self._target.supplier.code if self._target.supplier else "")
            if not error and not code and row is not first:
                error = RowError(row.line, "sku", row.sku, f"stands in line {first.line} already")
            if error:
                written.errors.append(error)
                continue
            if not code:
                continue
            offer = offers.setdefault(
                (code, row.supplier_sku or row.sku), OfferRows(self._suppliers[code], row)
            )
            differing = next((n for n in OFFER_FIELDS if getattr(row, n) != getattr(offer.first, n)), None)
            start = row.from_quantity or Decimal(1)
            if differing:
                why = f"differs from line {offer.first.line}, which is of the same offer"
                written.errors.append(RowError(row.line, differing, str(getattr(row, differing)), why))
            elif start in offer.tiers or (row is not offer.first and row.unit_price is None):
                why = f"this offer has a price from {start} already"
                written.errors.append(RowError(row.line, "from_quantity", str(start), why))
            elif row.unit_price is not None:
                offer.tiers[start] = row.unit_price
        return list(offers.values())

    def _row_error(self, row: CatalogueRecord, first: CatalogueRecord) -> RowError | None:
        if row.description != first.description:
            why = f"differs from line {first.line}, which is of the same item"
            return RowError(row.line, "description", row.description, why)
        if row.supplier and row.supplier not in self._suppliers:
            return RowError(
                row.line, "supplier", row.supplier, "is not the code of a supplier; add the supplier first"
            )
        if row.unit_price is not None and not row.supplier and not self._target.supplier:
            why = "is a price without a supplier; fill the supplier column or say --supplier"
            return RowError(row.line, "unit_price", str(row.unit_price), why)
        return None

    def _write_offers(self, offers: list[OfferRows], products: dict[str, Product], written: Written) -> None:
        stored = {
            (offer.supplier_id, offer.supplier_sku): offer
            for offer in self._target.stored(
                SupplierProduct.objects.filter(supplier_sku__in={offer.supplier_sku for offer in offers})
            ).select_related("product")
        }
        in_force = {
            quote.supplier_product_id: quote
            for quote in self._target.stored(
                PriceQuote.objects.filter(supplier_product__in=stored.values(), superseded_at=None)
            ).prefetch_related("tiers")
        }
        rows, priced = [], []
        owners = {key: known.product.sku for key, known in stored.items()}
        for offer in offers:
            known = stored.get((offer.supplier.pk, offer.supplier_sku))
            owner = owners.setdefault((offer.supplier.pk, offer.supplier_sku), offer.first.sku)
            if owner != offer.first.sku:
                why = f"is {offer.supplier.name}'s code of {owner}"
                written.errors.append(RowError(offer.first.line, "supplier_sku", offer.supplier_sku, why))
                continue
            row = self._offer(offer, known, products.get(offer.first.sku))
            quote = in_force.get(known.pk) if known else None
            currency = offer.first.currency or offer.supplier.currency
            steps = offer.first.incremental
            steps = (quote.incremental if quote else False) if steps is None else steps
            new_prices = bool(offer.tiers) and (
                quote is None or _prices(quote) != (currency, offer.tiers) or quote.incremental != steps
            )
            new_row = known is None or _values(known) != _values(row)
            written.count(known=known is not None, differs=new_row or new_prices)
            if new_row:
                rows.append(row)
                before = values_before(Table.OFFER, known)
                self._target.changes.note(Table.OFFER, row, before)
            elif not new_prices:
                self._target.changes.same(Table.OFFER, row)
            if new_prices:
                priced.append((offer, currency, steps))
                now = currency, offer.tiers
                self._target.changes.priced(
                    row, _prices(quote) if quote else None, now, known=known is not None
                )
        if not self._target.dry_run:
            self._save(rows, priced, list(in_force.values()))
            self._target.changes.save()

    def _offer(
        self, offer: OfferRows, known: SupplierProduct | None, product: Product | None
    ) -> SupplierProduct:
        row = SupplierProduct(supplier=offer.supplier, product=product, supplier_sku=offer.supplier_sku)
        told: dict[str, Any] = {
            "pack_size": offer.first.pack_size,
            "minimum_quantity": offer.first.minimum_quantity,
            "lead_time_days": offer.first.lead_time_days,
            "stock_on_offer": offer.first.stock,
            "stock_as_of": None if offer.first.stock is None else self._target.as_of,
        }
        for name, value in told.items():
            if value is not None:
                setattr(row, name, value)
            elif known:
                setattr(row, name, getattr(known, name))
        return row

    def _save(
        self,
        rows: list[SupplierProduct],
        priced: list[tuple[OfferRows, str, bool]],
        in_force: list[PriceQuote],
    ) -> None:
        SupplierProduct.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["supplier", "supplier_sku"],
            update_fields=[
                "pack_size", "minimum_quantity", "lead_time_days", "stock_on_offer", "stock_as_of"
            ],
        )  # fmt: skip
        keys = {
            (supplier, code): pk
            for supplier, code, pk in SupplierProduct.objects.filter(
                supplier_sku__in={offer.supplier_sku for offer, _, _ in priced}
            ).values_list("supplier", "supplier_sku", "pk")
        }
        now = timezone.now()
        quotes = [
            PriceQuote(
                supplier_product_id=keys[offer.supplier.pk, offer.supplier_sku],
                currency=currency,
                incremental=steps,
                fetched_at=now,
            )
            for offer, currency, steps in priced
        ]
        priced_now = {quote.supplier_product_id for quote in quotes}
        PriceQuote.objects.filter(supplier_product__in=priced_now, superseded_at=None).update(
            superseded_at=now
        )
        for ended in in_force:
            if ended.supplier_product_id in priced_now:
                ended.superseded_at = now
                self._target.changes.note(Table.QUOTE, ended, [None])
        for quote in quotes:
            self._target.changes.note(Table.QUOTE, quote, None)
        PriceQuote.objects.bulk_create(quotes)
        PriceTier.objects.bulk_create(
            PriceTier(quote=quote, from_quantity=start, unit_price=price)
            for quote, (offer, _, _) in zip(quotes, priced, strict=True)
            for start, price in offer.tiers.items()
        )


def _values(row: Product | SupplierProduct) -> tuple[object, ...]:
    if isinstance(row, Product):
        return row.name, row.unit, row.barcode
    return row.pack_size, row.minimum_quantity, row.lead_time_days, row.stock_on_offer, row.stock_as_of


def _prices(quote: PriceQuote) -> tuple[str, dict[Decimal, Decimal]]:
    return quote.currency, {tier.from_quantity: tier.unit_price for tier in quote.tiers.all()}
