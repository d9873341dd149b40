"""Reference rates of the European Central Bank. docs/sources/ecb.md."""
