"""What the settings tell the normalizer.

In: values from the wiring. Out: one `Rules`, read by every step. It never reads a file or an environment; the time zone comes as an
object, because building a `ZoneInfo` reads the disk.
"""

from __future__ import annotations

import re
from datetime import timedelta, timezone, tzinfo

import msgspec

from normalizer.abbreviations import NONE, Abbreviations
from normalizer.language import Languages
from normalizer.regions import Regions
from normalizer.rulebook import Rulebook

#: Western Indonesia Time: no daylight saving since 1964, so a fixed offset says the same as the tz database
WIB = timezone(timedelta(hours=7), "WIB")

_WORD = re.compile(r"[0-9A-Za-z]{2,20}")
_REGION = re.compile(r"[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?")


class Keyword(msgspec.Struct, frozen=True, kw_only=True):
    """Where a first word such as TANGKAB leads."""

    #: the agency as the ledger names it; empty when the keyword names only a place
    agency: str = ""
    #: region code of the Ministry of Home Affairs, `36` or `36.03`; empty when the keyword names only an agency
    region: str = ""
    #: the region's name in words
    place: str = ""
    #: True: counts only in brackets or behind `#`; ordinary words (`keyword.ORDINARY`) are so by themselves
    marked: bool = False


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """The settings that the steps follow."""

    #: by the word, letters and digits only; written in any case
    keywords: dict[str, Keyword] = {}
    #: a channel's name in the settings to its kind: {"telkomsel": "sms.esme"}; a channel that is missing is judged by its senders' shape
    channels: dict[str, str] = {}
    #: where the day of an assumed incident date begins
    timezone: tzinfo = WIB
    #: what abbreviations mean; without it every word is what it was written as
    abbreviations: Abbreviations = NONE
    #: by which words a language is known; without it none is sure
    languages: Languages = Languages({})
    #: the official list, by which places are known; without it only what was given is said
    regions: Regions | None = None
    #: by which texts are classified; without it only what was given is said
    rulebook: Rulebook = Rulebook()

    def __post_init__(self) -> None:
        """Fold the keywords to upper case. Raises ValueError for a word or a region that could never match."""
        for word, keyword in self.keywords.items():
            if not _WORD.fullmatch(word):
                raise ValueError(f"keyword {word!r}: 2 to 20 letters or digits, nothing else")
            if keyword.region and not _REGION.fullmatch(keyword.region):
                raise ValueError(f"keyword {word!r}: region {keyword.region!r} is not a code such as 36.03")
        folded = {word.upper(): keyword for word, keyword in self.keywords.items()}
        if len(folded) != len(self.keywords):
            raise ValueError("keywords: the same word twice, in different case")
        msgspec.structs.force_setattr(self, "keywords", folded)
