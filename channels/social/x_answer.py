"""Answers: one reply to a post that spoke to the account, within X's rules.

In: a letter. Out: the id of our post, and what X answered. Raises Refused and Unavailable. It keeps one note for each post that it answers.

X has no idempotency key, but refuses the same words twice from one account (403, "duplicate content"), and every answer holds a code of
its own. So before the call a note says that this letter is being posted; an answer that never came leaves it standing; and "duplicate"
upon a note of the same letter means that the first attempt had posted it. Should X not notice, the citizen reads it twice: rather twice
than never. A second letter to the same post is refused whatever became of the first, unless that was certainly not posted.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

import msgspec

from channels.base import Letter, Refused, Taken, Unavailable
from channels.social import x_policy
from channels.social.x_shift import Shift, encode


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What an `answered:` note says."""

    #: of the letter
    key: str
    state: Literal["trying", "sent"]
    #: of our post, when X told it
    post: str = ""


async def answer(shift: Shift, letter: Letter) -> Taken:
    """Post it. Raises Refused or Unavailable."""
    post_id = letter.reply_to.get("post", "")
    text = await _allowed(shift, letter)
    note = f"answered:{post_id}"
    before = await _before(shift, note)
    if before is not None and before.key != letter.key:
        raise Refused("answered_already")
    if before is not None and before.state == "sent":
        return Taken(_ids(before.post))
    now = datetime.now(UTC)
    if shift.guard.level(now) == "stopped":
        raise Unavailable("daily_cap", retry_after=shift.guard.rest_of_day(now))
    shift.guard.posted(now, shift.settings.price_post)
    await shift.keep((), {note: encode(Answered(key=letter.key, state="trying"))})
    ours, said = await _posted(shift, (note, before), text, post_id)
    await shift.keep((), {note: encode(Answered(key=letter.key, state="sent", post=ours))})
    return Taken(_ids(ours), said)


async def _allowed(shift: Shift, letter: Letter) -> str:
    """The text as it may be posted. Raises Refused."""
    author = letter.reply_to.get("author", "")
    if not letter.reply_to.get("post"):
        raise Refused("no_way_back")
    if await shift.inbox.recall(shift.name, f"opted_out:{author}") is not None:
        raise Refused("opted_out")
    try:
        return x_policy.answer_text(letter.text)
    except ValueError as rule:
        raise Refused(f"policy_{rule}") from rule


async def _posted(shift: Shift, noted: tuple[str, Answered | None], text: str, post_id: str) -> tuple[str, str]:
    """The id of our post, empty when it had been posted before, and the answer. What was certainly not posted leaves no note."""
    note, before = noted
    if shift.inbox.left_s <= 0:
        raise Unavailable("lease_lost")
    try:
        return await shift.api.post(text, post_id)
    except Refused as refused:
        if refused.code == "duplicate" and before is not None:
            return "", refused.said
        await shift.keep((), {note: None})
        raise
    except Unavailable as trouble:
        if not trouble.unsure and before is None:
            await shift.keep((), {note: None})
        raise


async def _before(shift: Shift, note: str) -> Answered | None:
    kept = await shift.inbox.recall(shift.name, note)
    return None if kept is None else msgspec.json.decode(kept, type=Answered)


def _ids(post: str) -> tuple[str, ...]:
    return (post,) if post else ()
