"""Proof of who sent a mail, asked of DNS: SPF, DKIM, DMARC and ARC by libraries, in threads.

In: the raw of an arrival, with the journey above it. Out: facts, as words, which `proof` explains. The libraries are large, so this
module is loaded when the first mail is to be proved. It never logs: they would repeat what citizens wrote.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
import threading
import warnings
from collections.abc import Collection, Sequence

import dkim  # type: ignore[import-untyped]  # ships no types
from publicsuffixlist import PublicSuffixList

from channels.base import Unavailable
from channels.email import dmarc, edge, journey
from channels.email.data import head_end
from channels.email.dmarc import Said
from channels.email.resolver import Resolver, Trouble

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its source has escapes in strings that newer Pythons warn of
    import spf  # type: ignore[import-untyped]  # ships no types

#: mails that are checked at once: mostly they wait for DNS, and a domain whose DNS is dead should not hold up everybody else's
AT_ONCE = 8
#: signatures of a mail, and seals, that are looked at
MOST_SIGNATURES, MOST_SEALS = 5, 50
#: what the libraries raise for headers and records that are none (IndexError for a folded first line, TypeError for two b= …)
CRASHES = (ArithmeticError, AssertionError, AttributeError, LookupError, NameError, RecursionError, TypeError, ValueError)

_FROM = re.compile(rb"\r\nfrom[ \t]*:", re.IGNORECASE)
_SEAL = re.compile(rb"\r\narc-seal[ \t]*:", re.IGNORECASE)
_SIGNATURE = re.compile(rb"\r\ndkim-signature[ \t]*:", re.IGNORECASE)
#: the libraries would repeat what citizens wrote
_SILENT = logging.Logger("silent", logging.CRITICAL + 1)


class Prover:
    """Checks mails, a few at once, in threads."""

    def __init__(self, servers: Sequence[tuple[str, int]], sealers: Collection[str]) -> None:
        """`servers`: DNS, see `Resolver`. `sealers`: domains whose ARC seal is believed."""
        self._servers, self._sealers = servers, frozenset(sealer.lower() for sealer in sealers)
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._suffixes: PublicSuffixList | None = None

    async def prove(self, raw: bytes, author: str) -> dict[str, str]:
        """The facts about a mail whose author has this domain ("" when there is none). Raises Unavailable when DNS does not answer."""
        async with self._gate:
            return await asyncio.to_thread(self._proved, raw, author)

    def _proved(self, raw: bytes, author: str) -> dict[str, str]:
        trace, start = journey.read(raw)
        mail = raw[start:]
        if _count(_FROM, mail) != 1:
            author = ""  # none, or two of which a reader may see the other
        try:
            resolver = Resolver(self._servers)
            by_spf = checked_spf(trace, resolver)
            by_dkim = checked_dkim(mail, resolver)
            policy = self._policy(author, resolver)
        except Trouble as trouble:
            raise Unavailable("dns_trouble") from trouble
        verdict = dmarc.judged(author, by_spf, by_dkim, policy=policy, organisation=self._organisation)
        if verdict.word == "temperror":
            raise Unavailable("dns_trouble")
        return {
            "spf": str(by_spf),
            "dkim": "; ".join(map(str, by_dkim)) or "none",
            "dmarc": verdict.word,
            "aligned": verdict.by,
            "policy": policy.action if policy else "",
            "arc": self._arc(mail, resolver),
            "domain": author,
        }

    def _policy(self, author: str, resolver: Resolver) -> dmarc.Policy | None:
        if not author:
            return None
        for domain in dict.fromkeys((author, self._organisation(author))):
            records = [text.decode("utf-8", "replace") for text in resolver.texts(f"_dmarc.{domain}")]
            if policy := dmarc.parsed(records):
                return policy
        return None

    def _organisation(self, domain: str) -> str:
        with self._lock:  # read from a file of 300 KB when the first mail needs it
            self._suffixes = self._suffixes or PublicSuffixList()
        return str(self._suffixes.privatesuffix(domain.lower().rstrip(".")) or domain)

    def _arc(self, mail: bytes, resolver: Resolver) -> str:
        """none, fail, pass (by whom), or what a sealer whom we trust had seen."""
        if not 0 < (seals := _count(_SEAL, mail)) <= MOST_SEALS:
            return "fail" if seals else "none"
        try:
            word, sets, _ = dkim.ARC(mail, logger=_SILENT).verify(dnsfunc=_texts(resolver))
            if word != dkim.CV_Pass:
                return "fail"
            sealer = sets[0]["as-domain"].decode("ascii", "replace").lower()
            before = edge.results(b"Authentication-Results: " + re.sub(rb"^\s*i=\d+;", b"", sets[0]["aar-value"]), _Any())
        except Trouble:
            return "temperror"
        except (dkim.DKIMException, *CRASHES):
            return "fail"
        passed = any(said.word == "pass" for said in before.get("dmarc", ()))
        return f"trusted ({sealer})" if passed and sealer in self._sealers else f"pass ({sealer})"


class _Any(frozenset[str]):
    """Every name: a sealer writes under its own."""

    def __contains__(self, name: object) -> bool:
        return True


class _Query(spf.query):  # type: ignore[misc]  # the library is not typed; a subclass is the one way to give it our DNS
    """SPF with our own questions to DNS; the library's own go wherever the machine says, for as long as they like."""

    resolver: Resolver

    def dns(self, name: str, qtype: str, cnames: object = None, ignore_void: bool = False) -> list[object]:
        """Records as the library wants them: TXT as lists of strings."""
        try:
            found = self.resolver.ask(str(name), qtype)
        except Trouble:
            raise spf.TempError("DNS") from None
        if not found and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                raise spf.PermError("void lookups")
        return [[record] if isinstance(record, bytes) else record for record in found]


def _count(field: re.Pattern[bytes], mail: bytes) -> int:
    """How often a field stands in the header."""
    return len(field.findall(b"\r\n" + mail[: head_end(mail)]))


def checked_spf(trace: journey.Trace, resolver: Resolver) -> Said:
    """May this client send for the domain of the envelope (of the HELO, for a bounce)?"""
    domain = (trace.mail_from.rpartition("@")[2] or trace.helo).lower()
    try:
        ipaddress.ip_address(trace.ip)
        query = _Query(i=trace.ip, s=trace.mail_from, h=trace.helo)
        query.resolver = resolver
        word = query.check()[0] if domain else "none"
    except (spf.PermError, *CRASHES):
        word = "permerror"
    return Said(word=word, domain=domain)


def checked_dkim(mail: bytes, resolver: Resolver) -> list[Said]:
    """One word for each signature, the topmost first."""
    count = _count(_SIGNATURE, mail)
    if not count:
        return []
    try:
        signed = dkim.DKIM(mail, logger=_SILENT)
    except (dkim.DKIMException, *CRASHES):
        return [Said(word="permerror", domain="")]
    return [_checked(signed, index, resolver) for index in range(min(count, MOST_SIGNATURES))]


def _checked(signed: dkim.DKIM, index: int, resolver: Resolver) -> Said:
    signed.domain = None
    try:
        word = "pass" if signed.verify(idx=index, dnsfunc=_texts(resolver)) else "fail"
    except Trouble:
        word = "temperror"
    except dkim.NaClNotFoundError:
        word = "neutral"  # Ed25519, which is not checked here; who signs so signs with RSA too (RFC 8463 §3)
    except dkim.ValidationError:
        word = "fail"
    except (dkim.DKIMException, *CRASHES):
        word = "permerror"
    return Said(word=word, domain=(signed.domain or b"").decode("ascii", "replace").lower())


def _texts(resolver: Resolver) -> object:
    """DNS as dkimpy asks it."""

    def ask(name: bytes | str, timeout: float = 0) -> bytes | None:
        found = resolver.texts(name.decode("ascii", "replace") if isinstance(name, bytes) else name)
        return found[0] if found else None

    return ask
