"""The sandbox suppliers' addresses, which a demo borrows."""

from pathlib import Path

import pytest

from procurement.services.sample_suppliers import sample_addresses_kept
from suppliers.models import SupplierAccount
from tests import factories


@pytest.mark.django_db
def test_addresses_are_as_before_when_a_demo_has_ended_in_an_error(tmp_path: Path) -> None:
    (tmp_path / "alderbrook.json").write_text("{}")
    factories.supplier(code="alderbrook")

    def broken_demo() -> None:
        with sample_addresses_kept(folder=tmp_path):
            SupplierAccount.objects.update(settings={"base_url": "http://127.0.0.1:1/v2"})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken_demo()
    assert SupplierAccount.objects.get().settings == {"base_url": "http://127.0.0.1:9"}
