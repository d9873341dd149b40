"""Files on an SFTP server, over a real socket: fetched, put away, and nothing lost where it fails."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from procurement.models import FileImport, SourceAccount, SourceCredential, StockLevel
from procurement.services.files.working import file_work, files_waiting
from procurement.services.syncing import source_check, source_sync
from suppliers.exceptions import ConnectorError
from suppliers.sandbox.faults import Fault, Kind
from suppliers.sandbox.server import SandboxServer
from tests import factories
from tests.fixtures.sandbox import CLIENT_SECRET
from tests.sources.accounts import make_products
from tests.suppliers.conftest import depot  # noqa: F401
from tests.suppliers.sftp_depot import folder

pytestmark = pytest.mark.django_db
OLD = 1_700_000_000


@pytest.fixture
def lying(depot: SandboxServer) -> Iterator[Path]:  # noqa: F811
    path = folder(depot, "stock")
    path.mkdir()
    return path


@pytest.fixture
def source(depot: SandboxServer, lying: Path, settings: Any, tmp_path: Path) -> SourceAccount:  # noqa: F811
    settings.FILES_DIR = tmp_path / "files"
    make_products("A", "B")
    entered = depot.account_settings("greengrocer")
    source = SourceAccount.objects.create(
        code="store", name="Warehouse", kind="file_drop", site=factories.site(), allow_private_network=True,
        settings={name: entered[name] for name in ("host", "port", "host_key")}
        | {"place": "sftp", "remote_folder": "stock"},
    )  # fmt: skip
    for name, value in {"username": "client-1", "password": CLIENT_SECRET}.items():
        SourceCredential.objects.create(account=source, name=name, value=value)
    return source


def put(lying: Path, name: str, content: str) -> None:
    (lying / name).write_text(content)
    os.utime(lying / name, (OLD, OLD))


def look(source: SourceAccount) -> Any:
    source.refresh_from_db()
    run = source_sync(source=source, by=None)
    for waiting in reversed(files_waiting()):
        file_work(pk=waiting.pk, within=timedelta(minutes=5))
    run.refresh_from_db()
    return run


def test_files_are_loaded_and_put_away_over_there(source, lying):
    assert source_check(source=source) == "Opened stock; 0 files in it are called *."
    rows = "".join(f"Z{n},1,{'-' * 50_000}\n" for n in range(60))  # more than two pieces of it
    put(lying, "stock.csv", f"sku,on_hand,note\nA,4,\n{rows}")
    put(lying, "empty.csv", "")
    (lying / "link.csv").symlink_to("stock.csv")
    run = look(source)
    assert (run.status, run.error, run.fetched, run.added, run.failed) == ("done", "", 62, 1, 61)
    assert StockLevel.objects.get().on_hand == 4
    assert sorted(path.name for path in lying.iterdir()) == ["done", "link.csv", "refused"]
    assert [path.name[:6] for path in (lying / "done").iterdir()] == ["stock."]
    assert len(list((lying / "refused").iterdir())) == 2
    put(lying, "stock.csv", "sku,on_hand\nA,5\nB,1\n")
    assert look(source).counts()["added"] == 1


def test_move_that_fails_is_said_and_done_later(source, lying, monkeypatch):
    async def refused(*args: Any) -> None:
        raise asyncssh.SFTPPermissionDenied("You may not")

    put(lying, "stock.csv", "sku,on_hand\nA,4\n")
    with monkeypatch.context() as patch:
        patch.setattr(asyncssh.SFTPClient, "posix_rename", refused)
        for _ in range(2):
            run = look(source)
            assert run.error == "Warehouse: could not move stock.csv to done/: You may not."
    assert (FileImport.objects.count(), StockLevel.objects.get().on_hand) == (1, 4)
    assert look(source).status == "done"
    assert not (lying / "stock.csv").exists()


def test_refused_password_pauses_the_source_and_shows_no_secret(source, depot, lying):  # noqa: F811
    depot.app.faults.set(Fault(kind=Kind.TOKEN_EXPIRED))
    run = look(source)
    assert (run.status, "refused our user name, password or key" in run.error) == ("failed", True)
    source.refresh_from_db()
    assert source.paused_reason
    with pytest.raises(ConnectorError) as said:
        source_check(source=source)
    assert CLIENT_SECRET not in str(said.value)


def test_another_host_key_is_not_believed(source, lying):
    put(lying, "stock.csv", "sku,on_hand\nA,4\n")
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    SourceAccount.objects.update(settings={**source.settings, "host_key": other})
    assert "another host key" in look(source).error
    assert not FileImport.objects.exists()
