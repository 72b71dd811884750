"""Browsers that have left for another house and are to come back.

In: the console's file, and what a browser must be known by. Out: the same, once, within ten minutes. A state is kept as a hash.
"""

from __future__ import annotations

import hmac
import time
from hashlib import sha256
from typing import Final

import apsw

from gateway.console.access.seal import Seal

TABLES: Final = (
    """CREATE TABLE IF NOT EXISTS leaves(
    state BLOB PRIMARY KEY,             -- a hash
    nonce TEXT NOT NULL, verifier BLOB NOT NULL, -- this one sealed: with it, a code of the other house is good
    back TEXT NOT NULL, until REAL NOT NULL
) WITHOUT ROWID""",
)
#: seconds that one may take at the other house
AWAY_S: Final = 600
#: who is out there at once; a flood pushes out the oldest
_MOST: Final = 1000


def left(db: apsw.Connection, state: str, known: tuple[str, str, str], *, seal: Seal) -> None:
    """`known`: nonce, verifier, and where to when it is back."""
    nonce, verifier, back = known
    now, closed = time.time(), seal.close(verifier.encode(), state)
    db.execute("DELETE FROM leaves WHERE until<?", (now,))
    db.execute("DELETE FROM leaves WHERE state IN (SELECT state FROM leaves ORDER BY until DESC LIMIT -1 OFFSET ?)", (_MOST,))
    db.execute("INSERT INTO leaves VALUES(?,?,?,?,?)", (_hash(state), nonce, closed, back, now + AWAY_S))


def taken(db: apsw.Connection, state: str, seal: Seal) -> tuple[str, str, str] | None:
    """What `left` was given; None for a state that nobody left with, or a second time."""
    sql = "DELETE FROM leaves WHERE state=? AND until>? RETURNING nonce, verifier, back"
    row = db.execute(sql, (_hash(state), time.time())).fetchone()
    if row is None or not isinstance(row[1], bytes):  # an older gateway kept it in clear, for ten minutes
        return None
    verifier = seal.open(row[1], state)
    return None if verifier is None else (str(row[0]), verifier.decode(), str(row[2]))


def same(state: str, ours: str) -> bool:
    """The state that came back is the one that this browser left with."""
    return bool(state) and hmac.compare_digest(_hash(state), _hash(ours))


def _hash(state: str) -> bytes:
    return sha256(state.encode("utf-8", "surrogatepass")).digest()
