"""A draft with a supplier that delivers one order to several sites, and its lines divided."""

from decimal import Decimal

from orders.models import PurchaseOrder, PurchaseOrderLine, Site
from orders.services.splitting import line_split
from suppliers.models import Supplier
from tests import factories

PLACES = "main=WRH:1, north=SHOP:2, south=SHOP:3"
SETTINGS = {
    "save_purchase_url": "http://127.0.0.1:9/purchases",
    "branch_code": "2",
    "buyer_code": "2",
    "supplier_code": "S1",
    "tax_rate": "20",
    "markup_percent": "60",
    "callback_url": "https://orders.example.com/callbacks/s/",
}


def north() -> Site:
    return factories.site(code="north", name="North")


def several_sites(supplier: Supplier, places: str = PLACES) -> Supplier:
    """The account names the places."""
    supplier.account.settings |= {"places": places}
    supplier.account.save()
    return supplier


def supplier_of_several() -> Supplier:
    supplier = factories.supplier(protocol="fourws")
    supplier.account.settings = dict(SETTINGS)
    supplier.account.credentials.create(name="api_token", value="token")
    supplier.account.credentials.create(name="callback_secret", value="0123456789abcdefghijklmnop-secret")
    return several_sites(supplier)


def draft(*, pack: int = 6, quantity: int = 60, status: str = "draft", **values: object) -> PurchaseOrder:
    """One line of 60 in packs of 6, at a price of 2.50, and a second site."""
    north()
    supplier = supplier_of_several()
    order = factories.order(supplier, lines=0, status=status)
    offer = factories.offer(supplier, pack_size=Decimal(pack))
    factories.line(order, offer, quantity=Decimal(quantity), **values)
    return order


def divide(order: PurchaseOrder, *, by=None, line_number: int = 1, **parts: int) -> str:
    """`main=36, north=24`: by site code."""
    codes = {site.code: site.pk for site in Site.objects.all()}
    line = order.lines.select_related("supplier_product").get(line_number=line_number)
    order.refresh_from_db()
    return line_split(
        order=order, line=line, by=by or factories.user(), version=order.version, via="test",
        quantities={codes[code]: Decimal(n) for code, n in parts.items()},
    )  # fmt: skip


def shares_of(line: PurchaseOrderLine) -> list[tuple[str, Decimal]]:
    return list(line.shares.values_list("site__code", "quantity"))
