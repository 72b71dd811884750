"""How long who guesses must wait.

In: how often it failed, and when last. Out: seconds to wait. It knows no names: counts are kept by `tries.py`, in the same way for accounts
that do not exist, so that waiting tells nobody which do.

Three counts, because a single one either lets many machines guess at one account or lets anybody lock its owner out: of this account from
this address, of this address with any account, of this account from anywhere. The last one is patient, and
does not count where the account has signed in before (`tries.AT_HOME_S`): an officer at her own desk waits for her own failures alone.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Kind = Literal["pair", "address", "account"]


class Patience(NamedTuple):
    """Failures that cost nothing, the first wait after them, which doubles with each further one, the longest, and after how long without
    a failure all of them are forgotten: an office behind one address mistypes a good deal in a day."""

    free: int
    first_s: float
    most_s: float
    forgotten_s: float


PATIENCE: Final[dict[Kind, Patience]] = {
    "pair": Patience(5, 30, 15 * 60, 24 * 3600),
    "address": Patience(20, 30, 15 * 60, 3600),
    # below a hundred an hour from everywhere together: ASVS 2.2.1
    "account": Patience(30, 30, 5 * 60, 3600),
}
#: after which nothing of it is known
FORGOTTEN_S: Final = max(patience.forgotten_s for patience in PATIENCE.values())


class Count(NamedTuple):
    """Failures in a row."""

    failed: int
    #: seconds since 1970
    last: float


def wait_s(kind: Kind, count: Count, now: float) -> float:
    """Seconds before the next try is looked at; 0 when it may come now."""
    patience = PATIENCE[kind]
    over = count.failed - patience.free
    if over < 0 or now - count.last >= patience.forgotten_s:
        return 0.0
    wait = min(patience.first_s * (1 << min(over, 16)), patience.most_s)
    # a clock that was set back must not lock anybody out for longer
    return min(max(count.last + wait - now, 0.0), wait)
