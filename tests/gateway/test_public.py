"""The public address: what a provider hears, and when; who is calling behind a proxy; and where a case stands."""

from __future__ import annotations

import asyncio
import io
from asyncio import StreamReader
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import aiohttp
import msgspec
import pytest
from aiohttp import web
from yarl import URL

from channels.base import Arrival, Channel, Delivery, Forged, Host, Progress, Receipt, Request, Unavailable
from channels.web.guard import headers
from gateway import public
from gateway.calls import LARGEST, TOGETHER
from gateway.http import CannotListen
from gateway.journal import Journal, Lines
from gateway.public import Reception
from gateway.store.record import Settlement
from tests.fakes.inbox import Shelf
from tests.fakes.ports import free_port
from tests.gateway.tiny import CITIZEN, SECRET, Tiny, desk
from tests.promises.stores import REGISTERED, claimed

QUIET = Journal(Lines(io.BytesIO()))
AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


class Called(Tiny):
    """`read` keeps the body and answers with its reference."""

    path = "push/tiny"

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[Request] = []

    def read(self, request: Request) -> Delivery:
        self.requests.append(request)
        if request.body == b"forged":
            raise Forged
        if request.body == b"bad":
            raise ValueError("from: missing")
        if request.body == b"bug":
            raise KeyError(SECRET)
        if request.path.endswith("/dlr"):
            receipt = Receipt(channel="tiny", provider_ids=("7",), state="delivered", words="", at=request.received_at)
            return Delivery(receipts=(receipt,), body=b"seen")
        arrival = Arrival(channel="tiny", source_id="a", raw=request.body, received_at=request.received_at)
        return Delivery(arrivals=(arrival,), status=201, media_type="text/xml", body=b"<ok>{reference}</ok>")


class Paged(Tiny):
    """One page, which says who calls."""

    def routes(self, host: Host) -> Sequence[web.AbstractRouteDef]:
        async def page(request: web.Request) -> web.Response:
            return web.Response(text=f"{request.remote} {host.base_url}")

        return [web.get("/", page)]


class Nowhere:
    """A host whose inbox is a shelf."""

    base_url = "https://lapor.example"

    def __init__(self) -> None:
        self.inbox = Shelf()

    def notice(self) -> tuple[str, str]:
        return "", ""

    async def progress(self, reference: str) -> Progress | None:
        raise NotImplementedError


@asynccontextmanager
async def opened(
    channels: Mapping[str, Channel], *, proxies: Sequence[str] = (), lines: Lines | None = None
) -> AsyncIterator[tuple[Nowhere, str]]:
    host = Nowhere()
    networks = [ip_network(each) for each in proxies]
    async with public.opened(("127.0.0.1", 0), channels, host, proxies=networks, journal=Journal(lines or Lines(io.BytesIO()))) as port:
        yield host, f"http://127.0.0.1:{port}"


async def call(
    url: str, body: bytes | io.BytesIO = b"", headers: Mapping[str, str] | None = None
) -> tuple[int, str, aiohttp.ClientResponse]:
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
        return answer.status, await answer.text(), answer


async def get(url: str | URL, headers: Sequence[tuple[str, str]] = ()) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        return answer.status, await answer.text()


async def test_a_call_is_answered_when_it_is_kept_and_with_its_reference() -> None:
    channel = Called()
    async with opened({"tiny": channel}) as (host, url):
        host.inbox.slow = True
        calling = asyncio.create_task(call(f"{url}/push/tiny?a=1&a=2", b"words", {"X-Secret": "s"}))
        async with asyncio.timeout(60):
            while not host.inbox.waiting:
                await asyncio.sleep(0.005)
        assert not calling.done()
        host.inbox.waiting[0].set_result(await Shelf().accept(host.inbox.arrivals[0]))
        status, text, answer = await calling
    assert (status, text, answer.content_type) == (201, "<ok>r</ok>", "text/xml")
    assert answer.headers["Server"] == "lapor-gateway"
    (request,) = channel.requests
    assert (request.method, request.path, request.query, request.body) == ("POST", "/push/tiny", {"a": "1"}, b"words")
    assert (request.headers["x-secret"], request.client) == ("s", "127.0.0.1")
    assert request.received_at.tzinfo is UTC


async def test_octets_in_a_query_reach_the_channel_as_they_are() -> None:
    channel = Called()
    async with opened({"tiny": channel}) as (_, url):
        await get(URL(f"{url}/push/tiny?udh=%05%00%03%C8%03%02&text=%C3%A9+a&empty=", encoded=True))
    (request,) = channel.requests
    assert request.query == {"udh": b"\x05\x00\x03\xc8\x03\x02".decode("utf-8", "surrogateescape"), "text": "é a", "empty": ""}


async def test_what_is_below_the_path_is_the_channels_too() -> None:
    async with opened({"tiny": Called()}) as (host, url):
        assert (await call(f"{url}/push/tiny/dlr"))[:2] == (200, "seen")
        assert (await call(f"{url}/push/tinier"))[0] == 404
    assert len(host.inbox.receipts) == 1


@pytest.mark.parametrize(("body", "status", "words"), [(b"forged", 403, "not allowed\n"), (b"bad", 400, "from: missing\n")])
async def test_a_call_that_is_wrong_hears_why_and_nothing_is_kept(body: bytes, status: int, words: str) -> None:
    async with opened({"tiny": Called()}) as (host, url):
        assert (await call(f"{url}/push/tiny", body))[:2] == (status, words)
    assert host.inbox.arrivals == []


async def test_a_fault_of_ours_says_no_more_than_its_kind_and_the_operator_hears_where_it_is() -> None:
    log = io.BytesIO()
    lines = Lines(log)
    async with opened({"tiny": Called()}, lines=lines) as (_, url):
        status, text, _ = await call(f"{url}/push/tiny", b"bug")
    assert status == 500
    assert "KeyError" in text
    lines.flush()
    fell = msgspec.json.decode(log.getvalue())
    assert fell["event"] == "answer_fell"
    assert "test_public.py" in fell["words"]
    assert "KeyError" in fell["words"]
    assert SECRET not in text + fell["words"]


async def test_a_body_that_breaks_off_or_is_not_what_it_says_is_no_fault_of_ours() -> None:
    log = io.BytesIO()
    lines = Lines(log)
    async with opened({"tiny": Called()}, lines=lines) as (host, url):
        assert (await call(f"{url}/push/tiny", b"no gzip", {"Content-Encoding": "gzip"}))[0] == 400
        _, port = url.rsplit(":", 1)
        _, writer = await asyncio.open_connection("127.0.0.1", int(port))
        writer.write(b"POST /push/tiny HTTP/1.1\r\nHost: x\r\nContent-Length: 700\r\n\r\nwords")
        await asyncio.sleep(0.05)
        writer.close()
        assert (await call(f"{url}/push/tiny", b"words"))[0] == 201
    lines.flush()
    assert log.getvalue() == b""
    assert len(host.inbox.arrivals) == 1


async def test_while_the_store_is_away_a_caller_is_asked_to_come_again() -> None:
    async with opened({"tiny": Called()}) as (host, url):
        host.inbox.problem = Unavailable("disk_full", retry_after=17)
        status, _, answer = await call(f"{url}/push/tiny", b"words")
        assert (status, answer.headers["Retry-After"]) == (503, "17")
        host.inbox.problem = None
        assert (await call(f"{url}/push/tiny", b"words"))[0] == 201


async def test_a_call_that_is_too_large_is_refused() -> None:
    async with opened({"tiny": Called()}) as (host, url):
        assert (await call(f"{url}/push/tiny", io.BytesIO(b"x" * (LARGEST + 1))))[0] == 413
    assert host.inbox.arrivals == []


async def test_calls_that_are_begun_and_not_ended_leave_room_for_others() -> None:
    """A thousand of a megabyte each took a gigabyte."""
    head = f"POST /push/tiny HTTP/1.1\r\nHost: x\r\nContent-Length: {LARGEST}\r\n\r\n".encode()
    async with opened({"tiny": Called()}) as (host, url), AsyncExitStack() as stack:
        begun = list[StreamReader]()
        for _ in range(TOGETHER // LARGEST + 8):
            reader, writer = await asyncio.open_connection("127.0.0.1", URL(url).port)
            stack.callback(writer.close)
            writer.write(head + b"x" * (LARGEST - 1))
            with suppress(ConnectionError):
                await writer.drain()
            begun.append(reader)
        answers = [asyncio.create_task(reader.readuntil(b"\r\n\r\n")) for reader in begun]
        (answered, *_), waiting = await asyncio.wait(answers, return_when=asyncio.FIRST_COMPLETED)
        first = answered.result().decode()
        assert first.startswith("HTTP/1.1 503 ")
        assert "Retry-After: 5\r\n" in first
        # what is small is heard beside them
        assert (await call(f"{url}/push/tiny", b"words"))[0] == 201
        for task in waiting:
            task.cancel()
    assert len(host.inbox.arrivals) == 1


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("PUT", "/", 405), ("POST", "/push/tiny", 413)])
async def test_what_the_server_itself_answers_is_dressed_as_a_page(method: str, path: str, status: int) -> None:
    body = io.BytesIO(b"x" * (LARGEST + 1) if status == 413 else b"")
    async with (
        opened({"tiny": Called(), "page": Paged()}) as (host, url),
        aiohttp.ClientSession() as session,
        session.request(method, url + path, data=body) as answer,
    ):
        assert answer.status == status
        assert answer.headers["Server"] == "lapor-gateway"
        assert headers("page", host.base_url).items() <= dict(answer.headers).items()


@pytest.mark.parametrize(
    ("said", "proxies", "caller"),
    [
        ([], ["127.0.0.0/8"], "127.0.0.1"),
        (["203.0.113.7"], ["127.0.0.0/8"], "203.0.113.7"),
        (["203.0.113.7"], [], "127.0.0.1"),
        (["198.51.100.9, 203.0.113.7"], ["127.0.0.0/8"], "203.0.113.7"),
        (["198.51.100.9, 203.0.113.7"], ["127.0.0.0/8", "203.0.113.0/24"], "198.51.100.9"),
        (["198.51.100.9", "203.0.113.7"], ["127.0.0.0/8"], "203.0.113.7"),
        (["nonsense, 203.0.113.7"], ["127.0.0.0/8", "203.0.113.0/24"], "203.0.113.7"),
        (["127.0.0.1, 127.0.0.2"], ["127.0.0.0/8"], "127.0.0.1"),
    ],
)
async def test_behind_our_proxies_the_caller_is_whom_they_name(said: list[str], proxies: list[str], caller: str) -> None:
    async with opened({"web": Paged()}, proxies=proxies) as (_, url):
        assert await get(url, [("X-Forwarded-For", each) for each in said]) == (200, f"{caller} https://lapor.example")


async def test_without_a_door_that_needs_it_the_address_is_not_opened() -> None:
    async with public.opened(("127.0.0.1", 0), {"tiny": Tiny()}, Nowhere(), proxies=(), journal=QUIET) as port:
        assert port is None


async def test_an_address_that_is_taken_is_named() -> None:
    port = free_port()
    async with public.opened(("127.0.0.1", port), {"web": Paged()}, Nowhere(), proxies=(), journal=QUIET):
        with pytest.raises(CannotListen, match=rf"\[http\] public: cannot listen at 127.0.0.1:{port}"):
            async with public.opened(("127.0.0.1", port), {"web": Paged()}, Nowhere(), proxies=(), journal=QUIET):
                pass


# --- where a case stands ---


async def test_whoever_holds_the_code_learns_where_the_case_stands_and_no_more(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        host = Reception(Shelf(), "", here.store)
        accepted = await here.put(f"+6281200000001|{SECRET}")
        found = await host.progress(accepted.reference.lower().replace("-", " "))
        assert found is not None
        assert (found.state, found.tracking_id, [state for state, _ in found.timeline]) == ("received", "", ["received"])
        (claim,) = await claimed(here.store)
        await here.store.settle(Settlement(claim=claim, step="done", registration=REGISTERED))
        found = await host.progress(accepted.reference)
        assert found is not None
        assert (found.state, found.tracking_id) == ("registered", "1234567")
        assert found.timeline[-1] == ("registered", REGISTERED.registered_at)
        assert SECRET not in repr(found)


async def test_what_waits_for_a_person_or_was_put_aside_says_so(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        host = Reception(Shelf(), "", here.store)
        accepted = await here.put("nobody can read this")
        await here.submit()
        found = await host.progress(accepted.reference)
        assert found is not None
        assert found.state == "under_review"
        assert await here.store.drop(accepted.case_id, "rini", SECRET)
        found = await host.progress(accepted.reference)
        assert found is not None
        assert [state for state, _ in found.timeline] == ["received", "not_forwarded"]
        assert SECRET not in repr(found)


async def test_the_ledgers_number_leads_to_the_same_place_but_not_to_our_code(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        host = Reception(Shelf(), "", here.store)
        accepted = await here.put(f"{CITIZEN}|jalan rusak")
        await here.submit()
        found = await host.progress(accepted.reference)
        assert found is not None
        for written in (found.tracking_id, f" #{found.tracking_id}"):
            by_number = await host.progress(written)
            assert by_number is not None
            assert by_number == msgspec.structs.replace(found, reference=found.tracking_id)
        assert await host.progress("9165816") is None


async def test_a_code_that_nobody_has_is_told_from_one_that_cannot_be(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        host = Reception(Shelf(), "", here.store)
        assert await host.progress("0000-0000-0000") is None
        for code, kind in (("0000-0000-0001", "check"), ("9165", "shape"), ("", "shape")):
            with pytest.raises(ValueError, match=rf"^{kind}$"):
                await host.progress(code)
