"""What is written down, and what never is."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from gateway.journal import Journal, Lines

TOP = Path(__file__).parents[2]


def lines(raw: bytes) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in raw.splitlines()]


def test_a_line_is_json_with_a_word_a_case_a_channel_and_a_time() -> None:
    out = io.BytesIO()
    journal = Journal(Lines(out))
    before = datetime.now(UTC)
    journal.say("retried", "17", "telkomsel", code="http_503", attempts=2)
    journal.state("started", channels=1)
    journal.trouble("door_fell", channel="telkomsel")
    assert out.getvalue() == b""
    journal.lines.flush()
    journal.lines.flush()
    said, state, trouble = lines(out.getvalue())
    at = datetime.fromisoformat(said.pop("at"))
    assert before <= at <= datetime.now(UTC)
    assert said == {"event": "retried", "level": "info", "case": "17", "channel": "telkomsel", "code": "http_503", "attempts": 2}
    assert (state["event"], state["level"], state["channels"]) == ("started", "info", 1)
    assert (trouble["event"], trouble["level"]) == ("door_fell", "warning")


def test_a_reader_that_went_away_stops_nobody() -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb", buffering=0) as out:
        journal = Journal(Lines(out))
        for _ in range(2):
            journal.state("started")
            journal.lines.flush()


LIBRARIES = """
import logging
import warnings
from gateway.journal import opened
journal = opened()
log = logging.getLogger("somebody")
log.info("not told: %s", "x")
log.warning("from %s about %s", "+62 812-0000-0001", "7K3Q-9FXM-2CH4")
log.warning("token %s", "A" * 40)
log.warning("550 no mailbox %s for B 1234 XYZ", "budi@contoh.id")
try:
    raise ValueError("rumah saya di Jalan Kenanga 7")
except ValueError:
    log.exception("it fell")
log.error("a very long line " * 1000)
log.error("Error handling request from %s", "2001:db8::7")
log.error("Error handling request from %s", "9.9.9.9")
log.error("Task exception was never retrieved\\nfuture: <Task exception=ValueError('Jalan Kenanga 7')>")
warnings.warn("ktp_warga.jpg", UserWarning)
journal.lines.flush()
"""


def test_what_libraries_log_is_masked_and_in_the_same_form() -> None:
    ran = subprocess.run([sys.executable, "-c", LIBRARIES], cwd=TOP, capture_output=True, check=True)
    named, token, mail, fell, long, six, four, task, warned = lines(ran.stderr)
    assert (named["event"], named["logger"], named["words"]) == ("library", "somebody", "from *** about ***")
    assert token["words"] == "token ***"
    assert mail["words"] == "550 no mailbox [surel] for [TNKB]"
    assert (fell["words"], fell["error"]) == ("it fell", "ValueError")
    assert b"Kenanga" not in ran.stderr
    assert len(long["words"]) == 500
    assert six["words"] == four["words"] == "Error handling request from ***"
    assert task["words"] == "Task exception was never retrieved"
    assert (warned["logger"], warned["error"]) == ("warnings", "UserWarning")
    assert b"ktp" not in ran.stderr
    assert ran.stdout == b""
