"""The rehearsal SMSC in a test's own loop, on a free port. See gateway/rehearse for what it can do."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.rehearse.parts import long_sms, short_sms
from gateway.rehearse.smsc import Smsc

__all__ = ["Smsc", "long_sms", "running", "short_sms"]


@asynccontextmanager
async def running(
    *faults: str,
    port: int = 0,
    password: str = "",
    window: int = 100,
    retry_s: float = 0.05,
    receipt_after_s: float = 0.01,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Smsc]:
    """An SMSC that listens at `smsc.port`, quicker than the real ones to try again."""
    smsc = Smsc(faults, password=password, window=window, retry_s=retry_s, receipt_after_s=receipt_after_s)
    await smsc.start("127.0.0.1", port, tls=tls)
    try:
        yield smsc
    finally:
        await smsc.stop()
