"""What a canonical record costs: reading a typical SMS and normalising it, and a text of 10,000 characters.

In: nothing; the messages are those of `evaluation/` that are there to tune on. Out: what was seen, in processor time. It is pure computing
by the rules that the gateway comes with; once these are loaded, no disk and no socket has a part in it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import msgspec

from bench.smsc import deliver_sm
from bench.table import Target
from channels.base import Arrival, InboundMessage
from channels.sms import reading
from config.settings import load
from evaluation.messages import inbound, labelled
from gateway.outfit import rules as shipped
from normalizer.normalize import normalize
from normalizer.rules import Rules

RECORDS, ROUNDS = 500, 15
LONG = 10_000


def targets() -> list[Target]:
    """What is promised of a record, and what was seen."""
    rules = msgspec.structs.replace(shipped(load(None, {})), channels={"bench": "sms.esme", "sms": "sms.esme"})
    messages = [inbound(one) for one in labelled("tune") if one.channel == "sms"]
    long = msgspec.structs.replace(messages[0], text="\n".join(message.text for message in messages)[:LONG])
    of_each = statistics.median(_spent(partial(_record, message, rules)) for message in messages)
    return [
        Target(what="reading and normalising the SMS of the bursts", wanted=100, seen=_burst_us(rules), unit="µs", low=True),
        Target(what=f"normalising an SMS, the median of {len(messages)}", wanted=100, seen=of_each * 1e6, unit="µs", low=True),
        Target(what="normalising 10,000 characters", wanted=2, seen=_spent(partial(_record, long, rules)) * 1e3, unit="ms", low=True),
    ]


def _burst_us(rules: Rules) -> float:
    """For one of many that differ in a number; the bytes are read, too."""
    sms, now = reading.Rules(short_code="1708"), datetime.now(UTC)
    arrivals = [Arrival(channel="bench", source_id=f"{n:032x}", raw=deliver_sm(n, n), received_at=now) for n in range(RECORDS)]

    def all_of_them() -> None:
        for arrival in arrivals:
            _record(reading.decode(arrival, (), sms), rules)

    return _spent(all_of_them) / RECORDS * 1e6


def _record(message: InboundMessage, rules: Rules) -> None:
    normalize(message, case_id="1", reference="7K3Q-9FXM-2CH4", rules=rules)


def _spent(work: Callable[[], object]) -> float:
    """Seconds of processor time, the median of the rounds."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        rounds.append(time.process_time() - began)
    return statistics.median(rounds)
