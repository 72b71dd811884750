"""What an operator's SMSC does wrong, by name: in comes `throttling=5`, out come answers to "is it your turn to go wrong now?".

Every entry was seen at some operator or in some outage. A name may carry an amount: `throttling=5` strikes the first five times,
`throttling=1/4` every fourth time, `slow=2` lasts two seconds, `drops_after=20` waits for twenty PDUs. Several may be on at once.
It never touches a socket and never waits: gateway/rehearse/smsc.py asks, and does.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterable
from typing import Literal

import msgspec
from smpplib import consts

Unit = Literal["", "turns", "PDUs", "seconds"]


class Misbehaviour(msgspec.Struct, frozen=True, kw_only=True):
    """One way to go wrong. `unit` says what its amount counts (empty: it takes none); `usual` is the amount when none is given."""

    name: str
    words: str
    unit: Unit = ""
    usual: str = ""


MISBEHAVIOURS: dict[str, Misbehaviour] = {
    each.name: each
    for each in (
        Misbehaviour(name="silent", unit="PDUs", usual="0", words="after that many PDUs of a session takes bytes and never says a word"),
        Misbehaviour(name="refuses_bind", unit="turns", usual="3", words="answers a bind with ESME_RBINDFAIL"),
        Misbehaviour(name="throttling", unit="turns", usual="10", words="answers submit_sm with ESME_RTHROTTLED"),
        Misbehaviour(name="queue_full", unit="turns", usual="10", words="answers submit_sm with ESME_RMSGQFUL"),
        Misbehaviour(name="temporary", unit="turns", usual="10", words="answers submit_sm with ESME_RSYSERR"),
        Misbehaviour(name="permanent", unit="turns", usual="1/1", words="answers submit_sm with ESME_RINVDSTADR"),
        Misbehaviour(name="slow", unit="seconds", usual="2", words="answers each submit_sm that much later"),
        Misbehaviour(name="drop_before_resp", unit="turns", usual="1", words="takes a submit_sm and sends it on, but closes unanswered"),
        Misbehaviour(name="drops_after", unit="PDUs", usual="20", words="closes each session after that many PDUs from it"),
        Misbehaviour(name="unbind_midway", unit="PDUs", usual="20", words="unbinds each session after that many PDUs from it"),
        Misbehaviour(name="wrong_sequence", unit="turns", usual="3", words="answers submit_sm under a sequence number never used"),
        Misbehaviour(name="enquire_ignored", words="never answers enquire_link"),
        Misbehaviour(name="garbage_pdu", words="after each bind sends an unknown command, a broken deliver_sm and a cut one"),
        Misbehaviour(name="bad_length", unit="turns", usual="1", words="after a bind sends a header of impossible length: framing is lost"),
        Misbehaviour(name="receipts_early", words="sends the delivery receipt before the submit_sm_resp"),
        Misbehaviour(name="hex_ids", words="gives message ids in hexadecimal, and in decimal in the receipts"),
        Misbehaviour(name="redelivers", words="delivers every message once more although it was acknowledged"),
        Misbehaviour(name="duplicate_parts", words="sends every part of a long message twice"),
        Misbehaviour(name="parts_shuffled", words="sends what waits in the wrong order, the last first"),
    )
}

#: how a submit_sm is refused (SMPP 3.4 §5.1.3)
_STATUSES: dict[str, int] = {
    "throttling": consts.SMPP_ESME_RTHROTTLED,
    "queue_full": consts.SMPP_ESME_RMSGQFUL,
    "temporary": consts.SMPP_ESME_RSYSERR,
    "permanent": consts.SMPP_ESME_RINVDSTADR,
}


def listing() -> list[str]:
    """One line for each misbehaviour, for `--help`: name, usual amount, what it does."""
    shown = [(each.name + (f"={each.usual}" if each.usual else ""), each.words, each.unit) for each in MISBEHAVIOURS.values()]
    return [f"{name:<20} {words}" + (f" ({unit})" if unit in {"turns", "seconds"} else "") for name, words, unit in shown]


class Faults:
    """The misbehaviours that are on, and how often each had its occasion. Raises ValueError, with the known names, for a wrong one."""

    def __init__(self, asked: Iterable[str] = ()) -> None:
        self._amounts: dict[str, tuple[float, int]] = {}
        self._occasions: Counter[str] = Counter()
        for spelled in asked:
            name, _, amount = spelled.strip().partition("=")
            self._amounts[name] = _amount(name, amount)

    def has(self, name: str) -> bool:
        return name in self._amounts

    def amount(self, name: str) -> float:
        """The number it was given, or its usual one; infinite when it is off, so that "after N" never comes."""
        return self._amounts[name][0] if name in self._amounts else float("inf")

    def strikes(self, name: str) -> bool:
        """True when it is on and this occasion, which is counted, is one of its turns."""
        if name not in self._amounts:
            return False
        self._occasions[name] += 1
        number, every = self._amounts[name]
        return self._occasions[name] % every == 0 if every else self._occasions[name] <= number

    def submit_status(self) -> int:
        """The command_status for the next submit_sm."""
        return next((status for name, status in _STATUSES.items() if self.strikes(name)), 0)


def _amount(name: str, spelled: str) -> tuple[float, int]:
    """(number, 0), or (0, k) for `1/k`."""
    known = MISBEHAVIOURS.get(name)
    if known is None:
        raise ValueError(f"no misbehaviour is called {name!r}; there are: {', '.join(MISBEHAVIOURS)}")
    if spelled and not known.unit:
        raise ValueError(f"{name} takes no amount")
    spelled = spelled or known.usual or "0"
    try:
        if known.unit == "turns" and spelled.startswith("1/") and int(spelled[2:]) > 0:
            return 0.0, int(spelled[2:])
        number = float(spelled) if known.unit == "seconds" else float(int(spelled))
        if not 0 <= number < 1e9:  # float() also reads nan and inf
            raise ValueError(spelled)
        return number, 0
    except ValueError:
        example = "5 or 1/4" if known.unit == "turns" else "5"
        raise ValueError(f"{name}={spelled}: the amount counts {known.unit} and looks like {example}") from None


def garbage(sequence: int) -> list[bytes]:
    """Three whole PDUs that no table describes, under this sequence number and the two after it."""
    broken = b"\x00\x01\x01" + b"6" * 40  # the source address is too long and has no NUL, and nothing follows
    cut = b"\x00\x01\x01628120000\x00\x00\x001708\x00\x40\x00\x00\x00\x00\x00\x00\x00\x00\xa0short"  # sm_length says 160
    return [_pdu(command, sequence + nth, body) for nth, (command, body) in enumerate([(0x0BAD, b"?"), (5, broken), (5, cut)])]


def lost_framing(sequence: int) -> bytes:
    """A header whose command_length is shorter than a header; what follows can no longer be framed (SMPP 3.4 §3.2)."""
    return struct.pack(">LLLL", 3, 5, 0, sequence)


def _pdu(command: int, sequence: int, body: bytes) -> bytes:
    return struct.pack(">LLLL", 16 + len(body), command, 0, sequence) + body
