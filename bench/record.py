"""What a canonical record costs: reading a typical SMS and normalising it.

In: nothing. Out: microseconds of processor time. It is pure computing by the rules that the gateway comes with; once these are loaded,
no disk and no socket has a part in it.
"""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime

import msgspec

from bench.smsc import deliver_sm
from channels.base import Arrival
from channels.sms import reading
from config.settings import load
from gateway.app import rules as shipped
from normalizer.normalize import normalize

RECORDS, ROUNDS = 2_000, 15


def record_us() -> float:
    """The median over the rounds, for one record."""
    sms = reading.Rules(short_code="1708")
    rules = msgspec.structs.replace(shipped(load(None, {})), channels={"bench": "sms.esme"})
    now = datetime.now(UTC)
    arrivals = [Arrival(channel="bench", source_id=f"{n:032x}", raw=deliver_sm(n, n), received_at=now) for n in range(RECORDS)]
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for arrival in arrivals:
            normalize(reading.decode(arrival, (), sms), case_id="1", reference="7K3Q-9FXM-2CH4", rules=rules)
        rounds.append((time.process_time() - began) / RECORDS)
    return statistics.median(rounds) * 1e6
