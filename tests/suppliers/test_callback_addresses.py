"""Callbacks that come to an address of their own: what our door and the sandbox make of them."""

import sqlite3

import pytest
from django.test import Client

from orders.models import CallbackRefusal
from suppliers.connectors.base import CallbackRefused
from suppliers.connectors.cerve.connector import CerveConnector
from suppliers.sandbox.ledger import Ledger
from suppliers.services.connections import connector_for


@pytest.mark.django_db
def test_connector_sees_what_follows_the_suppliers_address(sandbox_supplier, monkeypatch):
    seen = []

    def verify(self, request):
        seen.append((request.path, request.query))
        raise CallbackRefused("bad_signature", "No.")

    monkeypatch.setattr(CerveConnector, "verify_callback", verify)
    response = Client().post("/callbacks/greengrocer/PO-1/x%20y?n=1", data=b"{}", content_type="text/plain")
    assert (response.status_code, seen) == (401, [("PO-1/x y", "n=1")])
    assert CallbackRefusal.objects.get().supplier_code == "greengrocer"
    assert Client().get("/callbacks/greengrocer/PO-1/x").status_code == 405


@pytest.mark.django_db
def test_connector_knows_where_callbacks_reach_us(sandbox_supplier, settings):
    settings.PUBLIC_URL = "https://procurement.example.com/"
    config = connector_for(sandbox_supplier).config
    assert config.callback_url == "https://procurement.example.com/callbacks/greengrocer/"


def test_ledger_of_an_earlier_version_is_taken_over(tmp_path):
    path = tmp_path / "ledger.sqlite3"
    Ledger(path).close()
    with sqlite3.connect(path) as old:
        old.execute("ALTER TABLE callbacks DROP COLUMN address")
    old.close()
    ledger = Ledger(path)
    assert "address" in {row["name"] for row in ledger._db.execute("PRAGMA table_info(callbacks)")}
    ledger.close()
