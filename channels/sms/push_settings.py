"""What the table of an aggregator that calls us may say (`kind = "sms.push"`), and what its profile says where the table is silent.

In: a table that was read elsewhere. Out: a record whose every value has been checked, and the `Profile` that follows from it. It never
shows a secret, and knows no aggregator by name: `push_profiles` does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any, Literal, TypeVar

import msgspec

SECRETS = frozenset({"secret", "password", "send_password"})
S = TypeVar("S", bound=msgspec.Struct)
Method = Literal["GET", "POST"]
Codings = Literal["smpp", "kannel"]
State = Literal["delivered", "failed", "pending"]
Printable = Annotated[str, msgspec.Meta(pattern="^[ -~]*$", description="printable ASCII")]


class Fields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"sender": "from", "recipient": "to"}):
    """What the aggregator calls the parts of an SMS that it pushes; "" is what the profile says. In JSON `message.from` lies deeper."""

    sender: str = ""
    recipient: str = ""
    text: str = ""
    #: its own id of the message, the same whenever it tries again
    id: str = ""
    #: the text as octets in hexadecimal; counts before `text`
    hex: str = ""
    #: how the octets are to be read: a number (see `codings`) or the name of a charset
    coding: str = ""
    charset: str = ""
    #: the user data header, as octets or in hexadecimal
    udh: str = ""
    #: of a long message that comes in several: which message, how many, and which of them
    reference: str = ""
    parts: str = ""
    part: str = ""


class SendFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"sender": "from", "recipient": "to"}):
    """What the aggregator calls the parts of an SMS that it shall send; "" is what the profile says."""

    sender: str = ""
    recipient: str = ""
    text: str = ""
    #: where a text that GSM 03.38 lacks goes as UTF-16 in hexadecimal; without it `text` has every text
    hex: str = ""
    coding: str = ""
    #: without these two the credentials go as HTTP Basic
    username: str = ""
    password: str = ""
    receipt_url: str = ""


class ReceiptFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the aggregator calls the parts of a delivery receipt; "" is what the profile says."""

    id: str = ""
    status: str = ""


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """How an aggregator speaks. `Settings` says what each value means."""

    methods: tuple[Method, ...]
    fields: Fields
    codings: Codings = "smpp"
    success_body: str = ""
    success_type: str = "text/plain"
    quiet_body: str = ""
    send_method: Method = "POST"
    send_format: Literal["query", "form", "json"] = "json"
    send_fields: SendFields
    send_fixed: dict[str, str] = {}
    send_accepted: str
    receipt_fields: ReceiptFields
    #: what we write behind the receipt URL: `{id}` is an id of ours, for an aggregator that gives none
    receipt_query: str = ""
    #: added to a letter only when receipts are asked for
    receipt_fixed: dict[str, str] = {}
    #: by the aggregator's word, in lower case
    receipt_states: dict[str, State]


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One aggregator. Seconds are seconds; what is left out is what the profile says."""

    profile: Literal["generic", "kannel", "jasmin", "twilio"] = "generic"
    #: where it calls us, on the public address; receipts come to the same with /dlr behind it
    path: Annotated[str, msgspec.Meta(pattern="^(/[A-Za-z0-9._~-]+)+$", description="a path like /sms/aggregator")]
    #: who we are to the citizen
    short_code: Annotated[str, msgspec.Meta(min_length=1, max_length=20, pattern="^[ -~]*$")] = "1708"

    #: who may call. Every one of these that is set must hold, and one must be set
    secret: Printable = ""
    #: the header that carries the secret; "" when it comes in the field `secret_field` of the query, the form or the JSON
    secret_header: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9-]*$", description="the name of a header")] = ""
    secret_field: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]+$", description="the name of a field")] = "secret"  # noqa: S105 - a name, no secret
    #: HTTP Basic
    username: Printable = ""
    password: Printable = ""
    #: addresses or networks
    allow_from: tuple[str, ...] = ()

    methods: tuple[Method, ...] = ()
    fields: Fields = Fields()
    #: "smpp": data_coding (0 is GSM 03.38, 8 is UTF-16). "kannel": 0 text, 1 octets, 2 UTF-16
    codings: Codings | None = None
    #: what says yes. Without send_url it is the answer to the citizen, and `{reference}` in it is the tracking code
    success_body: str | None = None
    success_type: str = ""
    #: what says yes where nobody is to be answered: parts after the first, receipts, and machines
    quiet_body: str | None = None
    redelivery_window_s: Annotated[int, msgspec.Meta(ge=0)] = 600
    part_timeout_s: Annotated[int, msgspec.Meta(gt=0)] = 600

    #: how citizens are answered: by letters through `send_url`, or once, by what we say to the push; left out, by the first if it is given
    answer: Literal["send_url", "response"] | None = None
    send_url: Annotated[str, msgspec.Meta(pattern=r"^$|^https?://[^\s/?#@]+(/[^\s?#]*)?$", description="https://… without user or ?")] = ""
    send_method: Method | None = None
    send_format: Literal["query", "form", "json"] | None = None
    send_username: Printable = ""
    send_password: Printable = ""
    send_fields: SendFields = SendFields()
    #: fields that never change
    send_fixed: dict[str, str] = {}
    #: a regular expression that finds in its answer that it took the letter; the group `id` is its own id of it
    send_accepted: str = ""
    send_timeout_s: Annotated[float, msgspec.Meta(gt=0, le=60)] = 30.0
    #: letters under way at once
    send_concurrency: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 10
    #: how it reaches `path`/dlr from outside; "" asks for no receipts
    receipt_url: Annotated[str, msgspec.Meta(pattern=r"^$|^https?://[^\s?#@]+$", description="https://… without user or ?")] = ""
    receipt_fields: ReceiptFields = ReceiptFields()

    def __post_init__(self) -> None:
        """Raises ValueError for keys that do not go together; never shows a value."""
        if not (self.secret or self.username or self.allow_from):
            raise ValueError("who may call? set secret, or username and password, or allow_from")
        if bool(self.username) != bool(self.password):
            raise ValueError("username and password go together")
        if self.answer is not None and (self.answer == "send_url") != bool(self.send_url):
            raise ValueError('answer = "send_url" needs send_url, and answer = "response" has no use for it')
        if self.speaks and self.success_body is not None and "{reference}" not in self.success_body:
            raise ValueError("success_body: it is the citizen's answer and must say {reference}, unless letters go by a send_url")
        for network in self.allow_from:
            _network(network)
        try:
            re.compile(self.send_accepted)
        except re.error as problem:
            raise ValueError("send_accepted is no regular expression") from problem

    @property
    def speaks(self) -> bool:
        """What we say to the push is the citizen's answer."""
        return not self.send_url

    @property
    def networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Who may call."""
        return tuple(map(_network, self.allow_from))

    def __rich_repr__(self) -> list[tuple[str, Any]]:  # the struct has one of its own, which would show all
        hidden = SECRETS | {"send_fixed"}  # where an aggregator wants a key in every call
        return [(name, "***" if name in hidden else getattr(self, name)) for name in self.__struct_fields__]

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"


def resolved(settings: Settings, profiles: Mapping[str, Profile]) -> Profile:
    """The profile that the settings name, with every value of their own over it. Raises ValueError when they leave something open."""
    profile = profiles[settings.profile]
    own: dict[str, object] = {}
    for name in profile.__struct_fields__:
        value = getattr(settings, name, None)
        if isinstance(value, msgspec.Struct):
            own[name] = _over(getattr(profile, name), value)
        elif isinstance(value, dict):
            own[name] = getattr(profile, name) | value
        elif value or (value == "" and name.endswith("_body")):
            own[name] = value
    merged = msgspec.structs.replace(profile, **own)
    if settings.speaks and settings.success_body is None:
        raise ValueError("how are citizens answered? set send_url, or success_body: what the citizen reads, with {reference}")
    return merged


def _over(profile: S, own: S) -> S:
    """Names of fields, where they are given."""
    return msgspec.structs.replace(profile, **{name: value for name in own.__struct_fields__ if (value := getattr(own, name))})


def _network(written: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(written)
    except ValueError:
        raise ValueError('allow_from: expected addresses or networks, like "10.0.0.0/8"') from None


def receipt_state(profile: Profile, word: str) -> State:
    """What a word of the aggregator means; one that nobody knows leaves the letter pending."""
    known = word.lower()
    if known.startswith("esme_r") and known != "esme_rok":
        # Jasmin passes on what the operator said to submit_sm (SMPP 3.4 §5.1.3)
        return "failed"
    return profile.receipt_states.get(known, "pending")
