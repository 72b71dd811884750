"""Who calls with a key of ours.

In: a key as it came. Out: whether it is one. It compares in constant time, and never says which was nearly right.
"""

from __future__ import annotations

import hmac

from channels.web.settings import Settings


def known(settings: Settings, key: str) -> bool:
    """True for one of `api_keys`."""
    given = key.encode("utf-8", "surrogateescape")  # octets of a header that are no UTF-8
    return any(hmac.compare_digest(given, one.encode()) for one in settings.api_keys)
