"""Suppliers reached through Cerve. What is known and what is assumed: docs/connectors/cerve.md."""
