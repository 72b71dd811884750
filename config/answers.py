"""The tables [answers] and [emergency]: what citizens are told, how often, and which numbers they are given.

In: nothing. Out: types.
"""

from __future__ import annotations

from typing import Annotated

import msgspec


class AnswerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """[answers]"""

    #: more than these go unanswered within an hour, so that two machines cannot talk to each other for ever
    per_sender_hour: Annotated[int, msgspec.Meta(ge=1)] = 5
    #: how long a complaint without a place, or without words, waits for the answer to our one question; 0 asks nothing
    ask_wait_s: Annotated[float, msgspec.Meta(ge=0)] = 7200
    #: a folder of texts that go over those of the gateway
    wordings: str = ""
    #: the states of a ledger that citizens are told of without asking
    tell: tuple[str, ...] = ("forwarded", "answered", "needs_reply", "closed", "rejected")
    #: seconds in which several changes become one letter
    settle_s: Annotated[float, msgspec.Meta(ge=0)] = 600
    #: letters about changes of one complaint in 24 hours
    changes_per_day: Annotated[int, msgspec.Meta(ge=1)] = 3
    #: hours in which nobody is told of a change, by the clock of the place that the complaint is about; "" for none
    quiet: str = "21:00-07:00"


Telephone = Annotated[str, msgspec.Meta(pattern="^[0-9]{3,6}$", description='a short number like "112"')]


class EmergencySettings(msgspec.Struct, frozen=True, kw_only=True):
    """[emergency]: the numbers that an answer names when a complaint tells of a danger."""

    general: Telephone = "112"
    police: Telephone = "110"
    ambulance: Telephone = "119"
