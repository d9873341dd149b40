"""One folder per supplier protocol: data in, messages out. No database rows, no Django."""
