"""The mail door, entered from our own side: a mail brought to our own listener, as any server brings one.

In: words, where it listens, to whom. Out: the code in the last answer. It says nothing to our relay.
"""

from __future__ import annotations

import asyncio
import re
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Final

import aiosmtplib

from channels.base import Refused, Unavailable

PATIENCE_S: Final = 60.0
#: a domain that nobody has (RFC 6761 §6.4)
_NOWHERE: Final = "uji.invalid"
_QUEUED: Final = re.compile(r"queued as (\S+)")


async def enter(words: str, host: str, port: int, to: str) -> str:
    """Raises Refused or Unavailable."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"uji@{_NOWHERE}", to, "Uji saluran otomatis"
    mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain=_NOWHERE)
    mail.set_content(words)
    client = aiosmtplib.SMTP(hostname=host, port=port, timeout=PATIENCE_S, start_tls=False, local_hostname=_NOWHERE)
    try:
        async with asyncio.timeout(PATIENCE_S), client:
            _, said = await client.send_message(mail, sender=f"uji@{_NOWHERE}", recipients=[to])
    except aiosmtplib.SMTPResponseException as answer:
        raise (Refused if answer.code >= 500 else Unavailable)(f"smtp_{answer.code}") from None
    except aiosmtplib.SMTPRecipientsRefused:
        raise Refused("smtp_recipient") from None
    except (aiosmtplib.SMTPException, TimeoutError, OSError) as problem:
        raise Unavailable("no_answer") from problem
    found = _QUEUED.search(said)
    if found is None:
        raise Unavailable("bad_answer")
    return found[1]
