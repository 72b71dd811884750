"""The channel "sms.esme" against the rehearsal SMSC on loopback: how links come, go and come back."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import cast

import pytest
from smpplib.command_codes import commands

from channels.base import Accepted, Unavailable
from channels.sms.wire import LINGER_S
from tests.fakes.door import CITIZEN, door, letter, listening, trying, words
from tests.fakes.inbox import Shelf, until
from tests.fakes.smpp import bare, made
from tests.fakes.smsc import running, short_sms

ENQUIRE_LINK = commands["enquire_link"]


async def test_a_dropped_link_comes_back_and_the_unacknowledged_is_delivered_again() -> None:
    async with running() as smsc:
        channel, shelf = door(smsc.port), Shelf(slow=True)
        async with listening(channel, shelf):
            mobile = smsc.deliver(short_sms("jalan rusak", CITIZEN, "1708"))
            await until(lambda: shelf.waiting)
            for link in tuple(smsc.links):
                link.close()
            await until(lambda: not channel.up)
            shelf.slow = False
            shelf.waiting[0].set_result(Accepted(case_id="c", reference="r"))
            await smsc.until(lambda: mobile.taken)
        assert [arrival.source_id for arrival in shelf.arrivals] == [shelf.arrivals[0].source_id] * 2
        assert channel.counts["reconnect"] == 1
        assert [link.came for link in channel.links] == [2]


async def test_a_half_open_link_is_noticed() -> None:
    async with running("silent=1") as smsc:
        channel = door(smsc.port, enquire_link_s=0.1, response_timeout_s=0.2)
        async with listening(channel, Shelf()):
            await until(lambda: words(channel) == ["lost"])
            assert channel.links[0].why == "silent"
            smsc.misbehave()
            await until(lambda: words(channel) == ["bound"])
            assert channel.links[0].why == ""


async def asks_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An SMSC that asks and asks whether we are there, and reads no answer."""
    cast(asyncio.Transport, writer.transport).pause_reading()
    writer.write(made("bind_transceiver_resp", 1, system_id="smsc"))
    many = b"".join(bare(ENQUIRE_LINK, n) for n in range(1, 1001))
    with suppress(OSError):
        while True:
            writer.write(many)
            await writer.drain()
    writer.transport.abort()


async def test_who_asks_and_never_reads_the_answers_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        # little of what it does not read lies in the kernel then
        held.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        server = await asyncio.start_server(asks_on, sock=held)
        channel = door(held.getsockname()[1], response_timeout_s=0.3)
        async with trying(channel, Shelf()):
            await until(lambda: channel.links[0].why == "unread", 30)
            server.close()
            await until(lambda: channel.links[0].why == "ConnectionRefusedError")
        # what nobody read is thrown away then
        await asyncio.sleep(LINGER_S + 0.2)


async def test_an_smsc_that_ignores_enquiries_but_delivers_is_alive() -> None:
    async with running("enquire_ignored") as smsc:
        channel, shelf = door(smsc.port, enquire_link_s=0.3, response_timeout_s=1.5), Shelf()
        async with listening(channel, shelf):
            for n in range(5):
                mobile = smsc.deliver(short_sms(f"nomor {n}", CITIZEN, "1708"))
                await smsc.until(lambda mobile=mobile: mobile.taken)  # type: ignore[misc]  # mypy does not infer a lambda with a default
                await asyncio.sleep(0.6)
        assert smsc.counts["binds"] == 1


async def test_nobody_at_the_port_is_a_lost_link_that_is_tried_again() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    channel = door(port)
    async with trying(channel, Shelf()):
        await until(lambda: words(channel) == ["lost"])
        assert channel.links[0].why == "ConnectionRefusedError"
        async with running(port=port):
            await until(lambda: words(channel) == ["bound"])
    assert words(channel) == ["closed"]


async def test_a_wrong_password_is_a_clear_word_and_not_tried_again_soon() -> None:
    async with running(password="another") as smsc:
        channel = door(smsc.port)
        async with trying(channel, Shelf()):
            await until(lambda: words(channel) == ["refused"])
            assert channel.links[0].why == "ESME_RINVPASWD: Invalid Password"
            await asyncio.sleep(1.2)
            assert (smsc.counts["refused_binds"], channel.counts["bind_refused"]) == (1, 1)
        assert words(channel) == ["closed"]


async def test_an_smsc_that_is_not_ready_is_asked_again_soon() -> None:
    async with running("refuses_bind=1") as smsc:
        channel = door(smsc.port)
        async with listening(channel, Shelf()):
            assert smsc.counts["refused_binds"] == 1


async def test_their_unbind_is_agreed_to_and_followed_by_a_new_bind() -> None:
    async with running("unbind_midway=3") as smsc:
        channel, shelf = door(smsc.port), Shelf()
        async with listening(channel, shelf):
            for n in range(2):
                mobile = smsc.deliver(short_sms(f"nomor {n}", CITIZEN, "1708"))
                await smsc.until(lambda mobile=mobile: mobile.taken)  # type: ignore[misc]  # mypy does not infer a lambda with a default
            await smsc.until(lambda: smsc.counts["lost"] == 1)
            await until(lambda: words(channel) == ["lost"])
            assert channel.links[0].why == "unbound by the operator"
            await until(lambda: words(channel) == ["bound"])


async def test_a_transmitter_and_a_receiver_share_the_work() -> None:
    async with running() as smsc:
        channel, shelf = door(smsc.port, bind="transmitter+receiver"), Shelf()
        async with listening(channel, shelf, links=2):
            assert [(link.number, link.role) for link in channel.links] == [(1, "transmitter"), (1, "receiver")]
            mobile = smsc.deliver(short_sms("jalan rusak", CITIZEN, "1708"))
            await smsc.until(lambda: mobile.taken)
            await channel.send(letter())
            assert [link.came for link in channel.links] == [0, 1]
            assert {link.mode for link in smsc.links} == {"transmitter", "receiver"}


async def test_a_receiver_alone_is_not_up() -> None:
    async with running() as smsc:
        channel = door(smsc.port, bind="transmitter+receiver")
        async with listening(channel, Shelf(), links=2):
            next(link for link in smsc.links if link.mode == "transmitter").close()
            await until(lambda: not channel.up)
            with pytest.raises(Unavailable, match="not_bound"):
                await channel.send(letter())
            await until(lambda: channel.up)


async def test_two_sessions_take_turns() -> None:
    async with running(window=1) as smsc:
        channel, shelf = door(smsc.port, sessions=2, window=1), Shelf(slow=True)
        async with listening(channel, shelf, links=2):
            mobiles = [smsc.deliver(short_sms(f"nomor {n}", CITIZEN, "1708")) for n in range(2)]
            await until(lambda: len(shelf.waiting) == 2)
            shelf.slow = False
            for promise in shelf.waiting:
                promise.set_result(Accepted(case_id="c", reference="r"))
            await smsc.until(lambda: all(mobile.taken for mobile in mobiles))
        assert smsc.counts["unbinds"] == 2


async def test_leaving_finishes_what_was_begun_and_says_goodbye() -> None:
    async with running("slow=0.2") as smsc:
        channel, shelf = door(smsc.port), Shelf(slow=True)
        async with trying(channel, shelf):
            await until(lambda: channel.up)
            sending = asyncio.ensure_future(channel.send(letter()))
            mobile = smsc.deliver(short_sms("jalan rusak", CITIZEN, "1708"))
            await until(lambda: shelf.waiting and smsc.answers)
            asyncio.get_running_loop().call_later(0.3, shelf.waiting[0].set_result, Accepted(case_id="c", reference="r"))
        assert len((await sending).ids) == 1
        assert mobile.taken
        assert (smsc.counts["unbinds"], words(channel), channel.up) == (1, ["closed"], False)


async def test_a_letter_that_is_not_answered_in_time_does_not_keep_us_from_saying_goodbye() -> None:
    """An operator who hears none may think for minutes that the old bind is there, and refuse the next."""
    async with running("slow=60") as smsc:
        channel = door(smsc.port)
        async with listening(channel, Shelf()):
            sending = asyncio.ensure_future(channel.send(letter()))
            await until(lambda: smsc.answers)
        with pytest.raises(Unavailable, match="link_lost"):
            await sending
        assert smsc.counts["unbinds"] == 1


async def test_leaving_a_silent_smsc_is_bounded_and_letters_are_unsure() -> None:
    async with running("silent=1") as smsc:
        channel = door(smsc.port)
        listen = asyncio.create_task(channel.listen(Shelf()))
        await until(lambda: channel.up)
        listen.cancel()
        async with asyncio.timeout(60):
            with suppress(asyncio.CancelledError):
                await listen
        with pytest.raises(Unavailable, match="not_bound"):
            await channel.send(letter())


async def test_a_link_that_another_process_has_by_now_is_left_without_waiting_for_anybody() -> None:
    async with running("slow=60") as smsc:
        channel, shelf = door(smsc.port), Shelf(slow=True)
        async with trying(channel, shelf):
            await until(lambda: channel.up)
            sending = asyncio.ensure_future(channel.send(letter()))
            smsc.deliver(short_sms("jalan rusak", CITIZEN, "1708"))
            await until(lambda: shelf.waiting and smsc.answers)
            shelf.left_s = 0.0
        with pytest.raises(Unavailable) as failure:
            await asyncio.wait_for(sending, 60)
        assert (failure.value.code, failure.value.unsure) == ("link_lost", True)
        assert words(channel) == ["closed"]
        await smsc.until(lambda: not smsc.links)
