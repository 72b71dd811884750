"""What lies sealed in the console's file: it opens with its key and at its place, and nowhere else."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.console import cabinet, room
from gateway.console.access import second, totp
from gateway.console.access.accounts import Accounts
from gateway.console.access.seal import Seal
from gateway.console.cabinet import Cabinet
from tests.console.opened import PASSWORD, House, house, officer

OURS, OTHER = Seal(b"\x5a" * 32), Seal(b"\x5b" * 32)
KEY = b"twenty bytes of one."


@given(st.binary(), st.text())
def test_what_is_sealed_opens_with_its_key_at_its_place_alone(plain: bytes, of: str) -> None:
    sealed = OURS.close(plain, of)
    assert sealed != OURS.close(plain, of)
    assert OURS.open(sealed, of) == plain
    assert OURS.open(sealed, f"{of}2") is None
    assert OTHER.open(sealed, of) is None
    assert OURS.open(sealed[:-1], of) is None


@pytest.mark.parametrize("torn", [b"", b"x", KEY])
def test_what_was_never_sealed_does_not_open(torn: bytes) -> None:
    assert OURS.open(torn, "") is None


def digits() -> str:
    return totp.digits(KEY, int(time.time() // totp.STEP_S))


@asynccontextmanager
async def books(folder: Path) -> AsyncIterator[Cabinet]:
    async with cabinet.opened(folder, room.TABLES) as file:
        yield file


async def kept_in_clear(folder: Path) -> None:
    """As an older gateway kept it."""
    async with books(folder) as file:
        await Accounts(file).add("rini", "operator", PASSWORD, by="test")
        await file.run(lambda db: db.execute("UPDATE operators SET totp=? WHERE name='rini'", (KEY,)))


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("console.db*"))


async def test_a_key_that_an_older_gateway_kept_in_clear_is_sealed_and_goes_on_working(tmp_path: Path) -> None:
    await kept_in_clear(tmp_path)
    assert KEY in bytes_of(tmp_path)
    async with books(tmp_path) as file:
        assert await file.run(lambda db: second.sealed(db, OURS)) == 0
        assert await file.run(lambda db: second.sealed(db, OURS)) == 0
        assert await file.run(lambda db: second.shown(db, "rini", digits(), time.time(), seal=OURS))
    assert KEY not in bytes_of(tmp_path)


async def test_beside_another_secret_recovery_codes_open_and_digits_do_not(tmp_path: Path) -> None:
    async with books(tmp_path) as file:
        await Accounts(file).add("rini", "operator", PASSWORD, by="test")
        codes = await file.run(lambda db: second.set_up(db, "rini", KEY, 0, seal=OURS))
        assert await file.run(lambda db: second.sealed(db, OTHER)) == 1
        assert not await file.run(lambda db: second.shown(db, "rini", digits(), time.time(), seal=OTHER))
        assert await file.run(lambda db: second.shown(db, "rini", codes[0], time.time(), seal=OTHER))


async def test_a_gateway_seals_with_its_own_secret_and_says_what_does_not_open(tmp_path: Path) -> None:
    await kept_in_clear(tmp_path / "var")
    async with books(tmp_path / "var") as file:
        await Accounts(file).add("sari", "operator", PASSWORD, by="test")
        await file.run(lambda db: second.set_up(db, "sari", KEY, 0, seal=OTHER))
    async with house(tmp_path) as here:
        assert await came(here, "rini") == 303
        assert await came(here, "sari") == 403
        assert b"second_proof_locked" in here.log.getvalue()
    assert KEY not in bytes_of(tmp_path / "var")


async def came(here: House, name: str) -> int:
    async with officer(here, None) as one:
        return (await one.post("/sign-in", name=name, password=PASSWORD, code=digits())).status
