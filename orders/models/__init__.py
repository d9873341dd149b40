from orders.models.amendment import Amendment, AmendmentLine
from orders.models.approval import Approval
from orders.models.calendar import OrderDay, SiteCalendar, SiteClosure
from orders.models.event import OrderEvent
from orders.models.exception import OrderException
from orders.models.goods import Receipt, ReceiptLine, Shipment, ShipmentLine
from orders.models.inbound import CallbackRefusal, InboundMessage
from orders.models.mail import OrderMail
from orders.models.order import PurchaseOrder, PurchaseOrderLine, Status
from orders.models.share import LineShare
from orders.models.site import Site
from orders.models.transfer import TransferJob
from orders.models.worker import WorkerHeartbeat

__all__ = [
    "Amendment",
    "AmendmentLine",
    "Approval",
    "CallbackRefusal",
    "InboundMessage",
    "LineShare",
    "OrderDay",
    "OrderEvent",
    "OrderException",
    "OrderMail",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "Receipt",
    "ReceiptLine",
    "Shipment",
    "ShipmentLine",
    "Site",
    "SiteCalendar",
    "SiteClosure",
    "Status",
    "TransferJob",
    "WorkerHeartbeat",
]
