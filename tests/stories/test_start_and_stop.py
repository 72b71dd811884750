"""How it starts, how it refuses to start, and how it ends: signals, exit statuses, one line that says why."""

from __future__ import annotations

import asyncio
import resource
import signal
import socket
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes.faulty import FAULTS, Fault
from tests.stories.disk import fill, mounted
from tests.stories.process import Finished, command
from tests.stories.town import Town, town

GOOD = """
[gateway]
data_dir = "{folder}/var"
[store]
url = "sqlite:///{folder}/var/gateway.db"
[http]
operators = "127.0.0.1:0"
"""


async def test_sigterm_drains_with_status_0_and_nothing_in_flight_is_lost(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        place.ledger.script.always = Fault(delay_s=0.3)
        await place.gateway.start()
        for _ in range(30):
            place.say()
            place.say_at_length()
        await place.until_called()
        assert await place.gateway.stop() == 0
        # what was being submitted was finished, and settled: nothing is left in anybody's hands
        assert place.ledger.registrations
        done = place.gateway.rows("SELECT id FROM cases WHERE step='done'")
        assert len(done) == len(place.ledger.registrations)
        assert place.gateway.rows("SELECT id FROM cases WHERE owner<>0") == []
        assert '"event":"stopped"' in place.gateway.said
        place.ledger.script.always = None
        await place.gateway.start()
        await place.settled()
        assert place.ledger.repeats == 0
        assert all(len(place.answers(sent.number)) == 1 for sent in place.sent)


async def test_a_second_sigterm_ends_it_where_it_stands_and_nothing_is_lost(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        place.ledger.script.always = FAULTS["commit_then_hold"]
        await place.gateway.start()
        place.say()
        await place.until_called()
        place.gateway.signal(signal.SIGTERM)
        await place.smsc.until(lambda: place.smsc.counts["unbinds"] == 1)
        # at once it is an echo of the first: a group hears a Ctrl-C, and make passes on its own
        place.gateway.signal(signal.SIGTERM)
        await asyncio.sleep(1.2)
        assert place.gateway.alive
        place.gateway.signal(signal.SIGTERM)
        assert await place.gateway.ended() == 1
        place.ledger.script.always = None
        await place.gateway.start()
        await place.settled()


async def test_no_core_of_it_is_written_wherever_it_runs(tmp_path: Path) -> None:
    """Containers have no limit by themselves, and a core holds what citizens wrote."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    async with town(tmp_path) as place:
        resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
        try:
            await place.gateway.start()
        finally:
            resource.setrlimit(resource.RLIMIT_CORE, before)
        assert resource.prlimit(place.gateway.pid, resource.RLIMIT_CORE) == (0, before[1])


async def test_sigint_is_a_wish_to_stop_too(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        await place.gateway.start()
        place.gateway.signal(signal.SIGINT)
        assert await place.gateway.ended() == 0
        # a quiet start and a quiet end leave nothing to look at
        assert '"level":"info"' in place.gateway.said
        assert '"level":"warning"' not in place.gateway.said
        assert '"level":"error"' not in place.gateway.said


async def test_settings_that_are_wrong_end_it_with_status_2_and_one_line_that_names_table_and_key(tmp_path: Path) -> None:
    wrong = {
        '[gatway]\nname = "x"': ["[gatway]", "gateway"],
        "[gateway]\nreceipt_after = 5": ["[gateway] receipt_after", "receipt_after_s"],
        '[ledger]\nkind = "paper"': ["[ledger] kind", "embedded"],
        '[ledger]\nkind = "http"': ["[ledger] url"],
        '[channels.telkomsel]\nkind = "sms.esme"\nhost = "h"\nsystem_id = "lapor"': ["[channels.telkomsel] password"],
        "[gateway": ["is not TOML"],
    }
    done = await asyncio.gather(*(run(tmp_path, text) for text in wrong))
    for finished, words in zip(done, wrong.values(), strict=True):
        assert (finished.status, finished.out, len(finished.lines)) == (2, "", 1), finished
        assert all(word in finished.said for word in words), finished.said
    secret = await run(tmp_path, "", env={"LAPOR__HTTP__OPERATOR": "kata-sandi"})
    assert (secret.status, len(secret.lines)) == (2, 1), secret
    assert "LAPOR__HTTP__OPERATOR" in secret.said
    assert "kata-sandi" not in secret.said


async def test_wrong_arguments_end_with_status_2() -> None:
    unknown, missing = await asyncio.gather(command("run", "--confg", "x"), command("parked", "drop", "7K3Q-9FXM-2CH4"))
    assert (unknown.status, missing.status) == (2, 2)
    assert "--confg" in unknown.said
    assert "--reason" in missing.said


async def test_a_port_in_use_ends_it_with_status_1_and_one_line(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        finished = await run(tmp_path, GOOD.format(folder=tmp_path).replace(":0", f":{port}"))
    said_once(finished, "[http] operators", str(port))


async def test_a_store_that_cannot_be_used_ends_it_with_status_1_and_one_line(tmp_path: Path) -> None:
    newer, strange = tmp_path / "newer", tmp_path / "strange"
    for folder in (newer, strange):
        (folder / "var").mkdir(parents=True)
    with closing(sqlite3.connect(newer / "var" / "gateway.db")) as db:
        db.execute("PRAGMA user_version = 99")
    (strange / "var" / "gateway.db").write_bytes(b"PK\3\4 this is a spreadsheet" * 500)
    first, second = await asyncio.gather(*(run(folder, GOOD.format(folder=folder)) for folder in (newer, strange)))
    said_once(first, str(newer / "var" / "gateway.db"), "newer version")
    said_once(second, str(strange / "var" / "gateway.db"), "not a database")
    assert (strange / "var" / "gateway.db").read_bytes().startswith(b"PK")


async def test_a_data_directory_that_is_read_only_ends_it_with_status_1_and_one_line(tmp_path: Path) -> None:
    place = tmp_path / "ro"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", str(place)], capture_output=True, text=True, check=False)
    if mounted.returncode:
        place.chmod(0o555)
        if (place / "x").parent.stat().st_uid == 0:
            pytest.skip(f"root may write everywhere, and nothing can be mounted read-only here: {mounted.stderr.strip()}")
    try:
        finished = await run(tmp_path, GOOD.format(folder=place))
        said_once(finished, str(place))
    finally:
        if not mounted.returncode:
            subprocess.run(["umount", "-l", str(place)], check=True)


async def test_a_disk_that_is_full_ends_it_with_status_1_and_one_line_that_says_so(tmp_path: Path) -> None:
    with mounted(tmp_path) as disk:
        fill(disk)
        said_once(await run(tmp_path, GOOD.format(folder=disk)), str(disk), "the disk of [gateway] data_dir is full")


async def test_operators_ask_and_act_beside_the_running_gateway(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        await place.gateway.start()
        sent = place.say()
        await place.settled()
        place.ledger.next("422")
        refused = place.say()
        place.ledger.next("422")
        await place.gateway.until_rows("SELECT id FROM cases WHERE step='parked'", 1)
        (record,) = place.records(sent)
        tracking = place.ledger.registrations[record["reference"]]["tracking_id"]
        status, trace, parked, checked = await asyncio.gather(
            place.gateway.command("status", "--json"),
            place.gateway.command("trace", record["reference"].lower().replace("-", " "), "--json"),
            place.gateway.command("parked", "list", "--json"),
            place.gateway.command("check"),
        )
        assert (status.status, status.json["running"], status.json["channels"]["operator"]["up"]) == (0, True, True)
        assert status.json["tally"]["cases"]["operator"] == {"done": 1, "parked": 1, "submit": 0}
        assert (trace.status, trace.json["step"], trace.json["tracking_id"]) == (0, "done", tracking)
        assert trace.json["record"]["text"] == sent.text
        assert [letter["step"] for letter in trace.json["letters"]] == ["sent"]
        assert (parked.status, [case["code"] for case in parked.json]) == (0, ["http_422"]), parked
        assert checked.status == 0, checked
        assert "every one accounted for" in checked.out
        await acted(place, parked.json[0]["reference"])
        assert place.records(refused)


async def acted(place: Town, reference: str) -> None:
    """A person looks at the parked case, and sends it to the ledger again."""
    shown = await place.gateway.command("parked", "show", reference)
    assert (shown.status, reference in shown.out) == (0, True), shown
    place.ledger.script.coming.clear()
    again = await place.gateway.command("parked", "retry", reference, "--reason", "alamatnya benar")
    assert again.status == 0, again
    await place.settled()
    too_late = await place.gateway.command("parked", "drop", reference, "--reason", "sudah")
    said_once(too_late, reference)


async def run(folder: Path, text: str, env: dict[str, str] | None = None) -> Finished:
    """`run` with these settings, which are expected to end it."""
    config = folder / f"{abs(hash(text))}.toml"
    config.write_text(text, encoding="utf-8")
    return await command("run", "--config", str(config), env=env)


def said_once(finished: Finished, *words: str) -> None:
    """Status 1, and one line with these words."""
    assert (finished.status, finished.out, len(finished.lines)) == (1, "", 1), finished
    assert all(word in finished.said for word in words), finished.said
