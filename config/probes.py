"""The table [probes]: messages that the gateway sends to itself.

In: nothing. Out: a type.
"""

from __future__ import annotations

from typing import Annotated

import msgspec


class ProbeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """[probes]"""

    #: seconds between two rounds through all doors; 0: none
    every_s: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    #: how long a door may take to say yes, and the workers to write a record
    within_s: Annotated[float, msgspec.Meta(gt=0)] = 60.0
