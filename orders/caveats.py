"""What makes the figures behind lines doubtful, read from their reasons; the shape: procurement.engine.caveats."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class CaveatSum:
    """How many lines rest on the same doubtful figures."""

    about: str
    source: str
    lines: int
    words: str


def caveats_of(reason: Any) -> list[dict[str, str]]:
    """Those of one reason; what has another shape is left out."""
    found = reason.get("caveats") if isinstance(reason, dict) else None
    told = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    names = ("about", "source", "rest_on", "because", "words")
    return [one for one in told if all(isinstance(one.get(name), str) for name in names)]


def caveats_summed(reasons: Iterable[Any]) -> list[CaveatSum]:
    """A sentence a source and kind of figure, most lines first."""
    first: dict[tuple[str, str], dict[str, str]] = {}
    lines: dict[tuple[str, str], int] = {}
    for reason in reasons:
        for key, caveat in {(one["about"], one["source"]): one for one in caveats_of(reason)}.items():
            first.setdefault(key, caveat)
            lines[key] = lines.get(key, 0) + 1
    return [
        CaveatSum(*key, lines[key], _words(lines[key], caveat))
        for key, caveat in sorted(first.items(), key=lambda pair: (-lines[pair[0]], pair[0]))
    ]


def _words(lines: int, caveat: dict[str, str]) -> str:
    count = "1 line rests" if lines == 1 else f"{lines:,} lines rest"
    return f"{count} on {caveat['rest_on']}: {caveat['because']}."
