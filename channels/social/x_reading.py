"""What a kept post says: the document of `x_page` becomes a message, with the pieces of its thread and the versions of its edits.

In: an arrival, and the parts that amend it. Out: an `InboundMessage`. Pure, and raises ValueError and nothing else.

Each piece of a thread (a reply of the author to himself, or to us in a conversation that was kept) and each edit of a piece is a part
of the first piece that was kept; pieces are put together in the order in which they were written, a later version takes the place of
an earlier one. A post with a hashtag alone goes to a person: X lets nobody answer it, and most such posts are no complaints.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import msgspec

from channels.base import Arrival, InboundMessage, Part
from channels.social import x_page, x_policy, x_post
from channels.social.x_post import Json

#: characters of a parent or quoted post that are kept as context
_CONTEXT = 1000


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What the settings say about reading."""

    opt_out_words: tuple[str, ...] = ()


class Medium(msgspec.Struct, frozen=True, kw_only=True):
    """A picture or film of a post, as `extras["media"]` names it: a JSON list. `urls`: the best first."""

    key: str
    kind: str
    urls: tuple[str, ...]


def decode(arrival: Arrival, parts: Sequence[Part], rules: Rules) -> InboundMessage:
    """The message. Raises ValueError when what came is no post."""
    # an arrival without bytes: only its parts came; a part without: it was purged
    pieces = _pieces([_document(raw) for raw in (arrival.raw, *(part.raw for part in parts)) if raw])
    head = pieces[0]
    texts = [x_post.text(x_post.table(piece["post"])) for piece in pieces]
    asks = next((piece for piece in pieces if x_page.addressed(piece)), None)
    opted_out = asks is not None and all(x_policy.opts_out(text, rules.opt_out_words) for text in texts)
    author = x_post.identity(x_post.table(head["post"]).get("author_id"))
    extras = _extras(pieces, author)
    flags = {"hashtag_only": asks is None, "undecodable": any(x_post.LOST in text for text in texts)}
    if asks is None:
        extras["reply_impossible"] = "policy"
    return InboundMessage(
        channel=arrival.channel,
        source_id=arrival.source_id,
        sender=_handle(head["author"]),
        text="\n".join(texts),
        received_at=arrival.received_at,
        sent_at=x_post.instant(x_post.table(head["post"])),
        reply_to={"post": _id(asks), "author": author} if asks is not None and author and not opted_out else {},
        one_answer=True,
        public=True,
        fields=_fields(pieces),
        flags=tuple(flag for flag, raised in flags.items() if raised),
        extras=extras,
        answers=_answers(pieces),
        goes_to="declined" if opted_out else "triage" if asks is None else "submit",
        why="opt_out" if opted_out else "hashtag_only" if asks is None else "",
    )


def _document(raw: bytes) -> Json:
    document = x_page.parse(raw)
    post = x_post.table(document.get("post"))
    if not _id(document):
        raise ValueError("a post without an id")
    if not isinstance(post.get("text"), str) and not x_post.text(post):
        raise ValueError("a post without a text")
    return {**document, "author": x_post.table(document.get("author"))}


def _id(document: Json) -> str:
    return x_post.identity(x_post.table(document.get("post")).get("id"))


def _pieces(documents: Sequence[Json]) -> list[Json]:
    """One document for each piece, its last version, in the order in which the pieces were written."""
    if not documents:
        raise ValueError("nothing came")
    latest: dict[str, Json] = {}
    for document in sorted(documents, key=lambda document: int(_id(document))):
        latest[x_post.first_version(x_post.table(document["post"]))] = document
    return [latest[first] for first in sorted(latest, key=int)]


def _handle(author: Json) -> str:
    """`@warga`; empty when X did not say who it is."""
    name = x_post.words(author.get("username"))
    return f"@{name}" if name else ""


def _fields(pieces: Sequence[Json]) -> dict[str, str]:
    """The place that the author attached."""
    for piece in pieces:
        place_id = x_post.table(x_post.table(piece["post"]).get("geo")).get("place_id")
        for place in x_post.rows(piece.get("places")):
            name = x_post.words(place.get("full_name")) or x_post.words(place.get("name"))
            if place_id and place.get("id") == place_id and name:
                return {"location": name}
    return {}


def _extras(pieces: Sequence[Json], author: str) -> dict[str, str]:
    """What is kept beside the text; a key without a value is left out.

    author_id, conversation_id, lang · posts: the ids of the pieces · via · links: a line for each, `t.co address -> where it leads` ·
    context: a paragraph for each post that was quoted or replied to · coordinates: longitude, latitude · media: see `Medium`.
    """
    posts = [x_post.table(piece["post"]) for piece in pieces]
    links = {short: long for post in posts for short, long in x_post.links(post).items()}
    media = [medium for piece in pieces for medium in _media(piece)]
    extras = {
        "author_id": author,
        "conversation_id": x_post.identity(posts[0].get("conversation_id")),
        "lang": x_post.words(posts[0].get("lang")),
        "posts": " ".join(_id(piece) for piece in pieces),
        "via": x_post.words(pieces[0].get("via")),
        "links": "\n".join(f"{short} -> {long}" for short, long in links.items()),
        "context": "\n\n".join(filter(None, (_context(piece, _ids(pieces)) for piece in pieces))),
        "coordinates": next(filter(None, map(_coordinates, posts)), ""),
        "media": json.dumps([msgspec.to_builtins(medium) for medium in media]) if media else "",
    }
    return {name: value for name, value in extras.items() if value}


def _ids(pieces: Sequence[Json]) -> set[str]:
    return {_id(piece) for piece in pieces}


def _answers(pieces: Sequence[Json]) -> tuple[str, ...]:
    """The posts that these reply to or quote, but for the other pieces of the thread."""
    posts = [x_post.table(piece["post"]) for piece in pieces]
    named = [x_post.refers(post, kind) for post in posts for kind in ("replied_to", "quoted")]
    return tuple(dict.fromkeys(each for each in named if each and each not in _ids(pieces)))


def _context(piece: Json, own: set[str]) -> str:
    """The posts that this one answers or quotes, but for the other pieces of its thread."""
    names = {user.get("id"): _handle(user) for user in x_post.rows(piece.get("users")) if isinstance(user.get("id"), str)}
    said = [
        f"{names.get(x_post.words(other.get('author_id')), '') or 'X'}: {x_post.text(other)[:_CONTEXT]}"
        for other in x_post.rows(piece.get("posts"))
        if x_post.identity(other.get("id")) not in own
    ]
    return "\n".join(said)


def _coordinates(post: Json) -> str:
    point = x_post.table(x_post.table(post.get("geo")).get("coordinates")).get("coordinates")
    plain = isinstance(point, list) and len(point) == 2 and all(isinstance(each, float | int) for each in point)
    return f"{point[0]}, {point[1]}" if plain and isinstance(point, list) else ""


def _media(piece: Json) -> list[Medium]:
    """Those of the post itself; a quoted post's are not this author's words."""
    keys = x_post.table(x_post.table(piece["post"]).get("attachments")).get("media_keys")
    wanted = [x_post.words(key) for key in keys if x_post.words(key)] if isinstance(keys, list) else []
    known = {x_post.words(each.get("media_key")): each for each in x_post.rows(piece.get("media"))}
    return [_medium(key, known.get(key, {})) for key in dict.fromkeys(wanted)]


def _medium(key: str, media: Json) -> Medium:
    """A film's variants from the largest down, and its still picture last."""
    films = [each for each in x_post.rows(media.get("variants")) if each.get("content_type") == "video/mp4"]
    films.sort(key=lambda film: -rate if isinstance(rate := film.get("bit_rate"), int) else 0)
    urls = [x_post.words(each.get("url")) for each in (*films, media, {"url": media.get("preview_image_url")})]
    return Medium(key=key, kind=x_post.words(media.get("type")), urls=tuple(dict.fromkeys(filter(None, urls))))
