"""The PDUs that keep a session: bind, unbind, enquire_link, generic_nack and their answers, as smpplib writes them.

In: a command's name and its fields. Out: bytes. It numbers nothing and reads nothing.
"""

from __future__ import annotations

import msgspec
from smpplib import consts, smpp


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """Who binds. The specification allows 15, 8 and 12 characters of ASCII (SMPP 3.4 §4.1); smpplib cuts longer ones."""

    system_id: str
    password: str
    system_type: str = ""

    def __rich_repr__(self) -> list[tuple[str, str]]:  # the struct has one of its own, which would show the password
        return [("system_id", self.system_id)]

    def __repr__(self) -> str:
        return f"Credentials(system_id={self.system_id!r})"


class _Unnumbered:
    """What smpplib asks for a sequence number, and does not keep to when it is told one."""

    sequence = 0

    def next_sequence(self) -> int:
        return 0


_UNNUMBERED = _Unnumbered()


def control(name: str, sequence: int, status: int = consts.SMPP_ESME_ROK, fields: dict[str, str] | None = None) -> bytes:
    """A whole PDU; `name` and `fields` are spelled as the specification does."""
    made = smpp.make_pdu(name, client=_UNNUMBERED, **(fields or {}))
    made.sequence, made.status = sequence, status
    return bytes(made.generate())
