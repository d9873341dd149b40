"""One writer a kind of record: compares a batch with what is stored and writes the difference."""
