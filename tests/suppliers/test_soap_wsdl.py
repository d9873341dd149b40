"""What is read from a WSDL, from where, and what is refused."""

import pytest
import responses

from suppliers.exceptions import ConnectorConfigurationError, OutcomeUnknown, ProtocolError
from suppliers.sandbox.soap.description import description
from tests.suppliers.orders import order_of
from tests.suppliers.soap_accounts import SERVICE, envelope, soap

ORDER = order_of(("APLJ-1L", "12"))
WSDL = description(SERVICE)
RPC = """<d:definitions xmlns:d="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"
 xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:rpc" targetNamespace="urn:rpc">
<d:message name="in"><d:part name="service" type="x:string"/><d:part name="amount" type="x:decimal"/></d:message>
<d:message name="out"><d:part name="status" type="x:string"/></d:message>
<d:portType name="P"><d:operation name="Put"><d:input message="t:in"/><d:output message="t:out"/></d:operation>
</d:portType>
<d:binding name="B" type="t:P"><s:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>
<d:operation name="Put"><s:operation soapAction="urn:put"/>
<d:input><s:body use="literal" namespace="urn:rpc"/></d:input>
<d:output><s:body use="literal" namespace="urn:rpc"/></d:output></d:operation></d:binding>
<d:service name="S"><d:port name="P" binding="t:B">
<s:address location="https://acme.example/orders"/></d:port></d:service>
</d:definitions>"""


def refused(says, kind=ProtocolError, documents=None, **settings):
    with responses.RequestsMock() as supplier:
        for url, body in (documents or {}).items():
            supplier.get(url, body=body)
        with soap(**settings) as connector, pytest.raises(kind, match=says):
            connector.check()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<!DOCTYPE d [<!ENTITY e SYSTEM 'file:///etc/hostname'>]>" + WSDL, "DOCTYPE"),
        ("<definitions/>", "another document"),
        ("{}", "not readable XML"),
        (WSDL.replace('element="tns:PlaceOrder"', 'element="tns:Nothing"'), "cannot be understood"),
        (WSDL.replace('type="xsd:decimal"', 'type="xsd:odd"'), "cannot be understood"),
    ],
)
def test_what_is_no_good_wsdl_is_refused(text, says):
    refused(says, wsdl=text)
    refused(
        says,
        documents={"https://acme.example/" + says[:4]: text},
        wsdl_url="https://acme.example/" + says[:4],
    )


def test_page_that_stood_in_for_the_wsdl_is_not_kept():
    address = "https://acme.example/being-mended"
    with responses.RequestsMock() as supplier, soap(wsdl_url=address, authentication="none") as connector:
        supplier.get(address, body="<html>We are being mended.</html>")
        with pytest.raises(ProtocolError, match="another document"):
            connector.submit_order(ORDER)
        supplier.replace("GET", address, body=WSDL)
        supplier.post(SERVICE, body=envelope("<r><order_number>PO-2026-0001</order_number></r>"), status=503)
        with pytest.raises(OutcomeUnknown):  # it was sent
            connector.submit_order(ORDER)


def importing(where):
    return WSDL.replace("<wsdl:types>", f'<wsdl:import namespace="urn:more" location="{where}"/><wsdl:types>')


@pytest.mark.parametrize(
    "where",
    ["https://elsewhere.example/more.wsdl", "http://acme.example/more.wsdl", "file:///etc/hostname",
     "http://169.254.169.254/latest"],
)  # fmt: skip
def test_imports_from_elsewhere_are_not_followed(where):
    url = "https://acme.example/imports" + where.replace("/", "-")
    refused("another host", documents={url: importing(where)}, wsdl_url=url)
    refused("paste it as one document", wsdl=importing(where))


def test_imports_from_the_same_host_are_read_and_checked():
    url = "https://acme.example/in/orders.wsdl"
    more = '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" targetNamespace="urn:more"/>'
    documents = {url: importing("../more.wsdl"), "https://acme.example/more.wsdl": more}
    with responses.RequestsMock() as supplier:
        for address, body in documents.items():
            supplier.get(address, body=body)
        with soap(wsdl_url=url) as connector:
            assert "fit its operation PlaceOrder" in connector.check()
    documents["https://acme.example/more.wsdl"] = "<!DOCTYPE x>" + more
    refused("DOCTYPE", documents=documents, wsdl_url=url)


def test_address_on_another_host_is_used_only_when_entered():
    url = "https://docs.acme.example/orders.wsdl"
    refused("another host, acme.example", ConnectorConfigurationError, {url: WSDL}, wsdl_url=url)
    with responses.RequestsMock() as supplier:
        supplier.get(url, body=WSDL)
        with soap(wsdl_url=url, endpoint_url=SERVICE) as connector:
            assert connector.check()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"service_name": "Other"}, "OrderService/Orders11, OrderService/Orders12"),
        ({"port_name": "Other"}, "OrderService/Orders11"),
        ({"order_operation": "Buy"}, "no operation 'Buy'; it has CancelOrder, GetOrder, PlaceOrder"),
        ({"wsdl": ""}, "nor its address"),
        ({"wsdl": WSDL.replace(f'location="{SERVICE}"', "")}, "names no address"),
    ],
)
def test_what_is_not_in_the_wsdl_is_told_with_what_is(settings, says):
    refused(says, ConnectorConfigurationError, **settings)


def test_rpc_style_is_written_as_described():
    template = '{"service": "$buyer_reference", "amount": "$dropship"}'
    lines = ', "lines": [{"sku": "$line.sku", "q": "$line.quantity"}]}'
    with responses.RequestsMock() as supplier:
        supplier.post(SERVICE, body=envelope("<r><status>received</status></r>"))
        settings = {
            "wsdl": RPC,
            "lookup_operation": "Put",
            "lookup_template": template.replace("$dropship", "12.50"),
        }
        with (
            soap(**settings, order_template=template[:-1] + lines) as connector,
            pytest.raises(ProtocolError),
        ):
            connector.find_order("PO-1")
        sent = supplier.calls[0].request
    assert sent.headers["SOAPAction"] == '"urn:put"'
    assert b"<service>PO-1</service><amount>12.50</amount>" in sent.body
    assert b'Put xmlns:ns0="urn:rpc"' in sent.body


def test_numbers_and_dates_are_written_in_full():
    order = order_of(("APLJ-1L", "1000000"), price="0.0001")
    (rendered,) = soap().render_order(order)
    assert rendered.where == f"POST {SERVICE}"
    for part in (b">1000000<", b">0.0001<", b">2026-01-02T09:00:00Z<"):
        assert part in rendered.body
