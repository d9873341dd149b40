"""What was refused of a file, with the place in it as people find it."""

from collections.abc import Iterator
from dataclasses import dataclass

from openpyxl.utils import get_column_letter

from procurement.exceptions import FileError
from procurement.models import FileImport
from procurement.services.files.choosing import choice_of, choice_propose
from procurement.services.files.places import rows_path
from procurement.services.files.row_store import RowStore

WAY_ON = "; save the file as 'CSV UTF-8', or change its character set"


@dataclass(frozen=True, slots=True)
class RefusedRow:
    line: int
    cell: str  # as B7; empty if it is about the row, or the file has no cells
    column: str
    value: str
    reason: str

    def cells(self) -> list[str]:
        return [str(self.line), self.cell, self.column, self.value, self.reason]


def refused_rows(file_import: FileImport) -> Iterator[RefusedRow]:
    """By line; none where the file is no longer kept."""
    path = rows_path(file_import)
    if not file_import.stored or not path.exists():
        return
    letters = _letters(file_import)
    with RowStore(path) as store:
        for error in store.refused():
            # Of what is refused only when it is compared with what is stored, our field is named.
            header = file_import.columns.get(error.column, error.column)
            letter = letters.get(header, "")
            cell = f"{letter}{error.line}" if letter else ""
            way = WAY_ON if error.reason.startswith("cannot be read as") else ""
            yield RefusedRow(error.line, cell, header, error.value, error.reason + way)


def _letters(file_import: FileImport) -> dict[str, str]:
    if not file_import.sheet:
        return {}
    try:
        headers = choice_propose(file_import=file_import, chosen=choice_of(file_import)).headers
    except FileError:
        return {}
    return {header: get_column_letter(at) for at, header in enumerate(headers, start=1)}
