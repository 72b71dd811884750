"""X's rules for automated accounts, as code (domain §3.3; developer guidelines, "Automation rules").

In: texts, and facts about a post. Out: yes, no, or a text that may be posted. Pure: it reads no clock and remembers nothing.

 * an answer goes only to an author who mentioned the account or quoted it (`x_page.addressed`); a post that only carries a hashtag is kept
   for a person and never answered;
 * at most one answer in an interaction: `x_answer` notes `answered:<post>`;
 * no link: X bills one twenty-fold, and "lapor.go.id" is one (`answer_text` takes the life out of it);
 * 280 weighted characters;
 * who asks not to be answered is not (`opts_out`); the caller notes it for the author's id;
 * never a telephone number: an answer is refused that holds one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

#: a post's length in weighted characters, and what one URL counts for (X: "Counting characters")
LONGEST: Final = 280
URL_WEIGHT: Final = 23
#: code points that weigh 1; all others weigh 2 (twitter-text configuration 3)
_LIGHT: Final = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
#: what X makes a link of: with a scheme, or a name whose last label is a country's or one of the common ones
_LINK = re.compile(
    r"(?i)\b(?:https?://|www\.)\S+|(?<![@\w.])(?:[a-z0-9-]+\.)+(?:[a-z]{2}|com|org|net|info|gov|edu|app|dev|web|link)\b(?:/\S*)?"
)
_PHONE = re.compile(r"(?<![\w-])(?:\+62[ -]?|0)8[0-9](?:[ -]?[0-9]){6,10}(?![\w-])")
_BESIDE = re.compile(r"https?://\S+|[@#]\w+")
_WORDS = re.compile(r"[^\W_]+")
#: said around it, and changing nothing
_POLITE: Final = frozenset(
    ("tolong", "mohon", "please", "pls", "min", "admin", "kak", "ya", "yaa", "dong", "saya", "aku", "lagi", "terima", "kasih", "makasih")
)


def opts_out(text: str, words: Sequence[str]) -> bool:
    """True when the whole of a post, but for mentions, hashtags, links and politeness, is one of these wordings."""
    said = _said(text)
    return bool(said) and any(said == _said(word) for word in words)


def _said(text: str) -> list[str]:
    found = _WORDS.findall(unicodedata.normalize("NFKC", _BESIDE.sub(" ", text)).casefold())
    return [word for word in found if word not in _POLITE]


def answer_text(text: str) -> str:
    """The text as it may be posted: what X would make a link of is broken up. Raises ValueError, saying which rule it breaks."""
    plain = _LINK.sub(lambda link: _lifeless(link[0]), text)
    if _LINK.search(plain):
        raise ValueError("link")
    if _PHONE.search(plain):
        raise ValueError("phone")
    if weight(plain) > LONGEST:
        raise ValueError("too_long")
    return plain


def _lifeless(link: str) -> str:
    """`lapor.go.id` -> `lapor go id`: a link no more, and can still be read."""
    return re.sub(r"(?i)https?://|www\.", "", link).replace(".", " ").replace("/", " ").strip()


def weight(text: str) -> int:
    """Weighted characters, of the text in NFC; links count as X counts them."""
    text = unicodedata.normalize("NFC", text)
    rest = _LINK.sub("", text)
    links = len(_LINK.findall(text))
    return links * URL_WEIGHT + sum(1 if any(low <= ord(char) <= high for low, high in _LIGHT) else 2 for char in rest)
