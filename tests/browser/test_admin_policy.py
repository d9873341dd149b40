"""The admin works under the strict Content-Security-Policy: `sign_in` fails a test when the browser complains."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from suppliers.models import Supplier, SupplierAccount, SupplierCredential

pytestmark = pytest.mark.browser


def test_admin_takes_a_secret_and_does_not_show_it(sign_in: Callable[..., Page]) -> None:
    page = sign_in("Administrator")
    supplier = Supplier.objects.create(code="acme", name="Acme")
    account = SupplierAccount.objects.create(supplier=supplier, protocol="cerve")
    for path in ("", "suppliers/supplier/", "suppliers/pricequote/add/", "auth/user/"):
        page.goto(f"/admin/{path}")
        assert page.locator("#content").is_visible()

    page.goto(f"/admin/suppliers/supplieraccount/{account.pk}/change/")
    page.fill("[name=setting_supplier_id]", "s1")
    page.fill("[name=setting_customer_id]", "c1")
    page.click("text=Add another")  # a script of the admin's own
    page.select_option("[name=credentials-2-0-name]", "client_secret")
    page.fill("[name=credentials-2-0-value]", "a-secret-for-this-test")
    page.click("[name=_continue]")
    page.wait_for_selector(".messagelist .success")
    assert SupplierCredential.objects.get().value.reveal() == "a-secret-for-this-test"
    assert "a-secret-for-this-test" not in page.content()
