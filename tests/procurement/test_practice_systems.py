"""Practice systems with the sample in them: the same ones when they are started again, and read like anybody's."""

import random
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from procurement.demo.source_systems import kinds_named
from procurement.demo.sources import SourceNotRead, brought_by_systems, sources_read
from procurement.models import CustomerOrder, DailyDemand, Proposal, SourceAccount, StockLevel
from procurement.services.practice_sources import practice_source_connect, practice_sources_kept
from procurement.source_status import sources_due
from procurement.sources.base import Capability
from procurement.sources.sandbox.sample import Sample, SampleOrder, SampleProposal
from procurement.sources.sandbox.server import SandboxSystem, SourceSandbox, sample_kinds, system_class
from procurement.sources.sandbox.world import WorldFile, WorldTaken
from suppliers.sandbox.faults import Fault, Kind
from tests import factories
from tests.sources.planner import offers

TODAY = timezone.localdate()
SKUS = ("A", "B", "C")


def ordered(number: int, days_ago: int) -> SampleOrder:
    day = TODAY - timedelta(days=days_ago)
    return SampleOrder(
        number=f"SO-{number}", customer="" if number % 2 else "Customer 7", ordered_on=day, due_date=day,
        open=not days_ago, lines=(("A", 3), ("B", number)),
    )  # fmt: skip


SAMPLE = Sample(
    as_of=TODAY,
    names={sku: f"Product {sku}" for sku in SKUS},
    orders=tuple(ordered(n, days_ago=max(0, n - 3)) for n in range(1, 7)),
    stock={"A": 40, "B": 5, "C": 0},
    proposals=(SampleProposal(supplier="ald", lines=(("A", 6, Decimal("2.50")),)),),
)


def opened(kind: str, folder: Path, as_of: date = TODAY) -> tuple[SandboxSystem, WorldFile]:
    system = system_class(kind)()
    return system, WorldFile.opened(folder / f"{kind}.json", system, as_of=as_of, sample=lambda: SAMPLE)


class Notes(list[str]):
    def advance(self, note: str = "") -> None:
        self.append(note)

    note = advance


@pytest.fixture
def systems(tmp_path: Path) -> Iterator[dict[str, SourceSandbox]]:
    """One of each kind, being served."""
    with ExitStack() as stack:
        served = {}
        for kind in sample_kinds():
            served[kind] = stack.enter_context(SourceSandbox(kind, page_size=2))
            world = WorldFile.opened(
                tmp_path / f"{kind}.json", served[kind].system, as_of=TODAY, sample=lambda: SAMPLE
            )
            stack.callback(world.close)
            served[kind].app.live_on = lambda world=world, system=served[kind].system: world.live_on(system)
        yield served


def urls(systems: dict[str, SourceSandbox]) -> dict[str, str]:
    return {kind: sandbox.origin for kind, sandbox in systems.items()}


@pytest.mark.parametrize("kind", sample_kinds())
def test_system_started_again_knows_what_it_knew(kind, tmp_path):
    system, world = opened(kind, tmp_path)
    happened = world.live_on(system)
    assert happened
    with pytest.raises(WorldTaken, match="served by another process already"):
        opened(kind, tmp_path)
    known = system.saved()
    world.close()
    again, world = opened(kind, tmp_path)
    assert again.saved() == known
    assert world.rounds == 1
    assert again.live_on(random.Random(1)) == system.live_on(random.Random(1))
    world.close()


@pytest.mark.django_db
def test_first_reading_brings_everything_and_the_second_only_what_happened(systems):
    offers(("ald", "A"), ("ald", "B"), ("ald", "C"))
    site = factories.site()
    first = sources_read(urls(systems), site=site, stage=Notes())
    counts = [tuple(read.run.counts().values()) for read in first.values()]
    assert all(failed == unchanged == changed == 0 for _, _, changed, unchanged, _, failed in counts)
    assert all(added for _, added, *_ in counts)
    assert not any(read.happened for read in first.values())
    assert CustomerOrder.objects.filter(open=True).count() == 3
    assert CustomerOrder.objects.filter(open=False).count() == 3
    assert dict(StockLevel.objects.values_list("product__sku", "on_hand")) == {"A": 40, "B": 5}
    assert Proposal.objects.count() == 1
    assert DailyDemand.objects.get(product__sku="A", date=TODAY - timedelta(days=2)).quantity == 3

    for kind, read in sources_read(urls(systems), site=site, stage=Notes()).items():
        counted = read.run.counts()
        assert read.happened
        assert counted["added"] + counted["changed"] + counted["removed"] > 0
        assert counted["failed"] == 0
        assert counted["fetched"] <= first[kind].run.fetched + 3
    late = next(name for read in sources_read(urls(systems), site=site, stage=Notes()).values()
                for words in read.happened if "late" in words for name in [words.split()[0]])  # fmt: skip
    assert CustomerOrder.objects.filter(number=late).exists()


@pytest.mark.django_db
def test_system_of_another_day_is_dated_anew(tmp_path):
    for kind in sample_kinds():
        system, world = opened(kind, tmp_path)
        before = system.saved()
        world.close()
        later, world = opened(kind, tmp_path, TODAY + timedelta(days=2))
        world.close()
        if "Order" in before:
            days = [[row["EffectiveDate"] for row in saved["Order"]] for saved in (before, later.saved())]
            moved = [str(date.fromisoformat(day) + timedelta(days=2)) for day in days[0]]
            assert days[1] == moved
        else:
            assert later.saved() == before


@pytest.mark.django_db
def test_system_that_fails_is_named_with_the_reason(systems):
    site = factories.site()
    for kind, sandbox in systems.items():
        sandbox.faults.set(Fault(kind=Kind.TOKEN_EXPIRED))
        with pytest.raises(SourceNotRead, match=r"\(practice\) could not be read: .*refused"):
            sources_read({kind: sandbox.origin}, site=site, stage=Notes())


@pytest.mark.django_db
def test_after_a_demo_the_accounts_are_as_before(systems):
    site, (kind, url) = factories.site(), next(iter(urls(systems).items()))
    account = practice_source_connect(kind=kind, url="http://127.0.0.1:1", site=site, active=True)
    before = account.settings
    with practice_sources_kept():
        account.refresh_from_db()
        assert not account.active  # no worker reads what the demo is about to read
        sources_read({kind: url}, site=site, stage=Notes())
    account.refresh_from_db()
    assert (account.settings, account.active) == (before, True)


@pytest.mark.django_db
def test_files_leave_out_what_a_system_brings_also_in_a_later_demo(systems):
    assert brought_by_systems([]) == frozenset()
    kind = next(kind for kind in sample_kinds() if Capability.STOCK in brought_by_systems([kind]))
    practice_source_connect(kind=kind, url="http://127.0.0.1:1", site=factories.site(), active=False)
    assert brought_by_systems([]) == {Capability.STOCK}


def test_names_are_those_of_practice_systems():
    assert kinds_named("") == sample_kinds()
    first, second, *_ = sample_kinds()
    assert kinds_named(f" {second.upper()} ,{first},{second}") == [second, first]


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["demo", "sandbox"])
def test_unknown_name_is_refused_with_the_known_ones(command):
    known = ", ".join(sample_kinds())
    with pytest.raises(CommandError, match=f"There is no practice system 'acme'; known: {known}"):
        call_command(command, sources="acme")


@pytest.mark.django_db
def test_plan_of_a_demo_calls_no_system_switched_off_and_none_is_asked_after_it(systems):
    site = factories.site()
    with practice_sources_kept():
        sources_read(urls(systems), site=site, stage=Notes())
        assert not SourceAccount.objects.filter(active=False).exists()
        assert not sources_due().exists()
    assert not SourceAccount.objects.filter(active=True).exists()
