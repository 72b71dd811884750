"""Every ledger with every fault: each complaint is registered once, or waits for a person; never twice, and nobody is told a wrong number.

The whole way is gone, with a store on disk, as often as the outcome says. Between two tries time goes by: the file of the store is set
back, and the clocks of the ledger and of its server go on.
"""

from __future__ import annotations

import asyncio
import io
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import apsw
import pytest
import trustme

from channels.base import Accepted, Arrival
from forwarder.forward import Submission, forward
from forwarder.ledger import Ledger
from forwarder.wording import load
from gateway.attempts import Submitting
from gateway.clerk import Clerk, Read
from gateway.journal import Journal, Lines
from gateway.metrics import Metrics
from gateway.relations import Relations
from gateway.store.base import Store
from gateway.store.record import Claim, Life
from gateway.store.sqlite import opened
from normalizer.rules import Rules
from tests.gateway.tiny import CITIZEN, Tiny, stint
from tests.promises.ledgers import SUBJECTS, Clock, How, Subject, certificate
from tests.promises.stores import KEY, numbers

LEASE_S = 60.0
#: more than any ledger here needs; from the fifth on a day goes by between two tries
TRIES = 12
SERVED = sorted(name for name, subject in SUBJECTS.items() if subject.served)
#: the ledger took it, and its answer does not say so; or it may have been so
TAKEN = ["commit_then_drop", "commit_then_html", "commit_then_500", "commit_then_wrong_shape", "late"]
NOT_TAKEN = ["drop", "html", "500", "wrong_shape"]


class Gateway:
    """What it is between two tries: a file, and the ledger that it tells."""

    def __init__(self, how: How, subject: Subject, other: Any) -> None:
        self._how, self._subject = how, subject
        self.other = other
        self._clerk = Clerk({"tiny": Tiny()}, Rules(channels={"tiny": "sms.esme"}), load())
        self.ledger: Ledger = subject.ledger(other, how)

    async def put(self, words: str) -> Accepted:
        """A citizen's message."""
        raw = f"{CITIZEN}|{words}".encode()
        async with self._store() as store:
            return await store.put(Arrival(channel="tiny", source_id=words, raw=raw, received_at=datetime.now(UTC)), numbers(words))

    async def life(self, accepted: Accepted) -> Life:
        async with self._store() as store:
            life = await store.life(accepted.reference)
        assert life is not None
        return life

    async def attempt(self) -> None:
        """One try of everything that is due."""
        journal = Journal(Lines(io.BytesIO()))
        async with self._store() as store:
            relations = Relations(store, key=KEY, journal=journal)
            submitting = Submitting(store, self.ledger, self._clerk, relations=relations, stint=stint(), metrics=Metrics(), journal=journal)
            await submitting.attempt(await self._claimed(store))

    async def killed(self) -> None:
        """A try that ends before anything of it is written down, and another process in the place of this one."""
        async with self._store() as store:
            (claim,) = await self._claimed(store)
            reading = self._clerk.read(claim.case)
            assert isinstance(reading, Read)
            await forward(self.ledger, [Submission(complaint=reading.complaint, attempts=1)], lambda: 0.5)
        await self.restarted()
        self.pass_time(timedelta(seconds=LEASE_S))

    async def restarted(self) -> None:
        """What the ledger knew by heart is forgotten."""
        await self.ledger.close()
        self.ledger = self._subject.ledger(self.other, self._how)

    async def serve(self, tls: ssl.SSLContext) -> None:
        """The other side shows another certificate from now on; the ledger's address is told anew."""
        await self.other.server.stop()
        await self.other.server.start(tls)
        await self.restarted()

    def pass_time(self, gone: timedelta) -> None:
        db = apsw.Connection(str(self._how.folder / "gateway.db"))
        db.execute("UPDATE cases SET due = due - ?", (gone.total_seconds(),))
        db.close()
        self._how.clock.moved += gone

    async def settled(self, accepted: Accepted) -> Life:
        """As it is in the end, after as many tries as it takes."""
        for nth in range(TRIES):
            life = await self.life(accepted)
            if life.case.due is None:
                return life
            left = life.case.due - datetime.now(UTC)
            self.pass_time(max(left, timedelta(days=nth >= 5), timedelta(0)))
            if self._subject.served:
                await self.other.server.settled()
            await self.attempt()
        return await self.life(accepted)

    async def _claimed(self, store: Store) -> list[Claim]:
        return list(await asyncio.wait_for(store.claim(100, LEASE_S), 60))

    @asynccontextmanager
    async def _store(self) -> AsyncIterator[Store]:
        async with opened(self._how.folder / "gateway.db", most_letters=5) as store:
            yield store


@asynccontextmanager
async def gateway(name: str, folder: Path, **keys: Any) -> AsyncIterator[tuple[Gateway, Clock]]:
    """A gateway with one of the ledgers."""
    clock = Clock()
    how = How(folder=folder, clock=clock, **keys)
    async with SUBJECTS[name].other(how) as other:
        here = Gateway(how, SUBJECTS[name], other)
        try:
            yield here, clock
        finally:
            await here.ledger.close()


def _once(here: Gateway, life: Life) -> None:
    """Registered once, and its sender is told the number that the ledger has; or parked, at most once, and he is told that it is safe."""
    told = [number for reference, number in here.other.told if reference == life.case.reference]
    if life.case.step == "done":
        assert life.case.registration is not None
        assert told == [life.case.registration.tracking_id]
        (letter,) = life.letters
        assert told[0] in letter.letter.text
    else:
        assert (life.case.step, life.case.code, life.case.unsure) == ("parked", "unknown", True)
        assert [state.letter.kind for state in life.letters] == ["receipt"]
        assert len(told) <= 1


def _ending(name: str, fault: str) -> str:
    """Whether it can be known what became of it."""
    subject = SUBJECTS[name]
    return "parked" if subject.blind or (subject.later and fault in NOT_TAKEN) else "done"


@pytest.mark.parametrize("fault", [*TAKEN, *NOT_TAKEN])
@pytest.mark.parametrize("name", SERVED)
async def test_an_answer_that_says_nothing_never_makes_two_of_one_complaint(name: str, fault: str, tmp_path: Path) -> None:
    async with gateway(name, tmp_path, timeout_s=0.4 if fault == "late" else 5.0) as (here, _):
        accepted = await here.put("jalan rusak di depan pasar")
        here.other.next(fault)
        life = await here.settled(accepted)
        _once(here, life)
        assert life.case.step == _ending(name, fault)


@pytest.mark.parametrize("fault", ["drop_look_up", "down_for_look_up", "html_look_up", "html_404_look_up"])
@pytest.mark.parametrize("name", [name for name in SERVED if not SUBJECTS[name].blind])
async def test_a_look_up_that_fails_proves_nothing(name: str, fault: str, tmp_path: Path) -> None:
    async with gateway(name, tmp_path) as (here, _):
        accepted = await here.put("jalan rusak di depan pasar")
        here.other.next("commit_then_drop", fault)
        life = await here.settled(accepted)
        _once(here, life)
        assert life.case.step == "done"
        assert not here.other.script.coming


@pytest.mark.parametrize("name", SERVED)
async def test_a_ledger_that_is_busy_is_told_again_when_it_wants(name: str, tmp_path: Path) -> None:
    async with gateway(name, tmp_path) as (here, _):
        accepted = await here.put("jalan rusak di depan pasar")
        here.other.next("429_seconds", "429_seconds")
        begun = datetime.now(UTC)
        await here.attempt()
        case = (await here.life(accepted)).case
        assert (case.code, case.unsure) == ("http_429", False)
        assert case.due is not None
        assert case.due >= begun + timedelta(seconds=7)
        life = await here.settled(accepted)
        _once(here, life)
        assert life.case.step == "done"


@pytest.mark.parametrize("name", sorted(SUBJECTS))
async def test_who_is_killed_after_the_ledger_took_it_makes_no_second_one(name: str, tmp_path: Path) -> None:
    async with gateway(name, tmp_path) as (here, _):
        accepted = await here.put("jalan rusak di depan pasar")
        await here.killed()
        life = await here.settled(accepted)
        if name == "worklist":
            assert (life.case.step, life.case.registration, here.other.told) == ("worklist", None, ())
            return
        _once(here, life)
        assert life.case.step == ("parked" if SUBJECTS[name].blind else "done")


@pytest.mark.parametrize("days", [-1, 1])
@pytest.mark.parametrize("name", SERVED)
async def test_a_ledger_whose_clock_is_a_day_off_has_it_once(name: str, days: int, tmp_path: Path) -> None:
    async with gateway(name, tmp_path) as (here, clock):
        clock.skew = timedelta(days=days)
        accepted = await here.put("jalan rusak di depan pasar")
        here.other.next("commit_then_drop")
        life = await here.settled(accepted)
        _once(here, life)
        assert life.case.step == _ending(name, "commit_then_drop")


@pytest.mark.parametrize("name", [name for name in SERVED if name.startswith("open311")])
async def test_a_list_by_a_clock_that_is_days_off_is_not_believed(name: str, tmp_path: Path) -> None:
    async with gateway(name, tmp_path) as (here, clock):
        clock.skew = timedelta(days=-3)
        accepted = await here.put("jalan rusak di depan pasar")
        here.other.next("commit_then_drop")
        case = (await here.settled(accepted)).case
        assert (case.step, case.code, case.unsure) == ("parked", "cannot_look_up", True)
        assert "clock" in case.words
        assert len(here.other.told) == 1


@pytest.mark.parametrize("name", SERVED)
async def test_one_number_for_two_complaints_is_told_to_one_of_them(name: str, tmp_path: Path) -> None:
    async with gateway(name, tmp_path) as (here, _):
        here.other.number = "7654321"
        first, second = await here.put("jalan rusak di depan pasar"), await here.put("lampu mati di depan sekolah")
        lives = [await here.settled(first), await here.settled(second)]
        assert sorted((life.case.step, life.case.code) for life in lives) == [("done", ""), ("parked", "duplicate_id")]
        assert sorted(state.letter.kind for life in lives for state in life.letters) == ["receipt", "registered"]
        assert sorted(reference for reference, _ in here.other.told) == sorted([first.reference, second.reference])


@pytest.mark.parametrize(("shown", "numbered"), [(True, True), (True, False), (False, True)])
async def test_a_token_that_never_stands_for_an_id_ends_with_the_list_or_with_a_person(shown: bool, numbered: bool, tmp_path: Path) -> None:
    async with gateway("open311_token", tmp_path, timeout_s=0.4) as (here, _):
        here.other.patience, here.other.hidden, here.other.tells_id = -1, 0 if shown else 1, numbered
        accepted = await here.put("jalan rusak di depan pasar")
        life = await here.settled(accepted)
        _once(here, life)
        assert life.case.step == ("done" if shown and numbered else "parked")
        assert len(here.other.told) == 1


@pytest.mark.parametrize("name", SERVED)
async def test_an_expired_certificate_gets_nothing_and_holds_the_case_until_it_is_renewed(name: str, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    expired, renewed = (ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) for _ in range(2))
    certificate(expired, authority, ended=True)
    certificate(renewed, authority, ended=False)
    async with gateway(name, tmp_path, tls_ca=str(tmp_path / "ca.pem")) as (here, _):
        await here.serve(expired)
        accepted = await here.put("jalan rusak di depan pasar")
        await here.attempt()
        case = (await here.life(accepted)).case
        assert (case.step, case.code, case.unsure, list(here.other.told)) == ("submit", "certificate", False, [])
        await here.serve(renewed)
        life = await here.settled(accepted)
        _once(here, life)
        assert life.case.step == "done"
