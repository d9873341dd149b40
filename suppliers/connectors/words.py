"""Suppliers' own words against our meanings: a literal table, entered as a setting."""

import re
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

from suppliers.connectors.jsondata import Json
from suppliers.exceptions import ConnectorConfigurationError
from suppliers.packing import plain

WORD = 60
Meaning = TypeVar("Meaning", bound=StrEnum)


class Words(Generic[Meaning]):
    """A literal table of their words, from a setting like "ok=confirmed, sent=shipped", or one a line.
    Case does not matter.
    """

    def __init__(self, setting: str, meanings: type[Meaning], name: str) -> None:
        self._meaning: dict[str, Meaning] = {}
        for pair in filter(None, (part.strip() for part in re.split("[,\n]", setting))):
            word, _, meaning = (piece.strip().lower() for piece in pair.rpartition("="))
            if not word or meaning not in set(meanings):
                known = ", ".join(meanings)
                raise ConnectorConfigurationError(
                    f"{name} contain {pair!r}; expected their word = one of {known}."
                )
            self._meaning[word] = meanings(meaning)

    def known(self, word: str) -> Meaning | None:
        return self._meaning.get(word.lower())

    def meaning(self, said: Json) -> Meaning:
        word = _word(said)
        if word not in self._meaning:
            raise said.wrong("one of " + (", ".join(self._meaning) or "no words at all"))
        return self._meaning[word]


def _word(said: Json) -> str:
    """A status may also be a number or true and false."""
    if isinstance(said.value, bool):
        return str(said.value).lower()
    if isinstance(said.value, Decimal):
        return plain(said.number(negative=True))
    return said.text(limit=WORD).lower()
