"""A real Kannel between an operator and the gateway: phones speak, Kannel calls, and the answers go out through it (design §4).

Skipped where Kannel is not installed (on Debian: apt-get install kannel).
"""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bench.kannel import BOXES, found
from gateway.rehearse.parts import UCS2, long_sms, short_sms
from tests.fakes import smsc as fake_smsc
from tests.fakes.ledger import FakeLedger
from tests.fakes.ports import free_port
from tests.fakes.smsc import Smsc
from tests.stories.process import GatewayProcess
from tests.stories.town import MARK

pytestmark = pytest.mark.skipif(not found(), reason="Kannel is not installed here: apt-get install kannel")

KEY, PASSWORD = "kunci-kannel", "kunci-kirim"
#: %e is the text in hexadecimal, in the charset %C; %b and %a would lose octets of UTF-16 on the way
ASKED = "from=%p&to=%P&id=%I&hex=%e&coding=%c&charset=%C&udh=%u"

TABLE = """
[channels.kannel]
kind = "sms.push"
profile = "kannel"
path = "/sms/kannel"
secret = "{key}"
allow_from = ["127.0.0.1"]
send_url = "http://127.0.0.1:{sendsms}/cgi-bin/sendsms"
send_username = "lapor"
send_password = "{password}"
receipt_url = "http://127.0.0.1:{public}/sms/kannel/dlr"
part_timeout_s = 60
"""

CONFIGURATION = """
group = core
admin-port = {admin}
admin-password = rahasia
admin-interface = 127.0.0.1
smsbox-port = {boxes}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
sms-combine-concatenated-mo = {joins}
store-type = file
store-location = "{folder}/store"
dlr-storage = internal
log-file = "{folder}/bearerbox.log"
log-level = 3

group = smsc
smsc = smpp
smsc-id = operator
host = 127.0.0.1
port = {smsc}
transceiver-mode = true
smsc-username = kannel
smsc-password = secret
system-type = ""
interface-version = 34
reconnect-delay = 1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
global-sender = 1708
log-file = "{folder}/smsbox.log"
log-level = 3
http-request-retry = 1000
http-queue-delay = 1

group = sendsms-user
username = lapor
password = {password}

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "http://127.0.0.1:{public}/sms/kannel?secret={key}&{asked}"
"""


@dataclass(slots=True, kw_only=True)
class Town:
    """Phones at an operator, Kannel, a gateway that runs, a ledger."""

    smsc: Smsc
    ledger: FakeLedger
    gateway: GatewayProcess

    async def until(self, claim: Any) -> None:
        """Wait until the claim holds."""
        try:
            async with asyncio.timeout(60):
                while not claim():
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"{dict(self.smsc.counts)}\n{self.gateway.said[-3000:]}") from None

    def records(self) -> dict[str, dict[str, Any]]:
        """By text."""
        return {record["text"]: record for record in self.ledger.records.values()}

    def heard(self, number: str) -> list[str]:
        return [answer.body.decode("ascii", "replace") for answer in self.smsc.answers_to(number)]

    def told(self, number: str, text: str) -> bool:
        """The phone has read the code and the ledger's number of its complaint, once."""
        record = self.records().get(text)
        if record is None or record["reporter"]["address"] != f"+{number}":
            return False
        numbers = (record["reference"], self.ledger.registrations[record["reference"]]["tracking_id"])
        return len(self.heard(number)) == 1 and all(known in self.heard(number)[0] for known in numbers)


@asynccontextmanager
async def town(folder: Path, *, joins: bool = True) -> AsyncIterator[Town]:
    """`joins`: Kannel puts the parts of long messages together itself, as it does unless it is told not to."""
    admin, boxes, sendsms, public = (free_port() for _ in range(4))
    async with AsyncExitStack() as stack:
        smsc = await stack.enter_async_context(fake_smsc.running())
        book = await stack.enter_async_context(FakeLedger())
        tables = TABLE.format(key=KEY, password=PASSWORD, sendsms=sendsms, public=public)
        gateway = GatewayProcess(folder, ledger=f'kind = "http"\nurl = "{book.url}"', tables=tables, public=public)
        stack.callback(gateway.kill)
        await gateway.start()
        written = CONFIGURATION.format(
            admin=admin, boxes=boxes, sendsms=sendsms, smsc=smsc.port, folder=folder, public=public, key=KEY, password=PASSWORD,
            asked=ASKED, joins="true" if joins else "false",
        )  # fmt: skip
        configuration = folder / "kannel.conf"
        configuration.write_text(written)
        started(stack, "bearerbox", configuration)
        await opened(boxes)
        minding = asyncio.create_task(minded(stack, configuration))
        stack.callback(minding.cancel)
        await opened(sendsms)
        await smsc.until(lambda: smsc.counts["binds"] > 0, within_s=60)
        yield Town(smsc=smsc, ledger=book, gateway=gateway)
        assert gateway.leaks() == []
        assert KEY not in gateway.said
        assert PASSWORD not in gateway.said


async def minded(stack: AsyncExitStack, configuration: Path) -> None:
    """Kannel's smsbox may fall over when nobody answers it; whoever runs one has it started again, and the bearerbox keeps what it had."""
    while True:
        smsbox = started(stack, "smsbox", configuration)
        while smsbox.poll() is None:  # a process has no event to wait for
            await asyncio.sleep(0.1)


def started(stack: AsyncExitStack, box: str, configuration: Path) -> subprocess.Popen[bytes]:
    running = subprocess.Popen(
        [BOXES[box], str(configuration)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    stack.callback(running.wait)
    stack.callback(running.kill)
    return running


async def opened(port: int) -> None:
    """Wait until somebody listens."""
    async with asyncio.timeout(60):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return


async def test_what_phones_say_to_kannel_is_registered_and_answered_through_it(tmp_path: Path) -> None:
    short = f"{MARK} nomor 1: lampu {{mati}} di RT 4 @ pasar, sdh  2 minggu"
    wide = f"{MARK} nomor 2: jalan rusak \N{GRINNING FACE} é"
    long = f"{MARK} nomor 3: " + "sudah dua minggu tidak ada yang datang, anak-anak jatuh. " * 6
    async with town(tmp_path) as place:
        place.smsc.deliver(short_sms(short, "628120000001", "1708"))
        place.smsc.deliver(short_sms(wide, "628120000002", "1708", coding=UCS2))
        for part in reversed(long_sms(long, "628120000003", "1708", 200)):
            place.smsc.deliver(part)
        texts = {"628120000001": short, "628120000002": wide, "628120000003": long}
        await place.until(lambda: all(place.told(number, text) for number, text in texts.items()))
        assert len(place.ledger.records) == 3
        noticed = {flag for record in place.ledger.records.values() for flag in record["flags"]}
        assert not noticed & {"incomplete_sms", "undecodable"}
        async with asyncio.timeout(60):
            while await place.gateway.metric('lapor_receipts_total{channel="kannel",state="delivered"}') < 3:
                await asyncio.sleep(0.05)
        assert await place.gateway.metric('lapor_channel_events_total{channel="kannel",event="malformed"}') == 0


async def test_parts_that_kannel_passes_on_are_joined_here(tmp_path: Path) -> None:
    long = f"{MARK} nomor 3: " + "sudah dua minggu tidak ada yang datang, anak-anak jatuh \N{CRYING FACE}. " * 3
    async with town(tmp_path, joins=False) as place:
        parts = long_sms(long, "628120000003", "1708", 7, coding=UCS2)
        assert len(parts) == 3
        for part in reversed(parts):
            place.smsc.deliver(part)
        await place.until(lambda: place.told("628120000003", long))
        assert len(place.ledger.records) == 1


async def test_a_gateway_that_is_killed_under_kannel_loses_nothing_that_kannel_keeps_asking_for(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        texts = {f"628120000{nth:04d}": f"{MARK} nomor {nth}: lampu jalan mati" for nth in range(40)}
        for nth, (number, text) in enumerate(texts.items()):
            place.smsc.deliver(short_sms(text, number, "1708"))
            if nth % 10 == 5:
                await place.until(lambda nth=nth: len(place.gateway.rows("SELECT id FROM cases")) >= nth - 5)
                place.gateway.kill()
                await place.gateway.start()
        await place.until(lambda: set(texts.values()) <= set(place.records()))
        await place.until(lambda: all(place.heard(number) for number in texts))
        assert len(place.ledger.records) == 40
        assert place.gateway.rows("SELECT step, count(*) FROM cases GROUP BY step") == [("done", 40)]
        assert await place.gateway.metric('lapor_conservation_difference{channel="kannel"}') == 0
