"""Does a mail come from the domain that its From names? Pure.

In: what SPF, DKIM and DNS said. Out: the verdict, and what it means for a citizen's message. It asks nobody.

RFC 7489 §3.1 (alignment), §6.3 (records), §6.6.3 (whose record counts). The record of a parent between the domain and its
organisational domain is not looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

#: the organisational domain of a domain, by the list of public suffixes
Organisation = Callable[[str], str]


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """A record at _dmarc."""

    action: str
    strict_dkim: bool
    strict_spf: bool


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What one check came to: a word of RFC 8601 §2.7, and the domain that it speaks of."""

    word: str
    domain: str

    def __str__(self) -> str:
        return f"{self.word} ({self.domain})" if self.domain else self.word


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """pass: an aligned check passed. fail: none did. none: nobody has published a policy. `by` names the check that passed, aligned."""

    word: Literal["pass", "fail", "none", "temperror"]
    by: Literal["", "dkim", "spf"]


def parsed(records: Sequence[str]) -> Policy | None:
    """The policy; None when there is none, or more than one (§6.6.3)."""
    found = [tags for record in records if (tags := _tags(record)).get("v") == "DMARC1" and record.lstrip().startswith("v")]
    if len(found) != 1:
        return None
    tags = found[0]
    action = tags.get("p", "").lower()
    if action not in {"none", "quarantine", "reject"}:
        if "rua" not in tags:
            return None
        action = "none"
    return Policy(action=action, strict_dkim=tags.get("adkim", "").lower() == "s", strict_spf=tags.get("aspf", "").lower() == "s")


def _tags(record: str) -> dict[str, str]:
    pairs = (tag.partition("=") for tag in record.split(";"))
    return {name.strip(): value.strip() for name, sign, value in pairs if sign}


def aligned(domain: str, author: str, strict: bool, organisation: Organisation) -> bool:
    """Whether a domain that passed speaks for the domain of the author."""
    domain, author = domain.lower().rstrip("."), author.lower().rstrip(".")
    return bool(domain) and (domain == author or (not strict and organisation(domain) == organisation(author)))


def judged(author: str, spf: Said, dkim: Sequence[Said], *, policy: Policy | None, organisation: Organisation) -> Verdict:
    """The verdict on a mail whose From names the domain `author`."""
    strict_dkim, strict_spf = (policy.strict_dkim, policy.strict_spf) if policy else (False, False)
    by_dkim = {said.word for said in dkim if aligned(said.domain, author, strict_dkim, organisation)}
    by_spf = {spf.word} if aligned(spf.domain, author, strict_spf, organisation) else set()
    by: Literal["", "dkim", "spf"] = "dkim" if "pass" in by_dkim else "spf" if "pass" in by_spf else ""
    if by:
        return Verdict(word="pass" if policy else "none", by=by)
    if "temperror" in by_dkim | by_spf:
        return Verdict(word="temperror", by="")
    return Verdict(word="fail" if policy else "none", by="")
