"""The settings of one account, read and checked; and the same checks for whoever enters them."""

from collections.abc import Callable
from functools import cached_property

from suppliers.connectors.network import url_problem
from suppliers.connectors.rest import authentication, callbacks
from suppliers.connectors.rest.answers import AnswerReader
from suppliers.connectors.rest.authentication import SignatureForm, header_problem
from suppliers.connectors.rest.mapping import (
    AnswerMapping,
    choice,
    path_problem,
    problem_words,
    status_words,
    statuses_read,
)
from suppliers.connectors.rest.template import Template, cancel_template, order_template
from suppliers.connectors.standard_webhooks import signing_key_problem
from suppliers.connectors.units import UnitWords
from suppliers.exceptions import ConnectorConfigurationError
from suppliers.messages import Unmentioned

YES = frozenset({"yes", "no"})
METHODS = frozenset({"post", "put", "patch", "delete"})
SHORTEST_SECRET = 8


class Account:
    """Each part is read when it is first needed: a callback needs no order template."""

    def __init__(self, setting: Callable[[str], str]) -> None:
        self._setting = setting

    def read_all(self) -> None:
        """Raises at the first part that cannot be right."""
        for name, part in vars(type(self)).items():
            if isinstance(part, cached_property):
                getattr(self, name)

    @cached_property
    def template(self) -> Template:
        return order_template(self._setting("order_template"))

    @cached_property
    def cancel_template(self) -> Template:
        return cancel_template(self._setting("cancel_template"))

    @cached_property
    def cancel_method(self) -> str:
        return choice(self._setting("cancel_method"), METHODS, "The method of cancelling").upper()

    @cached_property
    def units(self) -> UnitWords:
        return UnitWords(self._setting("unit_words"))

    @cached_property
    def refusals(self) -> frozenset[int]:
        return statuses_read(self._setting("refusal_statuses"))

    @cached_property
    def duplicate_check(self) -> bool:
        return choice(self._setting("duplicate_check"), YES, "duplicate_check") == "yes"

    @cached_property
    def reply_expected(self) -> bool:
        return choice(self._setting("reply_expected"), YES, "reply_expected") == "yes"

    @cached_property
    def authentication(self) -> str:
        return choice(self._setting("authentication"), authentication.KINDS, "How we sign in")

    @cached_property
    def request_form(self) -> SignatureForm:
        return SignatureForm(self._setting("request_signature"), "Our signature")

    @cached_property
    def callback_kind(self) -> str:
        kind = self._setting("callback_authentication")
        return choice(kind, callbacks.KINDS, "How callbacks prove themselves")

    @cached_property
    def callback_form(self) -> SignatureForm:
        return SignatureForm(self._setting("callback_signature"), "Their signature")

    @cached_property
    def replies(self) -> AnswerReader:
        return self._reader(AnswerMapping(self._setting("answer_mapping"), "The answer mapping"))

    @cached_property
    def callbacks(self) -> AnswerReader:
        if text := self._setting("callback_mapping"):
            return self._reader(AnswerMapping(text, "The callback mapping"))
        return self.replies

    @cached_property
    def timeout(self) -> float:
        return _seconds(self._setting("timeout_seconds"))

    def _reader(self, mapping: AnswerMapping) -> AnswerReader:
        return AnswerReader(
            mapping=mapping,
            words=status_words(self._setting("status_words")),
            problems=problem_words(self._setting("problem_words")),
            not_listed=_not_listed(self._setting("lines_not_listed")),
        )


def setting_problem(name: str, value: str) -> str:
    """Why `value` cannot be right; "" if it can."""
    try:
        return CHECKS[name](value) if value and name in CHECKS else ""
    except ConnectorConfigurationError as error:
        return str(error)


def _reference_url(value: str) -> str:
    if "{reference}" not in value:
        return "The address must say where our reference goes: {reference}."
    return url_problem(value)


def _secret_problem(value: str) -> str:
    if value.startswith("whsec_"):
        return signing_key_problem(value)
    if len(value) < SHORTEST_SECRET or not value.isprintable() or " " in value:
        return f"A callback secret has at least {SHORTEST_SECRET} printable characters and no spaces."
    return ""


def _not_listed(value: str) -> Unmentioned:
    words = {meaning.value: meaning for meaning in Unmentioned}
    return words[choice(value, words, "Lines that a confirmation does not list")]


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 40:  # two of them must fit into the lease of a transfer
        raise ConnectorConfigurationError(f"timeout_seconds is {value!r}; expected a number from 0 to 40.")
    return seconds


def _reads(read: Callable[[str], object]) -> Callable[[str], str]:
    """A check that passes where `read` does not object."""

    def check(value: str) -> str:
        read(value)
        return ""

    return check


def _account_reads(name: str) -> Callable[[str], str]:
    """The same for a part of `Account` that rests on one setting."""
    part = {"callback_authentication": "callback_kind", "timeout_seconds": "timeout"}.get(name, name)
    return _reads(lambda value: getattr(Account(lambda asked: value), part))


CHECKS: dict[str, Callable[[str], str]] = {
    "order_url": url_problem,
    "check_url": url_problem,
    "token_url": url_problem,
    "lookup_url": _reference_url,
    "cancel_url": _reference_url,
    "lookup_list": path_problem,
    "api_key_header": header_problem,
    "idempotency_header": header_problem,
    "webhook_secret": _secret_problem,
    "order_template": _reads(order_template),
    "cancel_template": _reads(cancel_template),
    "answer_mapping": _reads(lambda value: AnswerMapping(value, "The answer mapping")),
    "callback_mapping": _reads(lambda value: AnswerMapping(value, "The callback mapping")),
    "request_signature": _reads(lambda value: SignatureForm(value, "Our signature")),
    "callback_signature": _reads(lambda value: SignatureForm(value, "Their signature")),
    "status_words": _reads(status_words),
    "problem_words": _reads(problem_words),
    "refusal_statuses": _reads(statuses_read),
    "lines_not_listed": _reads(_not_listed),
    "unit_words": _reads(UnitWords),
} | {
    name: _account_reads(name)
    for name in (
        "cancel_method", "duplicate_check", "reply_expected", "authentication", "callback_authentication",
        "timeout_seconds",
    )
}  # fmt: skip
