"""Store and forward, as an SMSC does it: in come messages from phones, out they go to whichever gateway session has room, again and
again until one says ROK. It never reads what they say, and keeps them in memory only.
"""

from __future__ import annotations

import asyncio
from collections import deque

import msgspec
from smpplib import consts

from channels.sms import pdu, segments
from gateway.rehearse.link import Link, Mobile
from gateway.rehearse.misbehave import Faults

#: with `parts_shuffled`, how long messages gather before they go out in the wrong order
GATHER_S = 0.1


class Ack(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One deliver_sm_resp."""

    mobile: Mobile
    status: int


class Spool:
    """Messages that wait, and the sessions that take them, in turn."""

    def __init__(self, *, window: int, retry_s: float) -> None:
        self.faults = Faults()
        #: every answer, in the order in which they came
        self.acked: list[Ack] = []
        self._window, self._retry_s = window, retry_s
        self._waiting: deque[Mobile] = deque()
        self._links: deque[Link] = deque()
        self._closed = False

    def __len__(self) -> int:
        """How many are neither under way nor taken."""
        return len(self._waiting)

    def put(self, raw: bytes) -> Mobile:
        """Take a PDU in, to be delivered as it is."""
        mobile = Mobile(raw=raw)
        for _ in range(2 if self.faults.has("duplicate_parts") and _is_part(raw) else 1):
            self._queue(mobile)
        return mobile

    def join(self, link: Link) -> None:
        """A session can take messages from now on."""
        self._links.append(link)
        self._pump()

    def pause(self, link: Link) -> None:
        """A session gets no more; what is under way may still be answered."""
        if link in self._links:
            self._links.remove(link)

    def leave(self, link: Link) -> None:
        """A session is gone; what it never answered is delivered again."""
        self.pause(link)
        for mobile in link.window.values():
            self._again(mobile)
        link.window.clear()

    def answered(self, link: Link, sequence: int, status: int) -> bool:
        """An answer came; False when nothing was under way under that number."""
        mobile = link.window.pop(sequence, None)
        if mobile is None:
            return False
        first_yes = status == consts.SMPP_ESME_ROK and not mobile.taken
        mobile.statuses.append(status)
        self.acked.append(Ack(mobile=mobile, status=status))
        if first_yes and self.faults.has("redelivers"):
            self._queue(mobile)
        elif not mobile.taken:
            self._again(mobile)
        self._pump()
        return True

    def close(self) -> None:
        """Deliver nothing more."""
        self._closed = True

    def _again(self, mobile: Mobile) -> None:
        if not mobile.taken and not self._closed:
            asyncio.get_running_loop().call_later(self._retry_s, self._queue, mobile)

    def _queue(self, mobile: Mobile) -> None:
        if self.faults.has("parts_shuffled"):
            self._waiting.appendleft(mobile)
            asyncio.get_running_loop().call_later(GATHER_S, self._pump)
        else:
            self._waiting.append(mobile)
            self._pump()

    def _pump(self) -> None:
        """Hand out while a session has room, one to each in turn."""
        full = 0
        while self._waiting and full < len(self._links) and not self._closed:
            link = self._links[0]
            self._links.rotate(-1)
            if link.open and not link.mute and len(link.window) < self._window:
                link.carry(self._waiting.popleft())
                full = 0
            else:
                full += 1


def _is_part(raw: bytes) -> bool:
    try:
        return segments.concat(pdu.read_message(raw))[0] is not None
    except pdu.Malformed:
        return False
