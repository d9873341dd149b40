"""Suppliers with an ordering API of their own, described by settings: docs/connectors/rest.md."""
