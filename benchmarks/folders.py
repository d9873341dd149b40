"""A data folder for a benchmark: what cannot be read ends it with the reason."""

from pathlib import Path

from procurement.data_folders import BadFolder, Folder
from procurement.data_folders import read as read_folder

__all__ = ["Folder", "read"]


def read(folder: Path) -> Folder:
    try:
        return read_folder(folder)
    except BadFolder as error:
        raise SystemExit(str(error)) from None
