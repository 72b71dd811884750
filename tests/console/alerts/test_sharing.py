"""Two consoles on one store: each with its file, and what they tell each other over the board."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import apsw
import pytest

from gateway.console.alerts import book, sharing, wiring
from gateway.console.alerts.book import Alert, Plan
from gateway.console.alerts.signs import Sign
from gateway.store.board import Pinned

T0 = 1_790_000_000.0
PLAN = Plan(["piket", "kepala"], 900)
DOWN = Sign(kind="channel_down", on="telkomsel", since=datetime.fromtimestamp(T0, UTC), figure=0)


class Console:
    """One of several; `judge` and `listen` are its round with the lease and without."""

    def __init__(self, db: apsw.Connection, notes: dict[str, Pinned]) -> None:
        self.db, self.notes = db, notes
        self.last: datetime | None = None
        self.heard: list[tuple[str, str]] = []
        for table in wiring.TABLES:
            db.execute(table)

    def judge(self, at: float, *signs: Sign) -> None:
        self._hear()
        book.turn(self.db, signs, T0 + at, PLAN)
        self._tell(at, judged=True)

    def listen(self, at: float) -> None:
        self._hear()
        self._tell(at, judged=False)

    def _hear(self) -> None:
        sharing.hear(self.db, self.notes, self.last)
        self.last = self.notes["book"].at if "book" in self.notes else self.last

    def _tell(self, at: float, *, judged: bool) -> None:
        for name, value, _ in sharing.tell(self.db, self.notes, T0 + at, judged=judged):
            self.notes[name] = Pinned(value, datetime.now(UTC))

    def post(self, at: float) -> None:
        """Everybody who is to be told is."""
        for recipient in PLAN.recipients:
            if errand := book.errand(self.db, recipient, T0 + at):
                self.heard += [(recipient, news) for news, _ in errand.news]
                book.told(self.db, errand.letters)

    def alert(self) -> Alert:
        (one,) = book.open_alerts(self.db)
        return one


@pytest.fixture
def two() -> Iterator[tuple[Console, Console]]:
    notes: dict[str, Pinned] = {}
    with closing(apsw.Connection(":memory:")) as one, closing(apsw.Connection(":memory:")) as other:
        yield Console(one, notes), Console(other, notes)


def opened(a: Console, b: Console) -> None:
    """Both know of it, and the first recipient has been told by the one that judges."""
    for at in (0, 61):
        a.judge(at, DOWN)
    a.post(61)
    a.judge(75, DOWN)
    b.listen(76)
    assert a.heard == [("piket", "opened")]


def test_what_one_judges_the_other_shows_and_tells_nobody(two: tuple[Console, Console]) -> None:
    a, b = two
    opened(a, b)
    assert (b.alert().key, b.alert().since, b.alert().opened) == (a.alert().key, a.alert().since, a.alert().opened)
    b.post(1000)
    assert b.heard == []
    a.judge(100)
    a.judge(300)
    b.listen(301)
    assert book.open_alerts(b.db) == []
    assert [alert.key for alert in book.past(b.db, 9)] == ["channel_down:telkomsel"]
    b.post(302)
    assert b.heard == []


def test_what_was_taken_on_at_one_is_so_at_the_other_and_goes_to_nobody_else(two: tuple[Console, Console]) -> None:
    a, b = two
    opened(a, b)
    assert book.take(b.db, b.alert().id, "siti", T0 + 80)
    b.listen(90)
    for at in (100, 1200):
        a.judge(at, DOWN)
        a.post(at)
    assert (a.alert().by, a.alert().taken) == ("siti", T0 + 80)
    assert a.heard == [("piket", "opened")]


def test_of_two_who_take_the_same_on_the_first_has_it(two: tuple[Console, Console]) -> None:
    a, b = two
    opened(a, b)
    book.take(b.db, b.alert().id, "siti", T0 + 80)
    book.take(a.db, a.alert().id, "rini", T0 + 82)
    a.judge(90, DOWN)
    b.listen(91)
    a.judge(105, DOWN)
    b.listen(106)
    assert a.alert().by == b.alert().by == "siti"


def test_a_mute_and_its_end_are_heard_and_the_last_word_counts(two: tuple[Console, Console]) -> None:
    a, b = two
    opened(a, b)
    book.mute(b.db, b.alert().id, T0 + 80, 3600, by="siti", words="galian")
    b.listen(90)
    a.judge(91, DOWN)
    assert a.alert().muted == T0 + 3680
    book.unmute(a.db, a.alert().id, "rini", T0 + 95)
    a.judge(106, DOWN)
    b.listen(107)
    assert a.alert().muted is b.alert().muted is None
    book.mute(a.db, a.alert().id, T0 + 110, 60, by="rini", words="sebentar")
    a.judge(111, DOWN)
    b.listen(112)
    assert b.alert().muted == T0 + 170


def test_when_another_one_judges_nobody_is_told_twice_and_each_hears_that_it_is_over(two: tuple[Console, Console]) -> None:
    a, b = two
    opened(a, b)
    for at in (130, 145):  # the first one is gone
        b.judge(at, DOWN)
        b.post(at)
    assert b.heard == []
    b.judge(1000, DOWN)
    b.post(1000)
    assert b.heard == [("kepala", "opened")]
    for at in (1015, 1140):
        b.judge(at)
        b.post(at)
    assert b.heard == [("kepala", "opened"), ("piket", "closed"), ("kepala", "closed")]
    a.listen(1150)  # it is back
    a.post(1150)
    assert book.open_alerts(a.db) == []
    assert a.heard == [("piket", "opened")]


def test_what_the_one_had_not_said_yet_the_other_says(two: tuple[Console, Console]) -> None:
    a, b = two
    for at in (0, 61):
        a.judge(at, DOWN)
    b.judge(110, DOWN)
    b.post(110)
    assert b.heard == [("piket", "opened")]


def test_what_comes_back_soon_must_be_taken_on_again(two: tuple[Console, Console]) -> None:
    a, b = two
    opened(a, b)
    book.take(b.db, b.alert().id, "siti", T0 + 80)
    b.listen(90)
    for at in (100, 115, 240):
        a.judge(at)
    b.listen(241)
    a.judge(600, DOWN)
    b.listen(601)
    assert a.alert().taken is b.alert().taken is None
    a.post(600)
    assert a.heard[-1] == ("piket", "opened")


def test_that_it_is_over_is_said_by_the_one_who_found_it_so_also_when_it_judges_no_more(two: tuple[Console, Console]) -> None:
    a, b = two
    opened(a, b)
    for at in (100, 300):
        a.judge(at)
    b.judge(310)
    a.listen(320)
    a.post(320)
    assert a.heard == [("piket", "opened"), ("piket", "closed")]
    b.post(320)
    assert b.heard == []


@pytest.mark.parametrize("name", ["book", "take channel_down:telkomsel", "mute channel_down:telkomsel", "else"])
@pytest.mark.parametrize("value", [b"", b"{}", b'{"kind": "of another version"}'])
def test_a_note_of_another_version_is_left_alone(two: tuple[Console, Console], name: str, value: bytes) -> None:
    a, b = two
    opened(a, b)
    b.notes[name] = Pinned(value, datetime.now(UTC))
    b.listen(90)
    assert b.alert().taken is b.alert().muted is None


def test_the_processes_of_one_machine_share_a_file_and_are_one(two: tuple[Console, Console]) -> None:
    a, _ = two
    beside = Console(a.db, a.notes)
    for at in (0, 61):
        a.judge(at, DOWN)
        beside.listen(at + 1)
    a.post(63)
    assert a.heard == [("piket", "opened")]


def test_an_old_word_of_another_does_not_undo_what_was_judged_while_the_store_was_away(two: tuple[Console, Console]) -> None:
    a, b = two
    a.judge(0)
    b.listen(1)
    away = Sign(kind="store_away", on="", since=datetime.fromtimestamp(T0, UTC), figure=0)
    notes = b.notes
    for at in (20, 60):
        b.notes = {}
        b.judge(at, away)
    b.notes = notes
    b.judge(75)
    assert b.alert().kind == "store_away"
