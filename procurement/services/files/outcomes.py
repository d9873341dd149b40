"""What became of a file that a source brought, told where the source is looked at: its reading, and its problems."""

import hashlib

from django.db.models import F
from django.utils import timezone

from procurement.models import FileImport, SourceAccount, SourceProblem, SourceRun

WORDS_KEPT, ID_KEPT = 400, 60


def file_problem(source: SourceAccount, file_name: str, words: str = "") -> None:
    """Instead of what was wrong with it before; empty: nothing is. Inside the transaction of what it tells of."""
    name = file_name
    if len(name) > ID_KEPT:
        name = f"{name[: ID_KEPT - 14]}… {hashlib.sha256(name.encode()).hexdigest()[:12]}"
    SourceProblem.objects.filter(account=source, external_id=name).delete()
    if words:
        SourceProblem.objects.create(
            account=source, external_id=name, words=words[:WORDS_KEPT], asked_at=timezone.now()
        )


def file_loaded(file_import: FileImport) -> None:
    """Inside the transaction that ends the load, so that its rows are counted once."""
    if file_import.source is None or not file_import.digest:
        return
    file_import.refresh_from_db()
    SourceRun.objects.filter(file_imports=file_import).update(
        fetched=F("fetched") + file_import.rows,
        added=F("added") + file_import.added,
        changed=F("changed") + file_import.changed,
        unchanged=F("unchanged") + file_import.unchanged,
        failed=F("failed") + file_import.refused,
    )
    words = ""
    if file_import.refused:
        words = (
            f"{file_import}: {file_import.refused:,} of {file_import.rows:,} rows were refused;"
            " its page under Files says which and why."
        )
    file_problem(file_import.source, file_import.file_name, words)


def file_not_loaded(file_import: FileImport, words: str) -> None:
    if file_import.source is not None and file_import.digest:
        file_problem(file_import.source, file_import.file_name, f"{file_import}: {words}")


def file_discarded(file_import: FileImport) -> None:
    if file_import.source is not None and file_import.digest:
        file_problem(file_import.source, file_import.file_name)
