"""Shared set-up of the whole suite."""
