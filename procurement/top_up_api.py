"""The API of what could be done about a draft that is short of its supplier's limits."""

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from orders.api import CHANGE, VIA, VIEW, Detail, OrderView
from orders.serializers import VersionInput
from orders.services.adding import order_lines_add
from procurement.services.moving import draft_move
from procurement.services.top_up import WHY, top_up_advice


class AddedSerializer(serializers.Serializer[Any]):
    offer = serializers.IntegerField(source="key")
    name = serializers.CharField()
    days = serializers.IntegerField(help_text="Until it is due anyway.")
    quantity = serializers.DecimalField(max_digits=14, decimal_places=4)
    value = serializers.DecimalField(max_digits=14, decimal_places=2)
    holding = serializers.DecimalField(max_digits=14, decimal_places=2)


class MovedSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    before = serializers.DecimalField(max_digits=14, decimal_places=4, help_text="Quantity as it is.")
    price_before = serializers.DecimalField(max_digits=14, decimal_places=4)
    quantity = serializers.DecimalField(
        max_digits=14, decimal_places=4, help_text="In packs of the other supplier."
    )
    unit_price = serializers.DecimalField(max_digits=14, decimal_places=4, help_text="In its currency.")
    arrives = serializers.IntegerField(help_text="Days from now.")


class ElsewhereSerializer(serializers.Serializer[Any]):
    supplier = serializers.CharField(source="code")
    currency = serializers.CharField()
    goods = serializers.DecimalField(max_digits=14, decimal_places=2, help_text="In the order's currency.")
    charges = serializers.DecimalField(
        max_digits=14,
        decimal_places=2,
        help_text="Delivery and surcharge; below 0: the draft there saves so much, as it reaches its limits.",
    )
    into = serializers.CharField(
        help_text="Number of the draft there that takes the lines along; empty: a new one."
    )
    lines = MovedSerializer(many=True)


class WaySerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=["add", "wait", "move"])
    net = serializers.DecimalField(
        max_digits=14, decimal_places=2, help_text="Gained against leaving the order as it is."
    )
    words = serializers.CharField()
    lines = AddedSerializer(many=True)
    days = serializers.IntegerField(help_text="To wait.")
    supplier = serializers.CharField(help_text="Code of the one to move to.")
    elsewhere = ElsewhereSerializer(allow_null=True)


class AdviceSerializer(serializers.Serializer[Any]):
    words = serializers.CharField()
    currency = serializers.CharField()
    goods = serializers.DecimalField(max_digits=14, decimal_places=2, help_text="Of the order as it is.")
    charges = serializers.DecimalField(max_digits=14, decimal_places=2)
    short = serializers.DecimalField(max_digits=14, decimal_places=2)
    needed = serializers.DecimalField(max_digits=14, decimal_places=2, source="threshold.needed")
    saves = serializers.DecimalField(max_digits=14, decimal_places=2, source="threshold.saves")
    refused = serializers.BooleanField(source="threshold.refused")
    ways = WaySerializer(many=True, help_text="Best first.")


class AddInput(serializers.Serializer[Any]):
    offer = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    quantity = serializers.DecimalField(max_digits=14, decimal_places=4, min_value=Decimal("0.0001"))


class AddLinesInput(VersionInput):
    lines = AddInput(many=True)


class MoveInput(VersionInput):
    supplier = serializers.CharField(max_length=100, help_text="Code of the one to move all lines to.")


class OrderTopUp(OrderView):
    allowed = {"GET": (VIEW,), "POST": (CHANGE,)}

    @extend_schema(responses=AdviceSerializer(many=True))
    def get(self, request: Request, number: str) -> Response:
        """What a draft is short of, and what could be done: in the order's currency, best first."""
        return Response(AdviceSerializer(top_up_advice(self.order()), many=True).data)

    @extend_schema(request=AddLinesInput, responses=Detail)
    def post(self, request: Request, number: str) -> Response:
        """Add products of the supplier to the draft, such as those advised. It has to be approved again."""
        order, data = self.order(), self.data(AddLinesInput)
        wanted = {line["offer"]: line["quantity"] for line in data["lines"]}
        order_lines_add(order=order, wanted=wanted, by=self.user, version=data["version"], via=VIA, why=WHY)
        return self.answer()


class OrderMove(OrderView):
    allowed = {"POST": (CHANGE,)}

    @extend_schema(request=MoveInput, responses=Detail)
    def post(self, request: Request, number: str) -> Response:
        """Have another supplier deliver all lines of a draft: it is cancelled, and the answer is the draft there."""
        data = self.data(MoveInput)
        draft = draft_move(
            order=self.order(), to=data["supplier"], by=self.user, version=data["version"], via=VIA
        )
        self.kwargs["number"] = draft.number
        return self.answer()
