"""A real browser on a real server. Any error in its console, such as a breach of the content policy, fails the test."""

import os
from collections.abc import Callable, Iterator

import pytest
from django.db import connections
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from orders.models import WorkerHeartbeat
from tests import factories

# Playwright keeps an event loop in the test's thread; Django would take the tests' own queries for asynchronous ones.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


def _trouble(message: ConsoleMessage) -> list[str]:
    refused_form = "status of 422" in message.text  # what the browser says of every answer that is no success
    return [message.text] if message.type == "error" and not refused_form else []


SignIn = Callable[..., Page]


@pytest.fixture(scope="session")
def browser(chromium_path: str, django_db_setup: None) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield browser
        browser.close()
        # Django keeps the connections of a thread with an event loop apart; once the loop has ended nobody finds them.
        connections.close_all()


@pytest.fixture
def sign_in(browser: Browser, live_server: LiveServer, transactional_db: None) -> Iterator[SignIn]:
    """Opens a browser of its own for a new person of that role."""
    troubles: list[str] = []
    contexts = []
    WorkerHeartbeat.objects.create(name="sweep", at=factories.minutes_ago(0))

    def enter(role: str = "Buyer", *, phone: bool = False, javascript: bool = True, **options: str) -> Page:
        person = factories.user(role)
        context = browser.new_context(
            viewport=PHONE if phone else DESK,
            java_script_enabled=javascript,
            base_url=live_server.url,
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: troubles.extend(_trouble(message)))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto("/login/")
        page.fill("#id_username", person.get_username())
        page.fill("#id_password", factories.PASSWORD)
        page.click("text=Sign in >> nth=-1")
        page.wait_for_selector("h1:has-text('Work queue')")
        return page

    yield enter
    for context in contexts:
        context.close()
    assert troubles == []
