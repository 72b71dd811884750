"""Answers at a simulated X: one for each post, within the rules, and not twice although X knows no idempotency."""

from __future__ import annotations

import json

import pytest

from channels.base import Refused, Unavailable
from channels.social import x
from tests.fakes.inbox import Shelf, until
from tests.fakes.x import account, letter, listening, simulated, state, trying


async def failed(channel: x.X, **more: str) -> str:
    """The code with which a letter is not sent."""
    with pytest.raises((Refused, Unavailable)) as failure:
        await channel.send(letter(**more))
    return ("sure " if not getattr(failure.value, "unsure", False) else "unsure ") + str(failure.value)


async def test_an_answer_is_a_reply_and_a_repeat_of_it_is_the_same_answer() -> None:
    async with simulated() as fake:
        channel, shelf = account(fake.url), Shelf()
        async with listening(channel, shelf):
            post = fake.world.write("@warga", "@lapor1708 jalan rusak")
            sent, said = await channel.send(letter(post=post))
            assert (await channel.send(letter(post=post))).ids == sent
            assert await failed(channel, post=post, key="1:another", text="lain") == "sure answered_already"
        assert [(answer["to"], answer["text"]) for answer in fake.answers] == [(post, "LAPOR! Kode: 7K3Q-9FXM-2CH4.")]
        assert sent == (fake.answers[0]["id"],)
        assert fake.answers[0]["id"] in said


async def test_a_link_is_broken_up_before_it_is_posted_and_a_telephone_number_is_not_posted() -> None:
    async with simulated() as fake:
        channel = account(fake.url)
        async with listening(channel, Shelf()):
            await channel.send(letter("Kode 7K3Q, lihat lapor.go.id"))
            assert fake.answers[0]["text"] == "Kode 7K3Q, lihat lapor go id"
            assert await failed(channel, text="Hubungi 081200000001", post="2") == "sure policy_phone"
            assert await failed(channel, text="x" * 281, post="3") == "sure policy_too_long"
        assert len(fake.answers) == 1


async def test_posted_but_not_answered_is_found_out_by_the_same_words() -> None:
    async with simulated() as fake:
        channel, shelf = account(fake.url), Shelf()
        async with listening(channel, shelf):
            fake.faults["drop_after_post"] = 1
            assert await failed(channel) == "unsure no_connection"
            assert (await channel.send(letter())).ids == ()
            assert (await channel.send(letter())).ids == ()
        assert len(fake.answers) == 1


async def test_killed_between_the_post_and_its_note_the_next_process_finds_it_out_too() -> None:
    async with simulated() as fake:
        shelf = Shelf()
        async with listening(channel := account(fake.url), shelf):
            await channel.send(letter())
        shelf.notes["x", "answered:1"] = json.dumps({"key": "1:answer", "state": "trying"})
        async with listening(channel := account(fake.url), shelf):
            assert (await channel.send(letter())).ids == ()
        assert len(fake.answers) == 1


async def test_the_same_words_to_somebody_else_are_refused() -> None:
    async with simulated() as fake:
        channel = account(fake.url)
        async with listening(channel, Shelf()):
            await channel.send(letter())
            assert await failed(channel, post="2", key="2:answer") == "sure duplicate"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("reply_forbidden", "sure forbidden"),
        ("post_503", "sure server_error"),
        ("rate_limited", "sure rate_limited"),
        ("bare_429", "sure rate_limited"),
        ("reset", "unsure no_connection"),
    ],
)
async def test_what_becomes_of_a_refused_answer(fault: str, code: str) -> None:
    async with simulated() as fake:
        channel, shelf = account(fake.url, poll_s=30), Shelf()
        async with listening(channel, shelf):
            fake.faults[fault] = 1
            assert await failed(channel) == code
            assert (("x", "answered:1") in shelf.notes) is code.startswith("unsure")
            assert channel.up


async def test_after_a_429_nobody_knocks_before_the_window_is_over() -> None:
    async with simulated() as fake:
        channel = account(fake.url, poll_s=30)
        async with listening(channel, Shelf()):
            fake.remaining["/2/tweets"] = 1
            await channel.send(letter())
            with pytest.raises(Unavailable) as failure:
                await channel.send(letter("lain", post="2", key="2:answer"))
            assert (failure.value.code, failure.value.unsure) == ("rate_limited", False)
            assert failure.value.retry_after is not None
            assert fake.requests["POST /2/tweets"] == 1


@pytest.mark.parametrize(("fault", "code"), [("revoked", "keys_refused"), ("no_credits", "no_credits"), ("usage_capped", "no_credits")])
async def test_refused_keys_close_the_door_for_letters_until_they_are_good_again(fault: str, code: str) -> None:
    async with simulated() as fake:
        channel = account(fake.url)
        async with listening(channel, Shelf()):
            fake.faults[fault] = -1
            assert await failed(channel) == f"sure {code}"
            assert channel.up is False
            del fake.faults[fault]
            await until(lambda: channel.up)
            await channel.send(letter())
        assert len(fake.answers) == 1


async def test_who_asked_not_to_be_answered_is_not_even_after_a_restart() -> None:
    async with simulated() as fake:
        shelf = Shelf()
        async with listening(channel := account(fake.url), shelf):
            fake.world.write("@warga", "@lapor1708 tolong jangan balas")
            await until(lambda: channel.counts["opted_out"])
        author = fake.world.person("@warga").id
        async with listening(channel := account(fake.url), shelf):
            post = fake.world.write("@warga", "@lapor1708 lampu mati")
            await until(lambda: len(shelf.arrivals) == 2)
            message = channel.decode(shelf.arrivals[1], ())
            assert (message.goes_to, message.reply_to) == ("submit", {"post": post, "author": author})
            assert await failed(channel, post=post, author=author) == "sure opted_out"
        assert channel.decode(shelf.arrivals[0], ()).goes_to == "declined"
        assert fake.answers == []


async def test_nobody_is_answered_who_left_no_way_or_before_there_is_a_line() -> None:
    async with simulated() as fake:
        channel = account(fake.url)
        assert await failed(channel) == "sure not_listening"
        async with listening(channel, Shelf()):
            assert await failed(channel, post="") == "sure no_way_back"


async def test_keys_of_another_account_are_a_state_and_nothing_is_read_with_them() -> None:
    async with simulated() as fake:
        channel = account(fake.url, account="kantor_lain")
        async with trying(channel, Shelf()):
            await until(lambda: state(channel, "account") == "keys_refused")
            assert channel.up is False
        assert set(fake.requests) == {"GET /2/users/me"}
