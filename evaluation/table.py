"""The figures as Markdown.

In: tallies. Out: text. It computes nothing but shares.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from evaluation.score import Miss, Sheet
from evaluation.tally import Tally

#: fields that are worth a look by door, language and trap
SLICED: Final = ("place", "oversight berkadar", "flag emergency", "flag needs_clarification", "pii all", "privacy rahasia")


@dataclass(frozen=True, slots=True)
class Target:
    """What is promised of one figure."""

    what: str
    wanted: float
    seen: float | None
    n: int

    @property
    def kept(self) -> bool:
        """Nothing to judge keeps no promise."""
        return self.seen is not None and self.seen >= self.wanted


def targets(sheet: Sheet, links: Mapping[str, Tally]) -> list[Target]:
    """What was promised, in the order in which it was."""
    place, pii = sheet.fields["place", ""], sheet.fields["pii", "all"]
    resend = links.get("resend", Tally())
    berkadar, emergency = sheet.fields["oversight", "berkadar"], sheet.fields["flag", "emergency"]
    return [
        Target("place, precision", 0.98, place.precision, place.said),
        Target("place, recall where the text says enough", 0.80, place.recall, place.wanted),
        Target("oversight (berkadar), recall", 0.95, berkadar.recall, berkadar.wanted),
        Target("emergency, recall", 0.95, emergency.recall, emergency.wanted),
        Target("personal data, recall", 0.98, pii.recall, pii.wanted),
        Target("resend, precision", 1.0, resend.precision, resend.said),
    ]


def promised(listed: Iterable[Target]) -> str:
    """With a mark for each that is kept."""
    rows = [(one.what, f"≥ {one.wanted:.2f}", _share(one.seen), str(one.n), "yes" if one.kept else "**no**") for one in listed]
    return _table(("promise", "wanted", "seen", "n", "kept"), rows)


def fields(sheet: Sheet) -> str:
    """A row for each field and value."""
    rows = [(name, value, *_figures(tally)) for (name, value), tally in sorted(sheet.fields.items()) if tally.said or tally.wanted]
    return _table(("field", "value", "precision", "of", "recall", "of"), rows)


def links(tallies: Mapping[str, Tally]) -> str:
    """A row for each kind of link between the messages of a history."""
    return _table(("link", "precision", "of", "recall", "of"), [(kind, *_figures(tally)) for kind, tally in sorted(tallies.items())])


def sliced(tallies: Mapping[tuple[str, str], Tally], by: str) -> str:
    """The fields that matter most, by door, language or trap."""
    rows = [
        (title, one, *_figures(tallies[title, one]))
        for title in SLICED
        for one in sorted({one for known, one in tallies if known == title})
        if tallies[title, one].said or tallies[title, one].wanted
    ]
    return _table(("field", by, "precision", "of", "recall", "of"), rows)


def misses(listed: Sequence[Miss], texts: Mapping[str, str]) -> str:
    """Each with the beginning of its message."""
    rows = [(miss.field, miss.name, miss.wanted, miss.seen, " ".join(texts[miss.name].split())[:200]) for miss in listed]
    return _table(("field", "message", "wanted", "seen", "text"), sorted(rows))


def _figures(tally: Tally) -> tuple[str, str, str, str]:
    return _share(tally.precision), str(tally.said), _share(tally.recall), str(tally.wanted)


def _share(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:.3f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = (" | ".join(cell.replace("|", "/") for cell in row) for row in rows)
    return "\n".join((f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {line} |" for line in lines)))
