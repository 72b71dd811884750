"""X's rules for automated accounts: who is answered, with which words, and who asked not to be."""

from __future__ import annotations

import pytest

from channels.social import x_policy
from channels.social.x_settings import OPT_OUT
from forwarder.wording import KINDS, LANGUAGES, LONGEST, PLACEHOLDERS, load


@pytest.mark.parametrize(
    "text",
    [
        "@lapor1708 stop",
        "@LAPOR1708 BERHENTI!",
        "tolong jangan balas lagi ya @lapor1708",
        "@lapor1708 Stop. 🙏",
        "ＳＴＯＰ",
        "@lapor1708 unsubscribe please",
    ],
)
def test_who_says_nothing_else_asks_not_to_be_answered(text: str) -> None:
    assert x_policy.opts_out(text, OPT_OUT)


@pytest.mark.parametrize(
    "text",
    [
        "@lapor1708 tolong stop bus yang ugal-ugalan di jalur 5",
        "@lapor1708 proyek berhenti sejak Mei",
        "@lapor1708",
        "",
        "@lapor1708 jangan balas dengan janji, jalannya rusak",
        "#stop",
    ],
)
def test_a_complaint_that_contains_the_word_is_a_complaint(text: str) -> None:
    assert not x_policy.opts_out(text, OPT_OUT)


@pytest.mark.parametrize(
    ("text", "posted"),
    [
        ("Lihat lapor.go.id ya", "Lihat lapor go id ya"),
        ("https://lapor.go.id/kode", "lapor go id kode"),
        ("www.lapor.go.id", "lapor go id"),
        ("Kode: 7K3Q-9FXM-2CH4. Nomor: 9165816.", "Kode: 7K3Q-9FXM-2CH4. Nomor: 9165816."),
        ("Selesai.Terima kasih", "Selesai.Terima kasih"),
    ],
)
def test_no_answer_has_a_link(text: str, posted: str) -> None:
    assert x_policy.answer_text(text) == posted


@pytest.mark.parametrize(
    ("text", "rule"),
    [("Hubungi 0812-0000-0001", "phone"), ("+62 812 0000 0001", "phone"), ("x" * 281, "too_long"), ("漢" * 141, "too_long")],
)
def test_what_may_not_be_posted_is_named(text: str, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        x_policy.answer_text(text)


def test_weighted_characters_are_counted_as_x_counts_them() -> None:
    assert x_policy.weight("a" * 280) == 280
    assert x_policy.weight("漢字") == 4
    assert x_policy.weight("é") == x_policy.weight("e\u0301") == 1
    assert x_policy.weight("lihat https://berita.example/panjang-sekali-sekali-sekali ya") == 6 + 23 + 3


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_wording_may_be_posted_as_it_is_and_tells_nobody_that_a_complaint_is_secret(language: str, kind: str) -> None:
    longest = {name: "x" * length for name, length in LONGEST.items()} | {"reference": "7K3Q-9FXM-2CH4", "tracking_id": "123456789012"}
    values = {name: longest[name] for name in PLACEHOLDERS[kind]}  # type: ignore[index]  # KINDS are its keys
    text = load().fill(kind, language, **values)  # type: ignore[arg-type]  # as above
    assert x_policy.answer_text(text) == text
    assert not any(word in text.lower() for word in ("rahasia", "anonim", "whistle", "wbs", "confidential", "secret"))
