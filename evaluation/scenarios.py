"""Short histories of messages that have to do with each other, or only look so, and the links that a clerk would draw.

In: lines of JSON in `evaluation/scenarios/`. Out: a tally for each kind of link, and what went wrong in words. Each message is held
against all that came before it; how the store finds them is its own matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final, Literal

import msgspec

from channels.message import InboundMessage
from evaluation.messages import RECEIVED, Half
from evaluation.score import Miss
from evaluation.tally import Tally
from normalizer import kin, likeness
from normalizer.normalize import normalize
from normalizer.rules import Rules

FOLDER: Final = Path(__file__).parent / "scenarios"
Link = tuple[int, Literal["resend", "same_text", "nearby"]]
#: likenesses are hashes under a key; any will do here
_KEY: Final = bytes(range(32))


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message by SMS, and the earlier ones (from 0) that it should be linked to; `maybe`: clerks would differ."""

    sender: str
    minute: int
    text: str
    links: tuple[Link, ...] = ()
    maybe: tuple[Link, ...] = ()


class Scenario(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One history. `about`: what it was written to test."""

    id: str
    about: str
    steps: tuple[Step, ...]


_decoder: Final = msgspec.json.Decoder(Scenario)


def scenarios(half: Half, folder: Path = FOLDER) -> Iterator[Scenario]:
    """All of one half. Raises ValueError for a line that is none, naming it."""
    for number, line in enumerate((folder / f"{half}.jsonl").read_bytes().splitlines(), start=1):
        try:
            yield _decoder.decode(line)
        except msgspec.DecodeError as error:
            raise ValueError(f"scenarios/{half}.jsonl:{number}: {error}") from error


def scored(listed: Sequence[Scenario], reading: Rules) -> tuple[dict[str, Tally], list[Miss]]:
    """By kind of link."""
    tallies: dict[str, Tally] = {}
    misses: list[Miss] = []
    for one in listed:
        for at, (step, seen) in enumerate(zip(one.steps, linked(one, reading), strict=True)):
            links, maybe = set(step.links), set(step.maybe)
            for link in sorted(links | seen):
                accepted = (link, None) if link in maybe else (link,) if link in links else (None,)
                if not tallies.setdefault(link[1], Tally()).count(accepted, link if link in seen else None):
                    words = f"{at} -> {link[0]}"
                    wanted = words if link in links else "-"
                    misses.append(Miss(one.id, f"related {link[1]}", wanted, words if link in seen else "-"))
    return tallies, misses


def linked(one: Scenario, reading: Rules) -> list[set[Link]]:
    """What the normalizer links each step to."""
    earlier: list[likeness.Kin] = []
    found: list[set[Link]] = []
    for at, step in enumerate(one.steps):
        came = RECEIVED + timedelta(minutes=step.minute)
        message = InboundMessage(channel="sms", source_id=f"{one.id}-{at}", sender=_number(step.sender), text=step.text, received_at=came)
        record = normalize(message, case_id=str(at), reference="7K3Q-9FXM-2CH4", rules=reading)
        own = likeness.of(message, record, _KEY)
        links = kin.to_kin(own, came, earlier)
        found.append({msgspec.convert((int(link.id), link.kind), Link) for link in links})
        earlier.append(likeness.Kin(reference=str(at), received_at=came, likeness=own))
    return found


def _number(sender: str) -> str:
    return f"+62812000001{ord(sender):02d}"
