"""Cases and letters, as the scripts of the Redis store answer them, and instants as they stand there.

In: answers of `whole` in `lua/cases.lua`. Out: records. It talks to no server.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from channels.base import Enclosure
from gateway.store import reading
from gateway.store.bundle import layout
from gateway.store.record import Case, Claim, LetterClaim
from gateway.store.tables import instant

_READ: Final[Mapping[type, Callable[[bytes], Any]]] = {int: int, float: float, str: bytes.decode, bytes: bytes}


def seconds(at: datetime) -> str:
    """An instant as it stands in the store: a Lua number made into a string would lose its microseconds."""
    return repr(at.timestamp())


def fields(flat: Sequence[bytes]) -> dict[str, bytes]:
    """A hash, as Redis answers it."""
    return {name.decode(): value for name, value in zip(flat[::2], flat[1::2], strict=True)}


def typed(name: str, flat: Sequence[bytes]) -> dict[str, Any]:
    """A row of a table; what stands beside its columns is left out."""
    readers = _readers(name)
    row: dict[str, Any] = {}
    for column, value in zip(flat[::2], flat[1::2], strict=True):
        if (reader := readers.get(column)) is not None:
            row[reader[0]] = reader[1](value)
    return row


@cache
def _readers(name: str) -> dict[bytes, tuple[str, Callable[[bytes], Any]]]:
    """By a column's name as Redis says it: how it is called, and how its value is read."""
    kinds = {key: column.kind for key, column in layout()[name].columns.items()}
    if name == "cases":
        kinds["archived"] = str
    return {key.encode(): (key, _READ[kind]) for key, kind in kinds.items()}


def numbered(name: str, flat: Sequence[bytes]) -> list[dict[str, Any]]:
    """Rows that share a hash, `<number>:<column>`, in order."""
    rows: dict[int, list[bytes]] = {}
    for key, value in zip(flat[::2], flat[1::2], strict=True):
        number, _, column = key.partition(b":")
        rows.setdefault(int(number), []).extend((column, value))
    return [{**typed(name, row), "number": number} for number, row in sorted(rows.items())]


def acts(flat: Sequence[bytes]) -> list[dict[str, Any]]:
    """Rows that share a list."""
    rows = (flat[at : at + 4] for at in range(0, len(flat), 4))
    return [typed("acts", (b"at", at, b"by", by, b"act", act, b"words", words)) for at, by, act, words in rows]


def case(answer: Sequence[Any]) -> Case:
    """A case, whole."""
    flat, raw, parts, files, additions = answer
    return reading.case(
        typed("cases", flat),
        raw,
        parts=numbered("parts", parts) if parts else (),
        files=[Enclosure(name=name.decode(), media_type=media_type.decode(), size=int(size)) for name, media_type, size in files],
        additions=[addition for _, addition in sorted(fields(additions).items(), key=_number)] if additions else (),
    )


def _number(item: tuple[str, bytes]) -> int:
    return int(item[0])


def claim(answer: Sequence[Any]) -> Claim:
    """A case in the hands of one worker."""
    return Claim(case=case(answer), token=int(fields(answer[0])["token"]))


def letter_claim(answer: Sequence[Any]) -> LetterClaim:
    """A letter in the hands of one worker."""
    letter_id, body, token, attempts, at = answer
    letter = reading.letter(body)
    return LetterClaim(letter_id=int(letter_id), letter=letter, token=int(token), attempts=int(attempts), created_at=instant(float(at)))


def text(of: dict[str, bytes], name: str) -> str:
    """A field; absent is empty."""
    return of.get(name, b"").decode()


def counts(flat: Sequence[bytes]) -> dict[tuple[str, str], int]:
    """By channel and word."""
    return {(channel, word): int(n) for name, n in fields(flat).items() for channel, _, word in [name.rpartition("|")]}
