"""The settings of what ledgers tell us and what citizens hear of it: what holds without them, and what is refused in one line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.settings import Settings, SettingsError, load
from forwarder import embedded, http_ledger, open311_ledger
from gateway.telling import asked, manners, senders

SECRET = "rahasia bersama untuk uji"


def read(folder: Path, text: str) -> Settings:
    file = folder / "gateway.toml"
    file.write_text(text, encoding="utf-8")
    return load(file, {})


def test_without_settings_nobody_calls_and_citizens_hear_what_matters_by_day() -> None:
    settings = Settings()
    assert senders(settings) == []
    told = manners(settings)
    assert told.tell == frozenset({"forwarded", "answered", "needs_reply", "closed", "rejected"})
    assert (told.settle_s, told.per_day) == (600, 3)
    assert told.quiet is not None
    assert (told.quiet.begins.hour, told.quiet.ends.hour, str(told.zone)) == (21, 7, "Asia/Jakarta")


def test_a_secret_opens_the_door_and_words_are_explained(tmp_path: Path) -> None:
    settings = read(tmp_path, f'[ledger]\nevents_secret = "{SECRET}"\n[ledger.states]\n"A2 Tunda" = "needs_reply"\n')
    (sender,) = senders(settings)
    assert (sender.ledger, sender.name, sender.secret, sender.states.of("a2 tunda")) == ("ledger", "embedded", SECRET, "needs_reply")
    assert SECRET not in repr(settings)


def named(name: str, secret: str) -> str:
    return f'[ledgers.{name}]\nkind = "embedded"\npath = "{name}.db"\nevents_secret = "{secret}"\ntakes = [{{ region = "32" }}]\n'


def test_each_ledger_has_its_own_secret_and_its_own_words(tmp_path: Path) -> None:
    text = named("bandung", SECRET) + named("bogor", SECRET + "2") + '[ledgers.bogor.states]\nTunda = "needs_reply"\n'
    found = senders(read(tmp_path, text))
    assert [(sender.ledger, sender.name, sender.states.of("tunda")) for sender in found] == [
        ("bandung", "bandung", "other"),
        ("bogor", "bogor", "needs_reply"),
    ]
    with pytest.raises(
        SettingsError, match=r"^\[ledgers.bogor\] events_secret: \[ledgers.bandung\] has the same; it says which of them calls"
    ):
        senders(read(tmp_path, named("bandung", SECRET) + named("bogor", SECRET)))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[ledger]\nevents_secret = "short"', "[ledger] events_secret: "),
        ('[ledger]\nevents_secret = "0123456789abcdef"\n[ledger.states]\nTunda = "late"', "[ledger.states]: expected one of registered, "),
        ('[answers]\ntell = ["closed", "finished"]', '[answers] tell: there is no state "finished"; known here: registered, '),
        ('[answers]\nquiet = "9 pm"', '[answers] quiet: expected hours like "21:00-07:00", or "" for none'),
        ("[answers]\nsettle_s = -1", "[answers] settle_s: "),
        ("[answers]\nchanges_per_day = 0", "[answers] changes_per_day: "),
        ("[ledger]\npoll_s = -1", "[ledger] poll_s: "),
    ],
)
def test_what_cannot_be_is_refused_with_its_table_and_key(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        settings = read(tmp_path, text)
        senders(settings)
        manners(settings)
    assert str(refusal.value).startswith(fault)


class Open:
    """A way that nobody bars."""

    shut = False


async def test_only_a_ledger_that_says_where_complaints_stand_is_asked(tmp_path: Path) -> None:
    book = embedded.ledger("embedded", embedded.Settings(), tmp_path, lambda: datetime.now(UTC))
    assert asked(Settings(), {"ledger": (book, Open())}) == {}
    with pytest.raises(SettingsError, match=r'^\[ledger\] poll_s: a ledger of kind "embedded" cannot be asked where a complaint stands'):
        asked(read(tmp_path, "[ledger]\npoll_s = 60"), {"ledger": (book, Open())})
    await book.close()
    server = http_ledger.ledger("http", http_ledger.Settings(url="http://127.0.0.1:1"), tmp_path, lambda: datetime.now(UTC))
    http = '[ledger]\nkind = "http"\nurl = "http://127.0.0.1:1"\n'
    assert asked(read(tmp_path, http), {"ledger": (server, Open())}) == {}
    assert asked(read(tmp_path, http + "poll_s = 60"), {"ledger": (server, Open())})["ledger"].every_s == 60
    city = open311_ledger.ledger(
        "kota", open311_ledger.Settings(url="http://127.0.0.1:1", service="x"), tmp_path, lambda: datetime.now(UTC)
    )
    kota = '[ledger]\nkind = "open311"\n'
    assert asked(read(tmp_path, kota), {"ledger": (city, Open())})["ledger"].every_s == 6 * 3600
    assert asked(read(tmp_path, kota + "poll_s = 0"), {"ledger": (city, Open())}) == {}
    await server.close()
    await city.close()
