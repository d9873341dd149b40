"""Rows to messages: what is sent to a supplier."""

from dataclasses import replace
from decimal import Decimal

from django.db.models import Max

from orders.allotment import allotted
from orders.models import Amendment, PurchaseOrder, PurchaseOrderLine, Site
from orders.services.answer_links import answer_link
from suppliers.connectors.base import Capability, Connector
from suppliers.exceptions import ConnectorConfigurationError
from suppliers.messages import Address, Order, OrderLine, Share


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
    wanted = {one.line.line_number: one for one in amendment.lines.select_related("line__supplier_product")}
    lines = tuple(
        replace(
            line,
            quantity=wanted[line.line_number].quantity,
            unit_price=wanted[line.line_number].unit_price,
            shares=_shares(wanted[line.line_number].line, wanted[line.line_number].quantity),
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
        deliver_to=site_address(site),
        buyer=site_address(site.billed_to) if site.billed_to else None,
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
                shares=_shares(line, line.quantity),
            )
            for line in order.lines.select_related("product", "supplier_product")
            .prefetch_related("shares__site")
            .order_by("line_number")
        ),
    )


def sites_checked(message: Order, connector: Connector) -> Order:
    """The message itself. An account that has come to know one site only must not have all delivered there."""
    if any(line.shares for line in message.lines) and Capability.SEVERAL_SITES not in connector.capabilities:
        raise ConnectorConfigurationError(
            f"{message.number} is for several sites, and {connector.config.supplier_name} delivers an order to one. "
            "End the split of its lines, or mend the supplier's account."
        )
    return message


def _shares(line: PurchaseOrderLine, quantity: Decimal) -> tuple[Share, ...]:
    rows = list(line.shares.all())
    if not rows:
        return ()
    parts = allotted([row.quantity for row in rows], quantity, pack=line.supplier_product.pack_size)
    return tuple(
        Share(place=site_address(row.site), quantity=part)
        for row, part in zip(rows, parts, strict=True)
        if part
    )


def site_address(site: Site) -> Address:
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
