"""The forecaster that the settings name: used by plans, and its failures counted in the plan's notes."""

import numpy as np
import pytest

from procurement.services.planning import plan_run
from tests.orders.factories import make_site, make_supplier
from tests.procurement.planning import make_item, make_quote

pytestmark = pytest.mark.django_db


class Double:
    name = "Double"

    def quantiles(self, demand: np.ndarray, horizon_days: int, probabilities: np.ndarray) -> np.ndarray:
        if (demand[:, -1] == 3).any():
            raise ValueError("no threes")
        return 2 * horizon_days * demand[:, -1:] * np.ones(len(probabilities))


@pytest.mark.parametrize("name", ["Double", "Gone"])
def test_plan_uses_the_forecaster_of_the_settings_and_says_where_it_could_not(settings, name: str):
    settings.FORECASTER = f"tests.procurement.test_forecasters.{name}"
    site, acme = make_site(), make_supplier(code="acme")
    for sku, daily in (("A", "2"), ("B", "3")):
        make_quote(acme, make_item(site, sku, daily=daily))
    run = plan_run(site=site, by=None)
    found = {need.product.sku: need.reason["demand"] for need in run.requirements.select_related("product")}
    if name == "Gone":
        [note] = run.notes
        assert note.startswith(
            "2 items were forecast by our own forecaster: tests.procurement.test_forecasters.Gone"
        )
        return
    assert (found["A"]["method"], found["A"]["daily"]) == ("Double", "4")
    assert (found["B"]["method"], found["B"]["daily"]) == ("levels", "3")
    assert run.notes == ["1 item was forecast by our own forecaster: Double failed (ValueError: no threes)."]
