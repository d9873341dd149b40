"""What a ConfirmationRequest means, by its type, its statuses and its prices."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from suppliers.exceptions import ProtocolError
from suppliers.messages import Charge, Decision, RawDocument, Substitute, Unmentioned
from tests.suppliers.cxml_documents import (
    NOTICED,
    REFERENCE,
    confirmation,
    connector,
    document,
    item,
    item_in,
    price,
    status,
)


def read(request, **changes):
    raw = RawDocument(
        message_id="c-1", channel="callback", content_type="", body=document(request, **changes)
    )
    return connector().parse_documents(raw)


def response(request):
    (found,) = read(request)
    return found


def lines(*statuses, kind="detail"):
    return response(confirmation(kind, item(*statuses))).lines


@pytest.mark.parametrize(
    ("kind", "items", "decision", "unmentioned"),
    [
        ("accept", [], Decision.CONFIRMED, Unmentioned.ACCEPTED),
        ("accept", [item(status("accept"))], Decision.CONFIRMED, Unmentioned.ACCEPTED),
        ("except", [item(status("reject"))], Decision.CONFIRMED, Unmentioned.ACCEPTED),
        ("detail", [item(status("detail"))], Decision.CONFIRMED, Unmentioned.OPEN),
        ("allDetail", [item(status("allDetail"))], Decision.CONFIRMED, Unmentioned.OPEN),
        ("replace", [item(status("detail", inside=item_in("X")))], Decision.CONFIRMED, Unmentioned.OPEN),
        ("backordered", [item(status("backordered"))], Decision.CONFIRMED, Unmentioned.OPEN),
        ("backordered", [], Decision.RECEIVED, Unmentioned.OPEN),
        ("reject", [], Decision.REJECTED, Unmentioned.OPEN),
    ],
)
def test_type_says_what_becomes_of_lines_that_are_not_mentioned(kind, items, decision, unmentioned):
    found = response(confirmation(kind, *items, header='confirmID="SO-7"'))
    assert (found.decision, found.unmentioned) == (decision, unmentioned)
    assert (found.buyer_reference, found.supplier_reference, found.corrects) == ("PO-1", "SO-7", "")
    assert found.issued_at.isoformat() == "2026-03-01T12:00:00+00:00"
    assert len(found.lines) == len(items)


def test_statuses_split_the_quantity():
    accepted, later, dated, gone = lines(
        status("accept", "4"),
        status("backordered", "3"),
        status("backordered", "2", deliveryDate="2026-04-01T00:00:00+02:00"),
        status("reject", "1", "<Comments>Sold out.</Comments>"),
    )
    assert [line.quantity for line in (accepted, later, dated, gone)] == [4, 0, 2, 0]
    assert (later.backorder_quantity, dated.backorder_quantity) == (Decimal(3), None)
    assert dated.promised_date == date(2026, 4, 1)
    assert (gone.note, gone.line_number) == ("Sold out.", 1)


@pytest.mark.parametrize(
    "statuses",
    [[status("unknown")], [status("accept", "6"), status("unknown", "4")], [status("accept", "6")]],
)
def test_line_is_open_as_long_as_any_of_it_is_undecided(statuses):
    (line,) = lines(*statuses)
    assert (line.undecided, line.quantity) == (True, None)
    assert "not decided yet" in line.note


def test_day_of_leaving_is_no_promise_of_arrival():
    (line,) = lines(status("detail", shipmentDate="2026-04-01T00:00:00+02:00"))
    assert (line.promised_date, line.note) == (None, "Leaves the supplier on 2026-04-01.")


BASIS = (
    '<PriceBasisQuantity quantity="{n}"{factor}><UnitOfMeasure>{unit}</UnitOfMeasure></PriceBasisQuantity>'
)


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (price("2.50"), "2.5000"),
        (item_in("X", price("2.50")), "2.5000"),
        (item_in("X", price("250") + BASIS.format(n=100, factor="", unit="C62")), "2.5000"),
        (
            item_in("X", price("8") + BASIS.format(n=1, factor=' conversionFactor="0.25"', unit="KGM")),
            "2.0000",
        ),
        (item_in("X", price("10") + BASIS.format(n=3, factor="", unit="C62")), "3.3333"),
        (price("2.50") + BASIS.format(n=10, factor="", unit="C62"), "0.2500"),
        ("", None),
    ],
)
def test_price_is_for_one_of_the_ordered_unit(inside, expected):
    found = response(confirmation("detail", item(status("detail", inside=inside))))
    assert found.lines[0].unit_price == (expected and Decimal(expected))
    assert found.currency == ("GBP" if expected else "")


def test_other_article_is_named():
    (line,) = lines(status("detail", inside=item_in("APLJ-2L")), kind="replace")
    assert line.substitute == Substitute(supplier_sku="APLJ-2L", description="Another")


def test_shipping_is_a_charge_and_comments_are_the_note():
    inside = (
        '<Total><Money currency="GBP">99</Money></Total><Shipping><Money currency="GBP">4.50</Money>'
        '<Description xml:lang="en">Van</Description></Shipping><Comments xml:lang="">Thank you.</Comments>'
    )
    found = response(confirmation("accept", inside=inside))
    assert (found.charges, found.note) == ((Charge(label="Van", amount=Decimal("4.5")),), "Thank you.")


def test_update_names_what_it_corrects():
    earlier = '<DocumentReference payloadID="c-0@s.example"/>'
    assert (
        response(confirmation("accept", header='operation="update"', inside=earlier)).corrects
        == "c-0@s.example"
    )


@pytest.mark.parametrize(
    "reference",
    [
        REFERENCE,
        '<OrderReference orderID="PO-1"/>',
        '<OrderReference orderID="PO-1"><DocumentReference payloadID=""/></OrderReference>',
        '<OrderReference orderID="PO-1"><DocumentReference payloadID="someone-elses"/></OrderReference>',
        '<OrderReference><DocumentReference payloadID="PO-1.3@procurement"/></OrderReference>',
    ],
)
def test_order_is_found_by_its_number_or_by_the_id_of_our_document(reference):
    assert response(confirmation("accept", reference=reference)).buyer_reference == "PO-1"


@pytest.mark.parametrize(
    ("request_xml", "place"),
    [
        (confirmation("requestToPay"), "@type"),
        (confirmation("Accept"), "@type"),
        (confirmation("accept", item(status("reject"))), "@type"),
        (confirmation("backordered", item(status("accept"))), "@type"),
        (confirmation("replace", item(status("detail"))), "does not say with what"),
        (confirmation("reject", item(status("reject"))), "must not have items"),
        (confirmation("except"), "must say which items"),
        (confirmation("detail", item()), "no ConfirmationStatus"),
        (confirmation("detail", item(status("accept", "11"))), "statuses of 11 for 10"),
        (confirmation("detail", item(status("accept")), item(status("accept"))), "line 1 is confirmed twice"),
        (confirmation("detail", item(status("accept", "-1"))), "@quantity"),
        (confirmation("detail", item(status("accept", "NaN"))), "@quantity"),
        (confirmation("detail", item(status("accept", "1e3"))), "@quantity"),
        (confirmation("detail", item(status("accept"), quantity="9" * 40)), "@quantity"),
        (confirmation("detail", item(status("accept"), line="one")), "@lineNumber"),
        (confirmation("detail", item(status("accept"), line="1.5")), "@lineNumber"),
        (confirmation("detail", item(status("accept", deliveryDate="1900-01-01"))), "@deliveryDate"),
        (confirmation("detail", item(status("accept", deliveryDate="soon"))), "@deliveryDate"),
        (confirmation("detail", item(status("detail", inside=price("2,50")))), "Money"),
        (confirmation("detail", item(status("detail", inside=price("2.50", "pounds")))), "@currency"),
        (
            confirmation(
                "detail", item(status("detail", "5", price("2")), status("detail", "5", price("2", "EUR")))
            ),
            "prices are in EUR and in GBP",
        ),
        (
            confirmation(
                "detail",
                item(
                    status(
                        "detail", inside=item_in("X", price("8") + BASIS.format(n=1, factor="", unit="KGM"))
                    )
                ),
            ),
            "@conversionFactor",
        ),
        (
            confirmation(
                "detail",
                item(
                    status(
                        "detail", inside=item_in("X", price("8") + BASIS.format(n=0, factor="", unit="C62"))
                    )
                ),
            ),
            "PriceBasisQuantity/@quantity",
        ),
        (confirmation("detail", item(status("accept").replace("C62", "KGM"))), "the unit of its item"),
        (confirmation("accept", header='operation="update"'), "@payloadID"),
        (confirmation("accept", header='operation="delete"'), "@operation"),
        (confirmation("accept").replace(NOTICED, ""), "@noticeDate"),
        (confirmation("accept").replace("+00:00", ""), "@noticeDate"),
        (confirmation("accept", reference=""), "@orderID"),
        (confirmation("accept", reference=REFERENCE.replace("PO-1.1", "PO-2.1")), "@orderID"),
        ("<InvoiceDetailRequest/>", "InvoiceDetailRequest"),
        ("", "nothing"),
    ],
)
def test_what_the_protocol_does_not_allow_is_refused_with_the_place(request_xml, place):
    with pytest.raises(ProtocolError) as caught:
        read(request_xml)
    assert place in str(caught.value)


def test_status_update_with_good_news_says_that_they_have_it():
    update = '<DocumentReference payloadID="{}"/><Status code="{}" text="OK"/>'
    update = f"<StatusUpdateRequest>{update}</StatusUpdateRequest>"
    found = response(update.format("PO-1.1@procurement", 200))
    assert (found.decision, found.buyer_reference, found.unmentioned) == (
        Decision.RECEIVED, "PO-1", Unmentioned.OPEN,
    )  # fmt: skip
    for bad in (update.format("PO-1.1@procurement", 500), update.format("someone-elses", 200)):
        with pytest.raises(ProtocolError):
            read(bad)


def test_namespace_of_its_own_is_no_cxml():
    body = document(confirmation("accept")).replace(b"<cXML ", b'<cXML xmlns="urn:x" ')
    with pytest.raises(ProtocolError):
        connector().parse_documents(
            replace(RawDocument(message_id="c", channel="callback", content_type="", body=b""), body=body)
        )
