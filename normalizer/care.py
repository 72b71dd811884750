"""What must not be overlooked in a complaint: danger, abuse of office, insults, advertisements, trials.

In: what a channel noticed, what the rules found. Out: flags, each once. A flag never refuses a complaint.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, get_args

from normalizer.complaint import Flag
from normalizer.rulebook import WORDED
from normalizer.weigh import Findings

_KNOWN: Final[dict[str, Flag]] = {flag: flag for flag in get_args(Flag)}
#: in the order in which the record lists them
_RAISED: Final[tuple[Flag, ...]] = tuple(flag for flag in _KNOWN.values() if flag in WORDED)


def flags(noticed: Collection[str], findings: Findings, *, undecodable: bool, unclear: bool) -> tuple[Flag, ...]:
    """What the channel noticed, what the reading met, what the words raise; a word that the record does not know stays with the message."""
    if not (noticed or findings or undecodable or unclear):
        return ()
    raised = [flag for flag in _RAISED if flag in findings]
    if unclear:
        raised.insert(0, "needs_clarification")
    if undecodable:
        raised.insert(0, "undecodable")
    return tuple([_KNOWN[flag] for flag in dict.fromkeys([*noticed, *raised]) if flag in _KNOWN]) if noticed else tuple(raised)
