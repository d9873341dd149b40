"""Every address, as every role, with every kind of nonsense: a page or a refusal in words, never a crash."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management.color import no_style
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from orders.models import WorkerHeartbeat
from procurement.models import (
    CodeSystem,
    FileImport,
    ItemCode,
    PlanRun,
    UnitConversion,
    UnmatchedCode,
    WaitingEntry,
)
from procurement.services.files.places import folder
from tests import factories

METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
NONSENSE = (
    "", " ", "abc", "-1", "0", "1,5", "NaN", "Infinity", "1e999", "9" * 40, "9" * 5000, "\x00", "a\x00b", "١٢", "²",
    "日本語", "\u202e", "😀", "'\";--", "<script>alert(1)</script>", "../../etc/passwd", "[]", "{}", "2026-13-45",
    "0000-00-00", "0001-01-01", "=1+1", "\r\nX-Injected: 1", "%s", "{{ 7 }}", "true", "null",
)  # fmt: skip
BODIES = (
    b"", b"{", b"[]", b"null", b"1", b'"x"', b"\xff\xfe\x00", b"[" * 5000, b'{"version": NaN}', b'{"version": 1e999}',
    b'{"version": ' + b"9" * 400 + b"}", b'{"version": ' + b"9" * 5000 + b"}", b'{"version": {}}',
    b'{"version": 0, "lines": {}}', b'{"version": 0, "lines": [1]}', b'{"version": 0, "reason": {"a": 1}}',
    b'{"version": 0, "reason": "\\u0000"}', b'{"version": 0, "reason": "\\ud800"}',
    b'{"version": 0, "note": "\\ud800"}', b'{"version": 0, "comment": "\\u0000"}',
    b'{"version": 0, "requested_date": "9999-99-99"}', b'{"version": 0, "requested_date": "0001-01-01"}',
    b'{"version": 0, "lines": [{"line_number": 1, "quantity": "NaN"}]}',
    b'{"version": 0, "lines": [{"line_number": 1, "quantity": "1e999"}]}',
    b'{"version": 0, "lines": [{"line_number": 1, "quantity": Infinity}]}',
    b'{"version": 0, "lines": [{"line_number": 1, "quantity": -1}]}',
    b'{"version": 0, "lines": [{"line_number": 1, "quantity": 9999999999.9999}]}',
    b'{"version": 0, "lines": [{"line_number": ' + b"9" * 40 + b', "quantity": 1}]}',
    b'{"site": "\\u0000"}', b'{"site": {"a": []}}', b'{"site": "\\ud800"}', b'{"arrived": "perhaps"}',
)  # fmt: skip
CONTENT_TYPES = (
    "application/json",
    "text/plain",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "",
    "x/y;",
)
FIELDS = (
    "version", "reason", "comment", "note", "requested_date", "arrived", "supplier_reference", "seen", "form_token",
    "site", "item", "teller", "scope", "theme", "next", "username", "password", "reset", "quantity-{line}",
    "quantity-0", "quantity-abc",
    "kind", "header_line", "column-sku", "column-x", "example", "sheet", "encoding", "dates", "decimal_sign",
    "map", "ignore", "pick-1", "product", "sku", "factor", "unit", "quantity", "adds_up", "name",
    "minutes",
    "like", "items", "starts_on", "ends_on", "purpose", "AX", "service_percent", "value_class", "unmet", "day",
    "do", "row", "weekdays", "time_zone", "holiday_country", "holiday_region", "first", "last", "until",
    "supplier",
)  # fmt: skip
PARAMETERS = ("q", "page", "status", "supplier", "sort", "changed", "late", "mine", "closed", "show", "site", "awaited",
              "seen", "next", "limit", "offset", "cursor", "format", "page_size", "kind", "o", "p", "e")  # fmt: skip


MOST_RIGHTS = "Buyer and Approver"


class Person(Client):
    login_as = ""


def _patterns(found: list[Any], before: str = "") -> Iterator[str]:
    for entry in found:
        here = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry.url_patterns, here)
        elif isinstance(entry, URLPattern):
            yield here


def _addresses(values: dict[str, str]) -> list[str]:
    """All addresses of our own with these values for what they hold; signing out would end the walk."""
    routes = [
        route
        for route in _patterns(get_resolver().url_patterns)
        if not route.startswith(("admin/", "logout/", "login/"))
    ]
    filled = (re.sub(r"<(?:\w+:)?(\w+)>", lambda held: values.get(held[1], "1"), route) for route in routes)
    return sorted({f"/{address}" for address in filled if not re.search(r"[\\^$()]", address)})


def stored_file(content: str) -> str:
    (folder() / "walk.csv").write_text(content)
    return "walk.csv"


@pytest.fixture
def world(db: None) -> dict[str, str]:
    """Something to be found under each address."""
    order = factories.order(lines=2)
    first = order.lines.first()
    assert first is not None
    WorkerHeartbeat.objects.create(name="sweep", at=factories.minutes_ago(0))
    run = PlanRun.objects.create(
        site=order.site, as_of=factories.yesterday(), lease_until=factories.minutes_ago(1), status="done"
    )
    FileImport.objects.create(
        pk=run.pk,
        kind="stock",
        site=order.site,
        file_name="stock.csv",
        stored=stored_file("sku,on_hand\nA,1\n"),
    )
    _codes(run.pk)
    return {
        "number": order.number, "line_number": "1", "code": order.supplier.code, "line": str(first.pk),
        "pk": str(run.pk), "requirement": "1", "sku": first.product.sku,
        "object_id": str(order.pk), "content_type_id": "1",
        "job": "hot-stock",
    }  # fmt: skip


def _codes(pk: int) -> None:
    """A code, what one means, and a unit, all of this number."""
    system, now, product = CodeSystem.objects.create(), factories.minutes_ago(1), factories.product()
    row = UnmatchedCode.objects.create(
        pk=pk,
        system=system,
        code="X",
        trouble="unit",
        product=product,
        unit="CS",
        first_seen=now,
        last_seen=now,
    )
    WaitingEntry.objects.create(code=row, external_id="file")
    ItemCode.objects.create(pk=pk, system=system, code="Y", product=product, mapped_at=now)
    UnitConversion.objects.create(pk=pk, product=product, unit="BX", quantity=2, base="C62", entered_at=now)
    # What is made from now on gets other numbers.
    with connection.cursor() as cursor:
        for told in connection.ops.sequence_reset_sql(
            no_style(), [FileImport, UnmatchedCode, ItemCode, UnitConversion]
        ):
            cursor.execute(told)


@pytest.fixture(params=["", MOST_RIGHTS, "Administrator"])
def person(request: pytest.FixtureRequest, world: dict[str, str]) -> Person:
    client = Person(raise_request_exception=False)
    client.login_as = request.param
    if request.param:
        first, *more = request.param.split(" and ")
        user = factories.user(first)
        user.groups.add(*Group.objects.filter(name__in=more))
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _fine(answer: Any, what: str) -> str:
    """Empty, or what is wrong with the answer."""
    body = b"" if answer.streaming else answer.content
    if answer.status_code >= 500:
        return f"{answer.status_code} {what}"
    if b"Traceback" in body or b"/site-packages/" in body:
        return f"stack trace {what}"
    if answer.status_code == 400 and len(body) < 20 and answer.request["REQUEST_METHOD"] != "HEAD":
        return f"400 without a word {what}"
    return ""


def test_wrong_methods_and_unknown_things_are_refused_in_words(person: Person, world: dict[str, str]) -> None:
    wrong = []
    allowed_most = person.login_as == MOST_RIGHTS
    for value in ("", "9" * 40, "日本語", "a%00b") if allowed_most else ("", "a%00b"):
        for address in _addresses(dict.fromkeys(world, value) if value else world):
            for method in METHODS if not value and allowed_most else METHODS[:2]:
                answer = getattr(person, method)(address)
                if found := _fine(answer, f"{method} {address[:80]!r}"):
                    wrong.append(found)
    assert wrong == []


WRITES = pytest.mark.parametrize("person", [MOST_RIGHTS], indirect=True)  # the others only see less


@WRITES
def test_nonsense_in_parameters_and_fields_crashes_nothing(person: Person, world: dict[str, str]) -> None:
    """Each round gives every field another piece of nonsense."""
    fields = [field.format(**world) for field in FIELDS]
    wrong = []
    for address in _addresses(world):
        reads, writes = (_takes(person, method, address) for method in ("get", "post"))
        for turn in range(0, len(NONSENSE), 8):
            answers = []
            if reads:
                asked = {name: NONSENSE[(at + turn) % len(NONSENSE)] for at, name in enumerate(PARAMETERS)}
                answers.append(person.get(address, asked))
            if writes:
                sent = {name: NONSENSE[(at + turn) % len(NONSENSE)] for at, name in enumerate(fields)}
                answers.append(person.post(address, sent | {"version": "0"}))
                if turn % 16 == 0:  # a version that is none hides what comes after it
                    answers.append(person.post(address, sent))
            wrong += [found for answer in answers if (found := _fine(answer, f"{address} round {turn}"))]
    assert wrong == []


@WRITES
def test_a_text_far_too_long_is_named_at_a_readable_length(person: Person, world: dict[str, str]) -> None:
    """In sentences; a field shows what was typed into it."""
    sent = dict.fromkeys((field.format(**world) for field in FIELDS), "Z" * 5000)
    wrong = []
    for address in _addresses(world):
        if not address.startswith("/api/") and _takes(person, "post", address):
            answer = person.post(address, sent, follow=True)
            told = re.sub(rb"<input[^>]*>|<textarea.*?</textarea>", b"", answer.content, flags=re.S)
            if re.search(rb"Z{201}", told):
                wrong.append(address)
    assert wrong == []


def _takes(person: Person, method: str, address: str) -> bool:
    return getattr(person, method)(address).status_code != 405


@WRITES
def test_bodies_of_all_kinds_crash_nothing(person: Person, world: dict[str, str]) -> None:
    wrong = []
    for address in _addresses(world):
        if not address.startswith(("/api/", "/callbacks/", "/plan/start", f"/orders/{world['number']}/edit")):
            continue
        send = person.patch if address == f"/api/orders/{world['number']}/" else person.post
        sent = [(body, "application/json") for body in BODIES] + [(b"x", kind) for kind in CONTENT_TYPES]
        for body, kind in sent:
            if found := _fine(send(address, body, content_type=kind), f"{address} {kind} {body[:50]!r}"):
                wrong.append(found)
    assert wrong == []
