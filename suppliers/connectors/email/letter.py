"""The mail to the account manager: one clear message as text and HTML, with the order attached."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address as MailAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from suppliers.connectors.email import wording
from suppliers.connectors.redaction import STARS
from suppliers.messages import Order

POLICY = SMTP.clone(cte_type="7bit")  # not every server on the way takes more
UNREAD = ("Date", "Content-Type", "MIME-Version")
CELL = 'style="padding:8px 10px;border-bottom:1px solid #d5dae1;text-align:left;vertical-align:top"'
RIGHT = CELL.replace("text-align:left", "text-align:right;white-space:nowrap")
BUTTON = (
    "display:inline-block;padding:14px 22px;border-radius:8px;background:#2f50c8;color:#ffffff;"
    "font-weight:bold;text-decoration:none"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    name: str
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """Who writes to whom."""

    sender: str
    sender_name: str
    reply_to: str
    recipients: tuple[str, ...]
    recipient_name: str
    customer_number: str


@dataclass(frozen=True, slots=True)
class Letter:
    mail_id: str
    message: EmailMessage
    attached: list[Attachment]

    def readable(self, secret: str) -> bytes:
        """As a person reads it, the same for the same order: without the time, and with `secret` blanked."""
        heads = [f"{name}: {value}" for name, value in self.message.items() if name not in UNREAD]
        body = self.message.get_body(("plain",))
        shown = ["\n".join(heads), body.get_content() if body else ""]
        for one in self.attached:
            digest = hashlib.sha256(one.body).hexdigest()
            content = "" if one.content_type == "application/pdf" else one.body.decode("utf-8-sig")
            shown.append(f"-- {one.name}, {len(one.body)} bytes, sha256 {digest}\n{content}")
        text = "\n\n".join(shown)
        return (text.replace(secret, STARS) if secret else text).encode()


def compose(
    order: Order, head: Letterhead, mail_id: str, first_id: str, attached: list[Attachment]
) -> Letter:
    message = _addressed(order, head, mail_id, first_id)
    message["Subject"] = subject(order, head)
    message.set_content(text(order, head, attached))
    message.add_alternative(html(order, head, attached), subtype="html")
    for one in attached:
        kind, _, subtype = one.content_type.partition("/")
        message.add_attachment(one.body, maintype=kind, subtype=subtype, filename=one.name)
    return Letter(mail_id, message, attached)


def _addressed(order: Order, head: Letterhead, mail_id: str, first_id: str) -> EmailMessage:
    """`first_id`: of the letter that this one reminds of or takes back."""
    message = EmailMessage(policy=POLICY)
    message["Message-ID"] = mail_id
    if mail_id != first_id:
        message["In-Reply-To"] = message["References"] = first_id
    message["Date"] = format_datetime(datetime.now(UTC))
    message["From"] = MailAddress(wording.one_line(head.sender_name), addr_spec=head.sender)
    message["To"] = [MailAddress(addr_spec=recipient) for recipient in head.recipients]
    if head.reply_to:
        message["Reply-To"] = MailAddress(addr_spec=head.reply_to)
    message["X-Order-Reference"] = wording.one_line(order.buyer_reference)
    message["X-Auto-Response-Suppress"] = "All"  # out-of-office notes answer nothing
    message["Auto-Submitted"] = "auto-generated"
    return message


def compose_cancellation(order: Order, head: Letterhead, mail_id: str, first_id: str, reason: str) -> Letter:
    """The letter that asks to drop an order: short, and with nothing attached that could be taken for an order."""
    message = _addressed(order, head, mail_id, first_id)
    message["Subject"] = wording.one_line(
        f"Please cancel purchase order {order.number} from {_from(order, head)}"
    )
    paragraphs = [
        f"Hello {head.recipient_name}," if head.recipient_name else "Hello,",
        f"please cancel our order {order.number} ({order.buyer_reference}). We do not want it any more: {reason}",
        "If nothing of it has left you yet, please decline the order on this page, or answer this mail. If you have "
        "confirmed it before, or goods are on their way, please answer this mail or telephone us.",
        order.answer_url,
        _from(order, head),
    ]
    said = [part for part in paragraphs if part]
    message.set_content("\n\n".join(said) + "\n")
    shown = "".join(
        f'<p><a href="{escape(part)}">{escape(part)}</a></p>'
        if part == order.answer_url
        else f"<p>{escape(part)}</p>"
        for part in said
    )
    message.add_alternative(
        f'<!doctype html><html lang="en"><body style="font:15px/1.5 Arial,Helvetica,sans-serif">{shown}</body></html>',
        subtype="html",
    )
    return Letter(mail_id, message, [])


def subject(order: Order, head: Letterhead) -> str:
    changed = f", version {order.version}" if order.version > 1 else ""
    reminder = "Reminder: " if order.reminder else ""
    return wording.one_line(f"{reminder}Purchase order {order.number}{changed} from {_from(order, head)}")


def _from(order: Order, head: Letterhead) -> str:
    return head.sender_name or (order.buyer.name if order.buyer else order.deliver_to.name)


def _opening(order: Order, head: Letterhead) -> list[str]:
    hello = f"Hello {head.recipient_name}," if head.recipient_name else "Hello,"
    what = f"{_from(order, head)} orders the following from you."
    if order.reminder:
        what = f"This is a reminder of our order {order.number}, which we have sent you before. It is the same order."
    elif order.version > 1:
        what = (
            f"This is version {order.version} of our order {order.number}. It replaces what we sent before."
        )
    return [hello, what]


def _asking(order: Order) -> str:
    if not order.answer_url:
        return "Please answer this mail with the quantities, prices and dates you confirm."
    return (
        "Please tell us on this page what you can deliver. It needs no account: accept everything at once, or answer "
        "line by line with another quantity, price or date. Later you can tell us there what is packed and shipped."
    )


def _closing(order: Order, head: Letterhead, attached: list[Attachment]) -> list[str]:
    said = []
    if order.answer_url:
        said.append(
            "The page is for this order alone and open to whoever has its address, so please pass it on only to "
            "colleagues. A reply to this mail reaches a person, but changes nothing in the order by itself."
        )
    if attached:
        names = ", ".join(one.name for one in attached)
        said.append(f"The same order is attached: {names}.")
    return [*said, _from(order, head)]


def text(order: Order, head: Letterhead, attached: list[Attachment]) -> str:
    parts = _opening(order, head)
    facts = wording.facts(order, head.customer_number)
    width = max(len(label) for label, _ in facts) + 1
    parts.append("\n".join(f"{label + ':':<{width}} {value}" for label, value in facts))
    parts.append("\n\n".join(_line_text(order, number) for number in range(len(order.lines))))
    if order.note:
        parts.append(f"Note: {order.note}")
    parts.append(_asking(order))
    if order.answer_url:
        parts.append(order.answer_url)
    parts += _closing(order, head, attached)
    return "\n\n".join(parts) + "\n"


def _line_text(order: Order, at: int) -> str:
    line = order.lines[at]
    codes = f"   your code {line.supplier_sku}, ours {line.sku}"
    head = f"{line.line_number}. {wording.one_line(line.description)}"
    said = [head, codes, f"   {wording.quantity(line)} at {wording.price(line)} {order.currency}"]
    if not wording.wanted_by(order) and line.requested_date:
        said.append(f"   wanted by {wording.day(line.requested_date)}")
    if line.note:
        said.append(f"   {wording.one_line(line.note)}")
    return "\n".join(said)


def html(order: Order, head: Letterhead, attached: list[Attachment]) -> str:
    opening = "".join(f"<p>{escape(said)}</p>" for said in _opening(order, head))
    facts = "".join(
        f'<tr><td style="padding:3px 16px 3px 0;color:#707a86;vertical-align:top">{escape(label)}</td>'
        f'<td style="padding:3px 0">{escape(value)}</td></tr>'
        for label, value in wording.facts(order, head.customer_number)
    )
    rows = "".join(_row(order, at) for at in range(len(order.lines)))
    note = f"<p><b>Note:</b> {escape(order.note)}</p>" if order.note else ""
    link = ""
    if order.answer_url:
        address = escape(order.answer_url)
        link = (
            f'<p><a href="{address}" style="{BUTTON}">Answer this order</a></p>'
            f'<p style="color:#707a86;font-size:13px">Or open {address}</p>'
        )
    closing = "".join(f"<p>{escape(said)}</p>" for said in _closing(order, head, attached))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        f"<title>{escape(subject(order, head))}</title></head>"
        '<body style="margin:0;font:15px/1.5 Arial,Helvetica,sans-serif">'
        f'<div style="max-width:640px;margin:0 auto;padding:20px">{opening}'
        f'<table role="presentation" style="border-collapse:collapse;margin:0 0 16px">{facts}</table>'
        '<table style="border-collapse:collapse;width:100%">'
        f"<tr><th {CELL}>Article</th><th {RIGHT}>Quantity</th><th {RIGHT}>Price</th></tr>{rows}</table>"
        f"{note}<p>{escape(_asking(order))}</p>{link}{closing}</div></body></html>"
    )


def _row(order: Order, at: int) -> str:
    line = order.lines[at]
    small = f"{line.line_number} · your code {line.supplier_sku} · ours {line.sku}"
    if not wording.wanted_by(order) and line.requested_date:
        small += f" · by {wording.day(line.requested_date)}"
    if line.note:
        small += f" · {wording.one_line(line.note)}"
    return (
        f'<tr><td {CELL}>{escape(line.description)}<br><span style="color:#707a86;font-size:13px">{escape(small)}'
        f"</span></td><td {RIGHT}>{escape(wording.quantity(line))}</td>"
        f"<td {RIGHT}>{escape(wording.price(line))} {escape(order.currency)}</td></tr>"
    )
