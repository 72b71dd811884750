"""What older versions wrote is read, and so is what a newer one wrote where its store may be opened at all.

The rules stand in docs/operations.md, "Upgrade and downgrade". The octets here were written by the versions that they are named after;
they are never changed, only added to.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import apsw
import msgspec
import pytest

from channels.base import Letter
from channels.message import LetterKind
from forwarder.states import LedgerState
from gateway.store import tables
from gateway.store.record import Addition, Case, FileStep, LetterStep, Life, Step
from gateway.store.sqlite import opened
from gateway.store.trying import Try
from normalizer import additions, complaint
from normalizer.likeness import Likeness
from tests.promises.lived import FULL, Lived, seen
from tests.promises.stores import arrival, claimed, letters, numbers

# --- stores ---

#: what a version before this one knew nothing of
SINCE = {"ledger": 4, "events": 6, "asked": 7, "additions": 7, "files": 8, "tries": 12, "letters": 15}


async def lived(folder: Path) -> tuple[list[Life], apsw.Connection]:
    """All cases of a store with a full life, and its file."""
    path = folder / "now.db"
    async with opened(path, most_letters=5) as store:
        life = Lived(store)
        await life.live([act for act in FULL if act != "claim"])
        # so that all find out the same, whenever they look
        lives = (await seen(store, life.came))["lives"]
    return lives, apsw.Connection(str(path))


def older(path: Path, version: int, now: apsw.Connection) -> None:
    """The same store as a version would have had it: its tables and columns, and in them the rows of today."""
    db = apsw.Connection(str(path))
    for step in tables.STEPS[:version]:
        db.execute(step)
    db.pragma("user_version", version)
    for (name,) in list(db.execute("SELECT name FROM sqlite_master WHERE type='table'")):
        columns = [row[1] for row in db.execute(f"PRAGMA table_info({name})")]
        named = ", ".join(columns)
        rows = list(now.execute(f"SELECT {named} FROM {name}"))
        if rows:
            db.executemany(f"INSERT INTO {name}({named}) VALUES ({','.join('?' * len(columns))})", rows)
    db.close()


def as_of(version: int, life: Life) -> Life:
    """What is left of it without what a version knew nothing of."""
    plain: dict[str, Any] = {"ledger": "", "asked": False, "additions": (), "events": (), "files": (), "tries": ()}
    if version < SINCE["letters"]:
        plain["letters"] = tuple(msgspec.structs.replace(each, said="", answered_at=None) for each in life.letters)
    gone = {name: plain[name] for name, since in SINCE.items() if since > version}
    case = {name: value for name, value in gone.items() if name in Case.__struct_fields__ and name != "files"}
    changed = {name: value for name, value in gone.items() if name in {"events", "files", "tries", "letters"}}
    return msgspec.structs.replace(life, case=msgspec.structs.replace(life.case, **case), **changed)


@pytest.mark.parametrize("version", range(1, tables.VERSION))
async def test_a_store_of_every_older_version_is_opened_and_all_that_it_had_is_there(version: int, tmp_path: Path) -> None:
    lives, now = await lived(tmp_path)
    path = tmp_path / "older.db"
    older(path, version, now)
    async with opened(path, most_letters=5) as store:
        assert await store.recount() == []
        assert (await seen(store, [life.case.reference for life in lives]))["lives"] == [as_of(version, life) for life in lives]
        (first, *_) = lives
        again = await store.put(arrival(1), numbers("other"))
        assert (again.reference, again.duplicate) == (first.case.reference, True)
        assert await claimed(store)
        assert await letters(store)
    now.close()
    brought = apsw.Connection(str(path))
    assert brought.pragma("user_version") == tables.VERSION
    brought.close()


# --- what is packed into rows ---

#: a letter, as the first version of the store packed it
LETTER_1 = bytes.fromhex(
    "87a36b6579ad31323a72656769737465726564a7636173655f6964a23132a76368616e6e656ca974656c6b6f6d73656ca2746fad36323831323030303030303031"
    "a46b696e64aa72656769737465726564a474657874b64c61706f72616e20374b33512d3946584d2d32434834a87265706c795f746f81a2746fad"
    "36323831323030303030303031"
)
#: an addition, as version 7 packed it
ADDITION_7 = bytes.fromhex(
    "84a46b696e64a6616e73776572a97265666572656e6365ae374b33512d3946584d2d32434834a26174d6ff6affb8a5a474657874ae6469204a616c616e204d61776172"
)
#: a likeness, as version 2 packed it
LIKENESS_2 = bytes.fromhex("9607089209cf4000000000000000a09000")
#: a try, as version 12 packed it
TRY_12 = bytes.fromhex(
    "86a26f66ad31323a72656769737465726564a36e746802a26174d6ff6affb8a5a6746f6f6b5f73cb3fd0000000000000a473746570a473656e64a4636f6465a9"
    "7468726f74746c6564"
)
#: a try, as version 15 packed it
TRY_15 = bytes.fromhex(
    "87a26f66ad31323a72656769737465726564a36e746802a26174d6ff6affb8a5a6746f6f6b5f73cb3fd0000000000000a473746570a473656e64a463"
    "6f6465a97468726f74746c6564a473616964a83030303030303538"
)
#: a record, as the first gateway sent it to its ledger
RECORD_1 = (
    b'{"schema":"complaint/1","reference":"7K3Q-9FXM-2CH4","case_id":"12","channel":"telkomsel","source_id":"id-1",'
    b'"received_at":"2026-11-20T03:04:05Z","sent_at":null,"reporter":{"kind":"phone","address":"+6281200000001","name":"","verified":""},'
    b'"privacy":"terbuka","text":"jalan rusak di Jalan Mawar","title":{"value":"Jalan rusak","provenance":"derived",'
    b'"rule":"first_sentence","confidence":0.5},"classification":{"value":"pengaduan","provenance":"derived","rule":"default",'
    b'"confidence":0.0},"oversight":{"value":null,"provenance":"derived","rule":"","confidence":0.0},"incident_date":{"value":null,'
    b'"provenance":"derived","rule":"","confidence":0.0},"location":{"value":{"text":"Jalan Mawar","candidates":[],"code":null},'
    b'"provenance":"derived","rule":"","confidence":0.0},"agency":{"value":null,"provenance":"derived","rule":"","confidence":0.0},'
    b'"category":{"value":null,"provenance":"derived","rule":"","confidence":0.0},"language":{"value":"id","provenance":"derived",'
    b'"rule":"","confidence":0.0},"attachments":[{"name":"foto.jpg","media_type":"image/jpeg","size":700}],"related":[],'
    b'"flags":["emergency"],"pii":[]}'
)

AT = datetime(2026, 11, 20, 3, 4, 5, tzinfo=UTC)
LETTER = Letter(
    key="12:registered", case_id="12", channel="telkomsel", to="6281200000001", kind="registered", text="Laporan 7K3Q-9FXM-2CH4",
    reply_to={"to": "6281200000001"},
)  # fmt: skip
PACKED = {
    "letter": (LETTER_1, LETTER),
    "addition": (ADDITION_7, Addition(kind="answer", reference="7K3Q-9FXM-2CH4", at=AT, text="di Jalan Mawar")),
    "try": (TRY_12, Try(of="12:registered", nth=2, at=AT, took_s=0.25, step="send", code="throttled")),
    "answered try": (
        TRY_15,
        Try(of="12:registered", nth=2, at=AT, took_s=0.25, step="send", code="throttled", said="00000058"),
    ),
    "likeness": (LIKENESS_2, Likeness(same=7, text=8, near=(9, 2**62))),
}


@pytest.mark.parametrize("name", PACKED)
def test_what_an_older_version_packed_is_read_and_what_it_did_not_know_has_its_default(name: str) -> None:
    packed, meant = PACKED[name]
    assert msgspec.msgpack.decode(packed, type=type(meant)) == meant


@pytest.mark.parametrize("name", PACKED)
def test_what_a_newer_version_packed_is_read_without_what_it_added(name: str) -> None:
    packed, meant = PACKED[name]
    plain = msgspec.msgpack.decode(packed)
    newer = [*plain, "new"] if isinstance(plain, list) else {**plain, "new": {"of": ["any", "kind"]}}
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(newer), type=type(meant)) == meant


def test_a_record_of_the_first_gateway_is_read() -> None:
    read = complaint.decode(RECORD_1)
    assert (read.reference, read.text, read.received_at, read.flags) == ("7K3Q-9FXM-2CH4", "jalan rusak di Jalan Mawar", AT, ("emergency",))
    assert (read.privacy_rule, read.ask, read.attachments[0].url) == ("", "", "")


def test_a_record_of_a_newer_gateway_is_read_without_what_it_added() -> None:
    newer = msgspec.json.decode(RECORD_1) | {"new": 1}
    newer["reporter"]["new"] = newer["location"]["new"] = {"x": []}
    assert complaint.decode(msgspec.json.encode(newer)) == complaint.decode(RECORD_1)


def test_a_record_of_another_schema_is_not_taken_for_ours() -> None:
    with pytest.raises(ValueError, match="schema"):
        complaint.decode(RECORD_1.replace(b"complaint/1", b"complaint/2"))


# --- words of which older versions must know all ---

#: An older gateway that met another one would stumble over it again and again. So whoever adds one also appends a step to `tables.STEPS`,
#: if only an empty one, which keeps older gateways away from such a store; then both are written down here.
WORDS: Mapping[str, tuple[object, str]] = {
    "step": (Step, "held asked submit worklist triage parked done declined"),
    "letter step": (LetterStep, "send sent failed parked muted"),
    "file step": (FileStep, "send sent parked"),
    "letter": (LetterKind, "receipt registered corrected status help ask added withdrawn stopped resumed change"),
    "state": (LedgerState, "registered verified forwarded moved in_progress answered needs_reply closed rejected other"),
    "addition": (additions.Kind, "answer follow_up"),
    "flag": (
        complaint.Flag,
        "emergency whistleblowing incomplete_sms spam_suspect abusive hashtag_only needs_clarification test undecodable",
    ),
    "ask": (complaint.Ask, " place text"),
    "privacy": (complaint.Privacy, "terbuka anonim rahasia"),
    "classification": (complaint.Classification, "pengaduan aspirasi permintaan_informasi"),
    "detail": (complaint.DetailKind, "jalan gang rt rw dusun perumahan blok km patokan"),
}
WORDS_OF = 10


@pytest.mark.parametrize("name", WORDS)
def test_no_word_is_added_that_an_older_gateway_would_stumble_over(name: str) -> None:
    known, words = WORDS[name]
    assert get_args(known) == tuple(words.split(" ")), (
        "append a step to tables.STEPS, then write the words down, and its number in WORDS_OF"
    )
    assert tables.VERSION >= WORDS_OF
