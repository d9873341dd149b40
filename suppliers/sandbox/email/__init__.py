"""Suppliers that read mail, as docs/connectors/email.md describes them: a mail server that takes letters, and a person
behind it who opens the link in them and fills the page in."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from werkzeug.wrappers import Request, Response

from suppliers.connectors.jsondata import dumps
from suppliers.sandbox.app import SandboxApp
from suppliers.sandbox.email.letters import BadLetter, Letter, cancelled_in, letter_read
from suppliers.sandbox.email.mailbox import Mailbox
from suppliers.sandbox.email.pages import Page, page_read
from suppliers.sandbox.faults import Kind
from suppliers.sandbox.ledger import PlacedOrder
from suppliers.sandbox.protocol import AnsweringProtocol, Call, SignedCallback
from suppliers.sandbox.trade import Answer, Refused, Struck, place
from suppliers.sandbox.world import SandboxSupplier

MAIL_PORT = 25  # this far above the sandbox's own
WAIT = (3, 20)


class NotYet(requests.RequestException):
    """The page has no place for what the supplier wants to say; it looks again later."""


class Protocol(AnsweringProtocol):
    def __init__(self, app: SandboxApp) -> None:
        super().__init__(app)
        own = [supplier for supplier in app.suppliers.values() if supplier.protocol == "email"]
        self._by_address = {recipient(supplier): supplier for supplier in own}
        self._by_user = {supplier.client_id: supplier for supplier in own}
        self._mailbox: Mailbox | None = None

    # -- the mail server ----------------------------------------------------------------------------------
    def bind(self, host: str, port: int) -> None:
        self._mailbox = Mailbox(self, host, port + MAIL_PORT)

    def start(self) -> None:
        if self._mailbox:
            self._mailbox.start()

    def stop(self) -> None:
        if self._mailbox:
            self._mailbox.stop()
            self._mailbox = None

    @staticmethod
    def account_settings(supplier: SandboxSupplier, origin: str) -> dict[str, str]:
        parts = urlsplit(origin)
        return {
            "recipient": recipient(supplier),
            "recipient_name": supplier.name,
            "customer_number": supplier.customer_id,
            "sender": "purchasing@buyer.example",
            "sender_name": "Sample Buyer",
            "host": parts.hostname or "127.0.0.1",
            "port": str((parts.port or 80) + MAIL_PORT),
            "tls": "none",
            "attach": "pdf, csv, ubl",
            "buyer_id": "9999:buyer",
            "buyer_name": "Sample Buyer",
            "seller_id": f"9999:{supplier.code}",
            "seller_name": supplier.name,
            "seller_country": "GB",
        }

    @staticmethod
    def account_credentials(supplier: SandboxSupplier) -> dict[str, str]:
        return {"user": supplier.client_id, "password": supplier.client_secret}

    def recognise(self, request: Request) -> Call | Response | None:
        return None  # nothing of it is HTTP

    def knows(self, user: str, password: str) -> bool:
        supplier = self._by_user.get(user)
        if supplier is None or Kind.TOKEN_EXPIRED in self.app.faults.take(supplier.code, "sign_in"):
            return False
        return hmac.compare_digest(password.encode(), supplier.client_secret.encode())

    def supplier_at(self, address: str) -> SandboxSupplier | None:
        return self._by_address.get(address.lower())

    def note(self, supplier: SandboxSupplier, content: bytes, why: str, *, effect: bool = False) -> None:
        try:
            reference = letter_read(content).reference
        except BadLetter:
            reference = ""
        self.app.ledger.receipt_add(
            supplier=supplier.code,
            reference=reference,
            body=content.decode("utf-8", "replace"),
            effect=effect,
            answer=why,
        )

    def take(self, supplier: SandboxSupplier, content: bytes, struck: Struck) -> str:
        """Somebody reads the letter. The reply of the mail server."""
        if reference := cancelled_in(content):
            self._cancel(supplier, reference)
            self.app.ledger.receipt_add(
                supplier=supplier.code,
                reference=reference,
                body=content.decode("utf-8", "replace"),
                effect=False,
                answer="250, cancellation",
            )
            return "250 2.0.0 Taken"
        try:
            letter = letter_read(content)
        except BadLetter as error:
            self.note(supplier, content, "554")
            return f"554 5.6.0 {error}"
        ledger = self.app.ledger
        if letter.is_change:
            for order in ledger.orders_find(supplier.code, letter.reference):
                self._change(supplier, order, letter)
            self.note(supplier, content, "250, changed")
            return "250 2.0.0 Taken"
        with ledger.transaction():
            seen = ledger.orders_find(supplier.code, letter.reference)
            if seen and Kind.NO_DUPLICATE_CHECK not in struck:
                self.note(supplier, content, "250, seen before")  # whoever reads it knows the number
                return "250 2.0.0 Taken"
            try:
                order = place(supplier, letter.reference, letter.items, ledger, struck)
                if letter.link:
                    self.schedule_answers(supplier, order, address=letter.link)
            except Refused as refusal:
                self._decline(supplier, letter, str(refusal))
            self.note(supplier, content, "250", effect=True)
        return "250 2.0.0 Taken"

    def _change(self, supplier: SandboxSupplier, order: PlacedOrder, letter: Letter) -> None:
        """From now on the person has the new quantities in mind."""
        quantities = {item.supplier_product_id: item.quantity for item in letter.items}
        lines = tuple(
            replace(line, quantity=quantities.get(line.supplier_product_id, line.quantity))
            for line in order.lines
        )
        self.app.ledger.order_change(order.id, lines)
        with self.app.ledger.transaction():
            self.schedule_answers(supplier, replace(order, lines=lines), address=letter.link)

    def _cancel(self, supplier: SandboxSupplier, reference: str) -> None:
        """The person means to decline the order on its page, if it has not answered there before."""
        for order in self.app.ledger.orders_find(supplier.code, reference):
            address = self.app.ledger.callbacks_address(order.id)
            if not address or not self.app.ledger.callbacks_withdraw(order.id):
                continue  # answered by then: people have to talk
            answer = Answer("rejected", note="Cancelled as you asked.")
            self.app.ledger.callback_add(
                supplier=supplier.code,
                order_id=order.id,
                message_id=self.callback_id(order, answer),
                body=self.callback_body(supplier, order, answer).decode(),
                due_at=datetime.now(UTC),
                address=address,
            )
            self.app.said_something.set()

    def _decline(self, supplier: SandboxSupplier, letter: Letter, why: str) -> None:
        """The letter has arrived; the answer to it will be no."""
        order = self.app.ledger.order_add(
            supplier=supplier.code,
            reference=letter.reference,
            number=f"SO-{letter.reference}",
            currency=supplier.currency,
            total=Decimal(0),
            delivery_fee=Decimal(0),
            lines=(),
            unavailable=tuple(item.supplier_product_id for item in letter.items),
        )
        if letter.link:
            answer = Answer("rejected", note=why)
            self.app.ledger.callback_add(
                supplier=supplier.code,
                order_id=order.id,
                message_id=self.callback_id(order, answer),
                body=self.callback_body(supplier, order, answer).decode(),
                due_at=datetime.now(UTC) + timedelta(seconds=self.app.timing.confirm_after),
                address=letter.link,
            )
            self.app.said_something.set()

    # -- the person at the page ---------------------------------------------------------------------------
    def callback_body(self, supplier: SandboxSupplier, order: PlacedOrder, answer: Answer) -> bytes:
        """What the person has in mind; it goes into the page's fields when it is time."""
        return dumps(
            {
                "kind": answer.kind,
                "order": order.number,
                "note": answer.note,
                "part": answer.part,
                "lines": [
                    {
                        "code": line.supplier_product_id,
                        "quantity": line.quantity,
                        "price": line.unit_price,
                        "date": line.expected_delivery and line.expected_delivery.isoformat(),
                        "note": line.note,
                    }
                    for line in answer.lines
                ],
            }
        )

    def deliver(self, session: requests.Session, url: str, callback: SignedCallback) -> requests.Response:
        """Open the page, fill in, send. Raises `NotYet` where the page does not ask for it yet."""
        response = session.get(url, timeout=WAIT)
        if response.status_code != 200:
            return response
        said = json.loads(callback.body, parse_float=Decimal, parse_int=Decimal)
        page = page_read(response.text)
        fields = _despatch(page, said) if said["kind"] == "shipped" else _answer(page, said)
        if fields is None:
            return response  # it has been said before
        return session.post(urljoin(url, page.action), data=fields, timeout=WAIT)


def recipient(supplier: SandboxSupplier) -> str:
    return f"orders@{supplier.code.lower()}.example"


def _answer(page: Page, said: Mapping[str, Any]) -> dict[str, str] | None:
    if page.state != "open":
        return None
    fields = dict(page.fields)
    if said["kind"] == "rejected":
        return fields | {"action": "reject", "reason": "other", "why": said["note"]}
    fields |= {"action": "answer", "supplier_reference": said["order"], "note": said["note"]}
    for number, line in _by_line(page, said["lines"]):
        if not line["quantity"]:
            fields |= {f"answer-{number}": "no", f"note-{number}": line["note"]}
            continue
        fields |= {f"quantity-{number}": _figure(line["quantity"]), f"note-{number}": line["note"]}
        if line["price"] is not None:
            fields[f"price-{number}"] = _figure(line["price"])
        if line["date"]:
            fields[f"date-{number}"] = line["date"]
    return fields


def _despatch(page: Page, said: Mapping[str, Any]) -> dict[str, str] | None:
    despatch = f"{said['order']}/{said['part']}"
    if page.state == "shipped" or despatch in page.despatches:
        return None
    if page.state != "answered":
        raise NotYet("The page asks for an answer first.")
    fields = {name: "" if name.startswith("quantity-") else value for name, value in page.fields.items()}
    for number, line in _by_line(page, said["lines"]):
        fields[f"quantity-{number}"] = _figure(line["quantity"])
    tracking = "".join(letter for letter in despatch if letter.isalnum())
    return fields | {
        "action": "shipped",
        "despatch": despatch,
        "carrier": "Sandbox Carriers",
        "tracking": tracking,
    }


def _by_line(page: Page, lines: list[Any]) -> list[tuple[str, Any]]:
    """Each line with the number it has on the page, found by the supplier's own code."""
    left = list(page.lines)
    found = []
    for line in lines:
        at = next((pair for pair in left if pair[1] == line["code"]), None)
        if at is not None:
            left.remove(at)
            found.append((at[0], line))
    return found


def _figure(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
