"""Each misbehaviour shows on the wire what its name says, and what it does not name goes on as before."""

from __future__ import annotations

import asyncio
import re

import pytest
from smpplib import consts, exceptions
from smpplib.pdu import PDU

from channels.sms import pdu
from gateway.rehearse.misbehave import MISBEHAVIOURS, Faults, listing
from tests.fakes.esme import CITIZEN, ROK, Esme, connected, read
from tests.fakes.smsc import Smsc, long_sms, running, short_sms

REFUSALS = {
    "throttling": consts.SMPP_ESME_RTHROTTLED,
    "queue_full": consts.SMPP_ESME_RMSGQFUL,
    "temporary": consts.SMPP_ESME_RSYSERR,
    "permanent": consts.SMPP_ESME_RINVDSTADR,
}


async def submitted(gateway: Esme, *, receipt: bool = False) -> PDU:
    """Submit, and read what comes next."""
    gateway.submit(receipt=receipt)
    return await gateway.next()


async def still_takes_a_message(smsc: Smsc) -> bool:
    """A session after the trouble works."""
    async with connected(smsc.port) as gateway:
        smsc.deliver(short_sms("sesudahnya", CITIZEN, "1708"))
        return bool((await gateway.take()).short_message == b"sesudahnya")


@pytest.mark.parametrize("name", REFUSALS)
async def test_a_submit_is_refused_in_its_turn(name: str) -> None:
    async with running(f"{name}=2") as smsc, connected(smsc.port) as gateway:
        assert [(await submitted(gateway)).status for _ in range(4)] == [REFUSALS[name], REFUSALS[name], ROK, ROK]
        smsc.misbehave(f"{name}=1/3")
        assert [(await submitted(gateway)).status for _ in range(6)] == [ROK, ROK, REFUSALS[name]] * 2
        assert (len(smsc.answers), smsc.counts["submits"], smsc.counts["refused_submits"]) == (6, 6, 4)


async def test_misbehaviours_add_up() -> None:
    async with running("throttling=1", "queue_full=1", "hex_ids") as smsc, connected(smsc.port) as gateway:
        assert [(await submitted(gateway)).status for _ in range(3)] == [REFUSALS["throttling"], REFUSALS["queue_full"], ROK]


async def test_silent_takes_bytes_and_says_nothing() -> None:
    async with running("silent") as smsc, connected(smsc.port, "") as gateway:
        gateway.send("bind_transceiver", system_id="gateway")
        assert await gateway.nothing()
        assert smsc.counts["binds"] == 0
        assert not gateway.reader.at_eof()


async def test_silent_after_some_pdus_leaves_the_link_half_open() -> None:
    async with running("silent=2") as smsc, connected(smsc.port) as gateway:
        assert (await submitted(gateway)).status == ROK
        smsc.deliver(short_sms("menunggu", CITIZEN, "1708"))
        gateway.send("enquire_link")
        assert await gateway.nothing()
        smsc.misbehave()
        async with connected(smsc.port) as later:
            assert (await later.take()).short_message == b"menunggu"


async def test_refuses_bind_until_its_turns_are_over() -> None:
    async with running("refuses_bind=2") as smsc, connected(smsc.port, "") as gateway:
        assert [await gateway.bind() for _ in range(3)] == [consts.SMPP_ESME_RBINDFAIL, consts.SMPP_ESME_RBINDFAIL, ROK]
        assert (smsc.counts["refused_binds"], smsc.counts["binds"]) == (2, 1)


async def test_slow_answers_later_and_all_the_same() -> None:
    async with running("slow=0.2") as smsc, connected(smsc.port) as gateway:
        number = gateway.submit()
        assert await gateway.nothing(0.05)
        gateway.send("enquire_link")
        assert (await gateway.next()).command == "enquire_link_resp"
        answer = await gateway.next()
        assert (answer.command, answer.status, answer.sequence) == ("submit_sm_resp", ROK, number)


async def test_drop_before_resp_takes_the_message_and_closes() -> None:
    async with running("drop_before_resp") as smsc, connected(smsc.port) as gateway, connected(smsc.port) as second:
        gateway.submit(b"sudah diambil")
        assert await gateway.raw() == b""
        assert [answer.body for answer in smsc.answers] == [b"sudah diambil"]
        assert (await submitted(second)).status == ROK


async def test_drops_after_closes_without_a_word() -> None:
    async with running("drops_after=3") as smsc, connected(smsc.port) as gateway:
        assert [(await submitted(gateway)).status for _ in range(2)] == [ROK, ROK]
        assert await gateway.raw() == b""
        assert await still_takes_a_message(smsc)


async def test_unbind_midway_asks_waits_for_the_answer_and_closes() -> None:
    async with running("unbind_midway=2") as smsc, connected(smsc.port) as gateway:
        assert (await submitted(gateway)).status == ROK
        farewell = await gateway.next()
        assert farewell.command == "unbind"
        smsc.deliver(short_sms("terlambat", CITIZEN, "1708"))
        assert await gateway.nothing()
        gateway.send("unbind_resp", sequence=farewell.sequence)
        assert await gateway.raw() == b""


async def test_wrong_sequence_answers_to_a_number_never_used() -> None:
    async with running("wrong_sequence=1") as smsc, connected(smsc.port) as gateway:
        first, second = gateway.submit(), gateway.submit()
        stray, right = await gateway.next(), await gateway.next()
        assert stray.command == right.command == "submit_sm_resp"
        assert stray.sequence not in {first, second}
        assert right.sequence == second


async def test_enquire_ignored_ignores_nothing_else() -> None:
    async with running("enquire_ignored") as smsc, connected(smsc.port) as gateway:
        gateway.send("enquire_link")
        assert (await submitted(gateway)).command == "submit_sm_resp"
        assert smsc.counts["enquiries"] == 1


async def test_garbage_is_framed_and_unreadable_and_the_session_goes_on() -> None:
    async with running("garbage_pdu") as smsc, connected(smsc.port) as gateway:
        smsc.deliver(short_sms("bersih", CITIZEN, "1708"))
        unknown, broken, cut = [await gateway.raw() for _ in range(3)]
        with pytest.raises(exceptions.UnknownCommandError):
            read(unknown)
        for raw in (broken, cut):
            assert pdu.header(raw).command == pdu.DELIVER_SM
            assert pdu.header(raw).length == len(raw)
            with pytest.raises(ValueError, match=r"NUL|over the end"):
                pdu.read_message(raw)
            gateway.send("deliver_sm_resp", sequence=pdu.header(raw).sequence, status=consts.SMPP_ESME_RINVMSGLEN)
        assert (await gateway.take()).short_message == b"bersih"
        assert [ack.status for ack in smsc.spool.acked] == []


async def test_bad_length_loses_the_framing_once() -> None:
    async with running("bad_length") as smsc, connected(smsc.port) as gateway:
        async with asyncio.timeout(60):
            head = await gateway.reader.readexactly(16)
        with pytest.raises(pdu.FramingLost):
            pdu.split(head)
        assert await still_takes_a_message(smsc)


async def test_receipts_early_come_before_the_answer() -> None:
    async with running("receipts_early") as smsc, connected(smsc.port) as gateway:
        receipt = await submitted(gateway, receipt=True)
        answer = await gateway.next()
        assert (receipt.command, answer.command) == ("deliver_sm", "submit_sm_resp")
        assert receipt.receipted_message_id.rstrip(b"\0") == answer.message_id


async def test_hex_ids_are_decimal_in_receipts() -> None:
    async with running("hex_ids") as smsc, connected(smsc.port) as gateway:
        answer, receipt = await submitted(gateway, receipt=True), await gateway.next()
        assert re.search(rb"[A-F]", answer.message_id)
        assert receipt.short_message.startswith(b"id:%d sub" % int(answer.message_id, 16))


async def test_redelivers_once_what_was_acknowledged() -> None:
    async with running("redelivers") as smsc, connected(smsc.port) as gateway:
        mobile = smsc.deliver(short_sms("dua kali", CITIZEN, "1708"))
        first, second = await gateway.take(), await gateway.take()
        assert first.short_message == second.short_message == b"dua kali"
        await smsc.until(lambda: mobile.statuses == [ROK, ROK])
        assert await gateway.nothing()


async def test_duplicate_parts_come_twice_and_whole_messages_once() -> None:
    async with running("duplicate_parts") as smsc, connected(smsc.port) as gateway:
        for message in (short_sms("satu", CITIZEN, "1708"), *long_sms("x" * 300, CITIZEN, "1708", 7, width="sar")):
            smsc.deliver(message)
        bodies = [len((await gateway.take()).short_message) for _ in range(5)]
        assert bodies == [4, 153, 153, 147, 147]
        assert await gateway.nothing()


async def test_parts_shuffled_come_last_first() -> None:
    async with running("parts_shuffled") as smsc, connected(smsc.port) as gateway:
        for part in long_sms("x" * 400, CITIZEN, "1708", 7):
            smsc.deliver(part)
        assert [(await gateway.take()).short_message[5] for _ in range(3)] == [3, 2, 1]


@pytest.mark.parametrize("name", MISBEHAVIOURS)
async def test_a_handset_is_always_served(name: str) -> None:
    async with running(name) as smsc, connected(smsc.port, "handset") as phone:
        phone.send("submit_sm", source_addr=CITIZEN, destination_addr="1708", short_message=b"LAPOR")
        assert (await phone.next()).status == ROK
        phone.send("enquire_link")
        assert (await phone.next()).command == "enquire_link_resp"


@pytest.mark.parametrize("spelled", ["drowsy", "throttling=x", "throttling=1/0", "hex_ids=3", "slow=nan", "slow=-1", "drops_after=1/2", ""])
def test_a_wrong_name_or_amount_is_told_at_once(spelled: str) -> None:
    with pytest.raises(ValueError, match=r"misbehaviour|amount"):
        Faults([spelled])


def test_the_listing_has_a_line_for_each() -> None:
    lines = listing()
    assert [line.split()[0].partition("=")[0] for line in lines] == list(MISBEHAVIOURS)
    assert all(len(line) <= 110 for line in lines)
