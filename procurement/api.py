"""The API of planning: plan runs, and starting one."""

from typing import Any, ClassVar, cast

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from orders.models import Site
from orders.wakeups import wake
from procurement.engine.exceptions import LABELS
from procurement.exceptions import PlanAlreadyRunning, PlanHasEnded
from procurement.models import PlanRun, Requirement
from procurement.plan_exceptions import item_exceptions, with_exceptions
from procurement.selectors import plans_running
from procurement.services.plan_claims import plan_cancel
from suppliers.permissions import HoldsPermission


class PlanRunSerializer(serializers.ModelSerializer[PlanRun]):
    site = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    by = serializers.SlugRelatedField[Any](slug_field="username", read_only=True)
    parts = serializers.IntegerField(read_only=True, help_text="Parts its items were cut into.")
    parts_done = serializers.IntegerField(read_only=True)

    class Meta:
        model = PlanRun
        fields = [
            *("id", "site", "status", "as_of", "by", "started_at", "finished_at", "stage", "progress"),
            *("parts", "parts_done"),
            *(
                "parameters",
                "items",
                "orders",
                "lines",
                "uncovered",
                "value",
                "caveats",
                "exceptions",
                "error",
            ),
        ]
        read_only_fields = fields


class PlanStartInput(serializers.Serializer[Any]):
    site = serializers.SlugField(max_length=20)

    def validate_site(self, code: str) -> Site:
        site = Site.objects.filter(code=code).first()
        if site is None:
            raise serializers.ValidationError(f"There is no site {code}.")
        return site


class PlanStarted(serializers.Serializer[Any]):
    message = serializers.CharField()


class PlanRunList(ListAPIView[PlanRun]):
    """Plan runs, the latest first."""

    permission_classes = [HoldsPermission]
    allowed: ClassVar = {"GET": ("procurement.view_planrun",), "POST": ("procurement.add_planrun",)}
    serializer_class = PlanRunSerializer

    def get_queryset(self) -> QuerySet[PlanRun]:
        return PlanRun.objects.select_related("site", "by").prefetch_related("partitions")

    @extend_schema(request=PlanStartInput, responses={202: PlanStarted})
    def post(self, request: Request) -> Response:
        """Start a plan in the background. 409 while one of that site is running."""
        data = PlanStartInput(data=request.data)
        data.is_valid(raise_exception=True)
        site = cast(Site, data.validated_data["site"])
        if plans_running().filter(site=site).exists():
            raise PlanAlreadyRunning(f"A plan for {site.name} is running already.")
        with transaction.atomic():
            wake("procurement.tasks.run_plan", site.pk, request.user.pk or 0)
        return Response({"message": f"A plan for {site.name} will start in a moment."}, status=202)


class PlanRunDetail(RetrieveAPIView[PlanRun]):
    """One plan run; while it is running, its stage and progress."""

    permission_classes = [HoldsPermission]
    allowed: ClassVar = {"GET": ("procurement.view_planrun",)}
    serializer_class = PlanRunSerializer
    queryset = PlanRun.objects.select_related("site", "by")


class ItemExceptionSerializer(serializers.Serializer[Any]):
    sku = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=[(kind.value, label) for kind, label in LABELS.items()])
    words = serializers.CharField(help_text="What did not go as it should,")
    remedy = serializers.CharField(help_text="and what to do about it.")


class PlanRunExceptions(GenericAPIView[Any]):
    """What of a plan did not go as it should, item by item. All other items were planned."""

    permission_classes = [HoldsPermission]
    allowed: ClassVar = {"GET": ("procurement.view_planrun",)}
    serializer_class = ItemExceptionSerializer
    queryset = PlanRun.objects.all()

    @extend_schema(
        parameters=[OpenApiParameter("kind", OpenApiTypes.STR, enum=[kind.value for kind in LABELS])],
        responses=ItemExceptionSerializer(many=True),
    )
    def get(self, request: Request, pk: int) -> Response:
        """By item; a page holds as many items, and all their exceptions."""
        kind = request.query_params.get("kind", "")
        found = with_exceptions(self.get_object(), kind)
        items = [row.pk for row in self.paginate_queryset(found.only("pk", "product")) or []]
        told = item_exceptions(Requirement.objects.filter(pk__in=items))
        rows = [one for one in told if kind in ("", one.kind)]
        return self.get_paginated_response(ItemExceptionSerializer(rows, many=True).data)


class PlanRunCancel(GenericAPIView[PlanRun]):
    """Stop a plan that is running. Nothing of it is written afterwards."""

    permission_classes = [HoldsPermission]
    allowed: ClassVar = {"POST": ("procurement.add_planrun",)}
    serializer_class = PlanRunSerializer
    queryset = PlanRun.objects.select_related("site", "by")

    @extend_schema(request=None, responses={200: PlanRunSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """The plan as it stands; 409 if it had ended before."""
        run = self.get_object()
        if not plan_cancel(run=run, by=cast(User, request.user)):
            raise PlanHasEnded("The plan had ended already.")
        return Response(self.get_serializer(run).data)
