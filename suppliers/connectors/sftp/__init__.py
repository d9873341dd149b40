"""Talking to SFTP servers, whoever stands behind them."""
