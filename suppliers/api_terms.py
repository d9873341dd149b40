"""What the API says of a supplier's terms: decisions that nobody undid, and how it kept to orders."""

from rest_framework import serializers

from suppliers.models import SourcingDecision, SupplierReliability


class SourcingDecisionSerializer(serializers.ModelSerializer[SourcingDecision]):
    supplier_sku = serializers.CharField(
        source="supplier_product.supplier_sku", default=None, help_text="Null: all that it sells."
    )
    by = serializers.CharField(source="by.username", default=None)

    class Meta:
        model = SourcingDecision
        fields = ["kind", "supplier_sku", "reason", "since", "until", "dearer_by_percent", "by", "decided_at"]
        read_only_fields = fields


class ReliabilitySerializer(serializers.ModelSerializer[SupplierReliability]):
    class Meta:
        model = SupplierReliability
        fields = [
            *("since", "orders", "rejected", "lines", "cut", "deliveries", "late"),
            "measured_at",
        ]
        read_only_fields = fields
