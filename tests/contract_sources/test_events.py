"""Whatever the source: an event is believed only with proof, names what to ask for, and keeps no secret."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from procurement.sources.base import Capability, Source, SourceConfig
from procurement.sources.registry import source_class
from procurement.sources.sandbox.server import SourceSandbox
from suppliers.connectors.base import CallbackRefused, CallbackRequest


def request_of(sandbox: SourceSandbox, ids: list[str]) -> CallbackRequest:
    event = sandbox.system.event(ids)
    headers = {name.lower(): value for name, value in event.headers.items()}
    return CallbackRequest(headers=headers, body=event.body, received_at=datetime.now(UTC), path=event.path)


def test_event_of_the_practice_system_names_what_to_ask_for(source: Source, sandbox: SourceSandbox):
    if Capability.EVENTS not in source.capabilities:
        with pytest.raises(LookupError, match="sends no events"):
            sandbox.system.event(["1"])
        with pytest.raises(CallbackRefused, match="does not take events"):
            source.verify_event(CallbackRequest(headers={}, body=b"", received_at=datetime.now(UTC)))
        return
    assert Capability.ENTRIES in source.capabilities
    ids = [entry.external_id for page in source.fetch({}) for entry in page.entries][:1]
    request = request_of(sandbox, ids)
    raw = source.verify_event(request)
    assert source.event_contents(raw).external_ids == tuple(ids)
    assert source.verify_event(request).message_id == raw.message_id
    for secret in source.secrets:
        assert secret.encode() not in raw.body
        assert secret not in raw.message_id
    assert list(source.fetch_entries(source.event_contents(raw).external_ids))


def test_event_without_proof_is_refused(source: Source, sandbox: SourceSandbox, kind: str):
    if Capability.EVENTS not in source.capabilities:
        return
    request = request_of(sandbox, ["1"])
    nobody = source_class(kind)(SourceConfig("Acme", source.config.settings))
    for refusing, asked in ((nobody, request), (source, replace(request, path="", headers={}))):
        with pytest.raises(CallbackRefused):
            refusing.verify_event(asked)
