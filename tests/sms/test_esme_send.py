"""The channel "sms.esme" against the rehearsal SMSC on loopback: sending letters."""

from __future__ import annotations

import asyncio

import pytest
from smpplib import consts

from channels.base import Refused, Unavailable
from channels.sms import esme, pdu
from tests.fakes.door import CITIZEN, door, letter, listening, words
from tests.fakes.inbox import Shelf, until
from tests.fakes.smsc import running


async def test_a_letter_goes_out_as_it_should_and_its_receipt_comes_back() -> None:
    async with running() as smsc:
        channel, shelf = door(smsc.port), Shelf()
        async with listening(channel, shelf):
            ((provider_id,), _) = await channel.send(letter())
            sent = await smsc.answer_to(CITIZEN)
            assert (sent.source, sent.source_ton, sent.source_npi) == ("1708", 0, 1)
            assert (sent.destination, sent.destination_ton, sent.destination_npi) == (CITIZEN, 1, 1)
            assert (sent.registered_delivery, sent.data_coding, sent.esm_class) == (1, 0, 0)
            await until(lambda: shelf.receipts)
        assert shelf.receipts[0].state == "delivered"
        assert provider_id in shelf.receipts[0].provider_ids
        assert not shelf.arrivals


async def test_a_number_without_a_plus_goes_back_as_it_came() -> None:
    async with running() as smsc:
        channel = door(smsc.port)
        async with listening(channel, Shelf()):
            await channel.send(letter(reply_to={"to": "081200000099", "ton": "2", "npi": "8"}))
            sent = smsc.answers[0]
            assert (sent.destination, sent.destination_ton, sent.destination_npi) == ("081200000099", 2, 8)
            await channel.send(letter(to="081200000099"))
            assert smsc.answers[1].destination_ton == 0


async def test_a_name_of_ours_is_sent_as_a_name() -> None:
    async with running() as smsc:
        channel = door(smsc.port, short_code="LAPOR")
        async with listening(channel, Shelf()):
            await channel.send(letter())
        assert (smsc.answers[0].source, smsc.answers[0].source_ton, smsc.answers[0].source_npi) == ("LAPOR", 5, 0)


async def test_a_long_letter_is_one_letter_with_an_id_for_each_segment() -> None:
    async with running() as smsc:
        channel = door(smsc.port)
        async with listening(channel, Shelf()):
            first = await channel.send(letter("Laporan Anda " * 30))
            second = await channel.send(letter("Laporan Anda " * 30))
        assert len({*first.ids, *second.ids}) == 6
        assert first.said == "\n".join(f"00000000 {each}" for each in first.ids)
        assert {sent.esm_class for sent in smsc.answers} == {consts.SMPP_GSMFEAT_UDHI}
        references = [sent.body[3] for sent in smsc.answers]
        assert references[0] == references[2]
        assert references[3] == (references[0] + 1) % 256


async def test_receipts_before_the_answer_reach_the_inbox_too() -> None:
    async with running("receipts_early") as smsc:
        channel, shelf = door(smsc.port), Shelf()
        async with listening(channel, shelf):
            ((provider_id,), _) = await channel.send(letter())
            await until(lambda: shelf.receipts)
        assert provider_id in shelf.receipts[0].provider_ids


async def test_without_a_bind_nothing_is_sent() -> None:
    async with running("refuses_bind=1/1") as smsc:
        channel = door(smsc.port)
        with pytest.raises(Unavailable) as problem:
            await channel.send(letter())
        assert (problem.value.code, problem.value.unsure) == ("not_bound", False)


async def test_a_permanent_error_is_refused_in_the_operators_words() -> None:
    async with running("permanent") as smsc:
        channel = door(smsc.port)
        async with listening(channel, Shelf()):
            with pytest.raises(Refused) as problem:
                await channel.send(letter())
        assert (problem.value.code, problem.value.words) == ("rinvdstadr", "ESME_RINVDSTADR: Invalid Destination Address")


@pytest.mark.parametrize(("fault", "code"), [("temporary", "system_error"), ("queue_full", "queue_full"), ("throttling", "throttled")])
async def test_a_temporary_error_may_be_tried_again(fault: str, code: str) -> None:
    async with running(f"{fault}=1") as smsc:
        channel = door(smsc.port)
        async with listening(channel, Shelf()):
            with pytest.raises(Unavailable) as problem:
                await channel.send(letter())
            assert (problem.value.code, problem.value.unsure) == (code, False)
            await asyncio.wait_for(channel.send(letter()), 60)
        assert channel.counts["throttled"] == (code != "system_error")


async def test_throttling_slows_the_bind_down_and_the_next_bind_too() -> None:
    async with running("throttling=1") as smsc:
        channel = door(smsc.port, rate_per_s=400.0)
        async with listening(channel, Shelf()):
            with pytest.raises(Unavailable):
                await channel.send(letter())
            assert [link.pace.rate for link in channel._links] == [200.0]
            await asyncio.gather(*(channel.send(letter()) for _ in range(20)))
            for link in tuple(smsc.links):
                link.close()
            await until(lambda: smsc.counts["binds"] == 2)
            assert channel._links[0].pace.rate < 400.0


async def test_an_answer_that_never_comes_leaves_us_unsure() -> None:
    async with running("wrong_sequence=1") as smsc:
        channel = door(smsc.port, response_timeout_s=0.3, enquire_link_s=0.1)
        async with listening(channel, Shelf()):
            with pytest.raises(Unavailable) as problem:
                await channel.send(letter())
            assert (problem.value.code, problem.value.unsure) == ("no_answer", True)
            assert channel.counts["stray_answer"] == 1
            await channel.send(letter())
            assert words(channel) == ["bound"]


async def test_a_link_lost_with_a_letter_under_way_leaves_us_unsure() -> None:
    async with running("drop_before_resp=1") as smsc:
        channel = door(smsc.port)
        async with listening(channel, Shelf()):
            with pytest.raises(Unavailable) as problem:
                await channel.send(letter())
            assert (problem.value.code, problem.value.unsure) == ("link_lost", True)
            await until(lambda: channel.up)
            await channel.send(letter())
            assert smsc.counts["binds"] == 2


async def test_the_window_holds_and_what_waits_goes_later() -> None:
    async with running("slow=0.1") as smsc:
        channel = door(smsc.port, window=2)
        async with listening(channel, Shelf()):
            sending = [asyncio.ensure_future(channel.send(letter(to=f"+62812000001{n}"))) for n in range(6)]
            await smsc.until(lambda: len(smsc.answers) == 2)
            await asyncio.sleep(0.03)
            assert len(smsc.answers) == 2
            await asyncio.gather(*sending)
        assert len(smsc.answers) == 6


async def test_a_worker_that_gives_up_while_it_waits_for_room_sends_nothing() -> None:
    async with running("slow=0.2") as smsc:
        channel = door(smsc.port, window=1)
        async with listening(channel, Shelf()):
            first = asyncio.ensure_future(channel.send(letter()))
            second = asyncio.ensure_future(channel.send(letter()))
            await smsc.until(lambda: bool(smsc.answers))
            second.cancel()
            await first
            await channel.send(letter())
        assert len(smsc.answers) == 2


async def test_a_letter_that_no_short_message_can_carry_is_refused() -> None:
    channel = door(1)
    with pytest.raises(Refused) as problem:
        await channel.send(letter("x" * 40_000))
    assert problem.value.code == "unsendable"
    with pytest.raises(Refused):
        await channel.send(letter(to="+" + "6" * 30))


def test_the_password_is_never_shown() -> None:
    settings = esme.Settings(host="h", system_id="s", password="rahasia")
    assert "rahasia" not in repr(settings) + str(settings) + str(settings.__rich_repr__())


def test_a_letter_is_written_as_the_codec_reads_it() -> None:
    channel = door(1)
    (raw,) = channel._submissions.of(letter("Terima kasih"))
    assert pdu.read_message(raw).body == b"Terima kasih"
