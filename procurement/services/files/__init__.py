"""Files on their way into our rows: taking them, checking, loading, undoing."""
