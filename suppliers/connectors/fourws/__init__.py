"""Purchase orders saved in 4ws.trade: client.py talks, mapping.py translates, connector.py is the glue."""
