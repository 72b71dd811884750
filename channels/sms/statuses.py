"""What the status of an SMPP answer means for a letter.

In: the command_status of a submit_sm_resp or generic_nack (SMPP 3.4 §5.1.3). Out: `Refused` or `Unavailable`, to be raised by the
caller. It never decides how often to try again.
"""

from __future__ import annotations

from smpplib import consts

from channels.base import Refused, Unavailable

#: the other side asks us to be slower; the bind obeys
SLOWER = frozenset({consts.SMPP_ESME_RTHROTTLED, consts.SMPP_ESME_RMSGQFUL})

#: what may go well the next time: status -> (our word, seconds to leave the other side alone or None)
TEMPORARY: dict[int, tuple[str, float | None]] = {
    consts.SMPP_ESME_RTHROTTLED: ("throttled", 1.0),
    consts.SMPP_ESME_RMSGQFUL: ("queue_full", 5.0),
    consts.SMPP_ESME_RSYSERR: ("system_error", None),
    consts.SMPP_ESME_RX_T_APPN: ("temporary_error", None),
    # The bind fell on their side while we believed in it: the next bind can send the same letter.
    consts.SMPP_ESME_RINVBNDSTS: ("not_bound", None),
    # "submit_sm failed" is what SMSCs say when they have no better word, an unreachable subscriber store among them.
    consts.SMPP_ESME_RSUBMITFAIL: ("submit_failed", None),
    consts.SMPP_ESME_RDELIVERYFAILURE: ("delivery_failed", None),
    consts.SMPP_ESME_RUNKNOWNERR: ("unknown_error", None),
}

#: a bind refused so may be taken a moment later: the SMSC is starting, or has not yet noticed that our last session is gone
BIND_AGAIN = frozenset(
    {
        consts.SMPP_ESME_RSYSERR,
        consts.SMPP_ESME_RALYBND,
        consts.SMPP_ESME_RBINDFAIL,
        consts.SMPP_ESME_RMSGQFUL,
        consts.SMPP_ESME_RTHROTTLED,
        consts.SMPP_ESME_RX_T_APPN,
    }
)

#: every status the specification names: status -> ESME_…
NAMES: dict[int, str] = {value: name.removeprefix("SMPP_") for name, value in vars(consts).items() if name.startswith("SMPP_ESME_")}


def words(status: int) -> str:
    """A status for an operator's eyes: its name and the specification's text, or the bare number of a vendor's own."""
    name = NAMES.get(status)
    return f"{name}: {consts.DESCRIPTIONS[status]}" if name else f"status 0x{status:08X}"


def answered(status: int, message_id: str = "") -> str:
    """A submit_sm_resp as it is kept: command_status in hexadecimal, message_id."""
    return f"{status:08x} {message_id}".rstrip()


def failure(status: int) -> Refused | Unavailable:
    """What a status other than ESME_ROK is for the letter.

    A status that the specification names and `TEMPORARY` does not is about the letter itself (number, alphabet, length): the same
    letter would fail again. One that the specification does not name is a vendor's own (0x400 to 0x4FF) and says nothing to us; it is
    taken as temporary, because a letter tried in vain ends with a person, and a letter wrongly given up ends with a citizen who was
    never answered.
    """
    if known := TEMPORARY.get(status):
        return Unavailable(known[0], retry_after=known[1], said=answered(status))
    name = NAMES.get(status)
    if name is None:
        return Unavailable(f"status_0x{status:04x}", said=answered(status))
    return Refused(name.removeprefix("ESME_").lower(), words(status), said=answered(status))
