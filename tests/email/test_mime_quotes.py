"""What is new in a reply, by the clients that write them; and letters that only look like replies."""

from __future__ import annotations

import pytest

from channels.email import quotes
from tests.email.mails import heard, letter, said

NEW = "Foto menyusul, lubangnya makin dalam."
CLIENTS = ("gmail_id", "gmail_en", "yahoo_id", "outlook_en", "iphone_id", "thunderbird", "html")


@pytest.mark.parametrize("client", CLIENTS)
def test_quotes_and_signatures_are_left_out(client: str) -> None:
    message = heard(f"reply_{client}")
    assert message.extras["new_text"] == NEW
    assert "Terima kasih" in message.text


def test_a_signature_in_words_stays() -> None:
    assert heard("reply_outlook_id").extras["new_text"] == f"{NEW}\n\nHormat saya,\nBudi"


@pytest.mark.parametrize("name", ["letter_dari", "begins_pada", "forward_only", "plain"])
def test_a_complaint_is_not_eaten(name: str) -> None:
    assert "new_text" not in heard(name).extras


QUOTE = "> lama\n> lebih lama"
LETTER = "LAPOR! Laporan Anda sudah terdaftar. Kode: 7K3Q-9FXM-2CH4. Nomor laporan: 1000011. Simpan pesan ini. Terima kasih."
BLOCK = "Dari: Lapor <lapor@lapor.example>\nDikirim: Senin\nKepada: Budi <budi@warga.example>\nSubjek: Re: lampu"


@pytest.mark.parametrize(
    "body",
    [
        f"\n\nPada Sen, 3 Nov 2026 pukul 09.12 Lapor <lapor@lapor.example>\nmenulis:\n\n> {LETTER}\n>\n",
        f"\n\nPada Sen, 3 Nov 2026 pukul 09.12 Lapor\n<lapor@lapor.example> menulis:\n> {LETTER.replace(' Nomor', chr(10) + '> Nomor')}\n",
        f"\n\n________________________________\n{BLOCK}\n\n{LETTER}\n",
        f"Dikirim dari iPhone saya\n\n-------- Pesan asli --------\n{BLOCK}\n\n{LETTER}\n",
        f"> {LETTER}\n",
    ],
)
def test_a_reply_without_a_word_is_our_letter_and_no_address(body: str) -> None:
    reply = said(letter("Subject: Re: lampu", "In-Reply-To: <k1@lapor.example>", body=body.replace("\n", "\r\n")))
    assert " ".join(reply.extras["new_text"].split()) == LETTER
    other = said(letter("Subject: STATUS 7K3Q-9FXM-2CH4", "In-Reply-To: <k1@lapor.example>", body=body.replace("\n", "\r\n")))
    assert "new_text" not in other.extras
    assert "new_text" not in said(letter("Subject: Re: lampu", body=body.replace("\n", "\r\n"))).extras


def test_a_reply_that_quotes_nothing_is_all_its_senders() -> None:
    words = "Masih mati.\r\nDari: warga RT 3\r\n> kata orang\r\n"
    assert "new_text" not in said(letter("Subject: Re: lampu", "In-Reply-To: <k1@lapor.example>", body=words)).extras


HEAD = "Pada Sen, 3 Nov 2026 09.12, Lapor <lapor@lapor.example> menulis:"


@pytest.mark.parametrize(
    ("text", "new"),
    [
        (f"baru\n{HEAD}\n{QUOTE}\njawab di bawah", "baru\njawab di bawah"),
        (f"satu\n{QUOTE}\ndua\n{QUOTE}\ntiga", "satu\ndua\ntiga"),
        (f"baru\nOn Mon, Nov 3, 2026 at 9:12, Lapor\nPusat Pengaduan\n<lapor@lapor.example>\nwrote:\n{QUOTE}", "baru"),
        ("baru\nOn Mon 9:12, Budi <a@b.example> wrote:   semua lama di baris ini", "baru"),
        ("baru\n*Dari:* Lapor <lapor@lapor.example>\n*Tanggal:* Senin\n*Kepada:* Budi\n\nlama", "baru"),
        ("baru\nFrom: Lapor\nSent: Monday\nTo: Budi\nSubject: x\nlama", "baru"),
        ("baru\n-----Pesan Asli-----\nlama", "baru"),
        ("baru\n\n---- On Mon, 3 Nov 2026 09:12:31 +0700 Lapor <lapor@lapor.example> wrote ---\n\nlama", "baru"),
        ("baru\n\n---- Pada Sen, 3 Nov 2026 09:12:31 +0700 Lapor <lapor@lapor.example> menulis ----\n\nlama", "baru"),
        ("baru\n---------- Forwarded message ---------\nlama", "baru"),
        ("baru\nMulai pesan yang diteruskan:\n\nlama", "baru"),
        ("baru\n-- \nBudi\nKetua RT", "baru"),
        ("baru\n--\nBudi", "baru"),
        ("baru\n\nSent from my iPhone\n", "baru"),
        ("baru\nDapatkan Outlook untuk Android\n________________________________\n", "baru"),
        ("baru\nTerkirim dari Samsung Galaxy", "baru"),
    ],
)
def test_what_clients_write_around_the_new_words(text: str, new: str) -> None:
    assert quotes.new_text(text) == new


@pytest.mark.parametrize(
    "text",
    [
        "> semua\n> dikutip",
        "-- \nhanya tanda tangan",
        "---------- Pesan terusan ---------\nDari: a@b.example\nlama",
        "On the road near 10:30 market it floods.\nHe wrote:\nnothing",
        "Pada pukul 09:12 warga menulis:\n\nspanduk protes",
        "Pada hari Senin\n\nmenulis: a@b.example",
        "Dari: a@b.example\nsaya mendapat ancaman",
        "Halo\nDari: Warga\nKepada: Lurah\nPerihal: Jalan\nTanggal: 3 Nov",
        "harga naik\n> 3 kali\nsetahun",
        "daftar:\n--\n" + "baris\n" * 20,
        "Dikirim dari desa kami surat ke camat, tidak dijawab.",
        "Sent from the village: a letter",
    ],
)
def test_in_doubt_all_of_it_is_new(text: str) -> None:
    assert quotes.new_text(text) == text.strip()


@pytest.mark.parametrize(
    "text", ["On " + "a " * 20_000, "Pada a@b " * 5_000, "> \n" * 50_000, "Dari: a@b.c\n" * 5_000, "_" * 100_000, "-- \n" * 9_999]
)
def test_hostile_texts_come_to_an_end(text: str) -> None:
    assert quotes.new_text(text)


def test_only_the_beginning_of_a_very_long_text_is_summed_up() -> None:
    assert len(quotes.new_text("a" * 1_000_000)) == 100_000
