"""What comes in and goes out by the thousand, as the scripts of the Redis store read it.

In: jobs. Out: for each, what stands for it in a call (see the Lua files), packed, so that one that cannot be said fails alone. It talks to
no server.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec

from channels.base import NEWS, Attachment, Letter, Receipt
from forwarder.ledger import Registration
from gateway.store.arrivals import New
from gateway.store.fencing import Fence
from gateway.store.files import clean
from gateway.store.jobs import NewMove, Want
from gateway.store.parts import NewPart
from gateway.store.record import ADDED, Claim, LetterSettlement, Settlement
from gateway.store.redis_rows import seconds
from gateway.store.redis_scripts import Packing
from gateway.store.tracking import new_number

_pack = msgspec.msgpack.Encoder().encode


def arrival(new: New, salts: Sequence[int], packing: Packing) -> msgspec.Raw:
    """One that came whole."""
    came = new.arrival
    told: dict[str, Any] = {
        "channel": came.channel, "identity": str(new.identity), "source_id": came.source_id, "reference": str(new.numbers(salts[0])),
        "at": seconds(came.received_at), "raw": packing.apart(came.raw), "files": attachments(came.files, packing),
    }  # fmt: skip
    if came.same_since is not None:
        told["since"] = seconds(came.same_since)
    return msgspec.Raw(_pack(told))


def part(new: NewPart, salts: Sequence[int], packing: Packing) -> msgspec.Raw:
    """A part of a long message."""
    came = new.part
    told = {
        "channel": came.channel, "identity": str(new.identity), "source_id": came.group, "reference": str(new.numbers(salts[0])),
        "at": seconds(came.received_at), "since": seconds(came.same_since), "wait_until": seconds(came.wait_until),
        "number": came.index, "count": came.count, "fingerprint": came.fingerprint, "raw": packing.apart(came.raw),
    }  # fmt: skip
    return msgspec.Raw(_pack(told))


def move(new: NewMove, salts: Sequence[int], packing: Packing) -> dict[str, Any]:
    """A step of a channel that polls; a salt for each arrival, then for each part."""
    news = [arrival(each, salts[i:], packing) for i, each in enumerate(new.news)]
    news += [part(each, salts[i:], packing) for i, each in enumerate(new.parts, len(news))]
    kept = [text for name, value in new.notes.items() if value is not None for text in (name, value)]
    gone = [name for name, value in new.notes.items() if value is None]
    under = {"fence": fence(new.fence)} if new.fence else {}
    return {"channel": new.channel, "all": news, "set": kept, "gone": gone, **under}


def fence(shown: Fence) -> list[str]:
    """What is shown for a lease."""
    return [shown.name, str(shown.token)]


def attachments(files: Sequence[Attachment], packing: Packing) -> list[list[Any]]:
    """Files as `keep_files` takes them."""
    return [[clean(each.name), clean(each.media_type), len(each.content), packing.apart(each.content)] for each in files]


def letter(written: Letter, packing: Packing) -> dict[str, Any]:
    """A letter as `queue` takes it."""
    told: dict[str, Any] = {
        "key": written.key, "case": written.case_id, "channel": written.channel, "to": written.to, "news": int(written.kind in NEWS),
        "person": written.person or f"{written.channel}:{written.to}", "body": packing.apart(_pack(written)),
    }  # fmt: skip
    if written.not_before is not None:
        told["later"] = seconds(written.not_before)
    return told


def given(done: Registration) -> list[str | None]:
    """A ledger's number as `numbered` takes it."""
    return [done.tracking_id, seconds(done.registered_at), done.url]


def settled(settlement: Settlement, _salts: Sequence[int], packing: Packing) -> msgspec.Raw:
    """What became of an attempt."""
    claim, case = settlement.claim, settlement.claim.case
    done = settlement.registration or case.registration
    told: dict[str, Any] = {
        "case": case.case_id, "token": str(claim.token), "step": settlement.step, "unsure": int(settlement.unsure),
        "code": settlement.code, "words": settlement.words, "come": len(case.parts) + len(case.additions),
        "was": {"unsure": int(case.unsure), "code": case.code, "words": case.words, "added": int(case.code in ADDED)},
        "ledger": case.ledger, "letters": [letter(each, packing) for each in settlement.letters], "files": list(settlement.files),
    }  # fmt: skip
    if settlement.due is not None:
        told["due"] = seconds(settlement.due)
    if done is not None:
        told["done"] = given(done)
        told["new"] = new_number(settlement) is not None
    if settlement.record is not None:
        told["record"] = packing.apart(settlement.record)
    if settlement.gathered is not None:
        told["facts"] = msgspec.json.encode(settlement.gathered.facts).decode()
        told["found"] = attachments(settlement.gathered.files, packing)
    if settlement.ledger is not None:
        told["goes"] = settlement.ledger
    if settlement.asks:
        told["asks"] = settlement.asks
    elif settlement.adds is not None:
        other, addition = settlement.adds
        told["adds"] = [other, addition.kind, addition.reference, packing.apart(_pack(addition))]
    if settlement.tried is not None:
        told["try"] = packing.apart(_pack(settlement.tried))
    return _known_again(told, again=claimed(settlement) in packing.doubted)


def sent(settlement: LetterSettlement, _salts: Sequence[int], packing: Packing) -> msgspec.Raw:
    """What became of an attempt to send a letter."""
    told: dict[str, Any] = {
        "letter": str(settlement.claim.letter_id), "token": str(settlement.claim.token), "step": settlement.step, "code": settlement.code,
        "words": settlement.words, "ids": list(settlement.provider_ids),
        "ask": int(settlement.claim.letter.kind == "ask"),
    }  # fmt: skip
    if settlement.answered_at is not None:
        told |= {"said": settlement.said, "at": seconds(settlement.answered_at)}
    if settlement.due is not None:
        told["due"] = seconds(settlement.due)
    if settlement.tried is not None:
        told["try"] = packing.apart(_pack(settlement.tried))
    return _known_again(told, again=claimed(settlement) in packing.doubted)


def _known_again(told: dict[str, Any], *, again: bool) -> msgspec.Raw:
    """With a digest of what it says. `again`: it may have been written, and is known by that then."""
    said = [told.get(name) for name in ("case", "letter", "token", "step", "due", "code", "words", "done", "goes", "asks", "ids")]
    digest = hashlib.blake2b(_pack(said), digest_size=8).hexdigest()
    return msgspec.Raw(_pack({**told, "digest": digest, "again": again}))


def claimed(settlement: Settlement | LetterSettlement) -> str:
    """Which claim it settles: case or letter, and token."""
    of = settlement.claim
    return f"case {of.case.case_id} {of.token}" if isinstance(of, Claim) else f"letter {of.letter_id} {of.token}"


def receipt(said: Receipt, _salts: Sequence[int], _packing: Packing) -> msgspec.Raw:
    """What an operator says of a letter."""
    told = {"channel": said.channel, "ids": list(said.provider_ids), "state": said.state, "words": said.words, "at": seconds(said.at)}
    return msgspec.Raw(_pack(told))


def want(of: Want) -> list[Any]:
    """Somebody who waits for cases, or for letters."""
    packed = [[queue.name for queue in of.queues], of.limit, of.lease_s, int(of.sorting)]
    return [*packed, fence(of.fence)] if of.fence else packed
