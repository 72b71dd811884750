"""`triage`, `declined` and `trace --files`, as an operator types them, on a store with something in each."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from typer.testing import CliRunner

from channels.base import Attachment
from gateway.__main__ import cli
from gateway.store.record import Settlement
from gateway.store.sqlite import opened
from tests.gateway.whole import written
from tests.promises.stores import arrival, claimed, numbers, put

NASTY = Attachment(name="../../etc/.foto rumah.jpg", media_type="image/jpeg", content=b"picture")


class Put(NamedTuple):
    """A settings file, and the codes of a case of each kind."""

    config: Path
    triaged: str
    declined: str
    with_file: str


@pytest.fixture
def office(tmp_path: Path) -> Put:
    async def fill() -> list[str]:
        async with opened(tmp_path / "gateway.db", most_letters=5) as store:
            codes = await put(store, "hashtag", "robot")
            codes.append((await store.put(msgspec.structs.replace(arrival("photo"), files=(NASTY,)), numbers("photo"))).reference)
            hashtag, robot, photo = await claimed(store)
            await store.settle(Settlement(claim=hashtag, step="triage", code="hashtag_only"))
            await store.settle(Settlement(claim=robot, step="declined", code="auto_reply"))
            await store.settle(Settlement(claim=photo, step="parked", code="unreadable"))
            return codes

    config = written(tmp_path)
    return Put(config, *asyncio.run(fill()))


def ran(office: Put, *words: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, [*map(str, words), "--config", str(office.config)])
    return result.exit_code, result.stdout, result.stderr


def listed(office: Put, step: str) -> list[tuple[str, str]]:
    status, out, _ = ran(office, step, "list", "--json")
    assert status == 0
    found: list[Any] = msgspec.json.decode(out)
    return [(case["reference"], case["code"]) for case in found]


def test_each_list_has_its_own(office: Put) -> None:
    assert listed(office, "triage") == [(office.triaged, "hashtag_only")]
    assert listed(office, "declined") == [(office.declined, "auto_reply")]
    assert listed(office, "parked") == [(office.with_file, "unreadable")]
    assert "1 triage" in ran(office, "triage", "list")[1]


def test_a_triaged_case_is_accepted_or_dropped(office: Put) -> None:
    assert ran(office, "triage", "accept", office.triaged)[:2] == (0, f"{office.triaged} goes to the ledger\n")
    assert listed(office, "triage") == []
    assert ran(office, "triage", "drop", office.with_file, "--reason", "x") == (1, "", f"no triaged case has the code {office.with_file}\n")


def test_what_was_declined_is_shown_and_may_be_a_complaint_after_all(office: Put) -> None:
    status, out, _ = ran(office, "declined", "show", office.declined)
    assert (status, "auto_reply" in out) == (0, True)
    assert ran(office, "declined", "show", office.triaged)[0] == 1
    assert ran(office, "declined", "drop", office.declined, "--reason", "x")[0] == 2
    assert ran(office, "declined", "accept", office.declined, "--reason", "a list, but a citizen's words")[0] == 0
    assert listed(office, "declined") == []


def test_files_are_written_under_names_that_lead_nowhere_for_their_owner_alone(office: Put, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    status, _, err = ran(office, "trace", office.with_file, "--files", folder)
    assert status == 0
    assert err.split() == [str(folder / "1-foto_rumah.jpg"), str(folder / "2-as-it-came")]
    assert (folder / "1-foto_rumah.jpg").read_bytes() == b"picture"
    assert (folder / "2-as-it-came").read_bytes() == b"raw photo"
    assert (folder / "1-foto_rumah.jpg").stat().st_mode & 0o077 == 0
    assert "foto rumah.jpg (image/jpeg, 7 bytes)" in " ".join(ran(office, "trace", office.with_file)[1].split())


def test_a_long_name_in_letters_of_four_octets_keeps_no_file_back(tmp_path: Path) -> None:
    async def fill() -> str:
        async with opened(tmp_path / "gateway.db", most_letters=5) as store:
            fancy = Attachment(name="\U0001d5d9" * 100 + ".jpg", media_type="image/jpeg", content=b"picture")
            return (await store.put(msgspec.structs.replace(arrival("photo"), files=(fancy,)), numbers("photo"))).reference

    office = Put(written(tmp_path), "", "", asyncio.run(fill()))
    assert ran(office, "trace", office.with_file, "--files", tmp_path / "out")[0] == 0
    first = min((tmp_path / "out").iterdir())
    assert (first.suffix, first.read_bytes()) == (".jpg", b"picture")


def test_files_follow_no_link_and_take_over_no_rights_of_what_has_their_name(office: Put, tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "1-foto_rumah.jpg").symlink_to(elsewhere)
    (folder / "2-as-it-came").write_bytes(b"of last time")
    (folder / "2-as-it-came").chmod(0o644)
    assert ran(office, "trace", office.with_file, "--files", folder)[0] == 0
    assert not elsewhere.exists()
    assert (folder / "2-as-it-came").read_bytes() == b"raw photo"
    assert [path.stat().st_mode & 0o077 for path in folder.iterdir()] == [0, 0]


def test_a_folder_that_cannot_be_made_is_one_line(office: Put, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert ran(office, "trace", office.with_file, "--files", tmp_path / "file" / "out")[0] == 1
