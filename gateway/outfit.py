"""What the settings fit a gateway out with: its channels, its rules of reading, its words to citizens.

In: settings. Out: these, or a SettingsError that names table and key. Nothing is opened and nothing runs.
"""

from __future__ import annotations

import importlib
from typing import Literal

import msgspec

from channels.base import Channel, Sharing
from config.settings import Settings, SettingsError, fit
from forwarder.wording import Wordings
from forwarder.wording import load as load_wordings
from gateway.rulebook import rulebook
from gateway.wordlists import regions, shipped
from normalizer.rules import Keyword, Rules

#: doors: listen, keep, answer. workers: submit. Side by side on one store they use two processors.
Role = Literal["doors", "workers"]


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
