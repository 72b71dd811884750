"""Who signed a call: HMAC-SHA256 over a time and the exact bytes of the body.

In: a header such as `t=1795000000,v1=5257a8…`, a secret, the bytes, the present. Out: whether they belong together. Pure. The time is
signed as well, so that a call that somebody recorded is worth nothing five minutes later.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime
from typing import Final

HEADER: Final = "X-Lapor-Signature"
#: seconds between their clock and ours
TOLERANCE_S: Final = 300
#: of a header: more than one v1 while a secret is being changed
_SHAPE: Final = re.compile(r"t=([0-9]{1,12})((?:,v1=[0-9a-f]{64}){1,4})")


def signed(secret: str, at: int, body: bytes) -> str:
    """The header."""
    return f"t={at},v1={_digest(secret, at, body)}"


def timely(header: str, now: datetime) -> bool:
    """True for a header of the right shape and time: worth reading a body for."""
    found = _SHAPE.fullmatch(header)
    return found is not None and abs(int(found[1]) - now.timestamp()) <= TOLERANCE_S


def genuine(header: str, secret: str, body: bytes) -> bool:
    """True when one of its signatures was made with this secret."""
    found = _SHAPE.fullmatch(header)
    if found is None:
        return False
    right = _digest(secret, int(found[1]), body)
    return any(hmac.compare_digest(right, said.removeprefix("v1=")) for said in found[2].lstrip(",").split(","))


def _digest(secret: str, at: int, body: bytes) -> str:
    return hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
