"""Octets to text, under the charset that a mail names, misnames or does not name.

In: bytes and a label. Out: text that can always be encoded again, and what was wrong. It never raises, and never "repairs" text that
was garbled before it was sent: only the label is doubted, by the octets.
"""

from __future__ import annotations

import codecs
import re
from encodings.aliases import aliases
from typing import NamedTuple

#: what browsers and mail clients read instead of it, because it is a superset; all by Python's names
_SUPERSETS = {
    "ascii": "utf_8",
    "latin_1": "cp1252",
    "iso8859_9": "cp1254",
    "iso8859_11": "cp874",
    "tis_620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
}
#: the charsets that are text and nothing else (`zlib`, `punycode` or `unicode_escape` are codecs too)
_KNOWN = re.compile(
    r"utf_(?:7|8|8_sig|16|16_[bl]e|32|32_[bl]e)|ascii|latin_1|iso8859_(?:[2-9]|1[013-6])|koi8_[rtu]|mac_(?:roman|latin2|cyrillic|greek|turkish)"
    r"|cp(?:125[0-8]|437|85[02578]|86[0-69]|874|932|949|950)|gb2312|gbk|gb18030|hz|big5|big5hkscs|euc_(?:jp|kr)|shift_jis|iso2022_(?:jp|kr)|tis_620"
)
#: labels that mean "nobody knows"
_NAMELESS = {"", "unknown_8bit", "x_unknown", "unknown", "8bit", "binary", "default", "default_charset"}
_ALIASES = {
    "unicode_1_1_utf_7": "utf_7",
    "unicode": "utf_16",
    "utf8mb4": "utf_8",
    "ansi": "cp1252",
    "x_mac_roman": "mac_roman",
    "x_sjis": "cp932",
}
_LONG_LABEL = 40
_SIGNS = re.compile(r"[^a-z0-9]+")
_MARKS = ((codecs.BOM_UTF8, "utf_8"), (codecs.BOM_UTF32_LE, "utf_32"), (codecs.BOM_UTF16_LE, "utf_16"), (codecs.BOM_UTF16_BE, "utf_16"))
#: what is written in seven bits, so that an eighth belies the label
_SEVEN_BITS = ("utf_7", "iso2022", "hz")
#: what of a text shows that every other octet is zero
_SAMPLE = 2000
_SHORTEST_SAMPLE = 6
_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


class Text(NamedTuple):
    """What octets say, and a word for what was wrong with them; empty when nothing was."""

    text: str
    defect: str = ""


def decode(octets: bytes, label: str = "") -> Text:
    """Text without NULs and lone surrogates. The label wins unless the octets belie it; then UTF-8, then Windows-1252.

    Defects: charset_unknown (the label names none), charset_wrong (it names another), undecodable (there are marks in the text).
    """
    if octets.isascii() and b"\0" not in octets and (not label or label.lower() in {"us-ascii", "utf-8"}):
        return Text(octets.decode("ascii"))
    said = known(label)
    found = _evident(octets, said) or said
    try:
        text, defect = octets.decode(found or "utf-8"), "charset_wrong" if found != said else ""
    except UnicodeError:
        text = _at_any_price(octets, found)
        defect = "undecodable" if "\N{REPLACEMENT CHARACTER}" in text else "charset_wrong"
    if not said and _SIGNS.sub("_", label.lower()) not in _NAMELESS:
        defect = defect or "charset_unknown"
    return Text(clean(text), defect)


def known(label: str) -> str:
    """Python's name of the charset that is meant; empty when the label names none.

    `codecs.lookup` is not asked: it looks for a module on the disk, and remembers each label that has none.
    """
    if len(label) > _LONG_LABEL:
        return ""
    # RFC 2231 §5: a language may follow; some write utf-8; or "utf-8" with quotes of their own
    name = _SIGNS.sub("_", label.partition("*")[0].lower()).strip("_")
    name = _ALIASES.get(name) or aliases.get(name, name)
    return _SUPERSETS.get(name, name) if _KNOWN.fullmatch(name) else ""


def _evident(octets: bytes, said: str) -> str:
    """What the octets are beyond doubt, whatever was said: they begin with a mark, or every other one is zero, or they are UTF-8."""
    for mark, name in _MARKS:
        if octets.startswith(mark):
            return said if said.startswith(name) else name
    wide = said.startswith(("utf_16", "utf_32"))
    if said == "utf_16" or (b"\0" in octets and not wide):
        sample = octets[:_SAMPLE]
        halves = sample[0::2].count(0), sample[1::2].count(0)
        if len(sample) >= _SHORTEST_SAMPLE and max(halves) * 10 > len(sample) * 3 and min(halves) * 4 < max(halves):
            return "utf_16_be" if halves[0] > halves[1] else "utf_16_le"
    if wide and b"\0" not in octets and octets.isascii():
        return "utf_8"
    if said.startswith(("cp125", "iso8859", *_SEVEN_BITS)) and not octets.isascii():
        try:
            octets.decode()
        except UnicodeError:
            return ""
        return "utf_8"
    return ""


def _at_any_price(octets: bytes, name: str) -> str:
    """UTF-8 when some of it is, or the charset that was named, with a mark for each octet that is not; else Windows-1252."""
    if name not in {"", "utf_8"} and not (name.startswith(_SEVEN_BITS) and not octets.isascii()):
        return octets.decode(name, "replace")
    text = octets.decode("utf-8", "replace")
    whole = len(text.encode("ascii", "ignore")) + text.count("\N{REPLACEMENT CHARACTER}") < len(text)
    return text if whole else octets.decode("cp1252", "replace")


def clean(text: str) -> str:
    """Text that can be written again: UTF-7 and UTF-16 can bring halves of characters.

    NUL goes: it says nothing, and many a ledger dies of it.
    """
    text = text.removeprefix(_BOM)
    if "\0" in text:
        text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
