"""The files that an SFTP supplier leaves for us: each is read once, whatever its name, and none hides another."""

import os
import time

import asyncssh
import pytest

from suppliers.exceptions import ProtocolError
from tests.suppliers.sftp_depot import folder


def test_same_name_with_another_content_is_another_message(open_to, depot):
    connector = open_to()
    seen = set()
    for text in (b"<a/>", b"<b/>"):
        (folder(depot, "answers") / "answer.xml").write_bytes(text)
        (raw,) = connector.fetch_documents(None)
        connector.document_stored(raw)
        seen.add(raw.message_id)
    assert len(seen) == len(list(folder(depot, "answers/unreadable").iterdir())) == 2


def test_answer_written_under_the_name_of_one_that_was_just_read_is_read_next(open_to, depot):
    lying = folder(depot, "answers") / "answer.xml"
    lying.write_bytes(b"<a/>")
    connector, rival = open_to(), open_to()
    (first,), (same,) = connector.fetch_documents(None), rival.fetch_documents(None)
    connector.document_stored(first)
    lying.write_bytes(b"<b/>")
    rival.document_stored(same)
    (second,) = connector.fetch_documents(None)
    assert (second.body, second.message_id != first.message_id) == (b"<b/>", True)
    connector.document_stored(second)
    assert list(connector.fetch_documents(None)) == []


def test_answer_that_comes_again_is_cleared_away_by_servers_that_overwrite_nothing(
    open_to, depot, monkeypatch
):
    async def posix_rename(self, old, new):
        raise asyncssh.SFTPOpUnsupported("POSIX rename not supported")

    monkeypatch.setattr(asyncssh.SFTPClient, "posix_rename", posix_rename)
    connector = open_to()
    for _ in range(2):
        (folder(depot, "answers") / "answer.xml").write_bytes(b"<a/>")
        (raw,) = connector.fetch_documents(None)
        connector.document_stored(raw)
    assert list(connector.fetch_documents(None)) == []
    assert len(list(folder(depot, "answers/unreadable").iterdir())) == 1


@pytest.mark.parametrize("name", ["ünïcode (1).xml", "percent%20.xml", "a" * 200 + ".xml"])
def test_file_with_an_odd_name_is_read_and_cleared_away(open_to, depot, name):
    (folder(depot, "answers") / name).write_bytes(b"<a/>")
    connector = open_to()
    (raw,) = connector.fetch_documents(None)
    assert len(raw.message_id) <= 200
    connector.document_stored(raw)
    assert list(connector.fetch_documents(None)) == []


def test_file_that_we_may_not_read_is_told_and_hides_no_other(open_to, depot, monkeypatch):
    really = asyncssh.SFTPClient.open

    def opened(self, path, *rest, **more):
        if str(path).endswith("locked.xml"):
            raise asyncssh.SFTPPermissionDenied("Permission denied")
        return really(self, path, *rest, **more)

    monkeypatch.setattr(asyncssh.SFTPClient, "open", opened)
    for name in ("locked.xml", "other.xml"):
        (folder(depot, "answers") / name).write_bytes(b"<a/>")
    connector = open_to()
    locked, other = connector.fetch_documents(None)
    assert (locked.body, other.body) == (b"", b"<a/>")
    with pytest.raises(ProtocolError, match=r"does not give us answers/locked\.xml"):
        connector.parse_documents(locked)
    connector.document_stored(locked)
    assert [raw.message_id for raw in connector.fetch_documents(None)] == [other.message_id]


def test_file_that_was_written_to_a_moment_ago_is_left_for_the_next_time(open_to, depot):
    (folder(depot, "answers") / "fresh.xml").write_bytes(b"<a/>")
    assert list(open_to(settle_seconds="60").fetch_documents(None)) == []


@pytest.mark.parametrize("name", [".answer.xml", "answer.xml.part", "ANSWER.XML.FILEPART", "answer.tmp"])
def test_file_under_a_temporary_name_is_left_alone(open_to, depot, name):
    (folder(depot, "answers") / name).write_bytes(b"<a/>")
    assert list(open_to().fetch_documents(None)) == []


def test_file_of_a_server_whose_clock_is_ahead_need_not_wait_until_then(open_to, depot):
    lying = folder(depot, "answers") / "answer.xml"
    lying.write_bytes(b"<a/>")
    os.utime(lying, (time.time() + 3600,) * 2)
    assert len(list(open_to(settle_seconds="60").fetch_documents(None))) == 1


def test_files_are_read_oldest_first_and_one_that_grows_meanwhile_is_left_for_the_next_time(open_to, depot):
    for age, name in enumerate(("b.xml", "c.xml", "a.xml")):
        (folder(depot, "answers") / name).write_bytes(name.encode())
        os.utime(folder(depot, "answers") / name, (time.time() - 100 + age,) * 2)
    waiting = open_to().fetch_documents(None)
    first = next(waiting)
    (folder(depot, "answers") / "c.xml").write_bytes(b"more than there was")
    assert [raw.body for raw in (first, *waiting)] == [b"b.xml", b"a.xml"]
