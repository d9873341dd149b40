"""What 4ws.trade answers: who is believed, and what is understood."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suppliers.connectors.base import CallbackRefused, Capability
from suppliers.connectors.fourws.addresses import Claim, callback_address, claim_verify
from suppliers.exceptions import ConnectorConfigurationError, ProtocolError
from suppliers.messages import Decision, RawDocument, Unmentioned
from tests.suppliers.fourws import BASE, NOW, SECRET, account, callback

OTHER = "another-secret-of-callback-addresses-9876"
MADE = b'{"success": true, "id": "PO-1"}'
NOT_MADE = b'{"success": false, "message": "No price found."}'


def path_of(claim: Claim, *, supplier: str = "acme", secret: str = SECRET) -> str:
    return callback_address(BASE, claim, supplier=supplier, secret=secret).removeprefix(BASE)


CLAIM = Claim("PO-1", "confirmed")
PATH = path_of(CLAIM)


def understood(body: bytes, claim: Claim = CLAIM, **settings: str):
    connector = account(**settings)
    (response,) = connector.parse_documents(connector.verify_callback(callback(path_of(claim), body)))
    return response


# -- who is believed --------------------------------------------------------------------------------------
def test_address_is_ours_and_the_same_every_time():
    assert path_of(Claim("PO-1", "confirmed")) == PATH
    raw = account().verify_callback(callback(PATH, MADE))
    assert raw.headers["answers-to"] == "PO-1/1-of-1/confirmed"
    assert PATH.rsplit("/", 1)[1] not in str(raw)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "PO-1",
        PATH[:-1],
        PATH + "A",
        PATH + "/",
        PATH.replace("PO-1", "PO-2"),
        PATH.replace("confirmed", "open"),
        PATH.replace("1-of-1", "1-of-2"),
        PATH.replace("1-of-1", "01-of-1"),
        PATH.replace("1-of-1", "١-of-1"),
        PATH.rsplit("/", 1)[0] + "/",
        path_of(Claim("PO-1", "confirmed"), supplier="other"),
        path_of(Claim("PO-1", "confirmed"), secret=OTHER),
        "PO-1\n/1-of-1/confirmed/x",
        "\ud800/1-of-1/confirmed/\ud800",
        "x" * 5000,
    ],
)
def test_any_other_address_does_not_exist(path):
    with pytest.raises(CallbackRefused) as caught:
        account().verify_callback(callback(path, MADE))
    assert (caught.value.reason, caught.value.status) == ("bad_address", 404)


@given(st.text())
def test_nothing_in_a_path_is_an_accident(path):
    assert claim_verify(path, supplier="acme", secrets=[SECRET]) is None


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=40), st.integers(1, 99))
def test_every_reference_has_an_address_that_leads_back_to_it(reference, parts):
    claim = Claim(reference, "open", parts, parts)
    words = f"{claim.words}/" + path_of(claim).rsplit("/", 1)[1]
    assert claim_verify(words, supplier="acme", secrets=[SECRET]) == claim


def test_old_secret_counts_while_it_is_replaced():
    for secrets in ((OTHER, SECRET), (SECRET, OTHER)):
        assert account(secrets=secrets).verify_callback(callback(PATH, MADE))
    with pytest.raises(CallbackRefused):
        account(secrets=(OTHER,)).verify_callback(callback(PATH, MADE))


def test_without_a_secret_nothing_is_believed_and_nothing_sent():
    with pytest.raises(CallbackRefused) as caught:
        account(secrets=()).verify_callback(callback(PATH, MADE))
    assert caught.value.status == 503
    assert Capability.CALLBACK not in account(secrets=()).capabilities
    with pytest.raises(CallbackRefused):
        account(secrets=("short",)).verify_callback(
            callback(path_of(Claim("PO-1", "open"), secret="short"), b"")
        )


def test_repeat_is_the_same_message_and_other_words_are_another():
    ids = [
        account().verify_callback(callback(PATH, body)).message_id for body in (MADE, MADE, NOT_MADE, b"\xff")
    ]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert all(len(message_id) <= 200 for message_id in ids)


# -- what is understood -----------------------------------------------------------------------------------
def test_document_that_was_made_as_confirmed_confirms_the_order():
    response = understood(MADE)
    assert (response.buyer_reference, response.supplier_reference) == ("PO-1", "PO-1")
    assert (response.decision, response.unmentioned) == (Decision.CONFIRMED, Unmentioned.ACCEPTED)
    assert response.issued_at == NOW


@pytest.mark.parametrize("status", ["open", "unstated"])
def test_document_that_is_open_is_only_received(status):
    assert understood(MADE, Claim("PO-1", status)).decision is Decision.RECEIVED


def test_status_that_was_asked_counts_and_not_the_one_set_since():
    assert understood(MADE, document_status="OPEN").decision is Decision.CONFIRMED


def test_failure_without_an_id_rejects_the_order_of_the_address():
    response = understood(NOT_MADE)
    assert (response.buyer_reference, response.decision) == ("PO-1", Decision.REJECTED)
    assert response.note == "No price found."
    assert understood(b'{"success": false}').note == "The reason was not told."


def test_one_of_several_documents_answers_for_itself():
    response = understood(b'{"success": true, "id": "PO-1/2"}', Claim("PO-1", "confirmed", 2, 3))
    assert (response.buyer_reference, response.part, response.parts) == ("PO-1", 2, 3)


def test_ids_are_opaque_text():
    odd = "02931b8a-a6c8-4e47-b3f1-041ffb1e412t"
    body = f'{{"success": true, "id": "{odd}"}}'.encode()
    assert understood(body, check_callback_id="no").supplier_reference == odd
    with pytest.raises(ProtocolError, match="expected our document id PO-1"):
        understood(body)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\xff\xfe", b"nonsense", b"null", b"5", b"[]", b"{}", b'{"success": "true", "id": "PO-1"}',
        b'{"success": 1, "id": "PO-1"}', b'{"success": true}', b'{"success": true, "id": null}',
        b'{"success": true, "id": {"a": 1}}', b'{"success": true, "id": NaN}', b'{"success": true, "id": 1e999}',
        b'{"success": true, "id": "' + b"9" * 500 + b'"}', b'{"success": false, "message": 5}',
        b'{"success": false, "id": "PO-2"}', b"[" * 100_000, b'{"success": true, "id": 1.5}',
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_kept_and_says_what_is_wrong(body):
    connector = account()
    raw = connector.verify_callback(callback(PATH, body))
    assert raw.body == body
    with pytest.raises(ProtocolError, match="PO-1"):
        connector.parse_documents(raw)


@given(st.binary())
def test_no_body_is_an_accident(body):
    connector = account()
    with suppress(ProtocolError):
        connector.parse_documents(connector.verify_callback(callback(PATH, body)))


@pytest.mark.parametrize("claim", ["", "PO-1", "PO-1/1-of-1/pondered", "PO-1/2-of-1/open"])
def test_document_that_answers_to_no_order_is_refused(claim):
    raw = RawDocument(
        message_id="m-1", channel="callback", content_type="", body=MADE, headers={"answers-to": claim}
    )
    with pytest.raises(ProtocolError, match="which order"):
        account().parse_documents(raw)


# -- what an administrator enters ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("save_purchase_url", "https://suite.example.com/api", "suite.example.com"),
        ("callback_url", "", "https://a.example.com/?x=1"),
        ("auth_header", "X-Api-Key", "X Api"),
        ("auth_value", "Token {token}", "Bearer"),
        ("service_header", "X-Service: savePurchase", "savePurchase"),
        ("branch_code", "2", "two"),
        ("buyer_code", "7", "²"),
        ("places", "LONDON=WRH:1001, CITY=SHOP:2", "LONDON=DEPOT:1"),
        ("places", "", "A=SHOP:1, A=SHOP:2"),
        ("places", "LONDON=WRH:1001\r\nCITY=SHOP:2\r\n", "LONDON=WRH:1001 CITY=SHOP:2"),
        ("tax_rate", "4.5", "NaN"),
        ("tax_rates", "RICE-5=4", "RICE-5"),
        ("markup_percent", "0", "-1"),
        ("send_prices", "no", "perhaps"),
        ("document_status", "open", "DRAFT"),
        ("currency_symbols", "EUR=€", "€"),
        ("time_zone", "Europe/Rome", "../../etc/passwd"),
        ("time_zone", "UTC", ""),
        ("check_callback_id", "no", ""),
        ("duplicate_check", "yes", "1"),
        ("timeout_seconds", "0.5", "41"),
        ("callback_secret", SECRET, "short"),
        ("callback_secret", OTHER, "a" * 40),
        ("api_token", "abc", "ä"),
        ("cause", "ANYTHING", None),
    ],
)
def test_entries_are_checked_and_problems_are_in_words(name, good, bad):
    connector = account()
    assert connector.problem_with(name, good) == ""
    if bad is not None:
        assert len(connector.problem_with(name, bad)) > 10
        if name not in ("callback_secret", "api_token"):
            with pytest.raises(ConnectorConfigurationError), account(**{name: bad}) as opened:
                opened._read(name)


def test_duplicate_check_promises_that_a_repeat_is_harmless():
    assert Capability.IDEMPOTENT_SUBMIT not in account().capabilities
    assert Capability.IDEMPOTENT_SUBMIT in account(duplicate_check="yes").capabilities
