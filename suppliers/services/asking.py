"""Asking a supplier many small questions over several connections at once. No database in the threads."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from concurrent.futures import TimeoutError as FutureTimeout
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from suppliers.connectors.base import CallRecord, Connector
from suppliers.exceptions import CallsUsedUp, TimeUsedUp
from suppliers.messages import QuotationRequest
from suppliers.models import Purpose, Supplier
from suppliers.services.budget import calls_a_day, calls_count, hours_of
from suppliers.services.connections import connector_opener, journal_write
from suppliers.services.pace import UNTIL_FREE, calls_limit

Progress = Callable[[str, int, int], None]  # what is being asked, how many are done, of how many
Result = TypeVar("Result")
CONNECTIONS = 4
CHUNK = 25  # questions a task, so that progress moves
KEPT_FAILURES = 100  # a supplier that is down fails every question alike


class Inquiry:
    """Questions to one supplier. The journal keeps what failed: ten thousand good answers tell nobody anything."""

    def __init__(
        self,
        supplier: Supplier,
        progress: Progress | None = None,
        *,
        purpose: Purpose,
        until: float | None = None,
    ) -> None:
        """`until`: by the monotonic clock; after that nothing new is asked."""
        self.supplier = supplier
        self.put_off = ""  # why not all was asked, in a sentence
        self.out_of_time = False  # because of `until`
        self._progress = progress or (lambda stage, done, total: None)
        self._purpose, self._until = purpose, until
        self._failed: list[CallRecord] = []
        self._called: list[datetime] = []
        self.connector = connector_opener(
            supplier, self._note, patience=UNTIL_FREE, purpose=purpose, until=until
        )
        # Where calls are counted, more of them at once would only wait for each other, and the count is in the
        # database, which no thread of ours touches.
        self._counted = calls_limit(supplier) is not None or calls_a_day(supplier) is not None

    def ask_all(
        self,
        stage: str,
        requests: Sequence[QuotationRequest],
        ask: Callable[[Connector, Sequence[QuotationRequest]], Result],
    ) -> list[Result]:
        """`ask` of every chunk, in no particular order. The first failure ends it and is raised; where calls or time
        are used up, the answers that came are returned, and `put_off` says so.
        """
        results: list[Result] = []
        opened: list[Connector] = []
        own = threading.local()

        def run(chunk: Sequence[QuotationRequest]) -> tuple[int, Result]:
            if self._until is not None and time.monotonic() > self._until:
                self._too_late()
            if not hasattr(own, "connector"):
                connector = self.connector()
                connector.open()
                opened.append(connector)
                own.connector = connector  # one that could not be opened serves no later chunk of the thread
            return len(chunk), ask(own.connector, chunk)

        done = 0
        self._progress(stage, done, len(requests))
        pool = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="inquiry")
        try:
            # Of a chunk that is broken off nothing is known: where calls are counted, none is to be wasted.
            size = 1 if self._counted else CHUNK
            chunks = [requests[start : start + size] for start in range(0, len(requests), size)]
            for answer in self._answers(pool, run, chunks):
                try:
                    count, result = answer()
                except TimeUsedUp as error:
                    self.put_off, self.out_of_time = str(error), True
                    continue  # others were begun in time
                except CallsUsedUp as error:
                    self.put_off = str(error)
                    break
                results.append(result)
                done += count
                self._progress(stage, done, len(requests))
        finally:
            # Whoever has only so much time does not wait for calls that hang; their threads end by themselves.
            pool.shutdown(wait=not self.out_of_time, cancel_futures=True)
            for connector in list(opened):
                connector.close()
            journal_write(self.supplier, self._failed)
            calls_count(self.supplier, hours_of(self._called), self._purpose)
            self._failed.clear()
            self._called.clear()
        return results

    def _answers(
        self,
        pool: ThreadPoolExecutor,
        run: Callable[[Sequence[QuotationRequest]], tuple[int, Result]],
        chunks: Sequence[Sequence[QuotationRequest]],
    ) -> Iterator[Callable[[], tuple[int, Result]]]:
        if self._counted:
            yield from (partial(run, chunk) for chunk in chunks)
        else:
            asked = [pool.submit(run, chunk) for chunk in chunks]
            try:
                for future in as_completed(asked, timeout=self._left()):
                    yield future.result
            except FutureTimeout:
                yield self._too_late

    def _left(self) -> float | None:
        return None if self._until is None else max(0.0, self._until - time.monotonic())

    def _too_late(self) -> Any:
        raise TimeUsedUp(f"{self.supplier.name} was not asked everything: the time for it was used up.")

    def _note(self, call: CallRecord) -> None:
        self._called.append(call.started_at)
        failed = call.status is None or call.status >= 400 or bool(call.error)
        if failed and call.status != 404 and len(self._failed) < KEPT_FAILURES:
            self._failed.append(call)
