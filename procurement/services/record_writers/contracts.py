"""What supply contracts say of suppliers' products. Contracts a file does not name stay as they are."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from procurement.services.record_writers.base import Group, Target, Written
from procurement.services.record_writers.row_changes import Table, row_values, values_before
from procurement.sources.base import ContractRecord, RowError
from suppliers.models import ContractItem, Supplier, SupplierProduct

TOLD = ("valid_until", "unit_price", "currency", "share_percent", "note")


class ContractWriter:
    """A row is a product of a supplier in a contract from a day on; what it says takes the place of what was said."""

    batch = 500

    def __init__(self, target: Target) -> None:
        self._target = target
        self._suppliers = {supplier.code: supplier for supplier in Supplier.objects.all()}

    def key(self, record: ContractRecord) -> str:
        return f"{record.supplier or ''} {record.supplier_sku}"

    def write(self, groups: Sequence[Group]) -> Written:
        written = Written()
        codes = {row.supplier_sku for group in groups for row in group}
        offers = {
            (offer.supplier.code, offer.supplier_sku): offer
            for offer in SupplierProduct.objects.filter(supplier_sku__in=codes).select_related("supplier")
        }
        known = {
            (item.supplier_product_id, item.number, item.valid_from): item
            for item in self._target.stored(
                ContractItem.objects.filter(supplier_product__in=offers.values())
            ).select_related("supplier_product__supplier")
        }
        rows: list[ContractItem] = []
        seen: dict[tuple[int, str, object], int] = {}
        for record in (row for group in groups for row in group):
            offer = offers.get((self._code(record), record.supplier_sku))
            error = self._error(record, offer)
            if error or offer is None:
                written.errors += [error] if error else []
                continue
            place = (offer.pk, record.contract, record.valid_from)
            if place in seen:
                why = f"stands in line {seen[place]} already, with this contract and day"
                written.errors.append(RowError(record.line, "supplier_sku", record.supplier_sku, why))
                continue
            seen[place] = record.line
            self._note(self._item(record, offer, known.get(place)), known.get(place), rows, written)
        if not self._target.dry_run:
            self._save(rows)
        return written

    def _code(self, record: ContractRecord) -> str:
        return record.supplier or (self._target.supplier.code if self._target.supplier else "")

    def _error(self, record: ContractRecord, offer: SupplierProduct | None) -> RowError | None:
        code = self._code(record)
        if code not in self._suppliers:
            why = (
                "is not the code of a supplier"
                if code
                else "says no supplier; fill the column or say --supplier"
            )
            return RowError(record.line, "supplier", code, why)
        if offer is None:
            why = f"is no code of {self._suppliers[code].name}; load its catalogue first"
            return RowError(record.line, "supplier_sku", record.supplier_sku, why)
        if record.valid_until < record.valid_from:
            return RowError(record.line, "valid_until", f"{record.valid_until}", "is before it begins")
        if record.share_percent is not None and record.share_percent > 100:
            return RowError(
                record.line, "share_percent", f"{record.share_percent}", "is more than everything"
            )
        if record.unit_price is None and record.share_percent is None:
            return RowError(record.line, "unit_price", "", "is empty, and so is the share: nothing is agreed")
        return None

    def _item(
        self, record: ContractRecord, offer: SupplierProduct, stored: ContractItem | None
    ) -> ContractItem:
        told: dict[str, Any] = {name: getattr(record, name) for name in TOLD}
        return ContractItem(
            pk=stored.pk if stored else None, supplier_product=offer, number=record.contract,
            valid_from=record.valid_from, by=None, entered_at=timezone.now(), **told,
        )  # fmt: skip

    def _note(
        self, row: ContractItem, stored: ContractItem | None, rows: list[ContractItem], written: Written
    ) -> None:
        before = values_before(Table.CONTRACT, stored)
        differs = before != row_values(Table.CONTRACT, row)
        written.count(known=stored is not None, differs=differs)
        if differs:
            rows.append(row)
            self._target.changes.note(Table.CONTRACT, row, before)
        else:
            self._target.changes.same(Table.CONTRACT, row)

    def _save(self, rows: Sequence[ContractItem]) -> None:
        ContractItem.objects.bulk_create([row for row in rows if row.pk is None])
        ContractItem.objects.bulk_create(
            [row for row in rows if row.pk],
            update_conflicts=True,
            unique_fields=["pk"],
            update_fields=[*TOLD, "by", "entered_at"],
        )
        self._target.changes.save()
