"""What a system tells by itself: stored, answered at once, fetched by a task; never lost, and never believed."""

import base64
import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ
from standardwebhooks import Webhook

from procurement.chores import prune, sources_telling
from procurement.models import (
    CustomerOrder,
    EventRefusal,
    SourceAccount,
    SourceCredential,
    SourceEvent,
    SourceRun,
)
from procurement.services import source_events
from procurement.services.source_events import events_fetch
from procurement.services.syncing import source_sync
from procurement.sources.sandbox.salesforce.events import ORGANIZATION, outbound_message
from suppliers.sandbox.faults import Fault, Kind
from tests.flow.background import woken, work_off
from tests.sources.accounts import quantities
from tests.sources.salesforce_org import item, order, order_id

pytestmark = pytest.mark.django_db
KEY = "whsec_" + base64.b64encode(b"k" * 32).decode()


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture(autouse=True)
def known(source: SourceAccount, org: Any) -> None:
    """Two orders are known here, and one of them has changed since; nothing is due for hours."""
    order(org, 1, (1, "A", 5))
    order(org, 2, (2, "B", 6))
    source_sync(source=source, by=None)
    item(org, 1, 1, "A", 9, stamp=None)


def outbound(client: Client, body: bytes, token: str = "", path: str = "/sources/crm/events/") -> Any:
    token = token or SourceCredential.objects.filter(name="event_token").last().value.reveal()
    return client.post(f"{path}{token}/", body, content_type="text/xml; charset=utf-8")


def posted(client: Client, said: Any, **headers: str) -> Any:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return client.post("/sources/crm/events/", body, content_type="application/json", headers=headers)


def signed(
    client: Client, said: Any, message_id: str = "msg_1", key: str = KEY, at: datetime | None = None
) -> Any:
    body, at = json.dumps(said), at or datetime.now(UTC)
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(key).sign(message_id, at, body),
    }
    return posted(client, body.encode(), **headers)


def by_token(client: Client, said: Any) -> Any:
    return posted(client, said, authorization="Bearer sandbox-source-event-token")


# -- outbound messages ---------------------------------------------------------------------------------------
def test_outbound_message_is_acknowledged_and_its_orders_fetched(client, source, org):
    order(org, 3, (3, "C", 7), stamp=None)
    answer = outbound(client, outbound_message([order_id(1), order_id(3)]))
    assert answer.status_code == 200
    assert b"<Ack>true</Ack>" in answer.content
    assert answer["Content-Type"].startswith("text/xml")
    assert quantities()[1] == (5, 0)  # answered before anybody looked
    assert work_off() == ["fetch_events_of"]
    assert quantities() == {1: (9, 0), 2: (6, 0), 3: (7, 0)}
    event = SourceEvent.objects.get()
    assert (event.status, event.entries, event.run.of_events, event.run.fetched) == ("fetched", 2, True, 2)
    assert event.took is not None


def test_message_that_is_told_again_is_acknowledged_and_stored_once(client, org):
    message = {
        "order_ids": [order_id(1), order_id(2)],
        "notification_ids": ["04l000000000000001", "04l000000000000002"],
    }
    outbound(client, outbound_message(**message, session="one"))
    assert b"<Ack>true" in outbound(client, outbound_message(**message, session="another")).content
    assert SourceEvent.objects.get().repeats == 1
    assert woken() == [f"procurement.tasks.fetch_events_of({SourceAccount.objects.get().pk})"]


def test_session_id_is_not_kept(client):
    outbound(client, outbound_message([order_id(1)], session="00D0!secret"))
    assert b"secret" not in bytes(SourceEvent.objects.get().body)
    work_off()
    assert quantities()[1] == (9, 0)


def test_change_of_an_item_asks_for_its_order(client):
    outbound(client, outbound_message([order_id(1)], sobject="OrderItem"))
    work_off()
    assert quantities()[1] == (9, 0)


def test_order_that_was_deleted_goes(client, org):
    org.delete("Order", order_id(2))
    outbound(client, outbound_message([order_id(2)]))
    work_off()
    assert list(CustomerOrder.objects.values_list("number", flat=True)) == ["00000001"]


def test_message_of_another_organisation_is_taken_ignored_and_said(client, source):
    source.settings |= {"organization_id": ORGANIZATION}
    source.save()
    assert (
        b"<Ack>true"
        in outbound(client, outbound_message([order_id(1)], organization="00D000000000009EAA")).content
    )
    work_off()
    event = SourceEvent.objects.get()
    assert (event.status, event.run) == ("ignored", None)
    assert "came from the organisation 00D000000000009EAA; ours is 00D000000000001EAA" in event.words
    assert quantities()[1] == (5, 0)
    outbound(client, outbound_message([order_id(1)], organization=ORGANIZATION[:15]))
    work_off()
    assert quantities()[1] == (9, 0)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "is empty"),
        (b"<html>", "not readable XML"),
        (b"\xff\xfe\x00", "not readable XML"),
        (
            b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
            "DOCTYPE, which is not allowed",
        ),
        (
            outbound_message([order_id(1)]).replace(b"notifications", b"other"),
            "notifications of an outbound message",
        ),
        (outbound_message([]), "at least one notification"),
    ],
)
def test_message_that_is_none_is_refused_and_counted(client, body, words):
    answer = outbound(client, body)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert EventRefusal.objects.get().reason == "unreadable"
    assert not SourceEvent.objects.exists()


def test_message_whose_order_cannot_be_read_is_given_up_with_the_reason(client):
    outbound(client, outbound_message(["no id"]))
    work_off()
    event = SourceEvent.objects.get()
    assert event.status == "parked"
    assert "expected an id of 18 letters and digits" in event.words
    assert SourceRun.objects.first().status == "done"


# -- JSON ----------------------------------------------------------------------------------------------------
def test_signed_event_is_taken_once_by_its_id(client, source):
    SourceCredential.objects.create(account=source, name="event_key", value=KEY)
    assert signed(client, {"ids": [order_id(1)]}).status_code == 202
    assert signed(client, {"ids": [order_id(1)]}).json() == {"status": "already stored"}
    work_off()
    assert quantities()[1] == (9, 0)
    assert SourceEvent.objects.get().status == "fetched"


def test_flow_without_a_signature_proves_itself_by_its_token(client, org):
    assert by_token(client, {"ids": order_id(1), "event_id": "e-1"}).status_code == 202
    assert by_token(client, {"ids": order_id(1), "event_id": "e-1"}).json() == {"status": "already stored"}
    work_off()
    assert quantities()[1] == (9, 0)


def test_same_words_without_an_id_are_another_event(client, org):
    """The same order changed twice: the second change must not be taken for the first told again."""
    by_token(client, {"ids": [order_id(1)]})
    work_off()
    item(org, 1, 1, "A", 11, stamp=None)
    by_token(client, {"ids": [order_id(1)]})
    work_off()
    assert quantities()[1] == (11, 0)


def test_platform_event_says_its_order_where_the_settings_say(client, source):
    source.settings |= {"event_ids": "payload.OrderId__c", "event_id": "event.EventUuid"}
    source.save()
    told = {"payload": {"OrderId__c": order_id(1)}, "event": {"EventUuid": "6f1c", "replayId": 7}}
    for _ in range(2):
        by_token(client, told)
    work_off()
    assert quantities()[1] == (9, 0)
    assert SourceEvent.objects.get().message_id == "6f1c"


def test_short_id_is_the_same_order(client, org):
    order(org, 4, (4, "A", 4))
    org.put("Order", org.rows("Order")[-1] | {"Id": "801Ab0000000001IAA"})
    org.put("OrderItem", org.rows("OrderItem")[-1] | {"OrderId": "801Ab0000000001IAA"})
    by_token(client, {"ids": ["801Ab0000000001"]})
    work_off()
    assert CustomerOrder.objects.filter(external_id="801Ab0000000001IAA").exists()


@pytest.mark.parametrize(
    "said", [[], {}, {"ids": None}, {"ids": 7}, {"ids": ["' OR Id != '"]}, {"ids": [[]]}, 1e999]
)
def test_event_that_makes_no_sense_is_refused_or_given_up_and_asks_for_nothing(client, org, said):
    used = org.used
    answer = by_token(client, json.dumps(said).encode())
    assert answer.status_code in (202, 400)
    work_off()
    assert not SourceEvent.objects.exclude(status="parked").exists()
    assert org.used == used


# -- who may -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("token", ["wrong", "sandbox-source-event-token-and-more", "ünlesbar"])
def test_wrong_token_is_refused_and_counted(client, token):
    answer = outbound(client, outbound_message([order_id(1)]), token=token)
    assert answer.status_code == 401
    assert EventRefusal.objects.get().count == 1
    assert not SourceEvent.objects.exists()


def test_nothing_at_all_opens_nothing(client):
    assert posted(client, {"ids": [order_id(1)]}).status_code == 401


def test_both_tokens_hold_while_one_is_replaced_by_another(client, source):
    SourceCredential.objects.create(account=source, name="event_token", value="another-token-for-events-1")
    for token in ("another-token-for-events-1", "sandbox-source-event-token"):
        assert outbound(client, outbound_message([order_id(1)]), token=token).status_code == 200
    SourceCredential.objects.filter(name="event_token").update(
        retired_at=timezone.now() - timedelta(seconds=1)
    )
    assert (
        outbound(client, outbound_message([order_id(1)]), token="sandbox-source-event-token").status_code
        == 403
    )


def test_wrong_key_and_old_signature_are_refused(client, source):
    SourceCredential.objects.create(account=source, name="event_key", value=KEY)
    other = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    assert signed(client, {"ids": []}, key=other).status_code == 401
    assert signed(client, {"ids": []}, at=datetime.now(UTC) - timedelta(minutes=6)).status_code == 401
    assert sorted(EventRefusal.objects.values_list("reason", flat=True)) == ["bad_signature", "stale"]


def test_source_that_is_not_there_or_takes_none_is_said(client, source, db):
    assert client.post("/sources/nobody/events/").status_code == 404
    assert client.get("/sources/crm/events/").status_code == 405
    SourceCredential.objects.filter(name="event_token").delete()
    assert posted(client, {"ids": []}).status_code == 403
    SourceAccount.objects.update(kind="gone")
    assert posted(client, {"ids": []}).status_code == 403


def test_body_is_bounded(client, settings):
    assert by_token(client, {"ids": "x" * settings.CALLBACK_MAX_BYTES}).status_code == 413


def test_more_than_anybody_asks_for_soon_is_not_taken(client, monkeypatch):
    monkeypatch.setattr(source_events, "MOST_WAITING", 1)
    assert by_token(client, {"ids": []}).status_code == 202
    answer = by_token(client, {"ids": []})
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")


# -- never lost ----------------------------------------------------------------------------------------------
def test_event_waits_for_the_end_of_a_running_reading(client, source, org):
    running = SourceRun.objects.create(account=source, lease_until=timezone.now() + timedelta(minutes=1))
    outbound(client, outbound_message([order_id(1)]))
    work_off()
    assert SourceEvent.objects.get().status == "waiting"
    SourceRun.objects.filter(pk=running.pk).update(status="done")
    source_sync(source=source, by=None)
    assert "fetch_events_of" in " ".join(woken())
    work_off()
    assert SourceEvent.objects.get().status == "fetched"


def test_event_that_nobody_was_woken_for_is_found(client, source, org):
    by_token(client, {"ids": [order_id(1)]})
    OrmQ.objects.all().delete()
    assert [part.subject for part in sources_telling()] == [source.pk]
    for values in ({"active": False}, {"active": True, "paused_reason": "x"}):
        SourceAccount.objects.update(**values)
        assert sources_telling() == []


def test_fetch_that_fails_is_tried_again_later_and_given_up_in_the_end(client, source, org, sandbox):
    by_token(client, {"ids": [order_id(1)]})
    sandbox.faults.set(Fault(kind=Kind.RATE_LIMITED, operation="query", seconds=900))
    assert events_fetch(source=source).status == "failed"
    event = SourceEvent.objects.get()
    assert (event.status, event.attempts) == ("waiting", 1)
    assert event.not_before > timezone.now() + timedelta(minutes=14)
    assert sources_telling() == []
    assert events_fetch(source=source) is None
    SourceEvent.objects.update(not_before=None, attempts=7)
    source.refresh_from_db()
    assert events_fetch(source=source).status == "failed"
    event.refresh_from_db()
    assert event.status == "parked"
    assert "failed 8 times" in event.words


def test_refused_credentials_pause_the_source_and_its_events_wait(client, source, sandbox):
    by_token(client, {"ids": [order_id(1)]})
    sandbox.faults.set(Fault(kind=Kind.TOKEN_EXPIRED))
    events_fetch(source=source)
    source.refresh_from_db()
    assert "refused our token" in source.paused_reason
    assert events_fetch(source=source) is None
    sandbox.faults.clear()
    source_sync(source=source, by=None)  # a person has corrected it
    SourceEvent.objects.update(not_before=None)
    source.refresh_from_db()
    assert events_fetch(source=source).status == "done"
    assert SourceEvent.objects.get().status == "fetched"


def test_many_events_are_one_reading_and_ask_once_for_each_order(client, source, org):
    for n in (1, 2, 1, 1):
        by_token(client, {"ids": [order_id(n)]})
    before = SourceRun.objects.count()
    work_off()
    assert SourceRun.objects.count() == before + 1
    assert SourceRun.objects.first().fetched == 2
    assert set(SourceEvent.objects.values_list("status", flat=True)) == {"fetched"}


def test_reading_by_events_moves_no_cursor_and_no_time(client, source):
    source.refresh_from_db()
    before = (source.cursor, source.next_run_at, source.last_success_at)
    by_token(client, {"ids": [order_id(1)]})
    work_off()
    source.refresh_from_db()
    assert (source.cursor, source.next_run_at, source.last_success_at) == before


def test_old_events_are_thrown_away_and_waiting_ones_kept(client, source):
    for _ in range(2):
        by_token(client, {"ids": [order_id(1)]})
    SourceEvent.objects.update(received_at=timezone.now() - timedelta(days=31))
    SourceEvent.objects.filter(pk=SourceEvent.objects.last().pk).update(status="fetched")
    prune()
    assert SourceEvent.objects.get().status == "waiting"
