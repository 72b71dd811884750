"""A small backlog: everything is registered once, by one process and by two beside each other."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import uvloop

from bench import drain


@pytest.mark.skipif(shutil.which("redis-server") is None, reason="there is no redis-server")
@pytest.mark.parametrize(("store", "processes"), [("SQLite", 1), ("Redis", 2)])
def test_a_backlog_drains_and_nothing_is_registered_twice(tmp_path: Path, store: str, processes: int) -> None:
    seen = uvloop.run(drain.drained(store, processes, 300, tmp_path))
    assert seen.registered_per_s > 0
    assert (seen.processes, seen.repeats) == (processes, 0)
    assert (seen.redis_us > 0) == (store == "Redis")
    assert f"| {store} | {processes} |" in drain.results([seen])
