"""A rehearsed citizen talks to a trivial gateway through the rehearsal SMSC, and hears back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from smpplib import consts

from gateway.rehearse import NoRehearsal
from gateway.rehearse.handset import play
from gateway.rehearse.serve import address, serve
from tests.fakes.esme import connected
from tests.fakes.smsc import Smsc, running

NUMBER = "+62 812-0000-0001"


@asynccontextmanager
async def answering(smsc: Smsc, *replies: bytes, parts: int = 1, esm_class: int = 0, coding: int = 0) -> AsyncIterator[list[bytes]]:
    """A gateway that waits for so many parts, and then says its replies; gives the bodies that came."""
    came: list[bytes] = []

    async def serve_one() -> None:
        for _ in range(parts):
            delivered = await esme.take()
            came.append(delivered.short_message)
        for reply in replies:
            esme.send(
                "submit_sm", source_addr="1708", destination_addr=delivered.source_addr.decode(), esm_class=esm_class,
                data_coding=coding, short_message=reply,
            )  # fmt: skip

    async with connected(smsc.port) as esme:
        task = asyncio.create_task(serve_one())
        yield came
        await asyncio.wait_for(task, 60)


async def test_a_citizen_hears_back() -> None:
    async with running() as smsc, answering(smsc, b"Kode Anda 7K3Q-9FXM-2CH4", b"Terdaftar") as came:
        heard = await play("127.0.0.1", smsc.port, NUMBER, "#Lapor1708 jalan rusak", wait_s=3, answers=2)
    assert heard == ["Kode Anda 7K3Q-9FXM-2CH4", "Terdaftar"]
    assert came == [b"#Lapor1708 jalan rusak"]


@pytest.mark.parametrize(("letter", "octets", "room", "whole"), [("a", 1, 153, 160), ("é", 1, 153, 160), ("ж", 2, 67, 70)])
async def test_a_text_is_split_as_a_phone_splits_it(letter: str, octets: int, room: int, whole: int) -> None:
    async with running() as smsc, answering(smsc, b"ya") as came:
        await play("127.0.0.1", smsc.port, NUMBER, letter * whole, wait_s=3)
        assert [len(body) for body in came] == [whole * octets]
    async with running() as smsc, answering(smsc, b"ya", parts=2) as came:
        await play("127.0.0.1", smsc.port, NUMBER, letter * (whole + 1), wait_s=3)
        assert [len(body) for body in came] == [6 + room * octets, 6 + (whole + 1 - room) * octets]
        assert [body[3] for body in came] == [came[0][3]] * 2
        assert [body[4:6] for body in came] == [b"\x02\x01", b"\x02\x02"]


async def test_an_answer_in_parts_is_shown_whole() -> None:
    text = "Laporan Anda sudah terdaftar 🙂"
    octets = text.encode("utf-16-be")
    pieces = [b"\x05\x00\x03\x07\x02\x02" + octets[-2:], b"\x05\x00\x03\x07\x02\x01" + octets[:-2]]
    async with running() as smsc, answering(smsc, *pieces, esm_class=0x40, coding=8):
        assert await play("127.0.0.1", smsc.port, NUMBER, "LAPOR", wait_s=3) == [text]


async def test_no_answer_in_time_is_an_empty_list() -> None:
    async with running() as smsc, answering(smsc):
        assert await play("127.0.0.1", smsc.port, NUMBER, "LAPOR", wait_s=0.1) == []


async def test_nobody_there_is_said_plainly() -> None:
    async with running() as smsc:
        pass
    with pytest.raises(NoRehearsal, match=r"nothing answers at 127\.0\.0\.1:\d+; start it with"):
        await play("127.0.0.1", smsc.port, NUMBER, "LAPOR", wait_s=1)


async def test_a_lost_smsc_is_said_plainly() -> None:
    async with running() as smsc:
        playing = asyncio.create_task(play("127.0.0.1", smsc.port, NUMBER, "LAPOR", wait_s=3))
        await smsc.until(lambda: smsc.counts["spoken"] == 1)
        await smsc.stop()
        with pytest.raises(NoRehearsal, match="closed the connection"):
            await playing


async def test_an_smsc_that_refuses_handsets_is_said_plainly() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.read(100)
        refusal = (16).to_bytes(4, "big") + b"\x80\x00\x00\x09" + consts.SMPP_ESME_RINVSYSID.to_bytes(4, "big") + asked[12:16]
        writer.write(refusal)
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        with pytest.raises(NoRehearsal, match=r"refuses a handset.*RINVSYSID"):
            await play("127.0.0.1", server.sockets[0].getsockname()[1], NUMBER, "LAPOR", wait_s=1)


@pytest.mark.parametrize(
    ("number", "text", "words"), [("1708", "LAPOR", "--from"), ("+62x12000001", "LAPOR", "--from"), (NUMBER, "", "text")]
)
async def test_bad_arguments_are_said_before_anything_is_sent(number: str, text: str, words: str) -> None:
    with pytest.raises(NoRehearsal, match=words):
        await play("127.0.0.1", 1, number, text, wait_s=1)


async def test_a_text_for_which_no_phone_has_parts_enough_is_said_plainly() -> None:
    async with running() as smsc:
        with pytest.raises(NoRehearsal, match="255 parts"):
            await play("127.0.0.1", smsc.port, NUMBER, "a" * 40_000, wait_s=1)


async def test_an_smsc_on_its_own_tells_what_it_has_seen() -> None:
    said: asyncio.Queue[str] = asyncio.Queue()
    serving = asyncio.create_task(serve("127.0.0.1:0", ["hex_ids"], say=said.put_nowait, tell_s=0.05))
    try:
        opening = await asyncio.wait_for(said.get(), 60)
        async with connected(int(opening.rpartition(":")[2])):
            async with asyncio.timeout(60):
                while await said.get() != "connections 1 · binds 1 · waiting 0":
                    pass
    finally:
        serving.cancel()
        await asyncio.wait([serving])


@pytest.mark.parametrize(
    ("listen", "fault", "words"),
    [
        ("2775", "slow", "not an address"),
        ("127.0.0.1:99999", "slow", "not an address"),
        ("127.0.0.1:0", "drowsy", "no misbehaviour is called"),
    ],
)
async def test_an_smsc_that_cannot_begin_says_why(listen: str, fault: str, words: str) -> None:
    with pytest.raises(NoRehearsal, match=words):
        await serve(listen, [fault], say=print)


async def test_a_port_in_use_is_said_plainly() -> None:
    async with running() as smsc:
        with pytest.raises(NoRehearsal, match=rf"cannot listen at 127\.0\.0\.1:{smsc.port}: "):
            await serve(f"127.0.0.1:{smsc.port}", say=print)


def test_an_address_may_be_of_version_six() -> None:
    assert address("[::1]:2775") == ("::1", 2775)
