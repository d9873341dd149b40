"""Addresses of the order pages. Every address that changes something takes POST alone."""

from django.urls import path

from orders.supplier_pages import answer
from orders.views import actions, amendments, dry_run, editing, inbox, line_fixes, listing, order, splitting

urlpatterns = [
    path("orders/", listing.order_index, name="order-list"),
    path("orders/export.csv", listing.order_export, name="order-export"),
    path("orders/<str:number>/", order.order, name="order"),
    path("orders/<str:number>/live/", order.live, name="order-live"),
    path("orders/<str:number>/lines/<int:line_number>/", order.reason, name="order-reason"),
    path("orders/<str:number>/lines/<int:line_number>/code/", line_fixes.recode, name="line-recode"),
    path("orders/<str:number>/lines/<int:line_number>/product/", line_fixes.swap, name="line-swap"),
    path("orders/<str:number>/lines/<int:line_number>/less/", line_fixes.less, name="line-less"),
    path("orders/<str:number>/lines/<int:line_number>/drop/", line_fixes.drop, name="line-drop"),
    path("orders/<str:number>/lines/<int:line_number>/move/", line_fixes.move, name="line-move"),
    path("orders/<str:number>/lines/<int:line_number>/sites/", splitting.split, name="line-split"),
    path("orders/<str:number>/check/", order.check, name="order-check"),
    path("orders/<str:number>/dry-run/", dry_run.dry_run, name="order-dry-run"),
    path("orders/<str:number>/prices/", actions.take_prices, name="order-take-prices"),
    path("orders/<str:number>/edit/", editing.edit, name="order-edit"),
    path("orders/<str:number>/approve/", actions.approve, name="order-approve"),
    path("orders/<str:number>/return/", actions.send_back, name="order-return"),
    path("orders/<str:number>/cancel/", actions.cancel, name="order-cancel"),
    path("orders/<str:number>/withdraw/", actions.withdraw, name="order-withdraw"),
    path("orders/<str:number>/ask-to-cancel/", amendments.ask_to_cancel, name="order-ask-to-cancel"),
    path("orders/<str:number>/change/", amendments.change, name="order-change"),
    path("orders/<str:number>/amendments/<int:pk>/outcome/", amendments.outcome, name="amendment-outcome"),
    path("orders/<str:number>/amendments/<int:pk>/look-up/", amendments.look_up, name="amendment-look-up"),
    path("orders/<str:number>/remind/", actions.remind, name="order-remind"),
    path("orders/<str:number>/came-back/", actions.came_back, name="order-came-back"),
    path("orders/<str:number>/replace/", actions.replace, name="order-replace"),
    path("orders/<str:number>/retry/", actions.retry, name="order-retry"),
    path("orders/<str:number>/look-up/", actions.look_up, name="order-look-up"),
    path("orders/<str:number>/decide/", actions.decide, name="order-decide"),
    path("orders/<str:number>/exceptions/accept/", actions.accept_all, name="exceptions-accept"),
    path("orders/<str:number>/exceptions/<int:pk>/accept/", actions.accept, name="exception-accept"),
    path("answer/<str:token>/", answer, name="supplier-answer"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/<int:pk>/", inbox.message, name="inbound-message"),
    path("inbox/<int:pk>/file/", inbox.message_file, name="inbound-message-file"),
    path("inbox/<int:pk>/replay/", inbox.replay, name="inbound-replay"),
]
