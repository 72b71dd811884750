"""The wiring of what ledgers tell us, and of what citizens are told of it.

In: settings. Out: who may call us, whom we ask, and when a citizen hears of a change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from config.settings import LedgerSettings, Settings, SettingsError
from forwarder.ledger import Ledger, Telling
from forwarder.manners import Manners, quiet
from forwarder.states import LEDGER_STATES, States
from gateway.events import Sender
from gateway.polling import Asked, Way
from gateway.store.record import DEFAULT

#: seconds between two questions about the same complaint, where the settings say nothing; a kind that is not here is not asked
POLL_S: Final = {"open311": 6 * 3600.0}


def tables(settings: Settings) -> dict[str, LedgerSettings]:
    """By the ledger's name."""
    return {DEFAULT: settings.ledger, **{name: named.own for name, named in settings.ledgers.items()}}


def manners(settings: Settings) -> Manners:
    """Raises SettingsError."""
    answers = settings.answers
    tell = frozenset(state for state in LEDGER_STATES if state in answers.tell)
    if unknown := sorted({*answers.tell} - tell):
        raise SettingsError("answers", "tell", f'there is no state "{unknown[0]}"; known here: {", ".join(LEDGER_STATES)}')
    try:
        hours = quiet(answers.quiet)
    except ValueError as error:
        raise SettingsError("answers", "quiet", str(error)) from error
    return Manners(tell, answers.settle_s, answers.changes_per_day, hours, settings.gateway.timezone)


def senders(settings: Settings) -> list[Sender]:
    """The ledgers that may call us. Raises SettingsError."""
    found: dict[str, Sender] = {}
    for name, own in tables(settings).items():
        states = _states(name, own)
        if own.events_secret in found:
            other = _table(found[own.events_secret].ledger)
            raise SettingsError(_table(name), "events_secret", f"[{other}] has the same; it says which of them calls")
        if own.events_secret:
            # metrics call the one of [ledger] by its kind
            found[own.events_secret] = Sender(name, own.kind if name == DEFAULT else name, own.events_secret, states)
    return list(found.values())


def asked(settings: Settings, ledgers: Mapping[str, tuple[Ledger, Way]]) -> dict[str, Asked]:
    """Of these, by the store's name for them, the ledgers that are asked what became of complaints. Raises SettingsError."""
    found: dict[str, Asked] = {}
    for name, own in tables(settings).items():
        ledger, way = ledgers[name]
        every_s = POLL_S.get(own.kind, 0.0) if own.poll_s is None else own.poll_s
        if every_s and isinstance(ledger, Telling):
            found[name] = Asked(ledger, _states(name, own), every_s, way)
        elif every_s:
            raise SettingsError(_table(name), "poll_s", f'a ledger of kind "{own.kind}" cannot be asked where a complaint stands')
    return found


def _states(name: str, own: LedgerSettings) -> States:
    try:
        return States(own.states)
    except ValueError as error:
        raise SettingsError(f"{_table(name)}.states", "", str(error)) from error


def _table(name: str) -> str:
    return "ledger" if name == DEFAULT else f"ledgers.{name}"
