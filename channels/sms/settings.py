"""What the table of an operator's SMPP account may say (`kind = "sms.esme"`).

In: a table that was read elsewhere. Out: a record whose every value has been checked. It never shows the password.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

Seconds = Annotated[float, msgspec.Meta(gt=0)]
#: C-octet strings of a bind (SMPP 3.4 §5.2.1-3); the codec would cut a longer one without a word
SystemId = Annotated[str, msgspec.Meta(min_length=1, max_length=15, pattern="^[ -~]*$")]
Password = Annotated[str, msgspec.Meta(max_length=8, pattern="^[ -~]*$")]
SystemType = Annotated[str, msgspec.Meta(max_length=12, pattern="^[ -~]*$")]


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One operator. Seconds are seconds; `sessions` are binds (pairs of binds for transmitter+receiver)."""

    host: str
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 2775
    system_id: SystemId
    password: Password
    system_type: SystemType = ""
    bind: Literal["transceiver", "transmitter+receiver"] = "transceiver"
    sessions: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1
    #: who we are to the citizen
    short_code: Annotated[str, msgspec.Meta(min_length=1, max_length=20, pattern="^[ -~]*$")] = "1708"
    #: unanswered submit_sm per bind; twice as many deliver_sm are taken in before we stop reading
    window: Annotated[int, msgspec.Meta(ge=1)] = 100
    #: submit_sm a second per bind; 0 is no limit
    rate_per_s: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    enquire_link_s: Seconds = 30.0
    response_timeout_s: Seconds = 30.0
    tls: bool = False
    #: a file of certificates to trust instead of the machine's
    tls_ca: str = ""
    #: what the operator means by data_coding 0
    default_alphabet: Literal["gsm7", "latin1", "ascii", "utf8", "ucs2", "cp1252"] = "gsm7"
    #: the TLV in which the operator gives each message an id of its own; 0 when there is none
    id_tlv: Annotated[int, msgspec.Meta(ge=0, le=0xFFFF)] = 0
    redelivery_window_s: Annotated[int, msgspec.Meta(ge=0)] = 600
    part_timeout_s: Annotated[int, msgspec.Meta(gt=0)] = 600

    def __rich_repr__(self) -> list[tuple[str, Any]]:  # the struct has one of its own, which would show all
        return [(name, "***" if name == "password" else getattr(self, name)) for name in self.__struct_fields__]

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"
