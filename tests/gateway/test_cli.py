"""The command line with real files: what each command prints, and one clear line and the right status when it cannot."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import pytest
import typer
from typer.testing import CliRunner

from gateway.__main__ import cli
from gateway.cli import finish
from tests.fakes.ports import free_port
from tests.gateway.whole import ESME, SENDER, Filled, filled, minutes_since, written

TOP = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Filled]:
    """A settings file and what its store holds; for commands that only look."""
    folder = tmp_path_factory.mktemp("office")
    return written(folder), filled(folder)


def ran(*words: str | Path, env: dict[str, str] | None = None) -> tuple[int, str, str]:
    """Status, standard output, standard error."""
    result = CliRunner().invoke(cli, [str(word) for word in words], env={"COLUMNS": "200"} | (env or {}))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def told(*words: str | Path) -> Any:
    """What a command says as JSON."""
    status, out, err = ran(*words, "--json")
    assert (status, err) == (0, "")
    return json.loads(out)


def fault(status: int, *words: str | Path, env: dict[str, str] | None = None) -> str:
    """The one line of a command that cannot."""
    found, out, err = ran(*words, env=env)
    assert (found, out) == (status, "")
    assert err.count("\n") == 1, err
    return err


# --- those who look ---


def test_status_counts_what_waits_and_what_is_done(office: tuple[Path, Filled]) -> None:
    found = told("status", "--config", office[0])
    assert found["running"] is False
    assert found["tally"]["received"] == {"tiny": 3}
    assert {step: n for step, n in found["tally"]["cases"]["tiny"].items() if n} == {"done": 1, "parked": 1, "submit": 1}
    assert {step: n for step, n in found["tally"]["letters"]["tiny"].items() if n} == {"sent": 1}
    assert minutes_since(found["tally"]["oldest"]["submit"]) < 5
    status, out, _ = ran("status", "--config", office[0])
    assert status == 0
    assert "No gateway answers" in out
    assert re.search(r"tiny .* 3 .* 1 .* 1 .* 1", out)
    assert "oldest parked" in out


def test_trace_tells_the_life_of_a_case_by_either_of_its_codes(office: tuple[Path, Filled]) -> None:
    config, cases = office
    for code in (cases.done, cases.done.lower().replace("-", ""), cases.tracking_id, f"#{cases.tracking_id}"):
        found = told("trace", code, "--config", config)
        assert (found["reference"], found["step"], found["tracking_id"]) == (cases.done, "done", cases.tracking_id)
        assert found["record"]["schema"] == "complaint/1"
        assert [(letter["kind"], letter["step"]) for letter in found["letters"]] == [("registered", "sent")]
    status, out, _ = ran("trace", cases.done, "--config", config)
    assert status == 0
    assert cases.tracking_id in out
    assert "letter: registered" in out


def test_an_incident_has_nothing_of_what_came(office: tuple[Path, Filled], tmp_path: Path) -> None:
    config, cases = office
    door = tmp_path / "door.toml"
    door.write_text(config.read_text(encoding="utf-8") + '\n[channels.tiny]\nkind = "web.site"\n', encoding="utf-8")
    path = tmp_path / "incident.json"
    status, _, said = ran("trace", cases.done, "--incident", path, "--config", door)
    assert (status, said.strip()) == (0, str(path))
    file = json.loads(path.read_bytes())
    assert (file["schema"], file["faithful"], file["outcome"]["code"], file["step"]) == ("lapor-incident/1", True, "unreadable", "done")
    raw = base64.b64decode(file["raw"]).decode()
    assert raw.count("|") == 1
    assert "jalan" not in raw
    assert cases.done not in str(file)
    assert (
        fault(1, "trace", cases.done, "--incident", "/nowhere/file", "--config", door)
        == "--incident: /nowhere/file: No such file or directory\n"
    )
    assert "[channels.tiny] is not in the settings any more" in fault(1, "trace", cases.done, "--incident", path, "--config", config)


def test_tables_show_no_number_and_no_text(office: tuple[Path, Filled]) -> None:
    config, cases = office
    for words in (["status"], ["trace", cases.done], ["trace", cases.waiting], ["parked", "list"]):
        _, out, err = ran(*words, "--config", config)
        assert SENDER.removeprefix("+") not in out + err
        assert "jalan rusak" not in out + err


def test_parked_cases_are_listed_and_shown(office: tuple[Path, Filled]) -> None:
    config, cases = office
    (found,) = told("parked", "list", "--config", config)
    assert (found["reference"], found["code"], found["words"]) == (cases.parked, "unreadable", "no sender in it")
    assert told("parked", "show", cases.parked, "--config", config)["record"] is None
    assert f"trace {cases.parked} --files" in ran("parked", "show", cases.parked, "--config", config)[1]
    for words in (["list"], ["show", cases.parked]):
        status, out, _ = ran("parked", *words, "--config", config)
        assert status == 0
        assert cases.parked in out
        assert "no sender in it" in out


@pytest.mark.parametrize("command", ["trace", "parked show", "parked retry", "parked drop"])
def test_a_code_that_nobody_has_is_one_line_and_one(office: tuple[Path, Filled], command: str) -> None:
    reason = ["--reason", "x"] if command.endswith("drop") else []
    for code in ("0000-0000-0000", "nonsense", "1234567"):
        assert code in fault(1, *command.split(), code, *reason, "--config", office[0])


@pytest.mark.parametrize("command", ["show", "retry", "drop"])
def test_only_parked_cases_are_shown_retried_and_dropped_here(office: tuple[Path, Filled], command: str) -> None:
    reason = ["--reason", "x"] if command == "drop" else []
    for code in (office[1].done, office[1].waiting):
        assert "no parked case" in fault(1, "parked", command, code, *reason, "--config", office[0])


# --- those who mend ---


def test_a_parked_case_is_sent_again_or_dropped_and_the_reason_is_kept(tmp_path: Path) -> None:
    config, cases = written(tmp_path), filled(tmp_path)
    status, out, _ = ran("parked", "retry", cases.parked, "--reason", "looked at it", "--config", config)
    assert (status, out) == (0, f"{cases.parked} goes to the ledger\n")
    found = told("trace", cases.parked, "--config", config)
    assert (found["step"], [(act["act"], act["words"]) for act in found["acts"]]) == ("submit", [("retry", "looked at it")])
    assert found["acts"][0]["by"]
    assert told("parked", "list", "--config", config) == []


def test_a_case_is_not_dropped_without_a_reason(tmp_path: Path) -> None:
    config, cases = written(tmp_path), filled(tmp_path)
    status, _, err = ran("parked", "drop", cases.parked, "--config", config)
    assert status == 2
    assert "--reason" in err
    status, out, _ = ran("parked", "drop", cases.parked, "--reason", "empty", "--config", config)
    assert (status, out) == (0, f"{cases.parked} is declined\n")
    found = told("trace", cases.parked, "--config", config)
    assert (found["step"], found["acts"][0]["words"]) == ("declined", "empty")


def test_an_empty_reason_is_no_reason(tmp_path: Path) -> None:
    config, cases = written(tmp_path), filled(tmp_path)
    status, _, _ = ran("parked", "drop", cases.parked, "--reason", " ", "--config", config)
    assert status == 2


def test_check_says_a_line_for_each_thing_that_it_looked_at(tmp_path: Path) -> None:
    config, _ = written(tmp_path), filled(tmp_path)
    status, out, err = ran("check", "--config", config)
    assert (status, err) == (0, "")
    looked_at = ("settings", "regions", "rules", "wordings", "secret", "alerts", "store", "spool", "ledger")
    assert [line.split()[:2] for line in out.splitlines()] == [["ok", f"{what}:"] for what in looked_at]
    assert "3 cases, every one accounted for" in out
    assert "chain of hashes holds" in out


def test_check_finds_a_chain_that_was_altered_and_a_secret_that_others_read(tmp_path: Path) -> None:
    config, cases = written(tmp_path), filled(tmp_path)
    ran("check", "--config", config)
    (tmp_path / "secret").chmod(0o644)
    db = apsw.Connection(str(tmp_path / "ledger.db"))
    db.execute("DROP TRIGGER no_update")
    db.execute("UPDATE entries SET record=replace(record, 'rusak', 'bagus')")
    db.close()
    status, out, _ = ran("check", "--config", config)
    assert status == 1
    faults = [line for line in out.splitlines() if line.startswith("FAULT")]
    assert [line.split()[1] for line in faults] == ["secret:", "ledger:"]
    assert "entry 1" in faults[1]
    assert cases.done not in out


def test_check_finds_counts_that_do_not_add_up(tmp_path: Path) -> None:
    config, _ = written(tmp_path), filled(tmp_path)
    db = apsw.Connection(str(tmp_path / "gateway.db"))
    db.execute("UPDATE counts SET n=n+1 WHERE word='done'")
    db.close()
    status, out, _ = ran("check", "--config", config)
    assert status == 1
    assert "FAULT store: tiny: the counts say 2 done, the cases say 1" in out


# --- faults ---

LOOKING = ["status", "trace 0000-0000-0000", "parked list", "parked show 1234567", "parked retry 1234567", "parked drop 1234567 --reason x"]


@pytest.mark.parametrize("command", LOOKING)
def test_a_store_that_is_not_there_is_one_line_and_is_not_made(tmp_path: Path, command: str) -> None:
    config = written(tmp_path)
    assert str(tmp_path / "gateway.db") in fault(1, *command.split(), "--config", config)
    assert not (tmp_path / "gateway.db").exists()


@pytest.mark.parametrize("command", LOOKING)
def test_a_store_that_is_no_store_is_one_line_that_names_it(tmp_path: Path, command: str) -> None:
    config = written(tmp_path)
    (tmp_path / "gateway.db").write_text("kepada yth. " * 100)
    assert str(tmp_path / "gateway.db") in fault(1, *command.split(), "--config", config)


def test_check_names_a_store_that_is_no_store(tmp_path: Path) -> None:
    config = written(tmp_path)
    (tmp_path / "gateway.db").write_text("kepada yth. " * 100)
    status, out, _ = ran("check", "--config", config)
    assert status == 1
    assert f"FAULT store: {tmp_path / 'gateway.db'}" in out


COMMANDS = ["run", "check", *LOOKING]
SETTINGS = [
    ("[store]\nurl = 7", "[store] url"),
    ("[gatway]\nname = 'x'", "[gatway]"),
    ("[answers]\nper_sender_hours = 5", "[answers] per_sender_hours"),
    ("[channels.x]\nenabled = true", "[channels.x] kind"),
    ("[store", "gateway.toml"),
]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(("more", "words"), SETTINGS)
def test_settings_that_cannot_be_used_are_one_line_with_table_and_key_and_two(tmp_path: Path, command: str, more: str, words: str) -> None:
    config = tmp_path / "gateway.toml"
    config.write_text(more)
    assert words in fault(2, *command.split(), "--config", config)


@pytest.mark.parametrize("command", ["run", "check", "status"])
def test_a_settings_file_that_is_not_there_is_one_line_and_two(tmp_path: Path, command: str) -> None:
    assert "nowhere.toml" in fault(2, command, "--config", tmp_path / "nowhere.toml")


def test_a_variable_goes_over_the_file_and_its_fault_names_it(tmp_path: Path) -> None:
    line = fault(2, "status", "--config", written(tmp_path), env={"LAPOR__ANSWERS__PER_SENDER_HOUR": "many"})
    assert "LAPOR__ANSWERS__PER_SENDER_HOUR" in line
    assert "many" not in line


WIRED = [
    ('[channels.x]\nkind = "sms.pigeon"', "[channels.x] kind"),
    ('[channels.x]\nkind = "sms.esme"\nhost = "h"\nsystem_id = "s"', "[channels.x] password"),
    ('[channels.x]\nkind = "sms.esme"\nhost = "h"\nsystem_id = "s"\npassword = "p"\nprot = 1', "[channels.x] prot"),
]
IN_THE_STACK = [
    ('[ledger]\nkind = "abacus"', "[ledger] kind"),
    ('[ledger]\nkind = "embedded"\nbatch = "many"', "[ledger] batch"),
    ('[keywords]\n"T!" = { region = "36" }', "[keywords]"),
    ('[keywords]\nTANGKAB = { region = "x" }', "[keywords]"),
]


@pytest.mark.parametrize("command", ["run", "check"])
@pytest.mark.parametrize(("more", "words"), WIRED)
def test_a_channel_s_own_settings_are_judged_before_anything_is_opened(tmp_path: Path, command: str, more: str, words: str) -> None:
    assert words in fault(2, command, "--config", written(tmp_path, more))
    assert not (tmp_path / "gateway.db").exists()


@pytest.mark.parametrize(("more", "words"), IN_THE_STACK)
@pytest.mark.parametrize(
    "command",
    ["check", "run"],
)
def test_settings_of_the_ledger_and_the_normalizer_are_one_line_and_two(tmp_path: Path, command: str, more: str, words: str) -> None:
    assert words in fault(2, command, "--config", written(tmp_path, more))


def not_a_database(folder: Path) -> str:
    (folder / "gateway.db").write_text("kepada yth. " * 100)
    return str(folder / "gateway.db")


def not_a_ledger(folder: Path) -> str:
    (folder / "ledger.db").write_text("kepada yth. " * 100)
    return str(folder / "ledger.db")


def no_folder(folder: Path) -> str:
    (folder / "var").write_text("")
    return str(folder / "var")


@pytest.mark.parametrize("make", [not_a_database, not_a_ledger])
def test_run_names_the_file_that_it_cannot_use(tmp_path: Path, make: Callable[[Path], str]) -> None:
    config = written(tmp_path)
    assert make(tmp_path) in fault(1, "run", "--config", config)


def test_run_names_the_folder_that_it_cannot_make(tmp_path: Path) -> None:
    config = tmp_path / "gateway.toml"
    config.write_text(f'[gateway]\ndata_dir = "{tmp_path}/var"\n[store]\nurl = "sqlite:///{tmp_path}/var/gateway.db"')
    assert no_folder(tmp_path) in fault(1, "run", "--config", config)


def test_run_names_a_secret_that_is_none(tmp_path: Path) -> None:
    config = written(tmp_path)
    (tmp_path / "secret").write_text("rahasia")
    line = fault(2, "run", "--config", config)
    assert "[gateway] secret_file" in line
    assert "rahasia" not in line


def test_run_names_an_address_that_is_taken(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        assert f"127.0.0.1:{port}" in fault(1, "run", "--config", written(tmp_path, operators=port))
        line = fault(1, "run", "--config", written(tmp_path, f'[rehearsal]\nlisten = "127.0.0.1:{port}"'))
        assert f"127.0.0.1:{port}" in line
    assert [path.name for path in tmp_path.glob("*.alive")] == []


@pytest.mark.parametrize(
    "words", [["fly"], ["parked", "fly"], ["trace"], ["status", "--jason"], ["rehearse", "sms"], ["parked", "list", "--limit", "0"]]
)
def test_bad_usage_is_two(words: list[str]) -> None:
    status, out, err = ran(*words)
    assert (status, out) == (2, "")
    assert "Usage" in err


def test_rehearse_names_what_it_can_misbehave(tmp_path: Path) -> None:
    status, out, _ = ran("rehearse", "smsc", "--names")
    assert status == 0
    assert len(out.splitlines()) >= 8
    assert "nonsense" in fault(2, "rehearse", "smsc", "--listen", "127.0.0.1:0", "--misbehave", "nonsense")


@pytest.mark.parametrize(
    ("words", "says"),
    [(("hai", "--from", "abc"), "--from takes a telephone number"), (("",), "there is no text to send")],
)
def test_a_rehearsal_by_a_private_gateway_says_what_is_wrong_in_a_line(words: tuple[str, ...], says: str) -> None:
    status, out, err = ran("rehearse", "sms", *words, "--smsc", f"127.0.0.1:{free_port()}")
    assert (status, out) == (2, "")
    assert says in err.splitlines()[-1]


@pytest.mark.parametrize(
    ("trouble", "says"),
    [
        (PermissionError(13, "cannot bind on address ('127.0.0.1', 80)"), "cannot bind on address ('127.0.0.1', 80)"),
        (PermissionError(13, "Permission denied", "/srv/gateway.db"), "/srv/gateway.db: Permission denied; this is for the user"),
        (apsw.BusyError("database is locked"), "another program has one of the gateway's files locked"),
    ],
)
def test_a_file_that_others_have_is_one_line_and_one(trouble: Exception, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    async def work() -> None:
        raise trouble

    with pytest.raises(typer.Exit) as end:
        finish(work())
    assert (end.value.exit_code, capsys.readouterr().err.startswith(says)) == (1, True)


def test_where_no_utf_8_is_written_a_table_is_written_all_the_same() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "gateway", "wording", "--language", "id"], cwd=TOP, capture_output=True, check=True,
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
    )  # fmt: skip
    assert b"Simpan kode ini." in found.stdout
    assert found.stdout.isascii()


def test_run_serves_until_it_is_asked_to_stop_and_ends_with_zero(tmp_path: Path) -> None:
    """As a supervisor starts it: a process, its signals, its exit status."""
    operators = free_port()
    smsc = free_port()
    config = written(tmp_path, f'[rehearsal]\nlisten = "127.0.0.1:{smsc}"' + ESME.format(port=smsc), operators=operators)
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway", "run", "--config", config], cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        greeting = [process.stdout.readline() for _ in range(3)]
        assert "rehearse sms" in greeting[0]
        assert "status" in greeting[1]
        assert f"127.0.0.1:{operators}/readyz" in greeting[2]
        assert told("status", "--config", config)["running"] is True
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0, err
    events = [json.loads(line)["event"] for line in err.splitlines()]
    assert [event for event in events if event in {"started", "draining", "stopped"}] == ["started", "draining", "stopped"]
    assert [path.name for path in tmp_path.glob("*.alive")] == []


def test_a_gateway_begins_without_what_few_of_them_need(tmp_path: Path) -> None:
    """It is measured by its memory while nothing waits, and each of these is one to seven megabytes of it."""
    argv = [sys.executable, "-X", "importtime", "-m", "gateway", "run", "--config", str(tmp_path / "none.toml")]
    began = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60, cwd=TOP)
    brought = {line.rpartition("|")[2].strip() for line in began.stderr.splitlines() if line.startswith("import time:")}
    assert {"gateway.app", "gateway.console.access.totp", "structlog"} <= brought
    assert not brought & {"rich.console", "pygments", "segno", "pikepdf", "lxml", "cryptography", "joserfc", "fpdf"}
