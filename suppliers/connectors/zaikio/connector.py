"""The glue: ordering as a consumer of Zaikio Procurement, in the terms of the connector contract."""

import hashlib
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from suppliers.connectors import entered
from suppliers.connectors.base import (
    CallbackRequest,
    Capability,
    Connector,
    InboundDocument,
)
from suppliers.connectors.http import HttpClient, Reply
from suppliers.connectors.jsondata import Json
from suppliers.connectors.network import url_problem
from suppliers.connectors.oauth import ClientCredentials
from suppliers.connectors.replies import RECEIVED_AT, REPLY, received_at, reference_of, reply_document
from suppliers.connectors.words import Words
from suppliers.connectors.zaikio import loom, mapping, settings
from suppliers.connectors.zaikio.client import CHANGE, ORDERS, REQUIREMENTS, ZaikioClient
from suppliers.connectors.zaikio.mapping import OrderReader, State
from suppliers.exceptions import (
    OutcomeUnknown,
    ProtocolError,
    SupplierUnavailable,
)
from suppliers.messages import (
    LineProblem,
    Order,
    OrderAcknowledgement,
    OrderLine,
    OrderRefusal,
    OrderResponse,
    RawDocument,
    RenderedOrder,
)

READINGS = 3  # of the list of orders, where it changes while it is read


class ZaikioConnector(Connector):
    protocol = "zaikio"
    label = "Zaikio Procurement"
    calls_per_minute = 300
    credential_fields = settings.CREDENTIALS
    setting_fields = settings.SETTINGS

    def _objection(self, name: str, value: str) -> str:
        match name:
            case "base_url" | "token_url":
                return url_problem(value)
            case "organization" if not re.fullmatch(r"Org/[A-Za-z0-9-]{1,60}", value, re.ASCII):
                return "An organisation is written Org/ and its id, as in a token's scope."
            case "reference_prefix" if not re.fullmatch("[A-Za-z0-9_-]{1,20}[:/]", value, re.ASCII):
                return "A prefix is a word that ends with : or /, such as buyer:."
            case "state_words":
                Words(value, State, "The state words")
            case "variant_field":
                self._variant_field()
            case "quantity_field":
                entered.one_of(self, name, settings.IN_BASE_UNIT)
            case "timeout_seconds":
                entered.number(self, name, 0.1, settings.LONGEST_TIMEOUT)
            case "most_pages":
                entered.whole(self, name, 1, settings.MOST_PAGES)
        return super()._objection(name, value)

    def open(self) -> None:
        self._http = HttpClient.for_account(
            self, timeout=entered.number(self, "timeout_seconds", 0.1, settings.LONGEST_TIMEOUT)
        )
        organization = self.setting("organization")
        scopes = [scope.strip() for scope in self.setting("scopes").split(",") if scope.strip()]
        oauth = ClientCredentials(
            self._http,
            token_url=self.setting("token_url"),
            client_id=self.credential("client_id"),
            client_secret=self.credential("client_secret"),
            scope=",".join(f"{organization}.{scope}" for scope in scopes),
        )
        self._client = ZaikioClient(
            self._http,
            oauth,
            base_url=self.setting("base_url"),
            most_pages=entered.whole(self, "most_pages", 1, settings.MOST_PAGES),
        )
        self._variant_field()

    def close(self) -> None:
        self._http.close()

    @property
    def capabilities(self) -> frozenset[Capability]:
        can = {Capability.LOOKUP, Capability.IDEMPOTENT_SUBMIT, Capability.CANCEL}
        if self.config.credentials.get("webhook_secret"):
            can.add(Capability.CALLBACK)
        return frozenset(can)

    def check(self) -> str:
        self._client.prove_credentials()
        first = next(self._client.order_pages(self.setting("lookup_query")))
        seen = sum(1 for _ in mapping.listed_orders(Json.parse(first.body, self._what("the orders"))))
        return f"Signed in for {self.setting('organization')}; {seen} orders on the first page."

    # -- orders -------------------------------------------------------------------------------------------
    def render_order(self, order: Order) -> tuple[RenderedOrder, ...]:
        """Step for step. The ids that the hub gives on the way are not known yet; words stand in their place."""
        own = tuple(f"id of the requirement of line {line.line_number}" for line in order.lines)
        root = self.setting("base_url").rstrip("/")
        bodies = [(self._requirement(order, line), f"POST {root}/{REQUIREMENTS}") for line in order.lines]
        bodies.append((self._reader.draft(order, list(own)), f"POST {root}/{ORDERS}"))
        bodies.append((CHANGE, f"PATCH {root}/{ORDERS}/(id of the draft)/place"))
        return tuple(
            RenderedOrder(content_type="application/json", body=body, where=where, to_come=own)
            for body, where in bodies
        )

    def _requirement(self, order: Order, line: OrderLine) -> bytes:
        variant = mapping.variant_of(line, self._variant_field())
        return self._reader.requirement(order, line, self.setting("supplier_id"), variant)

    def submit_order(self, order: Order) -> OrderAcknowledgement | OrderRefusal:
        started, reference = time.monotonic(), order.buyer_reference
        # Drafts of an attempt that failed are withdrawn before another is made: only one can ever be placed.
        if placed := self._placed(reference):
            return OrderAcknowledgement(supplier_reference=self._reader.supplier_reference(placed))
        requirements: list[str] = []
        problems: list[LineProblem] = []
        for line in order.lines:
            reply = self._client.prepare(
                "requirement", REQUIREMENTS, self._requirement(order, line), reference
            )
            answer = self._parsed(reply, f"the requirement of line {line.line_number}")
            if reply.status == 422:
                problems.append(mapping.line_problem(answer, line))
            else:
                requirements.append(mapping.identifier(answer.get("id")))
        if problems:
            return OrderRefusal(text="Some lines cannot be ordered.", problems=tuple(problems))
        reply = self._client.prepare("draft", ORDERS, self._reader.draft(order, requirements), reference)
        draft = self._parsed(reply, "the draft order")
        if reply.status in (409, 422):
            return OrderRefusal(text=mapping.error_text(draft)[0] or "The order was refused.")
        return self._place(mapping.identifier(draft.get("id")), reference, started)

    def _place(self, order_id: str, reference: str, started: float) -> OrderAcknowledgement | OrderRefusal:
        reply = self._client.place(order_id, reference, started=started)
        if reply.status in (409, 422):
            return self._not_placed(order_id, reference, reply)
        raw = reply_document(reply, reference)
        try:
            self.parse_documents(raw)
            number = self._reader.supplier_reference(self._parsed(reply, "the reply to our order"))
        except ProtocolError as error:
            # They said yes in words we cannot read: it may well be placed.
            raise OutcomeUnknown(f"The order may have been placed. {error}", status=reply.status) from None
        return OrderAcknowledgement(supplier_reference=number, raw=raw)

    def _not_placed(
        self, order_id: str, reference: str, refusal: Reply
    ) -> OrderAcknowledgement | OrderRefusal:
        """Refused to be placed: because of what is wrong with it, or because it is placed already."""
        try:
            placed = self._placed(reference)
        except ProtocolError as error:
            raise OutcomeUnknown(f"Order {order_id} may have been placed. {error}") from None
        if placed:
            return OrderAcknowledgement(supplier_reference=self._reader.supplier_reference(placed))
        try:
            text, _ = mapping.error_text(self._parsed(refusal, "the refusal"))
        except ProtocolError:  # it is certain that nothing is ordered, whatever their words are
            text = ""
        return OrderRefusal(text=text or "The order was refused.")

    def find_order(self, buyer_reference: str) -> OrderResponse | None:
        placed = self._placed(buyer_reference)
        if placed is None:
            return None
        order_id = mapping.identifier(placed.get("id"))
        reply = self._client.order(order_id)
        raw = self._document(reply, order_id)
        said = self._read(raw, self._parsed(reply, "the look-up"))
        return next(replace(one, raw=raw) for one in said if isinstance(one, OrderResponse))

    def cancel_order(self, order: Order, reason: str) -> OrderResponse | OrderRefusal:
        reference = order.buyer_reference
        placed = self._placed(reference)
        if placed is None:
            raise ProtocolError(self._what(f"there is no order {reference} to cancel."))
        reply = self._client.cancel(mapping.identifier(placed.get("id")), reference)
        if reply.status in (409, 422):
            return OrderRefusal(text=str(self._http.failure(reply)))
        found = self.find_order(reference)
        if found is None:
            raise ProtocolError(self._what(f"order {reference} has gone after it was cancelled."))
        return found

    # -- answers ------------------------------------------------------------------------------------------
    def verify_callback(self, request: CallbackRequest) -> RawDocument:
        secrets = self.config.credentials.get("webhook_secret", ())
        return loom.event_verify(request, secrets, self.setting("organization"))

    def announces(self, raw: RawDocument) -> bool:
        return raw.channel == "callback"

    def fetch_announced(self, raw: RawDocument) -> Iterator[RawDocument]:
        order_id = loom.order_pointed_to(raw, self.setting("order_id_field"))
        if not order_id:
            return  # of contracts and the like: nothing of an order has changed
        reply = self._client.order(order_id)
        if reply.status == 404:
            raise ProtocolError(
                self._what(f"there is no order {order_id}, of which an event spoke."), status=404
            )
        order = self._parsed(reply, f"order {order_id}")
        # Orders that people make in the hub itself are not ours to follow.
        if self._reader.buyer_reference(order) and self._reader.state(order) is not State.DRAFT:
            yield self._document(reply, order_id)

    def parse_documents(self, raw: RawDocument) -> list[InboundDocument]:
        return self._read(raw, Json.parse(raw.body, f"Message {raw.message_id}"))

    # -- own ----------------------------------------------------------------------------------------------
    @cached_property
    def _reader(self) -> OrderReader:
        return OrderReader(
            states=Words(self.setting("state_words"), State, "The state words"),
            prefix=self.setting("reference_prefix"),
            in_base_unit=entered.one_of(self, "quantity_field", settings.IN_BASE_UNIT),
        )

    def _placed(self, reference: str) -> Json | None:
        """The order that carries our reference. Drafts that do are withdrawn, so that none is placed late."""
        # All of the list first: with each draft that goes, the orders behind it move up.
        carrying = self._carrying(reference)
        kept = (o if self._reader.state(o) is not State.DRAFT else self._withdrawn(o) for o in carrying)
        placed = [order for order in kept if order]
        if len(placed) > 1:
            raise ProtocolError(self._what(f"{len(placed)} orders carry our reference {reference}."))
        return placed[0] if placed else None

    def _carrying(self, reference: str) -> list[Json]:
        for _ in range(READINGS):
            found: dict[str, Json] = {}
            seen: set[str] = set()
            there = 0
            for reply in self._client.order_pages(self.setting("lookup_query")):
                there = self._client.counted(reply, "Total-Count")
                for order in mapping.listed_orders(self._parsed(reply, "the orders")):
                    order_id = mapping.identifier(order.get("id"))
                    seen.add(order_id)
                    if reference in self._reader.references(order):
                        found[order_id] = order
            # Others come and go meanwhile; one that moved to a page that was read already is not seen.
            if found or len(seen) >= there:
                return list(found.values())
        raise SupplierUnavailable(self._what("its list of orders changed each time it was read."))

    def _withdrawn(self, draft: Json) -> Json | None:
        order_id = mapping.identifier(draft.get("id"))
        if self._client.withdraw(order_id).status != 422:
            return None
        reply = self._client.order(order_id)  # placed meanwhile
        if reply.status == 404:
            return None
        order = self._parsed(reply, f"order {order_id}")
        if self._reader.state(order) is State.DRAFT:
            raise ProtocolError(self._what(f"draft {order_id} cannot be withdrawn."))
        return order

    def _read(self, raw: RawDocument, order: Json) -> list[InboundDocument]:
        moment = received_at(raw)
        reference = self._reader.buyer_reference(order)
        asked = reference_of(raw) if raw.channel == REPLY else reference
        if not reference or reference != asked:
            raise order.get("references").wrong(f"our reference {asked}".strip())
        return self._reader.documents(order, raw.message_id, reference, moment)

    def _document(self, reply: Reply, order_id: str) -> RawDocument:
        digest = hashlib.sha256(reply.body).hexdigest()[:32]
        return RawDocument(
            message_id=f"order:{order_id}:{digest}",  # the same state is the same news
            channel="lookup",
            content_type=reply.content_type,
            body=reply.body,
            headers={RECEIVED_AT: reply.received_at.isoformat()},
        )

    def _parsed(self, reply: Reply, thing: str) -> Json:
        return Json.parse(reply.body, self._what(thing))

    def _variant_field(self) -> str:
        return entered.one_of(self, "variant_field", settings.VARIANT_FIELDS)
