"""What is entered for an account: wrong values are refused at once, not when the first order fails."""

from dataclasses import replace

from suppliers.connectors.base import TIMEOUT
from suppliers.exceptions import ConnectorConfigurationError

NONSENSE = "? nothing that anybody = would mean"


def can_be_opened_with(connector, name):
    settings = {**connector.config.settings, name: NONSENSE}
    try:
        with type(connector)(replace(connector.config, settings=settings)):
            return True
    except ConnectorConfigurationError:
        return False


def test_what_keeps_a_connection_from_being_opened_is_refused_where_it_is_entered(connector):
    broken_by = [
        field.name for field in connector.setting_fields if not can_be_opened_with(connector, field.name)
    ]
    assert TIMEOUT.name in broken_by
    assert [name for name in broken_by if not connector.problem_with(name, NONSENSE)] == []
