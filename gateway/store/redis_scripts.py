"""The transitions of the Redis store: Lua scripts, and what goes into them.

In: the files under `lua/`. Out: the text of each script with all that it needs, the digest by which the server knows it, and the
arguments of a call as the prelude reads them. It talks to no server.

A script is the prelude in four files, then the files that its line `-- with: talk, letters` names, in that order, then the file itself.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container
from functools import cache
from importlib import resources
from typing import Any, Final, NamedTuple

import msgspec

#: any key of ours leads a Cluster to the slot in which all of them lie
SLOT: Final = "{lapor}:schema"
#: before every script
PRELUDE: Final = ("prelude", "tight", "folding", "cases")

#: the prelude has the last word, whatever the transition returns, and also when it fails
_LAST: Final = """local done, answer = pcall(transition)
finish()
if not done then
  -- returned, not raised: its first word says what kind of error it is
  return redis.error_reply(type(answer) == 'table' and answer.err or answer)
end
return answer
"""
_WITH = re.compile(r"^-- with: (.+)$", re.MULTILINE)
_pack = msgspec.msgpack.Encoder().encode


class Script(NamedTuple):
    """A transition as the server has it."""

    text: str
    digest: str


class Call(NamedTuple):
    """A transition to be made."""

    script: str
    args: tuple[bytes, ...]


class Packing:
    """The arguments of a call: bytes travel beside the rest, which names them by their number."""

    def __init__(self, doubted: Container[str] = ()) -> None:
        """Nothing is in it yet. `doubted`: what may have been done, though nobody was told."""
        self.doubted = doubted
        self._apart: list[bytes] = []

    def apart(self, content: bytes) -> int:
        """Under which number a script finds these bytes."""
        self._apart.append(content)
        return len(self._apart) + 1

    def call(self, script: str, what: Any) -> Call:
        """`what`: strings, whole numbers below 2**53, lists and dicts of them. An instant is a string: see `seconds`."""
        return Call(script, (_pack(what), *self._apart))


def call(script: str, what: Any) -> Call:
    """A call that brings no bytes."""
    return Packing().call(script, what)


@cache
def script(name: str) -> Script:
    """A script with all that it needs."""
    before = "".join(_text(each) for each in [*PRELUDE, *_needs(name)])
    text = f"{before}local function transition()\n{_text(name)}end\n{_LAST}"
    return Script(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


def _needs(name: str) -> list[str]:
    found = _WITH.search(_text(name))
    return [each.strip() for each in found[1].split(",")] if found else []


@cache
def _text(name: str) -> str:
    return resources.files("gateway.store").joinpath("lua", f"{name}.lua").read_text(encoding="utf-8")
