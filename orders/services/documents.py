"""Rows to messages: what is sent to a supplier."""

from dataclasses import replace

from django.db.models import Max

from orders.models import Amendment, PurchaseOrder, Site
from orders.services.answer_links import answer_link
from suppliers.messages import Address, Order, OrderLine


def order_version(order: PurchaseOrder) -> int:
    """The newest version that the supplier has taken."""
    taken = (Amendment.Status.ASKED, Amendment.Status.AGREED)
    changes = order.amendments.filter(kind=Amendment.Kind.CHANGE, status__in=taken)
    return changes.aggregate(last=Max("number"))["last"] or 1


def amendment_message(amendment: Amendment) -> Order:
    """The order that an amendment speaks of."""
    order = amendment.order
    message, follows = order_message(order), order_version(order)
    if amendment.kind == Amendment.Kind.CANCEL:
        return replace(message, version=amendment.number - 1, follows=follows)
    wanted = {one.line.line_number: one for one in amendment.lines.select_related("line")}
    lines = tuple(
        replace(
            line, quantity=wanted[line.line_number].quantity, unit_price=wanted[line.line_number].unit_price
        )
        if line.line_number in wanted
        else line
        for line in message.lines
    )
    note = " ".join(part for part in (amendment.reason, message.note) if part)
    return replace(message, version=amendment.number, follows=follows, lines=lines, note=note)


def order_message(order: PurchaseOrder) -> Order:
    site = order.site
    return Order(
        buyer_reference=order.buyer_reference,
        number=order.number,
        currency=order.currency,
        deliver_to=_address(site),
        buyer=_address(site.billed_to) if site.billed_to else None,
        dropship=site.of_customer,
        requested_date=order.requested_date,
        note=order.note,
        issued_at=order.created_at,
        version=order_version(order),
        answer_url=answer_link(order),
        lines=tuple(
            OrderLine(
                line_number=line.line_number,
                sku=line.product.sku,
                supplier_sku=line.supplier_sku,
                external_id=line.supplier_product.external_id,
                description=line.description,
                quantity=line.quantity,
                unit=line.unit,
                unit_price=line.unit_price,
                requested_date=line.requested_date,
                barcode=line.product.barcode,
            )
            for line in order.lines.select_related("product", "supplier_product").order_by("line_number")
        ),
    )


def _address(site: Site) -> Address:
    return Address(
        name=site.name,
        code=site.code,
        line1=site.address_line1,
        line2=site.address_line2,
        city=site.city,
        region=site.region,
        postcode=site.postcode,
        country=site.country,
        contact=site.contact,
        email=site.email,
        phone=site.phone,
    )
