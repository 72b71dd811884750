"""What captured updates are to the store, and what they say (channels/social/telegram_intake.py, telegram_reading.py)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Arrival, Part, Question
from channels.social import telegram
from channels.social.telegram_media import complete, named_in
from tests.social.telegram_world import NAME, NOW, UPDATES, captured, decoded, taken


def changed(name: str, **message: Any) -> bytes:
    """A captured message with other fields; None takes one away."""
    update = json.loads(captured(name))
    update["message"] |= message
    update["message"] = {key: value for key, value in update["message"].items() if value is not None}
    return json.dumps(update).encode()


def read(raw: bytes) -> Any:
    what = taken(raw).what
    assert isinstance(what, Arrival)
    return telegram.decode(what, ())


def test_a_text_is_a_complaint_in_its_own_words() -> None:
    message = decoded("text")
    assert message.text == "Jalan di depan pasar Contoh berlubang sejak Senin.\nMohon diperbaiki 🙏"
    assert (message.channel, message.source_id, message.sender) == (NAME, "7000000001/201", "@warga_contoh")
    assert message.reply_to == {"chat": "7000000001", "message": "201"}
    assert (message.received_at, message.sent_at) == (NOW, datetime.fromtimestamp(1795300000, UTC))
    assert message.extras == {"user_id": "7000000001", "name": "Warga Contoh", "language": "id"}
    assert (message.goes_to, message.question, message.fields, message.flags) == ("submit", None, {}, ())


def test_somebody_without_a_user_name_is_known_by_their_number() -> None:
    assert decoded("no_username").sender == "tg:7000000002"
    assert read(changed("text", **{"from": None})).sender == "tg:7000000001"


@pytest.mark.parametrize(
    ("words", "question", "text"),
    [
        ("/start", Question(kind="help"), None),
        ("/start@lapor_latihan_bot", Question(kind="help"), None),
        ("/start dari-poster", Question(kind="help"), None),
        ("/START", Question(kind="help"), None),
        ("/help", Question(kind="help"), None),
        ("/bantuan ", Question(kind="help"), None),
        ("/berhenti", Question(kind="stop"), None),
        ("/stop@lapor_latihan_bot", Question(kind="stop"), None),
        ("/mulai", Question(kind="start"), None),
        ("/apa", Question(kind="help"), None),
        ("/lapor", Question(kind="help"), None),
        ("/status", Question(kind="help"), None),
        ("/status 7K3Q-9FXM-2CH4", Question(kind="status", code="7K3Q-9FXM-2CH4"), None),
        ("/status  7k3q 9fxm 2ch4 ", Question(kind="status", code="7k3q 9fxm 2ch4"), None),
        ("/status@lapor_latihan_bot 9165816", Question(kind="status", code="9165816"), None),
        ("/status jalan di depan pasar masih rusak, kapan diperbaiki?", None, None),
        ("/lapor lampu mati", None, "lampu mati"),
        ("/Lapor\nlampu mati\ndi gang", None, "lampu mati\ndi gang"),
        ("/bantuan untuk korban banjir belum datang", None, None),
        ("/start jalan rusak di sini", None, None),
        ("/lapor2 jalan rusak", None, None),
        ("/lampu/jalan mati", None, None),
        ("/", None, None),
        ("saya sudah /start dan /status 123", None, None),
        (" /start", None, None),
    ],
)
def test_a_command_asks_and_words_complain(words: str, question: Question | None, text: str | None) -> None:
    message = read(changed("text", text=words))
    assert message.question == question
    assert message.text == (words if text is None else text)
    assert message.goes_to == "submit"


def test_a_command_beside_a_file_is_no_question() -> None:
    message = read(changed("photo", caption="/status 123"))
    assert (message.question, message.text) == (None, "/status 123")
    assert read(changed("photo", caption="/lapor pohon tumbang")).text == "pohon tumbang"


@pytest.mark.parametrize(
    ("name", "words", "file", "media_type", "size"),
    [
        ("photo", "Pohon tumbang menutup jalan", "photo-207.jpg", "image/jpeg", 91000),
        ("document", "Sesuai isi surat", "surat.pdf", "application/pdf", 48213),
        ("voice", "", "voice-209.ogg", "audio/ogg", 28000),
        ("audio", "", "rekaman.mp3", "audio/mpeg", 1200000),
        ("video", "Banjir", "video-211.mp4", "video/mp4", 2400000),
        ("video_note", "", "video_note-212.mp4", "video/mp4", 300000),
        ("animation", "", "a.mp4", "video/mp4", 5000),
    ],
)
def test_a_file_is_named_and_words_beside_it_are_the_text(name: str, words: str, file: str, media_type: str, size: int) -> None:
    message = decoded(name)
    (named,) = named_in(message)
    assert (message.text, message.goes_to, message.attachments) == (words, "submit", ())
    assert (named.name, named.media_type, named.size) == (file, media_type, size)


def test_a_photo_is_taken_in_its_largest_size() -> None:
    assert named_in(decoded("photo"))[0].unique == "AgADph-l"


def test_a_place_is_a_field_and_without_words_an_answer_or_a_persons_matter() -> None:
    place, venue = decoded("location"), decoded("venue")
    assert place.fields == {"location": "-6.2, 106.816666"}
    assert venue.fields == {"location": "-6.2, 106.8 (Pasar Contoh, Jl. Contoh 1)"}
    assert {(each.goes_to, each.why, each.text) for each in (place, venue)} == {("triage", "no_words", "")}
    assert venue.extras["new_text"] == venue.fields["location"]


@pytest.mark.parametrize(
    ("name", "text"), [("sticker", "👍"), ("dice", "🎲"), ("contact", ""), ("poll", "Perlu lampu jalan?\n- Ya\n- Tidak")]
)
def test_what_says_little_is_a_persons_matter(name: str, text: str) -> None:
    message = decoded(name)
    assert (message.text, message.goes_to, message.why, message.question) == (text, "triage", "no_words", Question(kind="help"))
    assert message.reply_to


def test_a_contact_stands_beside_the_message() -> None:
    assert decoded("contact").extras["contact"] == "Pak Lurah +6281200000009"


def test_what_telegram_says_about_the_chat_is_no_complaint() -> None:
    message = decoded("notice")
    assert (message.goes_to, message.why, message.reply_to) == ("declined", "notice", {})


@pytest.mark.parametrize(("name", "who"), [("forwarded", "Tanpa"), ("forwarded_hidden", "Seseorang"), ("forwarded_channel", "Info Contoh")])
def test_a_forwarded_message_keeps_where_it_came_from(name: str, who: str) -> None:
    message = decoded(name)
    assert (message.text, message.sender) == ("Jembatan retak", "@warga_contoh")
    assert message.extras["forwarded_from"] == who
    assert message.extras["forwarded_at"] == datetime.fromtimestamp(1795200000, UTC).isoformat()


def test_a_reply_keeps_what_it_replies_to_and_a_link_its_address() -> None:
    message = decoded("reply")
    assert (message.extras["reply_to"], message.extras["reply_to_text"]) == ("7000000001/150", "Kode 7K3Q-9FXM-2CH4")
    assert message.answers == ("7000000001/150",)  # as a letter of ours would have been noted
    assert decoded("text_link").extras["links"] == "https://foto.example/1"


def test_the_last_edit_counts_whatever_the_order() -> None:
    later = json.loads(captured("edited"))
    later["update_id"] += 5
    later["edited_message"] |= {"text": "Jalan sudah diperbaiki.", "edit_date": 1795300061}
    original, edit, last = taken(captured("text")).what, taken(captured("edited")).what, taken(json.dumps(later).encode()).what
    assert isinstance(original, Arrival)
    assert isinstance(edit, Part)
    assert isinstance(last, Part)
    assert edit.index < last.index
    for parts in ([edit, last], [last, edit]):
        message = telegram.decode(original, parts)
        assert message.text == "Jalan sudah diperbaiki."
        assert message.extras["edited_at"] == datetime.fromtimestamp(1795300061, UTC).isoformat()
    assert telegram.decode(original, [edit]).text.endswith("sejak Selasa.")


def test_an_edit_whose_original_never_came_is_the_message() -> None:
    message = decoded("edited")
    assert (message.source_id, message.text) == ("7000000001/201", "Jalan di depan pasar Contoh berlubang sejak Selasa.")


@pytest.mark.parametrize("names", [("album_1", "album_2"), ("album_2", "album_1")])
def test_an_album_is_one_message_in_the_order_in_which_it_was_sent(names: tuple[str, ...]) -> None:
    message = decoded(*names)
    assert message.source_id == "7000000001/album/13600000000000001"
    assert message.text == "Trotoar rusak"
    assert [named.unique for named in named_in(message)] == ["AgADal1", "AgADal2"]
    assert message.reply_to["message"] == "224"


def test_an_edit_of_one_of_an_album_changes_that_one() -> None:
    message = decoded("album_1", "album_2", "album_edit")
    assert message.text == "Trotoar rusak parah"
    assert len(named_in(message)) == 2


def test_the_first_of_an_album_waits_a_moment_for_the_others() -> None:
    part = taken(captured("album_1")).what
    assert isinstance(part, Part)
    assert (part.wait_until - part.received_at, part.count) == (timedelta(seconds=5), 0)
    assert part == taken(captured("album_1")).what


@pytest.mark.parametrize("name", ["group_command", "group_mention"])
def test_whoever_calls_us_in_a_group_is_told_to_write_in_private(name: str) -> None:
    message = decoded(name)
    assert (message.goes_to, message.why, message.question) == ("declined", "group", Question(kind="private"))
    assert message.reply_to["chat"] == "-1001234567890"


def test_a_robot_is_not_answered() -> None:
    message = decoded("robot")
    assert (message.goes_to, message.why, message.reply_to) == ("declined", "robot", {})


def test_a_kind_of_message_that_is_not_known_is_parked_for_a_person() -> None:
    with pytest.raises(ValueError, match="not known"):
        decoded("paid_media")


@pytest.mark.parametrize("path", UPDATES, ids=lambda path: path.stem)
def test_what_is_kept_is_kept_exactly(path: Path) -> None:
    raw = path.read_bytes()
    found = taken(raw)
    assert found.update_id == json.loads(raw)["update_id"]
    assert (found.what is None) == (path.stem in {"my_chat_member", "group_text", "live_location"})
    assert found.what is None or found.what.raw == raw
    assert found == taken(raw)


@pytest.mark.parametrize("raw", [b"", b"null", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"update_id":1e400}', b'{"update_id":-1}'])
def test_what_is_no_update_is_kept_under_its_fingerprint(raw: bytes) -> None:
    found = taken(raw)
    assert isinstance(found.what, Arrival)
    assert (found.update_id, found.why) == (None, "unreadable")
    assert found.what.source_id.startswith("update/")
    with pytest.raises(ValueError):
        telegram.decode(found.what, ())


def test_a_number_that_no_store_can_hold_is_unreadable() -> None:
    assert taken(b'{"update_id":%d,"message":{"message_id":1,"chat":{"id":1,"type":"private"}}}' % 2**63).update_id is None
    far = taken(b'{"update_id":5,"message":{"message_id":%d,"chat":{"id":1,"type":"private"}}}' % 2**63)
    assert (far.update_id, far.why) == (5, "unreadable")


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A captured update of which something was replaced, or whose bytes were cut or changed."""
    raw = draw(st.sampled_from(UPDATES)).read_bytes()
    update = json.loads(raw)
    place: Any = update
    while isinstance(place, dict) and place:
        key = draw(st.sampled_from(sorted(place)))
        if not isinstance(place[key], dict) or draw(st.integers(0, 3)) == 0:
            place[key] = draw(JUNK)
            break
        place = place[key]
    raw = json.dumps(update).encode()
    start = draw(st.integers(0, len(raw)))
    return draw(st.sampled_from([raw, raw[:start], raw[:start] + draw(st.binary(max_size=4)) + raw[start + 2 :]]))


@given(mutated(), st.lists(mutated(), max_size=2))
def test_nothing_but_a_value_error_whatever_comes(raw: bytes, others: list[bytes]) -> None:
    kept = [taken(each).what for each in (raw, *others)]
    parts = [each for each in kept if isinstance(each, Part)]
    whole = [each for each in kept if isinstance(each, Arrival)] or [Arrival(channel=NAME, source_id="x", raw=b"", received_at=NOW)]
    try:
        message = telegram.decode(whole[0], parts)
    except ValueError:
        return
    assert named_in(complete(message, {})) == ()
