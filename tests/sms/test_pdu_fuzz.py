"""Mutated PDUs: whatever the octets are, the readers answer with a record or with their own two exceptions."""

from __future__ import annotations

import random
import struct
from collections import Counter
from datetime import UTC, datetime

import pytest

from channels.base import Part
from channels.sms import pdu, reading
from tests.sms.wire import FOLDER, captured

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
RULES = reading.Rules(short_code="1708", id_tlv=0x1401)
LONG = pdu.write_message(pdu.ShortMessage(command=pdu.DELIVER_SM, source="628120000001", body=b"x" * 300, tlvs={0x1401: b"1" * 30}))
SEEDS = [captured(path.stem) for path in sorted(FOLDER.glob("*.hex"))] + [LONG]
#: octets on which layouts turn
SHARP = (0x00, 0x01, 0x04, 0x10, 0x1B, 0x24, 0x40, 0x7F, 0x80, 0xFE, 0xFF)


def mutated(dice: random.Random) -> bytes:
    """A PDU with one to four faults; its command_length is made right again three times of four, so that readers get past it."""
    raw = bytearray(dice.choice(SEEDS))
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(raw)) if raw else 0
        match dice.randrange(6):
            case 0 | 1:
                raw[at : at + 1] = bytes((dice.choice(SHARP),))
            case 2:
                raw[at : at + 1] = bytes((dice.randrange(256),))
            case 3:
                del raw[at : at + dice.randint(1, 30)]
            case 4:
                raw[at:at] = dice.randbytes(dice.randint(1, 30))
            case _:
                raw[at:at] = raw[dice.randrange(len(raw) + 1) :][:20]
    if len(raw) >= 16 and dice.randrange(4):
        struct.pack_into(">I", raw, 0, len(raw))
    return bytes(raw)


def read_all(raw: bytes) -> str:
    """Everything that is done with a PDU, from the wire to the text; which of its ways it went."""
    arrival = reading.unreadable("telkomsel", raw, NOW, NOW)
    try:
        pdu.read_answer(raw)
        return "answer"
    except pdu.Malformed:
        pass
    try:
        message = pdu.read_message(raw)
    except pdu.Malformed as fault:
        assert fault.status
        return "malformed"
    if reading.is_receipt(message):
        try:
            reading.read_receipt("telkomsel", message, NOW)
        except ValueError:
            return "receipt without an id"
        return "receipt"
    kept = reading.read_arrival("telkomsel", raw, message, now=NOW, since=NOW, rules=RULES)
    reading.decode(arrival, [kept] if isinstance(kept, Part) else [], RULES)
    return type(kept).__name__


def read_mutants(octets: int, dice: random.Random) -> Counter[str]:
    """Read PDUs of so many octets in all, alone and as a stream."""
    ways: Counter[str] = Counter()
    stream = b""
    while octets > 0:
        raw = mutated(dice)
        octets -= len(raw)
        ways[read_all(raw)] += 1
        stream += raw
        if len(stream) > 2_000:
            try:
                _, stream = pdu.split(stream)
            except pdu.FramingLost:
                ways["framing lost"] += 1
                stream = b""
    return ways


WAYS = {"answer", "malformed", "receipt", "receipt without an id", "Arrival", "Part", "framing lost"}


@pytest.mark.parametrize("octets", [1_000_000, pytest.param(10_000_000, marks=pytest.mark.soak)])
def test_mutated_pdus_raise_nothing_but_what_is_said(octets: int) -> None:
    # pytest prints the seed of `random`, so that a run can be repeated
    assert set(read_mutants(octets, random.Random(random.getrandbits(64)))) == WAYS
