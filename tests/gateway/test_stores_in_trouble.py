"""Moving, copying and putting back a store where a disk is full, a file is damaged or somebody was killed before: one line, no leavings."""

from __future__ import annotations

import shutil
from pathlib import Path

import apsw
import pytest

from gateway.store import sqlite_backup
from gateway.store.record import StoreFault
from gateway.store.sqlite import opened
from gateway.store.sqlite_file import open_store
from tests.gateway.test_cli import ran
from tests.gateway.test_migrate import cases_in, filled
from tests.gateway.whole import written
from tests.promises.stores import put
from tests.stories.disk import mounted


def test_a_move_that_finds_no_room_says_so_in_a_line_and_goes_on_when_there_is_some(tmp_path: Path) -> None:
    old, config = tmp_path / "old.db", written(tmp_path / "office")
    filled(old, 1000)
    with mounted(tmp_path) as disk:
        filler = disk / "filler"
        filler.write_bytes(bytes(24 * 2**20 - 600_000))
        move = ("migrate", "--from", f"sqlite:///{old}", "--to", f"sqlite:///{disk}/new.db", "--config", config)
        status, out, err = ran(*move)
        assert (status, out, len(err.splitlines())) == (1, "", 1)
        assert "database or disk is full" in err
        filler.unlink()
        assert ran(*move)[0] == 0
        assert cases_in(disk / "new.db") == 1000


def test_what_cannot_be_put_back_for_want_of_room_leaves_nothing(tmp_path: Path) -> None:
    store, copy = tmp_path / "gateway.db", tmp_path / "copy.db"
    filled(store, 1000)
    sqlite_backup.backup(store, copy)
    with mounted(tmp_path) as disk:
        # the copy finds room, and the marks in it do not
        (disk / "filler").write_bytes(bytes(24 * 2**20 - copy.stat().st_size - 100_000))
        with pytest.raises(StoreFault, match="full"):
            sqlite_backup.restore(copy, disk / "gateway.db")
        assert [path.name for path in disk.iterdir()] == ["filler"]


def test_a_damaged_copy_leaves_nothing(tmp_path: Path) -> None:
    store, copy, place = tmp_path / "gateway.db", tmp_path / "copy.db", tmp_path / "new"
    filled(store, 1000)
    sqlite_backup.backup(store, copy)
    db = apsw.Connection(str(copy))
    index = db.execute("SELECT rootpage FROM sqlite_master WHERE name='cases_reference'").get
    db.close()
    with copy.open("r+b") as file:
        # of a tree that only a check reads
        file.seek((index - 1) * 4096 + 12)
        file.write(bytes(4000))
    with pytest.raises(StoreFault, match=r": damaged \("):
        sqlite_backup.restore(copy, place / "gateway.db")
    assert list(place.iterdir()) == []


def test_what_one_left_who_was_killed_while_he_put_another_copy_back_is_not_worked_into_this_one(tmp_path: Path) -> None:
    one, other, copy, place = tmp_path / "one.db", tmp_path / "other.db", tmp_path / "copy.db", tmp_path / "new"
    filled(one, 1000)
    filled(other, 500)
    sqlite_backup.backup(other, copy)
    place.mkdir()
    db = open_store(one)
    db.execute("UPDATE cases SET unsure=1")
    for beside in ("", "-wal"):
        shutil.copyfile(f"{one}{beside}", place / f"gateway.db.part{beside}")
    db.close()
    assert sqlite_backup.restore(copy, place / "gateway.db") == 500
    back = apsw.Connection(str(place / "gateway.db"))
    assert (back.pragma("integrity_check"), back.execute("SELECT count(*) FROM cases").get) == ("ok", 500)
    back.close()


async def test_nothing_is_put_back_under_a_gateway_that_works_on_the_store_that_was_moved_away(tmp_path: Path) -> None:
    place, copy = tmp_path / "gateway.db", tmp_path / "copy.db"
    async with opened(place, most_letters=5) as store:
        await put(store, "a")
        sqlite_backup.backup(place, copy)
        for beside in ("", "-wal", "-shm"):
            place.with_name(f"gateway.db{beside}").rename(tmp_path / f"away.db{beside}")
        with pytest.raises(StoreFault, match="stop the gateway first"):
            sqlite_backup.restore(copy, place)
        assert not place.exists()
    assert sqlite_backup.restore(copy, place) == 1
