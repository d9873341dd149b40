"""The order as a page to print. Its fonts come with reportlab and go into the file, so every reader shows it alike."""

import io
import unicodedata
from functools import cache

from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import getFont, registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from suppliers.connectors.email import wording
from suppliers.messages import Order

INK, GREY, RULE = HexColor("#18212c"), HexColor("#566270"), HexColor("#c9d0d8")
MARGIN = 18 * mm
WIDTHS = (12 * mm, 78 * mm, 28 * mm, 28 * mm, 28 * mm)
QR_SIZE = 30 * mm


@cache
def _fonts() -> frozenset[int]:
    """Registered once; the characters that they have."""
    registerFont(TTFont("Vera", "Vera.ttf"))
    registerFont(TTFont("VeraBd", "VeraBd.ttf"))
    return frozenset(getFont("Vera").face.charToGlyph)


def _p(
    text: str, *, bold: bool = False, size: float = 9, grey: bool = False, right: bool = False
) -> Paragraph:
    style = ParagraphStyle(
        "text",
        fontName="VeraBd" if bold else "Vera",
        fontSize=size,
        leading=size * 1.4,
        textColor=GREY if grey else INK,
        alignment=2 if right else 0,
        splitLongWords=True,
    )
    return Paragraph(_escaped(text), style)


def _escaped(text: str) -> str:
    known = _fonts()
    shown = "".join(letter if ord(letter) in known or letter == "\n" else _plainer(letter) for letter in text)
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", "<br/>")


def _plainer(letter: str) -> str:
    """A letter that the font lacks, without its accents; the mail itself and the table have it as it is."""
    base = unicodedata.normalize("NFKD", letter)[0]
    return base if ord(base) in _fonts() else "?"


def order_pdf(order: Order, *, sender_name: str, customer_number: str) -> bytes:
    _fonts()
    parts: list[Flowable] = [_p(f"Purchase order {order.number}", bold=True, size=17), Spacer(1, 5 * mm)]
    parts += [_facts(order, sender_name, customer_number), Spacer(1, 7 * mm), _lines(order)]
    if order.note:
        parts += [Spacer(1, 5 * mm), _p("Note", bold=True), _p(order.note)]
    if order.answer_url:
        parts += [Spacer(1, 8 * mm), _answer(order.answer_url)]
    file = io.BytesIO()
    page = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=f"Purchase order {order.number}",
        author=sender_name,
        invariant=1,  # the same order gives the same bytes
    )
    page.build(parts)
    return file.getvalue()


def _facts(order: Order, sender_name: str, customer_number: str) -> Table:
    facts = wording.facts(order, customer_number)
    if sender_name and not order.buyer:
        facts.insert(1, ("Ordered by", sender_name))
    rows = [[_p(label, grey=True), _p(value)] for label, value in facts]
    style = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]
    style += [("TOPPADDING", (0, 0), (-1, -1), 1), ("BOTTOMPADDING", (0, 0), (-1, -1), 1)]
    return Table(rows, colWidths=[45 * mm, 129 * mm], style=TableStyle(style), hAlign="LEFT")


def _lines(order: Order) -> Table:
    heads = ("Line", "Article", "Quantity", f"Price {order.currency}", f"Total {order.currency}")
    rows = [[_p(head, grey=True, right=at > 1) for at, head in enumerate(heads)]]
    for line in order.lines:
        small = f"your code {line.supplier_sku}, ours {line.sku}"
        if not wording.wanted_by(order) and line.requested_date:
            small += f"; by {wording.day(line.requested_date)}"
        if line.note:
            small += f"; {wording.one_line(line.note)}"
        total = wording.line_total(line)
        rows.append(
            [
                _p(str(line.line_number)),
                [_p(line.description), _p(small, size=7.5, grey=True)],
                _p(wording.quantity(line), right=True),
                _p(wording.price(line), right=True),
                _p("" if total is None else f"{total:,.2f}", right=True),
            ]
        )
    if goods := wording.total(order):
        rows.append(["", _p("Total", bold=True), "", "", _p(goods.rpartition(" ")[0], bold=True, right=True)])
    style = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LINEBELOW", (0, 0), (-1, -1), 0.5, RULE)]
    return Table(rows, colWidths=WIDTHS, repeatRows=1, style=TableStyle(style), hAlign="LEFT")


def _answer(url: str) -> Table:
    code = QrCodeWidget(url, barLevel="M")
    left, bottom, right, top = code.getBounds()
    picture = Drawing(
        QR_SIZE, QR_SIZE, transform=[QR_SIZE / (right - left), 0, 0, QR_SIZE / (top - bottom), 0, 0]
    )
    picture.add(code)
    address = ParagraphStyle(
        "link", fontName="Vera", fontSize=7.5, leading=10.5, textColor=HexColor("#2f50c8")
    )
    shown = _escaped(url)
    words = [
        _p("Answer this order", bold=True, size=10),
        _p("Without an account, on the computer or with the phone:"),
        Paragraph(f'<link href="{shown}">{shown}</link>', address),
    ]
    style = TableStyle([("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("LEFTPADDING", (0, 0), (0, 0), 0)])
    return Table([[picture, words]], colWidths=[QR_SIZE + 4 * mm, 136 * mm], style=style, hAlign="LEFT")
