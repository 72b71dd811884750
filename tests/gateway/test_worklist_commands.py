"""`gateway worklist …` with a real store: what an officer sees at a terminal, and what the store has afterwards."""

from __future__ import annotations

import asyncio
import getpass
from pathlib import Path

import pytest

from tests.gateway.copying import TOKEN, copying
from tests.gateway.test_cli import fault, ran, told
from tests.gateway.tiny import CITIZEN
from tests.gateway.whole import written

LEDGER = '[ledger]\nkind = "worklist"\n'


def office(folder: Path, *texts: str) -> tuple[Path, list[str]]:
    """A settings file, and the codes of what waits to be copied."""

    async def fill() -> list[str]:
        async with copying(folder) as opened:
            return [(await opened.put(text)).reference for text in texts]

    config = written(folder, LEDGER)
    return config, asyncio.run(fill())


def said(*words: str | Path) -> str:
    """What a command that can prints."""
    status, out, err = ran(*words)
    assert (status, err) == (0, "")
    return out


def test_next_prints_a_sheet_that_can_be_pasted(tmp_path: Path) -> None:
    long = "jalan rusak " * 30 + "\x1b[31m di depan pasar"
    config, (code, _) = office(tmp_path, long, "lampu mati")
    out = said("worklist", "next", "--config", config)
    above, block, below = out.split(f"{'-' * 72}\n")
    assert CITIZEN in above
    assert block.startswith(("jalan rusak " * 30).rstrip())
    assert "\x1b" not in block
    assert block.endswith(f"Kode laporan: {code}\n")
    assert f"worklist done {code} ID" in below
    work = told("worklist", "next", "--config", config)
    assert (work["code"], work["sheet"]["block"].splitlines()[0]) == (code, long.replace("\x1b", "\ufffd"))
    found = told("trace", code, "--config", config)
    assert [(act["by"], act["act"]) for act in found["acts"]] == [(getpass.getuser(), "next")]


def test_list_says_who_has_what_and_shows_no_text(tmp_path: Path) -> None:
    config, (first, second) = office(tmp_path, "jalan rusak", "lampu mati")
    said("worklist", "next", "--config", config)
    out = said("worklist", "list", "--config", config)
    assert [first in out, second in out, getpass.getuser() in out, "rusak" in out, CITIZEN in out] == [True, True, True, False, False]
    lines = told("worklist", "list", "--config", config)
    assert [(line["code"], line["by"]) for line in lines] == [(first, getpass.getuser()), (second, "")]


def test_a_number_is_given_corrected_and_taken_back(tmp_path: Path) -> None:
    config, (code,) = office(tmp_path, "jalan rusak")
    assert said("worklist", "done", code, "#8112829", "--config", config) == f"{code} is #8112829\n"
    assert said("worklist", "done", code, "123456789012", "--config", config) == f"{code} is #123456789012\n"
    assert told("trace", "123456789012", "--config", config)["acts"][-1]["words"] == "#8112829 -> #123456789012"
    assert said("worklist", "undo", code, "--config", config) == f"{code} waits in the worklist\n"
    said("worklist", "next", "--config", config)
    assert said("worklist", "put-back", code, "--config", config) == f"{code} waits in the worklist\n"
    assert said("worklist", "set-aside", code, "--reason", "ganda", "--config", config) == f"{code} is parked\n"
    assert told("parked", "list", "--config", config)[0]["words"] == "ganda"
    said("parked", "retry", code, "--config", config)
    acts = [act["act"] for act in told("trace", code, "--config", config)["acts"]]
    assert acts == ["done", "correct", "undo", "next", "put back", "set aside", "retry"]
    status = said("status", "--config", config)
    assert "oldest submit" in status
    assert "copied by hand: " in status


def test_nothing_to_copy_is_no_fault(tmp_path: Path) -> None:
    config, _ = office(tmp_path)
    assert ran("worklist", "next", "--config", config) == (0, "", "nothing waits to be copied\n")
    assert told("worklist", "next", "--config", config) is None
    assert told("worklist", "list", "--config", config) == []


def test_what_is_refused_is_one_sentence_and_one(tmp_path: Path) -> None:
    config, (code,) = office(tmp_path, "jalan rusak")
    assert "5 to 12 digits" in fault(1, "worklist", "done", code, "81-12829", "--config", config)
    assert "no number yet" in fault(1, "worklist", "done", code, "--config", config)
    for command in (["done", "0000-0000-0000", "8112829"], ["undo", "8112829"], ["put-back", code], ["undo", code]):
        fault(1, "worklist", *command, "--config", config)


@pytest.mark.parametrize("command", ["next", "list", "done 7K3Q-9FXM-2CH4 8112829", "undo 7K3Q-9FXM-2CH4", "put-back 7K3Q-9FXM-2CH4"])
def test_without_a_store_there_is_nothing_to_copy_and_none_is_made(tmp_path: Path, command: str) -> None:
    config = written(tmp_path, LEDGER)
    assert str(tmp_path / "gateway.db") in fault(1, "worklist", *command.split(), "--config", config)
    assert not (tmp_path / "gateway.db").exists()


@pytest.mark.parametrize(("more", "words"), [("", "no token"), (f'token = "{TOKEN}"', "nobody but officers")])
def test_check_says_that_it_needs_nobody_but_officers(tmp_path: Path, more: str, words: str) -> None:
    status, out, _ = ran("check", "--config", written(tmp_path, LEDGER + more))
    assert status == 0
    (line,) = [line for line in out.splitlines() if " ledger:" in line]
    assert words in line
    assert TOKEN not in out


def test_a_short_token_ends_the_start_and_is_not_shown(tmp_path: Path) -> None:
    line = fault(2, "check", "--config", written(tmp_path, LEDGER + 'token = "1234567"'))
    assert "[ledger]" in line
    assert "1234567" not in line
