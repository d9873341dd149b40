"""A supplier's product list, matched to our products; then its prices and stock."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeAlias

from django.db import transaction
from django.utils import timezone

from suppliers.connectors.base import Capability
from suppliers.exceptions import ProtocolError
from suppliers.gtin import gtin, in_house
from suppliers.messages import CatalogueItem, UnreadableItem
from suppliers.models import Product, Purpose, Supplier, SupplierAccount, SupplierProduct
from suppliers.services.asking import Progress
from suppliers.services.connections import connection_succeeded, connector_for
from suppliers.services.pace import IN_THE_BACKGROUND, UNTIL_FREE
from suppliers.services.quotes import PriceRefresh, StockRefresh, prices_refresh, stock_refresh

LIST_KEPT = timedelta(days=1)  # product lists change seldom; prices and stock are asked every time
BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmatchedItem:
    """An entry of a supplier's list that is none of our products, as far as anybody knows."""

    item: CatalogueItem
    words: str
    product: Product | None = None  # where only the unit is another one
    candidates: tuple[Product, ...] = ()  # where it could be several


Keeper: TypeAlias = Callable[[Supplier, Sequence[UnmatchedItem]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListChanges:
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    unmatched: tuple[str, ...] = ()  # a sentence each: what they sell and we do not know, or cannot read


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueSync:
    """What a sync did. `listed` is None where the product list of less than a day ago was used again."""

    listed: ListChanges | None
    prices: PriceRefresh | None  # None: the protocol has no price questions
    stock: StockRefresh | None

    @property
    def added(self) -> int:
        return self.listed.added if self.listed else 0

    @property
    def changed(self) -> int:
        return self.listed.changed if self.listed else 0

    @property
    def withdrawn(self) -> int:
        return self.listed.withdrawn if self.listed else 0

    @property
    def unmatched(self) -> tuple[str, ...]:
        return self.listed.unmatched if self.listed else ()

    @property
    def out_of_time(self) -> bool:
        return bool(self.prices and self.prices.out_of_time) or bool(self.stock and self.stock.out_of_time)

    @property
    def problems(self) -> tuple[str, ...]:
        return (self.prices.problems if self.prices else ()) + (self.stock.problems if self.stock else ())


def catalogue_sync(
    *,
    supplier: Supplier,
    progress: Progress | None = None,
    force: bool = False,
    only_unknown: bool = False,
    until: float | None = None,
    keep: Keeper = lambda supplier, unmatched: None,
) -> CatalogueSync:
    """`force` fetches the product list even if it was fetched today; `only_unknown`: prices and stock are asked of what
    was never asked before, until that moment of the monotonic clock. `keep` is told what of the list is unmatched, in
    the transaction that writes it. Needs the network; raises `ConnectorError`.
    """
    patience = UNTIL_FREE if until is None else IN_THE_BACKGROUND
    connector = connector_for(supplier, patience=patience, purpose=Purpose.CATALOGUE)
    can = connector.capabilities
    listed = None
    if Capability.CATALOGUE in can and (force or _list_due(supplier)):
        with connector:
            items = list(connector.fetch_catalogue())
        listed = _list_write(supplier, items, keep)
    offers = list(SupplierProduct.objects.filter(supplier=supplier, active=True).order_by("pk"))
    prices = stock = None
    if Capability.STOCK in can:  # before the prices, which are asked up to the stock
        untold = [offer for offer in offers if not only_unknown or offer.stock_as_of is None]
        stock = stock_refresh(supplier=supplier, offers=untold, progress=progress, until=until)
    if Capability.QUOTATION in can:
        unasked = [offer for offer in offers if not only_unknown or offer.prices_checked_at is None]
        prices = prices_refresh(supplier=supplier, offers=unasked, progress=progress, until=until)
    connection_succeeded(supplier)
    return CatalogueSync(listed=listed, prices=prices, stock=stock)


def _list_due(supplier: Supplier) -> bool:
    fetched_at = SupplierAccount.objects.values_list("catalogue_fetched_at", flat=True).get(supplier=supplier)
    return fetched_at is None or timezone.now() - fetched_at >= LIST_KEPT


@transaction.atomic
def _list_write(
    supplier: Supplier,
    items: Sequence[CatalogueItem | UnreadableItem],
    keep: Keeper = lambda supplier, unmatched: None,
) -> ListChanges:
    account = SupplierAccount.objects.select_for_update().get(supplier=supplier)
    known = {offer.supplier_sku: offer for offer in SupplierProduct.objects.filter(supplier=supplier)}
    if not items and any(offer.active for offer in known.values()):
        raise ProtocolError(f"{supplier.name} sent an empty product list. Nothing was changed.")
    matched, problems, unmatched = _matched(items, known)
    keep(supplier, unmatched)
    added: list[SupplierProduct] = []
    changed: list[SupplierProduct] = []
    for item, product in matched:
        offer = known.get(item.supplier_sku) or SupplierProduct(
            supplier=supplier, supplier_sku=item.supplier_sku
        )
        values = _as_listed(offer, item, product)
        if offer.pk and all(getattr(offer, name) == value for name, value in values.items()):
            continue
        for name, value in values.items():
            setattr(offer, name, value)
        (changed if offer.pk else added).append(offer)
    listed = {item.supplier_sku for item in items}
    # An entry without a readable code could be any of ours: nothing is taken for withdrawn then.
    missing = (
        [] if "" in listed else [offer for sku, offer in known.items() if sku not in listed and offer.active]
    )
    SupplierProduct.objects.bulk_create(added, batch_size=BATCH)
    SupplierProduct.objects.bulk_update(changed, _FIELDS, batch_size=BATCH)
    SupplierProduct.objects.filter(pk__in=[offer.pk for offer in missing]).update(active=False)
    account.catalogue_fetched_at = timezone.now()
    account.save(update_fields=["catalogue_fetched_at"])
    return ListChanges(
        added=len(added),
        changed=len(changed),
        unchanged=len(matched) - len(added) - len(changed),
        withdrawn=len(missing),
        unmatched=tuple(problems),
    )


def _matched(
    items: Sequence[CatalogueItem | UnreadableItem], known: Mapping[str, SupplierProduct]
) -> tuple[list[tuple[CatalogueItem, Product]], list[str], list[UnmatchedItem]]:
    """What we know of the list, a sentence for each entry that we do not, and those that somebody could match."""
    matcher = _Matcher([item for item in items if isinstance(item, CatalogueItem)], known)
    matched: list[tuple[CatalogueItem, Product]] = []
    problems: list[str] = []
    unmatched: list[UnmatchedItem] = []
    seen: set[str] = set()
    for item in items:
        if isinstance(item, UnreadableItem):
            problems.append(item.problem)
        elif isinstance(found := matcher.product(item), UnmatchedItem):
            problems.append(found.words)
            unmatched += [found] if item.supplier_sku not in seen else []
        elif item.supplier_sku in seen:
            problems.append(f"{item.supplier_sku} is listed twice; the first entry counts.")
        else:
            matched.append((item, found))
        seen.add(item.supplier_sku)
    return matched, problems, unmatched


_FIELDS = ["product", "external_id", "pack_size", "minimum_quantity", "active"]


def _as_listed(offer: SupplierProduct, item: CatalogueItem, product: Product) -> dict[str, Any]:
    """The offer's values after this list. What the list does not tell stays: a person may have entered it."""
    return {
        "product_id": product.pk,
        "external_id": item.external_id,
        "pack_size": item.pack_size or offer.pack_size,
        "minimum_quantity": item.minimum_quantity or offer.minimum_quantity,
        "active": offer.replaced_by_id is None,  # a corrected code stays corrected, listed or not
    }


class _Matcher:
    """Our product for their entry: by our code where they know it, as matched before, or by barcode."""

    def __init__(self, items: Sequence[CatalogueItem], known: Mapping[str, SupplierProduct]) -> None:
        self._known = known
        skus = {item.buyer_sku for item in items if item.buyer_sku}
        barcodes = {_barcode(item.barcode) for item in items if item.barcode}
        pks = {offer.product_id for offer in known.values()}
        self._by_sku: dict[str, Product] = {}
        self._by_barcode: dict[str, list[Product]] = {}
        self._by_pk: dict[int, Product] = {}
        for product in Product.objects.iterator():
            if product.sku in skus:
                self._by_sku[product.sku] = product
            if product.barcode and (barcode := _barcode(product.barcode)) in barcodes:
                self._by_barcode.setdefault(barcode, []).append(product)
            if product.pk in pks:
                self._by_pk[product.pk] = product

    def product(self, item: CatalogueItem) -> Product | UnmatchedItem:
        product = self._by_sku.get(item.buyer_sku)
        if product is None and item.supplier_sku in self._known:
            product = self._by_pk[self._known[item.supplier_sku].product_id]
        if product is None:
            same = self._by_barcode.get(_barcode(item.barcode), [])
            if len(same) > 1:
                named = " and ".join(one.sku for one in same[:3])
                words = f"{item.supplier_sku}: several products have the barcode {item.barcode}: {named}."
                return UnmatchedItem(item=item, words=words, candidates=tuple(same))
            if same and in_house(gtin(item.barcode)):
                words = (
                    f"{item.supplier_sku}: its barcode {item.barcode} is {same[0].sku}'s, too, but such numbers are"
                    " given within a company, and another one's may be of something else."
                )
                return UnmatchedItem(item=item, words=words, candidates=tuple(same))
            product = same[0] if same else None
        if product is None:
            return UnmatchedItem(item=item, words=f"{item.supplier_sku} {item.name} is none of our products.")
        if product.unit != item.unit:
            words = (
                f"{item.supplier_sku} is sold in {item.unit}, but {product.sku} is kept in {product.unit}."
            )
            return UnmatchedItem(item=item, words=words, product=product)
        return product


def _barcode(text: str) -> str:
    """A GTIN is the same one however many zeros stand before it; what is none is compared as it is written."""
    return gtin(text) or text
