"""What the Bot API, or the way to it, does wrong, by name: in comes `throttled=2`, out come answers to "is it your turn to go wrong now?".

A name with a number strikes so many times, a name alone strikes always. It never touches a socket and never waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

#: what each does; the words are for the person at the terminal
FAULTS: Mapping[str, str] = {
    "throttled": "answers sendMessage with 429 and retry_after",
    "poll_throttled": "answers getUpdates with 429 and retry_after",
    "blocked": "answers sendMessage with 403: the user has blocked the bot",
    "chat_not_found": "answers sendMessage with 400",
    "teapot": "answers sendMessage with a status that no page of the Bot API names",
    "server_error": "answers sendMessage and getFile with 500",
    "conflict": "answers getUpdates with 409: another program asks with this token",
    "bad_gateway": "answers getUpdates, sendMessage and getFile with a page of HTML and 502",
    "not_json": "answers getUpdates and sendMessage with a page of HTML and 200",
    "token_revoked": "answers everything with 401",
    "hang": "takes sendMessage and getFile and never answers",
    "drop_after_send": "sends the message, but closes the connection unanswered",
    "malformed_update": "puts an update in front of a batch that nobody can read",
    "half_a_pair": "puts an update in front of a batch with half of a surrogate pair in its text",
    "nameless_update": "puts an update without an update_id in front of a batch",
    "file_too_big": "answers getFile with 400: file is too big",
    "file_not_now": "answers getFile with 400: Telegram's own download of the file stopped",
    "file_gone": "answers the download of a file with 404",
    "download_cut": "sends half of a file and closes the connection",
}

_HTML = b"<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>"


class Answer(msgspec.Struct, frozen=True):
    """An HTTP answer."""

    status: int
    body: bytes


def yes(result: object) -> Answer:
    """§Making requests: an answer that is ok."""
    return Answer(200, msgspec.json.encode({"ok": True, "result": result}))


def no(status: int, description: str, **parameters: int) -> Answer:
    """§Making requests: an answer that is not ok; `parameters` as in §ResponseParameters."""
    said: dict[str, object] = {"ok": False, "error_code": status, "description": description}
    return Answer(status, msgspec.json.encode(said | ({"parameters": parameters} if parameters else {})))


UNAUTHORIZED = no(401, "Unauthorized")
_THROTTLED = no(429, "Too Many Requests: retry after 1", retry_after=1)
_BLOCKED = no(403, "Forbidden: bot was blocked by the user")
_CONFLICT = no(409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running")
#: what is answered instead, by the method that was called
_INSTEAD: Mapping[str, Mapping[str, Answer]] = {
    "sendmessage": {
        "throttled": _THROTTLED,
        "blocked": _BLOCKED,
        "chat_not_found": no(400, "Bad Request: chat not found"),
        "teapot": Answer(418, b""),
        "server_error": no(500, "Internal Server Error"),
        "bad_gateway": Answer(502, _HTML),
        "not_json": Answer(200, _HTML),
    },
    "getupdates": {
        "poll_throttled": _THROTTLED,
        "conflict": _CONFLICT,
        "bad_gateway": Answer(502, _HTML),
        "not_json": Answer(200, _HTML),
    },
    "getfile": {
        "server_error": no(500, "Internal Server Error"),
        "bad_gateway": Answer(502, _HTML),
        "file_too_big": no(400, "Bad Request: file is too big"),
        "file_not_now": no(400, "Bad Request: wrong file_id or the file is temporarily unavailable"),
    },
}


class Faults:
    """The faults that are on. Raises ValueError, with the known names, for a wrong one."""

    def __init__(self, asked: Iterable[str] = ()) -> None:
        self._left: dict[str, float] = {}
        for spelled in asked:
            name, _, times = spelled.partition("=")
            if name not in FAULTS or (times and not times.isdecimal()):
                raise ValueError(f"no fault is called {spelled!r}; there are: {', '.join(FAULTS)}, each with or without =TIMES")
            self._left[name] = float(times or "inf")

    def strikes(self, name: str) -> bool:
        """True when it is on and this occasion is one of its turns, which is counted."""
        if self._left.get(name, 0.0) <= 0:
            return False
        self._left[name] -= 1
        return True

    def instead(self, method: str) -> Answer | None:
        """What a call is answered with instead of what it asked for; methods in lower case."""
        if self.strikes("token_revoked"):
            return UNAUTHORIZED
        return next((answer for name, answer in _INSTEAD.get(method, {}).items() if self.strikes(name)), None)
