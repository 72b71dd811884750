"""What operators see: words of citizens, providers and ledgers, which steer neither the table nor the terminal."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from channels.base import Arrival, Enclosure
from gateway import terminal, view
from gateway.store.record import Act, Case, Life
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
