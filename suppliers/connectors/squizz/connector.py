"""The glue: what a supplier on the SQUIZZ.com platform can do, in the terms of the connector contract."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from suppliers.connectors import entered
from suppliers.connectors.base import Capability, Connector, InboundDocument
from suppliers.connectors.http import HttpClient
from suppliers.connectors.jsondata import Json
from suppliers.connectors.network import url_problem
from suppliers.connectors.squizz import enquiries, esd, mapping, refusals, sales_orders, settings
from suppliers.connectors.squizz.accounts import CustomerAccounts
from suppliers.connectors.squizz.client import PRICES, PROCURE, PRODUCTS, STOCK, SquizzClient, procure_query
from suppliers.connectors.squizz.codes import Meaning, failure, sentence
from suppliers.connectors.squizz.lists import kept
from suppliers.connectors.squizz.purchase_orders import Writing, order_body
from suppliers.connectors.squizz.session import Sessions
from suppliers.connectors.units import UnitWords
from suppliers.exceptions import (
    AuthenticationFailed,
    OutcomeUnknown,
    ProtocolError,
)
from suppliers.messages import (
    CatalogueItem,
    Order,
    OrderAcknowledgement,
    OrderRefusal,
    OrderResponse,
    Quotation,
    QuotationRequest,
    RawDocument,
    RenderedOrder,
    StockAvailability,
    UnreadableItem,
)

LARGEST_PAGE = 5000  # records; the platform's own limit
FOUND_PAGE = 100  # records of a look-up
MOST_FOUND_PAGES = 50


class SquizzConnector(Connector):
    protocol = "squizz"
    label = "SQUIZZ.com"
    credential_fields = settings.CREDENTIALS
    setting_fields = settings.SETTINGS

    def _objection(self, name: str, value: str) -> str:
        match name:
            case "base_url":
                return url_problem(value)
            case "customer_accounts":
                CustomerAccounts(value, "")
            case "supplier_account_code":
                settings.short(self, name, 60)
            case "supplier_account_key":
                settings.short(self, name, 50)
            case "currency":
                settings.currency(self, name)
            case "compress" | "total_includes_charges" | "whole_packs" | "follow_orders":
                entered.yes(self, name)
            case "sales_order_means":
                entered.one_of(self, name, settings.DECISIONS)
            case "order_note_as":
                entered.one_of(self, name, settings.NOTE_AS_LINES)
            case "long_names":
                entered.one_of(self, name, settings.SHORTEN)
            case "tax_rate":
                settings.percent(self, name)
            case "country_names":
                settings.countries(self, name)
            case "unit_words":
                UnitWords(value)
            case "default_unit":
                settings.unit(self, name)
            case "page_size":
                entered.whole(self, name, 1, LARGEST_PAGE)
            case "lookup_days" | "follow_days":
                entered.whole(self, name, 1, 3650)
            case "follow_minutes":
                self._follow_minutes()
            case "lookup_first_page":
                entered.one_of(self, name, settings.FIRST_PAGES)
        return super()._objection(name, value)

    def open(self) -> None:
        self._http = HttpClient.for_account(self, timeout=self.timeout)
        self._sessions = Sessions(
            self._http,
            base_url=self.setting("base_url"),
            org_id=self.credential("org_id"),
            key=self.credential("api_org_key"),
            password=self.credential("api_org_pw"),
        )
        self._client = SquizzClient(
            self._http, self._sessions, supplier_org_id=self.setting("supplier_org_id")
        )
        self._accounts = self._customer_accounts()
        self._page_size = entered.whole(self, "page_size", 1, LARGEST_PAGE)

    def close(self) -> None:
        self._http.close()

    @property
    def capabilities(self) -> frozenset[Capability]:
        # Nothing is known of what becomes of an order that is sent twice, so it is not called idempotent.
        can = {Capability.CATALOGUE, Capability.QUOTATION, Capability.STOCK, Capability.LOOKUP}
        if entered.yes(self, "follow_orders"):
            can.add(Capability.POLL)
        return frozenset(can)

    def check(self) -> str:
        self._client.prove_credentials()
        offered = sum(isinstance(item, CatalogueItem) for item in self.fetch_catalogue())
        account = self._accounts.main
        return f"Signed in; {offered} products are offered{f' to account {account}' if account else ''}."

    # -- pull ---------------------------------------------------------------------------------------------
    def fetch_catalogue(self) -> Iterator[CatalogueItem | UnreadableItem]:
        return mapping.catalogue_items(
            self._records("catalogue", PRODUCTS),
            UnitWords(self.setting("unit_words")),
            default_unit=settings.unit(self, "default_unit"),
            whole_packs=entered.yes(self, "whole_packs"),
        )

    def fetch_quotation(self, items: Iterable[QuotationRequest]) -> Quotation:
        currency = settings.currency(self, "currency")
        return mapping.quotation(self._price_list(), items, currency)

    def fetch_stock_availability(
        self, items: Iterable[QuotationRequest]
    ) -> Iterator[StockAvailability | UnreadableItem]:
        field = self.setting("stock_field")

        def fetch() -> dict[str, mapping.Stock]:
            pages = self._client.records("stock", STOCK, self._accounts.main, page_size=self._page_size)
            return mapping.stock_quantities(pages, field)

        stock = kept(self._list_key("stock", field), fetch)
        for item in items:
            key = item.external_id or self._price_list().keys.get(item.supplier_sku, "")
            yield mapping.stock_availability(stock, item, key)

    def _price_list(self) -> mapping.PriceList:
        price_type = self.setting("price_type")

        def fetch() -> mapping.PriceList:
            return mapping.price_list(
                self._records("catalogue", PRODUCTS), self._records("price", PRICES, price_type)
            )

        return kept(self._list_key("prices", price_type), fetch)

    def _records(self, operation: str, data_type: int, price_type: str = "") -> Iterator[Json]:
        pages = self._client.records(
            operation, data_type, self._accounts.main, page_size=self._page_size, price_type=price_type
        )
        return (record for record, _ in pages)

    def _list_key(self, *what: str) -> tuple[str, ...]:
        supplier = self.setting("supplier_org_id")
        return (*self._sessions.account, supplier, self._accounts.main, *what)

    # -- orders -------------------------------------------------------------------------------------------
    def render_order(self, order: Order) -> tuple[RenderedOrder, ...]:
        """As it is before it is compressed. The session is made when the order is sent."""
        account = self._customer_accounts().of(order.deliver_to)
        query = urlencode(procure_query(self.setting("supplier_org_id"), account))
        where = f"POST {self.setting('base_url').rstrip('/')}/{PROCURE}/(session)?{query}"
        return (RenderedOrder(content_type="application/json", body=self._body(order), where=where),)

    def submit_order(self, order: Order) -> OrderAcknowledgement | OrderRefusal:
        body = self._body(order)
        reading = self._reading()
        answer = self._client.procure(
            body,
            order.buyer_reference,
            self._accounts.of(order.deliver_to),
            compressed=entered.yes(self, "compress"),
        )
        document, result = answer.document, answer.result
        what = self._what(f"order {order.number}")
        if result.ok:
            if refusals.names_bad_lines(document):
                raise OutcomeUnknown(f"{what} was taken, it says, and yet some of its lines were not.")
            raw = sales_orders.reply_document(answer.reply, order)
            try:
                response = sales_orders.document_read(raw, reading)
            except ProtocolError as error:
                # They said yes in words we cannot read: it may well be placed.
                raise OutcomeUnknown(f"The order may have been placed. {error}") from None
            return OrderAcknowledgement(supplier_reference=response.supplier_reference, raw=raw)
        meaning = result.of_an_order
        if meaning is Meaning.AMBIGUOUS or meaning is Meaning.UNLISTED or answer.holds_records:
            raise OutcomeUnknown(f"{what} may have been placed: {sentence(result)}", detail=result.words)
        if meaning in (Meaning.LINES, Meaning.HOLD):
            return refusals.refusal(document, result, order, self.config.supplier_name)
        if meaning is Meaning.SESSION:
            raise AuthenticationFailed(f"{what} was not looked at: a new session was refused, too.")
        raise failure(result, what)

    def find_order(self, buyer_reference: str) -> OrderResponse | None:
        pages = self._found_pages(buyer_reference, entered.whole(self, "lookup_days", 1, 3650))
        return enquiries.found_order(pages, self._what("the look-up"), buyer_reference)

    def _found_pages(self, text: str, days: int) -> Iterator[Json]:
        """Of every account of ours, as nothing says for which of them an order was."""
        first, always = entered.one_of(self, "lookup_first_page", settings.FIRST_PAGES)
        now = datetime.now(UTC)
        for account in self._accounts.every:
            seen: set[str] = set()
            for page in range(first, MOST_FOUND_PAGES):
                document = self._client.orders_found(
                    account,
                    text=text,
                    since=esd.milliseconds(now - timedelta(days=days)),
                    until=esd.milliseconds(now + timedelta(days=1)),  # their clock may be ahead of ours
                    page=page,
                    most=FOUND_PAGE,
                )
                yield document
                # A short page need not be the last: the supplier's own system may give fewer than asked for.
                shown = enquiries.digests(document)
                if page >= always and (shown <= seen or enquiries.shows(document, text)):
                    break
                seen |= shown
            else:
                raise ProtocolError(f"{self._what('the look-up')} has more than {MOST_FOUND_PAGES} pages.")

    # -- answers ------------------------------------------------------------------------------------------
    def fetch_documents(self, since: datetime | None) -> Iterator[RawDocument]:
        """All our orders of some weeks: nothing tells which of their records have changed `since`."""
        if Capability.POLL not in self.capabilities:
            raise self._unsupported("following of orders")
        account = self._list_key("orders")
        if not enquiries.is_due(account, self._follow_minutes()):
            return iter(())
        pages = self._found_pages("", entered.whole(self, "follow_days", 1, 3650))
        return enquiries.followed(pages, self.setting("reference_prefix"), account)

    def document_stored(self, raw: RawDocument) -> None:
        enquiries.stored(self._list_key("orders"), raw.message_id)

    def parse_documents(self, raw: RawDocument) -> list[InboundDocument]:
        if raw.channel == "poll":
            return enquiries.documents(raw, self._following())
        return [sales_orders.document_read(raw, self._reading())]

    # -- own ----------------------------------------------------------------------------------------------
    def _follow_minutes(self) -> int:
        return entered.whole(self, "follow_minutes", 0, 1440)

    def _customer_accounts(self) -> CustomerAccounts:
        return CustomerAccounts(self.setting("customer_accounts"), self.setting("customer_account_code"))

    def _body(self, order: Order) -> bytes:
        writing = Writing(
            supplier_account_code=self.setting("supplier_account_code").strip() or self.config.supplier_code,
            supplier_account_key=self.setting("supplier_account_key").strip(),
            units=UnitWords(self.setting("unit_words")),
            countries=settings.countries(self, "country_names"),
            tax_rate=settings.percent(self, "tax_rate"),
            shorten_names=entered.one_of(self, "long_names", settings.SHORTEN),
            note_as_lines=entered.one_of(self, "order_note_as", settings.NOTE_AS_LINES),
        )
        return order_body(order, writing)

    def _reading(self) -> sales_orders.Reading:
        return sales_orders.Reading(
            decision=entered.one_of(self, "sales_order_means", settings.DECISIONS),
            total_holds_charges=entered.yes(self, "total_includes_charges"),
        )

    def _following(self) -> enquiries.Following:
        return enquiries.Following(
            decision=self._reading().decision,
            prefix=self.setting("reference_prefix"),
            line_field=self.setting("record_line_field").strip(),
        )
