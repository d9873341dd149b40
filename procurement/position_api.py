"""The API of positions: what is known of items at a site, with who told it and when."""

from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.text import Truncator
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from orders.models import Site
from orders.selectors import scheduled_receipts
from procurement import position_serializers as serializers
from procurement.item_position import item_position, stock_history
from procurement.models import SourceAccount, StockLevel
from procurement.position import Doubts, doubts, order_sources
from procurement.selectors import inventory_position, items_at
from procurement.tellers import SILENT_AFTER
from suppliers.models import Product
from suppliers.permissions import HoldsPermission

CHANGES_TOLD = 50
SHOWS = ("all", "conflicts", "old")
ALLOWED: dict[str, tuple[str, ...]] = {"*": ("procurement.view_stocklevel",)}
SITE = OpenApiParameter(
    "site", OpenApiTypes.STR, description="Code of the site; the first one if it is left out."
)


def asked_site(request: Request) -> Site:
    code = request.query_params.get("site", "").replace("\x00", "?")
    sites = Site.objects.all()
    site = (sites.filter(code=code) if code else sites).first()
    if site is None:
        raise ValidationError(
            {"site": f"There is no site {Truncator(code).chars(40)}." if code else "There is no site yet."}
        )
    return site


class PositionList(GenericAPIView[Product]):
    permission_classes = [HoldsPermission]
    allowed: ClassVar = ALLOWED
    serializer_class = serializers.PositionSerializer

    @extend_schema(
        parameters=[
            SITE,
            OpenApiParameter("q", OpenApiTypes.STR, description="A part of the code or the name."),
            OpenApiParameter(
                "show", OpenApiTypes.STR, enum=SHOWS,
                description="`conflicts`: those whose tellers differ; `old`: those not told for too long.",
            ),
        ],
        responses=serializers.PositionSerializer(many=True),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Positions of the items at a site."""
        site = asked_site(request)
        doubted = doubts(site=site)
        items = self.paginate_queryset(_found(request, site, doubted)) or []
        ids = [item.pk for item in items]
        on_order = scheduled_receipts(site=site, products=ids)
        known = inventory_position(site=site, products=ids, on_order=on_order)
        codes = dict(SourceAccount.objects.values_list("pk", "code"))
        sources = order_sources(site=site, fresh=doubted.fresh)
        now = timezone.now()
        rows = [
            serializers.row(site, item, known.get(item.pk), doubted, codes, sources, now) for item in items
        ]
        return self.get_paginated_response(serializers.PositionSerializer(rows, many=True).data)


class PositionDetail(APIView):
    permission_classes = [HoldsPermission]
    allowed: ClassVar = ALLOWED

    @extend_schema(parameters=[SITE], responses=serializers.PositionDetailSerializer)
    def get(self, request: Request, sku: str) -> Response:
        """The position of one item: what its numbers are made of, what every teller says, and the latest changes."""
        site = asked_site(request)
        product = Product.objects.filter(sku=sku).first()
        if product is None:
            raise NotFound(f"There is no item {Truncator(sku).chars(60)}.")
        at = item_position(site=site, product=product)
        changes = stock_history(site=site, product=product)[:CHANGES_TOLD]
        return Response(serializers.PositionDetailSerializer(serializers.detail(at, changes)).data)


def _found(request: Request, site: Site, doubted: Doubts) -> QuerySet[Product]:
    found = items_at(site=site)
    text = request.query_params.get("q", "").replace("\x00", "")[:100].strip()
    if text:
        found = found.filter(Q(sku__icontains=text) | Q(name__icontains=text))
    show: Any = request.query_params.get("show", "all")
    if show not in SHOWS:
        raise ValidationError({"show": f"Choose one of {', '.join(SHOWS)}."})
    if show == "conflicts":
        return found.filter(pk__in=list(doubted.disputed))
    if show == "old":
        since = doubted.fresh.now - SILENT_AFTER
        old = Q(teller__in=list(doubted.fresh.silent)) | Q(as_of__lt=since)
        return found.filter(pk__in=StockLevel.objects.filter(old, site=site).values("product"))
    return found
