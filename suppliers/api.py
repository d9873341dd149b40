"""The API of suppliers: who they are and their terms; accounts and credentials are the admin's alone."""

from typing import ClassVar

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers
from rest_framework.generics import ListAPIView

from suppliers.api_terms import ReliabilitySerializer, SourcingDecisionSerializer
from suppliers.models import SourcingDecision, Supplier
from suppliers.permissions import HoldsPermission


class SupplierSerializer(serializers.ModelSerializer[Supplier]):
    decisions = SourcingDecisionSerializer(many=True, read_only=True)
    reliability = ReliabilitySerializer(read_only=True, allow_null=True, default=None)

    class Meta:
        model = Supplier
        fields = [
            *("code", "name", "active", "paused_reason", "currency", "lead_time_days"),
            *("minimum_order_value", "below_minimum_surcharge", "delivery_fee", "free_delivery_from"),
            *("unreliability_percent", "reliability", "decisions"),
            *("price_tolerance_percent", "quantity_tolerance_percent", "date_tolerance_days"),
        ]
        read_only_fields = fields


class SupplierList(ListAPIView[Supplier]):
    """Suppliers and their terms."""

    permission_classes = [HoldsPermission]
    allowed: ClassVar = {"*": ("suppliers.view_supplier",)}
    serializer_class = SupplierSerializer

    def get_queryset(self) -> QuerySet[Supplier]:
        standing = SourcingDecision.objects.filter(ended_at=None).select_related("supplier_product", "by")
        decisions = Prefetch("decisions", queryset=standing)
        return Supplier.objects.select_related("reliability").prefetch_related(decisions)
