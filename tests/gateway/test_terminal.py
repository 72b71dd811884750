"""What operators see: words of citizens, providers and ledgers, which steer neither the table nor the terminal."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import pytest

from channels.base import Arrival, Enclosure
from gateway import terminal, view
from gateway.desk import Status
from gateway.spool.home import SpoolState
from gateway.store.fencing import Held
from gateway.store.happenings import Act
from gateway.store.record import Case, Life, Tally
from gateway.store.trying import LEDGER, Try
from gateway.view import Seen, Traced

AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
HOSTILE = "[/red] \x1b[2J\u202e[link=https://jahat.example]foto[/link]"


def test_words_of_others_are_shown_as_they_stand_there(capsys: pytest.CaptureFixture[str]) -> None:
    case = Case(
        case_id="1",
        reference="7K3Q-9FXM-2CH4",
        step="parked",
        arrival=Arrival(channel="telegram", source_id="1", raw=b"x", received_at=AT),
        words=HOSTILE,
        files=(Enclosure(name=HOSTILE, media_type="image/jpeg", size=3),),
    )
    terminal.show_cases([Seen(case=case, complaint=None)], "parked", as_json=False)
    acts = (Act(at=AT, by="petugas", act="retry", words=HOSTILE),)
    traced = Traced(case=case, complaint=None, life=Life(case=case, record=None, letters=(), files=(), acts=acts))
    terminal.show_life(view.life(traced, deciding=False), as_json=False)
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert shown.count("[/red]") == 4


def test_tries_are_told_with_what_they_were_of_and_how_long_they_took(capsys: pytest.CaptureFixture[str]) -> None:
    tries = (
        Try(of=LEDGER, nth=1, at=AT, took_s=30.0, step="submit", code="timeout"),
        Try(of="1:registered", nth=2, at=AT, took_s=0.25, step="sent"),
    )
    arrival = Arrival(channel="telkomsel", source_id="1", raw=b"x", received_at=AT)
    case = Case(case_id="1", reference="7K3Q-9FXM-2CH4", step="submit", arrival=arrival)
    life = Life(case=case, record=None, letters=(), files=(), acts=(), tries=tries)
    terminal.show_life(view.life(Traced(case=case, complaint=None, life=life), deciding=False), as_json=False)
    shown = " ".join(capsys.readouterr().out.split())
    assert "try 1: ledger" in shown
    assert "30 s, timeout" in shown
    assert "try 2: registered" in shown
    assert "0.25 s, sent" in shown


@pytest.mark.parametrize(
    ("state", "kept", "word"),
    [
        ({"up": True, "held": True}, True, "up"),
        ({"up": False, "held": False}, True, "other"),
        ({"up": False, "held": False}, False, "down"),
        ({"up": False, "held": True}, True, "down"),
        ({"up": False, "held": None}, False, "down"),
        (None, True, "?"),
    ],
)
def test_a_door_that_another_process_keeps_is_not_called_down(
    state: object, kept: bool, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    leases = [Held(name="sms", holder="gw-2/17/5f3a", token=3, left_s=5.0)] if kept else []
    found = Status(
        running=True, tally=Tally(received={"sms": 1}, cases={}, oldest={}, letters={}), spool=SpoolState(waiting={}, torn=0),
        channels={} if state is None else {"sms": state}, leases=leases,
    )  # fmt: skip
    terminal.show_status(found, as_json=False)
    shown = capsys.readouterr().out
    assert next(line.split()[1] for line in shown.splitlines() if line.split()[:1] == ["sms"]) == word
    assert ("sms: kept by gw-2/17/5f3a" in shown) == kept


LONG = "operator-nasional"


def _counted() -> Status:
    tally = Tally(received={LONG: 123456}, cases={LONG: {"submit": 123456}}, oldest={}, letters={})
    return Status(running=True, tally=tally, spool=SpoolState(waiting={}, torn=0), channels={LONG: {"up": True}}, leases=[])


def test_into_a_pipe_a_row_is_a_line_and_nothing_is_cut(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    terminal.show_status(_counted(), as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in lines if "up" in line.split()] == [[LONG, "up", "123456"]]
    assert "channel door came held asked submit worklist triage parked done declined diff" in [" ".join(line.split()) for line in lines]
    assert lines == [line.rstrip() for line in lines]


def test_a_terminal_folds_what_it_has_no_room_for(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")  # 80 columns and no colours
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    terminal.show_status(_counted(), as_json=False)
    case = Case(
        case_id="1",
        reference="7K3Q-9FXM-2CH4",
        step="parked",
        arrival=Arrival(channel="web", source_id="1", raw=b"x", received_at=AT),
        words="https://contoh.example/" + "a" * 100,
    )
    traced = Traced(case=case, complaint=None, life=Life(case=case, record=None, letters=(), files=(), acts=()))
    terminal.show_life(view.life(traced, deciding=False), as_json=False)
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 80
    assert LONG in shown
    assert "\N{HORIZONTAL ELLIPSIS}" not in shown
    assert shown.count("a" * 10) >= 9
