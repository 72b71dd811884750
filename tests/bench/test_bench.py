"""The benchmark's own tools, on one small run. In: a gateway process as a user starts it. Out: figures that are there, not their size."""

from __future__ import annotations

import msgspec

from bench.ledger import Counts, Ledger
from bench.smsc import deliver_sm
from channels.sms.pdu import read_message

HEAD = b"POST /complaints HTTP/1.1"


def test_the_simulated_message_is_one_that_the_gateway_reads() -> None:
    message = read_message(deliver_sm(7, 123))
    assert (message.source, message.destination) == ("6281200000123", "1708")
    assert message.body.startswith(b"#Lapor1708 no00000123 ")


def test_the_ledger_registers_a_reference_once() -> None:
    ledger = Ledger()
    body = msgspec.json.encode({"reference": "7K3Q-9FXM-2CH4", "text": "no00000001 jalan rusak"})
    first, again = ledger.answer(HEAD, body), ledger.answer(HEAD, body)
    assert first == again
    assert ledger.counts == Counts(calls=2, registered=1, repeats=1, messages=1)
