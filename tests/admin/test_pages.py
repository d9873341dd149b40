"""Every admin page of ours opens for an administrator, and changes nothing it must not."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from orders.models import CallbackRefusal, InboundMessage, PurchaseOrder, Site
from procurement.services.installation import site_ensure
from suppliers.models import (
    ConnectorCall,
    ContractItem,
    PriceQuote,
    Product,
    SourcingDecision,
    Supplier,
    SupplierAccount,
    SupplierProduct,
)
from tests.admin.form_data import form_data

OURS = sorted(
    (
        model
        for model in admin.site._registry
        if model._meta.app_label in ("orders", "procurement", "suppliers")
    ),
    key=lambda model: model._meta.label,
)
READ_ONLY = {
    *(
        "Amendment",
        "CallbackRefusal",
        "InboundMessage",
        "OrderEvent",
        "OrderMail",
        "PurchaseOrder",
        "TransferJob",
    ),
    *("PlanRun", "ConnectorCall", "SourceRun"),
}


@pytest.fixture
def world(account: SupplierAccount) -> None:
    now = timezone.now()
    site = site_ensure()
    supplier = account.supplier
    product = Product.objects.create(sku="1", name="Cup")
    offer = SupplierProduct.objects.create(supplier=supplier, product=product, supplier_sku="A1")
    PriceQuote.objects.create(supplier_product=offer, currency="GBP", fetched_at=now)
    SourcingDecision.objects.create(supplier=supplier, kind="blocked", reason="Mould")
    ContractItem.objects.create(
        supplier_product=offer, number="C-7", valid_from=now.date(), valid_until=now.date(), unit_price=1
    )
    order = PurchaseOrder.objects.create(
        number="PO-1", buyer_reference="R1", supplier=supplier, site=site, currency="GBP"
    )
    order.lines.create(
        line_number=1, product=product, supplier_product=offer, supplier_sku="A1", description="Cup", unit="C62",
        quantity=1, unit_price=1,
    )  # fmt: skip
    order.events.create(kind="drafted", via="page", text="Drafted")
    order.transfers.create(next_run_at=now)
    person = User.objects.create_user("bea")
    asked = order.amendments.create(kind="change", number=2, reason="More", by=person, next_run_at=now)
    asked.lines.create(line=order.lines.get(), quantity=2, unit_price=1, before_quantity=1, before_price=1)
    order.mails.create(kind="changed", fingerprint="f", next_run_at=now)
    InboundMessage.objects.create(
        supplier=supplier, message_id="m1", channel="callback", body=b"{}", body_sha256="0"
    )
    CallbackRefusal.objects.create(supplier_code="acme", reason="signature", day=now.date())
    ConnectorCall.objects.create(
        supplier=supplier, operation="check", method="GET", url="https://x.example", started_at=now,
        duration_ms=1, request_body=b"", response_body=b"{}",
    )  # fmt: skip
    source = site.sources.create(code="crm", name="Acme CRM", kind="salesforce")
    source.runs.create(lease_until=now + timedelta(minutes=1))
    site.storage_areas.create(name="Cold store", capacity=20)
    site.item_policies.create(product=product, maximum_stock=40)
    supplier.order_days.create(weekday=0, until=now.time())
    site.plan_runs.create(as_of=now.date(), lease_until=now + timedelta(minutes=1))


def url(model: type, page: str) -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/{page}"


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_admin_pages_open_for_an_administrator(model: type, administrator: Client, world: None) -> None:
    assert administrator.get(url(model, "")).status_code == 200
    assert administrator.get(url(model, "?q=a")).status_code == 200
    read_only = model.__name__ in READ_ONLY
    assert administrator.get(url(model, "add/")).status_code == (403 if read_only else 200)
    row = model._default_manager.first()
    if row is None:
        pytest.fail("the world of this test lacks such a row")
    assert administrator.get(url(model, f"{row.pk}/change/")).status_code == 200
    assert administrator.get(url(model, f"{row.pk}/history/")).status_code == 200


@pytest.mark.parametrize("name", sorted(READ_ONLY))
def test_admin_refuses_to_change_or_delete_even_for_a_superuser(name: str, world: None, db: None) -> None:
    model = next(model for model in OURS if model.__name__ == name)
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    row = model._default_manager.first()
    assert client.post(url(model, f"{row.pk}/change/"), {"status": "shipped"}).status_code == 403
    assert client.post(url(model, f"{row.pk}/delete/"), {"post": "yes"}).status_code == 403
    assert model._default_manager.filter(pk=row.pk).exists()


def test_admin_lists_no_model_of_ours_by_oversight() -> None:
    registered = {model.__name__ for model in OURS}
    hidden = {
        model.__name__
        for app in ("orders", "suppliers")
        for model in apps.get_app_config(app).get_models()
        if model.__name__ not in registered
    }
    assert "SupplierCredential" in hidden  # only inside its account, write-only


@pytest.mark.parametrize("role", ["Buyer", "Approver"])
def test_admin_is_closed_to_those_who_are_not_staff(role: str, sign_in: Callable[..., Client]) -> None:
    assert sign_in(role, staff=False).get("/admin/").status_code == 302


def test_administrator_saves_a_supplier_and_a_bad_one_is_refused_in_words(administrator: Client) -> None:
    page = administrator.get("/admin/suppliers/supplier/add/")
    good = form_data(page) | {"code": "acme", "name": "Acme", "currency": "eur"}
    bad = good | {
        "code": "no spaces",
        "currency": "euro",
        "minimum_order_value": "-1",
        "lead_time_days": "soon",
    }
    errors = administrator.post("/admin/suppliers/supplier/add/", bad).context["errors"]
    assert len(errors) == 4
    assert not Supplier.objects.exists()
    assert administrator.post("/admin/suppliers/supplier/add/", good).status_code == 302
    assert Supplier.objects.get().currency == "EUR"


def check_connection(administrator: Client, supplier: Supplier) -> str:
    data = {"action": "check_connection", "_selected_action": supplier.pk}
    return administrator.post("/admin/suppliers/supplier/", data, follow=True).content.decode()


@pytest.mark.django_db(transaction=True)
def test_administrator_resumes_a_paused_supplier_by_checking_its_connection(
    administrator: Client, sandbox_supplier: Supplier
) -> None:
    Supplier.objects.update(paused_reason="Credentials refused")
    assert "Signed in; 3 products" in check_connection(administrator, sandbox_supplier)
    sandbox_supplier.refresh_from_db()
    assert sandbox_supplier.paused_reason == ""


@pytest.mark.django_db(transaction=True)
def test_administrator_reads_why_a_connection_does_not_work(
    administrator: Client, sandbox_supplier: Supplier
) -> None:
    sandbox_supplier.account.credentials.filter(name="client_secret").update(value="wrong")
    Supplier.objects.update(paused_reason="Credentials refused")
    page = check_connection(administrator, sandbox_supplier)
    assert "errornote" in page or 'class="error"' in page
    assert "wrong" not in page
    sandbox_supplier.refresh_from_db()
    assert sandbox_supplier.paused_reason == "Credentials refused"


def test_second_price_list_in_force_is_refused_in_words(administrator: Client, world: None) -> None:
    offer = SupplierProduct.objects.get()
    page = administrator.post(
        "/admin/suppliers/pricequote/add/",
        {
            "supplier_product": offer.pk, "currency": "GBP", "fetched_at_0": "2024-01-01", "fetched_at_1": "00:00",
            "tiers-TOTAL_FORMS": "0", "tiers-INITIAL_FORMS": "0",
        },
    )  # fmt: skip
    assert page.status_code == 200
    assert "has a price list in force already" in page.content.decode()
    assert PriceQuote.objects.count() == 1


def test_administrator_gives_a_role_to_another_but_not_to_himself(administrator: Client) -> None:
    approver = Group.objects.get(name="Approver")
    other = User.objects.create_user("other")
    page = f"/admin/auth/user/{other.pk}/change/"
    data = form_data(administrator.get(page))
    assert "is_superuser" not in administrator.get(page).context["adminform"].form.fields
    answer = administrator.post(page, data | {"groups": [approver.pk], "is_superuser": "on"})
    assert answer.status_code == 302, answer.context["errors"]
    other.refresh_from_db()
    assert list(other.groups.all()) == [approver]
    assert not other.is_superuser

    me = User.objects.get(username="administrator")
    page = f"/admin/auth/user/{me.pk}/change/"
    data = form_data(administrator.get(page))
    administrator.post(page, data | {"groups": [approver.pk]})
    assert [group.name for group in me.groups.all()] == ["Administrator"]


def test_administrator_cannot_touch_a_superuser(administrator: Client) -> None:
    root = User.objects.create_superuser("root", password="unchanged-password")
    assert administrator.post(f"/admin/auth/user/{root.pk}/change/", {"username": "x"}).status_code == 403
    passwords = {"password1": "another-password-1", "password2": "another-password-1"}
    assert administrator.post(f"/admin/auth/user/{root.pk}/password/", passwords).status_code == 403
    assert User.objects.get(pk=root.pk).check_password("unchanged-password")


def test_site_is_kept_while_orders_go_there(administrator: Client, world: None) -> None:
    site = Site.objects.get()
    page = administrator.post(f"/admin/orders/site/{site.pk}/delete/", {"post": "yes"})
    assert "Cannot delete site" in page.content.decode()
    assert Site.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["1e999", "x", "-1", "99999999999999999999", "%00", ""])
def test_odd_values_in_the_address_of_an_add_page_are_left_out(value: str) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    for page in ("supplierproduct/add/?supplier=", "pricequote/add/?supplier_product="):
        assert client.get(f"/admin/suppliers/{page}{value}").status_code == 200


def test_who_blocks_a_supplier_is_kept(administrator: Client, world: None) -> None:
    supplier = Supplier.objects.get()
    data = {"supplier": supplier.pk, "kind": "blocked", "reason": "Unpaid", "since": "2026-11-22"}
    answer = administrator.post("/admin/suppliers/sourcingdecision/add/", data)
    assert answer.status_code == 302, answer.context["errors"]
    decided = SourcingDecision.objects.get(reason="Unpaid")
    assert decided.by is not None
    assert decided.by.username == "administrator"
    assert decided.words == "blocked: Unpaid"


def test_only_a_preferred_supplier_may_be_dearer(administrator: Client, world: None) -> None:
    data = {
        "supplier": Supplier.objects.get().pk, "kind": "blocked", "reason": "x", "since": "2026-11-22",
        "dearer_by_percent": "5",
    }  # fmt: skip
    answer = administrator.post("/admin/suppliers/sourcingdecision/add/", data)
    assert answer.status_code == 200
    assert "Only a preferred one may be dearer." in answer.content.decode()
