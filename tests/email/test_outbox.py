"""Answers on their way out: how they look, what becomes of them at a relay with its moods, and the notice that comes back."""

from __future__ import annotations

import asyncio
import email
import email.policy
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage
from pathlib import Path

import dkim  # type: ignore[import-untyped]  # ships no types
import pytest
import trustme

from channels.base import Arrival, Letter, Refused, Unavailable
from channels.email import answer
from channels.email.mailbox import Mailbox
from tests.email.keys import PRIVATE, PUBLIC
from tests.email.mailboxes import CITIZEN, US, calling, listening, made
from tests.fakes.inbox import Shelf, until
from tests.fakes.smtp_sink import Sink, sinking

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=timezone(timedelta(hours=7)))
TEXT = "Laporan Anda tercatat, kode 7K3Q-9FXM-2CH4. Simpan kode ini."
THREAD = {"to": CITIZEN, "message_id": "<2@warga.example>", "references": "<1@warga.example> <2@warga.example>", "subject": "jalan rusak"}
WRITER = answer.Writer(address=US, display_name="SP4N-LAPOR!", domain="lapor.example")


def letter(text: str = TEXT, key: str = "k1", to: str = CITIZEN, reply_to: Mapping[str, str] = THREAD) -> Letter:
    return Letter(key=key, case_id="c", channel="surat", to=to, kind="registered", text=text, reply_to=dict(reply_to))


def answering(sink: Sink, scheme: str = "smtp", credentials: str = "", **settings: object) -> Mailbox:
    return made(smtp_url=f"{scheme}://{credentials}127.0.0.1:{sink.port}", **settings)


def parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_an_answer_is_marked_as_one_and_stands_in_its_thread() -> None:
    mail = parsed(answer.composed(letter(), WRITER, NOW))
    assert (mail["From"], mail["To"], mail["Subject"]) == ("SP4N-LAPOR! <lapor@lapor.example>", CITIZEN, "Re: jalan rusak")
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"], mail["Content-Language"]) == ("auto-replied", "All", "id")
    assert (mail["In-Reply-To"], mail["References"].split()) == ("<2@warga.example>", ["<1@warga.example>", "<2@warga.example>"])
    assert mail["Date"].datetime == NOW
    assert mail["Message-ID"] == answer.message_id(letter(), WRITER)
    assert mail.get_content_type() == "multipart/alternative"
    plain, page = mail.iter_parts()
    assert (plain.get_content().strip(), plain.get_content_charset()) == (TEXT, "utf-8")
    assert page.get_content_type() == "text/html"
    assert '<html lang="id">' in page.get_content()
    assert f"<p>{TEXT}</p>" in page.get_content()
    assert not mail.defects


def test_the_same_letter_is_the_same_mail() -> None:
    assert answer.composed(letter(), WRITER, NOW) == answer.composed(letter(), WRITER, NOW)
    assert answer.message_id(letter(), WRITER) != answer.message_id(letter(key="k2"), WRITER)


def test_whoever_knows_a_cases_number_but_not_its_letter_cannot_name_the_letter() -> None:
    others = letter(text=TEXT.replace("7K3Q-9FXM-2CH4", "DPKD-5TSM-2Z2X"))
    assert answer.message_id(letter(), WRITER) != answer.message_id(others, WRITER)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("jalan rusak", "Re: jalan rusak"),
        ("RE: jalan rusak", "RE: jalan rusak"),
        ("Bls: jalan", "Bls: jalan"),
        ("", "Re: Laporan Anda"),
        (" \r\n ", "Re: Laporan Anda"),
        ("jalan\r\nBcc: lain@warga.example", "Re: jalan Bcc: lain@warga.example"),
        ("jalan rusak di Désa 🚧 " * 6, "Re: " + ("jalan rusak di Désa 🚧 " * 6).strip()),
        ("x" * 5000, "Re: " + "x" * 200),
    ],
)
def test_the_subject_is_theirs_on_one_line(theirs: str, ours: str) -> None:
    content = answer.composed(letter(reply_to=THREAD | {"subject": theirs}), WRITER, NOW)
    mail = parsed(content)
    assert mail["Subject"] == ours
    assert mail["Bcc"] is None
    assert max(map(len, content.split(b"\r\n"))) < 998
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_ids_that_are_none_never_reach_a_header() -> None:
    broken = {"to": CITIZEN, "message_id": "<a@b>\r\nBcc: x@y", "references": "palsu <1 2@x> <" + "y" * 400 + "@z> <ok@z>", "subject": "s"}
    mail = parsed(answer.composed(letter(reply_to=broken), WRITER, NOW))
    assert (mail["References"].split(), mail["Bcc"]) == (["<ok@z>", "<a@b>"], None)
    many = " ".join(f"<{n}@z>" for n in range(100))
    thread = parsed(answer.composed(letter(reply_to=THREAD | {"references": many}), WRITER, NOW))["References"].split()
    assert (len(thread), thread[0], thread[-1]) == (20, "<0@z>", "<2@warga.example>")
    assert parsed(answer.composed(letter(reply_to={"to": CITIZEN}), WRITER, NOW))["References"] is None


def test_words_are_no_markup() -> None:
    page = list(parsed(answer.composed(letter(text='<b>a</b> & "b"\n\nbaris kedua'), WRITER, NOW)).iter_parts())[1].get_content()
    assert "<p>&lt;b&gt;a&lt;/b&gt; &amp; &quot;b&quot;</p>\r\n<p>baris kedua</p>" in page


@pytest.mark.parametrize(
    "to", ["", "budi", "budi@", "a b@c.example", "budi@warga.example\r\nBcc: x@y.example", "a@b@c", "x@" + "a" * 70 + ".é"]
)
async def test_what_is_no_address_is_refused(to: str) -> None:
    async with sinking() as sink:
        with pytest.raises(Refused, match="bad_address"):
            await answering(sink).send(letter(to=to, reply_to={}))
    assert not sink.mails


async def test_a_letter_reaches_the_relay() -> None:
    async with sinking() as sink:
        channel = answering(sink)
        assert channel.up
        ((message_id,), _) = await channel.send(letter())
        await until(lambda: sink.counts["quit"] == 1)
    (mail,) = sink.mails
    assert (mail.sender, mail.recipient) == (US, CITIZEN)
    assert parsed(mail.content)["Message-ID"] == message_id
    assert "EHLO lapor.example" in sink.commands


async def test_many_letters_share_a_few_connections() -> None:
    async with sinking() as sink:
        channel = answering(sink)
        sent = await asyncio.gather(*(channel.send(letter(key=f"k{n}")) for n in range(40)))
        await until(lambda: sink.counts["quit"] == sink.counts["connections"])
    assert {parsed(mail.content)["Message-ID"] for mail in sink.mails} == {one for (one,), _ in sent}
    assert (len(sink.mails), sink.counts["connections"]) == (40, 4)


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [("reject", "rejected", "550 5.1.1"), ("spam", "rejected", "554 5.7.1"), ("no_sender", "rejected", "550 5.7.1")],
)
async def test_what_the_relay_will_never_take(fault: str, code: str, words: str) -> None:
    async with sinking(fault) as sink:
        channel = answering(sink)
        with pytest.raises(Refused) as refused:
            await channel.send(letter())
        await until(lambda: sink.counts["quit"] == 1)
    assert (refused.value.code, refused.value.words) == (code, words)
    assert channel.up


@pytest.mark.parametrize(
    ("fault", "code", "unsure"),
    [
        ("greylist", "relay_said_451", False),
        ("full", "relay_said_452", False),
        ("auth_required", "relay_said_530", False),
        ("drop_after_mail", "relay_lost", False),
        ("drop_after_data", "relay_silent", True),
        ("busy", "relay_said_421", False),
    ],
)
async def test_what_the_relay_may_take_later(fault: str, code: str, unsure: bool) -> None:
    async with sinking(fault) as sink:
        channel = answering(sink)
        with pytest.raises(Unavailable) as problem:
            await channel.send(letter())
        assert (problem.value.code, problem.value.unsure) == (code, unsure)
        sink.faults.clear()
        assert await channel.send(letter())
        await until(lambda: not sink.tasks)
    assert len({parsed(mail.content)["Message-ID"] for mail in sink.mails}) == 1


async def test_a_refusal_of_one_letter_leaves_the_connection_to_the_next() -> None:
    async with sinking("greylist") as sink:
        channel = answering(sink)
        results = await asyncio.gather(
            *(channel.send(letter(to=f"w{n % 3}@warga.example", key=f"{n}", reply_to={})) for n in range(20)), return_exceptions=True
        )
        await until(lambda: not sink.tasks)
    assert [type(result) for result in results if isinstance(result, Exception)] == [Unavailable] * 3
    assert (len(sink.mails), sink.counts["connections"]) == (17, 4)


async def test_without_a_relay_nobody_tries_for_a_while() -> None:
    async with sinking() as sink:
        channel = answering(sink)
    results = await asyncio.gather(*(channel.send(letter(key=f"k{n}")) for n in range(20)), return_exceptions=True)
    assert {result.code for result in results if isinstance(result, Unavailable)} == {"relay_unreachable"}
    assert len(results) == 20
    assert (channel.up, channel.counts["relay_unreachable"] <= 4) == (False, True)
    with pytest.raises(Unavailable, match="does not take mail now"):
        await channel.probe()


async def test_a_letter_that_nobody_wants_sent_any_more_is_not() -> None:
    async with sinking("silent") as sink:
        channel = answering(sink)
        first = [asyncio.ensure_future(channel.send(letter(key=f"k{n}"))) for n in range(4)]
        await until(lambda: sink.counts["connections"] == 4)
        given_up = asyncio.ensure_future(channel.send(letter(key="k9")))
        await asyncio.sleep(0)
        given_up.cancel()
        sink.faults.clear()
        for task in tuple(sink.tasks):
            task.cancel()
        assert all(isinstance(result, Unavailable) for result in await asyncio.gather(*first, return_exceptions=True))
    assert not sink.mails


def authority(folder: Path, *names: str) -> ssl.SSLContext:
    """A server's certificate, whose authority lies in ca.pem."""
    issuer = trustme.CA()
    issuer.cert_pem.write_to_path(folder / "ca.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    issuer.issue_cert(*names).configure_cert(context)
    return context


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
async def test_a_relay_that_wants_to_know_us(tmp_path: Path, scheme: str) -> None:
    tls = authority(tmp_path, "127.0.0.1")
    async with sinking("auth_required", tls=tls, at_once=scheme == "smtps") as sink:
        channel = answering(sink, scheme, "lapor:rahasia@", smtp_ca=str(tmp_path / "ca.pem"))
        assert await channel.send(letter())
        assert (await channel.probe()).endswith("takes answers")
        wrong = answering(sink, scheme, "lapor:salah@", smtp_ca=str(tmp_path / "ca.pem"))
        with pytest.raises(Unavailable, match="relay_said_535"):
            await wrong.send(letter())
        await until(lambda: not sink.tasks)
    assert len(sink.mails) == 1


@pytest.mark.parametrize("fault", ["tls_broken", "no_starttls", "stranger"])
async def test_nothing_is_said_in_clear_that_was_to_be_encrypted(tmp_path: Path, fault: str) -> None:
    tls = authority(tmp_path, "lain.example")
    async with sinking(fault, tls=tls) as sink:
        channel = answering(sink, "smtp+starttls", "lapor:rahasia@", smtp_ca=str(tmp_path / "ca.pem"))
        with pytest.raises(Unavailable, match="relay_unreachable"):
            await channel.send(letter())
        await until(lambda: not sink.tasks)
    assert not [command for command in sink.commands if command.startswith(("AUTH", "MAIL"))]


async def test_an_address_in_the_words_of_the_world() -> None:
    async with sinking() as sink:
        channel = answering(sink)
        await channel.send(letter(to="budi@désa.example", reply_to={}))
        await channel.send(letter(to="bùdi@warga.example", key="k2", reply_to={}))
        sink.faults.add("no_smtputf8")
        with pytest.raises(Refused, match="needs_smtputf8"):
            await channel.send(letter(to="bùdi@warga.example", key="k3", reply_to={}))
        await until(lambda: not sink.tasks)
    assert [mail.recipient for mail in sink.mails] == ["budi@xn--dsa-bma.example", "bùdi@warga.example"]
    assert [command for command in sink.commands if "SMTPUTF8" in command] == [f"MAIL FROM:<{US}> SMTPUTF8"]


async def test_an_answer_is_signed_when_there_is_a_key() -> None:
    async with sinking() as sink:
        channel = answering(sink, dkim_key=PRIVATE, dkim_selector="s1")
        await channel.send(letter())
        await until(lambda: not sink.tasks)
    (mail,) = sink.mails
    asked: list[bytes] = []

    def dns(name: bytes, timeout: float = 0) -> bytes:
        asked.append(name)
        return f"v=DKIM1; k=rsa; p={PUBLIC}".encode()

    assert dkim.verify(mail.content, dnsfunc=dns)
    assert asked == [b"s1._domainkey.lapor.example."]
    signature = " ".join(parsed(mail.content)["DKIM-Signature"].split())
    assert "c=relaxed/relaxed" in signature
    assert "h=from : from : to : subject : date : message-id : in-reply-to : references : auto-submitted" in signature
    assert not dkim.verify(mail.content.replace(b"7K3Q", b"7K3R"), dnsfunc=dns)


NOTICE = """From: MAILER-DAEMON@mx.warga.example
To: lapor@lapor.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <n1@mx.warga.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.warga.example

Final-Recipient: rfc822; budi@warga.example
Action: failed
Status: 5.1.1

--b
Content-Type: text/rfc822-headers

{headers}
--b--
"""


async def test_a_notice_of_what_could_not_be_delivered_marks_the_letter() -> None:
    shelf = Shelf()
    async with sinking() as sink:
        channel = answering(sink)
        sent, _ = await channel.send(letter())
        async with listening(channel, shelf) as port, calling(port) as client:
            headers = sink.mails[0].content.partition(b"\r\n\r\n")[0].decode()
            await client.begin("", sink.mails[0].sender)
            assert (await client.give(NOTICE.replace("\n", "\r\n").format(headers=headers).encode())).startswith("250")
        await until(lambda: not sink.tasks)
    message = channel.decode(shelf.arrivals[0], ())
    (receipt,) = message.receipts
    assert (receipt.provider_ids[0], receipt.state, receipt.words) == (sent[0], "failed", "5.1.1")
    assert (message.goes_to, message.reply_to, channel.lacks(message)) == ("declined", {}, False)


async def test_a_mailbox_without_a_relay_takes_mail_and_answers_nobody() -> None:
    channel = made()
    assert not channel.up
    assert (await channel.probe()).endswith("nobody is answered: smtp_url is not set")
    with pytest.raises(Refused, match="no_relay"):
        await channel.send(letter())
    raw = b"From: budi@warga.example\r\nSubject: jalan\r\n\r\nrusak\r\n"
    assert channel.decode(Arrival(channel="surat", source_id="1", raw=raw, received_at=NOW.astimezone(UTC)), ()).reply_to == {}


@pytest.mark.parametrize(
    "settings", [{"dkim_key": "words", "dkim_selector": "s"}, {"smtp_url": "smtps://relay.example", "smtp_ca": "absent.pem"}], ids=str
)
def test_a_key_that_is_none_is_a_fault_of_the_settings(settings: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(settings)).split("_", maxsplit=1)[0]):
        made(**settings)
