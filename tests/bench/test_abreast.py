"""Two processes beside each other, in small: both take in, both work off, and the table tells it."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest
import uvloop

from bench import abreast
from tests.fakes import redis_server


@pytest.mark.skipif(bool(redis_server.missing()), reason=redis_server.missing())
@pytest.mark.skipif(not any(os.access(place, os.W_OK) for place in abreast.GROUPS), reason="control groups cannot be made here")
def test_two_processes_take_in_and_work_off(tmp_path: Path) -> None:
    seen = uvloop.run(abreast.turn(2, 300, 0.5, tmp_path))
    assert seen.acknowledged_per_s > 0
    assert seen.registered_per_s > 0
    assert "(1.00 ×)" in abreast.results([msgspec.structs.replace(seen, processes=1), seen])
