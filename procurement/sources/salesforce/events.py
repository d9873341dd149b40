"""What an organisation tells by itself: outbound messages (SOAP), and JSON that a flow or a platform event's
subscriber posts. Nothing of it is believed but the ids of orders, which are then read.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from uuid import uuid4

from lxml import etree

from procurement.sources.base import EventContents
from procurement.sources.salesforce.mapping import at, full_id
from suppliers.connectors.base import CallbackRefused, CallbackReply, CallbackRequest
from suppliers.connectors.jsondata import Json
from suppliers.connectors.standard_webhooks import signature_verify
from suppliers.connectors.xmldata import Xml
from suppliers.exceptions import ProtocolError
from suppliers.messages import RawDocument

OUTBOUND = "http://soap.sforce.com/2005/09/outbound"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
NAMES = {"soap": SOAP, "out": OUTBOUND}
# A session id opens the organisation for as long as its user may work; it is nobody's business here.
SESSION = re.compile(rb"(<(?:[\w.-]+:)?SessionId(?:\s[^>]*)?>)[^<]*(</)")
XML = "text/xml; charset=utf-8"
ACK = (
    f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{SOAP}"><soapenv:Body>'
    f'<notificationsResponse xmlns="{OUTBOUND}"><Ack>true</Ack></notificationsResponse>'
    "</soapenv:Body></soapenv:Envelope>"
).encode()
MOST_ENTRIES = 2_000  # in one event; an outbound message has at most 100
LONGEST_ID = 100


def verify(
    request: CallbackRequest, *, keys: Sequence[str], tokens: Sequence[str], event_id: str
) -> RawDocument:
    """`keys` sign, `tokens` stand at the end of the address or in the header; several of each during a rotation.

    `event_id`: where a JSON event's own id stands.
    """
    if not keys and not tokens:
        raise CallbackRefused("not_configured", "This address is not set up for events.", status=403)
    signed = "webhook-signature" in request.headers
    message_id = signature_verify(request, keys) if signed else _by_token(request, tokens)
    content_type = request.headers.get("content-type", "")
    try:
        if is_xml(content_type):
            body = SESSION.sub(rb"\1\2", request.body)
            message_id = message_id or _notifications_id(_message(body))
        else:
            body = request.body
            told = Json.parse(body, "the event")
            said = at(told, event_id) if event_id and isinstance(told.value, dict) else None
            message_id = message_id or (said.text(limit=LONGEST_ID) if said else uuid4().hex)
    except ProtocolError as error:
        raise CallbackRefused("unreadable", str(error), status=400) from None
    return RawDocument(
        message_id=message_id, channel="event", content_type=content_type[:100], body=body, headers={}
    )


def contents(raw: RawDocument, *, organization: str, ids: str) -> EventContents:
    """`organization`: whose events count; `ids`: where the ids stand in a JSON event. Raises `ProtocolError`."""
    if is_xml(raw.content_type):
        message = _message(raw.body)
        told_by = message.get("out:OrganizationId").note(limit=18)
        found = [_of_notification(one) for one in message.all("out:Notification")]
    else:
        event = Json.parse(raw.body, "the event")
        told_by = event.get("organization_id").note(limit=18)
        said = at(event, ids)
        found = [full_id(one) for one in (said.items() if isinstance(said.value, list) else [said])]
    if organization and told_by and told_by[:15] != organization[:15]:
        words = f"It came from the organisation {told_by}; ours is {organization}, so nothing was asked for."
        return EventContents(ignored=words)
    if len(found) > MOST_ENTRIES:
        raise ProtocolError(
            f"the event names {len(found)} orders; at most {MOST_ENTRIES} are taken from one."
        )
    return EventContents(external_ids=tuple(dict.fromkeys(found)))


def taken(raw: RawDocument) -> CallbackReply | None:
    """Outbound messages are repeated for 24 hours until they are answered in exactly these words."""
    return CallbackReply(200, XML, ACK) if is_xml(raw.content_type) else None


def is_xml(content_type: str) -> bool:
    return "xml" in content_type.lower()


def _by_token(request: CallbackRequest, tokens: Sequence[str]) -> str:
    """No id, once the token is right. It may be given as a header where the sender can set one."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    given = given.strip() if scheme.lower() == "bearer" else request.path.strip("/")
    fits = [hmac.compare_digest(given.encode("utf-8", "replace"), token.encode()) for token in tokens]
    if not any(fits):  # all were compared, so the time taken tells nothing
        raise CallbackRefused("bad_token", "The token in the address is not one of ours.")
    return ""


def _message(body: bytes) -> Xml:
    found = Xml.parse(body, "the message", NAMES).get("soap:Body/out:notifications")
    if not found:
        raise found.wrong("the notifications of an outbound message")
    return found


def _notifications_id(message: Xml) -> str:
    """Told again, notifications keep their ids, and the message has none of its own."""
    ids = sorted(one.get("out:Id").text(limit=LONGEST_ID) for one in message.all("out:Notification"))
    if not ids:
        raise message.get("out:Notification").wrong("at least one notification")
    told_by = message.get("out:OrganizationId").note(limit=18)
    if len(ids) == 1:
        return f"{told_by}.{ids[0]}"
    return f"{told_by}.{hashlib.sha256(','.join(ids).encode()).hexdigest()}"


def _of_notification(notification: Xml) -> str:
    """Whose order it is: an item's message names it in `OrderId`, an order's own in `Id`."""
    fields = dict(_fields(notification))
    return full_id(fields.get("OrderId") or fields.get("Id") or notification.get("sObject/Id"))


def _fields(notification: Xml) -> Iterator[tuple[str, Xml]]:
    """Of its object, whichever of Salesforce's namespaces they are in."""
    for element in notification.every():
        if element.element is not None and etree.QName(element.element.getparent()).localname == "sObject":
            yield etree.QName(element.element).localname, element
