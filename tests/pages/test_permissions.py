import pytest
from django.test import Client

from tests import factories
from tests.pages.reading import text

BUYER_ACTIONS = ["edit", "cancel", "ask-to-cancel", "withdraw", "replace"]
APPROVER_ACTIONS = ["approve", "return"]
SHARED_ACTIONS = ["retry", "look-up", "decide"]


@pytest.mark.django_db
@pytest.mark.parametrize("action", BUYER_ACTIONS)
def test_an_approver_has_no_buyers_actions(approver: Client, action: str) -> None:
    order = factories.order()
    answer = approver.post(f"/orders/{order.number}/{action}/", {"version": 0, "reason": "x"})
    assert answer.status_code == 403
    assert "You may not do that" in text(answer)


@pytest.mark.django_db
@pytest.mark.parametrize("action", APPROVER_ACTIONS)
def test_a_buyer_has_no_approvers_actions(buyer: Client, action: str) -> None:
    order = factories.order()
    assert buyer.post(f"/orders/{order.number}/{action}/", {"version": 0, "reason": "x"}).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("action", [*BUYER_ACTIONS, *APPROVER_ACTIONS, *SHARED_ACTIONS, "receive"])
def test_an_administrator_buys_nothing(administrator: Client, action: str) -> None:
    order = factories.order()
    assert (
        administrator.post(f"/orders/{order.number}/{action}/", {"version": 0, "reason": "x"}).status_code
        == 403
    )


@pytest.mark.django_db
@pytest.mark.parametrize("action", [*BUYER_ACTIONS, *APPROVER_ACTIONS, *SHARED_ACTIONS, "receive", "check"])
def test_an_action_takes_no_get(buyer: Client, action: str) -> None:
    order = factories.order()
    assert buyer.get(f"/orders/{order.number}/{action}/").status_code == 405


@pytest.mark.django_db
def test_a_form_without_its_token_is_refused_in_words() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.user("Approver"), backend="django.contrib.auth.backends.ModelBackend")
    order = factories.order()
    answer = client.post(f"/orders/{order.number}/approve/", {"version": 0})
    assert answer.status_code == 403
    assert "The form had expired" in text(answer)
    assert not order.transfers.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    ["/", "/orders/", "/plan/", "/stock/", "/stock/sources/", "/stock/codes/", "/suppliers/", "/inbox/"],
)
def test_a_person_without_a_role_sees_no_data(path: str) -> None:
    client = Client()
    person = factories.User.objects.create_user("nobody")
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(path).status_code == 403


@pytest.mark.django_db
def test_no_page_opens_without_signing_in(client: Client) -> None:
    order = factories.order()
    for path in (
        "/",
        "/orders/",
        f"/orders/{order.number}/",
        "/orders/export.csv",
        "/plan/",
        "/stock/",
        "/stock/sources/",
        "/inbox/",
    ):
        assert client.get(path)["Location"].startswith("/login/"), path
