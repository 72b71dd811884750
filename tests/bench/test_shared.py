"""What a shared store costs, in small: it runs on a Redis of its own and tells every figure."""

from __future__ import annotations

from pathlib import Path

import pytest
import uvloop

from bench import shared
from tests.fakes import redis_server


@pytest.mark.skipif(bool(redis_server.missing()), reason=redis_server.missing())
def test_a_message_is_put_and_worked_off_and_a_backlog_weighed(tmp_path: Path) -> None:
    seen = uvloop.run(shared.measured(200, 2_000, tmp_path))
    assert all(cost.per_s > 0 for cost in (seen.added, seen.put, seen.whole))
    # a case is more than its 200 octets, and less than a page
    assert 300 < seen.bytes_each < 4_096
    assert "| put |" in shared.results(seen)
