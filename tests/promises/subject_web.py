"""The web door as a subject: an app that sends again with the same key. It has no way back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast

import msgspec

from channels.base import Arrival, Channel, Letter
from channels.web import site
from tests.fakes.inbox import Shelf
from tests.fakes.web_host import Reception, opened
from tests.promises.channels import ANSWER, WORDS, Kept, Reluctant, Subject

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
WHO = "Warga Pasar"
KEY = "kunci-aplikasi-dinas"
SITE: dict[str, Any] = {"api_keys": [KEY]}
FULL: dict[str, Any] = {
    "version": 1, "via": "form", "text": WORDS, "classification": "pengaduan", "title": "Lampu mati", "incident_date": "2026-11-20",
    "location": "Pasar Lama", "region": "32.73", "place": "Kota Bandung", "agency": "Dinas Contoh", "category": "AGAMA", "name": WHO,
    "contact": "+6281200000077", "privacy": "rahasia", "extras": {"lat": "-6.2", "long": "106.8"},
    "files": [{"name": "a.jpg", "media_type": "image/jpeg", "size": 7, "digest": "00"}],
}  # fmt: skip


@asynccontextmanager
async def _coming(inbox: Reluctant) -> AsyncIterator[Channel]:
    # it satisfies the same protocol as the shelf that it has
    async with opened(Reception(cast(Shelf, inbox)), api_keys=(KEY,)) as door:
        for status in (503, 201):
            call = door.client.post(
                f"{door.url}/api/v1/complaints", json={"text": WORDS, "name": WHO}, headers={"Idempotency-Key": "7", "X-API-Key": KEY}
            )
            async with call as answer:
                assert answer.status == status
        yield door.site


@asynccontextmanager
async def _sending(_fault: str) -> AsyncIterator[tuple[Channel, Letter]]:
    letter = Letter(key="k", case_id="1", channel="web", to=WHO, kind="receipt", text=ANSWER, reply_to={})
    yield site.channel("web", msgspec.convert(SITE, site.Settings)), letter


def _kept(**fields: Any) -> Kept:
    return Kept(arrival=Arrival(channel="pintu", source_id="7", raw=msgspec.json.encode(fields), received_at=NOW))


WEB_SUBJECT = Subject(
    kind="web.site",
    table=SITE,
    secrets=(KEY,),
    private=(WHO,),
    examples=[_kept(**FULL), _kept(via="api", text=WORDS, privacy="terbuka")],
    coming=_coming,
    way_back=False,
    sending=_sending,
    fates={"refused": ("",)},
    never=dict.fromkeys(("taken", "throttled", "broken", "garbled", "silent", "dropped", "gone"), "it writes no letters"),
)
