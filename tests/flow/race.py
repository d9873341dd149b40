"""Running the same thing in several threads at the same moment, each with its own database connection."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection


def race(*runners: Callable[[], Any]) -> list[Any]:
    """Start all at once; return each one's result or the exception it raised, in order."""
    barrier = threading.Barrier(len(runners))
    results: list[Any] = [None] * len(runners)

    def run(index: int, runner: Callable[[], Any]) -> None:
        try:
            barrier.wait(timeout=30)
            results[index] = runner()
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(runners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    return results
