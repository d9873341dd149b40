"""Which item a code is: in a fixed order, by what can be proved, else not at all."""

from decimal import Decimal

import pytest

from procurement.models import SourceAccount, UnitConversion
from procurement.services.codes.resolving import Item, Unmatched, items_by_code
from suppliers.models import Product
from tests import factories
from tests.sources.codes import mapped

pytestmark = pytest.mark.django_db
EAN = "4006381333931"


def sku(found: Item | Unmatched) -> str:
    assert isinstance(found, Item), found
    return found.sku


def words(found: Item | Unmatched) -> str:
    assert isinstance(found, Unmatched)
    return found.words


def test_our_code_then_what_was_said_then_a_gtin(source):
    factories.product(sku="D", barcode=EAN)
    factories.product(sku="96385074")  # a GTIN that is our own code of something
    factories.product(sku="E", barcode="96385074")
    mapped(source, "X-1", "B")
    found = items_by_code(source, ["A", "X-1", EAN, f"0{EAN}", "96385074"])
    assert {code: sku(one) for code, one in found.items()} == {
        "A": "A", "X-1": "B", EAN: "D", f"0{EAN}": "D", "96385074": "96385074"
    }  # fmt: skip


def test_nothing_is_guessed(source):
    factories.product(sku="1234")
    factories.product(sku="D", barcode=EAN)
    found = items_by_code(source, ["a", "000000000000001234", "Product A", " A", EAN[:-1] + "2"])
    assert all(isinstance(one, Unmatched) for one in found.values())


def test_what_is_said_of_one_system_holds_for_no_other(source):
    other = SourceAccount.objects.create(code="other", name="Other", kind="sap", site=source.site)
    mapped(source, "X", "A")
    mapped(other, "X", "B")
    mapped(None, "X", "C")
    assert [sku(items_by_code(s, ["X"])["X"]) for s in (source, other, None)] == ["A", "B", "C"]


def test_gtin_of_two_items_is_refused_and_names_both(source):
    factories.product(sku="D", barcode=EAN)
    factories.product(sku="E", barcode=f"0{EAN}")
    assert "D and E" in words(items_by_code(source, [EAN])[EAN])
    mapped(source, EAN, "E")
    assert sku(items_by_code(source, [EAN])[EAN]) == "E"


def test_code_that_became_an_item_of_its_own_is_refused_until_somebody_decides(source):
    mapping = mapped(source, "NEW", "A")
    factories.product(sku="NEW")
    assert "our own code" in words(items_by_code(source, ["NEW"])["NEW"])
    mapping.delete()
    assert sku(items_by_code(source, ["NEW"])["NEW"]) == "NEW"


def test_quantities_come_to_our_unit_by_the_code_and_by_the_item(source):
    product = Product.objects.get(sku="B")
    UnitConversion.objects.create(
        product=product, unit="CS", quantity=12, base="C62", entered_at=factories.minutes_ago(1)
    )
    mapped(source, "B-BOX", "B", factor=6)
    mapped(source, "B-CASE", "B", factor=8, unit="CS")
    found = items_by_code(source, ["B", "B-BOX", "B-CASE", "A"], units=True)

    def come_to(code: str, value: str, unit: str) -> Decimal | str:
        ours = found[code].quantity(Decimal(value), unit)
        return ours.words if isinstance(ours, Unmatched) else ours

    assert come_to("B", "2", "CS") == 24
    assert come_to("B", "2", "") == 2
    assert come_to("B", "1", "DZN") == 12
    assert come_to("B-BOX", "2", "") == 12
    assert come_to("B-CASE", "2", "CS") == 16
    assert come_to("B-CASE", "2", "C62") == 2  # what was said of the case is said of nothing else
    assert "nobody has said how many C62 one CS" in come_to("A", "2", "CS")
    assert "nobody has said how many C62 one KGM" in come_to("B", "2", "KGM")


def test_number_of_questions_does_not_grow_with_the_codes(source, django_assert_num_queries):
    for n in range(30):
        factories.product(sku=f"S{n}", barcode=f"{n:07}")
        mapped(source, f"M{n}", f"S{n}")
    few, many = ["S1", "M1", EAN, "?"], [f"{k}{n}" for n in range(30) for k in ("S", "M", "?")] + [EAN]
    with django_assert_num_queries(6):
        items_by_code(source, few, units=True)
    with django_assert_num_queries(6):
        items_by_code(source, many, units=True)


def test_number_that_is_given_in_house_proves_nothing(source):
    factories.product(sku="D", barcode="2000000000008")
    assert "is the bar code of D, but" in words(items_by_code(source, ["2000000000008"])["2000000000008"])
    mapped(source, "2000000000008", "D")
    assert sku(items_by_code(source, ["2000000000008"])["2000000000008"]) == "D"
