"""The numbers that Prometheus reads.

In: what happens, counted as it happens, and a tally of the store at each reading. Out: the text of `/metrics`, with the names of
design §6. Labels name channels, steps and outcomes, never a person.

The hot counts are plain integers here, and become Prometheus' families when somebody reads them: a labelled counter of the library
costs as much as reading an SMS.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from gateway.findings import NOT_FROM_HERE, Finding
from gateway.spread import ACCEPT, REGISTER, Spread
from gateway.store.record import OPEN_STEPS, STEPS, Tally


class Metrics:
    """Counts since the process began."""

    def __init__(self) -> None:
        """All zero."""
        self.received: Counter[str] = Counter()
        self.accepted: Counter[str] = Counter()
        self.duplicates: Counter[str] = Counter()
        self.refused: Counter[tuple[str, str]] = Counter()
        self.forwarded: Counter[tuple[str, str]] = Counter()
        self.aside: Counter[tuple[str, str, str]] = Counter()
        self.letters: Counter[tuple[str, str, str]] = Counter()
        self.receipts: Counter[tuple[str, str]] = Counter()
        self.files: Counter[tuple[str, str]] = Counter()
        self.events: Counter[tuple[str, str]] = Counter()
        #: by channel: from the wire to the yes
        self.accepting: defaultdict[str, Spread] = defaultdict(lambda: Spread(ACCEPT))
        #: by channel and ledger: from the message to its number
        self.registering: defaultdict[tuple[str, str], Spread] = defaultdict(lambda: Spread(REGISTER))

        #: our own tries of doors: by channel and outcome; by channel, until the yes or the answer, and until the record
        self.probes: Counter[tuple[str, str]] = Counter()
        #: of what came, by channel: messages of our own
        self.entered: Counter[str] = Counter()
        self.answering: defaultdict[str, Spread] = defaultdict(lambda: Spread(ACCEPT))
        self.recording: defaultdict[str, Spread] = defaultdict(lambda: Spread(REGISTER))

    def took(self, channel: str, seconds: float) -> None:
        """A door said yes this long after it had the message."""
        self.accepting[channel].add(seconds)

    def registered(self, channel: str, ledger: str, seconds: float) -> None:
        """A ledger gave a number this long after the message came."""
        self.registering[channel, ledger].add(seconds)

    def probed(self, finding: Finding) -> None:
        """A door was tried. One that lets in certain addresses only, of which ours is none, says nothing of itself."""
        if finding.why == NOT_FROM_HERE:
            return
        self.probes[finding.channel, "well" if finding.up else "failed"] += 1
        for spreads, seconds in ((self.answering, finding.answered_s), (self.recording, finding.recorded_s)):
            if seconds is not None:
                spreads[finding.channel].add(seconds)

    def text(
        self, tally: Tally, channels: Mapping[str, tuple[bool, Mapping[str, int]]], ledgers: Mapping[str, bool], leases: Mapping[str, bool],
        *, modes: Mapping[str, str] = {}, probes: Sequence[Finding] = (), spool: tuple[Mapping[str, int], int] = ({}, 0),
    ) -> bytes:  # fmt: skip
        """Everything, as Prometheus reads it. `channels`: by name, whether it is up and its own counts; `ledgers`: which are up; `leases`:
        which are held here; `modes`: what officers want of channels; `spool`: what waits there, by channel, and how many of its files are
        in quarantine."""
        registry = CollectorRegistry(auto_describe=False)
        families = [
            *self._own(),
            *_store(tally),
            *_channels(channels),
            _ledgers(ledgers),
            _leases(leases),
            _paused(modes),
            *_probes(probes),
            *_spool(*spool),
        ]
        registry.register(_Reading(families))
        return generate_latest(registry)

    def _own(self) -> Iterator[Metric]:
        yield _counter("lapor_messages_received", "Messages and parts that came to a door", ("channel",), self.received)
        yield _counter("lapor_messages_accepted", "Messages and parts that a door said yes to", ("channel",), self.accepted)
        yield _counter("lapor_messages_duplicate", "Accepted ones that were here already", ("channel",), self.duplicates)
        yield _counter("lapor_messages_refused", "Messages that could not be kept, by reason", ("channel", "code"), self.refused)
        yield _counter("lapor_forwarded", "Attempts to register a case, by outcome", ("ledger", "outcome"), self.forwarded)
        yield _counter("lapor_aside", "Messages put aside by what they say, and why", ("channel", "step", "code"), self.aside)
        yield _counter("lapor_files", "Attempts to bring a file to a ledger, by outcome", ("ledger", "outcome"), self.files)
        yield _counter("lapor_letters", "Answers to citizens, by outcome", ("channel", "kind", "outcome"), self.letters)
        yield _counter("lapor_receipts", "Delivery receipts of operators", ("channel", "state"), self.receipts)
        yield _counter("lapor_ledger_events", "What ledgers told us, by what became of it", ("ledger", "outcome"), self.events)
        yield _counter("lapor_probes", "Our own tries of a door, by outcome", ("channel", "outcome"), self.probes)
        accept = HistogramMetricFamily("lapor_accept_seconds", "From the wire to the yes")
        every = _together(self.accepting.values())
        accept.add_metric([], every.within(), every.seconds)
        yield accept
        register = HistogramMetricFamily(
            "lapor_registration_seconds", "From the message to its number from the ledger", labels=("channel", "ledger")
        )
        for key, spread in sorted(self.registering.items()):
            register.add_metric(list(key), spread.within(), spread.seconds)
        yield register


def _together(spreads: Iterable[Spread]) -> Spread:
    """All channels as one."""
    total = Spread(ACCEPT)
    for spread in spreads:
        total.counts = [a + b for a, b in zip(total.counts, spread.counts, strict=True)]
        total.seconds += spread.seconds
    return total


class _Reading:
    """The families of one reading."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> list[Metric]:
        return self._families


def _counter(name: str, words: str, labels: tuple[str, ...], counts: Mapping[Any, int]) -> Metric:
    family = CounterMetricFamily(name, words, labels=labels)
    for key, n in sorted(counts.items()):
        family.add_metric([key] if isinstance(key, str) else list(key), n)
    return family


def _store(tally: Tally) -> Iterator[Metric]:
    cases: Counter[str] = Counter(dict.fromkeys(STEPS, 0))
    for steps in tally.cases.values():
        cases.update(steps)
    yield _gauge("lapor_cases", "Cases, by where they stand", ("step",), {(step,): n for step, n in cases.items()})
    oldest = {(step,): _age(tally.oldest.get(step)) for step in OPEN_STEPS}
    yield _gauge("lapor_oldest_waiting_seconds", "How long the oldest case of a step has waited", ("step",), oldest)
    waiting = {(channel,): _age(since) for channel, since in (dict.fromkeys(tally.received) | dict(tally.waiting)).items()}
    words = "How long the oldest case of a channel has waited for its ledger"
    yield _gauge("lapor_channel_oldest_waiting_seconds", words, ("channel",), waiting)
    letters = {(channel, step): n for channel, steps in tally.letters.items() for step, n in steps.items()}
    yield _gauge("lapor_letters_standing", "Answers to citizens, by where they stand", ("channel", "step"), letters)
    difference = {(channel,): n - sum(tally.cases.get(channel, {}).values()) for channel, n in tally.received.items()}
    yield _gauge("lapor_conservation_difference", "Received less forwarded, waiting, triage, parked and declined", ("channel",), difference)


def _age(since: datetime | None) -> float:
    return 0.0 if since is None else max(time.time() - since.timestamp(), 0.0)


def _channels(channels: Mapping[str, tuple[bool, Mapping[str, int]]]) -> Iterator[Metric]:
    yield _gauge(
        "lapor_channel_up", "1 while an answer could be sent", ("channel",), {(name,): int(up) for name, (up, _) in channels.items()}
    )
    events = {(name, word): n for name, (_, counts) in channels.items() for word, n in counts.items()}
    yield _counter("lapor_channel_events", "What a channel met: reconnects, unreadable PDUs …", ("channel", "event"), events)


def _ledgers(ledgers: Mapping[str, bool]) -> Metric:
    return _gauge("lapor_ledger_up", "1 while the ledger answers", ("ledger",), {(name,): int(up) for name, up in ledgers.items()})


def _leases(leases: Mapping[str, bool]) -> Metric:
    words = "1 while this process keeps a door that one at a time may keep"
    return _gauge("lapor_lease_held", words, ("name",), {(name,): int(held) for name, held in leases.items()})


def _paused(modes: Mapping[str, str]) -> Metric:
    words = "1 while an officer has paused or drained a channel, which then may be down and lets nothing in"
    return _gauge("lapor_channel_paused", words, ("channel",), {(name,): int(mode != "open") for name, mode in modes.items()})


def _probes(findings: Sequence[Finding]) -> Iterator[Metric]:
    up = {(each.channel,): int(each.up) for each in findings}
    yield _gauge("lapor_probe_up", "1 while the last try of a door went well", ("channel",), up)
    words = "How long the last try of a door waited: for its yes, its record, an answer, or a link"
    took = {(each.channel, of): seconds for each in findings for of, seconds in each.took_s.items()}
    yield _gauge("lapor_probe_seconds", words, ("channel", "of"), took)


def _spool(waiting: Mapping[str, int], torn: int) -> Iterator[Metric]:
    words = "Messages, parts and receipts on this machine's disk until the store has them"
    yield _gauge("lapor_spool_waiting", words, ("channel",), {(channel,): n for channel, n in waiting.items()})
    yield _gauge("lapor_spool_torn", "Spool files in which something could not be read", (), {(): torn})


def _gauge(name: str, words: str, labels: tuple[str, ...], values: Mapping[Any, float]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=labels)
    for key, value in sorted(values.items()):
        family.add_metric(list(key), value)
    return family
