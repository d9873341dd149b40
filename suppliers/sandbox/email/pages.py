"""Reading the page behind the link: what it asks for, and how its fields are filled to begin with."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(slots=True)
class Page:
    state: str = ""  # open, answered, shipped, ...
    action: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    lines: list[tuple[str, str]] = field(default_factory=list)  # (line number, the supplier's code)
    despatches: set[str] = field(default_factory=set)  # told before


def page_read(text: str) -> Page:
    reader = _Reader()
    reader.feed(text)
    return reader.page


class _Reader(HTMLParser):
    """Takes the fields of the form that is marked as the main one; buttons are pressed, not filled."""

    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._inside = False
        self._select = ""
        self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if "data-state" in has:
            self.page.state = has["data-state"]
        if "data-despatch" in has:
            self.page.despatches.add(has["data-despatch"])
        if tag == "form" and "data-main" in has:
            self._inside, self.page.action = True, has.get("action", "")
        elif self._inside:
            self._field(tag, has)

    def _field(self, tag: str, has: dict[str, str]) -> None:
        name, fields = has.get("name", ""), self.page.fields
        if "data-line" in has:
            self.page.lines.append((has["data-line"], has.get("data-code", "")))
        if tag == "input" and name:
            if has.get("type") not in ("checkbox", "radio") or "checked" in has:
                fields[name] = has.get("value", "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            if "selected" in has or self._select not in fields:
                fields[self._select] = has.get("value", "")
        elif tag == "textarea" and name:
            self._textarea = name
            fields[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        if self._inside and self._textarea:
            self.page.fields[self._textarea] += data
