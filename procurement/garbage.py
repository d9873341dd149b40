"""Python's search for cyclic garbage, put off where much is made that lives until all of it is written."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def search_put_off() -> Iterator[None]:
    """The search goes through all that lives again and again, a fifth of a plan's time; a part of a plan leaves next to
    no cycles behind. What it leaves is searched afterwards.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
