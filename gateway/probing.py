"""The wiring of the tries of our own doors.

In: settings, where the public address is. Out: what is to be run, if anything.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine

from config.settings import Settings
from gateway.probes import Prober, Terms

#: whoever listens everywhere is also here
_HERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - read here, not listened at


def probing(settings: Settings, port: int | None, prober: Callable[..., Prober]) -> list[Coroutine[None, None, None]]:
    """`port` of the public address; `prober` lacks its terms."""
    given, host = settings.probes, settings.http.public.host
    if not given.every_s:
        return []
    public = f"http://{_HERE.get(host, host)}:{port}" if port else ""
    return [prober(terms=Terms(every_s=given.every_s, within_s=given.within_s, public=public)).run()]
