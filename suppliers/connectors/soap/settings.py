"""What an administrator declares about a SOAP service, and what each of it is when nothing is said."""

from dataclasses import replace

from suppliers.connectors.account import CredentialField, SettingField
from suppliers.connectors.base import TIMEOUT
from suppliers.connectors.declared import settings as declared

ORDER_TEMPLATE = """{
  "order_number": "$buyer_reference",
  "customer_number": "$customer_number?",
  "ordered_at": "$issued_at",
  "currency": "$currency",
  "requested_date": "$requested_date?",
  "note": "$note?",
  "deliver_to": {
    "name": "$deliver_to.name", "line1": "$deliver_to.line1?", "line2": "$deliver_to.line2?",
    "city": "$deliver_to.city?", "region": "$deliver_to.region?", "postcode": "$deliver_to.postcode?",
    "country": "$deliver_to.country?"
  },
  "lines": {"line": [{
    "line_number": "$line.line_number", "sku": "$line.supplier_sku", "description": "$line.description?",
    "quantity": "$line.quantity", "unit": "$line.unit", "unit_price": "$line.unit_price?",
    "requested_date": "$line.requested_date?", "note": "$line.note?"
  }]}
}"""
# In XML each list stands in an element of its own.
ANSWER_MAPPING = declared.ANSWER_MAPPING.replace('"lines": "lines"', '"lines": "lines.line"').replace(
    '"problems": "problems"', '"problems": "problems.problem"'
)
# What SOAP itself says with its codes, and the codes of WS-Security, which all mean that nothing was looked at.
FAULT_WORDS = (
    "Client=refused, Sender=refused, MustUnderstand=refused, VersionMismatch=refused, "
    "DataEncodingUnknown=refused, Server=unknown, Receiver=unknown, FailedAuthentication=credentials, "
    "InvalidSecurity=credentials, InvalidSecurityToken=credentials, UnsupportedSecurityToken=credentials, "
    "UnsupportedAlgorithm=credentials, SecurityTokenUnavailable=credentials, FailedCheck=credentials, "
    "MessageExpired=credentials"
)

CREDENTIALS = (
    CredentialField("username", "User name", required=False, secret=False),
    CredentialField("password", "Password", required=False),
    declared.WEBHOOK_SECRET,
)
SERVICE = (
    SettingField("wsdl_url", "WSDL address", help="The description of the service. Or paste it below."),
    SettingField("wsdl", "WSDL", long=True, help="The description itself; used in place of the address."),
    SettingField("service_name", "Service", help="Where the WSDL has several. Empty: the first."),
    SettingField("port_name", "Port", help="Where the service has several. Empty: the first that speaks SOAP."),
    SettingField(
        "endpoint_url",
        "Address of the service",
        help="Where requests go. Empty: as the WSDL says, if that is on the same host.",
    ),
    SettingField("order_operation", "Operation that orders", required=True, default="PlaceOrder"),
    SettingField(
        "lookup_operation", "Operation that looks up an order", help="Empty if there is no look-up."
    ),
    SettingField(
        "lookup_list", "Order in a look-up", help="Path to the order or the list. Empty: the whole answer."
    ),
    SettingField(
        "cancel_operation", "Operation that cancels", help="Empty if orders cannot be cancelled."
    ),
    SettingField(
        "authentication",
        "How we sign in",
        required=True,
        default="none",
        help="none, basic, or WS-Security with the password as it is (wss_text) or as a digest (wss_digest).",
    ),
)  # fmt: skip
ORDERS = (
    SettingField(
        "order_template",
        "Arguments of an order",
        required=True,
        default=ORDER_TEMPLATE,
        long=True,
        help="As JSON; its leaves name our fields, such as $buyer_reference and $line.quantity.",
    ),
    SettingField(
        "lookup_template",
        "Arguments of a look-up",
        required=True,
        default='{"order_number": "$buyer_reference"}',
        long=True,
    ),
    SettingField(
        "cancel_template",
        "Arguments of cancelling",
        required=True,
        default='{"order_number": "$buyer_reference", "reason": "$reason"}',
        long=True,
    ),
    *declared.ORDERS,
)
ANSWERS = (
    SettingField(
        "answer_mapping",
        "Answer mapping",
        required=True,
        default=ANSWER_MAPPING,
        long=True,
        help="Our name and the path of each thing below the element in the Body.",
    ),
    SettingField(
        "fault_words",
        "What faults mean",
        required=True,
        default=FAULT_WORDS,
        long=True,
        help="Their code = refused, order_refused, unknown, retry, wait, credentials, placed_before or no_order.",
    ),
    SettingField(
        "fault_code",
        "Code in a fault's detail",
        help="Path below the detail to a code of their own. Empty: the name of the detail's element.",
    ),
    *(
        replace(field, default="hmac") if field.name == "callback_authentication" else field
        for field in declared.ANSWERS
    ),
)
SETTINGS = (*SERVICE, *ORDERS, *ANSWERS, TIMEOUT)
