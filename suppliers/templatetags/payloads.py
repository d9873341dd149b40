"""Showing a message: laid out, as it is, and how much of it."""

from dataclasses import dataclass

from django import template

from suppliers.payload import SHOWN, plain_text, pretty

register = template.Library()


@dataclass(frozen=True, slots=True)
class Shown:
    pretty: str
    text: str
    kept: int
    cut: bool


@register.simple_tag
def payload(body: bytes | memoryview, size: int | None = None) -> Shown:
    body = bytes(body)
    return Shown(
        pretty=pretty(body),
        text=plain_text(body),
        kept=len(body),
        cut=len(body) > SHOWN or (size or 0) > len(body),
    )
