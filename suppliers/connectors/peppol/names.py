"""Namespaces, identifiers and code lists of Peppol BIS 3."""

CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
PREFIXES = {"cac": CAC, "cbc": CBC}
_SCHEMA = "urn:oasis:names:specification:ubl:schema:xsd:"
ORDER = f"{{{_SCHEMA}Order-2}}Order"
ORDER_RESPONSE = f"{{{_SCHEMA}OrderResponse-2}}OrderResponse"
DESPATCH_ADVICE = f"{{{_SCHEMA}DespatchAdvice-2}}DespatchAdvice"

ORDER_CUSTOMIZATION = "urn:fdc:peppol.eu:poacc:trns:order:3"
RESPONSE_CUSTOMIZATION = "urn:fdc:peppol.eu:poacc:trns:order_response:3"
DESPATCH_CUSTOMIZATION = "urn:fdc:peppol.eu:poacc:trns:despatch_advice:3"
ORDERING = "urn:fdc:peppol.eu:poacc:bis:ordering:3"  # asks for a response
ORDER_ONLY = "urn:fdc:peppol.eu:poacc:bis:order_only:3"  # expects none
ADVANCED_ORDERING = "urn:fdc:peppol.eu:poacc:bis:advanced_ordering:3"
DESPATCHING = "urn:fdc:peppol.eu:poacc:bis:despatch_advice:3"
PROFILES = (ORDERING, ORDER_ONLY, ADVANCED_ORDERING)

PURCHASE_ORDER = "220"
GTIN = "0160"

# What a response says about the whole order.
ACKNOWLEDGED, ACCEPTED, REJECTED, AMENDED = "AB", "AP", "RE", "CA"
# And about one line.
ADDED, CHANGED, AS_ASKED, NOT_ACCEPTED, DELIVERED = "1", "3", "5", "7", "42"
