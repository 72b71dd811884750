"""Several ledgers in the settings: what may not stand there, and what `check` says of each."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from config.settings import SettingsError
from gateway import check, ledgers
from gateway.app import running
from gateway.journal import Journal, Lines
from gateway.wordlists import regions
from tests.gateway.whole import settings

FAULTS = [
    (
        '[ledgers.x]\nkind = "htpp"\ntakes = [{ region = "32" }]',
        '[ledgers.x] kind: there is no ledger of kind "htpp"; known',
    ),
    ('[ledgers.x]\nkind = "http"\ntakes = [{ region = "32" }]', "[ledgers.x] url: missing; set it in the file"),
    ('[ledgers.embedded]\nkind = "embedded"\ntakes = [{ region = "32" }]', "[ledgers.embedded]: metrics call the one of [ledger] so"),
    ('[ledgers.x]\nkind = "embedded"\ntakes = [{ region = "32" }]', "[ledgers.x] path: [ledger] lies there too"),
    (
        '[ledgers.x]\nkind = "embedded"\npath = "x.db"\ntakes = [{ region = "32" }, { agency = "a", regoin = "3" }]',
        "[ledgers.x.takes, entry 2] regoin: unknown key; did you mean region?",
    ),
    (
        '[ledgers.x]\nkind = "embedded"\npath = "x.db"\ntakes = [{ region = "32.99" }]',
        "[ledgers.x.takes, entry 1] region: no region has this code",
    ),
    ('[ledgers.x]\nkind = "embedded"\npath = "x.db"\ntakes = [{}]', "[ledgers.x.takes, entry 1]: says nothing"),
]


@pytest.mark.parametrize(("toml", "line"), FAULTS)
async def test_a_mistake_is_one_line_that_names_table_and_key_and_nothing_is_started(tmp_path: Path, toml: str, line: str) -> None:
    with pytest.raises(SettingsError) as fault:
        async with running(settings(tmp_path, toml), Journal(Lines(io.BytesIO()))):
            pass
    assert line in str(fault.value)
    assert "\n" not in str(fault.value)
    assert list(tmp_path.glob("*.db")) == []


def test_the_one_of_the_table_ledger_comes_first_and_is_called_by_its_kind(tmp_path: Path) -> None:
    found = settings(tmp_path, f'[ledgers.x]\nkind = "embedded"\npath = "{tmp_path}/x.db"\ntakes = [{{ region = "32" }}]')
    assert [(place.queue, place.name, place.table) for place in ledgers.places(found)] == [
        ("ledger", "embedded", "ledger"), ("x", "x", "ledgers.x"),
    ]  # fmt: skip
    assert [rule.region for rule in ledgers.takes(found, regions())["x"]] == ["32"]


async def test_check_asks_each(tmp_path: Path) -> None:
    gone = '[ledgers.gone]\nkind = "http"\nurl = "http://127.0.0.1:9/api"\ntakes = [{ region = "32" }]'
    lines = {line.what: line for line in await check.check(settings(tmp_path, gone))}
    assert lines["settings"].words.endswith("ledger embedded, gone")
    assert lines["ledger"].ok
    assert not lines["ledgers.gone"].ok
    assert lines["ledgers.gone"].words.startswith("http http://127.0.0.1:9/api: ")
