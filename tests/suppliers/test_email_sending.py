"""What a mail server's answers and silences mean for an order, against the sandbox's own mail server."""

import contextlib
import csv
import io
import socket
import ssl
import threading
from dataclasses import replace
from email import message_from_string
from email.policy import default

import pytest

from suppliers.connectors.email.attachments import order_csv
from suppliers.connectors.email.connector import EmailConnector
from suppliers.exceptions import (
    AuthenticationFailed,
    ConnectorConfigurationError,
    NotDelivered,
    OutcomeUnknown,
    ProtocolError,
    RateLimited,
    SupplierUnavailable,
)
from suppliers.models import ConnectorCall, SupplierCredential
from suppliers.sandbox.faults import Fault, Kind
from suppliers.services.connections import connection_check, connector_for
from tests.fixtures.sandbox import sandbox_of, supplier_create
from tests.suppliers.orders import order_of

ORDER = order_of(("APLJ-1L", "12"), ("RICE-5", "3"))


@pytest.fixture
def server(tmp_path):
    with sandbox_of(tmp_path, protocol="email") as server:
        yield server


@pytest.fixture
def supplier(db, server):
    return supplier_create(server, timeout_seconds="1")


def submit(supplier, order=ORDER):
    with connector_for(supplier) as connector:
        return connector.submit_order(order)


def setting(supplier, **changed):
    supplier.account.settings |= changed
    supplier.account.save()


def effects(server):
    return sum(order["effects"] for order in server.ledger.summary()["orders"])


def letter(server):
    (body,) = server.ledger._db.execute("SELECT body FROM receipts ORDER BY id DESC LIMIT 1").fetchone()
    return message_from_string(body, policy=default)


@pytest.mark.parametrize(
    ("fault", "error", "arrived"),
    [
        (Fault(kind=Kind.ERROR_BEFORE, operation="recipient", status=550), ProtocolError, 0),
        (Fault(kind=Kind.ERROR_BEFORE, operation="recipient", status=451), SupplierUnavailable, 0),
        (Fault(kind=Kind.RESET_BEFORE, operation="recipient"), NotDelivered, 0),
        (Fault(kind=Kind.ERROR_BEFORE, operation="submit", status=554), ProtocolError, 0),
        (Fault(kind=Kind.ERROR_BEFORE, operation="submit"), SupplierUnavailable, 0),
        (Fault(kind=Kind.RATE_LIMITED, operation="submit"), RateLimited, 0),
        (Fault(kind=Kind.RESET_BEFORE, operation="submit"), OutcomeUnknown, 0),
        (Fault(kind=Kind.RESET_AFTER, operation="submit"), OutcomeUnknown, 1),
        (Fault(kind=Kind.HANG_AFTER, operation="submit", seconds=2), OutcomeUnknown, 1),
        (Fault(kind=Kind.ERROR_AFTER, operation="submit"), OutcomeUnknown, 1),
        (Fault(kind=Kind.BROKEN_BODY, operation="submit"), OutcomeUnknown, 1),
    ],
)
def test_failure_is_sorted_by_whether_the_final_dot_was_answered(server, supplier, fault, error, arrived):
    server.faults.set(fault)
    with pytest.raises(error) as caught:
        submit(supplier)
    assert type(caught.value) is error
    assert effects(server) == arrived


def test_greylisting_is_waited_for(server, supplier):
    server.faults.set(Fault(kind=Kind.RATE_LIMITED, operation="submit"))
    with pytest.raises(RateLimited) as caught:
        submit(supplier)
    assert caught.value.retry_after.total_seconds() == 300


def test_wrong_password_stops_the_supplier(server, supplier):
    SupplierCredential.objects.filter(name="password").delete()
    SupplierCredential.objects.create(account=supplier.account, name="password", value="wrong-password")
    with pytest.raises(AuthenticationFailed, match="535"):
        submit(supplier)
    assert "wrong-password" not in "".join(call.response_text for call in ConnectorCall.objects.all())


def test_password_that_the_protocol_cannot_carry_is_a_mistake_in_the_settings(server, supplier):
    SupplierCredential.objects.filter(name="password").update(value="pässwort")
    with pytest.raises(ConnectorConfigurationError, match="ASCII"):
        submit(supplier)


def test_one_refused_recipient_means_nobody_gets_it(server, supplier):
    setting(supplier, recipient="orders@greengrocer.example, nobody@elsewhere.example")
    with pytest.raises(ProtocolError, match=r"nobody@elsewhere\.example"):
        submit(supplier)
    assert effects(server) == 0


def test_server_without_encryption_gets_nothing_where_encryption_is_set(server, supplier):
    setting(supplier, tls="starttls")
    with pytest.raises(ConnectorConfigurationError, match="offers no STARTTLS"):
        submit(supplier)


def test_unencrypted_mail_needs_the_accounts_leave(supplier):
    supplier.account.allow_private_network = False
    supplier.account.save()
    with pytest.raises(ConnectorConfigurationError, match="unencrypted"):
        submit(supplier)
    setting(supplier, tls="starttls")
    with pytest.raises(ConnectorConfigurationError, match="inside our own network"):
        submit(supplier)


def test_nobody_listening_is_not_delivered(supplier):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    setting(supplier, port=str(port))
    with pytest.raises(NotDelivered, match="refused the connection"):
        submit(supplier)


def test_certificate_nobody_vouches_for_is_not_accepted(supplier, self_signed):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_signed)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def refuse() -> None:
            connection, _ = listening.accept()
            with connection, contextlib.suppress(OSError):  # the caller hangs up
                context.wrap_socket(connection, server_side=True).close()

        thread = threading.Thread(target=refuse)
        thread.start()
        setting(supplier, port=str(listening.getsockname()[1]), tls="tls", host="localhost")
        with pytest.raises(NotDelivered, match="certificate is not valid"):
            submit(supplier)
        thread.join()


def test_check_goes_up_to_the_recipient_and_sends_nothing(server, supplier):
    assert "takes mail from us for orders@greengrocer.example" in connection_check(supplier=supplier, by=None)
    assert server.ledger.summary()["orders"] == []
    setting(supplier, recipient="nobody@greengrocer.example")
    with pytest.raises(ProtocolError, match=r"550 5\.1\.1"):
        connection_check(supplier=supplier, by=None)


def test_letter_says_everything_twice_and_has_the_attachments(server, supplier):
    submit(supplier)
    mail = letter(server)
    assert mail["Subject"] == "Purchase order PO-2026-0001 from Sample Buyer"
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    for word in ("Greengrocer Ltd", "PO-2026-0001", "APLJ-1L", "12 pcs", "Depot", "30.00 GBP"):
        assert word in text
        assert word in html
    kinds = [part.get_content_type() for part in mail.iter_attachments()]
    assert kinds == ["application/pdf", "text/csv", "application/xml"]
    pdf = next(iter(mail.iter_attachments())).get_content()
    assert pdf.startswith(b"%PDF-")


def test_message_id_is_the_same_on_every_attempt_and_kept(server, supplier):
    sent = []
    for _ in range(2):
        submit(supplier)
        sent.append(letter(server)["Message-ID"])
    assert sent[0] == sent[1]
    assert {call.message_id for call in ConnectorCall.objects.filter(operation="submit")} == {sent[0]}
    assert effects(server) == 1, "whoever reads it sees that it is the same"


def test_odd_texts_cannot_leave_their_place(server, supplier):
    line = replace(ORDER.lines[0], description='=HYPERLINK("x") <b>Łódź</b> 日本\r\nBcc: x@y.example')
    setting(supplier, sender_name="Buyer\nBcc: x@y.example")
    submit(supplier, replace(ORDER, lines=(line,), note="</table><script>alert(1)</script>"))
    mail = letter(server)
    assert mail["Bcc"] is None
    assert "<script>" not in mail.get_body(("html",)).get_content()
    table = next(part for part in mail.iter_attachments() if part.get_content_type() == "text/csv")
    (row,) = csv.DictReader(io.StringIO(table.get_content().removeprefix("\ufeff")))
    assert row["description"].startswith("'=HYPERLINK")


def test_line_of_dots_does_not_end_the_letter(server, supplier):
    submit(supplier, replace(ORDER, note="Ring twice:\n.\n..\n.gate 4"))
    said = letter(server).get_body(("plain",)).get_content().splitlines()
    at = said.index("Note: Ring twice:")
    assert said[at + 1 : at + 4] == [".", "..", ".gate 4"]
    assert effects(server) == 1


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_a_spreadsheet_would_run_is_quoted(begin):
    lines = (replace(ORDER.lines[0], description=f"{begin}1+1"),)
    (_, row) = csv.reader(
        order_csv(replace(ORDER, lines=lines)).decode("utf-8-sig").splitlines(keepends=True)
    )
    assert row[6] == f"'{begin}1+1"


def test_link_is_a_key_and_in_no_journal(server, supplier):
    submit(supplier, replace(ORDER, answer_url="https://buyer.example/answer/PO-1.20300101.geheim-geheim/"))
    assert "geheim-geheim" in letter(server).get_body(("html",)).get_content()
    call = ConnectorCall.objects.get(operation="submit")
    assert "geheim" not in call.request_text
    assert "https://buyer.example/answer/•••/" in call.request_text


@pytest.mark.parametrize(
    ("name", "value", "fine"),
    [
        ("recipient", "orders@example.com", True),
        ("recipient", "a@example.com, b@example.com", True),
        ("recipient", "", False),
        ("recipient", "orders@localhost", False),
        ("recipient", "Orders <orders@example.com>", False),
        ("recipient", "a@example.com\nBcc: b@example.com", False),
        ("sender", "müller@example.com", False),
        ("host", "mail.example.com", True),
        ("host", "mail.example.com:25", False),
        ("port", "587", True),
        ("port", "70000", False),
        ("port", "²", False),
        ("tls", "ssl", False),
        ("attach", "", True),
        ("attach", "docx", False),
        ("buyer_id", "GLN 7", False),
        ("timeout_seconds", "nan", False),
        ("timeout_seconds", "60", False),
    ],
)
def test_wrong_setting_is_explained_where_it_is_entered(name, value, fine):
    assert (EmailConnector.problem_with(name, value) == "") is fine
