"""Suppliers on the SQUIZZ.com platform. What is known and what is assumed: docs/connectors/squizz.md."""
