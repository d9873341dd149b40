"""Practice systems that orders, stock and proposals are read from: served on this machine, with the sample in them."""

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import requests
from django.utils import timezone

from procurement.demo.sample import world_folder, world_of
from procurement.processes import HOST, MANAGE
from procurement.sample.practice import practice_sample
from procurement.services.practice_sources import CODE
from procurement.sources.sandbox.sample import Sample
from procurement.sources.sandbox.server import SandboxSystem, SourceSandbox, sample_kinds
from procurement.sources.sandbox.world import WorldFile


class UnknownSystem(Exception):
    """The message names the known ones."""


def kinds_named(said: str) -> list[str]:
    """Of a list like "a,b", each once; all where it is empty. Raises `UnknownSystem`."""
    known = sample_kinds()
    named = list(dict.fromkeys(filter(None, (name.strip().lower() for name in said.split(",")))))
    for name in named:
        if name not in known:
            raise UnknownSystem(f"There is no practice system {name!r}; known: {', '.join(known)}.")
    return named or known


def systems_folder() -> Path:
    return world_folder() / "sources"


def system_file(kind: str) -> Path:
    return systems_folder() / f"{kind}.json"


def system_command(kind: str, port: int, *, change_every: float = 0, web_port: int = 0) -> list[str]:
    """`web_port`: where we listen to what it tells; 0: nowhere."""
    telling = ["--event-url", f"http://{HOST}:{web_port}/sources/{CODE}/events/"] if web_port else []
    return [
        *MANAGE, "sandbox", "--sources", kind, "--port", str(port), "--change-every", str(change_every), *telling,
    ]  # fmt: skip


def systems_serve(
    kinds: Sequence[str],
    *,
    port: int,
    change_every: float,
    event_url: str = "",
    ended: threading.Event,
    say: Callable[[str], object],
) -> None:
    """Each at a port of its own, from `port` on. Raises `WorldTaken`, and OSError where a port is taken.

    `change_every`: seconds between two times that something happens there; 0: only when asked. `event_url`: with
    {kind}, where systems tell of it that can; empty: nowhere.
    """
    with ExitStack() as stack:
        living: list[tuple[str, SourceSandbox]] = []
        for at, kind in enumerate(kinds):
            sandbox, world = _opened(kind, port + at)
            stack.callback(world.close)
            stack.callback(world.save, sandbox.system)  # with when it was asked last
            stack.enter_context(sandbox)
            say(f"{kind}: listening at {sandbox.origin}, kept in {system_file(kind)}")
            living.append((kind, sandbox))
        while not ended.wait(change_every or None):
            for kind, sandbox in living:
                if sandbox.app.live_on:
                    say(f"{kind}: {'; '.join(sandbox.app.live_on())}.")
                if event_url:
                    _tell(sandbox.system, event_url.replace("{kind}", kind), say)


def _tell(system: SandboxSystem, url: str, say: Callable[[str], object]) -> None:
    """What nobody takes is told with the next event."""
    if not system.unannounced:
        return
    event = system.event(system.unannounced)
    try:
        answer = requests.post(url + event.path, data=event.body, headers=dict(event.headers), timeout=10)
        answer.raise_for_status()
    except requests.RequestException as error:
        say(f"An event was not taken: {type(error).__name__}.")
    else:
        system.unannounced.clear()


def systems_make(kinds: Sequence[str]) -> None:
    """The files of those that have none yet, so that each process need not make the sample anew."""
    for kind in kinds:
        if not system_file(kind).exists():
            sandbox, world = _opened(kind, 0)
            world.close()
            sandbox.close()


def _opened(kind: str, port: int) -> tuple[SourceSandbox, WorldFile]:
    sandbox = SourceSandbox(kind, port=port)
    today = timezone.localdate()
    try:
        world = WorldFile.opened(system_file(kind), sandbox.system, as_of=today, sample=_sample)
    except BaseException:
        sandbox.close()
        raise
    one_at_a_time = threading.Lock()

    def live_on() -> list[str]:
        with one_at_a_time:
            return world.live_on(sandbox.system)

    sandbox.app.live_on = live_on
    return sandbox, world


def _sample() -> Sample:
    return practice_sample(world_of(timezone.localdate()))
