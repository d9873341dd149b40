"""Orders as the API shows them, and what it takes. Decimals travel as strings."""

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from orders.models import (
    Amendment,
    AmendmentLine,
    Approval,
    LineShare,
    OrderEvent,
    PurchaseOrder,
    PurchaseOrderLine,
    TransferJob,
)
from orders.selectors import order_live_transfer, order_standing_approval


class OrderSerializer(serializers.ModelSerializer[PurchaseOrder]):
    supplier = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    site = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    replaces = serializers.SlugRelatedField[Any](slug_field="number", read_only=True)
    value = serializers.DecimalField(18, 4, read_only=True, help_text="Goods as asked, without delivery.")
    confirmed_value = serializers.DecimalField(18, 4, read_only=True, allow_null=True)
    line_count = serializers.IntegerField(read_only=True)
    is_changed = serializers.BooleanField(read_only=True, help_text="A change by the supplier waits for you.")
    is_late = serializers.BooleanField(read_only=True)

    class Meta:
        model = PurchaseOrder
        fields = [
            *("number", "buyer_reference", "supplier", "site", "status", "version", "origin", "replaces"),
            *(
                "currency",
                "value",
                "confirmed_value",
                "delivery_fee",
                "surcharge",
                "line_count",
                "is_changed",
                "is_late",
            ),
            *("requested_date", "supplier_reference", "created_at", "transferred_at", "answered_at"),
            "shipped_at",
            *("base_currency", "exchange_rate", "rate_date", "rate_source"),
        ]
        read_only_fields = fields


class ShareSerializer(serializers.ModelSerializer[LineShare]):
    site = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)

    class Meta:
        model = LineShare
        fields = ["site", "quantity"]
        read_only_fields = fields


class LineSerializer(serializers.ModelSerializer[PurchaseOrderLine]):
    sku = serializers.CharField(source="product.sku", read_only=True)
    shares = ShareSerializer(
        many=True, read_only=True, help_text="What each site gets; empty: all goes to the order's site."
    )

    class Meta:
        model = PurchaseOrderLine
        fields = [
            *("line_number", "sku", "supplier_sku", "description", "unit", "suggested_quantity", "quantity"),
            *("unit_price", "requested_date", "confirmed_quantity", "confirmed_price", "promised_date"),
            *("supplier_note", "shipped_quantity", "received_quantity", "reason", "shares"),
        ]
        read_only_fields = fields


class EventSerializer(serializers.ModelSerializer[OrderEvent]):
    by = serializers.SlugRelatedField[Any](slug_field="username", read_only=True)

    class Meta:
        model = OrderEvent
        fields = ["at", "kind", "from_status", "to_status", "by", "via", "text"]
        read_only_fields = fields


class DecisionSerializer(serializers.ModelSerializer[Approval]):
    by = serializers.SlugRelatedField[Any](slug_field="username", read_only=True)

    class Meta:
        model = Approval
        fields = ["decision", "by", "at", "comment"]
        read_only_fields = fields


class TransferSerializer(serializers.ModelSerializer[TransferJob]):
    class Meta:
        model = TransferJob
        fields = ["status", "created_at", "next_run_at", "attempts", "lookups", "error_kind", "error"]
        read_only_fields = fields


class AmendmentLineSerializer(serializers.ModelSerializer[AmendmentLine]):
    line_number = serializers.IntegerField(source="line.line_number", read_only=True)

    class Meta:
        model = AmendmentLine
        fields = ["line_number", "quantity", "unit_price", "before_quantity", "before_price"]
        read_only_fields = fields


class AmendmentSerializer(serializers.ModelSerializer[Amendment]):
    by = serializers.SlugRelatedField[Any](slug_field="username", read_only=True)
    lines = AmendmentLineSerializer(many=True, read_only=True)

    class Meta:
        model = Amendment
        fields = [
            *("number", "kind", "status", "reason", "by", "created_at", "told_at", "finished_at", "answer"),
            *("attempts", "lookups", "next_run_at", "error_kind", "error", "lines"),
        ]
        read_only_fields = fields


class OrderDetailSerializer(OrderSerializer):
    lines = LineSerializer(many=True, read_only=True)
    events = EventSerializer(many=True, read_only=True)
    amendments = AmendmentSerializer(many=True, read_only=True)
    decision = serializers.SerializerMethodField()
    transfer = serializers.SerializerMethodField()

    class Meta(OrderSerializer.Meta):
        fields = [*OrderSerializer.Meta.fields, "note", "comment", "decision", "transfer", "amendments"]
        fields += ["lines", "events"]
        read_only_fields = fields

    @extend_schema_field(DecisionSerializer(allow_null=True))
    def get_decision(self, order: PurchaseOrder) -> Any:
        decision = order_standing_approval(order)
        return DecisionSerializer(decision).data if decision else None

    @extend_schema_field(TransferSerializer(allow_null=True))
    def get_transfer(self, order: PurchaseOrder) -> Any:
        transfer = order_live_transfer(order) or order.transfers.first()
        return TransferSerializer(transfer).data if transfer else None


class VersionInput(serializers.Serializer[Any]):
    version = serializers.IntegerField(
        min_value=0, help_text="Of the order as you saw it; refused with 409 if it changed meanwhile."
    )


class LineInput(serializers.Serializer[Any]):
    line_number = serializers.IntegerField(min_value=1)
    quantity = serializers.DecimalField(14, 4, min_value=Decimal(0), help_text="0 removes the line.")


class EditInput(VersionInput):
    lines = LineInput(many=True, required=False)
    note = serializers.CharField(required=False, allow_blank=True, max_length=1000)
    comment = serializers.CharField(required=False, allow_blank=True, max_length=1000)
    requested_date = serializers.DateField(required=False)

    def validate_lines(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        numbers = [line["line_number"] for line in lines]
        twice = sorted({number for number in numbers if numbers.count(number) > 1})
        if twice:
            raise serializers.ValidationError(f"Line {twice[0]} is named twice.")
        return lines


class ApproveInput(VersionInput):
    comment = serializers.CharField(required=False, allow_blank=True, max_length=1000, default="")


class ReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=400)


class DecisionInput(VersionInput, ReasonInput):
    pass


class DecideInput(serializers.Serializer[Any]):
    arrived = serializers.BooleanField(help_text="Whether the supplier has the order.")
    supplier_reference = serializers.CharField(required=False, allow_blank=True, max_length=80, default="")
    attempt = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=32_767,
        help_text="The attempt this is about; else the last one.",
    )


class ChangeInput(DecisionInput):
    lines = LineInput(many=True, allow_empty=False)


class OutcomeInput(serializers.Serializer[Any]):
    outcome = serializers.ChoiceField(
        ["agreed", "refused", "arrived", "again"],
        help_text="`arrived` and `again` (it never got there, send it once more) where the outcome is unknown.",
    )
    words = serializers.CharField(max_length=400, help_text="Who said so, and how.")
    attempt = serializers.IntegerField(
        min_value=0, max_value=32_767, help_text="The attempt that was seen: `attempts` of the amendment."
    )


class EditedSerializer(OrderDetailSerializer):
    notes = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="What was rounded or repriced, in words."
    )

    class Meta(OrderDetailSerializer.Meta):
        fields = [*OrderDetailSerializer.Meta.fields, "notes"]
        read_only_fields = fields
