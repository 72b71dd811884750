"""`gateway wording`, `check` and `run` on an office's own texts: what their editor sees, and what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from forwarder.wording import KEYS, LANGUAGES
from gateway.__main__ import cli
from tests.gateway.whole import written


def ran(*words: str | Path, env: dict[str, str] | None = None) -> tuple[int, str, str]:
    """Status, standard output, standard error."""
    result = CliRunner().invoke(cli, [str(word) for word in words], env={"COLUMNS": "200"} | (env or {}))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def office(folder: Path, **files: str) -> Path:
    """Settings with a folder of texts; its files by language."""
    own = folder / "wordings"
    own.mkdir(exist_ok=True)
    for language, document in files.items():
        (own / f"{language}.toml").write_text(document, encoding="utf-8")
    return written(folder, f'[answers]\nwordings = "{own}"')


def test_without_settings_every_text_is_there_and_fits() -> None:
    status, out, err = ran("wording", "--json")
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert [(row["language"], row["key"]) for row in found] == [(language, key) for language in LANGUAGES for key in KEYS]
    for row in found:
        assert (row["alphabet"], row["fault"], row["cost"]) == ("GSM-7", "", None)
        assert row["takes"] <= row["room"]
        assert row["segments"] == (None if row["key"].startswith("states.") else 1)
        assert row["characters"] == len(row["text"])
        assert "{" not in row["text"]
        assert row["place"].startswith(f"forwarder/wordings/{row['language']}.toml, line ")


def test_one_language_as_tables_with_and_without_what_an_sms_takes() -> None:
    status, out, _ = ran("wording", "--language", "jv")
    assert status == 0
    assert "Laporan panjenengan sampun dipuntampi. Kode laporan: 7K3Q-9FXM-2CH4." in out
    assert "Laporan Anda" not in out
    assert "GSM-7" not in out
    _, out, _ = ran("wording", "--language", "jv", "--sms")
    (line,) = (line for line in out.splitlines() if line.split()[:1] == ["receipt"])
    assert re.match(r" *receipt +GSM-7 +1[0-9]{2}/160 +1 +LAPOR! ", line)
    assert "cost" not in out


def test_a_price_gives_costs() -> None:
    status, out, _ = ran("wording", "--language", "id", "--price", "350.5", "--json")
    assert status == 0
    assert {row["cost"] for row in json.loads(out)} == {350.5, None}
    _, out, _ = ran("wording", "--language", "id", "--price", "350.5")
    (line,) = (line for line in out.splitlines() if line.split()[:1] == ["help"])
    assert re.match(r" *help +GSM-7 +1[0-9]{2}/160 +1 +350\.5 +LAPOR! ", line)


def test_a_text_that_does_not_fit_is_shown_marked_and_one(tmp_path: Path) -> None:
    config = office(tmp_path, id="# x\nhelp = '" + "a" * 150 + " [/b] €€ {{'\n[states]\nreceived = 'di—'", su="help = '" + "—" * 71 + "'")
    status, out, err = ran("wording", "--config", config, "--price", "10", "--json")
    assert (status, err) == (1, "")
    faulty = {(row["language"], row["key"]): row for row in json.loads(out) if row["fault"]}
    assert len(faulty) == 3
    long = faulty["id", "help"]
    assert (long["characters"], long["takes"], long["room"], long["segments"], long["cost"]) == (160, 165, 160, 2, 20)
    wide = faulty["su", "help"]
    assert (wide["alphabet"], wide["takes"], wide["room"], wide["segments"], wide["cost"]) == ("UCS-2", 71, 70, 2, 20)
    assert (faulty["id", "states.received"]["alphabet"], faulty["id", "states.received"]["segments"]) == ("UCS-2", None)
    status, out, _ = ran("wording", "--config", config, "--sms")
    assert status == 1
    assert f"{tmp_path}/wordings/id.toml, line 2: 'help' takes 165 characters when it is filled, and may take 160" in out
    assert f"{tmp_path}/wordings/id.toml, line 4: 'states.received' has '—'" in out


def test_an_office_s_text_is_shown_as_it_is(tmp_path: Path) -> None:
    status, out, _ = ran("wording", "--config", office(tmp_path, id="help = '[bold]Tulis[/bold] :smile:'"), "--language", "id")
    assert status == 0
    assert "[bold]Tulis[/bold] :smile:" in out


def test_the_folder_may_come_from_the_environment(tmp_path: Path) -> None:
    (tmp_path / "su.toml").write_text("help = 'Serat.'")
    _, out, _ = ran("wording", "--language", "su", "--json", env={"LAPOR__ANSWERS__WORDINGS": str(tmp_path)})
    (text,) = (row["text"] for row in json.loads(out) if row["key"] == "help")
    assert text == "Serat."


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("receipt = 'Kode'", "line 1: 'receipt' lacks {reference}"),
        ("\n\nrecipt = 'Kode {reference}'", "line 3: unknown key 'recipt'"),
        ("help = 'x'\nreceipt = 'Kode", "line 2: 'receipt' is not TOML: "),
    ],
)
@pytest.mark.parametrize("command", ["run", "check", "wording"])
def test_a_broken_file_is_one_line_with_file_line_and_key_and_two(tmp_path: Path, command: str, document: str, words: str) -> None:
    status, out, err = ran(command, "--config", office(tmp_path, jv=document))
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert err.startswith(f"[answers] wordings: {tmp_path}/wordings/jv.toml, {words}")


@pytest.mark.parametrize("command", [["run"], ["run", "--only", "doors"], ["check"]])
def test_nothing_starts_with_a_text_that_is_too_long(tmp_path: Path, command: list[str]) -> None:
    status, out, err = ran(*command, "--config", office(tmp_path, id="\nhelp = '" + "a" * 161 + "'"))
    assert (status, out) == (2, "")
    assert err.startswith(f"[answers] wordings: {tmp_path}/wordings/id.toml, line 2: 'help' takes 161 characters")
    assert not (tmp_path / "gateway.db").exists()


def test_check_says_how_many_texts_are_the_office_s_own(tmp_path: Path) -> None:
    config = office(tmp_path, id="help = 'Tulis.'\n[states]\nreceived = 'diterima'")
    every = len(LANGUAGES) * len(KEYS)
    assert f"ok    wordings: {every} texts, 2 of them in {tmp_path}/wordings\n" in ran("check", "--config", config)[1]
    assert f"ok    wordings: {every} texts\n" in ran("check", "--config", written(tmp_path))[1]


def test_a_language_without_texts_is_bad_usage() -> None:
    status, out, err = ran("wording", "--language", "min")
    assert (status, out) == (2, "")
    assert "known here: id, en, jv, su" in err
