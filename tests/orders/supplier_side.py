"""The supplier's side of the answer page: the link in the mail, and somebody who opens it with the test client."""

from dataclasses import dataclass
from typing import Any

from django.test import Client

from orders.models import PurchaseOrder
from suppliers.sandbox.email.pages import page_read
from suppliers.sandbox.protocol import SignedCallback
from suppliers.sandbox.server import SandboxServer
from tests.flow.background import work_off


@dataclass(frozen=True)
class Answer:
    status_code: int
    text: str


class Browser:
    """As much of a requests.Session as the sandbox's person uses."""

    def __init__(self) -> None:
        self.client = Client(enforce_csrf_checks=True)

    def get(self, url: str, **options: Any) -> Answer:
        return _answer(self.client.get(_path(url), follow=True))

    def post(self, url: str, *, data: Any, **options: Any) -> Answer:
        return _answer(self.client.post(_path(url), data=data, follow=True))


def _path(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def _answer(response: Any) -> Answer:
    return Answer(response.status_code, response.content.decode())


def bring(sandbox: SandboxServer, callback: SignedCallback) -> Answer:
    """The sandbox's person does what it has in mind; then the worker has its turn."""
    answer = sandbox.app.answering(callback.supplier).deliver(Browser(), callback.address, callback)  # type: ignore
    work_off()
    return answer  # type: ignore


def fill_in(link: str, **changes: str) -> Answer:
    """Open the page and send its form, with some fields changed (`quantity_1` stands for quantity-1)."""
    browser = Browser()
    fields = page_read(browser.get(link).text).fields
    fields |= {name.replace("__", "-"): value for name, value in changes.items()}
    answer = browser.post(link, data=fields)
    work_off()
    return answer


def fresh(order: PurchaseOrder) -> PurchaseOrder:
    return PurchaseOrder.objects.get(pk=order.pk)
