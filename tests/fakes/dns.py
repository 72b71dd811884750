"""A DNS server on loopback, over UDP and TCP, with the records that a test gives it and faults by name.

Faults: `servfail`, and `truncated` (over UDP everything is too long). Each may be for one name only: `servfail:a.example`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import cast

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

Records = Mapping[tuple[str, str], Iterable[str]]


class Dns(asyncio.DatagramProtocol):
    """`records`: by name and type, as in a zone file. `asked` are the questions that came, as "name type"."""

    def __init__(self, records: Records, faults: Iterable[str]) -> None:
        self.records = {(name.lower(), kind): tuple(texts) for (name, kind), texts in records.items()}
        self.faults = set(faults)
        self.asked: list[str] = []
        self.port = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._transport.sendto(self._answer(data, tcp=False), addr)

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Questions over TCP, each behind its length."""
        try:
            while True:
                length = int.from_bytes(await reader.readexactly(2), "big")
                answer = self._answer(await reader.readexactly(length), tcp=True)
                writer.write(len(answer).to_bytes(2, "big") + answer)
        except (asyncio.IncompleteReadError, OSError):
            writer.close()

    def _answer(self, data: bytes, *, tcp: bool) -> bytes:
        query = dns.message.from_wire(data)
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)
        self.asked.append(f"{name} {kind}")
        answer = dns.message.make_response(query)
        if self._faulty("servfail", name):
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif self._faulty("truncated", name) and not tcp:
            answer.flags |= dns.flags.TC
        elif texts := self.records.get((name, kind)):
            answer.answer.append(dns.rrset.from_text_list(question.name, 60, "IN", kind, texts))
        elif not any(known == name for known, _ in self.records):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer.to_wire()

    def _faulty(self, fault: str, name: str) -> bool:
        return fault in self.faults or f"{fault}:{name}" in self.faults


@asynccontextmanager
async def answering(records: Records, *faults: str) -> AsyncIterator[Dns]:
    """A server on one free port for both."""
    server = Dns(records, faults)
    loop = asyncio.get_running_loop()
    tcp = await asyncio.start_server(server.converse, "127.0.0.1", 0)
    server.port = tcp.sockets[0].getsockname()[1]
    transport, _ = await loop.create_datagram_endpoint(lambda: server, local_addr=("127.0.0.1", server.port))
    try:
        yield server
    finally:
        transport.close()
        tcp.close()
        await tcp.wait_closed()


def txt(*texts: str) -> tuple[str, ...]:
    """Records as a zone file writes them: in strings of at most 255 octets."""
    return tuple(" ".join(f'"{text[start : start + 250]}"' for start in range(0, len(text), 250)) for text in texts)
