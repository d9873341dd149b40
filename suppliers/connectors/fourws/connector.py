"""The glue: what 4ws.trade can do, in the terms of the connector contract."""

import time
from dataclasses import replace
from typing import Any

from suppliers.connectors.base import (
    LONGEST_TIMEOUT,
    CallbackRefused,
    CallbackRequest,
    Capability,
    Connector,
    InboundDocument,
)
from suppliers.connectors.fourws import documents, mapping
from suppliers.connectors.fourws.account import CREDENTIALS, READERS, SETTINGS
from suppliers.connectors.fourws.addresses import Claim, callback_address, claim_verify, document_id, token
from suppliers.connectors.fourws.client import FourwsClient
from suppliers.connectors.fourws.places import location, sheets
from suppliers.connectors.http import HttpClient
from suppliers.connectors.jsondata import Json
from suppliers.connectors.redaction import Redactor
from suppliers.connectors.replies import reply_document
from suppliers.exceptions import ConnectorConfigurationError, ConnectorError, OutcomeUnknown, ProtocolError
from suppliers.messages import Address, Order, OrderAcknowledgement, OrderRefusal, RawDocument, RenderedOrder


class FourwsConnector(Connector):
    protocol = "fourws"
    label = "4ws.trade"
    credential_fields = CREDENTIALS
    setting_fields = SETTINGS
    callbacks_are_signed = False

    def _objection(self, name: str, value: str) -> str:
        try:
            READERS.get(name, str)(value)
        except ValueError as error:
            return str(error)
        return super()._objection(name, value)

    def open(self) -> None:
        self._patience = 2 * self.timeout
        self._http = HttpClient.for_account(self, timeout=self.timeout)
        sign_in = self._read("auth_value").replace("{token}", self.credential("api_token"))
        self._client = FourwsClient(
            self._http,
            address=self._read("save_purchase_url"),
            headers={self._read("auth_header"): sign_in} | self._read("service_header"),
        )
        for name in ("places", "callback_url"):
            self._read(name)
        self._terms()  # whatever is entered wrongly shows at once

    def close(self) -> None:
        self._http.close()

    @property
    def capabilities(self) -> frozenset[Capability]:
        can = set()
        if self.config.credentials.get("callback_secret"):
            can.add(Capability.CALLBACK)
        if self._read("duplicate_check"):
            can.add(Capability.IDEMPOTENT_SUBMIT)
        if self._read("places"):
            can.add(Capability.SEVERAL_SITES)
        return frozenset(can)

    def delivers_to(self, place: Address) -> bool:
        return location(place, self._read("places")) is not None

    def check(self) -> str:
        status = self._client.knock().status
        return (
            f"The address answers (HTTP {status}) and does not refuse our token; only an order can prove more. "
            f"Callbacks are expected at {self._callback_base()}."
        )

    # -- orders -------------------------------------------------------------------------------------------
    def submit_order(self, order: Order) -> OrderAcknowledgement | OrderRefusal:
        started = time.monotonic()
        bodies = []  # all of them first, so that whatever is wrong shows before anything is sent
        for body, secret in self._documents(order):
            self._http.redactor.add(secret)
            bodies.append(body)
        acknowledged: OrderAcknowledgement | None = None
        for part, body in enumerate(bodies, 1):
            try:
                if acknowledged and time.monotonic() - started + self._patience > 2 * LONGEST_TIMEOUT:
                    raise OutcomeUnknown("Sending took too long.")
                answer = self._sent(order, body, document_id(order.buyer_reference, part, len(bodies)))
                if isinstance(answer, OrderRefusal) and acknowledged:
                    raise ProtocolError(answer.text)
            except (ConnectorError, ConnectorConfigurationError) as error:
                if not acknowledged:
                    raise
                raise OutcomeUnknown(
                    f"Of the {len(bodies)} documents of this order {part - 1} arrived; document {part} did not "
                    f"go through, and the rest was not sent. {error}"
                ) from None
            if isinstance(answer, OrderRefusal):
                return answer
            acknowledged = acknowledged or answer
        assert acknowledged is not None  # noqa: S101  an order has at least one document
        if len(bodies) == 1:
            return acknowledged
        return replace(acknowledged, note=f"It went out as {len(bodies)} documents of ten locations at most.")

    def render_order(self, order: Order) -> tuple[RenderedOrder, ...]:
        """With the tokens of the callback addresses blacked out, as nobody here may answer for the supplier."""
        rendered = []
        for body, secret in self._documents(order):
            redactor = Redactor()
            redactor.add(secret)
            where = f"POST {self._read('save_purchase_url')}"
            rendered.append(
                RenderedOrder(content_type="application/json", body=redactor.body(body), where=where)
            )
        return tuple(rendered)

    def _documents(self, order: Order) -> list[tuple[bytes, str]]:
        """Each with the token in its callback address."""
        supplier, secret = self.config.supplier_code, self.credential("callback_secret")
        if problem := self.problem_with("callback_secret", secret):
            raise ConnectorConfigurationError(self._what(problem))
        terms, base = self._terms(), self._callback_base()
        status = terms.document_status.lower() or "unstated"
        pages = sheets(order, self._read("places"))
        made = []
        for part, sheet in enumerate(pages, 1):
            claim = Claim(order.buyer_reference, status, part, len(pages))
            body = mapping.document_body(
                order,
                sheet,
                terms,
                document_id=claim.document_id,
                callback=callback_address(base, claim, supplier=supplier, secret=secret),
            )
            made.append((body, token(claim, supplier=supplier, secret=secret)))
        return made

    def _sent(self, order: Order, body: bytes, identity: str) -> OrderAcknowledgement | OrderRefusal:
        supplier, reference = self.config.supplier_name, order.buyer_reference
        reply = self._client.save_purchase(body, reference)
        if reply.status == 409:
            raise OutcomeUnknown(
                f"{supplier} reports a conflict with {identity} (HTTP 409): perhaps it has the document already.",
                status=409,
                detail=self._client.said(reply),
            )
        raw = reply_document(reply, reference)
        try:
            answer = Json.parse(reply.body, f"{supplier}: the reply")
            if why_not := documents.refusal(answer):
                return OrderRefusal(text=f"{supplier} did not take the order: {why_not}")
            taken = documents.taken(answer, raw, self.setting("reply_id_field"))
        except ProtocolError as error:
            # They said yes in words that we cannot read; their callback will tell.
            raise OutcomeUnknown(f"The order may have been placed. {error}", status=reply.status) from None
        return OrderAcknowledgement(supplier_reference=taken.supplier_reference, raw=raw)

    # -- answers ------------------------------------------------------------------------------------------
    def verify_callback(self, request: CallbackRequest) -> RawDocument:
        secrets = self.config.credentials.get("callback_secret", ())
        if not secrets:
            raise CallbackRefused("not_configured", "This address is not set up for callbacks.", status=503)
        claim = claim_verify(request.path, supplier=self.config.supplier_code, secrets=secrets)
        if claim is None:
            raise CallbackRefused("bad_address", "There is no such callback address.", status=404)
        return documents.callback_document(request, claim)

    def parse_documents(self, raw: RawDocument) -> list[InboundDocument]:
        return documents.documents(
            raw, id_field=self.setting("reply_id_field"), ids_echoed=self._read("check_callback_id")
        )

    # -- own ----------------------------------------------------------------------------------------------
    def _terms(self) -> mapping.Terms:
        return mapping.Terms(
            branch_code=self._read("branch_code"),
            buyer_code=self._read("buyer_code"),
            supplier_code=self.setting("supplier_code"),
            document_status=self._read("document_status"),
            cause=self.setting("cause"),
            system=self.setting("system"),
            payment_code=self.setting("payment_code"),
            season_code=self.setting("season_code"),
            currency_symbols=self._read("currency_symbols"),
            zone=self._read("time_zone"),
            send_prices=self._read("send_prices"),
            markup_percent=self._read("markup_percent"),
            tax_rate=self._read("tax_rate"),
            tax_rates=self._read("tax_rates"),
            dimension_sign=self._read("dimension_sign"),
        )

    def _callback_base(self) -> str:
        base: str = self._read("callback_url") or self.config.callback_url
        if not base:
            raise ConnectorConfigurationError(self._what("our callback address is not set."))
        return base

    def _read(self, name: str) -> Any:
        try:
            return READERS[name](self.setting(name))
        except ValueError as error:
            label = next(declared.label for declared in self.setting_fields if declared.name == name)
            raise ConnectorConfigurationError(self._what(f"{label}: {error}")) from None
