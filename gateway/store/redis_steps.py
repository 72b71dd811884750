"""The calls that a batch of jobs is, by kind.

In: jobs. Out: calls, each with what its answer says to its jobs. It talks to no server.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import Any, Final, NamedTuple

from channels.base import Accepted
from gateway.store import redis_kin, redis_packing
from gateway.store.fencing import LeaseLost
from gateway.store.jobs import KINDS, Jobs, NewMove, Results
from gateway.store.record import NumberTaken
from gateway.store.redis_scripts import Call, Packing
from normalizer.reference import write

#: jobs for one script: some ten milliseconds, in which Redis does nothing else
MOST: Final = 200


class Taken(NamedTuple):
    """The answer to a job whose reference another case has; of a move, to that of what stands at this place, from 0."""

    place: int = 0


class Step(NamedTuple):
    """A call, and the jobs of one kind that it makes: their places among these."""

    call: Call
    kind: str
    places: Sequence[int]
    #: what its answer says to each of them
    read: Callable[[Any], Sequence[Any]]


class Terms(NamedTuple):
    """What jobs are packed with."""

    most_letters: int
    #: settlements that may have been written, though nobody was told: see `redis_packing.claimed`
    doubted: Container[str]


def steps(jobs: Jobs, results: Results, terms: Terms) -> list[Step]:
    """All but the wants. A job that cannot be said has its result at once."""
    made: list[Step] = []
    for kind in KINDS[:-1]:
        mine = getattr(jobs, kind)
        for cut in _cuts(kind, len(mine)):
            step, faults = _step(kind, mine, cut, terms)
            made += [step] if step else []
            for place, fault in faults.items():
                results[kind][place] = fault
    return made


def alone(kind: str, job: Any, salts: Sequence[int], terms: Terms) -> Step:
    """One that is asked again. Raises what is wrong with it."""
    step, faults = _step(kind, [job], range(1), terms, salts)
    if step is None:
        raise faults[0]
    return step


def salts(job: Any) -> list[int]:
    """The first for each reference that a job needs."""
    return [0] * (len(job.news) + len(job.parts) if isinstance(job, NewMove) else 1)


def _cuts(kind: str, count: int) -> list[range]:
    """A script takes many jobs of its kind, but no more than others can wait for; a move, a search and an act have a call for each."""
    if kind not in _BATCHED:
        return [range(place, place + 1) for place in range(count)]
    return [range(first, min(first + MOST, count)) for first in range(0, count, MOST)]


def _step(
    kind: str, mine: Sequence[Any], cut: range, terms: Terms, salted: Sequence[int] | None = None
) -> tuple[Step | None, dict[int, Exception]]:
    packing, packed, faults = Packing(terms.doubted), dict[int, Any](), dict[int, Exception]()
    for place in cut:
        try:
            packed[place] = _PACKED[kind](mine[place], salted or salts(mine[place]), packing)
        except Exception as error:  # one bad job must neither take the others with it nor stop the writer
            faults[place] = error
    if not packed:
        return None, faults
    places = list(packed)
    if kind == "acts":
        return Step(packed[cut.start], kind, places, _as_it_is) if packed[cut.start] is not None else None, faults
    if kind not in _BATCHED:
        script, read = _SINGLE[kind]
        return Step(packing.call(script, packed[cut.start]), kind, places, read), faults
    script, read = _BATCHED[kind]
    return Step(packing.call(script, {"jobs": list(packed.values()), "most": terms.most_letters}), kind, places, read), faults


def _accepted(answer: Any) -> list[Any]:
    return [_one_accepted(*each) if each else Taken() for each in answer]


def _one_accepted(case_id: bytes, reference: bytes, duplicate: int) -> Accepted:
    return Accepted(case_id=case_id.decode(), reference=write(int(reference)), duplicate=bool(duplicate))


def _moved(answer: Any) -> list[Any]:
    if answer == 0:
        return [LeaseLost()]
    return [Taken(answer - 1)] if isinstance(answer, int) else [_accepted(answer)]


def _settled(answer: Any) -> list[Any]:
    return [NumberTaken(write(int(each))) if isinstance(each, bytes) else bool(each) for each in answer]


def _yes(answer: Any) -> list[Any]:
    return list(map(bool, answer))


def _as_it_is(answer: Any) -> list[Any]:
    return [answer]


_PACKED: Final[dict[str, Callable[[Any, Sequence[int], Packing], Any]]] = {
    "parts": redis_packing.part,
    "puts": redis_packing.arrival,
    "moves": redis_packing.move,
    "settled": redis_packing.settled,
    "sent": redis_packing.sent,
    "receipts": redis_packing.receipt,
    "kin": redis_kin.asking,
    "acts": lambda act, _salts, _packing: act,
}
#: by kind: the script for all jobs of a batch, and what its answer says
_BATCHED: Final[dict[str, tuple[str, Callable[[Any], list[Any]]]]] = {
    "parts": ("hold", _accepted),
    "puts": ("put", _accepted),
    "settled": ("settle", _settled),
    "sent": ("settle_letters", _yes),
    "receipts": ("note", _yes),
}
#: … and for each job of its own
_SINGLE: Final[dict[str, tuple[str, Callable[[Any], list[Any]]]]] = {
    "moves": ("advance", _moved),
    "kin": ("kin", lambda answer: [redis_kin.found(answer)]),
}
