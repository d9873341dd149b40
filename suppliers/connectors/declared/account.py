"""The declared settings of one account, read and checked; and the same checks for whoever enters them."""

from collections.abc import Callable, Mapping
from functools import cached_property

from suppliers.connectors.declared import callbacks
from suppliers.connectors.declared.answers import AnswerReader
from suppliers.connectors.declared.mapping import AnswerMapping, choice, problem_words, status_words
from suppliers.connectors.declared.signature import SignatureForm
from suppliers.connectors.declared.template import Template, cancel_template, order_template
from suppliers.connectors.standard_webhooks import signing_key_problem
from suppliers.connectors.units import UnitWords
from suppliers.messages import Unmentioned

YES = frozenset({"yes", "no"})
SHORTEST_SECRET = 8
Checks = Mapping[str, Callable[[str], str]]


class DeclaredAccount:
    """Each part is read when it is first needed: a callback needs no order template."""

    def __init__(self, setting: Callable[[str], str]) -> None:
        self._setting = setting

    def read_all(self) -> None:
        """Raises at the first part that cannot be right."""
        for kind in type(self).__mro__:
            for name, part in vars(kind).items():
                if isinstance(part, cached_property):
                    getattr(self, name)

    @cached_property
    def template(self) -> Template:
        return order_template(self._setting("order_template"))

    @cached_property
    def cancel_template(self) -> Template:
        return cancel_template(self._setting("cancel_template"))

    @cached_property
    def units(self) -> UnitWords:
        return UnitWords(self._setting("unit_words"))

    @cached_property
    def duplicate_check(self) -> bool:
        return choice(self._setting("duplicate_check"), YES, "duplicate_check") == "yes"

    @cached_property
    def reply_expected(self) -> bool:
        return choice(self._setting("reply_expected"), YES, "reply_expected") == "yes"

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

    def _reader(self, mapping: AnswerMapping) -> AnswerReader:
        return AnswerReader(
            mapping=mapping,
            words=status_words(self._setting("status_words")),
            problems=problem_words(self._setting("problem_words")),
            not_listed=_not_listed(self._setting("lines_not_listed")),
            units=self.units,
        )


def _secret_problem(value: str) -> str:
    if value.startswith("whsec_"):
        return signing_key_problem(value)
    if len(value) < SHORTEST_SECRET or not value.isprintable() or " " in value:
        return f"A callback secret has at least {SHORTEST_SECRET} printable characters and no spaces."
    return ""


def _not_listed(value: str) -> Unmentioned:
    words = {meaning.value: meaning for meaning in Unmentioned}
    return words[choice(value, words, "Lines that a confirmation does not list")]


def reads(read: Callable[[str], object]) -> Callable[[str], str]:
    """A check that passes where `read` does not object."""

    def check(value: str) -> str:
        read(value)
        return ""

    return check


def account_reads(account: type[DeclaredAccount], part: str) -> Callable[[str], str]:
    """The same for a part of an account that rests on one setting."""
    return reads(lambda value: getattr(account(lambda asked: value), part))


CHECKS: Checks = {
    "webhook_secret": _secret_problem,
    "order_template": reads(order_template),
    "cancel_template": reads(cancel_template),
    "answer_mapping": reads(lambda value: AnswerMapping(value, "The answer mapping")),
    "callback_mapping": reads(lambda value: AnswerMapping(value, "The callback mapping")),
    "callback_signature": reads(lambda value: SignatureForm(value, "Their signature")),
    "status_words": reads(status_words),
    "problem_words": reads(problem_words),
    "lines_not_listed": reads(_not_listed),
    "unit_words": reads(UnitWords),
    "duplicate_check": account_reads(DeclaredAccount, "duplicate_check"),
    "reply_expected": account_reads(DeclaredAccount, "reply_expected"),
    "callback_authentication": account_reads(DeclaredAccount, "callback_kind"),
}
