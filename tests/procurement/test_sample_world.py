"""The demo's world: the same for the same day, and as docs/sample-data.md says."""

import gzip
import json
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest

from procurement.sample.files import SECRET_NAMES, write
from procurement.sample.suppliers import PROFILES
from procurement.sample.world import SAMPLE_DIR, World, build

TODAY = date(2026, 6, 10)


@pytest.fixture(scope="module")
def world() -> World:
    return build(TODAY)


def test_sample_has_items_from_lumpy_to_fast_and_stays_small():
    with gzip.open(SAMPLE_DIR / "items.csv.gz", "rt") as file:
        bands = Counter(line.rsplit(",", 1)[1].strip() for line in list(file)[1:])
    assert sum(bands.values()) >= 400
    assert bands.keys() == {"lumpy", "slow", "steady", "brisk", "fast"}
    assert sum(path.stat().st_size for path in SAMPLE_DIR.iterdir()) <= 3_000_000


def test_history_ends_yesterday_and_open_orders_are_of_today(world):
    assert max(day for _, day, _ in world.demand) == TODAY - timedelta(days=1)
    assert min(day for _, day, _ in world.demand) < TODAY - timedelta(days=700)
    assert {line.ordered_on for line in world.customer_lines} == {TODAY}
    assert all(TODAY < line.due_date <= TODAY + timedelta(days=3) for line in world.customer_lines)


def test_world_built_again_on_the_next_day_is_the_same_a_day_later(world):
    next_day = build(TODAY + timedelta(days=1))
    assert [(sku, day - timedelta(days=1), n) for sku, day, n in next_day.demand] == list(world.demand)
    assert next_day.stock == world.stock
    assert next_day.offers == world.offers


def test_every_item_has_one_to_four_offers_at_prices_below_its_sale_price(world):
    offers = [offer for of_supplier in world.offers.values() for offer in of_supplier]
    counts = Counter(offer.sku for offer in offers)
    assert counts.keys() == {item.sku for item in world.items}
    assert set(counts.values()) == {1, 2, 3, 4}
    prices = {item.sku: item.sale_price for item in world.items}
    assert all(offer.tiers[0][1] <= max(prices[offer.sku], Decimal("0.01")) for offer in offers)
    for of_supplier in world.offers.values():
        assert 0.35 <= len(of_supplier) / len(world.items) <= 0.60


def test_tiers_rise_in_quantity_and_fall_in_price_and_quantities_are_whole_packs(world):
    for of_supplier in world.offers.values():
        for offer in of_supplier:
            assert list(offer.tiers) == sorted(offer.tiers)
            prices = [price for _, price in offer.tiers]
            assert prices == sorted(prices, reverse=True)
            assert len(set(prices)) == len(prices)
            assert offer.stock % offer.pack_size == 0 == offer.minimum_quantity % offer.pack_size


def test_barcodes_are_valid_and_unique(world):
    codes = [item.barcode for item in world.items]
    assert len(set(codes)) == len(codes)
    for code in codes:
        assert len(code) == 13
        assert sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(code)) % 10 == 0


def test_supplier_keeps_its_secrets_when_written_again_and_no_folder_shares_them(world, tmp_path):
    def secrets(name: str) -> list[str]:
        files = write(world, tmp_path / name).sandbox
        loaded = [json.loads(path.read_text()) for path in files]
        return [content[secret] for content in loaded for secret in SECRET_NAMES]

    first = secrets("one")
    assert len(set(first)) == len(PROFILES) * len(SECRET_NAMES)
    assert secrets("one") == first
    assert not set(first) & set(secrets("two"))


def test_sandbox_file_holds_numbers_as_strings_and_is_private(world, tmp_path):
    path = write(world, tmp_path).sandbox[0]
    assert path.stat().st_mode & 0o077 == 0
    content = json.loads(path.read_text(), parse_float=pytest.fail, parse_int=pytest.fail)
    product = content["products"][0]
    assert {content["code"], content["behaviour"]["confirm"]} == {"alderbrook", "as_asked"}
    assert all(isinstance(value, str) for name, value in product.items() if name != "tiers")
    assert all(isinstance(value, str) for tier in product["tiers"] for value in tier)
