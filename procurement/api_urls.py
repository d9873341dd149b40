"""The API's addresses; its description for programs and for people."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from orders import api as orders
from procurement import api as procurement
from procurement import position_api as positions
from procurement import price_change_api as price_changes
from procurement import top_up_api as top_up
from procurement.views.api_docs import api_docs
from suppliers import api as suppliers

app_name = "api"

# A slug, and not any text: an order's number holds nothing else.
order = "orders/<slug:number>/"

urlpatterns = [
    path("orders/", orders.OrderList.as_view(), name="orders"),
    path(order, orders.OrderDetail.as_view(), name="order"),
    path(f"{order}approve/", orders.OrderApprove.as_view(), name="order-approve"),
    path(f"{order}return/", orders.OrderReturn.as_view(), name="order-return"),
    path(f"{order}cancel/", orders.OrderCancel.as_view(), name="order-cancel"),
    path(f"{order}ask-to-cancel/", orders.OrderAskToCancel.as_view(), name="order-ask-to-cancel"),
    path(f"{order}ask-to-change/", orders.OrderAskToChange.as_view(), name="order-ask-to-change"),
    path(f"{order}amendment-outcome/", orders.AmendmentOutcome.as_view(), name="order-amendment-outcome"),
    path(f"{order}withdraw/", orders.OrderWithdraw.as_view(), name="order-withdraw"),
    path(f"{order}replace/", orders.OrderReplace.as_view(), name="order-replace"),
    path(f"{order}retry/", orders.TransferRetry.as_view(), name="order-retry"),
    path(f"{order}look-up/", orders.TransferLookUp.as_view(), name="order-look-up"),
    path(f"{order}decide/", orders.TransferDecide.as_view(), name="order-decide"),
    path(f"{order}top-up/", top_up.OrderTopUp.as_view(), name="order-top-up"),
    path(f"{order}move/", top_up.OrderMove.as_view(), name="order-move"),
    path("suppliers/", suppliers.SupplierList.as_view(), name="suppliers"),
    path("plan-runs/", procurement.PlanRunList.as_view(), name="plan-runs"),
    path("plan-runs/<int:pk>/", procurement.PlanRunDetail.as_view(), name="plan-run"),
    path(
        "plan-runs/<int:pk>/exceptions/", procurement.PlanRunExceptions.as_view(), name="plan-run-exceptions"
    ),
    path("plan-runs/<int:pk>/cancel/", procurement.PlanRunCancel.as_view(), name="plan-run-cancel"),
    path("price-changes/", price_changes.PriceChangeList.as_view(), name="price-changes"),
    path("price-changes/seen/", price_changes.PriceChangesSeen.as_view(), name="price-changes-seen"),
    path("positions/", positions.PositionList.as_view(), name="positions"),
    path("positions/<path:sku>/", positions.PositionDetail.as_view(), name="position"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", api_docs, name="docs"),
]
