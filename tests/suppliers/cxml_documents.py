"""cXML as suppliers write it, for tests."""

from collections.abc import Mapping

from suppliers.connectors.base import CallRecord, ConnectorConfig
from suppliers.connectors.cxml.connector import CxmlConnector

DOCTYPE = '<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.050/Fulfill.dtd">'
OURS, THEIRS = "our-own-secret-1", "the-suppliers-secret-1"
REFERENCE = (
    '<OrderReference orderID="PO-1"><DocumentReference payloadID="PO-1.1@procurement"/></OrderReference>'
)
NOTICED = 'noticeDate="2026-03-01T12:00:00+00:00"'


def document(
    request: str, *, secret: str = THEIRS, doctype: str = DOCTYPE, payload_id: str = "c-1@s.example"
) -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
{doctype}
<cXML payloadID="{payload_id}" timestamp="2026-03-01T12:00:00+00:00"><Header>
<From><Credential domain="DUNS"><Identity>77</Identity></Credential></From>
<To><Credential domain="DUNS"><Identity>12</Identity></Credential></To>
<Sender><Credential domain="DUNS"><Identity>77</Identity><SharedSecret>{secret}</SharedSecret></Credential>
<UserAgent>S</UserAgent></Sender></Header><Request>{request}</Request></cXML>""".encode()


def confirmation(
    kind: str, *items: str, header: str = "", inside: str = "", reference: str = REFERENCE
) -> str:
    return (
        f'<ConfirmationRequest><ConfirmationHeader type="{kind}" {NOTICED} {header}>{inside}</ConfirmationHeader>'
        f"{reference}{''.join(items)}</ConfirmationRequest>"
    )


def item(*statuses: str, line: str = "1", quantity: str = "10") -> str:
    return (
        f'<ConfirmationItem lineNumber="{line}" quantity="{quantity}"><UnitOfMeasure>C62</UnitOfMeasure>'
        f"{''.join(statuses)}</ConfirmationItem>"
    )


def status(kind: str, quantity: str = "10", inside: str = "", **attributes: str) -> str:
    more = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return (
        f'<ConfirmationStatus type="{kind}" quantity="{quantity}"{more}>'
        f"<UnitOfMeasure>C62</UnitOfMeasure>{inside}</ConfirmationStatus>"
    )


def price(amount: str, currency: str = "GBP") -> str:
    return f'<UnitPrice><Money currency="{currency}">{amount}</Money></UnitPrice>'


def item_in(sku: str, detail: str = "") -> str:
    return (
        f'<ItemIn quantity="10"><ItemID><SupplierPartID>{sku}</SupplierPartID></ItemID>'
        f"<ItemDetail>{detail}<Description>Another</Description></ItemDetail></ItemIn>"
    )


def ship_notice(*portions: str, header: str = "", control: str = "") -> str:
    return (
        f'<ShipNoticeRequest><ShipNoticeHeader shipmentID="S-1" {NOTICED} {header}/>{control}'
        f"{''.join(portions)}</ShipNoticeRequest>"
    )


def portion(*lines: tuple[str, str], order: str = "PO-1") -> str:
    items = "".join(f'<ShipNoticeItem lineNumber="{n}" quantity="{q}"/>' for n, q in lines)
    reference = f'<OrderReference orderID="{order}"><DocumentReference payloadID=""/></OrderReference>'
    return f"<ShipNoticePortion>{reference}{items}</ShipNoticePortion>"


def reply(code: str, text: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?>{DOCTYPE}<cXML payloadID="r@s" timestamp="2026-03-01T12:00:00+00:00">'
        f'<Response><Status code="{code}" text="Said">{text}</Status></Response></cXML>'
    ).encode()


def connector(
    url: str = "https://supplier.example/",
    journal: list[CallRecord] | None = None,
    credentials: Mapping[str, tuple[str, ...]] | None = None,
    **settings: str,
) -> CxmlConnector:
    config = ConnectorConfig(
        supplier_code="acme",
        supplier_name="Acme",
        settings={"url": url, "our_identity": "12", "supplier_identity": "77", "timeout_seconds": "2"}
        | settings,
        credentials=credentials or {"shared_secret": (OURS,), "callback_secret": (THEIRS,)},
        allow_private_network=True,
    )
    return CxmlConnector(config, (journal if journal is not None else []).append)
