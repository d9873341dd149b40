"""How a module of scenes, run as a program, is asked: a line of JSON in, one out, until there are no more."""

import json
import sys
from collections.abc import Callable
from typing import Any


def play(scenes: dict[str, Callable[..., object]], tell: Callable[[], dict[str, Any]]) -> None:
    """Each line is the name of a scene and its arguments. What a scene finds is told, or else how things stand."""
    answers, sys.stdout = sys.stdout, sys.stderr  # nothing but answers may come where answers are read
    scenes = scenes | {"tell": tell}
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        found = scenes[name](*arguments)
        print(json.dumps(found if isinstance(found, dict) else tell(), default=str), file=answers, flush=True)
