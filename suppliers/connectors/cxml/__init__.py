"""Suppliers and networks that speak cXML 1.2. What is known and what is assumed: docs/connectors/cxml.md."""
