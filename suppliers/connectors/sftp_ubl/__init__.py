"""Suppliers that read orders from an SFTP folder and answer with files. See docs/connectors/sftp_ubl.md."""
