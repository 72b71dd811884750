"""Mails of every kind, as the gateway is told of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

from channels.base import Arrival, Enclosure
from channels.email import mime
from tests.email.mails import CITIZEN, NAMES, NOW, OWN, captured, heard, kept, letter, said

HOLE = "Jalan di depan pasar berlubang sejak Oktober. Mohon ditindaklanjuti."
TEXTS = {
    "plain": HOLE,
    "bare_cr": HOLE,
    "nul": HOLE,
    "header_broken": HOLE,
    "charset_missing": "Café tutup jalan, “macet” tiap pagi.",
    "charset_wrong": "Lampu jalan mati 😡 – sudah “sebulan”.",
    "charset_unknown": "Sampah menumpuk é di pasar.",
    "charset_utf7": "Air PDAM keruh 😡 sejak Senin é.",
    "charset_utf16": "Banjir di RT 03, air sepinggang.",
    "charset_utf16_as_utf8": "Banjir di RT 03, air sepinggang.",
    "mojibake": "Terima kasih ðŸ™\x8f sudah dibaca â€œadminâ€\x9d.",
    "qp_damaged": "Jalan é rusak =ZZ parah dan = licin =3\n50% “macet”",
    "base64_not": HOLE,
    "base64_footer": HOLE,
    "uuencode": f"{HOLE}\n\n\nbegin dari sini macet setiap hari.\nbegin 644 bukan berkas\nTerima kasih.",
    "nested": "Pohon tumbang menutup jalan.",
    "html_only": "Selokan depan rumah mampet & bau.\n\nRT 02 / RW 05\n\n* foto satu\n* foto dua",
    "html_meta": "Café menutup trotoar",
    "alternative_empty_plain": "Lampu merah mati",
    "no_boundary": "Tanggul bocor.",
    "wrong_boundary": "Tanggul bocor.",
    "no_end": "Tanggul bocor.",
    "no_parts": "Tanggul bocor di Desa Suka Maju.",
    "only_preamble": "Tanggul bocor di Desa Suka Maju.",
    "forwarded_inside": "Surat dari pengelola saya lampirkan.",
    "calendar": "Undangan musyawarah warga.",
    "flowed": "Jalan di depan sekolah berlubang dan licin.\n\nFrom sini ke pasar macet.\n> kutipan lama\n\n-- \nBudi",
    "no_header": "Assalamualaikum, jembatan di desa kami putus sejak kemarin.\nMohon bantuan.",
    "no_ids": "Sampah tidak diangkut.",
    "only_attachment": "",
}
FILES = {
    "nested": [("pohon.jpg", "image/jpeg", 28), ("surat pengantar désa.pdf", "application/pdf", 9)],
    "no_boundary": [("tanggul.jpg", "image/jpeg", 28)],
    "no_end": [("tanggul.jpg", "image/jpeg", 28)],
    "forwarded_inside": [("lampiran-1.eml", "message/rfc822", 133)],
    "calendar": [("lampiran-1.ics", "text/calendar", 46)],
    "uuencode": [("foto jalan.jpg", "application/octet-stream", 204)],
    "only_attachment": [("suratfdp.exe", "application/pdf", 9)],
}
DEFECTS = {
    "charset_missing": "charset_wrong",
    "charset_wrong": "charset_wrong",
    "charset_unknown": "charset_unknown",
    "base64_damaged": "base64_damaged",
    "base64_not": "encoding_wrong",
    "no_boundary": "boundary_wrong",
    "wrong_boundary": "boundary_wrong",
    "no_end": "no_end",
    "no_parts": "no_parts",
    "header_broken": "header_damaged",
    "two_from": "several_from",
    "from_group": "several_from",
    "from_unreadable": "from_unreadable",
    "no_ids": "from_missing",
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_whole_text_is_read(name: str) -> None:
    assert heard(name).text == TEXTS[name]


@pytest.mark.parametrize("name", FILES)
def test_every_other_part_is_a_file_with_a_safe_name(name: str) -> None:
    assert list(heard(name).attachments) == [Enclosure(name=n, media_type=kind, size=size) for n, kind, size in FILES[name]]


@pytest.mark.parametrize("name", DEFECTS)
def test_what_was_mended_is_said(name: str) -> None:
    assert heard(name).extras["defects"] == DEFECTS[name]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "nothing"])
def test_what_the_gateway_keeps_can_be_written_and_read_again(name: str) -> None:
    message = heard(name)
    assert msgspec.json.decode(msgspec.json.encode(message), type=type(message)) == message


@pytest.mark.parametrize("name", NAMES)
def test_every_file_that_is_told_of_can_be_had(name: str) -> None:
    raw = kept(captured(name))
    for number, told in enumerate(mime.read(raw).enclosures):
        file = mime.content(raw, number)
        assert file is not None
        assert (file.name, file.media_type, len(file.content)) == (told.name, told.media_type, told.size)


def test_a_file_that_is_not_there_is_none() -> None:
    raw = kept(captured("nested"))
    assert mime.content(raw, 2) is None
    assert mime.content(raw, -1) is None


def test_the_content_of_a_file_is_exact() -> None:
    file = mime.content(kept(captured("uuencode")), 0)
    assert file is not None
    assert file.content == b"\xff\xd8\xff\xe0" + bytes(range(200))


def test_a_damaged_base64_loses_no_more_than_was_damaged() -> None:
    assert heard("base64_damaged").text.startswith(HOLE)


def test_a_citizens_mail_is_told_whole() -> None:
    message = heard("plain")
    assert (message.channel, message.source_id, message.received_at) == ("surel", "s1", NOW)
    assert message.sender == CITIZEN
    assert message.sent_at == datetime(2026, 11, 22, 2, 15, tzinfo=UTC)
    assert message.subject == "Jalan rusak di Jl. Melati"
    assert message.fields == {"name": "Budi Santoso"}
    assert message.goes_to == "submit"
    assert message.reply_to == {
        "to": CITIZEN,
        "message_id": "<m1@warga.example>",
        "references": "<m1@warga.example>",
        "subject": "Jalan rusak di Jl. Melati",
    }
    assert message.extras == {"message_id": "<m1@warga.example>", "envelope_from": CITIZEN}


def test_the_envelope_and_the_client_are_read_from_our_block_only() -> None:
    forged = b"Return-Path: <lain@orang.example>\r\nX-Lapor-Client: ip=198.51.100.1; helo=x; tls=yes; smtputf8=no\r\n"
    mail = mime.read(kept(forged + captured("plain")))
    assert (mail.envelope_from, mail.envelope_to) == (CITIZEN, ("lapor@lapor.example",))
    assert (mail.client_ip, mail.helo) == ("192.0.2.7", "mx.warga.example")


def test_without_our_block_there_is_no_envelope() -> None:
    mail = mime.read(captured("plain"))
    assert (mail.envelope_from, mail.envelope_to, mail.client_ip, mail.helo) == ("", (), "", "")
    assert mail.body == HOLE
    assert mail.silent == ""


def test_a_thread_is_carried_on() -> None:
    message = said(
        letter("Message-ID: <m9@warga.example>", "In-Reply-To: <m8@warga.example>", "References: <m1@x.example>\r\n <m8@x.example>")
    )
    assert message.reply_to["references"] == "<m1@x.example> <m8@x.example> <m9@warga.example>"
    assert said(letter("In-Reply-To: <m8@x.example>")).reply_to["references"] == "<m8@x.example>"


def test_a_long_thread_keeps_its_first_and_its_last() -> None:
    chain = [f"<m{number}@x.example>" for number in range(90)]
    references = said(letter("Message-ID: <m99@x.example>", f"References: {' '.join(chain)}")).reply_to["references"].split()
    assert len(references) == 20
    assert references[0] == "<m0@x.example>"
    assert references[-2:] == ["<m89@x.example>", "<m99@x.example>"]


def test_a_text_with_nothing_in_it_is_no_message() -> None:
    with pytest.raises(ValueError, match="without text, subject and files"):
        heard("nothing")
    with pytest.raises(ValueError, match="without text"):
        mime.message(Arrival(channel="surel", source_id="s", raw=b"", received_at=NOW), OWN)


def test_a_subject_alone_is_a_message() -> None:
    assert said(letter("Subject: Lampu jalan mati di Jl. Melati", body="")).subject == "Lampu jalan mati di Jl. Melati"


def test_without_a_sender_in_the_header_the_envelope_counts() -> None:
    for name in ("no_ids", "no_header", "from_unreadable"):
        assert heard(name).sender == CITIZEN
        assert heard(name).reply_to["to"] == CITIZEN


def test_a_sender_is_one_person_in_any_capitals_and_is_answered_as_he_writes_himself() -> None:
    message = said(letter("From: Budi <Budi.Santoso@Warga.example>"))
    assert message.sender == "budi.santoso@warga.example"
    assert message.reply_to["to"] == "Budi.Santoso@warga.example"


def test_without_any_sender_nobody_is_answered() -> None:
    message = heard("no_header", sender="")
    assert (message.sender, message.reply_to, message.goes_to) == ("", {}, "submit")


@pytest.mark.parametrize("sender", ["bukan alamat", "a@b\udce9.example", "<budi@warga.example"])
def test_an_envelope_sender_that_is_no_address_is_nobody(sender: str) -> None:
    message = heard("no_header", sender=sender)
    assert (message.sender, message.reply_to) == ("", {})


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Sun, 22 Nov 2026 09:15:00 +0700", datetime(2026, 11, 22, 9, 15, tzinfo=timezone(timedelta(hours=7)))),
        ("22 Nov 2026 02:15:00 -0000", datetime(2026, 11, 22, 2, 15, tzinfo=UTC)),
        ("Sun, 22 Nov 2026 02:15:00 GMT (WIB +7)", datetime(2026, 11, 22, 2, 15, tzinfo=UTC)),
        ("kemarin sore", None),
        ("31 Feb 2026 09:15:00 +0700", None),
        ("31 Dec 9999 23:00:00 -1200", None),
        ("1 1 1 1 1 1", None),
        ("", None),
    ],
)
def test_dates_are_aware_or_absent(written: str, read: datetime | None) -> None:
    assert said(letter(f"Date: {written}")).sent_at == read


def test_new_words_are_kept_beside_the_whole() -> None:
    message = heard("reply_gmail_id")
    assert "7K3Q-9FXM-2CH4" in message.text
    assert message.extras["new_text"] == "Foto menyusul, lubangnya makin dalam."


def test_of_the_mails_that_it_answers_it_names_those_that_may_be_ours() -> None:
    thread = "References: <m0@warga.example> <l1@lapor.example>\r\n <m1@warga.example> <l2@lapor.example>"
    assert said(letter("In-Reply-To: <l2@lapor.example>", thread)).answers == ("<l2@lapor.example>", "<l1@lapor.example>")
    assert said(letter("In-Reply-To: <m0@warga.example>")).answers == ()


def test_garbled_octets_are_flagged() -> None:
    mail = letter("Content-Type: text/plain; charset=utf-8", body="Jalan rusak é ".encode() + b"\xff parah\r\n")
    assert said(mail).flags == ("undecodable",)
    assert said(mail).text == "Jalan rusak é � parah"


def test_a_mail_within_a_mail_speaks_neither_for_it_nor_against_it() -> None:
    message = heard("forwarded_inside")
    assert "Rahasia" not in message.text
    assert message.goes_to == "submit"


def _two_tellings(plain: str, html: str) -> bytes:
    parts = (("plain", plain), ("html", html))
    body = "".join(f"--b\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\n{words}\r\n" for kind, words in parts)
    return letter("Content-Type: multipart/alternative; boundary=b", body=f"{body}--b--\r\n")


@pytest.mark.parametrize(
    "excuse",
    [
        "To view the message, please use an HTML compatible email viewer!",
        "This is the body in plain text for non-HTML mail clients",
        "Email Anda tidak mendukung HTML.",
    ],
)
def test_an_excuse_for_html_is_not_the_complaint(excuse: str) -> None:
    assert said(_two_tellings(excuse, "<p>Jembatan di Siman putus.</p>")).text == "Jembatan di Siman putus."
    assert said(_two_tellings(excuse, "<p> </p>")).text == excuse


def test_who_complains_about_html_is_heard() -> None:
    words = "Pak, situs desa hanya HTML kosong"
    assert said(_two_tellings(words, f"<p>{words}</p>")).text == words
