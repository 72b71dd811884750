"""The life of a case as a line of hops, each with its instant: what came, what was tried, what was said, what somebody did.

In: all that is known of a case. Out: hops, oldest first. A case for few eyes is told without what anybody wrote about it. Pure.

What went well at the first go has no try of its own (`gateway.store.trying`): a registration and a letter stand for theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, Literal, NamedTuple

from gateway import view
from gateway.store.record import ADDED, DEFAULT, NUMBERED, LetterState
from gateway.store.trying import FILE, LEDGER, Try
from gateway.view import Traced

Tone = Literal["", "good", "warn", "bad"]


class Hop(NamedTuple):
    """`key` is a sentence of `trace`, with its `values`; `code` a word of ours for why, `said` the words of others, masked."""

    at: datetime
    key: str
    values: Mapping[str, object] = {}
    code: str = ""
    said: str = ""
    tone: Tone = ""


_LETTER_TONES: Final[Mapping[str, Tone]] = {"sent": "good", "failed": "bad", "parked": "bad", "muted": "warn"}


def hops(traced: Traced, *, few: bool) -> list[Hop]:
    """`few`: whoever looks is none of the few."""
    found = [*_came(traced), *_tried(traced), *_registered(traced), *_wrote(traced), *_heard(traced, few), *_did(traced, few)]
    return sorted(found, key=lambda hop: hop.at)


def _came(traced: Traced) -> Iterator[Hop]:
    case, complaint = traced.case, traced.complaint
    if complaint is not None and complaint.sent_at is not None:
        yield Hop(complaint.sent_at, "hop_sent")
    yield Hop(case.arrival.received_at, "hop_came", {"channel": case.arrival.channel}, tone="good")
    for part in case.parts:
        key = "hop_part" if part.count else "hop_edited"
        yield Hop(part.received_at, key, {"index": part.index, "count": part.count})
    for addition in case.additions:
        yield Hop(addition.at, f"hop_{addition.kind}", {"reference": addition.reference})


def _tried(traced: Traced) -> Iterator[Hop]:
    for tried in traced.life.tries:
        if tried.of == LEDGER:
            yield _try("hop_tried", tried, "done", "worklist")
        elif tried.of.startswith(FILE):
            yield _try("hop_file_tried", tried, "sent")


def _try(key: str, tried: Try, *well: str) -> Hop:
    values: dict[str, object] = {"nth": tried.nth, "took": f"{tried.took_s:.{1 if tried.took_s >= 1 else 2}f}"}
    if tried.of.startswith(FILE):
        values["file"] = tried.of.removeprefix(FILE)
    tone: Tone = "good" if tried.step in well else "bad" if tried.step == "parked" else "warn"
    return Hop(tried.at, key, values, code=tried.code, tone=tone)


def _registered(traced: Traced) -> Iterator[Hop]:
    done = traced.case.registration
    if done is not None:
        key, ledger = ("hop_registered_at", traced.case.ledger) if traced.case.ledger not in {"", DEFAULT} else ("hop_registered", "")
        yield Hop(done.registered_at, key, {"number": done.tracking_id, "ledger": ledger}, tone="good")


def _wrote(traced: Traced) -> Iterator[Hop]:
    tries = traced.life.tries
    for state in traced.life.letters:
        mine = [tried for tried in tries if tried.of == state.letter.key]
        for tried in mine:
            yield _try("hop_letter_tried", tried, "sent")
        yield _letter(state)


def _letter(state: LetterState) -> Hop:
    values = {"kind": state.letter.kind, "step": state.step, "receipt": state.receipt, "attempts": state.attempts}
    tone = _LETTER_TONES.get(state.step, "")
    return Hop(state.created_at, "hop_letter", values, code=state.code, said=view.words(state.words), tone=tone)


def _heard(traced: Traced, few: bool) -> Iterator[Hop]:
    for event in traced.life.events:
        said = "" if few else view.words(" – ".join(filter(None, (event.by, event.note))))
        yield Hop(event.at, "hop_event", {"state": event.state, "status": view.words(event.status)}, said=said)


def _did(traced: Traced, few: bool) -> Iterator[Hop]:
    for act in traced.life.acts:
        words = act.words if act.act in NUMBERED or act.act in ADDED else "" if few else view.words(act.words)
        yield Hop(act.at, "hop_act", {"by": act.by, "act": act.act}, said=words)


def after(hop: Hop, came: datetime) -> tuple[str, int] | None:
    """How long after it came, as a unit in the words of `trace` and a number; None in the same second, or before."""
    seconds = (hop.at - came).total_seconds()
    for unit, size in (("after_d", 86_400), ("after_h", 3600), ("after_min", 60), ("after_s", 1)):
        if seconds >= size:
            return unit, int(seconds // size)
    return None
