"""The signed address at which a supplier without an interface answers one order; whoever has it may answer."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils import timezone

from orders.models import PurchaseOrder
from suppliers.connectors.base import Capability
from suppliers.services.capabilities import supplier_capabilities

DAY = "%Y%m%d"


@dataclass(frozen=True, slots=True)
class LinkClaim:
    """What a genuine link says."""

    reference: str
    expires_at: datetime


def _signer() -> Signer:
    return Signer(salt="orders.answer-link", sep=".")


def answer_link(order: PurchaseOrder) -> str:
    """Made anew, the link lasts as long as a new one; empty where this supplier answers in another way."""
    if Capability.LINK not in supplier_capabilities(order.supplier):
        return ""
    until = timezone.now().astimezone(UTC) + timedelta(days=settings.SUPPLIER_LINK_DAYS)
    token = _signer().sign(f"{order.buyer_reference}.{until:{DAY}}")
    return settings.PUBLIC_URL.rstrip("/") + reverse("supplier-answer", args=[token])


def link_read(token: str) -> LinkClaim | None:
    """None: we never made this link."""
    try:
        reference, _, day = _signer().unsign(token).rpartition(".")
        last_day = datetime.strptime(day, DAY).replace(tzinfo=UTC)
    except (BadSignature, ValueError):
        return None
    return LinkClaim(reference, last_day + timedelta(days=1))
