"""A request found in a list of requests, or not; and a list that cannot tell. The server is a function."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Refused
from forwarder.open311_answers import Row
from forwarder.open311_search import LONGEST, MOST, searched
from tests.forwarder.records import AT

CODE = "7K3Q-9FXM-2CH4"
OLDEST = AT - timedelta(days=200)


def row(nth: int, at: datetime, words: str = "lampu mati") -> Row:
    return {"service_request_id": str(nth), "description": words, "requested_datetime": at.isoformat()}


class Server:
    """Lists `page` requests at most, the newest first; counts the questions, and keeps the longest span that it was asked for."""

    def __init__(self, rows: Sequence[Row], page: int = 1000) -> None:
        self._rows, self._page = rows, page
        self.asked, self.longest = 0, timedelta(0)

    async def __call__(self, begin: datetime, end: datetime) -> Sequence[Row]:
        self.asked, self.longest = self.asked + 1, max(self.longest, end - begin)
        found = [one for one in self._rows if begin <= datetime.fromisoformat(one["requested_datetime"]) <= end]
        return sorted(found, key=lambda one: str(one["requested_datetime"]), reverse=True)[: self._page]


async def _found(server: Server, most: int = 1000, begin: datetime = OLDEST) -> str:
    found = await searched(server, CODE, (begin, AT), most)
    return str(found["service_request_id"]) if found else ""


async def test_what_is_there_is_found_and_what_is_not_is_not() -> None:
    others = [row(nth, AT - timedelta(days=nth)) for nth in range(1, 30)]
    assert await _found(Server([*others, row(99, AT - timedelta(days=7), f"banjir\n\nKode laporan: {CODE}")])) == "99"
    assert await _found(Server(others)) == ""
    assert await _found(Server([])) == ""


async def test_no_question_spans_more_than_90_days() -> None:
    server = Server([row(1, OLDEST + timedelta(days=1), CODE)])
    assert await _found(server) == "1"
    assert server.longest <= LONGEST


@given(st.lists(st.integers(0, 300_000), min_size=1, max_size=60, unique=True), st.integers(2, 7), st.data())
async def test_a_page_that_is_shorter_than_the_server_says_hides_nothing(minutes: list[int], page: int, data: st.DataObject) -> None:
    mine = data.draw(st.sampled_from(minutes))
    rows = [row(nth, AT - timedelta(minutes=at), CODE if at == mine else "banjir") for nth, at in enumerate(minutes)]
    assert await _found(Server(rows, page), begin=AT - timedelta(minutes=300_001)) == str(minutes.index(mine))


@pytest.mark.parametrize(
    "hidden",
    [{"description": None}, {"description": ""}, {"requested_datetime": "2026-10-30T00:00:00"}],
    ids=["no_description", "empty_description", "date_without_zone"],
)
async def test_a_list_that_may_hide_it_is_left_to_a_person(hidden: Row) -> None:
    async def ask(begin: datetime, end: datetime) -> Sequence[Row]:
        return [row(1, AT), {**row(2, AT), **hidden}]

    with pytest.raises(Refused, match="cannot_look_up"):
        await searched(ask, CODE, (OLDEST, AT), 1000)


async def test_what_shows_itself_is_found_beside_what_does_not() -> None:
    rows = [{**row(nth, AT - timedelta(days=nth)), "description": None} for nth in range(1, 9)]
    assert await _found(Server([*rows, row(99, AT - timedelta(days=20), CODE)], 3)) == "99"


async def test_too_many_to_find_one_are_left_to_a_person() -> None:
    server = Server([row(nth, AT - timedelta(seconds=nth)) for nth in range(50)], 5)
    with pytest.raises(Refused, match="cannot_look_up"):
        await _found(server, 5)
    assert server.asked <= MOST
