"""What is said in HTTP itself: the statuses of a refusal."""

import re

from suppliers.exceptions import ConnectorConfigurationError


def statuses_read(setting: str) -> frozenset[int]:
    """HTTP statuses from a setting like "400, 422"."""
    words = [word for word in re.split(r"[,\s]+", setting.strip()) if word]
    if not all(re.fullmatch("4[0-9]{2}", word, re.ASCII) for word in words):
        raise ConnectorConfigurationError("The statuses of a refusal are numbers from 400 to 499.")
    found = frozenset(int(word) for word in words)
    if found & {401, 403, 408, 409, 429}:
        raise ConnectorConfigurationError("401, 403, 408, 409 and 429 have a meaning of their own.")
    return found
