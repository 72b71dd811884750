"""People and apps who hand a message over until somebody says yes.

In: messages, and a way to hand one over once. Out: tries, one after the other for each message, at one address after the other. What a
try comes to is written into the book by whoever tries.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import NamedTuple

from chaos.book import Book
from chaos.message import Message

#: seconds until the next try, and for how long one may last
LATER_S, TRY_S = 0.3, 10.0


class Address(NamedTuple):
    """Where one of the gateway's doors is."""

    host: str
    port: int


class Told(NamedTuple):
    """What a try came to: the reference, or the code of a no."""

    reference: str
    code: str = ""


HandOver = Callable[[Address, Message], Awaitable[Told]]


async def hand_over_all(
    book: Book, messages: Iterator[Message], once: HandOver, *, doors: Sequence[Address], hands: int, ready: Callable[[], bool]
) -> None:
    """So many at a time, until every message has had its yes."""
    async with asyncio.TaskGroup() as group:
        for nth in range(hands):
            group.create_task(_hand_over(book, messages, once, doors=[*doors[nth % len(doors) :], *doors[: nth % len(doors)]], ready=ready))


async def _hand_over(
    book: Book, messages: Iterator[Message], once: HandOver, *, doors: Sequence[Address], ready: Callable[[], bool]
) -> None:
    tries = 0
    while True:
        while not ready():
            await asyncio.sleep(0.05)
        message = next(messages, None)
        if message is None:
            return
        while not await _tried(book, message, once, doors[tries % len(doors)]):
            tries += 1
            await asyncio.sleep(LATER_S)


async def _tried(book: Book, message: Message, once: HandOver, door: Address) -> bool:
    try:
        async with asyncio.timeout(TRY_S):
            told = await once(door, message)
    except (OSError, EOFError, TimeoutError, ValueError) as gone:
        told = Told("", type(gone).__name__)
    if told.reference:
        book.yes(message.kind, message.serial, 0, told.reference)
    else:
        book.write("no", message.kind, message.serial, 0, told.code)
    return bool(told.reference)
