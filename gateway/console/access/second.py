"""The second proof of an account, in the cabinet: the key of its telephone, and the codes for who lost it.

In: a name, what was typed. Out: whether it fits; each half minute's digits and each recovery code are taken once. The key is kept sealed.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence

import apsw

from gateway.console import audit
from gateway.console.access import totp
from gateway.console.access.seal import Seal
from gateway.console.audit import Act


def shown(db: apsw.Connection, name: str, code: str, now: float, *, seal: Seal) -> bool:
    """Whether the second proof was shown; True where there is none to show. Where the key does not open, a recovery code does."""
    row = db.execute("SELECT totp, step FROM operators WHERE name=?", (name,)).fetchone()
    if row is None or row[0] is None:
        return row is not None
    key = seal.open(bytes(row[0]), _whose(name))
    step = totp.step_of(key, code, now, after=int(row[1])) if key else None
    if step is not None:
        db.execute("UPDATE operators SET step=? WHERE name=?", (step, name))
        return True
    return _recovered(db, name, code)


def set_up(db: apsw.Connection, name: str, key: bytes, step: int, *, seal: Seal) -> Sequence[str]:
    """Take the key of a telephone that showed the right digits of this half minute, and give the recovery codes."""
    db.execute("UPDATE operators SET totp=?, step=? WHERE name=?", (seal.close(key, _whose(name)), step, name))
    audit.add(db, Act(by=name, act="operators.totp", on=name, words="on"))
    return _fresh(db, name)


def sealed(db: apsw.Connection, seal: Seal) -> int:
    """Seal the keys that an older gateway kept in clear; gives how many there are that do not open."""
    kept = {str(name): bytes(key) for name, key in db.execute("SELECT name, totp FROM operators WHERE totp IS NOT NULL")}
    clear = {name: key for name, key in kept.items() if len(key) == totp.KEY}
    if clear:
        db.pragma("secure_delete", True)
    for name, key in clear.items():
        db.execute("UPDATE operators SET totp=? WHERE name=?", (seal.close(key, _whose(name)), name))
    return sum(seal.open(key, _whose(name)) is None for name, key in kept.items() if name not in clear)


def renewed(db: apsw.Connection, name: str) -> Sequence[str]:
    """New recovery codes; the old ones are good for nothing."""
    audit.add(db, Act(by=name, act="operators.recovery", on=name))
    return _fresh(db, name)


def left(db: apsw.Connection, name: str) -> int:
    """Recovery codes that were not used."""
    return int(db.execute("SELECT count(*) FROM recovery WHERE operator=?", (name,)).get)


def _whose(name: str) -> str:
    return f"second proof of {name}"


def _fresh(db: apsw.Connection, name: str) -> Sequence[str]:
    codes = totp.fresh_recovery()
    db.execute("DELETE FROM recovery WHERE operator=?", (name,))
    rows = [(name, salt := secrets.token_bytes(16), totp.recovery_hash(code, salt)) for code in codes]
    db.executemany("INSERT INTO recovery VALUES(?,?,?)", rows)
    return codes


def _recovered(db: apsw.Connection, name: str, code: str) -> bool:
    rows = list(db.execute("SELECT rowid, salt, hash FROM recovery WHERE operator=?", (name,)))
    fits = [row for row, salt, kept in rows if hmac.compare_digest(totp.recovery_hash(code, bytes(salt)), bytes(kept))]
    if not fits:
        return False
    db.execute("DELETE FROM recovery WHERE rowid=?", (fits[0],))
    audit.add(db, Act(by=name, act="operators.recovered", on=name))
    return True
