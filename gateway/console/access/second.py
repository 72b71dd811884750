"""The second proof of an account, in the cabinet: the key of its telephone, and the codes for who lost it.

In: a name, what was typed. Out: whether it fits; each half minute's digits and each recovery code are taken once.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence

import apsw

from gateway.console import audit
from gateway.console.access import totp
from gateway.console.audit import Act


def shown(db: apsw.Connection, name: str, code: str, now: float) -> bool:
    """Whether the second proof was shown; True where there is none to show."""
    row = db.execute("SELECT totp, step FROM operators WHERE name=?", (name,)).fetchone()
    if row is None or row[0] is None:
        return row is not None
    step = totp.step_of(bytes(row[0]), code, now, after=int(row[1]))
    if step is not None:
        db.execute("UPDATE operators SET step=? WHERE name=?", (step, name))
        return True
    return _recovered(db, name, code)


def set_up(db: apsw.Connection, name: str, key: bytes, code: str, now: float) -> Sequence[str] | None:
    """Take the key of a telephone that shows the right digits, and give the recovery codes; None when it does not."""
    step = totp.step_of(key, code, now, after=0)
    if step is None:
        return None
    db.execute("UPDATE operators SET totp=?, step=? WHERE name=?", (key, step, name))
    audit.add(db, Act(by=name, act="operators.totp", on=name, words="on"))
    return _fresh(db, name)


def renewed(db: apsw.Connection, name: str) -> Sequence[str]:
    """New recovery codes; the old ones are good for nothing."""
    audit.add(db, Act(by=name, act="operators.recovery", on=name))
    return _fresh(db, name)


def left(db: apsw.Connection, name: str) -> int:
    """Recovery codes that were not used."""
    return int(db.execute("SELECT count(*) FROM recovery WHERE operator=?", (name,)).get)


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
