"""What no mail server may send. Pure.

In: a whole message. Out: its refusal, or nothing. It never looks at what the mail says.
"""

from __future__ import annotations

from io import IncrementalNewlineDecoder

from channels.email.data import head_end

MOST_RECEIVED = 100

#: RFC 5321 §2.3.8 (and what SMTP smuggling makes of a bare LF), RFC 3463
BARE = "550 5.6.0 lines must end in CR LF, and neither may stand alone"
LOOP = "554 5.4.6 too many hops, this mail goes round in circles"


def fault(message: bytes) -> str:
    """The refusal; empty for nearly every mail."""
    ends = IncrementalNewlineDecoder(None, translate=False)  # notes which line ends there are, in a fraction of the time of counting them
    ends.decode(message.decode("latin-1"), final=True)
    if ends.newlines not in {None, "\r\n"}:
        return BARE
    if message.count(b"\n", 0, end := head_end(message)) > MOST_RECEIVED:
        head = b"\r\n" + message[:end].lower()
        if head.count(b"\r\nreceived:") > MOST_RECEIVED:
            return LOOP
    return ""
