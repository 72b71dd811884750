"""What operators ask and do from a terminal.

In: settings and a code. Out: cases as they stand. It works on the store's file beside a running gateway, and asks that gateway's
operators' address how its doors are. It never makes a store: one that is not there has nothing to tell.
"""

from __future__ import annotations

import asyncio
import getpass
import os
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec

from channels.base import Attachment, Unavailable
from config.settings import Settings
from forwarder.wording import load as load_wordings
from gateway import archived, storing
from gateway.clerk import Clerk, Read
from gateway.console import audit, cabinet
from gateway.console.audit import Audit
from gateway.console.incident import Door, exported
from gateway.controlling import Controlling
from gateway.faults import CannotStart
from gateway.ledgers import places
from gateway.mending import Mending
from gateway.outfit import open_channels, rules, wordings
from gateway.reports import bureau as bureaus
from gateway.reports.bureau import Bureau
from gateway.spool import quarantine
from gateway.spool.home import SpoolState, survey
from gateway.spool.quarantine import Dropped
from gateway.spool.torn import Torn, torn
from gateway.store.base import Store
from gateway.store.fencing import Held
from gateway.store.record import ALONE, Case, Life, Step, StoreFault, Tally
from gateway.undelivered import Undelivered
from gateway.view import Seen, Traced
from gateway.worklist import Worklist
from normalizer.complaint import Complaint, decode

#: seconds to wait for the running gateway, which is on this machine
ASK_S = 2.0


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """What `status` shows. `channels` is empty when no gateway runs, or it does not answer."""

    running: bool
    #: None: the store does not answer, and `why`
    tally: Tally | None
    why: str = ""
    channels: Mapping[str, object] = {}
    #: who keeps the doors that one process at a time keeps
    leases: Sequence[Held] = ()
    spool: SpoolState


class Lying(msgspec.Struct, frozen=True, kw_only=True):
    """What `spool list` shows."""

    waiting: Mapping[str, int]
    quarantine: Sequence[Torn]
    dropped: Sequence[Dropped]


async def status(settings: Settings) -> Status:
    """Counts from the store, the doors of the gateway that runs on it, and what waits beside it. Raises CannotStart when neither the store
    nor a gateway answers."""
    channels, spool = await _ask(settings), await asyncio.to_thread(survey, settings.gateway.data_dir)
    running, channels = channels is not None, channels or {}
    try:
        async with _store(settings) as store:
            tally, leases = await store.tally(), await store.leases()
    except CannotStart as fault:
        if not running:
            raise
        return Status(running=running, tally=None, why=str(fault), channels=channels, spool=spool)
    return Status(running=running, tally=tally, channels=channels, leases=leases, spool=spool)


async def _ask(settings: Settings) -> Mapping[str, object] | None:
    address, token = settings.http.operators, settings.http.metrics_token
    shown = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ASK_S)) as session,
            session.get(f"http://{address}/readyz", headers=shown) as answer,
        ):
            state = msgspec.json.decode(await answer.read())
    except (aiohttp.ClientError, TimeoutError, OSError, msgspec.DecodeError):
        return None
    channels = state.get("channels") if isinstance(state, dict) else None
    return channels if isinstance(channels, dict) else None


async def life(settings: Settings, code: str) -> Life | None:
    """One case, by its reference or the ledger's tracking id."""
    async with _store(settings) as store:
        found = await store.life(code)
    return found if found is None or not found.case.archived else await asyncio.to_thread(archived.life, storing.archive(settings), found)


async def traced(settings: Settings, code: str) -> Traced | None:
    """One case with its record: the one that was sent, else what it says now. Raises SettingsError."""
    found = await life(settings, code)
    if found is None:
        return None
    sent = found.record if found.case.step in {"done", "worklist"} else None
    complaint = decode(sent) if sent else _complaint(_clerk(settings), found.case)
    return Traced(case=found.case, complaint=complaint, life=found)


async def incident(settings: Settings, found: Traced) -> bytes:
    """The file for those who mend the gateway. Raises SettingsError, and CannotStart for a door that is not in the settings any more."""
    name = found.case.arrival.channel
    table = settings.channels.get(name)
    if table is None or not table.enabled:
        raise CannotStart(f"--incident: [channels.{name}] is not in the settings any more, and nothing else reads what it kept")
    channels = open_channels(settings)
    reader = channels[name], Clerk(channels, rules(settings), load_wordings())
    return exported(found.life, Door(kind=table.kind, table=table.rest), reader, settings.keywords)


async def waiting(settings: Settings, step: Step, limit: int) -> Sequence[Case]:
    """The oldest first; of the declined, the newest."""
    async with _store(settings) as store:
        return await store.listing(step, limit)


async def listed(settings: Settings, step: Step, limit: int) -> Sequence[Seen]:
    """These, each with what it says. Raises SettingsError."""
    cases = await waiting(settings, step, limit)
    clerk = _clerk(settings) if cases else None
    return [Seen(case=case, complaint=_complaint(clerk, case)) for case in cases] if clerk else ()


def _clerk(settings: Settings) -> Clerk:
    return Clerk(open_channels(settings), rules(settings), load_wordings())


def _complaint(clerk: Clerk, case: Case) -> Complaint | None:
    """What a case says, as if a person had sent it to the ledger; None when it cannot be read with these settings."""
    read = clerk.read(msgspec.structs.replace(case, admitted=True, facts=case.facts or {}))
    return read.complaint if isinstance(read, Read) else None


async def retry(settings: Settings, step: Step, code: str, words: str) -> bool:
    """False when no case of this step has this code."""
    async with _store(settings) as store:
        found = await _standing(store, step, code)
        return found is not None and await store.retry(found.case_id, getpass.getuser(), words)


async def drop(settings: Settings, step: Step, code: str, words: str) -> bool:
    """False when no case of this step has this code."""
    async with _store(settings) as store:
        found = await _standing(store, step, code)
        return found is not None and await store.drop(found.case_id, getpass.getuser(), words)


async def export(settings: Settings, case: Case, folder: Path) -> list[Path]:
    """Write the files that came with a case into a folder, readable by their owner alone; their senders' names are not trusted.

    A mail's files are in the mail, which is written whole. Raises CannotStart when the folder cannot be written.
    """
    async with _store(settings) as store:
        files = list(await store.files(case.case_id))
    if case.archived:
        files = await asyncio.to_thread(archived.files, storing.archive(settings), case)
    if case.arrival.raw:
        files.append(Attachment(name="as-it-came", media_type="", content=case.arrival.raw))
    return _laid(folder, files)


def _laid(folder: Path, files: Sequence[Attachment]) -> list[Path]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [_written(folder, number, file) for number, file in enumerate(files, 1)]
    except OSError as error:
        raise CannotStart(f"--files: {folder}: {error.strerror}") from error


def _written(folder: Path, number: int, file: Attachment) -> Path:
    safe = re.sub(r"[^\w.-]+", "_", file.name.rpartition("/")[2].rpartition("\\")[2]).lstrip(".")
    # in octets, of which a folder takes 255: a letter may have four
    path = folder / f"{number}-{safe.encode()[-80:].decode(errors='ignore') or 'file'}"
    # what has the name already may be readable by others, or a link to somewhere else
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(file.content)
    return path


@asynccontextmanager
async def worklist(settings: Settings) -> AsyncIterator[Worklist]:
    """The desk of those who copy by hand. Its letters are the office's own texts, and need no list of regions. Raises SettingsError."""
    clerk = Clerk(open_channels(settings), rules(settings, "doors"), wordings(settings))
    copied = [queue for place in places(settings) if place.kind == "worklist" for queue in place.held]
    async with _store(settings) as store:
        yield Worklist(store, clerk, copied or ALONE)


@asynccontextmanager
async def undelivered(settings: Settings) -> AsyncIterator[Undelivered]:
    """The desk of letters that did not arrive."""
    async with _store(settings) as store:
        yield Undelivered(store)


@asynccontextmanager
async def controlling(settings: Settings) -> AsyncIterator[Controlling]:
    """What steers channels. Its audit is in the console's file on this machine. Raises SettingsError or CannotStart."""
    channels = open_channels(settings)
    async with _store(settings) as store, cabinet.opened(settings.gateway.data_dir, audit.TABLES) as file:
        yield Controlling(store, channels, Audit(file))


@asynccontextmanager
async def mending(settings: Settings) -> AsyncIterator[Mending]:
    """What is done about this machine's quarantine; it needs no store. Raises CannotStart."""
    folder = settings.gateway.data_dir
    async with cabinet.opened(folder, audit.TABLES) as file:
        yield Mending(folder, Audit(file))


async def lying(settings: Settings) -> Lying:
    """What lies beside the store on this machine. Raises CannotStart."""
    folder = settings.gateway.data_dir
    try:
        return await asyncio.to_thread(
            lambda: Lying(waiting=survey(folder).waiting, quarantine=torn(folder), dropped=quarantine.dropped(folder))
        )
    except OSError as error:
        raise CannotStart(f"[gateway] data_dir: {folder}: {error.strerror}") from error


@asynccontextmanager
async def bureau(settings: Settings) -> AsyncIterator[Bureau]:
    """Who counts what has come."""
    given = settings.gateway
    async with (
        _store(settings) as store,
        bureaus.opened(store, storing.archive(settings), office=given.name, zone=given.timezone) as opened,
    ):
        yield opened


async def _standing(store: Store, step: Step, code: str) -> Case | None:
    life = await store.life(code)
    return life.case if life and life.case.step == step else None


@asynccontextmanager
async def _store(settings: Settings) -> AsyncIterator[Store]:
    path = storing.file(settings)
    if path is not None and not path.exists():
        raise CannotStart(f"[store] url: there is no store at {path} yet")
    try:
        async with storing.opened(settings) as store:
            yield store
    except StoreFault as fault:
        raise CannotStart(str(fault)) from fault
    except Unavailable as trouble:
        raise CannotStart(f"[store] url: {path or storing.named(settings)} does not answer ({trouble.code})") from trouble
