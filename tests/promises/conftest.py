"""Each store, open and empty, for every promise that a store keeps; at the end its running counts are what stands in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.promises.stores import STORES, Counted, Subject


@pytest.fixture(params=sorted(STORES))
def subject(request: pytest.FixtureRequest) -> Subject:
    return STORES[request.param]


@pytest.fixture
async def store(subject: Subject, tmp_path: Path) -> AsyncIterator[Counted]:
    async with subject.opened(tmp_path, 5) as opened:
        yield opened
        assert await opened.recount() == []
