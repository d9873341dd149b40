"""What the platform's result codes mean for us, and where in an answer the result stands.

The code may stand at the top of an answer or in its `configs`, or in both; the success word and the number of
an Ecommerce Standards Document say the same once more. Whatever says "no" wins.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from suppliers.connectors.jsondata import Json
from suppliers.connectors.squizz import esd
from suppliers.exceptions import (
    AuthenticationFailed,
    ConnectorConfigurationError,
    ConnectorError,
    ProtocolError,
    RateLimited,
    SupplierUnavailable,
)


class Meaning(StrEnum):
    OK = "ok"
    SESSION = "session"  # not looked at: sign in again
    TRANSIENT = "transient"  # did not act, may be asked again
    THROTTLED = "throttled"  # did not act, wait some minutes
    CREDENTIALS = "credentials"
    CONFIGURATION = "configuration"  # somebody has to set something up, here or at the supplier
    HOLD = "hold"  # a business reason, for a person
    LINES = "lines"  # some lines cannot be taken
    DOCUMENT = "document"  # our document was refused
    AMBIGUOUS = "ambiguous"  # may have acted
    UNLISTED = "unlisted"  # a word we do not know


A_FEW_MINUTES = timedelta(minutes=3)

OK = "SERVER_SUCCESS"
NO_RECORD = "SERVER_ERROR_ESD_DOCUMENT_NO_RECORD"
CODES: dict[str, tuple[Meaning, str]] = {
    OK: (Meaning.OK, ""),
    "SERVER_ERROR_SESSION_INVALID": (Meaning.SESSION, "our session has ended"),
    "SERVER_ERROR_UNKNOWN": (Meaning.AMBIGUOUS, "something broke there"),
    "SERVER_ERROR_DATA_IMPORT_ABORTED": (Meaning.AMBIGUOUS, "the work was broken off there"),
    # named by the platform's own clients for failures on the way; nobody knows what they mean from a server
    "SERVER_ERROR_MALFORMED_URL": (Meaning.AMBIGUOUS, "the address was not understood"),
    "SERVER_ERROR_RESPONSE": (Meaning.AMBIGUOUS, "the answer could not be written"),
    "SERVER_ERROR_REQUEST_PROTOCOL": (Meaning.AMBIGUOUS, "the request was not understood"),
    "SERVER_ERROR_CONNECTION": (Meaning.AMBIGUOUS, "a connection was missing there"),
    "SERVER_ERROR_IO": (Meaning.AMBIGUOUS, "something could not be read or written there"),
    "SERVER_ERROR_DATA_IMPORT_BUSY": (Meaning.TRANSIENT, "it is busy"),
    "SERVER_ERROR_DATA_IMPORT_MAX_IMPORTS_RUNNING": (Meaning.TRANSIENT, "too much is running there"),
    "SERVER_ERROR_MAX_SEARCHES_REACHED": (Meaning.THROTTLED, "it was asked too often; wait a few minutes"),
    "SERVER_ERROR_INCORRECT_API_CREDENTIALS": (Meaning.CREDENTIALS, "it does not accept our API key"),
    "SERVER_ERROR_PERMISSION_DENIED": (Meaning.CREDENTIALS, "our API key may not do this"),
    "SERVER_ERROR_INVALID_API_ACTION": (Meaning.CONFIGURATION, "this action is not open to us"),
    "SERVER_ERROR_ORG_DOES_NOT_EXIST": (
        Meaning.CONFIGURATION,
        "there is no active organisation with this supplier organisation id",
    ),
    "SERVER_ERROR_ORG_NOT_FOUND": (Meaning.CONFIGURATION, "the organisation was not found"),
    "SERVER_ERROR_ORG_CANNOT_BE_FOUND": (Meaning.CONFIGURATION, "the organisation was not found"),
    "SERVER_ERROR_ORG_INACTIVE": (Meaning.CONFIGURATION, "the organisation is not active"),
    "SERVER_ERROR_ORG_NOT_SELLING": (
        Meaning.CONFIGURATION,
        "the supplier is not selling there; it has to change its trading status",
    ),
    "SERVER_ERROR_NO_ORG_CUSTOMER_ACCOUNT_SET": (
        Meaning.CONFIGURATION,
        "the supplier has assigned no customer account to us",
    ),
    "SERVER_ERROR_NO_ORG_CUSTOMER_ACCOUNT_ASSIGNED": (
        Meaning.CONFIGURATION,
        "the supplier has assigned no customer account to us",
    ),
    "SERVER_ERROR_NO_CUSTOMER_ACCOUNT_FOUND": (
        Meaning.CONFIGURATION,
        "there is no customer account with this code",
    ),
    "SERVER_ERROR_CUSTOMER_ACCOUNT_NO_ACCOUNT_PAYMENT_TYPE": (
        Meaning.CONFIGURATION,
        "our customer account has no payment on account; the supplier has to set it up",
    ),
    "SERVER_ERROR_CUSTOMER_ACCOUNT_ON_HOLD": (Meaning.HOLD, "our customer account is on hold"),
    "SERVER_ERROR_CUSTOMER_ACCOUNT_OUTSIDE_BALANCE_LIMIT": (
        Meaning.HOLD,
        "the order goes beyond the limit of our customer account",
    ),
    "SERVER_ERROR_ORG_NOT_ENOUGH_CREDITS": (
        Meaning.HOLD,
        "the supplier has too few trading tokens to take an order; it has to buy some",
    ),
    "SERVER_ERROR_INSUFFICIENT_CREDIT": (Meaning.HOLD, "there are too few trading tokens"),
    "SERVER_ERROR_ORDER_PRODUCT_NOT_MAPPED": (
        Meaning.LINES,
        "some articles were not found, are not in stock or are not sold to us",
    ),
    "SERVER_ERROR_ORDER_MAPPED_PRODUCT_PRICE_NOT_FOUND": (
        Meaning.LINES,
        "some articles have no price for us",
    ),
    "SERVER_ERROR_ORDER_MAPPED_PRODUCT_STOCK_NOT_AVAILABLE": (
        Meaning.LINES,
        "some articles are not in stock",
    ),
    "SERVER_ERROR_ORDER_PRODUCT_NOT_MATCHED": (Meaning.LINES, "some articles were not found"),
    "SERVER_ERROR_ORDER_LINE_PRICING_MISSING": (Meaning.LINES, "some lines have no price"),
    # of the import of sales orders, which we do not use
    "SERVER_ERROR_ORDER_SURCHARGE_NOT_FOUND": (Meaning.DOCUMENT, "a surcharge was not found"),
    "SERVER_ERROR_ORDER_SURCHARGE_PRICING_MISSING": (Meaning.DOCUMENT, "a surcharge has no price"),
    "SERVER_ERROR_ORDER_PAYMENT_NOT_MATCHED": (Meaning.DOCUMENT, "a payment was not matched"),
    "SERVER_ERROR_PAYMENT_STATUS_NOT_SUPPORTED": (Meaning.DOCUMENT, "the payment status is not supported"),
    "SERVER_ERROR_ORDER_TEXT_LINES_ONLY_NOT_ALLOWED": (Meaning.DOCUMENT, "an order needs a product line"),
    "SERVER_ERROR_DATA_JSON_WRONG_CONTENT_TYPE": (Meaning.DOCUMENT, "the content type is wrong"),
    "SERVER_ERROR_DATA_JSON_MALFORMED": (Meaning.DOCUMENT, "the JSON could not be read"),
    "SERVER_ERROR_ESD_DOCUMENT_HEADER_MALFORMED": (Meaning.DOCUMENT, "the document's header is malformed"),
    "SERVER_ERROR_ESD_DOCUMENT_HEADER_MISSING_ATTRIBUTES": (
        Meaning.DOCUMENT,
        "the document's header lacks something",
    ),
    "SERVER_ERROR_ESD_DOCUMENT_UNSUCCESSFUL": (Meaning.DOCUMENT, "the document says that it failed"),
    NO_RECORD: (Meaning.DOCUMENT, "the document holds no record"),
    "SERVER_ERROR_INCORRECT_DATA_TYPE": (Meaning.DOCUMENT, "the type of data is wrong"),
    "SERVER_ERROR_INCORRECT_RECORD_TYPE": (Meaning.DOCUMENT, "the type of record is wrong"),
}

# `resultStatus` where no code is told. Most speak of the supplier's own system behind the platform.
STATUSES: dict[int, tuple[Meaning, str]] = {
    1: (Meaning.OK, ""),
    2: (Meaning.AMBIGUOUS, "something broke there"),
    3: (Meaning.AMBIGUOUS, "something broke there"),
    4: (Meaning.AMBIGUOUS, "the supplier's own system is not connected"),
    5: (Meaning.AMBIGUOUS, "the connection to the supplier's own system was lost"),
    6: (Meaning.UNLISTED, "the supplier's own system refuses the platform"),
    7: (Meaning.AMBIGUOUS, "the supplier's own system is working on something"),
    8: (Meaning.AMBIGUOUS, "the supplier's own system gave data that cannot be used"),
    9: (Meaning.UNLISTED, "the supplier's connector refuses the platform"),
    10: (Meaning.AMBIGUOUS, "the supplier's connector failed"),
    11: (Meaning.AMBIGUOUS, "the supplier's connector gave data that cannot be used"),
    12: (Meaning.UNLISTED, "the supplier's connector is not set up"),
    13: (Meaning.UNLISTED, "the supplier's own system does not permit it"),
    14: (Meaning.THROTTLED, "the supplier's own system was asked too often"),
}
WORD = 40  # characters of a result word


@dataclass(frozen=True, slots=True)
class Result:
    meaning: Meaning
    code: str  # or "resultStatus 4"; empty where nothing is told
    words: str

    @property
    def ok(self) -> bool:
        return self.meaning is Meaning.OK

    @property
    def of_an_order(self) -> Meaning:
        """What it means for an order that was sent: only a code that we know proves that nothing was done."""
        return self.meaning if self.code in CODES else Meaning.AMBIGUOUS


def result_read(document: Json) -> Result:
    """What the answer as a whole says. Raises `ProtocolError` where it is no answer of this platform."""
    places = [document]
    if configs := esd.told(document, "configs"):
        places.append(configs)
    words = [esd.code(place, "result", limit=WORD).upper() for place in places]
    codes = [esd.code(place, "result_code", limit=100).upper() for place in places]
    status = esd.number(document, "resultStatus", negative=True)
    bad = {code for code in codes if code not in ("", OK)}
    said = esd.note(document, "message", "result_message", limit=300)
    if len(bad) > 1:
        return Result(Meaning.UNLISTED, ", ".join(sorted(bad)), said)
    if bad:
        (code,) = bad
        meaning, text = CODES.get(code, (Meaning.UNLISTED, ""))
        return Result(meaning, code, _together(text, said))
    if status not in (None, 1):
        found = STATUSES.get(int(status)) if status == status.to_integral_value() else None
        meaning, text = found or (Meaning.UNLISTED, "")
        return Result(meaning, f"resultStatus {status:f}".rstrip("0").rstrip("."), _together(text, said))
    if any(word not in ("", "SUCCESS") for word in words) or not (status == 1 or "SUCCESS" in words):
        return Result(Meaning.UNLISTED, next(filter(None, words), ""), said)
    return Result(Meaning.OK, OK, said)


def failure(result: Result, what: str) -> ConnectorError | ConnectorConfigurationError:
    """The result of a question as an exception; an order's is sorted more carefully (see the connector)."""
    message = f"{what}: {sentence(result)}"
    match result.meaning:
        case Meaning.SESSION | Meaning.CREDENTIALS:
            return AuthenticationFailed(message)
        case Meaning.TRANSIENT | Meaning.AMBIGUOUS:
            return SupplierUnavailable(message)
        case Meaning.THROTTLED:
            return RateLimited(message, retry_after=A_FEW_MINUTES)
        case Meaning.CONFIGURATION:
            return ConnectorConfigurationError(message)
    return ProtocolError(message, detail=result.words)


def sentence(result: Result) -> str:
    code = f" ({result.code})" if result.code else ""
    return f"{result.words or 'it failed and did not say why'}{code}."


def _together(text: str, said: str) -> str:
    return f"{text}: {said.rstrip('.')}" if text and said else text or said
