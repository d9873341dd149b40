"""Suppliers to try the system against: real servers on loopback with a ledger of their own. No Django.

The demo, people trying things and the tests use the same ones. `world.py` says who they are, `ledger.py` what
they know, `trade.py` how they trade, `faults.py` what goes wrong, `callbacks.py` how they answer later; each
protocol has a package of its name; `app.py` and `server.py` serve them all.
"""
