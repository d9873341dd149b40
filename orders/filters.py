"""The filters of the order list, the same for the page and the API."""

from typing import Any

import django_filters
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from orders.models import OrderException, PurchaseOrder, PurchaseOrderLine, Status
from orders.selectors import OPEN, late_lines
from suppliers.models import Supplier


class OrderFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="search", label="Search")
    status = django_filters.MultipleChoiceFilter(choices=Status.choices)
    supplier = django_filters.ModelMultipleChoiceFilter(
        queryset=Supplier.objects.all(), to_field_name="code", method="of_suppliers", label="Supplier"
    )
    changed = django_filters.BooleanFilter(method="only_changed", label="Changed by supplier")
    late = django_filters.BooleanFilter(method="only_late", label="Late")
    mine = django_filters.BooleanFilter(method="only_mine", label="Mine")
    closed = django_filters.BooleanFilter(method="with_closed", label="Show closed orders too")
    sort = django_filters.OrderingFilter(
        fields=[
            ("created_at", "created"),
            ("number", "number"),
            ("supplier__name", "supplier"),
            ("status", "status"),
            ("value", "value"),
            ("requested_date", "requested"),
        ]
    )

    class Meta:
        model = PurchaseOrder
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[PurchaseOrder]) -> QuerySet[PurchaseOrder]:
        queryset = super().filter_queryset(queryset)
        data = self.form.cleaned_data
        # Closed orders are out of the way unless somebody looks for them.
        if not (data.get("closed") or data.get("status") or data.get("q")):
            queryset = queryset.filter(
                Q(status__in=OPEN) | Q(status=Status.SHIPPED) & Exists(self._expected())
            )
        return queryset

    @staticmethod
    def _expected() -> QuerySet[PurchaseOrderLine]:
        return PurchaseOrderLine.objects.filter(
            order=OuterRef("pk"), received_quantity__lt=F("shipped_quantity")
        )

    def search(self, queryset: QuerySet[PurchaseOrder], name: str, value: str) -> QuerySet[PurchaseOrder]:
        value = value.replace("\x00", "").strip()
        lines = PurchaseOrderLine.objects.filter(order=OuterRef("pk")).filter(
            Q(product__sku__icontains=value)
            | Q(description__icontains=value)
            | Q(supplier_sku__icontains=value)
        )
        return queryset.filter(
            Q(number__icontains=value)
            | Q(buyer_reference__iexact=value)
            | Q(supplier_reference__icontains=value)
            | Q(supplier__name__icontains=value)
            | Exists(lines)
        )

    def of_suppliers(
        self, queryset: QuerySet[PurchaseOrder], name: str, value: list[Supplier]
    ) -> QuerySet[PurchaseOrder]:
        return queryset.filter(supplier__in=value) if value else queryset

    def only_changed(
        self, queryset: QuerySet[PurchaseOrder], name: str, value: Any
    ) -> QuerySet[PurchaseOrder]:
        open_exceptions = Exists(OrderException.objects.filter(order=OuterRef("pk"), resolved_at=None))
        return queryset.filter(open_exceptions) if value else queryset

    def only_late(self, queryset: QuerySet[PurchaseOrder], name: str, value: Any) -> QuerySet[PurchaseOrder]:
        return queryset.filter(Exists(late_lines().filter(order=OuterRef("pk")))) if value else queryset

    def only_mine(self, queryset: QuerySet[PurchaseOrder], name: str, value: Any) -> QuerySet[PurchaseOrder]:
        user = getattr(self.request, "user", None)
        if not value or user is None:
            return queryset
        return queryset.filter(Q(created_by=user.pk) | Q(last_edited_by=user.pk))

    def with_closed(
        self, queryset: QuerySet[PurchaseOrder], name: str, value: Any
    ) -> QuerySet[PurchaseOrder]:
        return queryset
