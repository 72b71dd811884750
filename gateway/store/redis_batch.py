"""One group commit of the Redis store: everything that came since the last one, in one pipeline.

In: jobs. Out: a result for each, or the exception that it deserves. Each kind of job is one script for the whole batch; each script is
atomic, and the pipeline is answered when all of it is on disk.

A pipeline whose answer is lost may have been done. So each transition can be asked for again: an arrival is a duplicate then, a letter
has its key, a settlement is known by its digest; and claims of which nobody heard are given back, by their number.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from redis.exceptions import OutOfMemoryError, ResponseError

from channels.base import Unavailable
from gateway.store import redis_packing, redis_rows, redis_touched
from gateway.store.arrivals import MOST_SALT
from gateway.store.fencing import LeaseLost
from gateway.store.jobs import KINDS, Jobs, Queue, Results, Want
from gateway.store.presence import Presence
from gateway.store.record import Claim, LetterClaim
from gateway.store.redis_link import Link
from gateway.store.redis_scripts import call
from gateway.store.redis_steps import Step, Taken, Terms, alone, salts, steps
from gateway.store.redis_touched import Touched

#: how often to look for work that another process has left for us, in seconds
GLANCE_S: Final = 1.0
#: how long those who wait for work leave a store in trouble alone, in seconds
REST_S: Final = 0.25


class Engine:
    """The transactions of one process on one Redis; see `writer.Engine`."""

    nothing: object = None

    def __init__(self, link: Link, presence: Presence, most_letters: int) -> None:
        """`most_letters` that one person may have within an hour."""
        self._link, self._presence = link, presence
        #: settlements that may have been written, though nobody was told
        self._doubted = set[str]()
        self._terms = Terms(most_letters, self._doubted)
        self._owner = str(presence.owner)
        #: before this time nothing can be due there
        self._quiet_until: dict[Queue, float] = {}
        #: how many times we have claimed; and of which of these nobody heard the answer
        self._claims, self._unheard = 0, list[int]()
        self._looked = 0.0
        self.press = presence.press

    def quiet(self, want: Want) -> float:
        """See `writer.Engine`."""
        return min(self._quiet_until.get(queue, 0.0) for queue in want.queues)

    def stir(self, touched: Touched) -> None:
        """Another process has left work there."""
        for queue in [queue for queue in self._quiet_until if touched.has(queue)]:
            del self._quiet_until[queue]

    def giving_back(self, mine: Sequence[Claim], others: Sequence[LetterClaim]) -> object:
        """See `writer.Engine`."""
        cases = [[claim.case.case_id, str(claim.token), int(claim.case.unsure)] for claim in mine]
        return call("release", {"cases": cases, "letters": [[str(claim.letter_id), str(claim.token)] for claim in others]})

    async def run(self, jobs: Jobs) -> Results:
        """See `writer.Engine`."""
        touched, now = redis_touched.by(jobs), time.time()
        wants = [place for place, want in enumerate(jobs.wants) if touched.concerns(want) or self.quiet(want) <= now]
        results: Results = {kind: [None] * len(getattr(jobs, kind)) for kind in KINDS}
        results["wants"] = [[] for _ in jobs.wants]
        made = [*self._first(now), *steps(jobs, results, self._terms), *self._claiming(jobs.wants, wants)]
        if not made:
            return results
        up = self._link.up
        try:
            answers = await self._link.run([step.call for step in made], touched.without(jobs.wants).words(), self._owner)
        except Unavailable as trouble:
            self._rest([jobs.wants[place] for place in wants], claimed=up)
            self._doubted.update(redis_packing.claimed(each) for each in jobs.settled)
            self._doubted.update(redis_packing.claimed(each) for each in jobs.sent)
            return {kind: [trouble if result is None else result for result in results[kind]] for kind in KINDS}
        for step, answer in zip(made, answers, strict=True):
            for place, said in zip(step.places, self._read(step, answer, jobs.wants), strict=True):
                again = isinstance(said, Taken | Refused)
                results[step.kind][place] = await self._alone(step.kind, getattr(jobs, step.kind)[place], said) if again else said
        self._believed(jobs, results)
        return results

    def _believed(self, jobs: Jobs, results: Results) -> None:
        """Whose settlement was answered in the end."""
        if self._doubted:
            self._doubted -= {
                redis_packing.claimed(each) for each, said in zip(jobs.settled, results["settled"], strict=True) if _heard(said)
            }
            self._doubted -= {redis_packing.claimed(each) for each, said in zip(jobs.sent, results["sent"], strict=True) if _heard(said)}

    def _read(self, step: Step, answer: Any, wants: Sequence[Want]) -> Sequence[Any]:
        """What an answer says to each job of a step; what we cannot read fails the step, and neither the others nor the writer."""
        try:
            return _said(step, answer)
        except Exception as error:  # what was claimed with it is given back: others may be able to read it
            if step.kind == "wants":
                self._rest([wants[place] for place in step.places])
            return [error] * len(step.places)

    async def _alone(self, kind: str, job: Any, before: Taken | Refused) -> Any:
        """A job whose batch was refused, or that needs another reference."""
        if kind == "wants":
            self._rest([job])
            return []
        if kind in {"settled", "sent"}:
            # before the one that is to blame, others were written
            self._doubted.add(redis_packing.claimed(job))
        salted = salts(job)
        while True:
            if isinstance(before, Taken):
                salted[before.place] += 1
                if salted[before.place] > MOST_SALT:
                    return Unavailable("no_reference")
            try:
                step = alone(kind, job, salted, self._terms)
                (answer,) = await self._link.run([step.call])
            except Exception as error:  # what is wrong with this job alone
                return error
            (result,) = _said(step, answer)
            if isinstance(result, Refused):
                return result.trouble
            if not isinstance(result, Taken):
                return result
            before = result

    def _first(self, now: float) -> list[Step]:
        """Once in a while: what did the dead of this machine leave, and what was claimed for nobody?"""
        made: list[Step] = []
        if now - self._looked >= GLANCE_S:
            self._looked = now
            dead = self._presence.look()
            if dead:
                made.append(Step(call("bury", [str(owner) for owner in dead]), "", (), lambda _: self._buried(dead)))
        if self._unheard:
            made.append(Step(call("unclaim", {"owner": self._owner, "numbers": self._unheard}), "", (), lambda _: self._heard()))
        return made

    def _buried(self, dead: Sequence[int]) -> Sequence[Any]:
        for owner in dead:
            self._presence.bury(owner)
        self._quiet_until.clear()
        return ()

    def _heard(self) -> Sequence[Any]:
        self._unheard.clear()
        return ()

    def _claiming(self, wants: Sequence[Want], places: Sequence[int]) -> list[Step]:
        self._claims += 1
        made: list[Step] = []
        for script, kind, one in (("claim", "cases", redis_rows.claim), ("claim_letters", "letters", redis_rows.letter_claim)):
            mine = [place for place in places if wants[place].queues[0].kind == kind]
            if mine:
                asked = [wants[place] for place in mine]
                what = {"owner": self._owner, "number": str(self._claims), "wants": [redis_packing.want(each) for each in asked]}
                made.append(Step(call(script, what), "wants", mine, partial(self._claimed, asked, one)))
        return made

    def _claimed(self, wants: Sequence[Want], one: Callable[[Any], Any], answer: Any) -> Sequence[Any]:
        for want, (_, wait_s) in zip(wants, answer, strict=True):
            until = time.time() + min(float(wait_s), GLANCE_S)
            self._quiet_until.update(dict.fromkeys(want.queues, until))
        return [LeaseLost() if found == 0 else list(map(one, found)) for found, _ in answer]

    def _rest(self, wants: Sequence[Want], *, claimed: bool = True) -> None:
        """After trouble, whoever waits for work looks again a little later, not at once and for ever. `claimed`: they may have got it."""
        if wants and claimed:
            self._unheard.append(self._claims)
        self._quiet_until = {queue: time.time() + REST_S for want in wants for queue in want.queues}


class Refused(NamedTuple):
    """A batch that the server would not do, or not to its end."""

    trouble: Unavailable


def _heard(said: object) -> bool:
    """It is known what became of it."""
    return not isinstance(said, Unavailable)


def _said(step: Step, answer: Any) -> Sequence[Any]:
    if isinstance(answer, ResponseError):
        full = isinstance(answer, OutOfMemoryError)
        trouble = Unavailable("store_full" if full else "store_failed")
        # a full memory refuses a script before its first write, and is to blame alone
        return [trouble if full and step.kind != "wants" else Refused(trouble)] * len(step.places)
    return step.read(answer)
