"""How the account is, for operators' eyes: one line for each thing the channel does at X.

In: what became of each try. Out: `LinkState`s, as /readyz shows them. It shows no post, no citizen and no key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import msgspec

from channels.social.x_guard import Guard, Level

Task = Literal["account", "mentions", "hashtags", "stream", "watch"]
Word = Literal["starting", "ok", "slow", "mentions_only", "stopped", "keys_refused", "trouble", "gap"]

#: what an operator is told of a failure; any other code stands for itself
_SENTENCES: Final = {
    "keys_refused": "X refuses the keys: expired, revoked, or without the right to read and write",
    "no_credits": "X says that the credits or the plan of the app are used up",
    "rate_limited": "X's limit for this endpoint is reached; it is asked again when its window is over",
    "other_account": "the access keys belong to another account than the settings name",
    "server_error": "X answers with an error of its own",
    "no_connection": "X cannot be reached",
    "timeout": "X does not answer in time",
    "bad_answer": "X's answer cannot be read",
    "errors_only": "X answers with errors instead of posts; is the account suspended?",
    "page_loop": "X leads from one page to the same page again",
}
_WORDS: Final[dict[str, Word]] = {"keys_refused": "keys_refused", "other_account": "keys_refused", "no_credits": "stopped"}
#: a gap is shown so long
GAP_SHOWN: Final = timedelta(days=7)


class LinkState(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is done at X. `why` is a sentence, empty while all is well; `spent_today` is USD for the whole account."""

    task: Task
    state: Word
    since: datetime
    why: str = ""
    spent_today: float = 0.0


class Board:
    """The states of all tasks. `counts`: whatever happened, in words of the channel."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._trouble: dict[Task, tuple[Word, datetime, str]] = {}
        self._gaps: dict[Task, tuple[datetime, str]] = {}
        self._tasks: tuple[Task, ...] = ()
        self._level: Level = "ok"
        self._shown: dict[Task, LinkState] = {}
        self.counts: Counter[str] = Counter()

    def begin(self, tasks: Sequence[Task]) -> None:
        """These are done from now on."""
        self._tasks = tuple(tasks)
        for task in tasks:
            self._trouble[task] = ("starting", datetime.now(UTC), "")

    def well(self, task: Task) -> None:
        """A try went well."""
        self._trouble.pop(task, None)

    def failed(self, task: Task, code: str) -> None:
        """A try failed."""
        word: Word = _WORDS.get(code, "trouble")
        self.counts[code] += 1
        if self._trouble.get(task, ("",))[0] != word:
            self._trouble[task] = (word, datetime.now(UTC), "")
        self._trouble[task] = (word, self._trouble[task][1], _SENTENCES.get(code, code))

    def level(self, now: datetime) -> None:
        """Something was paid for: a change of what may still be done is an event."""
        if self._level != (level := self._guard.level(now)):
            self._level = level
            self.counts[f"level_{level}"] += 1

    def gap(self, task: Task, at: datetime, why: str) -> None:
        """Posts may have been missed."""
        self._gaps[task] = (at, why)

    @property
    def keys_work(self) -> bool:
        """X knows the account, and has refused neither its keys nor its credits since."""
        return bool(self._tasks) and "account" not in self._trouble

    def states(self) -> tuple[LinkState, ...]:
        """All of them; `since` is when the state last changed."""
        now = datetime.now(UTC)
        for task in self._tasks:
            word, why = self._word(task, now)
            old = self._shown.get(task)
            since = old.since if old is not None and old.state == word else now
            if task in self._trouble:
                since = self._trouble[task][1]
            self._shown[task] = LinkState(task=task, state=word, since=since, why=why, spent_today=self._guard.spent(now))
        return tuple(self._shown.values())

    def _word(self, task: Task, now: datetime) -> tuple[Word, str]:
        """What weighs most."""
        level = self._guard.level(now)
        if level == "stopped" and task != "watch":
            return "stopped", f"the daily cap is spent ({self._guard.spent(now):.2f} USD); it goes on with the next UTC day"
        if task in self._trouble:
            word, _, why = self._trouble[task]
            return word, why
        at, why = self._gaps.get(task, (None, ""))
        if at is not None and now - at < GAP_SHOWN:
            return "gap", why
        if level in {"slow", "mentions_only"} and task != "watch":
            return level, f"{self._guard.spent(now):.2f} USD of the daily cap are spent"
        return "ok", ""
