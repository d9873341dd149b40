"""Peppol BIS Ordering 3 in UBL 2.1, whatever carries it: orders out, answers in, and the rules for both."""
