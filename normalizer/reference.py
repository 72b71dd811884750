"""The reference number: one code that a citizen can dictate over a bad phone line (design §5).

In: the identity of a case, or what somebody typed. Out: `7K3Q-9FXM-2CH4`, eleven Crockford base32 symbols (55 bits) and a check
symbol. It never draws a random number: the code follows from the identity under a secret key, so that a redelivery gets the same.

The check symbol closes a weighted sum over GF(32): sum of weight(i) * symbol(i) = 0, the weights being twelve different powers of a
generator. One wrong symbol changes the sum by weight * error, which is not 0; two symbols in each other's place change it by the
product of two differences that are not 0. So every single error and every swap of any two symbols is caught, not only of neighbours.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final, Literal

#: Crockford's: no I, L, O (read as 1, 1, 0) and no U
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: data symbols; the check symbol comes behind them
SYMBOLS: Final = 11
#: what a mistyped or misread symbol is folded to, and what is left out: people write spaces, dashes of every kind, dots
_FOLD: Final = str.maketrans({
    **{symbol.lower(): symbol for symbol in ALPHABET},
    "O": "0", "o": "0", "I": "1", "i": "1", "L": "1", "l": "1",
    **dict.fromkeys(" \t\r\n\u00a0-_.\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u200b\u200e\u200f\u202a\u202c", ""),
})  # fmt: skip
_VALUE: Final = {symbol: value for value, symbol in enumerate(ALPHABET)}


class BadReference(ValueError):
    """This is no reference number. `kind`: shape (not twelve symbols of the alphabet) or check (mistyped somewhere)."""

    def __init__(self, kind: Literal["shape", "check"]) -> None:
        """The words say what is wrong and never repeat what was typed."""
        super().__init__("not a reference number" if kind == "shape" else "the check symbol of the reference number does not agree")
        self.kind: Literal["shape", "check"] = kind


def _times(a: int, b: int) -> int:
    """Multiply in GF(32), modulo x^5 + x^2 + 1, of which x (that is 2) is a generator."""
    product = 0
    while b:
        if b & 1:
            product ^= a
        a <<= 1
        if a & 32:
            a ^= 0b100101
        b >>= 1
    return product


def _power(exponent: int) -> int:
    """2 to the power of `exponent` in GF(32)."""
    return 1 if exponent == 0 else _times(2, _power(exponent - 1))


#: weight of each data symbol, leftmost first; the check symbol's own is 2**0 = 1
_WEIGHT: Final = tuple(_power(SYMBOLS - position) for position in range(SYMBOLS))
#: a pair of symbols (ten bits) written, and for each of the five pairs what it adds to the check: codes are written by table
_PAIR: Final = tuple(a + b for a in ALPHABET for b in ALPHABET)
_SUM: Final = tuple(
    bytes(_times(_WEIGHT[2 * place], pair >> 5) ^ _times(_WEIGHT[2 * place + 1], pair & 31) for pair in range(1024)) for place in range(5)
)
_LAST_SUM: Final = bytes(_times(_WEIGHT[10], value) for value in range(32))


def mint(key: bytes, channel: str, source_id: str, salt: int = 0) -> int:
    """The 55-bit number of a case, for `write`.

    `key` is secret, 16 to 64 bytes: without it nobody can tell the next number. `salt` counts up in the rare case that two
    identities got one number. Channel names hold no NUL, so no two identities spell the same bytes.
    """
    if len(key) < 16:
        raise ValueError("the key of reference numbers must have 16 to 64 bytes")
    identity = f"{channel}\0{source_id}\0{salt}".encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(identity, digest_size=7, key=key).digest(), "big") >> 1


def write(number: int) -> str:
    """The code as citizens see it, `7K3Q-9FXM-2CH4`; 0 <= number < 2**55, else ValueError."""
    if not 0 <= number < 1 << 55:
        raise ValueError("a reference number has 55 bits")
    a, b, c, d, e, last = number >> 45, number >> 35 & 1023, number >> 25 & 1023, number >> 15 & 1023, number >> 5 & 1023, number & 31
    check = _SUM[0][a] ^ _SUM[1][b] ^ _SUM[2][c] ^ _SUM[3][d] ^ _SUM[4][e] ^ _LAST_SUM[last]
    return f"{_PAIR[a]}{_PAIR[b]}-{_PAIR[c]}{_PAIR[d]}-{_PAIR[e]}{ALPHABET[last]}{ALPHABET[check]}"


def number(text: str) -> int:
    """The number behind a code, however it was typed: any case, spaces, dashes, O for 0, I or L for 1. Raises BadReference."""
    symbols = text.translate(_FOLD) if len(text) <= 64 else ""
    if len(symbols) != SYMBOLS + 1:
        raise BadReference("shape")
    found = total = 0
    for position, symbol in enumerate(symbols):
        value = _VALUE.get(symbol)
        if value is None:
            raise BadReference("shape")
        if position < SYMBOLS:
            found = found << 5 | value
            total ^= _times(_WEIGHT[position], value)
        else:
            total ^= value
    if total:
        raise BadReference("check")
    return found


def read(text: str) -> str:
    """The code in its canonical form, however it was typed. Raises BadReference."""
    return write(number(text))


def nearest(text: str, codes: Iterable[str]) -> str | None:
    """Of codes as `write` gives them, the one that was meant: one symbol is wrong, or two stand in each other's place. None where it could
    be several."""
    typed = text.translate(_FOLD) if len(text) <= 64 else ""
    meant = {code for code in codes if _slipped(typed, code.replace("-", ""))}
    return meant.pop() if len(meant) == 1 else None


def _slipped(typed: str, symbols: str) -> bool:
    if len(typed) != len(symbols):
        return False
    wrong = [(ours, theirs) for ours, theirs in zip(symbols, typed, strict=True) if ours != theirs]
    return len(wrong) == 1 or (len(wrong) == 2 and wrong[0] == wrong[1][::-1])
