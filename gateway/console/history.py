"""The history that the gateway keeps of itself, in bounded space: fine for a day, coarser for a week and for weeks, coarse for a year.

In: slices as they happen. Out: slices of a span. Every row has a place that is used again when its span is over (round robin), so the
file does not grow with the years. Runs in the cabinet's thread; touches nothing else.

Several processes of one machine share the file: whoever is first to look in a minute writes it, against what was last counted, which
stands in the file too; so nothing is counted twice, and what came while no console ran is counted when one runs again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

import apsw
import msgspec

from gateway.console.slices import Counted, Slice


class Span(NamedTuple):
    """How finely it is kept, in seconds, and how many of them."""

    every_s: int
    rows: int


MINUTE: Final = Span(60, 1440)
TEN_MINUTES: Final = Span(600, 1008)
HOUR: Final = Span(3600, 1680)
QUARTER_DAY: Final = Span(21_600, 1461)
#: a day, a week, ten weeks, a year
SPANS: Final = (MINUTE, TEN_MINUTES, HOUR, QUARTER_DAY)

TABLES: Final = (
    """CREATE TABLE IF NOT EXISTS history(
        subject TEXT NOT NULL, every_s INTEGER NOT NULL,
        place INTEGER NOT NULL,             -- which of the rows of its span; used again
        nth INTEGER NOT NULL,               -- which span since 1970
        slice BLOB NOT NULL,
        PRIMARY KEY (every_s, subject, place)
    ) WITHOUT ROWID""",
    "CREATE TABLE IF NOT EXISTS history_counted(who TEXT PRIMARY KEY, counted BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS history_minute(one INTEGER PRIMARY KEY CHECK (one = 1), nth INTEGER NOT NULL)",
)

#: among those who count; the others are processes
STORE: Final = "store"

_pack, _unpack = msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder(Slice).decode
_unpack_counted = msgspec.msgpack.Decoder(Counted).decode


class Moment(NamedTuple):
    """What is known at one moment: counts by who counts, and by subject what stands."""

    at: datetime
    counted: Mapping[str, Counted]
    standing: Mapping[str, Slice]


def keep(db: apsw.Connection, moment: Moment) -> bool:
    """Add a minute to the history; False when another process has done so."""
    minute = int(moment.at.timestamp()) // MINUTE.every_s
    with db:
        last = db.execute("SELECT nth FROM history_minute").get
        if not db.execute(
            "INSERT INTO history_minute VALUES (1, ?) ON CONFLICT(one) DO UPDATE SET nth=excluded.nth WHERE nth<excluded.nth RETURNING 1",
            (minute,),
        ).get:
            return False
        gap = Gap(((last if last is not None else minute - 1) + 1) * MINUTE.every_s, minute * MINUTE.every_s)
        _missed(db, gap)
        for subject, slice_ in _together(moment.standing, *_news(db, moment.counted)).items():
            for span in SPANS:
                add(db, subject, span, moment.at, slice_.then(Slice(closed_s=gap.within(span, minute * MINUTE.every_s // span.every_s))))
    return True


class Gap(NamedTuple):
    """The time in which nobody looked, from when until when, in seconds since 1970; none as a rule."""

    since: int
    until: int

    def within(self, span: Span, nth: int) -> float:
        """How many seconds of it are in that span."""
        return float(max(min(self.until, (nth + 1) * span.every_s) - max(self.since, nth * span.every_s), 0))


def _missed(db: apsw.Connection, gap: Gap) -> None:
    """What was counted before a gap is not all that came in its span; those that lie in it as a whole are not known at all."""
    for span in SPANS:
        nth = gap.since // span.every_s
        closed_s = gap.within(span, nth)
        if not closed_s or nth == gap.until // span.every_s:
            continue
        key = (span.every_s, nth % span.rows, nth)
        for subject, packed in list(db.execute("SELECT subject, slice FROM history WHERE every_s=? AND place=? AND nth=?", key)):
            whole = _unpack(packed).then(Slice(closed_s=closed_s))
            db.execute("UPDATE history SET slice=? WHERE every_s=? AND place=? AND nth=? AND subject=?", (_pack(whole), *key, subject))


def _news(db: apsw.Connection, counted: Mapping[str, Counted]) -> Iterator[Mapping[str, Slice]]:
    """What each has counted since it was last asked. A process that was never asked has begun since, so all of it is news. The very first
    time nothing is: nobody knows when it was; nor what a store counted before anybody asked it."""
    before = {str(who): _unpack_counted(packed) for who, packed in db.execute("SELECT who, counted FROM history_counted")}
    for who, now in counted.items():
        if before and (who != STORE or who in before):
            yield now.since(before.get(who, Counted()))
        db.execute("INSERT OR REPLACE INTO history_counted VALUES (?, ?)", (who, _pack(now)))
    # while the store is away, so is its board with the counts of others
    for gone in before.keys() - counted.keys() if STORE in counted else ():
        db.execute("DELETE FROM history_counted WHERE who=?", (gone,))


def _together(*slices: Mapping[str, Slice]) -> dict[str, Slice]:
    found: dict[str, Slice] = {}
    for each in slices:
        for subject, slice_ in each.items():
            found[subject] = found[subject].then(slice_) if subject in found else slice_
    return found


def add(db: apsw.Connection, subject: str, span: Span, at: datetime, slice_: Slice) -> None:
    """What happened to a subject, to what is known of the span in which it did."""
    nth = int(at.timestamp()) // span.every_s
    key = (span.every_s, subject, nth % span.rows)
    before = db.execute("SELECT slice FROM history WHERE every_s=? AND subject=? AND place=? AND nth=?", (*key, nth)).get
    whole = _unpack(before).then(slice_) if before is not None else slice_
    db.execute("INSERT OR REPLACE INTO history(every_s, subject, place, nth, slice) VALUES (?,?,?,?,?)", (*key, nth, _pack(whole)))


def told(db: apsw.Connection, subject: str, span: Span, now: datetime, last: int) -> list[Slice | None]:
    """The last so many spans of a subject, the present one at the end; None where nothing is known."""
    return all_told(db, (subject,), span, now, last)[subject]


def all_told(db: apsw.Connection, subjects: Iterable[str], span: Span, now: datetime, last: int) -> dict[str, list[Slice | None]]:
    """The same of several subjects."""
    newest = int(now.timestamp()) // span.every_s
    first = newest - min(last, span.rows) + 1
    found: dict[str, list[Slice | None]] = {subject: [None] * (newest - first + 1) for subject in subjects}
    for subject, row in found.items():
        sql = "SELECT nth, slice FROM history WHERE every_s=? AND subject=? AND nth BETWEEN ? AND ?"
        for nth, packed in db.execute(sql, (span.every_s, subject, first, newest)):
            row[int(str(nth)) - first] = _unpack(packed)
    return found


def began(span: Span, now: datetime, last: int) -> list[datetime]:
    """When each of the last so many spans began, as `told` has them."""
    newest = int(now.timestamp()) // span.every_s
    return [datetime.fromtimestamp(nth * span.every_s, UTC) for nth in range(newest - min(last, span.rows) + 1, newest + 1)]
