"""An account with another system, of a supplier or of a source: what it declares, what was entered, open and closed."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import ClassVar, Protocol, Self

from suppliers.exceptions import ConnectorConfigurationError


@dataclass(frozen=True, slots=True)
class CredentialField:
    name: str
    label: str
    help: str = ""
    required: bool = True
    secret: bool = True


@dataclass(frozen=True, slots=True)
class SettingField:
    name: str
    label: str
    default: str = ""
    help: str = ""
    required: bool = False
    long: bool = False  # a template or a table rather than a word
    example: str = ""  # one that can be read, where a plain word cannot


def settings_check(
    declared: Iterable[SettingField], setting: Callable[[str], str], problem_with: Callable[[str, str], str]
) -> None:
    """Raises `ConnectorConfigurationError` for the first one whose value cannot be used."""
    for one in declared:
        if problem := problem_with(one.name, setting(one.name)):
            raise ConnectorConfigurationError(f"{one.label}: {problem}")


class Entered(Protocol):
    """What somebody entered of it. Every valid value of each credential, newest first."""

    @property
    def settings(self) -> Mapping[str, str]: ...
    @property
    def credentials(self) -> Mapping[str, tuple[str, ...]]: ...


class Account(ABC):
    """A context manager: opened for one account, used from one thread, closed."""

    label: ClassVar[str]
    credential_fields: ClassVar[tuple[CredentialField, ...]]
    setting_fields: ClassVar[tuple[SettingField, ...]] = ()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def open(self) -> None: ...

    @abstractmethod
    def close(self) -> None: ...

    @abstractmethod
    def check(self) -> str:
        """Prove that everything needed works; a sentence that says what was seen. Raises `ConnectorError`."""

    @property
    @abstractmethod
    def _entered(self) -> Entered: ...

    @abstractmethod
    def _what(self, thing: str) -> str:
        """Whose `thing` it is, for the beginning of a message."""

    def setting(self, name: str) -> str:
        for declared in self.setting_fields:
            if declared.name == name:
                # Present but empty means "none", which for some settings is not the default.
                value = self._entered.settings.get(name, declared.default)
                if declared.required and not value.strip():
                    raise ConnectorConfigurationError(self._what(f"{declared.label} is not set."))
                return value
        raise LookupError(f"{type(self).__name__} declares no setting {name!r}")

    def credential(self, name: str) -> str:
        values = self._entered.credentials.get(name)
        if not values:
            label = next((c.label for c in self.credential_fields if c.name == name), name)
            raise ConnectorConfigurationError(self._what(f"{label} is not set."))
        return values[0]

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may show: every valid value of each secret credential."""
        public = {declared.name for declared in self.credential_fields if not declared.secret}
        held = self._entered.credentials.items()
        return tuple(value for name, values in held if name not in public for value in values)
