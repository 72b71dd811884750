"""What the settings fit a gateway out with: its channels, its rules of reading, its words to citizens, where its ledgers are.

In: settings. Out: these, or a SettingsError that names table and key. Nothing is opened and nothing runs.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from channels.base import Channel, Sharing
from config.settings import Settings, SettingsError, fit
from forwarder.manners import Manners
from forwarder.sorting import Take
from forwarder.wording import Wordings
from forwarder.wording import load as load_wordings
from gateway import ledgers, telling
from gateway.events import Sender
from gateway.ledgers import Place
from gateway.rulebook import rulebook
from gateway.secret import secret_key
from gateway.wordlists import regions, shipped
from normalizer.rules import Keyword, Rules

#: doors: listen, keep, answer. workers: submit. Side by side on one store they use two processors.
Role = Literal["doors", "workers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outfit:
    """All of it."""

    channels: Mapping[str, Channel]
    rules: Rules
    words: Wordings
    ledgers: Sequence[Place]
    #: by a ledger's name, what it takes
    takes: Mapping[str, Sequence[Take]]
    #: how citizens hear of what became of a complaint, and who may tell us
    manners: Manners
    senders: Sequence[Sender]
    #: what codes are made with
    key: bytes


def outfit(settings: Settings, only: Role | None) -> Outfit:
    """For a process of this role. Raises SettingsError."""
    channels, read = open_channels(settings, shared=only == "doors"), rules(settings, only)
    return Outfit(
        channels=channels,
        rules=read,
        words=wordings(settings),
        ledgers=ledgers.places(settings),
        takes=ledgers.takes(settings, read.regions),
        manners=telling.manners(settings),
        senders=telling.senders(settings),
        key=secret_key(settings),
    )


def open_channels(settings: Settings, *, shared: bool = False) -> dict[str, Channel]:
    """A channel for each table that is enabled; `shared`: other processes on this machine have the same. Raises SettingsError."""
    channels: dict[str, Channel] = {}
    for name, table in settings.channels.items():
        if not table.enabled:
            continue
        place = f"channels.{name}"
        try:
            module = importlib.import_module(f"channels.{table.kind}")
            kind_settings, make = module.Settings, module.channel
        except (ModuleNotFoundError, AttributeError) as error:
            raise SettingsError(place, "kind", f'there is no channel of kind "{table.kind}"') from error
        try:
            channels[name] = channel = make(name, fit(place, table.rest, kind_settings))
        except ValueError as error:
            raise SettingsError(place, "", str(error)) from error
        if shared and isinstance(channel, Sharing):
            channel.share()
    return channels


def wordings(settings: Settings) -> Wordings:
    """What citizens are told. Raises SettingsError."""
    try:
        return load_wordings(msgspec.structs.asdict(settings.emergency), settings.answers.wordings)
    except ValueError as error:
        raise SettingsError("answers", "wordings", str(error)) from error


def rules(settings: Settings, only: Role | None = None) -> Rules:
    """The normalizer's part of the settings; the doors, who read no message, do without the 15 MB of regions. Raises SettingsError."""
    keywords = {word: Keyword(agency=keyword.agency, region=keyword.region) for word, keyword in settings.keywords.items()}
    kinds = {name: table.kind for name, table in settings.channels.items()}
    meanings, languages = shipped()
    try:
        book = rulebook(settings.rules.file, meanings)
    except ValueError as error:
        raise SettingsError("rules", "file", str(error)) from error
    try:
        return Rules(
            keywords=keywords,
            channels=kinds,
            timezone=settings.gateway.timezone,
            rulebook=book,
            abbreviations=meanings,
            languages=languages,
            regions=None if only == "doors" else regions(),
        )
    except ValueError as error:
        raise SettingsError("keywords", "", str(error)) from error
