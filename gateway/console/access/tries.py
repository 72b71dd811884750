"""Who failed how often, in the cabinet.

In: names and addresses of who tries to sign in. Out: seconds to wait. What was typed as a name is kept as a keyed hash, because some of
it is a password in the wrong field.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address
from typing import Final

import apsw

from gateway.console.access.lockout import FORGOTTEN_S, PATIENCE, Count, Kind, wait_s

TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS tries (who BLOB PRIMARY KEY, failed INTEGER NOT NULL, last REAL NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS tries_last ON tries (last)",
    "CREATE TABLE IF NOT EXISTS pepper (one INTEGER PRIMARY KEY CHECK (one = 1), key BLOB NOT NULL)",
)
#: rows; a flood of invented names pushes out the oldest
MOST: Final = 100_000
#: for so long an account is known where somebody signed in with it: a holiday
AT_HOME_S: Final = 30 * 24 * 3600.0

Who = Mapping[Kind, bytes]


def who(db: apsw.Connection, name: str, address: str) -> Who:
    """The three that count this try."""
    key, near, account = _pepper(db), _network(address), " ".join(name.casefold().split())
    words: dict[Kind, str] = {"pair": f"{near} {account}", "address": near, "account": account}
    return {
        kind: hashlib.blake2b(f"{kind} {each}".encode("utf-8", "surrogatepass"), digest_size=16, key=key).digest()
        for kind, each in words.items()
    }


def must_wait_s(db: apsw.Connection, whose: Who, now: float) -> float:
    """Seconds before this one's next try is looked at. Who was here from this address waits for nobody elsewhere: strangers who fail at her
    name whenever they may would keep her out for as long as they like."""
    at_home = db.execute("SELECT 1 FROM tries WHERE who = ? AND last > ?", (_home(whose), now - AT_HOME_S)).get
    return max(wait_s(kind, _count(db, key), now) for kind, key in whose.items() if not (at_home and kind == "account"))


def failed(db: apsw.Connection, whose: Who, now: float) -> None:
    """One more, for each of the three."""
    for kind, key in whose.items():
        count = _count(db, key)
        number = 1 if now - count.last >= PATIENCE[kind].forgotten_s else count.failed + 1
        db.execute("INSERT OR REPLACE INTO tries VALUES (?, ?, ?)", (key, number, now))
    db.execute("DELETE FROM tries WHERE last < ?", (now - max(FORGOTTEN_S, AT_HOME_S),))
    db.execute("DELETE FROM tries WHERE who IN (SELECT who FROM tries ORDER BY last DESC LIMIT -1 OFFSET ?)", (MOST,))


def succeeded(db: apsw.Connection, whose: Who, now: float) -> None:
    """The officer is who she says: this try was none, and she is known at this address. Address and account go on counting others: who
    comes in must not pay for guesses."""
    db.execute("INSERT OR REPLACE INTO tries VALUES (?, 0, ?)", (_home(whose), now))
    db.execute("DELETE FROM tries WHERE who = ?", (whose["pair"],))
    db.execute("UPDATE tries SET failed = failed - 1 WHERE who IN (?, ?) AND failed > 0", (whose["address"], whose["account"]))


def _count(db: apsw.Connection, key: bytes) -> Count:
    row = db.execute("SELECT failed, last FROM tries WHERE who = ?", (key,)).fetchone()
    return Count(int(row[0]), float(row[1])) if row else Count(0, 0.0)


def _home(whose: Who) -> bytes:
    """Under which it is kept that somebody signed in with this account from this address."""
    return hashlib.blake2b(whose["pair"], digest_size=16, person=b"at home").digest()


def _pepper(db: apsw.Connection) -> bytes:
    db.execute("INSERT OR IGNORE INTO pepper VALUES (1, ?)", (secrets.token_bytes(32),))
    return bytes(db.execute("SELECT key FROM pepper").get)


def _network(address: str) -> str:
    """Who has one IPv6 address has all of its /64."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(found.ipv4_mapped or found.exploded[:19]) if isinstance(found, IPv6Address) else str(found)
