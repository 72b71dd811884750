"""The watch over what was kept: a post that its author deleted, or that X took away, is forgotten here within 24 hours.

In: the notes `watch:<due>:<post>`, and what X still has of these posts. Out: purged messages. It never reads a text; X is asked about a
hundred posts at once, a post that falls due within two hours together with those that are due.

A post is gone when X says so by its id: not found (deleted, or its author suspended or gone) or not to be seen any more (its author
hides). What X says nothing about is asked for again next time. Of a thread, one piece gone takes the words of the whole case with it.

After `watch_days` a post is forgotten here too, because from then on nobody would notice its deletion; what became of the case stays, with
the post's id, under which it can be read at X for as long as it stands there. A case that still waits for somebody keeps its words, and
its post is watched on. That costs, at the defaults, some 40 reads for each post that was kept; `watch_days` says how much of that an
office wants to pay for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from channels.base import Refused, Unavailable
from channels.social import x_errors
from channels.social.x_page import parse
from channels.social.x_post import identity, rows, words
from channels.social.x_shift import Notes, Shift, Watched, encode, watch_note, watched

#: posts in one call
MOST: Final = 100
#: what falls due so soon is asked about with the rest, so that calls are full
TOGETHER: Final = timedelta(hours=2)
#: a case in somebody's hands is tried again so soon, and for so long
AGAIN: Final = timedelta(minutes=1)
GIVE_UP: Final = timedelta(days=2)
#: seconds between two looks at the notes, at most
IDLE_S: Final = 60.0
#: the last piece of `type` in the error that X gives for an id it does not show any more
_GONE: Final = ("resource-not-found", "not-authorized-for-resource")


async def watch(shift: Shift) -> None:
    """For ever."""
    failures = 0
    while True:
        try:
            pause = await sweep(shift)
            shift.board.well("watch")
            failures = 0
        except (Unavailable, Refused) as failure:
            failures += 1
            shift.board.failed("watch", failure.code)
            pause = x_errors.pause(failure, shift.settings.poll_s, failures)
        await asyncio.sleep(pause)


async def sweep(shift: Shift) -> float:
    """What is due now, up to a hundred posts; returns the seconds until more will be. Raises Unavailable or Refused."""
    now = datetime.now(UTC)
    notes = await shift.inbox.recalled(shift.name, "watch:", MOST)
    idle = min(timedelta(seconds=IDLE_S), timedelta(hours=shift.settings.watch_hours) / 4)
    first = min((watched(name)[0] for name in notes), default=now + idle)
    if first > now:
        return min(first - now, idle).total_seconds()
    # no sooner than after half of the usual time, however short that is
    ahead = now + min(TOGETHER, timedelta(hours=shift.settings.watch_hours / 2))
    due = {name: msgspec.json.decode(value, type=Watched) for name, value in notes.items() if watched(name)[0] <= ahead}
    await _settle(shift, due, await _gone(shift, due), now)
    return 0.0


async def _gone(shift: Shift, due: Mapping[str, Watched]) -> set[str]:
    """The posts that X shows no more; those that were found gone before are not asked for again."""
    ids = [watched(name)[1] for name, note in due.items() if note.gone is None]
    if not ids:
        return set()
    body = await shift.api.lookup(shift.session, ids)
    try:
        answer = parse(body)
    except ValueError as error:
        raise Unavailable("bad_answer") from error
    there = {identity(post.get("id")) for post in rows(answer.get("data"))}
    shift.guard.read(datetime.now(UTC), shift.settings.price_read, there)
    named = {
        identity(problem.get("resource_id")) or identity(problem.get("value"))
        for problem in rows(answer.get("errors"))
        if words(problem.get("type")).endswith(_GONE)
    }
    return (named - there) & set(ids)


async def _settle(shift: Shift, due: Mapping[str, Watched], gone: set[str], now: datetime) -> None:
    """Forget, or ask again later; each note moves when its post is done with."""
    notes: Notes = {}
    for name, note in due.items():
        _, post_id = watched(name)
        notes[name] = None
        if post_id in gone or note.gone is not None:
            since = note.gone or now
            if await shift.inbox.forget(shift.name, note.group, "deleted") or now - since > GIVE_UP:
                notes |= await _cleared(shift, post_id, note)
                shift.board.counts["deleted"] += 1
            else:
                notes[watch_note(now + AGAIN, post_id)] = encode(msgspec.structs.replace(note, gone=since))
        elif now >= note.until and await shift.inbox.forget(shift.name, note.group, "watch_ended", waiting=False):
            notes |= await _cleared(shift, post_id, note)
            shift.board.counts["watch_ended"] += 1
        else:
            notes[watch_note(now + timedelta(hours=shift.settings.watch_hours), post_id)] = encode(note)
    await shift.keep((), notes)


async def _cleared(shift: Shift, post_id: str, note: Watched) -> Notes:
    """All that was noted of a post; the next piece of its conversation begins a case of its own."""
    notes: Notes = {f"seen:{post_id}": None, f"unread:{post_id}": None, f"answered:{post_id}": None}
    if note.conversation and await shift.inbox.recall(shift.name, note.conversation) == note.group:
        notes[note.conversation] = None
    return notes
