import pytest
from django.test import Client

from tests import factories
from tests.pages.reading import html, text


@pytest.mark.django_db
def test_a_private_page_asks_to_sign_in_and_goes_on_there(client: Client) -> None:
    factories.user(username="bea")
    asked = client.get("/orders/")
    assert asked.status_code == 302
    assert asked["Location"] == "/login/?next=/orders/"
    entered = client.post(
        asked["Location"], {"username": "bea", "password": factories.PASSWORD, "next": "/orders/"}
    )
    assert entered.status_code == 302
    assert entered["Location"] == "/orders/"


@pytest.mark.django_db
def test_a_wrong_password_says_so_and_keeps_the_name(client: Client) -> None:
    factories.user(username="bea")
    answer = client.post("/login/", {"username": "bea", "password": "wrong"})
    assert answer.status_code == 200
    assert "correct username and password" in text(answer)
    assert 'value="bea"' in html(answer)


@pytest.mark.django_db
def test_signing_out_takes_a_post(buyer: Client) -> None:
    assert buyer.get("/logout/").status_code == 405
    assert buyer.post("/logout/").status_code == 302
    assert buyer.get("/").status_code == 302


@pytest.mark.django_db
def test_the_colours_are_kept_in_a_cookie_and_never_lead_elsewhere(buyer: Client) -> None:
    answer = buyer.post("/theme/", {"theme": "dark", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"
    assert answer.cookies["theme"].value == "dark"
    assert 'data-theme="dark"' in html(buyer.get("/"))
    assert "theme" not in buyer.post("/theme/", {"theme": "<script>"}).cookies
