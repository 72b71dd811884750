"""The channel "sms.esme" against the rehearsal SMSC on loopback: taking in."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trustme
from smpplib import consts

from channels.base import Accepted, Channel, Listener, Unavailable
from channels.sms import esme, pdu
from tests.fakes.door import CITIZEN, door, listening, trying, words
from tests.fakes.inbox import Shelf, until
from tests.fakes.smpp import bare
from tests.fakes.smsc import long_sms, running, short_sms


def sms(text: str, citizen: str = CITIZEN) -> Any:
    return short_sms(text, citizen, "1708")


async def test_it_is_a_channel_that_listens() -> None:
    async with running() as smsc:
        channel: Channel = door(smsc.port)
        assert channel.name == "telkomsel"
        assert isinstance(channel, Listener)
        assert not channel.up


async def test_a_probe_connects_and_does_not_bind() -> None:
    async with running() as smsc:
        assert "answers" in await door(smsc.port).probe()
        await smsc.until(lambda: smsc.counts["connections"] == 1)
        assert smsc.counts["binds"] == 0
        port = smsc.port
    with pytest.raises(Unavailable, match="cannot be reached"):
        await door(port).probe()


async def test_a_message_is_kept_as_it_came_and_then_acknowledged() -> None:
    async with running() as smsc:
        channel, shelf = door(smsc.port), Shelf()
        async with listening(channel, shelf):
            assert channel.up
            mobile = smsc.deliver(sms("#Lapor1708 jalan rusak"))
            await smsc.until(lambda: mobile.taken)
        (arrival,) = shelf.arrivals
        assert arrival.raw[16:] == mobile.raw[16:]
        assert arrival.received_at.tzinfo is UTC
        assert arrival.same_since == arrival.received_at - timedelta(seconds=600)
        assert channel.decode(arrival, ()).text == "#Lapor1708 jalan rusak"


async def test_acknowledgements_follow_the_commits_in_any_order() -> None:
    async with running() as smsc:
        shelf = Shelf(slow=True)
        async with listening(door(smsc.port), shelf):
            mobiles = [smsc.deliver(sms(f"nomor {n}")) for n in range(3)]
            await until(lambda: len(shelf.waiting) == 3)
            await asyncio.sleep(0.05)
            assert not any(mobile.statuses for mobile in mobiles)
            for n in (2, 0, 1):
                shelf.waiting[n].set_result(Accepted(case_id="c", reference="r"))
                await smsc.until(lambda n=n: mobiles[n].taken)  # type: ignore[misc]  # mypy does not infer a lambda with a default
            assert [ack.mobile for ack in smsc.spool.acked] == [mobiles[2], mobiles[0], mobiles[1]]


@pytest.mark.parametrize(
    ("problem", "status"),
    [
        (Unavailable("disk_full"), consts.SMPP_ESME_RMSGQFUL),
        (Unavailable("disk_nearly_full"), consts.SMPP_ESME_RMSGQFUL),
        (Unavailable("store_error"), consts.SMPP_ESME_RX_T_APPN),
        (OSError("disk"), consts.SMPP_ESME_RX_T_APPN),
    ],
)
async def test_trouble_of_the_store_is_told_and_ends_by_itself(problem: Exception, status: int) -> None:
    async with running() as smsc:
        shelf = Shelf()
        async with listening(door(smsc.port), shelf):
            shelf.problem = problem
            mobile = smsc.deliver(sms("jalan rusak"))
            await smsc.until(lambda: bool(mobile.statuses))
            assert mobile.statuses[0] == status
            shelf.problem = None
            await smsc.until(lambda: mobile.taken)


async def test_a_commit_that_was_given_up_is_no_yes() -> None:
    async with running() as smsc:
        shelf = Shelf(slow=True)
        async with listening(door(smsc.port), shelf):
            mobile = smsc.deliver(sms("jalan rusak"))
            await until(lambda: shelf.waiting)
            shelf.slow = False
            shelf.waiting[0].cancel()
            await smsc.until(lambda: mobile.taken)
            assert mobile.statuses[0] == consts.SMPP_ESME_RX_T_APPN


async def test_parts_are_held() -> None:
    async with running() as smsc:
        channel, shelf = door(smsc.port), Shelf()
        async with listening(channel, shelf):
            mobiles = [smsc.deliver(part) for part in long_sms("jalan rusak " * 30, CITIZEN, "1708", 7)]
            await smsc.until(lambda: all(mobile.taken for mobile in mobiles))
        assert [(part.index, part.count) for part in shelf.parts] == [(1, 3), (2, 3), (3, 3)]
        assert not shelf.arrivals


async def test_garbage_is_kept_counted_and_the_session_goes_on() -> None:
    async with running("garbage_pdu") as smsc:
        channel, shelf = door(smsc.port), Shelf()
        async with listening(channel, shelf):
            mobile = smsc.deliver(sms("jalan rusak"))
            await smsc.until(lambda: mobile.taken)
            assert len(shelf.arrivals) == 4
            assert channel.counts["unreadable"] == 3
            with pytest.raises(pdu.Malformed):
                channel.decode(shelf.arrivals[1], ())
            assert (smsc.counts["binds"], smsc.counts["nacks"]) == (1, 1)


async def test_a_broken_delivery_is_answered_yes_once_it_is_kept() -> None:
    async with running() as smsc:
        channel, shelf = door(smsc.port), Shelf()
        async with listening(channel, shelf):
            broken = smsc.deliver(bare(5, 0, body=b"\0\1\1" + b"6" * 40))
            await smsc.until(lambda: broken.taken)
            assert shelf.arrivals[0].raw[16:] == broken.raw[16:]


async def test_a_fault_of_our_own_reading_keeps_the_bytes_and_the_session() -> None:
    async with running() as smsc:
        channel, shelf = door(smsc.port), Shelf()
        channel.rules = msgspec.structs.replace(channel.rules, part_timeout_s="soon")  # as a bug of ours would: timedelta raises TypeError
        async with listening(channel, shelf):
            parts = [smsc.deliver(part) for part in long_sms("jalan rusak " * 20, CITIZEN, "1708", 7)]
            whole = smsc.deliver(sms("jalan rusak"))
            await smsc.until(lambda: whole.taken and all(part.taken for part in parts))
        assert [arrival.raw[16:] for arrival in shelf.arrivals] == [mobile.raw[16:] for mobile in (*parts, whole)]
        assert (channel.counts["unreadable"], smsc.counts["binds"]) == (2, 1)


async def test_a_receipt_that_names_nothing_is_kept_for_a_person() -> None:
    async with running() as smsc:
        channel, shelf = door(smsc.port), Shelf()
        async with listening(channel, shelf):
            empty = smsc.deliver(bare(5, 0, body=b"\0" + b"\1\1628120000001\0" + b"\0\x011708\0" + b"\x04\0\0\0\0\0\0\0\0\0"))
            await smsc.until(lambda: empty.taken)
        assert (len(shelf.arrivals), channel.counts["unreadable"]) == (1, 1)


async def test_lost_framing_is_kept_and_the_link_comes_back() -> None:
    async with running("bad_length") as smsc:
        channel, shelf = door(smsc.port), Shelf()
        async with trying(channel, shelf):
            await until(lambda: shelf.arrivals)
            smsc.misbehave()
            await until(lambda: smsc.counts["binds"] == 2 and words(channel) == ["bound"])
            assert channel.counts["reconnect"] == 1


async def test_a_full_window_stops_the_reading_until_the_store_has_caught_up() -> None:
    async with running(window=1000) as smsc:
        channel, shelf = door(smsc.port, window=5, response_timeout_s=0.2, enquire_link_s=0.1), Shelf(slow=True)
        async with listening(channel, shelf):
            before = [smsc.deliver(sms(f"nomor {n}")) for n in range(11)]
            await until(lambda: len(shelf.waiting) == 11)
            after = smsc.deliver(sms("sesudahnya"))
            await asyncio.sleep(0.5)  # longer than the response timeout: silence while we do not read is not the other side's
            assert (len(shelf.waiting), words(channel)) == (11, ["bound"])
            shelf.slow = False
            for promise in shelf.waiting:
                promise.set_result(Accepted(case_id="c", reference="r"))
            await smsc.until(lambda: after.taken and all(mobile.taken for mobile in before))
            assert smsc.counts["binds"] == 1


async def test_after_an_absence_redeliveries_from_before_it_are_recognised_for_one_window() -> None:
    latest = datetime.now(UTC) - timedelta(days=2)
    async with running() as smsc:
        shelf = Shelf(latest=latest)
        async with listening(door(smsc.port, redelivery_window_s=1), shelf):
            first = smsc.deliver(sms("sebelum"))
            await smsc.until(lambda: first.taken)
            await asyncio.sleep(1.05)
            second = smsc.deliver(sms("sesudah"))
            await smsc.until(lambda: second.taken)
    early, late = shelf.arrivals
    assert early.same_since == latest - timedelta(seconds=1)
    assert late.same_since == late.received_at - timedelta(seconds=1)


async def test_a_bind_that_is_lost_soon_after_an_absence_ends_nothing_of_what_was_open_before_it() -> None:
    latest = datetime.now(UTC) - timedelta(days=2)
    async with running() as smsc:
        channel, shelf = door(smsc.port), Shelf(latest=latest)
        async with listening(channel, shelf):
            new = smsc.deliver(sms("baru"))
            await smsc.until(lambda: new.taken)
            shelf.newest = datetime.now(UTC)
            for link in tuple(smsc.links):
                link.abort()
            old = smsc.deliver(sms("sebelum"))
            parts = [smsc.deliver(part) for part in long_sms("jalan rusak " * 20, CITIZEN, "1708", 7)]
            await smsc.until(lambda: old.taken and all(part.taken for part in parts))
        assert smsc.counts["binds"] == 2
    since = latest - timedelta(seconds=600)
    assert [each.same_since for each in shelf.arrivals] == [since] * 2
    assert [each.same_since for each in shelf.parts] == [since] * 2


async def test_no_bind_while_the_store_cannot_be_asked() -> None:
    async with running() as smsc:
        channel, shelf = door(smsc.port), Shelf()
        shelf.problem = Unavailable("store_error")
        async with trying(channel, shelf):
            await until(lambda: words(channel) == ["lost"])
            assert (channel.links[0].why, smsc.counts["connections"]) == ("store: store_error", 0)
            shelf.problem = None
            await until(lambda: words(channel) == ["bound"])


@pytest.mark.parametrize("server_name", ["localhost", "127.0.0.1"])
async def test_tls_with_an_authority_of_ones_own(tmp_path: Path, server_name: str) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(server_name).configure_cert(context)
    async with running(tls=context) as smsc:
        channel, shelf = door(smsc.port, tls=True, tls_ca=str(tmp_path / "ca.pem"), host="127.0.0.1"), Shelf()
        if server_name == "127.0.0.1":
            async with listening(channel, shelf):
                mobile = smsc.deliver(sms("jalan rusak"))
                await smsc.until(lambda: mobile.taken)
            return
        async with trying(channel, shelf):
            await until(lambda: words(channel) == ["lost"])
            assert channel.links[0].why == "SSLCertVerificationError"


def test_a_file_of_certificates_that_is_none_is_a_fault_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    for name in ("ca.pem", "absent.pem"):
        table = esme.Settings(host="h", system_id="s", password="p", tls=True, tls_ca=str(tmp_path / name))
        with pytest.raises(ValueError, match="tls_ca"):
            esme.channel("x", table)
