"""What is for few eyes is acted on by supervisors alone: every act on a case against every role, from the route table.

A page that is added and acts fails here until it says in `ACTS` how it is asked to act on a case, or in `NONE` that it acts on none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import pytest

from gateway.few import complaint
from gateway.store.record import LetterSettlement, Settlement, Step
from normalizer.complaint import encode
from tests.console.opened import officer
from tests.console.shelves import Shelves
from tests.console.test_matrix import pages
from tests.promises.stores import done, letter, letters

pytestmark = pytest.mark.asyncio(loop_scope="session")

SECRET: Final = "pedagang Pasar Kenanga"
#: text and privacy, by what makes it a case for few
KINDS: Final = {
    "confidential": (f"Jalan rusak di depan {SECRET}", "rahasia"),
    "anonymous": (f"Jalan rusak di depan {SECRET}", "anonim"),
    "abuse": (f"Saya bendahara di dinas, kepala dinas menyuruh membuat kwitansi fiktif untuk {SECRET}", "terbuka"),
}


class Ask(NamedTuple):
    """Which form, on a case of which step; `CODE` and `LETTER` stand for its code and its letter."""

    step: Step
    form: Mapping[str, str]
    path: str = ""


REASON: Final = "perlu ditangani segera"
ACTS: Final[dict[str, tuple[Ask, ...]]] = {
    "/parked": (
        Ask("parked", {"act": "retry", "step": "parked", "case": "CODE", "reason": REASON}),
        Ask("parked", {"act": "drop", "step": "parked", "case": "CODE", "reason": REASON}),
        Ask("declined", {"act": "undo", "step": "declined", "case": "CODE"}),
        Ask("declined", {"act": "retry", "step": "declined", "case": "CODE"}),
    ),
    "/parked/all": (Ask("parked", {"code": "bug", "channel": ""}),),
    "/parked/{code}/text": (Ask("parked", {"reason": REASON}),),
    "/parked/{code}/edit": (Ask("parked", {"text": "lain"}), Ask("parked", {"restore": "1"})),
    "/triage/{code}": (Ask("triage", {"act": "yes"}), Ask("triage", {"act": "no"}), Ask("declined", {"act": "undo"})),
    "/copying/next": (Ask("worklist", {}),),
    "/copying/{code}/{act}": (
        Ask("worklist", {"tracking_id": "10039939"}, "/copying/CODE/done"),
        Ask("worklist", {"reason": REASON}, "/copying/CODE/set-aside"),
        Ask("worklist", {}, "/copying/CODE/put-back"),
        Ask("worklist", {}, "/copying/CODE/undo"),
    ),
    "/letters": (
        Ask("done", {"act": "retry", "letter": "LETTER"}),
        Ask("done", {"act": "drop", "letter": "LETTER", "reason": REASON}),
        Ask("done", {"act": "undo", "letter": "LETTER"}),
    ),
    "/case/{code}/unmask": (Ask("parked", {"reason": REASON}),),
    "/case/{code}/incident": (Ask("parked", {}),),
}
#: the first word of those that act on no case
NONE: Final = {"sign-in", "sign-out", "invited", "language", "account", "accounts", "alerts", "controls", "reports", "spool"}


async def test_every_page_that_acts_says_whether_it_acts_on_cases(here: Shelves) -> None:
    posts = {path for method, path in pages() if method == "POST"}
    assert {path for path in posts if path.split("/")[1] not in NONE} == set(ACTS)


@pytest.mark.parametrize("kind", KINDS)
async def test_an_operator_neither_reads_nor_changes_it(here: Shelves, kind: str) -> None:
    async with officer(here.house, "operator") as rini:
        for path, ask in ((path, ask) for path, asks in ACTS.items() for ask in asks):
            here.clear()
            code, letter_id = await put(here, ask.step, *KINDS[kind])
            before = await here.store.life(code)
            form = {name: value.replace("CODE", code).replace("LETTER", letter_id) for name, value in ask.form.items()}
            answer = await rini.post((ask.path or path).replace("{code}", "CODE").replace("CODE", code), **form)
            page = answer.text if answer.status != 303 else (await rini.get(answer.headers["Location"])).text
            assert answer.status in {303, 403, 409, 422}, (path, ask)
            assert SECRET not in answer.text + page, (path, ask)
            assert await here.store.life(code) == before, (path, ask)
            assert {act for _, act, _ in await here.audit(code)} <= {"unmask.refused"}, (path, ask)


async def test_a_supervisor_does_it(here: Shelves) -> None:
    code, _ = await put(here, "parked", *KINDS["abuse"])
    async with officer(here.house, "supervisor") as budi:
        assert SECRET in (await budi.get(f"/parked/{code}")).text
        await budi.post("/parked", act="retry", step="parked", case=code)
    assert await here.step(code) == "submit"


async def put(here: Shelves, step: Step, text: str, privacy: str) -> tuple[str, str]:
    """A case that stands there; its code, and the number of its letter that did not arrive."""
    if step in {"parked", "triage", "declined"}:
        code = await here.aside(
            "parked" if step == "parked" else "triage", "bug" if step == "parked" else "spam_suspect", text, privacy=privacy
        )
        if step == "declined":
            assert await here.store.drop((await here.store.listing("triage", 1))[0].case_id, "budi", "iklan")
        return code, ""
    claim = await here.came(text, privacy)
    said = complaint(here.clerk, claim.case)
    assert said is not None
    if step == "worklist":
        assert await here.store.settle(Settlement(claim=claim, step=step, record=encode(said)))
        return claim.case.reference, ""
    await here.store.settle(done(claim, letter(f"{claim.case.case_id}:registered", claim.case.case_id)))
    (sending,) = await letters(here.store, 1)
    await here.store.settle_letter(LetterSettlement(claim=sending, step="parked", code="rinvdstadr"))
    return claim.case.reference, (await here.store.lost(1)).letters[0].letter_id
