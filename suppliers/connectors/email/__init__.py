"""Suppliers that read mail: the order goes to an account manager, the answer comes by a signed link.
What is known and what is assumed: docs/connectors/email.md."""
