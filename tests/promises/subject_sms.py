"""The two SMS channels as subjects: an operator's SMSC, and an aggregator that calls."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec

from channels.base import Channel, Letter, Request
from channels.sms import esme, pdu, push, reading
from tests.fakes.aggregator import PASSWORD, USER, Aggregator
from tests.fakes.door import listening
from tests.fakes.inbox import Shelf, until
from tests.fakes.ports import free_port
from tests.fakes.smsc import running, short_sms
from tests.promises.channels import ANSWER, WORDS, Kept, Reluctant, Subject, kept_as
from tests.sms.pushed import FOLDER, TABLES, called
from tests.sms.wire import FOLDER as PDUS
from tests.sms.wire import captured

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
NUMBER = "628120000077"


def letter(to: str) -> Letter:
    """A receipt for a telephone."""
    return Letter(key="k", case_id="1", channel="pintu", to=to, kind="receipt", text=ANSWER, reply_to={"to": to})


# --- sms.esme ---

ESME: dict[str, Any] = {"host": "127.0.0.1", "port": 1, "system_id": "lapor", "password": "kunci-pw"}


def _esme(port: int, **more: Any) -> esme.Esme:
    return esme.channel("pintu", msgspec.convert({**ESME, "port": port, **more}, esme.Settings))


@asynccontextmanager
async def _esme_coming(inbox: Reluctant) -> AsyncIterator[Channel]:
    async with running() as smsc:
        channel = _esme(smsc.port)
        async with listening(channel, inbox):
            smsc.deliver(short_sms(WORDS, NUMBER, "1708"))
            await until(lambda: inbox.shelf.arrivals)
            yield channel


@asynccontextmanager
async def _esme_sending(fault: str) -> AsyncIterator[tuple[Channel, Letter]]:
    async with running(*filter(None, [fault.removeprefix("gone")])) as smsc:
        channel = _esme(smsc.port, response_timeout_s=0.3)
        if fault == "gone":
            yield channel, letter("+" + NUMBER)
            return
        async with listening(channel, Shelf()):
            yield channel, letter("+" + NUMBER)


def _esme_examples() -> list[Kept]:
    raws = [captured(path.stem) for path in sorted(PDUS.glob("d*.hex"))]
    raws.append(pdu.write_message(short_sms(WORDS, NUMBER, "1708")))
    rules, kept = reading.Rules(short_code="1708"), []
    for raw in raws:
        what = reading.read_arrival("pintu", raw, pdu.read_message(raw), now=NOW, since=NOW, rules=rules)
        kept.append(kept_as(what))
    return kept


ESME_SUBJECT = Subject(
    kind="sms.esme",
    table=ESME,
    secrets=("kunci-pw",),
    private=(NUMBER,),
    examples=_esme_examples(),
    coming=_esme_coming,
    sending=_esme_sending,
    fates={
        "taken": ("",), "throttled": ("throttling",), "broken": ("temporary", "queue_full"), "silent": ("wrong_sequence",),
        "dropped": ("drop_before_resp",), "gone": ("gone",), "refused": ("permanent",),
    },
    never={"garbled": "what cannot be framed ends the link, and is a connection that was dropped"},
)  # fmt: skip

# --- sms.push ---

BASIC = "Basic YWdyZWdhdG9yOmt1bmNpLWJhc2lj"
SENDING: dict[str, Any] = {
    "username": "agregator", "password": "kunci-basic", "send_username": USER, "send_password": PASSWORD, "send_timeout_s": 0.3,
    "send_fixed": {"kunci": "kunci-tetap"},
}  # fmt: skip


def _push_table(profile: str) -> dict[str, Any]:
    return {"profile": profile, "send_url": "http://127.0.0.1:9/send"} | TABLES[profile] | SENDING


def _calls(profile: str) -> list[Request]:
    """Those of the fixtures, made by somebody who may."""
    found = [called(path.stem) for path in sorted(FOLDER.glob(f"{profile}_*.http"))]
    return [msgspec.structs.replace(call, headers={**call.headers, "authorization": BASIC}) for call in found]


def _forged(call: Request, table: dict[str, Any]) -> list[Request]:
    """The same, with each of the proofs wrong or away in its turn."""
    replace = msgspec.structs.replace
    said = ("", "Basic", "Basic !", "Basic YTpi", "Bearer kunci-basic", BASIC[:-1], "Basic ключ")
    forged = [replace(call, headers={**call.headers, "authorization": words}) for words in said]
    forged.append(replace(call, headers={name: value for name, value in call.headers.items() if name != "authorization"}))
    if "allow_from" in table:
        forged += [replace(call, client=client) for client in ("", "198.51.100.7", "192.0.3.1", "::1", "bukan alamat")]
    if "secret" in table:
        secret = table["secret"].encode()
        forged += [replace(call, body=call.body.replace(secret, wrong)) for wrong in (b"", secret[:-1], secret + b" ", "ключ".encode())]
    return forged


def _push_subject(profile: str) -> Subject:
    table, calls = _push_table(profile), _calls(profile)
    door = push.channel("pintu", msgspec.convert(table, push.Settings))

    @asynccontextmanager
    async def sending(fault: str) -> AsyncIterator[tuple[Channel, Letter]]:
        async with Aggregator(profile) as aggregator:
            url = f"http://127.0.0.1:{free_port()}/send" if fault == "gone" else aggregator.send_url
            aggregator.next(fault.removeprefix("gone"))
            yield push.channel("pintu", msgspec.convert({**table, "send_url": url}, push.Settings)), letter("+" + NUMBER)

    kept: list[Kept] = []
    for delivery in map(door.read, calls):
        kept += map(kept_as, delivery.arrivals)
        kept += map(kept_as, delivery.parts)
    return Subject(
        kind="sms.push",
        table=table,
        secrets=("kunci-basic", PASSWORD, "kunci-tetap", *(table[name] for name in ("secret",) if name in table)),
        private=(NUMBER,),
        examples=kept,
        calls=calls,
        forged=[wrong for call in calls for wrong in _forged(call, table)],
        sending=sending,
        fates={
            "taken": ("",), "throttled": ("429",), "broken": ("500", "503"), "garbled": ("html", "redirect"), "silent": ("hang",),
            "dropped": ("drop",), "gone": ("gone",), "refused": ("400",),
        },
    )  # fmt: skip


PUSH_SUBJECTS = {f"sms.push {profile}": _push_subject(profile) for profile in TABLES}
