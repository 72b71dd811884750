"""What is the embedded store's own in leases: processes that die, and files that come to another machine."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import apsw

from gateway.store.sqlite import opened

TOP = Path(__file__).parents[2]
LONG_S = 600.0

HOLDER = """
import asyncio, os, sys
from pathlib import Path
from gateway.store.sqlite import opened
async def main(path):
    async with opened(path, most_letters=5) as store:
        print(await store.lease("telkomsel", "the one that dies", 600), flush=True)
        await asyncio.Event().wait()
asyncio.run(main(Path(sys.argv[1])))
"""


async def test_who_died_need_not_be_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], cwd=TOP, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        first = int(await asyncio.to_thread(holder.stdout.readline))
        async with opened(path, most_letters=5) as store:
            assert await store.lease("telkomsel", "another", LONG_S) is None
            holder.kill()
            holder.wait()
            async with asyncio.timeout(60):
                while (token := await store.lease("telkomsel", "another", LONG_S)) is None:
                    await asyncio.sleep(0.01)
    assert token > first


async def test_on_another_machine_a_lease_counts_for_nothing_and_its_token_is_not_given_again(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    async with opened(path, most_letters=5) as store:
        first = await store.lease("telkomsel", "a", LONG_S)
    db = apsw.Connection(str(path))
    # that one had been up for longer
    db.execute("UPDATE leases SET until=until + 1e6")
    db.close()
    async with opened(path, most_letters=5) as store:
        assert await store.leases() == []
        second = await store.lease("telkomsel", "b", LONG_S)
        assert [held.holder for held in await store.leases()] == ["b"]
    assert (second or 0) > (first or 0) > 0
