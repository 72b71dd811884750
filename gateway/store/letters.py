"""The SQL on letters and the operators' receipts for them. Runs in the store's thread, inside its transaction.

In: letters, what became of them, receipts. Out: claims. Never commits, and never opens a letter but to hand it out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import apsw
import msgspec

from channels.base import NEWS, Letter, Receipt
from gateway.store import reading, talk, tries
from gateway.store.cases import Lease
from gateway.store.record import STOPPED, LetterClaim, LetterSettlement, LetterState
from gateway.store.tables import batches, instant, named, rows, values
from normalizer.reference import write as written

WINDOW_S = 3600.0

_write = msgspec.msgpack.Encoder().encode


def write(
    db: apsw.Connection, letters: Sequence[Letter], lease: Lease, room: tuple[int, int], counts: Counter[tuple[str, str]]
) -> tuple[list[LetterClaim], int]:
    """Queue letters of one channel whose key is new; the first ones are claimed at once. Returns these, and how many wait.

    `room`: how many to claim, and how many letters a person may have within the hour. Who has had them gets no more, and who wants no
    news gets none: the letter is kept as muted, so that it can be seen.
    """
    letters = _unknown(db, letters)
    had, stopped = _had(db, letters, lease.now), _stopped(db, letters)
    next_id = (db.execute("SELECT max(id) FROM letters").get or 0) + 1
    bound: list[Any] = []
    claims: list[LetterClaim] = []
    muted = 0
    for letter_id, letter in enumerate(letters, next_id):
        unwanted = letter.to in stopped and letter.kind in NEWS
        had[_person(letter)] += not unwanted
        code = "stopped" if unwanted else ""
        bound += (letter_id, letter.key, int(letter.case_id), letter.channel, letter.to, _person(letter), lease.now, _write(letter), code)
        later = letter.not_before.timestamp() if letter.not_before else 0.0
        if unwanted or had[_person(letter)] > room[1]:
            muted += 1
            bound += ("muted", None, 0, 0, 0)
        elif later > lease.now:
            bound += ("send", later, 0, 0, 0)
        elif len(claims) < room[0]:
            bound += ("send", lease.until, lease.owner, 1, 1)
            claims.append(LetterClaim(letter_id=letter_id, letter=letter, token=1, attempts=1, created_at=instant(lease.now)))
        else:
            bound += ("send", lease.now, 0, 0, 0)
    for cut in batches(len(letters), 14):
        db.execute(
            "INSERT INTO letters(id, key, case_id, channel, recipient, person, created_at, body, code, step, due, owner, token, attempts) "
            f"VALUES {values(len(cut), 14)}",
            bound[cut.start * 14 : cut.stop * 14],
        )
    if letters:
        counts[letters[0].channel, "letter muted"] += muted
        counts[letters[0].channel, "letter send"] += len(letters) - muted
    return claims, len(letters) - muted - len(claims)


def _unknown(db: apsw.Connection, letters: Sequence[Letter]) -> list[Letter]:
    by_key = {letter.key: letter for letter in letters}
    for cut in batches(len(letters), 1):
        sql = f"SELECT json_group_array(key) FROM letters WHERE key IN ({','.join('?' * len(cut))})"
        for key in msgspec.json.decode(db.execute(sql, [letters[i].key for i in cut]).get):
            by_key.pop(key, None)
    return list(by_key.values())


def _person(letter: Letter) -> str:
    """Who is known at one door alone is somebody else at every other."""
    return letter.person or f"{letter.channel}:{letter.to}"


def _had(db: apsw.Connection, letters: Sequence[Letter], now: float) -> Counter[str]:
    """How many letters each of them has had within the hour, through whatever door."""
    had: Counter[str] = Counter()
    for cut in batches(len(letters), 1):
        sql = (
            "SELECT json_group_array(json_array(person, n)) FROM (SELECT person, count(*) AS n FROM letters "
            f"WHERE person IN ({','.join('?' * len(cut))}) AND created_at>? AND step<>'muted' GROUP BY person)"
        )
        for person, n in msgspec.json.decode(db.execute(sql, [*(_person(letters[i]) for i in cut), now - WINDOW_S]).get):
            had[person] = n
    return had


def _stopped(db: apsw.Connection, letters: Sequence[Letter]) -> set[str]:
    """Those who want no news."""
    stopped: set[str] = set()
    for cut in batches(len(letters), 1):
        sql = f"SELECT json_group_array(name) FROM notes WHERE channel=? AND name IN ({','.join('?' * len(cut))})"
        found = db.execute(sql, [letters[0].channel, *(STOPPED + letters[i].to for i in cut)]).get
        stopped.update(name.removeprefix(STOPPED) for name in msgspec.json.decode(found))
    return stopped


def next_due(db: apsw.Connection, channel: str) -> float | None:
    """When the next letter of a channel is due."""
    due: float | None = db.execute("SELECT min(due) FROM letters WHERE channel=? AND due IS NOT NULL", (channel,)).get
    return due


def claim(db: apsw.Connection, channel: str, limit: int, lease: Lease, counts: Counter[tuple[str, str]]) -> list[LetterClaim]:
    """Take the letters of a channel that are due, those due first first. Of those that waited for their hour, the ones whose addressee
    wants no more news by now are muted."""
    sql = (
        "SELECT json_group_array(json_array(id, hex(body), token, attempts, created_at)) FROM "
        "(SELECT * FROM letters WHERE channel=? AND due<=? ORDER BY due LIMIT ?)"
    )
    found = msgspec.json.decode(db.execute(sql, (channel, lease.now, limit)).get)
    if not found:
        return []
    db.execute(
        f"UPDATE letters SET token=token+1, attempts=attempts+1, due=?, owner=? WHERE id IN ({','.join('?' * len(found))})",
        (lease.until, lease.owner, *(row[0] for row in found)),
    )
    claims = [
        LetterClaim(
            letter_id=row[0],
            letter=reading.letter(bytes.fromhex(row[1])),
            token=row[2] + 1,
            attempts=row[3] + 1,
            created_at=instant(row[4]),
        )
        for row in found
    ]
    held = [claim for claim in claims if claim.letter.not_before is not None and claim.letter.kind in NEWS]
    if not held:
        return claims
    stopped = _stopped(db, [claim.letter for claim in held])
    unwanted = {claim.letter_id for claim in held if claim.letter.to in stopped}
    for letter_id in unwanted:
        db.execute("UPDATE letters SET step='muted', code='stopped', due=NULL, owner=0 WHERE id=?", (letter_id,))
        counts[channel, "letter send"] -= 1
        counts[channel, "letter muted"] += 1
    return [claim for claim in claims if claim.letter_id not in unwanted]


def replace(db: apsw.Connection, letter: Letter) -> bool:
    """Put a letter in the place of one with its key that nobody has tried yet, and that keeps its hour. False when there is none."""
    db.execute("UPDATE letters SET body=? WHERE key=? AND step='send' AND attempts=0", (_write(letter), letter.key))
    return bool(db.changes())


def release(db: apsw.Connection, claims: Sequence[LetterClaim]) -> None:
    """Give back claims that nobody took any more."""
    for claim in claims:
        db.execute(
            "UPDATE letters SET due=created_at, owner=0, attempts=attempts-1 WHERE id=? AND token=? AND owner<>0",
            (claim.letter_id, claim.token),
        )


def settle(db: apsw.Connection, settlements: Sequence[LetterSettlement], counts: Counter[tuple[str, str]]) -> list[bool]:
    """Write what became of the letters whose claim is still ours, and give each the receipt that came before its id was known."""
    ids = [settlement.claim.letter_id for settlement in settlements]
    tokens: dict[int, int] = {}
    for cut in batches(len(ids), 1):
        sql = f"SELECT json_group_array(json_array(id, token)) FROM letters WHERE owner<>0 AND id IN ({','.join('?' * len(cut))})"
        tokens.update(msgspec.json.decode(db.execute(sql, ids[cut.start : cut.stop]).get))
    fine: list[bool] = []
    bound: list[Any] = []
    provided: list[Any] = []
    for settlement in settlements:
        letter_id, channel = settlement.claim.letter_id, settlement.claim.letter.channel
        fine.append(tokens.get(letter_id) == settlement.claim.token)
        if not fine[-1]:
            continue
        due = settlement.due.timestamp() if settlement.due else None
        answered = settlement.answered_at.timestamp() if settlement.answered_at else None
        bound += (letter_id, settlement.step, due, settlement.code, settlement.words, settlement.said, answered)
        counts[channel, "letter send"] -= 1
        counts[channel, f"letter {settlement.step}"] += 1
        for provider_id in settlement.provider_ids:
            provided += (channel, provider_id, letter_id)
    for cut in batches(len(bound) // 7, 7):
        db.execute(
            f"WITH new AS (SELECT * FROM (VALUES {values(len(cut), 7)})) UPDATE letters SET step=column2, due=column3, owner=0, "
            "code=column4, words=column5, said=column6, answered_at=column7 FROM new WHERE id=column1",
            bound[cut.start * 7 : cut.stop * 7],
        )
    for cut in batches(len(provided) // 3, 3):
        new = provided[cut.start * 3 : cut.stop * 3]
        db.execute(f"INSERT OR REPLACE INTO provider_ids VALUES {values(len(cut), 3)}", new)
        _meet(db, new, counts)
    tries.keep(db, [each for each, ours in zip(settlements, fine, strict=True) if ours])
    return fine


def _meet(db: apsw.Connection, provided: Sequence[Any], counts: Counter[tuple[str, str]]) -> None:
    """Receipts that came before these: channel, provider's id and letter, one behind the other. The others are not looked at: where an
    operator's receipts fit nothing of ours, a day has hundreds of thousands."""
    met = rows(
        db,
        f"SELECT e.channel, e.first, e.state, e.words, e.at, p.column3 FROM (VALUES {values(len(provided) // 3, 3)}) p "
        "CROSS JOIN early_receipts e ON e.channel=p.column1 AND e.provider_id=p.column2",
        provided,
    )
    for channel, first, state, words, at, letter_id in met:
        _mark(db, letter_id, _Said(channel, state, words, at), counts)
        # One receipt was kept under each spelling of its id: all go.
        db.execute("DELETE FROM early_receipts WHERE channel=? AND first=?", (channel, first))


class _Said(NamedTuple):
    """What a receipt says."""

    channel: str
    state: str
    words: str
    at: float


def _mark(db: apsw.Connection, letter_id: int, said: _Said, counts: Counter[tuple[str, str]]) -> None:
    """A final word stands: an intermediate receipt may come after it. A letter that did not arrive is `failed`, whoever said yes to it."""
    counts[said.channel, f"receipt {said.state}"] += 1
    where = "WHERE id=? AND receipt NOT IN ('delivered', 'failed')"
    if said.state == "failed":
        sql = f"UPDATE letters SET step='failed', code='undelivered', words=? {where} AND step='sent' RETURNING case_id, channel"
        for case_id, channel in rows(db, sql, (said.words, letter_id)):
            counts[channel, "letter sent"] -= 1
            counts[channel, "letter failed"] += 1
            talk.unheard(db, [str(case_id)], said.at, counts)
    db.execute(f"UPDATE letters SET receipt=? {where}", (said.state, letter_id))


def note(db: apsw.Connection, receipt: Receipt, counts: Counter[tuple[str, str]]) -> bool:
    """Give a receipt to its letter, or keep it under every spelling of its id."""
    at = receipt.at.timestamp()
    for provider_id in receipt.provider_ids:
        letter_id = db.execute("SELECT letter_id FROM provider_ids WHERE channel=? AND provider_id=?", (receipt.channel, provider_id)).get
        if letter_id is not None:
            _mark(db, letter_id, _Said(receipt.channel, receipt.state, receipt.words, at), counts)
            return True
    for provider_id in receipt.provider_ids:
        db.execute(
            "INSERT OR REPLACE INTO early_receipts VALUES (?,?,?,?,?,?)",
            (receipt.channel, provider_id, receipt.provider_ids[0], receipt.state, receipt.words, at),
        )
    counts[receipt.channel, "receipt unmatched"] += 1
    return False


def forget_receipts(db: apsw.Connection, before: float) -> None:
    """Those that have met no letter. All are looked at, so it is for once in a while."""
    db.execute("DELETE FROM early_receipts WHERE at<?", (before,))


def of_case(db: apsw.Connection, case_id: int) -> tuple[LetterState, ...]:
    """The letters of a case, in the order in which they were written."""
    columns = "body, step, attempts, created_at, code, words, receipt, said, answered_at"
    return tuple(map(reading.letter_state, named(db, columns, "letters WHERE case_id=? ORDER BY id", (case_id,))))


def addressed(db: apsw.Connection, channel: str, to: str, limit: int) -> list[str]:
    """The cases of which an address has had its last letters."""
    sql = (
        "SELECT DISTINCT c.reference FROM (SELECT case_id FROM letters WHERE recipient=? AND channel=? ORDER BY created_at DESC LIMIT ?) l "
        "JOIN cases c ON c.id=l.case_id"
    )
    return [written(row[0]) for row in rows(db, sql, (to, channel, limit))]
