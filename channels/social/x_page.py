"""What X answered to a question for posts: each post becomes one document of its own, or is passed over.

In: the JSON of a page (or of one line of the stream), and who we are. Out: `Found` posts, each with everything that came with it
(author, parent, quoted post, media, place), so that it can be read by itself for as long as it is kept. Pure; a post that is no post
is `Found` too, as it came, so that it stands in nobody's way and a person may look at it.

Passed over are retweets (their author wrote nothing) and every post of our own account, whatever it quotes. A citizen who quotes one
of our posts speaks to us, and is heard and may be answered like one who mentions us.

The document, in JSON with sorted keys, is the `raw` of an arrival:
    account   {"id", "username"} as they were when it was read
    via       mentions | hashtags | stream | thread: which question it answered
    post      as X gave it
    author    as X gave it
    posts     those it refers to: parent, quoted
    users     their authors
    media, places   of the post and of those
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, Literal

import msgspec

from channels.social import x_post
from channels.social.x_post import Json

Via = Literal["mentions", "hashtags", "stream", "thread"]


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Who we are at X."""

    id: str
    username: str


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One post of a page. `post_id` is empty for what is no post."""

    post_id: str
    author_id: str
    conversation_id: str
    #: the first version of an edited post, else the post itself
    first_id: str
    #: it speaks to us, by name or by quoting us
    addressed: bool
    #: a reply of its author to himself, or to us
    continues: bool
    #: more of its author's words may stand beside it in the conversation
    threaded: bool
    text: str
    raw: bytes
    #: identifies what is no post
    fingerprint: str


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page, read. `ids` are those of all its posts, also of those passed over; `count` is how many there were, whatever they are.
    `told`: it says how many there are and where it goes on; one with nothing but `errors` (200, too) does not."""

    found: tuple[Found, ...]
    ids: tuple[str, ...]
    count: int
    token: str
    told: bool
    skipped: tuple[str, ...]


def parse(body: bytes) -> Json:
    """Raises ValueError when it is not a JSON object. Half a surrogate pair in a text is no reason to refuse a page."""
    try:
        document = json.loads(body)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if isinstance(document, dict):
        return document
    raise ValueError("not an object")


def read_page(body: bytes, account: Account, via: Via) -> Page:
    """Raises ValueError when the page as a whole cannot be read."""
    page = parse(body)
    posts = _posts(page.get("data"))
    includes = x_post.table(page.get("includes"))
    found: list[Found] = []
    skipped: list[str] = []
    for post in posts:
        why = _passed_over(post, account)
        if why:
            skipped.append(why)
        else:
            found.append(_found(post, includes, account, via))
    ids = tuple(x_post.identity(post.get("id")) for post in x_post.rows(posts))
    meta = x_post.table(page.get("meta"))
    token = x_post.words(meta.get("next_token"))
    return Page(
        found=tuple(found), ids=tuple(filter(None, ids)), count=len(posts), token=token, told=bool(meta), skipped=tuple(skipped)
    )  # fmt: skip


def _posts(answered: object) -> list[object]:
    """A list, one post (a line of the stream), or nothing."""
    if isinstance(answered, list):
        return answered
    if not answered or isinstance(answered, dict):
        return [answered] if answered else []
    raise ValueError("data is neither a post nor a list")


def _passed_over(post: object, account: Account) -> str:
    """Why it is, in a word for the counts; empty when it is not."""
    body = x_post.table(post)
    if x_post.identity(body.get("author_id")) == account.id:
        return "own_post"
    return "retweet" if x_post.refers(body, "retweeted") else ""


def _found(post: object, includes: Json, account: Account, via: Via) -> Found:
    body = x_post.table(post)
    document = _document(post, includes, account, via)
    post_id, author = x_post.identity(body.get("id")), x_post.identity(body.get("author_id"))
    raw = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
    to_us = x_post.identity(body.get("in_reply_to_user_id")) == account.id
    conversation = x_post.identity(body.get("conversation_id"))
    itself = x_post.continues_itself(body)
    return Found(
        post_id=post_id,
        author_id=author,
        conversation_id=conversation,
        first_id=x_post.first_version(body),
        addressed=addressed(document),
        continues=bool(conversation) and (itself or to_us),
        threaded=bool(conversation and author) and (itself or (conversation == post_id and x_post.has_replies(body))),
        text=x_post.text(body),
        raw=raw,
        fingerprint=blake2b(json.dumps(post, sort_keys=True).encode(), digest_size=16).hexdigest(),
    )


def addressed(document: Json) -> bool:
    """True when a post speaks to the account: X would let us answer it."""
    account, post = x_post.table(document.get("account")), x_post.table(document.get("post"))
    own = x_post.identity(account.get("id"))
    if document.get("via") == "mentions" or x_post.mentions(post, own, x_post.words(account.get("username"))):
        return True
    quoted = x_post.refers(post, "quoted")
    return bool(own and quoted) and any(
        x_post.identity(other.get("id")) == quoted and x_post.identity(other.get("author_id")) == own
        for other in x_post.rows(document.get("posts"))
    )


def _document(post: object, includes: Json, account: Account, via: Via) -> dict[str, Any]:
    """The post and what it needs of the page."""
    body = x_post.table(post)
    wanted = {x_post.identity(ref.get("id")) for ref in x_post.rows(body.get("referenced_tweets"))} - {""}
    others = [other for other in x_post.rows(includes.get("tweets")) if x_post.identity(other.get("id")) in wanted]
    authors = {x_post.words(other.get("author_id")) for other in others} - {""}
    keys = {key for each in (body, *others) for key in _media_keys(each)}
    places = {x_post.words(x_post.table(each.get("geo")).get("place_id")) for each in (body, *others)} - {""}
    users = list(x_post.rows(includes.get("users")))
    return {
        "account": {"id": account.id, "username": account.username},
        "via": via,
        "post": post,
        "author": next((user for user in users if body.get("author_id") and user.get("id") == body.get("author_id")), {}),
        "posts": others,
        "users": [user for user in users if x_post.words(user.get("id")) in authors],
        "media": [media for media in x_post.rows(includes.get("media")) if x_post.words(media.get("media_key")) in keys],
        "places": [place for place in x_post.rows(includes.get("places")) if x_post.words(place.get("id")) in places],
    }


def _media_keys(post: Json) -> Iterator[str]:
    keys = x_post.table(post.get("attachments")).get("media_keys")
    return (key for key in keys if isinstance(key, str)) if isinstance(keys, list) else iter(())
