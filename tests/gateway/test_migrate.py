"""Everything moves from one store into another, and a gateway goes on there as if nothing had happened."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.archive import Archive
from gateway.faults import CannotStart
from gateway.migrate import STEP, Far, Moved, migrate
from gateway.moving import move
from gateway.store import redis
from gateway.store.bundle import LEFT, LOOSE, OF_CASE, Mark, layout
from gateway.store.record import StoreFault
from gateway.store.sqlite import opened
from gateway.store.sqlite_bundles import movable
from tests.fakes import redis_server
from tests.gateway.test_cli import fault, ran
from tests.gateway.whole import filled as office
from tests.gateway.whole import written
from tests.promises.lived import ACTS, FULL, Lived, next_of, seen
from tests.promises.stores import arrival, now, numbers

TOP = Path(__file__).parents[2]


async def lived(folder: Path, acts: Sequence[str]) -> list[str]:
    """A store with a life behind it, and the references of its cases."""
    async with opened(folder / "old.db", most_letters=5) as store:
        life = Lived(store)
        await life.live(acts)
        return life.came


async def moved(folder: Path, source: str, target: str) -> Moved:
    with movable(folder / source, made=False) as old, movable(folder / target, made=True) as new:
        return await migrate(old, new, lambda _: None)


def copied(folder: Path, source: str, target: str) -> None:
    shutil.copyfile(folder / source, folder / target)


async def everything(folder: Path, name: str, came: Sequence[str]) -> tuple[object, object]:
    async with opened(folder / name, most_letters=5) as store:
        return await seen(store, came), await next_of(store)


async def there_and_back(acts: Sequence[str], folder: Path) -> None:
    """To SQLite and, where there is one, to Redis, then back."""
    came = await lived(folder, acts)
    copied(folder, "old.db", "kept.db")
    steps = [await moved(folder, "old.db", "there.db")]
    if redis_server.missing():
        steps.append(await moved(folder, "there.db", "back.db"))
    else:
        with redis_server.server(folder / "redis") as server:
            steps.append(await move(f"sqlite:///{folder}/there.db", server.url, Archive(folder / "archive")))
            async with redis.opened(server.url, most_letters=5, beside=folder / "gateway") as store:
                on_redis = await seen(store, came)
            steps.append(await move(server.url, f"sqlite:///{folder}/back.db", Archive(folder / "archive")))
        async with opened(folder / "kept.db", most_letters=5) as store:
            assert on_redis == await seen(store, came)
    assert len({(step.checksum, *sorted(step.rows.items())) for step in steps}) == 1
    before, after = await everything(folder, "kept.db", came), await everything(folder, "back.db", came)
    assert before == after


async def test_a_store_with_a_full_life_is_the_same_after_it_was_moved_there_and_back(tmp_path: Path) -> None:
    assert set(FULL) == set(ACTS)
    await there_and_back(FULL, tmp_path)
    db = apsw.Connection(str(tmp_path / "back.db"))
    empty = [name for name in (*OF_CASE, *LOOSE) if not db.execute(f"SELECT count(*) FROM {name}").get]
    db.close()
    assert empty == [], "a life that leaves a table empty proves nothing of it"


@settings(max_examples=25)
@given(acts=st.lists(st.sampled_from(sorted(ACTS)), max_size=30))
def test_whatever_was_done_to_a_store_it_is_the_same_after_it_was_moved_there_and_back(acts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(there_and_back(["put", *acts], Path(folder)))


def test_of_every_table_it_is_decided_whether_it_moves() -> None:
    assert set(layout()) == {*OF_CASE, *LOOSE, *LEFT}


# --- killed, and run again ---

MANY = 3_000


def filled(path: Path, cases: int) -> None:
    """Many cases, none of which matters."""

    async def fill() -> None:
        async with opened(path, most_letters=5) as store:
            for start in range(0, cases, 500):
                await asyncio.gather(*(store.put(arrival(n), numbers(n)) for n in range(start, start + 500)))

    asyncio.run(fill())


def command(*args: object) -> list[str]:
    return [sys.executable, "-m", "gateway", "migrate", *map(str, args)]


def cases_in(path: Path) -> int:
    try:
        db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            found: int = db.execute("SELECT count(*) FROM cases").get
        finally:
            db.close()
    except apsw.Error:
        return 0
    return found


def killed_after(cases: int, old: Path, new: Path) -> int:
    """Start to move, kill -9 as soon as so many cases are there; how many were."""
    started = subprocess.Popen(command("--from", f"sqlite:///{old}", "--to", f"sqlite:///{new}"), cwd=TOP, stdout=subprocess.DEVNULL)
    while cases_in(new) < cases and started.poll() is None:
        time.sleep(0.001)
    started.send_signal(signal.SIGKILL)
    started.wait()
    return cases_in(new)


def test_killed_at_any_moment_and_run_again_it_goes_on_and_nothing_is_there_twice(tmp_path: Path) -> None:
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    filled(old, MANY)
    were = [killed_after(cases, old, new) for cases in (1, MANY // 3, MANY * 2 // 3)]
    assert 0 < were[0] < MANY, "it was killed in the middle"
    assert were == sorted(were), "it goes on where it was"
    with pytest.raises(StoreFault, match="not finished"):
        asyncio.run(everything(tmp_path, "new.db", ()))
    ran = subprocess.run(
        command("--from", f"sqlite:///{old}", "--to", f"sqlite:///{new}", "--json"), cwd=TOP, check=True, capture_output=True, text=True
    )
    told = json.loads(ran.stdout)
    assert (told["rows"]["cases"], ran.stderr) == (MANY, "")

    async def counted() -> None:
        async with opened(new, most_letters=5) as store:
            assert (await store.tally()).received == {"telkomsel": MANY}
            assert await store.recount() == []

    asyncio.run(counted())


async def test_what_was_done_in_the_old_store_between_two_runs_is_moved_too(tmp_path: Path) -> None:
    await lived(tmp_path, ("put", "put_files", "put", "done"))

    class Killed(BaseException):
        pass

    def killed(far: Far) -> None:
        raise Killed

    with pytest.raises(Killed), movable(tmp_path / "old.db", made=False) as old, movable(tmp_path / "new.db", made=True) as new:
        await migrate(old, new, killed)
    async with opened(tmp_path / "old.db", most_letters=5) as store:
        life = Lived(store)
        life.names = 10
        await life.live(("write", "done", "put", "park"))
        tally = await store.tally()
        lives = [await store.life(reference) for reference in life.came]
    await moved(tmp_path, "old.db", "new.db")
    async with opened(tmp_path / "new.db", most_letters=5) as store:
        assert await store.tally() == tally
        assert [await store.life(reference) for reference in life.came] == lives
        assert await store.recount() == []


async def test_somebody_who_works_on_the_old_store_while_it_is_moved_is_found_out(tmp_path: Path) -> None:
    await lived(tmp_path, ("put", "put"))

    def meddle(far: Far) -> None:
        if far.doing == "comparing":
            db = apsw.Connection(str(tmp_path / "old.db"))
            db.execute("UPDATE cases SET words='x'")
            db.close()

    with (
        movable(tmp_path / "old.db", made=False) as old,
        movable(tmp_path / "new.db", made=True) as new,
        pytest.raises(StoreFault, match="meanwhile"),
    ):
        await migrate(old, new, meddle)
    with pytest.raises(StoreFault, match="not finished"):
        await everything(tmp_path, "new.db", ())
    await moved(tmp_path, "old.db", "new.db")
    async with opened(tmp_path / "new.db", most_letters=5) as store:
        assert [case.words for case in await store.unanswered(now(), 9)] == ["x", "x"]


async def test_more_cases_than_are_moved_at_once_are_told_as_they_go(tmp_path: Path) -> None:
    await asyncio.to_thread(filled, tmp_path / "old.db", 3 * STEP)
    told: list[Far] = []
    with movable(tmp_path / "old.db", made=False) as old, movable(tmp_path / "new.db", made=True) as new:
        result = await migrate(old, new, told.append)
    assert (of := result.rows["cases"]) > 2 * STEP
    assert [(far.doing, far.cases) for far in told] == [(doing, n) for doing in ("moving", "comparing") for n in range(STEP, of + 1, STEP)]
    assert {far.of for far in told} == {of}


# --- what is refused ---


async def test_a_store_that_was_left_starts_no_gateway_again(tmp_path: Path) -> None:
    await lived(tmp_path, ("put",))
    await moved(tmp_path, "old.db", "new.db")
    with pytest.raises(StoreFault, match=r"was moved to sqlite:///.*new\.db"):
        await everything(tmp_path, "old.db", ())
    with pytest.raises(CannotStart, match="was moved to"):
        await moved(tmp_path, "old.db", "other.db")
    with pytest.raises(CannotStart, match="was moved to"):
        await moved(tmp_path, "new.db", "old.db")


async def test_a_store_that_has_something_is_not_filled(tmp_path: Path) -> None:
    await lived(tmp_path, ("put",))
    shutil.copyfile(tmp_path / "old.db", tmp_path / "new.db")
    with pytest.raises(CannotStart, match="not empty"):
        await moved(tmp_path, "old.db", "new.db")
    async with opened(tmp_path / "notes.db", most_letters=5) as store:
        await Lived(store).note()
    with pytest.raises(CannotStart, match="not empty"):
        await moved(tmp_path, "old.db", "notes.db")
    with pytest.raises(CannotStart, match="into itself"):
        await move(f"sqlite:///{tmp_path}/old.db", f"sqlite:///{tmp_path}/./old.db", Archive(tmp_path))


async def test_half_a_store_is_neither_moved_on_nor_filled_from_another_one(tmp_path: Path) -> None:
    await lived(tmp_path, ("put",))
    shutil.copyfile(tmp_path / "old.db", tmp_path / "twin.db")
    with movable(tmp_path / "old.db", made=False) as old, movable(tmp_path / "new.db", made=True) as new:
        await new.set_mark(Mark("from", old.name))
    for source, target in (("new.db", "other.db"), ("twin.db", "new.db")):
        with pytest.raises(CannotStart, match="finish"):
            await moved(tmp_path, source, target)
    assert (await moved(tmp_path, "old.db", "new.db")).rows["cases"] == 1


@pytest.mark.parametrize("which", ["old.db", "new.db"])
async def test_nothing_is_moved_while_a_gateway_runs_on_either(which: str, tmp_path: Path) -> None:
    await lived(tmp_path, ("put",))
    async with opened(tmp_path / which, most_letters=5):
        with pytest.raises(StoreFault, match=rf"{which}.*stop the gateway"):
            await moved(tmp_path, "old.db", "new.db")


async def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreFault, match="no store"):
        await moved(tmp_path, "old.db", "new.db")
    assert list(tmp_path.iterdir()) == []


# --- as a person sees it ---


def test_who_moves_a_store_sees_what_was_moved_and_where_a_gateway_starts_now(tmp_path: Path) -> None:
    config = written(tmp_path)
    office(tmp_path)
    new = f"sqlite:///{tmp_path}/new.db"
    status, out, err = ran("migrate", "--to", new, "--config", config)
    assert (status, err) == (0, "")
    assert "cases" in out
    assert "compared" in out
    assert "was moved to" in fault(1, "status", "--config", config)
    assert "was moved to" in fault(1, "migrate", "--to", new, "--config", config)
    assert fault(2, "migrate", "--config", config).startswith("--from, --to")
    assert "sqlite:///" in fault(2, "migrate", "--to", "mysql://x", "--config", config)
