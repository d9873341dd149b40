"""What can be done with a supplier's account, without talking to the supplier."""

from suppliers.connectors.base import Capability, Connector
from suppliers.connectors.registry import connector_class
from suppliers.exceptions import ConnectorConfigurationError
from suppliers.models import Supplier
from suppliers.services.connections import connector_for


def supplier_capabilities(supplier: Supplier) -> frozenset[Capability]:
    """Nothing at all for a supplier whose account is not set up."""
    try:
        return connector_for(supplier).capabilities
    except ConnectorConfigurationError:
        return frozenset()


def supplier_may_call_back(supplier: Supplier) -> bool:
    """Whether its protocol has callbacks at all: the address is wanted before the secret that proves them is there."""
    account = getattr(supplier, "account", None)
    return account is not None and (
        connector_class(account.protocol).verify_callback is not Connector.verify_callback
    )
