"""Suppliers' own words for units, and the UN/ECE codes that we use."""

import re

from suppliers.connectors.jsondata import Json
from suppliers.exceptions import ConnectorConfigurationError


class UnitWords:
    """The supplier's words for units against UN/ECE codes, from a setting like "C62=each, KGM=kg".

    A code is always understood as itself; a word that is neither is refused: wrong unit, wrong quantity.
    """

    def __init__(self, setting: str) -> None:
        self._word: dict[str, str] = {}
        self._code: dict[str, str] = {}
        for pair in filter(None, (part.strip() for part in setting.split(","))):
            code, sign, word = (piece.strip() for piece in pair.partition("="))
            if not sign or not word or not re.fullmatch("[A-Z0-9]{2,3}", code):
                raise ConnectorConfigurationError(f"The unit words contain {pair!r}; expected e.g. C62=each.")
            self._word[code] = word
            self._code[word.lower()] = code

    def code(self, said: Json) -> str:
        word = said.text(limit=30)
        code = self._code.get(word.lower(), word)
        if not re.fullmatch("[A-Z0-9]{2,3}", code):
            raise said.wrong("a unit from the account's unit words")
        return code

    def word(self, code: str) -> str:
        return self._word.get(code, code)
