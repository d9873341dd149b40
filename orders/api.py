"""The API of orders: one class an operation, each a check of its input and one service call."""

from typing import Any, cast

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from orders import serializers
from orders.exceptions import InvalidInput, InvalidTransition
from orders.filters import OrderFilter
from orders.models import PurchaseOrder, TransferJob
from orders.selectors import order_get, order_list, order_live_amendment, order_live_transfer
from orders.services.amendments import amendment_decide, order_ask_to_cancel, order_ask_to_change
from orders.services.approval import order_approve, order_cancel, order_return, order_withdraw
from orders.services.drafting import order_replace
from orders.services.editing import order_edit
from orders.services.settlement import transfer_decide, transfer_look_up
from orders.services.transfer import transfer_retry
from suppliers.permissions import HoldsPermission

VIA = "api"
# The permissions that the pages ask for.
VIEW = "orders.view_purchaseorder"
CHANGE = "orders.change_purchaseorder"
APPROVE = "orders.approve_purchaseorder"
Detail = serializers.OrderDetailSerializer


class OrderList(ListAPIView[PurchaseOrder]):
    """Orders, newest first. Closed ones only when asked for by `closed`, `status` or `q`."""

    permission_classes = [HoldsPermission]
    allowed = {"*": (VIEW,)}
    serializer_class = serializers.OrderSerializer
    filter_backends = [DjangoFilterBackend]
    filterset_class = OrderFilter

    def get_queryset(self) -> QuerySet[PurchaseOrder]:
        return order_list().select_related("replaces")


class OrderView(APIView):
    permission_classes = [HoldsPermission]
    allowed: dict[str, tuple[str, ...]] = {"*": (CHANGE,)}

    def order(self) -> PurchaseOrder:
        try:
            return order_get(self.kwargs["number"])
        except PurchaseOrder.DoesNotExist:
            raise NotFound(f"There is no order {self.kwargs['number']}.") from None

    def data(self, serializer: type[Serializer[Any]]) -> dict[str, Any]:
        checked = serializer(data=self.request.data)
        checked.is_valid(raise_exception=True)
        return cast(dict[str, Any], checked.validated_data)

    @property
    def user(self) -> User:
        return cast(User, self.request.user)

    def answer(self, status: int = 200) -> Response:
        return Response(Detail(self.order()).data, status=status)


class OrderDetail(OrderView):
    allowed = {"GET": (VIEW,), "PATCH": (CHANGE,)}

    @extend_schema(responses=Detail)
    def get(self, request: Request, number: str) -> Response:
        """One order with its lines, decision, transfer and timeline."""
        return self.answer()

    @extend_schema(request=serializers.EditInput, responses=serializers.EditedSerializer)
    def patch(self, request: Request, number: str) -> Response:
        """Change a draft. Quantities are rounded up to what the supplier sells; `notes` says which."""
        order, data = self.order(), self.data(serializers.EditInput)
        quantities = {line["line_number"]: line["quantity"] for line in data.pop("lines", [])}
        notes = order_edit(
            order=order, by=self.user, via=VIA, quantities=by_line_pk(order, quantities), **data
        )
        return Response(Detail(self.order()).data | {"notes": notes})


def by_line_pk(order: PurchaseOrder, quantities: dict[int, Any]) -> dict[int, Any]:
    pks = dict(order.lines.values_list("line_number", "pk"))
    for number in quantities:
        if number not in pks:
            raise InvalidInput(f"{order.number} has no line {number}.", field="lines")
    return {pks[number]: quantity for number, quantity in quantities.items()}


class OrderApprove(OrderView):
    allowed = {"*": (APPROVE,)}

    @extend_schema(request=serializers.ApproveInput, responses={202: Detail})
    def post(self, request: Request, number: str) -> Response:
        """Approve the draft as you saw it; it is sent to the supplier in the background."""
        order_approve(order=self.order(), by=self.user, via=VIA, **self.data(serializers.ApproveInput))
        return self.answer(202)


class OrderReturn(OrderView):
    allowed = {"*": (APPROVE,)}

    @extend_schema(request=serializers.DecisionInput, responses=Detail)
    def post(self, request: Request, number: str) -> Response:
        """Send the draft back to the buyer, saying why."""
        order_return(order=self.order(), by=self.user, via=VIA, **self.data(serializers.DecisionInput))
        return self.answer()


class OrderCancel(OrderView):
    @extend_schema(request=serializers.DecisionInput, responses=Detail)
    def post(self, request: Request, number: str) -> Response:
        """Throw a draft away, as you saw it."""
        order_cancel(order=self.order(), by=self.user, via=VIA, **self.data(serializers.DecisionInput))
        return self.answer()


class OrderWithdraw(OrderView):
    @extend_schema(request=serializers.DecisionInput, responses=Detail)
    def post(self, request: Request, number: str) -> Response:
        """Cancel an order the supplier has, after the supplier agreed."""
        order_withdraw(order=self.order(), by=self.user, via=VIA, **self.data(serializers.DecisionInput))
        return self.answer()


class OrderAskToCancel(OrderView):
    @extend_schema(request=serializers.DecisionInput, responses={202: Detail})
    def post(self, request: Request, number: str) -> Response:
        """Ask the supplier to cancel an order that it has; `amendments` of the order says what became of it."""
        data = self.data(serializers.DecisionInput)
        order_ask_to_cancel(order=self.order(), by=self.user, via=VIA, **data)
        return self.answer(202)


class OrderAskToChange(OrderView):
    @extend_schema(request=serializers.ChangeInput, responses={202: Detail})
    def post(self, request: Request, number: str) -> Response:
        """Ask the supplier for other quantities of an order that it has."""
        order, data = self.order(), self.data(serializers.ChangeInput)
        quantities = {line["line_number"]: line["quantity"] for line in data.pop("lines")}
        order_ask_to_change(
            order=order, by=self.user, via=VIA, quantities=by_line_pk(order, quantities), **data
        )
        return self.answer(202)


class AmendmentOutcome(OrderView):
    allowed = {"*": (CHANGE, APPROVE)}

    @extend_schema(request=serializers.OutcomeInput, responses=Detail)
    def post(self, request: Request, number: str) -> Response:
        """Write down what the supplier told somebody about what was asked last."""
        amendment = order_live_amendment(self.order())
        if amendment is None:
            raise InvalidTransition(f"Nothing that was asked about {number} waits for an answer.")
        amendment_decide(amendment=amendment, by=self.user, via=VIA, **self.data(serializers.OutcomeInput))
        return self.answer()


class OrderReplace(OrderView):
    @extend_schema(request=None, responses={201: Detail})
    def post(self, request: Request, number: str) -> Response:
        """A new draft in place of a rejected or cancelled order."""
        draft = order_replace(order=self.order(), by=self.user, via=VIA)
        return Response(Detail(order_get(draft.number)).data, status=201)


class TransferRetry(OrderView):
    allowed = {"*": (CHANGE, APPROVE)}

    @extend_schema(request=None, responses={202: Detail})
    def post(self, request: Request, number: str) -> Response:
        """Send an approved order again whose transfer failed."""
        transfer_retry(order=self.order(), by=self.user, via=VIA)
        return self.answer(202)


def unknown_transfer(order: PurchaseOrder) -> TransferJob:
    job = order_live_transfer(order)
    if job is None or job.status != TransferJob.Status.UNKNOWN:
        raise InvalidTransition(f"{order.number} has no transfer whose outcome is unknown.")
    return job


class TransferLookUp(OrderView):
    allowed = {"*": (CHANGE, APPROVE)}

    @extend_schema(request=None, responses={202: Detail})
    def post(self, request: Request, number: str) -> Response:
        """Ask the supplier now whether it has an order whose transfer ended unknown."""
        transfer_look_up(job=unknown_transfer(self.order()), by=self.user, via=VIA)
        return self.answer(202)


class TransferDecide(OrderView):
    allowed = {"*": (CHANGE, APPROVE)}

    @extend_schema(request=serializers.DecideInput, responses=Detail)
    def post(self, request: Request, number: str) -> Response:
        """Say whether an order arrived whose transfer ended unknown; if not, it is sent again."""
        data = self.data(serializers.DecideInput)
        transfer_decide(job=unknown_transfer(self.order()), by=self.user, via=VIA, **data)
        return self.answer()
