"""The operators' address of a gateway that has something to tell: what the pages say, and what they never say."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from config.settings import load
from gateway.app import running
from gateway.journal import Journal, Lines
from tests.fakes import smsc as fake_smsc
from tests.fakes.smsc import Smsc, short_sms

NUMBER, TEXT = "6281200000042", "jembatan gantung putus di hulu"

#: design §6: what outside programs read, with their labels
PROMISED = {
    "lapor_messages_received_total": {"channel"},
    "lapor_messages_accepted_total": {"channel"},
    "lapor_accept_seconds_bucket": {"le"},
    "lapor_accept_seconds_count": set(),
    "lapor_accept_seconds_sum": set(),
    "lapor_cases": {"step"},
    "lapor_forwarded_total": {"ledger", "outcome"},
    "lapor_letters_total": {"channel", "kind", "outcome"},
    "lapor_channel_up": {"channel"},
    "lapor_oldest_waiting_seconds": {"step"},
    "lapor_conservation_difference": {"channel"},
}


class Seen(msgspec.Struct):
    """A gateway that has registered one complaint, and everything it wrote."""

    smsc: Smsc
    url: str
    log: io.BytesIO
    journal: Journal
    answer: str = ""

    async def get(self, path: str) -> tuple[int, str, str]:
        """Status, media type and body."""
        async with aiohttp.ClientSession() as session, session.get(self.url + path) as response:
            return response.status, response.content_type, await response.text()

    async def samples(self) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
        """Every sample of /metrics, by name and labels."""
        families = text_string_to_metric_families((await self.get("/metrics"))[2])
        return {(one.name, tuple(sorted(one.labels.items()))): one.value for family in families for one in family.samples}


@asynccontextmanager
async def gateway(folder: Path) -> AsyncIterator[Seen]:
    """One message in, one answer out."""
    async with fake_smsc.running() as smsc:
        file = folder / "gateway.toml"
        file.write_text(
            f'[gateway]\ndata_dir = "{folder}"\n[store]\nurl = "sqlite:///{folder}/gateway.db"\n[http]\noperators = "127.0.0.1:0"\n'
            f'[channels.operator]\nkind = "sms.esme"\nhost = "127.0.0.1"\nport = {smsc.port}\nsystem_id = "a"\npassword = "kunci"\n',
            encoding="utf-8",
        )
        log = io.BytesIO()
        journal = Journal(Lines(log))
        async with running(load(file, {}), journal) as started:
            seen = Seen(smsc=smsc, url=f"http://127.0.0.1:{started.operators}", log=log, journal=journal)
            smsc.deliver(short_sms(TEXT, NUMBER, "1708"))
            seen.answer = (await smsc.answer_to(NUMBER)).body.decode("ascii")
            while "lapor_letters_total{" not in (await seen.get("/metrics"))[2]:
                pass  # the answer is on the phone before it is in the store
            yield seen


@pytest.fixture
async def seen(tmp_path: Path) -> AsyncIterator[Seen]:
    async with gateway(tmp_path) as one:
        yield one


async def test_healthz_says_that_the_process_lives(seen: Seen) -> None:
    assert await seen.get("/healthz") == (200, "text/plain", "alive\n")


async def test_readyz_says_that_a_message_could_be_kept_and_how_each_link_is(seen: Seen) -> None:
    status, media_type, body = await seen.get("/readyz")
    state = msgspec.json.decode(body)
    assert (status, media_type, state["ready"], state["why"]) == (200, "application/json", True, "")
    (link,) = state["channels"]["operator"]["links"]
    assert (link["role"], link["word"]) == ("transceiver", "bound")
    assert state["tally"]["received"] == {"operator": 1}


async def test_metrics_have_every_name_that_was_promised_with_its_labels(seen: Seen) -> None:
    found: dict[str, set[str]] = {}
    for name, labels in await seen.samples():
        found.setdefault(name, set()).update(label for label, _ in labels)
    assert {name: found.get(name) for name in PROMISED} == PROMISED


async def test_metrics_count_what_happened(seen: Seen) -> None:
    samples = await seen.samples()
    channel = (("channel", "operator"),)
    assert samples["lapor_messages_received_total", channel] == 1
    assert samples["lapor_messages_accepted_total", channel] == 1
    assert samples["lapor_accept_seconds_count", ()] == 1
    assert samples["lapor_accept_seconds_bucket", (("le", "+Inf"),)] == 1
    assert samples["lapor_forwarded_total", (("ledger", "embedded"), ("outcome", "registered"))] == 1
    assert samples["lapor_channel_up", channel] == 1
    assert samples["lapor_conservation_difference", channel] == 0
    steps = {dict(labels)["step"]: value for (name, labels), value in samples.items() if name == "lapor_cases"}
    assert {step: n for step, n in steps.items() if n} == {"done": 1}


async def test_metrics_say_when_a_channel_is_down(seen: Seen) -> None:
    await seen.smsc.stop()
    while (await seen.samples())["lapor_channel_up", (("channel", "operator"),)]:
        pass
    assert (await seen.get("/readyz"))[0] == 200, "what comes through another door can be kept all the same"


async def test_an_unknown_page_is_404_and_nothing_can_be_posted(seen: Seen) -> None:
    assert (await seen.get("/console"))[0] == 404
    async with aiohttp.ClientSession() as session, session.post(f"{seen.url}/metrics") as response:
        assert response.status == 405


async def test_no_page_and_no_log_tells_a_number_a_text_a_reference_or_a_password(seen: Seen) -> None:
    pages = "".join([(await seen.get(path))[2] for path in ("/healthz", "/readyz", "/metrics")])
    seen.journal.lines.flush()
    log = seen.log.getvalue().decode()
    assert '"accepted"' in log
    code = seen.answer.partition("Kode: ")[2].partition(".")[0]
    assert len(code) == 14
    for secret in (NUMBER, NUMBER[2:], TEXT, "jembatan", code, "kunci"):
        assert secret not in pages
        assert secret not in log
