"""Delivering what suppliers have to say: signed, repeated until somebody takes it, surviving a restart."""

import threading
from datetime import UTC, datetime, timedelta

import requests

from suppliers.sandbox.app import SandboxApp
from suppliers.sandbox.ledger import DueCallback
from suppliers.sandbox.protocol import AnsweringProtocol

PAUSES = (0.5, 1, 2, 4, 8, 15, 30)  # seconds before the next attempt; the last repeats
END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)


class Deliverer(threading.Thread):
    def __init__(self, app: SandboxApp, callback_url: str) -> None:
        super().__init__(name="sandbox-callbacks", daemon=True)
        self._app = app
        self._url = callback_url
        self._session = requests.Session()
        self._session.trust_env = False

    def run(self) -> None:
        with self._session:
            while not self._app.stopping.is_set():
                self._app.said_something.clear()
                for due in self._app.ledger.callbacks_due(datetime.now(UTC)):
                    if self._app.stopping.is_set():
                        return
                    if protocol := self._app.answering(due.supplier):
                        self._deliver(protocol, due)
                self._app.said_something.wait(self._until_next())

    def _until_next(self) -> float:
        next_at = self._app.ledger.callback_next_at()
        if next_at is None:
            return 60.0
        return min(max((next_at - datetime.now(UTC)).total_seconds(), 0.05), 60.0)

    def _deliver(self, protocol: AnsweringProtocol, due: DueCallback) -> None:
        signed = protocol.sign(due)
        url = signed.address or self._url.replace("{code}", signed.supplier)
        try:
            with protocol.deliver(self._session, url, signed) as response:
                answer = str(response.status_code)
                done = 200 <= response.status_code < 300 or response.status_code == 410  # 410: stop sending
        except requests.RequestException as error:
            answer, done = type(error).__name__, False
        pause = PAUSES[min(due.attempts, len(PAUSES) - 1)]
        again_at = None if done else datetime.now(UTC) + timedelta(seconds=pause)
        self._app.ledger.callback_attempted(due.id, answer=answer, again_at=again_at)
