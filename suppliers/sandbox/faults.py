"""What goes wrong on purpose: set at run time, for the next n requests of an operation or a share of them."""

import random
import threading
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    LATENCY = "latency"  # answers after `seconds`
    ERROR_BEFORE = "error_before"  # `status`, nothing done
    ERROR_AFTER = "error_after"  # done, and then `status`
    HANG_BEFORE = "hang_before"  # no answer, nothing done
    HANG_AFTER = "hang_after"  # done, no answer
    ACTS_LATE = "acts_late"  # no answer for `seconds`, then done
    RATE_LIMITED = "rate_limited"  # 429 with Retry-After: `seconds`
    RESET_BEFORE = "reset_before"  # connection reset, nothing done
    RESET_AFTER = "reset_after"  # done, connection reset
    BROKEN_BODY = "broken_body"  # done, 200 with half a body
    CALLS_USED_UP = "calls_used_up"  # in the system's own way, where it counts calls
    WEB_PAGE = "web_page"  # 200 with a page for people
    HUGE_BODY = "huge_body"  # done, and then half a gigabyte
    OTHER_ENCODING = "other_encoding"  # done, and told in bytes that are not UTF-8
    REDIRECT = "redirect"  # done, and then 302
    UNAVAILABLE = "unavailable"  # `skus` (or the first line) cannot be had
    PRICE_CHANGED = "price_changed"  # all prices `percent` higher
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - the session or token, else the password, is not accepted any more
    NO_LOOK_UP = "no_look_up"  # look-ups answer 404
    NO_DUPLICATE_CHECK = "no_duplicate_check"  # a reference seen before is placed again


@dataclass(slots=True, kw_only=True)
class Fault:
    kind: Kind
    operation: str = ""  # token, catalogue, price, stock, preview, submit, look_up; empty: any
    supplier: str = ""  # code; empty: any
    count: int | None = None  # how many more requests; None: until cleared
    probability: float = 1.0
    seed: int = 0
    seconds: float = 30.0
    status: int = 500
    percent: int = 10
    skus: tuple[str, ...] = ()

    @classmethod
    def read(cls, said: Any) -> "Fault":
        """From the admin endpoint's JSON. Raises ValueError with what is wrong."""
        if not isinstance(said, dict):
            raise ValueError("a fault is an object")
        unknown = set(said) - set(cls.__dataclass_fields__)
        if unknown or "kind" not in said:
            raise ValueError(f"a fault has a kind, and no {', '.join(sorted(unknown)) or 'fewer'}")
        values = dict(said)
        values["kind"] = Kind(said["kind"])
        values["skus"] = tuple(said.get("skus", ()))
        for name, kind in (("operation", str), ("supplier", str), ("status", int), ("percent", int)):
            if name in said and not isinstance(said[name], kind):
                raise ValueError(f"{name} must be a {kind.__name__}")
        for name in ("seconds", "probability"):
            values[name] = float(said.get(name, cls.__dataclass_fields__[name].default))
        return cls(**values)


class Faults:
    """The switches that are on. Safe to use from all server threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[tuple[Fault, random.Random]] = []

    def set(self, *faults: Fault) -> None:
        """Add these to what is already on."""
        with self._lock:
            self._faults += [(fault, random.Random(fault.seed)) for fault in faults]

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault, _ in self._faults]

    def take(self, supplier: str, operation: str) -> dict[Kind, Fault]:
        """The faults that strike this request; counts them down."""
        struck: dict[Kind, Fault] = {}
        with self._lock:
            for fault, dice in self._faults:
                if fault.operation not in ("", operation) or fault.supplier not in ("", supplier):
                    continue
                if fault.count == 0 or dice.random() >= fault.probability or fault.kind in struck:
                    continue
                if fault.count is not None:
                    fault.count -= 1
                struck[fault.kind] = fault
        return struck
