"""The page that divides a line over sites, the split on the order's page, and booking it in."""

from django.test import Client

from orders.models import LineShare, PurchaseOrder
from procurement.models import StockLevel
from tests import factories
from tests.orders.split import divide, draft, north, shares_of


def address(order: PurchaseOrder, line_number: int = 1) -> str:
    return f"/orders/{order.number}/lines/{line_number}/sites/"


def post(client: Client, order: PurchaseOrder, *, version: int | None = None, **typed: str):
    line = order.lines.get()
    order.refresh_from_db()
    codes = {"main": order.site_id, "north": north().pk}
    cells = {f"site-{line.pk}-{codes[code]}": text for code, text in typed.items() if code in codes}
    extra = {name: text for name, text in typed.items() if name not in codes}
    data = {"version": order.version if version is None else version} | cells | extra
    return client.post(address(order), data, follow=True)


def test_buyer_is_led_from_the_line_to_its_sites_and_sees_the_split_under_it(buyer):
    order = draft()
    page = buyer.get(f"/orders/{order.number}/").content.decode()
    assert address(order) in page
    assert "Split over sites" in page
    page = buyer.get(address(order)).content.decode()
    assert ">Main warehouse<" in page
    assert ">North<" in page
    assert 'value="60"' in page  # all to the order's site as yet
    answer = post(buyer, order, main="36", north="24")
    page = answer.content.decode()
    assert answer.redirect_chain == [(f"/orders/{order.number}/", 302)]
    assert "Line 1: 36 to Main warehouse · 24 to North." in page
    assert "<small>36 to Main warehouse · 24 to North</small>" in page
    assert "Change the split" in page


def test_what_is_missing_is_told_and_what_was_typed_stays(buyer):
    order = draft()
    answer = post(buyer, order, main="36", north="18")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "The sites get 54 of 60: 6 missing." in page
    assert 'value="18"' in page
    assert not LineShare.objects.exists()


def test_what_is_no_number_is_told_at_its_site(buyer):
    order = draft()
    answer = post(buyer, order, main="36", north="a lot")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Line 1, North: “a lot” is not a number" in page
    assert page.count('aria-invalid="true"') == 1


def test_broken_pack_is_marked_at_its_site(buyer):
    order = draft()
    page = post(buyer, order, main="35", north="25").content.decode()
    assert "no multiple of the pack of 6" in page
    assert page.count('aria-invalid="true"') == 1


def test_one_button_ends_the_split(buyer):
    order = draft()
    divide(order, main=36, north=24)
    assert "All to Main warehouse" in buyer.get(address(order)).content.decode()
    page = post(buyer, order, main="36", north="24", whole="1").content.decode()
    assert "Line 1: all 60 to Main warehouse." in page
    assert shares_of(order.lines.get()) == []


def test_stale_page_and_an_order_that_left_change_nothing(buyer):
    order = draft()
    divide(order, main=36, north=24)
    assert post(buyer, order, version=0, main="30", north="30").status_code == 409
    PurchaseOrder.objects.update(status="confirmed")
    assert post(buyer, order, main="30", north="30").status_code == 409
    assert "cannot be edited now" in buyer.get(address(order)).content.decode()
    assert shares_of(order.lines.get()) == [("main", 36), ("north", 24)]


def test_only_who_may_change_orders_may_split(approver):
    order = draft()
    assert post(approver, order, main="36", north="24").status_code == 403
    assert "Split over sites" not in approver.get(f"/orders/{order.number}/").content.decode()


def test_line_that_is_not_there_is_not_found(buyer):
    assert buyer.get(address(draft(), 9)).status_code == 404


def test_nothing_is_offered_where_the_supplier_or_we_have_one_site(buyer):
    other = factories.order()
    north()
    assert "Split over sites" not in buyer.get(f"/orders/{other.number}/").content.decode()
    assert "its account names none" in buyer.get(address(other)).content.decode()
    order = draft()
    PurchaseOrder.objects.update(site=factories.site())
    north().delete()
    assert "Split over sites" not in buyer.get(f"/orders/{order.number}/").content.decode()


def confirmed(quantity: int) -> PurchaseOrder:
    order = draft()
    divide(order, main=36, north=24)
    order.lines.update(confirmed_quantity=quantity, confirmed_price="2.50")
    PurchaseOrder.objects.update(status="confirmed")
    order.refresh_from_db()
    return order


def test_order_page_shows_what_each_site_gets_of_less(buyer):
    page = buyer.get(f"/orders/{confirmed(30).number}/").content.decode()
    assert "36 to Main warehouse · 24 to North" in page
    assert "Expected now: 18 at Main warehouse · 12 at North, shared out in proportion" in page
    assert "Expected now" not in buyer.get(f"/orders/{confirmed(60).number}/").content.decode()


def test_goods_are_booked_in_by_site_and_once(buyer):
    order = confirmed(60)
    line = order.lines.get()
    main, other = (f"site-{line.pk}-{site.pk}" for site in (order.site, north()))
    page = buyer.get(f"/orders/{order.number}/").content.decode()
    assert f'name="{main}" value="36"' in page
    assert f'name="{other}" value="24"' in page
    assert f'name="quantity-{line.pk}"' not in page
    for words in ("Booked in.", "This was booked in before"):
        typed = {main: "36", other: "6", "form_token": "one-form"}
        page = buyer.post(f"/orders/{order.number}/receive/", typed, follow=True).content.decode()
        assert words in page
        assert f'name="{main}" value="0"' in page
        assert f'name="{other}" value="18"' in page
    assert dict(StockLevel.objects.values_list("site__code", "on_hand")) == {"main": 36, "north": 6}


def test_refused_receipt_keeps_what_was_typed_and_says_where_it_is_wrong(buyer):
    order = confirmed(60)
    line = order.lines.get()
    main, other = (f"site-{line.pk}-{site.pk}" for site in (order.site, north()))
    typed = {main: "37", other: "24", "form_token": "one-form"}
    answer = buyer.post(f"/orders/{order.number}/receive/", typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'name="{main}" value="37"' in page
    assert "enter a number from 0 to 60" in page
    typed[other] = "some"
    page = buyer.post(f"/orders/{order.number}/receive/", typed).content.decode()
    assert "Line 1, North: “some” is not a number" in page
    assert not StockLevel.objects.exists()


def test_programs_read_the_split(buyer):
    order = draft()
    divide(order, main=36, north=24)
    (line,) = buyer.get(f"/api/orders/{order.number}/").json()["lines"]
    assert line["shares"] == [
        {"site": "main", "quantity": "36.0000"},
        {"site": "north", "quantity": "24.0000"},
    ]
