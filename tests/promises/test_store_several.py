"""The core of the promises on a Redis of several servers: a primary and a replica with their Sentinel, and a Cluster of three."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from channels.base import Unavailable
from gateway.store.redis import RedisStore, Terms, opened
from tests.fakes import redis_server
from tests.fakes.redis_server import Server
from tests.promises.stores import arrival, claimed, done, letter, letters, life_of, numbers, one, put
from tests.promises.test_store import (
    test_a_case_is_in_one_pair_of_hands,
    test_a_claim_that_was_cancelled_while_its_case_came_in_is_given_back,
    test_a_cursor_does_not_move_without_the_messages_that_it_covers,
    test_a_final_receipt_stands,
    test_a_fingerprint_is_the_same_case_within_the_window_and_a_new_one_after_it,
    test_a_job_that_cannot_be_done_fails_alone,
    test_a_late_part_sends_its_message_round_again_and_the_registration_stays,
    test_a_lease_that_ends_is_claimed_again_and_the_next_attempt_asks_first,
    test_a_letter_whose_key_is_known_is_left_alone,
    test_a_new_arrival_does_not_overtake_what_is_due,
    test_a_reference_that_another_case_has_is_passed_over_for_the_next,
    test_letters_are_claimed_tried_and_settled_like_cases,
    test_parts_come_in_any_order_and_twice_and_are_one_case,
    test_settling_with_a_stale_token_changes_nothing_and_sends_nothing,
    test_those_who_wait_for_a_word_are_found_in_the_order_in_which_they_came,
    test_what_is_due_first_is_claimed_first,
    test_whoever_waits_gets_what_comes,
)

__all__ = [
    "test_a_case_is_in_one_pair_of_hands",
    "test_a_claim_that_was_cancelled_while_its_case_came_in_is_given_back",
    "test_a_cursor_does_not_move_without_the_messages_that_it_covers",
    "test_a_final_receipt_stands",
    "test_a_fingerprint_is_the_same_case_within_the_window_and_a_new_one_after_it",
    "test_a_job_that_cannot_be_done_fails_alone",
    "test_a_late_part_sends_its_message_round_again_and_the_registration_stays",
    "test_a_lease_that_ends_is_claimed_again_and_the_next_attempt_asks_first",
    "test_a_letter_whose_key_is_known_is_left_alone",
    "test_a_new_arrival_does_not_overtake_what_is_due",
    "test_a_reference_that_another_case_has_is_passed_over_for_the_next",
    "test_letters_are_claimed_tried_and_settled_like_cases",
    "test_parts_come_in_any_order_and_twice_and_are_one_case",
    "test_settling_with_a_stale_token_changes_nothing_and_sends_nothing",
    "test_those_who_wait_for_a_word_are_found_in_the_order_in_which_they_came",
    "test_what_is_due_first_is_claimed_first",
    "test_whoever_waits_gets_what_comes",
]

pytestmark = pytest.mark.skipif(bool(redis_server.missing()), reason=redis_server.missing())


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[Server], str]]:
    with redis_server.watched(tmp_path_factory.mktemp("pair")) as (primary, _, url):
        yield [primary], url


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[Server], str]]:
    with redis_server.cluster(tmp_path_factory.mktemp("cluster")) as (servers, url):
        yield servers, url


@pytest.fixture(params=["pair", "three"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RedisStore]:
    servers, url = request.getfixturevalue(request.param)
    for server in servers:
        with server.client() as client:
            client.flushall()
    # the Cluster of the tests has no replicas
    terms = Terms(replicas=1 if request.param == "pair" else 0)
    async with opened(url, most_letters=5, beside=tmp_path / "gateway", terms=terms) as store:
        yield store
        assert await store.recount() == []


async def working(store: RedisStore) -> None:
    """Wait until it takes something in."""
    async with asyncio.timeout(60):
        while True:
            try:
                await store.put(arrival("working"), numbers("working"))
            except Unavailable:
                await asyncio.sleep(0.05)
            else:
                return


async def test_what_was_said_yes_to_outlives_its_primary(tmp_path: Path) -> None:
    with redis_server.watched(tmp_path / "redis") as (primary, replica, url):
        async with opened(url, most_letters=5, beside=tmp_path / "gateway") as store:
            references = await put(store, *range(20))
            claim = await one(store)
            assert await store.settle(done(claim, letter("k", claim.case.case_id)))
            waiting = store.claim_letters("indosat", 1, 600)
            primary.kill()
            with pytest.raises(Unavailable, match="store_unreachable"):
                await store.put(arrival("lost"), numbers("lost"))
            await asyncio.to_thread(redis_server.until, lambda: redis_server.role(replica) == "master")
            # alone it says no: nobody else would have it
            async with asyncio.timeout(60):
                while True:
                    with pytest.raises(Unavailable) as refused:
                        await store.put(arrival("alone"), numbers("alone"))
                    if refused.value.code == "store_not_replicated":
                        break
                    await asyncio.sleep(0.05)
            primary.start()
            with primary.client() as client:
                # Sentinel would do so too, after ten seconds
                client.replicaof("127.0.0.1", replica.port)
            await working(store)
            for reference in references:
                await life_of(store, reference)
            assert (await life_of(store, claim.case.reference)).case.step == "done"
            assert [each.letter.key for each in await letters(store)] == ["k"]
            # what was told no may be there as well; who sends it again gets the same case
            assert (await store.put(arrival("alone"), numbers("alone"))).reference
            assert len(await claimed(store, 100)) >= 19
            assert waiting.cancel()
            assert await store.recount() == []
