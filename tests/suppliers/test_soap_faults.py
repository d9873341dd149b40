"""What a fault means for an order and for a question."""

import pytest
import responses

from suppliers.connectors.soap.settings import FAULT_WORDS
from suppliers.exceptions import (
    AuthenticationFailed,
    OutcomeUnknown,
    ProtocolError,
    RateLimited,
    SupplierUnavailable,
)
from suppliers.messages import OrderRefusal
from tests.suppliers.orders import order_of
from tests.suppliers.soap_accounts import SERVICE, SOAP_12, envelope, fault, soap

ORDER = order_of(("APLJ-1L", "12"))


def failed(body, status=500, **settings):
    with responses.RequestsMock() as supplier:
        supplier.post(SERVICE, status=status, body=body)
        with soap(**settings) as connector, pytest.raises(Exception) as caught:
            connector.submit_order(ORDER)
    return caught.value


def asked(body, status=500, **settings):
    with responses.RequestsMock() as supplier:
        supplier.post(SERVICE, status=status, body=body)
        with soap(lookup_operation="GetOrder", **settings) as connector:
            return connector.find_order(ORDER.buyer_reference)


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("soap:Client", ProtocolError),
        ("soap:CLIENT.Order.Unknown", ProtocolError),
        ("soap:Server", OutcomeUnknown),
        ("wsse:FailedAuthentication", AuthenticationFailed),
        ("wsse:MessageExpired", AuthenticationFailed),
        ("odd", OutcomeUnknown),
        ("", OutcomeUnknown),
    ],
)
def test_codes_mean_what_the_default_table_says(code, kind, status):
    error = failed(fault(code, "The   pallet\n is gone."), status)
    assert type(error) is kind
    assert "The pallet is gone." in str(error)
    assert error.status == status


def test_new_version_has_its_codes_deeper():
    code = "<e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value>x:Busy</e:Value></e:Subcode></e:Code>"
    body = envelope(
        f"<e:Fault>{code}<e:Reason><e:Text xml:lang='en'>Later.</e:Text></e:Reason></e:Fault>", SOAP_12
    )
    assert type(failed(body, 400)) is ProtocolError
    error = failed(body, 400, fault_words=f"{FAULT_WORDS}, busy=retry")
    assert type(error) is SupplierUnavailable
    assert "Later. (fault Busy, Sender)" in str(error)


def test_own_code_of_the_detail_goes_first():
    body = fault("soap:Client", detail="<OrderFault><code>77</code></OrderFault>")
    words = f"{FAULT_WORDS}, OrderFault=wait, 77=retry"
    assert type(failed(body, fault_words=words)) is RateLimited
    assert type(failed(body, fault_words=words, fault_code="OrderFault.code")) is SupplierUnavailable


def test_order_that_may_be_mended_comes_back():
    with responses.RequestsMock() as supplier:
        supplier.post(SERVICE, status=500, body=fault("soap:Client.Stock", "No pallets, pass-12345."))
        with soap(fault_words="Client.Stock=order_refused") as connector:
            refusal = connector.submit_order(ORDER)
    assert refusal == OrderRefusal(text="No pallets, •••.")


@pytest.mark.parametrize("body", ["<html>", "", envelope("<Answer/>"), "<!DOCTYPE a>" + fault("soap:Client")])
def test_error_status_without_a_fault_is_what_http_says(body):
    assert type(failed(body, 500)) is OutcomeUnknown
    assert type(failed(body, 400)) is ProtocolError
    assert type(failed(body, 503)) is OutcomeUnknown
    with pytest.raises(SupplierUnavailable):
        asked(body, 500)


def test_question_that_fails_may_be_asked_again():
    with pytest.raises(SupplierUnavailable):
        asked(fault("soap:Server"))
    with pytest.raises(ProtocolError):
        asked(fault("soap:Client"))
    with pytest.raises(ProtocolError):
        asked(fault("odd"))
    assert asked(fault("soap:Client.None"), fault_words="client.none=no_order") is None
