"""The judge: reads the book when all is over, and says what was lost, doubled or left without an answer.

In: the book of a run. Out: counts that must be nought, others that tell how hard it was. It knows no more than what the lines say, and
asks them in SQL, so that anybody can ask again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from chaos.message import message

_TABLES: Final = """
PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA temp_store=FILE;
CREATE TABLE sent (serial INTEGER PRIMARY KEY, kind TEXT, sender TEXT, parts INTEGER);
CREATE TABLE yes (kind TEXT, serial INTEGER, part INTEGER, reference TEXT);
CREATE TABLE no (kind TEXT, serial INTEGER, part INTEGER, code TEXT);
CREATE TABLE entry (number INTEGER PRIMARY KEY, serial INTEGER, reference TEXT, state TEXT);
CREATE TABLE amend (number INTEGER, serial INTEGER, reference TEXT, state TEXT);
CREATE TABLE again (number INTEGER);
CREATE TABLE found (number INTEGER);
CREATE TABLE heard (kind TEXT, address TEXT, reference TEXT, number TEXT);
CREATE TABLE fault (name TEXT);
CREATE TABLE healed (name TEXT);
CREATE TABLE ended (name TEXT, status TEXT);
CREATE TABLE strange (words TEXT);
"""
_COLUMNS: Final = {
    "sent": 4,
    "yes": 4,
    "no": 4,
    "entry": 4,
    "amend": 4,
    "again": 1,
    "found": 1,
    "heard": 4,
    "fault": 1,
    "healed": 1,
    "ended": 2,
    "strange": 1,
}
_READY: Final = """
CREATE INDEX yes_serial ON yes (serial, part);
CREATE INDEX entry_serial ON entry (serial);
CREATE INDEX entry_reference ON entry (reference);
CREATE INDEX heard_reference ON heard (reference);
"""

#: what must be nought, and the messages or lines that it is about
MUST_BE_NOUGHT: Final = {
    "acknowledged and lost": "SELECT DISTINCT serial FROM yes WHERE serial NOT IN (SELECT serial FROM entry)",
    "registered twice": "SELECT serial FROM entry GROUP BY serial HAVING count(*) > 1",
    "never acknowledged": "SELECT serial FROM sent WHERE parts > (SELECT count(DISTINCT part) FROM yes WHERE yes.serial = sent.serial)",
    "never answered": """
        SELECT entry.serial FROM entry JOIN sent USING (serial) WHERE NOT EXISTS (
            SELECT 1 FROM heard WHERE heard.reference = entry.reference AND heard.number = entry.number AND heard.address = sent.sender)""",
    "told another's": """
        SELECT heard.rowid FROM heard JOIN entry USING (reference) JOIN sent USING (serial) WHERE heard.address <> sent.sender
        UNION SELECT heard.rowid FROM heard JOIN entry USING (reference) WHERE heard.number NOT IN ('', entry.number)""",
    "told of what nobody knows": "SELECT rowid FROM heard WHERE reference <> '' AND reference NOT IN (SELECT reference FROM entry)",
    "other reference than at the yes": """
        SELECT yes.serial FROM yes JOIN entry USING (serial) WHERE yes.reference NOT IN ('', entry.reference)""",
    "two references at the yes": """
        SELECT serial FROM yes WHERE reference <> '' GROUP BY serial HAVING count(DISTINCT reference) > 1""",
    "record not as sent": """
        SELECT serial FROM entry WHERE coalesce(
            (SELECT state FROM amend WHERE amend.number = entry.number ORDER BY amend.rowid DESC LIMIT 1), state) <> 'whole'""",
    "strange": "SELECT words FROM strange",
}
_HOW_HARD: Final = {
    "messages sent": "SELECT count(*) FROM sent",
    "yes at the wire": "SELECT count(*) FROM yes",
    "no, or none": "SELECT count(*) FROM no",
    "registered": "SELECT count(*) FROM entry",
    "told again to the ledger": "SELECT count(*) FROM again",
    "found there by asking": "SELECT count(*) FROM found",
    "answers": "SELECT count(*) FROM heard",
    "answers heard again": """
        SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) n FROM heard WHERE number <> '' AND kind <> 'web' GROUP BY reference)""",
    "records amended": "SELECT count(*) FROM amend",
    "faults": "SELECT count(*) FROM fault",
    "processes ended by themselves": "SELECT count(*) FROM ended",
}


class Verdict:
    """`wrong` has some examples of what must be nought and is not."""

    def __init__(self, book: Path, database: Path, *, seed: int) -> None:
        self._db = sqlite3.connect(database, isolation_level=None)
        self._db.executescript(_TABLES)
        self._db.execute("BEGIN")
        for word, facts in _lines(book):
            row: Sequence[object] = _sent(seed, int(facts[0])) if word == "sent" else facts
            self._db.execute(f"INSERT INTO {word} VALUES ({', '.join('?' * _COLUMNS[word])})", row)  # noqa: S608  # our own words
        self._db.execute("COMMIT")
        self._db.executescript(_READY)
        self.must_be_nought = {name: self._count(sql) for name, sql in MUST_BE_NOUGHT.items()}
        self.how_hard = {name: int(self._db.execute(sql).fetchone()[0]) for name, sql in _HOW_HARD.items()}
        self.faults: dict[str, int] = dict(self._db.execute("SELECT name, count(*) FROM fault GROUP BY 1 ORDER BY 2 DESC"))
        self.wrong = {
            name: [row[0] for row in self._db.execute(f"{MUST_BE_NOUGHT[name]} LIMIT 10")] for name, n in self.must_be_nought.items() if n
        }

    @property
    def clean(self) -> bool:
        """Nothing is lost, nothing is there twice, everybody has heard."""
        return not any(self.must_be_nought.values())

    def table(self) -> str:
        """For people."""
        parts = (self.how_hard, self.faults, self.must_be_nought)
        return "\n\n".join("\n".join(f"{name:<48}{n:>10,}" for name, n in part.items()) for part in parts)

    def _count(self, sql: str) -> int:
        return int(self._db.execute(f"SELECT count(*) FROM ({sql})").fetchone()[0])  # noqa: S608  # our own words


def _sent(seed: int, serial: int) -> list[object]:
    each = message(seed, serial)
    return [serial, each.kind, each.sender, each.parts]


def _lines(book: Path) -> Iterator[tuple[str, list[str]]]:
    with book.open(encoding="ascii") as lines:
        for line in lines:
            _, word, *facts = line.rstrip("\n").split("\t")
            if word in _COLUMNS:
                yield word, facts
