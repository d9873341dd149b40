"""Files that a source finds: copied, kept as imports that load themselves, and only then put away over there.

The row of the import is the truth, once a source, name, content and time of writing. What ends this before the row is
committed has changed nothing, as the file still lies there; what ends it afterwards finds the row the next time, and
puts it away.
"""

import hashlib
import secrets
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from procurement.exceptions import FileRefused
from procurement.models import FileImport, SourceAccount, SourceRun
from procurement.services.files.choosing import Choice, choice_propose
from procurement.services.files.outcomes import file_problem
from procurement.services.files.places import all_forget, folder
from procurement.services.files.taking import PART, too_large_words
from procurement.services.files.working import file_wake
from procurement.services.source_runs import reading_hold
from procurement.sources.base import FileSource, FoundFile, SourceUnreadable
from procurement.sources.file_formats import format_of
from procurement.sources.file_kinds import KINDS
from suppliers.exceptions import ConnectorError

SETTLED = 60.0  # seconds: not written to for so long, it is whole; so it is where it was the same, by whatever clock,
LOOKS_APART = 10.0  # seconds ago
Status = FileImport.Status


def files_take(
    *, run: SourceRun, source: SourceAccount, opened: FileSource, within: timedelta | None
) -> bool:
    """Whether all that was ready is taken over. Raises `ConnectorError` and `SyncOverrun`."""
    until = time.monotonic() + within.total_seconds() if within is not None else None
    seen, taken = source.cursor.get("seen", {}), dict(source.cursor.get("taken", {}))
    found = opened.files()
    whole = True
    trouble: ConnectorError | None = None
    now = timezone.now().timestamp()
    for file in found:
        if opened.leaves_files and taken.get(file.name) == file.stamp:
            continue
        if file.modified > now - SETTLED and _since(seen, file, now) > now - LOOKS_APART:
            continue  # somebody may be writing it still
        if until is not None and time.monotonic() > until:
            whole = False
            break
        try:
            if _file_take(run, source, opened, file):
                taken[file.name] = file.stamp
        except ConnectorError as error:
            trouble = trouble or error  # one that cannot be moved must not keep those behind it waiting
    lying = {file.name: [file.stamp, _since(seen, file, now)] for file in found}
    kept = {name: stamp for name, stamp in taken.items() if opened.leaves_files and name in lying}
    with transaction.atomic():
        held_until = reading_hold(run)
        SourceAccount.objects.filter(pk=source.pk).update(cursor={"seen": lying, "taken": kept})
    run.lease_until = held_until
    if trouble is not None:
        raise trouble
    return whole


def _since(seen: dict[str, Any], file: FoundFile, now: float) -> float:
    """When it was first found as it is."""
    stamp, since = seen.get(file.name, ("", now))
    return float(since) if stamp == file.stamp else now


def _file_take(run: SourceRun, source: SourceAccount, opened: FileSource, file: FoundFile) -> bool:
    """False: it is gone, or still growing."""
    part = folder() / (secrets.token_hex(12) + PART)
    written_at = datetime.fromtimestamp(min(file.modified, timezone.now().timestamp()), UTC)
    brought = FileImport(
        kind=opened.file_kind, site=source.site, source=source, run=run, file_name=file.name, size=file.size,
        written_at=written_at,
    )  # fmt: skip
    try:
        if file.size > settings.FILE_MAX_BYTES:
            brought.digest = hashlib.sha256(file.stamp.encode()).hexdigest()
            words, taken = too_large_words(file.name), True
        elif taken := opened.file_copied(file, part):
            with part.open("rb") as copied:
                digest = hashlib.file_digest(copied, "sha256")
            # Written anew with figures that it had before, it tells of now: 5 on the shelf, then 7, then 5 again.
            digest.update(file.stamp.encode())
            brought.digest = digest.hexdigest()
            words = _prepare(brought, part)
        if taken and not _kept(run, source, brought, words):
            all_forget(brought)
            known = FileImport.objects.get(source=source, file_name=file.name, digest=brought.digest)
            words = known.error if known.started_at is None else ""
    except BaseException:
        all_forget(brought)
        raise
    finally:
        part.unlink(missing_ok=True)
    if taken and not opened.leaves_files:
        opened.file_put_away(file, brought.digest, refused=words)
    return taken


def _prepare(brought: FileImport, part: Path) -> str:
    """Have it ready to be loaded; why it is not, in words."""
    brought.status, brought.finished_at = Status.FAILED, timezone.now()
    try:
        form = format_of(part, brought.file_name, most_unpacked=settings.FILE_MAX_UNPACKED_BYTES)
    except SourceUnreadable as error:
        return str(error)
    brought.stored = f"{part.stem}.{form.value}"
    part.rename(part.with_name(brought.stored))
    brought.status, brought.finished_at = Status.DRAFT, None
    kind = KINDS[brought.kind]
    try:
        proposed = choice_propose(file_import=brought, chosen=Choice())
    except FileRefused as error:
        return str(error)
    if missing := proposed.missing(kind):
        return (
            f"It is not known which column of {brought} is {' and which '.join(missing)}."
            " Choose the columns on its page under Files; they are remembered for the next one."
        )
    choice = proposed.choice
    brought.sheet, brought.header_line, brought.encoding = choice.sheet, choice.header_line, choice.encoding
    brought.columns, brought.decimal_sign = dict(choice.columns or {}), choice.decimal_sign
    brought.month_first = bool(choice.month_first)
    brought.status, brought.stage, brought.started_at = Status.LOADING, "Waiting for its turn", timezone.now()
    return ""


def _kept(run: SourceRun, source: SourceAccount, brought: FileImport, words: str) -> bool:
    """Whether it is new. Its row, what is said of it and its wake-up stand or fall together."""
    with transaction.atomic():
        held_until = reading_hold(run)
        known = {"source": source, "file_name": brought.file_name, "digest": brought.digest}
        new = not FileImport.objects.filter(**known).exists()
        if new:
            brought.error = words
            brought.save()
            file_problem(source, brought.file_name, words)
        if new and words:
            SourceRun.objects.filter(pk=run.pk).update(fetched=F("fetched") + 1, failed=F("failed") + 1)
        elif new:
            file_wake(brought)
    run.lease_until = held_until
    return new
