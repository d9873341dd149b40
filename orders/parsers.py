"""Reading what programs send to the API."""

from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class NestedJSONParser(JSONParser):
    """A body of thousands of brackets is the sender's mistake and not a crash of ours."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(*args, **kwargs)
        except RecursionError:
            raise ParseError("JSON parse error - it is nested too deeply.") from None
