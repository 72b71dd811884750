"""What is masked is shown for a reason, to whom it may concern, and it is written down."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from aiohttp.test_utils import make_mocked_request

from gateway.console import cabinet, room
from gateway.console.access.unmask import unmask
from gateway.console.audit import Audit
from gateway.console.frame import Frame
from gateway.console.page import Operator, Visit
from gateway.console.roles import ROLES, Role

CODE = "7K3Q9FXM2CH4"


def visit(role: Role) -> Visit:
    frame = Frame((), name="Dinas", zone=ZoneInfo("Asia/Jakarta"))
    return Visit(make_mocked_request("POST", "/"), frame, Operator(name=f"si-{role}", role=role), language="id")


@pytest.mark.parametrize("restricted", [False, True])
async def test_who_may_see_what_is_masked(tmp_path: Path, restricted: bool) -> None:
    async with cabinet.opened(tmp_path, room.TABLES) as file:
        audit = Audit(file)
        answers = [await unmask(visit(role), CODE, "warga menelepon balik", audit=audit, restricted=restricted) for role in ROLES]
        assert answers == (["role", "role", "", ""] if restricted else ["role", "", "", ""])
        written = [(one.act.by, one.act.act, one.act.on) for one in reversed(await audit.last(10))]
        assert written == [(f"si-{role}", "unmask.refused" if no else "unmask", CODE) for role, no in zip(ROLES, answers, strict=True)]


@pytest.mark.parametrize("reason", ["", "   ", "x", "a  b  c  d"])
async def test_without_a_reason_nothing_is_shown(tmp_path: Path, reason: str) -> None:
    async with cabinet.opened(tmp_path, room.TABLES) as file:
        assert await unmask(visit("admin"), CODE, reason, audit=Audit(file)) == "reason"
        assert await Audit(file).last(10) == []


async def test_a_reason_that_quotes_a_citizen_is_masked_in_the_audit(tmp_path: Path) -> None:
    async with cabinet.opened(tmp_path, room.TABLES) as file:
        await unmask(visit("admin"), CODE, "menelepon 0812-0000-1234 tentang aduannya", audit=Audit(file))
        assert "1234" not in (await Audit(file).last(1))[0].act.words
