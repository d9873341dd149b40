"""The glue: what a supplier with an API of its own can do, in the terms of the connector contract."""

import hashlib
from functools import cached_property

from suppliers.connectors.conflict import http_conflict
from suppliers.connectors.declared.base import DeclaredConnector
from suppliers.connectors.jsondata import Json
from suppliers.connectors.oauth import ClientCredentials
from suppliers.connectors.rest import authentication, settings
from suppliers.connectors.rest.account import CHECKS, Account
from suppliers.connectors.rest.client import RestClient, address
from suppliers.exceptions import ProtocolError
from suppliers.messages import Order, OrderAcknowledgement, OrderRefusal, OrderResponse, RenderedOrder

NOBODYS_REFERENCE = "connection-test"


class RestConnector(DeclaredConnector):
    protocol = "rest"
    label = "REST API"
    credential_fields = settings.CREDENTIALS
    setting_fields = settings.SETTINGS
    checks = CHECKS
    lookup_setting = "lookup_url"
    cancel_setting = "cancel_url"

    @cached_property
    def _account(self) -> Account:
        return Account(self.setting)

    def _answer_read(self, body: bytes, what: str) -> Json:
        return Json.parse(body, what)

    def _message_read(self, body: bytes, what: str) -> Json:
        return Json.parse(body, what)

    def _is_empty(self, body: bytes, what: str) -> bool:
        return not body.strip()

    def open(self) -> None:
        super().open()
        self._authentication = self._signing_in()
        self._client = RestClient(self._http, self._authentication)

    def check(self) -> str:
        if url := self.setting("check_url"):
            self._client.ask("check", url)
            return f"{url} answered: we are let in."
        if url := self.setting("lookup_url"):
            self._client.ask("check", address(url, NOBODYS_REFERENCE), accept=(404,))
            return "Signed in; the look-up of orders answers."
        if isinstance(self._authentication, authentication.Token):
            self._authentication.prove()
            return "We got a token. Nothing else can be tried without ordering."
        return "The settings are complete. Nothing can be tried without ordering: no address to test is set."

    # -- orders -------------------------------------------------------------------------------------------
    def render_order(self, order: Order) -> tuple[RenderedOrder, ...]:
        body = self._order_body(self._account.template, order)
        where = f"POST {self.setting('order_url')}"
        return (RenderedOrder(content_type="application/json", body=body, where=where),)

    def submit_order(self, order: Order) -> OrderAcknowledgement | OrderRefusal:
        account, reference = self._account, order.buyer_reference
        body = self._order_body(account.template, order)
        reply = self._client.place(
            "submit",
            self.setting("order_url"),
            body,
            reference=reference,
            keyed=self._key(reference, body),
            accept=account.refusals,
        )
        if reply.status == 409:
            return http_conflict(self, self._http, reply, reference)
        if reply.status in account.refusals:
            return account.replies.refusal(Json.parse(reply.body, self._what("the reply to our order")))
        return self._order_answered(reply, reference)

    def _key(self, reference: str, body: bytes) -> dict[str, str]:
        """The same for the same order sent again. One that was refused and mended goes out under the same reference
        with another body, and to that such keys answer with the old refusal, or with a new one.
        """
        header = self.setting("idempotency_header")
        return {header: f"{reference}-{hashlib.sha256(body).hexdigest()[:16]}"} if header else {}

    def find_order(self, buyer_reference: str) -> OrderResponse | None:
        url = self.setting("lookup_url")
        if not url:
            raise self._unsupported("an order look-up")
        reply = self._client.ask("look_up", address(url, buyer_reference), accept=(404,))
        if reply.status == 404:
            # A search that finds nothing answers with an empty list, so this address does not exist.
            if "?" in url:
                raise ProtocolError(self._what(f"there is no order look-up at {url}."), status=404)
            return None
        return self._order_looked_up(reply, buyer_reference)

    def cancel_order(self, order: Order, reason: str) -> OrderResponse | OrderRefusal:
        url = self.setting("cancel_url")
        if not url:
            raise self._unsupported("cancelling")
        account, reference = self._account, order.buyer_reference
        body = self._order_body(account.cancel_template, order, reason)
        reply = self._client.place(
            "cancel",
            address(url, reference),
            b"" if account.cancel_method == "DELETE" else body,
            reference=reference,
            method=account.cancel_method,
        )
        if reply.status == 409:  # not to be cancelled any more
            return OrderRefusal(text=str(self._http.failure(reply)))
        return self._order_cancelled(reply, reference)

    # -- own ----------------------------------------------------------------------------------------------
    def _signing_in(self) -> authentication.Authentication:
        match self._account.authentication:
            case "api_key":
                return authentication.Fixed({self.setting("api_key_header"): self.credential("api_key")})
            case "basic":
                return authentication.basic(self.credential("username"), self.credential("password"))
            case "hmac":
                return authentication.Signed(self._account.request_form, self.credential("signing_key"))
            case "oauth2":
                oauth = ClientCredentials(
                    self._http,
                    token_url=self.setting("token_url"),
                    client_id=self.credential("client_id"),
                    client_secret=self.credential("client_secret"),
                    scope=self.setting("token_scope"),
                    in_form=self._account.token_form,
                )
                return authentication.Token(oauth)
            case _:
                return authentication.Fixed({})
