"""The numbers under the names that dashboards rely on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.metrics import Metrics
from gateway.spread import ACCEPT
from gateway.store.record import Tally

EMPTY = Tally(received={}, cases={}, oldest={}, letters={})


def read(
    metrics: Metrics, tally: Tally = EMPTY, /, leases: Mapping[str, bool] | None = None, **channels: tuple[bool, dict[str, int]]
) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample by name and labels."""
    families = text_string_to_metric_families(metrics.text(tally, channels, {}, leases or {}).decode())
    return {(sample.name, frozenset(sample.labels.items())): sample.value for family in families for sample in family.samples}


def of(name: str, /, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return name, frozenset(labels.items())


def test_what_happened_is_counted_by_channel_ledger_and_outcome() -> None:
    metrics = Metrics()
    metrics.received["telkomsel"] += 5
    metrics.accepted["telkomsel"] += 4
    metrics.duplicates["telkomsel"] += 1
    metrics.refused["telkomsel", "disk_full"] += 1
    metrics.forwarded["http", "registered"] += 3
    metrics.letters["telkomsel", "receipt", "sent"] += 2
    metrics.receipts["telkomsel", "delivered"] += 2
    found = read(metrics, telkomsel=(True, {"reconnect": 7}), indosat=(False, {}))
    assert (
        found.items()
        >= {
            of("lapor_messages_received_total", channel="telkomsel"): 5,
            of("lapor_messages_accepted_total", channel="telkomsel"): 4,
            of("lapor_messages_duplicate_total", channel="telkomsel"): 1,
            of("lapor_messages_refused_total", channel="telkomsel", code="disk_full"): 1,
            of("lapor_forwarded_total", ledger="http", outcome="registered"): 3,
            of("lapor_letters_total", channel="telkomsel", kind="receipt", outcome="sent"): 2,
            of("lapor_receipts_total", channel="telkomsel", state="delivered"): 2,
            of("lapor_channel_up", channel="telkomsel"): 1,
            of("lapor_channel_up", channel="indosat"): 0,
            of("lapor_channel_events_total", channel="telkomsel", event="reconnect"): 7,
        }.items()
    )


def test_what_this_process_keeps_alone_is_told_by_name() -> None:
    found = read(Metrics(), leases={"telkomsel": True, "x": False})
    assert (found[of("lapor_lease_held", name="telkomsel")], found[of("lapor_lease_held", name="x")]) == (1, 0)


def test_the_time_to_a_yes_is_a_histogram_whose_buckets_add_up() -> None:
    metrics = Metrics()
    for channel, seconds in (("sms", 0.0005), ("sms", 0.001), ("web", 0.0011), ("web", 0.3), ("mail", 99)):
        metrics.took(channel, seconds)
    found = read(metrics)
    counts = [found[of("lapor_accept_seconds_bucket", le=str(bound))] for bound in ACCEPT]
    assert counts == sorted(counts)
    assert found[of("lapor_accept_seconds_bucket", le="0.001")] == 2
    assert found[of("lapor_accept_seconds_bucket", le="0.5")] == 4
    assert found[of("lapor_accept_seconds_bucket", le="+Inf")] == found[of("lapor_accept_seconds_count")] == 5
    assert found[of("lapor_accept_seconds_sum")] == pytest.approx(99.3026)


def test_the_time_to_a_number_is_told_by_channel_and_ledger() -> None:
    metrics = Metrics()
    metrics.registered("sms", "http", 0.7)
    metrics.registered("sms", "http", 100_000)
    found = read(metrics)
    assert found[of("lapor_registration_seconds_bucket", channel="sms", ledger="http", le="1.0")] == 1
    assert found[of("lapor_registration_seconds_count", channel="sms", ledger="http")] == 2


def test_cases_are_told_by_step_and_what_does_not_add_up_by_channel() -> None:
    tally = Tally(
        received={"telkomsel": 10, "indosat": 4},
        cases={"telkomsel": {"submit": 2, "done": 7}, "indosat": {"submit": 1, "held": 1, "parked": 1, "declined": 1}},
        oldest={"submit": datetime.now(UTC) - timedelta(seconds=100), "parked": datetime.now(UTC) + timedelta(seconds=100)},
        letters={},
    )
    found = read(Metrics(), tally)
    steps = {step: found[of("lapor_cases", step=step)] for step in ("held", "submit", "triage", "parked", "done", "declined")}
    assert steps == {"held": 1, "submit": 3, "triage": 0, "parked": 1, "done": 7, "declined": 1}
    assert found[of("lapor_conservation_difference", channel="telkomsel")] == 1
    assert found[of("lapor_conservation_difference", channel="indosat")] == 0
    assert 100 <= found[of("lapor_oldest_waiting_seconds", step="submit")] < 160
    assert found[of("lapor_oldest_waiting_seconds", step="parked")] == 0
    assert found[of("lapor_oldest_waiting_seconds", step="held")] == 0


def test_a_gateway_that_has_done_nothing_says_so() -> None:
    found = read(Metrics())
    assert found[of("lapor_accept_seconds_count")] == 0
    assert {value for (name, _), value in found.items() if name != "lapor_accept_seconds_bucket"} == {0}


def test_what_waits_for_the_store_and_what_is_torn_is_told() -> None:
    text = Metrics().text(EMPTY, {}, {}, {}, spool=({"telkomsel": 3}, 2)).decode().splitlines()
    assert {'lapor_spool_waiting{channel="telkomsel"} 3.0', "lapor_spool_torn 2.0"} <= set(text)
