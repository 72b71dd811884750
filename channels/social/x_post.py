"""A post of X's API v2 and what it came with, read without trust: every value may be missing or of another type.

In: JSON values. Out: texts, ids, instants; empty ones where there is nothing. Pure, and raises nothing.
Ids are "snowflakes": the upper bits of each are the millisecond in which the post was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

Json = Mapping[str, Any]

#: 2010-11-04T01:42:54.657Z, from which snowflakes count
_EPOCH: Final = datetime(2010, 11, 4, 1, 42, 54, 657000, tzinfo=UTC)
_CLOCK_BITS: Final = 22
#: X's ids are unsigned and below 2**63
_LONGEST_ID: Final = 19
#: in the place of what cannot be read
LOST: Final = "\ufffd"
_HALVES = re.compile("[\ud800-\udfff]")
#: what X escapes in the text of a post, and nothing else
_ESCAPED: Final = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def table(value: object) -> Json:
    """The value when it is an object."""
    return value if isinstance(value, dict) else {}


def rows(value: object) -> Iterator[Json]:
    """The objects in a list."""
    return (each for each in value if isinstance(each, dict)) if isinstance(value, list) else iter(())


def words(value: object) -> str:
    """The value when it is a text; half a surrogate pair, which JSON can hold and UTF-8 cannot, becomes U+FFFD."""
    return _HALVES.sub(LOST, value) if isinstance(value, str) else ""


def identity(value: object) -> str:
    """The value when it is an id."""
    text = words(value)
    return text if text.isascii() and text.isdecimal() and 0 < len(text) <= _LONGEST_ID and int(text) < 2**63 else ""


def born(post_id: str) -> datetime:
    """When a post with this id was written."""
    return _EPOCH + timedelta(milliseconds=int(post_id) >> _CLOCK_BITS)


def first_id(at: datetime) -> str:
    """An id lower than that of any post written from this instant on."""
    return str(max(0, ((at - _EPOCH) // timedelta(milliseconds=1)) << _CLOCK_BITS))


def instant(post: Json) -> datetime | None:
    """When it says that it was written, or else its id."""
    try:
        at = datetime.fromisoformat(words(post.get("created_at")))
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        known = identity(post.get("id"))
        return born(known) if known else None


def text(post: Json) -> str:
    """All of it: a long post's own text (`note_tweet`), unescaped."""
    full = words(table(post.get("note_tweet")).get("text")) or words(post.get("text"))
    for escaped, plain in _ESCAPED:
        full = full.replace(escaped, plain)
    return full


def entities(post: Json, kind: str) -> Iterator[Json]:
    """mentions, hashtags or urls; a long post has those beyond its 280th character in `note_tweet`."""
    for holder in (post, table(post.get("note_tweet"))):
        yield from rows(table(holder.get("entities")).get(kind))


def links(post: Json) -> dict[str, str]:
    """t.co address -> where it leads."""
    found = {words(url.get("url")): words(url.get("unwound_url")) or words(url.get("expanded_url")) for url in entities(post, "urls")}
    return {short: long for short, long in found.items() if short and long}


def refers(post: Json, kind: str) -> str:
    """The id of the post that this one retweeted, quoted or replied_to."""
    return next((identity(ref.get("id")) for ref in rows(post.get("referenced_tweets")) if ref.get("type") == kind), "")


def first_version(post: Json) -> str:
    """An edited post has an id of its own for each version; the first names them all."""
    history = post.get("edit_history_tweet_ids")
    first = identity(history[0]) if isinstance(history, list) and history else ""
    return first or identity(post.get("id"))


def continues_itself(post: Json) -> bool:
    """True for a reply of an author to himself: the next piece of a thread."""
    author = identity(post.get("author_id"))
    return bool(author) and author == identity(post.get("in_reply_to_user_id"))


def has_replies(post: Json) -> bool:
    """Somebody replied to it; perhaps its own author, with the next piece of a thread."""
    count = table(post.get("public_metrics")).get("reply_count")
    return isinstance(count, int) and count > 0


def mentions(post: Json, account_id: str, handle: str) -> bool:
    """Does it speak to the account: by name, or as a reply to one of its posts."""
    if account_id and identity(post.get("in_reply_to_user_id")) == account_id:
        return True
    for mention in entities(post, "mentions"):
        if words(mention.get("username")).casefold() == handle.casefold() or (account_id and identity(mention.get("id")) == account_id):
            return True
    return False
