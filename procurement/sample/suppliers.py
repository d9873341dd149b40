"""The sandbox suppliers of the demo: six invented wholesalers with overlapping ranges. docs/sample-data.md states the
rule; the data has no suppliers of its own.
"""

import math
import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
MOST_OFFERS = 4  # of one item


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What kind of supplier it is. Prices are shares of an item's median sale price."""

    code: str
    name: str
    range_share: float
    price_level: float
    packs: tuple[int, ...]
    minimum_packs: tuple[int, ...]
    minimum_order_value: str
    delivery_fee: str
    free_delivery_from: str | None
    lead_time_days: int
    confirm: str


PROFILES = (
    Profile(
        code="alderbrook",
        name="Alderbrook Supply",
        range_share=0.60,
        price_level=0.55,
        packs=(1, 6, 12),
        minimum_packs=(1, 1, 2),
        minimum_order_value="100.00",
        delivery_fee="9.50",
        free_delivery_from="400.00",
        lead_time_days=2,
        confirm="as_asked",
    ),
    Profile(
        code="birchmere",
        name="Birchmere Trading",
        range_share=0.50,
        price_level=0.52,
        packs=(6, 12, 24),
        minimum_packs=(1, 1, 2),
        minimum_order_value="200.00",
        delivery_fee="18.00",
        free_delivery_from="750.00",
        lead_time_days=5,
        confirm="price",
    ),
    Profile(
        code="cedarfell",
        name="Cedarfell Wholesale",
        range_share=0.45,
        price_level=0.58,
        packs=(1, 1, 4),
        minimum_packs=(1, 2, 6),
        minimum_order_value="50.00",
        delivery_fee="6.95",
        free_delivery_from="250.00",
        lead_time_days=1,
        confirm="quantity_and_date",
    ),
    Profile(
        code="dunmoor",
        name="Dunmoor Imports",
        range_share=0.35,
        price_level=0.53,
        packs=(12, 24),
        minimum_packs=(1, 2),
        minimum_order_value="300.00",
        delivery_fee="24.00",
        free_delivery_from=None,
        lead_time_days=6,
        confirm="reject",
    ),
    Profile(
        code="elmswick",
        name="Elmswick Goods",
        range_share=0.55,
        price_level=0.54,
        packs=(1, 4, 6),
        minimum_packs=(1, 1, 3),
        minimum_order_value="120.00",
        delivery_fee="11.00",
        free_delivery_from="500.00",
        lead_time_days=3,
        confirm="in_two_parts",
    ),
    Profile(
        code="fernhollow",
        name="Fernhollow Housewares",
        range_share=0.35,
        price_level=0.53,
        packs=(1, 6, 12),
        minimum_packs=(1, 2),
        minimum_order_value="150.00",
        delivery_fee="0.00",
        free_delivery_from="0.00",
        lead_time_days=4,
        confirm="as_asked",
    ),
)


@dataclass(frozen=True, slots=True)
class Item:
    sku: str
    name: str
    barcode: str
    sale_price: Decimal  # median
    daily: float  # mean demand a day of the last 60 days


@dataclass(frozen=True, slots=True)
class Offer:
    supplier_code: str
    sku: str
    product_id: str
    supplier_sku: str
    pack_size: int
    minimum_quantity: int
    stock: int
    tiers: tuple[tuple[int, Decimal], ...]


def offers_for(items: list[Item], seed: int) -> dict[str, list[Offer]]:
    """By supplier code, in the order of the items. Every item has one to four offers."""
    made: dict[str, list[Offer]] = {profile.code: [] for profile in PROFILES}
    for item in items:
        # An item draws from its own stream: adding an item changes no other item's offers.
        rng = random.Random(f"{seed} {item.sku}")
        chosen = [profile for profile in PROFILES if rng.random() < profile.range_share]
        chosen = chosen or [rng.choice(PROFILES)]
        if len(chosen) > MOST_OFFERS:
            chosen = sorted(rng.sample(chosen, MOST_OFFERS), key=PROFILES.index)
        for profile in chosen:
            made[profile.code].append(_offer(profile, item, rng))
    return made


def _offer(profile: Profile, item: Item, rng: random.Random) -> Offer:
    pack = rng.choice(profile.packs)
    price = _money(item.sale_price * Decimal(str(round(profile.price_level * rng.uniform(0.88, 1.12), 4))))
    return Offer(
        supplier_code=profile.code,
        sku=item.sku,
        product_id=str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        supplier_sku=f"{profile.code[:2].upper()}-{item.sku}",
        pack_size=pack,
        minimum_quantity=pack * rng.choice(profile.minimum_packs),
        stock=_stock(item.daily, pack, rng),
        tiers=_tiers(price, item.daily, pack, rng),
    )


def _tiers(price: Decimal, daily: float, pack: int, rng: random.Random) -> tuple[tuple[int, Decimal], ...]:
    """A list price, cheaper from about two weeks' demand, and cheaper again from about six weeks' demand."""
    tiers = [(1, price)]
    for weeks, least, most in ((2, 0.02, 0.05), (6, 0.05, 0.10)):
        start = max(pack * math.ceil(daily * 7 * weeks / pack), pack * weeks)
        cheaper = _money(price * Decimal(str(round(1 - rng.uniform(least, most), 4))))
        if start > tiers[-1][0] and cheaper < tiers[-1][1]:
            tiers.append((start, cheaper))
    return tuple(tiers)


def _stock(daily: float, pack: int, rng: random.Random) -> int:
    """72 % have 6 to 16 weeks' demand, 20 % one to two weeks', 5 % a single pack, 3 % nothing."""
    kind = rng.random()
    if kind < 0.03:
        return 0
    if kind < 0.08:
        return pack
    weeks = rng.uniform(1, 2) if kind < 0.28 else rng.uniform(6, 16)
    return pack * math.ceil(max(daily * 7 * weeks, pack * 2) / pack)


def _money(value: Decimal) -> Decimal:
    return max(CENT, value.quantize(CENT, rounding=ROUND_HALF_UP))


def sandbox_file(
    profile: Profile, offers: list[Offer], items: Mapping[str, Item], secrets: Mapping[str, str]
) -> dict[str, object]:
    """What `manage.py sandbox` serves a supplier from; every number is a string."""
    return {
        "code": profile.code,
        "name": profile.name,
        **secrets,
        "supplier_id": str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{profile.code}.example")),
        "customer_id": str(uuid.uuid5(uuid.NAMESPACE_DNS, f"customer.{profile.code}.example")),
        "currency": "GBP",
        "minimum_order_value": profile.minimum_order_value,
        "delivery_fee": profile.delivery_fee,
        "free_delivery_from": profile.free_delivery_from,
        "lead_time_days": str(profile.lead_time_days),
        "behaviour": {"confirm": profile.confirm},
        "products": [
            {
                "product_id": offer.product_id,
                "supplier_product_id": offer.supplier_sku,
                "buyer_sku": offer.sku,
                "name": items[offer.sku].name,
                "unit_of_measure": "C62",
                "pack_size": str(offer.pack_size),
                "minimum_quantity": str(offer.minimum_quantity),
                "barcode": items[offer.sku].barcode,
                "stock": str(offer.stock),
                "tiers": [[str(start), str(price)] for start, price in offer.tiers],
            }
            for offer in offers
        ],
    }
