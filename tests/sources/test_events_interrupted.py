"""Asking for what events told of ends anywhere, however hard: none is lost, and the tables are as if it had not."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from procurement.models import SourceAccount, SourceEvent, SourceRun
from procurement.services.source_events import event_store, events_fetch
from procurement.sources.base import Capability
from procurement.sources.registry import SOURCES
from procurement.sources.sandbox.server import SourceSandbox
from suppliers.messages import RawDocument
from tests.sources.accounts import make_products, source_plain, tables
from tests.sources.salesforce_org import order_id
from tests.sources.scenes import SCENES
from tests.sources.test_interrupted import Killed, Snapshot, Steps, places, read_to_the_end

pytestmark = pytest.mark.django_db(transaction=True)
TOLD = {"salesforce": [[order_id(1), order_id(3)], [order_id(9)], [order_id(4), order_id(7)]]}


@pytest.fixture(params=sorted(TOLD))
def known(request: pytest.FixtureRequest) -> Iterator[SourceAccount]:
    """Read, changed since, and told of it in three events and one that makes no sense."""
    with SourceSandbox(request.param, page_size=2) as sandbox:
        make_products("A", "B", "C")
        scene = SCENES[request.param](sandbox)
        source = scene.begin()
        read_to_the_end(source)
        scene.change()
        for number, ids in enumerate([*TOLD[request.param], []]):
            body = sandbox.system.event(ids).body if ids else b"<x/>"
            told = RawDocument(
                message_id=f"event {number}", channel="event", content_type="text/xml", body=body
            )
            event_store(source=source, raw=told)
        yield source


def test_every_source_with_events_is_tried() -> None:
    for kind in SOURCES:
        with SourceSandbox(kind) as sandbox:
            assert (Capability.EVENTS in source_plain(sandbox, kind).capabilities) == (kind in TOLD)


def test_killed_at_any_place_and_woken_again_leaves_the_same_tables(known, monkeypatch):
    source = known
    before = Snapshot()
    count = places(lambda: events_fetch(source=source), monkeypatch)
    undisturbed = tables()
    settled = list(SourceEvent.objects.order_by("pk").values_list("status", flat=True))
    assert settled == ["fetched", "fetched", "fetched", "parked"]
    tried = range(1, count + 1, max(1, count // 21))
    assert len(tried) >= 20
    for place in tried:
        before.restore()
        with pytest.raises(Killed), Steps(ends_at=place).watching(monkeypatch):
            events_fetch(source=source)
        SourceRun.objects.filter(status="running").update(lease_until=timezone.now() - timedelta(seconds=1))
        events_fetch(source=source)
        assert tables() == undisturbed, f"ended at place {place} of {count}"
        assert list(SourceEvent.objects.order_by("pk").values_list("status", flat=True)) == settled
