"""What an administrator enters for a cXML supplier, and what of it cannot be right."""

import re
from xml.sax.saxutils import escape

from suppliers.connectors import entered
from suppliers.connectors.account import CredentialField, SettingField
from suppliers.connectors.base import TIMEOUT, Connector
from suppliers.connectors.cxml.envelope import Envelope, Party
from suppliers.connectors.jsondata import UNPRINTABLE
from suppliers.connectors.redaction import SHORTEST

CREDENTIALS = (
    CredentialField(
        "shared_secret", "Our shared secret", help="Sent with every document, to prove that it is ours."
    ),
    CredentialField(
        "callback_secret",
        "The supplier's shared secret",
        help="It proves the supplier's confirmations. During a rotation enter the new one beside the old one.",
        required=False,
    ),
)
SETTINGS = (
    SettingField("url", "Address for orders", help="Where OrderRequest documents are posted.", required=True),
    SettingField("our_domain", "Domain of our identity", default="DUNS"),
    SettingField("our_identity", "Our identity", help="As the supplier knows us, in From.", required=True),
    SettingField("supplier_domain", "Domain of the supplier's identity", default="DUNS"),
    SettingField("supplier_identity", "The supplier's identity", help="In To.", required=True),
    SettingField("sender_domain", "Domain of the sender", help="Empty: that of our identity."),
    SettingField("sender_identity", "Sender", help="Empty: our identity."),
    SettingField("deployment_mode", "Deployment mode", default="production", help="production or test."),
    SettingField("dtd_version", "Version of cXML", default="1.2.050"),
    SettingField(
        "payload_host",
        "Host in document ids",
        default="procurement",
        help="What follows the @ in payloadID. Do not change it while orders are open.",
    ),
    SettingField("language", "Language of our texts", default="en"),
    SettingField(
        "classification",
        "Classification of all items",
        default="UNSPSC=00000000",
        help="Domain = code. cXML demands one on every item, and we keep none.",
    ),
    SettingField(
        "repeats_are_safe",
        "Answers a repeated payloadID without ordering twice",
        default="no",
        help="yes or no. Say yes only if the supplier promises it.",
    ),
    SettingField(
        "delete_is_final",
        "An accepted delete means cancelled",
        default="no",
        help="yes or no. No: the order stays until the supplier rejects it or a person has its word.",
    ),
    SettingField(
        "not_taken",
        "Statuses of orders not taken",
        help="Numbers such as 550, 560 that prove an order was not taken; it is then sent again.",
    ),
    TIMEOUT,
)
WORDS = {
    "deployment_mode": (re.compile("production|test"), "production or test"),
    "dtd_version": (re.compile(r"1\.2\.[0-9]{3}", re.ASCII), "a version such as 1.2.050"),
    "payload_host": (re.compile(r"[\w.-]{1,60}", re.ASCII), "letters, digits, dots and hyphens"),
}


def envelope(connector: Connector) -> Envelope:
    us = Party(connector.setting("our_domain"), connector.setting("our_identity"))
    return Envelope(
        us=us,
        supplier=Party(connector.setting("supplier_domain"), connector.setting("supplier_identity")),
        sender=Party(
            connector.setting("sender_domain") or us.domain,
            connector.setting("sender_identity") or us.identity,
        ),
        secret=connector.credential("shared_secret"),
        mode=word(connector, "deployment_mode"),
        dtd=word(connector, "dtd_version"),
        host=word(connector, "payload_host"),
    )


def secret_problem(value: str) -> str:
    if len(value) < SHORTEST:
        return f"A shared secret has at least {SHORTEST} characters."
    if value != value.strip() or UNPRINTABLE.search(value):
        return "A shared secret neither begins nor ends with a space and has no control characters."
    return ""


def forms(secret: str) -> set[bytes]:
    """How a secret may stand in a document."""
    if len(secret) < SHORTEST:
        return set()
    return {
        text.encode() for text in (secret, escape(secret), escape(secret, {'"': "&quot;", "'": "&apos;"}))
    }


def word(connector: Connector, name: str) -> str:
    pattern, expected = WORDS[name]
    value = connector.setting(name).strip()
    if not pattern.fullmatch(value):
        raise entered.wrong(connector, name, expected)
    return value


def statuses(connector: Connector) -> frozenset[int]:
    parts = [part.strip() for part in connector.setting("not_taken").split(",") if part.strip()]
    if not all(re.fullmatch("[45][0-9]{2}", part, re.ASCII) for part in parts):
        raise entered.wrong(connector, "not_taken", "statuses from 400 to 599 with commas between them")
    return frozenset(int(part) for part in parts)
