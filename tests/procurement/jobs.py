"""Jobs for tests: what they do is a list that the test fills."""

from collections.abc import Callable
from typing import Any

import pytest

from procurement.schedules import JOBS, Done, Part, PeriodicJob

Step = Callable[..., Done]
work: list[Step] = []  # what the next runs do, one after the other; the last is repeated
subjects: list[int] = []


def do(*args: int) -> Done:
    step = work.pop(0) if len(work) > 1 else work[0]
    return step(*args)


def parts() -> list[Part]:
    return [Part(subject, f"Supplier {subject}") for subject in subjects]


def job(
    monkeypatch: pytest.MonkeyPatch, *steps: Step, of: list[int] | None = None, **fields: Any
) -> PeriodicJob:
    """One that does `steps`; with `of`, a part of each."""
    work[:], subjects[:] = steps, of or []
    values = {
        "name": "tidy",
        "task": "tests.procurement.jobs.do",
        "title": "Tidy up",
        "purpose": "Tidies.",
        "every": 1,
    }
    dealt = {"parts": "tests.procurement.jobs.parts"} if of is not None else {}
    made = PeriodicJob(**(values | dealt | {"work": "tests.procurement.jobs.do"} | fields))
    monkeypatch.setitem(JOBS, made.name, made)
    return made


def nothing(*_: int) -> Done:
    return Done({"things": 0})


def some(*_: int) -> Done:
    return Done({"things": 3, "others": 0})


def broken(*_: int) -> Done:
    raise ZeroDivisionError("secret detail")
