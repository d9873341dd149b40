"""A file that somebody brings: from the first bytes into FILES_DIR, never more of it in memory than a chunk."""

import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from orders.models import Site
from procurement.exceptions import FileRefused
from procurement.models import FileImport
from procurement.services.files.places import folder
from procurement.sources.base import SourceUnreadable
from procurement.sources.file_formats import format_of
from suppliers.models import Supplier

PART = ".part"
NAME_KEPT = 200


class FolderUpload(FileUploadHandler):
    """Writes what is uploaded to a file of its own. One that is too large is read to its end and dropped, as a browser
    that is not listened to shows no answer.
    """

    chunk_size = 1024 * 1024

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.path: Path | None = None
        self.too_large = False
        self._size = 0
        self._file: Any = None

    def new_file(self, *args: Any, **options: Any) -> None:
        super().new_file(*args, **options)
        if self.path is not None:
            raise SkipFile  # one file at a time; the rest of the form is read
        self.path = folder() / (secrets.token_hex(12) + PART)
        self._file = self.path.open("xb")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._size += len(raw_data)
        if self._size > settings.FILE_MAX_BYTES:
            self.too_large = True
            self.clean()
            raise SkipFile
        self._file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if self._file is None:
            return None
        self._file.close()
        return UploadedFile(name=self.file_name, size=self._size)

    def upload_interrupted(self) -> None:
        self.clean()

    def clean(self) -> None:
        """Leave nothing behind of what was not taken."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def file_take(
    *, path: Path, name: str, kind: str, site: Site, supplier: Supplier | None, by: AbstractBaseUser
) -> FileImport:
    """Keep an uploaded file and begin its import. Raises `FileRefused`, and then the file is the caller's still."""
    shown = "".join(char for char in name if char.isprintable())[:NAME_KEPT] or "file"
    try:
        form = format_of(path, shown, most_unpacked=settings.FILE_MAX_UNPACKED_BYTES)
    except SourceUnreadable as error:
        raise FileRefused(str(error)) from None
    stored = f"{path.stem}.{form.value}"
    size = path.stat().st_size
    path.rename(path.with_name(stored))
    return FileImport.objects.create(
        kind=kind, site=site, supplier=supplier, by_id=by.pk, file_name=shown, size=size, stored=stored
    )


def too_large_words(name: str = "") -> str:
    most = settings.FILE_MAX_BYTES // 1_000_000
    return (
        f"{name or 'The file'} is larger than {most:,} MB, which is the most that is taken; nothing of it was kept."
        " Pack it with gzip (.csv.gz), load it in parts, or let an administrator load it with manage.py import_data."
    )
