"""The stores that `test_store.py` holds to their promises, and what goes into them. A new store joins `STORES`.

In: a folder. Out: an open store, a copy of what its disk holds at an instant, and trouble made on purpose. It patches nothing.
"""

from __future__ import annotations

import asyncio
import resource
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec

from channels.base import Arrival, Letter, Part, Receipt
from forwarder.ledger import Registration
from gateway.store.base import Store
from gateway.store.record import Claim, LetterClaim, LetterSettlement, Life, Numbers, Settlement, Step
from gateway.store.sqlite import opened
from normalizer.reference import mint
from tests.fakes import redis_server
from tests.promises import subject_redis

KEY = b"key of the store's tests"
LONG_S = 600.0


class Counted(Store, Protocol):
    """A store that can prove its counts."""

    async def recount(self) -> list[str]: ...


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """A store under test."""

    #: on a folder, with so many letters for a sender and hour
    opened: Callable[[Path, int], AbstractAsyncContextManager[Counted]]
    #: what a power cut at this instant would leave of a folder, laid into another
    leave: Callable[[Path, Path], None]
    #: while it lasts, nothing can be written to a folder's store
    trouble: Callable[[Path], AbstractContextManager[None]]


@asynccontextmanager
async def _sqlite(folder: Path, most_letters: int) -> AsyncIterator[Counted]:
    async with opened(folder / "gateway.db", most_letters=most_letters) as store:
        yield store


def _copied(folder: Path, into: Path) -> None:
    into.mkdir()
    for name in ("gateway.db", "gateway.db-wal"):
        if (folder / name).exists():
            shutil.copyfile(folder / name, into / name)


@contextmanager
def _no_byte_more(_folder: Path) -> Iterator[None]:
    """The kernel refuses this process every byte of every file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


STORES = {"sqlite": Subject(opened=_sqlite, leave=_copied, trouble=_no_byte_more)}
if not redis_server.missing():
    STORES["redis"] = Subject(opened=subject_redis.plain, leave=subject_redis.copied, trouble=subject_redis.full)


# --- what goes in ---


def now(seconds: float = 0.0) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def numbers(identity: object) -> Numbers:
    return partial(mint, KEY, "any", str(identity))


def arrival(name: object, *, channel: str = "telkomsel", at: datetime | None = None, window_s: float | None = None) -> Arrival:
    """`window_s`: the name is a fingerprint, and before that many seconds it was another message."""
    at = at or now()
    since = None if window_s is None else at - timedelta(seconds=window_s)
    return Arrival(channel=channel, source_id=f"id-{name}", raw=f"raw {name}".encode(), received_at=at, same_since=since)


def part(index: int, count: int, *, group: str = "g", body: str = "", wait_s: float = LONG_S, begun_s: float = LONG_S) -> Part:
    body = body or f"{group}{index}"
    return Part(
        channel="telkomsel", group=group, index=index, count=count, raw=body.encode(), fingerprint=f"f-{body}", received_at=now(),
        wait_until=now(wait_s), same_since=now(-begun_s),
    )  # fmt: skip


def letter(key: str, case_id: str = "1", *, to: str = "6281200000001", channel: str = "telkomsel") -> Letter:
    return Letter(key=key, case_id=case_id, channel=channel, to=to, kind="registered", text="Kode 7K3Q", reply_to={"to": to})


def receipt(*provider_ids: str, state: Literal["delivered", "failed", "pending"] = "delivered", at: datetime | None = None) -> Receipt:
    return Receipt(channel="telkomsel", provider_ids=provider_ids, state=state, words="", at=at or now())


REGISTERED = Registration(tracking_id="1234567", registered_at=datetime(2026, 11, 20, 3, 4, 5, tzinfo=UTC), url="http://127.0.0.1/1")


def registered(claim: Claim) -> Registration:
    """A number of its own for each case; the first one's is REGISTERED."""
    return msgspec.structs.replace(REGISTERED, tracking_id=str(int(REGISTERED.tracking_id) - 1 + int(claim.case.case_id)))


def done(claim: Claim, *letters: Letter) -> Settlement:
    return Settlement(claim=claim, step="done", registration=registered(claim), record=b"{}", letters=letters)


def again(claim: Claim, due: datetime, *, unsure: bool = False) -> Settlement:
    return Settlement(claim=claim, step="submit", due=due, code="ledger_503", unsure=unsure)


def sent(claim: LetterClaim, *provider_ids: str) -> LetterSettlement:
    return LetterSettlement(claim=claim, step="sent", provider_ids=provider_ids, said="250 2.0.0 Ok", answered_at=now(-1))


# --- what is done often ---


async def put(store: Store, *names: object) -> list[str]:
    """Keep arrivals of these names one after the other; their references."""
    return [(await store.put(arrival(name), numbers(name))).reference for name in names]


async def claimed(store: Store, limit: int = 10, lease_s: float = LONG_S) -> list[Claim]:
    return list(await asyncio.wait_for(store.claim(limit, lease_s), 60))


async def one(store: Store, lease_s: float = LONG_S) -> Claim:
    (claim,) = await claimed(store, 1, lease_s)
    return claim


async def letters(store: Store, limit: int = 10, lease_s: float = LONG_S, channel: str = "telkomsel") -> list[LetterClaim]:
    return list(await asyncio.wait_for(store.claim_letters(channel, limit, lease_s), 60))


async def waits(future: asyncio.Future[Any], seconds: float = 0.05) -> bool:
    """True when it is not done after so long; it is cancelled then."""
    await asyncio.wait((future,), timeout=seconds)
    return future.cancel()


async def nothing(store: Store) -> bool:
    """True when there is no case to claim."""
    return await waits(store.claim(1, LONG_S))


async def no_letter(store: Store, channel: str = "telkomsel") -> bool:
    """True when there is no letter to claim."""
    return await waits(store.claim_letters(channel, 1, LONG_S))


async def life_of(store: Store, code: str) -> Life:
    life = await store.life(code)
    assert life is not None
    return life


def counted(counts: Mapping[str, Mapping[Any, int]]) -> dict[str, dict[Any, int]]:
    """A store may say 0 or nothing."""
    return {channel: {step: n for step, n in steps.items() if n} for channel, steps in counts.items()}


async def parked(store: Store, *names: object, step: Step = "parked") -> list[str]:
    """Cases that wait for a person; their ids."""
    await put(store, *names)
    claims = await claimed(store, len(names))
    for claim in claims:
        await store.settle(Settlement(claim=claim, step=step, code="unreadable", words="why"))
    return [claim.case.case_id for claim in claims]
