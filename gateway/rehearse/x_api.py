"""A simulated X: its API v2 and its media host on one address, and what goes wrong there, by name.

In come the calls of tweepy; out goes JSON in X's format, with x-rate-limit-* headers, and a stream. It ships with the product, so that
a citizen at X can be played before there are keys; its tests use it too. It knows nothing of complaints.

Faults (`x.faults["html_503"] = 3` strikes the next three calls that it concerns; -1 strikes until it is taken away):
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aiohttp import web

from gateway.rehearse.x_world import World

FAULTS: Final = {
    "rate_limited": "429 with x-rate-limit-reset one second ahead, and never a Retry-After",
    "bare_429": "429 without any header",
    "html_503": "503 with a page in HTML",
    "revoked": "401, as after keys were revoked",
    "no_credits": "402, the prepaid credits are used up",
    "usage_capped": "403, the plan's cap is reached",
    "truncated": "200 with half of the JSON",
    "malformed_post": "a page in which one post more is no post",
    "slow": "an answer half a second late",
    "reset": "the connection is closed instead of an answer",
    "errors_only": "200 with errors and no page, as for a suspended account",
    "page_loop": "every page names the first page as its next",
    "stream_closes": "the stream is closed as soon as it was opened",
    "stream_garbage": "the stream begins with a line that is not JSON",
    "drop_after_post": "a post is taken, and the connection closed before the answer",
    "post_503": "503 for a post",
    "reply_forbidden": "403 for a reply: its author did not speak to the account",
    "media_503": "503 for pictures",
}
#: what a call of the API meets before anything else
_FIRST: Final = ("slow", "reset", "revoked", "no_credits", "usage_capped", "rate_limited", "bare_429", "html_503")
#: calls in a window, where a test does not say otherwise
PLENTY: Final = 450
PROBLEM: Final = "https://api.twitter.com/2/problems/"


class FakeX:
    """One X. `requests` counts calls by method and path; `billed` the posts that were read; `answers` are the replies of the account."""

    def __init__(self, account: str = "lapor1708") -> None:
        self.world = World(account)
        self.faults: Counter[str] = Counter()
        self.requests: Counter[str] = Counter()
        self.queries: list[tuple[str, dict[str, str]]] = []
        self.answers: list[dict[str, Any]] = []
        self.billed = 0
        #: path -> what is left of its window
        self.remaining: dict[str, int] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        self.rules: dict[str, dict[str, str]] = {}
        self.streams: set[web.StreamResponse] = set()
        #: the most mentions that are shown, and how far the search goes back
        self.most_mentions, self.searched = 800, timedelta(days=7)
        self.page = 100
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen; returns the address, for `api_url`."""
        app = web.Application(middlewares=[self._first])
        app.router.add_get("/2/users/me", self._me)
        app.router.add_get("/2/users/by/username/{name}", self._by_name)
        app.router.add_get("/2/users/{id}/mentions", self._mentions)
        app.router.add_get("/2/tweets/search/recent", self._search)
        app.router.add_get("/2/tweets/search/stream", self._stream)
        app.router.add_get("/2/tweets/search/stream/rules", self._rules)
        app.router.add_post("/2/tweets/search/stream/rules", self._set_rules)
        app.router.add_get("/2/tweets", self._lookup)
        app.router.add_post("/2/tweets", self._create)
        app.router.add_get("/{file:(media|video|ext_tw_video)/.*}", self._file)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        self.url = f"http://{host}:{site.port}"
        return self.url

    async def stop(self) -> None:
        for stream in tuple(self.streams):
            _cut(stream)
        if self._runner is not None:
            await self._runner.cleanup()

    async def push(self, post_id: str) -> None:
        """A post reaches the streams that have a rule for it."""
        post = self.world.posts[post_id]
        matching = [{"id": key, "tag": rule["tag"]} for key, rule in self.rules.items() if self.world.meets(post, rule["value"])]
        if not matching:
            return
        line = {"data": post, "includes": self.world.includes([post], _EXPANSIONS), "matching_rules": matching}
        for stream in tuple(self.streams):
            await stream.write(json.dumps(line).encode() + b"\r\n")

    def strikes(self, fault: str) -> bool:
        """Is it its turn?"""
        if not self.faults[fault]:
            return False
        self.faults[fault] -= self.faults[fault] > 0
        return True

    @web.middleware
    async def _first(self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
        """Count, go wrong, and look at the keys and the limits."""
        self.requests[f"{request.method} {request.path}"] += 1
        self.queries.append((request.path, dict(request.query)))
        if not request.path.startswith("/2/"):
            return await handler(request)
        wrong = next((fault for fault in _FIRST if self.strikes(fault)), "")
        if wrong == "slow":
            await asyncio.sleep(0.5)
        elif wrong == "reset":
            _cut(request)
        elif wrong:
            return _wrong(wrong)
        if not request.headers.get("Authorization", "").startswith(("Bearer ", "OAuth ")):
            return _wrong("revoked")
        left = self.remaining[request.path] = self.remaining.get(request.path, PLENTY) - 1
        if left < 0:
            return _problem(429, "Too Many Requests", "about:blank", headers=_window(0))
        response = await handler(request)
        if not response.prepared:
            response.headers.update(_window(left))
        return response

    async def _me(self, request: web.Request) -> web.StreamResponse:
        if not request.headers["Authorization"].startswith("OAuth "):
            return _problem(403, "Unsupported Authentication", f"{PROBLEM}unsupported-authentication")
        return web.json_response({"data": {"id": self.world.account.id, "username": self.world.account.username, "name": "LAPOR!"}})

    async def _by_name(self, request: web.Request) -> web.StreamResponse:
        person = self.world.people.get(request.match_info["name"].lower())
        if person is None:
            return web.json_response({"errors": [{"type": f"{PROBLEM}resource-not-found", "value": request.match_info["name"]}]})
        return web.json_response({"data": {"id": person.id, "username": person.username, "name": person.username}})

    async def _mentions(self, request: web.Request) -> web.StreamResponse:
        latest = sorted(self.world.mentions(self.world.account.username), key=lambda post: -int(post["id"]))
        return self._paged(request, latest[: self.most_mentions], "pagination_token")

    async def _search(self, request: web.Request) -> web.StreamResponse:
        horizon = str(int((datetime.now(UTC) - self.searched).timestamp() * 1000 - 1288834974657) << 22)
        since = request.query.get("since_id", horizon)
        if int(since) < int(horizon):
            detail = "Invalid 'since_id'. 'since_id' must be a tweet id created after the start of the search index."
            problem = {"parameters": {"since_id": [since]}, "message": detail}
            return web.json_response(
                {"errors": [problem], "title": "Invalid Request", "detail": "One or more parameters are invalid."}, status=400
            )
        found = [post for post in self.world.timeline() if int(post["id"]) > int(horizon)]
        found = [post for post in found if self.world.meets(post, request.query["query"])]
        return self._paged(request, sorted(found, key=lambda post: -int(post["id"])), "next_token")

    def _paged(self, request: web.Request, posts: list[dict[str, Any]], named: str) -> web.StreamResponse:
        """The posts within the bounds, a page of them; a token is the number of posts before its page."""
        since, until = int(request.query.get("since_id", "0")), int(request.query.get("until_id", str(2**63)))
        if self.strikes("errors_only"):
            detail = f"User has been suspended: [{self.world.account.id}]."
            return web.json_response({"errors": [{"title": "Forbidden", "detail": detail, "type": f"{PROBLEM}resource-not-found"}]})
        posts = [post for post in posts if since < int(post["id"]) < until]
        begin = int(request.query.get(named, "t0").removeprefix("t"))
        size = min(int(request.query.get("max_results", "10")), self.page)
        found = posts[begin : begin + size]
        meta: dict[str, Any] = {"result_count": len(found)}
        if found:
            meta |= {"newest_id": found[0]["id"], "oldest_id": found[-1]["id"]}
        if begin + size < len(posts):
            meta["next_token"] = "t0" if self.strikes("page_loop") else f"t{begin + size}"
        answer: dict[str, Any] = {"data": [self.world.shown(post, _asked(request, "tweet.fields")) for post in found], "meta": meta}
        answer["includes"] = self.world.includes(found, _asked(request, "expansions"))
        self.billed += len(found)
        if self.strikes("malformed_post"):
            answer["data"].append({"id": {"not": "an id"}, "text": None, "author_id": 7})
        body = json.dumps({key: value for key, value in answer.items() if value})
        return web.Response(text=body[: len(body) // 2] if self.strikes("truncated") else body, content_type="application/json")

    async def _lookup(self, request: web.Request) -> web.StreamResponse:
        posts, errors = [], []
        for asked in request.query["ids"].split(","):
            post = self.world.posts.get(asked)
            if post is not None and self.world.seen(post):
                posts.append(self.world.shown(post, _asked(request, "tweet.fields")))
                continue
            kind = "resource-not-found" if post is None else "not-authorized-for-resource"
            errors.append({"resource_id": asked, "value": asked, "resource_type": "tweet", "parameter": "ids", "type": PROBLEM + kind})
        self.billed += len(posts)
        return web.json_response(({"data": posts} if posts else {}) | ({"errors": errors} if errors else {}))

    async def _create(self, request: web.Request) -> web.StreamResponse:
        """A reply of the account."""
        body = await request.json()
        to = body.get("reply", {}).get("in_reply_to_tweet_id", "")
        if self.strikes("post_503"):
            return _wrong("html_503")
        if self.strikes("reply_forbidden"):
            detail = "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author."
            return _problem(403, "Forbidden", "about:blank", detail)
        if any(answer["text"] == body["text"] for answer in self.answers):
            return _problem(403, "Forbidden", "about:blank", "You are not allowed to create a Tweet with duplicate content.")
        ours = str(int(max(self.world.posts, key=int, default="1")) + 1)
        self.answers.append({"id": ours, "text": body["text"], "to": to})
        if self.strikes("drop_after_post"):
            _cut(request)
        return web.json_response({"data": {"id": ours, "text": body["text"], "edit_history_tweet_ids": [ours]}}, status=201)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse(headers={"Content-Type": "application/json"} | _window(49))
        await stream.prepare(request)
        if self.strikes("stream_closes"):
            return stream
        if self.strikes("stream_garbage"):
            await stream.write(b"<html>\r\n")
        self.streams.add(stream)
        try:
            while True:  # the keep-alive; X sends one every 20 s
                await stream.write(b"\r\n")
                await asyncio.sleep(0.5)
        except (ConnectionError, asyncio.CancelledError):
            return stream
        finally:
            self.streams.discard(stream)

    async def _rules(self, request: web.Request) -> web.StreamResponse:
        rules = [{"id": key, **rule} for key, rule in self.rules.items()]
        return web.json_response(({"data": rules} if rules else {}) | {"meta": {"result_count": len(rules)}})

    async def _set_rules(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        for key in body.get("delete", {}).get("ids", []):
            del self.rules[key]
        for rule in body.get("add", []):
            self.rules[str(int(max(self.rules, key=int, default="100")) + 1)] = rule
        return web.json_response({"meta": {"summary": {"valid": 1}}}, status=201 if "add" in body else 200)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        if self.strikes("media_503"):
            return _wrong("html_503")
        kind, content = self.files.get(request.path, ("", b""))
        return web.Response(body=content, content_type=kind) if kind else web.Response(status=404)


_EXPANSIONS: Final = {"author_id", "attachments.media_keys", "geo.place_id", "referenced_tweets.id.author_id"}


def _asked(request: web.Request, parameter: str) -> set[str]:
    return set(request.query.get(parameter, "").split(","))


def _window(left: int) -> dict[str, str]:
    return {"x-rate-limit-limit": str(PLENTY), "x-rate-limit-remaining": str(left), "x-rate-limit-reset": str(int(time.time()) + 1)}


def _problem(status: int, title: str, kind: str, detail: str = "", *, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"title": title, "type": kind, "status": status, "detail": detail or title}, status=status, headers=headers)


def _wrong(fault: str) -> web.Response:
    match fault:
        case "revoked":
            return _problem(401, "Unauthorized", "about:blank")
        case "no_credits":
            return _problem(402, "CreditsDepleted", f"{PROBLEM}credits", "Your enrolled account does not have any credits.")
        case "usage_capped":
            return _problem(403, "UsageCapExceeded", f"{PROBLEM}usage-capped", "Usage cap exceeded: Monthly product cap")
        case "rate_limited":
            return _problem(429, "Too Many Requests", "about:blank", headers=_window(0))
        case "bare_429":
            return web.Response(status=429)
        case _:
            return web.Response(status=503, text="<html><body>Over capacity</body></html>", content_type="text/html")


def _cut(spoken: web.Request | web.StreamResponse) -> None:
    """Close the connection without a word."""
    transport = spoken.transport if isinstance(spoken, web.Request) else None
    request = getattr(spoken, "_req", None)
    transport = transport or (request.transport if request is not None else None)
    if transport is not None:
        transport.abort()
