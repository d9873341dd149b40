"""Files for tests of import_data."""

import gzip
import json
import os
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management import call_command

from orders.models import Site
from procurement.services.records import RecordCounts, records_import
from procurement.sources.csv_files import CsvFile
from procurement.sources.file_kinds import KINDS
from suppliers.models import Product, Supplier

NOW = datetime(2026, 6, 10, 9, 30, tzinfo=ZoneInfo("UTC"))


def make_site(code: str = "main") -> Site:
    return Site.objects.get_or_create(code=code, defaults={"name": code.title()})[0]


def make_products(*skus: str) -> list[Product]:
    return [Product.objects.create(sku=sku, name=f"Product {sku}") for sku in skus]


def write(folder: Path, content: str | bytes, name: str = "file.csv") -> Path:
    path = folder / name
    raw = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    return path


def load(
    path: Path, kind: str, *, supplier: Supplier | None = None, dry_run: bool = False, **reading: Any
) -> RecordCounts:
    source = CsvFile(path, KINDS[kind], now=NOW, **reading)
    return records_import(kind=kind, source=source, site=make_site(), supplier=supplier, dry_run=dry_run)


def command(*args: object, **options: Any) -> tuple[int, dict[str, Any]]:
    """Exit code and JSON of `manage.py import_data`."""
    out = StringIO()
    try:
        call_command("import_data", *map(str, args), json=True, stdout=out, **options)
    except SystemExit as ended:
        return int(ended.code or 0), json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


def counts(result: RecordCounts) -> tuple[int, int, int, int]:
    return result.added, result.changed, result.unchanged, result.refused


def said(result: RecordCounts) -> list[tuple[int, str, str]]:
    return [(error.line, error.column, error.reason) for error in result.errors]
