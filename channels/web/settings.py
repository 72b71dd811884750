"""What the table of the web door may say (`kind = "web.site"`).

In: a table that was read elsewhere. Out: a record whose every value has been checked. It never shows a key.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0)]
Key = Annotated[str, msgspec.Meta(min_length=16, max_length=200, pattern="^[!-~]*$")]
MB = 1024 * 1024


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One site. Bytes are bytes, seconds are seconds."""

    #: complaints that one client (an IPv4 address, an IPv6 /64) may send within an hour; 0 is no limit.
    #: A mobile operator puts thousands of citizens behind one address: too low a number closes the door to all of them.
    submissions_per_hour: Count = 120
    #: codes that one client may ask about within a minute; 0 is no limit
    lookups_per_minute: Count = 60
    max_files: Annotated[int, msgspec.Meta(ge=0, le=20)] = 5
    #: the ledger takes 2 MB for each file
    max_file_bytes: Annotated[int, msgspec.Meta(ge=1024, le=50 * MB)] = 2 * MB
    #: a whole request, with everything that is around the files
    max_body_bytes: Annotated[int, msgspec.Meta(ge=1024, le=200 * MB)] = 12 * MB
    #: a body may take so long, and one second more for each kilobyte that has come; 2G brings ten times that. Six times it is the
    #: most that it may be ahead, so that long without a byte ends it
    body_grace_s: Annotated[float, msgspec.Meta(gt=0)] = 30.0
    #: who calls with one of these (X-API-Key, or Open311's api_key) is not counted with its address: an agency's own app, for example
    api_keys: tuple[Key, ...] = ()
    #: refuse what comes by Open311 without such a key
    open311_key_required: bool = False
    #: where the users of the API turn to; Open311's discovery shows it
    contact: str = "https://www.lapor.go.id"

    def __post_init__(self) -> None:
        """Raises ValueError for settings that cannot work together."""
        if self.open311_key_required and not self.api_keys:
            raise ValueError("open311_key_required without api_keys would refuse everybody")
        if self.max_body_bytes < self.max_file_bytes:
            raise ValueError("max_body_bytes is less than max_file_bytes")

    def __rich_repr__(self) -> list[tuple[str, Any]]:  # the struct has one of its own, which would show all
        return [(name, ("***",) * len(self.api_keys) if name == "api_keys" else getattr(self, name)) for name in self.__struct_fields__]

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"
