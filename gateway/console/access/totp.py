"""The second proof: six digits that a telephone makes of a shared key and the clock (RFC 6238), and words for who lost the telephone.

In: a key, digits, a time. Out: whether they fit, and to which half minute. It reads no clock and keeps nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b32encode
from typing import Final
from urllib.parse import quote

STEP_S: Final = 30
#: bytes of a key, as many as RFC 4226 §4 recommends
KEY: Final = 20
#: steps before and after the one that is now: telephones' clocks differ, and typing takes its time
_AROUND: Final = 1
_DIGITS: Final = 6
#: recovery codes that are given out at once
RECOVERY: Final = 10
#: no I, L, O, U: they are copied by hand
_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def fresh_key() -> bytes:
    """Nobody can guess it."""
    return secrets.token_bytes(KEY)


def digits(key: bytes, step: int) -> str:
    """What the telephone shows in this half minute. RFC 4226 §5.3."""
    mac = hmac.digest(key, step.to_bytes(8, "big"), "sha1")
    at = mac[-1] & 0x0F
    number = int.from_bytes(mac[at : at + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**_DIGITS).zfill(_DIGITS)


def step_of(key: bytes, shown: str, now: float, *, after: int) -> int | None:
    """The half minute whose digits these are, None when of none around `now`. One that is not later than `after`, the last that was taken,
    is not taken again: whoever looked over a shoulder comes too late."""
    given = "".join(shown.split()).encode("utf-8", "replace")
    current = int(now // STEP_S)
    fits = [step for step in range(current - _AROUND, current + _AROUND + 1) if hmac.compare_digest(digits(key, step).encode(), given)]
    return next((step for step in fits if step > after), None)


def written(key: bytes) -> str:
    """The key for who types it: groups of four."""
    plain = b32encode(key).decode().rstrip("=")
    return " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))


def picture(key: bytes, *, issuer: str, account: str) -> str:
    """The key for who has a camera: a QR code as a `data:` address of an SVG."""
    import segno

    secret = written(key).replace(" ", "")
    label = f"{quote(issuer, safe='')}:{quote(account, safe='')}"
    code = segno.make(f"otpauth://totp/{label}?secret={secret}&issuer={quote(issuer, safe='')}", error="m", micro=False)
    return code.svg_data_uri(scale=5, border=4, dark="#000", light="#fff")


def fresh_recovery() -> list[str]:
    """Words of 80 bits, each good for one time: `7K3Q-9FXM-2CH4-PD8W`."""
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(16)) for _ in range(RECOVERY)]
    return ["-".join(code[at : at + 4] for at in range(0, 16, 4)) for code in codes]


def recovery_hash(code: str, salt: bytes) -> bytes:
    """What is kept of one. 80 random bits are not found by trying, so a fast hash is enough; the salt is for two equal ones."""
    plain = "".join(sign for sign in code.upper().replace("O", "0").replace("I", "1").replace("L", "1") if sign.isalnum())
    return hashlib.blake2b(plain.encode(), digest_size=32, salt=salt).digest()
