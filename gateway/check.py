"""`gateway check`: would it run, and is what it kept sound?

In: settings. Out: a line for each thing that was looked at. It changes nothing but what opening a store makes.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import NamedTuple

from channels.base import Channel, Refused, Unavailable
from channels.email.settings import relay_at
from config.settings import Settings
from forwarder import embedded, worklist
from forwarder.book import verify
from forwarder.wording import SHIPPED, texts
from gateway import ledgers, storing, telling
from gateway.faults import CannotStart
from gateway.outfit import open_channels, rules, wordings
from gateway.probes import Probed
from gateway.rulebook import OWN
from gateway.secret import secret_key
from gateway.spool.file import QUARANTINE
from gateway.spool.home import survey
from gateway.store.record import StoreFault, Tally


class Line(NamedTuple):
    """One thing that was looked at."""

    ok: bool
    what: str
    words: str


async def check(settings: Settings) -> list[Line]:
    """Raises SettingsError when the settings themselves are wrong."""
    channels = open_channels(settings)
    reading = rules(settings)
    places = ledgers.places(settings)
    ledgers.takes(settings, reading.regions)
    telling.manners(settings)
    telling.senders(settings)
    lines = [Line(True, "settings", f"{len(channels)} channels, ledger {', '.join(place.name for place in places)}")]
    if reading.regions is not None:
        lines.append(Line(True, "regions", f"{len(reading.regions)} of {reading.regions.decree}"))
    lines.append(Line(True, "rules", f"{len(reading.rulebook.clauses)} in {settings.rules.file or OWN}"))
    lines.append(_wordings(settings))
    lines.append(_secret(settings))
    lines.append(_alerts(settings))
    store = await _store(settings)
    lines.append(store)
    if store.ok and (words := await storing.advice(settings)):
        lines.append(Line(True, "redis", words))
    lines.append(await asyncio.to_thread(_spool, settings))
    lines += [await _ledger(place, settings.gateway.data_dir) for place in places]
    lines += [await _channel(channel) for channel in channels.values()]
    return lines


def _wordings(settings: Settings) -> Line:
    """How many are an office's own shows whether its files were found at all. Raises SettingsError."""
    wordings(settings)
    found = [text for keys in texts(settings.answers.wordings).values() for text in keys.values()]
    own = sum(not text.place.startswith(SHIPPED) for text in found)
    return Line(
        True, "wordings", f"{len(found)} texts" + (f", {own} of them in {settings.answers.wordings}" if settings.answers.wordings else "")
    )


def _alerts(settings: Settings) -> Line:
    """Who is told; nobody is told now."""
    recipients = ", ".join(each.name for each in settings.alerts.recipients)
    try:
        if settings.alerts.smtp_url:
            relay_at(settings.alerts.smtp_url)
    except ValueError as error:
        return Line(False, "alerts", f"[alerts] {error}")
    return Line(True, "alerts", f"to {recipients}" if recipients else "to nobody; they are shown on the console")


def _secret(settings: Settings) -> Line:
    try:
        secret_key(settings)
    except CannotStart as error:
        return Line(False, "secret", str(error))
    mode = settings.gateway.secret_path.stat().st_mode & 0o077
    return Line(not mode, "secret", "readable by others; chmod 600" if mode else str(settings.gateway.secret_path))


async def _store(settings: Settings) -> Line:
    try:
        async with storing.opened(settings) as store:
            tally = await store.tally()
            # a Redis would stand still for all its gateways while it reads every case
            faults = await store.recount() if storing.file(settings) else _unaccounted(tally)
    except (CannotStart, StoreFault, Unavailable) as error:
        return Line(False, "store", str(error))
    if faults:
        return Line(False, "store", "; ".join(faults))
    return Line(True, "store", f"{sum(tally.received.values())} cases, every one accounted for")


def _unaccounted(tally: Tally) -> list[str]:
    """What was taken in and stands nowhere: a sentence for each channel."""
    standing = {channel: sum(tally.cases.get(channel, {}).values()) for channel in tally.received}
    return [
        f"{channel}: {n} received, {standing[channel]} accounted for" for channel, n in tally.received.items() if n != standing[channel]
    ]


def _spool(settings: Settings) -> Line:
    found = survey(settings.gateway.data_dir)
    waiting = f"{sum(found.waiting.values())} wait for the store"
    quarantine = settings.gateway.data_dir / QUARANTINE
    return Line(not found.torn, "spool", f"{found.torn} files in {quarantine}: somebody must look at them" if found.torn else waiting)


async def _ledger(place: ledgers.Place, data_dir: Path) -> Line:
    where = " ".join([place.kind, str(place.rest.get("url", ""))]).rstrip()
    try:
        async with ledgers.opened(place, data_dir) as ledger:
            await ledger.probe()
            words = await _chain(place, data_dir)
    except (Refused, Unavailable, ValueError) as error:
        return Line(False, place.table, f"{where}: {error}")
    return Line(True, place.table, f"{where}: {words}")


async def _chain(place: ledgers.Place, data_dir: Path) -> str:
    """What a ledger that answers is good for; of an embedded one its chain of hashes, entry by entry. Raises ValueError where it is
    broken."""
    own = ledgers.own_settings(place)
    if isinstance(own, worklist.Settings):
        return "needs nobody but officers" + ("" if own.token else "; no token, so no JSON API")
    if not isinstance(own, embedded.Settings):
        return "answers"
    fault = await asyncio.to_thread(verify, embedded.place(own, data_dir))
    if fault is not None:
        raise ValueError(f"entry {fault.seq}: {fault.words}")
    return "the chain of hashes holds"


async def _channel(channel: Channel) -> Line:
    if not isinstance(channel, Probed):
        return Line(True, channel.name, "cannot be asked before it runs")
    try:
        return Line(True, channel.name, await channel.probe())
    except (Refused, Unavailable) as error:
        return Line(False, channel.name, str(error))
