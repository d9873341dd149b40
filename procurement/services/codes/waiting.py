"""Codes that nobody understands, kept with the entries that wait for them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from procurement.models import CodeSystem, SourceAccount, SourceProblem, UnmatchedCode, WaitingEntry
from procurement.services.codes.resolving import Unmatched
from suppliers.models import Supplier

AT_ONCE = 1_000
TOLD = ("trouble", "product", "description", "unit", "barcode", "words", "last_seen", "settled_at")


@dataclass(frozen=True, slots=True)
class Waits:
    """An entry that names a code which is not understood, and what was said of the two."""

    external_id: str
    found: Unmatched
    words: str = ""
    description: str = ""
    barcode: str = ""
    rows: int = 1


def code_system(*, account: SourceAccount | None = None, supplier: Supplier | None = None) -> CodeSystem:
    """Of a source, of a supplier, or else of files."""
    named = {"account": account, "supplier": supplier}
    if found := CodeSystem.objects.filter(**named).first():
        return found
    try:
        with transaction.atomic():
            return CodeSystem.objects.create(**named)
    except IntegrityError:  # somebody else did meanwhile
        return CodeSystem.objects.get(**named)


def waiting_replace(
    *,
    waits: Sequence[Waits],
    entries: Collection[str],
    account: SourceAccount | None = None,
    supplier: Supplier | None = None,
) -> None:
    """What these entries waited for before is forgotten: they are as they are now. Call inside a transaction."""
    before = WaitingEntry.objects.filter(
        code__system__account=account, code__system__supplier=supplier, external_id__in=entries
    )
    before.delete()
    if not waits:
        return
    system, now = code_system(account=account, supplier=supplier), timezone.now()
    rows: dict[str, UnmatchedCode] = {}
    counts = defaultdict[tuple[str, str], int](int)
    for one in waits:
        counts[one.found.code, one.external_id] += one.rows
        if not one.found.ignored:  # what is said of an ignored code stays as it is
            rows.setdefault(one.found.code, _row(system, one, now))
    UnmatchedCode.objects.bulk_create(
        rows.values(),
        AT_ONCE,
        update_conflicts=True,
        unique_fields=["system", "code"],
        update_fields=[*TOLD],
    )
    keys: dict[str, int] = {}
    for part in _parts(list({code for code, _ in counts})):
        keys |= dict(UnmatchedCode.objects.filter(system=system, code__in=part).values_list("code", "pk"))
    WaitingEntry.objects.bulk_create(
        (
            WaitingEntry(code_id=keys[code], external_id=external_id, rows=1 if account else number)
            for (code, external_id), number in counts.items()
        ),
        AT_ONCE,
        ignore_conflicts=True,
    )


def waiting_end(account: SourceAccount) -> None:
    """Of entries that are no problem any more nothing waits; those of ignored codes are kept, for who undoes that."""
    still = SourceProblem.objects.filter(account=account, external_id=OuterRef("external_id"))
    WaitingEntry.objects.filter(~Exists(still), code__system__account=account, code__ignored_at=None).delete()


def _row(system: CodeSystem, one: Waits, now: datetime) -> UnmatchedCode:
    return UnmatchedCode(
        system=system,
        code=one.found.code,
        trouble=one.found.trouble,
        product_id=one.found.product,
        description=one.description[:200],
        unit=one.found.unit[:30],
        barcode=one.barcode[:20],
        words=(one.words or f"{one.found.code} {one.found.words}.")[:400],
        first_seen=now,
        last_seen=now,
    )


def _parts(codes: Sequence[str]) -> Iterable[Sequence[str]]:
    return (codes[start : start + AT_ONCE] for start in range(0, len(codes), AT_ONCE))
