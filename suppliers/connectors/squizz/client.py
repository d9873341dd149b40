"""Talking: addresses, sessions, pages, and which call may be repeated."""

import hashlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from suppliers.connectors.http import HttpClient, Reply
from suppliers.connectors.jsondata import Json
from suppliers.connectors.squizz import esd
from suppliers.connectors.squizz.codes import NO_RECORD, Meaning, Result, failure, result_read
from suppliers.connectors.squizz.session import Sessions
from suppliers.exceptions import (
    NotDelivered,
    OutcomeUnknown,
    ProtocolError,
    SupplierUnavailable,
)

SENT_WITHIN = 15.0  # seconds from the request to send an order to its POST, session included
MOST_PAGES = 2000
PROCURE = "procure_purchase_order_from_supplier"
PRODUCTS, STOCK, PRICES = 3, 10, 37  # data_type_id
JSON = {"Accept": "application/json", "Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Answer:
    reply: Reply
    document: Json
    result: Result

    @property
    def holds_records(self) -> bool:
        """A refusal that brings sales orders along contradicts itself."""
        return self.document.get("dataRecords").value not in (None, "", [])


def procure_query(supplier_org_id: str, account: str) -> dict[str, str]:
    return {"supplier_org_id": supplier_org_id, "customer_account_code": account}


class SquizzClient:
    def __init__(self, http: HttpClient, sessions: Sessions, *, supplier_org_id: str) -> None:
        self._http = http
        self._sessions = sessions
        self._supplier = supplier_org_id

    def prove_credentials(self) -> None:
        self._sessions.prove()

    # -- orders -------------------------------------------------------------------------------------------
    def procure(self, body: bytes, reference: str, account: str, *, compressed: bool) -> Answer:
        """Place the order. An answer that cannot be read is an unknown outcome."""
        started = time.monotonic()
        query = procure_query(self._supplier, account)

        def send(session: str) -> Answer:
            # Whoever asked us to send may have been given up for dead while we waited for a session.
            if time.monotonic() - started > SENT_WITHIN:
                raise NotDelivered("It took too long to get a session, so nothing was sent.")
            url = self._url(PROCURE, session, query)
            reply = self._http.place(
                "submit", url, headers=JSON, body=body, reference=reference, compressed=compressed
            )
            try:
                return self._answer(reply, "the reply to our order")
            except ProtocolError as error:
                raise OutcomeUnknown(
                    f"The order may have been placed. {error}", status=reply.status
                ) from None

        try:
            session = self._sessions.current()
            answer = send(session)
            if answer.result.of_an_order is Meaning.SESSION and not answer.holds_records:
                # It was turned away at the door, so a second POST of it is no repetition.
                answer = send(self._sessions.renewed(session))
        except SupplierUnavailable as error:  # placing never raises it: the session could not be had
            raise NotDelivered(
                f"No session, so nothing was sent. {error}",
                status=error.status,
                retry_after=error.retry_after,
            ) from None
        return answer

    def orders_found(self, account: str, *, text: str, since: int, until: int, page: int, most: int) -> Json:
        """One page of the supplier's sales orders for us, straight from its own system."""
        query = {
            "record_type": "ORDER_SALE",
            "supplier_org_id": self._supplier,
            "customer_account_code": account,
            "begin_date_time": str(since),
            "end_date_time": str(until),
            "page_number": str(page),
            "records_max_amount": str(most),
            "outstanding_records": "N",
            "search_string": text,
            "key_record_ids": "",
            "search_type": "",
        }
        return self._asked("look_up", "search_customer_account_records_esd", query, "the look-up").document

    # -- lists --------------------------------------------------------------------------------------------
    def records(
        self, operation: str, data_type: int, account: str, *, page_size: int, price_type: str = ""
    ) -> Iterator[tuple[Json, Json]]:
        """Every record with the document it came in, page after page until one is empty."""
        start, seen = 0, set[str]()
        for _ in range(MOST_PAGES):
            query = {
                "data_type_id": str(data_type),
                "supplier_org_id": self._supplier,
                "customer_account_code": account,
                "records_max_amount": str(page_size),
                "records_start_index": str(start),
            }
            if price_type:
                query["price_type"] = price_type
            what = f"{operation} from record {start}"
            answer = self._asked(operation, "retrieve_esd", query, what, no_more=start > 0)
            records = esd.entries(answer.document, "dataRecords")
            if not records:
                return
            digest = hashlib.sha256(answer.reply.body).hexdigest()
            if digest in seen:  # or we would turn in a circle
                raise ProtocolError(f"{self._what(what)} is a page that we had already.")
            seen.add(digest)
            for record in records:
                yield record, answer.document
            start += len(records)
        raise ProtocolError(f"{self._what(operation)}: more than {MOST_PAGES} pages.")

    # -- one call -----------------------------------------------------------------------------------------
    def _asked(
        self, operation: str, endpoint: str, query: Mapping[str, str], what: str, *, no_more: bool = False
    ) -> Answer:
        """`no_more`: "no record" is an answer, as behind the last page."""

        def ask(session: str) -> Answer:
            url = self._url(endpoint, session, query)
            return self._answer(self._http.read(operation, "GET", url, headers=JSON), what)

        session = self._sessions.current()
        answer = ask(session)
        if answer.result.meaning is Meaning.SESSION:
            answer = ask(self._sessions.renewed(session))
        if not answer.result.ok and not (no_more and answer.result.code == NO_RECORD):
            raise failure(answer.result, self._what(what))
        return answer

    def _answer(self, reply: Reply, what: str) -> Answer:
        if reply.status != 200:
            raise ProtocolError(f"{self._what(what)}: HTTP {reply.status} instead of 200.")
        document = Json.parse(reply.body, self._what(what))
        return Answer(reply, document, result_read(document))

    def _url(self, endpoint: str, session: str, query: Mapping[str, str]) -> str:
        return f"{self._sessions.root}{endpoint}/{quote(session, safe='')}?{urlencode(query)}"

    def _what(self, thing: str) -> str:
        return f"{self._http.supplier_name}: {thing}"
