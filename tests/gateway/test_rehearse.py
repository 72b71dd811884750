"""The rehearsal SMSC when nothing goes wrong; see test_misbehave.py for the rest."""

from __future__ import annotations

import asyncio
import ssl
import struct

import pytest
import trustme
from smpplib import consts

from channels.sms import pdu
from gateway.rehearse.parts import Width
from tests.fakes.esme import CITIZEN, ROK, connected, read
from tests.fakes.smsc import Smsc, long_sms, running, short_sms


async def test_a_message_from_a_phone_reaches_a_gateway_as_it_was() -> None:
    async with running() as smsc, connected(smsc.port, "handset") as phone, connected(smsc.port) as gateway:
        body = b"\x05\x00\x03\x2a\x02\x01" + "jalan ré".encode("utf-16-be")
        number = phone.send(
            "submit_sm", source_addr_ton=1, source_addr_npi=1, source_addr=CITIZEN, dest_addr_ton=3, dest_addr_npi=9,
            destination_addr="1708", esm_class=0x43, data_coding=8, short_message=body,
        )  # fmt: skip
        answer, delivered = await phone.next(), await gateway.take()
        assert (answer.command, answer.status, answer.sequence) == ("submit_sm_resp", ROK, number)
        assert (delivered.source_addr_ton, delivered.source_addr_npi, delivered.source_addr) == (1, 1, CITIZEN.encode())
        assert (delivered.dest_addr_ton, delivered.dest_addr_npi, delivered.destination_addr) == (3, 9, b"1708")
        assert (delivered.esm_class, delivered.data_coding, delivered.short_message) == (0x40, 8, body)


async def test_an_answer_reaches_the_phone_that_spoke_for_its_number_last() -> None:
    async with (
        running() as smsc,
        connected(smsc.port, "handset") as old,
        connected(smsc.port, "handset") as new,
        connected(smsc.port) as gateway,
    ):
        for phone in (old, new):
            phone.send("submit_sm", source_addr="+" + CITIZEN, destination_addr="1708", short_message=b"LAPOR")
            await phone.next()
            await gateway.take()
        gateway.submit(b"Kode 7K3Q")
        assert (await gateway.next()).status == ROK
        heard = await new.take()
        assert (heard.source_addr, heard.destination_addr, heard.short_message) == (b"1708", CITIZEN.encode(), b"Kode 7K3Q")
        assert await old.nothing()
        assert (await smsc.answer_to("08120000001")).body == b"Kode 7K3Q"


async def test_an_answer_to_a_phone_that_is_off_is_taken_all_the_same() -> None:
    async with running() as smsc, connected(smsc.port) as gateway:
        gateway.submit()
        assert (await gateway.next()).status == ROK
        assert smsc.counts["unheard"] == 1
        with pytest.raises(TimeoutError):
            await smsc.answer_to("628120000002", within_s=0.01)


async def test_a_message_is_delivered_until_a_gateway_says_yes() -> None:
    async with running() as smsc, connected(smsc.port) as gateway:
        mobile = smsc.deliver(short_sms("lampu mati", CITIZEN, "1708"))
        first = await gateway.take(consts.SMPP_ESME_RX_T_APPN)
        second = await gateway.take(consts.SMPP_ESME_RMSGQFUL)
        third = await gateway.take()
        assert first.short_message == second.short_message == third.short_message == b"lampu mati"
        assert len({first.sequence, second.sequence, third.sequence}) == 3
        await smsc.until(lambda: mobile.taken)
        assert mobile.statuses == [ack.status for ack in smsc.spool.acked] == [consts.SMPP_ESME_RX_T_APPN, consts.SMPP_ESME_RMSGQFUL, ROK]
        assert await gateway.nothing()


async def test_what_a_lost_session_left_unanswered_goes_to_another() -> None:
    async with running() as smsc:
        mobile = smsc.deliver(short_sms("banjir", CITIZEN, "1708"))
        async with connected(smsc.port) as dying:
            assert (await dying.next()).short_message == b"banjir"
        async with connected(smsc.port) as other:
            assert (await other.take()).short_message == b"banjir"
            await smsc.until(lambda: mobile.taken)
            assert mobile.attempts == 2


async def test_no_more_than_a_window_is_left_unanswered_on_a_session_and_sessions_take_turns() -> None:
    async with running(window=2) as smsc, connected(smsc.port) as one, connected(smsc.port) as two:
        for _ in range(5):
            smsc.deliver(short_sms("sampah", CITIZEN, "1708"))
        first = await one.next()
        assert [(await each.next()).command for each in (one, two, two)] == ["deliver_sm"] * 3
        assert await one.nothing()
        assert await two.nothing()
        assert len(smsc.spool) == 1
        one.send("deliver_sm_resp", sequence=first.sequence)
        assert (await one.next()).command == "deliver_sm"


async def test_a_transmitter_is_sent_nothing_and_a_receiver_may_not_submit() -> None:
    async with running() as smsc, connected(smsc.port, "") as transmitter, connected(smsc.port, "") as receiver:
        assert await transmitter.bind(mode="transmitter") == ROK
        smsc.deliver(short_sms("air PDAM", CITIZEN, "1708"))
        assert await transmitter.nothing()
        assert await receiver.bind(mode="receiver") == ROK
        assert (await receiver.take()).short_message == b"air PDAM"
        receiver.submit()
        assert (await receiver.next()).status == consts.SMPP_ESME_RINVBNDSTS
        transmitter.submit()
        assert (await transmitter.next()).status == ROK


async def test_any_bytes_with_a_header_can_be_delivered() -> None:
    raw = struct.pack(">LLLL", 19, pdu.DELIVER_SM, 0, 0) + b"???"
    async with running("duplicate_parts") as smsc, connected(smsc.port) as gateway:
        mobile = smsc.deliver(raw)
        came = await gateway.raw()
        assert (came[:12], came[16:]) == (raw[:12], raw[16:])
        gateway.send("deliver_sm_resp", sequence=pdu.header(came).sequence)
        await smsc.until(lambda: mobile.taken)


@pytest.mark.parametrize(
    ("password", "status"), [("benarbenar", ROK), ("salah", consts.SMPP_ESME_RINVPASWD), ("", consts.SMPP_ESME_RINVPASWD)]
)
async def test_a_gateway_needs_the_password(password: str, status: int) -> None:
    async with running(password="benarbenar") as smsc, connected(smsc.port, "") as esme:
        assert await esme.bind(password=password) == status
        esme.submit()
        assert (await esme.next()).status == (ROK if status == ROK else consts.SMPP_ESME_RINVBNDSTS)


async def test_the_session_pdus_are_answered() -> None:
    async with running() as smsc, connected(smsc.port) as esme:
        number = esme.send("enquire_link")
        alive = await esme.next()
        assert (alive.command, alive.sequence) == ("enquire_link_resp", number)
        esme.send("bind_transceiver", system_id="gateway")
        assert (await esme.next()).status == consts.SMPP_ESME_RALYBND
        esme.writer.write(struct.pack(">LLLL", 16, 0x0BAD, 0, 77))
        nack = await esme.next()
        assert (nack.command, nack.status, nack.sequence) == ("generic_nack", consts.SMPP_ESME_RINVCMDID, 77)
        esme.send("unbind")
        assert (await esme.next()).command == "unbind_resp"
        assert await esme.raw() == b""


async def test_a_receipt_comes_when_it_was_asked_for() -> None:
    async with running() as smsc, connected(smsc.port) as gateway:
        gateway.submit()
        await gateway.next()
        gateway.submit(receipt=True)
        identity = (await gateway.next()).message_id
        receipt = await gateway.take()
        assert receipt.esm_class == 0x04
        assert (receipt.source_addr, receipt.destination_addr) == (CITIZEN.encode(), b"1708")
        assert receipt.short_message.startswith(b"id:" + identity + b" sub:001 dlvrd:001 submit date:")
        assert b" stat:DELIVRD err:000 " in receipt.short_message
        assert (receipt.receipted_message_id.rstrip(b"\0"), receipt.message_state) == (identity, 2)
        assert smsc.counts["receipts"] == 1


async def test_a_generic_nack_is_a_no() -> None:
    async with running() as smsc, connected(smsc.port) as gateway:
        mobile = smsc.deliver(short_sms("pohon tumbang", CITIZEN, "1708"))
        gateway.send("generic_nack", sequence=(await gateway.next()).sequence)
        await gateway.take()
        await smsc.until(lambda: mobile.taken)
        assert mobile.statuses[0] != ROK
        gateway.send("deliver_sm_resp", sequence=4711)
        await smsc.until(lambda: smsc.counts["strays"] == 1)


async def test_it_asks_whether_a_session_is_still_there() -> None:
    smsc = Smsc(enquire_s=0.05)
    await smsc.start("127.0.0.1")
    try:
        async with connected(smsc.port) as gateway:
            asked = await gateway.next()
            assert asked.command == "enquire_link"
            gateway.send("enquire_link_resp", sequence=asked.sequence)
            await smsc.until(lambda: smsc.counts["alive"] == 1)
    finally:
        await smsc.stop()


async def test_a_stop_does_not_wait_for_a_client_that_hangs() -> None:
    async with running(tls=ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)) as smsc:
        _, writer = await asyncio.open_connection("127.0.0.1", smsc.port)
    writer.close()


@pytest.mark.parametrize("raw", [b"\0\0\0\x03" + bytes(12), b"\x7f\xff\xff\xff" + bytes(12)])
async def test_a_session_whose_framing_is_lost_is_closed(raw: bytes) -> None:
    async with running() as smsc, connected(smsc.port) as gateway:
        gateway.send("enquire_link")
        gateway.writer.write(raw)
        assert (await gateway.next()).command == "enquire_link_resp"
        assert await gateway.raw() == b""


async def test_an_unreadable_submit_is_refused_by_name() -> None:
    async with running() as smsc, connected(smsc.port) as gateway:
        gateway.writer.write(struct.pack(">LLLL", 20, pdu.SUBMIT_SM, 0, 9) + b"none")
        answer = await gateway.next()
        assert (answer.command, answer.sequence) == ("submit_sm_resp", 9)
        assert answer.status != ROK


async def test_it_speaks_tls() -> None:
    authority = trustme.CA()
    server, client = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    authority.issue_cert("localhost").configure_cert(server)
    authority.configure_trust(client)
    async with running(tls=server) as smsc, connected(smsc.port, tls=client) as gateway:
        smsc.deliver(short_sms("rahasia", CITIZEN, "1708"))
        assert (await gateway.take()).short_message == b"rahasia"


@pytest.mark.parametrize("width", [8, 16, "sar"])
@pytest.mark.parametrize(("coding", "codec"), [(0, "ascii"), (3, "latin-1"), (8, "utf-16-be")])
def test_a_long_sms_is_whole_when_its_parts_are_joined(width: Width, coding: int, codec: str) -> None:
    text = "#Lapor1708 jalan berlubang di depan pasar, " * 12
    parts = long_sms(text, CITIZEN, "1708", 0x2A, width=width, coding=coding)
    joined = b""
    for nth, part in enumerate(parts, 1):
        heard = read(pdu.write_message(part))
        if width == "sar":
            assert (part.tlvs[0x020C], part.tlvs[0x020E], part.tlvs[0x020F]) == (b"\0\x2a", bytes([len(parts)]), bytes([nth]))
            joined += heard.short_message
        else:
            header = b"\x05\x00\x03\x2a" if width == 8 else b"\x06\x08\x04\x00\x2a"
            assert heard.esm_class == 0x40
            assert heard.short_message.startswith(header + bytes([len(parts), nth]))
            joined += heard.short_message[len(header) + 2 :]
        assert len(part.body) <= (160 if coding == 0 else 140)
    assert joined.decode(codec) == text
