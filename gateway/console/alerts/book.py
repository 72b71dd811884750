"""The book of alerts, in the console's file: opened, told, taken on, muted, closed.

In: the signs of each round, what officers do. Out: open alerts and past ones, and who is to be told of what. One thing that is wrong is one
alert, however often it is seen and whoever sees it: the key of its sign is taken as long as it is open. It opens when the sign has lasted,
closes when it has been gone for a while. One that comes back soon is the same again, and must then be gone for longer each time, so that
what flickers is not told again and again.
Runs in the cabinet's thread; reads no clock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

import apsw
import msgspec

from gateway.console.alerts.signs import RULES, Kind, Sign

News = Literal["opened", "closed"]

TABLES: Final = (
    """CREATE TABLE IF NOT EXISTS alerts(
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, kind TEXT NOT NULL, "on" TEXT NOT NULL, figure INTEGER NOT NULL,
    since REAL NOT NULL,                -- since when it is wrong, in seconds since 1970 as all times here
    first REAL NOT NULL,                -- when the sign was first seen
    opened REAL,                        -- NULL: it has not lasted yet
    calm REAL,                          -- since when the sign is gone
    closed REAL,
    times INTEGER NOT NULL DEFAULT 0,   -- how often it came back
    taken REAL, by TEXT NOT NULL DEFAULT '',    -- who took it on
    told INTEGER NOT NULL DEFAULT 0,    -- how many recipients have been told, in their order
    told_at REAL
)""",
    "CREATE UNIQUE INDEX IF NOT EXISTS alerts_open ON alerts(key) WHERE closed IS NULL",
    "CREATE INDEX IF NOT EXISTS alerts_closed ON alerts(closed)",
    """CREATE TABLE IF NOT EXISTS alert_muted(
    key TEXT PRIMARY KEY,
    until REAL NOT NULL,                -- 0: it was lifted, which other consoles must hear
    by TEXT NOT NULL, words TEXT NOT NULL, at REAL NOT NULL
) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS alert_letters(
    id INTEGER PRIMARY KEY, alert INTEGER NOT NULL, recipient TEXT NOT NULL, news TEXT NOT NULL, asked REAL NOT NULL,
    due REAL NOT NULL, tries INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'waiting', why TEXT NOT NULL DEFAULT ''
)""",
    "CREATE INDEX IF NOT EXISTS alert_letters_due ON alert_letters(recipient, due) WHERE state='waiting'",
)

#: how long a sign must be gone before its alert is closed; for each time it came back, so much longer, at most `AGAIN_S`. Within that time
#: it is the same again. In seconds
CALM_S: Final = 120.0
LONGER_S: Final = 480.0
AGAIN_S: Final = 1800.0
#: closed ones are kept for a year, at most so many of them
KEPT_S: Final = 366 * 86_400.0
KEPT: Final = 5000
#: a letter is tried again after these seconds, the last of them again and again, and given up after a day; one that a process took and
#: that fell with it is anybody's after `TAKEN_S`
PAUSES_S: Final = (15.0, 30.0, 60.0, 120.0, 300.0, 600.0)
GIVEN_UP_S: Final = 86_400.0
TAKEN_S: Final = 120.0
#: longer than a mute lasts: for so long it is known that one was lifted
LIFTED_S: Final = 32 * 86_400.0


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """A row; times in seconds since 1970."""

    id: int
    key: str
    kind: Kind
    on: str
    figure: int
    since: float
    opened: float
    closed: float | None
    taken: float | None
    by: str
    #: until when nobody is told; None when somebody is
    muted: float | None = None
    #: recipients who were to be told and could not be, and why
    failed: Mapping[str, str] = {}

    @property
    def urgent(self) -> bool:
        """It goes on to the next recipient."""
        return RULES[self.kind].urgent


class Plan(NamedTuple):
    """Who is told, and how soon the next one."""

    recipients: Sequence[str]
    escalate_s: float


class Turn(NamedTuple):
    """What a round changed: keys."""

    opened: Sequence[str]
    closed: Sequence[str]


class Errand(NamedTuple):
    """What a recipient is to be told, all at once."""

    letters: Sequence[int]
    news: Sequence[tuple[News, Alert]]


def turn(db: apsw.Connection, signs: Sequence[Sign], now: float, plan: Plan, *, unknown: Collection[Kind] = ()) -> Turn:
    """Write down one round. Alerts of `unknown` kinds stay as they are."""
    db.execute("DELETE FROM alert_muted WHERE iif(until, until, at+?)<=?", (LIFTED_S, now))
    opened = [sign.key for sign in signs if _seen(db, sign, now)]
    closed = list(_calmed(db, {sign.key for sign in signs}, now, unknown))
    _tell(db, now, plan)
    _forget(db, now)
    return Turn(opened, closed)


def _seen(db: apsw.Connection, sign: Sign, now: float) -> bool:
    """True when its alert opens now."""
    row = db.execute("SELECT id, first, opened FROM alerts WHERE key=? AND closed IS NULL", (sign.key,)).fetchone()
    if row is None:
        soon = "SELECT id FROM alerts WHERE key=? AND closed>? ORDER BY id DESC LIMIT 1"
        again = db.execute(soon, (sign.key, now - AGAIN_S)).get
        if again is not None:
            sql = "UPDATE alerts SET closed=NULL, calm=NULL, figure=?, times=times+1, told=0, told_at=NULL, taken=NULL, by='' WHERE id=?"
            db.execute(sql, (sign.figure, again))
            db.execute("DELETE FROM alert_letters WHERE alert=? AND state<>'waiting'", (again,))
            return False
        since = min(sign.since.timestamp(), now)
        sql = 'INSERT INTO alerts(key, kind, "on", figure, since, first) VALUES(?,?,?,?,?,?)'
        db.execute(sql, (sign.key, sign.kind, sign.on, sign.figure, since, now))
        row = (db.last_insert_rowid(), now, None)
    number, first, opened = row
    opens = opened is None and now - first >= RULES[sign.kind].after_s
    db.execute(
        "UPDATE alerts SET figure=?, calm=NULL, opened=coalesce(opened, ?) WHERE id=?", (sign.figure, now if opens else None, number)
    )
    return opens


def _calmed(db: apsw.Connection, keys: Collection[str], now: float, unknown: Collection[Kind]) -> Iterator[str]:
    """The keys of those that close now."""
    for number, key, kind, opened, calm, times in list(
        db.execute("SELECT id, key, kind, opened, calm, times FROM alerts WHERE closed IS NULL")
    ):
        if key in keys or kind in unknown:
            continue
        if opened is None:
            db.execute("DELETE FROM alerts WHERE id=?", (number,))
        elif calm is None:
            db.execute("UPDATE alerts SET calm=? WHERE id=?", (now, number))
        elif now - calm >= min(CALM_S + times * LONGER_S, AGAIN_S):
            db.execute("UPDATE alerts SET closed=? WHERE id=?", (now, number))
            _all_clear(db, number, now)
            yield key


def _all_clear(db: apsw.Connection, number: int, now: float) -> None:
    """Whoever was told is told that it is over; who was only to be told need not hear of it at all."""
    db.execute("DELETE FROM alert_letters WHERE alert=? AND news='opened' AND state='waiting' AND tries=0", (number,))
    told = "SELECT DISTINCT alert, recipient, 'closed', ?, ? FROM alert_letters WHERE alert=? AND news='opened'"
    db.execute(f"INSERT INTO alert_letters(alert, recipient, news, asked, due) {told}", (now, now, number))


def _tell(db: apsw.Connection, now: float, plan: Plan) -> None:
    """The first recipient at once; the next one when nobody took an urgent one on."""
    for number, kind, told, told_at in list(db.execute(_UNTAKEN)):
        late = told_at is None or (RULES[kind].urgent and now - told_at >= plan.escalate_s)
        if late and told < len(plan.recipients):
            row = (number, plan.recipients[told], now, now)
            db.execute("INSERT INTO alert_letters(alert, recipient, news, asked, due) VALUES(?,?,'opened',?,?)", row)
            db.execute("UPDATE alerts SET told=told+1, told_at=? WHERE id=?", (now, number))


def _forget(db: apsw.Connection, now: float) -> None:
    oldest = db.execute("SELECT id FROM alerts WHERE closed IS NOT NULL ORDER BY closed DESC LIMIT 1 OFFSET ?", (KEPT,)).get
    db.execute("DELETE FROM alerts WHERE closed<? OR (closed IS NOT NULL AND id<=?)", (now - KEPT_S, oldest or 0))
    db.execute("DELETE FROM alert_letters WHERE alert NOT IN (SELECT id FROM alerts)")


def open_alerts(db: apsw.Connection) -> list[Alert]:
    """The urgent ones first, then the newest."""
    found = [*_read(db, "opened IS NOT NULL AND closed IS NULL ORDER BY opened DESC")]
    return sorted(found, key=lambda alert: (not alert.urgent, alert.taken is not None))


def past(db: apsw.Connection, limit: int) -> list[Alert]:
    """Those that are over, the newest first."""
    return [*_read(db, "closed IS NOT NULL ORDER BY closed DESC LIMIT ?", limit)]


def one(db: apsw.Connection, number: int) -> Alert | None:
    """None: it never opened, or is forgotten."""
    return next(_read(db, "id=? AND opened IS NOT NULL", number), None)


def take(db: apsw.Connection, number: int, by: str, now: float) -> Alert | None:
    """Somebody sees to it: nobody else is told. None: it is not open. Taken by another before, it stays his."""
    db.execute("UPDATE alerts SET taken=?, by=? WHERE id=? AND closed IS NULL AND taken IS NULL", (now, by, number))
    db.execute("DELETE FROM alert_letters WHERE alert=? AND news='opened' AND state='waiting' AND tries=0", (number,))
    return next(_read(db, "id=? AND opened IS NOT NULL AND closed IS NULL", number), None)


def mute(db: apsw.Connection, number: int, now: float, for_s: float, *, by: str, words: str) -> Alert | None:
    """Nobody is told of this, however often it comes, until then; it is shown as ever. None: there is no such alert."""
    alert = one(db, number)
    if alert is None:
        return None
    db.execute("INSERT OR REPLACE INTO alert_muted VALUES(?,?,?,?,?)", (alert.key, now + for_s, by, words, now))
    db.execute("DELETE FROM alert_letters WHERE alert=? AND state='waiting' AND tries=0", (number,))
    return msgspec.structs.replace(alert, muted=now + for_s)


def unmute(db: apsw.Connection, number: int, by: str, now: float) -> Alert | None:
    """Tell again. None: there is no such alert."""
    alert = one(db, number)
    if alert is None:
        return None
    db.execute("INSERT OR REPLACE INTO alert_muted VALUES(?,0,?,'',?)", (alert.key, by, now))
    return msgspec.structs.replace(alert, muted=None)


def errand(db: apsw.Connection, recipient: str, now: float) -> Errand | None:
    """All that a recipient is to be told now; ours until it is `told`, `again`, or `TAKEN_S` have gone by."""
    due = list(
        db.execute(
            "SELECT id, alert, news FROM alert_letters WHERE recipient=? AND state='waiting' AND due<=? ORDER BY id", (recipient, now)
        )
    )
    news = [(each, alert) for _, number, each in due for alert in _read(db, "id=?", number)]
    for letter, _, _ in due:
        db.execute("UPDATE alert_letters SET due=?, tries=tries+1 WHERE id=?", (now + TAKEN_S, letter))
    return Errand([letter for letter, _, _ in due], news) if due else None


def told(db: apsw.Connection, letters: Sequence[int]) -> None:
    """The recipient has it."""
    for letter in letters:
        db.execute("UPDATE alert_letters SET state='sent', why='' WHERE id=?", (letter,))


def again(db: apsw.Connection, letters: Sequence[int], why: str, now: float, *, never: bool = False) -> None:
    """It could not be said now, or, with `never`, cannot be said at all."""
    for letter in letters:
        tries, asked = next(iter(db.execute("SELECT tries, asked FROM alert_letters WHERE id=?", (letter,))), (1, now))
        pause_s = PAUSES_S[min(tries, len(PAUSES_S)) - 1]
        state = "failed" if never or now - asked > GIVEN_UP_S else "waiting"
        db.execute("UPDATE alert_letters SET state=?, why=?, due=? WHERE id=?", (state, why, now + pause_s, letter))


def _read(db: apsw.Connection, where: str, *values: Any) -> Iterator[Alert]:
    for row in list(db.execute(_ALERT + where, values)):
        until = db.execute("SELECT until FROM alert_muted WHERE key=? AND until>0", (row[1],)).get
        failed = {
            str(to): str(why) for to, why in db.execute("SELECT recipient, why FROM alert_letters WHERE alert=? AND why<>''", (row[0],))
        }
        yield msgspec.convert(dict(zip(_FIELDS, row, strict=True)) | {"muted": until, "failed": failed}, Alert)


_ALERT: Final = 'SELECT id, key, kind, "on", figure, since, opened, closed, taken, by FROM alerts WHERE '
_UNTAKEN: Final = """SELECT id, kind, told, told_at FROM alerts
WHERE opened IS NOT NULL AND closed IS NULL AND calm IS NULL AND taken IS NULL AND key NOT IN (SELECT key FROM alert_muted WHERE until>0)"""
_FIELDS: Final = ("id", "key", "kind", "on", "figure", "since", "opened", "closed", "taken", "by")
