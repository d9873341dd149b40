"""/healthz says what runs and what does not, to anybody, and nothing else."""

from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone
from django_q.tasks import async_task

from orders.models import WorkerHeartbeat


def beat(**ago: int) -> None:
    WorkerHeartbeat.objects.create(name="sweep", at=timezone.now() - timedelta(**ago))


@pytest.mark.django_db
def test_health_is_good_when_the_worker_swept_lately(client: Client) -> None:
    beat(seconds=30)
    async_task("builtins.print")
    answer = client.get("/healthz")
    assert answer.status_code == 200
    said = answer.json()
    assert 30 <= said.pop("worker_seconds_ago") <= 60
    assert said == {"database": "ok", "queue": 1}
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize("minutes", [None, 6])
def test_health_is_bad_when_the_worker_is_silent(minutes: int | None, client: Client) -> None:
    if minutes:
        beat(minutes=minutes)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "ok"


def test_health_is_bad_when_the_database_is_away(
    client: Client, settings: object, monkeypatch: pytest.MonkeyPatch, django_db_blocker: object
) -> None:
    with django_db_blocker.unblock():
        connection = connections["default"]
        connection.close()
        monkeypatch.setitem(connection.settings_dict, "NAME", "/nowhere/none")
        answer = client.get("/healthz")
        connection.close()
    assert answer.status_code == 503
    assert answer.json() == {"database": "down", "worker_seconds_ago": None, "queue": None}


@pytest.mark.django_db
def test_health_is_only_read(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
