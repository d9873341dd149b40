"""What the engine's arrays hold, and how a number leaves them."""

from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def exact(value: float) -> Decimal:
    """A quantity or price leaves the arrays: float64 to the four decimals it came with, without a trailing
    zero.
    """
    value = float(value)
    return Decimal(int(value)) if value.is_integer() else Decimal(_text(value))  # most are whole numbers


def _text(value: float) -> str:
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def exact_texts(values: Floats) -> list[str]:
    """`plain(exact(value))` of each, in a tenth of the time. (n,) -> n"""
    # Most are whole numbers; for one of four decimals the shortest text that reads as the same float is those decimals.
    numbers = np.round(values.astype(np.float64, copy=False), 4).tolist()
    return [str(int(v)) if v.is_integer() else repr(v) for v in numbers]


def exact_each(values: Floats) -> list[Decimal]:
    """`exact(value)` of each. (n,) -> n"""
    return list(map(Decimal, exact_texts(values)))


class InvalidPlanningData(ValueError):
    """The arrays do not fit together or hold values that cannot be; says which."""
