"""How long a look-up that finds nothing proves nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from channels.base import Refused, Unavailable
from forwarder.doubt import PATIENCE, Doubts
from tests.forwarder.records import AT, reference


class Watch:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.gone = timedelta(0)
        self.doubts = Doubts(300.0, lambda: AT + self.gone)

    def missed(self) -> tuple[str, float | None] | None:
        """How the look-up ends for the first reference; None when it proves that there is nothing."""
        try:
            self.doubts.missed(reference(1))
        except Unavailable as waiting:
            assert waiting.unsure
            return waiting.code, waiting.retry_after
        return None


def test_what_was_told_in_an_earlier_life_may_be_listed_later() -> None:
    watch = Watch()
    assert watch.missed() == ("not_listed_yet", 300.0)
    watch.gone = timedelta(seconds=301)
    assert watch.missed() is None


def test_a_call_without_a_clear_answer_counts_from_its_end_until_it_is_found() -> None:
    watch = Watch()
    watch.gone = timedelta(hours=1)
    watch.doubts.begin(reference(1))
    watch.gone += timedelta(seconds=100)
    assert watch.missed() == ("not_listed_yet", 200.0)
    watch.doubts.end(reference(1))
    assert watch.missed() is None


@pytest.mark.parametrize(("token", "code"), [("777", "token_pending"), ("", "no_id")])
def test_what_the_ledger_said_that_it_took_is_a_person_s_matter_in_the_end(token: str, code: str) -> None:
    watch = Watch()
    watch.doubts.begin(reference(1), taken=True, token=token)
    assert watch.doubts.token(reference(1)) == token
    watch.gone = PATIENCE - timedelta(seconds=1)
    watch.doubts.begin(reference(1), taken=True)
    assert watch.missed() == (code, None)
    watch.gone += timedelta(seconds=1)
    with pytest.raises(Refused, match="unknown"):
        watch.missed()
