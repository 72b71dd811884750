"""What the table of a mailbox may say (`kind = "email.mailbox"`).

In: a table that was read elsewhere. Out: a record whose every value has been checked. It never shows a password or a key.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

import msgspec

Count = Annotated[int, msgspec.Meta(ge=1)]
Address = Annotated[str, msgspec.Meta(pattern=r"^[^@\s<>,;:\\\"]+@[^@\s<>,;:\\\"]+$", max_length=254)]
#: an address, or every address of a domain: *@lapor.example
Accepted = Annotated[str, msgspec.Meta(pattern=r"^(\*|[^@\s<>,;:\\\"*]+)@[^@\s<>,;:\\\"]+$", max_length=254)]
Domain = Annotated[str, msgspec.Meta(pattern=r"^$|^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$", max_length=253)]
Networks = tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]

#: settings that may stand in no log
SECRET = frozenset({"smtp_url", "dkim_key"})
LOOPBACK = ("127.0.0.0/8", "::1/128")


class Relay(msgspec.Struct, frozen=True, kw_only=True):
    """Where answers are handed over."""

    host: str
    port: int
    #: plain: no encryption. starttls: required after connecting. tls: from the first byte
    security: Literal["plain", "starttls", "tls"]
    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"Relay({self.host}:{self.port}, {self.security})"


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One mailbox. Sizes are bytes."""

    #: who we are to the citizen: mail to it is accepted, and answers come from it
    address: Address
    listen: str = "127.0.0.1:2525"
    #: more addresses that are ours
    also: tuple[Accepted, ...] = ()
    #: the name beside the address of an answer
    display_name: Annotated[str, msgspec.Meta(max_length=100, pattern=r"^[^\r\n]*$")] = "SP4N-LAPOR!"
    #: what the server calls itself (banner, Received, HELO of answers); "" is the domain of the address
    hostname: Domain = ""
    #: PEM files; STARTTLS is offered when there is a certificate. The key may lie in the certificate's file
    tls_cert: str = ""
    tls_key: str = ""
    max_bytes: Annotated[int, msgspec.Meta(ge=65536, le=1 << 30)] = 26_214_400
    max_connections: Count = 200
    #: from one IPv4 address or one IPv6 /64
    max_connections_per_address: Count = 20
    #: our own edge: its limits are its own business, and its word about a sender is taken
    trusted_relays: tuple[str, ...] = LOOPBACK
    #: the names (authserv-id, RFC 8601) under which the edge writes Authentication-Results
    authserv_ids: tuple[Domain, ...] = ()
    #: domains whose ARC seal is believed
    arc_sealers: tuple[Domain, ...] = ()
    #: DNS servers to ask for SPF, DKIM and DMARC, as address or address:port; () asks those of the machine
    resolvers: tuple[str, ...] = ()
    #: smtp://, smtps:// or smtp+starttls://, with user:password@ where the relay wants it; "" when there are no answers
    smtp_url: str = ""
    #: PEM file of authorities to trust for the relay instead of the machine's
    smtp_ca: str = ""
    #: answers are signed when there is a key: PEM, RSA
    dkim_key: str = ""
    dkim_selector: Domain = ""
    #: "" is the domain of the address
    dkim_domain: Domain = ""

    def __post_init__(self) -> None:
        """Raise ValueError for what cannot work together."""
        if not self.address.isascii() and not self.address.rpartition("@")[0].isascii():
            raise ValueError("address: the part before the @ must be ASCII; most relays could not send our answers otherwise")
        place(self.listen)
        networks(self.trusted_relays)
        self.servers()
        self.relay()
        if self.tls_key and not self.tls_cert:
            raise ValueError("tls_key is given without tls_cert")
        if bool(self.dkim_key) != bool(self.dkim_selector):
            raise ValueError("dkim_key and dkim_selector go together")

    @property
    def domain(self) -> str:
        """Of the address, as DNS knows it."""
        return self.address.rpartition("@")[2].encode("idna").decode().lower()

    @property
    def host(self) -> str:
        """What the server calls itself."""
        return self.hostname or self.domain

    def servers(self) -> tuple[tuple[str, int], ...]:
        """The DNS servers. Raises ValueError."""
        found = []
        for entry in self.resolvers:
            whole = entry.startswith("[") or entry.count(":") == 1
            host, port = place(entry if whole else f"{entry}:53" if ":" not in entry else f"[{entry}]:53")
            ipaddress.ip_address(host)
            found.append((host, port))
        return tuple(found)

    def relay(self) -> Relay | None:
        """Where answers go; None when there are none. Raises ValueError, which shows no part of the URL."""
        return relay_at(self.smtp_url) if self.smtp_url else None

    def __rich_repr__(self) -> list[tuple[str, Any]]:  # the struct has one of its own, which would show all
        return [(name, "***" if name in SECRET and getattr(self, name) else getattr(self, name)) for name in self.__struct_fields__]

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"


def relay_at(smtp_url: str) -> Relay:
    """The relay that a URL names. Raises ValueError, which shows no part of the URL."""
    kinds: dict[str, tuple[Literal["plain", "starttls", "tls"], int]] = {
        "smtp": ("plain", 25), "smtps": ("tls", 465), "smtp+starttls": ("starttls", 587),
    }  # fmt: skip
    try:
        url = urlsplit(smtp_url)
        port = url.port
    except ValueError:
        raise ValueError("smtp_url is no URL") from None
    if url.scheme not in kinds or not url.hostname or url.path.strip("/") or url.query or url.fragment:
        raise ValueError("smtp_url must be written smtp://HOST:PORT, smtps://… or smtp+starttls://USER:PASSWORD@HOST:PORT")
    security, usual = kinds[url.scheme]
    user, password = unquote(url.username or ""), unquote(url.password or "")
    if password and security == "plain" and not _loopback(url.hostname):
        raise ValueError("smtp_url would send the password in clear; use smtps:// or smtp+starttls://")
    return Relay(host=url.hostname, port=port or usual, security=security, user=user, password=password)


def place(text: str) -> tuple[str, int]:
    """Host and port of `127.0.0.1:2525`, `[::1]:2525` or `:2525` (every interface, host ""). Raises ValueError."""
    found = re.fullmatch(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[^:\[\]]*)):(?P<port>\d{1,5})", text)
    if not found or int(found["port"]) > 65535:
        raise ValueError("expected HOST:PORT, like 127.0.0.1:2525 or [::1]:2525")
    return found["six"] or found["host"] or "", int(found["port"])


def networks(texts: tuple[str, ...]) -> Networks:
    """Addresses and networks. Raises ValueError."""
    try:
        return tuple(ipaddress.ip_network(text) for text in texts)
    except ValueError:
        raise ValueError("trusted_relays: expected addresses or networks, like 192.0.2.7 or 10.0.0.0/8") from None


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
