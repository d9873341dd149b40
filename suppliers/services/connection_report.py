"""What of a connection works, in words: each thing an account can do is tried, as far as it has no effect."""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from django.contrib.auth.base_user import AbstractBaseUser

from suppliers.connectors.base import Capability, Connector
from suppliers.connectors.matrix import word
from suppliers.exceptions import CallsUsedUp, ConnectorConfigurationError, ConnectorError
from suppliers.messages import CatalogueItem, QuotationRequest, StockAvailability, UnreadableItem
from suppliers.models import Purpose, Supplier
from suppliers.packing import plain, plain_price
from suppliers.services.connections import callback_address, connection_check, connector_for
from suppliers.services.pace import AT_ONCE

log = logging.getLogger(__name__)
NO_SUCH_ORDER = "CONNECTION-TEST"
PATIENCE = 20.0  # seconds; whoever asked waits for the page
LOOKED_AT = 200  # entries of a product list, to find one that can be read
WITHOUT_TRYING = {
    Capability.PREVIEW: "not tried here; use the live check of a draft",
    Capability.IDEMPOTENT_SUBMIT: "not tried; the account says that a reference never becomes a second order",
    Capability.REPEAT_ANSWERS: "not tried; the account says that a repeated order is answered like the first",
    Capability.CANCEL: "not tried, as that would need an order",
    Capability.CHANGE: "not tried, as that would need an order",
    Capability.POLL: "not tried, as what is fetched is taken; it is done by itself every few minutes",
    Capability.LINK: "goes out with each order",
}


@dataclass(frozen=True, slots=True)
class Ability:
    name: str
    works: bool | None  # None: not tried
    words: str

    def __str__(self) -> str:
        return (
            f"{self.name.capitalize()}: {'' if self.works is not False else 'does not work. '}{self.words}."
        )


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    seen: str
    abilities: tuple[Ability, ...]
    missing: tuple[str, ...]  # what this account cannot do

    @property
    def failed(self) -> tuple[Ability, ...]:
        return tuple(ability for ability in self.abilities if ability.works is False)


def connection_report(*, supplier: Supplier, by: AbstractBaseUser | None) -> ConnectionReport:
    """Prove the credentials, resume a paused supplier, then try each thing by itself. Orders nothing, changes nothing.
    Raises `ConnectorError` where not even the credentials can be proved. Needs the network.
    """
    seen = connection_check(supplier=supplier, by=by)
    with connector_for(supplier, patience=AT_ONCE, purpose=Purpose.PEOPLE) as connector:
        can = [capability for capability in Capability if capability in connector.capabilities]
        trial = _Trial(supplier, connector)
        abilities = tuple(trial.of(capability) for capability in can)
    return ConnectionReport(seen, abilities, tuple(word(c) for c in Capability if c not in can))


class _Trial:
    def __init__(self, supplier: Supplier, connector: Connector) -> None:
        self._supplier = supplier
        self._connector = connector
        self._until = time.monotonic() + PATIENCE
        offer = supplier.products.filter(active=True).order_by("pk").first()
        self._sample: QuotationRequest | None = None
        if offer:
            self._sample = QuotationRequest(
                supplier_sku=offer.supplier_sku,
                external_id=offer.external_id,
                quantity=offer.minimum_quantity,
            )

    def of(self, capability: Capability) -> Ability:
        name = word(capability)
        if capability is Capability.CALLBACK:
            return Ability(name, None, f"the supplier has to send them to {callback_address(self._supplier)}")
        if capability in WITHOUT_TRYING:
            return Ability(name, None, WITHOUT_TRYING[capability])
        if time.monotonic() > self._until:
            return Ability(name, None, "not tried, as the rest took so long")
        try:
            works, words = self._tried(capability)
        except CallsUsedUp as error:
            return Ability(name, None, f"not tried. {error}".rstrip("."))
        except (ConnectorError, ConnectorConfigurationError) as error:
            return Ability(name, False, str(error).rstrip("."))
        except Exception:  # a bug of ours in one thing says nothing of the others
            log.exception("Testing %s of %s broke", capability, self._supplier.code)
            return Ability(name, False, "something broke on our side")
        return Ability(name, works, words)

    def _tried(self, capability: Capability) -> tuple[bool | None, str]:
        match capability:
            case Capability.CATALOGUE:
                return self._catalogue()
            case Capability.QUOTATION:
                return self._prices()
            case Capability.STOCK:
                return self._stock()
            case Capability.LOOKUP:
                if self._connector.find_order(NO_SUCH_ORDER) is None:
                    return True, f"answers, and knows of no order {NO_SUCH_ORDER}, as it should"
                return False, f"finds an order {NO_SUCH_ORDER}, which nobody has placed"
        return None, "not tried"

    def _catalogue(self) -> tuple[bool | None, str]:
        entries = list(islice(self._connector.fetch_catalogue(), LOOKED_AT))
        items = [entry for entry in entries if isinstance(entry, CatalogueItem)]
        if not entries:
            return True, "can be read, and is empty"
        if not items:
            return False, f"none of the first {len(entries)} entries can be understood"
        first = items[0]
        self._sample = QuotationRequest(
            supplier_sku=first.supplier_sku, external_id=first.external_id, quantity=first.least
        )
        unread = len(entries) - len(items)
        return True, f"can be read{f', but for {unread} of {len(entries)} entries' if unread else ''}"

    def _prices(self) -> tuple[bool | None, str]:
        if self._sample is None:
            return None, "not tried, as no product is known to ask for"
        quotation = self._connector.fetch_quotation([self._sample])
        for price in quotation.prices:
            what = f"{plain(price.quantity)} of {price.supplier_sku}"
            return True, f"{what} cost {plain_price(price.unit_price)} {price.currency} each"
        for unreadable in quotation.unreadable:
            return False, unreadable.problem.rstrip(".")
        return True, f"answered; {self._sample.supplier_sku} is not offered to us"

    def _stock(self) -> tuple[bool | None, str]:
        if self._sample is None:
            return None, "not tried, as no product is known to ask for"
        return _first_stock(self._connector.fetch_stock_availability([self._sample]), self._sample)


def _first_stock(
    answers: Iterable[StockAvailability | UnreadableItem], sample: QuotationRequest
) -> tuple[bool | None, str]:
    answer = next(iter(answers), None)
    if isinstance(answer, UnreadableItem):
        return False, answer.problem.rstrip(".")
    quantity = answer.quantity if answer else None
    said = "is not told" if quantity is None else f"is {plain(quantity)}"
    return True, f"answered; that of {sample.supplier_sku} {said}"
