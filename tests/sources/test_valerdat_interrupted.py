"""A reading of proposals that ends anywhere, however hard: no order twice, and none lost."""

from collections.abc import Iterator

import pytest

from orders.models import PurchaseOrder
from procurement.models import SourceAccount
from procurement.services.syncing import source_sync
from procurement.sources.sandbox.server import SourceSandbox
from tests.sources.planner import offers, outcome, planner, propose
from tests.sources.test_interrupted import Killed, Steps, places, read_to_the_end

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sandbox() -> Iterator[SourceSandbox]:
    with SourceSandbox("valerdat") as sandbox:
        yield sandbox


class World:
    """The same proposals again and again, each time with ids and an account of their own."""

    def __init__(self, sandbox: SourceSandbox) -> None:
        self.sandbox, self.count = sandbox, 0
        offers(("ald", "A"), ("ald", "B"), ("brk", "C"))

    def anew(self, reading: str) -> SourceAccount:
        self.count += 1
        self.sandbox.system._orders.clear()
        source = planner(self.sandbox, code=f"planner-{self.count}", name=f"Planner {self.count}")
        self._propose(1, ("ald", "A", 24), ("brk", "C", 6))
        self._propose(2, ("ald", "B", 3))
        self._propose(3, ("ald", "UNKNOWN", 1))
        if reading == "one of changes":
            read_to_the_end(source)
            edited = PurchaseOrder.objects.get(
                proposal_draft__proposal__account=source, proposal_draft__proposal__number="V-2"
            )
            PurchaseOrder.objects.filter(pk=edited.pk).update(status="transferred")
            self._propose(1, ("ald", "A", 30))
            self._propose(2, ("ald", "B", 4))
            self._propose(4, ("brk", "C", 9))
        return source

    def _propose(self, n: int, *lines: tuple[str, str, int]) -> None:
        propose(self.sandbox, self.count * 1000 + n, *lines)


@pytest.mark.parametrize("reading", ["the first", "one of changes"])
def test_killed_at_any_place_and_started_again_ends_as_undisturbed(sandbox, monkeypatch, reading):
    world = World(sandbox)
    source = world.anew(reading)
    count = places(lambda: source_sync(source=source, by=None), monkeypatch)
    undisturbed = outcome(source)
    assert len(undisturbed["proposals"]) == (3 if reading == "one of changes" else 2)
    assert undisturbed["problems"]
    # A place is before or after a statement or a call. Not all of them, so that the test stays short.
    tried = range(1, count + 1, max(1, count // 24))
    assert len(tried) >= 20
    for place in tried:
        source = world.anew(reading)
        with pytest.raises(Killed), Steps(ends_at=place).watching(monkeypatch):
            source_sync(source=source, by=None)
        read_to_the_end(source)
        assert outcome(source) == undisturbed, f"ended at place {place} of {count}"
    assert not PurchaseOrder.objects.filter(proposal_draft=None).exists()
