"""The channel "sms.push": who may call, what is said to them, receipts, and settings that cannot work."""

from __future__ import annotations

import base64
import contextlib
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.base import Arrival, Channel, Forged, Listener, Receipt, Request, Webhook
from channels.sms import push
from tests.sms.pushed import FOLDER, KEY, NOW, TABLES, asked, called, door

BASIC = base64.b64encode(b"agregator:kunci").decode()
FIXTURES = sorted(path.stem for path in FOLDER.glob("*.http"))
HEARD = '{"reply": "Kode Anda {reference}"}'


def test_it_is_a_channel_that_is_called() -> None:
    channel: Channel = door()
    assert isinstance(channel, Webhook)
    assert not isinstance(channel, Listener)
    assert (channel.name, channel.path, channel.up) == ("agregator", "/sms/agregator", True)


@pytest.mark.parametrize("name", FIXTURES)
def test_the_same_call_is_read_the_same_twice(name: str) -> None:
    channel = door(name.partition("_")[0])
    delivery = channel.read(called(name))
    assert delivery == channel.read(called(name))
    assert len(delivery.arrivals) + len(delivery.parts) + len(delivery.receipts) == 1
    assert not channel.counts


# --- who may call ---


def test_the_secret_may_come_in_the_body_or_the_query() -> None:
    door().read(asked())
    request = asked(secret=None)
    door().read(msgspec.structs.replace(request, query={"secret": KEY}))
    for wrong in (asked(secret=None), asked(secret=""), asked(secret="kunci"), asked(secret="kunci-é"), asked(secret=1)):
        with pytest.raises(Forged):
            door().read(wrong)


def test_the_secret_may_come_in_a_header_and_then_nowhere_else() -> None:
    channel = door(secret_header="X-Kunci")
    request = asked(secret=None)
    channel.read(msgspec.structs.replace(request, headers={**request.headers, "x-kunci": KEY}))
    for wrong in (asked(), msgspec.structs.replace(request, headers={**request.headers, "x-kunci": "é"})):
        with pytest.raises(Forged):
            channel.read(wrong)
    assert channel.counts == {"forged": 2}


@pytest.mark.parametrize("header", ["", "Basic", f"Bearer {BASIC}", f"Basic {BASIC[:-4]}", "Basic ????", "Basic é", f"Basic {BASIC}x"])
def test_http_basic(header: str) -> None:
    channel = door(secret="", username="agregator", password="kunci")
    request = asked()
    channel.read(msgspec.structs.replace(request, headers={**request.headers, "authorization": f"basic {BASIC}"}))
    with pytest.raises(Forged):
        channel.read(msgspec.structs.replace(request, headers={**request.headers, "authorization": header}))


@pytest.mark.parametrize(
    ("client", "admitted"),
    [("192.0.2.7", True), ("::ffff:192.0.2.7", True), ("2001:db8::1", True), ("192.0.3.7", False), ("", False), ("lokal", False)],
)
def test_addresses(client: str, admitted: bool) -> None:
    channel = door(secret="", allow_from=["192.0.2.0/24", "2001:db8::/32"])
    with contextlib.nullcontext() if admitted else pytest.raises(Forged):
        channel.read(msgspec.structs.replace(asked(), client=client))


def test_all_that_is_asked_for_must_hold() -> None:
    channel = door(allow_from=["192.0.2.0/24"])
    channel.read(asked())
    with pytest.raises(Forged):
        channel.read(msgspec.structs.replace(asked(), client="198.51.100.1"))
    with pytest.raises(Forged):
        channel.read(asked(secret="salah"))


# --- what is said ---


@pytest.mark.parametrize(
    ("profile", "name", "body", "media_type"),
    [
        ("generic", "generic_json", b'{"status": "ok"}', "application/json"),
        ("kannel", "kannel_text", b"", "text/plain"),
        ("jasmin", "jasmin_get", b"ACK/Jasmin", "text/plain"),
        ("jasmin", "jasmin_receipt", b"ACK/Jasmin", "text/plain"),
        ("twilio", "twilio_sms", b"<Response/>", "text/xml"),
    ],
)
def test_yes_is_what_the_aggregator_takes_for_it(profile: str, name: str, body: bytes, media_type: str) -> None:
    said = door(profile).read(called(name))
    assert (said.status, said.body, said.media_type) == (200, body, media_type)


def test_yes_is_what_the_settings_say() -> None:
    said = door(success_body="000", success_type="text/html").read(asked())
    assert (said.body, said.media_type) == (b"000", "text/html")
    assert door(success_body="").read(asked()).body == b""


def test_the_answer_may_go_with_the_response_once_and_to_telephones_only() -> None:
    channel = door(answer="response", send_url="", success_body=HEARD, quiet_body="{}")
    assert channel.read(asked()).body == HEARD.encode()
    assert channel.read(asked("(1/2) jalan")).body == HEARD.encode()
    assert channel.read(asked("(2/2) rusak")).body == b"{}"
    assert channel.read(asked(sender="BANK")).body == b"{}"
    assert channel.read(asked(sender="1708")).body == b"{}"
    assert channel.read(called("generic_receipt")).body == b"{}"


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (asked(None), "text is missing"),
        (asked(sender=""), "from is missing"),
        (asked(sender="x" * 65), "from is no number and no name"),
        (asked(sender="+62\x00812"), "from is no number and no name"),
        (asked(id="x" * 257), "id is longer than 256 characters"),
        (asked(hex="4x"), "hex is not hexadecimal"),
        (asked(coding="delapan"), "coding is no number up to 255"),
        (asked(coding=256), "coding is no number up to 255"),
        (asked(parts="x", part=1), "parts is no number up to 255"),
        (asked(parts=2, part="-1"), "part is no number up to 255"),
        (called("generic_json", method="PUT"), "the method is none of POST, GET"),
        (called("generic_json", path="/sms/agregator/lain"), "nothing is here"),
        (called("generic_json", body=b"["), "the body is not a JSON object"),
        (called("generic_json", body=b"[" * 100_000), "the body is not a JSON object"),
        (called("generic_json", headers={"content-type": "image/png"}), "the body is neither a form nor JSON"),
        (called("generic_json", headers={}, body=b"a&" * 300), "there are too many fields"),
        (called("generic_receipt", body=b'{"secret": "%s", "status": "x"}' % KEY.encode()), "id is missing"),
        (called("generic_receipt", body=b'{"secret": "%s", "id": "x"}' % KEY.encode()), "status is missing"),
    ],
)
def test_a_fault_names_its_field(request_: Request, words: str) -> None:
    channel = door()
    with pytest.raises(ValueError) as fault:
        channel.read(request_)
    assert str(fault.value) == words
    assert channel.counts == {"malformed": 1}


def test_octets_in_a_field_that_is_no_text_are_a_fault() -> None:
    with pytest.raises(ValueError, match="from is not UTF-8"):
        door("kannel").read(called("kannel_text", query={"from": "\udcff", "text": "a"}))


@pytest.mark.parametrize(
    ("profile", "name", "expected"),
    [
        ("kannel", "kannel_receipt", ("5f1d7c0a9b", "delivered", "1")),
        ("jasmin", "jasmin_receipt", ("07033084-5cfd-4812-90a4-e4d24ffb6e3d", "delivered", "DELIVRD")),
        ("twilio", "twilio_receipt", ("SM00000000000000000000000000000002", "failed", "undelivered")),
        ("generic", "generic_receipt", ("out-7", "failed", "REJECTED")),
    ],
)
def test_receipts(profile: str, name: str, expected: tuple[str, str, str]) -> None:
    (receipt,) = door(profile).read(called(name)).receipts
    assert (receipt.provider_ids, receipt.state, receipt.words) == ((expected[0],), *expected[1:])
    assert isinstance(receipt, Receipt)
    assert receipt.at == NOW


@pytest.mark.parametrize(
    ("profile", "word", "state"),
    [
        ("kannel", "4", "pending"),
        ("kannel", "16", "failed"),
        ("kannel", "99", "pending"),
        ("jasmin", "ESME_ROK", "pending"),
        ("jasmin", "ESME_RINVDSTADR", "failed"),
    ],
)
def test_a_word_that_nobody_knows_leaves_the_letter_pending(profile: str, word: str, state: str) -> None:
    channel = door(profile)
    query = {"id": "a", "status": word, "message_status": word}
    (receipt,) = channel.read(called("kannel_receipt", path=channel.path + "/dlr", query=query)).receipts
    assert receipt.state == state


# --- whatever comes ---

_words = st.text(max_size=40)
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _words, lambda inner: st.lists(inner) | st.dictionaries(_words, inner)
)
_names = st.sampled_from(["from", "to", "text", "id", "hex", "coding", "charset", "udh", "reference", "parts", "part", "secret", "status"])
_marked = st.just("rahasiaku") | st.text(alphabet="0123456789abcdef()/ +", max_size=30)


@settings(max_examples=300)
@given(
    profile=st.sampled_from(sorted(TABLES)),
    name=st.sampled_from(FIXTURES),
    fields=st.dictionaries(_names, _marked | _values, max_size=8),
    query=st.dictionaries(_names, _marked, max_size=5),
    cut=st.none() | st.integers(0, 400),
    kind=st.sampled_from(["application/json", "application/x-www-form-urlencoded", "", "text/plain", "é"]),
)
def test_whatever_is_called_nothing_is_raised_but_forged_and_value_errors(
    profile: str, name: str, fields: dict[str, Any], query: dict[str, str], cut: int | None, kind: str
) -> None:
    channel = door(profile, secret=KEY)
    request = called(name)
    request = msgspec.structs.replace(request, query={**request.query, **query, "secret": KEY}, headers={"content-type": kind})
    body = msgspec.json.encode(fields) if cut is None else request.body.replace(KEY.encode(), b"")[:cut]
    for path in (channel.path, channel.path + "/dlr"):
        read_or_refuse(channel, msgspec.structs.replace(request, path=path, body=body))


def read_or_refuse(channel: push.Push, request: Request) -> None:
    try:
        delivery = channel.read(request)
    except (Forged, ValueError) as fault:
        assert "rahasiaku" not in str(fault)
        assert KEY not in str(fault)
        return
    for arrival in delivery.arrivals:
        assert KEY.encode() not in arrival.raw
        channel.decode(arrival, ())
    for part in delivery.parts:
        channel.decode(Arrival(channel="agregator", source_id="f", raw=b"", received_at=NOW), (part,))


# --- settings ---


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"secret": ""}, "who may call"),
        ({"username": "a"}, "username and password go together"),
        ({"send_url": ""}, "send_url"),
        ({"answer": "response"}, "send_url"),
        ({"answer": "response", "send_url": "", "success_body": "OK"}, "{reference}"),
        ({"answer": "response", "send_url": ""}, "success_body"),
        ({"send_url": "", "success_body": "OK"}, "{reference}"),
        ({"allow_from": ["192.0.2.7/24"]}, "allow_from"),
        ({"send_accepted": "("}, "send_accepted"),
        ({"send_url": "https://user:pass@agregator.example/"}, "send_url"),
        ({"path": "sms"}, "path"),
        ({"path": "/sms/"}, "path"),
        ({"fields": {"dari": "x"}}, "dari"),
        ({"profil": "kannel"}, "profil"),
    ],
)
def test_settings_that_cannot_work_are_refused(table: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        door(**table)


def test_without_a_url_for_letters_the_yes_is_the_answer() -> None:
    table = TABLES["generic"] | {"success_body": "Kode Anda {reference}"}
    assert msgspec.convert(table | {"send_url": ""}, push.Settings).speaks
    assert not msgspec.convert(table | {"send_url": "https://agregator.example/send"}, push.Settings).speaks


def test_settings_show_no_secret() -> None:
    table = {"secret": "rahasia-1", "username": "a", "password": "rahasia-2", "send_username": "b", "send_password": "rahasia-3"}
    whole = TABLES["generic"] | table | {"send_url": "https://agregator.example/send", "send_fixed": {"api_key": "rahasia-4"}}
    shown = repr(msgspec.convert(whole, push.Settings))
    assert "rahasia" not in shown
    assert "agregator.example" in shown
