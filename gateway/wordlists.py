"""The word lists and the official regions that come with the normalizer.

In: the files in `normalizer/data/`. Out: the lists, ready for `Rules`. It never changes one; a list with a fault is a fault of ours.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from normalizer import abbreviations, language
from normalizer.regions import Regions


@cache
def shipped() -> tuple[abbreviations.Abbreviations, language.Languages]:
    """What abbreviations mean, and by which words a language is known."""
    folder = resources.files("normalizer") / "data"
    meanings, words = ((folder / name).read_text("utf-8") for name in ("abbreviations.toml", "languages.toml"))
    return abbreviations.parse(meanings), language.parse(words)


@cache
def regions() -> Regions:
    """The provinces, kabupaten and kota, kecamatan and villages: 15 MB, so one list for all who ask."""
    folder = resources.files("normalizer") / "data"
    return Regions((folder / "regions.bin.gz").read_bytes(), (folder / "region_names.txt").read_text("utf-8"))
