"""Who sent a mail: SPF, DKIM, DMARC and ARC against a real DNS server on loopback, and what the edge says instead."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

import dkim  # type: ignore[import-untyped]  # ships no types
import pytest

from channels.base import Arrival, InboundMessage, Unavailable
from channels.email import dmarc, edge, journey, proving
from channels.email.dmarc import Said
from channels.email.mailbox import Mailbox
from channels.email.resolver import Resolver
from tests.email.keys import PRIVATE, PUBLIC
from tests.email.mailboxes import CITIZEN, US, made
from tests.fakes.dns import Dns, Records, answering, txt

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
IP = "192.0.2.7"
MAIL = b"From: Budi <budi@warga.example>\r\nSubject: jalan rusak\r\nMessage-ID: <1@warga.example>\r\n\r\nLubang di Jl. Mawar.\r\n"
KEY = txt(f"v=DKIM1; k=rsa; p={PUBLIC}")
SPF_OURS, SPF_OTHERS = txt("v=spf1 ip4:192.0.2.0/24 -all"), txt("v=spf1 ip4:198.51.100.1 -all")
REJECT = txt("v=DMARC1; p=reject")


def signed(mail: bytes = MAIL, domain: str = "warga.example") -> bytes:
    signature: bytes = dkim.sign(mail, b"s1", domain.encode(), PRIVATE.encode(), canonicalize=(b"relaxed", b"relaxed"))
    return signature + mail


def arrival(mail: bytes, mail_from: str = CITIZEN, ip: str = IP) -> Arrival:
    trace = journey.Trace(mail_from=mail_from, recipients=(US,), ip=ip, helo="mx.warga.example", tls=True, smtputf8=False)
    return Arrival(channel="surat", source_id="1", raw=journey.written(trace, "lapor.example", NOW) + mail, received_at=NOW)


def asking(server: Dns, **settings: object) -> Mailbox:
    return made(resolvers=[f"127.0.0.1:{server.port}"], smtp_url="smtp://127.0.0.1:1", **settings)


async def proved(channel: Mailbox, came: Arrival) -> InboundMessage:
    message = channel.decode(came, ())
    assert channel.lacks(message)
    assert message.reply_to
    done = channel.complete(message, (await channel.gather(came, message)).facts)
    assert not channel.lacks(done)
    return done


RECORDS: dict[str, Mapping[tuple[str, str], tuple[str, ...]]] = {
    "nothing": {},
    "spf": {("warga.example", "TXT"): SPF_OURS},
    "spf elsewhere": {("warga.example", "TXT"): SPF_OTHERS},
    "spf soft": {("warga.example", "TXT"): txt("v=spf1 ip4:198.51.100.1 ~all")},
    "spf by mx": {
        ("warga.example", "TXT"): txt("google-site=1", "v=spf1 mx -all"),
        ("warga.example", "MX"): ("10 mx.warga.example.",),
        ("mx.warga.example", "A"): (IP,),
    },
    "spf broken": {("warga.example", "TXT"): txt("v=spf1 ip4:nonsense -all")},
    "spf of the sub": {("surat.warga.example", "TXT"): SPF_OURS},
    "key": {("s1._domainkey.warga.example", "TXT"): KEY},
    "policy": {("_dmarc.warga.example", "TXT"): REJECT},
    "policy none": {("_dmarc.warga.example", "TXT"): txt("v=DMARC1; p=none; rua=mailto:x@warga.example")},
    "policy strict": {("_dmarc.warga.example", "TXT"): txt("v=DMARC1; p=reject; aspf=s; adkim=s")},
}  # fmt: skip


def zone(*parts: str) -> Records:
    return {name: texts for part in parts for name, texts in RECORDS[part].items()}


@pytest.mark.parametrize(
    ("parts", "sign", "verified", "answered"),
    [
        (("nothing",), False, "", True),
        (("spf",), False, "spf=pass (warga.example, aligned; no DMARC policy)", True),
        (("spf by mx",), False, "spf=pass (warga.example, aligned; no DMARC policy)", True),
        (("key",), True, "dkim=pass (warga.example, aligned; no DMARC policy)", True),
        (("spf elsewhere",), False, "", False),
        (("spf soft",), False, "", True),
        (("spf broken",), False, "", True),
        (("spf elsewhere", "key"), True, "dkim=pass (warga.example, aligned; no DMARC policy)", True),
        (("spf", "policy"), False, "dmarc=pass (warga.example; spf aligned)", True),
        (("spf elsewhere", "key", "policy"), True, "dmarc=pass (warga.example; dkim aligned)", True),
        (("policy",), False, "", False),
        (("policy none",), False, "", False),
        (("spf elsewhere", "policy none"), False, "", False),
        (("policy",), True, "", False),
    ],
)  # fmt: skip
async def test_what_is_believed_and_who_is_answered(parts: tuple[str, ...], sign: bool, verified: str, answered: bool) -> None:
    async with answering(zone(*parts)) as server:
        message = await proved(asking(server), arrival(signed() if sign else MAIL))
    assert (message.verified, bool(message.reply_to)) == (verified, answered)
    assert (message.goes_to, message.sender, message.text.strip()) == ("submit", CITIZEN, "Lubang di Jl. Mawar.")
    assert message.extras["sender_proof"].startswith("spf=")


@pytest.mark.parametrize(
    ("mail", "mail_from", "parts", "verified", "answered"),
    [
        (signed().replace(b"Mawar", b"Melur"), CITIZEN, ("key", "policy"), "", False),
        (signed(domain="lain.example"), CITIZEN, ("key", "policy"), "", False),
        (MAIL, "x@surat.warga.example", ("spf of the sub", "policy"), "dmarc=pass (warga.example; spf aligned)", True),
        (MAIL, "x@surat.warga.example", ("spf of the sub", "policy strict"), "", False),
        (MAIL.replace(b"@warga", b"@dinas.warga"), CITIZEN, ("spf", "policy"), "dmarc=pass (dinas.warga.example; spf aligned)", True),
        (MAIL.replace(b"@warga.example>\r\nS", b"@bank.example>\r\nS"), CITIZEN, ("spf",), "", True),
        (b"From: palsu@lain.example\r\n" + MAIL, CITIZEN, ("spf", "policy"), "", True),
        (signed(signed()), CITIZEN, ("key", "policy"), "dmarc=pass (warga.example; dkim aligned)", True),
        (b"DKIM-Signature: nonsense\r\n" + MAIL, CITIZEN, ("spf", "policy"), "dmarc=pass (warga.example; spf aligned)", True),
        (b"DKIM-Signature: v=1; a=rsa-sha256; d=warga.example; s=s1; h=from; bh=\xff; b=\xff\r\n" + MAIL, CITIZEN, ("nothing",), "", True),
        (b" folded first line\r\nDKIM-Signature: v=1\r\n" + MAIL, CITIZEN, ("nothing",), "", True),
    ],
)  # fmt: skip
async def test_names_that_do_not_agree(mail: bytes, mail_from: str, parts: tuple[str, ...], verified: str, answered: bool) -> None:
    async with answering(zone(*parts)) as server:
        channel = asking(server)
        came = arrival(mail, mail_from)
        message = channel.decode(came, ())
        message = channel.complete(message, (await channel.gather(came, message)).facts)
    assert (message.verified, bool(message.reply_to)) == (verified, answered)


@pytest.mark.parametrize(
    ("fault", "parts"),
    [
        ("servfail", ("spf", "policy")),
        ("servfail:_dmarc.warga.example", ("spf", "policy")),
        ("servfail:warga.example", ("spf", "policy")),
        ("servfail:s1._domainkey.warga.example", ("key", "policy")),
    ],
)
async def test_dns_that_does_not_answer_is_asked_again_later(fault: str, parts: tuple[str, ...]) -> None:
    async with answering(zone(*parts), fault) as server:
        channel, came = asking(server), arrival(signed())
        message = channel.decode(came, ())
        with pytest.raises(Unavailable, match="dns_trouble"):
            await channel.gather(came, message)
        assert channel.counts["dns_trouble"] == 1
        given_up = channel.complete(message, {})
        assert (given_up.verified, bool(given_up.reply_to)) == ("", True)
        server.faults.clear()
        assert (await proved(channel, came)).verified


async def test_trouble_with_a_name_that_decides_nothing_delays_nothing() -> None:
    async with answering(zone("key", "policy"), "servfail:lain.example", "servfail:s1._domainkey.lain.example") as server:
        message = await proved(asking(server), arrival(signed(signed(domain="lain.example")), "x@lain.example"))
    assert message.verified == "dmarc=pass (warga.example; dkim aligned)"


async def test_records_that_are_too_long_come_over_tcp() -> None:
    async with answering(zone("key", "policy"), "truncated") as server:
        assert (await proved(asking(server), arrival(signed()))).verified.startswith("dmarc=pass")


async def test_a_record_that_asks_for_ever_is_no_proof() -> None:
    loops = {(f"{n}.warga.example", "TXT"): txt(f"v=spf1 include:{n + 1}.warga.example -all") for n in range(100)}
    async with answering({("warga.example", "TXT"): txt("v=spf1 include:0.warga.example -all"), **loops}) as server:
        message = await proved(asking(server), arrival(MAIL))
        assert len(server.asked) < 20
    assert "spf=permerror" in message.extras["sender_proof"]


async def test_a_bounce_is_known_by_the_name_of_its_machine() -> None:
    async with answering({("mx.warga.example", "TXT"): SPF_OURS}) as server:
        channel, came = asking(server), arrival(MAIL, "")
        message = channel.decode(came, ())
        facts = (await channel.gather(came, message)).facts
    assert facts["spf"] == "pass (mx.warga.example)"


def sealed(mail: bytes, saw: str, domain: str = "milis.example") -> bytes:
    """As a forwarder does it: what it saw, signed and sealed; dkimpy cannot without a library that is not here."""
    head = b"ARC-Authentication-Results: i=1; milis.example; " + saw.encode() + b"\r\n"
    signer = dkim.ARC(mail)
    canon = dkim.CanonicalizationPolicy.from_c_value(b"relaxed/relaxed")
    body = base64.b64encode(hashlib.sha256(canon.canonicalize_body(signer.body)).digest())
    key = dkim.parse_pem_private_key(PRIVATE.encode())
    signer.hasher = hashlib.sha256
    fields = [
        (b"i", b"1"),
        (b"a", b"rsa-sha256"),
        (b"c", b"relaxed/relaxed"),
        (b"d", domain.encode()),
        (b"s", b"s1"),
        (b"h", b"from : subject"),
        (b"bh", body),
        (b"b", b"0" * 60),
    ]
    ams: bytes = b"ARC-Message-Signature: " + signer.gen_header(fields, (b"from", b"subject"), canon, b"ARC-Message-Signature", key)
    sealer = dkim.ARC(ams + head + mail)
    sealer.hasher = hashlib.sha256
    fields = [(b"i", b"1"), (b"cv", b"none"), (b"a", b"rsa-sha256"), (b"d", domain.encode()), (b"s", b"s1"), (b"b", b"0" * 60)]
    names = (b"arc-authentication-results", b"arc-message-signature")
    seal: bytes = sealer.gen_header(fields, names, canon, b"ARC-Seal", key)
    return b"ARC-Seal: " + seal + ams + head + mail


@pytest.mark.parametrize(
    ("saw", "trusted", "arc", "verified"),
    [
        ("dmarc=pass header.from=warga.example", True, "trusted (milis.example)", "arc=pass, dmarc=pass before (milis.example)"),
        ("dmarc=pass header.from=warga.example", False, "pass (milis.example)", ""),
        ("dmarc=fail header.from=warga.example", True, "pass (milis.example)", ""),
    ],
)
async def test_a_forwarder_whose_word_is_taken(saw: str, trusted: bool, arc: str, verified: str) -> None:
    records = {("s1._domainkey.milis.example", "TXT"): KEY, **zone("policy", "spf elsewhere")}
    async with answering(records) as server:
        channel = asking(server, arc_sealers=["milis.example"] if trusted else [])
        message = await proved(channel, arrival(sealed(MAIL, saw)))
        assert message.extras["sender_proof"].endswith(f"arc={arc}")
        assert (message.verified, bool(message.reply_to)) == (verified, bool(verified))
        broken = await proved(channel, arrival(sealed(MAIL, saw).replace(b"Mawar", b"Melur")))
        assert broken.extras["sender_proof"].endswith("arc=fail")


SAID = (
    "Authentication-Results: mx.lapor.example; spf=pass smtp.mailfrom=budi@warga.example;\r\n"
    "\tdkim=pass (2048-bit (rsa; key)) header.d=warga.example; {}\r\n"
)


@pytest.mark.parametrize(
    ("head", "verified", "answered"),
    [
        (SAID.format("dmarc=pass (p=reject) header.from=warga.example"), "dmarc=pass (warga.example; dkim aligned)", True),
        (SAID.format("dmarc=fail header.from=warga.example"), "", False),
        (SAID.format("dmarc=none header.from=warga.example"), "dkim=pass (warga.example, aligned; no DMARC policy)", True),
        ("Authentication-Results: mx.lapor.example; spf=fail smtp.mailfrom=warga.example\r\n", "", False),
        ("Authentication-Results: mx.lapor.example; none\r\n", "", True),
        ("Authentication-Results: MX.Lapor.Example 1; dmarc=pass\r\n", "dmarc=pass (warga.example)", True),
        (SAID.format("dmarc=pass").replace("mx.lapor.example", "mx.lain.example"), "", True),
        (SAID.format("dmarc=fail") + SAID.format("dmarc=pass"), "", False),
        ("X: y\r\n\r\n" + SAID.format("dmarc=pass"), "", True),
    ],
)
def test_the_edge_is_believed_and_nobody_asked(head: str, verified: str, answered: bool) -> None:
    channel = made(trusted_relays=["192.0.2.0/24"], authserv_ids=["mx.lapor.example"], smtp_url="smtp://127.0.0.1:1")
    message = channel.decode(arrival(head.encode() + MAIL), ())
    assert (message.verified, bool(message.reply_to), channel.lacks(message)) == (verified, answered, False)


def test_a_stranger_who_writes_as_the_edge_is_not_believed() -> None:
    channel = made(trusted_relays=["10.0.0.0/8"], authserv_ids=["mx.lapor.example"])
    message = channel.decode(arrival(SAID.format("dmarc=pass").encode() + MAIL), ())
    assert (message.verified, channel.lacks(message)) == ("", True)


@pytest.mark.parametrize(
    ("records", "action"),
    [
        (["v=DMARC1; p=reject"], "reject"),
        (["v=DMARC1;p=QUARANTINE;adkim=s"], "quarantine"),
        (["something", "v=DMARC1; p=none"], "none"),
        (["v=DMARC1; rua=mailto:a@b"], "none"),
        (["v=DMARC1; p=nonsense"], None),
        (["v=DMARC1; p=none", "v=DMARC1; p=reject"], None),
        (["p=reject; v=DMARC1"], None),
        ([], None),
    ],
)
def test_policies(records: list[str], action: str | None) -> None:
    policy = dmarc.parsed(records)
    assert (policy.action if policy else None) == action


def test_comments_and_quotes_of_the_edge_are_read() -> None:
    head = b'Authentication-Results: a.example (x (y)) ; (c) dkim = pass (ok) header.i="@warga.example"; '
    head += b"spf=softfail\r\n smtp.mailfrom=b@c.example\r\n"
    assert edge.results(head, {"a.example"}) == {
        "dkim": [Said(word="pass", domain="warga.example")],
        "spf": [Said(word="softfail", domain="c.example")],
    }


@pytest.mark.parametrize("ip", ["", "nonsense", "2001:db8::7", "192.0.2.7"])
async def test_any_client_address_can_be_checked(ip: str) -> None:
    async with answering(zone("spf")) as server:
        trace = journey.Trace(mail_from="@", recipients=(), ip=ip, helo="", tls=False, smtputf8=False)
        assert proving.checked_spf(trace, Resolver([("127.0.0.1", server.port)])).word in {"none", "permerror"}
