"""The rest of a thread: what the author wrote before and after the post that came to us, in the same breath.

In: the notes `unread:<post>`. Out: parts that amend the case of that post. It asks once for each, half a minute after the post was
written, when X's search knows the pieces; and takes nothing but the author's replies to himself and the post that began it all.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from channels.base import Refused, Unavailable
from channels.social.x_page import Found, read_page
from channels.social.x_post import born
from channels.social.x_shift import Shift, Thread

#: threads in one round
ROUND: Final = 20
RIPE: Final = timedelta(seconds=30)


async def read(shift: Shift) -> None:
    """The threads that are ripe. Raises Unavailable."""
    notes = await shift.inbox.recalled(shift.name, "unread:", ROUND)
    for name, value in notes.items():
        if datetime.now(UTC) - born(name.partition(":")[2]) >= RIPE:
            await _read(shift, name, msgspec.json.decode(value, type=Thread))


async def _read(shift: Shift, name: str, thread: Thread) -> None:
    try:
        body = await shift.api.search(shift.session, f"conversation_id:{thread.conversation} from:{thread.author}")
        page = read_page(body, shift.account, "thread")
    except Refused as refused:
        # the conversation is gone, or older than what X searches: the post stays as it came
        shift.board.counts[f"thread_{refused.code}"] += 1
        await shift.keep((), {name: None})
        return
    except ValueError as error:
        raise Unavailable("bad_answer") from error
    shift.guard.read(datetime.now(UTC), shift.settings.price_read, page.ids)
    await shift.keep([each for each in page.found if _belongs(each, thread)], {name: None}, group=thread.group)


def _belongs(each: Found, thread: Thread) -> bool:
    same = each.author_id == thread.author and each.conversation_id == thread.conversation
    return same and (each.continues or each.post_id == thread.conversation)
