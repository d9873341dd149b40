"""Peppol documents for tests: the contract's fixtures, and changes to them."""

from datetime import UTC, datetime
from pathlib import Path

from suppliers.connectors.base import InboundDocument
from suppliers.connectors.peppol.answers import peppol_documents

FIXTURES = Path(__file__).parents[1] / "contract" / "fixtures" / "sftp_ubl"
ARRIVED = datetime(2026, 3, 1, 12, tzinfo=UTC)


def fixture(name: str, *changes: tuple[str, str]) -> bytes:
    """The fixture with each (old, new) replaced once; an old text that is not there is a mistake of the test."""
    text = (FIXTURES / f"poll-{name}.xml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode()


def understood(body: bytes) -> list[InboundDocument]:
    return peppol_documents(body, message_id="m", received_at=ARRIVED)
