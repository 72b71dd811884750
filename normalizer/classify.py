"""What kind of complaint it is, what it is about, and who may be in charge.

In: what the form gave, what the rules found. Out: four side values, each with its reason. What was given wins; where nothing speaks,
nothing is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from normalizer import given
from normalizer.complaint import Classification, Inferred, Oversight
from normalizer.rulebook import NONE, Rulebook
from normalizer.weigh import Findings

#: an agency that nobody named is a hint: the region decides what its units are called
_HINT: Final = 0.4
#: a complaint in which nothing speaks of an abuse is probably one about a service
_ORDINARY: Final = 0.8
_SUBJECT_ONLY: Final = 0.5
#: an advertisement and a trial have neither class nor subject
_NO_COMPLAINT: Final = frozenset({"spam_suspect", "test"})


def classification(fields: Mapping[str, str], findings: Findings) -> Inferred[Classification]:
    """Pengaduan, aspirasi or permintaan informasi. Who names a subject to a complaints desk and says no more has a complaint, probably."""
    if fields and (said := given.classification(fields)).value is not None:
        return said
    if found := findings.get("classification"):
        return (
            Inferred()
            if found.value == NONE
            else Inferred(value=cast(Classification, found.value), rule=found.rule, confidence=found.confidence)
        )
    if (subject := findings.get("category")) and findings.keys().isdisjoint(_NO_COMPLAINT):
        return Inferred(value="pengaduan", rule=subject.rule, confidence=_SUBJECT_ONLY)
    return Inferred()


def oversight(kind: Inferred[Classification], findings: Findings) -> Inferred[Oversight]:
    """Berkadar pengawasan wherever an abuse of office is told, whatever tab the form was filled in under; otherwise only complaints
    have an oversight at all."""
    if found := findings.get("oversight"):
        return Inferred(value=cast(Oversight, found.value), rule=found.rule, confidence=found.confidence)
    if kind.value != "pengaduan":
        return Inferred()
    return Inferred(value="tidak_berkadar", rule=kind.rule, confidence=round(kind.confidence * _ORDINARY, 2))


def category(fields: Mapping[str, str], findings: Findings) -> Inferred[str]:
    """One of the ledger's subjects."""
    if fields and (said := given.phrase(fields, "category")).value is not None:
        return said
    found = findings.get("category")
    if not found or not findings.keys().isdisjoint(_NO_COMPLAINT):
        return Inferred()
    return Inferred(value=found.value, rule=found.rule, confidence=found.confidence)


def agency(named: Inferred[str], subject: Inferred[str], findings: Findings, book: Rulebook) -> Inferred[str]:
    """Whom the form or the keyword named; else a hint: what a rule says, or the unit that the category usually belongs to."""
    if named.value is not None:
        return named
    if found := findings.get("agency"):
        return Inferred(value=found.value, rule=found.rule, confidence=round(found.confidence * _HINT, 2))
    if (unit := book.agencies.get(subject.value or "")) is None:
        return named
    return Inferred(value=unit, rule=subject.rule, confidence=round(subject.confidence * _HINT, 2))
