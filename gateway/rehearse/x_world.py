"""What a simulated X knows: accounts and posts, and how its API tells of them (API v2, "Post" and "User" objects).

In: what people write. Out: objects of X's format, the newest first, and whether a post meets a search or a rule. No network, no clock
but for the ids. It is as strict as X where the channel could err: nobody sees the text of a long post without asking for `note_tweet`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

_EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657000, tzinfo=UTC)
_MENTION = re.compile(r"@(\w{1,15})")
_TAG = re.compile(r"#(\w+)")
_LINK = re.compile(r"https?://\S+")
SHORT = 280


@dataclass(slots=True, kw_only=True)
class Person:
    """An account."""

    id: str
    username: str
    protected: bool = False
    suspended: bool = False


@dataclass(slots=True, kw_only=True)
class Draft:
    """What a person writes, beside the words."""

    reply_to: str = ""
    quote: str = ""
    retweet: str = ""
    #: an earlier version of this post
    edits: str = ""
    #: media objects, as X has them
    media: Sequence[dict[str, Any]] = ()
    #: a place object
    place: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None
    lang: str = "in"


class World:
    """All of it. `account` is the one whose keys are in use."""

    def __init__(self, account: str) -> None:
        self._next_user = 1000000001
        self._last_id = 0
        self.people: dict[str, Person] = {}
        self.account = self.person(account)
        #: by id, in the order of writing
        self.posts: dict[str, dict[str, Any]] = {}
        self.media: dict[str, dict[str, Any]] = {}
        self.places: dict[str, dict[str, Any]] = {}

    def person(self, handle: str) -> Person:
        """Who is called so; signs up when nobody is."""
        name = handle.removeprefix("@")
        known = self.people.get(name.lower())
        if known is None:
            known = self.people[name.lower()] = Person(id=str(self._next_user), username=name)
            self._next_user += 1
        return known

    def write(self, handle: str, text: str, draft: Draft | None = None) -> str:
        """A new post; returns its id."""
        draft = draft or Draft()
        author = self.person(handle)
        post_id = self._id(draft.at or datetime.now(UTC))
        before = self.posts.get(draft.reply_to, {})
        old = self.posts.get(draft.edits, {})
        post: dict[str, Any] = {
            "id": post_id,
            "text": text,
            "author_id": author.id,
            "conversation_id": before.get("conversation_id") or old.get("conversation_id") or post_id,
            "created_at": f"{_born(post_id):%Y-%m-%dT%H:%M:%S}.000Z",
            "edit_history_tweet_ids": [*old.get("edit_history_tweet_ids", []), post_id],
            "lang": draft.lang,
            "public_metrics": {"retweet_count": 0, "reply_count": 0, "like_count": 0, "quote_count": 0},
        }
        post |= self._length(text) | self._references(draft, before) | self._attached(draft)
        if entities := self._entities(text, before):
            post["entities"] = entities
        if before:
            before["public_metrics"]["reply_count"] += 1
        self.posts[post_id] = post
        return post_id

    def take_away(self, post_id: str) -> None:
        """Its author deletes it, with all its versions."""
        for version in self.posts[post_id]["edit_history_tweet_ids"]:
            self.posts.pop(version, None)

    def meets(self, post: dict[str, Any], query: str) -> bool:
        """X's search language, as far as it is used: (a OR b) -c d, with #tag, @name, from:, conversation_id:, is:retweet."""
        groups = re.findall(r"(-?)\(([^)]*)\)", query)
        rest = re.sub(r"-?\([^)]*\)", " ", query).split()
        terms = [("", term) if not term.startswith("-") else ("-", term[1:]) for term in rest]
        fits = all(self._term(post, term) is not bool(sign) for sign, term in terms)
        return fits and all(any(self._term(post, term) for term in inner.split(" OR ")) is not bool(sign) for sign, inner in groups)

    def seen(self, post: dict[str, Any]) -> bool:
        """Is it shown to an app: by its id, every version is."""
        author = self._by_id(post["author_id"])
        return not (author.protected or author.suspended)

    def mentions(self, name: str) -> Iterable[dict[str, Any]]:
        return (post for post in self.timeline() if self._names(post, name))

    def timeline(self) -> list[dict[str, Any]]:
        """What people see: of an edited post the last version."""
        latest = {post["edit_history_tweet_ids"][0]: post for post in sorted(self.posts.values(), key=lambda post: int(post["id"]))}
        return [post for post in latest.values() if self.seen(post)]

    def shown(self, post: dict[str, Any], fields: set[str]) -> dict[str, Any]:
        """With the fields that were asked for, and those that always come."""
        return {key: value for key, value in post.items() if key in {"id", "text", "edit_history_tweet_ids"} | fields}

    def includes(self, posts: Sequence[dict[str, Any]], asked: set[str]) -> dict[str, Any]:
        """The objects that the expansions of some posts name, each once."""
        others = [self.posts[ref["id"]] for post in posts for ref in post.get("referenced_tweets", []) if ref["id"] in self.posts]
        everyone = [*posts, *(others if "referenced_tweets.id.author_id" in asked else [])]
        users = {post["author_id"]: self._user(post["author_id"]) for post in everyone} if "author_id" in asked else {}
        media = {key: self.media[key] for post in posts for key in post.get("attachments", {}).get("media_keys", [])}
        places = {post["geo"]["place_id"]: self.places[post["geo"]["place_id"]] for post in posts if "geo" in post}
        found = {
            "users": list(users.values()),
            "tweets": [self.shown(post, set(post)) for post in {post["id"]: post for post in others}.values()],
            "media": list(media.values()) if "attachments.media_keys" in asked else [],
            "places": list(places.values()) if "geo.place_id" in asked else [],
        }
        return {kind: objects for kind, objects in found.items() if objects}

    def _id(self, at: datetime) -> str:
        """A snowflake, higher than any before unless it is dated back."""
        fresh = int((at - _EPOCH) / timedelta(milliseconds=1)) << 22
        while str(fresh) in self.posts or (fresh <= self._last_id and datetime.now(UTC) - at < timedelta(seconds=1)):
            fresh = max(fresh, self._last_id) + 1
        self._last_id = max(self._last_id, fresh)
        return str(fresh)

    def _length(self, text: str) -> dict[str, Any]:
        """A long post shows its first 280 characters to those who do not ask for more."""
        if len(text) <= SHORT:
            return {}
        return {"text": f"{text[: SHORT - 1]}…", "note_tweet": {"text": text, "entities": self._entities(text, {})}}

    def _references(self, draft: Draft, before: dict[str, Any]) -> dict[str, Any]:
        kinds = {"replied_to": draft.reply_to, "quoted": draft.quote, "retweeted": draft.retweet}
        named = [{"type": kind, "id": to} for kind, to in kinds.items() if to]
        found: dict[str, Any] = {"referenced_tweets": named} if named else {}
        return found | ({"in_reply_to_user_id": before["author_id"]} if before else {})

    def _attached(self, draft: Draft) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for media in draft.media:
            self.media[media["media_key"]] = dict(media)
            found.setdefault("attachments", {"media_keys": []})["media_keys"].append(media["media_key"])
        if draft.place:
            self.places[draft.place["id"]] = dict(draft.place)
            found["geo"] = {"place_id": draft.place["id"]}
        return found

    def _entities(self, text: str, before: dict[str, Any]) -> dict[str, Any]:
        """Who replies to somebody else mentions him without a word."""
        names = [self.person(match[1]) for match in _MENTION.finditer(text)]
        if before and (other := self._by_id(before["author_id"])) not in names:
            names.append(other)
        found: dict[str, Any] = {
            "mentions": [{"username": person.username, "id": person.id} for person in names],
            "hashtags": [{"start": match.start(), "end": match.end(), "tag": match[1]} for match in _TAG.finditer(text)],
            "urls": [{"url": match[0], "expanded_url": f"https://berita.example/{nth}"} for nth, match in enumerate(_LINK.finditer(text))],
        }
        return {kind: entities for kind, entities in found.items() if entities}

    def _term(self, post: dict[str, Any], term: str) -> bool:
        kind, _, value = term.partition(":")
        if term.startswith("#"):
            text = post.get("note_tweet", post)["text"]
            return term[1:].lower() in {match[1].lower() for match in _TAG.finditer(text)}
        if term.startswith("@"):
            return self._names(post, term[1:])
        if kind == "from":
            author = self._by_id(post["author_id"])
            return value.lower() in {author.username.lower(), author.id}
        if kind == "conversation_id":
            return bool(post["conversation_id"] == value)
        if term == "is:retweet":
            return any(ref["type"] == "retweeted" for ref in post.get("referenced_tweets", []))
        raise ValueError(term)

    def _names(self, post: dict[str, Any], name: str) -> bool:
        return any(mention["username"].lower() == name.lower() for mention in post.get("entities", {}).get("mentions", []))

    def _by_id(self, user_id: str) -> Person:
        return next(person for person in self.people.values() if person.id == user_id)

    def _user(self, user_id: str) -> dict[str, Any]:
        person = self._by_id(user_id)
        return {"id": person.id, "username": person.username, "name": person.username.title(), "protected": person.protected}


def _born(post_id: str) -> datetime:
    return _EPOCH + timedelta(milliseconds=int(post_id) >> 22)
