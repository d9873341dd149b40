"""The forecaster that the settings name, if any."""

from django.conf import settings
from django.utils.module_loading import import_string

from procurement.engine.data import Floats
from procurement.engine.forecast.plugged import Forecaster


class Missing:
    """In place of one that cannot be loaded: plans go on with ours and say why."""

    def __init__(self, name: str, error: Exception) -> None:
        self.name = name
        self._error = error

    def quantiles(self, demand: Floats, horizon_days: int, probabilities: Floats) -> Floats:
        raise self._error


def forecaster() -> Forecaster | None:
    """None: ours."""
    name: str = settings.FORECASTER
    if not name:
        return None
    try:
        found: Forecaster = import_string(name)()
        found.name = str(getattr(found, "name", name.rpartition(".")[2]))
    except Exception as error:
        return Missing(name, error)
    return found
