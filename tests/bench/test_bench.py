"""The benchmark's own tools, on one small run. In: a gateway process as a user starts it. Out: figures that are there, not their size."""

from __future__ import annotations

from pathlib import Path

import msgspec
import uvloop

from bench import kannel, record, table
from bench.flush import compiled
from bench.ledger import Counts, Ledger
from bench.measure import Bench, Plan, Summary, once
from bench.smsc import Load, deliver_sm, handset
from channels.sms.pdu import ShortMessage, read_message, write_message

HEAD = b"POST /complaints HTTP/1.1"


def test_the_simulated_message_is_one_that_the_gateway_reads() -> None:
    message = read_message(deliver_sm(7, 123))
    assert (message.source, message.destination) == ("6281200000123", "1708")
    assert message.body.startswith(b"#Lapor1708 no00000123 ")


def test_an_answer_is_matched_by_its_handset() -> None:
    answer = ShortMessage(command=0x4, sequence=1, source="1708", destination="6281200000123", body=b"Laporan Anda kami terima.")
    assert handset(write_message(answer)) == 123


def test_the_ledger_registers_a_reference_once() -> None:
    ledger = Ledger()
    body = msgspec.json.encode({"reference": "7K3Q-9FXM-2CH4", "text": "no00000001 jalan rusak"})
    first, again = ledger.answer(HEAD, body), ledger.answer(HEAD, body)
    assert first == again
    assert ledger.counts == Counts(calls=2, registered=1, repeats=1, messages=1)


def test_a_small_load_comes_back_whole_and_is_written_as_a_row(tmp_path: Path) -> None:
    plan = Plan(title=table.BURST, peer="gateway", load=Load(count=200))
    result = uvloop.run(once(plan, Bench(folder=tmp_path, library=compiled(tmp_path), settle_s=0.2)))
    assert (result.figures.acknowledged, result.figures.answered, result.registered) == (200, 200, 200)
    assert result.flushes is None or result.flushes > 0
    summary = Summary.of([result])
    assert summary.missing == 0
    assert "| window 100 | gateway | " in table.results([summary])
    assert "| not measured |" in table.promises(table.targets(table.Seen([summary])))


def test_a_target_says_by_how_much_it_is_missed() -> None:
    assert table.Target(what="so fast", wanted=2, seen=1.5).row()[-1] == "missed by 25%"
    assert table.Target(what="so soon", wanted=20, seen=15, unit="ms", low=True).row()[-1] == "met"


def test_the_peer_is_told_to_ask_our_ledger(tmp_path: Path) -> None:
    written = kannel.configuration(tmp_path, "spool", kannel.Ports(1, 2, 3, 4, 5)).read_text()
    assert "port = 4\n" in written
    assert '"http://127.0.0.1:5/plain?' in written


def test_a_record_costs_something() -> None:
    assert all(target.seen and target.seen > 0 for target in record.targets())
