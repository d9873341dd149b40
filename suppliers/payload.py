"""A message as people can read it, and as a file. What is shown is text, never markup that a browser would follow."""

import json
import re
from typing import Any

from django.http import HttpResponse

SHOWN = 256 * 1024  # a longer message is read as a file
INDENT = "  "
# Never looks further than the next "<": a search for the end of something would be quadratic in a hostile message.
_TAG_OR_TEXT = re.compile(r"<[^<>]*>|[^<]+|<")
FILE_ENDINGS = {"json": "json", "xml": "xml", "": "txt"}


def kind_of(body: bytes) -> str:
    """By its first character: suppliers' content types are often wrong, and not every call has one."""
    start = body[:200].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    return "json" if start in (b"{", b"[") else "xml" if start == b"<" else ""


def pretty(body: bytes) -> str:
    """Indented, digits and order untouched; empty where that would show nothing new."""
    if len(body) > SHOWN:
        return ""
    text = body.decode("utf-8-sig", "replace")
    kind = kind_of(body)
    laid_out = _pretty_json(text) if kind == "json" else _pretty_xml(text) if kind == "xml" else ""
    return "" if laid_out.strip() == text.strip() else laid_out


def plain_text(body: bytes) -> str:
    """As it is, as far as it is text and short enough to show."""
    if b"\0" in body[:1000]:
        return ""
    return body[:SHOWN].decode("utf-8", "replace")


def as_file(body: bytes, name: str) -> HttpResponse:
    """Always saved, never shown by the browser: a supplier's HTML must not run as a page of ours."""
    response = HttpResponse(body, content_type="application/octet-stream")
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", name)
    response["Content-Disposition"] = f'attachment; filename="{safe}.{FILE_ENDINGS[kind_of(body)]}"'
    return response


class _Number(str):
    """A number as it was written: 20.00 is not shown as 20."""

    __slots__ = ()


def _pretty_json(text: str) -> str:
    try:
        return _json(json.loads(text, parse_float=_Number, parse_int=_Number, parse_constant=_Number), "")
    except (ValueError, RecursionError):
        return ""


def _json(value: Any, margin: str) -> str:
    inner = margin + INDENT
    if isinstance(value, dict) and value:
        rows = (
            f"{inner}{json.dumps(key, ensure_ascii=False)}: {_json(item, inner)}"
            for key, item in value.items()
        )
        return "{\n" + ",\n".join(rows) + f"\n{margin}}}"
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(inner + _json(item, inner) for item in value) + f"\n{margin}]"
    return str(value) if isinstance(value, _Number) else json.dumps(value, ensure_ascii=False)


def _pretty_xml(text: str) -> str:
    """By its tags alone, without a parser: nothing in it is followed, resolved or expanded."""
    lines: list[str] = []
    depth, written = 0, ""  # `written`: the line of an element that so far holds nothing but text
    for part in _TAG_OR_TEXT.findall(text):
        if not part.strip():
            continue
        closing = part.startswith("</")
        if closing:
            depth = max(0, depth - 1)
        if closing and written:
            lines[-1] = written + part
        elif written and not part.startswith("<"):
            written += part.strip()
            lines[-1] = written
            continue
        else:
            lines.append(INDENT * min(depth, 40) + part.strip())
        written = ""
        if (
            part.startswith("<")
            and not closing
            and part[1:2] not in ("!", "?", "")
            and not part.endswith("/>")
        ):
            written = lines[-1]
            depth += 1
    return "\n".join(lines)
