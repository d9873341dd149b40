"""Undoing a whole import: what it added goes, what it changed is as before; what something newer changed stays.

Newest first and a slice at a time, each slice in one transaction with the place to go on from: one that was cut off
was not done at all.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from procurement.exceptions import FileNotUndoable
from procurement.models import FileImport, ImportedRow
from procurement.services.files.holding import lease_renew, lease_take
from procurement.services.files.reverting import Reverted, rows_revert

SLICE = 1_000
Status = FileImport.Status
UNDOABLE = (Status.DONE, Status.FAILED, Status.CANCELLED)
# Of no site
EVERYWHERE = (FileImport.Kind.CATALOGUE, FileImport.Kind.EXCHANGE_RATES, FileImport.Kind.CONTRACTS)


def undo_start(*, file_import: FileImport, by: AbstractBaseUser | None) -> None:
    """Claim it for undoing; `undo_steps` does it. Raises `FileNotUndoable`."""
    if newer := _said_again(file_import):
        raise FileNotUndoable(
            f"{newer} (number {newer.pk}) was loaded after {file_import} and found rows as that had left them, so these"
            f" would be lost with it. Undo {newer} first, then this one; and load {newer} again if it was right."
        )
    started = FileImport.objects.filter(
        pk=file_import.pk,
        kind__in=FileImport.Kind.values,
        status__in=UNDOABLE,
        started_at__isnull=False,
        rows_kept=True,
    ).update(
        status=Status.UNDOING, undone_by_id=by.pk if by else None, lease_until=None, cursor={},
        stage="Undoing", progress=0, error="",
    )  # fmt: skip
    file_import.refresh_from_db()
    if not started:
        raise FileNotUndoable(_why_not(file_import))


def _said_again(file_import: FileImport) -> FileImport | None:
    """A newer load that wrote nothing for rows which were like that already: whose word they are now is not kept."""
    if file_import.status not in UNDOABLE or file_import.started_at is None:
        return None
    newer = FileImport.objects.filter(
        Q(unchanged__gt=0) | Q(status=Status.LOADING),
        kind=file_import.kind,
        started_at__gt=file_import.started_at,
    )
    if file_import.kind not in EVERYWHERE:
        newer = newer.filter(site=file_import.site_id)
    return newer.exclude(status=Status.UNDONE).order_by("-started_at").first()


def _why_not(file_import: FileImport) -> str:
    match file_import.status:
        case Status.UNDONE:
            when = f" on {timezone.localtime(file_import.undone_at):%d %b %Y at %H:%M}"
            who = f" by {file_import.undone_by.get_username()}" if file_import.undone_by else ""
            return f"{file_import} was undone already{when}{who}."
        case Status.UNDOING:
            return f"{file_import} is being undone already."
        case Status.LOADING:
            return f"{file_import} is being loaded. Stop that first, then undo it."
    if file_import.kind not in FileImport.Kind.values:
        return f"{file_import} cannot be undone: files of its kind are not read any more."
    if not file_import.rows_kept:
        return f"{file_import} is too old to be undone: what it did to each row is no longer kept."
    return f"{file_import} has not been loaded, so there is nothing to undo."


def undo_all(*, file_import: FileImport, by: AbstractBaseUser | None) -> FileImport:
    """Undo it here and now. Raises `FileNotUndoable`; `FileOverrun` where somebody else does it already."""
    undo_start(file_import=file_import, by=by)
    lease_take(file_import)
    for _ in undo_steps(file_import):
        pass
    file_import.refresh_from_db()
    return file_import


def undo_steps(file_import: FileImport) -> Iterator[None]:
    """A slice a turn, until all is undone. It has to be held; raises `FileOverrun` when it is no longer."""
    while file_import.status == Status.UNDOING:
        with transaction.atomic():
            _slice(file_import)
        yield


def _slice(file_import: FileImport) -> None:
    rows = ImportedRow.objects.filter(file_import=file_import).order_by("-pk")
    below, done = file_import.cursor.get("below"), file_import.cursor.get("done", 0)
    changes = list((rows.filter(pk__lt=below) if below else rows)[:SLICE])
    if changes:
        below = changes[-1].pk
    else:
        changes, below = _unpacked(file_import), below or 1  # what is left of these becomes rows above it
    if not changes:
        lease_renew(file_import, status=Status.UNDONE, undone_at=timezone.now(), stage="", progress=100)
        return
    undone = changes_undo(changes)
    done += len(changes)
    lease_renew(
        file_import,
        cursor={"below": below, "done": done},
        progress=min(99, 100 * done // max(done, file_import.added + file_import.changed)),
        removed=F("removed") + undone.removed,
        restored=F("restored") + undone.restored,
        left=F("left") + undone.left,
    )


def _unpacked(file_import: FileImport) -> list[ImportedRow]:
    """The last of the rows that were added many at once; they are rows of their own from now on."""
    packed = file_import.added_rows.last()
    if packed is None:
        return []
    packed.delete()
    return packed.single()


def changes_undo(changes: Sequence[ImportedRow]) -> Reverted:
    """Rows of one table before those that they need."""
    by_table: dict[int, list[ImportedRow]] = defaultdict(list)
    for change in changes:
        by_table[change.table].append(change)
    total = Reverted()
    for table in sorted(by_table, reverse=True):
        undone = rows_revert(table, by_table[table])
        if table != ImportedRow.Table.STOCK_PART:  # of a sum that is counted already
            total.add(undone)
    return total
