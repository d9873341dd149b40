"""Signing in: what is private, and what happens to who guesses."""

import base64

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"
# What proves itself otherwise, or has nothing to hide.
OPEN = {
    "login", "logout", "healthz", "callback", "callback-below", "theme", "supplier-answer",
    "source-event", "source-event-below",
}  # fmt: skip


@pytest.fixture
def people() -> None:
    for name in ("ann", "bob"):
        User.objects.create_user(name, password=PASSWORD)


def sign_in(client: Client, name: str, password: str) -> object:
    return client.post("/login/", {"username": name, "password": password})


def test_sixth_guess_is_locked_out_even_with_the_right_password(client: Client, people: None) -> None:
    for _ in range(4):
        assert sign_in(client, "ann", "wrong").status_code == 200
    sign_in(client, "ann", "wrong")
    locked = sign_in(client, "ann", PASSWORD)
    assert locked.status_code == 429
    assert "too many" in locked.content.decode().lower()
    assert "_auth_user_id" not in client.session


def test_lock_of_one_person_does_not_touch_another_at_the_same_address(client: Client, people: None) -> None:
    for _ in range(6):
        sign_in(client, "ann", "wrong")
    assert sign_in(client, "bob", PASSWORD).status_code == 302
    assert "_auth_user_id" in client.session


def test_lock_holds_for_the_api_as_well(client: Client, people: None) -> None:
    for _ in range(6):
        sign_in(client, "ann", "wrong")
    answer = client.get("/api/orders/", headers={"authorization": _basic("ann", PASSWORD)})
    assert answer.status_code in (401, 403, 429)


def test_guesses_at_the_api_lock_the_login_page(client: Client, people: None) -> None:
    for _ in range(6):
        client.get("/api/orders/", headers={"authorization": _basic("ann", "wrong")})
    assert sign_in(client, "ann", PASSWORD).status_code == 429


def test_failed_login_does_not_tell_whether_the_name_exists(client: Client, people: None) -> None:
    def page(name: str) -> str:
        said = sign_in(client, name, "wrong").content.decode()
        return said[said.index("<main") : said.index("</main")].replace(name, "") if "<main" in said else said

    assert "correct username and password" in page("ann")
    assert "correct username and password" in page("nobody")


def test_login_page_leads_nowhere_else_afterwards(client: Client, people: None) -> None:
    answer = client.post(
        "/login/?next=https://evil.example/",
        {"username": "ann", "password": PASSWORD, "next": "https://evil.example/"},
    )
    assert answer.status_code == 302
    assert "evil" not in answer["Location"]


def _basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def _addresses(patterns: list[URLPattern | URLResolver], prefix: str = "") -> list[tuple[str, str]]:
    found = []
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if pattern.app_name != "admin":
                found += _addresses(pattern.url_patterns, path)
        else:
            found.append((path, pattern.name or path))
    return found


@pytest.mark.parametrize(("path", "name"), _addresses(get_resolver().url_patterns))
def test_every_address_asks_a_stranger_to_sign_in(path: str, name: str, client: Client) -> None:
    for converter, value in (("<int:", "1"), ("<str:", "x"), ("<slug:", "x")):
        while converter in path:
            start = path.index(converter)
            path = path[:start] + value + path[path.index(">", start) + 1 :]
    for method in (client.get, client.post):
        answer = method(f"/{path}")
        if name in OPEN:
            continue
        asked = answer.status_code in (401, 403, 405) or (
            answer.status_code == 302 and answer["Location"].startswith("/login/")
        )
        assert asked, (path, answer.status_code)
