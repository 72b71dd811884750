"""What ledgers tell a gateway in tests: events, and how a call of theirs is signed.

In: a reference, a tracking id. Out: bodies and headers as the published interface has them.
"""

from __future__ import annotations

import io
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from forwarder.signature import HEADER, signed

SHARED = "rahasia bersama untuk uji"


def said(reference: str, tracking_id: str, status: str, *, hours: float = 0.0, **more: str) -> dict[str, Any]:
    """An event; `hours` from now."""
    at = datetime.now(UTC) + timedelta(hours=hours)
    return {"tracking_id": tracking_id, "reference": reference, "at": at.isoformat(), "status": status, "by": "Dinas PU", **more}


async def told(port: int, body: object, *, secret: str = SHARED, age_s: int = 0, header: str | None = None) -> tuple[int, dict[str, Any]]:
    """Status and answer."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    made = signed(secret, int(time.time()) - age_s, content) if header is None else header
    sent = {HEADER: made, "Content-Type": "application/json"}
    url = f"http://127.0.0.1:{port}/ledger/events"
    async with aiohttp.ClientSession() as session, session.post(url, data=io.BytesIO(content), headers=sent) as answer:
        text = await answer.text()
        return answer.status, json.loads(text) if "json" in answer.content_type else {"text": text}
