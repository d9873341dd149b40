"""What would be sent for an order, without sending it."""

from dataclasses import dataclass

from orders.exceptions import InvalidTransition
from orders.models import PurchaseOrder, Status
from orders.services.documents import order_message, sites_checked
from suppliers.connectors.redaction import Redactor
from suppliers.services.connections import connector_for


@dataclass(frozen=True, slots=True)
class DryDocument:
    content_type: str
    where: str
    body: bytes  # secrets replaced, as in the journal
    number: int

    @property
    def file(self) -> str:
        return f"?file={self.number}"


def order_dry_run(*, order: PurchaseOrder) -> list[DryDocument]:
    """By the code that sends, talking to nobody. Raises `ConnectorError`, among them for what could not be sent."""
    if order.status != Status.DRAFT:
        raise InvalidTransition(f"{order.number} has been sent; what was sent stands on its page.")
    connector = connector_for(order.supplier)
    rendered = connector.render_order(sites_checked(order_message(order), connector))
    redactor = Redactor()
    for field in connector.credential_fields:
        if field.secret:
            redactor.add(*connector.config.credentials.get(field.name, ()))
    return [
        DryDocument(
            document.content_type, redactor.text(document.where), redactor.body(document.body), number
        )
        for number, document in enumerate(rendered, 1)
    ]
