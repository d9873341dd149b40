"""Files in a folder, here or on a server: which are ours, and what becomes of them once they were read."""

import csv
import io
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import TypeVar

from procurement.sources.base import FileSource, FoundFile
from procurement.sources.file_drop.folder import Folder, LeadsOut
from procurement.sources.file_drop.server import ServerFolder
from procurement.sources.file_drop.settings import CREDENTIALS, SETTINGS, setting_problem
from suppliers.connectors.sftp.keys import host_keys, private_key
from suppliers.connectors.sftp.session import SftpAddress
from suppliers.exceptions import ConnectorConfigurationError, SupplierUnavailable

# As programs call what they still write, and our own
UNFINISHED = (
    ".part",
    ".tmp",
    ".filepart",
    ".errors.csv",
)
LONGEST = 200  # letters of a name
Found = TypeVar("Found")


class FileDropSource(FileSource):
    kind = "file_drop"
    label = "Files in a folder"
    credential_fields = CREDENTIALS
    setting_fields = SETTINGS

    @classmethod
    def problem_with(cls, name: str, value: str) -> str:
        return setting_problem(name, value.strip())

    def open(self) -> None:
        for declared in SETTINGS:
            if problem := self.problem_with(declared.name, self.setting(declared.name)):
                raise ConnectorConfigurationError(self._what(f"{declared.label}: {problem}"))
        self._folder = self._on_a_server() if self.setting("place") == "sftp" else self._on_this_machine()

    def _on_this_machine(self) -> Folder:
        below, name = self.config.files_below, self.setting("folder")
        if below is None or not name:
            raise ConnectorConfigurationError(self._what("DROP_DIR or the folder in it is not set."))
        try:
            folder = Folder(below, name)
        except (LeadsOut, OSError, RuntimeError) as error:
            raise ConnectorConfigurationError(self._what(f"{error}. Nothing outside is read.")) from None
        if not folder.path.is_dir():
            raise ConnectorConfigurationError(
                self._what(f"there is no folder {name} in {below}. Make it, or mend the setting.")
            )
        return folder

    def _on_a_server(self) -> ServerFolder:
        for needed in ("host", "host_key"):
            if not self.setting(needed):
                raise ConnectorConfigurationError(self._what(f"{needed.replace('_', ' ')} is not set."))
        key, password = self._optional("private_key"), self._optional("password")
        if not key and not password:
            raise ConnectorConfigurationError(self._what("a password or a private key is needed."))
        address = SftpAddress(
            host=self.setting("host"),
            port=int(self.setting("port")),
            username=self.credential("username"),
            host_keys=host_keys(self.setting("host_key")),
            password=password,
            client_key=private_key(key, self._optional("private_key_passphrase")) if key else None,
            allow_private_network=self.config.allow_private_network,
            timeout=15,
        )
        return ServerFolder(self.config.name, address, self.setting("remote_folder"))

    def _optional(self, name: str) -> str | None:
        return next(iter(self.config.credentials.get(name, ())), None)

    def close(self) -> None:
        self._folder.close()

    @property
    def file_kind(self) -> str:
        return self.setting("holds")

    @property
    def leaves_files(self) -> bool:
        return self.setting("after") == "keep"

    def check(self) -> str:
        ours = len(self.files())
        where = self.setting("remote_folder" if self.setting("place") == "sftp" else "folder")
        return f"Opened {where}; {ours} files in it are called {self.setting('pattern')}."

    def files(self) -> list[FoundFile]:
        found = self._done("list the files", self._folder.files)
        return sorted((f for f in found if self._ours(f.name)), key=lambda file: (file.modified, file.name))

    def _ours(self, name: str) -> bool:
        plain = name.isprintable() and len(name) <= LONGEST  # what is not is no name that could be kept
        hidden = name.startswith((".", "~")) or name.lower().endswith(UNFINISHED)
        return plain and not hidden and fnmatchcase(name, self.setting("pattern"))

    def file_copied(self, file: FoundFile, to: Path) -> bool:
        def copied() -> bool:
            try:
                size = self._folder.copied(file.name, to, file.size + 1)
            except FileNotFoundError:
                return False
            return size == file.size and self._folder.stamp(file.name) == file.stamp

        return self._done(f"read {file.name}", copied)

    def file_put_away(self, file: FoundFile, digest: str, refused: str = "") -> None:
        # With its content in its name: one of the same name comes tomorrow.
        plain = PurePosixPath(file.name)
        name = f"{plain.stem[:LONGEST]}.{digest[:12]}{plain.suffix}"
        to = "refused" if refused else "done"

        def put() -> None:
            if self._folder.stamp(file.name) != file.stamp:
                return  # moved already, or written again
            if refused:  # first, so that no file lies there without its reason
                self._folder.written(to, f"{name}.errors.csv", _reason(refused))
            self._folder.moved(file.name, to, name)
            if self._folder.stamp_in(to, name) != file.stamp:  # it was replaced between looking and moving
                self._folder.moved_back(to, name, file.name)

        self._done(f"move {file.name} to {to}/", put)

    def _done(self, what: str, act: Callable[[], Found]) -> Found:
        try:
            return act()
        except LeadsOut as error:
            raise ConnectorConfigurationError(self._what(f"{error}. Nothing outside is touched.")) from None
        except OSError as error:
            raise SupplierUnavailable(
                f"{self.config.name}: could not {what}: {error.strerror or type(error).__name__}."
            ) from None


def _reason(words: str) -> str:
    out = io.StringIO()
    csv.writer(out).writerows((("line", "column", "value", "reason"), ("", "", "", words)))
    return out.getvalue()
