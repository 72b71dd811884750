"""The SQL of letters that did not arrive, and of what officers do with them. Runs in the store's thread, inside its transaction.

In: ids of letters, acts. Out: pages (see `lists`), and yes. The acts stand among those of the letter's case: `letter retry`, `letter drop`,
`letter undo`, with what its key says of the letter, and the reason.
"""

from __future__ import annotations

from collections import Counter
from typing import Final, NamedTuple

import apsw

from gateway.store import case_rows, desk, reading
from gateway.store.lists import LOOK, Lost, LostPage
from gateway.store.record import DISCARDED
from gateway.store.tables import named, rows
from normalizer.reference import write as written

#: the condition of the index letters_lost, word for word
LOST: Final = "step IN ('parked', 'failed')"
_COLUMNS: Final = "id, case_id, channel, body, step, attempts, created_at, code, words, receipt, said, answered_at"


def page(db: apsw.Connection, limit: int, after: str, channel: str) -> LostPage:
    """At most `limit` of the next LOOK."""
    sql = f"SELECT id, channel FROM letters INDEXED BY letters_lost WHERE {LOST} AND id>? ORDER BY id LIMIT ?"
    looked = case_rows.packed(db, f"SELECT json_group_array(json_array(id, channel)) FROM ({sql})", (int(after or 0), LOOK))
    found = [letter_id for letter_id, through in looked if channel in {"", through}][:limit]
    last = found[-1] if len(found) == limit else looked[-1][0] if looked else 0
    more = len(looked) == LOOK or bool(looked and last != looked[-1][0])
    letters = []
    for row in named(db, _COLUMNS, f"letters WHERE id IN ({','.join('?' * len(found))}) ORDER BY id", found):
        reference, step = rows(db, "SELECT reference, step FROM cases WHERE id=?", (row["case_id"],))[0]
        letters.append(Lost(letter_id=str(row["id"]), reference=written(reference), standing=step, state=reading.letter_state(row)))
    return LostPage(letters=letters, after=str(last) if more else "")


def of(db: apsw.Connection, letter_id: int) -> str:
    """The code of its case."""
    reference = db.execute("SELECT reference FROM cases WHERE id=(SELECT case_id FROM letters WHERE id=?)", (letter_id,)).get
    return "" if reference is None else written(reference)


def resend(db: apsw.Connection, letter_id: int, deed: desk.Deed, counts: Counter[tuple[str, str]]) -> bool:
    """It may be tried for as long as a new one, and its old receipts say nothing of the next try: what the provider's old ids lead to is
    the number that the letter had."""
    now = deed.at.timestamp()
    fresh = "id=(SELECT max(id)+1 FROM letters)"
    fields = f"{fresh}, step='send', due={now!r}, created_at={now!r}, attempts=0, code='', words='', receipt=''"
    return _done(db, letter_id, _Change(fields, f"({LOST} OR step='muted' AND code='{DISCARDED}')"), deed, counts)


def discard(db: apsw.Connection, letter_id: int, deed: desk.Deed, counts: Counter[tuple[str, str]]) -> bool:
    """Where it stood and why goes into its words, for `recover`."""
    fields = f"words=step || char(10) || code || char(10) || words, step='muted', code='{DISCARDED}'"
    return _done(db, letter_id, _Change(fields, LOST), deed, counts)


def recover(db: apsw.Connection, letter_id: int, deed: desk.Deed, counts: Counter[tuple[str, str]]) -> bool:
    """As it was."""
    was = db.execute("SELECT words FROM letters WHERE id=? AND step='muted' AND code=?", (letter_id, DISCARDED)).get
    if was is None:
        return False
    step, code, words = was.split("\n", 2)
    db.execute("UPDATE letters SET code=?, words=? WHERE id=?", (code, words, letter_id))
    return _done(db, letter_id, _Change(f"step='{'failed' if step == 'failed' else 'parked'}'", "step='muted'"), deed, counts)


class _Change(NamedTuple):
    """Of a letter, in SQL: which fields it gets, and where it must stand."""

    fields: str
    where: str


def _done(db: apsw.Connection, letter_id: int, change: _Change, deed: desk.Deed, counts: Counter[tuple[str, str]]) -> bool:
    """With the counts and the act, if it stands where it must."""
    was = rows(
        db, f"SELECT case_id, channel, step, substr(key, instr(key, ':')+1) FROM letters WHERE id=? AND {change.where}", (letter_id,)
    )
    if not was:
        return False
    case_id, channel, step, which = was[0]
    for (goes,) in rows(db, f"UPDATE letters SET {change.fields} WHERE id=? RETURNING step", (letter_id,)):
        counts[channel, f"letter {step}"] -= 1
        counts[channel, f"letter {goes}"] += 1
    desk.write(db, deed.on(case_id).saying(deed.act, f"{which}: {deed.words}" if deed.words else which))
    return True
