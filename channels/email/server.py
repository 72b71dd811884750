"""The SMTP server of a mailbox: opened, watched, and closed politely.

In: an address to listen at and a house. Out: conversations. It never looks at what they say.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl

from channels.email.conversation import Conversation
from channels.email.house import House
from channels.email.settings import Settings, place

#: how often somebody looks for clients that are too slow
WATCH_S = 1.0
#: for mails that are under way when we close
SETTLE_S = 5.0
BACKLOG = 512


def tls(settings: Settings) -> ssl.SSLContext | None:
    """What STARTTLS needs, when there is a certificate. Raises ValueError."""
    if not settings.tls_cert:
        return None
    try:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(settings.tls_cert, settings.tls_key or None)
    except OSError as problem:  # SSLError is one
        raise ValueError(f"tls_cert, tls_key: {problem.strerror or 'no certificate and key that go together'}") from None
    return context


class Server:
    """Listens while `open`; `port` is known then. `shared`: with others of the same user who share it too."""

    def __init__(self, listen: str) -> None:
        self._host, self._port = place(listen)
        self.port, self.shared = 0, False
        # aiosmtpd writes addresses and what clients say into this log
        logging.getLogger("mail.log").setLevel(logging.CRITICAL + 1)

    async def serve(self, house: House) -> None:
        """Work until cancelled; then take nobody in, finish the mails that are under way, and say goodbye. Raises OSError."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: Conversation(house, loop), self._host or None, self._port, backlog=BACKLOG, reuse_port=self.shared
        )
        try:
            self.port = server.sockets[0].getsockname()[1]
            while True:
                await asyncio.sleep(WATCH_S)
                late = loop.time()
                for visitor in [visitor for visitor in house.visitors if visitor.deadline < late]:
                    visitor.expire()
        finally:
            self.port = 0
            server.close()
            await _goodbye(house)


async def _goodbye(house: House) -> None:
    for visitor in tuple(house.visitors):
        visitor.leave()
    with contextlib.suppress(TimeoutError):
        # not asyncio.timeout: before Python 3.11.3 its end cannot be told from the cancellation that brought us here
        await asyncio.wait_for(_empty(house), SETTLE_S)
    for visitor in tuple(house.visitors):
        visitor.expire()
        visitor.expire()


async def _empty(house: House) -> None:
    while house.visitors:  # noqa: ASYNC110  # they leave by themselves; there are few, and it is over soon
        await asyncio.sleep(0.02)
