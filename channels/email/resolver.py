"""DNS for the checks of a sender.

In: names. Out: records, or `Trouble` when nobody answered. It blocks, and runs in a thread; one mail may take so long in all and no
longer.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import dns.exception
import dns.name
import dns.nameserver
import dns.rdatatype
import dns.resolver

#: for one question, and for all questions about one mail
QUESTION_S, MAIL_S = 5.0, 20.0
#: questions about one mail: SPF alone may ask a hundred (RFC 7208 §4.6.4), ARC two for each of fifty hops
MOST = 150


class Trouble(Exception):
    """DNS did not answer, or there were too many questions; later it may."""


class Resolver:
    """The names of one mail."""

    def __init__(self, servers: Sequence[tuple[str, int]]) -> None:
        """`servers`: addresses and ports; those of the machine when there are none. Raises Trouble when it has none either."""
        try:
            self._dns = dns.resolver.Resolver(configure=not servers)
        except (dns.exception.DNSException, OSError) as problem:
            raise Trouble from problem
        if servers:
            self._dns.nameservers = [dns.nameserver.Do53Nameserver(host, port) for host, port in servers]
        self._dns.timeout = QUESTION_S / 2
        self._until = time.monotonic() + MAIL_S
        self._known: dict[tuple[str, str], list[str | bytes | tuple[int, str]]] = {}

    def ask(self, name: str, kind: str) -> list[str | bytes | tuple[int, str]]:
        """TXT as bytes, A, AAAA and PTR as text, MX as preference and name; nothing when there is nothing. Raises Trouble."""
        key = name.rstrip(".").lower(), kind
        if key not in self._known:
            self._known[key] = self._asked(*key)
        return self._known[key]

    def texts(self, name: str) -> list[bytes]:
        """The TXT records of a name. Raises Trouble."""
        return [record for record in self.ask(name, "TXT") if isinstance(record, bytes)]

    def _asked(self, name: str, kind: str) -> list[str | bytes | tuple[int, str]]:
        try:
            absolute = dns.name.from_text(name)
        except (dns.exception.DNSException, UnicodeError):
            return []  # nothing has such a name
        left = self._until - time.monotonic()
        if left <= 0 or len(self._known) >= MOST:
            raise Trouble
        try:
            answer = self._dns.resolve(absolute, kind, search=False, raise_on_no_answer=False, lifetime=min(left, QUESTION_S))
        except dns.resolver.NXDOMAIN:
            return []
        except (dns.exception.DNSException, OSError) as problem:
            raise Trouble from problem
        return [_read(record, kind) for record in answer]


def _read(record: object, kind: str) -> str | bytes | tuple[int, str]:
    match kind:
        case "TXT":
            return b"".join(getattr(record, "strings", ()))
        case "MX":
            return int(getattr(record, "preference", 0)), str(getattr(record, "exchange", "")).rstrip(".")
        case "PTR":
            return str(getattr(record, "target", "")).rstrip(".")
        case _:
            return str(getattr(record, "address", ""))
