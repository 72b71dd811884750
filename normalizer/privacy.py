"""Who may see a complaint.

In: what the form gave, what the rules found. Out: terbuka, anonim or rahasia, and the rule that raised it. It never makes a complaint
more open than its sender asked for.
"""

from __future__ import annotations

from collections.abc import Mapping

from normalizer import given
from normalizer.complaint import Complaint, Privacy
from normalizer.weigh import Findings


def privacy(fields: Mapping[str, str], findings: Findings) -> tuple[Privacy, str]:
    """As the form says; else as the words ask; else rahasia for whoever tells of an abuse of office, and open for everybody else.

    Who asks for anonim only stays so, even when telling of an abuse: a confidential complaint shows its agency who sent it.
    """
    if fields and given.words(fields, "privacy"):
        return given.privacy(fields), "field"
    if asked := findings.get("rahasia"):
        return "rahasia", asked.rule
    if asked := findings.get("anonim"):
        return "anonim", asked.rule
    if told := findings.get("whistleblowing") or findings.get("oversight"):
        return "rahasia", told.rule
    return "terbuka", ""


def anonymous(chosen: Privacy, because: str, findings: Findings) -> bool:
    """True for whoever asks not to be named. In words one may ask for that and for rahasia; what stands in a form is all that is asked."""
    return chosen == "anonim" or (because != "field" and "anonim" in findings)


def nameless(complaint: Complaint) -> bool:
    """True when no ledger is told who sent it. Records of older gateways say so by their privacy alone."""
    return complaint.anonymous or complaint.privacy == "anonim"


def restricted(complaint: Complaint) -> bool:
    """True when it is for few eyes: its sender asked for that, or could be harmed by those of whom it tells."""
    return complaint.privacy != "terbuka" or "whistleblowing" in complaint.flags
