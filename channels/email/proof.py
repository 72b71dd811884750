"""Who sent a mail, as far as it can be proved: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489), ARC (RFC 8617).

In: facts that `proving` found, or what our edge wrote. Out: facts, as words; and what they mean for the message. A proof never decides
whether a complaint counts. It decides what is recorded as `verified`, and whether the address may be answered: an answer to a forged
address is mail that a stranger never asked for (backscatter).

    DMARC passed, or SPF or DKIM of the author's own domain where no policy is published     verified, answered
    nobody has published anything, or checks that say neither yes nor no                       unverified, answered
    DMARC failed, whatever its policy asks for; SPF says "fail" and no aligned DKIM vouches    unverified, not answered
    a sealer whom the settings trust saw DMARC pass before it forwarded the mail               verified by it, answered
    DNS did not answer for ten minutes                                                         unverified, answered
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from channels.base import InboundMessage
from channels.email import edge
from channels.email.dmarc import Said


def from_edge(head: bytes, names: Collection[str], author: str) -> dict[str, str]:
    """The facts about the author's domain as our own edge wrote them; empty when it wrote none. Pure."""
    found = edge.results(head, names)
    if not found:
        return {}
    facts = {method: "; ".join(map(str, found[method])) if method in found else "none" for method in ("spf", "dkim", "arc")}
    verdict = found.get("dmarc", [Said(word="none", domain="")])[0]
    # without the list of public suffixes, the same domain or one below it is as much as can be said
    speak = [method for method in ("dkim", "spf") for said in found.get(method, ()) if said.word == "pass" and _within(author, said.domain)]
    return facts | {"dmarc": verdict.word, "domain": author, "aligned": speak[0] if speak else "", "policy": "", "by": "edge"}


def _within(author: str, domain: str) -> bool:
    return bool(domain) and f".{author}".endswith(f".{domain}")


def completed(message: InboundMessage, facts: Mapping[str, str]) -> InboundMessage:
    """The message with its proof; see the table above. Pure."""
    if not facts:
        return message
    verified = _verified(facts)
    forged = not verified and (facts["dmarc"] == "fail" or _word(facts["spf"]) == "fail")
    evidence = "; ".join(f"{method}={facts[method]}" for method in ("spf", "dkim", "dmarc", "arc"))
    extras = message.extras | {"sender_proof": evidence + ("; seen by our edge" if facts.get("by") else "")}
    return msgspec.structs.replace(message, verified=verified, extras=extras, reply_to={} if forged else message.reply_to)


def _verified(facts: Mapping[str, str]) -> str:
    aligned = f"; {facts['aligned']} aligned" if facts["aligned"] else ""
    if facts["dmarc"] == "pass":
        return f"dmarc=pass ({facts['domain']}{aligned})"
    if facts["aligned"] and facts["dmarc"] == "none":
        return f"{facts['aligned']}=pass ({facts['domain']}, aligned; no DMARC policy)"
    if facts["arc"].startswith("trusted"):
        return f"arc=pass, dmarc=pass before {facts['arc'].removeprefix('trusted ')}"
    return ""


def _word(said: str) -> str:
    return said.partition(" ")[0]
