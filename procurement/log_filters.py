"""What must not be written to a log: an address of ours whose end is the secret that opens it."""

import logging
import re

SECRET_END = re.compile(r"(/(?:callbacks/[^/\s]+|sources/[^/\s]+/events)/)[^\s?]+")


class AddressesCut(logging.Filter):
    """Django names the address of every request that it answers with an error."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_cut(value) if isinstance(value, str) else value for value in record.args)
        record.msg = _cut(record.msg) if isinstance(record.msg, str) else record.msg
        return True


def _cut(text: str) -> str:
    return SECRET_END.sub(r"\1…", text)
