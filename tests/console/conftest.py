"""What the tests of the desks share: one console for all of them, because to start one takes seconds."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.console.shelves import Shelves, shelves


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def open_shelves(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shelves]:
    async with shelves(tmp_path_factory.mktemp("desks")) as one:
        yield one


@pytest.fixture
def here(open_shelves: Shelves) -> Shelves:
    """Empty."""
    open_shelves.clear()
    return open_shelves
