"""The API of changed prices in money a year."""

from typing import Any, ClassVar, cast

from django.contrib.auth.models import User
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from procurement.models import PriceChange
from procurement.price_changes_shown import price_changes_that_matter
from procurement.services.price_changes import price_changes_seen
from suppliers.permissions import HoldsPermission


class PriceChangeSerializer(serializers.ModelSerializer[PriceChange]):
    supplier = serializers.CharField(source="supplier.code")
    sku = serializers.CharField(source="product.sku")
    supplier_sku = serializers.CharField(source="supplier_product.supplier_sku")
    percent = serializers.DecimalField(max_digits=9, decimal_places=1, allow_null=True)
    seen_by = serializers.CharField(source="seen_by.username", default=None)

    class Meta:
        model = PriceChange
        fields = [
            *("id", "supplier", "sku", "supplier_sku", "day", "usual_quantity"),
            *("old_price", "old_currency", "new_price", "currency", "percent"),
            *("yearly_quantity", "yearly_effect", "standing", "seen_at", "seen_by"),
        ]
        read_only_fields = fields


class SeenInput(serializers.Serializer[Any]):
    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), max_length=1000
    )


class SeenAnswer(serializers.Serializer[Any]):
    marked = serializers.IntegerField()


class PriceChangeList(ListAPIView[PriceChange]):
    """Changed prices that matter, the dearest first; all of the last year with `show=all`, else what nobody has seen.

    `yearly_effect` is in the base currency: what a year's expected demand costs more.
    """

    permission_classes = [HoldsPermission]
    allowed: ClassVar = {"*": ("procurement.view_pricechange",)}
    serializer_class = PriceChangeSerializer

    @extend_schema(parameters=[OpenApiParameter("show", OpenApiTypes.STR, enum=["all"])])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[PriceChange]:
        unseen = self.request.query_params.get("show") != "all"
        rows = price_changes_that_matter(unseen=unseen)
        return rows.select_related("supplier", "product", "supplier_product", "seen_by").order_by(
            "-yearly_effect", "pk"
        )


class PriceChangesSeen(APIView):
    permission_classes = [HoldsPermission]
    allowed: ClassVar = {"*": ("procurement.change_pricechange",)}

    @extend_schema(request=SeenInput, responses=SeenAnswer)
    def post(self, request: Request) -> Response:
        """Mark these as seen."""
        data = SeenInput(data=request.data)
        data.is_valid(raise_exception=True)
        changes = PriceChange.objects.filter(pk__in=data.validated_data["ids"])
        return Response({"marked": price_changes_seen(changes=changes, by=cast(User, request.user))})
