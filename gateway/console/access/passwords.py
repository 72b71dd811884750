"""Passwords: which are taken, what is kept of them, and whether one fits.

In: words. Out: an argon2id hash, yes or no. It never keeps, shows or writes a password.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import unicodedata
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Final, Literal, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: OWASP's first choice for argon2id: 46 MiB, one pass. A check takes a tenth of a second of a processor that intake needs too.
_HASHER: Final = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)
#: at once: each takes its memory and a processor
AT_ONCE: Final = 2
#: who waits for a turn beyond these is sent away: a flood of guesses must not take the memory that intake needs
_QUEUE: Final = 16
SHORTEST, LONGEST = 12, 200

R = TypeVar("R")

Fault = Literal["", "short", "long", "name", "plain"]

#: what people write when they are asked for twelve characters; found in a password, these count as one character each
_WORN: Final = re.compile(
    r"p[a@]ssw[o0]rd|k[a@]t[a@]\s*s[a@]nd[i1]|r[a@]h[a@]s[i1]a|[a@]dm[i1]n(istrator)?|qwert[yz](uiop)?|asdf(ghjkl)?|zxcv(bnm)?"
    r"|1q2w3e(4r)?(5t)?|indonesia|merdeka|bismillah|sayang|cinta|l[a@]por|sp4n|kominfo|diskominfo|operator|pemda|gateway|welcome|letmein"
    r"|(19|20)\d\d|17081945"
)


class Busy(Exception):
    """Too many passwords are being looked at."""


def fault(password: str, name: str) -> Fault:
    """What is wrong with it; "" when nothing. Length is asked for and no kinds of characters, as ASVS 2.1 has it."""
    plain = unicodedata.normalize("NFKC", password)
    if len(plain) < SHORTEST:
        return "short"
    if len(plain) > LONGEST:
        return "long"
    low = plain.casefold()
    if name and name.casefold() in low:
        return "name"
    return "plain" if _weight(_WORN.sub("\N{BULLET}", low)) < SHORTEST // 2 else ""


def _weight(text: str) -> int:
    """Characters that do not follow from the one before: "aaaa", "1234" and "dcba" are one, and something repeated counts once."""
    steps = [ord(two) - ord(one) for one, two in pairwise(text)]
    fresh = 1 + sum(abs(step) > 1 for step in steps)
    return min(fresh, 2 * len(set(text)), _period(text))


def _period(text: str) -> int:
    """The length of what is said again and again: 4 of "budibudibudi"."""
    return next(size for size in range(1, len(text) + 1) if text[:size] * (len(text) // size) + text[: len(text) % size] == text)


class Passwords:
    """Makes and checks hashes, in threads, a few at a time."""

    def __init__(self) -> None:
        """Nobody is waiting."""
        self._turns, self._waiting = asyncio.Semaphore(AT_ONCE), 0

    async def hashed(self, password: str) -> str:
        """What is kept. Raises Busy."""
        return await self._in_turn(hashed, password)

    async def fits(self, password: str, kept: str) -> bool:
        """Whether it is the one that was `kept`; "" stands for an account that does not exist or has none, takes as long, and never
        fits. Raises Busy."""
        return await self._in_turn(_fits, password, kept)

    async def _in_turn(self, work: Callable[..., R], *words: str) -> R:
        if self._waiting >= _QUEUE:
            raise Busy
        self._waiting += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(work, *words)
        finally:
            self._waiting -= 1


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _HASHER.hash(_plain(password))


def worn(kept: str) -> bool:
    """Whether it was made with weaker settings than today's, and is to be made again when its owner comes."""
    return _HASHER.check_needs_rehash(kept)


def _fits(password: str, kept: str) -> bool:
    try:
        _HASHER.verify(kept or _nobodys(), _plain(password))
    except (VerificationError, InvalidHashError):
        return False
    return bool(kept)


@cache
def _nobodys() -> str:
    """A hash that no password fits, to look at where there is none."""
    return _HASHER.hash(secrets.token_bytes(16))


def _plain(password: str) -> bytes:
    """The same password from every keyboard: composed in one way. Cut where nobody types any more."""
    return unicodedata.normalize("NFKC", password[: 4 * LONGEST]).encode("utf-8", "surrogatepass")
