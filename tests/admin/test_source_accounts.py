"""A source's settings are the ones its kind declares; its secrets go in and never come out."""

import pytest
from django.test import Client

from procurement.models import SourceAccount, SourceCredential
from tests import factories
from tests.admin.form_data import form_data

ADD = "/admin/procurement/sourceaccount/add/"
PLAIN = "correct-horse-battery-staple"


def address(account: SourceAccount) -> str:
    return f"/admin/procurement/sourceaccount/{account.pk}/change/"


@pytest.fixture
def account(db: None) -> SourceAccount:
    return SourceAccount.objects.create(
        code="crm",
        name="Acme CRM",
        kind="salesforce",
        site=factories.site(),
        settings={"base_url": "https://acme.my.salesforce.com"},
        cursor={"since": "2026-01-01T00:00:00+00:00"},
        paused_reason="refused",
    )


def save(client: Client, account: SourceAccount, **changes: str) -> object:
    return client.post(address(account), form_data(client.get(address(account))) | changes)


def test_source_shows_the_settings_of_its_kind_when_it_was_added(administrator: Client) -> None:
    site = factories.site()
    entered = {
        "code": "crm",
        "name": "CRM",
        "kind": "salesforce",
        "site": site.pk,
        "active": "on",
        "every_minutes": "10",
    }
    page = administrator.post(ADD, entered)
    account = SourceAccount.objects.get()
    assert page.url == address(account)
    body = administrator.get(page.url).content.decode()
    assert "My Domain address" in body
    assert "Consumer secret" in body


def test_secret_is_stored_encrypted_and_not_shown(administrator: Client, account: SourceAccount) -> None:
    entered = {"credentials-2-0-name": "client_secret", "credentials-2-0-value": PLAIN}
    assert save(administrator, account, **entered).status_code == 302
    assert SourceCredential.objects.get().value.reveal() == PLAIN
    body = administrator.get(address(account)).content.decode()
    assert PLAIN not in body
    assert "gAAAA" not in body
    assert "client_secret" in body


def test_saving_ends_a_pause_and_another_mapping_reads_everything_again(
    administrator: Client, account: SourceAccount
) -> None:
    save(administrator, account, every_minutes="20")
    account.refresh_from_db()
    assert (account.paused_reason, bool(account.cursor)) == ("", True)
    save(administrator, account, setting_sku_field="Product2.StockKeepingUnit")
    account.refresh_from_db()
    assert account.settings["sku_field"] == "Product2.StockKeepingUnit"
    assert account.cursor == {}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("setting_base_url", "acme", "An address begins with https://"),
        ("setting_base_url", "", "This field is required."),
        ("setting_statuses", "Draft", "expected their word = one of draft, open, closed, cancelled"),
        ("setting_sku_field", "Product2; DROP", "API name"),
        ("setting_overlap_minutes", "soon", "whole minutes"),
        ("every_minutes", "0", "greater than or equal to 1"),
    ],
)
def test_setting_is_refused_in_words_when_it_cannot_be(
    name: str, value: str, said: str, administrator: Client, account: SourceAccount
) -> None:
    page = save(administrator, account, **{name: value})
    assert page.status_code == 200
    assert said in page.content.decode()
    before = account.settings
    account.refresh_from_db()
    assert account.settings == before
