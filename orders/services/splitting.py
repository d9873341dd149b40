"""Dividing a line of a draft over several sites, for suppliers that deliver one order to more than one."""

from collections.abc import Mapping
from decimal import Decimal

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from orders.exceptions import InvalidInput
from orders.models import LineShare, PurchaseOrder, PurchaseOrderLine, Site
from orders.services.documents import site_address
from orders.services.editing import draft_claim, draft_edited
from orders.state import record
from suppliers.connectors.base import Capability
from suppliers.exceptions import ConnectorConfigurationError
from suppliers.packing import plain
from suppliers.services.connections import connector_for


def sites_offered(order: PurchaseOrder) -> list[Site]:
    """Where the supplier can deliver a part of the order: its own site first, no customer's place. Empty: nowhere."""
    if order.site.of_customer:
        return []
    try:
        connector = connector_for(order.supplier)
        if Capability.SEVERAL_SITES not in connector.capabilities:
            return []
        sites = Site.objects.filter(of_customer=False).order_by("code")
        known = [site for site in sites if connector.delivers_to(site_address(site))]
    except ConnectorConfigurationError:
        return []
    return sorted(known, key=lambda site: site.pk != order.site_id)


@transaction.atomic
def line_split(
    *,
    order: PurchaseOrder,
    line: PurchaseOrderLine,
    quantities: Mapping[int, Decimal],
    by: AbstractBaseUser,
    version: int,
    via: str,
) -> str:
    """Set what each site gets, by site pk; all to the order's own site ends the split. What is so now, in words."""
    draft_claim(order, version=version)
    wanted = {pk: quantity for pk, quantity in quantities.items() if quantity}
    before = {share.site_id: share.quantity for share in line.shares.all()}
    if wanted == {order.site_id: line.quantity}:
        wanted = {}
    sites = [site for site in sites_offered(order) if site.pk in wanted]
    if len(sites) != len(wanted):
        raise InvalidInput(
            f"{order.supplier.name} does not deliver a part of an order to every site named. Reload the page.",
            field="sites",
        )
    for site in sites:
        _check(line, site, wanted[site.pk])
    if wanted:
        _check_sum(line, sum(wanted.values(), Decimal(0)))
    told = " · ".join(f"{plain(wanted[site.pk])} to {site.name}" for site in sites)
    told = told or f"all {plain(line.quantity)} to {order.site.name}"
    if wanted == before:
        return told
    line.shares.all().delete()
    LineShare.objects.bulk_create(LineShare(line=line, site=site, quantity=wanted[site.pk]) for site in sites)
    draft_edited(order, by=by, via=via, reason="A line was divided over the sites anew.")
    where = f"Line {line.line_number}, {line.description}"
    record(order, "line_split", by=by, via=via, text=f"{where}: {told}.")
    return told


def _check(line: PurchaseOrderLine, site: Site, quantity: Decimal) -> None:
    field = f"site-{line.pk}-{site.pk}"
    if not quantity.is_finite() or not 0 < quantity <= line.quantity:
        raise InvalidInput(f"{site.name}: write a number from 0 to {plain(line.quantity)}.", field=field)
    pack = line.supplier_product.pack_size
    # A line that is no whole number of packs itself cannot be divided into them.
    if line.quantity % pack == 0 and quantity % pack:
        raise InvalidInput(
            f"{site.name}: {plain(quantity)} is no multiple of the pack of {plain(pack)}.", field=field
        )


def _check_sum(line: PurchaseOrderLine, given: Decimal) -> None:
    off = line.quantity - given
    if off:
        how = f"{plain(off)} missing" if off > 0 else f"{plain(-off)} too much"
        raise InvalidInput(f"The sites get {plain(given)} of {plain(line.quantity)}: {how}.", field="sites")
