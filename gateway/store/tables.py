"""The tables of the embedded store, what makes each version of them, and how they are asked.

In: nothing, and rows. Out: SQL, and what it found by name. It opens nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import apsw

from gateway.store import board, trying

TABLES = """
CREATE TABLE cases(
    id INTEGER PRIMARY KEY,
    reference INTEGER NOT NULL,         -- 55 bits; what the citizen holds
    identity INTEGER NOT NULL,          -- 63 bits of a keyed hash of channel and source_id
    channel TEXT NOT NULL,
    source_id TEXT NOT NULL,
    received_at REAL NOT NULL,
    raw BLOB NOT NULL,                  -- exactly as it came; empty for a long message, whose parts have the bytes, and for a large one
    expected INTEGER NOT NULL DEFAULT 0,    -- parts of a long message: how many there are to be
    come INTEGER NOT NULL DEFAULT 0,        -- … and how many have come
    step TEXT NOT NULL,
    due REAL,                           -- NULL: waits for nobody or for a person; a leased case is due when its lease ends
    owner INTEGER NOT NULL DEFAULT 0,   -- the process that has the lease
    token INTEGER NOT NULL DEFAULT 0,   -- counts the claims; a settlement with an old one is stale
    attempts INTEGER NOT NULL DEFAULT 0,
    unsure INTEGER NOT NULL DEFAULT 0,
    code TEXT NOT NULL DEFAULT '',
    words TEXT NOT NULL DEFAULT '',
    tracking_id TEXT, registered_at REAL, url TEXT,
    edited TEXT,
    told INTEGER NOT NULL DEFAULT 0,    -- the sender has heard that it waits
    facts TEXT,                         -- what was gathered about it, as JSON; NULL: nothing was
    files INTEGER NOT NULL DEFAULT 0,   -- how many lie in the table of files
    admitted INTEGER NOT NULL DEFAULT 0, -- a person has said that it goes to the ledger
    large INTEGER NOT NULL DEFAULT 0    -- what came lies in the table of raws
);
CREATE UNIQUE INDEX cases_reference ON cases(reference);
CREATE INDEX cases_identity ON cases(identity, received_at);
CREATE INDEX cases_due ON cases(due) WHERE due IS NOT NULL;
CREATE INDEX cases_open ON cases(step, told, id) WHERE step IN ('held', 'submit', 'triage', 'parked');
CREATE INDEX cases_declined ON cases(id) WHERE step = 'declined';
CREATE INDEX cases_tracking ON cases(tracking_id) WHERE tracking_id IS NOT NULL;
CREATE TABLE parts(
    case_id INTEGER NOT NULL, number INTEGER NOT NULL, raw BLOB NOT NULL, fingerprint TEXT NOT NULL, received_at REAL NOT NULL,
    PRIMARY KEY (case_id, number)
) WITHOUT ROWID;
CREATE TABLE raws(case_id INTEGER PRIMARY KEY, raw BLOB NOT NULL);  -- apart, because an UPDATE writes the whole row again
CREATE TABLE files(                     -- what came with a message, apart from its bytes
    case_id INTEGER NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, media_type TEXT NOT NULL, content BLOB NOT NULL,
    PRIMARY KEY (case_id, number)
);
CREATE TABLE notes(channel TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (channel, name)) WITHOUT ROWID;
CREATE TABLE records(case_id INTEGER PRIMARY KEY, record BLOB NOT NULL);
CREATE TABLE letters(
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    case_id INTEGER NOT NULL,
    channel TEXT NOT NULL,
    recipient TEXT NOT NULL,            -- within the channel
    created_at REAL NOT NULL,
    body BLOB NOT NULL,
    step TEXT NOT NULL,
    due REAL, owner INTEGER NOT NULL DEFAULT 0, token INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,
    code TEXT NOT NULL DEFAULT '',
    words TEXT NOT NULL DEFAULT '',
    receipt TEXT NOT NULL DEFAULT ''
);
CREATE INDEX letters_due ON letters(channel, due) WHERE due IS NOT NULL;
CREATE INDEX letters_case ON letters(case_id);
CREATE INDEX letters_recipient ON letters(recipient, created_at);
CREATE TABLE provider_ids(
    channel TEXT NOT NULL, provider_id TEXT NOT NULL, letter_id INTEGER NOT NULL, PRIMARY KEY (channel, provider_id)
) WITHOUT ROWID;
CREATE TABLE early_receipts(
    channel TEXT NOT NULL, provider_id TEXT NOT NULL, first TEXT NOT NULL, state TEXT NOT NULL, words TEXT NOT NULL, at REAL NOT NULL,
    PRIMARY KEY (channel, provider_id)  -- under each spelling of its id, of which `first` is the likeliest
) WITHOUT ROWID;
CREATE TABLE acts(
    id INTEGER PRIMARY KEY, case_id INTEGER NOT NULL, at REAL NOT NULL, by TEXT NOT NULL, act TEXT NOT NULL, words TEXT NOT NULL
);
CREATE INDEX acts_case ON acts(case_id);
CREATE TABLE cursors(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE counts(
    channel TEXT NOT NULL, word TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (channel, word)
) WITHOUT ROWID;
"""

KIN_TABLES = """
CREATE TABLE likenesses(                -- ids in the order in which they were written down: a link goes to a lower one
    id INTEGER PRIMARY KEY, case_id INTEGER NOT NULL UNIQUE, at REAL NOT NULL, likeness BLOB NOT NULL
);
CREATE TABLE kin(                       -- where a likeness is found; see the kinds in `kin`
    kind INTEGER NOT NULL, bucket INTEGER NOT NULL, key INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (kind, bucket, key, id)
) WITHOUT ROWID;
"""

WAITING_STEPS = """
DROP INDEX cases_open;
CREATE INDEX cases_open ON cases(step, told, id) WHERE step IN ('held', 'asked', 'submit', 'worklist', 'triage', 'parked');
"""

#: each ledger has its own queue
LEDGERS = """
ALTER TABLE cases ADD COLUMN ledger TEXT NOT NULL DEFAULT '';
DROP INDEX cases_due;
CREATE INDEX cases_due ON cases(ledger, due) WHERE due IS NOT NULL;
"""

HANDS = """
CREATE TABLE hands(                     -- which officer copies which case of the worklist; may be older than the case's step
    case_id INTEGER PRIMARY KEY, officer TEXT NOT NULL, since REAL NOT NULL, until REAL NOT NULL,
    seen BLOB                           -- a hash of the record that he saw
);
CREATE INDEX hands_officer ON hands(officer);
CREATE INDEX cases_worklist ON cases(ledger, id) WHERE step = 'worklist';
CREATE INDEX acts_done ON acts(id) WHERE act = 'done';
"""

EVENT_TABLES = """
CREATE TABLE events(                    -- what ledgers say became of cases
    id INTEGER PRIMARY KEY,
    case_id INTEGER NOT NULL, ledger TEXT NOT NULL, tracking_id TEXT NOT NULL, at REAL NOT NULL, status TEXT NOT NULL,
    heard_at REAL NOT NULL, by TEXT NOT NULL, state TEXT NOT NULL, note TEXT NOT NULL,
    letter INTEGER                      -- the number of the letter that tells of it; 0: none does; NULL: not decided
);
CREATE UNIQUE INDEX events_once ON events(case_id, ledger, at, status);
CREATE INDEX events_undecided ON events(id) WHERE letter IS NULL;
CREATE TABLE polls(                     -- which cases a ledger is asked about, and when next
    case_id INTEGER PRIMARY KEY, due REAL NOT NULL
);
CREATE INDEX polls_due ON polls(due);
"""

TALK_TABLES = """
ALTER TABLE cases ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;  -- its sender was asked something; it is done once
ALTER TABLE cases ADD COLUMN added INTEGER NOT NULL DEFAULT 0;  -- how many additions it has
CREATE TABLE questions(                 -- those that may still be answered
    case_id INTEGER PRIMARY KEY, channel TEXT NOT NULL, sender TEXT NOT NULL, until REAL NOT NULL
);
CREATE INDEX questions_sender ON questions(channel, sender);
CREATE TABLE additions(                 -- what the sender of a case said of it in other messages, which are the cases by_case
    case_id INTEGER NOT NULL, by_case INTEGER NOT NULL, addition BLOB NOT NULL, PRIMARY KEY (case_id, by_case)
) WITHOUT ROWID;
CREATE INDEX additions_by ON additions(by_case);
"""

ENCLOSED_TABLE = """
CREATE TABLE enclosed(                  -- files on their way to the ledger
    case_id INTEGER NOT NULL, number INTEGER NOT NULL,
    step TEXT NOT NULL DEFAULT 'send',
    due REAL, owner INTEGER NOT NULL DEFAULT 0, token INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,
    code TEXT NOT NULL DEFAULT '', words TEXT NOT NULL DEFAULT '', PRIMARY KEY (case_id, number)
) WITHOUT ROWID;
CREATE INDEX enclosed_due ON enclosed(due) WHERE due IS NOT NULL;
"""

PERSONS = """
ALTER TABLE letters ADD COLUMN person TEXT NOT NULL DEFAULT '';  -- who gets it: the same at whatever door
CREATE INDEX letters_person ON letters(person, created_at);
"""

LEASES = """
CREATE TABLE leases(                    -- what one process at a time may do
    name TEXT PRIMARY KEY, holder TEXT NOT NULL, token INTEGER NOT NULL,
    until REAL NOT NULL,                -- in seconds since the machine was started
    for_s REAL NOT NULL,                -- for how long it was given
    owner INTEGER NOT NULL
) WITHOUT ROWID;
"""

#: letters that did not arrive are listed
LOST = """
CREATE INDEX letters_lost ON letters(id) WHERE step IN ('parked', 'failed');
"""

#: the oldest that waits is known of each channel; see `sqlite_ages`
WAITING_INDEX = """
CREATE INDEX cases_waiting ON cases(channel, received_at) WHERE step IN ('held', 'asked', 'submit', 'worklist');
"""

#: what makes each version of the file out of the one before
STEPS = (
    *(TABLES, KIN_TABLES, WAITING_STEPS, LEDGERS, HANDS, EVENT_TABLES, TALK_TABLES, ENCLOSED_TABLE, PERSONS, LEASES, board.TABLE),
    *(trying.TABLE, LOST, WAITING_INDEX, trying.ANSWERS),
)
VERSION = len(STEPS)

#: the condition of the index cases_open, word for word: SQLite uses it only for queries that say the same
OPEN = "step IN ('held', 'asked', 'submit', 'worklist', 'triage', 'parked')"

#: a statement takes at most this many values, so a batch is cut to what fits (SQLite's own default)
MOST_VALUES = 30_000


def instant(seconds: float) -> datetime:
    """Times stand in the tables as seconds since 1970, UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def rows(db: apsw.Connection, sql: str, values: Sequence[Any] = ()) -> list[Any]:
    """All rows of a query that gives a few."""
    return list(db.execute(sql, values))


def named(db: apsw.Connection, columns: str, where: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """Rows by the names of their columns; `where` says from which table."""
    names = columns.split(", ")
    return [dict(zip(names, row, strict=True)) for row in db.execute(f"SELECT {columns} FROM {where}", values)]


def batches(count: int, width: int) -> list[range]:
    """Cut `count` rows of `width` values into ranges that one statement can take.

    Whole batches in one statement, because each step of a statement lets go of the interpreter and may wait for the event loop's
    thread to have it back: a hundred rows are a hundred waits by `executemany`, one by `VALUES (…), (…)`.
    """
    most = MOST_VALUES // width
    return [range(start, min(start + most, count)) for start in range(0, count, most)]


def values(count: int, width: int) -> str:
    """`(?,?),(?,?)` for `count` rows of `width` values."""
    return ",".join(["(" + ",".join("?" * width) + ")"] * count)
