"""Bringing us what a supplier has to say, by whichever way its protocol has: callback, answer page, or collected."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import requests

from orders.services.inbound import message_process, message_store
from suppliers.connectors.base import Capability, Connector
from suppliers.messages import RawDocument
from suppliers.models import Supplier
from suppliers.sandbox.callbacks import END_OF_TIME
from suppliers.sandbox.ledger import DueCallback
from suppliers.sandbox.server import SandboxServer
from tests.flow.background import work_off
from tests.flow.scenes import post
from tests.orders.supplier_side import bring


@dataclass(frozen=True)
class SupplierSide:
    server: SandboxServer
    supplier: Supplier
    connector: Connector  # the supplier's, open

    def answers(self) -> list[DueCallback] | list[RawDocument]:
        """All there is to say at present, in the order in which it is true; it is brought by `tell` alone."""
        if Capability.POLL in self.connector.capabilities:
            return self._collected()
        due = self.server.ledger.callbacks_due(END_OF_TIME)
        for one in due:
            self.server.ledger.callback_attempted(one.id, answer="taken", again_at=None)
        return due

    def tell(self, answers: Iterable[DueCallback | RawDocument]) -> None:
        """One after the other. What a page does not ask for yet is tried again at the end, as a person would."""
        too_early = []
        for answer in answers:
            try:
                self._tell(answer)
            except requests.RequestException:
                too_early.append(answer)
            work_off()
        for answer in too_early:
            self._tell(answer)
            work_off()

    def _tell(self, answer: DueCallback | RawDocument) -> None:
        if isinstance(answer, RawDocument):
            message, _ = message_store(supplier=self.supplier, raw=answer)
            message_process(message_id=message.pk)
            return
        protocol = self.server.app.answering(answer.supplier)
        assert protocol is not None
        callback = protocol.sign(answer)
        if Capability.LINK in self.connector.capabilities:
            assert bring(self.server, callback).status_code == 200
        else:
            assert post(callback).status_code < 300

    def _collected(self) -> list[RawDocument]:
        """Where documents tell how things stand: what is told before all has been shipped, and after."""
        timing = self.server.app.timing
        self.server.app.timing = replace(timing, ship_after=1000.0)
        try:
            found = list(self.connector.fetch_documents(None))
        finally:
            self.server.app.timing = timing
        known = {raw.message_id for raw in found}
        found += [raw for raw in self.connector.fetch_documents(None) if raw.message_id not in known]
        for raw in found:
            self.connector.document_stored(raw)
        return found
