"""The polling: mentions of the account, and posts with its hashtags, from where the last look ended.

In: pages of X. Out: kept posts, and a cursor that moves with them. It never asks more often than the guard and X's limits let it.

X answers with the newest first. A look goes back page by page to the cursor; each page is committed with a note of where it ended, and
only the last page moves the cursor. Killed in between, the next look goes on below the oldest post that is kept, and ends in the same
cursor: nothing is lost, nothing kept twice. Ids are in order to within a second or so, and X shows some posts later than others: the
cursor stays three `poll_s` behind the clock, and what is younger is read again, which X charges once a day.

What X gives no more (beyond 800 mentions, or seven days of search) is a gap: counted, noted, shown for a week; and the polling goes on.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import msgspec

from channels.base import Inbox, Refused, Unavailable
from channels.social import x_errors, x_threads
from channels.social.x_guard import SLOWER_BY
from channels.social.x_page import Page, read_page
from channels.social.x_post import born, first_id
from channels.social.x_shift import Shift, encode

Source = Literal["mentions", "hashtags"]

#: how many looks a post may be shown late
LATE_POLLS: Final = 3
#: X gives no more mentions than the latest so many
MOST_MENTIONS: Final = 800
#: X searches seven days; ten minutes for its clock and ours
SEARCHED: Final = timedelta(days=7) - timedelta(minutes=10)
#: what to ask for when X finds a since_id too old that we did not
SURELY: Final = timedelta(days=6)
#: a look that found nothing is noted so often, so that a quiet week is not taken for an absence
NOTED_EVERY: Final = timedelta(hours=1)


class Cursor(msgspec.Struct, frozen=True, kw_only=True):
    """Where a source stands. `newest`, `oldest` and `seen` belong to a look that is not over."""

    since: str
    #: when the last look was over
    looked: datetime
    newest: str = ""
    oldest: str = ""
    seen: int = 0

    def above(self, since: str) -> Cursor:
        """Without the look that was cut short, when what was left of it lies below `since`: the next one begins at the top again."""
        return Cursor(since=self.since, looked=self.looked) if self.oldest and int(self.oldest) <= int(since) else self

    def past(self, page: Page, now: datetime, late: timedelta) -> Cursor:
        """After this page. `late`: a post may be shown so much later than a younger one, so the cursor stays so far behind."""
        ids = [*page.ids, *filter(None, (self.newest, self.oldest))]
        newest, oldest = max(ids, key=int, default=""), min(ids, key=int, default="")
        if page.token:
            return msgspec.structs.replace(self, newest=newest, oldest=oldest, seen=self.seen + page.count)
        settled = min(newest or "0", first_id(now - late), key=int)
        return Cursor(since=max(settled, self.since, key=int), looked=now)


async def poll(shift: Shift, source: Source) -> None:
    """Look, for ever."""
    failures = 0
    while True:
        try:
            if _may(shift, source):
                await look(shift, source)
                shift.board.well(source)
                if source == "mentions" and shift.guard.level(datetime.now(UTC)) in {"ok", "slow"}:
                    await x_threads.read(shift)
            failures = 0
            pause = _pace(shift)
        except (Unavailable, Refused) as failure:
            failures += 1
            shift.board.failed(source, failure.code)
            pause = x_errors.pause(failure, shift.settings.poll_s, failures)
        await asyncio.sleep(pause * (0.9 + 0.2 * random.random()))


def _may(shift: Shift, source: Source) -> bool:
    level = shift.guard.level(datetime.now(UTC))
    return shift.inbox.left_s > 0 and level != "stopped" and (level != "mentions_only" or source == "mentions")


def _pace(shift: Shift) -> float:
    return shift.settings.poll_s * (1.0 if shift.guard.level(datetime.now(UTC)) == "ok" else SLOWER_BY)


async def begin(inbox: Inbox, name: str, sources: Sequence[Source]) -> None:
    """The first start begins with the moment in which it happens, not when an X in trouble first answers; what came earlier is not ours.

    Raises Unavailable.
    """
    now = datetime.now(UTC)
    first = encode(Cursor(since=first_id(now), looked=now))
    missing = {f"cursor:{source}": first for source in sources if await inbox.recall(name, f"cursor:{source}") is None}
    if missing:
        await inbox.advance(name, missing, (), ())


async def look(shift: Shift, source: Source) -> None:
    """Everything since the last look. Raises Unavailable, or Refused for a question that X does not want."""
    cursor = await _cursor(shift, source)
    since = await _since(shift, source, cursor)
    cursor = cursor.above(since)
    until, token, tokens, shortened = cursor.oldest, "", set[str](), False
    while True:
        try:
            page = await _page(shift, source, since=since, until=until, token=token)
        except Refused as refused:
            if not x_errors.names_since(refused) or shortened:
                raise
            await _gap(shift, source, "X does not search as far back as the last post that was read")
            since, shortened = first_id(datetime.now(UTC) - SURELY), True
            cursor = cursor.above(since)
            until = cursor.oldest
            continue
        cursor = await _take(shift, source, cursor, page)
        if not page.token or _over(shift):
            return
        if page.token in tokens:
            raise Unavailable("page_loop")  # what was read is kept, and the next look goes on below it
        token = page.token
        tokens.add(token)


def _over(shift: Shift) -> bool:
    """All is spent in the middle of a look; the rest is for tomorrow."""
    return shift.guard.level(datetime.now(UTC)) == "stopped"


async def _page(shift: Shift, source: Source, *, since: str, until: str, token: str) -> Page:
    bounds = {"since_id": since} | ({"until_id": until} if until else {})
    if source == "mentions":
        more = {"pagination_token": token} if token else {}
        body = await shift.api.mentions(shift.session, shift.account, **bounds, **more)
    else:
        more = {"next_token": token} if token else {}
        body = await shift.api.search(shift.session, shift.settings.query, **bounds, **more)
    try:
        page = read_page(body, shift.account, source)
    except ValueError as error:
        raise Unavailable("bad_answer") from error
    if not page.told:
        raise Unavailable("errors_only")  # taken for the last page, it would move the cursor over what was not shown
    price = shift.settings.price_own_read if source == "mentions" else shift.settings.price_read
    shift.guard.read(datetime.now(UTC), price, page.ids)
    shift.board.counts.update(page.skipped)
    return page


async def _take(shift: Shift, source: Source, cursor: Cursor, page: Page) -> Cursor:
    """Commit a page with the cursor behind it; an empty look is written down now and then."""
    now = datetime.now(UTC)
    after = cursor.past(page, now, timedelta(seconds=shift.settings.poll_s * LATE_POLLS))
    if page.count or after.since != cursor.since or cursor.newest or now - cursor.looked > NOTED_EVERY:
        await shift.keep(page.found, {f"cursor:{source}": encode(after)})
    if source == "mentions" and not page.token and cursor.seen + page.count >= MOST_MENTIONS:
        await _gap(shift, source, f"more than the {MOST_MENTIONS} mentions that X keeps came since the last look")
    return after


async def _cursor(shift: Shift, source: Source) -> Cursor:
    """As noted."""
    kept = await shift.inbox.recall(shift.name, f"cursor:{source}")
    if kept is None:
        raise Unavailable("no_cursor")  # `begin` wrote it; a store that lost it is in trouble
    return msgspec.json.decode(kept, type=Cursor)


async def _since(shift: Shift, source: Source, cursor: Cursor) -> str:
    """The id to begin behind: the cursor, or what the search still reaches."""
    if source == "mentions" or cursor.since == "0":
        return cursor.since
    reach = datetime.now(UTC) - SEARCHED
    if cursor.looked < reach:
        await _gap(shift, source, f"nobody looked since {cursor.looked:%Y-%m-%d %H:%M} UTC, and X searches seven days")
    return cursor.since if born(cursor.since) > reach else first_id(reach)


async def _gap(shift: Shift, source: Source, why: str) -> None:
    """Loudly: counted, noted and shown."""
    now = datetime.now(UTC)
    shift.board.counts["gap"] += 1
    shift.board.gap(source, now, why)
    await shift.inbox.advance(shift.name, {f"gap:{source}": f"{now.isoformat()} {why}"})
