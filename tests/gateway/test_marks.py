"""The mark of our own messages: known with its key, for its channel and its hour, and made by nobody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.marks import HOLDS, Marks

AT = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
MARKS = Marks(b"k" * 32)
MARK = MARKS.made("web", AT)


@given(channel=st.text(), at=st.integers(600_000_000, 13_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
def test_what_is_made_is_known_in_any_text_around_it(channel: str, at: datetime) -> None:
    mark = MARKS.made(channel, at)
    for text in (mark, f"Uji saluran. {mark}", f"({mark})\r\n> dikutip", f"UJI UJIAN {mark}."):
        assert MARKS.known(channel, text, at)


@pytest.mark.parametrize(
    ("channel", "text", "at"),
    [
        ("mail", MARK, AT),
        ("web", MARK, AT + HOLDS + timedelta(minutes=2)),
        ("web", MARK, AT - HOLDS - timedelta(minutes=2)),
        ("web", MARK.lower(), AT),
        ("web", MARK[:-1] + ("0" if MARK[-1] != "0" else "1"), AT),
        ("web", MARK + "A", AT),
        ("web", Marks(b"l" * 32).made("web", AT), AT),
        ("web", "UJI coba saja, jalan rusak", AT),
    ],
)
def test_another_channel_time_or_key_makes_it_a_citizen_s_word(channel: str, text: str, at: datetime) -> None:
    assert not MARKS.known(channel, text, at)


def test_it_is_one_word_that_every_alphabet_has() -> None:
    assert MARK.isalnum()
    assert MARK.isascii()
    assert len(MARK) == 25
