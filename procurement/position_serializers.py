"""Positions as the API tells them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from orders.models import Site
from procurement.item_position import NOTHING, ItemPosition
from procurement.models import StockChange
from procurement.position import Doubts, ReadAt
from procurement.selectors import InventoryPosition
from suppliers.models import Product


def quantity(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=18, decimal_places=4, **options)


class StatementSerializer(serializers.Serializer[Any]):
    told_by = serializers.CharField(help_text="As people know it: the system or the file.")
    teller = serializers.CharField(allow_null=True, help_text="Code of the source; null: a file.")
    quantity = quantity()
    since = serializers.DateTimeField(help_text="When this figure was stated first,")
    as_of = serializers.DateTimeField(help_text="and when last.")


class OnHandSerializer(serializers.Serializer[Any]):
    quantity = quantity()
    as_of = serializers.DateTimeField(allow_null=True, help_text="Null: nobody has told any.")
    told_by = serializers.CharField()
    teller = serializers.CharField(allow_null=True)
    old = serializers.CharField(help_text="Why the figure is old, in words; empty: it is not.")
    conflict = StatementSerializer(
        many=True,
        help_text="What each teller says where they differ; the first one counts. Empty: no conflict.",
    )


class OnOrderSerializer(serializers.Serializer[Any]):
    quantity = quantity()
    as_of = serializers.DateTimeField(help_text="Our own orders: now.")


class OrderSourceSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    read_at = serializers.DateTimeField(source="at", allow_null=True)
    old = serializers.CharField(source="doubt")


class CommittedSerializer(serializers.Serializer[Any]):
    quantity = quantity()
    sources = OrderSourceSerializer(many=True, help_text="Systems that keep customer orders of the site.")


class PositionSerializer(serializers.Serializer[Any]):
    site = serializers.CharField()
    sku = serializers.CharField()
    name = serializers.CharField()
    unit = serializers.CharField()
    on_hand = OnHandSerializer()
    on_order = OnOrderSerializer()
    committed = CommittedSerializer()
    put_aside = quantity(help_text="For a purpose, by people: nobody may count on it.")
    available = quantity(help_text="on hand + on order - committed - put aside")


class ReceiptSerializer(serializers.Serializer[Any]):
    order = serializers.CharField(source="line.order.number")
    supplier = serializers.CharField(source="line.order.supplier.code")
    status = serializers.CharField(source="line.order.status")
    expected = serializers.DateField(source="day", allow_null=True)
    promised = serializers.DateField(source="line.promised_date", allow_null=True)
    quantity = quantity()
    is_share = serializers.BooleanField(help_text="The part of a line that goes to several sites.")


class CommitmentSerializer(serializers.Serializer[Any]):
    order = serializers.CharField(source="line.order.number")
    customer = serializers.CharField(source="line.order.customer")
    due = serializers.DateField(source="day", allow_null=True)
    told_by = serializers.CharField(source="line.order.source")
    quantity = quantity()


class TellerSerializer(StatementSerializer):
    counts = serializers.BooleanField()
    words = serializers.CharField(help_text="Why it counts, or does not.")


class ChangeSerializer(serializers.ModelSerializer[StockChange]):
    teller = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    quantity = quantity(source="on_hand")
    told_by = serializers.CharField(source="source")
    by = serializers.SlugRelatedField[Any](slug_field="username", read_only=True)
    order = serializers.CharField(
        source="receipt.order.number", default=None, help_text="Whose goods came in."
    )

    class Meta:
        model = StockChange
        fields = ["at", "kind", "quantity", "as_of", "told_by", "teller", "counts", "order", "by"]
        read_only_fields = fields


class PositionDetailSerializer(PositionSerializer):
    receipts = ReceiptSerializer(many=True, help_text="What is on order, line by line.")
    commitments = CommitmentSerializer(many=True, help_text="What is committed, line by line.")
    statements = TellerSerializer(
        many=True, help_text="What each teller last said, whether or not it counts."
    )
    changes = ChangeSerializer(many=True, help_text="The latest of the history, newest first.")


def row(
    site: Site,
    product: Product,
    known: InventoryPosition | None,
    doubts: Doubts,
    codes: Mapping[int, str],
    sources: Sequence[ReadAt],
    now: datetime,
) -> dict[str, Any]:
    known = known or NOTHING
    doubt = doubts.of(product.pk, known)
    conflict = [
        {
            "told_by": said.source, "teller": codes.get(said.teller or 0), "quantity": said.on_hand,
            "since": said.since, "as_of": said.as_of,
        }
        for said in doubt.dispute
    ]  # fmt: skip
    return _position(site, product, known, doubt.old, conflict, codes.get(known.teller or 0), sources, now)


def detail(at: ItemPosition, changes: Iterable[StockChange]) -> dict[str, Any]:
    statements = [
        {
            "told_by": one.said.source, "teller": one.code or None, "quantity": one.said.on_hand,
            "since": one.said.since, "as_of": one.said.as_of, "counts": one.counts, "words": one.words,
        }
        for one in at.tellers
    ]  # fmt: skip
    codes = {one.said.teller: one.code for one in at.tellers if one.said.teller}
    disputing = {said.teller for said in at.dispute}
    conflict = [
        told for one, told in zip(at.tellers, statements, strict=True) if one.said.teller in disputing
    ]
    teller = codes.get(at.known.teller or 0)
    found = _position(
        at.site, at.product, at.known, at.doubt, conflict, teller, at.order_sources, timezone.now()
    )
    return found | {
        "receipts": at.receipts,
        "commitments": at.commitments,
        "statements": statements,
        "changes": changes,
    }


def _position(
    site: Site,
    product: Product,
    known: InventoryPosition,
    old: str,
    conflict: Sequence[Mapping[str, Any]],
    teller: str | None,
    sources: Sequence[ReadAt],
    now: datetime,
) -> dict[str, Any]:
    return {
        "site": site.code,
        "sku": product.sku,
        "name": product.name,
        "unit": product.unit,
        "on_hand": {
            "quantity": known.on_hand,
            "as_of": known.as_of,
            "told_by": known.source,
            "teller": teller,
            "old": old,
            "conflict": conflict,
        },
        "on_order": {"quantity": known.on_order, "as_of": now},
        "committed": {"quantity": known.committed, "sources": sources},
        "put_aside": known.put_aside,
        "available": known.available,
    }
