"""The mailbox as a whole: who is let in and for how long, encryption, settings, and how a mail is recognised when it comes again."""

from __future__ import annotations

import asyncio
import logging
import smtplib
import ssl
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import trustme

from channels.base import Gathering, Listener
from channels.email import data, journey, mailbox
from channels.email.house import House
from channels.email.loading import BLOCK_S
from channels.email.server import Server
from tests.email.keys import PRIVATE
from tests.email.mailboxes import CITIZEN, MAIL, US, calling, listening, made
from tests.fakes.inbox import Shelf, until


def test_what_kind_of_channel_it_is() -> None:
    channel = made()
    assert isinstance(channel, Listener)
    assert isinstance(channel, Gathering)
    assert channel.name == "surat"


@asynccontextmanager
async def serving(**settings: object) -> AsyncIterator[tuple[int, House]]:
    """A server whose house the test can look into."""
    table = msgspec.convert({"address": US, "listen": "127.0.0.1:0", "trusted_relays": [], **settings}, mailbox.Settings)
    house = House("surat", table, inbox=Shelf(), counts=Counter(), tls=None)
    server = Server(table.listen)
    task = asyncio.ensure_future(server.serve(house))
    await until(lambda: server.port)
    try:
        yield server.port, house
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert not house.visitors
    assert house.room(0)


async def test_a_client_that_says_nothing_is_sent_away() -> None:
    async with serving() as (port, house), calling(port) as client:
        (visitor,) = house.visitors
        visitor.deadline = 0
        assert await client.reply() == "421 4.4.2 too slow, goodbye"
        assert await client.ended()
        await until(lambda: not house.visitors)
        assert house.counts["too_slow"] == 1


async def test_a_client_that_does_not_even_read_that_is_cut_off() -> None:
    async with serving() as (port, house), calling(port) as client:
        (visitor,) = house.visitors
        visitor.expire()
        visitor.deadline = 0
        await until(lambda: not house.visitors)
        assert await client.ended()


async def test_a_slow_upload_has_time_while_bytes_come() -> None:
    async with serving() as (port, house), calling(port) as client:
        await client.begin()
        (visitor,) = house.visitors
        for line in MAIL.splitlines(keepends=True):
            visitor.deadline = asyncio.get_running_loop().time() + 30
            client.writer.write(line)
            await until(lambda: visitor.deadline > asyncio.get_running_loop().time() + BLOCK_S - 10)
        assert (await client.give(b"")).startswith("250")
        await client.begin()
        visitor.deadline = 0
        assert (await client.reply()).startswith("421 4.4.2")


async def test_no_more_connections_than_the_settings_allow() -> None:
    async with serving(max_connections_per_address=2, max_connections=3) as (port, house):
        async with calling(port), calling(port):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            assert (await reader.readline()).startswith(b"421 4.3.2")
            assert await reader.read() == b""
            writer.close()
            assert len(house.visitors) == 2
        await until(lambda: not house.visitors)
        async with calling(port) as client:
            assert (await client.begin()).startswith("354")
        assert house.counts["turned_away"] == 1


async def test_our_own_edge_may_have_as_many_as_it_likes_up_to_the_whole() -> None:
    edge = {"trusted_relays": ["127.0.0.1"], "max_connections_per_address": 1, "max_connections": 2}
    async with serving(**edge) as (port, house), calling(port), calling(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert (await reader.readline()).startswith(b"421")
        writer.close()
        assert all(visitor.trusted for visitor in house.visitors)


async def test_recipients_mails_and_mistakes_have_their_number() -> None:
    async with serving(also=["*@desa.example"]) as (port, house):
        async with calling(port) as client:
            await client.say("EHLO a", f"MAIL FROM:<{CITIZEN}>")
            codes = Counter([(await client.say(f"RCPT TO:<w{n}@desa.example>"))[:9] for n in range(101)])
            assert codes == {"250 OK": 100, "452 4.5.3": 1}
        async with calling(port) as client:
            for _ in range(10):
                assert (await client.say("MAKAN")).startswith("500")
            assert (await client.say("NOOP")).startswith("421 4.7.0")
            assert await client.ended()
        async with calling(port) as client:
            await client.say("EHLO a")
            for _ in range(100):
                assert (await client.say(f"MAIL FROM:<{CITIZEN}>", "RSET")).startswith("250")
            assert (await client.say(f"MAIL FROM:<{CITIZEN}>")).startswith("421 4.7.0")
            assert await client.ended()
        async with calling(port) as client:
            client.writer.write(b"NOOP " + b"x" * 10_000 + b"\r\n")
            assert (await client.reply()).startswith("500 5.5.2")
            assert await client.ended()
        assert house.counts["nuisance"] == 1


def certificate(folder: Path) -> tuple[str, str, trustme.CA]:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    issued.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    return str(folder / "cert.pem"), str(folder / "key.pem"), authority


async def test_starttls(tmp_path: Path) -> None:
    cert, key, authority = certificate(tmp_path)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    shelf = Shelf()

    def send(port: int) -> list[int]:
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.ehlo("mx.warga.example")
            assert client.has_extn("starttls")
            client.starttls(context=trust)
            codes = [client.docmd("MAIL", f"FROM:<{CITIZEN}>")[0]]
            client.ehlo("mx.warga.example")
            assert not client.has_extn("starttls")
            assert not client.has_extn("auth")
            codes.append(client.docmd("STARTTLS")[0])
            client.sendmail(CITIZEN, [US], MAIL)
            client.sendmail(CITIZEN, [US], MAIL + b"y" * 300_000)
            return codes

    async with listening(made(tls_cert=cert, tls_key=key), shelf) as port:
        assert await asyncio.to_thread(send, port) == [503, 503]
    assert [journey.read(arrival.raw)[0].tls for arrival in shelf.arrivals] == [True, True]
    assert b" with ESMTPS; " in shelf.arrivals[0].raw


async def test_what_was_said_before_the_encryption_counts_for_nothing(tmp_path: Path) -> None:
    cert, key, _ = certificate(tmp_path)
    channel, shelf = made(tls_cert=cert, tls_key=key), Shelf()
    async with listening(channel, shelf) as port:
        async with calling(port) as client:
            await client.say("EHLO a")
            client.writer.write(b"STARTTLS\r\nEHLO a\r\nMAIL FROM:<a@b.example>\r\n")
            assert (await client.reply()).startswith("220")
            client.writer.write(b"this is no TLS\r\n")
            assert await client.ended()
        async with calling(port) as client:
            assert (await client.say("EHLO a")).startswith("250")
    assert not shelf.arrivals


async def test_the_library_says_nothing_of_anybody(caplog: pytest.LogCaptureFixture) -> None:
    shelf = Shelf()
    with caplog.at_level(logging.DEBUG):
        async with listening(made(), shelf) as port, calling(port) as client:
            await client.begin()
            await client.give(MAIL)
            await client.say("RAHASIA budi")
    assert not [record for record in caplog.records if "budi" in record.getMessage() or "127.0.0.1" in record.getMessage()]


HOPS = b"Received: from a.example by b.example\r\n\twith ESMTP; now\r\nAuthentication-Results: x; none\r\n"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (MAIL, MAIL, True),
        (HOPS + MAIL, HOPS.replace(b"a.ex", b"c.ex") + MAIL, True),
        (MAIL, MAIL.replace(b"<1@", b"<2@"), False),
        (MAIL, MAIL.replace(b"02", b"03"), False),
        (MAIL, b"Subject: x\r\n" + HOPS + MAIL, False),
    ],
)
def test_a_mail_that_comes_again_is_recognised(one: bytes, other: bytes, same: bool) -> None:
    assert (data.identity(one) == data.identity(other)) == same
    assert data.identity(one)[1]


@pytest.mark.parametrize(
    ("head", "named"),
    [
        (b"Message-ID: <1@x>\r\n", True),
        (b"message-id:\r\n <1@x>\r\n", True),
        (b"Message-ID:\r\n", False),
        (b"Message-ID:   \r\nSubject: x\r\n", False),
        (b"X-Message-ID: <1@x>\r\n", False),
        (b"Subject: x\r\n\r\nMessage-ID: <1@x>\r\n", False),
        (b"", False),
    ],
)
def test_a_mail_without_a_name_is_recognised_for_some_days_only(head: bytes, named: bool) -> None:
    assert data.identity(head + b"\r\nisi\r\n")[1] == named


async def test_a_nameless_mail_has_an_end_to_its_identity() -> None:
    shelf = Shelf()
    async with listening(made(), shelf) as port, calling(port) as client:
        await client.begin()
        await client.give(b"Subject: x\r\n\r\nisi\r\n")
    (arrival,) = shelf.arrivals
    assert arrival.same_since == arrival.received_at - timedelta(days=5)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"listen": "2525"}, "HOST:PORT"),
        ({"listen": "127.0.0.1:99999"}, "HOST:PORT"),
        ({"smtp_url": "http://relay.example"}, "smtp_url"),
        ({"smtp_url": "smtp://relay.example:x"}, "smtp_url"),
        ({"smtp_url": "smtp://lapor:rahasia@relay.example"}, "in clear"),
        ({"trusted_relays": ["nonsense"]}, "trusted_relays"),
        ({"resolvers": ["nonsense"]}, "does not appear"),
        ({"tls_key": "key.pem"}, "tls_cert"),
        ({"dkim_selector": "s1"}, "dkim_key"),
        ({"address": "pengaduán@lapor.example"}, "ASCII"),
        ({"tls_cert": "absent.pem"}, "tls_cert"),
    ],
)
def test_settings_that_cannot_work(settings: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words) as fault:
        made(**settings)
    assert "rahasia" not in str(fault.value)


def test_no_secret_is_shown() -> None:
    settings = mailbox.Settings(address=US, smtp_url="smtps://lapor:rahasia@relay.example", dkim_key=PRIVATE, dkim_selector="s1")
    for shown in (repr(settings), str(settings.__rich_repr__()), repr(settings.relay()), f"{settings}"):
        assert "rahasia" not in shown
        assert "PRIVATE KEY" not in shown


@pytest.mark.parametrize(
    ("url", "host", "port", "security", "user", "password"),
    [
        ("smtp://relay.example", "relay.example", 25, "plain", "", ""),
        ("smtp://lapor:x@127.0.0.1:2500", "127.0.0.1", 2500, "plain", "lapor", "x"),
        ("smtps://a%40b.example:p%3Aq@relay.example", "relay.example", 465, "tls", "a@b.example", "p:q"),
        ("smtp+starttls://relay.example/", "relay.example", 587, "starttls", "", ""),
        ("smtp://[::1]:25", "::1", 25, "plain", "", ""),
    ],
)  # fmt: skip
def test_how_a_relay_is_written(url: str, host: str, port: int, security: str, user: str, password: str) -> None:
    relay = mailbox.Settings(address=US, smtp_url=url).relay()
    assert relay is not None
    assert (relay.host, relay.port, relay.security, relay.user, relay.password) == (host, port, security, user, password)


@pytest.mark.parametrize(
    ("entry", "server"),
    [
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("127.0.0.1:5353", ("127.0.0.1", 5353)),
        ("2001:db8::1", ("2001:db8::1", 53)),
        ("[::1]:5353", ("::1", 5353)),
    ],
)
def test_how_a_resolver_is_written(entry: str, server: tuple[str, int]) -> None:
    assert mailbox.Settings(address=US, resolvers=(entry,)).servers() == (server,)


def test_an_address_in_the_words_of_the_world_is_ours_as_dns_knows_it() -> None:
    settings = mailbox.Settings(address="lapor@désa.example")
    assert (settings.domain, settings.host) == ("xn--dsa-bma.example", "xn--dsa-bma.example")


def test_the_journey_cannot_be_written_by_others() -> None:
    trace = journey.Trace(
        mail_from="a@b.example",
        recipients=(US,),
        ip="192.0.2.7",
        helo="x; ip=6.6.6.6\r\nX-Lapor-Client: ip=6.6.6.6",
        tls=False,
        smtputf8=False,
    )
    forged = b"X-Lapor-Client: ip=6.6.6.6; helo=x; tls=no; smtputf8=no\r\n" + MAIL
    read, start = journey.read(journey.written(trace, "lapor.example", datetime(2026, 11, 22, tzinfo=UTC)) + forged)
    assert read.ip == "192.0.2.7"
    assert read.recipients == (US,)
    with pytest.raises(ValueError, match="X-Lapor-Client"):
        journey.read(MAIL)
    whole = journey.written(trace, "lapor.example", datetime(2026, 11, 22, tzinfo=UTC)) + forged
    assert whole[start:] == forged


async def test_the_longest_envelope_that_smtp_lets_in_is_read_back() -> None:
    """Behind a + anything goes, so a command is the limit; a mail of which no journey can be read would seem to be one of ours."""
    channel, shelf = made(), Shelf()
    tall = f"lapor+{'x' * 4_000}@lapor.example"
    async with listening(channel, shelf) as port, calling(port) as client:
        assert (await client.begin(f"{'w' * 4_000}@warga.example", *[tall] * 100)).startswith("354")
        assert (await client.give(MAIL)).startswith("250")
    message = channel.decode(shelf.arrivals[0], ())
    assert journey.read(shelf.arrivals[0].raw)[0].recipients == (tall,) * 100
    assert (message.goes_to, message.text) == ("submit", "Lubang di Jl. Mawar RT 02.")
