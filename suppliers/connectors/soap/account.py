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
from suppliers.connectors.declared.template import Template, lookup_template
from suppliers.connectors.network import url_problem
from suppliers.connectors.soap.faults import FaultMeaning
from suppliers.connectors.soap.mapping import is_wsdl
from suppliers.connectors.words import Words
from suppliers.exceptions import ProtocolError

AUTHENTICATIONS = frozenset({"none", "basic", "wss_text", "wss_digest"})


class Account(DeclaredAccount):
    @cached_property
    def lookup_template(self) -> Template:
        return lookup_template(self._setting("lookup_template"))

    @cached_property
    def authentication(self) -> str:
        return choice(self._setting("authentication"), AUTHENTICATIONS, "How we sign in")

    @cached_property
    def fault_words(self) -> Words[FaultMeaning]:
        return fault_words(self._setting("fault_words"))


def fault_words(setting: str) -> Words[FaultMeaning]:
    return Words(setting, FaultMeaning, "The words for faults")


def _wsdl_problem(text: str) -> str:
    try:
        found = is_wsdl(text.encode())
    except ProtocolError as error:
        return str(error)
    return "" if found else "A WSDL begins with an element definitions of http://schemas.xmlsoap.org/wsdl/."


CHECKS: Checks = {
    **DECLARED,
    "wsdl_url": url_problem,
    "wsdl": _wsdl_problem,
    "endpoint_url": url_problem,
    "lookup_list": path_problem,
    "fault_code": path_problem,
    "fault_words": reads(fault_words),
    "lookup_template": reads(lookup_template),
    "authentication": account_reads(Account, "authentication"),
}
