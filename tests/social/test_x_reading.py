"""What posts say: X's published formats, one file for each kind, read as a citizen's message."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.base import Arrival, InboundMessage, Part
from channels.social import x_media, x_page, x_reading
from channels.social.x_page import Account, Via
from channels.social.x_settings import OPT_OUT

FOLDER = Path(__file__).parent / "x"
US = Account(id="1000000001", username="LAPOR1708")
NOW = datetime(2026, 11, 22, 2, 1, tzinfo=UTC)
RULES = x_reading.Rules(opt_out_words=OPT_OUT)
POST = "1992060000000000001"
SEARCHED = {"hashtag_only", "quote_of_ours"}


def found(name: str) -> x_page.Page:
    via: Via = "hashtags" if name in SEARCHED else "stream" if name == "stream_line" else "mentions"
    return x_page.read_page((FOLDER / f"{name}.json").read_bytes(), US, via)


def arrived(raw: bytes) -> Arrival:
    return Arrival(channel="x", source_id=POST, raw=raw, received_at=NOW)


def amended(raw: bytes, index: int) -> Part:
    return Part(
        channel="x", group=POST, index=index, count=0, raw=raw, fingerprint=str(index), received_at=NOW, wait_until=NOW,
        same_since=datetime(1970, 1, 1, tzinfo=UTC),
    )  # fmt: skip


def message(name: str) -> InboundMessage:
    return x_reading.decode(arrived(found(name).found[0].raw), (), RULES)


def test_a_mention_is_a_complaint_that_is_answered_once() -> None:
    read = message("mention")
    assert read.text == "@LAPOR1708 lampu jalan mati di depan pasar Cisauk & gelap sekali"
    assert (read.sender, read.sent_at) == ("@warga", datetime(2026, 11, 22, 2, 0, tzinfo=UTC))
    assert (read.goes_to, read.one_answer) == ("submit", True)
    assert read.reply_to == {"post": POST, "author": "1000000002"}
    assert (read.extras["author_id"], read.extras["lang"], read.extras["via"]) == ("1000000002", "in", "mentions")


def test_a_hashtag_alone_goes_to_a_person_and_cannot_be_answered() -> None:
    for name in ("hashtag_only", "stream_line"):
        read = message(name)
        assert (read.goes_to, read.why, read.flags, read.reply_to) == ("triage", "hashtag_only", ("hashtag_only",), {})
        assert read.extras["reply_impossible"] == "policy"


def test_a_long_post_is_read_whole_with_the_links_of_its_end() -> None:
    read = message("long_post")
    assert (read.text.endswith("Mohon diperbaiki."), "…" in read.text) == (True, False)
    assert read.extras["links"] == "https://t.co/BBBBBBBBBB -> https://berita.example/jalan"


def test_short_links_are_told_and_the_text_stays_as_it_was() -> None:
    read = message("links")
    assert read.text.endswith("https://t.co/AAAAAAAAAA")
    assert read.extras["links"] == "https://t.co/AAAAAAAAAA -> https://berita.example/banjir/2026"


@pytest.mark.parametrize(
    ("name", "context"),
    [
        ("reply_with_parent", "@tetangga: Sampah menumpuk di Jalan Melati sejak Senin"),
        ("quote_of_another", "@tetangga: Pungutan parkir liar di alun-alun"),
        ("reply_to_ours", "@LAPOR1708: LAPOR! Laporan Anda kami terima."),
        ("quote_of_ours", "@LAPOR1708: Sampaikan laporan Anda kepada kami"),
    ],
)
def test_what_it_answers_or_quotes_is_its_context_and_not_its_words(name: str, context: str) -> None:
    read = message(name)
    assert read.extras["context"] == context
    assert context.partition(": ")[2] not in read.text
    assert read.reply_to["post"] == POST
    assert len(read.answers) == 1
    assert read.answers[0] not in read.extras["posts"]


def test_retweets_and_own_posts_are_passed_over() -> None:
    assert (found("retweet").found, found("retweet").skipped) == ((), ("retweet",))
    assert (found("own_quote").found, found("own_quote").skipped) == ((), ("own_post",))
    assert found("own_quote").ids == (POST,)


def test_a_place_that_was_attached_is_the_location() -> None:
    read = message("place")
    assert read.fields == {"location": "Cisauk, Tangerang"}
    assert read.extras["coordinates"] == "106.64, -6.32"


def test_pictures_and_films_are_named_the_best_version_first() -> None:
    photo, film = x_media.media(message("media"))
    assert (photo.kind, photo.urls) == ("photo", ("https://pbs.twimg.com/media/AAAA.jpg",))
    assert [url.rpartition("/")[0][-8:] for url in film.urls] == ["1280x720", "/320x180", "1/pu/img"]
    assert len(x_media.media(message("image_only"))) == 1


def test_what_could_not_be_fetched_is_named_without_a_size() -> None:
    read = message("media")
    gone = x_media.complete(read, {"had:3_1992060000000000011": "a.jpg"})
    assert [(file.name, file.size) for file in gone.attachments] == [("13_1992060000000000012", 0)]
    assert len(x_media.complete(read, {}).attachments) == 2
    assert x_media.complete(message("mention"), {}).attachments == ()


def test_a_wish_not_to_be_answered_is_no_complaint() -> None:
    read = message("opt_out")
    assert (read.goes_to, read.why, read.reply_to) == ("declined", "opt_out", {})


def test_a_thread_is_read_whole_in_the_order_in_which_it_was_written() -> None:
    last, middle, first = found("thread").found
    assert (first.threaded, first.continues, middle.continues, last.continues) == (True, False, True, True)
    parts = [amended(last.raw, 3), amended(middle.raw, 2)]
    for order in (parts, parts[::-1]):
        read = x_reading.decode(arrived(first.raw), order, RULES)
        assert [line[:3] for line in read.text.splitlines()] == ["1/3", "2/3", "3/3"]
        assert (read.extras["posts"].split()[0], "context" in read.extras) == (POST, False)
        assert read.reply_to["post"] == POST


def test_a_later_version_takes_the_place_of_an_earlier_one() -> None:
    old, new = found("mention").found[0], found("edited").found[0]
    assert new.first_id == POST
    read = x_reading.decode(arrived(old.raw), [amended(new.raw, 9)], RULES)
    assert read.text == "@LAPOR1708 jalan rusak di Serpong, bukan Cisauk"
    alone = x_reading.decode(arrived(b""), [amended(new.raw, 9)], RULES)
    assert (alone.text, alone.sender) == (read.text, "@warga")


def test_an_author_whom_x_does_not_name_is_nobody_and_can_be_answered() -> None:
    read = message("no_author")
    assert (read.sender, read.reply_to) == ("", {"post": POST, "author": "1000000002"})


def test_half_a_surrogate_pair_is_no_reason_to_refuse_a_page() -> None:
    body = (FOLDER / "mention.json").read_bytes().replace(b"gelap", b"\\ud83d")
    page = x_page.read_page(body, US, "mentions")
    read = x_reading.decode(arrived(page.found[0].raw), (), RULES)
    assert (read.text[-8:], read.flags) == ("\ufffd sekali", ("undecodable",))


@pytest.mark.parametrize(
    "raw", [b"", b"null", b"[]", b"{}", b'{"post":7}', b'{"post":{"id":"1"}}', b'{"post":{"text":"x"}}', b"[" * 5000, b"\xff"]
)
def test_what_is_no_post_is_said_to_be_none(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        x_reading.decode(arrived(raw), (), RULES)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from([POST, "2026-11-22T02:00:00Z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


@settings(max_examples=300)
@given(name=st.sampled_from(NAMES), junk=st.lists(JSON, min_size=1, max_size=3), dice=st.randoms(use_true_random=False))
def test_whatever_stands_in_a_page_each_post_is_read_or_said_to_be_none(name: str, junk: list[Any], dice: random.Random) -> None:
    document = json.loads((FOLDER / f"{name}.json").read_bytes())
    for value in junk:
        spoil(document, value, dice)
    try:
        page = x_page.read_page(json.dumps(document).encode(), US, "mentions")
    except ValueError:
        return
    for each in page.found:
        spoilt = json.loads(each.raw)
        if dice.random() < 0.5:
            spoil(spoilt, junk[0], dice)
        raw = json.dumps(spoilt).encode()
        try:
            read = x_reading.decode(arrived(raw), [amended(each.raw, 1)], RULES)
        except ValueError:
            continue
        msgspec.json.encode(x_media.complete(read, {}))


def spoil(document: Any, value: Any, dice: random.Random) -> None:
    """Put the value somewhere into the document."""
    while isinstance(document, dict | list) and document:
        key = dice.choice(list(document)) if isinstance(document, dict) else dice.randrange(len(document))
        if not isinstance(document[key], dict | list) or not document[key] or dice.random() < 0.2:
            document[key] = value
            return
        document = document[key]
