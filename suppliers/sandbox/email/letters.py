"""Reading a letter as somebody at the supplier would: the table that is attached, and the link to answer at."""

import csv
import io
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser

from suppliers.sandbox.trade import Item


class BadLetter(Exception):
    """Nobody can make an order of this letter; the message says why."""


@dataclass(frozen=True, slots=True)
class Letter:
    reference: str
    items: list[Item]
    link: str  # empty: it has none
    is_change: bool = False


def letter_read(content: bytes) -> Letter:
    message = message_from_bytes(content, policy=default)
    tables = [part for part in message.iter_attachments() if part.get_content_type() == "text/csv"]
    if not tables:
        raise BadLetter("There is no table in this letter")
    rows = list(csv.DictReader(io.StringIO(tables[0].get_content().removeprefix("\ufeff"))))
    try:
        items = [Item(row["your_code"], row["unit"], Decimal(row["quantity"])) for row in rows]
        references = {row["reference"] for row in rows}
    except (KeyError, InvalidOperation, TypeError):
        raise BadLetter("The table in this letter cannot be read") from None
    if len(references) != 1:
        raise BadLetter("The table does not name one order")
    is_change = ", version " in str(message["Subject"] or "")
    return Letter(references.pop(), items, _link(message), is_change)


def cancelled_in(content: bytes) -> str:
    """The reference of the order that the letter asks to cancel; empty where it asks for something else."""
    message = message_from_bytes(content, policy=default)
    asks = str(message["Subject"] or "").startswith("Please cancel purchase order ")
    return str(message["X-Order-Reference"] or "") if asks else ""


def _link(message: EmailMessage) -> str:
    body = message.get_body(("html",))
    if body is None:
        return ""
    finder = _Links()
    finder.feed(body.get_content())
    return finder.found


class _Links(HTMLParser):
    """The first link is the one to press."""

    found = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a" and not self.found:
            self.found = dict(attrs).get("href") or ""
