"""The SMTP server: what it says yes to, when, and what it says to everything else. Real sockets."""

from __future__ import annotations

import asyncio
import shutil
import smtplib
import socket
import struct
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import pytest

from channels.base import Accepted, Unavailable
from channels.email import journey
from tests.email.mailboxes import CITIZEN, MAIL, US, Client, calling, listening, made
from tests.fakes.inbox import Shelf, until


def body(raw: bytes) -> bytes:
    return raw[journey.read(raw)[1] :]


async def test_a_mail_is_kept_as_it_came_below_its_journey() -> None:
    channel, shelf = made(), Shelf()
    async with listening(channel, shelf) as port, calling(port) as client:
        await client.begin()
        assert await client.give(MAIL) == "250 2.0.0 queued as r"
        assert await client.say("QUIT") == "221 2.0.0 goodbye"
        assert await client.ended()
    (arrival,) = shelf.arrivals
    trace, start = journey.read(arrival.raw)
    assert arrival.raw[start:] == MAIL
    assert (trace.mail_from, trace.recipients, trace.ip, trace.helo, trace.tls) == (CITIZEN, (US,), "127.0.0.1", "mx.warga.example", False)
    assert (arrival.channel, arrival.same_since) == ("surat", None)
    assert arrival.raw.startswith(
        b"Return-Path: <budi@warga.example>\r\nDelivered-To: lapor@lapor.example\r\nReceived: from mx.warga.example (["
    )


async def test_what_it_offers() -> None:
    async with listening(made(max_bytes=100_000), Shelf()) as port, calling(port) as client:
        offers = (await client.say("EHLO mx.warga.example")).split("\n")
        assert offers[0].removeprefix("250-") == "lapor.example"
        assert {offer[4:] for offer in offers[1:]} == {"SIZE 100000", "8BITMIME", "SMTPUTF8", "PIPELINING", "HELP"}


async def test_dots_are_taken_out_and_only_those_that_were_put_in() -> None:
    shelf = Shelf()
    async with listening(made(), shelf) as port, calling(port) as client:
        await client.begin()
        assert (await client.give(b"..satu\r\n\r\n...\r\n.dua\r\na.b\r\n..\r\n")).startswith("250")
        await client.begin()
        assert (await client.give(b"")).startswith("250")
    assert [body(arrival.raw) for arrival in shelf.arrivals] == [b".satu\r\n\r\n..\r\ndua\r\na.b\r\n.\r\n", b""]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 64])
async def test_a_mail_may_come_in_small_blocks_with_more_commands_behind_it(size: int) -> None:
    shelf = Shelf()
    async with listening(made(), shelf) as port, calling(port) as client:
        await client.begin()
        said = MAIL + b"\r\n..\r\n.\r\nNOOP\r\nQUIT\r\n"
        for start in range(0, len(said), size):
            client.writer.write(said[start : start + size])
            await client.writer.drain()
            await asyncio.sleep(0)
        assert [(await client.reply())[:3] for _ in range(3)] == ["250", "250", "221"]
    assert body(shelf.arrivals[0].raw) == MAIL + b"\r\n.\r\n"


async def test_a_client_that_sends_everything_at_once_and_stops_talking_gets_every_answer() -> None:
    shelf = Shelf()
    async with listening(made(), shelf) as port, calling(port) as client:
        said = f"EHLO a\r\nMAIL FROM:<{CITIZEN}>\r\nRCPT TO:<{US}>\r\nDATA\r\n".encode() + MAIL + b".\r\nQUIT\r\n"
        client.writer.write(said)
        client.writer.write_eof()
        assert [(await client.reply())[:3] for _ in range(6)] == ["250", "250", "250", "354", "250", "221"]
    assert body(shelf.arrivals[0].raw) == MAIL


async def test_what_is_said_behind_a_mail_waits_its_turn_however_much_it_is() -> None:
    shelf = Shelf(slow=True)
    async with listening(made(), shelf) as port, calling(port) as client:
        await client.begin()
        client.writer.write(MAIL + b".\r\n" + (b"NOOP %s\r\n" % (b"x" * 1000)) * 900)
        await until(lambda: shelf.waiting)
        shelf.waiting[0].set_result(Accepted(case_id="c", reference="r"))
        assert {(await client.reply())[:3] for _ in range(901)} == {"250"}


async def test_where_there_is_no_tls_what_follows_is_answered_all_the_same() -> None:
    async with listening(made(), Shelf()) as port, calling(port) as client:
        client.writer.write(b"STARTTLS\r\nSTARTTLS now\r\nNOOP\r\n")
        assert [(await client.reply())[:3] for _ in range(3)] == ["454", "501", "250"]


SMUGGLED = b"X: y\r\n\r\nbaik%sMAIL FROM:<palsu@warga.example>\r\nRCPT TO:<lapor@lapor.example>\r\nDATA\r\npalsu\r\n"


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r", b"\r.\r\n", b"\r\r\n.\r\r\n", b"\r\n\n.\r\n"])
async def test_only_one_sequence_ends_a_mail_and_the_others_are_refused(end: bytes) -> None:
    """SMTP smuggling: what one server takes for the end, the next must not take for text."""
    channel, shelf = made(), Shelf()
    async with listening(channel, shelf) as port, calling(port) as client:
        await client.begin()
        assert (await client.give(SMUGGLED % end)).startswith("550 5.6.0")
        assert (await client.say("NOOP")).startswith("250")
    assert (shelf.arrivals, channel.counts["malformed"]) == ([], 1)


async def test_a_mail_that_goes_round_in_circles_is_refused() -> None:
    shelf = Shelf()
    async with listening(made(), shelf) as port, calling(port) as client:
        await client.begin()
        assert (await client.give(b"Received: from a by b\r\n" * 101 + b"\r\nx\r\n")).startswith("554 5.4.6")
        await client.begin()
        assert (await client.give(b"Received: from a by b\r\n" * 100 + b"\r\n" + b"Received: in the text\r\n" * 200)).startswith("250")
    assert len(shelf.arrivals) == 1


async def test_long_lines_are_taken_and_long_mails_are_not() -> None:
    shelf = Shelf()
    async with listening(made(max_bytes=200_000), shelf) as port, calling(port) as client:
        assert (await client.say("EHLO a", f"MAIL FROM:<{CITIZEN}> SIZE=200001")).startswith("552")
        await client.begin()
        assert (await client.give(b"Subject: x\r\n\r\n" + b"y" * 180_000 + b"\r\n")).startswith("250")
        await client.begin()
        assert (await client.give(b"Subject: x\r\n\r\n" + b"y" * 1_000_000 + b"\r\n")).startswith("552 5.3.4")
        await client.begin()
        assert (await client.give(b"y" * 199_998 + b"\r\n")).startswith("250")
        await client.begin()
        assert (await client.give(b"y" * 199_999 + b"\r\n")).startswith("552")
    assert len(shelf.arrivals) == 2


async def test_mails_of_many_connections_together_fit_into_memory() -> None:
    channel, shelf = made(max_bytes=65_536), Shelf(slow=True)
    async with listening(channel, shelf) as port, calling(port) as last:
        clients = [calling(port) for _ in range(8)]
        begun = [await call.__aenter__() for call in clients]
        for client in begun:
            await client.begin()
            client.writer.write(b"y" * 65_000 + b"\r\n.\r\n")
        await until(lambda: len(shelf.waiting) == 8)
        assert (await last.begin()).startswith("354")
        assert await last.give(b"y" * 5000 + b"\r\n") == "452 4.3.1 no room for this mail now, please try again later"
        for promise in shelf.waiting:
            promise.set_result(Accepted(case_id="c", reference="r"))
        assert [(await client.reply())[:3] for client in begun] == ["250"] * 8
        shelf.slow = False
        await last.begin()
        assert (await last.give(b"y" * 1000 + b"\r\n")).startswith("250")
        for call in clients:
            await call.__aexit__(None, None, None)


async def test_mails_that_found_no_room_take_none_however_much_of_them_comes() -> None:
    channel, shelf = made(max_bytes=65_536), Shelf()
    async with listening(channel, shelf) as port, calling(port) as last, AsyncExitStack() as stack:
        begun = [await stack.enter_async_context(calling(port)) for _ in range(10)]
        for client in begun:
            await client.begin()
            for _ in range(13):
                client.writer.write(b"y" * 5000)
                await last.say("NOOP")  # by now the server has read it
        assert (await last.begin()).startswith("354")
        answers = [await client.give(b"\r\n") for client in begun]
        assert sorted(answer[:3] for answer in answers) == ["250"] * 8 + ["452"] * 2
        assert (await last.give(b"y" * 60_000 + b"\r\n")).startswith("250")


@pytest.mark.parametrize("problem", [None, Unavailable("disk_full"), RuntimeError("a fault of ours")])
async def test_a_mail_takes_memory_until_it_is_on_disk_also_when_its_client_has_gone(problem: Exception | None) -> None:
    channel, shelf = made(max_bytes=65_536), Shelf(slow=True)
    asyncio.get_running_loop().set_exception_handler(lambda _, context: None)
    async with listening(channel, shelf) as port, calling(port) as last:
        for number in range(1, 9):
            async with calling(port) as client:
                await client.begin()
                client.writer.write(b"y" * 65_000 + b"\r\n.\r\n")
                await until(lambda: len(shelf.waiting) == number)  # noqa: B023 - it is called at once
                client.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # RST
                client.writer.transport.abort()
        await last.say("NOOP")  # the server has seen that they went
        await last.begin()
        assert (await last.give(b"y" * 5000 + b"\r\n")).startswith("452 4.3.1")
        for promise in shelf.waiting:
            if problem:
                promise.set_exception(problem)
            else:
                promise.set_result(Accepted(case_id="c", reference="r"))
        shelf.slow = False
        await last.begin()
        assert (await last.give(b"y" * 60_000 + b"\r\n")).startswith("250")


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("disk_nearly_full", "452 4.3.1"),
        ("disk_full", "452 4.3.1"),
        ("store_error", "451 4.3.0"),
        ("closing", "451 4.3.0"),
    ],
)
async def test_what_is_not_on_disk_is_not_accepted(code: str, answer: str) -> None:
    channel, shelf = made(), Shelf()
    shelf.problem = Unavailable(code)
    async with listening(channel, shelf) as port, calling(port) as client:
        await client.begin()
        assert (await client.give(MAIL)).startswith(answer)
        shelf.problem = None
        await client.begin()
        assert (await client.give(MAIL)).startswith("250")
    assert channel.counts["not_kept"] == 1
    assert shelf.arrivals[0].source_id == shelf.arrivals[1].source_id


async def test_no_yes_before_the_commit() -> None:
    shelf = Shelf(slow=True)
    async with listening(made(), shelf) as port, calling(port) as client:
        await client.begin()
        answer = asyncio.ensure_future(client.give(MAIL))
        await until(lambda: shelf.waiting)
        await asyncio.sleep(0.02)
        assert not answer.done()
        shelf.waiting[0].set_result(Accepted(case_id="c", reference="7K3Q-9FXM-2CH4"))
        assert await answer == "250 2.0.0 queued as 7K3Q-9FXM-2CH4"


@pytest.mark.parametrize("size", [10, 2_000_000])
async def test_a_client_that_goes_away_does_not_stop_the_commit(size: int) -> None:
    shelf = Shelf(slow=True)
    async with listening(made(), shelf) as port:
        async with calling(port) as client:
            await client.begin()
            client.writer.write(MAIL + b"y" * size + b"\r\n.\r\n")
            await until(lambda: shelf.waiting)
            client.writer.transport.abort()
        async with calling(port) as other:  # the server has seen the end of the first by the time it serves the second
            await other.say("NOOP")
            assert not shelf.waiting[0].cancelled()
            shelf.waiting[0].set_result(Accepted(case_id="c", reference="r"))


async def test_a_client_that_goes_away_within_a_mail_leaves_nothing() -> None:
    channel, shelf = made(), Shelf()
    async with listening(channel, shelf) as port:
        async with calling(port) as client:
            await client.begin()
            client.writer.write(MAIL)
            client.writer.write_eof()
            assert await client.ended()
        async with calling(port) as client:
            await client.begin()
            assert (await client.give(MAIL)).startswith("250")
    assert len(shelf.arrivals) == 1


async def test_a_fault_of_ours_is_told_as_one_and_nothing_else_is() -> None:
    channel, shelf = made(), Shelf()
    shelf.problem = RuntimeError("secret words")
    told: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(str(context["message"])))
    async with listening(channel, shelf) as port, calling(port) as client:
        await client.begin()
        assert await client.give(MAIL) == "451 4.3.0 a fault of ours, please try again later"
        assert await client.ended()
    assert (told, channel.counts["fault"]) == (["a mail session ended by a fault of ours"], 1)


async def test_two_of_our_addresses_in_one_transaction_are_one_mail() -> None:
    shelf = Shelf()
    async with listening(made(also=["aduan@lapor.example"]), shelf) as port, calling(port) as client:
        await client.begin(CITIZEN, US, "aduan@lapor.example")
        assert (await client.give(MAIL)).startswith("250")
    assert [journey.read(arrival.raw)[0].recipients for arrival in shelf.arrivals] == [(US, "aduan@lapor.example")]


@pytest.mark.parametrize(
    ("recipient", "code"),
    [
        ("lapor@lapor.example", "250"),
        ("LAPOR@Lapor.Example", "250"),
        ("lapor+bdg@lapor.example", "250"),
        ("siapa@desa.example", "250"),
        ("lain@lapor.example", "550"),
        ("lapor@lain.example", "550"),
        ("lapor@lapor.example.lain.example", "550"),
        ("lapor%lain.example@lapor.example", "550"),
        ("@desa.example", "550"),
        ("", "550"),
        ("lapor", "550"),
        ("pélapor@désa.example", "550"),
        ('"lapor"@lapor.example', "250"),  # RFC 5321 §4.1.2: quotes that need not be there mean nothing
    ],
)
async def test_whose_mail_is_taken(recipient: str, code: str) -> None:
    async with listening(made(also=["*@desa.example"]), Shelf()) as port, calling(port) as client:
        assert (await client.say("EHLO a", f"MAIL FROM:<{CITIZEN}>", f"RCPT TO:<{recipient}>"))[:3] == code


@pytest.mark.parametrize(
    "argument", ["FROM:<", "FROM:", "TO:<a@b>", 'FROM:<"a\rX: y"@b.example>', "FROM:<a@b> SIZE=x", "FROM:(((((", "FROM:<a@b> RET=FULL"]
)
async def test_a_sender_that_is_none(argument: str) -> None:
    shelf = Shelf()
    async with listening(made(), shelf) as port, calling(port) as client:
        assert (await client.say("EHLO a", f"MAIL {argument}"))[0] == "5"
        assert (await client.say("NOOP")).startswith("250")


async def test_commands_out_of_their_order() -> None:
    async with listening(made(), Shelf()) as port, calling(port) as client:
        assert (await client.say(f"MAIL FROM:<{CITIZEN}>")).startswith("503")
        assert (await client.say("HELO")).startswith("501")
        assert (await client.say("HELO a", f"RCPT TO:<{US}>")).startswith("503")
        assert (await client.say("DATA")).startswith("503")
        assert (await client.say(f"MAIL FROM:<{CITIZEN}>", "DATA")).startswith("503")
        assert (await client.say("RSET", f"RCPT TO:<{US}>")).startswith("503")
        assert (await client.say("VRFY lapor")).startswith("252")
        assert (await client.say("EXPN lapor")).startswith("500")
        assert (await client.say("HELP")).startswith("214")


async def test_mail_in_the_words_of_the_world() -> None:
    shelf = Shelf()
    async with listening(made(also=["pengaduan@désa.example"]), shelf) as port, calling(port) as client:
        said = await client.say("EHLO a", "MAIL FROM:<budi@désa.example> SMTPUTF8", "RCPT TO:<pengaduan@DÉSA.example>", "DATA")
        assert said.startswith("354")
        assert (await client.give("Subject: café\r\n\r\nhalo\r\n".encode())).startswith("250")
    trace, _ = journey.read(shelf.arrivals[0].raw)
    assert (trace.mail_from, trace.smtputf8) == ("budi@désa.example", True)


async def test_the_null_sender_and_smtplib() -> None:
    shelf = Shelf()

    def send(port: int) -> None:
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.sendmail("", [US], MAIL)

    async with listening(made(), shelf) as port:
        await asyncio.to_thread(send, port)
    assert shelf.arrivals[0].raw.startswith(b"Return-Path: <>\r\n")


@pytest.mark.skipif(shutil.which("swaks") is None, reason="swaks is not installed here")
async def test_swaks_is_served() -> None:
    shelf = Shelf()
    async with listening(made(), shelf) as port:
        argv = [
            "swaks",
            "--server",
            f"127.0.0.1:{port}",
            "--to",
            US,
            "--from",
            CITIZEN,
            "--helo",
            "mx.warga.example",
            "--body",
            "jalan rusak",
        ]
        done = await asyncio.to_thread(subprocess.run, argv, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout
    assert "250 2.0.0 queued as r" in done.stdout
    assert b"jalan rusak" in shelf.arrivals[0].raw


async def test_closing_waits_for_the_mail_that_is_under_way() -> None:
    shelf = Shelf(slow=True)
    async with calling_while(shelf) as (idle, busy, task):
        await busy.begin()
        busy.writer.write(MAIL + b".\r\n")
        await until(lambda: shelf.waiting)
        task.cancel()
        assert (await idle.reply()).startswith("421 4.3.2")
        assert not task.done()
        shelf.waiting[0].set_result(Accepted(case_id="c", reference="r"))
        assert (await busy.reply()).startswith("250")
        assert await busy.ended()


async def test_closing_does_not_wait_for_ever_and_says_so() -> None:
    shelf = Shelf(slow=True)
    async with calling_while(shelf) as (_, busy, task):
        await busy.begin()
        busy.writer.write(MAIL + b".\r\n")
        await until(lambda: shelf.waiting)
        task.cancel()
        assert (await busy.reply()).startswith("421 4.4.2")
        await asyncio.wait([task])


@asynccontextmanager
async def calling_while(shelf: Shelf) -> AsyncIterator[tuple[Client, Client, asyncio.Task[None]]]:
    """Two clients, and the task that serves them."""
    channel = made()
    task = asyncio.ensure_future(channel.listen(shelf))
    await until(lambda: channel.port)
    async with calling(channel.port) as idle, calling(channel.port) as busy:
        yield idle, busy, task
    with suppress(asyncio.CancelledError):
        await task
