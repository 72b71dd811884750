"""`operators …` at a terminal: accounts on the console's file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.__main__ import cli
from tests.gateway.whole import written

PASSWORD = "kucing hitam di atap seng"


def ran(config: Path, *words: str, typed: str = "") -> tuple[int, str, str]:
    """Status, standard output, standard error."""
    result = CliRunner().invoke(cli, ["operators", *words, "--config", str(config)], input=typed, env={"COLUMNS": "200"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def listed(config: Path) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in json.loads(ran(config, "list", "--json")[1])}


def test_the_first_admin_is_made_at_a_terminal_and_the_others_are_kept_there(tmp_path: Path) -> None:
    config = written(tmp_path)
    assert ran(config, "add", "siti", "--role", "admin", typed=f"{PASSWORD}\n") == (0, "siti may sign in as admin\n", "")
    status, said, _ = ran(config, "add", "rini", "--role", "operator", "--invite")
    assert status == 0
    assert "http://127.0.0.1:0/invited/" in said
    assert ran(config, "role", "rini", "supervisor")[0] == 0
    assert ran(config, "disable", "rini")[0] == 0
    accounts = listed(config)
    assert (accounts["siti"]["role"], accounts["siti"]["password"], accounts["siti"]["off"]) == ("admin", True, None)
    assert (accounts["rini"]["role"], accounts["rini"]["password"], bool(accounts["rini"]["off"])) == ("supervisor", False, True)
    assert "disabled" in ran(config, "list")[1]
    assert ran(config, "enable", "rini")[0] == 0
    assert "/invited/" in ran(config, "reset", "siti")[1]
    assert (tmp_path / "console.db").stat().st_mode & 0o777 == 0o600
    assert PASSWORD.encode() not in (tmp_path / "console.db").read_bytes()


@pytest.mark.parametrize(
    ("words", "typed", "sentence"),
    [
        (("add", "Siti"), PASSWORD, "NAME: 2 to 32 small letters"),
        (("add", "tono", "--role", "emperor"), PASSWORD, "--role: one of viewer, operator, supervisor, admin"),
        (("add", "tono"), "pendek", "too short"),
        (("add", "tono"), "tono dan tono dan tono", "must not contain the name"),
        (("add", "tono"), "passwordpassword", "easy to guess"),
        (("add", "tono"), "", "too short"),
        (("role", "nobody", "viewer"), "", "no account of this name"),
        (("disable", "nobody"), "", "no account of this name"),
        (("reset", "nobody"), "", "no account of this name"),
    ],
)
def test_what_cannot_be_is_one_line(tmp_path: Path, words: tuple[str, ...], typed: str, sentence: str) -> None:
    status, out, err = ran(written(tmp_path), *words, typed=f"{typed}\n")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert sentence in err
    assert not typed or typed not in err


def test_the_last_admin_stays(tmp_path: Path) -> None:
    config = written(tmp_path)
    ran(config, "add", "siti", "--role", "admin", typed=f"{PASSWORD}\n")
    assert "last admin" in ran(config, "disable", "siti")[2]
    assert "last admin" in ran(config, "role", "siti", "viewer")[2]
    assert "already" in ran(config, "add", "siti", typed=f"{PASSWORD}\n")[2]
