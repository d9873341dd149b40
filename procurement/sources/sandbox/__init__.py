"""Systems to read from for demonstrations and tests: real servers on loopback, with faults. No Django.

Each kind of source has a module or package of its name with a class `System`.
"""
