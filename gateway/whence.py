"""Where a request comes from: from a page of ours, from this machine, from whom.

In: a method, headers, addresses. Out: yes, no, an address. It is pure: what it judges by is all in its arguments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

Network = IPv4Network | IPv6Network

_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
#: what a proxy of any kind adds
_FORWARDED: Final = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "X-Forwarded-Host", "X-Forwarded-Proto")


def from_our_page(method: str, headers: Mapping[str, str], origins: Sequence[str]) -> bool:
    """Whether an act was asked for by a page of ours: the browser says so (Fetch Metadata §2.1), or names one of our `origins`
    (RFC 6454 §7). One that says neither is no browser of today, and nobody signs in here without one."""
    if method in _READING:
        return True
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("Origin", "")
    return bool(origin) and origin in origins


def from_this_machine(remote: str, ours: str, headers: Mapping[str, str]) -> bool:
    """Whether a program on this machine asks, by the address `ours` at which it was taken in. What a proxy passed on is not from here,
    wherever the proxy is; and a name in Host that is no address of this machine is a page's that had its name lead here."""
    if any(name in headers for name in _FORWARDED):
        return False
    try:
        near = ip_address(remote).is_loopback or (bool(ours) and ip_address(remote) == ip_address(ours))
    except ValueError:
        return False
    return near and _local_name(headers.get("Host", ""))


def _local_name(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if name == "localhost":
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def caller(remote: str, forwarded: Sequence[str], proxies: Sequence[Network]) -> str:
    """Behind proxies of ours, the last one in X-Forwarded-For who is not one of them; `forwarded` has its values in order. One that is no
    address ends the chain: nobody we trust wrote it."""
    hops = [remote, *(hop.strip() for hop in reversed(",".join(forwarded).split(",")) if hop.strip())]
    found = hops[0]
    for hop, further in zip(hops, [*hops[1:], ""], strict=True):
        try:
            trusted = any(ip_address(hop) in network for network in proxies)
        except ValueError:
            return found
        found = hop
        if not trusted or not further:
            break
    return found
