"""The settings of one account, read and checked."""

from functools import cached_property

from suppliers.connectors.declared.account import CHECKS as DECLARED
from suppliers.connectors.declared.account import (
    Checks,
    DeclaredAccount,
    account_reads,
    reads,
)
from suppliers.connectors.declared.mapping import choice, path_problem
from suppliers.connectors.declared.signature import SignatureForm, header_problem
from suppliers.connectors.network import url_problem
from suppliers.connectors.rest import authentication
from suppliers.connectors.rest.mapping import statuses_read

CREDENTIAL_PLACES = frozenset({"basic", "form"})
METHODS = frozenset({"post", "put", "patch", "delete"})


class Account(DeclaredAccount):
    @cached_property
    def cancel_method(self) -> str:
        return choice(self._setting("cancel_method"), METHODS, "The method of cancelling").upper()

    @cached_property
    def refusals(self) -> frozenset[int]:
        return statuses_read(self._setting("refusal_statuses"))

    @cached_property
    def authentication(self) -> str:
        return choice(self._setting("authentication"), authentication.KINDS, "How we sign in")

    @cached_property
    def token_form(self) -> bool:
        said = choice(self._setting("token_credentials"), CREDENTIAL_PLACES, "Where a token is asked for")
        return said == "form"

    @cached_property
    def request_form(self) -> SignatureForm:
        return SignatureForm(self._setting("request_signature"), "Our signature")


def _reference_url(value: str) -> str:
    if "{reference}" not in value:
        return "The address must say where our reference goes: {reference}."
    return url_problem(value)


CHECKS: Checks = {
    **DECLARED,
    "order_url": url_problem,
    "check_url": url_problem,
    "token_url": url_problem,
    "lookup_url": _reference_url,
    "cancel_url": _reference_url,
    "lookup_list": path_problem,
    "api_key_header": header_problem,
    "idempotency_header": header_problem,
    "request_signature": reads(lambda value: SignatureForm(value, "Our signature")),
    "refusal_statuses": reads(statuses_read),
    "cancel_method": account_reads(Account, "cancel_method"),
    "authentication": account_reads(Account, "authentication"),
    "token_credentials": account_reads(Account, "token_form"),
}
