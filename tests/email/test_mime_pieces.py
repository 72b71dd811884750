"""Charsets, encodings, header fields, addresses, names of files and structure, each by itself."""

from __future__ import annotations

import base64
import email
import email.policy
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.email import address, charset, fields, flowed, mime, structure, transfer, uuencode
from channels.email.content import safe_name
from tests.email.mails import heard, letter, said

MARK = "\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    ("octets", "label", "text", "defect"),
    [
        (b"biasa", "", "biasa", ""),
        (b"biasa", "US-ASCII", "biasa", ""),
        ("é".encode(), "", "é", ""),
        ("é".encode("cp1252"), "", "é", "charset_wrong"),
        ("é".encode(), "us-ascii", "é", ""),
        ("“é”".encode("cp1252"), "iso-8859-1", "“é”", ""),
        ("é".encode(), '"utf-8"', "é", ""),
        ("é".encode(), "utf-8;", "é", ""),
        ("é".encode(), "utf8*id", "é", ""),
        ("é".encode(), "UTF8MB4", "é", ""),
        ("é".encode("cp1252"), "ANSI", "é", ""),
        ("漢字".encode("gb18030"), "gb2312", "漢字", ""),
        ("漢字".encode("iso2022_jp"), "ISO-2022-JP", "漢字", ""),
        ("é".encode(), "iso-2022-jp", "é", "charset_wrong"),
        ("é".encode("cp1252"), "utf-7", "é", "charset_wrong"),
        ("é".encode("utf-8-sig"), "utf-8", "é", ""),
        ("é".encode("utf-16"), "utf-8", "é", "charset_wrong"),
        ("banjir".encode("utf-16-be"), "", "banjir", "charset_wrong"),
        ("banjir".encode("utf-32"), "utf-32", "banjir", ""),
        (b"banjir", "utf-16", "banjir", "charset_wrong"),
        (b"ban\0jir", "utf-8", "banjir", ""),
        (b"a\xffb\xc3\xa9", "utf-8", f"a{MARK}bé", "undecodable"),
        (b"a\x81b", "windows-1252", f"a{MARK}b", "undecodable"),
        (b"a\x81b", "x-warnet", f"a{MARK}b", "undecodable"),
        (b"+2AA-x", "utf-7", f"{MARK}x", ""),
        (b"+AGE-", "utf-7", "a", ""),
        (b"biasa", "zlib", "biasa", "charset_unknown"),
        (b"biasa", "unicode_escape", "biasa", "charset_unknown"),
        (b"biasa", "punycode", "biasa", "charset_unknown"),
        (b"biasa", "a" * 1000, "biasa", "charset_unknown"),
        (b"biasa", "../../etc", "biasa", "charset_unknown"),
        (b"biasa", "unknown-8bit", "biasa", ""),
        (b"a\x00b\x00c", "utf-16-le", f"ab{MARK}", "undecodable"),
    ],
)
def test_octets_become_text(octets: bytes, label: str, text: str, defect: str) -> None:
    assert charset.decode(octets, label) == (text, defect)


@given(
    st.binary(max_size=200),
    st.one_of(st.sampled_from(["utf-7", "utf-16", "hz", "cp932", "big5", "utf-32", "latin1"]), st.text(max_size=20)),
)
def test_any_octets_under_any_label_become_text_that_can_be_written(octets: bytes, label: str) -> None:
    assert "\0" not in charset.decode(octets, label).text.encode().decode()


@pytest.mark.parametrize(
    ("body", "encoding", "octets"),
    [
        (b"SmFsYW4=", "base64", b"Jalan"),
        (b"SmFsYW4", "base64", b"Jalan"),
        (b"SmFs\r\n!YW4*=", "base64", b"Jalan"),
        (b"SmFsYW4=\r\nSmFsYW4=\r\n", "base64", b"JalanJalan"),
        (b"SmFsYW4=\r\n-- \r\nfooter!", "base64", b"Jalan"),
        (b"SmFsY", "base64", b"Jal"),
        (b"", "base64", b""),
        (b"QQ==\r\n" * 2_000, "base64", b"A"),
        (b"=4A=61lan =C3=A9=\r\n!", "quoted-printable", "Jalan é!".encode()),
        (b"=4A", "quoted_printable", b"J"),
        (b"begin 644 a\r\n#86)C\r\n`\r\nend\r\n", "x-uuencode", b"abc"),
        (b"tidak begin", "uue", b"tidak begin"),
        (b"apa adanya", "8-bit", b"apa adanya"),
        (b"apa adanya", "x-lain", b"apa adanya"),
    ],
)
def test_encodings_are_undone(body: bytes, encoding: str, octets: bytes) -> None:
    assert transfer.undo(body, encoding).octets == octets


@given(st.binary(max_size=500))
def test_what_was_packed_is_unpacked(octets: bytes) -> None:
    assert transfer.undo(base64.encodebytes(octets), "base64") == (octets, "")


def test_uuencoded_files_are_told_from_words() -> None:
    cut = uuencode.extract(b"begin 644 a b.txt\n#86)C\n")
    assert (cut.text, cut.files) == (b"", ((b"a b.txt", b"abc"),))
    for text in (b"begin 644 x\n\xff\xff\xff\nend\n", b"begin 644 kosong\nend\n", b"begin \n", b"begin 9 a\nend\n"):
        assert uuencode.extract(text) == (text, ())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b" biasa ", "biasa"),
        (b"=?UTF-8?B?SmFs?= =?UTF-8?B?YW4=?=", "Jalan"),
        (b"=?utf-8?Q?Jalan_rusak?=\r\n =?iso-8859-1?Q?_caf=E9?=", "Jalan rusak café"),
        (b"=?UTF-8?B?SmFsYW4gcnVzYWsg8J8=?= =?UTF-8?B?mKE=?=", "Jalan rusak 😡"),
        (b"=?UTF-8?Q?Apa?? kabar??=", "Apa?? kabar?"),
        (b"Re: =?utf-8*id?q?Jalan?= rusak", "Re: Jalan rusak"),
        (b"=?UTF-8?Q?tanpa akhir", "=?UTF-8?Q?tanpa akhir"),
        (b"=?utf-8?Q?a=0D=0ABcc:_b?=", "a Bcc: b"),
        ("satu\r\n dua é".encode(), "satu dua é"),
        (b"a\x00b\x07c\x7fd", "ab c d"),
        (b"a\xe2\x80\xa8b", "a b"),
    ],
)
def test_words_of_a_field_are_read(value: bytes, text: str) -> None:
    assert fields.text(value) == text


@pytest.mark.parametrize(
    ("value", "main", "found"),
    [
        (b"", "", {}),
        (b"Text/Plain", "text/plain", {}),
        (b'text/plain; charset="UTF-8"; format=flowed', "text/plain", {"charset": "UTF-8", "format": "flowed"}),
        (b'a/b; name="a;b\\"c.txt"', "a/b", {"name": 'a;b"c.txt'}),
        (b"a/b; name*=utf-8''caf%C3%A9.pdf; name=cafe.pdf", "a/b", {"name": "café.pdf"}),
        (b'a/b; name*1*=b%20c; name*0="a "; name*2=d', "a/b", {"name": "a b cd"}),
        (b"a/b; name*0*=iso-8859-1'id'caf%E9; name*1=.pdf", "a/b", {"name": "café.pdf"}),
        (b'a/b; name="=?UTF-8?B?Y2Fmw6k=?="', "a/b", {"name": "café"}),
        (b'a/b; name="tak ditutup', "a/b", {"name": "tak ditutup"}),
        ("a/b; name=café.pdf".encode("latin-1"), "a/b", {"name": "café.pdf"}),
        (b"a/b; name*=%zz'", "a/b", {"name": "%zz'"}),
        (b"a/b; x=1; x=2; =; ;", "a/b", {"x": "1"}),
    ],
)
def test_parameters_are_read(value: bytes, main: str, found: dict[str, str]) -> None:
    assert fields.parameters(value) == (main, found)


def test_parameters_are_read_only_so_far() -> None:
    assert len(fields.parameters(b"a/b" + b"".join(b";a%d=1" % number for number in range(900)))[1]) == 200


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("Budi <budi@Warga.Example>", [("Budi", "budi@warga.example")]),
        ('"Santoso, Budi" <budi@warga.example>', [("Santoso, Budi", "budi@warga.example")]),
        ('"Budi \\"Bud\\" S" <budi@warga.example>', [('Budi "Bud" S', "budi@warga.example")]),
        ("budi@warga.example (Budi)", [("Budi", "budi@warga.example")]),
        ('"budi santoso"@warga.example', [("", '"budi santoso"@warga.example')]),
        ("Budi Santoso budi@warga.example", [("", "budi@warga.example")]),
        ("a@b@warga.example", []),
        ('<"budi santoso"@warga.example>', [("", '"budi santoso"@warga.example')]),
        ("<@a.example,@b.example:budi@warga.example>", [("", "budi@warga.example")]),
        ("Warga: a@x.example, B <b@x.example>;", [("", "a@x.example"), ("B", "b@x.example")]),
        ("=?utf-8?q?B=C3=BAdi?= <budi@warga.example>", [("Búdi", "budi@warga.example")]),
        ("=?utf-8?q?jahat=40x=2Eexample?=", []),
        ("Budi <budi@warga.example", [("Budi", "budi@warga.example")]),
        ("budi @ warga.example", [("", "budi@warga.example")]),
        ("((((", []),
        ("(((( budi@warga.example", [("", "budi@warga.example")]),
        ("bu)di <budi@warga.example>", [("budi", "budi@warga.example")]),
        ("búdi@wárga.example", [("", "búdi@wárga.example")]),
        ("a..b.@warga.example", [("", "a..b.@warga.example")]),
        ("budi@[192.0.2.7]", [("", "budi@[192.0.2.7]")]),
        (f"{'a' * 65}@warga.example", []),
        (f"a@{'b' * 300}.example", []),
        ("budi@-x.example", []),
        ("budi", []),
        ("", []),
    ],
)
def test_mailboxes_are_read(value: str, found: list[tuple[str, str]]) -> None:
    assert list(address.mailboxes(value.encode())) == found


@given(st.binary(max_size=200) | st.text('()<>@,;:\\"ab. ', max_size=60).map(str.encode))
def test_no_address_can_break_a_line_of_an_answer(value: bytes) -> None:
    for name, mailbox in address.mailboxes(value):
        assert name.isprintable()
        assert mailbox.isprintable()
        assert not set(mailbox.rpartition("@")[2]) & set(' <>,;:"()\\')


def test_a_list_of_senders_is_read_only_so_far() -> None:
    assert len(address.mailboxes(b"a@x.example, " * 900)) == 20


@pytest.mark.parametrize(
    ("name", "kind", "safe"),
    [
        ("foto.jpg", "image/jpeg", "foto.jpg"),
        ("../../etc/passwd", "text/plain", "passwd"),
        ("C:\\Users\\budi\\surat.pdf", "application/pdf", "surat.pdf"),
        ("a\r\nb\x00c\u202egpj.exe", "image/jpeg", "abcgpj.exe"),
        ('"<a:b|c?>*', "image/png", "__a_b_c___"),
        ("..", "image/png", "lampiran-3.png"),
        ("", "application/x-lain", "lampiran-3"),
        ("a" * 300 + ".pdf", "application/pdf", "a" * 116 + ".pdf"),
        ("a" * 300, "application/pdf", "a" * 120),
        ("  dua   spasi .txt", "text/plain", "dua spasi .txt"),
    ],
)
def test_names_of_files_are_safe(name: str, kind: str, safe: str) -> None:
    assert safe_name(name, kind, 3) == safe


def test_flowed_paragraphs_are_whole_again() -> None:
    assert flowed.join("a \nb\n c\n> d \n> e\nf \n> g") == "a b\nc\n> d e\nf \n> g"
    assert flowed.join("漢 \n字", delsp=True) == "漢字"
    flood = "a \n" * 200_000
    assert flowed.join(flood) == flood


def stdlib_parts(raw: bytes) -> list[tuple[str, bytes]]:
    parts = email.message_from_bytes(raw, policy=email.policy.default).walk()
    leaves = [(part.get_content_type(), part.get_payload(decode=True)) for part in parts if not part.is_multipart()]
    return [(kind, content if isinstance(content, bytes) else b"") for kind, content in leaves]


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)


@settings(max_examples=60)  # the standard library takes its time
@given(texts, st.lists(st.binary(max_size=80), max_size=3), st.booleans())
def test_well_made_mails_are_read_as_the_standard_library_reads_them(text: str, files: list[bytes], html: bool) -> None:
    built = EmailMessage()
    built["From"], built["Subject"] = "budi@warga.example", "Jalan rusak"
    built.set_content(text)
    if html:
        built.add_alternative("<p>lain</p>", subtype="html")
    for content in files:
        built.add_attachment(content, maintype="application", subtype="octet-stream", filename="a.bin")
    raw = built.as_bytes(policy=email.policy.SMTP)
    root = structure.read_structure(raw, 0)
    ours = [(leaf.kind, transfer.undo(raw[leaf.start : leaf.end], leaf.encoding).octets) for leaf in root.leaves()]
    assert ours == stdlib_parts(raw)
    mail = mime.read(raw)
    assert mail.subject == "Jalan rusak"
    assert [file.size for file in mail.enclosures] == list(map(len, files))


def test_types_that_make_no_sense_are_read_as_what_they_may_mean() -> None:
    assert said(letter("Content-Type: text")).text == "Jalan rusak."
    assert said(letter("Content-Type: html", body="<p>a</p>")).text == "a"
    assert said(letter("Content-Type: /")).attachments[0].media_type == "application/octet-stream"
    assert said(letter("Content-Type: a b/c; x")).attachments[0].media_type == "application/octet-stream"


def test_a_digest_holds_mails() -> None:
    message = said(letter("Content-Type: multipart/digest; boundary=b", body="--b\r\n\r\nSubject: x\r\n\r\ny\r\n--b--\r\n"))
    assert [file.media_type for file in message.attachments] == ["message/rfc822"]


def test_two_froms_are_one_sender_and_said() -> None:
    assert heard("two_from").sender == "budi@warga.example"
    assert heard("from_group").sender == "budi@warga.example"
    assert heard("from_comment").fields == {"name": "ketua RT 03 Budi ) Santoso"}


def test_a_name_brings_no_line_and_no_address_of_its_own() -> None:
    message = heard("from_injected")
    assert message.sender == "budi@warga.example"
    assert message.fields["name"].isprintable()
