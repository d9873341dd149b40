"""What an administrator declares about a supplier's interface: the form of an order, and where answers hold what."""
