"""Asking a supplier many small questions over several connections at once. No database in the threads."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

from suppliers.connectors.base import CallRecord, Connector
from suppliers.messages import QuotationRequest
from suppliers.models import Supplier
from suppliers.services.connections import connector_opener, journal_write
from suppliers.services.pace import UNTIL_FREE, calls_limit

Progress = Callable[[str, int, int], None]  # what is being asked, how many are done, of how many
Result = TypeVar("Result")
CONNECTIONS = 4
CHUNK = 25  # questions a task, so that progress moves
KEPT_FAILURES = 100  # a supplier that is down fails every question alike


class Inquiry:
    """Questions to one supplier. The journal keeps what failed: ten thousand good answers tell nobody anything."""

    def __init__(self, supplier: Supplier, progress: Progress | None = None) -> None:
        self.supplier = supplier
        self._progress = progress or (lambda stage, done, total: None)
        self._failed: list[CallRecord] = []
        self.connector = connector_opener(supplier, self._note, patience=UNTIL_FREE)
        # Where calls are counted, more of them at once would only wait for each other, and the count is in the
        # database, which no thread of ours touches.
        self._counted = calls_limit(supplier) is not None

    def ask_all(
        self,
        stage: str,
        requests: Sequence[QuotationRequest],
        ask: Callable[[Connector, Sequence[QuotationRequest]], Result],
    ) -> list[Result]:
        """`ask` of every chunk, in no particular order. The first failure ends it and is raised."""
        results: list[Result] = []
        opened: list[Connector] = []
        own = threading.local()

        def run(chunk: Sequence[QuotationRequest]) -> tuple[int, Result]:
            if not hasattr(own, "connector"):
                own.connector = self.connector()
                own.connector.open()
                opened.append(own.connector)
            return len(chunk), ask(own.connector, chunk)

        done = 0
        self._progress(stage, done, len(requests))
        pool = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="inquiry")
        try:
            chunks = (requests[start : start + CHUNK] for start in range(0, len(requests), CHUNK))
            answers = (
                map(run, chunks)
                if self._counted
                else (future.result() for future in as_completed([pool.submit(run, c) for c in chunks]))
            )
            for count, result in answers:
                results.append(result)
                done += count
                self._progress(stage, done, len(requests))
        finally:
            pool.shutdown(cancel_futures=True)
            for connector in opened:
                connector.close()
            journal_write(self.supplier, self._failed)
            self._failed.clear()
        return results

    def _note(self, call: CallRecord) -> None:
        failed = call.status is None or call.status >= 400 or bool(call.error)
        if failed and call.status != 404 and len(self._failed) < KEPT_FAILURES:
            self._failed.append(call)
