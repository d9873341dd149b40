"""What items are called elsewhere: looking codes up, keeping those nobody knows, and saying what they mean."""
