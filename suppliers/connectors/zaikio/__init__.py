"""Suppliers reached through Zaikio Procurement, as its consumer. What is assumed: docs/connectors/zaikio.md."""
