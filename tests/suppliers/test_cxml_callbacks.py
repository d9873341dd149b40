"""Who is believed, what is stored, and what is answered to a document that a supplier posts."""

from datetime import UTC, datetime

import pytest

from suppliers.connectors.base import CallbackRefused, CallbackRequest
from suppliers.connectors.cxml.envelope import status_read
from suppliers.exceptions import ProtocolError
from tests.suppliers.cxml_documents import DOCTYPE, THEIRS, confirmation, connector, document

ACCEPT = confirmation("accept")


def request(body):
    return CallbackRequest(headers={"content-type": "text/xml"}, body=body, received_at=datetime.now(UTC))


def refused(body, one=None):
    with pytest.raises(CallbackRefused) as caught:
        (one or connector()).verify_callback(request(body))
    return caught.value


def test_document_with_the_secret_is_taken_by_its_payload_id():
    raw = connector().verify_callback(request(document(ACCEPT)))
    assert (raw.message_id, raw.channel) == ("c-1@s.example", "callback")
    assert connector().parse_documents(raw)[0].buyer_reference == "PO-1"


def test_document_marked_as_a_test_is_kept_and_changes_nothing_in_earnest():
    body = document(ACCEPT).replace(b"<Request>", b'<Request deploymentMode="test">')
    raw = connector().verify_callback(request(body))
    with pytest.raises(ProtocolError, match="marked as a test"):
        connector(deployment_mode="test").parse_documents(raw)
    trying = connector(deployment_mode="test")
    assert trying.parse_documents(trying.verify_callback(request(body)))[0].buyer_reference == "PO-1"


def test_every_byte_is_kept_but_the_secret():
    body = document(ACCEPT + "<!-- é &amp; -->")
    raw = connector().verify_callback(request(body))
    assert raw.body == body.replace(THEIRS.encode(), b"***")


@pytest.mark.parametrize(
    "written",
    ["<![CDATA[the-suppliers-secret-1]]>", "&#116;he-suppliers-secret-1", "the-suppliers<!-- x -->-secret-1",
     "\n  the-suppliers-secret-1\n", "<?p q?>the-suppliers-secret-1"],
)  # fmt: skip
def test_secret_written_otherwise_is_believed_and_blanked(written):
    body = document(ACCEPT, secret=written)
    raw = connector().verify_callback(request(body))
    assert b"secret-1" not in raw.body
    assert raw.body == body.replace(written.encode(), b"***")


def test_secret_elsewhere_in_the_document_is_blanked_too():
    body = document(confirmation("accept", inside=f"<Comments>our password is {THEIRS}</Comments>"))
    assert THEIRS.encode() not in connector().verify_callback(request(body)).body


@pytest.mark.parametrize(
    "secret", ["", "wrong", THEIRS[:-1], THEIRS + "x", "<b>the-suppliers-secret-1</b>", "é"]
)
def test_wrong_secret_is_refused(secret):
    refusal = refused(document(ACCEPT, secret=secret))
    assert (refusal.reason, refusal.status) == ("bad_secret", 401)


def test_secret_in_another_place_proves_nothing():
    elsewhere = f"<Credential><SharedSecret>{THEIRS}</SharedSecret></Credential>"
    body = document(ACCEPT, secret="wrong").replace(b"<From>", f"<From>{elsewhere}".encode())
    assert refused(body).reason == "bad_secret"


def test_during_a_rotation_both_secrets_are_good():
    one = connector(credentials={"callback_secret": ("new-secret-2", THEIRS)})
    for secret in ("new-secret-2", THEIRS):
        assert one.verify_callback(request(document(ACCEPT, secret=secret))).message_id == "c-1@s.example"
    only_new = connector(credentials={"callback_secret": ("new-secret-2",)})
    assert refused(document(ACCEPT), only_new).status == 401


def test_without_a_secret_nothing_is_believed():
    assert (
        refused(document(ACCEPT, secret=""), connector(credentials={"shared_secret": ("x",)})).status == 503
    )


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.050/Fulfill.dtd" [<!ENTITY a "b">]>',
        '<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.050/Fulfill.dtd" []>',
        '<!DOCTYPE cXML [<!ATTLIST cXML payloadID CDATA "x">]>',
        '<!DOCTYPE cXML SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE cXML SYSTEM "http://evil.example/schemas/cXML/1.2.050/cXML.dtd">',
        '<!DOCTYPE cXML PUBLIC "-//x" "http://xml.cxml.org/schemas/cXML/1.2.050/cXML.dtd">',
        '<!DOCTYPE html SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.050/cXML.dtd">',
        "<!DOCTYPE cXML>",
        DOCTYPE + DOCTYPE,
        '<!DOCTYPE cXML [<!ENTITY % x SYSTEM "http://evil.example/x"> %x;]>',
    ],
)
def test_other_doctypes_and_entities_are_refused_unread(doctype):
    refusal = refused(document(ACCEPT, doctype=doctype))
    assert (refusal.reason, refusal.status) == ("unreadable", 400)


@pytest.mark.parametrize(
    "doctype", ["", DOCTYPE.replace("cxml.org", "cXML.org"), DOCTYPE.replace("Fulfill", "cXML")]
)
def test_no_doctype_and_that_of_cxml_are_fine(doctype):
    assert connector().verify_callback(request(document(ACCEPT, doctype=doctype)))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"\xff\xfe<\x00c\x00X\x00M\x00L\x00/\x00>\x00",
        b"<cXML>" * 100_000,
        document(ACCEPT)[:-5],
        document("&nothing;"),
        document(ACCEPT, payload_id="&nothing;"),
        document(ACCEPT, payload_id=""),
        document(ACCEPT, payload_id="x" * 200),
        document(ACCEPT).replace(b"cXML", b"xCBL"),
        b'<?xml version="1.0" encoding="base64"?><cXML/>',
    ],
)
def test_what_is_no_cxml_is_refused_in_words(body):
    assert 400 <= refused(body).status < 500


def test_answers_are_cxml_and_say_the_same_as_http():
    one = connector()
    raw = one.verify_callback(request(document(ACCEPT)))
    for said in (one.callback_taken(raw, repeated=False), one.callback_taken(raw, repeated=True)):
        assert (said.status, status_read(said.body, "Answer").code) == (200, 200)
    said = one.callback_refused(refused(b"<x>&#1;"))
    assert said.content_type.startswith("text/xml")
    assert (said.status, status_read(said.body, "Answer").code) == (400, 400)
