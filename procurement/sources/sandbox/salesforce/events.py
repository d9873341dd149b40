"""What an organisation sends by itself: outbound messages, as its workflow rules and flows do."""

import secrets
from collections.abc import Sequence

ORGANIZATION = "00D000000000001EAA"


def outbound_message(
    order_ids: Sequence[str],
    *,
    organization: str = ORGANIZATION,
    notification_ids: Sequence[str] = (),
    sobject: str = "Order",
    session: str = "00D0!session-id-that-opens-everything",
) -> bytes:
    """One message with a notification an order; an id that is told again is that of the same notification."""
    ids = notification_ids or [f"04l{secrets.token_hex(8)[:15]}" for _ in order_ids]
    key = "OrderId" if sobject == "OrderItem" else "Id"
    item = "<sf:Id>802000000000000001</sf:Id>" if sobject == "OrderItem" else ""
    told = "".join(
        f"<Notification><Id>{notification}</Id>"
        f'<sObject xsi:type="sf:{sobject}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">'
        f"{item}<sf:{key}>{order}</sf:{key}></sObject></Notification>"
        for notification, order in zip(ids, order_ids, strict=True)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
        ' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        '<soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound">'
        f"<OrganizationId>{organization}</OrganizationId><ActionId>04k000000000001</ActionId>"
        f"<SessionId>{session}</SessionId><EnterpriseUrl>https://acme.example/services/Soap/c/59.0</EnterpriseUrl>"
        f"<PartnerUrl>https://acme.example/services/Soap/u/59.0</PartnerUrl>{told}"
        "</notifications></soapenv:Body></soapenv:Envelope>"
    ).encode()
