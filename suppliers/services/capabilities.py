"""What can be done with a supplier's account, without talking to the supplier."""

from suppliers.connectors.base import Capability
from suppliers.exceptions import ConnectorConfigurationError
from suppliers.models import Supplier
from suppliers.services.connections import connector_for


def supplier_capabilities(supplier: Supplier) -> frozenset[Capability]:
    """Nothing at all for a supplier whose account is not set up."""
    try:
        return connector_for(supplier).capabilities
    except ConnectorConfigurationError:
        return frozenset()
