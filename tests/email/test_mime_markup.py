"""HTML of letters, and of pages that are none."""

from __future__ import annotations

import pytest

from channels.email import markup
from tests.email.mails import letter, said


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("a<br>b&nbsp;c", "a\nb c"),
        ("<div style='margin-top: 999999em'>a</div>", "a"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>d", "a b\nc\nd"),
        ("<ul><li>a</li><li><b>b</b> c</li></ul>d", "* a\n* b c\nd"),
        ("<!-- rahasia -->a<script>b</script>", "a"),
        ('<?xml version="1.0" encoding="utf-8"?><p>a</p>', "a"),
        ("tanpa tanda", "tanpa tanda"),
        ("\x00\x01", ""),
        ("<div>" * 20_000 + "a", "a"),
        ("<table>" * 200 + "<p>a</p><script>b</script><b>c</b>", "a\nc"),
        ("<style>x</style>" + "<p>a</p>" * 9_000, "a\n\n" * 8_999 + "a"),
        (f'<img src="data:image/png;base64,{"A" * 4_000_000}"><p>a</p>', "a"),
    ],
)
def test_html_becomes_text(html: str, text: str) -> None:
    assert [line.strip() for line in markup.to_text(html).split("\n") if line.strip()] == text.replace("\n\n", "\n").split("\n")[
        : 9_000 if text else 0
    ]


def test_html_too_long_to_be_a_letter_is_cut_and_says_so() -> None:
    message = said(letter("Content-Type: text/html", body="<p>a</p>" * 400_000))
    assert message.extras["defects"] == "html_cut"
