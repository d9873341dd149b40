"""Reading a page as a person would."""

import re
from html import unescape

from django.http import HttpResponse


def text(response: HttpResponse) -> str:
    """The words of the page, without tags, in one line."""
    html = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def html(response: HttpResponse) -> str:
    return response.content.decode()
